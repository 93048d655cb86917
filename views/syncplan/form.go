package syncplan

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/pathutil/ignore"
	"ferry/ui"
	"ferry/ui/dialog"
	"ferry/ui/form"
)

// choices are the answers of the form, as they were given last.
type choices struct {
	mode   backend.SyncMode // "" until one was chosen: the pane in front is right
	mirror bool
	by     backend.CompareBy
	ignore []string
}

var modes = []struct {
	mode backend.SyncMode
	name string
}{
	{backend.SyncPush, "to the site: this machine is right"},
	{backend.SyncPull, "to this machine: the site is right"},
	{backend.SyncBoth, "both ways: the newer file wins"},
}

var ways = []struct {
	by   backend.CompareBy
	name string
}{
	{backend.ByTime, "size and time"},
	{backend.ByHash, "content, by its hash"},
}

// open asks how two folders are to be compared.
func (s *Screen) open(m ui.CompareMsg) tea.Cmd {
	if why := s.busy(); why != "" {
		return ui.Toast(ui.Warning, strings.ToUpper(why[:1])+why[1:])
	}
	c := s.want
	if c.mode == "" {
		c.mode = backend.SyncPull
		if m.FromLocal {
			c.mode = backend.SyncPush
		}
	}
	return s.ask(m.Local, m.Remote, c)
}

// form asks once more about the folders of the plan.
func (s *Screen) form() tea.Cmd {
	r := s.asked
	return s.ask(r.Local, r.Remote, choices{mode: r.Mode, mirror: r.Mirror, by: r.By, ignore: r.Ignore})
}

func (s *Screen) ask(local, remote string, c choices) tea.Cmd {
	var f *dialog.FormBox
	mode, way := modes[0].name, ways[0].name
	var modeNames, wayNames []string
	for _, m := range modes {
		modeNames = append(modeNames, m.name)
		if m.mode == c.mode {
			mode = m.name
		}
	}
	for _, w := range ways {
		wayNames = append(wayNames, w.name)
		if w.by == c.by {
			way = w.name
		}
	}
	mirror := "no"
	if c.mirror {
		mirror = "yes"
	}
	f = dialog.NewForm(s.env, dialog.FormSpec{
		Title: "Compare and plan a sync", Verb: "compare",
		Body: []string{
			"here  " + s.local(local),
			"site  " + site(remote),
		},
		Fields: []form.Field{
			{Key: "mode", Label: "Direction", Kind: form.Choice, Choices: modeNames, Value: mode},
			{
				Key: "mirror", Label: "Mirror", Kind: form.Bool, Value: mirror,
				Help: "Plan to delete what only the target has. You see it first.",
			},
			{
				Key: "by", Label: "Compare by", Kind: form.Choice, Choices: wayNames, Value: way,
				Help: "The hash finds changes that size and time hide, where the site has one; it reads the files here.",
			},
			{
				Key: "ignore", Label: "Leave out", Value: typedPatterns(c.ignore), Placeholder: "nothing; for example *.tmp, .git",
				Help: "As in a .gitignore, with commas between; \\, is a comma in a name.", Check: checkPatterns,
			},
		},
		Submit: func(v, _ map[string]string) tea.Cmd {
			got := choices{mirror: v["mirror"] == "yes", ignore: patterns(v["ignore"])}
			got.mode = modes[max(slices.Index(modeNames, v["mode"]), 0)].mode
			got.by = ways[max(slices.Index(wayNames, v["by"]), 0)].by
			if got.mirror && got.mode == backend.SyncBoth {
				f.Fail(map[string][]string{"mirror": {"A mirror has one direction."}}, "")
				return nil
			}
			req := backend.SyncRequest{Local: local, Remote: remote, Mode: got.mode, Mirror: got.mirror, By: got.by, Ignore: got.ignore}
			return ui.Batch(f.Done(), s.later(func() tea.Cmd {
				s.want = got
				return ui.Batch(ui.Goto(ui.RouteSync, nil), s.compare(req))
			}))
		},
	})
	return ui.Open(f)
}

// patterns takes the typed line apart at its commas, except those that a
// backslash makes a part of a pattern.
func patterns(typed string) []string {
	var out []string
	var one strings.Builder
	end := func() {
		if p := strings.TrimSpace(one.String()); p != "" {
			out = append(out, p)
		}
		one.Reset()
	}
	commas(typed, func(text string, escaped bool) {
		switch {
		case text == "," && !escaped:
			end()
		case text == ",":
			one.WriteString(text)
		case escaped:
			one.WriteString(`\` + text)
		default:
			one.WriteString(text)
		}
	})
	end()
	return out
}

// typedPatterns writes patterns as patterns reads them.
func typedPatterns(all []string) string {
	out := make([]string, 0, len(all))
	for _, p := range all {
		var one strings.Builder
		commas(p, func(text string, escaped bool) {
			if escaped || text == "," {
				one.WriteByte('\\')
			}
			one.WriteString(text)
		})
		out = append(out, one.String())
	}
	return strings.Join(out, ", ")
}

// commas goes through a text by its letters; what a backslash stands before is
// escaped and comes without it.
func commas(s string, each func(letter string, escaped bool)) {
	escaped := false
	for _, c := range s {
		if c == '\\' && !escaped {
			escaped = true
			continue
		}
		each(string(c), escaped)
		escaped = false
	}
	if escaped { // nothing follows it
		each("", true)
	}
}

func checkPatterns(typed string) string {
	if _, err := ignore.Compile(patterns(typed)); err != nil {
		return pathutil.Display(err.Error())
	}
	return ""
}
