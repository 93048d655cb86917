package transfer

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"testing"

	"ferry/backend"
)

// What is moved in vain is counted, to the byte.
func TestBytesMovedInVainAreCounted(t *testing.T) {
	reset := &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "reset"}
	for _, c := range []struct {
		name string
		size int64
		down bool
		edit func(*fakeSite)
		want int64
	}{
		{"nothing", 12 * mib, false, func(*fakeSite) {}, 0},
		{"a part whose answer is lost", 12 * mib, false, func(s *fakeSite) {
			s.answer = once("put", "part_number=2", reset)
		}, 5 * mib},
		{"a forgotten upload", 12 * mib, false, func(s *fakeSite) {
			s.fault = once("end", "", apiError("not-found/file-upload-not-found", 404))
		}, 12 * mib},
		{"a short body", 3 * mib, true, func(s *fakeSite) {
			broke := false
			s.short = func(_ string, _ int64, b []byte) ([]byte, error) {
				if broke {
					return b, nil
				}
				broke = true
				return b[:mib], nil
			}
		}, mib},
		{"a damaged file", 3 * mib, true, func(s *fakeSite) {
			broke := false
			s.mangle = func(_ string, _ int64, b []byte) []byte {
				if !broke {
					broke, b[7] = true, b[7]^1
				}
				return b
			}
		}, 3 * mib},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				c.edit(r.site)
				r.start()
				var id backend.JobID
				if c.down {
					r.site.put("f", noise(1, c.size), stampTime)
					id = r.down("f", "in")
				} else {
					r.write("f", noise(1, c.size))
					id = r.up("f", "")
				}
				if j := r.done(id); j.Resent != c.want {
					t.Errorf("%d bytes, want %d", j.Resent, c.want)
				}
			})
		})
	}
}

// Links that are left out are said, also after a restart; those that a pattern
// leaves out are not, and those that are followed neither.
func TestLinksLeftOutAreCounted(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("d/a", []byte("a"))
		r.write("d/s/b", []byte("b"))
		for link, to := range map[string]string{"d/one": "a", "d/s/two": "../s", "d/x.tmp": "a"} {
			if err := os.Symlink(to, r.path(link)); err != nil {
				t.Fatal(err)
			}
		}
		bad := apiError("bad-request", 400)
		r.site.fault = once("begin", "d/a", bad)
		ignore := func(q *backend.TransferRequest) { q.Ignore = []string{"*.tmp"} }
		r.start()
		id := r.up("d", "plain", ignore)
		if j := r.end(id); j.Links != 2 || j.FilesTotal != 2 {
			t.Errorf("got %+v", j)
		}
		r.restart()
		if j := r.job(id); j.Links != 2 {
			t.Errorf("after a restart: %+v", j)
		}
		follow := func(q *backend.TransferRequest) { q.FollowLinks = true }
		if j := r.done(r.up("d", "followed", ignore, follow)); j.Links != 1 { // the one that goes round
			t.Errorf("got %+v", j)
		}
	})
}

// A journal that loses something is said at once, also when nothing else
// happens.
func TestALostWriteOfTheJournalIsSaid(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		e := r.start()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		snaps := e.Subscribe(ctx)
		if s := <-snaps; s.Unkept != nil {
			t.Errorf("got %v", s.Unkept)
		}
		e.journal.put(op{do: func(*sql.Tx) error { return errors.New("the disk is full") }})
		for s := range snaps {
			if s.Unkept == nil {
				continue
			}
			if !errors.Is(s.Unkept, backend.ClassLocalDisk) {
				t.Errorf("got %v", s.Unkept)
			}
			return
		}
		t.Error("nothing was said")
	})
}

// A move whose login is refused while it takes the emptied folders away goes on
// after the next login.
func TestASweepGoesOnAfterALogin(t *testing.T) {
	reset := &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "no route"}
	for name, refusal := range map[string]error{
		"login": apiError("not-authenticated/invalid-session", 401), "connection": reset,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.put("d/a", noise(1, 10), stampTime)
				r.site.put("d/s/b", noise(1, 10), stampTime)
				r.site.put("d/t/u/c", noise(1, 10), stampTime)
				folders := 0
				r.site.fault = func(op, arg string, _ int) error {
					if op != "delete" || arg != "d" && arg != "d/s" && arg != "d/t" && arg != "d/t/u" {
						return nil
					}
					if folders++; folders == 2 {
						return refusal
					}
					return nil
				}
				r.start()
				id := r.down("d", "in", func(q *backend.TransferRequest) { q.Move = true })
				if name == "login" {
					r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
					if s := r.e.Snapshot(); s.Refused == nil {
						t.Errorf("got %+v", s)
					}
					r.e.Unpark()
				}
				r.done(id)
				if _, ok := r.site.content("d"); ok {
					t.Error("the emptied folder is still there")
				}
			})
		})
	}
}
