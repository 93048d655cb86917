// Package form is fields that a person fills in. Every key types, but for the
// few form actions.
//
// It is built on the text input of Bubbles. The forms of huh read keys
// themselves: they would take keys that the shell has not matched, and help
// could not show them.
package form

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// Kind is what a field takes.
type Kind uint8

// The kinds.
const (
	Text   Kind = iota
	Secret      // masked until Reveal
	Choice      // one of Choices
	Bool        // "yes" or "no"
)

// Field is one field of a form.
type Field struct {
	Key         string
	Label       string
	Value       string
	Placeholder string
	Help        string // a line below, while the field has the focus
	Kind        Kind
	Choices     []string
	Required    bool
	Check       func(string) string // what is wrong with a value, "" for nothing
}

// field is a Field as it is being filled in.
type field struct {
	Field
	first string // the value at the start
	input textinput.Model
	at    int // of Choices
	errs  []string
}

// Form is the widget. It must not be copied.
type Form struct {
	env    *ui.Env
	fields []*field
	at     int
	reveal bool
	w, h   int
	label  int
}

// yes and no are the choices of a Bool.
var yesNo = []string{"no", "yes"}

// New makes a form; the first field has the focus.
func New(env *ui.Env, fields ...Field) *Form {
	f := &Form{env: env}
	for _, spec := range fields {
		fd := &field{Field: spec, first: spec.Value}
		switch spec.Kind {
		case Bool:
			fd.Choices = yesNo
			fallthrough
		case Choice:
			fd.at = max(slices.Index(fd.Choices, spec.Value), 0)
			fd.first = fd.value()
		default:
			in := textinput.New()
			in.Prompt = ""
			in.Placeholder = spec.Placeholder
			in.SetVirtualCursor(true) // the real one is misplaced for wide characters
			in.SetValue(spec.Value)
			in.CursorEnd()
			in.SetStyles(plain(in.Styles()))
			fd.input = in
		}
		f.label = max(f.label, cell.Width(spec.Label))
		f.fields = append(f.fields, fd)
	}
	f.focus(0)
	f.mask()
	return f
}

func (fd *field) typed() bool { return fd.Kind == Text || fd.Kind == Secret }

func (fd *field) value() string {
	if fd.typed() {
		return fd.input.Value()
	}
	if len(fd.Choices) == 0 {
		return ""
	}
	return fd.Choices[fd.at]
}

func (f *Form) focus(i int) {
	if len(f.fields) == 0 {
		return
	}
	if old := f.fields[f.at]; old.typed() {
		old.input.Blur()
	}
	f.at = min(max(i, 0), len(f.fields)-1)
	if now := f.fields[f.at]; now.typed() {
		now.input.Focus()
	}
}

// Focus puts the cursor into the field of that key.
func (f *Form) Focus(key string) {
	if i := f.index(key); i >= 0 {
		f.focus(i)
	}
}

func (f *Form) index(key string) int {
	return slices.IndexFunc(f.fields, func(fd *field) bool { return fd.Key == key })
}

// Reveal shows what is secret, or hides it again.
func (f *Form) Reveal(on bool) {
	f.reveal = on
	f.mask()
}

func (f *Form) mask() {
	for _, fd := range f.fields {
		if fd.Kind != Secret {
			continue
		}
		fd.input.EchoMode = textinput.EchoPassword
		if f.reveal {
			fd.input.EchoMode = textinput.EchoNormal
		}
	}
}

// Keys are the form actions.
func (f *Form) Keys() keymap.Set {
	s := keymap.Of(keymap.Submit)
	if len(f.fields) > 1 {
		s = s.And(keymap.Of(keymap.FieldNext, keymap.FieldPrev))
	}
	if len(f.fields) > 0 && !f.fields[f.at].typed() {
		s = s.And(keymap.Of(keymap.FieldToggle))
	}
	return s
}

// Do moves between fields, changes a choice, or submits. submitted is true when
// every field is filled in as it should be.
func (f *Form) Do(a keymap.Action) (submitted bool, cmd tea.Cmd) {
	switch a {
	case keymap.FieldNext:
		f.focus((f.at + 1) % max(len(f.fields), 1))
	case keymap.FieldPrev:
		f.focus((f.at + len(f.fields) - 1) % max(len(f.fields), 1))
	case keymap.FieldToggle:
		f.turn(1)
	case keymap.Submit:
		return f.submit(), nil
	}
	return false, nil
}

// submit goes to the next field that still wants something; when there is none
// the form is ready to be sent.
func (f *Form) submit() bool {
	if f.at < len(f.fields)-1 {
		if f.check(f.fields[f.at]); len(f.fields[f.at].errs) > 0 {
			return false
		}
		if slices.ContainsFunc(f.fields[f.at+1:], func(fd *field) bool { return fd.Required && fd.value() == "" }) {
			f.focus(f.at + 1)
			return false
		}
	}
	bad := -1
	for i, fd := range f.fields {
		if f.check(fd); len(fd.errs) > 0 && bad < 0 {
			bad = i
		}
	}
	if bad >= 0 {
		f.focus(bad)
		return false
	}
	return true
}

// check looks a field over and notes what is wrong.
func (f *Form) check(fd *field) {
	fd.errs = nil
	v := fd.value()
	if strings.TrimSpace(v) == "" {
		if fd.Required {
			fd.errs = []string{"This is needed."}
		}
		return
	}
	if fd.Check != nil {
		if why := fd.Check(v); why != "" {
			fd.errs = []string{why}
		}
	}
}

