package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/backend/server"
	"ferry/keymap"
)

func TestScenarioMakeAndRenameFolders(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	d.Do(keymap.NewFolder)
	d.Type("documents")
	d.Press("enter")
	d.Expect("There is one already (Files.com ignores case and", "accents)")
	d.Press("ctrl+u")
	d.Type("plans/2027")
	d.Press("enter")
	if _, ok := OnSite(d, "plans/2027"); !ok {
		t.Fatalf("the folders were not made:\n%s", d.Screen())
	}
	if got := Cursor(d); !strings.HasPrefix(got, "plans/") {
		t.Errorf("the cursor is on %q", got)
	}
	rename(d, "drafts")
	d.Expect("Renamed to drafts", "drafts/")
	if _, ok := OnSite(d, "drafts/2027"); !ok {
		t.Error("what was in the folder did not come along")
	}
	rename(d, "Drafts") // only the case
	d.Expect("Drafts/")
	if e, ok := OnSite(d, "Drafts"); !ok || e.Name != "Drafts" {
		t.Errorf("the site calls it %q", e.Name)
	}
	if _, ok := OnSite(d, "Drafts/2027"); !ok {
		t.Error("the new spelling lost what was in the folder")
	}
	d.Do(keymap.Rename)
	d.Press("ctrl+u")
	d.Type("a/b")
	d.Press("enter")
	d.Expect("A name cannot hold a slash")
	d.Press("esc")

	dir := d.Host.local
	FocusDisk(d)
	d.Do(keymap.NewFolder)
	d.Type("here")
	d.Press("enter")
	d.Expect("here/")
	rename(d, "Here")
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 || list[0].Name() != "Here" {
		t.Errorf("on this machine there is %v, %v", list, err)
	}
}

// rename gives the row under the cursor another name.
func rename(d *Driver, name string) {
	d.t.Helper()
	d.Do(keymap.Rename)
	d.Press("ctrl+u")
	d.Type(name)
	d.Press("enter")
}

func TestScenarioCopyAndMoveOnTheSite(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	OpenPath(d, "/Documents")
	Select(d, "table.csv")
	d.Do(keymap.Yank)
	OpenPath(d, "/Empty")
	d.Do(keymap.Paste)
	d.UntilSays("table.csv", time.Second)
	for _, path := range []string{"Documents/table.csv", "Empty/table.csv"} {
		if _, ok := OnSite(d, path); !ok {
			t.Errorf("%s is not there", path)
		}
	}
	Select(d, "table.csv")
	d.Do(keymap.Cut)
	OpenPath(d, "/Pictures")
	d.Do(keymap.Paste)
	d.UntilSays("table.csv", time.Second)
	if _, ok := OnSite(d, "Empty/table.csv"); ok {
		t.Error("what was moved is still where it was")
	}
	if _, ok := OnSite(d, "Pictures/table.csv"); !ok {
		t.Error("what was moved did not arrive")
	}

	// Onto something of the same name.
	OpenPath(d, "/Documents")
	Select(d, "table.csv")
	d.Do(keymap.Cut)
	OpenPath(d, "/Pictures")
	d.Do(keymap.Paste)
	d.Until("a question or a card", func(s string) bool { return strings.Contains(s, "already") }, time.Second)
	if _, ok := OnSite(d, "Documents/table.csv"); !ok {
		t.Error("it was moved over the other one without a question")
	}
}

func TestScenarioAMigrationShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	for tries := 1; !seenCopying(d); tries++ { // it takes half a second, and the machine was busy for longer
		if tries == 20 {
			t.Fatalf("it is never shown how far it is:\n%s", d.Screen())
		}
		if err := Client(d).Delete(t.Context(), "Empty/Sensors", true); err != nil {
			t.Fatal(err)
		}
		d.Do(keymap.Refresh)
	}
	if d.Says("Sensors/") {
		t.Error("half a folder is shown")
	}
	d.UntilSays("Sensors/", time.Second)
	d.ExpectNot("esc stops")
	OpenPath(d, "/Empty/Sensors/2026")
	d.Expect("reading-")
}

// seenCopying copies a large folder, and tells whether it was seen under way.
func seenCopying(d *Driver) (seen bool) {
	d.t.Helper()
	OpenPath(d, "/")
	Select(d, "Sensors")
	d.Do(keymap.Yank)
	OpenPath(d, "/Empty")
	d.Do(keymap.Paste)
	d.Until("progress, or the end", func(s string) bool {
		seen = strings.Contains(s, " of 2,5") && strings.Contains(s, "esc stops")
		return seen || strings.Contains(s, "Sensors/")
	}, time.Second)
	return seen
}

