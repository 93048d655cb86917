package transfer

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ferry/backend"
)

// A download that went on behind what stood at its target replaces, also after a
// restart and whatever is left of it then, only what is its beginning; else a
// person is asked.
func TestAResumeAfterARestartReplacesOnlyItsBeginning(t *testing.T) {
	whole := noise(1, 64*mib)
	for _, c := range []struct {
		name  string
		there []byte
		lost  bool // the partial has nothing of what had come
	}{
		{"its beginning", whole[:10*mib], false},
		{"its beginning", whole[:10*mib], true},
		{"something else", noise(2, 10*mib), false},
		{"something else", noise(2, 10*mib), true},
	} {
		name, there := c.name, c.there
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			r.cfg.Limits = Limits{Start: 1, Requests: 1}
			r.site.delay = time.Second
			r.site.put("f.bin", whole, stampTime)
			r.write("in/f.bin", there)
			r.start()
			id := r.down("f.bin", "in", policy(backend.Resume))
			r.until(id, "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 30*mib })
			r.close()
			left, err := filepath.Glob(r.path("in/.*.ferry-part"))
			if err != nil || len(left) != 1 {
				t.Fatal(left, err)
			}
			if c.lost {
				if err := os.Truncate(left[0], 0); err != nil {
					t.Fatal(err)
				}
			}
			r.start()
			r.e.ResumeInterrupted()
			j := r.until(id, "decided", func(j backend.JobSnapshot) bool { return j.Asking == 1 || j.State.Ended() })
			got, err := os.ReadFile(r.path("in/f.bin"))
			if err != nil {
				t.Fatal(err)
			}
			if name == "its beginning" {
				if j.State != backend.JobDone || !bytes.Equal(got, whole) {
					t.Errorf("%s: %+v", name, j)
				}
				return
			}
			if j.Asking != 1 || !bytes.Equal(got, there) {
				t.Fatalf("%s, lost %v: %+v", name, c.lost, j)
			}
			r.e.Resolve(id, j.Items[0].ID, backend.Overwrite, true)
			r.done(id)
			r.sameOnDisk("f.bin", "in/f.bin")
		})
	}
}
