package files

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
)

func TestBrowsing(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.sees("site  /", "Finance/", "notes.txt", "local  ~/in", "drafts/", "3 items", "1 hidden")
	d.to("Finance")
	d.do(keymap.Enter)
	d.sees("site  /Finance", "ledger-2026-10.csv")
	d.to("2026")
	d.do(keymap.Enter)
	d.sees("site  /Finance/2026", "plan.docx")
	d.do(keymap.Back)
	if d.cursor() != "2026" {
		t.Fatalf("after going up the cursor is on %q", d.cursor())
	}
	d.do(keymap.HistoryBack)
	d.sees("/Finance/2026", "plan.docx")
	d.do(keymap.HistoryBack, keymap.HistoryBack)
	d.sees("site  / ")
	d.do(keymap.HistoryOn)
	d.sees("site  /Finance ")
	if d.cursor() != "2026" {
		t.Fatalf("history forgot the cursor: %q", d.cursor())
	}
	d.do(keymap.HomeFolder)
	d.sees("site  / ")
	if why := d.why(keymap.Back); why == "" {
		t.Error("one can go up from the top")
	}
	d.do(keymap.NextPane, keymap.ShowHidden)
	d.sees(".secret", "5 items")
	d.do(keymap.ShowHidden)
	if strings.Contains(d.screen(), ".secret") {
		t.Error("the hidden file is still shown")
	}
}

// What a pane shows while it opens another folder is not where things go, and a
// pane that has shown nothing yet is not one without a folder.
func TestAPaneThatStillLoadsIsWaitedFor(t *testing.T) {
	waits := func(d *driver, a keymap.Action) bool {
		return strings.Contains(d.why(a), "still loading its folder: wait")
	}
	d := start(t, finance(), inbox(), Options{})
	if d.why(keymap.PlanSync) != "" {
		t.Fatalf("both are there, and comparing is %q", d.why(keymap.PlanSync))
	}
	d.hold = true
	d.to("Finance")
	d.do(keymap.Enter)
	if !waits(d, keymap.PlanSync) {
		t.Errorf("while this pane opens a folder: %q", d.why(keymap.PlanSync))
	}
	d.do(keymap.NextPane)
	for _, a := range []keymap.Action{keymap.PlanSync, keymap.CopyAcross, keymap.MoveAcross} {
		if !waits(d, a) {
			t.Errorf("%s while the other pane opens a folder: %q", a, d.why(a))
		}
	}
	d.release()
	for _, a := range []keymap.Action{keymap.PlanSync, keymap.CopyAcross, keymap.MoveAcross} {
		if d.why(a) != "" {
			t.Errorf("%s when it is open: %q", a, d.why(a))
		}
	}

	first := New(d.s.env, finance(), inbox(), &queue{}, Options{})
	first.Init()
	if it, _ := first.Keys().Find(keymap.PlanSync); !strings.Contains(it.Why, "still loading") {
		t.Errorf("at the start: %q", it.Why)
	}
}

// Half of a hundred cells has room for a date, if a short one.
func TestANarrowPaneHasAShortDate(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.s.Resize(100, 20)
	d.sees("Date")
	d.s.Resize(120, 20)
	d.sees("Modified")
}

func TestGoToPath(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.do(keymap.GoToPath)
	d.fill("/Finance/ledger-2026-10.csv")
	d.sees("site  /Finance")
	if d.cursor() != "ledger-2026-10.csv" {
		t.Fatalf("the cursor is on %q", d.cursor())
	}
	d.do(keymap.GoToPath)
	d.fill("../Legal")
	d.sees("site  /Legal", "This folder is empty")
	d.do(keymap.GoToPath)
	for _, r := range "/Finance" { // what is typed at once stands for itself
		d.run(d.boxes[len(d.boxes)-1].Update(tea.KeyPressMsg{Code: r, Text: string(r)}))
	}
	d.do(keymap.Submit)
	d.sees("site  /Finance")
	d.do(keymap.GoToPath)
	d.fill("/Legal")
	d.do(keymap.GoToPath)
	d.fill("/nowhere")
	if len(d.fails) != 1 || !errors.Is(d.fails[0].Err, backend.NotFound) {
		t.Fatalf("fails: %v", d.fails)
	}
	d.sees("site  /Legal", "This folder is empty")
	d.site.put("nowhere")
	d.run(d.fails[0].Retry)
	if d.cursor() != "nowhere" {
		t.Fatalf("the retry put the cursor on %q", d.cursor())
	}
	d.run(d.s.Update(ui.ShownMsg{Route: ui.RouteFiles, Args: ui.ShowPath{Side: ui.LocalSide, Path: "/home/ops/in/invoice-0002.pdf"}}))
	if d.cursor() != "invoice-0002.pdf" {
		t.Fatalf("asked from elsewhere the cursor is on %q", d.cursor())
	}
}

