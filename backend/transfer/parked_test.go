package transfer

import (
	"errors"
	"testing"
	"time"

	"ferry/backend"
)

// A snapshot tells for which failure the queue is parked, the newest one: a site
// that could not be reached may push back when it is there again.
func TestASnapshotTellsWhyItIsParked(t *testing.T) {
	down := &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "no route"}
	for _, c := range []struct {
		name        string
		first, then error
		says        string
	}{
		{"no connection", down, down, "The site cannot be reached."},
		{"a storm", apiError("rate-limited/too-many-requests", 429), apiError("rate-limited/too-many-requests", 429), "The site asks everybody to wait."},
		{"a storm after it", down, apiError("service-unavailable", 503), "The site asks everybody to wait."},
		{"no connection after a storm", apiError("service-unavailable", 503), down, "The site cannot be reached."},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.write("f", noise(1, 9))
				now := c.first
				r.site.fault = func(string, string, int) error { return now }
				r.start()
				id := r.up("f", "x")
				r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
				r.site.hooks.Lock()
				now = c.then
				r.site.hooks.Unlock()
				time.Sleep(2 * time.Minute)
				if s := r.e.Snapshot(); !errors.Is(s.ParkedBy, backend.AsError(c.then)) || s.Parked != c.says {
					t.Errorf("%q: %v", s.Parked, s.ParkedBy)
				}
				r.site.hooks.Lock()
				now = nil
				r.site.hooks.Unlock()
				r.done(id)
				if s := r.e.Snapshot(); s.ParkedBy != nil || s.Parked != "" {
					t.Errorf("%q: %v", s.Parked, s.ParkedBy)
				}
			})
		})
	}
}

// What somebody has parked is not let go on because the site can be reached again.
func TestASiteThatComesBackFreesOnlyWhatWaitedForIt(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("f", noise(1, 9))
		var now error = &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "no route"}
		r.site.fault = func(string, string, int) error { return now }
		r.start()
		id := r.up("f", "x")
		r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
		r.e.Park("for the test")
		r.site.hooks.Lock()
		now = nil
		r.site.hooks.Unlock()
		time.Sleep(10 * time.Minute)
		if s := r.e.Snapshot(); s.Parked != "for the test" || s.ParkedBy != nil || s.Jobs[0].State != backend.JobParked {
			t.Errorf("%q, %v: %+v", s.Parked, s.ParkedBy, s.Jobs)
		}
		r.e.Unpark()
		r.done(id)
	})
}

// A site that puts off what moves bytes, and answers who asks whether it is back,
// is told of in every snapshot: what it said, and that nothing has come through.
func TestASnapshotTellsWhatTheSitePutsOff(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("f", noise(1, 9))
		busy := apiError("rate-limited/too-many-requests", 429)
		over := false
		r.site.fault = func(op, _ string, _ int) error {
			if op == "put" && !over {
				return busy
			}
			return nil
		}
		r.start()
		if s := r.e.Snapshot(); s.HeldBy != nil || !s.Through.IsZero() {
			t.Errorf("at first: %v, %v", s.HeldBy, s.Through)
		}
		id := r.up("f", "x")
		r.until(id, "held", func(backend.JobSnapshot) bool { return r.e.Snapshot().Hold > 0 })
		if s := r.e.Snapshot(); !errors.Is(s.HeldBy, backend.AsError(busy)) || !s.Through.IsZero() {
			t.Errorf("%v, %v", s.HeldBy, s.Through)
		}
		r.site.hooks.Lock()
		over = true
		r.site.hooks.Unlock()
		r.done(id)
		if s := r.e.Snapshot(); s.Through.IsZero() {
			t.Error("nothing has come through")
		}
	})
}
