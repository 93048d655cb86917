package transfer

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"ferry/backend"
)

// restart ends the engine and starts another on the same journal.
func (r *rig) restart() {
	r.t.Helper()
	r.close()
	r.start()
}

func (r *rig) job(id backend.JobID) backend.JobSnapshot {
	r.t.Helper()
	for _, j := range r.e.Snapshot().Jobs {
		if j.ID == id {
			return j
		}
	}
	r.t.Fatalf("no job %d", id)
	return backend.JobSnapshot{}
}

func move(q *backend.TransferRequest) { q.Move = true }

// A failed file is the same failure after a restart, to a card, an exit code and
// a decision.
func TestFailuresSurviveARestart(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		refused := &backend.Error{
			Class: "InsufficientPermissionForFolderError", Group: backend.NotAuthorized, Status: 403,
			Type: "not-authorized/insufficient-permission-for-folder", Title: "No", Message: "You may not.",
			RequestID: "req-7", Op: "download", Path: "d/bad", Fields: map[string][]string{"path": {"is closed"}},
		}
		r.site.put("d/bad", []byte("x"), stampTime)
		r.site.put("d/good", []byte("x"), stampTime)
		r.site.fault = func(op, arg string, _ int) error {
			if op == "download" && arg == "d/bad" {
				return refused
			}
			return nil
		}
		r.start()
		id := r.down("d", "in")
		r.end(id)
		r.restart()
		j := r.job(id)
		if j.State != backend.JobFailed || len(j.Items) != 1 || j.FilesFailed != 1 || j.FilesDone != 1 {
			t.Fatalf("got %+v", j)
		}
		for _, err := range []error{j.Err, j.Items[0].Err} {
			if !reflect.DeepEqual(err, error(refused)) {
				t.Errorf("got %#v", err)
			}
		}
		r.site.fault = nil
		r.e.Retry(id)
		r.done(id)
	})
}

// A scan that failed is still the reason after a restart, and can be repeated.
func TestAFailedScanSurvivesARestart(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("d/f", []byte("x"))
		r.start()
		r.e.Park("for the test")
		id := r.up("d", "x")
		if err := os.Rename(r.path("d"), r.path("e")); err != nil {
			t.Fatal(err)
		}
		r.e.Unpark()
		before := r.end(id)
		r.restart()
		j := r.job(id)
		if j.State != backend.JobFailed || j.FilesFailed != 1 || backend.AsError(j.Err).Type != "local/not-found" ||
			j.Err.Error() != before.Err.Error() {
			t.Fatalf("got %+v, before %+v", j, before)
		}
		if err := os.Rename(r.path("e"), r.path("d")); err != nil {
			t.Fatal(err)
		}
		r.e.Retry(id)
		r.done(id)
		r.sameOnSite("d/f", "x/d/f")
	})
}

// The order of the queue and what a person has paused are as they were.
func TestTheQueueSurvivesARestart(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("f", []byte("x"))
		r.start()
		r.e.Park("for the test")
		var ids []backend.JobID
		for _, to := range []string{"a", "b", "c", "d", "e"} {
			ids = append(ids, r.up("f", to))
		}
		r.e.Priority(ids[4], -4) // e a b c d
		r.e.Priority(ids[0], 2)  // e b c a d
		r.e.Priority(ids[2], 0)
		r.e.Pause(ids[1])
		r.e.Pause(ids[3])
		r.e.Resume(ids[3])
		want := []backend.JobID{ids[4], ids[1], ids[2], ids[0], ids[3]}
		for range 2 {
			r.restart()
			var got []backend.JobID
			for _, j := range r.e.Snapshot().Jobs {
				got = append(got, j.ID)
				if j.State != backend.JobPaused || j.Interrupted == (j.ID == ids[1]) {
					t.Errorf("%d: %v, interrupted: %v", j.ID, j.State, j.Interrupted)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
		last := r.up("f", "g")
		r.e.ResumeInterrupted()
		for _, id := range []backend.JobID{ids[0], ids[2], ids[3], ids[4], last} {
			r.done(id)
		}
		if j := r.job(ids[1]); j.State != backend.JobPaused || j.Interrupted {
			t.Errorf("what a person had paused is %v", j.State)
		}
		r.e.Resume(ids[1])
		r.done(ids[1])
	})
}

// A move that a restart cut in two takes the emptied source folders away, also
// those of before.
func TestAMoveSurvivesARestart(t *testing.T) {
	for _, direction := range []backend.Direction{backend.Upload, backend.Download} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			r.cfg.Limits = Limits{Start: 1, Requests: 1}
			r.site.delay = time.Second
			for _, f := range []string{"d/a/1", "d/a/2", "d/b/c/3", "d/b/c/4", "d/5"} {
				r.write(f, []byte(f))
				r.site.put("x/"+f, []byte(f), stampTime)
			}
			r.start()
			var id backend.JobID
			if direction == backend.Upload {
				id = r.up("d", "y", move)
			} else {
				id = r.down("x/d", "in", move)
			}
			r.until(id, "half done", func(j backend.JobSnapshot) bool { return j.FilesDone >= 2 && !j.Scanning })
			r.restart()
			r.e.Resume(id)
			r.done(id)
			if direction == backend.Upload {
				if _, err := os.Stat(r.path("d")); err == nil {
					t.Errorf("left: %v", below(t, r.path("d")))
				}
			} else if _, ok := r.site.content("x/d"); ok {
				t.Error("the source folder is still on the site")
			}
		})
	}
}

