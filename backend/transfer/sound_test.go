package transfer

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

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

// Small files whose checksums the site computes after they have come are compared
// all the same, with few requests; one that is damaged comes again.
func TestChecksumsThatComeAfterwards(t *testing.T) {
	const files = 40
	late := func(r *rig) {
		r.cfg.Limits.Archives = -1
		for i := range files {
			r.site.put(fmt.Sprintf("d/%02d", i), noise(uint64(i), 2000), stampTime)
		}
		r.site.lateSums = 1 << 40
		r.site.put("keep", nil, stampTime)
		r.site.fault = func(op, _ string, n int) error {
			if op == "list" && n == 3 { // the first plans, the second finds nothing
				r.site.lateSums = 0
			}
			return nil
		}
	}
	t.Run("verified", func(t *testing.T) {
		bubble(t, func(r *rig) {
			late(r)
			damaged := false
			r.site.mangle = func(path string, _ int64, b []byte) []byte {
				if path == "d/07" && !damaged {
					damaged = true
					b[3] ^= 1
				}
				return b
			}
			r.start()
			id := r.down("d", "in", func(q *backend.TransferRequest) { q.Move = true })
			if j := r.done(id); j.Verified != backend.Verified || j.VerifiedBy != "MD5" {
				t.Errorf("got %+v", j)
			}
			if n := r.site.count("list") + r.site.count("find"); n > 6 {
				t.Errorf("%d looks for %d files", n, files)
			}
			if got := r.files("in"); len(got) != files {
				t.Errorf("there is %v", got)
			}
			if b, err := os.ReadFile(r.path("in/d/07")); err != nil || !bytes.Equal(b, noise(7, 2000)) {
				t.Error("the damaged file did not come again")
			}
			if _, ok := r.site.content("d/03"); ok {
				t.Error("the source of a verified move is still there")
			}
		})
	})
	t.Run("over a restart", func(t *testing.T) {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			late(r)
			r.start()
			id := r.down("d", "in")
			r.until(id, "all there", func(j backend.JobSnapshot) bool { return !j.Scanning && j.BytesDone == files*2000 })
			r.restart()
			ranges := r.site.count("range")
			r.e.Resume(id)
			if j := r.done(id); j.Verified != backend.Verified {
				t.Errorf("got %+v", j)
			}
			if n := r.site.count("range"); n != ranges {
				t.Errorf("%d files came again", n-ranges)
			}
		})
	})
	t.Run("in a hurry", func(t *testing.T) {
		bubble(t, func(r *rig) {
			late(r)
			r.start()
			before := time.Now()
			id := r.down("d", "in", func(q *backend.TransferRequest) { q.NoWait = true })
			if j := r.done(id); j.Verified != backend.SizeOnly || time.Since(before) > lateWait(0) {
				t.Errorf("after %v got %+v", time.Since(before), j)
			}
		})
	})
	t.Run("of a mounted storage", func(t *testing.T) {
		bubble(t, func(r *rig) {
			late(r)
			for _, f := range r.site.files {
				f.entry.Created = time.Time{}
			}
			r.start()
			before := time.Now()
			if j := r.done(r.down("d", "in")); j.Verified != backend.SizeOnly || time.Since(before) > lateWait(0) {
				t.Errorf("after %v got %+v", time.Since(before), j)
			}
		})
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
