package dialog

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/form"
)

// boxes is one of each kind.
func boxes(env *ui.Env) map[string]ui.Overlay {
	typed := question()
	typed.Type = "Payables"
	form := NewForm(env, FormSpec{
		Title: "New user", Body: []string{"The user gets an e-mail with a link to set a password."},
		Fields: []form.Field{
			{Key: "name", Label: "Username", Required: true, Value: "scanner-east", Help: "Letters, digits, dots and dashes."},
			{Key: "pass", Label: "Password", Kind: form.Secret, Value: "hunter2"},
			{Key: "role", Label: "Role", Kind: form.Choice, Choices: []string{"user", "group admin", "site admin"}},
			{Key: "sftp", Label: "May use SFTP", Kind: form.Bool, Value: "yes"},
		},
	})
	form.Fail(map[string][]string{"pass": {"is too short"}}, "The user was not created.")
	return map[string]ui.Overlay{
		"confirm": Confirm(env, question()),
		"typed":   Confirm(env, typed),
		"form":    form,
		"text":    Text(env, TextSpec{Title: "About", Body: []string{"One line.", "Another."}}),
		"menu": Menu(env, MenuSpec{Title: "ledger.csv is already there", Body: []string{"The one here is newer."}, Items: []MenuItem{
			{Label: "Replace it", Key: "o"}, {Label: "Keep both", Key: "k"}, {Label: "Go on with what is there", Key: "c", Why: "nothing is there"},
		}}),
	}
}

func TestGolden(t *testing.T) {
	for _, look := range []struct {
		theme  string
		glyphs *theme.Glyphs
	}{{"dark", &theme.Unicode}, {"plain", &theme.ASCII}} {
		cell.SetGlyphs(look.glyphs)
		for name, b := range boxes(newEnv(t, look.theme, look.glyphs)) {
			t.Run(name+"-"+look.theme, func(t *testing.T) {
				b.Resize(100, 30)
				golden.RequireEqual(t, b.View()+"\n")
			})
		}
	}
	cell.SetGlyphs(&theme.Unicode)
}

// A box of any size keeps to its room and still shows the key that leaves it.
func TestBoxesKeepToTheirRoom(t *testing.T) {
	env := newEnv(t, "plain", nil)
	for name, b := range boxes(env) {
		if b.View() != "" {
			t.Errorf("%s: unsized, yet drawn", name)
		}
		for _, size := range [][2]int{{200, 60}, {76, 20}, {40, 12}, {24, 8}, {14, 5}, {8, 3}, {1, 1}} {
			b.Resize(size[0], size[1])
			v := b.View()
			if v != b.View() {
				t.Errorf("%s: drawing twice gives two pictures", name)
			}
			if n := cell.Height(v); n > size[1] {
				t.Errorf("%s at %v: %d lines", name, size, n)
			}
			for _, l := range cell.Lines(v) {
				if n := cell.Width(l); n > size[0] || n != cell.Width(cell.Lines(v)[0]) {
					t.Errorf("%s at %v: %q takes %d", name, size, cell.Strip(l), n)
				}
			}
			if size[0] >= 40 && !strings.Contains(cell.Strip(v), env.Keys.Key(keymap.CloseBox)) {
				t.Errorf("%s at %v does not say how to leave:\n%s", name, size, cell.Strip(v))
			}
		}
	}
}