// A move whose file failed takes the folder away when the file has made it.
func TestAMoveThatFailedFirst(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("d/a/1", []byte("1"))
		r.write("d/b/2", []byte("2"))
		r.site.fault = func(op, arg string, _ int) error {
			if op == "begin" && arg == "y/d/a/1" {
				return apiError("not-authorized/x", 403)
			}
			return nil
		}
		r.start()
		id := r.up("d", "y", move)
		r.end(id)
		if got := below(t, r.path("d")); !slices.Equal(got, []string{"a", "a/1"}) {
			t.Errorf("left: %v", got)
		}
		r.site.fault = nil
		r.restart()
		r.e.Retry(id)
		r.done(id)
		if _, err := os.Stat(r.path("d")); err == nil {
			t.Errorf("left: %v", below(t, r.path("d")))
		}
	})
}

// A file whose checksum had not come before the restart is compared after it,
// and only then its source is deleted.
func TestLateChecksumsSurviveARestart(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.site.noSums, r.site.opaque = true, true
		r.write("f", []byte("x"))
		r.write("g", []byte("y"))
		r.start()
		id := r.up("f", "a", move)
		r.until(id, "sent", func(backend.JobSnapshot) bool { _, ok := r.site.content("a/f"); return ok })
		r.restart()
		if j := r.job(id); j.FilesDone != 0 || j.BytesDone != 1 || j.FilesTotal != 1 {
			t.Errorf("got %+v", j)
		}
		r.site.noSums = false
		puts := r.site.count("put")
		r.e.Resume(id)
		if j := r.done(id); j.Verified != backend.Verified {
			t.Errorf("got %+v", j)
		}
		if n := r.site.count("put"); n != puts {
			t.Errorf("%d parts were sent again", n-puts)
		}
		if _, err := os.Stat(r.path("f")); err == nil {
			t.Error("the source is still there")
		}
	})
}

// A delete that fails after a move's file has arrived is all that is repeated.
func TestAMoveRepeatsTheDeleteOnly(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.put("d/f", []byte("x"), stampTime)
		r.site.fault = once("delete", "d/f", apiError("service-unavailable/x", 503))
		r.start()
		r.done(r.down("d", "in", move))
		if n := r.site.count("range"); n != 1 {
			t.Errorf("fetched %d times", n)
		}
		if _, ok := r.site.content("d/f"); ok {
			t.Error("the source is still there")
		}
	})
}

// The same when its checksum came late, and also when the program is killed
// before the delete has worked.
func TestAMoveOfALateChecksumRepeatsTheDeleteOnly(t *testing.T) {
	for name, kept := range map[string]bool{"failed before": true, "under way": false} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.cfg.StateDir = r.path("state")
				for i := range 2 {
					r.site.put("d/"+string(rune('a'+i)), noise(uint64(i), 100), stampTime)
				}
				r.cfg.Limits.Archives = -1
				for _, f := range r.site.files {
					f.looks = 0
				}
				r.site.lateSums = 4
				r.site.fault = func(op, _ string, _ int) error {
					switch {
					case op != "delete":
						return nil
					case kept:
						return apiError("api", 500)
					}
					return apiError("not-authenticated/invalid-session", 401)
				}
				r.start()
				id := r.down("d", "in", move)
				r.until(id, "arrived", func(backend.JobSnapshot) bool { return r.site.count("delete") >= 2 })
				r.restart()
				r.site.fault = nil
				ranges, looks := r.site.count("range"), r.site.count("download")+r.site.count("find")
				r.e.Resume(id)
				if j := r.done(id); j.Verified != backend.Verified {
					t.Errorf("got %+v", j)
				}
				if n := r.site.count("range") - ranges + r.site.count("download") + r.site.count("find") - looks; n != 0 {
					t.Errorf("%d requests for what had arrived", n)
				}
				if _, ok := r.site.content("d"); ok {
					t.Error("the source is still there")
				}
			})
		})
	}
}

