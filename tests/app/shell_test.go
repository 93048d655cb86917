package app

import (
	"strings"
	"testing"
	"time"

	"ferry/keymap"
	"ferry/ui"
)

func TestScenarioThePaletteKnowsEveryActionAndScreen(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	here := d.App.Keys()
	d.Do(keymap.Palette)
	d.Expect("commands", "compare the folders of both panes", "delete, after a question")
	for _, it := range here {
		label := d.Env.Keys.Label(it)
		d.Type(label)
		if !d.Says(first(label, 24)) {
			t.Errorf("the palette does not know %s, %q:\n%s", it.Action, label, d.Screen())
		}
		d.Press("ctrl+u")
	}
	d.Type("make a folder")
	d.Press("enter")
	d.Expect("New folder in /")
	d.Press("esc")

	for screen, route := range map[string]ui.Route{
		"users": ui.RouteUsers, "automations": ui.RouteAutomations, "activity": ui.RouteActivity,
		"transfers": ui.RouteTransfers, "resources": ui.RouteResources, "files": ui.RouteFiles,
	} {
		d.Do(keymap.Palette)
		d.Type(screen)
		d.Press("enter")
		if d.App.Route() != route {
			t.Errorf("%q went to %s:\n%s", screen, d.App.Route(), d.Screen())
		}
	}
	d.Do(keymap.Palette)
	d.Type("q")
	d.Press("enter")
	if !d.HasQuit() {
		t.Errorf(":q did not quit:\n%s", d.Screen())
	}
}

func first(s string, n int) string {
	r := []rune(s)
	return string(r[:min(n, len(r))])
}

func TestScenarioHelpIsSearchedAndRun(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	d.Do(keymap.Help)
	d.Expect("help: files", "search", "make a folder")
	d.Type("invert")
	d.Expect("invert the marks")
	d.ExpectNot("make a folder")
	d.Press("enter")
	d.ExpectNot("help: files")
	d.Expect("6 marked")

	d.Do(keymap.GotoUsers, keymap.Help)
	d.Type("audit")
	d.Press("enter")
	d.Expect("never logged in")
	d.Press("esc")

	d.Do(keymap.Help)
	d.Type("unlock")
	d.Press("enter")
	d.Expect("Not locked out") // what cannot be done says why
}

// Boxes and lines of text have the help of every screen: by ? where that is no text.
func TestScenarioBoxesHaveHelp(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	const title = "help: what the box in front can do"
	d.Do(keymap.NewFolder)
	d.Expect("F1 help")
	d.Type("a?")
	d.Expect("a?")
	d.ExpectNot(title)
	d.Press("f1")
	d.Expect(title, "leave without sending")
	d.ExpectNot("invert the marks", "next choice")
	d.Press("f1") // no help of the help
	d.Type("leave")
	d.Press("enter") // runs it in the form
	d.ExpectNot(title, "a?")

	d.Do(keymap.PlanSync)
	d.Expect("Compare and plan a sync", "? help")
	d.Press("?")
	d.Expect(title, "?, F1", "next choice", "previous field")
	d.Press("esc")
	d.Press("tab", "tab", "tab") // to the field that takes text
	d.Expect("F1 help")
	d.Press("?")
	d.ExpectNot(title)
	d.Press("f1")
	d.Expect(title)
	d.ExpectNot("?, F1", "next choice")
	d.Press("esc", "esc", "esc")
	d.ExpectNot("Compare and plan a sync")

	d.Do(keymap.Sort) // a menu
	d.Press("?")
	d.Expect(title, "next entry")
	d.Press("esc", "esc")
	d.Do(keymap.Narrow)
	d.Press("f1")
	d.Expect("help: files", "next row")
}

func TestScenarioADisabledKeySaysWhy(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	d.Do(keymap.Back)
	d.Expect("This is the top")
	Select(d, "Documents/")
	d.Do(keymap.ViewFile)
	d.Expect("Folders have no content to view")
	d.Advance(6 * time.Second)
	d.ExpectNot("Folders have no content to view") // in passing
	d.Do(keymap.Messages)
	d.Expect("messages and errors", "This is the top", "Folders have no content to view")
	d.Press("esc")
	d.ExpectNot("messages and errors")
}

func TestScenarioTheSessionsTimeRunsDown(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	// Since the clock of the driver was set the login has taken its time.
	d.Advance(d.Host.Session(nil).Account.Expires.Sub(d.Now()) - 6*time.Hour)
	d.Expect("session 6:00")
	d.Advance(61 * time.Second)
	d.Expect("session 5:59")
}

func TestScenarioInterruptTwiceQuits(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	d.Do(keymap.Interrupt)
	d.Expect("again to quit")
	if d.HasQuit() {
		t.Fatal("the first one quit")
	}
	d.Advance(3 * time.Second)
	d.Do(keymap.Interrupt)
	if d.HasQuit() {
		t.Fatal("a late second one quit")
	}
	d.Do(keymap.Interrupt)
	if !d.HasQuit() {
		t.Error("twice did not quit")
	}
}

func TestScenarioGoingFromAnAutomationToItsFolder(t *testing.T) {
	t.Parallel()
	d := New(t, Options{World: "demo"})
	d.Do(keymap.GotoAutomate)
	Select(d, "Copy new invoices to the archive")
	d.Do(keymap.AutomationPath)
	d.Expect("site  /Finance/2026/Invoices", "INV-2026-")
}

func TestScenarioThemesChangeAtOnce(t *testing.T) {
	// Not parallel: the signs of the theme are one for all.
	d := New(t, Options{Theme: "dark"})
	seen := map[string]bool{}
	for range 6 {
		seen[d.Raw()] = true
		d.Do(keymap.ThemeNext)
		d.Advance(6 * time.Second)
	}
	if len(seen) < 3 {
		t.Errorf("%d different looks", len(seen))
	}
	d.Do(keymap.Palette)
	d.Type("theme plain")
	d.Press("enter")
	d.Advance(6 * time.Second)
	if s := d.Raw(); strings.Contains(s, "\x1b[38;") {
		t.Errorf("plain has colours: %q", s[:400])
	}
	d.Do(keymap.Palette)
	d.Type("theme nosuch")
	d.Press("enter")
	d.Expect("There is no theme")
}

func TestScenarioThePaletteHoldsTheActionsOfAllScreens(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	d.Do(keymap.Palette)
	d.Type("limit the bandwidth")
	d.Expect("limit the bandwidth of all transfers", "transfers")
	d.Press("enter")
	d.Expect("Limit all transfers together to")
	d.Press("esc")
	d.Expect("Nothing is being transferred")

	d.Do(keymap.GotoFiles, keymap.Palette) // an action that cannot be done there now says why
	d.Type("cancel this transfer")
	d.Press("enter")
	d.Expect("There is no transfer", "Nothing is being transferred")

	d.Do(keymap.Palette)
	d.Type("users")
	d.Press("enter")
	d.Expect("Username")
}