func TestBigFolderLoadsAsTheCursorGoes(t *testing.T) {
	d := start(t, big(5000), inbox(), Options{})
	if got := d.s.here().table.Len(); got != 200 {
		t.Fatalf("opened with %d rows", got)
	}
	d.sees("200+ loaded")
	for range 8 {
		d.do(keymap.PageDown)
	}
	d.sees("1,200+ loaded")
	d.do(keymap.Last)
	d.sees("5,000 items", "row-004999.dat")
	if got := d.site.lists[len(d.site.lists)-1].PerPage; got != 1000 {
		t.Errorf("the last page was asked for with %d rows", got)
	}
}

func TestLoadingToTheEndCanBeStopped(t *testing.T) {
	d := start(t, big(5000), inbox(), Options{})
	d.hold = true
	d.do(keymap.Last)
	d.sees("200 loaded", "esc stops")
	d.do(keymap.EscapeLevel)
	d.release()
	d.sees("200+ loaded")
	if d.s.here().loader.Busy() {
		t.Error("still loading")
	}
	d.do(keymap.Down)
	d.sees("1,200+ loaded")
}

func TestFailuresLeaveAWayOut(t *testing.T) {
	denied := &backend.Error{
		Class: "ReadPermissionRequiredError", Group: backend.NotAuthorized,
		Type: "not-authorized/read-permission-required", Op: "list folder", Path: "Finance",
	}
	site := finance()
	site.fail = map[string]error{"list Finance": denied}
	d := start(t, site, inbox(), Options{})
	d.to("Finance")
	d.do(keymap.Enter)
	d.sees("site  / ", "notes.txt")
	if len(d.fails) != 1 || d.fails[0].Retry == nil {
		t.Fatalf("fails: %+v", d.fails)
	}
	delete(site.fail, "list Finance")
	d.run(d.fails[0].Retry)
	d.sees("site  /Finance", "payroll")

	site.fail["list Finance"] = denied
	d.do(keymap.Refresh)
	d.sees("You may not read here", "h parent folder")
	d.do(keymap.Back)
	d.sees("notes.txt")

	site = finance()
	site.fail = map[string]error{"list ": denied}
	d = start(t, site, inbox(), Options{})
	d.sees("You may not read here")
	delete(site.fail, "list ")
	d.do(keymap.Refresh)
	d.sees("notes.txt")
}

func TestAConnectionLostOnRefreshKeepsTheRows(t *testing.T) {
	site := finance()
	d := start(t, site, inbox(), Options{})
	site.fail = map[string]error{"list ": &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection}}
	d.do(keymap.Refresh)
	d.sees("notes.txt")
	if len(d.fails) != 1 {
		t.Fatalf("%d cards", len(d.fails))
	}
}

func TestNarrow(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.do(keymap.NextPane, keymap.Narrow)
	if !d.s.Typing() {
		t.Fatal("not typing")
	}
	for _, r := range "inv" {
		d.run(d.s.Update(tea.KeyPressMsg{Code: r, Text: string(r)}))
	}
	d.sees("2 of 4 ", "/inv")
	d.do(keymap.PickRun)
	d.sees("only “inv” in what is loaded")
	if strings.Contains(d.screen(), "drafts/") {
		t.Error("a row that does not match is shown")
	}
	d.do(keymap.EscapeLevel)
	d.sees("drafts/")
}

func TestSearchOnTheSite(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.to("Finance")
	d.do(keymap.Enter, keymap.SearchHere)
	d.fill("plan")
	d.sees("found “plan” below /Finance", "2026/plan.docx")
	if q := d.site.lists[len(d.site.lists)-1]; q.Search != "plan" || q.SearchAll || q.SortBy != "" {
		t.Fatalf("asked %+v", q)
	}
	d.do(keymap.Enter)
	d.sees("site  /Finance/2026")
	if d.cursor() != "plan.docx" {
		t.Fatalf("the cursor is on %q", d.cursor())
	}
	d.do(keymap.SearchSite)
	d.fill("a")
	if q := d.site.lists[len(d.site.lists)-1]; !q.SearchAll || d.site.dirs[len(d.site.dirs)-1] != "" {
		t.Fatalf("asked %+v in %q", q, d.site.dirs[len(d.site.dirs)-1])
	}
	d.do(keymap.EscapeLevel)
	d.sees("site  /Finance/2026")
	d.do(keymap.NextPane)
	if d.why(keymap.SearchHere) == "" {
		t.Error("a search on the site is offered for local files")
	}
}

