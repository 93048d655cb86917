package files

import (
	"os"
	"path/filepath"
	"testing"

	"ferry/backend/local"
	"ferry/keymap"
)

// The local pane on a real disk, not on a fake.
func TestARealDisk(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.txt", ".hidden", filepath.Join("sub", "deep", "x.txt")} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("text of "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d := start(t, finance(), inbox(), Options{})
	p := newPane(d.s.env, disk{local.New(), dir}, dir, false)
	d.s.disk, d.s.panes[left] = disk{local.New(), dir}, p
	d.s.arrange()
	d.run(p.open(p.at, nil))
	d.do(keymap.NextPane)
	d.sees("local  ~ ", "sub/", "b.txt", "1 hidden")
	d.to("b.txt")
	d.do(keymap.Rename)
	d.fill("B.txt")
	if _, err := os.Stat(filepath.Join(dir, "B.txt")); err != nil || d.cursor() != "B.txt" {
		t.Fatalf("renamed: %v, the cursor is on %q", err, d.cursor())
	}
	d.do(keymap.Layout)
	d.sees("text of b.txt")
	d.do(keymap.NewFolder)
	d.fill("new/er")
	d.sees("new/")
	d.to("sub")
	d.do(keymap.DeleteForGood, keymap.Yes)
	if _, err := os.Stat(filepath.Join(dir, "sub")); !os.IsNotExist(err) {
		t.Fatalf("deleted: %v", err)
	}
	d.to("new")
	d.do(keymap.Enter, keymap.Back)
	if d.cursor() != "new" {
		t.Errorf("the cursor is on %q", d.cursor())
	}
	d.do(keymap.GoToPath)
	d.fill("~/new/er")
	d.sees("local  ~/new/er", "This folder is empty")
}

func TestOnlyHiddenNamesIsNotEmpty(t *testing.T) {
	d := start(t, (&tree{}).put(".keep"), inbox(), Options{})
	d.sees("All names here begin with a dot")
	d.do(keymap.ShowHidden)
	d.sees(".keep")
}
