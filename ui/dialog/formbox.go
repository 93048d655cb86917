package dialog

import (
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/form"
)

// PromptSpec asks for one line.
type PromptSpec struct {
	Title       string
	Label       string
	Verb        string // what Enter does: "rename"; "" is "go on"
	Value       string
	Suggested   bool // typing takes the place of the value
	Placeholder string
	Help        string
	Check       func(string) string // what is wrong, "" for nothing
	OnOK        func(string) tea.Cmd
}

// Prompt makes a box with one field. It closes when the line is in order.
func Prompt(env *ui.Env, spec PromptSpec) *FormBox {
	var f *FormBox
	f = NewForm(env, FormSpec{
		Title: spec.Title, Verb: spec.Verb,
		Fields: []form.Field{{
			Key: "value", Label: spec.Label, Value: spec.Value, Suggested: spec.Suggested, Placeholder: spec.Placeholder,
			Help: spec.Help, Required: true, Check: spec.Check,
		}},
		Submit: func(v, _ map[string]string) tea.Cmd {
			return ui.Batch(f.Done(), spec.OnOK(v["value"]))
		},
	})
	return f
}

// FormSpec is a form in a box.
type FormSpec struct {
	Title  string
	Verb   string // what Enter does: "save"; "" is "go on"
	Body   []string
	Fields []form.Field
	// Submit sends what was filled in. The box stays open until Done; Fail
	// shows what was wrong with it.
	Submit func(values, changed map[string]string) tea.Cmd
	Busy   string // what is shown while it is being sent; "" for forms that are not
	// OnCancel runs when the box is left unsent, or while its answer is awaited:
	// it ends the request.
	OnCancel tea.Cmd
	// Unasked says that it opens by itself: what is typed then is not meant for it.
	Unasked bool
}

// FormBox is a form in a box.
type FormBox struct {
	box
	spec FormSpec
	form *form.Form
	busy bool
	fail []string
	asks bool // leaving would lose what was filled in; once more leaves
}

// NewForm makes a form in a box.
func NewForm(env *ui.Env, spec FormSpec) *FormBox {
	if spec.Verb == "" {
		spec.Verb = "go on"
	}
	return &FormBox{box: box{env: env, title: spec.Title}, spec: spec, form: form.New(env, spec.Fields...)}
}

// Typing is true.
func (f *FormBox) Typing() bool { return true }

// Decides is true of a form that opens by itself.
func (f *FormBox) Decides() bool { return f.spec.Unasked }

// Keys are the form's, leaving, and help.
func (f *FormBox) Keys() keymap.Set {
	s := f.form.Keys().And(keymap.Of(keymap.Cancel), f.form.Help()).Named(keymap.Submit, f.spec.Verb)
	if f.busy {
		s = s.Disable("wait for the answer", keymap.Submit)
	}
	return s
}

// Do moves, sends or leaves. A form of several fields that were filled in is
// left by the second press: the first says what would be lost.
func (f *FormBox) Do(a keymap.Action) tea.Cmd {
	if f.gone {
		return nil
	}
	if a == keymap.Cancel {
		if !f.asks && !f.busy && len(f.spec.Fields) > 1 && len(f.form.Changed()) > 0 {
			f.asks = true
			return nil
		}
		return ui.Batch(f.leave(f), f.spec.OnCancel)
	}
	f.asks = false
	if f.busy {
		return nil
	}
	submitted, cmd := f.form.Do(a)
	if !submitted {
		return cmd
	}
	f.fail, f.busy = nil, f.spec.Busy != ""
	return ui.Batch(cmd, f.spec.Submit(f.form.Values(), f.form.Changed()))
}

// Update types.
func (f *FormBox) Update(msg tea.Msg) tea.Cmd {
	if f.busy {
		return nil
	}
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
		f.asks = false
	}
	return f.form.Update(msg)
}

// Fail says what was wrong: at the fields, and in a line for the whole. What
// was typed stays.
func (f *FormBox) Fail(fields map[string][]string, message string) {
	f.busy, f.fail = false, nil
	rest := f.form.SetErrors(fields)
	if message != "" {
		f.fail = append(f.fail, message)
	}
	for _, k := range slices.Sorted(maps.Keys(rest)) {
		f.fail = append(f.fail, k+": "+strings.Join(rest[k], ", "))
	}
}

// Done closes the box.
func (f *FormBox) Done() tea.Cmd { return f.leave(f) }

// Form gives the form, for values that come from outside.
func (f *FormBox) Form() *form.Form { return f.form }

// Resize gives the largest box.
func (f *FormBox) Resize(w, h int) { f.w, f.h = min(w, widest), h }

// View draws the box.
func (f *FormBox) View() string {
	if f.small() {
		return ""
	}
	th := f.env.Theme
	text := wrapped(f.spec.Body, f.inner())
	if len(text) > 0 {
		text = append(text, "")
	}
	var foot []string
	if len(f.fail) > 0 {
		foot = append(foot, "")
	}
	for _, e := range f.fail {
		for _, l := range cell.Wrap(th.Glyphs.Failed+" "+pathutil.Display(e), f.inner()) {
			foot = append(foot, th.Paint(theme.Bad, l))
		}
	}
	keys := f.Keys()
	switch {
	case f.busy:
		foot = append(foot, "", th.Paint(theme.Warn, f.spec.Busy+th.Glyphs.Ellipsis))
		keys = keymap.Of(keymap.Cancel)
	case f.asks:
		foot = append(foot, "", th.Paint(theme.Warn, "What you filled in will be lost."))
		keys = keymap.Of(keymap.Cancel).Named(keymap.Cancel, "once more leaves")
	}
	hints := 1 + len(cell.HintLines(th, f.env.Keys.Hints(keys), f.inner()))
	room := f.h - frameH - len(foot) - hints
	if room-len(text) < min(f.form.Height(f.inner()), 3) { // the fields matter more
		text = nil
	}
	text = append(text, cell.Lines(f.form.Draw(f.inner(), max(room-len(text), 1)))...)
	return f.frame(text, foot, false, keys)
}
