package app

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/backend/server"
	"ferry/keymap"
)

// grove writes a tree of files with old dates: many small ones, an empty one, an
// empty folder, one of several parts' worth of odd bytes, and difficult names.
func grove(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	root := filepath.Join(dir, "grove")
	big := make([]byte, 3<<20+17)
	for i := range big {
		big[i] = byte(i*i>>3 ^ i)
	}
	tree := map[string][]byte{
		"empty.bin": nil, "big.bin": big, "sub/deeper/leaf.txt": []byte("leaf\r\n"), "Übung & 50%.txt": []byte("ü"),
	}
	for i := range 20 {
		tree[fmt.Sprintf("many/file-%02d.txt", i)] = bytes.Repeat([]byte{byte(i)}, i*100)
	}
	if err := os.MkdirAll(filepath.Join(root, "hollow"), 0o755); err != nil {
		t.Fatal(err)
	}
	then := time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC)
	for name, data := range tree {
		at := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, data, 0o600); err != nil {
			t.Fatal(err)
		}
		then = then.Add(time.Hour)
		if err := os.Chtimes(at, then, then); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// same fails unless two trees hold the same files with the same bytes and
// modification times, and the same folders.
func same(t *testing.T, a, b string) {
	t.Helper()
	count := func(root string) (n int) {
		err := filepath.WalkDir(root, func(string, fs.DirEntry, error) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if x, y := count(a), count(b); x != y || x == 0 {
		t.Errorf("%d entries in %s, %d in %s", x, a, y, b)
	}
	err := filepath.WalkDir(a, func(at string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(a, at)
		if err != nil {
			return err
		}
		want, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(b, rel))
		if err != nil {
			return err
		}
		if !bytes.Equal(want, got) {
			t.Errorf("%s differs: %d bytes, %d bytes", rel, len(want), len(got))
		}
		x, err := e.Info()
		if err != nil {
			return err
		}
		y, err := os.Stat(filepath.Join(b, rel))
		if err != nil {
			return err
		}
		if !x.ModTime().Equal(y.ModTime()) {
			t.Errorf("%s was changed at %v, its copy at %v", rel, x.ModTime(), y.ModTime())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestScenarioAFolderGoesThereAndBack(t *testing.T) {
	t.Parallel()
	dir := grove(t)
	d := New(t, Options{Local: dir})
	OpenPath(d, "/Empty")
	FocusDisk(d)
	Select(d, "grove/")
	d.Do(keymap.CopyAcross)
	d.UntilSays("Uploaded grove")
	d.Expect("1 item ", "grove/")
	e, ok := OnSite(d, "Empty/grove/big.bin")
	if !ok || e.Size != 3<<20+17 {
		t.Fatalf("on the site: %+v, %v", e, ok)
	}
	if e.Modified.Year() != 2021 {
		t.Errorf("the modification time was not carried: %v", e.Modified)
	}
	if _, ok := OnSite(d, "Empty/grove/hollow"); !ok {
		t.Error("the empty folder did not arrive")
	}

	back := t.TempDir()
	d.Do(keymap.GoToPath)
	d.Press("ctrl+u")
	d.Type(back)
	d.Press("enter")
	FocusSite(d)
	Select(d, "grove/")
	d.Do(keymap.CopyAcross)
	d.UntilSays("Downloaded grove")
	same(t, filepath.Join(dir, "grove"), filepath.Join(back, "grove"))
	d.Do(keymap.GotoTransfers)
	d.Expect("2 transfers, all ended", "24 files", "verified")
}

func TestScenarioSeveralAtOnceWithProgress(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{
		"one/a.txt": "1", "one/b.txt": "2", "one/c.txt": "3", "one/d.txt": "4", "two/e.txt": "5", "two/f.txt": "6", "three.txt": "7",
	})
	d := New(t, Options{Local: dir})
	Faults(d, server.Fault{Match: "storage.put", Latency: "10m"})
	FocusDisk(d)
	d.Do(keymap.First)
	for range 3 { // each is a transfer of its own
		d.Do(keymap.CopyAcross, keymap.Down)
	}
	d.AwaitSays("Transfers·")
	d.Do(keymap.GotoTransfers)
	d.Await("several running", func(s string) bool {
		return strings.Contains(s, "2 running") || strings.Contains(s, "3 running")
	})
	d.Await("progress by files", func(s string) bool { return strings.Contains(s, " of 4 files") || strings.Contains(s, "4 files,") })
	d.Expect("B/s", "Speed", "Left")
	Faults(d)
	d.Until("the end", func(s string) bool { return strings.Contains(s, "3 transfers, all ended") })
	d.Expect("one/ → /", "two/ → /", "three.txt → /")
	for _, path := range []string{"one/d.txt", "two/f.txt", "three.txt"} {
		if _, ok := OnSite(d, path); !ok {
			t.Errorf("%s did not arrive", path)
		}
	}
	d.Do(keymap.JobsClear)
	d.UntilSays("Nothing is being transferred")
}

func TestScenarioTheDrawerAndTheDetailsOfATransfer(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"slow/a.txt": "aaaa", "slow/b.txt": "bbbb"})
	d := New(t, Options{Local: dir})
	Faults(d, server.Fault{Match: "storage.put", Latency: "10m"})
	FocusDisk(d)
	d.Do(keymap.CopyAcross, keymap.Drawer)
	d.Await("the files in flight", func(s string) bool { return strings.Contains(s, "slow/ → /") && strings.Contains(s, "of 2 files") })
	d.Do(keymap.Enter)
	d.AwaitSays("a.txt")
	Faults(d)
	d.UntilSays("verified")
	d.Press("esc", "esc")
	d.Expect("slow/")
}

func TestScenarioATransferIsCancelled(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"stuck.txt": "some text"})
	d := New(t, Options{Local: dir})
	Faults(d, server.Fault{Match: "storage.put", Latency: "10m"})
	FocusDisk(d)
	d.Do(keymap.CopyAcross, keymap.GotoTransfers)
	d.UntilSays("1 running")
	d.Do(keymap.JobCancel)
	d.Expect("stuck.txt")
	d.Press("y")
	d.UntilSays("cancelled")
	if _, ok := OnSite(d, "stuck.txt"); ok {
		t.Error("it arrived all the same")
	}
	d.Do(keymap.Quit)
	if !d.HasQuit() {
		t.Errorf("something still holds the program:\n%s", d.Screen())
	}
}