// turn goes to another choice.
func (f *Form) turn(d int) {
	fd := f.fields[f.at]
	if n := len(fd.Choices); n > 0 && !fd.typed() {
		fd.at = (fd.at + d + n) % n
		fd.errs = nil
	}
}

// Update types into the focused field. In a choice, left, right and space
// change it.
func (f *Form) Update(msg tea.Msg) tea.Cmd {
	if len(f.fields) == 0 {
		return nil
	}
	fd := f.fields[f.at]
	if !fd.typed() {
		if k, ok := msg.(tea.KeyPressMsg); ok {
			switch k.Code {
			case tea.KeyRight, tea.KeySpace:
				f.turn(1)
			case tea.KeyLeft:
				f.turn(-1)
			}
		}
		return nil
	}
	before := fd.input.Value()
	var cmd tea.Cmd
	fd.input, cmd = fd.input.Update(msg)
	if fd.input.Value() != before {
		fd.errs = nil
	}
	return cmd
}

// Values are all fields by key.
func (f *Form) Values() map[string]string {
	out := make(map[string]string, len(f.fields))
	for _, fd := range f.fields {
		out[fd.Key] = fd.value()
	}
	return out
}

// Changed are the fields whose value is another one than at the start.
func (f *Form) Changed() map[string]string {
	out := map[string]string{}
	for _, fd := range f.fields {
		if v := fd.value(); v != fd.first {
			out[fd.Key] = v
		}
	}
	return out
}

// Set gives a field a value.
func (f *Form) Set(key, value string) {
	i := f.index(key)
	if i < 0 {
		return
	}
	if fd := f.fields[i]; fd.typed() {
		fd.input.SetValue(value)
		fd.input.CursorEnd()
	} else if at := slices.Index(fd.Choices, value); at >= 0 {
		fd.at = at
	}
}

// SetErrors shows what the server says of fields, at the fields, and goes to
// the first of them. It gives back what belongs to no field.
func (f *Form) SetErrors(errs map[string][]string) (rest map[string][]string) {
	first := -1
	rest = map[string][]string{}
	for key, say := range errs {
		i := f.index(key)
		if i < 0 {
			rest[key] = say
			continue
		}
		f.fields[i].errs = say
		if first < 0 || i < first {
			first = i
		}
	}
	if first >= 0 {
		f.focus(first)
	}
	return rest
}

// Resize gives the room.
func (f *Form) Resize(w, h int) {
	f.w, f.h = w, h
	for _, fd := range f.fields {
		if fd.typed() {
			fd.input.SetWidth(max(f.room()-1, 1))
		}
	}
}

// room is the width of a value.
func (f *Form) room() int { return max(f.w-f.label-4, 4) }

// View draws the fields under each other; when they are more than the room
// takes, those around the focused one.
func (f *Form) View() string {
	if f.w <= 0 || f.h <= 0 {
		return ""
	}
	var lines []string
	focus := 0
	for i, fd := range f.fields {
		if i == f.at {
			focus = len(lines)
		}
		lines = append(lines, f.draw(i, fd)...)
	}
	from := min(max(focus-f.h/2, 0), max(len(lines)-f.h, 0))
	return strings.Join(lines[from:min(from+f.h, len(lines))], "\n")
}

func (f *Form) draw(i int, fd *field) []string {
	th := f.env.Theme
	lead, role := "  ", theme.Faint
	if i == f.at {
		lead, role = th.Paint(theme.Accent, th.Glyphs.Cursor)+" ", theme.Strong
	}
	label := th.Paint(role, cell.Fit(fd.Label, f.label))
	out := []string{lead + label + "  " + f.value(i, fd)}
	indent := cell.Pad(f.label + 4)
	for _, e := range fd.errs {
		for _, l := range cell.Wrap(th.Glyphs.Failed+" "+pathutil.Display(e), f.room()) {
			out = append(out, indent+th.Paint(theme.Bad, l))
		}
	}
	if i == f.at && fd.Help != "" && len(fd.errs) == 0 {
		for _, l := range cell.Wrap(fd.Help, f.room()) {
			out = append(out, indent+th.Paint(theme.Faint, l))
		}
	}
	return out
}

func (f *Form) value(i int, fd *field) string {
	th := f.env.Theme
	if fd.typed() {
		s := theme.Base
		if i == f.at {
			s = theme.Field
		}
		return onSurface(th, s, fd.input.View(), f.room())
	}
	v := pathutil.Display(fd.value())
	if i != f.at {
		return v
	}
	return th.Paint(theme.Accent, "‹ ") + th.On(theme.Field, theme.Text).Paint(v) + th.Paint(theme.Accent, " ›")
}

// onSurface lays the input on the surface of a field; the input's own cursor keeps
// its looks.
func onSurface(th *theme.Theme, s theme.Surface, input string, w int) string {
	ink := th.On(s, theme.Text)
	if ink.Open() == "" {
		return cell.Fit(input, w)
	}
	text := cell.Fit(input, w)
	// The cursor ends with a reset, behind which the surface has to go on.
	text = strings.ReplaceAll(text, "\x1b[m", "\x1b[m"+ink.Open())
	text = strings.ReplaceAll(text, "\x1b[0m", "\x1b[0m"+ink.Open())
	return ink.Open() + text + ink.Close()
}

// plain takes the colours out of the input's styles: colours live in theme.
func plain(s textinput.Styles) textinput.Styles {
	var none textinput.StyleState
	none.Placeholder = lipgloss.NewStyle().Faint(true)
	s.Focused, s.Blurred = none, none
	s.Cursor.Blink = false
	return s
}
