package files

import (
	tea "charm.land/bubbletea/v2"

	"charm.land/bubbles/v2/textinput"

	"ferry/ui/cell"
)

// input is the line in which one types what the loaded rows must contain.
type input struct {
	field  textinput.Model
	typing bool
	room   int // the most it may take, in cells
}

func newInput() input {
	f := textinput.New()
	f.Prompt = ""
	f.SetVirtualCursor(true)
	return input{field: f, room: 8}
}

func (i *input) open(text string) {
	i.typing = true
	i.field.SetValue(text)
	i.field.CursorEnd()
	i.field.Focus()
	i.fit()
}

func (i *input) close() {
	i.typing = false
	i.field.Blur()
}

// update takes a key or a paste. The cursor does not blink: nothing moves that
// is not work.
func (i *input) update(msg tea.Msg) string {
	i.field, _ = i.field.Update(msg)
	i.fit()
	return i.field.Value()
}

// fit makes the field as wide as its text, so that it leaves no gap in the
// border it lies in.
func (i *input) fit() { i.field.SetWidth(min(cell.Width(i.field.Value())+1, i.room)) }
