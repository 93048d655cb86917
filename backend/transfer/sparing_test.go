package transfer

import (
	"os"
	"testing"

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
