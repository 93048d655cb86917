package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"ferry/backend/server"
	"ferry/keymap"
)

func TestScenarioBrowseTheSite(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	Select(d, "Documents")
	d.Press("enter")
	d.Expect("site  /Documents", "document-01.md", "table.csv", "13 items")
	d.Press("h")
	d.Expect("site  / ", "6 items")
	if got := Cursor(d); !strings.HasPrefix(got, "Documents/") {
		t.Errorf("back above, the cursor is on %q", got)
	}
	Select(d, "Empty")
	d.Press("enter")
	d.Expect("site  /Empty", "This folder is empty")
	d.Do(keymap.HistoryBack)
	d.Expect("site  / ")
	d.Do(keymap.HistoryBack)
	d.Expect("site  /Documents")
	d.Do(keymap.HistoryOn, keymap.HistoryOn)
	d.Expect("site  /Empty")
	d.Do(keymap.HomeFolder)
	d.Expect("site  / ", "README.md")
}

func TestScenarioOtherProgramsChangeTheFolder(t *testing.T) {
	t.Parallel()
	here := t.TempDir()
	d := New(t, Options{Local: here})
	d.Expect("This folder is empty")
	if err := os.WriteFile(filepath.Join(here, "fresh.txt"), []byte("made elsewhere"), 0o600); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour) // than any clock of a disk could confuse
	if err := os.Chtimes(here, later, later); err != nil {
		t.Fatal(err)
	}
	d.UntilSays("fresh.txt", time.Second)
}

func TestScenarioSortNarrowAndMark(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	OpenPath(d, "Documents")
	d.Do(keymap.Sort)
	d.Expect("Sort by")
	d.Press("down", "enter")
	d.Expect("Size ↓", "by size")
	d.Do(keymap.First)
	if got := Cursor(d); !strings.HasPrefix(got, "table.csv") {
		t.Errorf("the largest file does not come first but %q", got)
	}
	d.Do(keymap.Reverse)
	d.Expect("Size ↑")
	d.Do(keymap.Last)
	if got := Cursor(d); !strings.HasPrefix(got, "table.csv") {
		t.Errorf("reversed, the largest file does not come last but %q", got)
	}

	d.Do(keymap.Narrow)
	d.Type("document-1")
	d.Expect("document-10.md", "document-12.md", "3 of 13")
	d.ExpectNot("document-02.md", "table.csv")
	d.Press("enter")
	d.Expect("only “document-1”")
	d.Press("esc")
	d.Expect("document-02.md", "table.csv")

	d.Do(keymap.First, keymap.Mark, keymap.Mark, keymap.Mark)
	d.Expect("3 marked")
	d.Do(keymap.Invert)
	d.Expect("10 marked")
	d.Do(keymap.MarkAll)
	d.Expect("13 marked")
	d.Press("esc")
	d.ExpectNot("marked")
	d.Do(keymap.MarkGlob)
	d.Press("ctrl+u")
	d.Type("*.csv")
	d.Press("enter")
	d.Expect("1 marked, ")
}

func TestScenarioBrowseThisMachine(t *testing.T) {
	t.Parallel()
	dir := Files(t, map[string]string{"b/inner/deep.txt": "1", "a.txt": "22", "c.txt": "333", ".hidden": "x"})
	d := New(t, Options{Local: dir})
	FocusDisk(d)
	d.Expect("a.txt", "b/", "c.txt")
	d.ExpectNot(".hidden ")
	d.Do(keymap.ShowHidden)
	d.Expect(".hidden ")
	Select(d, "b/")
	d.Press("enter")
	d.Expect("inner/")
	d.Press("enter")
	d.Expect("deep.txt")
	d.Do(keymap.HistoryBack, keymap.HistoryBack)
	d.Expect("c.txt")
	d.Do(keymap.Narrow)
	d.Type("c.t")
	d.ExpectNot("a.txt")
	d.Press("esc")
	d.Expect("a.txt")
	d.Do(keymap.GoToPath)
	d.Press("ctrl+u")
	d.Type(filepath.Join(dir, "b", "inner"))
	d.Press("enter")
	d.Expect("deep.txt")
}

