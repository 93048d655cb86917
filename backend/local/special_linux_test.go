package local

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"ferry/backend"
)

// Pipes and links to nothing are told from files, in listings and by themselves.
func TestWhatIsNoFile(t *testing.T) {
	dir, fs := t.TempDir(), New()
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"link": "file", "lost": "nothing", "tube": "pipe", "up": "."} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	page, err := fs.List(t.Context(), dir, backend.FolderQuery{})
	if err != nil || len(page.Items) != 6 {
		t.Fatalf("%v, %v", page.Items, err)
	}
	for _, e := range page.Items {
		want := e.Name == "pipe" || e.Name == "tube" || e.Name == "lost"
		one, err := fs.Find(t.Context(), e.Path)
		if e.Special != want || err == nil && one.Special != want {
			t.Errorf("%s: listed %v, found %v, %v", e.Name, e.Special, one.Special, err)
		}
	}
}
