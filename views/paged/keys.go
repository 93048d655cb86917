package paged

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/form"
)

// wide is the width from which on there is room for more than the bare words.
const wide = 50

// narrow is the line in which one types what the loaded rows must contain.
type narrow struct {
	input  *form.Input
	typing bool
	room   int // the most cells it may take
}

func newNarrow(env *ui.Env) narrow { return narrow{input: form.NewInput(env, "", "")} }

func (n *narrow) resize(w int) { n.room = min(max(w-40, 8), 40) }

// view is as wide as the text, so that it leaves no gap in the border it lies
// in.
func (n *narrow) view() string {
	return n.input.View(min(cell.Width(n.input.Value())+1, n.room), true)
}

// Typing tells whether the narrowing line has the focus.
func (l *List[T]) Typing() bool { return l.narrow.typing }

// Keys is what can be done with any list now. Screens put their own actions
// before it.
func (l *List[T]) Keys() keymap.Set {
	if l.narrow.typing {
		return keymap.Of(keymap.PickRun, keymap.PickClose, keymap.PickDown, keymap.PickUp).
			Named(keymap.PickRun, "keep these rows").
			Named(keymap.PickClose, "show all again").
			Named(keymap.PickDown, "next row").
			Named(keymap.PickUp, "previous row")
	}
	s := keymap.Of(keymap.Narrow)
	if l.Table.Narrowed() != "" {
		s = s.And(keymap.Of(keymap.NextMatch, keymap.PrevMatch))
	}
	if l.spec.Marks {
		s = s.And(keymap.Of(keymap.Mark, keymap.MarkRange, keymap.Invert, keymap.MarkAll))
	}
	return s.And(keymap.Movement(), keymap.Of(keymap.Refresh))
}

// Do carries out what Keys offers; handled tells whether it was one of these.
// Refresh is left to the screen, which may have more to load.
func (l *List[T]) Do(a keymap.Action) (cmd tea.Cmd, handled bool) {
	switch a {
	case keymap.Narrow:
		l.narrow.typing = true
		l.narrow.input.SetValue(l.Table.Narrowed())
		return nil, true
	case keymap.PickRun, keymap.PickClose:
		if !l.narrow.typing {
			return nil, false
		}
		l.narrow.typing = false
		if a == keymap.PickClose {
			l.setNarrow("")
		}
		return l.Follow(), true
	case keymap.PickDown:
		return l.move(keymap.Down), true
	case keymap.PickUp:
		return l.move(keymap.Up), true
	case keymap.NextMatch:
		l.Table.NextMatch(1)
		return l.Follow(), true
	case keymap.PrevMatch:
		l.Table.NextMatch(-1)
		return nil, true
	case keymap.Last:
		l.Table.Do(a)
		if l.done {
			return nil, true
		}
		l.bottom = true
		return l.All(), true
	}
	if l.Table.Do(a) {
		if l.halted {
			l.halted = false // moving on asks for more again
		}
		return l.Follow(), true
	}
	return nil, false
}

func (l *List[T]) move(a keymap.Action) tea.Cmd {
	l.Table.Do(a)
	return l.Follow()
}

// typed takes text for the narrowing line, and the retry of an error card.
func (l *List[T]) typed(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case resume[T]:
		if m.list == l {
			return l.more()
		}
	case tea.KeyPressMsg, tea.PasteMsg:
		if !l.narrow.typing {
			return nil
		}
		l.narrow.input.Update(msg)
		l.setNarrow(strings.TrimSpace(l.narrow.input.Value()))
	}
	return nil
}

func (l *List[T]) setNarrow(q string) { l.Table.Narrow(q, l.spec.Text) }

// Escape goes one level back within the list: stop loading, clear the
// narrowing, clear the marks. It tells whether there was such a level.
func (l *List[T]) Escape() bool {
	if l.Stop() {
		return true
	}
	if l.Table.Narrowed() != "" {
		l.setNarrow("")
		return true
	}
	return l.Table.ClearMarks()
}

// CanEscape tells whether Escape would do something.
func (l *List[T]) CanEscape() bool {
	return l.load.Busy() || l.Table.Narrowed() != "" || l.Table.MarkCount() > 0
}

// NarrowLine is the narrowing as the foot of the frame shows it, "" when there
// is none.
func (l *List[T]) NarrowLine() string {
	th := l.env.Theme
	switch q := l.Table.Narrowed(); {
	case l.narrow.typing:
		return th.Paint(theme.Accent, "/") + l.narrow.view()
	case q != "":
		line := th.Paint(theme.Accent, "/"+pathutil.Display(q))
		if l.w >= wide {
			line += th.Paint(theme.Faint, " in what is loaded")
		}
		return line
	}
	return ""
}
