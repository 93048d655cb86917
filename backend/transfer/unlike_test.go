package transfer

import (
	"errors"
	"os"
	"testing"
	"time"

	"ferry/backend"
)

// What a comparison on demand has found gone, or another than its source, is moved
// when it is tried again; a person is asked about what stands there by now, whatever
// the transfer does with existing files.
func TestWhatAComparisonFindsUnlikeIsMovedAgain(t *testing.T) {
	for _, up := range []bool{true, false} {
		for _, p := range []backend.Conflict{backend.Overwrite, backend.Skip} {
			bubble(t, func(r *rig) {
				r.cfg.Limits.Archives = -1
				names := []string{"d/same", "d/gone", "d/longer", "d/damaged", "d/sub/gone"}
				counted := "begin"
				var id backend.JobID
				if up {
					for n, name := range names {
						r.write(name, noise(uint64(n), 9))
					}
					r.start()
					id = r.up("d", "in", policy(p))
				} else {
					counted = "range"
					for n, name := range names {
						r.site.put(name, noise(uint64(n), 9), stampTime)
					}
					r.start()
					id = r.down("d", "in", policy(p))
				}
				r.done(id)
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
				change("d/longer", noise(77, 12), stampTime.Add(time.Hour))
				change("d/damaged", noise(78, 9), stampTime)
				for _, gone := range []string{"in/d/gone", "in/d/sub/gone", "in/d/sub"} {
					var err error
					if up {
						err = r.site.Delete(t.Context(), gone, false)
					} else {
						err = os.Remove(r.path(gone))
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				r.e.Verify(id)
				if j := r.end(id); j.FilesFailed != 4 || j.FilesDone != 1 || j.Verified != backend.Mismatch {
					t.Fatalf("up %v: %+v", up, j)
				}
				differ := 0
				for _, it := range r.e.Snapshot().Jobs[0].Items {
					if errors.Is(it.Err, backend.ClassUnlike) && !errors.Is(it.Err, backend.ClassChecksumMismatch) {
						differ++
					}
				}
				if differ != 2 {
					t.Errorf("up %v: of %d files it is said that they differ from their sources", up, differ)
				}
				before := r.site.count(counted)
				r.e.Retry(id)
				j := r.until(id, "asked", func(j backend.JobSnapshot) bool { return j.Asking == 2 && j.FilesDone == 3 })
				if n := r.site.count(counted) - before; n != 2 || j.FilesFailed != 0 {
					t.Errorf("up %v: %d were moved: %+v", up, n, j)
				}
				r.e.Resolve(id, 0, backend.Overwrite, true)
				if j := r.done(id); j.FilesDone != 5 || j.Verified != backend.Verified || r.site.count(counted)-before != 4 {
					t.Errorf("up %v: %d were moved: %+v", up, r.site.count(counted)-before, j)
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
}

// While a file that is not its source is among the failed ones, its transfer says so,
// after a restart and when the others are compared once more.
func TestAMismatchIsToldAsLongAsItFails(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("d/damaged", noise(1, 9))
		r.write("d/same", noise(2, 9))
		r.start()
		id := r.up("d", "in")
		r.done(id)
		r.site.put("in/d/damaged", noise(3, 9), stampTime)
		r.e.Verify(id)
		j := r.end(id)
		by := j.VerifiedBy
		if j.FilesFailed != 1 || j.Verified != backend.Mismatch || by == "" {
			t.Fatalf("got %+v", j)
		}
		r.restart()
		if j := r.end(id); j.FilesFailed != 1 || j.Verified != backend.Mismatch || j.VerifiedBy != by {
			t.Errorf("after a restart, by %s before: %+v", by, j)
		}
		r.e.Verify(id)
		if j := r.end(id); j.FilesFailed != 1 || j.FilesDone != 1 || j.Verified != backend.Mismatch {
			t.Errorf("compared once more: %+v", j)
		}
	})
}

// What a comparison has found is not forgotten with a restart: it is moved, and asked
// about, as before, also when all questions had been answered.
func TestWhatAComparisonFindsOutlivesARestart(t *testing.T) {
	for n, p := range []backend.Conflict{backend.Ask, backend.Ask, backend.Overwrite, backend.Skip} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			if p == backend.Ask { // and it was answered, for all
				r.site.put("in/d/damaged", noise(4, 9), stampTime.Add(time.Minute))
			}
			r.write("d/damaged", noise(1, 9))
			r.write("d/gone", noise(2, 9))
			r.start()
			id := r.up("d", "in", policy(p))
			if p == backend.Ask {
				r.until(id, "the question", func(j backend.JobSnapshot) bool { return j.Asking == 1 })
				r.e.Resolve(id, 0, backend.Overwrite, true)
			}
			r.done(id)
			r.site.put("in/d/damaged", noise(3, 12), stampTime.Add(time.Hour))
			if err := r.site.Delete(t.Context(), "in/d/gone", false); err != nil {
				t.Fatal(err)
			}
			r.e.Verify(id)
			r.end(id)
			if n > 0 {
				r.restart()
			}
			r.e.Retry(id)
			j := r.until(id, "an end", func(j backend.JobSnapshot) bool { return j.State.Ended() || j.Asking > 0 && j.FilesDone > 0 })
			if j.Asking != 1 || j.FilesDone != 1 {
				t.Fatalf("%v: %+v", p, j)
			}
			r.e.Resolve(id, 0, backend.Overwrite, true)
			if j := r.done(id); j.FilesDone != 2 || j.Verified != backend.Verified {
				t.Errorf("%v: %+v", p, j)
			}
			r.sameOnSite("d/damaged", "in/d/damaged")
			r.sameOnSite("d/gone", "in/d/gone")
		})
	}
}
