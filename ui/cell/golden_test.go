package cell

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
)

func TestGolden(t *testing.T) {
	problem := ui.Problem{
		Title: "You may not write to /Legal",
		Lines: []string{"Your user has the rights to list and read this folder, but not to write to it. An administrator of the site can grant them."},
		Hints: []keymap.Hint{{Key: "ga", Text: "who can grant it"}, {Key: "Y", Text: "copy details"}, {Key: "esc", Text: "close"}},
		Code:  "not-authorized/permission-denied, request 5f0c91",
	}
	body := []string{"  Name", "  drafts/", "  " + FitMiddle(strings.Repeat("long-", 12)+"name.xlsx", 30)}
	for _, look := range []struct {
		theme  string
		glyphs *theme.Glyphs
	}{{"dark", &theme.Unicode}, {"light", &theme.Unicode}, {"plain", &theme.ASCII}} {
		th, _ := theme.Named(look.theme, look.glyphs)
		t.Run(look.theme, func(t *testing.T) {
			SetGlyphs(look.glyphs)
			defer SetGlyphs(&theme.Unicode)
			golden.RequireEqual(t, strings.Join([]string{
				Frame(th, FrameSpec{W: 40, H: 6, Title: "site  /Finance/2026", Facts: "214 items", Foot: "2 marked", FootRight: "by name", Focused: true}, body),
				Frame(th, FrameSpec{W: 40, H: 4, Title: "local  ~/work", Facts: "214 items"}, body),
				Card(th, problem, 60, 10),
				Card(th, problem, 40, 5),
				Hints(th, problem.Hints, 40),
			}, "\n")+"\n")
		})
	}
}
