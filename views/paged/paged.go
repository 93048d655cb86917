// Package paged is what every screen with a long list shares: it loads the
// pages of a list into a table, narrows and sorts what is loaded, and says
// truthfully how much of it there is.
package paged

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/table"
)

// The sizes of pages: the first one is small so that something is on the screen
// soon, the others are as large as the site recommends (PROTOCOL.md 5).
const (
	FirstPage = 200
	NextPage  = 1000
)

// errStuck is told when a site answers with the cursor that it was asked with.
var errStuck = errors.New("the site sent the same page mark again, so the list cannot be read on")

// Fetch asks for one page.
type Fetch[T any] func(ctx context.Context, q backend.Query) (backend.Page[T], error)

// Spec says what list it is.
type Spec[T any] struct {
	What  string // in plural: "users"
	ID    func(T) string
	Text  func(T) string // what narrowing looks at
	Fetch Fetch[T]
	Marks bool     // rows can be marked
	Empty []string // what an empty list says
}

// List is a table and the pages behind it. It must not be copied.
type List[T any] struct {
	Table *table.Model[T]

	env     *ui.Env
	spec    Spec[T]
	load    ui.Loader[backend.Page[T]]
	again   ui.Loader[backend.Page[T]] // the first page once more, unseen
	query   backend.Query
	rows    []T // all that is loaded, in the order of the site
	keep    func(T) bool
	less    func(a, b T) int
	next    string
	fresh   bool // the page awaited is the first one of a new query
	turned  bool // it is another query than the one before
	started bool
	done    bool  // there are no more pages
	all     bool  // load to the end
	bottom  bool  // and go to the last row then
	halted  bool  // the person stopped loading
	failed  bool  // the last page could not be had
	stale   error // why Again could not be done

	narrow narrow
	w, h   int
}

// New makes a list. Nothing is asked for until Start.
func New[T any](env *ui.Env, spec Spec[T], cols ...table.Column[T]) *List[T] {
	l := &List[T]{env: env, spec: spec, Table: table.New(env, spec.ID, cols...), narrow: newNarrow(env)}
	l.Table.Empty(spec.Empty...)
	l.Table.SetNoun(strings.TrimSuffix(spec.What, "s"), spec.What)
	return l
}

// Start asks for the list anew. The old rows stay, dimmed, until the first page
// is there.
func (l *List[T]) Start(q backend.Query) tea.Cmd {
	q.Cursor, q.PerPage = "", FirstPage
	l.turned = !same(q, l.query)
	l.query, l.started, l.fresh = q, true, true
	l.all, l.bottom, l.halted, l.failed, l.done = false, false, false, false, false
	l.again.Cancel()
	l.stale = nil
	l.Table.Loading(l.spec.What)
	return l.get(q)
}

// same tells whether two queries ask for the same rows.
func same(a, b backend.Query) bool {
	return a.SortBy == b.SortBy && a.Desc == b.Desc && slices.Equal(a.Filters, b.Filters)
}

// Reload asks for the same list once more.
func (l *List[T]) Reload() tea.Cmd { return l.Start(l.query) }

func (l *List[T]) get(q backend.Query) tea.Cmd {
	fetch := l.spec.Fetch
	return l.load.Load(l.env.Ctx, func(ctx context.Context) (backend.Page[T], error) { return fetch(ctx, q) })
}

// Again asks for the first page once more without dimming anything: what is new
// or has changed in it is put among the loaded rows.
func (l *List[T]) Again() tea.Cmd {
	if !l.started || l.fresh || l.again.Busy() {
		return nil
	}
	fetch, q := l.spec.Fetch, l.query
	return l.again.Load(l.env.Ctx, func(ctx context.Context) (backend.Page[T], error) { return fetch(ctx, q) })
}

// Stale is why the last Again failed, nil when it did not.
func (l *List[T]) Stale() error { return l.stale }

