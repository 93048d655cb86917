package transfer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/local"
)

// slowDisk takes its time to take something away.
type slowDisk struct{ Disk }

func (d slowDisk) RemovePartialIn(root, rel string) error {
	time.Sleep(210 * time.Second)
	return d.Disk.RemovePartialIn(root, rel)
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

// What it left is not taken from a paused transfer that goes on with it, whether that
// one was paused or its files are not even read yet.
func TestRemoveLeavesWhatAnotherGoesOnWith(t *testing.T) {
	for _, unread := range []bool{false, true} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			r.cfg.Limits = Limits{Start: 1, Requests: 1}
			r.site.put("f.bin", noise(1, 64*mib), stampTime)
			r.start()
			failed := r.failHalfway("f.bin", "in")
			r.site.delay = time.Second
			next := r.down("f.bin", "in")
			r.until(next, "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 30*mib })
			r.e.Pause(next)
			r.until(next, "paused", func(j backend.JobSnapshot) bool { return len(j.Items) == 0 })
			if unread {
				r.cfg.Sparing = true
				r.restart()
			}
			r.e.Remove(failed)
			r.e.Resume(next)
			if j := r.done(next); j.Resent > 9*mib || unread && j.BytesBefore < 20*mib {
				t.Errorf("unread %v: %d bytes moved again, %d were there", unread, j.Resent, j.BytesBefore)
			}
			r.sameOnDisk("f.bin", "in/f.bin")
			if left, _ := filepath.Glob(r.path("in/.*")); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// elsewhere opens the unfinished file of a download to in/name as another program
// does.
func (r *rig) elsewhere(source, name string) (*os.File, string) {
	r.t.Helper()
	partial := partialName(r.cfg.SiteID, source, name)
	if err := os.MkdirAll(filepath.Dir(r.path("in/"+partial)), 0o777); err != nil {
		r.t.Fatal(err)
	}
	f, err := local.New().OpenPartialIn(r.path("in"), partial)
	if err == nil {
		_, err = f.WriteString("theirs")
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return f, r.path("in/" + partial)
}

// isTheirs checks that the unfinished file of another program is as it was.
func (r *rig) isTheirs(partial string) {
	r.t.Helper()
	if got, err := os.ReadFile(partial); string(got) != "theirs" {
		r.t.Errorf("the other one's holds %q, %v", got, err)
	}
}

// What another program downloads to the same place fails here with an error that
// says so, and nothing of the other's is touched, whatever becomes of the
// transfer. When the other has ended, it can be tried again.
func TestAnotherProgramDownloadsToTheSamePlace(t *testing.T) {
	for _, size := range []int64{100, 30 * mib} {
		bubble(t, func(r *rig) {
			r.site.put("f.bin", noise(1, size), stampTime)
			theirs, partial := r.elsewhere("f.bin", "f.bin")
			defer theirs.Close()
			r.start()
			fails := func(id backend.JobID) {
				t.Helper()
				j := r.end(id)
				e := backend.AsError(j.Err)
				if j.State != backend.JobFailed || e.Type != backend.TypePartialTaken || e.Class != backend.ClassLocalDisk || e.Path != r.path("in/f.bin") {
					t.Fatalf("got %+v", j)
				}
				if x := backend.Explain(e); len(x.Lines) != 2 || !strings.Contains(x.Lines[1], "another folder") || x.Steps[0] != backend.StepRetry {
					t.Errorf("it is explained as %+v", x)
				}
				r.isTheirs(partial)
			}
			removed := r.down("f.bin", "in")
			fails(removed)
			r.e.Remove(removed)
			id := r.down("f.bin", "in")
			fails(id)
			r.isTheirs(partial)
			if n := r.site.count("range"); n != 0 {
				t.Errorf("%d ranges were asked for", n)
			}
			if err := theirs.Close(); err != nil {
				t.Fatal(err)
			}
			r.e.Retry(id)
			r.done(id)
			r.sameOnDisk("f.bin", "in/f.bin")
			if got := r.files("in"); len(got) != 1 {
				t.Errorf("there are %v", got)
			}
		})
	}
}

// Who waits for it a moment need not try again; who is cancelled meanwhile takes
// nothing from the other.
func TestAnotherProgramEndsItsDownload(t *testing.T) {
	for _, cancelled := range []bool{false, true} {
		bubble(t, func(r *rig) {
			r.site.put("f.bin", noise(1, 30*mib), stampTime)
			theirs, partial := r.elsewhere("f.bin", "f.bin")
			defer theirs.Close()
			r.start()
			id := r.down("f.bin", "in")
			r.until(id, "put off", func(j backend.JobSnapshot) bool { return len(j.Items) == 1 && j.Items[0].Err != nil })
			if cancelled {
				r.e.Cancel(id)
				r.close()
				r.isTheirs(partial)
				return
			}
			if err := theirs.Close(); err != nil {
				t.Fatal(err)
			}
			r.done(id)
			r.sameOnDisk("f.bin", "in/f.bin")
		})
	}
}

// Of the files of an archive only that fails which another program has.
func TestAnotherProgramDownloadsAFileOfAnArchive(t *testing.T) {
	bubble(t, func(r *rig) {
		small(r, "d", 20)
		theirs, partial := r.elsewhere("d/f-003", "d/f-003")
		defer theirs.Close()
		r.start()
		id := r.down("d", "in")
		if j := r.end(id); j.FilesFailed != 1 || j.FilesDone != 19 || backend.AsError(j.Err).Type != backend.TypePartialTaken {
			t.Errorf("got %+v", j)
		}
		r.isTheirs(partial)
		if err := theirs.Close(); err != nil {
			t.Fatal(err)
		}
		r.e.Retry(id)
		r.done(id)
		for _, name := range r.files("in/d") {
			r.sameOnDisk("d/"+name, "in/d/"+name)
		}
		if n := r.site.count("archive"); n == 0 {
			t.Error("there was no archive")
		}
	})
}
