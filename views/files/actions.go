package files

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/dialog"
)

// Do carries out an action. What destroys captures its targets here, when the
// key is pressed.
func (s *Screen) Do(a keymap.Action) tea.Cmd {
	if s.here().narrow.typing {
		return ui.Batch(s.doNarrow(a), s.look())
	}
	cmd, known := s.navigate(a)
	if !known {
		cmd, known = s.change(a)
	}
	if !known && s.here().table.Do(a) {
		s.here().halted = false // moving on asks for more again
		cmd = s.here().follow()
	}
	if a == keymap.Invert {
		s.here().tally() // as many marks as before may be on other rows
	}
	return ui.Batch(cmd, s.look())
}

// navigate is what only looks.
func (s *Screen) navigate(a keymap.Action) (cmd tea.Cmd, known bool) {
	p := s.here()
	switch a {
	case keymap.NextPane, keymap.PreviousPane:
		s.focus = 1 - s.focus
		s.arrange()
		cmd = s.glanceNow()
	case keymap.Enter:
		cmd = s.openRow()
	case keymap.Back:
		cmd = p.up()
	case keymap.HistoryBack:
		cmd = p.again(p.trail.past, (*trail).back)
	case keymap.HistoryOn:
		cmd = p.again(p.trail.future, (*trail).forward)
	case keymap.HomeFolder:
		cmd = p.visit(spot{dir: p.world.home()})
	case keymap.GoToPath:
		cmd = s.askPath()
	case keymap.Refresh:
		cmd = p.reload()
	case keymap.Last:
		cmd = p.end()
	case keymap.Narrow:
		p.narrow.open(p.table.Narrowed())
	case keymap.NextMatch:
		p.table.NextMatch(1)
		cmd = p.follow()
	case keymap.PrevMatch:
		p.table.NextMatch(-1)
	case keymap.SearchHere:
		cmd = s.askSearch(false)
	case keymap.SearchSite:
		cmd = s.askSearch(true)
	case keymap.Sort:
		cmd = s.askSort()
	case keymap.Reverse:
		cmd = p.sort(p.sortBy, !p.desc)
	case keymap.ShowHidden:
		p.setHidden(!p.hidden)
		cmd = p.follow()
	case keymap.MarkGlob:
		cmd = s.askGlob(true)
	case keymap.UnmarkGlob:
		cmd = s.askGlob(false)
	case keymap.Layout:
		s.layout = (s.layout + 1) % layouts
		s.arrange()
	case keymap.PreviewDown:
		s.peek.scroll(1)
	case keymap.PreviewUp:
		s.peek.scroll(-1)
	case keymap.ViewFile:
		cmd = s.view()
	case keymap.Info:
		cmd = s.info()
	case keymap.CopyText:
		cmd = s.copyPaths()
	case keymap.PlanSync:
		cmd = ui.Say(ui.CompareMsg{
			Local: s.panes[left].at.dir, Remote: s.panes[right].at.dir, FromLocal: p.world.side() == backend.Local,
		})
	case keymap.EscapeLevel:
		cmd = s.escape()
	default:
		return nil, false
	}
	return cmd, true
}

// change is what changes something somewhere.
func (s *Screen) change(a keymap.Action) (cmd tea.Cmd, known bool) {
	switch a {
	case keymap.CopyAcross:
		cmd = s.across(false)
	case keymap.MoveAcross:
		cmd = s.across(true)
	case keymap.Delete:
		cmd = s.askDelete(false)
	case keymap.DeleteForGood:
		cmd = s.askDelete(true)
	case keymap.Rename:
		cmd = s.askRename()
	case keymap.NewFolder:
		cmd = s.askFolder()
	case keymap.Yank:
		cmd = s.remember(false)
	case keymap.Cut:
		cmd = s.remember(true)
	case keymap.Paste:
		cmd = s.paste()
	default:
		return nil, false
	}
	return cmd, true
}

func (s *Screen) doNarrow(a keymap.Action) tea.Cmd {
	p := s.here()
	switch a {
	case keymap.PickClose:
		p.narrow.close()
		p.narrowBy("")
	case keymap.PickRun:
		p.narrow.close()
	case keymap.PickDown:
		p.table.Do(keymap.Down)
	case keymap.PickUp:
		p.table.Do(keymap.Up)
	}
	return p.follow()
}