func TestScenarioAHundredThousandEntries(t *testing.T) {
	t.Parallel()
	d := New(t, Options{World: "demo"})
	OpenBigFolder(d)
	d.Expect("site  /Sensors/2026", "reading-2026-01-01-0000.csv", "+ loaded")
	first := loaded(t, d)
	if first < 100 || first > 1000 {
		t.Errorf("the first page has %d rows", first)
	}
	for range 30 {
		d.Do(keymap.PageDown)
	}
	if n := loaded(t, d); n <= first || n >= 100_000 {
		t.Errorf("near the end of %d rows it holds %d", first, n)
	}
	before := loaded(t, d)

	d.Tap("G")
	d.AwaitSays("esc stops")
	d.Await("a growing count", func(string) bool { return loaded(t, d) > before+2000 })
	d.Press("esc")
	stopped := loaded(t, d)
	if stopped >= 100_000 {
		t.Fatalf("esc did not stop it:\n%s", d.Screen())
	}
	d.Expect("+ loaded")
	d.ExpectNot("esc stops")

	d.Press("G")
	d.Expect("100,000 items")
	if got := Cursor(d); !strings.HasPrefix(got, "reading-") {
		t.Errorf("the cursor is on %q", got)
	}
	last := Cursor(d)
	d.Do(keymap.Narrow)
	d.Type(strings.TrimSuffix(strings.Fields(last)[0], ".csv"))
	d.Expect("1 of 100,000")
}

// loaded is the number of rows that the site's pane says it has.
func loaded(t *testing.T, d *Driver) int {
	t.Helper()
	line := strings.Split(d.Screen(), "\n")[2]
	n := 0
	for _, f := range strings.Fields(line) {
		f = strings.NewReplacer(",", "", "+", "").Replace(f)
		if _, err := fmt.Sscanf(f, "%d", &n); err == nil && !strings.ContainsAny(f, "/…") {
			continue
		}
	}
	return n
}

func TestScenarioLoadingEmptyAndFailed(t *testing.T) {
	t.Parallel()
	d := New(t, Options{Prepare: AtOnce})
	Faults(d, server.Fault{Match: "GET /folders/Documents*", Latency: "10m"})
	Select(d, "Documents")
	d.Tap("enter")
	d.Expect("/Documents") // it says at once where it goes
	if s := d.Screen(); !strings.Contains(s, "pening") && !strings.Contains(s, "oading") {
		t.Errorf("nothing says that it loads:\n%s", s)
	}
	Faults(d)
	d.Idle()
	d.Expect("site  /Documents", "document-01.md")

	OpenPath(d, "/Empty")
	d.Expect("This folder is empty")

	Faults(d, server.Fault{Match: "GET /folders/Pictures*", Type: "not-authorized/read-permission-required", Status: 403, Times: 1})
	OpenPath(d, "/Pictures")
	d.Expect("You may not read here")
	d.Press("esc")
	d.Expect("site  /Empty") // where one was
	OpenPath(d, "/Pictures")
	d.Expect("welcome.png")

	Faults(d, server.Fault{Match: "GET /folders/Pictures*", Drop: true})
	d.Do(keymap.Refresh)
	d.Expect("The site cannot be reached")
	Faults(d)
	d.Press("r")
	d.Expect("welcome.png")
}

func TestScenarioLoadingCanBeStopped(t *testing.T) {
	t.Parallel()
	d := New(t, Options{Prepare: AtOnce})
	Faults(d, server.Fault{Match: "GET /folders/Documents*", Latency: "10m"})
	Select(d, "Documents")
	d.Tap("enter", "esc")
	d.Idle() // it does not wait for the answer
	Faults(d)
	d.Expect("site  / ", "README.md")
	d.ExpectNot("document-01.md")
	Select(d, "Documents")
	d.Press("enter")
	d.Expect("document-01.md")
}

func TestScenarioNoNameReachesTheTerminalRaw(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ world, path string }{{"small", "/Odd names"}, {"demo", "/Inbox/Odd names"}} {
		t.Run(c.world, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, name := range []string{"esc \x1b[31mred.txt", "line\nbreak.txt", "bidi \u202egpj.exe"} {
				if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d := New(t, Options{World: c.world, Local: dir})
			OpenPath(d, c.path)
			d.Expect("Ångström measurements.csv", "データ/", "Łódź.txt")
			for range 80 {
				clean(t, d)
				d.Do(keymap.Down)
			}
			// As a target of every box too.
			d.Do(keymap.First)
			for _, name := range []string{"escape ", "line", "bidi "} {
				Select(d, name)
				for _, a := range []keymap.Action{keymap.Delete, keymap.Rename, keymap.Info, keymap.ViewFile, keymap.MoveAcross} {
					d.Do(a)
					clean(t, d)
					d.Press("esc")
				}
			}
		})
	}
}

// clean fails when the screen holds what a terminal would not print: with the
// colours, only the sequences that colour are left.
func clean(t *testing.T, d *Driver) {
	t.Helper()
	raw := d.Raw()
	if strings.Contains(raw, "\x1b[31mred") {
		t.Fatalf("an escape sequence of a name came through: %q", raw)
	}
	for _, r := range d.Screen() {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Fatalf("%U reaches the terminal:\n%q", r, d.Screen())
		}
	}
	if n := strings.Count(d.Screen(), "\n"); n != 35 {
		t.Fatalf("a name breaks the lines: %d", n)
	}
}
