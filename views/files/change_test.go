package files

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
)

func wantCalls(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("calls\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDeleteNamesItsTargetsAndStartsOnCancel(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.to("Finance")
	d.do(keymap.Enter)
	d.to("2026")
	d.do(keymap.Mark)
	d.to("ledger-2026-10.csv")
	d.do(keymap.Mark, keymap.Delete)
	for _, text := range []string{"Delete 2 items from /Finance?", "2026/", "ledger-2026-10.csv", "everything inside: 1 file, 8.0 kB", "administrator can restore"} {
		if !strings.Contains(d.box(), text) {
			t.Errorf("the dialog does not say %q:\n%s", text, d.box())
		}
	}
	d.do(keymap.Press)
	wantCalls(t, d.site.calls)
	if len(d.boxes) != 0 {
		t.Fatal("the dialog is still there")
	}
	d.do(keymap.Delete)
	d.s.here().table.ClearMarks() // what is marked later does not matter
	d.do(keymap.Yes)
	wantCalls(t, d.site.calls, "delete Finance/2026 true", "delete Finance/ledger-2026-10.csv false")
	if strings.Contains(d.screen(), "ledger") || !slices.Contains(d.toasts, "Deleted 2 items") {
		t.Errorf("toasts %q\n%s", d.toasts, d.screen())
	}
}

// cabinet is a site with a folder of many files.
func cabinet(files int) *tree {
	site := finance()
	for i := range files {
		site.put(fmt.Sprintf("Finance/2026/%03d.pdf", i))
	}
	return site.put("Finance/2026/deep/", "Finance/2026/deep/er.txt")
}

func TestManyObjectsGoOnlyWhenTheirFolderIsTyped(t *testing.T) {
	d := start(t, cabinet(1500), inbox(), Options{})
	d.to("Finance")
	d.do(keymap.Enter)
	d.to("2026")
	d.do(keymap.Delete)
	for _, text := range []string{"Delete 2026/?", "1,502 files and 1 folder", "Type 2026 to go on", "administrator can restore"} {
		if !strings.Contains(d.box(), text) {
			t.Errorf("the dialog does not say %q:\n%s", text, d.box())
		}
	}
	top := d.boxes[len(d.boxes)-1]
	if it, _ := top.Keys().Find(keymap.Press); it.Why == "" {
		t.Error("it can be deleted with nothing typed")
	}
	for _, r := range "2026" {
		top.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	d.do(keymap.Press)
	wantCalls(t, d.site.calls, "delete Finance/2026 true")

	// Of several the number of all is typed.
	d = start(t, cabinet(30), inbox(), Options{})
	d.do(keymap.MarkAll, keymap.Delete)
	if b := d.box(); !strings.Contains(b, "altogether") || !strings.Contains(b, "Type "+strconv.Itoa(len(d.site.entries))+" to go on") {
		t.Errorf("of %d objects:\n%s", len(d.site.entries), b)
	}

	// Few are only named.
	d = start(t, cabinet(3), inbox(), Options{})
	d.to("Finance")
	d.do(keymap.Enter)
	d.to("2026")
	d.do(keymap.Delete)
	if b := d.box(); !strings.Contains(b, "5 files and 1 folder") || strings.Contains(b, "Type") {
		t.Errorf("of a few:\n%s", b)
	}
}

func TestTheCountCanBeStopped(t *testing.T) {
	d := start(t, cabinet(1500), inbox(), Options{})
	d.to("Finance")
	d.do(keymap.Enter)
	d.to("2026")
	d.hold = true
	d.give(d.s.Do(keymap.Delete)())
	if b := d.box(); !strings.Contains(b, "at least 0 files") || !strings.Contains(b, "enter ask without") {
		t.Fatalf("while it counts:\n%s", b)
	}
	d.give(d.held[0]()) // the first page
	if b := d.box(); !strings.Contains(b, "at least 999 files and 1 folder") {
		t.Errorf("after a page:\n%s", b)
	}
	d.spill(d.boxes[0].Do(keymap.Press))
	if b := d.box(); !strings.Contains(b, "at least 999 files") || !strings.Contains(b, "Type 2026 to go on") {
		t.Errorf("asked before the end:\n%s", b)
	}
	d.spill(d.boxes[0].Do(keymap.CloseBox))
	d.hold, d.held = true, nil
	d.give(d.s.Do(keymap.Delete)())
	d.spill(d.boxes[0].Do(keymap.CloseBox))
	d.release()
	if len(d.boxes) != 0 {
		t.Errorf("it was left and asks all the same:\n%s", d.box())
	}
	wantCalls(t, d.site.calls)
}

func TestASiteThatListsFolderByFolderIsCountedToo(t *testing.T) {
	site := cabinet(20)
	site.flat = true
	d := start(t, site, inbox(), Options{})
	d.to("Finance")
	d.do(keymap.Enter)
	d.to("2026")
	d.do(keymap.Delete)
	if b := d.box(); !strings.Contains(b, "22 files and 1 folder") {
		t.Errorf("counted\n%s", b)
	}
	d.do(keymap.CloseBox)
	site.fail = map[string]error{"list Finance/2026": &backend.Error{Class: "X", Group: backend.NotAuthorized, Type: "not-authorized/read-permission-required"}}
	d.do(keymap.Delete)
	if b := d.box(); !strings.Contains(b, "could not be counted: You may not read here") || !strings.Contains(b, "Type 2026") {
		t.Errorf("a folder that cannot be read:\n%s", b)
	}
}

func TestDeleteLocallyGoesToTheTrash(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.do(keymap.NextPane)
	d.to("invoice-0001.pdf")
	d.do(keymap.Delete)
	if !strings.Contains(d.box(), "trash") {
		t.Fatalf("no word of the trash:\n%s", d.box())
	}
	d.do(keymap.Yes)
	wantCalls(t, d.local.calls, "trash /home/ops/in/invoice-0001.pdf")
	d.to("invoice-0002.pdf")
	d.do(keymap.DeleteForGood)
	if !strings.Contains(d.box(), "cannot be undone") {
		t.Fatalf("not said that it is for good:\n%s", d.box())
	}
	d.do(keymap.Yes)
	d.local.noTrash = true
	d.to("drafts")
	d.do(keymap.Delete)
	if !strings.Contains(d.box(), "cannot be undone") {
		t.Fatalf("without a trash:\n%s", d.box())
	}
	d.do(keymap.Yes)
	wantCalls(t, d.local.calls, "trash /home/ops/in/invoice-0001.pdf",
		"delete /home/ops/in/invoice-0002.pdf false", "delete /home/ops/in/drafts true")
}

func TestAFailedDeleteDoesNotFailTheRest(t *testing.T) {
	site := finance()
	site.fail = map[string]error{"delete Legal true": &backend.Error{Class: "FolderLockedError", Group: backend.ProcessingFailure, Message: "Folder is locked"}}
	d := start(t, site, inbox(), Options{})
	d.do(keymap.MarkAll, keymap.Delete, keymap.Yes)
	wantCalls(t, d.site.calls, "delete Finance true", "delete Legal true", "delete notes.txt false")
	if len(d.fails) != 1 || !strings.Contains(d.fails[0].Err.Error(), "1 of 3") {
		t.Fatalf("fails: %v", d.fails)
	}
	d.sees("Legal/")
}

func TestEscStopsAJob(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.do(keymap.MarkAll, keymap.Delete)
	yes := d.boxes[0].Do(keymap.Yes)
	d.boxes = nil
	d.hold = true
	d.spill(yes) // the answer is in, the first request is not
	d.sees("deleting 1 of 3", "esc stops")
	d.do(keymap.EscapeLevel)
	d.release()
	wantCalls(t, d.site.calls)
	if len(d.toasts) == 0 || !strings.Contains(d.toasts[len(d.toasts)-1], "Stopped deleting after 0 of 3") {
		t.Errorf("toasts: %q", d.toasts)
	}
}

func TestRename(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.to("notes.txt")
	d.do(keymap.Rename)
	d.fill("LEGÁL")
	if len(d.boxes) == 0 || !strings.Contains(d.box(), "Files.com ignores case") {
		t.Fatalf("a taken name was not refused:\n%s", d.box())
	}
	d.fill("to/day")
	if len(d.boxes) == 0 || !strings.Contains(d.box(), "slash") {
		t.Fatalf("a slash was not refused:\n%s", d.box())
	}
	d.fill("remarks.txt")
	wantCalls(t, d.site.calls, "move notes.txt remarks.txt false")
	if d.cursor() != "remarks.txt" {
		t.Errorf("the cursor is on %q", d.cursor())
	}
}

func TestRenameOnlyTheCase(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.to("notes.txt")
	d.do(keymap.Rename)
	d.fill("Notes.txt")
	wantCalls(t, d.site.calls, "move notes.txt .ferry-rename-1.txt false", "move .ferry-rename-1.txt Notes.txt false")
}

func TestRenameOfTheCaseThatFailsHalfwayIsTakenBack(t *testing.T) {
	site := finance()
	site.fail = map[string]error{"move .ferry-rename-1.txt Notes.txt false": errors.New("boom")}
	d := start(t, site, inbox(), Options{})
	d.to("notes.txt")
	d.do(keymap.Rename)
	d.fill("Notes.txt")
	wantCalls(t, d.site.calls, "move notes.txt .ferry-rename-1.txt false",
		"move .ferry-rename-1.txt Notes.txt false", "move .ferry-rename-1.txt notes.txt false")
	if len(d.fails) != 1 {
		t.Errorf("fails: %v", d.fails)
	}
}

func TestRenameLocally(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.do(keymap.NextPane)
	d.to("invoice-0001.pdf")
	d.do(keymap.Rename)
	d.fill("Invoice-0001.pdf")
	wantCalls(t, d.local.calls, "rename /home/ops/in/invoice-0001.pdf /home/ops/in/Invoice-0001.pdf")
}

func TestNewFolder(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.do(keymap.NewFolder)
	d.fill("finance")
	if len(d.boxes) == 0 {
		t.Fatal("a name that is taken was accepted")
	}
	d.fill("Reports/2026")
	wantCalls(t, d.site.calls, "mkdir Reports/2026 true")
	d.do(keymap.NewFolder)
	d.fill("Zoo")
	wantCalls(t, d.site.calls, "mkdir Reports/2026 true", "mkdir Zoo false")
	if d.cursor() != "Zoo" {
		t.Errorf("the cursor is on %q", d.cursor())
	}
}

func TestPasteOnTheSiteFollowsTheMigration(t *testing.T) {
	site := finance()
	site.migrates, site.polls = true, 2
	d := start(t, site, inbox(), Options{})
	d.to("Legal")
	d.do(keymap.Yank)
	d.to("Finance")
	d.do(keymap.Enter)
	if it, _ := d.s.Keys().Find(keymap.Paste); it.Label != "copy Legal here" {
		t.Errorf("paste is called %q", it.Label)
	}
	d.do(keymap.Paste)
	wantCalls(t, d.site.calls, "copy Legal Finance/Legal false", "migration 7", "migration 7", "migration 7")
	d.sees("Legal/")
}

func TestPasteWhereANameIsTaken(t *testing.T) {
	site := finance().put("Legal/ledger-2026-10.csv")
	d := start(t, site, inbox(), Options{})
	d.to("Legal")
	d.do(keymap.Enter, keymap.Cut)
	d.do(keymap.Back)
	d.to("Finance")
	d.do(keymap.Enter, keymap.Paste)
	if !strings.Contains(d.box(), "1 name exists") {
		t.Fatalf("not asked:\n%s", d.box())
	}
	d.do(keymap.PickRun)
	wantCalls(t, d.site.calls, "move Legal/ledger-2026-10.csv Finance/ledger-2026-10 (2).csv false")
}

func TestPasteIntoItself(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.to("Finance")
	d.do(keymap.Cut, keymap.Enter)
	if why := d.why(keymap.Paste); !strings.Contains(why, "into itself") {
		t.Errorf("why: %q", why)
	}
}

func TestAcross(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.to("Finance")
	d.do(keymap.Enter, keymap.NextPane)
	d.to("invoice-0001.pdf")
	d.do(keymap.Mark, keymap.Mark, keymap.CopyAcross)
	if len(d.queue.asked) != 1 {
		t.Fatalf("asked %d times", len(d.queue.asked))
	}
	r := d.queue.asked[0]
	if r.Direction != backend.Upload || len(r.Sources) != 2 || r.Move || r.Target != (backend.Location{Side: backend.Remote, Path: "Finance"}) {
		t.Fatalf("asked %+v", r)
	}
	if !strings.Contains(d.toasts[0], "2 items queued for /Finance") {
		t.Errorf("said %q", d.toasts)
	}
	d.do(keymap.NextPane)
	d.to("payroll-2026-10.xlsx")
	d.do(keymap.MoveAcross)
	if len(d.queue.asked) != 1 {
		t.Fatal("a move was not asked about")
	}
	d.do(keymap.Yes)
	r = d.queue.asked[1]
	if r.Direction != backend.Download || !r.Move || r.Target != (backend.Location{Side: backend.Local, Path: "/home/ops/in"}) {
		t.Fatalf("asked %+v", r)
	}
}

// What is on its way already does not hold up what was marked with it; alone it is
// refused.
func TestAcrossBesideWhatIsUnderWay(t *testing.T) {
	for _, open := range []int{1, 2, 3} {
		d := start(t, finance(), inbox(), Options{})
		d.do(keymap.NextPane)
		for i, name := range []string{"drafts", "invoice-0001.pdf", "invoice-0002.pdf"} {
			d.to(name)
			d.do(keymap.Mark)
			if i < open {
				d.queue.open = append(d.queue.open, "/home/ops/in/"+name)
			}
		}
		d.do(keymap.CopyAcross)
		if open == 3 {
			if len(d.queue.asked) != 0 || len(d.fails) != 1 {
				t.Errorf("asked %+v, fails %+v", d.queue.asked, d.fails)
			}
			continue
		}
		if len(d.queue.asked) != 1 || len(d.queue.asked[0].Sources) != 3-open || len(d.fails) != 0 {
			t.Fatalf("%d under way: asked %+v, fails %+v", open, d.queue.asked, d.fails)
		}
		want := map[int]string{1: "2 items queued for /, 1 other is on the way already", 2: " queued for /, 2 others are on the way already"}[open]
		if !strings.Contains(d.toasts[0], want) {
			t.Errorf("said %q", d.toasts)
		}
	}
}

func TestPasteOnTheOtherSideIsATransfer(t *testing.T) {
	d := start(t, finance(), inbox(), Options{})
	d.to("notes.txt")
	d.do(keymap.Yank, keymap.NextPane, keymap.Paste)
	if len(d.queue.asked) != 1 || d.queue.asked[0].Direction != backend.Download {
		t.Fatalf("asked %+v", d.queue.asked)
	}
}

func TestReadOnly(t *testing.T) {
	d := start(t, finance(), inbox(), Options{ReadOnly: true})
	for _, a := range []keymap.Action{keymap.Delete, keymap.Rename, keymap.NewFolder, keymap.MoveAcross, keymap.Cut} {
		if why := d.why(a); !strings.Contains(why, "reading only") {
			t.Errorf("%s: %q", a, why)
		}
	}
	if why := d.why(keymap.CopyAcross); why != "" {
		t.Errorf("downloading: %q", why)
	}
	d.do(keymap.NextPane)
	if d.why(keymap.CopyAcross) == "" || d.why(keymap.Delete) != "" {
		t.Error("uploading is possible, or deleting here is not")
	}
}

func TestASessionThatEndsIsToldAsSuch(t *testing.T) {
	site := finance()
	site.fail = map[string]error{"list ": &backend.Error{Group: backend.NotAuthenticated, Type: "not-authenticated/invalid-session"}}
	d := start(t, site, inbox(), Options{})
	if len(d.fails) != 1 || d.fails[0].Retry == nil {
		t.Fatalf("fails: %+v", d.fails)
	}
	clear(site.fail)
	d.run(d.fails[0].Retry)
	d.sees("notes.txt")
}

var _ ui.Component = (*Screen)(nil)

func TestALostSessionDoesNotMiscountWhatWasDone(t *testing.T) {
	s := &Screen{}
	lost := &backend.Error{Group: backend.NotAuthenticated, Type: "not-authenticated/invalid-session"}
	j := &job{verb: "deleting", steps: make([]step, 5), ctx: t.Context(), cancel: func() {}}
	s.jobs = []*job{j}
	s.worked(workDone{job: j})
	s.worked(workDone{job: j})
	said := ""
	for _, c := range s.worked(workDone{job: j, err: lost})().(tea.BatchMsg) {
		if m, ok := c().(ui.FailMsg); ok {
			said = backend.AsError(m.Err).Message
		}
	}
	if len(s.jobs) != 0 || !strings.Contains(said, "failed for 3 of 5") {
		t.Errorf("two of five were done, then it ended; said %q", said)
	}
}
