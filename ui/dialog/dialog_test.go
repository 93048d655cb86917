package dialog

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/form"
)

func newEnv(tb testing.TB, themeName string, g *theme.Glyphs) *ui.Env {
	tb.Helper()
	th, ok := theme.Named(themeName, g)
	if !ok {
		tb.Fatalf("no theme %q", themeName)
	}
	return ui.NewEnv(tb.Context(), th, keymap.Default(), func() time.Time { return time.Time{} })
}

type said struct{ what string }

// run carries a command out to the end and gives all that it says.
func run(cmd tea.Cmd) []tea.Msg {
	if cmd == nil {
		return nil
	}
	switch m := cmd().(type) {
	case nil:
		return nil
	case tea.BatchMsg:
		var out []tea.Msg
		for _, c := range m {
			out = append(out, run(c)...)
		}
		return out
	default:
		return []tea.Msg{m}
	}
}

// press gives a key to an overlay as the shell does, and tells what came of it.
func press(env *ui.Env, o ui.Overlay, keys ...tea.KeyPressMsg) (msgs []tea.Msg, closed bool, words string) {
	for _, k := range keys {
		it, out := env.Keys.Match(o.Keys(), []string{k.String()})
		var cmd tea.Cmd
		switch {
		case out == keymap.Found && it.Why == "":
			cmd = o.Do(it.Action)
		case out == keymap.Nothing && o.Typing():
			cmd = o.Update(k)
		}
		msgs = append(msgs, run(cmd)...)
	}
	for _, m := range msgs {
		switch m := m.(type) {
		case ui.CloseMsg:
			closed = closed || m.Overlay == o
		case said:
			words += m.what
		}
	}
	return msgs, closed, words
}

