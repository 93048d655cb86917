package files

import (
	"path/filepath"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

// namedInBox is how many targets a dialog names.
const namedInBox = 5

// askDelete asks before deleting. The targets are those of this moment,
// whatever happens to the rows until the answer.
func (s *Screen) askDelete(forGood bool) tea.Cmd {
	p := s.here()
	targets := s.targets()
	if len(targets) == 0 {
		return nil
	}
	if p.world.side() == backend.Remote || forGood {
		return s.weighAndConfirm(p, targets)
	}
	d := s.disk
	return func() tea.Msg { // whether there is a trash is known to the disk only
		trash := d.CanTrash(targets[0].Path)
		return call{s, func() tea.Cmd {
			if trash {
				return s.confirmDelete(p, targets, true, nil)
			}
			return s.weighAndConfirm(p, targets)
		}}
	}
}

// weighAndConfirm counts first what goes with folders.
func (s *Screen) weighAndConfirm(p *pane, targets []backend.Entry) tea.Cmd {
	if folders(targets) == 0 {
		return s.confirmDelete(p, targets, false, nil)
	}
	return ui.Open(newWeighing(s, p, targets))
}

func deleteTitle(p *pane, targets []backend.Entry) string {
	if len(targets) == 1 {
		return "Delete " + p.label(targets[0]) + "?"
	}
	return "Delete " + plural(len(targets), "item", "items") + " from " + p.world.show(p.at.dir) + "?"
}

// confirmDelete asks; held is what goes with the folders, nil when nothing was
// counted.
func (s *Screen) confirmDelete(p *pane, targets []backend.Entry, trash bool, held *weight) tea.Cmd {
	spec := dialog.ConfirmSpec{
		Title: deleteTitle(p, targets), Body: list(p, targets), Yes: "Delete", Danger: true,
		OnYes: s.later(func() tea.Cmd { return s.start(s.deletion(p, targets, trash)) }),
	}
	if trash {
		spec.Yes, spec.Title = "Move to trash", "Move "+plural(len(targets), "item", "items")+" to the trash?"
	}
	switch n := folders(targets); {
	case held != nil:
		spec.Body = append(spec.Body, "")
		held.weigh(p.world.side(), targets, &spec)
	case n > 1:
		spec.Body = append(spec.Body, "", cell.Count(n)+" of these are folders: everything in them goes too.")
	case n == 1 && len(targets) > 1:
		spec.Body = append(spec.Body, "", "One of these is a folder: everything in it goes too.")
	case n == 1:
		spec.Body = append(spec.Body, "", "It is a folder: everything in it goes too.")
	}
	switch {
	case trash:
		spec.Body = append(spec.Body, "The desktop can bring it back from the trash.")
	case p.world.side() == backend.Remote:
		spec.Body = append(spec.Body, "Files.com keeps it for a time; an administrator can restore it.")
	default:
		spec.Body = append(spec.Body, "This cannot be undone.")
	}
	return ui.Open(dialog.Confirm(s.env, spec))
}

// list names the first targets.
func list(p *pane, targets []backend.Entry) []string {
	var out []string
	for i, e := range targets {
		if i == namedInBox && len(targets) > namedInBox+1 {
			return append(out, "and "+plural(len(targets)-i, "other", "others"))
		}
		line := p.label(e)
		if n := size(e); n != "" {
			line += "  " + n
		}
		out = append(out, line)
	}
	return out
}

func folders(entries []backend.Entry) int {
	n := 0
	for _, e := range entries {
		if e.IsDir() && !e.Link {
			n++
		}
	}
	return n
}

func (s *Screen) deletion(p *pane, targets []backend.Entry, trash bool) *job {
	j := &job{verb: "deleting", past: "Deleted", side: p.world.side()}
	if trash {
		j.verb, j.past = "moving to the trash", "Moved to the trash:"
	}
	for _, e := range targets {
		do := p.world.remove(e)
		if trash {
			do = s.disk.trash(e)
		}
		j.steps = append(j.steps, step{e.Name, do})
		j.paths = append(j.paths, e.Path)
	}
	return j
}

// entryNames are the plain names of entries on a side.
func entryName(side backend.Side, e backend.Entry) string {
	if e.Name != "" {
		return e.Name
	}
	if side == backend.Local {
		return filepath.Base(e.Path)
	}
	return pathutil.Base(e.Path)
}
