package table

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

type row struct {
	id, name string
	size     int
}

func name(r row) string { return r.name }

func newEnv(tb testing.TB, themeName string, g *theme.Glyphs) *ui.Env {
	tb.Helper()
	th, ok := theme.Named(themeName, g)
	if !ok {
		tb.Fatalf("no theme %q", themeName)
	}
	return ui.NewEnv(tb.Context(), th, keymap.Default(), func() time.Time { return time.Time{} })
}

func columns() []Column[row] {
	return []Column[row]{
		{Title: "Name", Middle: true, Cell: name, Sort: "name", Role: func(r row) theme.Role {
			if strings.HasSuffix(r.name, "/") {
				return theme.Folder
			}
			return theme.Text
		}},
		{Title: "Size", Width: 9, Right: true, Sort: "size", Drop: 1, Cell: func(r row) string { return cell.Size(int64(r.size)) }},
		{Title: "Modified", Width: 10, Drop: 2, Cell: func(row) string { return "yesterday" }},
	}
}

func newTable(tb testing.TB) *Model[row] {
	tb.Helper()
	return New(newEnv(tb, "dark", nil), func(r row) string { return r.id }, columns()...)
}

func rows(from, n int) []row {
	out := make([]row, n)
	for i := range out {
		k := from + i
		out[i] = row{id: strconv.Itoa(k), name: "Row " + strconv.Itoa(k) + ".txt", size: k * 7919 % 100_003}
	}
	return out
}

func filled(tb testing.TB, n int) *Model[row] {
	tb.Helper()
	m := newTable(tb)
	m.Append(rows(0, n), false)
	return m
}

func cursorID(t *testing.T, m *Model[row]) string {
	t.Helper()
	r, ok := m.Cursor()
	if !ok {
		t.Fatal("no row is under the cursor")
	}
	return r.id
}

func ids(rs []row) string {
	var out []string
	for _, r := range rs {
		out = append(out, r.id)
	}
	return strings.Join(out, " ")
}

func TestTheViewFillsItsRoomExactly(t *testing.T) {
	problem := ui.Problem{
		Title: "Files.com asks us to slow down", Lines: []string{strings.Repeat("Too many requests in the last minute. ", 5)},
		Hints: []keymap.Hint{{Key: "r", Text: "retry now"}, {Key: "Y", Text: "copy details"}}, Code: "rate-limited/too-many-requests",
	}
	states := map[string]func(*Model[row]){
		"idle":           func(*Model[row]) {},
		"loading":        func(m *Model[row]) { m.Loading("/Finance") },
		"rows":           func(m *Model[row]) { m.Append(rows(0, 50), true) },
		"few rows":       func(m *Model[row]) { m.Append(rows(0, 2), false) },
		"wide names":     func(m *Model[row]) { m.Append([]row{{id: "1", name: strings.Repeat("日本語", 60) + ".txt"}}, false) },
		"reloading":      func(m *Model[row]) { m.Append(rows(0, 50), true); m.Loading("/Finance") },
		"empty":          func(m *Model[row]) { m.Empty("This folder is empty.", "a makes a folder"); m.Append(nil, false) },
		"failed":         func(m *Model[row]) { m.Fail(problem) },
		"failed later":   func(m *Model[row]) { m.Append(rows(0, 50), true); m.Fail(problem) },
		"narrowed":       func(m *Model[row]) { m.Append(rows(0, 50), true); m.Narrow("row 1", name) },
		"narrowed, none": func(m *Model[row]) { m.Append(rows(0, 50), true); m.Narrow("nothing like it", name) },
	}
	for what, set := range states {
		m := newTable(t)
		set(m)
		if got := m.View(); got != "" {
			t.Errorf("%s: unsized view is %q", what, got)
		}
		for _, size := range [][2]int{{120, 36}, {80, 10}, {40, 5}, {20, 3}, {7, 2}, {3, 1}, {1, 1}} {
			m.Resize(size[0], size[1])
			got := m.View()
			if got != m.View() {
				t.Errorf("%s: drawing twice gives two pictures", what)
			}
			lines := cell.Lines(got)
			if len(lines) != size[1] {
				t.Errorf("%s at %v: %d lines", what, size, len(lines))
			}
			for _, l := range lines {
				if cell.Width(l) != size[0] {
					t.Errorf("%s at %v: %q takes %d", what, size, cell.Strip(l), cell.Width(l))
				}
			}
		}
	}
}