// openRow opens a folder, shows a found file in its folder, and views any other
// file.
func (s *Screen) openRow() tea.Cmd {
	p := s.here()
	e, ok := p.cursor()
	switch {
	case !ok:
		return nil
	case e.IsDir():
		return p.visit(spot{dir: e.Path})
	case p.at.search != "":
		return p.seek(e.Path)
	}
	return s.view()
}

// up goes to the folder above with the cursor on the one left, or from what a
// search found back to its folder.
func (p *pane) up() tea.Cmd {
	if p.at.search != "" {
		return p.visit(spot{dir: p.at.dir})
	}
	up := p.world.parent(p.at.dir)
	if up == p.at.dir {
		return nil
	}
	return p.visit(spot{dir: up, cursor: p.at.dir})
}

// again opens the newest spot of a direction of the history.
func (p *pane) again(from []spot, keep func(*trail, spot)) tea.Cmd {
	to, ok := last(from)
	if !ok {
		return nil
	}
	return p.open(to, keep)
}

// sort asks the site for another order.
func (p *pane) sort(field string, desc bool) tea.Cmd {
	p.sortBy, p.desc = field, desc
	if field == "" {
		field = byName
	}
	p.table.SetSort(field, desc)
	reload := p.reload()
	p.table.Loading(p.describe(p.at))
	return reload
}

func (s *Screen) askSort() tea.Cmd {
	p := s.here()
	type order struct {
		label, field string
		desc         bool
	}
	orders := []order{{"name", byName, false}, {"size, largest first", bySize, true}}
	if p.world.side() == backend.Remote {
		orders = append(orders,
			order{"last change on the site, newest first", byModified, true},
			order{"date the file brought along, newest first", byProvided, true})
	} else {
		orders = append(orders, order{"last change, newest first", byModified, true})
	}
	spec := dialog.MenuSpec{Title: "Sort by (folders stay first)"}
	for i, o := range orders {
		if o.field == p.sortBy {
			spec.Selected = i
		}
		spec.Items = append(spec.Items, dialog.MenuItem{
			Label: o.label, Cmd: s.later(func() tea.Cmd { return p.sort(o.field, o.desc) }),
		})
	}
	return ui.Open(dialog.Menu(s.env, spec))
}

func (s *Screen) askPath() tea.Cmd {
	p := s.here()
	return ui.Open(dialog.Prompt(s.env, dialog.PromptSpec{
		Title: "Go to a path on this " + map[backend.Side]string{backend.Local: "machine", backend.Remote: "site"}[p.world.side()],
		Verb:  "go there", Label: "Path", Value: typable(p.world.show(p.at.dir), p.at.dir), Suggested: true,
		OnOK: func(typed string) tea.Cmd {
			return s.later(func() tea.Cmd { return p.seek(p.world.resolve(strings.TrimSpace(typed), p.at.dir)) })
		},
	}))
}

// typable is a text to start typing from: nothing when the raw text cannot be
// shown as it is.
func typable(shown, raw string) string {
	if pathutil.Display(raw) != raw || shown != raw && pathutil.DisplayName(raw) != raw {
		return ""
	}
	return shown
}

func (s *Screen) askSearch(all bool) tea.Cmd {
	p := s.here()
	title := "Search by name below " + p.world.show(p.at.dir)
	if all {
		title = "Search by name in the whole site"
	}
	return ui.Open(dialog.Prompt(s.env, dialog.PromptSpec{
		Title: title, Verb: "search", Label: "Part of the name", Value: p.at.search, Suggested: true,
		Check: notEmpty("Type a part of the name"),
		OnOK: func(typed string) tea.Cmd {
			return s.later(func() tea.Cmd {
				return p.visit(spot{dir: p.at.dir, search: strings.TrimSpace(typed), all: all})
			})
		},
	}))
}

func notEmpty(say string) func(string) string {
	return func(v string) string {
		if strings.TrimSpace(v) == "" {
			return say
		}
		return ""
	}
}

// copyPaths sends the paths of the targets to the clipboard.
func (s *Screen) copyPaths() tea.Cmd {
	p := s.here()
	var paths []string
	for _, e := range s.targets() {
		path := e.Path
		if p.world.side() == backend.Remote {
			path = "/" + path
		}
		paths = append(paths, path)
	}
	switch len(paths) {
	case 0:
		return nil
	case 1:
		return ui.Copy(paths[0], p.world.show(s.targets()[0].Path))
	}
	return ui.Copy(strings.Join(paths, "\n"), plural(len(paths), "path", "paths"))
}
