// Package table is a list of any number of rows: only the visible window is
// formatted, selection and marks are by identity, and loading, ready, empty and
// failed are states of the widget, so that no screen can forget one.
package table

import (
	"iter"
	"slices"
	"strings"

	"ferry/theme"
	"ferry/ui"
)

// Column is one column of a table of T.
type Column[T any] struct {
	Title  string
	Width  int  // cells; 0 shares what is left over
	Min    int  // of a flexible column; 0 means 8
	Weight int  // share of the left-over; 0 means 1
	Right  bool // numbers
	Middle bool // names: cut in the middle, so that the extension stays
	Drop   int  // dropped first, highest first, when the table is narrow; 0 never
	Sort   string
	Cell   func(T) string // the text, already safe for the terminal
	Role   func(T) theme.Role
}

// State is what a table knows of its rows.
type State uint8

// The states. Ready may be empty.
const (
	Idle State = iota
	Loading
	Ready
	Failed
)

// Model is the widget. It must not be copied.
type Model[T any] struct {
	env  *ui.Env
	id   func(T) string
	cols []Column[T]

	state   State
	what    string // being loaded
	problem ui.Problem
	empty   []string

	rows []T
	more bool
	view []int // indexes of the rows that narrowing left; nil is all
	at   int   // the cursor, as an index of what is shown
	top  int   // the first row of the window, likewise
	want string
	mark map[string]struct{}
	last string // identity of the row that was marked last

	query string // what narrows now
	found string // what narrowed last, for NextMatch
	text  func(T) string

	sortBy string
	desc   bool

	focus bool
	w, h  int
	lay   []placed
}

// New makes a table. id names a row; it must not change while the row is shown.
func New[T any](env *ui.Env, id func(T) string, cols ...Column[T]) *Model[T] {
	return &Model[T]{env: env, id: id, cols: cols, mark: map[string]struct{}{}, focus: true}
}

// Empty is what a list without rows says: a headline, then what fills it.
func (m *Model[T]) Empty(text ...string) { m.empty = text }

// Reset forgets all rows, marks and the problem.
func (m *Model[T]) Reset() {
	m.rows, m.view, m.more = nil, nil, false
	m.at, m.top, m.want, m.last = 0, 0, "", ""
	clear(m.mark)
	m.state, m.problem = Idle, ui.Problem{}
	m.query = ""
}

// Loading says that rows are awaited. Old rows stay, dimmed.
func (m *Model[T]) Loading(what string) {
	m.state, m.what = Loading, what
}

// Fail shows a problem in place of the rows.
func (m *Model[T]) Fail(p ui.Problem) {
	m.state, m.problem = Failed, p
}

// Append adds a page; more tells that the list goes on.
func (m *Model[T]) Append(rows []T, more bool) {
	from := len(m.rows)
	m.rows = append(m.rows, rows...)
	m.more, m.state = more, Ready
	if m.query != "" {
		m.view = m.filter(m.view, from)
	}
	m.settle(from)
}

// Replace puts other rows in the place of the old ones. Cursor and marks stay
// on the rows that are still there.
func (m *Model[T]) Replace(rows []T, more bool) {
	id, at := m.cursorID(), m.at
	m.rows = slices.Clone(rows)
	m.more, m.state = more, Ready
	m.view = nil
	if m.query != "" {
		m.view = m.filter(nil, 0)
	}
	m.keepMarks()
	if m.want == "" || !m.Select(m.want) {
		if id == "" || !m.seek(id) {
			m.moveTo(at)
		}
	}
	m.scroll()
}

// keepMarks forgets marks of rows that are gone.
func (m *Model[T]) keepMarks() {
	if len(m.mark) == 0 {
		return
	}
	there := make(map[string]struct{}, len(m.mark))
	for i := range m.rows {
		if id := m.id(m.rows[i]); m.marked(id) {
			there[id] = struct{}{}
		}
	}
	m.mark = there
}

