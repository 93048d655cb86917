package app

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/server"
	"ferry/backend/session"
	"ferry/keymap"
	"ferry/ui"
	"ferry/views/headless"
)

// old is a moment long before the files of the demo world.
var old = time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC)

// write puts a file on this machine with a date.
func write(t *testing.T, at, text string, when time.Time) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(at, when, when); err != nil {
		t.Fatal(err)
	}
}

// content is what the site holds, "" with ok false when there is nothing.
func content(t *testing.T, d *Driver, path string) (text string, ok bool) {
	t.Helper()
	e, ok := OnSite(d, path)
	if !ok {
		return "", false
	}
	b, err := session.Site{Client: Client(d)}.Preview(context.Background(), e, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), true
}

func expectSite(t *testing.T, d *Driver, want map[string]string) {
	t.Helper()
	for path, text := range want {
		got, ok := content(t, d, path)
		if ok != (text != "") || got != text {
			t.Errorf("%s on the site: %q, %v; want %q", path, got, ok, text)
		}
	}
}

func TestScenarioSyncPush(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, n := range []string{"a.txt", "b.txt", "sub/c.txt", "sub/deep/d.txt"} {
		write(t, filepath.Join(dir, n), n, old)
	}
	d := New(t, Options{Local: dir})
	OpenSync(d, "/Empty", 0, false)
	d.Expect("4 new", "[x]  +", "only here", "sub/deep/", "compared ")
	Select(d, "[x]  +  b.txt")
	d.Do(keymap.SyncTick)
	d.Expect("[ ]  +  b.txt", "↑3")
	d.Do(keymap.SyncRun)
	d.Expect("Carry out this sync?", "3 files to upload to /Empty", "Sync")
	d.Do(keymap.Yes)
	d.UntilSays("Sync: 3 done")
	if d.App.Route() != ui.RouteTransfers {
		t.Errorf("the progress is not shown, but %s", d.App.Route())
	}
	expectSite(t, d, map[string]string{
		"Empty/a.txt": "a.txt", "Empty/b.txt": "", "Empty/sub/c.txt": "sub/c.txt", "Empty/sub/deep/d.txt": "sub/deep/d.txt",
	})
	d.Do(keymap.GotoSync)
	d.Expect("✓   +  a.txt", "[ ]  +  b.txt", "done, verified", "3 done", "nothing ticked")

	// The same once more has one line left, and after that none.
	d.Do(keymap.Refresh)
	d.Expect("1 new", "3 the same")
	d.Do(keymap.SyncRun, keymap.Yes)
	d.UntilSays("Sync: 1 done")
	d.Do(keymap.GotoSync, keymap.Refresh)
	d.Expect("Both sides are the same", "4 files", "compared by size and time")
	d.Do(keymap.SyncSame)
	d.Expect("=  a.txt", "the same included")
}

func TestScenarioSyncMirrorWantsTheNumberTyped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, n := range []string{"keep.txt", "gone.txt", "folder/x.txt", "folder/y.txt"} {
		write(t, filepath.Join(dir, n), n, old)
	}
	d := New(t, Options{Local: dir})
	OpenSync(d, "/Empty", 0, false)
	d.Do(keymap.SyncRun, keymap.Yes)
	d.UntilSays("Sync: 4 done")
	if err := os.Remove(filepath.Join(dir, "gone.txt")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "folder")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "keep.txt"), "changed", old.Add(time.Hour))

	OpenSync(d, "/Empty", 0, true)
	d.Expect("~  keep.txt", "other size", "-  folder/", "-  gone.txt", "×4")
	// What stays in a folder keeps the folder.
	Select(d, "[x]  -    x.txt")
	d.Do(keymap.SyncTick)
	d.Expect("[ ]  -    x.txt", "[-]  -  folder/", "×2")
	d.Do(keymap.SyncRun)
	d.Expect("1 file to upload", "It replaces what is there", "2 files to delete from /Empty", "Type 2 to go on")
	d.Press("y", "enter")
	d.Expect("Type 2 to go on") // it is text here, and the wrong one
	d.Press("backspace")
	d.Type("4")
	d.Press("enter")
	d.Expect("Type 2 to go on")
	d.Press("backspace")
	d.Type("2")
	d.Press("enter")
	d.UntilSays("Sync: 3 done")
	expectSite(t, d, map[string]string{
		"Empty/keep.txt": "changed", "Empty/gone.txt": "", "Empty/folder/x.txt": "folder/x.txt", "Empty/folder/y.txt": "",
	})
}

