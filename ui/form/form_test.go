package form

import (
	"maps"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

func newEnv(tb testing.TB, themeName string, g *theme.Glyphs) *ui.Env {
	tb.Helper()
	th, ok := theme.Named(themeName, g)
	if !ok {
		tb.Fatalf("no theme %q", themeName)
	}
	return ui.NewEnv(tb.Context(), th, keymap.Default(), func() time.Time { return time.Time{} })
}

func fields() []Field {
	return []Field{
		{Key: "name", Label: "Username", Required: true, Help: "Letters, digits and dots."},
		{Key: "secret", Label: "Password", Kind: Secret, Value: "hunter2"},
		{Key: "role", Label: "Role", Kind: Choice, Choices: []string{"user", "group admin", "site admin"}},
		{Key: "sftp", Label: "May use SFTP", Kind: Bool, Value: "yes"},
		{Key: "mail", Label: "E-mail", Placeholder: "name@example.com", Check: func(s string) string {
			if !strings.Contains(s, "@") {
				return "An address has an @."
			}
			return ""
		}},
	}
}

func typeIn(f *Form, s string) {
	for _, r := range s {
		f.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

func TestTypingAndValues(t *testing.T) {
	f := New(newEnv(t, "dark", nil), fields()...)
	typeIn(f, "scanner-east")
	f.Update(tea.KeyPressMsg{Code: 'a', Mod: tea.ModCtrl})
	typeIn(f, "x")
	f.Update(tea.KeyPressMsg{Code: 'k', Mod: tea.ModCtrl})
	f.Update(tea.PasteMsg{Content: "-pasted\n"})
	f.Do(keymap.FieldNext)
	f.Update(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
	f.Do(keymap.FieldNext)
	f.Do(keymap.ChoicePrev)
	f.Do(keymap.FieldNext)
	f.Update(tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}) // a holder that does not offer the actions of choices
	want := map[string]string{"name": "x-pasted", "secret": "", "role": "site admin", "sftp": "no", "mail": ""}
	if got := f.Values(); !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	delete(want, "mail")
	if got := f.Changed(); !maps.Equal(got, want) {
		t.Errorf("changed: %v", got)
	}
	f.Focus("role")
	typeIn(f, "g")
	if got := f.Values()["role"]; got != "group admin" {
		t.Errorf("a letter chose %q", got)
	}
}

// As in the address bar of a browser.
func TestTypingTakesThePlaceOfASuggestion(t *testing.T) {
	left, end, del := tea.KeyPressMsg{Code: tea.KeyLeft}, tea.KeyPressMsg{Code: tea.KeyEnd}, tea.KeyPressMsg{Code: tea.KeyBackspace}
	x := tea.KeyPressMsg{Code: 'x', Text: "x"}
	for _, c := range []struct {
		keys []tea.Msg
		want string
	}{
		{nil, "/Finance"},
		{[]tea.Msg{x, x}, "xx"},
		{[]tea.Msg{tea.PasteMsg{Content: "/Legal\n"}, x}, "/Legalx"},
		{[]tea.Msg{del}, ""},
		{[]tea.Msg{left, x}, "/Financxe"},
		{[]tea.Msg{end, x, del, del}, "/Financ"},
	} {
		f := New(newEnv(t, "dark", nil), Field{Key: "path", Value: "/Finance", Suggested: true})
		for _, k := range c.keys {
			f.Update(k)
		}
		if got := f.Values()["path"]; got != c.want {
			t.Errorf("after %v it is %q, not %q", c.keys, got, c.want)
		}
	}
}

func TestASuggestionIsSeenToBeChosen(t *testing.T) {
	env := newEnv(t, "plain", nil)
	in := NewInput(env, "/Finance", "")
	chosen := env.Theme.On(theme.Selected, theme.Text).Paint("/Finance ")
	in.Suggest()
	if v := in.View(20, true); !strings.Contains(v, chosen) || cell.Width(v) != 20 {
		t.Errorf("drawn as %q", v)
	}
	in.Update(tea.KeyPressMsg{Code: tea.KeyEnd})
	if v := in.View(20, true); strings.Contains(v, chosen) {
		t.Errorf("kept, it is still drawn as %q", v)
	}
}

func TestSubmitAsksForWhatIsNeeded(t *testing.T) {
	f := New(newEnv(t, "dark", nil), fields()...)
	f.Resize(60, 20)
	if done, _ := f.Do(keymap.Submit); done || f.Focused() != "name" || !strings.Contains(f.View(), "This is needed.") {
		t.Errorf("an empty form was sent, or does not say why not:\n%s", cell.Strip(f.View()))
	}
	typeIn(f, "a")
	if strings.Contains(f.View(), "This is needed.") {
		t.Error("the error stays while it is being mended")
	}
	f.Set("mail", "nonsense")
	if done, _ := f.Do(keymap.Submit); done || f.Focused() != "mail" {
		t.Errorf("a wrong address was sent; the focus is on %q", f.Focused())
	}
	f.Set("mail", "a@example.com")
	if done, _ := f.Do(keymap.Submit); !done {
		t.Error("a good form was not sent")
	}
}

func TestServerErrorsStandAtTheirFields(t *testing.T) {
	f := New(newEnv(t, "dark", nil), fields()...)
	f.Resize(60, 20)
	rest := f.SetErrors(map[string][]string{"mail": {"is taken\x1b[31m"}, "secret": {"is too short"}, "site": {"is closed"}})
	if f.Focused() != "secret" || len(rest) != 1 || rest["site"][0] != "is closed" {
		t.Errorf("focus %q, rest %v", f.Focused(), rest)
	}
	v := f.View()
	if !strings.Contains(v, "is too short") || strings.Contains(v, "\x1b[31mx") || !strings.Contains(v, "is taken␛[31m") {
		t.Errorf("got %q", v)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	f := New(newEnv(t, "dark", nil), fields()...)
	f.Resize(60, 20)
	if v := cell.Strip(f.View()); strings.Contains(v, "hunter2") || !strings.Contains(v, "•••••••") {
		t.Errorf("got\n%s", v)
	}
	f.Reveal(true)
	if v := cell.Strip(f.View()); !strings.Contains(v, "hunter2") {
		t.Errorf("revealed\n%s", v)
	}
}

func TestTheViewKeepsToItsRoomAndShowsTheFocus(t *testing.T) {
	f := New(newEnv(t, "plain", &theme.ASCII), fields()...)
	if f.View() != "" {
		t.Error("unsized, yet drawn")
	}
	for _, size := range [][2]int{{66, 20}, {66, 3}, {30, 4}, {12, 2}, {3, 1}} {
		f.Resize(size[0], size[1])
		for range fields() {
			f.Do(keymap.FieldNext)
			v := f.View()
			if v != f.View() {
				t.Error("drawing twice gives two pictures")
			}
			if n := cell.Height(v); n > size[1] {
				t.Errorf("%v: %d lines", size, n)
			}
			for _, l := range cell.Lines(v) {
				if cell.Width(l) != size[0] {
					t.Errorf("%v: %q takes %d", size, cell.Strip(l), cell.Width(l))
				}
			}
			if !strings.Contains(cell.Strip(v), ">") {
				t.Errorf("%v: the focused field is not seen:\n%s", size, cell.Strip(v))
			}
		}
	}
}

func FuzzInput(f *testing.F) {
	f.Add("plain", 3, 10)
	f.Add("chosen, and longer than its room", 0, 10)
	f.Add("日本語\u202e\u0301", 1, 4)
	f.Add("\x1b]0;x\x07👨‍👩‍👧", 2, 3)
	env := newEnv(f, "dark", nil)
	f.Fuzz(func(t *testing.T, s string, back, w int) {
		if w < 0 || w > 200 || back < 0 || back > 50 {
			return
		}
		in := NewInput(env, s, "type here")
		if back == 0 {
			in.Suggest()
		}
		for range back {
			in.Update(tea.KeyPressMsg{Code: tea.KeyLeft})
		}
		for _, masked := range []bool{false, true} {
			in.Mask(masked)
			for _, focus := range []bool{false, true} {
				v := in.View(w, focus)
				if n := cell.Width(v); n != w {
					t.Errorf("%q at %d: %q takes %d", s, w, v, n)
				}
				if strings.ContainsAny(cell.Strip(v), "\x1b\x07\u202e\n") {
					t.Errorf("%q: unsafe %q", s, v)
				}
			}
		}
	})
}

func TestGolden(t *testing.T) {
	for _, look := range []struct {
		theme  string
		glyphs *theme.Glyphs
	}{{"dark", &theme.Unicode}, {"plain", &theme.ASCII}} {
		for _, w := range []int{64, 30} {
			t.Run(look.theme+"-"+cell.Count(w), func(t *testing.T) {
				var out []string
				f := New(newEnv(t, look.theme, look.glyphs), fields()...)
				f.Resize(w, 20)
				for range fields() {
					out = append(out, f.View(), "")
					f.Do(keymap.FieldNext)
				}
				f.SetErrors(map[string][]string{"mail": {"is taken by another user"}})
				golden.RequireEqual(t, strings.Join(append(out, f.View()), "\n")+"\n")
			})
		}
	}
}

func TestAChoiceIsShownInWords(t *testing.T) {
	f := New(newEnv(t, "plain", nil), Field{Key: "a", Label: "Second factor", Kind: Choice, Choices: []string{"use_system_setting", "b"}, Words: func(s string) string {
		return strings.ReplaceAll(s, "_", " ")
	}})
	for _, w := range []int{60, 36} {
		if s := cell.Strip(f.Draw(w, 10)); !strings.Contains(s, "use") || strings.Contains(s, "_") {
			t.Errorf("%d cells:\n%s", w, s)
		}
	}
	if got := f.Values()["a"]; got != "use_system_setting" {
		t.Errorf("the value is %q", got)
	}
}
