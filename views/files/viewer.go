package files

import (
	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
)

// viewer shows the beginning of a file over the whole screen.
type viewer struct {
	peek  *peek
	world world
	title string
	w, h  int
}

// view opens the file under the cursor.
func (s *Screen) view() tea.Cmd {
	p := s.here()
	e, ok := p.cursor()
	if !ok || e.IsDir() {
		return nil
	}
	v := &viewer{peek: newPeek(s.env), world: p.world, title: p.world.show(e.Path)}
	v.peek.entry.Size = e.Size
	v.Resize(s.w, s.h) // the text is broken to this width
	load := v.peek.show(p.world, e, 0)
	return tea.Batch(ui.Open(v), load)
}

func (v *viewer) Init() tea.Cmd              { return nil }
func (v *viewer) Update(msg tea.Msg) tea.Cmd { return v.peek.update(msg) }
func (v *viewer) Typing() bool               { return false }
func (v *viewer) Place() ui.Place            { return ui.Center }

// Keys scrolls and closes.
func (v *viewer) Keys() keymap.Set {
	return keymap.Of(keymap.CloseBox, keymap.ScrollDown, keymap.ScrollUp, keymap.PreviewDown, keymap.PreviewUp)
}

// Do carries out an action.
func (v *viewer) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.ScrollDown:
		v.peek.scrollLines(1)
	case keymap.ScrollUp:
		v.peek.scrollLines(-1)
	case keymap.PreviewDown:
		v.peek.scroll(1)
	case keymap.PreviewUp:
		v.peek.scroll(-1)
	case keymap.CloseBox:
		v.peek.loader.Cancel()
		return ui.Close(v)
	}
	return nil
}

// Resize gives the room.
func (v *viewer) Resize(w, h int) {
	v.w, v.h = w, h
	v.peek.resize(cell.FrameSpec{W: w, H: h}.Inner())
}

// View draws the text in a frame.
func (v *viewer) View() string {
	if v.w < 10 || v.h < 3 {
		return ""
	}
	return cell.Frame(v.peek.env.Theme, cell.FrameSpec{
		W: v.w, H: v.h, Focused: true, Title: v.title, Facts: v.peek.facts(),
	}, v.peek.body())
}
