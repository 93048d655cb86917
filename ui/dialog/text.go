package dialog

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/cell"
)

// TextSpec is a text to read.
type TextSpec struct {
	Title string
	Body  []string
	Foot  string
	Wide  bool // use all the width there is
	Wrap  bool // break long lines instead of cutting them
}

// TextBox is a text that can be scrolled and copied.
type TextBox struct {
	box
	spec  TextSpec
	lines []string // as broken for the width
	top   int
}

// Text makes a box with a text.
func Text(env *ui.Env, spec TextSpec) *TextBox {
	return &TextBox{box: box{env: env, title: spec.Title}, spec: spec}
}

// Typing is false.
func (t *TextBox) Typing() bool { return false }

// Update has nothing to wait for.
func (t *TextBox) Update(tea.Msg) tea.Cmd { return nil }

// Keys are scrolling, where there is more than fits, copying and closing.
func (t *TextBox) Keys() keymap.Set {
	var s keymap.Set
	if len(t.lines) > t.rows() {
		s = keymap.Movement()
	}
	return s.And(keymap.Of(keymap.CloseBox, keymap.CopyText, keymap.Quit)).
		Named(keymap.Quit, "close").Named(keymap.CopyText, "copy this text")
}

// Do scrolls, copies or closes.
func (t *TextBox) Do(a keymap.Action) tea.Cmd {
	page := max(t.rows()-1, 1)
	switch a {
	case keymap.Down:
		t.scroll(1)
	case keymap.Up:
		t.scroll(-1)
	case keymap.PageDown:
		t.scroll(page)
	case keymap.PageUp:
		t.scroll(-page)
	case keymap.HalfDown:
		t.scroll((page + 1) / 2)
	case keymap.HalfUp:
		t.scroll(-(page + 1) / 2)
	case keymap.First:
		t.scroll(-t.top)
	case keymap.Last:
		t.scroll(len(t.lines))
	case keymap.CopyText:
		return ui.Copy(cell.Strip(strings.Join(t.spec.Body, "\n")), "the text of this box")
	case keymap.CloseBox, keymap.Quit:
		return ui.Close(t)
	}
	return nil
}

func (t *TextBox) rows() int { return max(t.h-frameH, 1) }

func (t *TextBox) scroll(d int) {
	t.top = min(max(t.top+d, 0), max(len(t.lines)-t.rows(), 0))
}

// Resize gives the largest box; a text is as wide as its lines.
func (t *TextBox) Resize(w, h int) {
	need := max(thinnest, cell.Width(t.title)+8)
	for _, l := range t.spec.Body {
		need = max(need, cell.Width(l)+frameW)
	}
	if t.spec.Wrap {
		need = min(need, widest+frameW)
	}
	if t.spec.Wide {
		need = w
	}
	t.w, t.h = min(w, need), h
	t.lines = t.spec.Body
	if t.spec.Wrap {
		t.lines = wrapped(t.spec.Body, t.inner())
	}
	t.scroll(0)
}

// View draws the box.
func (t *TextBox) View() string {
	if t.small() {
		return ""
	}
	n := len(t.lines)
	end := min(t.top+t.rows(), n)
	facts := t.spec.Foot
	keys := keymap.Of(keymap.CloseBox)
	if n > t.rows() {
		facts = strings.TrimSpace(facts + "  " + cell.Count(t.top+1) + " to " + cell.Count(end) + " of " + cell.Count(n))
		keys = keymap.Of(keymap.CloseBox, keymap.PageDown, keymap.PageUp).Hinted(keymap.PageDown, "on").Hinted(keymap.PageUp, "back")
	}
	th := t.env.Theme
	return cell.Frame(th, cell.FrameSpec{
		W: t.w, H: end - t.top + frameH, Title: pathutil.Display(t.title), Facts: facts, Focused: true,
		Foot: cell.Hints(th, t.env.Keys.Hints(keys), t.inner()),
	}, t.lines[t.top:end])
}
