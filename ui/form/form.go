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

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
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
	Suggested   bool   // the value is only a suggestion: typing takes its place
	Kind        Kind
	Choices     []string
	Words       func(string) string // how a choice is shown; nil as it is
	Required    bool
	Check       func(string) string // what is wrong with a value, "" for nothing
}

// field is a Field as it is being filled in.
type field struct {
	Field
	first string // the value at the start
	input *Input // nil for a choice
	at    int    // of Choices
	errs  []string
}

// Form is the widget. It must not be copied.
type Form struct {
	env    *ui.Env
	fields []*field
	at     int
	w, h   int
	label  int // cells of the widest label
}

// yesNo are the choices of a Bool.
var yesNo = []string{"no", "yes"}

// New makes a form; the first field has the focus.
func New(env *ui.Env, fields ...Field) *Form {
	f := &Form{env: env}
	for _, spec := range fields {
		fd := &field{Field: spec}
		switch spec.Kind {
		case Bool:
			fd.Choices = yesNo
			fallthrough
		case Choice:
			fd.at = max(slices.Index(fd.Choices, spec.Value), 0)
		default:
			fd.input = NewInput(env, spec.Value, spec.Placeholder)
			fd.input.Mask(spec.Kind == Secret)
			if spec.Suggested {
				fd.input.Suggest()
			}
		}
		fd.first = fd.value()
		label := cell.Width(spec.Label)
		if spec.Required {
			label += 2
		}
		f.label = max(f.label, label)
		f.fields = append(f.fields, fd)
	}
	return f
}

func (fd *field) typed() bool { return fd.input != nil }

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
	if len(f.fields) > 0 {
		f.at = min(max(i, 0), len(f.fields)-1)
	}
}

// Focus puts the cursor into the field of that key.
func (f *Form) Focus(key string) {
	if i := f.index(key); i >= 0 {
		f.focus(i)
	}
}

// Focused is the key of the field that has the cursor, "" when there is none.
func (f *Form) Focused() string {
	if len(f.fields) == 0 {
		return ""
	}
	return f.fields[f.at].Key
}

func (f *Form) index(key string) int {
	return slices.IndexFunc(f.fields, func(fd *field) bool { return fd.Key == key })
}

// Reveal shows what is secret, or hides it again.
func (f *Form) Reveal(on bool) {
	for _, fd := range f.fields {
		if fd.Kind == Secret {
			fd.input.Mask(!on)
		}
	}
}

// choosing are the actions of a field that offers choices.
func choosing() keymap.Set {
	return keymap.Of(keymap.ChoiceNext, keymap.ChoicePrev, keymap.FieldToggle)
}

// Keys are the form actions; those that change a choice only where there is one.
func (f *Form) Keys() keymap.Set {
	s := keymap.Of(keymap.Submit)
	if len(f.fields) > 0 && !f.fields[f.at].typed() {
		s = s.And(choosing())
	}
	if len(f.fields) > 1 {
		s = s.And(keymap.Of(keymap.FieldNext, keymap.FieldPrev))
	}
	return s
}

// Help is the action that lists the keys, with those that the field in front does
// not take as text.
func (f *Form) Help() keymap.Set {
	s := keymap.Of(keymap.Help)
	if len(f.fields) > 0 && f.fields[f.at].typed() {
		s = s.WhileTyping()
	}
	return s
}

// Do moves between fields, changes a choice, or submits. submitted is true when
// every field is filled in as it should be.
func (f *Form) Do(a keymap.Action) (submitted bool, cmd tea.Cmd) {
	n := len(f.fields)
	if n == 0 {
		return a == keymap.Submit, nil
	}
	switch a {
	case keymap.FieldNext:
		f.focus((f.at + 1) % n)
	case keymap.FieldPrev:
		f.focus((f.at + n - 1) % n)
	case keymap.FieldToggle, keymap.ChoiceNext:
		f.turn(1)
	case keymap.ChoicePrev:
		f.turn(-1)
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
		rest := f.fields[f.at+1:]
		if i := slices.IndexFunc(rest, func(fd *field) bool { return fd.Required && blank(fd) }); i >= 0 {
			f.focus(f.at + 1 + i)
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

func blank(fd *field) bool { return strings.TrimSpace(fd.value()) == "" }

// check looks a field over and notes what is wrong.
func (f *Form) check(fd *field) {
	fd.errs = nil
	if blank(fd) {
		if fd.Required {
			fd.errs = []string{"This is needed."}
		}
		return
	}
	if fd.Check != nil {
		if why := fd.Check(fd.value()); why != "" {
			fd.errs = []string{why}
		}
	}
}

// turn goes to another choice.
func (f *Form) turn(d int) {
	fd := f.fields[f.at]
	if n := len(fd.Choices); n > 0 && !fd.typed() {
		fd.at = ((fd.at+d)%n + n) % n
		fd.errs = nil
	}
}

// Update types into the focused field. In a choice a letter goes to the next
// that begins with it.
func (f *Form) Update(msg tea.Msg) tea.Cmd {
	if len(f.fields) == 0 {
		return nil
	}
	fd := f.fields[f.at]
	if fd.typed() {
		if fd.input.Update(msg) {
			fd.errs = nil
		}
		return nil
	}
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	if it, out := f.env.Keys.Match(choosing(), []string{k.String()}); out == keymap.Found {
		f.Do(it.Action)
		return nil
	}
	f.jump(strings.ToLower(k.Text))
	return nil
}

// jump goes to the next choice that begins with a letter.
func (f *Form) jump(letter string) {
	fd := f.fields[f.at]
	for d := 1; d <= len(fd.Choices) && letter != ""; d++ {
		if strings.HasPrefix(strings.ToLower(fd.Choices[(fd.at+d)%len(fd.Choices)]), letter) {
			f.turn(d)
			return
		}
	}
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