// more asks for the page after the last one.
func (l *List[T]) more() tea.Cmd {
	if !l.started || l.done || l.load.Busy() {
		return nil
	}
	q := l.query
	q.Cursor, q.PerPage = l.next, NextPage
	l.failed, l.halted = false, false
	return l.get(q)
}

// All loads the list to its end; Stop ends that.
func (l *List[T]) All() tea.Cmd {
	if l.done {
		return nil
	}
	l.all = true
	return l.more()
}

// Close cancels everything that is under way, because the list will not be shown
// again.
func (l *List[T]) Close() {
	l.load.Cancel()
	l.again.Cancel()
}

// Stop cancels what is being loaded. It tells whether there was anything.
func (l *List[T]) Stop() bool {
	if !l.load.Busy() {
		return false
	}
	l.load.Cancel()
	l.all, l.bottom, l.halted = false, false, true
	if l.fresh && len(l.rows) == 0 {
		l.Table.Fail(ui.Problem{
			Title: "Loading was stopped",
			Hints: []keymap.Hint{{Key: l.env.Keys.Key(keymap.Refresh), Text: "load " + l.spec.What}},
		})
		return true
	}
	l.fresh = false
	l.show()
	return true
}

// Busy tells whether a page is awaited, Again's among them.
func (l *List[T]) Busy() bool { return l.load.Busy() || l.again.Busy() }

// Done tells whether every page is loaded.
func (l *List[T]) Done() bool { return l.done }

// Rows is all that is loaded, whatever is shown of it. It must not be changed.
func (l *List[T]) Rows() []T { return l.rows }

// Query is what the site was asked for last.
func (l *List[T]) Query() backend.Query { return l.query }

// Update takes a page, and what is typed while narrowing. The cursor of the
// table decides whether the next page is wanted.
func (l *List[T]) Update(msg tea.Msg) tea.Cmd {
	if page, err, mine := l.again.Take(msg); mine {
		if l.stale = err; err == nil {
			l.Merge(page.Items)
		}
		return nil
	}
	page, err, mine := l.load.Take(msg)
	if !mine {
		return l.typed(msg)
	}
	if err == nil && page.Next != "" && page.Next == l.asked() {
		err = errStuck
	}
	if err != nil {
		return l.failure(err)
	}
	first := l.fresh
	if first {
		l.rows, l.fresh = nil, false
	}
	l.rows = append(l.rows, page.Items...)
	l.next, l.done = page.Next, page.Next == ""
	switch {
	case first && l.turned:
		l.anew()
	case first || l.less != nil:
		l.show()
	default:
		l.Table.Append(l.kept(page.Items), !l.done)
	}
	if l.done {
		l.finish()
		return nil
	}
	return l.Follow()
}

// asked is the cursor of the page that was just awaited.
func (l *List[T]) asked() string {
	if l.fresh {
		return ""
	}
	return l.next
}

func (l *List[T]) failure(err error) tea.Cmd {
	if backend.Cancelled(err) {
		return nil
	}
	l.all, l.bottom = false, false
	if l.fresh {
		l.rows, l.next = nil, ""
		l.Table.Replace(nil, false)
		l.Table.Fail(Problem(l.env.Keys, err))
		return ui.Noted(err)
	}
	l.failed = true
	l.show()
	return ui.Fail(err, ui.Say(resume[T]{l}))
}

// resume asks for the page that failed; the error card says it.
type resume[T any] struct{ list *List[T] }

func (l *List[T]) finish() {
	if l.bottom {
		l.Table.Do(keymap.Last)
	}
	l.all, l.bottom = false, false
}

// Follow asks for the next page when the cursor is near the end of what is
// loaded, or when all is wanted.
func (l *List[T]) Follow() tea.Cmd {
	if l.failed || l.halted && !l.all {
		return nil
	}
	if l.all || l.Table.NearEnd() {
		return l.more()
	}
	return nil
}

