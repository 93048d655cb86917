//go:build unix

package server

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// The folder of a process that was killed is taken away by the next one, that of
// one that lives is not, and one that cannot be told stays.
func TestTemporaryContentOfTheKilledIsSwept(t *testing.T) {
	tmp := filepath.Join(t.TempDir(), "[not a pattern]")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", tmp)
	made := func() *contentStore {
		t.Helper()
		s, err := newContentStore("")
		if err != nil {
			t.Fatal(err)
		}
		f, err := s.create()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.finish(f); err != nil {
			t.Fatal(err)
		}
		return s
	}
	killed, living := made(), made()
	unknown := filepath.Join(tmp, tempPrefix+"1")
	if err := os.Mkdir(unknown, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := killed.held.Close(); err != nil { // as the end of its process does
		t.Fatal(err)
	}
	if err := made().close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(killed.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("what the killed one had is there:", err)
	}
	for _, dir := range []string{living.dir, unknown} {
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
	}
	if err := living.close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) != 1 {
		t.Error("left:", left, err)
	}
}
