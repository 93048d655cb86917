package dialog

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// ConfirmSpec asks a question with two answers.
type ConfirmSpec struct {
	Title  string   // names the object
	Body   []string // what will happen
	Yes    string   // the verb on the button: "Delete"
	No     string   // "" is "Cancel"
	Danger bool
	Type   string // has to be typed before Yes can be pressed; "" asks for nothing
	OnYes  tea.Cmd
	OnNo   tea.Cmd
}

// Box is a question. It starts on the safe answer.
type Box struct {
	box
	spec  ConfirmSpec
	yes   bool // the focused button
	input textinput.Model
}

// Confirm makes a question.
func Confirm(env *ui.Env, spec ConfirmSpec) *Box {
	if spec.No == "" {
		spec.No = "Cancel"
	}
	if spec.Yes == "" {
		spec.Yes = "Yes"
	}
	in := textinput.New()
	in.Prompt = ""
	in.SetVirtualCursor(true)
	if spec.Type != "" {
		in.Focus()
	}
	return &Box{box: box{env: env, title: spec.Title}, spec: spec, input: in}
}

// Init needs nothing.
func (b *Box) Init() tea.Cmd { return nil }

// Typing is true while a name has to be typed.
func (b *Box) Typing() bool { return b.spec.Type != "" }

func (b *Box) locked() string {
	if b.spec.Type == "" || b.input.Value() == b.spec.Type {
		return ""
	}
	return "type " + b.spec.Type + " first"
}

// Keys are the answers.
func (b *Box) Keys() keymap.Set {
	if b.Typing() {
		return keymap.Of(keymap.Press, keymap.CloseBox).
			Named(keymap.Press, b.spec.Yes).Named(keymap.CloseBox, b.spec.No).
			Disable(b.locked(), keymap.Press)
	}
	return keymap.Of(keymap.No, keymap.Yes, keymap.Press, keymap.FocusNext, keymap.FocusPrev, keymap.CloseBox).
		Named(keymap.No, b.spec.No).Named(keymap.Yes, b.spec.Yes)
}

// Do answers.
func (b *Box) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Yes:
		return b.answer(true)
	case keymap.No, keymap.CloseBox:
		return b.answer(false)
	case keymap.FocusNext, keymap.FocusPrev:
		b.yes = !b.yes
	case keymap.Press:
		return b.answer(b.yes || b.Typing())
	}
	return nil
}

func (b *Box) answer(yes bool) tea.Cmd {
	then := b.spec.OnNo
	if yes {
		if b.locked() != "" {
			return nil
		}
		then = b.spec.OnYes
	}
	return tea.Batch(ui.Close(b), then)
}

// Update types the name.
func (b *Box) Update(msg tea.Msg) tea.Cmd {
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
		if b.Typing() {
			var cmd tea.Cmd
			b.input, cmd = b.input.Update(msg)
			return cmd
		}
	}
	return nil
}

// Resize gives the largest box.
func (b *Box) Resize(w, h int) {
	b.box.Resize(w, h)
	b.input.SetWidth(max(b.inner()-4, 1))
}

// View draws the box.
func (b *Box) View() string {
	if b.small() {
		return ""
	}
	th := b.env.Theme
	lines := wrapped(b.spec.Body, b.inner())
	lines = append(lines, "")
	if b.Typing() {
		lines = append(lines, "Type "+th.Paint(theme.Strong, b.spec.Type)+" to go on:", "  "+b.input.View())
		return b.frame(lines, b.spec.Danger, b.Keys())
	}
	button := func(label, key string, on bool) string {
		if on {
			return th.On(theme.Selected, theme.Strong).Paint("[ " + label + " ]")
		}
		return "  " + th.Paint(theme.Accent, key) + " " + label + "  "
	}
	row := button(b.spec.No, b.env.Keys.Key(keymap.No), !b.yes) + "  " + button(b.spec.Yes, b.env.Keys.Key(keymap.Yes), b.yes)
	lines = append(lines, cell.FitRight(row, b.inner()))
	return b.frame(lines, b.spec.Danger, keymap.Of(keymap.Press, keymap.FocusNext, keymap.CloseBox).
		Named(keymap.Press, "presses the marked button").Named(keymap.CloseBox, "closes").Named(keymap.FocusNext, "other button"))
}
