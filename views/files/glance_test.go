package files

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
)

// touch changes an entry as another program would, without a word to the screen.
func (t *tree) touch(path string, change func(*backend.Entry)) {
	i := slices.IndexFunc(t.entries, func(e backend.Entry) bool { return e.Path == path })
	change(&t.entries[i])
}

func later(e *backend.Entry) { e.Modified = e.Modified.Add(time.Minute) }

// glances lets the time pass after which the screen looks.
func (d *driver) glances() {
	d.t.Helper()
	d.run(d.s.Update(glance{d.s, d.s.beat}))
}

func TestWhatOtherProgramsChangeIsSeen(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.do(keymap.NextPane)
	d.to("invoice-0001.pdf")
	d.do(keymap.Mark)
	d.to("invoice-0002.pdf")
	d.local.put("/home/ops/in/aaa.txt")
	d.local.touch("/home/ops/in", later)
	d.glances()
	d.sees("aaa.txt", "1 marked")
	if d.cursor() != "invoice-0002.pdf" {
		t.Errorf("the cursor went to %q", d.cursor())
	}

	// A row that is seen changes without the folder knowing; the folder is not
	// read again for it.
	reads := len(d.local.lists)
	d.local.touch("/home/ops/in/aaa.txt", func(e *backend.Entry) { e.Size = 77_000_000; later(e) })
	d.glances()
	d.sees("77.0 MB")
	if len(d.local.lists) != reads {
		t.Error("the folder was read again")
	}
	d.glances()
	if len(d.local.lists) != reads {
		t.Error("the folder was read although nothing has changed")
	}

	// Sorted by size the row has to move.
	d.run(d.s.here().sort(bySize, true))
	d.local.touch("/home/ops/in/aaa.txt", func(e *backend.Entry) { e.Size = 1; later(e) })
	d.glances()
	if at := strings.Index(d.screen(), "aaa.txt"); at < strings.Index(d.screen(), "invoice-0001.pdf") {
		t.Errorf("the smallest file stands first:\n%s", d.screen())
	}
}

func TestComingBackLooksAtOnce(t *testing.T) {
	for name, come := range map[string]func(*driver){
		"window": func(d *driver) { d.run(d.s.Update(tea.FocusMsg{})) },
		"pane":   func(d *driver) { d.do(keymap.NextPane) },
		"screen": func(d *driver) { d.run(d.s.Update(ui.ShownMsg{Route: ui.RouteFiles})) },
	} {
		d := start(t, finance(), inbox(), Options{})
		d.local.put("/home/ops/in/fresh.txt")
		d.local.touch("/home/ops/in", later)
		come(d)
		if !strings.Contains(d.screen(), "fresh.txt") {
			t.Errorf("coming back to the %s does not look:\n%s", name, d.screen())
		}
	}
}

func TestOnlyTheLatestLookGoesOn(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	late := glance{d.s, d.s.beat}
	d.run(d.s.Update(tea.FocusMsg{}))
	d.local.put("/home/ops/in/fresh.txt")
	d.local.touch("/home/ops/in", later)
	d.run(d.s.Update(late))
	if strings.Contains(d.screen(), "fresh.txt") {
		t.Error("the look that was waited for before goes on beside the new one")
	}
	d.glances()
	d.sees("fresh.txt")
}

// A folder that takes long to read is looked at less often, but is looked at.
func TestASlowFolderIsReadLessOften(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	var waited time.Duration
	d.s.env.Sleep = func(_ context.Context, w time.Duration) error { waited = w; return context.Canceled }
	for took, want := range map[time.Duration]time.Duration{
		0: glanceEvery, time.Millisecond: glanceEvery, time.Second: glanceRest * time.Second, time.Hour: glanceMost,
	} {
		d.s.panes[left].took = took
		d.glances()
		if waited != want {
			t.Errorf("after %v the next look is in %v", took, waited)
		}
	}
}

// A folder that another program has taken away is shown as gone, and again when
// it is back.
func TestAFolderThatGoesAndComesBack(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	there := d.local.entries
	d.local.entries = nil
	d.local.fail = map[string]error{"list /home/ops/in": &backend.Error{
		Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Type: "local/not-found", Op: "list folder", Path: "/home/ops/in",
	}}
	for range 3 {
		d.glances()
		d.sees("This is not on this machine")
	}
	if reads := len(d.local.lists); len(d.fails) > 0 || reads != 2 {
		t.Errorf("%d cards, %d readings", len(d.fails), reads)
	}
	d.local.entries, d.local.fail = there, nil
	for range 3 {
		d.glances()
		d.sees("invoice-0001.pdf")
	}
	if reads := len(d.local.lists); reads != 3 {
		t.Errorf("it was read %d times", reads)
	}
}

// What nobody has asked for opens no card, again and again, when it fails.
func TestALookThatFailsIsQuiet(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.local.fail = map[string]error{"list /home/ops/in": &backend.Error{Class: "X", Group: backend.LocalDisk}}
	d.local.touch("/home/ops/in", later)
	d.glances()
	d.glances()
	if len(d.fails) > 0 || len(d.local.lists) != 2 {
		t.Errorf("%d cards, %d readings", len(d.fails), len(d.local.lists))
	}
	d.sees("invoice-0001.pdf")
	d.local.fail = nil
	d.do(keymap.NextPane, keymap.Refresh)
	d.local.put("/home/ops/in/fresh.txt")
	d.local.touch("/home/ops/in", later)
	d.glances()
	d.sees("fresh.txt")
}
