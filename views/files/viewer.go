package files

import (
	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
)

// viewer shows the beginning of a file over the whole screen.
type viewer struct {
	peek  *peek
	world world
	entry backend.Entry
	w, h  int
}

// view opens the file under the cursor.
func (s *Screen) view() tea.Cmd {
	p := s.here()
	e, ok := p.cursor()
	if !ok || e.IsDir() {
		return nil
	}
	return ui.Open(&viewer{peek: newPeek(s.env), world: p.world, entry: e})
}

// Init loads; the size is known by then, and the text is broken to it.
func (v *viewer) Init() tea.Cmd { return v.peek.show(v.world, v.entry, 0) }

func (v *viewer) Update(msg tea.Msg) tea.Cmd { return v.peek.update(msg) }
func (v *viewer) Typing() bool               { return false }
func (v *viewer) Place() ui.Place            { return ui.Center }

// Keys scrolls and closes.
func (v *viewer) Keys() keymap.Set {
	set := keymap.Of(keymap.PageDown, keymap.PageUp, keymap.ViewWrap, keymap.ViewRight, keymap.ViewLeft, keymap.CloseBox).
		And(keymap.Movement(), keymap.Of(keymap.Quit)).Named(keymap.Quit, "close")
	if len(v.peek.lines) > v.peek.h {
		set = set.Hinted(keymap.PageDown, "on").Hinted(keymap.PageUp, "back")
	}
	switch {
	case v.peek.wrap:
		set = set.Named(keymap.ViewWrap, "do not wrap").Disable("long lines are wrapped", keymap.ViewRight, keymap.ViewLeft)
	case v.peek.wide <= v.peek.w:
		set = set.Disable("no line is longer than the window", keymap.ViewRight, keymap.ViewLeft)
	}
	return set
}

// Do carries out an action.
func (v *viewer) Do(a keymap.Action) tea.Cmd {
	page := max(v.peek.h-1, 1)
	switch a {
	case keymap.Down:
		v.peek.scrollLines(1)
	case keymap.Up:
		v.peek.scrollLines(-1)
	case keymap.HalfDown:
		v.peek.scroll(1)
	case keymap.HalfUp:
		v.peek.scroll(-1)
	case keymap.PageDown:
		v.peek.scrollLines(page)
	case keymap.PageUp:
		v.peek.scrollLines(-page)
	case keymap.First:
		v.peek.scrollLines(-len(v.peek.lines))
	case keymap.Last:
		v.peek.scrollLines(len(v.peek.lines))
	case keymap.ViewWrap:
		v.peek.toggleWrap()
	case keymap.ViewRight:
		v.peek.scrollSide(max(v.peek.w/2, 1))
	case keymap.ViewLeft:
		v.peek.scrollSide(-max(v.peek.w/2, 1))
	case keymap.CloseBox, keymap.Quit:
		v.peek.loader.Cancel()
		return ui.Close(v)
	}
	return v.peek.refit()
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
		W: v.w, H: v.h, Focused: true, Title: v.world.show(v.entry.Path), Facts: v.peek.facts(), FootRight: v.peek.place(),
	}, v.peek.body())
}
