package transfer

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ferry/backend"
)

// A site that pushes back for long does not end the planning of a download: the
// queue parks, says why, looks now and then, and goes on.
func TestAStormWhileAFolderIsListed(t *testing.T) {
	for name, storm := range map[string]error{
		"429": &backend.Error{Group: backend.RateLimited, Status: 429, Wait: 5 * time.Second},
		"503": apiError("service-unavailable/x", 503),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				for _, f := range []string{"d/a", "d/b", "d/s/c"} {
					r.site.put(f, noise(1, 100), stampTime)
				}
				var over atomic.Bool
				r.site.fault = func(op, _ string, _ int) error {
					if op == "list" && !over.Load() {
						return storm
					}
					return nil
				}
				r.start()
				id := r.down("d", "in")
				r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
				if s := r.e.Snapshot(); !strings.Contains(s.Parked, "asks everybody to wait") || s.TryAgain <= 0 {
					t.Errorf("got %q, again in %v", s.Parked, s.TryAgain)
				}
				before := r.site.count("list")
				time.Sleep(time.Hour)
				if n := r.site.count("list") - before; n < 10 || n > 400 {
					t.Errorf("%d looks in an hour", n)
				}
				over.Store(true)
				if j := r.done(id); j.FilesDone != 3 {
					t.Errorf("got %+v", j)
				}
			})
		})
	}
}

// One folder that is refused while the site answers everything else fails, and
// does not stop the queue for ever.
func TestOneFolderThatPushesBack(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.flatless = true
		r.site.put("d/a", noise(1, 100), stampTime)
		r.site.put("d/s/c", noise(1, 100), stampTime)
		r.site.fault = func(op, arg string, _ int) error {
			if op == "list" && arg == "d/s" {
				return apiError("service-unavailable/x", 503)
			}
			return nil
		}
		r.start()
		j := r.end(r.down("d", "in"))
		if j.State != backend.JobFailed || j.FilesFailed != 1 || j.FilesDone != 1 {
			t.Errorf("got %+v", j)
		}
		if s := r.e.Snapshot(); s.Parked != "" {
			t.Errorf("still parked: %s", s.Parked)
		}
	})
}