func TestTheCursorStaysOnItsRow(t *testing.T) {
	m := newTable(t)
	m.Resize(80, 11)
	m.Append(rows(0, 100), true)
	m.MoveTo(50)
	line := m.cursor - m.top
	check := func(what string) {
		t.Helper()
		if got := cursorID(t, m); got != "50" {
			t.Errorf("%s: the cursor is on %s", what, got)
		}
		if got := m.cursor - m.top; got != line {
			t.Errorf("%s: the row moved from line %d to %d", what, line, got)
		}
	}
	m.Append(rows(100, 100), true)
	check("a page came")
	m.SortLocal(func(a, b row) int { return a.size - b.size })
	check("sorted")
	m.Append(rows(200, 100), true)
	check("a page came while sorted")
	m.SortLocal(nil)
	check("sorted no longer")
	m.Replace(append(rows(1000, 3), rows(20, 60)...), false)
	check("replaced")
	m.Remove("21", "22", "60")
	check("others removed")
}

func TestRemovingTheCursorRowGivesTheNext(t *testing.T) {
	m := filled(t, 5)
	m.Resize(80, 10)
	m.MoveTo(2)
	m.Remove("2", "3")
	if got := cursorID(t, m); got != "4" {
		t.Errorf("the cursor is on %s", got)
	}
	m.Remove("4")
	if got := cursorID(t, m); got != "1" {
		t.Errorf("at the end the cursor is on %s", got)
	}
	m.Remove("0", "1")
	if _, ok := m.Cursor(); ok || m.Len() != 0 {
		t.Error("a row is left")
	}
}

func TestSelectWaitsForTheRow(t *testing.T) {
	m := newTable(t)
	m.Resize(80, 10)
	m.Append(rows(0, 10), true)
	if m.Select("15") {
		t.Fatal("a row that is not here was selected")
	}
	m.Append(rows(10, 10), true)
	if got := cursorID(t, m); got != "15" {
		t.Errorf("the cursor is on %s", got)
	}
	m.Narrow("Row 3", name)
	m.Select("11")
	m.Narrow("", name)
	if got := cursorID(t, m); got != "11" {
		t.Errorf("narrowing hid the row; the cursor is on %s", got)
	}
	m.Select("15")
	m.Select("25")
	m.Do(keymap.Up)
	m.Append(rows(20, 10), true)
	if got := cursorID(t, m); got != "14" {
		t.Errorf("the cursor jumped to %s after it was moved by hand", got)
	}
}

func TestAPageThatOverlapsAddsNothingTwice(t *testing.T) {
	m := filled(t, 10)
	m.Append([]row{{id: "9", name: "changed"}, {id: "10", name: "new"}}, false)
	if m.Len() != 11 {
		t.Errorf("%d rows", m.Len())
	}
	if r, _ := m.Get("9"); r.name != "changed" {
		t.Errorf("the row was not changed: %+v", r)
	}
}

func TestMarksAreByIdentity(t *testing.T) {
	m := filled(t, 10)
	m.Resize(80, 10)
	m.Markable(func(r row) bool { return r.id != "0" })
	m.Do(keymap.Mark)
	if m.MarkCount() != 0 || len(m.Targets()) != 1 || m.Targets()[0].id != "1" {
		t.Errorf("what cannot be marked was marked: %s, targets %s", ids(m.Marked()), ids(m.Targets()))
	}
	m.MoveTo(0)
	if m.Targets() != nil {
		t.Error("what cannot be marked is a target")
	}
	m.MoveTo(2)
	m.Do(keymap.Mark)
	m.MoveTo(5)
	m.Do(keymap.MarkRange)
	if got := ids(m.Marked()); got != "2 3 4 5" {
		t.Errorf("the range is %s", got)
	}
	m.Do(keymap.Invert)
	if got := ids(m.Targets()); got != "1 6 7 8 9" {
		t.Errorf("inverted: %s", got)
	}
	m.Replace(rows(5, 3), true)
	if got := ids(m.Marked()); got != "6 7" || m.MarkCount() != 2 {
		t.Errorf("replaced: %s, count %d", got, m.MarkCount())
	}
	m.Append(rows(8, 1), true)
	if got := ids(m.Marked()); got != "6 7 8" {
		t.Errorf("a marked row came back: %s", got)
	}
	m.Update("7", row{id: "seven", name: "renamed"})
	if got := ids(m.Marked()); got != "6 seven 8" {
		t.Errorf("renamed: %s", got)
	}
	if !m.ClearMarks() || m.ClearMarks() || m.MarkCount() != 0 {
		t.Error("clearing the marks")
	}
}

