package transfer

import (
	"os"
	"testing"

	"ferry/backend"
)

// A comparison on demand that does not find the source says nothing of what has
// arrived: once the source is back, it is compared, and neither moved nor asked about.
func TestASourceThatWasAwayIsComparedAgain(t *testing.T) {
	for _, up := range []bool{true, false} {
		bubble(t, func(r *rig) {
			r.cfg.Limits.Archives = -1
			data, counted := noise(1, 9), "begin"
			var id backend.JobID
			if up {
				r.write("f", data)
				r.start()
				id = r.up("f", "in", policy(backend.Overwrite))
			} else {
				counted = "range"
				r.site.put("f", data, stampTime)
				r.start()
				id = r.down("f", "in", policy(backend.Overwrite))
			}
			r.done(id)
			if up {
				if err := os.Rename(r.path("f"), r.path("away")); err != nil {
					t.Fatal(err)
				}
			} else if err := r.site.Delete(t.Context(), "f", false); err != nil {
				t.Fatal(err)
			}
			r.e.Verify(id)
			if j := r.end(id); j.FilesFailed != 1 {
				t.Fatalf("up %v: %+v", up, j)
			}
			if up {
				if err := os.Rename(r.path("away"), r.path("f")); err != nil {
					t.Fatal(err)
				}
			} else {
				r.site.put("f", data, stampTime)
			}
			before := r.site.count(counted)
			r.e.Retry(id)
			j := r.until(id, "an end", func(j backend.JobSnapshot) bool { return j.State.Ended() || j.Asking > 0 })
			if j.State != backend.JobDone || j.Verified != backend.Verified || r.site.count(counted) != before {
				t.Errorf("up %v: %d were moved: %+v", up, r.site.count(counted)-before, j)
			}
		})
	}
}
