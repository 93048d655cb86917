package table

import (
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

func folder() []row {
	return []row{
		{"1", "drafts/", 0},
		{"2", "invoice-0001.pdf", 1_200_000},
		{"3", "invoice-0002.pdf", 1_100_000},
		{"4", "supplier-overview-with-a-very-long-name.xlsx", 84_000},
		{"5", "日本語のとても長いファイル名です.txt", 12},
	}
}

func TestGolden(t *testing.T) {
	problem := ui.Problem{
		Title: "Files.com asks us to slow down",
		Lines: []string{"Too many requests in the last minute from this site.", "Nothing is lost: 3 transfers wait and go on by themselves in 12 s."},
		Hints: []keymap.Hint{{Key: "r", Text: "retry now"}, {Key: "w", Text: "show transfers"}, {Key: "Y", Text: "copy details"}},
		Code:  "rate-limited/too-many-requests",
	}
	states := map[string]func(*Model[row]){
		"rows": func(m *Model[row]) {
			m.SetSort("name", false)
			m.MoveTo(1)
			m.Do(keymap.Mark)
			m.Do(keymap.Mark)
		},
		"unfocused": func(m *Model[row]) { m.MoveTo(2); m.SetFocus(false) },
		"scrolled":  func(m *Model[row]) { m.Append(rows(10, 200), true); m.MoveTo(80) },
		"narrowed":  func(m *Model[row]) { m.Narrow("invoice 2", name) },
		"no-match":  func(m *Model[row]) { m.Narrow("nothing like it", name) },
		"reloading": func(m *Model[row]) { m.Loading("/Finance/2026") },
		"loading":   func(m *Model[row]) { m.Reset(); m.Loading("/Finance/2026") },
		"empty": func(m *Model[row]) {
			m.Reset()
			m.Empty("This folder is empty", "a makes a folder, h goes up")
			m.Append(nil, false)
		},
		"failed":       func(m *Model[row]) { m.Reset(); m.Fail(problem) },
		"failed-later": func(m *Model[row]) { m.Append(rows(10, 200), true); m.Fail(problem) },
	}
	for _, look := range []struct {
		theme  string
		glyphs *theme.Glyphs
	}{{"dark", &theme.Unicode}, {"plain", &theme.ASCII}} {
		for what, set := range states {
			t.Run(what+"-"+look.theme, func(t *testing.T) {
				cell.SetGlyphs(look.glyphs)
				defer cell.SetGlyphs(&theme.Unicode)
				m := New(newEnv(t, look.theme, look.glyphs), func(r row) string { return r.id }, columns()...)
				m.Resize(76, 14)
				m.Append(folder(), false)
				set(m)
				golden.RequireEqual(t, m.View()+"\n")
			})
		}
	}
}