func TestScenarioDeleteAsksAndStartsOnCancel(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"a.txt": "1", "b.txt": "2", "tree/deep.txt": "3"})
	d := New(t, Options{Local: dir})
	there := func(side string) int {
		if side == "local" {
			list, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		n := 0
		for _, name := range []string{"Documents", "Empty", "Pictures", "README.md"} {
			if _, ok := OnSite(d, name); ok {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		side, name string
		focus      func(*Driver)
		delete     keymap.Action
	}{
		{"site", "Documents/", FocusSite, keymap.Delete},
		{"local", "tree/", FocusDisk, keymap.Delete},
		{"local", "tree/", FocusDisk, keymap.DeleteForGood},
	} {
		before := there(c.side)
		for _, key := range d.Env.Keys.Binding(c.delete).Keys {
			c.focus(d)
			Select(d, c.name)
			for range 8 {
				d.Press(key) // held down, it opens the question and answers nothing
			}
			d.Expect(c.name)
			d.Press("enter") // Cancel has the focus, or the name is still to be typed
			if c.side == "site" {
				d.Expect("Type Documents first")
				d.Press("esc")
			}
			d.ExpectNot("Cancel ]", "Delete "+c.name)
			if n := there(c.side); n != before {
				t.Fatalf("%s: %s and enter deleted %d", c.side, key, before-n)
			}
		}
	}
	d.Do(keymap.DeleteForGood)
	d.Expect("This cannot be undone.")
	d.Press("tab", "enter")
	d.Expect("Deleted tree")
	if _, err := os.Stat(filepath.Join(dir, "tree")); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}

	FocusSite(d)
	OpenPath(d, "/Documents")
	d.Do(keymap.Mark, keymap.Mark, keymap.Mark, keymap.Delete)
	d.Expect("Delete 3 items from /Documents?", "document-01.md", "document-02.md", "document-03.md")
	d.Press("y")
	d.Expect("Deleted 3 items", "10 items")
	if _, ok := OnSite(d, "Documents/document-02.md"); ok {
		t.Error("it is still there")
	}
	if _, ok := OnSite(d, "Documents/document-04.md"); !ok {
		t.Error("it deleted more than it named")
	}
}

func TestScenarioLocalFilesGoToTheTrash(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"a.txt": "1", "b.txt": "2"})
	d := New(t, Options{Local: dir})
	FocusDisk(d)
	Select(d, "a.txt")
	d.Do(keymap.Delete)
	d.Expect("a.txt")
	d.Press("y")
	d.Expect("1 item")
	if _, err := os.Stat(filepath.Join(dir, "a.txt")); !os.IsNotExist(err) {
		t.Errorf("a.txt: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "b.txt")); err != nil {
		t.Errorf("b.txt: %v", err)
	}
}

func TestScenarioAFullFolderGoesWhenItsNameIsTyped(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	FocusSite(d)
	Select(d, "Documents")
	Faults(d, server.Fault{Match: "folder.list_for", Latency: "10m"})
	d.Tap("d")
	d.AwaitSays("Counting what goes with it: at least 0 files")
	d.Tap("esc")
	d.ExpectNot("Counting")
	Faults(d)
	d.Do(keymap.Delete)
	d.Expect("13 files", "Type Documents to go on", "an administrator can restore it")
	d.Type("Documents")
	d.Press("enter")
	d.UntilSays("Deleted Documents")
	if _, ok := OnSite(d, "Documents"); ok {
		t.Error("it is still there")
	}
}

func TestScenarioSomeOfManyDeletionsFail(t *testing.T) {
	t.Parallel()
	d := New(t, Options{Prepare: AtOnce})
	OpenPath(d, "/Documents")
	Faults(d, server.Fault{Match: "DELETE /files/Documents/document-02.md", Type: "processing-failure/file-locked", Status: 422})
	d.Do(keymap.Mark, keymap.Mark, keymap.Mark, keymap.Delete)
	d.Press("y")
	d.Expect("The file is locked", "failed for 1 of 3 objects")
	d.Press("esc")
	d.Expect("document-02.md", "11 items")
	d.ExpectNot("document-01.md", "document-03.md")
}
