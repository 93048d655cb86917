package transfer

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ferry/backend"
)

func TestConflictsOfUploads(t *testing.T) {
	newer, older := stampTime.Add(time.Hour), stampTime.Add(-time.Hour)
	for _, c := range []struct {
		name    string
		policy  backend.Conflict
		there   string
		at      time.Time
		skipped int
		want    map[string]string
	}{
		{"overwrite", backend.Overwrite, "old", newer, 0, map[string]string{"d/f.txt": "new"}},
		{"skip", backend.Skip, "old", older, 1, map[string]string{"d/f.txt": "old"}},
		{"newer than an older one", backend.Newer, "old", older, 0, map[string]string{"d/f.txt": "new"}},
		{"newer than a newer one", backend.Newer, "old", newer, 1, map[string]string{"d/f.txt": "old"}},
		{"newer than one of the same second", backend.Newer, "old", stampTime, 1, map[string]string{"d/f.txt": "old"}},
		{"keep both", backend.KeepBoth, "old", newer, 0, map[string]string{"d/f.txt": "old", "d/f (2).txt": "new"}},
		{"resume a beginning", backend.Resume, "ne", newer, 0, map[string]string{"d/f.txt": "new"}},
		{"resume an empty one", backend.Resume, "", newer, 0, map[string]string{"d/f.txt": "new"}},
		{"resume what is complete", backend.Resume, "old", stampTime, 1, map[string]string{"d/f.txt": "old"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.put("d/f.txt", []byte(c.there), c.at)
				r.write("f.txt", []byte("new"))
				r.start()
				j := r.done(r.up("f.txt", "d", policy(c.policy)))
				if j.FilesSkipped != c.skipped {
					t.Errorf("got %+v", j)
				}
				for path, want := range c.want {
					if got, _ := r.site.content(path); string(got) != want {
						t.Errorf("%s: got %q, want %q", path, got, want)
					}
				}
				if there, err := r.site.List(context.Background(), "d", backend.FolderQuery{}); err != nil || len(there.Items) != len(c.want) {
					t.Errorf("there are %+v, %v", there.Items, err)
				}
			})
		})
	}
}

func TestConflictsOfDownloads(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy backend.Conflict
		there  string
		at     time.Time
		want   map[string]string
	}{
		{"overwrite", backend.Overwrite, "old", stampTime, map[string]string{"f.txt": "new text"}},
		{"skip", backend.Skip, "old", stampTime, map[string]string{"f.txt": "old"}},
		{"newer than a newer one", backend.Newer, "old", stampTime.Add(time.Hour), map[string]string{"f.txt": "old"}},
		{"newer than one of the same second", backend.Newer, "old", stampTime, map[string]string{"f.txt": "old"}},
		{"newer than an older one", backend.Newer, "old", stampTime.Add(-time.Hour), map[string]string{"f.txt": "new text"}},
		{"keep both", backend.KeepBoth, "old", stampTime, map[string]string{"f.txt": "old", "f (2).txt": "new text"}},
		{"resume a beginning", backend.Resume, "new ", stampTime.Add(time.Hour), map[string]string{"f.txt": "new text"}},
		{"resume what is complete", backend.Resume, "old text", stampTime, map[string]string{"f.txt": "old text"}},
		{"resume an empty one", backend.Resume, "", stampTime, map[string]string{"f.txt": "new text"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.put("f.txt", []byte("new text"), stampTime)
				r.write("in/f.txt", []byte(c.there))
				if err := os.Chtimes(r.path("in/f.txt"), c.at, c.at); err != nil {
					t.Fatal(err)
				}
				r.start()
				r.end(r.down("f.txt", "in", policy(c.policy)))
				for name, want := range c.want {
					if got, _ := os.ReadFile(r.path("in/" + name)); string(got) != want {
						t.Errorf("%s: got %q, want %q", name, got, want)
					}
				}
				for _, f := range r.files("in") {
					if _, ok := c.want[f]; !ok {
						t.Errorf("left behind: %s", f)
					}
				}
			})
		})
	}
}

