package local

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"ferry/backend"
)

// isTaken tells whether somebody else has a partial.
func isTaken(err error) bool {
	e := backend.AsError(err)
	return e != nil && e.Type == backend.TypePartialTaken && e.Group == backend.LocalDisk
}

// content is what stands under a name, "" when nothing does.
func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(b)
}

// holder is what a test runs as another program: it opens a partial, writes into
// it and waits for its end.
const holder = "FERRY_TEST_HOLDER"

func TestMain(m *testing.M) {
	root := os.Getenv(holder)
	if root == "" {
		os.Exit(m.Run())
	}
	f, err := New().OpenPartialIn(root, "x.part")
	if err == nil {
		_, err = f.WriteString("theirs")
	}
	if err != nil {
		os.Exit(1)
	}
	os.Stdout.WriteString("open\n")
	os.Stdin.Read(make([]byte, 1)) // until the test ends
	os.Exit(0)
}

// What another program downloads into is neither opened nor removed. When the
// program is killed it can be gone on with.
func TestAPartialOfAnotherProgram(t *testing.T) {
	root, s := t.TempDir(), New()
	other := exec.CommandContext(t.Context(), os.Args[0])
	other.Env = append(os.Environ(), holder+"="+root)
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || said != "open\n" {
		t.Fatalf("%q, %v", said, err)
	}
	if f, err := s.OpenPartialIn(root, "x.part"); !isTaken(err) {
		t.Errorf("%v, %v", f, err)
	}
	if err := s.RemovePartialIn(root, "x.part"); err != nil {
		t.Error(err)
	}
	if got := content(t, filepath.Join(root, "x.part")); got != "theirs" {
		t.Errorf("there is %q", got)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // it was killed
	f, err := s.OpenPartialIn(root, "x.part")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := content(t, filepath.Join(root, "x.part")); got != "theirs" {
		t.Errorf("there is %q", got)
	}
}

// A partial is its owner's until it has its name, or another one, or is closed.
func TestAPartialHasOneOwner(t *testing.T) {
	root, s, other := t.TempDir(), New(), New()
	open := func() *os.File {
		t.Helper()
		f, err := s.OpenPartialIn(root, "x.part")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := open()
	if _, err := other.OpenPartialIn(root, "x.part"); !isTaken(err) {
		t.Errorf("while it is open: %v", err)
	}
	if err := other.RemovePartialIn(root, "x.part"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(root, "x.part")); err != nil {
		t.Errorf("it was removed: %v", err)
	}
	var flushing error
	s.flush.one = func(d *os.File) error {
		if d == f {
			_, flushing = other.OpenPartialIn(root, "x.part")
		}
		return nil
	}
	if err := s.CommitIn(f, root, "x.part", "x", time.Time{}, false); err != nil {
		t.Fatal(err)
	}
	if !isTaken(flushing) {
		t.Errorf("while it is flushed: %v", flushing)
	}
	f = open()
	if err := s.SetAsideIn(f, root, "x.part", "x.aside"); err != nil {
		t.Fatal(err)
	}
	f = open()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := other.RemovePartialIn(root, "x.part"); err != nil {
		t.Error(err)
	}
	if err := other.RemovePartialIn(root, "x.part"); err != nil {
		t.Errorf("a missing one: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(root, "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("there are %v, %v", left, err)
	}
}

// Who comes to a partial in the moment in which it gets its name opens a new one,
// and neither writes into nor removes what has been finished.
func TestAPartialThatIsFinishedMeanwhile(t *testing.T) {
	for _, next := range []string{"", "next"} { // what stands under the name then
		root, s := t.TempDir(), New()
		part, whole := filepath.Join(root, "x.part"), filepath.Join(root, "x")
		finish := func() {
			s.lock = lock
			if err := os.Rename(part, whole); err != nil {
				t.Fatal(err)
			}
			if next != "" {
				if err := os.WriteFile(part, []byte(next), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
		meanwhile := func(f *os.File) error {
			finish()
			return lock(f)
		}
		if err := os.WriteFile(part, []byte("whole"), 0o666); err != nil {
			t.Fatal(err)
		}
		s.lock = meanwhile
		f, err := s.OpenPartialIn(root, "x.part")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("NEXT"); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if got := content(t, whole); got != "whole" {
			t.Errorf("%q: what was finished holds %q", next, got)
		}
		if got := content(t, part); len(got) != 4 {
			t.Errorf("%q: the new one holds %q", next, got)
		}
		s.lock = meanwhile
		if err := s.RemovePartialIn(root, "x.part"); err != nil {
			t.Error(err)
		}
		if whole, part := content(t, whole), content(t, part); len(whole) != 4 || part != "" {
			t.Errorf("%q: removed: finished %q, left %q", next, whole, part)
		}
	}
}

// Where nothing can be locked it goes without; a partial that is another one each
// time is given up.
func TestAPartialOnADiskWithoutLocks(t *testing.T) {
	root, s := t.TempDir(), New()
	s.lock = func(*os.File) error { return errors.ErrUnsupported }
	for range 2 {
		f, err := s.OpenPartialIn(root, "x.part")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
	}
	if err := s.RemovePartialIn(root, "x.part"); err != nil || content(t, filepath.Join(root, "x.part")) != "" {
		t.Error(err)
	}
	s.lock = func(*os.File) error { return os.Remove(filepath.Join(root, "x.part")) }
	if f, err := s.OpenPartialIn(root, "x.part"); !isTaken(err) {
		t.Errorf("%v, %v", f, err)
	}
}

// While a partial gets its name nobody can begin it anew; Windows has to close it
// before.
func TestAPartialIsHeldUntilItHasItsName(t *testing.T) {
	root, s := t.TempDir(), New()
	var renaming error
	move := s.move
	s.move = func(r *os.Root, from, to string) error {
		_, renaming = New().OpenPartialIn(root, "x.part")
		return move(r, from, to)
	}
	f, err := s.OpenPartialIn(root, "x.part")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CommitIn(f, root, "x.part", "x", time.Time{}, false); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && !isTaken(renaming) {
		t.Errorf("got %v", renaming)
	}
	if _, err := f.Stat(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("it was left open: %v", err)
	}
}

// Who takes away what is no longer there does not take away what another one begins
// in that moment.
func TestRemovingNothingTakesNothing(t *testing.T) {
	root, s := t.TempDir(), New()
	over := make(chan struct{})
	var others sync.WaitGroup
	defer others.Wait()
	defer close(over)
	for range 2 {
		others.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				if err := New().RemovePartialIn(root, "x.part"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range 1000 {
		f, err := s.OpenPartialIn(root, "x.part")
		if isTaken(err) {
			continue // by who removes it
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(root, "x.part"), filepath.Join(root, "x")); err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
