package app

import (
	"os"
	"path/filepath"
	"strings"

	"ferry/backend"
	"ferry/backend/api"
	"ferry/backend/server"
	"ferry/backend/session"
	"ferry/keymap"
	"ferry/ui"
)

// BigFolder is the folder of the demo world with 100,000 entries.
const BigFolder = "Sensors/2026"

// OpenBigFolder goes to the folder with 100,000 entries in the site's pane.
func OpenBigFolder(d *Driver) {
	d.t.Helper()
	OpenPath(d, BigFolder)
}

// OpenPath goes to a path in the site's pane.
func OpenPath(d *Driver, path string) {
	d.t.Helper()
	FocusSite(d)
	d.Do(keymap.GoToPath)
	d.Press("ctrl+u")
	d.Type(path)
	d.Press("enter")
}

// FocusSite brings the focus to the site's pane.
func FocusSite(d *Driver) {
	d.t.Helper()
	if onDisk(d) {
		d.Do(keymap.NextPane)
	}
}

// FocusDisk brings the focus to the local pane.
func FocusDisk(d *Driver) {
	d.t.Helper()
	if !onDisk(d) {
		d.Do(keymap.NextPane)
	}
}

// onDisk tells which pane has the focus: from there one copies to the site.
func onDisk(d *Driver) bool {
	it, ok := d.App.Keys().Find(keymap.CopyAcross)
	return ok && strings.Contains(it.Label, "site")
}

// Cursor is the text of the row under the cursor, from its name on; "" when
// there is none.
func Cursor(d *Driver) string {
	g := &d.Env.Theme.Glyphs
	for l := range strings.Lines(d.Screen()) {
		if _, row, ok := strings.Cut(l, g.Vertical+" "+g.Cursor); ok {
			return strings.TrimLeft(row, " ●•*+")
		}
	}
	return ""
}

// Select brings the cursor to the row that begins with a name, from the top.
func Select(d *Driver, name string) {
	d.t.Helper()
	d.Do(keymap.First)
	for range 200 {
		if strings.HasPrefix(Cursor(d), name) {
			return
		}
		d.Do(keymap.Down)
	}
	d.t.Fatalf("there is no row %q; the screen says:\n%s", name, d.Screen())
}

// OpenSync compares the folder of the local pane with one of the site and shows
// the plan: direction is the place of the choice in the form.
func OpenSync(d *Driver, path string, direction int, mirror bool) {
	d.t.Helper()
	if d.App.Route() != ui.RouteFiles {
		d.Do(keymap.GotoFiles)
	}
	OpenPath(d, path)
	FocusDisk(d)
	d.Do(keymap.PlanSync)
	setSync(d, direction, mirror)
	d.Press("enter")
}

// setSync fills in the form, whatever stood in it.
func setSync(d *Driver, direction int, mirror bool) {
	d.t.Helper()
	for !d.Says([]string{"this machine is right", "the site is right", "the newer file wins"}[direction]) {
		d.Press("right")
	}
	d.Press("tab")
	want := "Mirror      no"
	if mirror {
		want = "Mirror      yes"
	}
	says := func() bool {
		return strings.Contains(strings.NewReplacer("☐ ", "", "☑ ", "", "- no", "no", "x yes", "yes").Replace(d.Screen()), want)
	}
	if !says() {
		d.Press("right")
	}
	if !says() {
		d.t.Fatalf("the mirror cannot be set to %v:\n%s", mirror, d.Screen())
	}
}

// syncScene opens a plan of a mirror, and does something in it.
func syncScene(actions ...keymap.Action) func(*Driver) {
	return func(d *Driver) {
		d.t.Helper()
		OpenSync(d, "/Documents", 0, true)
		d.Do(actions...)
	}
}

// Faults makes the embedded site fail on purpose; without any it works again.
func Faults(d *Driver, list ...server.Fault) {
	d.t.Helper()
	if err := d.Host.Session(nil).SetFaults(list...); err != nil {
		d.t.Fatal(err)
	}
}

// AtOnce lets requests fail at the first error, so that no test waits for a
// second try.
func AtOnce(o *session.Opener) { o.Client.Retries = -1 }

// Client talks to the site past the screen, to see what is really there.
func Client(d *Driver) *api.Client { return d.Host.Session(nil).Client }

// OnSite tells whether the site has an object.
func OnSite(d *Driver, path string) (backend.Entry, bool) {
	d.t.Helper()
	e, err := Client(d).Find(d.ctx, path)
	if err != nil && backend.AsError(err).Group != backend.NotFound {
		d.t.Fatal(err)
	}
	return e, err == nil
}

// Files writes a tree into a new folder: names with their contents.
func Files(t testingT, tree map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range tree {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

type testingT interface {
	Helper()
	TempDir() string
	Fatal(args ...any)
}