func TestScenarioAFailedFileDoesNotFailTheRest(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"tree/a.txt": "1", "tree/bad.txt": "2", "tree/c.txt": "3"})
	d := New(t, Options{Local: dir, Prepare: AtOnce})
	Faults(d, server.Fault{Match: "POST /file_actions/begin_upload/tree/bad.txt", Type: "processing-failure/file-locked", Status: 422})
	FocusDisk(d)
	d.Do(keymap.CopyAcross)
	d.UntilSays("1 of 3 files failed")
	for name, want := range map[string]bool{"a": true, "bad": false, "c": true} {
		if _, ok := OnSite(d, "tree/"+name+".txt"); ok != want {
			t.Errorf("%s.txt is there: %v", name, ok)
		}
	}
	d.Do(keymap.GotoTransfers)
	d.Expect("The file is locked")
	d.Press("enter")
	d.Expect("bad.txt", "The file is locked")
	d.Press("esc")
	Faults(d)
	d.Do(keymap.JobRetry)
	d.UntilSays("all ended")
	d.Until("the rest", func(string) bool { _, ok := OnSite(d, "tree/bad.txt"); return ok })
}

func TestScenarioAnExistingFileIsAskedAbout(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"README.md": "mine"})
	d := New(t, Options{Local: dir})
	FocusDisk(d)
	d.Do(keymap.CopyAcross)
	d.UntilSays("README.md exists already")
	d.Expect("One moment")
	d.Tap("o", "O") // typed ahead, for the list
	d.Expect("README.md exists already")
	d.Press("k")
	d.UntilSays("Uploaded README.md")
	e, ok := OnSite(d, "README.md")
	if !ok || e.Size == 4 {
		t.Errorf("it was overwritten: %+v", e)
	}
	d.Do(keymap.CopyAcross)
	d.UntilSays("README.md exists already")
	d.Press("o")
	d.Until("the new content", func(string) bool { e, ok := OnSite(d, "README.md"); return ok && e.Size == 4 })
	d.Until("its end", func(s string) bool { return !strings.Contains(s, "Transfers·") })
	d.Do(keymap.CopyAcross)
	d.UntilSays("README.md exists already")
	d.ExpectNot("UTC  newer") // it is the same file; the site keeps whole seconds
	d.Press("s")
}

