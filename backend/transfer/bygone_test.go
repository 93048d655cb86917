package transfer

import (
	"os"
	"slices"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/local"
)

const day = 24 * time.Hour

// ids are the jobs that the engine has.
func (r *rig) ids() []backend.JobID {
	var out []backend.JobID
	for _, j := range r.e.Snapshot().Jobs {
		out = append(out, j.ID)
	}
	return out
}

// refuses gives a command whose file the site refuses and waits for its end.
func (r *rig) refuses(name string) (backend.TransferRequest, backend.JobID) {
	r.t.Helper()
	r.write(name, noise(1, 9))
	req := backend.TransferRequest{
		Direction: backend.Upload, Sources: []backend.Entry{r.entry(name)},
		Target: backend.Location{Side: backend.Remote, Path: "in"}, Conflict: backend.Overwrite,
	}
	r.site.fault = func(op, _ string, _ int) error {
		if op == "begin" {
			return apiError("not-authorized", 403)
		}
		return nil
	}
	id := r.again(req)
	if j := r.end(id); j.State != backend.JobFailed {
		r.t.Fatalf("got %+v", j)
	}
	r.site.fault = nil
	return req, id
}

// What failed and was never tried again goes when it is old; what has not ended
// stays, however old it is, and so does everything where a person looks.
func TestFailedJobsDoNotGatherForEver(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.start().Park("for the test")
		r.write("open", noise(1, 9))
		open := r.up("open", "in")
		r.close()
		r.start()
		_, old := r.refuses("old")
		time.Sleep(20 * day)
		req, young := r.refuses("young")
		time.Sleep(20 * day)
		r.restart()
		if got := r.ids(); !slices.Equal(got, []backend.JobID{open, old, young}) {
			t.Fatalf("without a bound there are %v", got)
		}
		r.cfg.Failed = Keep{For: 30 * day, Most: 10}
		r.restart()
		if got := r.ids(); !slices.Equal(got, []backend.JobID{open, young}) {
			t.Fatalf("there are %v, want %v", got, []backend.JobID{open, young})
		}
		if id := r.again(req); id != young {
			t.Errorf("the same command did not go on: %d", id)
		}
		r.done(young)
		time.Sleep(40 * day)
		r.cfg.Failed = Keep{}
		r.restart()
		if got := r.ids(); !slices.Equal(got, []backend.JobID{open}) { // dropped from the disk, too
			t.Errorf("there are %v", got)
		}
	})
}

// Of many the newest stay.
func TestOnlySoManyFailedJobsAreKept(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.start()
		var all []backend.JobID
		for _, name := range []string{"a", "b", "c"} {
			_, id := r.refuses(name)
			all = append(all, id)
			time.Sleep(time.Minute)
		}
		r.cfg.Failed = Keep{Most: 2}
		r.restart()
		if got := r.ids(); !slices.Equal(got, all[1:]) {
			t.Errorf("there are %v of %v", got, all)
		}
	})
}

// With a failed download goes what it has left on the disk, unless another
// transfer of the file has written to it since, or another program has it open.
func TestAForgottenDownloadLeavesNothing(t *testing.T) {
	for _, c := range []struct {
		since time.Duration // written after the end
		held  bool
	}{{since: -time.Hour}, {since: time.Hour}, {since: -time.Hour, held: true}} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			r.cfg.Limits = Limits{Start: 1, Requests: 1} // one range after the other
			r.site.put("f.bin", noise(1, 40*mib), stampTime)
			r.site.fault = func(op, _ string, n int) error {
				if op == "range" && n > 2 {
					return apiError("not-authorized", 403)
				}
				return nil
			}
			r.start()
			j := r.end(r.down("f.bin", "in"))
			left := r.files("in")
			if j.State != backend.JobFailed || len(left) != 1 {
				t.Fatalf("left %q: %+v", left, j)
			}
			r.close()
			if c.held {
				f, err := local.New().OpenPartialIn(r.path("in"), left[0])
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
			}
			written := j.Ended.Add(c.since)
			if err := os.Chtimes(r.path("in/"+left[0]), written, written); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Hour)
			r.cfg.Failed = Keep{For: time.Hour}
			r.start()
			if there := r.files("in"); len(r.ids()) != 0 || (len(there) == 1) != (c.since > 0 || c.held) {
				t.Errorf("%+v: jobs %v, files %q", c, r.ids(), there)
			}
		})
	}
}