// show gives the table what is to be seen of the loaded rows.
func (l *List[T]) show() {
	rows := l.kept(l.rows)
	if l.less != nil {
		rows = slices.SortedStableFunc(slices.Values(rows), l.less)
	}
	l.Table.Replace(rows, !l.done)
}

// anew is show for other rows than before: when the row under the cursor is not
// among them, the list begins at its top.
func (l *List[T]) anew() {
	before := l.here()
	if l.show(); l.here() != before {
		l.Table.Do(keymap.First)
	}
}

// here is the identity of the row under the cursor.
func (l *List[T]) here() string {
	if r, ok := l.Table.Cursor(); ok {
		return l.spec.ID(r)
	}
	return ""
}

// kept is the rows that are to be seen.
func (l *List[T]) kept(rows []T) []T {
	if l.keep == nil {
		return rows
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r T) bool { return !l.keep(r) })
}

// Keep shows only the loaded rows for which keep holds; nil shows all.
func (l *List[T]) Keep(keep func(T) bool) {
	l.keep = keep
	if l.started && !l.fresh {
		l.anew()
	}
}

// SortHere orders the loaded rows; nil leaves the order of the site.
func (l *List[T]) SortHere(less func(a, b T) int) {
	l.less = less
	l.refresh()
}

func (l *List[T]) refresh() {
	if l.started && !l.fresh {
		l.show()
	}
}

// Refresh looks at the kept rows again after something they depend on changed.
func (l *List[T]) Refresh() { l.refresh() }

// Put replaces a loaded row by its newer self, or adds it at the front.
func (l *List[T]) Put(row T) {
	id := l.spec.ID(row)
	if i := slices.IndexFunc(l.rows, func(r T) bool { return l.spec.ID(r) == id }); i >= 0 {
		l.rows[i] = row
	} else {
		l.rows = slices.Insert(l.rows, 0, row)
	}
	l.refresh()
}

// Merge puts newer rows in the place of what is loaded, and those that are new
// at the front, in their order.
func (l *List[T]) Merge(rows []T) {
	at := make(map[string]int, len(l.rows))
	for i, r := range l.rows {
		at[l.spec.ID(r)] = i
	}
	var added []T
	for _, r := range rows {
		if i, ok := at[l.spec.ID(r)]; ok {
			l.rows[i] = r
		} else {
			added = append(added, r)
		}
	}
	l.rows = append(added, l.rows...)
	l.refresh()
}

// Drop forgets a loaded row.
func (l *List[T]) Drop(id string) {
	l.rows = slices.DeleteFunc(l.rows, func(r T) bool { return l.spec.ID(r) == id })
	l.refresh()
}

// Facts says how much of the list is loaded and how much of that is shown.
func (l *List[T]) Facts() string {
	n, shown := len(l.rows), l.Table.Shown()
	switch {
	case !l.started:
		return ""
	case l.fresh && l.load.Busy():
		return "loading " + l.spec.What + l.stopHint()
	case l.fresh:
		return ""
	}
	var s string
	if shown == n {
		s = cell.Count(n) + " " + l.spec.What
	} else {
		s = cell.Count(shown) + " of " + cell.Count(n) + " " + l.spec.What
	}
	switch {
	case l.all && l.load.Busy():
		return s + " so far" + l.stopHint()
	case l.failed:
		return s + " loaded, the rest failed"
	case l.done && shown != n:
		return s + " · all loaded"
	case l.done:
		return s
	}
	return s + " loaded, more to come"
}

func (l *List[T]) stopHint() string {
	return " · " + l.env.Keys.Key(keymap.EscapeLevel) + " stops"
}

// Resize gives the table its room.
func (l *List[T]) Resize(w, h int) {
	l.w, l.h = w, h
	l.Table.Resize(w, h)
	l.narrow.resize(w)
}

// ID writes a numeric id the way rows are known by.
func ID(id int64) string { return strconv.FormatInt(id, 10) }