func TestSort(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.to("Finance")
	d.do(keymap.Enter, keymap.Sort)
	d.do(keymap.PickDown, keymap.PickRun)
	if q := d.site.lists[len(d.site.lists)-1]; q.SortBy != "size" || !q.Desc {
		t.Fatalf("asked %+v", q)
	}
	d.sees("by size ↓")
	d.do(keymap.Reverse)
	if q := d.site.lists[len(d.site.lists)-1]; q.SortBy != "size" || q.Desc {
		t.Fatalf("asked %+v", q)
	}
}

func TestMarks(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.do(keymap.NextPane, keymap.MarkGlob)
	d.fill("INV*.pdf")
	d.sees("2 marked, 11.0 kB")
	d.do(keymap.CopyText)
	if len(d.copied) != 1 || d.copied[0] != "/home/ops/in/invoice-0001.pdf\n/home/ops/in/invoice-0002.pdf" {
		t.Fatalf("copied %q", d.copied)
	}
	if d.why(keymap.Rename) == "" {
		t.Error("two marked rows can be renamed at once")
	}
	d.local.entries = slices.DeleteFunc(d.local.entries, func(e backend.Entry) bool { return e.Name == "invoice-0002.pdf" })
	d.do(keymap.Refresh)
	d.sees("1 marked, 5.0 kB")
	d.do(keymap.Mark)
	d.do(keymap.Invert)
	d.do(keymap.UnmarkGlob)
	d.fill("*1.pdf")
	d.do(keymap.UnmarkGlob)
	d.fill("draf*")
	d.sees("1 marked, 8.0 kB")
	d.do(keymap.EscapeLevel)
	if strings.Contains(d.screen(), "marked") {
		t.Error("still marked")
	}
}

func TestPreviewAndView(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.to("notes.txt")
	d.do(keymap.ViewFile)
	if !strings.Contains(d.box(), "first line of notes.txt") {
		t.Fatalf("the viewer shows\n%s", d.box())
	}
	d.do(keymap.CloseBox, keymap.Layout)
	d.sees("preview  notes.txt", "second line")
	if got := d.site.calls[len(d.site.calls)-1]; got != "preview notes.txt 65536" {
		t.Errorf("asked %q", got)
	}
	n := len(d.site.calls)
	d.do(keymap.Up)
	d.sees("A folder")
	if len(d.site.calls) != n {
		t.Error("a folder was asked for its content")
	}
	d.do(keymap.Layout)
	if strings.Contains(d.screen(), "preview") {
		t.Error("the preview is still there")
	}
}

func TestLongLinesAreReadByWrappingOrSideways(t *testing.T) {
	site := finance()
	site.text = "the beginning " + strings.Repeat("word ", 60) + "the end\nsecond line"
	d := start(t, site, inbox(), Options{})
	d.to("notes.txt")
	d.do(keymap.ViewFile)
	if v := d.box(); !strings.Contains(v, "the beginning") || strings.Contains(v, "the end") {
		t.Fatalf("the viewer shows\n%s", v)
	}
	for range 10 {
		d.do(keymap.ViewRight)
	}
	if v := d.box(); !strings.Contains(v, "the end") || strings.Contains(v, "the beginning") || !strings.Contains(v, "from column") {
		t.Errorf("at the right it shows\n%s", v)
	}
	d.do(keymap.ViewWrap)
	if v := d.box(); !strings.Contains(v, "the end") || !strings.Contains(v, "the beginning") || !strings.Contains(v, "second line") {
		t.Errorf("wrapped it shows\n%s", v)
	}
	if it, _ := d.boxes[0].Keys().Find(keymap.ViewRight); it.Why == "" {
		t.Error("wrapped lines can be scrolled sideways")
	}
	d.do(keymap.ViewWrap)
	if v := d.box(); strings.Contains(v, "the end") {
		t.Errorf("still wrapped:\n%s", v)
	}
}

func TestOnlyTheAffectedPaneReloadsAndKeepsItsRow(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.to("Finance")
	d.do(keymap.Enter)
	d.to("ledger-2026-10.csv")
	n, l := len(d.site.lists), len(d.local.lists)
	d.give(ui.ChangedMsg{Side: ui.RemoteSide, Paths: []string{"Legal/x"}})
	if len(d.site.lists) != n {
		t.Error("a change elsewhere made the pane load")
	}
	d.site.put("Finance/aaa.csv")
	d.give(ui.ChangedMsg{Side: ui.RemoteSide, Paths: []string{"finance"}})
	d.sees("aaa.csv")
	if d.cursor() != "ledger-2026-10.csv" || len(d.local.lists) != l {
		t.Errorf("the cursor is on %q, the other pane was listed %d times more", d.cursor(), len(d.local.lists)-l)
	}
}

