// Package table shows any number of rows: it formats only the window that is
// seen, and knows rows by their identity, never by their place.
package table

import (
	"iter"
	"slices"

	"ferry/theme"
	"ferry/ui"
)

// Column is one column. Widths depend on the room alone, never on the rows, so
// that columns do not jump while rows stream in.
type Column[T any] struct {
	Title  string
	Width  int  // cells; 0 shares what the fixed columns leave
	Min    int  // least cells of a flexible column; 0 is 8
	Weight int  // share of a flexible column; 0 is 1
	Right  bool // numbers
	Middle bool // names: cut in the middle, so that the extension stays
	Cell   func(T) string
	Brief  func(T) string     // what is said where Cell does not fit; nil cuts Cell
	Role   func(T) theme.Role // nil is theme.Text
	Sort   string             // what the server calls this field when it sorts
	Drop   int                // in a narrow pane the highest goes first; 0 never goes
	Least  int                // cells to which it shrinks: a fixed column before it goes, a flexible one when nothing more can go; 0 keeps it
	Terse  string             // the title where Title does not fit; "" cuts Title
}

// State is what a table knows of its rows.
type State uint8

// The states.
const (
	Idle    State = iota // nothing was asked for yet
	Loading              // the old rows stay, dimmed
	Ready
	Failed
)

// Model is a table. Its methods change it in place; View reads. Rows are kept
// in the order of arrival; order and shown are places in that.
type Model[T any] struct {
	env  *ui.Env
	id   func(T) string
	cols []Column[T]

	rows  []T
	ids   []string
	at    map[string]int32 // where the row of an identity is
	order []int32          // all rows as they are sorted
	shown []int32          // those of order that narrowing leaves
	more  bool

	cursor, top int    // places in shown
	want        string // selected before it arrived
	moved       bool   // the person has moved the cursor

	marks    map[string]struct{}
	marked   int    // marks whose rows are here
	anchor   string // where MarkRange starts
	markable func(T) bool

	narrow narrowing[T]
	less   func(a, b T) int
	field  string
	desc   bool

	state   State
	waiting string
	problem ui.Problem
	empty   []string
	one     string
	many    string

	w, h  int
	focus bool
	plan  []slot // columns that fit, by index, with their cells
}

// New makes a table; id tells rows apart.
func New[T any](env *ui.Env, id func(T) string, cols ...Column[T]) *Model[T] {
	return &Model[T]{
		env: env, id: id, cols: cols, at: map[string]int32{}, marks: map[string]struct{}{},
		empty: []string{"Nothing here."}, one: "row", many: "rows", focus: true,
	}
}

// SetColumns changes the columns.
func (m *Model[T]) SetColumns(cols ...Column[T]) {
	m.cols = cols
	m.layout()
}

// SetNoun says what the rows are called in the footer: "item", "items".
func (m *Model[T]) SetNoun(one, many string) { m.one, m.many = one, many }

// Markable limits what can be marked and be a target: not "..".
func (m *Model[T]) Markable(fn func(T) bool) { m.markable = fn }

// Empty says what an empty list tells: a headline, then hints.
func (m *Model[T]) Empty(text ...string) { m.empty = text }

// Reset forgets the rows, the marks and the narrowing, as for another folder.
// The way of sorting stays.
func (m *Model[T]) Reset() {
	m.rows, m.ids, m.order, m.shown = nil, nil, nil, nil
	m.at = map[string]int32{}
	m.narrow = narrowing[T]{}
	m.cursor, m.top, m.want, m.moved, m.anchor = 0, 0, "", false, ""
	m.marks, m.marked = map[string]struct{}{}, 0
	m.state, m.more, m.problem = Idle, false, ui.Problem{}
}

// Loading tells that the list is awaited; what names it in "loading … esc
// cancels". The old rows stay, dimmed, until Replace brings the new ones, or
// Append tells that the old ones are good again. The loading of further pages
// needs no call.
func (m *Model[T]) Loading(what string) {
	m.state, m.waiting = Loading, what
	m.reveal()
}

// Fail shows a problem in place. Rows that are there stay reachable above it.
func (m *Model[T]) Fail(p ui.Problem) {
	m.state, m.problem = Failed, p
	m.reveal()
}

// Problem is what Fail was given; ok is false in every other state.
func (m *Model[T]) Problem() (p ui.Problem, ok bool) { return m.problem, m.state == Failed }

// State tells how it stands with the rows.
func (m *Model[T]) State() State { return m.state }

// Append adds a page; more tells that the list goes on. A row that is already
// there is only changed: pages overlap when the list changed between two
// requests.
func (m *Model[T]) Append(rows []T, more bool) {
	m.state, m.more = Ready, more
	old := int32(len(m.rows))
	m.add(rows)
	if int32(len(m.rows)) > old {
		m.arrange(old)
	}
	m.settle()
}

