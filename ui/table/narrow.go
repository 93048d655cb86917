package table

import (
	"slices"
	"strings"
)

// narrowing hides the rows that do not hold every word of the query.
type narrowing[T any] struct {
	query string
	words []string
	last  string // what NextMatch looks for after the narrowing was cleared
	text  func(T) string
	keys  []string // folded texts of all rows; nil until they are needed
}

// Narrow shows only the rows whose text holds every word of the query, without
// regard to case. An empty query shows all. A query that goes on from the one
// before is looked for in what that one left.
func (m *Model[T]) Narrow(query string, text func(T) string) {
	hold := m.hold()
	was := m.narrow.query
	m.narrow.text = text
	m.narrow.query = query
	m.narrow.words = strings.Fields(fold(query))
	if query != "" {
		m.narrow.last = query
		m.fillKeys()
	}
	if was != "" && strings.HasPrefix(query, was) {
		m.shown = m.filter(nil, m.shown)
	} else {
		m.refilter()
	}
	m.cursor, m.top = 0, 0 // the first match, when the cursor's row is hidden
	m.restore(hold)
	m.arrived()
	m.reveal()
}

// Narrowed is the query in force.
func (m *Model[T]) Narrowed() string { return m.narrow.query }

// NextMatch moves the cursor by delta matches and tells whether there was one.
// While narrowed every shown row is one; afterwards those that the last query
// had found. It goes round at the ends.
func (m *Model[T]) NextMatch(delta int) bool {
	n := len(m.shown)
	if n == 0 || delta == 0 || m.narrow.last == "" {
		return false
	}
	step := 1
	if delta < 0 {
		step = -1
	}
	words := strings.Fields(fold(m.narrow.last))
	to, found := m.cursor, false
	for ; delta != 0; delta -= step {
		for range n {
			to = (to + step + n) % n
			if m.narrow.query != "" || contains(fold(m.narrow.text(m.rows[m.shown[to]])), words) {
				found = true
				break
			}
		}
	}
	if found {
		m.move(to)
	}
	return found
}

// fillKeys folds the texts of the rows that have come since.
func (m *Model[T]) fillKeys() {
	if m.narrow.text == nil {
		return
	}
	m.narrow.keys = slices.Grow(m.narrow.keys, len(m.rows)-len(m.narrow.keys))
	for i := len(m.narrow.keys); i < len(m.rows); i++ {
		m.narrow.keys = append(m.narrow.keys, fold(m.narrow.text(m.rows[i])))
	}
}

// rekey folds the text of a row that has changed.
func (m *Model[T]) rekey(i int32) {
	if int(i) < len(m.narrow.keys) {
		m.narrow.keys[i] = fold(m.narrow.text(m.rows[i]))
	}
}

// filter appends those of from that fit the query to to.
func (m *Model[T]) filter(to, from []int32) []int32 {
	for _, i := range from {
		if contains(m.narrow.keys[i], m.narrow.words) {
			to = append(to, i)
		}
	}
	return to
}

// refilter finds what is shown anew.
func (m *Model[T]) refilter() {
	if m.narrow.query == "" {
		m.shown = m.order
		return
	}
	m.fillKeys()
	m.shown = m.filter(nil, m.order)
}

// SetSort says which field the rows are sorted by; the header shows an arrow.
func (m *Model[T]) SetSort(field string, desc bool) { m.field, m.desc = field, desc }

// SortLocal sorts what is loaded, and every row that comes, by less, which is
// negative when a stands before b. nil gives the order of arrival back.
func (m *Model[T]) SortLocal(less func(a, b T) int) {
	hold := m.hold()
	m.less = less
	m.sortAll()
	m.restore(hold)
}

func (m *Model[T]) compare(a, b int32) int { return m.less(m.rows[a], m.rows[b]) }

func (m *Model[T]) sortAll() {
	m.order = m.order[:0:0]
	m.order = slices.Grow(m.order, len(m.rows))
	for i := range m.rows {
		m.order = append(m.order, int32(i))
	}
	if m.less != nil {
		slices.SortStableFunc(m.order, m.compare)
	}
	m.refilter()
}

// arrange puts the rows from old on into the order: at the end, or merged into
// what is sorted.
func (m *Model[T]) arrange(old int32) {
	fresh := make([]int32, 0, int32(len(m.rows))-old)
	for i := old; i < int32(len(m.rows)); i++ {
		fresh = append(fresh, i)
	}
	if m.less == nil {
		narrowed := m.narrow.query != ""
		m.order = append(m.order, fresh...)
		if !narrowed {
			m.shown = m.order
			return
		}
		m.fillKeys()
		m.shown = m.filter(m.shown, fresh)
		return
	}
	hold := m.hold()
	slices.SortStableFunc(fresh, m.compare)
	m.order = m.merge(m.order, fresh)
	m.refilter()
	m.restore(hold)
}

func (m *Model[T]) merge(a, b []int32) []int32 {
	out := make([]int32, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if m.compare(b[0], a[0]) < 0 {
			out, b = append(out, b[0]), b[1:]
		} else {
			out, a = append(out, a[0]), a[1:]
		}
	}
	return append(append(out, a...), b...)
}

func contains(key string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(key, w) {
			return false
		}
	}
	return true
}

// fold makes texts comparable without regard to case.
func fold(s string) string { return strings.ToLower(s) }
