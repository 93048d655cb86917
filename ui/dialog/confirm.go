package dialog

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/form"
)

// ConfirmSpec asks a question with two answers.
type ConfirmSpec struct {
	Title  string   // names the object
	Body   []string // what will happen
	Yes    string   // the verb on the button: "Delete"
	No     string   // "" is "Cancel"
	Danger bool
	Type   string // has to be typed before Yes can be pressed; "" asks for nothing
	// Opener is the action that asked, if there was one: while its key is held
	// down, or pressed again, nothing happens.
	Opener keymap.Action
	OnYes  tea.Cmd
	OnNo   tea.Cmd
}

// Box is a question. It starts on the safe answer.
type Box struct {
	box
	spec  ConfirmSpec
	yes   bool // the focused button
	moved bool // the focus was moved: Enter is meant
	input *form.Input
}

// Confirm makes a question.
func Confirm(env *ui.Env, spec ConfirmSpec) *Box {
	if spec.No == "" {
		spec.No = "Cancel"
	}
	if spec.Yes == "" {
		spec.Yes = "Yes"
	}
	b := &Box{box: box{env: env, title: spec.Title}, spec: spec}
	if spec.Type != "" {
		b.input = form.NewInput(env, "", "")
	}
	return b
}

// Typing is true while a name has to be typed.
func (b *Box) Typing() bool { return b.input != nil }

// Decides is true unless a name has to be typed first.
func (b *Box) Decides() bool { return b.input == nil }

// locked is why Yes cannot be pressed yet. A name that cannot be typed may be
// typed as it is shown.
func (b *Box) locked() string {
	if b.input == nil || b.input.Value() == b.spec.Type || b.input.Value() == pathutil.Display(b.spec.Type) {
		return ""
	}
	return "type " + pathutil.Display(b.spec.Type) + " first"
}

// Keys are the answers that can be given now.
func (b *Box) Keys() keymap.Set {
	if b.Typing() {
		return keymap.Of(keymap.Press, keymap.CloseBox).
			Named(keymap.Press, lower(b.spec.Yes)).Named(keymap.CloseBox, lower(b.spec.No)).
			Disable(b.locked(), keymap.Press)
	}
	s := keymap.Of(keymap.No, keymap.Yes, keymap.Press, keymap.FocusNext, keymap.FocusPrev, keymap.CloseBox).
		Named(keymap.No, lower(b.spec.No)).Named(keymap.Yes, lower(b.spec.Yes))
	if b.opens(keymap.Yes) {
		s = s.Without(keymap.Yes)
	}
	if b.opens(keymap.Press) && !b.moved {
		s = s.Without(keymap.Press)
	}
	return s
}

// opens tells whether an action has a key that may have opened this box.
func (b *Box) opens(a keymap.Action) bool {
	if b.spec.Opener == "" {
		return false
	}
	mine := b.env.Keys.Binding(a).Keys
	return slices.ContainsFunc(b.env.Keys.Binding(b.spec.Opener).Keys, func(k string) bool { return slices.Contains(mine, k) })
}

// Do answers.
func (b *Box) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Yes:
		return b.answer(true)
	case keymap.No, keymap.CloseBox:
		return b.answer(false)
	case keymap.FocusNext, keymap.FocusPrev:
		b.yes, b.moved = !b.yes, true
	case keymap.Press:
		return b.answer(b.yes || b.Typing())
	}
	return nil
}

func (b *Box) answer(yes bool) tea.Cmd {
	if b.gone {
		return nil
	}
	then := b.spec.OnNo
	if yes {
		if b.locked() != "" {
			return nil
		}
		then = b.spec.OnYes
	}
	return ui.Batch(b.leave(b), then)
}

// Update types the name.
func (b *Box) Update(msg tea.Msg) tea.Cmd {
	if b.input != nil {
		b.input.Update(msg)
	}
	return nil
}

// Resize gives the largest box.
func (b *Box) Resize(w, h int) { b.fit(w, h, b.spec.Body) }

// View draws the box.
func (b *Box) View() string {
	if b.small() {
		return ""
	}
	th := b.env.Theme
	text := wrapped(b.spec.Body, b.inner())
	if b.Typing() {
		name := pathutil.Display(b.spec.Type)
		foot := wrapped([]string{"", "Type " + th.Paint(theme.Strong, name) + " to go on."}, b.inner())
		sign := th.Paint(theme.Accent, th.Glyphs.Cursor+" ") // without colours an empty field has no other
		foot = append(foot, sign+b.input.View(max(min(b.inner()-cell.Width(sign), max(cell.Width(name)+8, 32)), 1), true))
		return b.frame(text, foot, b.spec.Danger, b.Keys())
	}
	foot := append([]string{""}, b.buttons()...)
	return b.frame(text, foot, b.spec.Danger, keymap.Of(keymap.Press, keymap.CloseBox).
		Named(keymap.Press, "presses the marked button").Named(keymap.CloseBox, "closes"))
}

// buttons are the two answers at the right, the safe one first; under each other
// where they do not fit beside each other.
func (b *Box) buttons() []string {
	no := b.button(keymap.No, b.spec.No, !b.yes, false)
	yes := b.button(keymap.Yes, b.spec.Yes, b.yes, b.spec.Danger)
	if cell.Width(no)+2+cell.Width(yes) > b.inner() {
		return []string{cell.Truncate(no, b.inner(), ""), cell.Truncate(yes, b.inner(), "")}
	}
	return []string{cell.FitRight(no+"  "+yes, b.inner())}
}

// button is as wide with the focus as without, so that nothing moves.
func (b *Box) button(a keymap.Action, label string, focus, danger bool) string {
	th := b.env.Theme
	key := b.env.Keys.Key(a)
	if b.opens(a) {
		key = ""
	}
	if key != "" {
		key += " "
	}
	if focus {
		return th.On(theme.Selected, theme.Strong).Paint("[ " + key + label + " ]")
	}
	role := theme.Text
	if danger {
		role = theme.Danger
	}
	return "  " + th.Paint(theme.Accent, key) + th.Paint(role, label) + "  "
}