// Update replaces the row of that identity.
func (m *Model[T]) Update(id string, row T) {
	if i := m.find(id); i >= 0 {
		m.rows[i] = row
	}
}

// Remove takes rows away; the cursor stays where it is on the screen.
func (m *Model[T]) Remove(ids ...string) {
	gone := make(map[string]bool, len(ids))
	for _, id := range ids {
		gone[id] = true
		delete(m.mark, id)
	}
	at := m.at
	m.rows = slices.DeleteFunc(m.rows, func(r T) bool { return gone[m.id(r)] })
	if m.query != "" {
		m.view = m.filter(nil, 0)
	}
	m.moveTo(at)
}

func (m *Model[T]) find(id string) int {
	return slices.IndexFunc(m.rows, func(r T) bool { return m.id(r) == id })
}

// settle finds the row that was asked for among the new ones, and keeps the
// cursor within the rows.
func (m *Model[T]) settle(from int) {
	if m.want != "" {
		for i := from; i < len(m.rows); i++ {
			if m.id(m.rows[i]) == m.want {
				m.Select(m.want)
				break
			}
		}
	}
	m.moveTo(m.at)
}

// State tells what the table knows.
func (m *Model[T]) State() State { return m.state }

// Len is the number of loaded rows.
func (m *Model[T]) Len() int { return len(m.rows) }

// More tells whether the list goes on behind the loaded rows.
func (m *Model[T]) More() bool { return m.more }

// Rows gives the loaded rows in their order.
func (m *Model[T]) Rows() iter.Seq[T] { return slices.Values(m.rows) }

// Shown is the number of rows that narrowing leaves.
func (m *Model[T]) Shown() int {
	if m.query != "" {
		return len(m.view)
	}
	return len(m.rows)
}

// row is the i-th shown row.
func (m *Model[T]) row(i int) T {
	if m.query != "" {
		return m.rows[m.view[i]]
	}
	return m.rows[i]
}

// Narrow leaves only the rows whose text holds every word of the query,
// whatever their case. An empty query shows all.
func (m *Model[T]) Narrow(query string, text func(T) string) {
	query = strings.TrimLeft(query, " ")
	id, old := m.cursorID(), m.query
	m.query, m.text = query, text
	switch {
	case query == "":
		m.view = nil
	case old != "" && strings.HasPrefix(query, old):
		m.found = query
		m.view = m.refine(m.view)
	default:
		m.found = query
		m.view = m.filter(nil, 0)
	}
	if id == "" || !m.seek(id) {
		m.moveTo(0)
	}
}

// Narrowed is the query that narrows now.
func (m *Model[T]) Narrowed() string { return m.query }

// filter adds the matching rows from the given one on to view.
func (m *Model[T]) filter(view []int, from int) []int {
	words := strings.Fields(strings.ToLower(m.query))
	if view == nil {
		view = []int{}
	}
	for i := from; i < len(m.rows); i++ {
		if holds(m.text(m.rows[i]), words) {
			view = append(view, i)
		}
	}
	return view
}

// refine keeps what still matches of a view that a shorter query left.
func (m *Model[T]) refine(view []int) []int {
	words := strings.Fields(strings.ToLower(m.query))
	out := make([]int, 0, len(view))
	for _, i := range view {
		if holds(m.text(m.rows[i]), words) {
			out = append(out, i)
		}
	}
	return out
}

func holds(text string, words []string) bool {
	text = strings.ToLower(text)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// SetSort says by what the rows are sorted, for the header.
func (m *Model[T]) SetSort(field string, desc bool) { m.sortBy, m.desc = field, desc }

// SortLocal sorts the loaded rows; equal ones keep their order.
func (m *Model[T]) SortLocal(compare func(a, b T) int) {
	id := m.cursorID()
	slices.SortStableFunc(m.rows, compare)
	if m.query != "" {
		m.view = m.filter(nil, 0)
	}
	if id != "" {
		m.seek(id)
	}
}

// SetFocus tells whether this table has the keys.
func (m *Model[T]) SetFocus(on bool) { m.focus = on }
