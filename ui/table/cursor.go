package table

import (
	"slices"

	"ferry/keymap"
)

// Cursor gives the row under the cursor.
func (m *Model[T]) Cursor() (row T, ok bool) {
	if m.cursor < 0 || m.cursor >= len(m.shown) {
		return row, false
	}
	return m.rows[m.shown[m.cursor]], true
}

// Index is the place of the cursor among the shown rows.
func (m *Model[T]) Index() int { return m.cursor }

// Select puts the cursor on a row. A row that is not here gets it when it
// arrives, unless the person has moved the cursor by then.
func (m *Model[T]) Select(id string) bool {
	if i := m.place(id); i >= 0 {
		m.want = ""
		m.cursor = i
		m.reveal()
		return true
	}
	m.want, m.moved = id, false
	return false
}

// place is where the row of an identity is shown, -1 when it is not.
func (m *Model[T]) place(id string) int {
	i, ok := m.at[id]
	if !ok {
		return -1
	}
	return slices.Index(m.shown, i)
}

// Do moves the cursor or changes marks; other actions are not handled.
func (m *Model[T]) Do(a keymap.Action) bool {
	page := max(m.body()-1, 1)
	switch a {
	case keymap.Up:
		m.move(m.cursor - 1)
	case keymap.Down:
		m.move(m.cursor + 1)
	case keymap.First:
		m.move(0)
	case keymap.Last:
		m.move(len(m.shown) - 1)
	case keymap.PageDown:
		m.move(m.cursor + page)
	case keymap.PageUp:
		m.move(m.cursor - page)
	case keymap.HalfDown:
		m.move(m.cursor + max(m.body()/2, 1))
	case keymap.HalfUp:
		m.move(m.cursor - max(m.body()/2, 1))
	case keymap.Mark:
		m.toggle()
		m.move(m.cursor + 1)
	case keymap.MarkRange:
		m.markRange()
	case keymap.Invert:
		m.invert()
	case keymap.MarkAll:
		m.markShown()
	default:
		return false
	}
	return true
}

// MoveTo puts the cursor on the shown row of that place, or the nearest.
func (m *Model[T]) MoveTo(i int) { m.move(i) }

func (m *Model[T]) move(to int) {
	m.cursor = min(max(to, 0), max(len(m.shown)-1, 0))
	m.moved, m.want = true, ""
	m.reveal()
}

// NearEnd tells that the next page should be asked for: the cursor is in the
// last third of what is loaded, or the window is not full. Narrowing never loads,
// and what has failed is tried again by a person.
func (m *Model[T]) NearEnd() bool {
	if !m.more || m.narrow.query != "" || m.state != Ready {
		return false
	}
	n := len(m.shown)
	return m.cursor*10 >= n*7 || m.top+m.body() >= n
}

// Marked gives the marked rows in the order in which they are shown.
func (m *Model[T]) Marked() []T {
	out := make([]T, 0, m.marked)
	for _, i := range m.order {
		if len(out) == m.marked {
			break
		}
		if _, ok := m.marks[m.ids[i]]; ok {
			out = append(out, m.rows[i])
		}
	}
	return out
}

// MarkCount is the number of marked rows.
func (m *Model[T]) MarkCount() int { return m.marked }

// IsMarked tells whether the row of an identity is marked.
func (m *Model[T]) IsMarked(id string) bool {
	_, ok := m.marks[id]
	return ok
}

// ClearMarks takes all marks away and tells whether there were any.
func (m *Model[T]) ClearMarks() bool {
	had := m.marked > 0
	m.marks, m.marked, m.anchor = map[string]struct{}{}, 0, ""
	return had
}

// MarkWhere marks or unmarks the shown rows that fit and tells how many it
// changed.
func (m *Model[T]) MarkWhere(fits func(T) bool, on bool) int {
	n := 0
	for _, i := range m.shown {
		if fits(m.rows[i]) && m.set(i, on) {
			n++
		}
	}
	return n
}

