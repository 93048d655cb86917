package transfer

import (
	"database/sql"
	"os"
	"testing"
	"time"

	"ferry/backend"
)

// A command reads nothing of what other commands have left, but for that they are
// there; the one that is given again goes on with all it had.
func TestACommandReadsOnlyItsOwn(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir, r.cfg.Sparing = r.path("state"), true
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.put("d/big", noise(1, 40*mib), stampTime)
		r.site.put("d/a", noise(2, 9), stampTime)
		if err := os.MkdirAll(r.path("in"), 0o755); err != nil {
			t.Fatal(err)
		}
		req := backend.TransferRequest{
			Direction: backend.Download, Sources: []backend.Entry{r.remote("d")},
			Target: backend.Location{Side: backend.Local, Path: r.path("in")}, Conflict: backend.Overwrite,
		}
		r.start()
		r.e.SetLimit(mib)
		left := r.again(req)
		r.until(left, "under way", func(j backend.JobSnapshot) bool { return j.FilesDone == 1 && j.BytesDone > 20*mib })
		r.restart()
		r.e.SetLimit(0)
		unread := func() (yes bool) {
			t.Helper()
			if err := r.e.call(func(b *book) { yes = b.byID[left].unread }); err != nil {
				t.Fatal(err)
			}
			return yes
		}
		r.write("other", noise(3, 9))
		other := req
		other.Direction, other.Sources, other.Target = backend.Upload, []backend.Entry{r.entry("other")}, backend.Location{Side: backend.Remote}
		if r.done(r.again(other)); !unread() {
			t.Error("the files of another command were read")
		}
		if id := r.again(req); id != left || unread() {
			t.Errorf("%d goes on as %d", left, id)
		}
		if j := r.done(left); j.FilesBefore != 1 || j.BytesBefore < 16*mib || j.Verified != backend.Verified {
			t.Errorf("got %+v", j)
		}
		r.sameOnDisk("d/big", "in/d/big")
	})
}

// What is forgotten before its files are read leaves nothing all the same.
func TestForgetTakesWhatWasNotRead(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir, r.cfg.Sparing = r.path("state"), true
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.put("f", noise(1, 24*mib), stampTime)
		if err := os.MkdirAll(r.path("in"), 0o755); err != nil {
			t.Fatal(err)
		}
		req := backend.TransferRequest{
			Direction: backend.Download, Sources: []backend.Entry{r.remote("f")},
			Target: backend.Location{Side: backend.Local, Path: r.path("in")}, Conflict: backend.Overwrite,
		}
		r.start()
		r.e.SetLimit(mib)
		r.until(r.again(req), "under way", func(j backend.JobSnapshot) bool { return j.BytesDone > 17*mib })
		r.restart()
		if left := r.files("in"); len(left) != 1 {
			t.Fatalf("there are %q", left)
		}
		if err := r.e.Forget(req); err != nil {
			t.Fatal(err)
		}
		r.close()
		if left := r.files("in"); len(left) != 0 {
			t.Errorf("left behind: %q", left)
		}
	})
}

// A command whose files cannot be read does not begin anew beside what is there. The
// others are not held up, and it can be forgotten.
func TestWhatCannotBeReadIsRefused(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir, r.cfg.Sparing = r.path("state"), true
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.put("f", noise(1, 24*mib), stampTime)
		r.site.put("other", noise(2, 9), stampTime)
		if err := os.MkdirAll(r.path("in"), 0o755); err != nil {
			t.Fatal(err)
		}
		req := backend.TransferRequest{
			Direction: backend.Download, Sources: []backend.Entry{r.remote("f")},
			Target: backend.Location{Side: backend.Local, Path: r.path("in")}, Conflict: backend.Overwrite,
		}
		r.start()
		r.e.SetLimit(mib)
		left := r.again(req)
		r.until(left, "under way", func(j backend.JobSnapshot) bool { return j.BytesDone > 17*mib })
		r.e.SetLimit(0)
		r.close()
		spoil(t, r.path("state/transfers.db"), left)
		r.start()
		if _, _, err := r.e.AddAgain(t.Context(), req); err == nil || backend.AsError(err).Type != backend.TypeJournal {
			t.Errorf("given again: %v", err)
		}
		r.e.Resume(left)
		other := req
		other.Sources = []backend.Entry{r.remote("other")}
		r.done(r.again(other))
		if j := r.job(left); j.State != backend.JobPaused {
			t.Errorf("it is %v", j.State)
		}
		if err := r.e.Forget(req); err != nil {
			t.Fatal(err)
		}
		if j := r.done(r.again(req)); j.FilesBefore != 0 || j.Verified != backend.Verified {
			t.Errorf("forgotten, and given again: %+v", j)
		}
		r.sameOnDisk("f", "in/f")
	})
}

// While nobody knows what a transfer goes on with, nothing is taken away beside it.
func TestRemoveLeavesWhatCannotBeRead(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir, r.cfg.Sparing = r.path("state"), true
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.put("f.bin", noise(1, 64*mib), stampTime)
		r.start()
		failed := r.failHalfway("f.bin", "in")
		r.site.delay = time.Second
		next := r.down("f.bin", "in")
		r.until(next, "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 30*mib })
		r.close()
		spoil(t, r.path("state/transfers.db"), next)
		r.start()
		r.e.Remove(failed)
		r.close()
		if left := r.files("in"); len(left) != 1 {
			t.Errorf("there are %q", left)
		}
	})
}

// spoil makes the checkpoints of a transfer unreadable.
func spoil(t *testing.T, path string, id backend.JobID) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE items SET checkpoint = '{' WHERE checkpoint <> '' AND job = ?`, int64(id)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