func TestChangesDuringALoadAreNotLost(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.hold = true
	d.do(keymap.Refresh)
	d.give(ui.ChangedMsg{Side: ui.RemoteSide, Paths: []string{""}})
	n := len(d.site.lists)
	d.release()
	if got := len(d.site.lists) - n; got != 2 {
		t.Errorf("listed %d times, want the load under way and one more", got)
	}
}

func TestViewReadsOnly(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	for range 3 {
		d.do(keymap.Layout)
		if a, b := d.s.View(), d.s.View(); a != b {
			t.Error("two views differ")
		}
	}
	var unsized Screen
	if unsized.View() != "" {
		t.Error("an unsized screen draws")
	}
}

func TestKeysNeverConflict(t *testing.T) {
	m := keymap.Default()
	check := func(name string, set keymap.Set) {
		t.Helper()
		if c := m.Conflicts(set); len(c) > 0 {
			t.Errorf("%s: %s", name, strings.Join(c, "; "))
		}
		for _, it := range set {
			if b := m.Binding(it.Action); b.Label == "" || len(b.Keys) == 0 {
				t.Errorf("%s: %s is not declared", name, it.Action)
			}
		}
	}
	d := start(t, finance(), inbox(), Options{})
	both := func(name string) { t.Helper(); check(name, d.s.Keys().And(keymap.Globals())) }
	both("site")
	d.do(keymap.Mark, keymap.Yank)
	both("remembered")
	d.do(keymap.NextPane)
	both("local")
	d.do(keymap.Layout)
	both("preview")
	d.do(keymap.Narrow)
	check("typing", d.s.Keys().And(keymap.AlwaysSet()))
	d.do(keymap.PickClose)
	d.to("invoice-0001.pdf")
	d.do(keymap.ViewFile)
	check("viewer", d.boxes[0].Keys().And(keymap.AlwaysSet()))
}

// What comes from a server or a disk never reaches the terminal as it is.
func TestHostileNames(t *testing.T) {
	site := (&tree{}).put("evil\x1b[31m\u202etxt.exe", "two\nlines")
	d := start(t, site, inbox(), Options{})
	d.do(keymap.Info)
	for _, v := range []string{d.s.View(), d.boxes[0].View()} {
		if strings.Contains(v, "\x1b[31m") || strings.ContainsRune(v, '\u202e') || strings.Contains(v, "two\n") {
			t.Errorf("raw: %q", v)
		}
	}
	d.do(keymap.CloseBox)
	for _, a := range []keymap.Action{keymap.Delete, keymap.ViewFile, keymap.Rename} {
		d.do(a)
		if v := d.boxes[0].View(); strings.Contains(v, "\x1b[31m") || strings.ContainsRune(v, '\u202e') {
			t.Errorf("%s shows it raw: %q", a, v)
		}
		d.boxes = nil
	}
}

// A blank that ends a name makes another file of it, and would not be seen.
func TestBlanksAtTheEndsOfNamesAreSeen(t *testing.T) {
	d := start(t, finance().put("Finance /", "Finance /x"), inbox().put("/home/ops/in/report.pdf "), Options{})
	d.sees("report.pdf␠", "Finance␠/")
	d.to("Finance ")
	d.do(keymap.Enter)
	d.sees("site  /Finance␠ ")
	d.do(keymap.GoToPath)
	if strings.Contains(d.box(), "␠") {
		t.Errorf("the sign of a blank is offered as a path to go to:\n%s", d.box())
	}
}

// A picture is seen as a whole, in a window that changes too.
func TestAPictureIsDrawnForItsRoom(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 100, 200))); err != nil {
		t.Fatal(err)
	}
	site := finance()
	site.text = b.String()
	d := start(t, site, inbox(), Options{})
	d.to("notes.txt")
	d.do(keymap.ViewFile)
	v, ok := d.boxes[0].(*viewer)
	if !ok || len(v.peek.lines) != v.peek.h {
		t.Fatalf("%d lines for %d:\n%s", len(v.peek.lines), v.peek.h, d.box())
	}
	reads := len(site.calls)
	v.Resize(60, 12)
	d.run(v.Update(nil))
	if len(v.peek.lines) != 10 || v.peek.wide > 60 {
		t.Errorf("in a smaller window it takes %d lines of %d cells", len(v.peek.lines), v.peek.wide)
	}
	if len(site.calls) != reads {
		t.Error("the file was read again")
	}
}