func TestScenarioSyncConflict(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "here.txt"), "1", old)
	write(t, filepath.Join(dir, "there.txt"), "1", old)
	write(t, filepath.Join(dir, "left.txt"), "1", old)
	d := New(t, Options{Local: dir})
	OpenSync(d, "/Empty", 0, false)
	d.Do(keymap.SyncRun, keymap.Yes)
	d.UntilSays("Sync: 3 done")
	for _, n := range []string{"here.txt", "there.txt", "left.txt"} {
		write(t, filepath.Join(dir, n), "two", old)
	}
	OpenSync(d, "/Empty", 2, false)
	d.Expect("3 conflicts", "!  here.txt", "neither is newer", "nothing ticked")
	if it, _ := d.App.Keys().Find(keymap.SyncTick); it.Why != "choose a direction first" {
		t.Errorf("a conflict can be ticked: %+v", it)
	}
	Select(d, "!  here.txt")
	d.Do(keymap.SyncToSite)
	Select(d, "!  there.txt")
	d.Do(keymap.SyncToHere)
	d.Expect("↑1", "↓1")
	d.Do(keymap.SyncRun)
	d.Expect("All of them replace", "1 conflict is left as it is")
	d.Do(keymap.Yes)
	d.UntilSays("Sync: 2 done")
	expectSite(t, d, map[string]string{"Empty/here.txt": "two", "Empty/there.txt": "1", "Empty/left.txt": "1"})
	for name, want := range map[string]string{"here.txt": "two", "there.txt": "1", "left.txt": "two"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(b) != want {
			t.Errorf("%s here: %q, %v", name, b, err)
		}
	}
}

// What changes between the plan and its run is told and not touched.
func TestScenarioSyncSeesWhatChangedSince(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.txt"), "1", old)
	write(t, filepath.Join(dir, "b.txt"), "1", old)
	d := New(t, Options{Local: dir})
	OpenSync(d, "/Empty", 0, false)
	write(t, filepath.Join(dir, "a.txt"), "other", old)
	d.Do(keymap.SyncRun, keymap.Yes)
	d.Expect("The plan no longer fits", "1 ticked line has changed")
	d.Press("esc")
	d.Expect("it has changed on this machine since the plan was made", "only failed or changed since")
	expectSite(t, d, map[string]string{"Empty/a.txt": "", "Empty/b.txt": ""})
	d.Do(keymap.SyncRun, keymap.Yes) // the rest
	d.UntilSays("Sync: 1 done")
	expectSite(t, d, map[string]string{"Empty/a.txt": "", "Empty/b.txt": "1"})
}

func TestScenarioSyncCompareIsCancelled(t *testing.T) {
	t.Parallel()
	d := New(t, Options{Local: Files(t, map[string]string{"a.txt": "a"})})
	OpenPath(d, "/Empty")
	d.Do(keymap.PlanSync)
	Faults(d, server.Fault{Match: "GET /folders/*", Latency: "10m"})
	d.Tap("enter")
	d.AwaitSays("comparing by size and time")
	if it, _ := d.App.Keys().Find(keymap.SyncRun); it.Why == "" {
		t.Error("a plan that is not there can be run")
	}
	d.Tap("esc")
	d.AwaitSays("Comparing was stopped")
	d.Idle() // the requests have ended as well
	Faults(d)
	d.Do(keymap.Refresh)
	d.Expect("a.txt", "only here")
}

func TestScenarioSyncFailureIsToldPerLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "good.txt"), "1", old)
	write(t, filepath.Join(dir, "bad.txt"), "1", old)
	d := New(t, Options{Local: dir, Prepare: AtOnce})
	OpenSync(d, "/Empty", 0, false)
	Faults(d, server.Fault{Match: "POST /files/Empty/bad.txt", Type: "not-authorized/write-permission-required", Status: 403})
	d.Do(keymap.SyncRun, keymap.Yes)
	d.UntilSays("1 done, 1 failed")
	d.Do(keymap.GotoSync)
	d.Expect("✗   +  bad.txt", "✓   +  good.txt", "1 failed")
	Select(d, "✗   +  bad.txt")
	d.Do(keymap.Enter)
	d.Expect("write-permission-required")
	d.Press("esc")
	Faults(d)
	expectSite(t, d, map[string]string{"Empty/good.txt": "1", "Empty/bad.txt": ""})
	d.Do(keymap.SyncRun, keymap.Yes) // what is left
	d.UntilSays("Sync: 2 done")
	expectSite(t, d, map[string]string{"Empty/bad.txt": "1"})
}

