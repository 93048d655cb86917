package transfer

import (
	"path/filepath"
	"testing"
	"time"

	"ferry/backend"
)

// slowDisk takes its time to take something away.
type slowDisk struct{ Disk }

func (d slowDisk) RemoveIn(root, rel string) error {
	time.Sleep(210 * time.Second)
	return d.Disk.RemoveIn(root, rel)
}

// A download that was cancelled takes what it has left away; the next one of the
// same file, begun at once, does not lose its own to that.
func TestCancelTakesNothingFromTheNext(t *testing.T) {
	for _, paused := range []bool{false, true} {
		bubble(t, func(r *rig) {
			r.cfg.Local = slowDisk{r.cfg.Local}
			r.cfg.Limits = Limits{Start: 1, Requests: 1}
			r.site.delay = time.Minute
			r.site.put("f.bin", noise(1, 64*mib), stampTime)
			r.start()
			id := r.down("f.bin", "in")
			r.until(id, "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 30*mib })
			if paused {
				r.e.Pause(id)
				r.until(id, "paused", func(j backend.JobSnapshot) bool { return len(j.Items) == 0 })
			}
			r.e.Cancel(id)
			next := r.down("f.bin", "in")
			if j := r.done(next); j.Resent != 0 || j.Verified != backend.Verified {
				t.Errorf("paused %v: %+v", paused, j)
			}
			r.sameOnDisk("f.bin", "in/f.bin")
			r.close()
			if got := r.files("in"); len(got) != 1 {
				t.Errorf("paused %v: left behind: %v", paused, got)
			}
		})
	}
}

// failHalfway lets a download fail for good when a part of it is there.
func (r *rig) failHalfway(path, to string) backend.JobID {
	r.t.Helper()
	r.site.fault = func(op, _ string, n int) error {
		if op == "range" && n > 3 {
			return apiError("not-authorized/read-permission-required", 403)
		}
		return nil
	}
	id := r.down(path, to)
	if j := r.end(id); j.State != backend.JobFailed {
		r.t.Fatalf("got %+v", j)
	}
	r.site.fault = nil
	return id
}

// Who removes a failed download from the list leaves nothing of it on the disk.
func TestRemoveTakesWhatAFailedDownloadLeft(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.put("f.bin", noise(1, 64*mib), stampTime)
		r.start()
		id := r.failHalfway("f.bin", "in")
		if got := r.files("in"); len(got) != 1 {
			t.Fatalf("there is %v", got)
		}
		r.e.Remove(id)
		r.close()
		if got := r.files("in"); len(got) != 0 {
			t.Errorf("left behind: %v", got)
		}
	})
}

// What it left is not taken from a paused transfer that goes on with it.
func TestRemoveLeavesWhatAnotherGoesOnWith(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.put("f.bin", noise(1, 64*mib), stampTime)
		r.start()
		failed := r.failHalfway("f.bin", "in")
		r.site.delay = time.Second
		next := r.down("f.bin", "in")
		r.until(next, "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 30*mib })
		r.e.Pause(next)
		r.until(next, "paused", func(j backend.JobSnapshot) bool { return len(j.Items) == 0 })
		r.e.Remove(failed)
		r.e.Resume(next)
		if j := r.done(next); j.Resent > 9*mib {
			t.Errorf("%d bytes moved again", j.Resent)
		}
		r.sameOnDisk("f.bin", "in/f.bin")
		if left, _ := filepath.Glob(r.path("in/.*")); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}
