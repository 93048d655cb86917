package table

import "iter"

// Window gives the rows that can be seen now, so that a screen can ask for what
// it has to say of these alone.
func (m *Model[T]) Window() iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := m.top; i < min(m.top+max(m.window(), 0), m.Shown()); i++ {
			if !yield(m.row(i)) {
				return
			}
		}
	}
}