func TestNarrow(t *testing.T) {
	m := filled(t, 100)
	m.Resize(80, 10)
	m.Narrow("ROW 1", name)
	if m.Shown() != 19 { // every row holds "row"; 1, 10 to 19, 21, 31 … 91 hold a 1
		t.Errorf("%d rows are shown", m.Shown())
	}
	m.Narrow("row 1 2", name)
	if m.Shown() != 2 {
		t.Errorf("12 and 21: %d rows are shown", m.Shown())
	}
	if got := m.Footer(); got != "2 of 100, loaded all" {
		t.Errorf("footer %q", got)
	}
	m.Append([]row{{id: "x", name: "row 12 again"}, {id: "y", name: "no"}}, true)
	if m.Shown() != 3 || m.Footer() != "3 of 102+ loaded" {
		t.Errorf("a page came: %d, %q", m.Shown(), m.Footer())
	}
	if m.NearEnd() {
		t.Error("narrowing loads pages")
	}
	m.Narrow("", name)
	if m.Shown() != 102 || m.Narrowed() != "" {
		t.Errorf("shown again: %d", m.Shown())
	}
	m.MoveTo(0)
	m.NextMatch(1)
	first := cursorID(t, m)
	m.NextMatch(1)
	m.NextMatch(1)
	third := cursorID(t, m)
	m.NextMatch(-1)
	if got := cursorID(t, m); first != "12" || got != "21" || third != "x" {
		t.Errorf("matches %s, %s back to %s", first, third, got)
	}
}

func TestNearEnd(t *testing.T) {
	m := newTable(t)
	m.Resize(80, 11)
	m.Append(rows(0, 5), true)
	if !m.NearEnd() {
		t.Error("the window is not full, yet nothing is asked for")
	}
	m.Append(rows(5, 95), true)
	if m.NearEnd() {
		t.Error("at the first of 100 rows more is asked for")
	}
	m.MoveTo(70)
	if !m.NearEnd() {
		t.Error("at 70 of 100 rows nothing is asked for")
	}
	m.Append(nil, false)
	if m.NearEnd() {
		t.Error("there is no more to ask for")
	}
}

func TestLoadingKeepsTheRowsUntilTheyAreGoodAgain(t *testing.T) {
	m := filled(t, 5)
	m.Resize(80, 10)
	m.Loading("/Finance")
	v := cell.Strip(m.View())
	if m.State() != Loading || !strings.Contains(v, "loading /Finance") || !strings.Contains(v, "esc cancels") || !strings.Contains(v, "Row 3") {
		t.Errorf("got\n%s", v)
	}
	m.Append(nil, false)
	if m.State() != Ready || m.Len() != 5 || strings.Contains(m.View(), "loading") {
		t.Errorf("after that: %d rows,\n%s", m.Len(), cell.Strip(m.View()))
	}
}

func TestColumnsDoNotDependOnTheRows(t *testing.T) {
	m := newTable(t)
	m.Resize(60, 10)
	m.Append([]row{{id: "a", name: "a"}}, true)
	head := cell.Lines(m.View())[0]
	m.Append([]row{{id: "b", name: strings.Repeat("long", 40), size: 1 << 40}}, true)
	if got := cell.Lines(m.View())[0]; got != head {
		t.Errorf("the header was\n%s and is\n%s", cell.Strip(head), cell.Strip(got))
	}
}

func TestNarrowPanesDropColumns(t *testing.T) {
	m := filled(t, 3)
	for w, want := range map[int]string{60: "Name Size Modified", 30: "Name Size", 20: "Name"} {
		m.Resize(w, 5)
		if got := strings.Join(strings.Fields(cell.Strip(cell.Lines(m.View())[0])), " "); got != want {
			t.Errorf("at %d: %q, want %q", w, got, want)
		}
	}
}

// Where nothing more can go, a flexible column that may shrink leaves the others
// theirs; without that the last one has what is left.
func TestAFlexibleColumnShrinksForTheLast(t *testing.T) {
	word := func(row) string { return strings.Repeat("x", 40) }
	for shrinks, want := range map[int][2]int{0: {20, 6}, 12: {12, 14}, 19: {19, 7}} {
		m := New(newEnv(t, "dark", nil), func(r row) string { return r.id },
			Column[row]{Title: "A", Weight: 1, Min: 20, Least: shrinks, Cell: word}, Column[row]{Title: "B", Weight: 1, Min: 20, Cell: word})
		m.Append([]row{{id: "1"}}, false)
		m.Resize(32, 3) // 28 for the columns and what is between them
		line := strings.Fields(cell.Lines(cell.Strip(m.View()))[1])
		if a, b := cell.Width(line[1]), cell.Width(line[2]); a != want[0] || b != want[1] {
			t.Errorf("down to %d: %d and %d cells, want %v", shrinks, a, b, want)
		}
		m.Resize(60, 3)
		if line := strings.Fields(cell.Lines(cell.Strip(m.View()))[1]); cell.Width(line[1]) != 27 {
			t.Errorf("with room it has %d cells", cell.Width(line[1]))
		}
	}
}

