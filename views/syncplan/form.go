package syncplan

import (
	"path"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
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
				Help: "The hash finds changes that size and time hide; it reads the files here.",
			},
			{
				Key: "ignore", Label: "Leave out", Value: strings.Join(c.ignore, ", "), Placeholder: "*.tmp, .git",
				Help: "Patterns of names, with commas between; * is any text.", Check: checkPatterns,
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

// patterns takes the typed line apart.
func patterns(typed string) []string {
	var out []string
	for p := range strings.SplitSeq(typed, ",") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func checkPatterns(typed string) string {
	for _, p := range patterns(typed) {
		if _, err := path.Match(p, ""); err != nil {
			return pathutil.Display(p) + " is no pattern; * is any text, ? any letter, [ab] one of these"
		}
	}
	return ""
}