func TestScenarioQuittingWithTransfersAsks(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"stuck.txt": "some text"})
	d := New(t, Options{Local: dir})
	Faults(d, server.Fault{Match: "storage.put", Latency: "10m"})
	FocusDisk(d)
	d.Do(keymap.CopyAcross)
	d.UntilSays("Transfers·1")
	d.Do(keymap.Quit)
	d.Expect("1 transfer is not finished", "finish them, then quit", "pause and quit", "abort them and quit")
	if d.HasQuit() {
		t.Error("it quit without an answer")
	}
	d.Press("esc")
	d.Do(keymap.Quit)
	d.Press("a")
	if !d.HasQuit() {
		t.Errorf("it did not quit:\n%s", d.Screen())
	}
}

func TestScenarioOneFailedFileIsTriedAgain(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"tree/a.txt": "1", "tree/b.txt": "2", "tree/c.txt": "3"})
	d := New(t, Options{Local: dir, Prepare: AtOnce})
	Faults(d, server.Fault{Match: "POST /file_actions/begin_upload/tree/*", Type: "processing-failure/file-locked", Status: 422})
	FocusDisk(d)
	d.Do(keymap.CopyAcross)
	d.UntilSays("3 of 3 files failed")
	Faults(d)
	d.Do(keymap.GotoTransfers, keymap.Enter)
	d.Expect("r retry the file", "The file is locked")
	d.Do(keymap.Down, keymap.ItemRetry)
	d.UntilSays("Files      1 of 3, 2 failed")
	there := 0
	for _, n := range []string{"a", "b", "c"} {
		if _, ok := OnSite(d, "tree/"+n+".txt"); ok {
			there++
		}
	}
	if there != 1 {
		t.Errorf("%d files arrived", there)
	}
	d.Do(keymap.ItemsRetry)
	d.UntilSays("all verified")
}

func TestScenarioAnExistingFileIsCompared(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"README.md": "mine\nand more\n"})
	d := New(t, Options{Local: dir})
	FocusDisk(d)
	d.Do(keymap.CopyAcross)
	d.UntilSays("README.md exists already")
	d.Expect("what is there is longer by")
	d.Do(keymap.AnswerCompare)
	d.Expect("difference: README.md", "+mine", "- there")
	d.Press("esc")
	d.Expect("README.md exists already")
	d.Press("s")
}

func TestScenarioTheProgramQuitsWhenItsTransfersAreDone(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"stuck.txt": "some text"})
	d := New(t, Options{Local: dir})
	Faults(d, server.Fault{Match: "storage.put", Latency: "10m"})
	FocusDisk(d)
	d.Do(keymap.CopyAcross)
	d.UntilSays("Transfers·1")
	d.Do(keymap.Quit)
	d.Press("f")
	d.Expect("Quits when the transfers are done", "1 transfer is left")
	if d.App.View().ProgressBar == nil {
		t.Error("the terminal shows no progress")
	}
	Faults(d)
	d.Until("its end", func(string) bool { return d.HasQuit() })
	if _, ok := OnSite(d, "stuck.txt"); !ok {
		t.Error("it quit before the file was there")
	}
	if said := d.App.Farewell(); !strings.Contains(said, "Uploaded stuck.txt, 9 B") || !strings.Contains(said, "verified") {
		t.Errorf("the last word is %q", said)
	}
	if d.App.View().ProgressBar != nil {
		t.Error("the terminal still shows progress")
	}
}

func TestScenarioMoveAcrossDeletesHereOnceItHasArrived(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"go.txt": "there"})
	d := New(t, Options{Local: dir})
	FocusDisk(d)
	d.Do(keymap.MoveAcross)
	d.Expect("Move 1 item to /?", "go.txt", "[ n Cancel ]")
	d.Press("y")
	d.Until("its end here", func(string) bool {
		_, err := os.Stat(filepath.Join(dir, "go.txt"))
		return os.IsNotExist(err)
	})
	if e, ok := OnSite(d, "go.txt"); !ok || e.Size != 5 {
		t.Errorf("on the site: %+v, %v", e, ok)
	}
}
