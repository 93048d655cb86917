package transfer

import (
	"os"
	"path/filepath"
	"testing"

	"ferry/backend"
)

// What a power loss or another program has done to a partial between two runs
// does not get into the file, even when the site has no checksum to tell.
func TestDamagedPartialIsMended(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.noSums = true
		r.site.delay = 1e9
		r.site.put("f.bin", noise(1, 6*rangeSize), stampTime)
		if err := os.MkdirAll(r.path("in"), 0o755); err != nil {
			t.Fatal(err)
		}
		r.start()
		id := r.down("f.bin", "in")
		r.until(id, "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 3*rangeSize })
		r.close()
		before := r.site.count("range")

		partials, err := filepath.Glob(r.path("in/.*.ferry-part"))
		if err != nil || len(partials) != 1 {
			t.Fatal(partials, err)
		}
		f, err := os.OpenFile(partials[0], os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt(make([]byte, 4096), rangeSize+100); err != nil { // as a lost page comes back
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		r.start()
		r.e.Resume(id)
		r.done(id)
		r.sameOnDisk("f.bin", "in/f.bin")
		// Three ranges were missing or in flight, and one was damaged.
		if n := r.site.count("range") - before; n > 4 {
			t.Errorf("%d ranges came again", n)
		}
	})
}

// A checksum that the site computes while a large file comes is compared.
func TestChecksumsThatComeMeanwhile(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.put("f.bin", noise(1, wholeFile+1), stampTime)
		r.site.lateSums = 2 // looks at a file before they are there
		r.start()
		if err := os.MkdirAll(r.path("in"), 0o755); err != nil {
			t.Fatal(err)
		}
		if j := r.done(r.down("f.bin", "in")); j.Verified != backend.Verified {
			t.Errorf("got %+v", j)
		}
	})
}