// Replace sets the rows anew; cursor, marks and scroll stay with their rows.
func (m *Model[T]) Replace(rows []T, more bool) {
	m.state, m.more = Ready, more
	hold := m.hold()
	m.narrow.keys = nil
	if m.alike(rows) {
		copy(m.rows, rows)
		if m.less != nil || m.narrow.query != "" {
			m.sortAll()
		}
	} else {
		m.rows, m.ids = make([]T, 0, len(rows)), make([]string, 0, len(rows))
		m.at = make(map[string]int32, len(rows))
		m.add(rows)
		m.sortAll()
	}
	m.restore(hold)
	if !more {
		m.dropMarks()
	}
	m.settle()
}

// alike tells whether these are the rows that are here, in the same order, if
// with other contents: a queue that is told ten times a second mostly is.
func (m *Model[T]) alike(rows []T) bool {
	if len(rows) != len(m.rows) {
		return false
	}
	for i := range rows {
		if m.id(rows[i]) != m.ids[i] {
			return false
		}
	}
	return true
}

// add stores rows; what is known already is changed in its place.
func (m *Model[T]) add(rows []T) {
	m.rows = slices.Grow(m.rows, len(rows))
	m.ids = slices.Grow(m.ids, len(rows))
	for _, r := range rows {
		id := m.id(r)
		if i, ok := m.at[id]; ok {
			m.rows[i] = r
			m.rekey(i)
			continue
		}
		m.at[id] = int32(len(m.rows))
		m.rows = append(m.rows, r)
		m.ids = append(m.ids, id)
	}
}

// Update changes the row of an identity; the new row may have another one.
func (m *Model[T]) Update(id string, row T) {
	i, ok := m.at[id]
	if !ok {
		return
	}
	m.rows[i] = row
	m.rekey(i)
	now := m.id(row)
	if now == id {
		return
	}
	delete(m.at, id)
	m.at[now], m.ids[i] = i, now
	if _, ok := m.marks[id]; ok {
		delete(m.marks, id)
		m.marks[now] = struct{}{}
	}
	if m.anchor == id {
		m.anchor = now
	}
}

// Remove takes rows out. When the cursor row goes, the next one has the cursor.
func (m *Model[T]) Remove(ids ...string) {
	gone := make(map[int32]bool, len(ids))
	for _, id := range ids {
		if i, ok := m.at[id]; ok {
			gone[i] = true
			delete(m.marks, id)
		}
	}
	if len(gone) == 0 {
		return
	}
	for m.cursor < len(m.shown)-1 && gone[m.shown[m.cursor]] {
		m.cursor++
	}
	hold := m.hold()
	kept := make([]int32, len(m.rows)) // old place → new place
	n := int32(0)
	for i := range m.rows {
		if gone[int32(i)] {
			kept[i] = -1
			delete(m.at, m.ids[i])
			continue
		}
		kept[i] = n
		m.rows[n], m.ids[n] = m.rows[i], m.ids[i]
		if m.narrow.keys != nil {
			m.narrow.keys[n] = m.narrow.keys[i]
		}
		m.at[m.ids[n]] = n
		n++
	}
	clear(m.rows[n:])
	m.rows, m.ids = m.rows[:n], m.ids[:n]
	if m.narrow.keys != nil {
		m.narrow.keys = m.narrow.keys[:n]
	}
	m.order = renumber(m.order, kept)
	m.refilter()
	m.restore(hold)
	m.settle()
}

func renumber(order, kept []int32) []int32 {
	out := make([]int32, 0, len(order))
	for _, i := range order {
		if kept[i] >= 0 {
			out = append(out, kept[i])
		}
	}
	return out
}

// Len is the number of rows loaded.
func (m *Model[T]) Len() int { return len(m.rows) }

// Shown is the number of rows that narrowing leaves.
func (m *Model[T]) Shown() int { return len(m.shown) }

// More tells that the list goes on after what is loaded.
func (m *Model[T]) More() bool { return m.more }

// Rows gives the loaded rows in the order in which they are shown, those that
// narrowing hides included.
func (m *Model[T]) Rows() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, i := range m.order {
			if !yield(m.rows[i]) {
				return
			}
		}
	}
}

// ShownRows gives the rows that narrowing leaves, in the order in which they are
// shown.
func (m *Model[T]) ShownRows() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, i := range m.shown {
			if !yield(m.rows[i]) {
				return
			}
		}
	}
}

// Get gives the row of an identity.
func (m *Model[T]) Get(id string) (row T, ok bool) {
	i, ok := m.at[id]
	if !ok {
		return row, false
	}
	return m.rows[i], true
}

// Window gives the rows that can be seen now, so that a screen can ask for what
// it has to say of these alone.
func (m *Model[T]) Window() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, i := range m.shown[min(m.top, len(m.shown)):min(m.top+m.body(), len(m.shown))] {
			if !yield(m.rows[i]) {
				return
			}
		}
	}
}
