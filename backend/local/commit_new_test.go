//go:build linux || darwin

package local

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ferry/backend"
)

// What somebody puts under the name of a finished file after it was looked for
// stays, and so does the finished file.
func TestCommitReplacesNothingThatCameMeanwhile(t *testing.T) {
	root, s := t.TempDir(), New()
	move := s.move
	s.move = func(r *os.Root, from, to string) error {
		if err := r.WriteFile(to, []byte("theirs"), 0o666); err != nil {
			t.Fatal(err)
		}
		return move(r, from, to)
	}
	f, err := s.OpenPartialIn(root, "x.part")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("ours"); err != nil {
		t.Fatal(err)
	}
	if e := backend.AsError(s.CommitIn(f, root, "x.part", "x", time.Time{}, false)); e == nil || e.Type != TypeExists {
		t.Errorf("got %v", e)
	}
	for name, want := range map[string]string{"x": "theirs", "x.part": "ours"} {
		if got, err := os.ReadFile(filepath.Join(root, name)); string(got) != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// Where the disk cannot look and rename in one step, the file gets its name all
// the same; where it fails, nothing has moved.
func TestMoveNew(t *testing.T) {
	dir := t.TempDir()
	r, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.MkdirAll("sub/deep", 0o777); err != nil {
		t.Fatal(err)
	}
	refusal := func(err error) func(int, string, int, string) error {
		return func(int, string, int, string) error { return err }
	}
	for name, c := range map[string]struct {
		rename func(int, string, int, string) error
		taken  bool
		want   error
	}{
		"free":             {renameNew, false, nil},
		"taken":            {renameNew, true, fs.ErrExist},
		"old disk":         {refusal(unix.EINVAL), false, nil},
		"other disk":       {refusal(unix.ENOTSUP), false, nil},
		"old kernel":       {refusal(unix.ENOSYS), false, nil},
		"call not allowed": {refusal(unix.EPERM), false, nil},
		"a failing disk":   {refusal(unix.EIO), false, unix.EIO},
		"full":             {refusal(unix.ENOSPC), false, unix.ENOSPC},
	} {
		from, to := "sub/"+name+".part", "sub/deep/"+name
		if err := r.WriteFile(from, []byte("new"), 0o666); err != nil {
			t.Fatal(err)
		}
		if c.taken {
			if err := r.WriteFile(to, []byte("old"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if err := moveBy(c.rename, r, from, to); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		old, newer := "new", "" // what the two names hold
		if c.want == nil {
			old, newer = "", "new"
		}
		if c.taken {
			newer = "old"
		}
		for name, want := range map[string]string{from: old, to: newer} {
			if got, err := r.ReadFile(name); string(got) != want || (want == "") != errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	}
}