// What a download was to go on behind and does not belong to it is never lost:
// a person decides.
func TestResumeOfSomethingElseAsks(t *testing.T) {
	for name, c := range map[string]struct {
		there string
		sums  bool // the site tells checksums
	}{
		"another beginning": {"xyz", true},
		"longer":            {"a text that is longer", true},
		"nothing proves it": {"new ", false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.cfg.StateDir = r.path("state")
				r.site.noSums = !c.sums
				r.site.put("f.txt", []byte("new text"), stampTime)
				r.write("in/f.txt", []byte(c.there))
				r.start()
				id := r.down("f.txt", "in", policy(backend.Resume))
				first := r.until(id, "asking", func(j backend.JobSnapshot) bool { return j.Asking == 1 })
				if got, err := os.ReadFile(r.path("in/f.txt")); string(got) != c.there || err != nil {
					t.Errorf("%q is there, %v", got, err)
				}
				if why := first.Items[0].Foreign; (why == "") != (name == "longer") {
					t.Errorf("it says %q", why)
				}
				r.restart() // while the question is open
				r.e.ResumeInterrupted()
				j := r.until(id, "asking again", func(j backend.JobSnapshot) bool { return j.Asking == 1 })
				if got, err := os.ReadFile(r.path("in/f.txt")); string(got) != c.there || err != nil {
					t.Errorf("%q is there after a restart, %v", got, err)
				}
				r.e.Resolve(id, j.Items[0].ID, backend.Overwrite, true)
				r.end(id)
				if got, err := os.ReadFile(r.path("in/f.txt")); string(got) != "new text" || err != nil {
					t.Errorf("%q is there after the answer, %v", got, err)
				}
				if f := r.files("in"); len(f) != 1 {
					t.Errorf("left behind: %q", f)
				}
			})
		})
	}
}

// An upload does not replace what is not its beginning either.
func TestResumeOfAnUploadAsksToo(t *testing.T) {
	for name, c := range map[string]struct {
		there string
		sums  bool
	}{
		"another beginning": {"xyz", true},
		"longer":            {"a text that is longer", true},
		"nothing proves it": {"new ", false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.noSums = !c.sums
				r.site.put("f.txt", []byte(c.there), stampTime.Add(time.Hour))
				r.write("f.txt", []byte("new text"))
				r.start()
				id := r.up("f.txt", "", policy(backend.Resume))
				j := r.until(id, "asking", func(j backend.JobSnapshot) bool { return j.Asking == 1 })
				if got, _ := r.site.content("f.txt"); string(got) != c.there || j.Items[0].Existing == nil {
					t.Errorf("%q is there: %+v", got, j.Items)
				}
				if why := j.Items[0].Foreign; (why == "") != (name == "longer") {
					t.Errorf("it says %q", why)
				}
				r.e.Resolve(id, j.Items[0].ID, backend.Overwrite, true)
				r.done(id)
				if got, _ := r.site.content("f.txt"); string(got) != "new text" {
					t.Errorf("%q is there after the answer", got)
				}
			})
		})
	}
}

// The disk knows names as they are written, not as the site compares them.
func TestKeepBothBesideCapitals(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.put("README.md", []byte("new"), stampTime)
		r.write("in/README.md", []byte("old"))
		r.start()
		r.done(r.down("README.md", "in", policy(backend.KeepBoth)))
		for name, want := range map[string]string{"README.md": "old", "README (2).md": "new"} {
			if got, err := os.ReadFile(r.path("in/" + name)); string(got) != want || err != nil {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	})
}

