//go:build unix

package server

import (
	"context"
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
	next := made()
	ended, end := context.WithCancel(t.Context())
	end()
	if err := next.sweepKilled(ended); !errors.Is(err, context.Canceled) {
		t.Error("a sweep that shall end:", err)
	}
	if left, err := os.ReadDir(killed.dir); err != nil || len(left) != 2 {
		t.Error("it has not left the lock and the content to the next one:", left, err)
	}
	if err := errors.Join(next.sweepKilled(t.Context()), next.close()); err != nil {
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

// The first upload to a site in memory has it clear up behind the killed, in
// the background.
func TestTheFirstUploadSweepsBehindTheKilled(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	killed, err := newContentStore("")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := killed.folder()
	if err := errors.Join(err, killed.held.Close()); err != nil { // as the end of its process does
		t.Fatal(err)
	}
	x := openSite(t, Options{World: "empty"})
	x.upload("a.txt", "text").want(201)
	until(t, "the sweep", func() bool {
		_, err := os.Stat(dir)
		return errors.Is(err, fs.ErrNotExist)
	})
}
