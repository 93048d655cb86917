package form

import (
	"strings"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// Input is one line of text that is typed. The text input of Bubbles edits it,
// with the keys of readline; it is drawn here, because that one measures only
// in graphemes, and because a value may come from a server.
type Input struct {
	env         *ui.Env
	in          textinput.Model
	placeholder string
	masked      bool
	chosen      bool // the whole value is, as a suggestion: typing takes its place
}

// NewInput makes an input with the cursor behind the value.
func NewInput(env *ui.Env, value, placeholder string) *Input {
	in := textinput.New()
	in.Prompt = ""
	in.KeyMap.Paste.SetEnabled(false) // it reads the clipboard of this machine, not of the person's
	s := in.Styles()
	s.Cursor.Blink = false // nothing moves that is not work
	in.SetStyles(s)
	in.SetValue(value)
	in.CursorEnd()
	in.Focus()
	return &Input{env: env, in: in, placeholder: placeholder}
}

// Value is what is in it.
func (i *Input) Value() string { return i.in.Value() }

// SetValue puts a text in and the cursor behind it.
func (i *Input) SetValue(s string) {
	i.in.SetValue(s)
	i.in.CursorEnd()
	i.chosen = false
}

// Suggest makes the value a suggestion, as in the address bar of a browser: what
// is typed at once takes its place; a key that moves keeps it, to be edited.
func (i *Input) Suggest() { i.chosen = i.in.Value() != "" }

// Mask hides what is typed, or shows it.
func (i *Input) Mask(on bool) { i.masked = on }

// Update types a key, or what was pasted, and tells whether the value changed.
func (i *Input) Update(msg tea.Msg) (changed bool) {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
	case tea.PasteMsg:
		m.Content = strings.Trim(m.Content, "\r\n") // a copied line brings its end along
		msg = m
	default:
		return false
	}
	before := i.in.Value()
	if i.chosen && i.replaces(msg) {
		i.in.Reset()
	}
	i.chosen = false
	i.in, _ = i.in.Update(msg) // the command only makes the cursor blink
	return i.in.Value() != before
}

// replaces tells whether a message takes the place of a suggestion: text, or a
// key that deletes.
func (i *Input) replaces(msg tea.Msg) bool {
	k, ok := msg.(tea.KeyPressMsg)
	m := i.in.KeyMap
	return !ok || k.Text != "" || key.Matches(k, m.DeleteCharacterBackward, m.DeleteCharacterForward)
}

// View draws exactly w cells on the surface of a field, with the cursor when the
// input has the focus. Of a long text the part around the cursor is seen.
func (i *Input) View(w int, focused bool) string {
	if w <= 0 {
		return ""
	}
	th := i.env.Theme
	ink := th.On(theme.Field, theme.Text)
	if i.in.Value() == "" && i.placeholder != "" {
		hint := th.On(theme.Field, theme.Faint)
		if !focused {
			return hint.Paint(cell.Fit(i.placeholder, w))
		}
		first, rest := head(i.placeholder)
		return th.On(theme.Selected, theme.Text).Paint(first) + hint.Paint(cell.Fit(rest, w-cell.Width(first)))
	}
	before, at, after := i.split()
	if !focused {
		return ink.Paint(cell.Fit(before+at+after, w))
	}
	if at == "" {
		at = " "
	}
	room := max(w-cell.Width(at), 0)
	left := before
	if cell.Width(before)+cell.Width(after) > room {
		left = cell.Last(before, max(room-cell.Width(after), room*3/4))
	}
	right := cell.Fit(after, room-cell.Width(left))
	if cell.Width(at) > w {
		return ink.Paint(cell.Fit("", w))
	}
	if i.chosen {
		return th.On(theme.Selected, theme.Text).Paint(left+at) + ink.Paint(right)
	}
	return ink.Paint(left) + th.On(theme.Selected, theme.Text).Paint(at) + ink.Paint(right)
}

// split gives the text before, under and after the cursor, safe to show.
func (i *Input) split() (before, at, after string) {
	v := []rune(i.in.Value())
	p := min(max(i.in.Position(), 0), len(v))
	if i.masked {
		g := i.env.Theme.Glyphs.Secret
		before = strings.Repeat(g, p)
		if p < len(v) {
			at, after = g, strings.Repeat(g, len(v)-p-1)
		}
		return before, at, after
	}
	at, after = head(string(v[p:]))
	return pathutil.Display(string(v[:p])), at, after
}

// head divides a text behind its first character and the marks upon that.
func head(s string) (first, rest string) {
	if s == "" {
		return "", ""
	}
	_, n := utf8.DecodeRuneInString(s)
	for n < len(s) {
		_, m := utf8.DecodeRuneInString(s[n:])
		if cell.Width(s[:n+m]) > cell.Width(s[:n]) {
			break
		}
		n += m
	}
	return pathutil.Display(s[:n]), pathutil.Display(s[n:])
}
