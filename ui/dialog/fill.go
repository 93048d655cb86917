package dialog

import (
	"context"
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
	Value       string
	Placeholder string
	Help        string
	Check       func(string) string // what is wrong, "" for nothing
	OnOK        func(string) tea.Cmd
}

// Prompt makes a box with one field. It closes when the line is in order.
func Prompt(env *ui.Env, spec PromptSpec) *FormBox {
	var f *FormBox
	f = NewForm(env, FormSpec{
		Title: spec.Title,
		Fields: []form.Field{{
			Key: "value", Label: spec.Label, Value: spec.Value, Placeholder: spec.Placeholder,
			Help: spec.Help, Required: true, Check: spec.Check,
		}},
		Submit: func(v, _ map[string]string) tea.Cmd {
			return tea.Batch(f.Done(), spec.OnOK(v["value"]))
		},
	})
	return f
}

// FormSpec is a form in a box.
type FormSpec struct {
	Title  string
	Body   []string
	Fields []form.Field
	// Submit sends what was filled in. The box stays open until Done; Fail
	// shows what was wrong with it.
	Submit func(values, changed map[string]string) tea.Cmd
	Busy   string // what is shown while it is being sent; "" for forms that are not
}

// FormBox is a form in a box.
type FormBox struct {
	box
	spec FormSpec
	form *form.Form
	busy bool
	fail []string
}

// NewForm makes a form in a box.
func NewForm(env *ui.Env, spec FormSpec) *FormBox {
	return &FormBox{box: box{env: env, title: spec.Title}, spec: spec, form: form.New(env, spec.Fields...)}
}

// Init needs nothing.
func (f *FormBox) Init() tea.Cmd { return nil }

// Typing is true.
func (f *FormBox) Typing() bool { return true }

// Keys are the form's, and leaving.
func (f *FormBox) Keys() keymap.Set {
	s := f.form.Keys().And(keymap.Of(keymap.Cancel))
	if f.busy {
		s = s.Disable("wait for the answer", keymap.Submit)
	}
	return s
}

// Do moves, sends or leaves.
func (f *FormBox) Do(a keymap.Action) tea.Cmd {
	if a == keymap.Cancel {
		return ui.Close(f)
	}
	submitted, cmd := f.form.Do(a)
	if !submitted {
		return cmd
	}
	f.fail, f.busy = nil, f.spec.Busy != ""
	return tea.Batch(cmd, f.spec.Submit(f.form.Values(), f.form.Changed()))
}

// Update types.
func (f *FormBox) Update(msg tea.Msg) tea.Cmd {
	if f.busy {
		return nil
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
func (f *FormBox) Done() tea.Cmd { return ui.Close(f) }

// Form gives the form, for values that come from outside.
func (f *FormBox) Form() *form.Form { return f.form }

// Resize gives the largest box.
func (f *FormBox) Resize(w, h int) {
	f.box.Resize(w, h)
	f.form.Resize(f.inner(), max(h-6-len(f.spec.Body)-len(f.fail), 1))
}

// View draws the box.
func (f *FormBox) View() string {
	if f.small() {
		return ""
	}
	th := f.env.Theme
	lines := wrapped(f.spec.Body, f.inner())
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	lines = append(lines, cell.Lines(f.form.View())...)
	for _, e := range f.fail {
		for _, l := range cell.Wrap(th.Glyphs.Failed+" "+pathutil.Display(e), f.inner()) {
			lines = append(lines, th.Paint(theme.Bad, l))
		}
	}
	if f.busy {
		lines = append(lines, "", th.Paint(theme.Warn, f.spec.Busy+th.Glyphs.Ellipsis))
	}
	return f.frame(lines, false, f.Keys())
}

// ProgressSpec is work that one waits for.
type ProgressSpec struct {
	Title  string
	Cancel context.CancelFunc
}

// ProgressBox shows how far some work is.
type ProgressBox struct {
	box
	spec  ProgressSpec
	share float64
	line  string
}

// Progress makes a box that shows how far some work is.
func Progress(env *ui.Env, spec ProgressSpec) *ProgressBox {
	return &ProgressBox{box: box{env: env, title: spec.Title}, spec: spec}
}

// Set tells how far the work is, between 0 and 1; below 0 is unknown.
func (p *ProgressBox) Set(share float64, line string) { p.share, p.line = share, line }

// Init needs nothing.
func (p *ProgressBox) Init() tea.Cmd { return nil }

// Typing is false.
func (p *ProgressBox) Typing() bool { return false }

// Update has nothing to wait for.
func (p *ProgressBox) Update(tea.Msg) tea.Cmd { return nil }

// Keys is stopping.
func (p *ProgressBox) Keys() keymap.Set {
	return keymap.Of(keymap.CloseBox).Named(keymap.CloseBox, "stop")
}

// Do stops.
func (p *ProgressBox) Do(a keymap.Action) tea.Cmd {
	if a != keymap.CloseBox {
		return nil
	}
	if p.spec.Cancel != nil {
		p.spec.Cancel()
	}
	return ui.Close(p)
}

// View draws the box.
func (p *ProgressBox) View() string {
	if p.small() {
		return ""
	}
	th := p.env.Theme
	var lines []string
	if p.share >= 0 {
		lines = append(lines, th.Paint(theme.Accent, th.Glyphs.Progress(p.share, p.inner())))
	}
	lines = append(lines, cell.Fit(pathutil.Display(p.line), p.inner()))
	return p.frame(lines, false, p.Keys())
}