// A column that may go says less before it goes, and not a cell earlier.
func TestAColumnShrinksBeforeItGoes(t *testing.T) {
	cols := columns()
	cols[2].Least, cols[2].Terse, cols[2].Sort, cols[2].Brief = 6, "Date", "date", func(row) string { return "23 Nov" }
	m := New(newEnv(t, "dark", nil), func(r row) string { return r.id }, cols...)
	m.Append([]row{{id: "1", name: "a"}}, false)
	// Name has at least 8 cells, and 4 are for the cursor, the mark and the scroll bar.
	for w, want := range map[int]string{35: "Name Size Modified a 0 B yesterday", 34: "Name Size Date a 0 B 23 Nov", 31: "Name Size Date a 0 B 23 Nov", 30: "Name Size a 0 B"} {
		m.Resize(w, 3)
		lines := cell.Lines(cell.Strip(m.View()))
		if got := strings.Join(strings.Fields(lines[0]+strings.TrimPrefix(lines[1], "▌")), " "); got != want {
			t.Errorf("at %d: %q, want %q", w, got, want)
		}
	}
	m.SetSort("date", false)
	m.Resize(31, 3)
	if got := cell.Strip(cell.Lines(m.View())[0]); !strings.Contains(got, "Date ↑") {
		t.Errorf("sorted by it the header is %q", got)
	}
}

func TestATextThatDoesNotFitIsSaidInBrief(t *testing.T) {
	cols := columns()
	cols[0].Brief = func(r row) string { return "no. " + r.id }
	m := New(newEnv(t, "dark", nil), func(r row) string { return r.id }, cols[0])
	m.Append([]row{{id: "1", name: "a name of twenty-odd letters"}, {id: "2", name: "short"}}, false)
	for w, want := range map[int]string{60: "a name of twenty-odd letters short", 20: "no. 1 short"} {
		m.Resize(w, 3)
		lines := cell.Lines(cell.Strip(m.View()))
		got := strings.Join(strings.Fields(strings.TrimPrefix(lines[1], "▌")+lines[2]), " ")
		if got != want {
			t.Errorf("at %d: %q, want %q", w, got, want)
		}
	}
}

func TestSortLocalKeepsStrayPagesInOrder(t *testing.T) {
	m := newTable(t)
	m.SortLocal(func(a, b row) int { return a.size - b.size })
	for i := range 20 {
		m.Append(rows(i*10, 10), true)
	}
	last := -1
	for r := range m.Rows() {
		if r.size < last {
			t.Fatalf("%d stands after %d", r.size, last)
		}
		last = r.size
	}
}

// A later page that fails must not take away the rows that are there, nor hide
// the cursor.
func TestAProblemLeavesTheRowsWithinReach(t *testing.T) {
	m := filled(t, 100)
	m.Resize(80, 20)
	m.MoveTo(15)
	m.Fail(ui.Problem{Title: "The network is gone", Lines: []string{"one", "two", "three", "four"}})
	for _, a := range []keymap.Action{keymap.Down, keymap.Last, keymap.PageUp, keymap.First} {
		m.Do(a)
		v := cell.Strip(m.View())
		if r, ok := m.Cursor(); !ok || !strings.Contains(v, r.name) || !strings.Contains(v, "The network is gone") {
			t.Errorf("%s: the cursor is on %v, %v in\n%s", a, r.name, ok, v)
		}
	}
	m.Do(keymap.Last)
	m.Loading("")
	if lines := cell.Lines(cell.Strip(m.View())); !strings.Contains(lines[len(lines)-1], "Row 99") {
		t.Errorf("the window does not follow the end:\n%s", strings.Join(lines, "\n"))
	}
}

func TestNarrowFollowsChangedRows(t *testing.T) {
	m := filled(t, 10)
	m.Resize(80, 10)
	m.Narrow("row", name)
	m.Update("3", row{id: "3", name: "Row renamed"})
	m.Append([]row{{id: "4", name: "Row renamed too"}}, false)
	m.Narrow("row ren", name)
	if m.Shown() != 2 {
		t.Errorf("%d rows are shown", m.Shown())
	}
}

// A list that is told again with other contents keeps its order and narrowing
// true.
func TestReplacingAlikeRows(t *testing.T) {
	m := filled(t, 4)
	m.SortLocal(func(a, b row) int { return a.size - b.size })
	m.Narrow("row", name)
	m.Select("1")
	next := make([]row, len(m.rows))
	for i, r := range m.rows {
		r.size = -r.size
		next[i] = r
	}
	next[3].name = "other"
	m.Replace(next, false)
	var got []string
	for _, i := range m.shown {
		got = append(got, m.ids[i])
	}
	if at, _ := m.Cursor(); strings.Join(got, " ") != "2 1 0" || at.id != "1" {
		t.Errorf("shown %v, cursor on %s", got, at.id)
	}
}
