package transfer

import (
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"

	"ferry/backend"
)

// What an earlier run of the same command has brought is looked at again: what is
// gone, or another by now, is moved as if it never had been, and nothing else is.
func TestTheSameCommandLooksAtWhatItHasBrought(t *testing.T) {
	for _, up := range []bool{true, false} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir, r.cfg.Sparing = r.path("state"), true
			names := []string{"t/a", "t/b", "t/c", "t/d/e", "t/d/f", "t/bad"}
			req := backend.TransferRequest{Direction: backend.Upload, Target: backend.Location{Side: backend.Remote, Path: "in"}, Conflict: backend.Overwrite}
			refused, counted := "begin", "put"
			if up {
				for n, name := range names {
					r.write(name, noise(uint64(n), 9))
				}
				req.Sources = []backend.Entry{r.entry("t")}
			} else {
				for n, name := range names {
					r.site.put(name, noise(uint64(n), 9), stampTime)
				}
				if err := os.MkdirAll(r.path("in"), 0o755); err != nil {
					t.Fatal(err)
				}
				req.Direction, req.Sources, req.Target = backend.Download, []backend.Entry{r.remote("t")}, backend.Location{Side: backend.Local, Path: r.path("in")}
				refused, counted = "range", "range"
			}
			bad := func(op, arg string, _ int) error {
				if op == refused && arg[max(len(arg)-3, 0):] == "bad" {
					return apiError("bad-request", 400)
				}
				return nil
			}
			r.site.fault = bad
			id, _, err := r.start().AddAgain(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if j := r.end(id); j.FilesDone != 5 || j.FilesFailed != 1 {
				t.Fatalf("got %+v", j)
			}
			r.close()

			change := func(name string, data []byte, at time.Time) {
				t.Helper()
				if up {
					r.site.put("in/"+name, data, at)
					return
				}
				r.write("in/"+name, data)
				if err := os.Chtimes(r.path("in/"+name), at, at); err != nil {
					t.Fatal(err)
				}
			}
			change("t/a", noise(77, 10), stampTime)                // another size
			change("t/b", noise(78, 9), stampTime.Add(-time.Hour)) // another time
			if up {
				for _, gone := range []string{"in/t/d/e", "in/t/d/f", "in/t/d"} {
					if err := r.site.Delete(t.Context(), gone, false); err != nil {
						t.Fatal(err)
					}
				}
			} else if err := os.RemoveAll(r.path("in/t/d")); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			// Stopped while it looks, and given again: it has forgotten nothing. No
			// look succeeds, not even the one that finds a folder gone and makes it
			// anew: what had been in it would be moved, and be known as moved.
			r.site.fault = func(op, arg string, n int) error {
				if op == "list" || op == "find" || op == "mkdir" {
					return apiError("service-unavailable", 503)
				}
				return bad(op, arg, n)
			}
			looks := r.site.count("list")
			if up {
				if _, found, err := r.start().AddAgain(t.Context(), req); !found || err != nil {
					t.Fatal(found, err)
				}
				r.until(id, "a failed look", func(backend.JobSnapshot) bool { return r.site.count("list") > looks })
				r.close()
			}

			r.site.fault = nil
			before := r.site.count(counted)
			if _, found, err := r.start().AddAgain(t.Context(), req); !found || err != nil {
				t.Fatal(found, err)
			}
			j := r.done(id)
			if n := r.site.count(counted) - before; n != 5 { // all but c
				t.Errorf("up %v: %d files moved again", up, n)
			}
			if j.FilesDone != 6 || j.FilesTotal != 6 || j.FilesBefore != 1 || j.BytesBefore != 9 || j.Verified != backend.Verified {
				t.Errorf("up %v: %+v", up, j)
			}
			for _, name := range names {
				if up {
					r.sameOnSite(name, "in/"+name)
				} else {
					r.sameOnDisk(name, "in/"+name)
				}
			}
		})
	}
}
