package files

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/dialog"
)

// clip is what yank or cut remembered.
type clip struct {
	from    backend.Side
	entries []backend.Entry
	cut     bool
}

// label says what paste would do.
func (c clip) label() string {
	what := pathutil.DisplayName(entryName(c.from, c.entries[0]))
	if len(c.entries) > 1 {
		what = plural(len(c.entries), "item", "items")
	}
	if c.cut {
		return "move " + what + " here"
	}
	return "copy " + what + " here"
}

// why says why paste cannot be done in a pane, "" when it can.
func (c clip) why(p *pane) string {
	side := p.world.side()
	switch {
	case c.entries == nil:
		return "nothing was yanked or cut"
	case c.from == backend.Local && side == backend.Local && !c.cut:
		return "copies within this machine are not made here; cut and paste moves"
	case c.from == side && slices.ContainsFunc(c.entries, func(e backend.Entry) bool {
		return e.IsDir() && p.world.within(e.Path, p.at.dir)
	}):
		return "a folder cannot be put into itself"
	}
	return ""
}

// remember takes the targets for paste.
func (s *Screen) remember(cut bool) tea.Cmd {
	p := s.here()
	s.clip = clip{p.world.side(), slices.Clone(s.targets()), cut}
	if len(s.clip.entries) == 0 {
		s.clip = clip{}
		return nil
	}
	p.table.ClearMarks()
	return ui.Toast(ui.Note, "Go to the folder to put it in, then "+s.key(keymap.Paste)+": "+s.clip.label())
}

// paste puts what was remembered into the folder of the focused pane: on the
// same side by the site or disk itself, on the other side as a transfer.
func (s *Screen) paste() tea.Cmd {
	c, p := s.clip, s.here()
	if c.entries == nil || c.why(p) != "" {
		return nil
	}
	if c.from != p.world.side() {
		s.clip = clip{}
		return s.transfer(c.entries, p, c.cut)
	}
	var taken int
	names := p.foldedNames()
	for _, e := range c.entries {
		if !p.homeOf(e) && names[pathutil.Fold(entryName(c.from, e))] {
			taken++
		}
	}
	if taken == 0 || c.from == backend.Local {
		return s.startPaste(p, c, keepBoth)
	}
	return ui.Open(dialog.Menu(s.env, dialog.MenuSpec{
		Title: plural(taken, "name exists", "names exist") + " in " + p.world.show(p.at.dir) + " already",
		Items: []dialog.MenuItem{
			{Label: "keep both: give the new ones a free name", Cmd: s.later(func() tea.Cmd { return s.startPaste(p, c, keepBoth) })},
			{Label: "leave those out", Cmd: s.later(func() tea.Cmd { return s.startPaste(p, c, leaveOut) })},
			{Label: "overwrite them", Cmd: s.later(func() tea.Cmd { return s.startPaste(p, c, overwrite) })},
		},
	}))
}

// taking says what paste does where a name is in use.
type taking uint8

const (
	keepBoth taking = iota
	leaveOut
	overwrite
)

// homeOf tells whether an entry lies in the folder shown.
func (p *pane) homeOf(e backend.Entry) bool { return p.world.same(p.world.parent(e.Path), p.at.dir) }

func (s *Screen) startPaste(p *pane, c clip, how taking) tea.Cmd {
	s.clip = clip{}
	j := &job{verb: "copying", past: "Copied", side: c.from}
	if c.cut {
		j.verb, j.past = "moving", "Moved"
	}
	names := p.foldedNames()
	for _, e := range c.entries {
		name := entryName(c.from, e)
		used := names[pathutil.Fold(name)]
		if c.cut && p.homeOf(e) || used && how == leaveOut && !p.homeOf(e) {
			continue // it is there already
		}
		if c.from == backend.Remote && used && (how == keepBoth || p.homeOf(e)) {
			name = pathutil.FreeName(name, func(folded string) bool { return names[folded] })
		}
		names[pathutil.Fold(name)] = true
		to := p.world.join(p.at.dir, name)
		do := p.world.rename(e.Path, to)
		if c.from == backend.Remote {
			do = s.site.copy(e.Path, to, how == overwrite && used)
			if c.cut {
				do = s.site.move(e.Path, to, how == overwrite && used)
			}
		}
		j.steps = append(j.steps, step{entryName(c.from, e), do})
		j.paths = append(j.paths, to)
		if c.cut {
			j.paths = append(j.paths, e.Path)
		}
	}
	if len(j.steps) == 0 {
		return ui.Toast(ui.Note, "Everything is there already")
	}
	return s.start(j)
}