// A saved plan is what the headless twin runs, ticks and all.
func TestScenarioSyncSavedAndRunHeadless(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	write(t, filepath.Join(dir, "a.txt"), "a", old)
	write(t, filepath.Join(dir, "b.txt"), "b", old)
	d := New(t, Options{Local: dir})
	OpenSync(d, "/Empty", 0, false)
	d.Do(keymap.CopyText)
	if got, want := d.Clipboard(), "ferry sync --push "+dir+" /Empty"; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	Select(d, "[x]  +  a.txt")
	d.Do(keymap.SyncTick, keymap.CopyText)
	d.Expect("saves the plan")
	file := filepath.Join(filepath.Dir(dir), "plan.json")
	d.Do(keymap.SyncSave)
	d.Press("ctrl+u")
	d.Type("plan.json")
	d.Press("enter")
	d.Expect("Saved " + file)
	d.Do(keymap.CopyText)
	if got, want := d.Clipboard(), "ferry sync --run "+file; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var p backend.Plan
	if err := json.Unmarshal(b, &p); err != nil || len(p.Items) != 2 || p.Items[0].On || !p.Items[1].On {
		t.Fatalf("saved: %s, %v", b, err)
	}

	s := d.Host.Session(nil)
	root := headless.Commands(func(context.Context, bool) (*headless.Session, error) {
		return &headless.Session{
			Site: session.Site{Client: s.Client}, Disk: s.Disk, Queue: s.Engine, Ended: make(chan error),
			Close: func(context.Context) error { return nil },
		}, nil
	})
	for _, c := range root {
		if c.Name() != "sync" {
			continue
		}
		c.SetArgs([]string{"--run", file})
		c.SetOut(io.Discard)
		if err := c.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	expectSite(t, d, map[string]string{"Empty/a.txt": "", "Empty/b.txt": "b"})

	d.Do(keymap.SyncLoad)
	d.Press("enter")
	d.Expect("Loaded "+file, "[ ]  +  a.txt", "[x]  +  b.txt")
	// It was done meanwhile: running it again finds that out and moves nothing.
	d.Do(keymap.SyncRun, keymap.Yes)
	d.UntilSays("was done already")
}

func TestScenarioSyncReadOnly(t *testing.T) {
	t.Parallel()
	d := New(t, Options{Local: Files(t, map[string]string{"a.txt": "a"}), Prepare: func(o *session.Opener) { o.Client.ReadOnly = true }})
	OpenSync(d, "/Empty", 0, false)
	d.Expect("1 new")
	it, _ := d.App.Keys().Find(keymap.SyncRun)
	if !strings.Contains(it.Why, "reading only") {
		t.Errorf("it can be run: %+v", it)
	}
	d.Do(keymap.SyncRun)
	d.ExpectNot("Carry out this sync?")
	// What only changes this machine is allowed.
	OpenSync(d, "/Documents", 1, false)
	if it, _ := d.App.Keys().Find(keymap.SyncRun); it.Why != "" {
		t.Errorf("a pull cannot be run: %+v", it)
	}
}

func TestScenarioSyncTicksManyAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, n := range []string{"a", "b", "c", "d", "sub/x", "sub/y"} {
		write(t, filepath.Join(dir, n), n, old)
	}
	d := New(t, Options{Local: dir})
	OpenSync(d, "/Empty", 0, false)
	d.Do(keymap.First, keymap.SyncTick, keymap.Down, keymap.SyncTickSpan) // a to c
	d.Expect("[ ]  +  a ", "[ ]  +  b ", "[ ]  +  c ", "[x]  +  d ", "↑3")
	Select(d, "[x]     sub/")
	d.Do(keymap.SyncTick)
	d.Expect("[ ]     sub/", "[ ]  +    y", "↑1")
	d.Do(keymap.SyncTickFlip)
	d.Expect("↑5")
	d.Do(keymap.Narrow)
	d.Type("sub")
	d.Press("enter")
	d.Expect("sub/x", "2 of 6 lines")
	d.Do(keymap.SyncTickAll) // all shown are ticked: none is then
	d.Expect("↑3")
	d.Do(keymap.EscapeLevel, keymap.SyncTickAll)
	d.Expect("↑6")
	d.Do(keymap.SyncFilter)
	d.Press("down", "enter")
	d.Expect("only new", "6 of 6 lines")
	d.Do(keymap.SyncTickKind)
	d.Expect("untick uploads  6")
	d.Press("enter")
	d.Expect("nothing ticked")
}
