package transfers

import (
	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
)

// Screen is the transfers screen.
type Screen struct {
	list *list
	w, h int
}

// New makes the screen. It shows what SnapshotMsg brings.
func New(env *ui.Env, queue Queue, sides Sides) *Screen {
	return &Screen{list: newList(env, queue, sides)}
}

// Init asks for the state now; later ones come by themselves.
func (s *Screen) Init() tea.Cmd { return s.list.load() }

// Update takes a snapshot.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	s.list.update(msg)
	return nil
}

func (l *list) update(msg tea.Msg) {
	switch m := msg.(type) {
	case SnapshotMsg:
		l.take(m.TransferSnapshot)
	case filterMsg:
		l.chosen(m)
	case ui.ShownMsg:
		l.front()
	}
}

// Keys is what can be done with the queue.
func (s *Screen) Keys() keymap.Set { return s.list.keys().And(keymap.Of(keymap.Refresh)) }

// Do carries out an action.
func (s *Screen) Do(a keymap.Action) tea.Cmd {
	if a == keymap.Refresh {
		return s.list.load()
	}
	return s.list.do(a)
}

// Typing is never so.
func (s *Screen) Typing() bool { return false }

// Resize gives the room.
func (s *Screen) Resize(w, h int) {
	s.w, s.h = w, h
	s.list.table.Resize(cell.FrameSpec{W: w, H: h}.Inner())
}

// View draws the queue.
func (s *Screen) View() string {
	if s.w <= 0 || s.h <= 0 {
		return ""
	}
	l := s.list
	return cell.Frame(l.env.Theme, cell.FrameSpec{
		W: s.w, H: s.h, Focused: true, Title: "transfers", Facts: l.totals(), Foot: l.standing(), FootRight: l.flow(),
	}, cell.Lines(l.table.View()))
}