// What was said about a file stays true after a restart, and one answer for all
// holds.
func TestAnswersSurviveARestart(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.delay = time.Second
		for _, f := range []string{"a", "b", "c", "d"} {
			r.site.put("x/d/"+f, []byte("old"), stampTime)
			r.write("d/"+f, []byte("new"))
		}
		r.start()
		id := r.up("d", "x")
		j := r.until(id, "asking", func(j backend.JobSnapshot) bool { return j.Asking == 4 })
		r.e.Resolve(id, itemOf(t, j, "d/a").ID, backend.Skip, false)
		r.until(id, "skipped", func(j backend.JobSnapshot) bool { return j.FilesSkipped == 1 })
		r.e.Resolve(id, 0, backend.Overwrite, true)
		r.restart()
		r.e.Resume(id)
		if j := r.done(id); j.FilesSkipped != 1 || j.FilesDone != 3 {
			t.Errorf("got %+v", j)
		}
		for f, want := range map[string]string{"a": "old", "b": "new", "c": "new", "d": "new"} {
			if got, _ := r.site.content("x/d/" + f); string(got) != want {
				t.Errorf("%s: got %q, want %q", f, got, want)
			}
		}
	})
}

// No address of a part, no signature and no cause reaches the journal.
func TestTheJournalKeepsNoSecrets(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("d/a", noise(1, 12*mib))
		r.write("d/b", []byte("b"))
		r.site.fault = func(op, arg string, n int) error {
			if op == "put" && n > 1 {
				return &backend.Error{Class: backend.ClassAPI, Group: backend.APIFailure, Status: 400, Message: "no", Cause: &fs.PathError{Op: "sesame", Path: arg}}
			}
			return nil
		}
		r.start()
		r.end(r.up("d", ""))
		r.close()
		for _, name := range r.files("state") {
			b, err := os.ReadFile(filepath.Join(r.path("state"), name))
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"sesame", "storage.example.com"} {
				if bytes.Contains(b, []byte(secret)) {
					t.Errorf("%s is in %s", secret, name)
				}
			}
		}
	})
}

// below is everything below a folder.
func below(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, p); err == nil && rel != "." {
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What arrived in the moment in which the program was killed, before its journal
// knew, is found and compared: it is neither moved again nor asked about.
func TestArrivedUnseen(t *testing.T) {
	for _, direction := range []backend.Direction{backend.Upload, backend.Download} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			r.write("d/a", []byte("aa"))
			r.write("d/b", noise(1, 30*mib))
			r.start()
			r.e.Park("for the test")
			op := "put"
			var id backend.JobID
			if direction == backend.Upload {
				id = r.up("d", "x")
			} else {
				op = "range"
				for _, f := range []string{"d/a", "d/b"} {
					b, err := os.ReadFile(r.path(f))
					if err != nil {
						t.Fatal(err)
					}
					r.site.put("x/"+f, b, stampTime)
				}
				id = r.down("x/d", "in")
			}
			r.e.Unpark()
			r.until(id, "planned", func(j backend.JobSnapshot) bool { return !j.Scanning })
			r.done(id)
			r.close()
			prepare(t, r.path("state/transfers.db"), `UPDATE jobs SET state = 0, ended = 0;
				UPDATE items SET state = 0, verified = 0, sum = '';`)
			before := r.site.count(op)
			r.start()
			r.e.Resume(id)
			if j := r.done(id); j.Verified != backend.Verified {
				t.Errorf("got %+v", j)
			}
			if n := r.site.count(op) - before; n != 0 {
				t.Errorf("%s: %d pieces were moved again", op, n)
			}
		})
	}
}

// Names that this system tells apart and the site does not never become one.
func TestNamesThatAreOneToTheSite(t *testing.T) {
	bubble(t, func(r *rig) {
		for _, f := range []string{"d/Read.txt", "d/read.txt", "d/sub/x", "d/SUB/x", "d/r\u00e9ad.txt"} {
			r.write(f, []byte(f))
		}
		var notes []string
		r.start().Observe(func(_ backend.JobID, it backend.ItemSnapshot) {
			if it.Note != "" {
				notes = append(notes, it.Name+": "+it.Note)
			}
		})
		if j := r.done(r.up("d", "in", policy(backend.Overwrite))); j.FilesDone != 5 {
			t.Errorf("got %+v", j)
		}
		var got []string
		for _, p := range []string{"read.txt", "read (2).txt", "read (3).txt", "sub/x", "sub (2)/x"} {
			if b, ok := r.site.content("in/d/" + p); ok {
				got = append(got, string(b))
			}
		}
		slices.Sort(got)
		if want := []string{"d/Read.txt", "d/SUB/x", "d/read.txt", "d/r\u00e9ad.txt", "d/sub/x"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if len(notes) != 3 {
			t.Errorf("said: %q", notes)
		}
	})
}

// What somebody else has put in the place of an upload before its checksum came is
// not written over.
func TestALateChecksumOfAnotherFile(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.lateSums, r.site.opaque = 1, true
		r.write("f", noise(1, 100))
		r.site.fault = func(op, _ string, _ int) error {
			if op == "find" {
				r.site.put("f", noise(2, 200), stampTime.Add(time.Hour))
			}
			return nil
		}
		r.start()
		if j := r.done(r.up("f", "", move, policy(backend.Overwrite))); j.Verified != backend.SizeOnly {
			t.Errorf("got %+v", j)
		}
		if got, _ := r.site.content("f"); !bytes.Equal(got, noise(2, 200)) {
			t.Error("the other file was written over")
		}
		r.entry("f")
	})
}