func TestAskAndAnswer(t *testing.T) {
	bubble(t, func(r *rig) {
		for _, f := range []string{"a", "b", "c"} {
			r.site.put("x/d/"+f, []byte("old"), stampTime)
			r.write("d/"+f, []byte("new"))
		}
		r.write("d/free", []byte("new"))
		r.start()
		id := r.up("d", "x")
		j := r.until(id, "asking", func(j backend.JobSnapshot) bool { return j.Asking == 3 && j.FilesDone == 1 })
		i := slices.IndexFunc(j.Items, func(it backend.ItemSnapshot) bool { return it.Name == "d/b" })
		if i < 0 || j.Items[i].Existing == nil || j.Items[i].Existing.Size != 3 || j.Items[i].Source == nil {
			t.Fatalf("got %+v", j.Items)
		}
		r.e.Resolve(id, j.Items[i].ID, backend.Skip, false)
		r.until(id, "answered once", func(j backend.JobSnapshot) bool { return j.Asking == 2 })
		r.e.Resolve(id, j.Items[0].ID, backend.Overwrite, true)
		r.done(id)
		for f, want := range map[string]string{"a": "new", "b": "old", "c": "new", "free": "new"} {
			if got, _ := r.site.content("x/d/" + f); string(got) != want {
				t.Errorf("%s: got %q, want %q", f, got, want)
			}
		}
	})
}

func TestSessionEndParks(t *testing.T) {
	bubble(t, func(r *rig) {
		var ended atomic.Bool
		ended.Store(true)
		r.site.delay = 10 * time.Millisecond
		r.site.fault = func(op, _ string, n int) error {
			if ended.Load() && op == "put" && n > 2 {
				return apiError("not-authenticated/invalid-session", 401)
			}
			return nil
		}
		r.write("f.bin", noise(1, 40*mib))
		r.start()
		id := r.up("f.bin", "")
		r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked && len(j.Items) == 1 })
		if s := r.e.Snapshot(); s.Parked == "" || !s.Active() {
			t.Errorf("got %+v", s)
		}
		before := r.site.count("put")
		time.Sleep(time.Hour)
		if n := r.site.count("put"); n != before {
			t.Errorf("%d requests while parked", n-before)
		}
		ended.Store(false)
		r.e.Unpark()
		r.done(id)
		r.sameOnSite("f.bin", "f.bin")
	})
}

func TestLostConnectionParksAndComesBack(t *testing.T) {
	bubble(t, func(r *rig) {
		var down atomic.Bool
		reset := &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "no route"}
		r.site.delay = 10 * time.Millisecond
		r.site.fault = func(op, _ string, n int) error {
			if op == "put" && n == 3 {
				down.Store(true)
			}
			if down.Load() {
				return reset
			}
			return nil
		}
		r.write("f.bin", noise(1, 40*mib))
		r.start()
		id := r.up("f.bin", "")
		r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
		time.Sleep(10 * time.Minute)
		down.Store(false)
		r.done(id)
		r.sameOnSite("f.bin", "f.bin")
		if s := r.e.Snapshot(); s.Parked != "" {
			t.Errorf("still parked: %s", s.Parked)
		}
	})
}

func TestPauseKeepsWhatArrived(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.delay = time.Second
		r.cfg.Limits = Limits{Start: 2, Requests: 2}
		r.write("f.bin", noise(1, 60*mib)) // 8 parts of 8 MiB
		r.start()
		id := r.up("f.bin", "")
		r.until(id, "half sent", func(j backend.JobSnapshot) bool { return j.BytesDone >= 30*mib })
		r.e.Pause(id)
		r.until(id, "paused", func(j backend.JobSnapshot) bool { return j.State == backend.JobPaused && len(j.Items) == 0 })
		before := r.site.count("put")
		time.Sleep(time.Hour)
		if n := r.site.count("put"); n != before {
			t.Errorf("%d requests while paused", n-before)
		}
		r.e.Resume(id)
		r.done(id)
		r.sameOnSite("f.bin", "f.bin")
		if n := r.site.count("put"); n > 8+2 {
			t.Errorf("%d parts sent for 8", n)
		}
	})
}

