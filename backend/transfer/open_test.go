package transfer

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ferry/backend"
)

// A source goes to one place once at a time, whatever its transfer is about else
// and however that stands; what is elsewhere, or has another name there, goes
// beside it.
func TestWhatIsOnItsWayIsNotQueuedAgain(t *testing.T) {
	bubble(t, func(r *rig) {
		for _, f := range []string{"a", "b", "c"} {
			r.write(f, []byte(f))
			r.site.put("x/"+f, []byte(f), stampTime)
		}
		r.start()
		r.e.Park("not yet")
		up := func(to string, names ...string) backend.TransferRequest {
			q := backend.TransferRequest{Direction: backend.Upload, Target: backend.Location{Side: backend.Remote, Path: to}}
			for _, n := range names {
				q.Sources = append(q.Sources, r.entry(n))
			}
			return q
		}
		down := backend.TransferRequest{
			Direction: backend.Download, Sources: []backend.Entry{r.remote("x/a")},
			Target: backend.Location{Side: backend.Local, Path: r.path("in")},
		}
		as := up("y", "a")
		as.Sources[0].Name = "other"
		move := up("y", "c", "b")
		move.Move, move.Conflict = true, backend.Overwrite
		r.write("in/old", nil)

		first := r.add(up("y", "a", "b"), nil)
		refuse := func(q backend.TransferRequest, state backend.JobState, how string) {
			t.Helper()
			before := len(r.e.Snapshot().Jobs)
			_, err := r.e.Add(context.Background(), q)
			_, found, err2 := r.e.AddAgain(context.Background(), q)
			for _, err := range []error{err, err2} {
				var open *backend.OpenTransfer
				if e := backend.AsError(err); e == nil || e.Type != backend.TypeTransferOpen || !strings.Contains(e.Message, how) ||
					!errors.As(err, &open) || open.Job != first || open.State != state || open.Label != "a and 1 other" {
					t.Errorf("%s: got %v, %+v", how, err, open)
				}
			}
			if n := len(r.e.Snapshot().Jobs); n != before || found {
				t.Errorf("%s: %d jobs, there were %d", how, n, before)
			}
		}
		refuse(up("y", "a", "b"), backend.JobParked, "a is on its way there already: the transfer of a and 1 other waits")
		refuse(move, backend.JobParked, "b is on its way there already")
		r.e.Pause(first)
		refuse(up("y", "a"), backend.JobPaused, "is paused")
		ids := []backend.JobID{r.add(up("y", "c"), nil), r.add(up("z", "a"), nil), r.add(as, nil), r.add(down, nil)}
		r.e.Unpark()
		r.e.Resume(first)
		for _, id := range append(ids, first) {
			r.done(id)
		}
		// What has ended is in nobody's way.
		r.done(r.add(up("y", "a", "b"), []func(*backend.TransferRequest){policy(backend.Skip)}))
	})
}

// What has failed is not tried again beside a transfer of the same files, and says
// why not.
func TestWhatIsOnItsWayIsNotTriedAgain(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("a", []byte("a"))
		r.site.fault = once("begin", "", apiError("processing-failure/file-locked", 422))
		r.start()
		failed := r.up("a", "y")
		if j := r.end(failed); j.State != backend.JobFailed {
			t.Fatalf("got %+v", j)
		}
		r.e.Park("not yet")
		other := r.up("a", "y")
		r.e.Retry(failed)
		var open *backend.OpenTransfer
		j := r.until(failed, "told", func(j backend.JobSnapshot) bool { return errors.As(j.Err, &open) })
		if open.Job != other || j.State != backend.JobFailed || j.FilesFailed != 1 {
			t.Errorf("got %+v: %+v", open, j)
		}
		r.e.Cancel(other)
		r.e.Unpark()
		r.e.Retry(failed)
		if j := r.done(failed); j.Err != nil {
			t.Errorf("it still says %v", j.Err)
		}
	})
}

// After a restart the queue still knows what is on its way. Who gives a command
// again goes on with it, and is not held up by what another one left.
func TestWhatWasLeftIsNotQueuedAgain(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		for _, f := range []string{"a", "b"} {
			r.write(f, []byte(f))
		}
		r.start()
		r.e.Park("not yet")
		both := backend.TransferRequest{
			Direction: backend.Upload, Sources: []backend.Entry{r.entry("a"), r.entry("b")},
			Target: backend.Location{Side: backend.Remote, Path: "y"},
		}
		one := both
		one.Sources = one.Sources[:1]
		first := r.add(both, nil)
		r.restart()
		var open *backend.OpenTransfer
		if _, err := r.e.Add(context.Background(), one); !errors.As(err, &open) || open.Job != first || open.State != backend.JobPaused {
			t.Errorf("got %v, %+v", err, open)
		}
		if id, found, err := r.e.AddAgain(context.Background(), one); err != nil || found || id == first {
			t.Errorf("another command: %d, %v, %v", id, found, err)
		} else {
			r.done(id)
		}
		r.e.Park("not yet")
		if id, found, err := r.e.AddAgain(context.Background(), both); err != nil || !found || id != first {
			t.Errorf("the same command: %d, %v, %v", id, found, err)
		}
		// It is nobody's left one any more.
		if _, _, err := r.e.AddAgain(context.Background(), one); !errors.As(err, &open) || open.Job != first {
			t.Errorf("beside it: %v", err)
		}
	})
}
