package table

import (
	"strings"

	"ferry/keymap"
)

// Cursor is the row under the cursor.
func (m *Model[T]) Cursor() (row T, ok bool) {
	if m.state == Failed || m.at < 0 || m.at >= m.Shown() {
		return row, false
	}
	return m.row(m.at), true
}

// Index is the place of the cursor among the shown rows.
func (m *Model[T]) Index() int { return m.at }

func (m *Model[T]) cursorID() string {
	if m.at < 0 || m.at >= m.Shown() {
		return ""
	}
	return m.id(m.row(m.at))
}

// Select puts the cursor on the row of that identity. When it is not loaded
// yet, the cursor goes there as soon as it arrives.
func (m *Model[T]) Select(id string) bool {
	m.want = id
	if m.seek(id) {
		m.want = ""
		return true
	}
	return false
}

// seek moves the cursor to a row that is shown.
func (m *Model[T]) seek(id string) bool {
	for i := range m.Shown() {
		if m.id(m.row(i)) == id {
			m.moveTo(i)
			return true
		}
	}
	return false
}

// moveTo puts the cursor on the i-th shown row, or the nearest there is.
func (m *Model[T]) moveTo(i int) {
	m.at = min(max(i, 0), max(m.Shown()-1, 0))
	m.scroll()
}

// margin is the number of rows kept between the cursor and the edge.
const margin = 2

// scroll keeps the cursor in the window.
func (m *Model[T]) scroll() {
	win := m.window()
	if win <= 0 {
		return
	}
	edge := min(margin, (win-1)/2)
	if m.at < m.top+edge {
		m.top = m.at - edge
	}
	if m.at > m.top+win-1-edge {
		m.top = m.at - win + 1 + edge
	}
	m.top = min(max(m.top, 0), max(m.Shown()-win, 0))
}

// window is the number of rows that can be seen.
func (m *Model[T]) window() int { return m.h - 1 }

// NearEnd tells that the cursor has come so far that the next page should be
// asked for: within a window of the end, or 70 % of what is loaded.
func (m *Model[T]) NearEnd() bool {
	if !m.more {
		return false
	}
	n := m.Shown()
	return m.at >= n-2*max(m.window(), 1) || m.at*10 >= n*7
}

// Do carries out an action that moves or marks. It is false for all others.
func (m *Model[T]) Do(a keymap.Action) bool {
	page := max(m.window()-1, 1)
	switch a {
	case keymap.Down:
		m.step(1)
	case keymap.Up:
		m.step(-1)
	case keymap.PageDown:
		m.step(page)
	case keymap.PageUp:
		m.step(-page)
	case keymap.HalfDown:
		m.step((page + 1) / 2)
	case keymap.HalfUp:
		m.step(-(page + 1) / 2)
	case keymap.First:
		m.step(-m.at)
	case keymap.Last:
		m.step(m.Shown())
	case keymap.Mark:
		m.toggle()
	case keymap.MarkRange:
		m.markRange()
	case keymap.Invert:
		m.invert()
	case keymap.MarkAll:
		for i := range m.Shown() {
			m.mark[m.id(m.row(i))] = struct{}{}
		}
	default:
		return false
	}
	return true
}

// step moves by hand: a row that was still awaited is not wanted any more.
func (m *Model[T]) step(d int) {
	m.want = ""
	m.moveTo(m.at + d)
}

func (m *Model[T]) marked(id string) bool {
	_, ok := m.mark[id]
	return ok
}

func (m *Model[T]) toggle() {
	id := m.cursorID()
	if id == "" {
		return
	}
	if m.marked(id) {
		delete(m.mark, id)
	} else {
		m.mark[id] = struct{}{}
		m.last = id
	}
	m.step(1)
}

// markRange marks from the row marked last to the cursor.
func (m *Model[T]) markRange() {
	from := m.at
	if m.last != "" {
		for i := range m.Shown() {
			if m.id(m.row(i)) == m.last {
				from = i
				break
			}
		}
	}
	for i := min(from, m.at); i <= max(from, m.at) && i < m.Shown(); i++ {
		m.mark[m.id(m.row(i))] = struct{}{}
	}
	m.last = m.cursorID()
}

func (m *Model[T]) invert() {
	for i := range m.Shown() {
		id := m.id(m.row(i))
		if m.marked(id) {
			delete(m.mark, id)
		} else {
			m.mark[id] = struct{}{}
		}
	}
}

// SetMark marks or unmarks a row by identity.
func (m *Model[T]) SetMark(id string, on bool) {
	if on {
		m.mark[id] = struct{}{}
	} else {
		delete(m.mark, id)
	}
}

// MarkCount is the number of marked rows, shown or not.
func (m *Model[T]) MarkCount() int { return len(m.mark) }

// ClearMarks takes all marks away and tells whether there were any.
func (m *Model[T]) ClearMarks() bool {
	had := len(m.mark) > 0
	clear(m.mark)
	m.last = ""
	return had
}

// Marked gives the marked rows in the order of the list.
func (m *Model[T]) Marked() []T {
	if len(m.mark) == 0 {
		return nil
	}
	out := make([]T, 0, len(m.mark))
	for i := range m.rows {
		if m.marked(m.id(m.rows[i])) {
			out = append(out, m.rows[i])
		}
	}
	return out
}

// Targets are the rows an action is meant for: the marked ones, else the one
// under the cursor.
func (m *Model[T]) Targets() []T {
	if t := m.Marked(); len(t) > 0 {
		return t
	}
	if r, ok := m.Cursor(); ok {
		return []T{r}
	}
	return nil
}

// NextMatch goes to the next row (or, with a negative delta, the one before)
// that matches what was narrowed by last, round the end.
func (m *Model[T]) NextMatch(delta int) {
	n := m.Shown()
	if n == 0 || m.found == "" || m.text == nil {
		return
	}
	words := strings.Fields(strings.ToLower(m.found))
	for i := 1; i <= n; i++ {
		at := ((m.at+i*delta)%n + n) % n
		if holds(m.text(m.row(at)), words) {
			m.step(at - m.at)
			return
		}
	}
}