// SetMark marks or unmarks the row of an identity.
func (m *Model[T]) SetMark(id string, on bool) {
	if i, ok := m.at[id]; ok {
		m.set(i, on)
	}
}

// Targets is what an action works on: the marked rows, else the cursor row.
func (m *Model[T]) Targets() []T {
	if m.marked > 0 {
		return m.Marked()
	}
	if r, ok := m.Cursor(); ok && m.can(r) {
		return []T{r}
	}
	return nil
}

func (m *Model[T]) can(r T) bool { return m.markable == nil || m.markable(r) }

// set marks or unmarks a row and tells whether that changed anything.
func (m *Model[T]) set(i int32, on bool) bool {
	id := m.ids[i]
	_, is := m.marks[id]
	switch {
	case is == on, on && !m.can(m.rows[i]):
		return false
	case on:
		m.marks[id] = struct{}{}
		m.marked++
	default:
		delete(m.marks, id)
		m.marked--
	}
	return true
}

func (m *Model[T]) toggle() {
	if m.cursor >= len(m.shown) {
		return
	}
	i := m.shown[m.cursor]
	_, is := m.marks[m.ids[i]]
	if m.set(i, !is) {
		m.anchor = m.ids[i]
	}
}

// markRange marks from the last mark to the cursor. Without a last mark the
// cursor row is the start of the next range.
func (m *Model[T]) markRange() {
	if m.cursor >= len(m.shown) {
		return
	}
	from := m.place(m.anchor)
	if from < 0 {
		from = m.cursor
	}
	for k := min(from, m.cursor); k <= max(from, m.cursor); k++ {
		m.set(m.shown[k], true)
	}
	m.anchor = m.ids[m.shown[m.cursor]]
}

func (m *Model[T]) invert() {
	for _, i := range m.shown {
		_, is := m.marks[m.ids[i]]
		m.set(i, !is)
	}
}

func (m *Model[T]) markShown() {
	for _, i := range m.shown {
		m.set(i, true)
	}
}

// dropMarks forgets marks of rows that are no longer in the list.
func (m *Model[T]) dropMarks() {
	for id := range m.marks {
		if _, ok := m.at[id]; !ok {
			delete(m.marks, id)
		}
	}
}

// held is the cursor as it is to be found again.
type held struct {
	id   string
	ok   bool
	line int // of the window
}

func (m *Model[T]) hold() held {
	h := held{line: m.cursor - m.top}
	if m.cursor < len(m.shown) {
		h.id, h.ok = m.ids[m.shown[m.cursor]], true
	}
	return h
}

// restore puts the cursor back on its row and the row on its line. A row that
// has gone leaves the cursor at its place.
func (m *Model[T]) restore(h held) {
	if h.ok {
		if i := m.place(h.id); i >= 0 {
			m.cursor = i
			m.top = i - h.line
		}
	}
	m.reveal()
}

// arrived gives the cursor to a wanted row that can be seen now.
func (m *Model[T]) arrived() {
	if m.want == "" || m.moved {
		return
	}
	if i := m.place(m.want); i >= 0 {
		m.cursor, m.want = i, ""
	}
}

// settle follows a change of rows: a wanted row that has arrived gets the
// cursor, the marks are counted, the window lies within the rows.
func (m *Model[T]) settle() {
	m.arrived()
	m.marked = 0
	if len(m.marks) > 0 {
		for id := range m.marks {
			if _, ok := m.at[id]; ok {
				m.marked++
			}
		}
	}
	m.reveal()
}

// margin is the number of rows kept between the cursor and the window's edge.
const margin = 2

// reveal keeps the cursor within the rows and the window around the cursor.
func (m *Model[T]) reveal() {
	n, body := len(m.shown), max(m.body(), 1)
	m.cursor = min(max(m.cursor, 0), max(n-1, 0))
	edge := min(margin, (body-1)/2)
	m.top = min(m.top, m.cursor-edge)
	m.top = max(m.top, m.cursor-body+1+edge)
	m.top = max(min(m.top, n-body), 0)
}