func TestCancelLeavesNothing(t *testing.T) {
	for _, paused := range []bool{false, true} {
		bubble(t, func(r *rig) {
			r.site.delay = time.Second
			r.cfg.Limits = Limits{Start: 1, Requests: 1}
			r.site.put("f.bin", noise(1, 64*mib), stampTime)
			r.start()
			id := r.down("f.bin", "in")
			r.until(id, "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 30*mib })
			if paused {
				r.e.Pause(id)
				r.until(id, "paused", func(j backend.JobSnapshot) bool { return len(j.Items) == 0 })
			}
			r.e.Cancel(id)
			if j := r.end(id); j.State != backend.JobCancelled {
				t.Errorf("got %+v", j)
			}
			r.close()
			if got := r.files("in"); len(got) != 0 {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

// What a restart finds is what was done: only the pieces that were in flight
// travel again.
func TestRestart(t *testing.T) {
	for _, direction := range []backend.Direction{backend.Upload, backend.Download} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			r.cfg.Limits = Limits{Start: 2, Requests: 2}
			r.site.delay = time.Second
			op := "put"
			var id backend.JobID
			r.write("d/f.bin", noise(1, 72*mib))
			r.write("d/small", []byte("x"))
			r.start()
			if direction == backend.Upload {
				id = r.up("d", "x")
			} else {
				op = "range"
				r.site.put("x/d/f.bin", noise(1, 72*mib), stampTime)
				r.site.put("x/d/small", []byte("x"), stampTime)
				id = r.down("x/d", "in")
			}
			r.until(id, "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 36*mib })
			r.close()
			pieces := r.site.count(op)

			r.start()
			left := r.e.Recovered()
			if len(left) != 1 || left[0].ID != id || left[0].State != backend.JobPaused || left[0].BytesDone < 24*mib {
				t.Fatalf("got %+v", left)
			}
			r.e.Resume(id)
			r.done(id)
			if direction == backend.Upload {
				r.sameOnSite("d/f.bin", "x/d/f.bin")
				r.sameOnSite("d/small", "x/d/small")
			} else {
				r.sameOnDisk("x/d/f.bin", "in/d/f.bin")
				r.sameOnDisk("x/d/small", "in/d/small")
			}
			if n := r.site.count(op); n > pieces+8 {
				t.Errorf("%s: %d pieces, then %d", op, pieces, n-pieces)
			}
			r.close()
			r.start()
			if left := r.e.Recovered(); len(left) != 0 {
				t.Errorf("a finished job came back: %+v", left)
			}
		})
	}
}

// A killed program leaves its journal as it was in that moment. What stood in
// it is enough to go on, also from the second of two programs.
func TestKilled(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.cfg.Limits = Limits{Start: 2, Requests: 2}
		r.site.delay = time.Second
		r.write("f.bin", noise(1, 60*mib)) // 8 parts of 8 MiB
		first := r.start()
		second := r.start()
		id := r.up("f.bin", "")
		r.until(id, "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 36*mib })
		synctest.Wait() // what the journal was told is written
		if err := os.CopyFS(r.path("killed"), os.DirFS(r.path("state"))); err != nil {
			t.Fatal(err)
		}
		r.e = nil
		for _, e := range []*Engine{first, second} {
			if err := e.Close(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		before := r.site.count("put")

		r.cfg.StateDir = r.path("killed")
		r.start()
		left := r.e.Recovered()
		if len(left) != 1 || left[0].BytesDone < 32*mib {
			t.Fatalf("got %+v", left)
		}
		r.e.Resume(left[0].ID)
		r.done(left[0].ID)
		r.sameOnSite("f.bin", "f.bin")
		if n := r.site.count("put") - before; n > 4 {
			t.Errorf("%d parts sent again of 8", n)
		}
	})
}

// A source that changed while the program was away is not mixed with what was
// sent before, nor when its size and time tell nothing of the change.
func TestRestartWithChangedSource(t *testing.T) {
	for _, size := range []int64{60 * mib, 61 * mib} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			r.cfg.Limits = Limits{Start: 2, Requests: 2}
			r.site.delay = time.Second
			r.write("f.bin", noise(1, 60*mib))
			old := r.entry("f.bin").Modified
			r.start()
			id := r.up("f.bin", "")
			r.until(id, "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 30*mib })
			r.close()
			r.write("f.bin", noise(2, size))
			if err := os.Chtimes(r.path("f.bin"), old, old); err != nil {
				t.Fatal(err)
			}
			now := r.entry("f.bin")
			r.start()
			var said string
			r.e.Observe(func(_ backend.JobID, i backend.ItemSnapshot) { said = i.Note })
			r.e.Resume(id)
			if j := r.done(id); j.Resent < 24*mib || !strings.Contains(said, "the source changed: starts over") {
				t.Errorf("%d bytes were sent again, said %q: %+v", j.Resent, said, j)
			}
			if got, _ := r.site.content("f.bin"); !bytes.Equal(got, noise(2, size)) || size != now.Size {
				t.Error("on the site is another file")
			}
		})
	}
}

func TestTwoEnginesInOneFolder(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		first := r.start()
		defer first.Close(context.Background())
		r.write("f", []byte("x"))
		r.start()
		r.done(r.up("f", ""))
	})
}

func TestVerifyOnDemand(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.put("d/a", []byte("a"), stampTime)
		r.site.put("d/b", []byte("b"), stampTime)
		r.start()
		id := r.down("d", "in")
		r.done(id)
		r.e.Verify(id)
		r.until(id, "checked again", func(j backend.JobSnapshot) bool { return j.State == backend.JobDone && j.FilesDone == 2 })
		if err := os.WriteFile(r.path("in/d/a"), []byte("z"), 0o644); err != nil {
			t.Fatal(err)
		}
		r.e.Verify(id)
		j := r.until(id, "found out", func(j backend.JobSnapshot) bool { return j.State == backend.JobFailed })
		if j.Verified != backend.Mismatch || j.FilesFailed != 1 || j.FilesDone != 1 {
			t.Errorf("got %+v", j)
		}
	})
}

