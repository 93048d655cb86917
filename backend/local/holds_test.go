package local_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"ferry/backend/local"
)

// What Holds says of case is what happens to two files, and it leaves nothing
// behind.
func TestHolds(t *testing.T) {
	dir := t.TempDir()
	fs := local.New()
	empty, err := fs.Holds(context.Background(), dir)
	if left, rerr := os.ReadDir(dir); err != nil || rerr != nil || len(left) > 0 {
		t.Fatalf("%v, %v; left %v", err, rerr, left)
	}
	write(t, filepath.Join(dir, "name"), "a")
	full, err := fs.Holds(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	missing, err := fs.Holds(context.Background(), filepath.Join(dir, "not", "there"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = os.Stat(filepath.Join(dir, "NAME"))
	if ignores := err == nil; empty.IgnoresCase != ignores || full != empty || missing != empty || full.System != runtime.GOOS {
		t.Errorf("case ignored: %v; said %+v, %+v, %+v", ignores, empty, full, missing)
	}
	if !full.IgnoresCase {
		// Two names of one file do not make a disk that ignores case.
		if err := os.Link(filepath.Join(dir, "name"), filepath.Join(dir, "NAME")); err != nil {
			t.Fatal(err)
		}
		if h, err := fs.Holds(context.Background(), dir); err != nil || h.IgnoresCase {
			t.Errorf("%+v, %v", h, err)
		}
	}
}
