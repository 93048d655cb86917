package transfer

import (
	"os"
	"slices"
	"testing"
	"time"

	"ferry/backend"
)

func itemOf(t *testing.T, j backend.JobSnapshot, name string) backend.ItemSnapshot {
	t.Helper()
	i := slices.IndexFunc(j.Items, func(it backend.ItemSnapshot) bool { return it.Name == name })
	if i < 0 {
		t.Fatalf("%s is not among %+v", name, j.Items)
	}
	return j.Items[i]
}

// One file of a job is paused, the others go on; the restart does not forget
// it, and it goes on where it was.
func TestOneFileIsPaused(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.cfg.Limits = Limits{Start: 4, Requests: 4}
		r.site.delay = time.Second
		r.write("d/big", noise(1, 60*mib)) // 8 parts of 8 MiB
		r.write("d/small", []byte("x"))
		r.start()
		id := r.up("d", "x")
		j := r.until(id, "half sent", func(j backend.JobSnapshot) bool { return j.BytesDone >= 30*mib })
		r.e.PauseItem(id, itemOf(t, j, "d/big").ID)
		j = r.until(id, "the other done", func(j backend.JobSnapshot) bool { return j.FilesDone == 1 && j.Held == 1 })
		if it := itemOf(t, j, "d/big"); it.State != backend.JobPaused || it.Done < 16*mib || it.Existing != nil {
			t.Errorf("got %+v", it)
		}
		time.Sleep(time.Hour)
		if j = r.job(id); j.State != backend.JobPaused || j.Interrupted {
			t.Errorf("got %+v", j)
		}
		puts := r.site.count("put")
		r.restart()
		r.e.Resume(id)
		j = r.until(id, "waiting for the file", func(j backend.JobSnapshot) bool { return !j.Interrupted && j.Held == 1 })
		time.Sleep(time.Hour)
		if n := r.site.count("put"); n != puts {
			t.Errorf("%d parts were sent of a paused file", n-puts)
		}
		r.e.ResumeItem(id, itemOf(t, j, "d/big").ID)
		r.done(id)
		r.sameOnSite("d/big", "x/d/big")
		if n := r.site.count("put"); n > 9+4 {
			t.Errorf("%d parts for 9", n)
		}
	})
}

// A job that stands still because of its paused files goes on as a whole.
func TestResumeOfAJobWithPausedFiles(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("d/a", []byte("a"))
		r.write("d/b", []byte("b"))
		r.site.delay = time.Second
		r.start()
		id := r.up("d", "x")
		j := r.until(id, "under way", func(j backend.JobSnapshot) bool { return len(j.Items) == 2 })
		for _, it := range j.Items {
			r.e.PauseItem(id, it.ID)
		}
		r.until(id, "paused", func(j backend.JobSnapshot) bool { return j.State == backend.JobPaused && j.Held == 2 })
		r.e.Resume(id)
		r.done(id)
	})
}

// A pause says how much of what has gone over the line belongs to no finished
// part and goes again: the progress that it takes back.
func TestAPauseTellsWhatGoesAgain(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.write("big", noise(1, 60*mib))
		r.start()
		r.e.SetLimit(mib)
		id := r.up("big", "in")
		before := r.until(id, "in the middle of a part", func(j backend.JobSnapshot) bool { return j.BytesDone%(5*mib) > mib })
		r.e.Pause(id)
		j := r.until(id, "stopped", func(j backend.JobSnapshot) bool { return j.State == backend.JobPaused && j.Cut > 0 })
		if j.BytesDone+j.Cut < before.BytesDone {
			t.Errorf("%d are done and %d go again of %d", j.BytesDone, j.Cut, before.BytesDone)
		}
		r.e.SetLimit(0)
		r.e.Resume(id)
		if j = r.end(id); j.State != backend.JobDone || j.Cut != 0 {
			t.Errorf("ended %v, %d cut", j.State, j.Cut)
		}
	})
}

// A closed queue tells what is kept, and no part that was under way: that is said
// to the person who quits, and it is what the next start finds.
func TestAClosedQueueTellsWhatIsKept(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.write("big", noise(1, 60*mib))
		r.start()
		r.e.SetLimit(mib)
		id := r.up("big", "in")
		before := r.until(id, "in the middle of a part", func(j backend.JobSnapshot) bool {
			return j.BytesDone > 20*mib && j.BytesDone%(5*mib) > mib
		})
		e := r.e
		r.close()
		closed := e.Snapshot().Jobs[0]
		if closed.BytesDone >= before.BytesDone || closed.BytesDone == 0 {
			t.Errorf("%d bytes are kept of %d", closed.BytesDone, before.BytesDone)
		}
		r.start()
		if next := r.job(id); next.BytesDone != closed.BytesDone {
			t.Errorf("the next start finds %d bytes, %d were told", next.BytesDone, closed.BytesDone)
		}
	})
}

// One file is left out: while it runs, while it asks, and when it has failed.
// Nothing unfinished of it stays.
func TestOneFileIsLeftOut(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.delay = time.Second
		r.site.put("d/big", noise(1, 60*mib), stampTime)
		r.site.put("d/asks", []byte("new"), stampTime)
		r.site.put("d/bad", []byte("x"), stampTime)
		r.site.put("d/good", []byte("x"), stampTime)
		r.write("in/d/asks", []byte("old"))
		r.site.fault = func(op, arg string, _ int) error {
			if op == "download" && arg == "d/bad" {
				return apiError("not-authorized/x", 403)
			}
			return nil
		}
		r.start()
		id := r.down("d", "in")
		j := r.until(id, "half there", func(j backend.JobSnapshot) bool {
			return j.BytesDone >= 30*mib && j.Asking == 1 && j.FilesFailed == 1
		})
		for _, name := range []string{"d/big", "d/asks"} {
			r.e.SkipItem(id, itemOf(t, j, name).ID)
		}
		if j = r.end(id); j.State != backend.JobFailed || j.FilesSkipped != 2 || j.FilesDone != 1 {
			t.Errorf("got %+v", j)
		}
		r.e.SkipItem(id, itemOf(t, j, "d/bad").ID)
		j = r.until(id, "content", func(j backend.JobSnapshot) bool { return j.State == backend.JobDone })
		if j.FilesSkipped != 3 || j.FilesFailed != 0 || j.Err != nil || j.BytesDone != j.BytesTotal {
			t.Errorf("got %+v", j)
		}
		if got := r.files("in"); !slices.Equal(got, []string{"d/asks", "d/good"}) {
			t.Errorf("got %v", got)
		}
		if b, err := os.ReadFile(r.path("in/d/asks")); err != nil || string(b) != "old" {
			t.Errorf("got %q, %v", b, err)
		}
	})
}
