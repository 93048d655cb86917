package transfer

import (
	"errors"
	"os"
	"testing"
	"time"

	"ferry/backend"
)

// A comparison on demand waits for a site that cannot be reached, pushes back or
// ends the session, like a transfer; none of that says anything of the files.
func TestAComparisonOnDemandWaitsForTheSite(t *testing.T) {
	down := &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "no route"}
	for _, c := range []struct {
		name   string
		err    error
		parked bool // until it is better, else only put off
	}{
		{"no connection", down, true},
		{"a storm", apiError("rate-limited/too-many-requests", 429), true},
		{"a failure of the site", apiError("api", 500), false},
		{"no session", apiError("not-authenticated/invalid-session", 401), true},
	} {
		for _, direction := range []backend.Direction{backend.Upload, backend.Download} {
			t.Run(c.name, func(t *testing.T) {
				bubble(t, func(r *rig) {
					r.cfg.Limits.Archives = -1
					var id backend.JobID
					if direction == backend.Upload {
						r.write("d/a", []byte("a"))
						r.write("d/b", []byte("b"))
						r.start()
						id = r.up("d", "x")
					} else {
						r.site.put("d/a", []byte("a"), stampTime)
						r.site.put("d/b", []byte("b"), stampTime)
						r.start()
						id = r.down("d", "in")
					}
					r.done(id)
					bad := true
					r.site.fault = func(op, _ string, _ int) error {
						if bad && (op == "find" || op == "list") {
							return c.err
						}
						return nil
					}
					r.e.Verify(id)
					if c.parked {
						r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
					} else {
						r.until(id, "put off", func(j backend.JobSnapshot) bool {
							return len(j.Items) > 0 && errors.Is(j.Items[0].Err, backend.AsError(c.err))
						})
					}
					r.site.hooks.Lock()
					bad = false
					r.site.hooks.Unlock()
					r.e.Unpark()
					if j := r.done(id); j.FilesDone != 2 || j.FilesFailed != 0 || j.Verified != backend.Verified {
						t.Errorf("got %+v", j)
					}
				})
			})
		}
	}
}

// A site that cannot be asked about one file for good fails its comparison, and
// nothing is moved.
func TestAComparisonOnDemandEnds(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("f", []byte("a"))
		r.start()
		id := r.up("f", "x")
		r.done(id)
		puts, finds := r.site.count("put"), r.site.count("find")
		r.site.fault = func(op, _ string, _ int) error {
			if op == "find" {
				return apiError("api", 500)
			}
			return nil
		}
		r.e.Verify(id)
		r.until(id, "checked again", func(j backend.JobSnapshot) bool { return j.Checking && j.State == backend.JobRunning })
		if j := r.end(id); j.State != backend.JobFailed || j.FilesFailed != 1 || j.Checking {
			t.Errorf("got %+v", j)
		}
		if n := r.site.count("find") - finds; n != triesOf {
			t.Errorf("asked %d times, want %d", n, triesOf)
		}
		r.site.fault = nil
		r.e.Retry(id)
		if j := r.done(id); j.Verified != backend.Verified {
			t.Errorf("got %+v", j)
		}
		if n := r.site.count("put"); n != puts {
			t.Errorf("%d parts were sent", n-puts)
		}
	})
}

// What a move has kept, because nothing had proven its arrival, is compared.
func TestAComparisonOnDemandOfWhatAMoveKept(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.noSums, r.site.opaque = true, true
		r.write("d/a", []byte("a"))
		r.start()
		id := r.up("d", "x", move)
		if j := r.done(id); j.Verified != backend.SizeOnly {
			t.Fatalf("got %+v", j)
		}
		r.site.mu.Lock()
		r.site.noSums = false
		r.site.mu.Unlock()
		r.e.Verify(id)
		if j := r.done(id); j.Verified != backend.Verified || j.FilesDone != 1 {
			t.Errorf("got %+v", j)
		}
		r.entry("d/a")
	})
}

// Of what was moved there is nothing left to compare with: it stays as proven as
// it was.
func TestAComparisonOnDemandOfAMove(t *testing.T) {
	for _, direction := range []backend.Direction{backend.Upload, backend.Download} {
		bubble(t, func(r *rig) {
			var id backend.JobID
			if direction == backend.Upload {
				r.write("d/a", []byte("a"))
				r.start()
				id = r.up("d", "x", move)
			} else {
				r.site.put("d/a", []byte("a"), stampTime)
				r.start()
				id = r.down("d", "in", move)
			}
			r.done(id)
			r.e.Verify(id)
			j := r.done(id)
			if j.FilesDone != 1 || j.BytesDone != 1 || j.FilesFailed != 0 || j.Verified != backend.Verified {
				t.Errorf("got %+v", j)
			}
			if _, err := os.Stat(r.path("d/a")); direction == backend.Upload && err == nil {
				t.Error("the source is back")
			}
		})
	}
}

// A move deletes no source whose arrival nothing has proven, and says so: neither
// of a storage that has no checksums, nor where they do not come in time.
func TestAMoveKeepsWhatIsNotProven(t *testing.T) {
	for _, direction := range []backend.Direction{backend.Upload, backend.Download} {
		for _, mounted := range []bool{true, false} {
			bubble(t, func(r *rig) {
				r.site.noSums, r.site.opaque = true, true
				r.write("d/a", []byte("a"))
				r.site.put("x/d/a", []byte("a"), stampTime)
				if mounted {
					for _, f := range r.site.files {
						f.entry.Created = time.Time{}
					}
				}
				var said string
				r.start().Observe(func(_ backend.JobID, i backend.ItemSnapshot) { said = i.Note })
				var id backend.JobID
				if direction == backend.Upload {
					id = r.up("d", "y", move)
				} else {
					id = r.down("x/d", "in", move)
				}
				if j := r.done(id); j.Verified != backend.SizeOnly || said == "" {
					t.Errorf("said %q: %+v", said, j)
				}
				r.entry("d/a")
				r.remote("x/d/a")
			})
		}
	}
}