func TestLimit(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("f.bin", noise(1, 10*mib))
		r.start()
		r.e.SetLimit(mib)
		begun := time.Now()
		id := r.up("f.bin", "")
		j := r.until(id, "under way", func(j backend.JobSnapshot) bool { return j.BytesDone > 5*mib })
		if j.Rate < 0.8*float64(mib) || j.Rate > 1.2*float64(mib) || j.Left < 3*time.Second || j.Left > 6*time.Second {
			t.Errorf("rate %.0f, left %v", j.Rate, j.Left)
		}
		r.done(id)
		if d := time.Since(begun); d < 9*time.Second || d > 12*time.Second {
			t.Errorf("10 MiB at 1 MiB/s took %v", d)
		}
	})
}

func TestSnapshotsAreFewAndTheLastArrives(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.delay = 3 * time.Millisecond
		for i := range 300 {
			r.write("d/"+string(rune('a'+i%26))+string(rune('a'+i/26)), []byte("x"))
		}
		r.start()
		ctx, cancel := context.WithCancel(context.Background())
		ch := r.e.Subscribe(ctx)
		r.up("d", "")
		var seen []backend.TransferSnapshot
		var at []time.Time
		for s := range ch {
			seen, at = append(seen, s), append(at, time.Now())
			if len(s.Jobs) == 1 && s.Jobs[0].State == backend.JobDone {
				break
			}
		}
		// The contract: at most ten a second. What there is for who subscribes, and
		// the end of all, wait for nothing.
		for i := 2; i < len(at)-1; i++ {
			if gap := at[i].Sub(at[i-1]); gap < 100*time.Millisecond {
				t.Errorf("snapshot %d came %v after the one before", i, gap)
			}
		}
		if len(seen) < 3 {
			t.Errorf("%d snapshots", len(seen))
		}
		last := seen[len(seen)-1].Jobs[0]
		if last.FilesDone != 300 || last.FilesTotal != 300 {
			t.Errorf("got %+v", last)
		}
		synctest.Wait()
		time.Sleep(time.Minute)
		select {
		case s := <-ch:
			t.Errorf("a snapshot although nothing happened: %+v", s)
		default:
		}
		cancel()
		synctest.Wait()
		if _, open := <-ch; open {
			t.Error("the channel is still open")
		}
	})
}

