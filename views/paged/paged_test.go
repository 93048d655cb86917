package paged_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/table"
	"ferry/views/paged"
	"ferry/views/paged/pagedtest"
)

// screen is the smallest one there is: a list alone.
type screen struct{ *paged.List[int] }

func (s screen) Init() tea.Cmd { return s.Start(backend.Query{SortBy: "n"}) }

func (s screen) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Refresh:
		return s.Reload()
	case keymap.EscapeLevel:
		s.Escape()
		return nil
	}
	cmd, _ := s.List.Do(a)
	return cmd
}

func (s screen) Keys() keymap.Set {
	if s.Typing() {
		return s.List.Keys()
	}
	return s.List.Keys().And(keymap.Of(keymap.EscapeLevel))
}

func (s screen) View() string { return s.Facts() + "\n" + s.NarrowLine() + "\n" + s.Table.View() }

// numbers is a source of n numbers.
type numbers struct {
	n       int
	queries []backend.Query
	err     error
	stuck   bool
}

func (f *numbers) fetch(_ context.Context, q backend.Query) (backend.Page[int], error) {
	f.queries = append(f.queries, q)
	if f.err != nil {
		return backend.Page[int]{}, f.err
	}
	from := 0
	_, _ = fmt.Sscan(q.Cursor, &from)
	p := backend.Page[int]{}
	for i := from; i < min(from+q.PerPage, f.n); i++ {
		p.Items = append(p.Items, i)
	}
	switch to := from + q.PerPage; {
	case f.stuck && q.Cursor != "":
		p.Next = q.Cursor
	case to < f.n:
		p.Next = fmt.Sprint(to)
	}
	return p, nil
}

func open(t *testing.T, f *numbers) (*pagedtest.Rig, screen) {
	t.Helper()
	r, s := build(t, f)
	r.Show(s, 60, 20)
	return r, s
}

func build(t *testing.T, f *numbers) (*pagedtest.Rig, screen) {
	t.Helper()
	r := pagedtest.New(t)
	s := screen{paged.New(r.Env, paged.Spec[int]{
		What: "numbers", ID: func(i int) string { return fmt.Sprint(i) }, Text: func(i int) string { return fmt.Sprint("n", i) },
		Fetch: f.fetch, Marks: true, Empty: []string{"No numbers"},
	}, table.Column[int]{Title: "Number", Sort: "n", Cell: func(i int) string { return fmt.Sprint("n", i) }})}
	return r, s
}

func TestFactsTellTheTruth(t *testing.T) {
	f := &numbers{n: 500}
	r, s := open(t, f)
	steps := []struct {
		do   func()
		want string
	}{
		{func() {}, "200 numbers loaded, more to come"},
		{func() { s.Keep(func(i int) bool { return i < 20 }) }, "20 of 200 numbers loaded, more to come"},
		{func() { s.Keep(nil); r.Do(keymap.Last) }, "500 numbers"},
		{func() { s.Keep(func(i int) bool { return i < 20 }) }, "20 of 500 numbers · all loaded"},
	}
	for _, st := range steps {
		if st.do(); s.Facts() != st.want {
			t.Errorf("%q, want %q", s.Facts(), st.want)
		}
	}
}

func TestLastGoesToTheLastRow(t *testing.T) {
	f := &numbers{n: 5000}
	r, s := open(t, f)
	r.Do(keymap.Last)
	if i, _ := s.Table.Cursor(); i != 4999 || !s.Done() || len(f.queries) != 6 {
		t.Errorf("cursor on %d after %d requests", i, len(f.queries))
	}
	for i, q := range f.queries {
		if q.SortBy != "n" || i > 0 && q.PerPage != paged.NextPage {
			t.Errorf("request %d was %+v", i, q)
		}
	}
}

func TestACursorThatStandsStillEndsTheLoading(t *testing.T) {
	f := &numbers{n: 5000, stuck: true}
	r, s := open(t, f)
	r.Do(keymap.Last)
	if len(f.queries) != 2 || len(r.Fails) != 1 {
		t.Errorf("%d requests, %d failures", len(f.queries), len(r.Fails))
	}
	r.Holds(s.Facts(), "the rest failed")
}

