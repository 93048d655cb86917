package local

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

// A finished file is on the disk before it has its name, and its name before
// anybody is told; what cannot be flushed gets none.
func TestAFileIsFlushedBeforeItsName(t *testing.T) {
	for name, replace := range map[string]bool{"new": false, "over another": true} {
		t.Run(name, func(t *testing.T) {
			root, s := t.TempDir(), New()
			old := ""
			if replace {
				old = "old"
				if err := os.WriteFile(filepath.Join(root, "x"), []byte(old), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			var failure error
			var flushed []string // what, and what could be seen then
			s.flush.one = func(f *os.File) error {
				seen, err := os.ReadFile(filepath.Join(root, "x"))
				if err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Error(err)
				}
				what := "folder"
				if strings.HasSuffix(f.Name(), "x.part") {
					what = "file"
				}
				flushed = append(flushed, what+", while x is "+string(seen))
				return failure
			}
			commit := func() error {
				f, err := s.OpenPartialIn(root, "x.part")
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.WriteString("whole"); err != nil {
					t.Fatal(err)
				}
				return s.CommitIn(f, root, "x.part", "x", time.Time{}, replace)
			}

			failure = &os.PathError{Op: "sync", Path: "x.part", Err: os.ErrDeadlineExceeded}
			if e := backend.AsError(commit()); e == nil || e.Group != backend.LocalDisk {
				t.Errorf("a disk that fails: %v", e)
			}
			if got, err := os.ReadFile(filepath.Join(root, "x")); string(got) != old || err == nil != replace {
				t.Errorf("x holds %q, %v", got, err)
			}
			flushed, failure = nil, nil
			if err := commit(); err != nil {
				t.Fatal(err)
			}
			want := []string{"file, while x is " + old, "folder, while x is whole"}
			if runtime.GOOS == "windows" { // flushes no folders
				want = want[:1]
			}
			if !slices.Equal(flushed, want) {
				t.Errorf("flushed %q, want %q", flushed, want)
			}
		})
	}
}

// Files that are finished while a flush runs share the next one, and each learns
// what became of it.
func TestFlushesAreShared(t *testing.T) {
	f, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, ok := volumeOf(f); !ok {
		return // files are flushed one by one here
	}
	failed := errors.New("failed")
	running, goOn := make(chan struct{}), make(chan struct{})
	one, all := 0, 0
	s := flusher{
		one:    func(*os.File) error { one++; close(running); <-goOn; return nil },
		volume: func(*os.File) error { all++; return failed },
	}
	first, others := make(chan error), make(chan error)
	go func() { first <- s.sync(f) }()
	<-running
	for range 3 {
		go func() { others <- s.sync(f) }()
	}
	for waiting := 0; waiting < 3; runtime.Gosched() {
		s.mu.Lock()
		for _, l := range s.lanes {
			waiting = len(l.waiting)
		}
		s.mu.Unlock()
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Error(err)
	}
	for range 3 {
		if err := <-others; !errors.Is(err, failed) {
			t.Errorf("got %v", err)
		}
	}
	if one != 1 || all != 1 {
		t.Errorf("%d flushes of files, %d of the volume", one, all)
	}
}
