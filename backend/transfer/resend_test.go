package transfer

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/backend"
)

// kill takes the journal and what the program writes as they are at this moment
// and ends it; what it does on the way out is not seen by the next one.
func (r *rig) kill(then func()) {
	r.t.Helper()
	synctest.Wait() // what the journal was told is written
	if err := os.CopyFS(r.path("killed"), os.DirFS(r.path("state"))); err != nil {
		r.t.Fatal(err)
	}
	r.e.stop()
	then()
	r.close()
	r.cfg.StateDir = r.path("killed")
	r.start()
}

// A part that the site has answered for is never sent again, and of what was on
// its way when the program was killed at most as much as it had in flight.
func TestOnlyWhatWasInFlightIsSentAgain(t *testing.T) {
	const size, atOnce = 64 * mib, 3 // 8 parts of 8 MiB
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.cfg.Limits = Limits{Start: atOnce, Requests: atOnce}
		r.write("f", noise(1, size))
		hung := make(chan struct{})
		r.site.mu.Lock()
		answers := 0
		r.site.answer = func(string, string, int) error {
			if answers++; answers <= 3 {
				return nil
			}
			r.site.mu.Unlock() // the part has come, its answer never goes out
			<-hung
			r.site.mu.Lock()
			return context.Canceled
		}
		r.site.mu.Unlock()
		r.start()
		id := r.up("f", "")
		synctest.Wait()
		took, knows := len(r.site.took), slices.Clone(r.site.knows)
		if len(knows) != 3 || took != 3+atOnce {
			t.Fatalf("%d parts came, %d were answered", took, len(knows))
		}
		r.kill(func() { close(hung) })
		r.site.answer = nil
		if left := r.e.Recovered(); len(left) != 1 || left[0].BytesDone != 3*8*mib {
			t.Fatalf("got %+v", left)
		}
		r.e.Resume(id)
		r.done(id)
		again := r.site.took[took:]
		if more := len(r.site.took) - int(size/(8*mib)); more > atOnce {
			t.Errorf("%d parts were sent twice, %d were in flight", more, atOnce)
		}
		for _, n := range knows {
			if slices.Contains(again, n) {
				t.Errorf("part %s had been answered and was sent again", n)
			}
		}
		r.sameOnSite("f", "f")
	})
}

// The same of a download: a range that is written is not asked for again.
func TestOnlyWhatWasInFlightIsFetchedAgain(t *testing.T) {
	const size, atOnce = 112 * mib, 2 // 7 ranges of 16 MiB
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.cfg.Limits = Limits{Start: atOnce, Requests: atOnce}
		r.site.put("f", noise(1, size), stampTime)
		hung := make(chan struct{})
		opened := 0
		r.site.short = func(_ string, _ int64, b []byte) ([]byte, error) {
			if opened++; opened <= 3 {
				return b, nil
			}
			r.site.mu.Unlock()
			<-hung
			r.site.mu.Lock()
			return nil, context.Canceled
		}
		r.start()
		id := r.down("f", "in")
		synctest.Wait()
		before := slices.Clone(r.site.asked)
		if len(before) != 3+atOnce {
			t.Fatalf("%d ranges were asked for", len(before))
		}
		r.kill(func() { close(hung) })
		r.site.short = nil
		if left := r.e.Recovered(); len(left) != 1 || left[0].BytesDone != 3*rangeSize {
			t.Fatalf("got %+v", left)
		}
		r.e.Resume(id)
		j := r.done(id)
		again := r.site.asked[len(before):]
		if len(again) != int(size/rangeSize)-3 || j.Resent != 0 {
			t.Errorf("asked again for %v: %+v", again, j)
		}
		for _, from := range before[:3] {
			if slices.Contains(again, from) {
				t.Errorf("the range at %d had come and was asked for again", from)
			}
		}
		r.sameOnDisk("f", "in/f")
		if left := r.files("in"); !slices.Equal(left, []string{"f"}) {
			t.Errorf("there is %q", left)
		}
	})
}

// An upload that the site has forgotten while the program was away, or while the
// queue stood still, starts over by itself and says so.
func TestAForgottenUploadStartsOver(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			r.cfg.Limits = Limits{Start: 1, Requests: 1}
			r.write("f", noise(1, 12*mib)) // parts of 5 MiB
			stuck := true
			r.site.fault = func(op, _ string, n int) error {
				if op == "put" && n > 1 && stuck {
					return apiError("not-authenticated/invalid-session", 401)
				}
				return nil
			}
			r.start()
			id := r.up("f", "")
			r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
			r.site.hooks.Lock()
			stuck = false
			r.site.hooks.Unlock()
			r.site.mu.Lock()
			clear(r.site.uploads)
			r.site.mu.Unlock()
			if restarted {
				r.restart()
			}
			var said string
			r.e.Observe(func(_ backend.JobID, i backend.ItemSnapshot) { said = i.Note })
			if restarted {
				r.e.Resume(id)
			} else {
				r.e.Unpark()
			}
			if j := r.done(id); j.Verified != backend.Verified || j.Resent != 5*mib || !strings.Contains(said, "no longer knows") {
				t.Errorf("%q: %+v", said, j)
			}
			r.sameOnSite("f", "f")
		})
	}
}

// A file that is written to while it is sent arrives as it is in the end, never
// as parts of both.
func TestASourceThatChangesWhileItIsSent(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.noSums, r.site.opaque = true, true
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.write("f", noise(1, 12*mib))
		r.site.fault = func(op, _ string, n int) error {
			if op != "put" || n != 2 {
				return nil
			}
			later := stampTime.Add(time.Hour)
			return errors.Join(os.WriteFile(r.path("f"), noise(2, 12*mib), 0o644), os.Chtimes(r.path("f"), later, later))
		}
		r.start()
		if j := r.done(r.up("f", "")); j.Resent < 5*mib {
			t.Errorf("got %+v", j)
		}
		got, _ := r.site.content("f")
		if !bytes.Equal(got, noise(2, 12*mib)) || !r.remote("f").Modified.Equal(stampTime.Add(time.Hour)) {
			t.Error("on the site is another file")
		}
	})
}