func TestALaterPageThatFailsKeepsTheRows(t *testing.T) {
	f := &numbers{n: 1500}
	r, s := open(t, f)
	f.err = &backend.Error{Group: backend.Connection}
	r.Do(keymap.Last)
	if len(r.Fails) != 1 || len(s.Rows()) != 200 {
		t.Fatalf("%d failures, %d rows", len(r.Fails), len(s.Rows()))
	}
	n := len(f.queries)
	r.Do(keymap.Up, keymap.Down)
	if len(f.queries) != n {
		t.Error("moving asks again though the page has just failed")
	}
	f.err = nil
	r.Run(r.Fails[0].Retry)
	if len(s.Rows()) != 1200 {
		t.Errorf("%d rows after the retry", len(s.Rows()))
	}
}

func TestStoppingTheFirstPage(t *testing.T) {
	f := &numbers{n: 10}
	r, s := open(t, f)
	r.Hold()
	r.Do(keymap.Refresh)
	if !s.Busy() {
		t.Fatal("nothing is awaited")
	}
	r.Do(keymap.EscapeLevel)
	r.Release()
	if s.Busy() || s.Table.Shown() != 10 || s.Table.State() != table.Ready {
		t.Error("the old rows are not as they were")
	}

	r, s = build(t, &numbers{n: 10})
	r.Hold()
	r.Show(s, 60, 20)
	r.Do(keymap.EscapeLevel)
	r.Release()
	r.Holds(r.Screenful(), "Loading was stopped", "load numbers")
	r.Do(keymap.Refresh)
	r.Holds(s.Facts(), "10 numbers")
}

func TestAgainBringsWhatIsNewWithoutMoving(t *testing.T) {
	f := &numbers{n: 3}
	r, s := open(t, f)
	r.Do(keymap.Down, keymap.Down)
	s.Merge([]int{7, 0, 1})
	if i, _ := s.Table.Cursor(); i != 2 || s.Rows()[0] != 7 || len(s.Rows()) != 4 {
		t.Errorf("cursor on %d, rows %v", i, s.Rows())
	}
	f.err = &backend.Error{Group: backend.Connection}
	r.Run(s.Again())
	if s.Stale() == nil || len(r.Fails) != 0 || len(s.Rows()) != 4 {
		t.Error("a failed look is not kept quietly")
	}
	f.err = nil
	r.Do(keymap.Refresh)
	if s.Stale() != nil || len(s.Rows()) != 3 {
		t.Error("loading again does not start anew")
	}
}

// Other rows begin at the top; the same rows keep the cursor where it was, even
// when the row under it is gone.
func TestWhereTheCursorGoes(t *testing.T) {
	r, s := open(t, &numbers{n: 100})
	at := func(want int) {
		t.Helper()
		if i, _ := s.Table.Cursor(); i != want {
			t.Errorf("the cursor is on %d, want %d", i, want)
		}
	}
	for range 10 {
		r.Do(keymap.Down)
	}
	s.Drop("10")
	at(11)
	s.Keep(func(i int) bool { return i%2 == 1 })
	at(11)
	s.Keep(func(i int) bool { return i%2 == 0 })
	at(0)
	r.Do(keymap.Down, keymap.Refresh)
	at(2)
}

func TestNarrowingNeverLoads(t *testing.T) {
	f := &numbers{n: 5000}
	r, s := open(t, f)
	r.Do(keymap.Narrow)
	r.Type("n19")
	r.Do(keymap.PickDown, keymap.PickDown, keymap.PickRun)
	if len(f.queries) != 1 || s.Table.Shown() != 11 {
		t.Errorf("%d requests, %d rows shown", len(f.queries), s.Table.Shown())
	}
	r.Do(keymap.NextMatch, keymap.EscapeLevel)
	if s.Table.Shown() != 200 || s.CanEscape() {
		t.Error("esc did not show all again")
	}
}

func TestProblemOffersKeys(t *testing.T) {
	p := paged.Problem(keymap.Default(), &backend.Error{Group: backend.Connection, Message: "dial \x1b[31m"})
	keys := map[string]bool{}
	for _, h := range p.Hints {
		keys[h.Key] = true
	}
	if p.Title == "" || !keys["R"] || !keys["@"] {
		t.Errorf("%+v", p)
	}
	for _, l := range p.Lines {
		if strings.ContainsRune(l, 0x1b) {
			t.Errorf("raw text: %q", l)
		}
	}
}

var _ ui.Component = screen{}
