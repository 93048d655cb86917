package files

import (
	"context"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/dialog"
)

// askRename asks for the new name of the target.
func (s *Screen) askRename() tea.Cmd {
	p := s.here()
	targets := s.targets()
	if len(targets) != 1 {
		return nil
	}
	e := targets[0]
	old := entryName(p.world.side(), e)
	return ui.Open(dialog.Prompt(s.env, dialog.PromptSpec{
		Title: "Rename " + p.label(e), Verb: "rename", Label: "New name", Value: typable(old, old),
		Check: func(v string) string { return p.checkRename(e, v) },
		OnOK: func(v string) tea.Cmd {
			if v == old {
				return nil
			}
			to := p.world.join(p.world.parent(e.Path), v)
			return s.later(func() tea.Cmd {
				return s.start(&job{
					verb: "renaming", past: "Renamed to", side: p.world.side(), paths: []string{e.Path, to},
					steps: []step{{v, p.world.rename(e.Path, to)}},
					then:  func() tea.Cmd { p.wish = to; return nil },
				})
			})
		},
	}))
}

// checkRename says why a name cannot be given, "" when it can. The name that
// differs only in case or accents from the object's own is free.
func (p *pane) checkRename(e backend.Entry, name string) string {
	if why := p.checkName(name); why != "" {
		return why
	}
	if p.world.same(p.world.join(p.world.parent(e.Path), name), e.Path) {
		return ""
	}
	return p.checkFree(name)
}

// checkName says why a name is not possible, "" when it is.
func (p *pane) checkName(name string) string {
	switch {
	case strings.TrimSpace(name) == "":
		return "Type a name"
	case name == "." || name == "..":
		return "This name is taken by the system"
	case strings.ContainsRune(name, '/') || p.world.side() == backend.Local && strings.ContainsRune(name, filepath.Separator):
		return "A name cannot hold a slash"
	case p.world.side() == backend.Remote && strings.ContainsRune(name, '\\'):
		return "Files.com reads a backslash as a slash"
	case p.world.side() == backend.Remote && strings.TrimRight(name, " \t") != name:
		return "A name on Files.com cannot end in a blank"
	}
	return ""
}

// checkFree says that a loaded row has the name already.
func (p *pane) checkFree(name string) string {
	if !p.taken(name) {
		return ""
	}
	if p.world.side() == backend.Remote {
		return "There is one already (Files.com ignores case and accents)"
	}
	return "There is one already"
}

// askFolder asks for the name of a new folder; with slashes the folders between
// are made too.
func (s *Screen) askFolder() tea.Cmd {
	p := s.here()
	dir := p.at.dir
	return ui.Open(dialog.Prompt(s.env, dialog.PromptSpec{
		Title: "New folder in " + p.world.show(dir), Verb: "make it", Label: "Name",
		Check: func(v string) string {
			parts := strings.Split(strings.Trim(v, "/"), "/")
			for _, part := range parts {
				if why := p.checkName(part); why != "" {
					return why
				}
			}
			if len(parts) == 1 {
				return p.checkFree(parts[0])
			}
			return ""
		},
		OnOK: func(v string) tea.Cmd {
			parts := strings.Split(strings.Trim(v, "/"), "/")
			return s.later(func() tea.Cmd { return s.makeFolder(p, dir, parts) })
		},
	}))
}

func (s *Screen) makeFolder(p *pane, dir string, parts []string) tea.Cmd {
	first := p.world.join(dir, parts[0])
	path := first
	for _, part := range parts[1:] {
		path = p.world.join(path, part)
	}
	return s.start(&job{
		verb: "making", past: "Made", side: p.world.side(), paths: []string{first},
		steps: []step{{strings.Join(parts, "/") + "/", once(func(ctx context.Context) error {
			_, err := p.world.mkdir(ctx, path, len(parts) > 1)
			return err
		})}},
		then: func() tea.Cmd {
			if p.folder() && p.world.same(p.at.dir, dir) {
				p.wish = first
			}
			return nil
		},
	})
}

// foldedNames is the comparison form of every loaded name.
func (p *pane) foldedNames() map[string]bool {
	out := map[string]bool{}
	for e := range p.table.Rows() {
		out[pathutil.Fold(e.Name)] = true
	}
	for _, v := range p.veiled {
		out[pathutil.Fold(v.entry.Name)] = true
	}
	return out
}