func TestQueueOrder(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("f", []byte("x"))
		r.start()
		r.e.Park("for the test")
		a, b, c := r.up("f", "a"), r.up("f", "b"), r.up("f", "c")
		r.e.Priority(c, -2)
		r.e.Remove(b)
		var got []backend.JobID
		for _, j := range r.e.Snapshot().Jobs {
			got = append(got, j.ID)
		}
		if !slices.Equal(got, []backend.JobID{c, a}) {
			t.Errorf("got %v", got)
		}
		r.e.PauseAll()
		r.e.Unpark()
		time.Sleep(time.Minute)
		if s := r.e.Snapshot(); s.Waiting != 2 || s.Running != 0 {
			t.Errorf("got %+v", s)
		}
		r.e.ResumeAll()
		r.done(a)
		r.done(c)
	})
}

// What has ended between two jobs is no place to move to.
func TestPlacesAreCountedAmongTheWork(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("f", []byte("x"))
		r.start()
		r.e.Park("for the test")
		var ids []backend.JobID
		for _, to := range []string{"a", "b", "c", "d", "e"} {
			ids = append(ids, r.up("f", to))
		}
		r.e.Cancel(ids[1])
		r.e.Cancel(ids[2])
		order := func(want ...int) {
			t.Helper()
			var got []int
			for _, j := range r.e.Snapshot().Jobs {
				if !j.State.Ended() {
					got = append(got, slices.Index(ids, j.ID))
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
		r.e.Priority(ids[3], -1)
		order(3, 0, 4)
		r.e.Priority(ids[4], -1) // as it goes on with the same key
		order(3, 4, 0)
		r.e.Priority(ids[3], 1)
		order(4, 3, 0)
		r.e.Priority(ids[4], 99)
		order(3, 0, 4)
		r.e.Priority(ids[4], 1)
		order(3, 0, 4)
	})
}

func TestAddRefuses(t *testing.T) {
	bubble(t, func(r *rig) {
		e := r.start()
		for _, req := range []backend.TransferRequest{
			{},
			{Sources: []backend.Entry{{}}, Target: backend.Location{Side: backend.Local, Path: "/x"}},
			{Direction: backend.Download, Sources: []backend.Entry{{}}, Target: backend.Location{Side: backend.Remote}},
		} {
			if _, err := e.Add(context.Background(), req); !backend.AsError(err).Is(backend.Client) {
				t.Errorf("%+v: got %v", req, err)
			}
		}
		r.close()
		ok := backend.TransferRequest{Sources: []backend.Entry{{}}, Target: backend.Location{Side: backend.Remote}}
		if _, err := e.Add(context.Background(), ok); err == nil {
			t.Error("a closed engine took a job")
		}
		if e.Snapshot().Active() {
			t.Error("a closed engine is active")
		}
	})
}

// What was queued is what is transferred, whatever the caller does with his
// request afterwards.
func TestARequestIsFrozen(t *testing.T) {
	bubble(t, func(r *rig) {
		for _, n := range []string{"d/a", "d/b", "e/c"} {
			r.site.put(n, []byte(n), stampTime)
		}
		r.start().Park("for the test")
		var req backend.TransferRequest
		id := r.down("d", "in", func(q *backend.TransferRequest) { q.Ignore = []string{"b"}; req = *q })
		req.Sources[0] = r.remote("e")
		req.Ignore[0] = "a"
		r.e.Unpark()
		r.done(id)
		if got := r.files("in"); !slices.Equal(got, []string{"d/a"}) {
			t.Errorf("there is %q", got)
		}
	})
}
