package transfer

import (
	"fmt"
	"strings"
	"testing"

	"ferry/backend"
	"ferry/pathutil"
)

// What is taken away on the site while its checksum is waited for, as from an inbox
// that is emptied, has arrived with the right length, and that it is gone is said;
// it speaks against no other file of the site.
func TestWhatIsGoneBeforeItsChecksumComes(t *testing.T) {
	for _, up := range []bool{true, false} {
		for _, files := range []int{1, listFrom + 1} { // asked for one by one, and by a listing
			bubble(t, func(r *rig) {
				r.cfg.Limits.Archives = -1
				r.site.opaque, r.site.lateSums = true, 1000
				moved, on, dir := "end", "in/d", "in"
				for n := range files {
					name := fmt.Sprintf("d/%d", n)
					if up {
						r.write(name, noise(uint64(n), 9))
					} else {
						moved, on = "range", "d"
						r.site.put(name, noise(uint64(n), 9), stampTime)
						r.site.files[name].looks = 0
					}
				}
				r.site.fault = func(op, _ string, _ int) error {
					r.site.mu.Lock()
					defer r.site.mu.Unlock()
					if (op == "find" || op == "list") && r.site.counts[moved] == files {
						for n := range files {
							delete(r.site.files, pathutil.Fold(fmt.Sprintf("%s/%d", on, n)))
						}
					}
					return nil
				}
				said := 0
				r.start().Observe(func(_ backend.JobID, i backend.ItemSnapshot) {
					if strings.Contains(i.Note, "no longer on the site") {
						said++
					}
				})
				var id backend.JobID
				if up {
					id = r.up("d", dir)
				} else {
					id = r.down("d", dir)
				}
				if j := r.done(id); j.Verified != backend.SizeOnly || j.FilesDone != files || said != files {
					t.Errorf("up %v: told of %d: %+v", up, said, j)
				}
				r.site.mu.Lock()
				r.site.fault, r.site.lateSums = nil, 3
				r.site.mu.Unlock()
				r.write("other", []byte("o"))
				if j := r.done(r.up("other", "")); j.Verified != backend.Verified {
					t.Errorf("up %v: the next one: %+v", up, j)
				}
			})
		}
	}
}
