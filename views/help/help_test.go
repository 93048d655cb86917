package help

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

func picker(t *testing.T, spec Spec) *Picker {
	t.Helper()
	th, _ := theme.Named("plain", nil)
	env := ui.NewEnv(t.Context(), th, keymap.Default(), func() time.Time { return time.Unix(0, 0) })
	spec.Title = "help"
	spec.Prompt = "search "
	if spec.Entries == nil {
		spec.Entries = []Entry{
			{Action: "a.delete", Group: "Files", Label: "delete, after a question", Keys: "d"},
			{Action: "a.palette", Group: "Everywhere", Label: "command palette: every action and screen", Keys: ":"},
			{Action: "a.rename", Group: "Files", Label: "rename", Keys: "r", Why: "you may not write here"},
			{Action: "a.users", Group: "Everywhere", Label: "go to users", Keys: "3", Words: "app users"},
		}
	}
	p := New(env, spec)
	p.Resize(100, 30)
	return p
}

func (p *Picker) typeText(s string) {
	for _, r := range s {
		p.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

func TestTypingNarrowsToWhatIsMeant(t *testing.T) {
	p := picker(t, Spec{Grouped: true})
	if v := cell.Strip(p.View()); !strings.Contains(v, " Files") || !strings.Contains(v, "Everywhere") {
		t.Errorf("no headings:\n%s", v)
	}
	p.typeText("delet")
	v := cell.Strip(p.View())
	if !strings.Contains(v, "delete, after") || strings.Contains(v, "palette") || !strings.Contains(v, "1 of 4") {
		t.Errorf("got\n%s", v)
	}
	p.typeText("zzz")
	if v := cell.Strip(p.View()); !strings.Contains(v, "Nothing matches") {
		t.Errorf("got\n%s", v)
	}
}

func TestOfTwoThatMatchAlikeTheOneThatCanBeDoneIsFirst(t *testing.T) {
	p := picker(t, Spec{Entries: []Entry{
		{Action: "a.copy", Label: "copy", Why: "nothing is marked"},
		{Action: "a.text", Label: "copy the text of the error"},
	}})
	p.typeText("copy")
	if p.shown[0].Action != "a.text" || len(p.shown) != 2 {
		t.Errorf("shown %+v", p.shown)
	}
}

func TestEnterRunsWhatIsChosenUnlessItCannotBe(t *testing.T) {
	p := picker(t, Spec{})
	p.typeText("rename")
	if m, ok := p.Do(keymap.PickRun)().(ui.ToastMsg); !ok || !strings.Contains(m.Text, "may not write") {
		t.Error("a disabled entry does not say why")
	}
	p = picker(t, Spec{})
	p.Do(keymap.PickDown)
	p.Do(keymap.PickDown)
	p.Do(keymap.PickDown)
	p.Do(keymap.PickDown)
	if p.shown[p.at].Action != "a.users" || p.Do(keymap.PickRun) == nil {
		t.Errorf("at %+v", p.shown[p.at])
	}
}

func TestTheCommandComesFirst(t *testing.T) {
	got := ""
	p := picker(t, Spec{Command: func(line string) tea.Cmd {
		if strings.HasPrefix(line, "theme") {
			got = line
			return ui.Say("done")
		}
		return nil
	}})
	p.typeText("theme light")
	if p.Do(keymap.PickRun) == nil || got != "theme light" {
		t.Errorf("command got %q", got)
	}
}

func TestViewIsExactAndPure(t *testing.T) {
	for _, size := range [][2]int{{100, 30}, {56, 12}, {24, 8}} {
		p := picker(t, Spec{Grouped: true})
		p.Resize(size[0], size[1])
		one := p.View()
		if one != p.View() {
			t.Error("View changes what it draws")
		}
		w := cell.BlockWidth(one)
		for _, l := range cell.Lines(one) {
			if cell.Width(l) != w || w > size[0] {
				t.Errorf("%v: %d cells: %q", size, cell.Width(l), cell.Strip(l))
			}
		}
		if strings.Contains(strings.Split(cell.Strip(one), "\n")[1], "…") {
			t.Errorf("%v: the search line is cut: %q", size, cell.Strip(one))
		}
	}
}
