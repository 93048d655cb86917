package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

func TestPutIntoTrash(t *testing.T) {
	dir := t.TempDir()
	bin := filepath.Join(dir, "Trash")
	for _, sub := range []string{"files", "info"} {
		if err := os.MkdirAll(filepath.Join(bin, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Date(2024, 1, 2, 3, 4, 5, 0, time.Local)
	path := filepath.Join(dir, "50% off\nreally")
	for _, want := range []string{"50% off\nreally", "50% off\nreally.2"} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := putInto(bin, path, now); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(bin, "files", want)); err != nil {
			t.Error(err)
		}
		info, err := os.ReadFile(filepath.Join(bin, "info", want+".trashinfo"))
		if err != nil {
			t.Fatal(err)
		}
		if s := string(info); !strings.HasSuffix(s, "/50%25%20off%0Areally\nDeletionDate=2024-01-02T03:04:05\n") {
			t.Errorf("got %q", s)
		}
	}
	if err := putInto(bin, filepath.Join(dir, "missing"), now); err == nil {
		t.Error("a missing file went to the trash")
	}
	if _, err := os.Stat(filepath.Join(bin, "info", "missing.trashinfo")); err == nil {
		t.Error("the note of a failed move stayed")
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"/a/Trash", "/a", true},
		{"/a/Trash", "/a/Trash/files/x", true},
		{"/a/Trash", "/a/Trashy", false},
		{"/a/Trash", "/a/..b", false},
		{"/a/Trash", "/b/c", false},
	} {
		if got := within(c.a, c.b); got != c.want {
			t.Errorf("within(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

// A full disk is told apart from other failures of an open file.
func TestExplainFullDisk(t *testing.T) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = f.WriteString("x")
	e := backend.AsError(New().Explain("write file", "/x", err))
	if e.Type != TypeFull || e.Message != "The disk is full." {
		t.Errorf("got %+v", e)
	}
}