func letters(s string) []tea.KeyPressMsg {
	var out []tea.KeyPressMsg
	for _, r := range s {
		out = append(out, tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return out
}

var (
	enter = tea.KeyPressMsg{Code: tea.KeyEnter}
	tab   = tea.KeyPressMsg{Code: tea.KeyTab}
	esc   = tea.KeyPressMsg{Code: tea.KeyEscape}
)

func question() ConfirmSpec {
	return ConfirmSpec{
		Title: "Delete 3 files?", Body: []string{"ledger-2026-10.csv and 2 others will be deleted from /Finance/2026.", "This cannot be undone."},
		Yes: "Delete", Danger: true, OnYes: ui.Say(said{"yes"}), OnNo: ui.Say(said{"no"}),
	}
}

func TestConfirm(t *testing.T) {
	env := newEnv(t, "dark", nil)
	for _, c := range []struct {
		what   string
		keys   []tea.KeyPressMsg
		words  string
		closed bool
	}{
		{"Enter at once", []tea.KeyPressMsg{enter}, "no", true},
		{"Escape", []tea.KeyPressMsg{esc}, "no", true},
		{"n", letters("n"), "no", true},
		{"y", letters("y"), "yes", true},
		{"the other button", []tea.KeyPressMsg{tab, enter}, "yes", true},
		{"round to the first", []tea.KeyPressMsg{tab, tab, enter}, "no", true},
		{"the key that opened it, held", letters("dddddd"), "", false},
	} {
		spec := question()
		spec.Opener = keymap.Delete
		_, closed, words := press(env, Confirm(env, spec), c.keys...)
		if words != c.words || closed != c.closed {
			t.Errorf("%s: %q, closed %v", c.what, words, closed)
		}
	}
}

// A question must not be answered by the key that asked it, whatever that key
// is bound to.
func TestConfirmIsNotAnsweredByItsOpener(t *testing.T) {
	env := newEnv(t, "dark", nil)
	if err := env.Keys.Remap(keymap.Delete, "y", "enter"); err != nil {
		t.Fatal(err)
	}
	spec := question()
	spec.Opener = keymap.Delete
	b := Confirm(env, spec)
	if _, closed, words := press(env, b, append(letters("yyyy"), enter, enter)...); closed || words != "" {
		t.Errorf("answered %q", words)
	}
	if _, _, words := press(env, b, append(letters("y"), tab, enter)...); words != "yes" {
		t.Errorf("the other button: %q", words)
	}
}

func TestConfirmWantsTheNameTyped(t *testing.T) {
	env := newEnv(t, "dark", nil)
	spec := question()
	spec.Type = "Payables"
	b := Confirm(env, spec)
	b.Resize(80, 24)
	if _, closed, words := press(env, b, append(letters("yPayable"), enter)...); closed || words != "" {
		t.Errorf("answered %q", words)
	}
	home := tea.KeyPressMsg{Code: 'a', Mod: tea.ModCtrl}
	del := tea.KeyPressMsg{Code: 'd', Mod: tea.ModCtrl}
	end := tea.KeyPressMsg{Code: 'e', Mod: tea.ModCtrl}
	keys := append([]tea.KeyPressMsg{home, del, end}, letters("s")...)
	if _, closed, words := press(env, b, append(keys, enter)...); !closed || words != "yes" {
		t.Errorf("the right name: %q, closed %v", words, closed)
	}
}

func TestMenu(t *testing.T) {
	env := newEnv(t, "dark", nil)
	menu := func() *MenuBox {
		return Menu(env, MenuSpec{Title: "Sort by", Items: []MenuItem{
			{Label: "Name", Key: "n", Cmd: ui.Say(said{"name"})},
			{Label: "Size", Key: "j", Cmd: ui.Say(said{"size"})},
			{Label: "Rights", Key: "r", Why: "the site cannot sort by this", Cmd: ui.Say(said{"rights"})},
		}})
	}
	for _, c := range []struct {
		keys  []tea.KeyPressMsg
		words string
	}{
		{[]tea.KeyPressMsg{enter}, "name"},
		{letters("j"), "size"},
		{[]tea.KeyPressMsg{{Code: tea.KeyDown}, enter}, "size"},
		{append(letters("k"), enter), "name"},
		{append(letters("Ggg"), enter), "name"},
		{append(letters("g"), enter), "name"},
		{[]tea.KeyPressMsg{{Code: tea.KeyDown}, letters("g")[0], {Code: tea.KeyDown}, letters("g")[0], {Code: tea.KeyUp}, enter}, "size"},
		{[]tea.KeyPressMsg{{Code: tea.KeyPgDown}, {Code: tea.KeyPgDown}, {Code: tea.KeyPgDown}, {Code: tea.KeyUp}, enter}, "size"},
		{letters("r"), ""},
		{[]tea.KeyPressMsg{{Code: 'n', Text: "n", IsRepeat: true}}, ""},
	} {
		if _, _, words := press(env, menu(), c.keys...); words != c.words {
			t.Errorf("%v: %q, want %q", c.keys, words, c.words)
		}
	}
	for _, c := range []struct{ keys, words string }{
		{"x", "x is no answer: n j enter or esc"}, {"gx", ""}, {"gg", ""}, {"G", ""},
	} {
		b, words := menu(), ""
		b.Resize(60, 20)
		for _, k := range letters(c.keys) {
			msgs, _ := ui.Said(b.Update(k))
			for _, m := range msgs {
				if toast, ok := m.(ui.ToastMsg); ok {
					words += toast.Text
				}
			}
		}
		if words != c.words {
			t.Errorf("%s: it says %q, want %q", c.keys, words, c.words)
		}
	}
	empty := Menu(env, MenuSpec{Title: "Nothing"})
	empty.Resize(60, 20)
	press(env, empty, append(letters("jkGx"), enter)...)
	if empty.View() == "" {
		t.Error("an empty menu is not drawn")
	}
}

func TestFormBox(t *testing.T) {
	env := newEnv(t, "dark", nil)
	var got map[string]string
	spec := FormSpec{
		Title: "New user", Busy: "Creating the user", OnCancel: ui.Say(said{"left"}),
		Fields: []form.Field{{Key: "name", Label: "Username", Required: true}, {Key: "mail", Label: "E-mail"}},
		Submit: func(v, _ map[string]string) tea.Cmd { got = v; return ui.Say(said{"sent"}) },
	}
	f := NewForm(env, spec)
	f.Resize(80, 24)
	if _, _, words := press(env, f, append(letters("scanner"), enter)...); words != "sent" || got["name"] != "scanner" {
		t.Errorf("%q, %v", words, got)
	}
	if v := cell.Strip(f.View()); !strings.Contains(v, "Creating the user") {
		t.Errorf("got\n%s", v)
	}
	press(env, f, letters("more")...)
	f.Fail(map[string][]string{"mail": {"is needed"}, "site": {"is full"}}, "The user was not created.")
	v := cell.Strip(f.View())
	for _, want := range []string{"is needed", "The user was not created.", "site: is full", "scanner"} {
		if !strings.Contains(v, want) {
			t.Errorf("%q is missing in\n%s", want, v)
		}
	}
	if strings.Contains(v, "more") {
		t.Error("keys typed while it was being sent arrived")
	}
	if _, closed, _ := press(env, f, esc); closed || !strings.Contains(cell.Strip(f.View()), "will be lost") {
		t.Error("what was filled in was thrown away by one key")
	}
	if _, closed, words := press(env, f, esc); !closed || words != "left" {
		t.Error("the second Escape does not leave")
	}
	untouched := NewForm(env, spec)
	if _, closed, _ := press(env, untouched, esc); !closed {
		t.Error("an untouched form does not close")
	}
}

func TestPrompt(t *testing.T) {
	env := newEnv(t, "dark", nil)
	p := Prompt(env, PromptSpec{
		Title: "Rename", Label: "Name", Value: "a.txt",
		Check: func(s string) string {
			if strings.Contains(s, "/") {
				return "A name has no slash."
			}
			return ""
		},
		OnOK: func(s string) tea.Cmd { return ui.Say(said{s}) },
	})
	p.Resize(80, 24)
	if _, closed, words := press(env, p, append(letters("/"), enter)...); closed || words != "" || !strings.Contains(p.View(), "no slash") {
		t.Errorf("%q, closed %v", words, closed)
	}
	if _, closed, words := press(env, p, tea.KeyPressMsg{Code: tea.KeyBackspace}, enter); !closed || words != "a.txt" {
		t.Errorf("%q, closed %v", words, closed)
	}
}

func TestTextScrolls(t *testing.T) {
	env := newEnv(t, "dark", nil)
	var body []string
	for i := range 100 {
		body = append(body, "line "+cell.Count(i))
	}
	b := Text(env, TextSpec{Title: "Log", Body: body})
	b.Resize(60, 12)
	press(env, b, letters("G")...)
	if v := cell.Strip(b.View()); !strings.Contains(v, "line 99") || !strings.Contains(v, "91 to 100 of 100") {
		t.Errorf("got\n%s", v)
	}
	msgs, _, _ := press(env, b, letters("Y")...)
	if len(msgs) != 1 || !strings.HasPrefix(msgs[0].(ui.CopyMsg).Text, "line 0\nline 1\n") {
		t.Errorf("copied %v", msgs)
	}
}

// Two keys of one burst both reach a box before the shell takes it away.
func TestABoxAnswersOnce(t *testing.T) {
	env := newEnv(t, "plain", nil)
	yes := ui.Say("yes")
	boxes := map[string]struct {
		box  ui.Overlay
		keys []keymap.Action
	}{
		"question":        {Confirm(env, ConfirmSpec{Title: "Delete?", OnYes: yes, OnNo: ui.Say("no")}), []keymap.Action{keymap.Yes, keymap.Yes}},
		"question, no":    {Confirm(env, ConfirmSpec{Title: "Delete?", OnYes: yes, OnNo: ui.Say("no")}), []keymap.Action{keymap.No, keymap.Yes}},
		"menu":            {Menu(env, MenuSpec{Items: []MenuItem{{Label: "a", Cmd: yes}}}), []keymap.Action{keymap.PickRun, keymap.PickRun}},
		"form":            {NewForm(env, FormSpec{OnCancel: ui.Say("left")}), []keymap.Action{keymap.Cancel, keymap.Cancel}},
		"prompt, enter":   {Prompt(env, PromptSpec{Value: "x", OnOK: func(string) tea.Cmd { return yes }}), []keymap.Action{keymap.Submit, keymap.Submit}},
		"menu, then left": {Menu(env, MenuSpec{Items: []MenuItem{{Label: "a", Cmd: yes}}}), []keymap.Action{keymap.PickClose, keymap.PickRun}},
	}
	for name, b := range boxes {
		b.box.Init()
		if b.box.Do(b.keys[0]) == nil {
			t.Errorf("%s: the first key does nothing", name)
		}
		if b.box.Do(b.keys[1]) != nil {
			t.Errorf("%s: the second key answers again", name)
		}
		b.box.Init()
		if b.box.Do(b.keys[0]) == nil {
			t.Errorf("%s: opened again, it is dead", name)
		}
	}
}
