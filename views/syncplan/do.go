package syncplan

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

// Do carries out what Keys offers.
func (s *Screen) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.SyncRun:
		return s.askRun()
	case keymap.SyncCompare:
		return s.form()
	case keymap.Refresh:
		return s.compare(s.asked)
	case keymap.SyncSave:
		return s.askSave()
	case keymap.SyncLoad:
		return s.askLoad()
	case keymap.CopyText:
		return s.copyCommand()
	case keymap.EscapeLevel:
		return s.escape()
	case keymap.SyncFilter:
		return s.askFilter()
	case keymap.SyncTickKind:
		return s.askKind()
	case keymap.Sort:
		return s.askSort()
	case keymap.Enter:
		return s.enter()
	case keymap.SyncShow:
		return s.showFile()
	case keymap.SyncForget:
		return s.askForget()
	}
	if s.board == nil || s.doTicks(a) {
		return nil
	}
	switch a {
	case keymap.SyncSame:
		if s.filter.name == everything.name {
			s.setFilter(filters[0])
		} else {
			s.setFilter(everything)
		}
	case keymap.SyncFold:
		s.fold()
	case keymap.Reverse:
		s.turned = !s.turned
		s.sorted()
	case keymap.Narrow:
		s.typing = true
		s.input.SetValue(s.table.Narrowed())
	case keymap.PickClose, keymap.PickRun:
		s.typing = false
		if a == keymap.PickClose {
			s.narrow("")
		}
	case keymap.PickDown:
		s.table.Do(keymap.Down)
	case keymap.PickUp:
		s.table.Do(keymap.Up)
	case keymap.NextMatch:
		s.table.NextMatch(1)
	case keymap.PrevMatch:
		s.table.NextMatch(-1)
	default:
		s.table.Do(a)
	}
	return nil
}

// doTicks changes ticks; other actions are not handled.
func (s *Screen) doTicks(a keymap.Action) bool {
	r, ok := s.table.Cursor()
	if !ok {
		return false
	}
	switch a {
	case keymap.SyncTick:
		s.lastOn = !ticked(r)
		s.tick(r, s.lastOn)
		s.last = s.table.Index()
		s.table.Do(keymap.Down)
	case keymap.SyncTickSpan:
		s.span()
	case keymap.SyncTickFlip:
		for r := range s.table.ShownRows() {
			if r.n >= 0 {
				s.board.tick(r.n, !s.board.lines[r.n].item.On)
			}
		}
	case keymap.SyncTickAll:
		on := false
		for r := range s.table.ShownRows() {
			if l := r.line(); l != nil && l.can() && !l.item.On {
				on = true
				break
			}
		}
		s.tickShown(func(*line) bool { return true }, on)
	case keymap.SyncToSite, keymap.SyncToHere:
		s.board.choose(r.n, directions[a])
		s.table.Do(keymap.Down)
	case keymap.SyncLeave:
		s.board.choose(r.n, backend.PlanNothing)
		s.table.Do(keymap.Down)
	default:
		return false
	}
	return true
}

// ticked tells whether everything of a row is ticked.
func ticked(r row) bool {
	if r.group != nil {
		return r.group.can > 0 && r.group.on == r.group.can
	}
	return r.line().item.On && r.line().can()
}

// tick changes a line, or a folder with all below it.
func (s *Screen) tick(r row, on bool) {
	if r.group != nil {
		s.board.tickGroup(r.group, on)
		return
	}
	s.board.tick(r.n, on)
}

// span gives the lines from the one changed last to the cursor its tick. Without
// one the cursor's line is the start.
func (s *Screen) span() {
	here := s.table.Index()
	if s.last < 0 || s.last >= s.table.Shown() {
		if r, ok := s.table.Cursor(); ok {
			s.last, s.lastOn = here, !ticked(r)
		}
	}
	from, to := min(s.last, here), max(s.last, here)
	n := 0
	for r := range s.table.ShownRows() {
		if n >= from && n <= to && (r.group == nil || r.n >= 0) {
			s.board.tick(r.n, s.lastOn)
		}
		n++
	}
	s.last = here
}

// tickShown ticks the shown lines that fit, in the order in which a folder comes
// before what is in it; folded ones with all below.
func (s *Screen) tickShown(fits func(*line) bool, on bool) {
	for r := range s.table.ShownRows() {
		switch {
		case r.n >= 0 && fits(r.line()):
			s.board.tick(r.n, on)
		case r.n >= 0:
		}
		if r.group != nil && r.group.folded && !s.flat() {
			s.tickBelow(r.group, fits, on)
		}
	}
}

func (s *Screen) tickBelow(g *group, fits func(*line) bool, on bool) {
	for _, n := range g.lines {
		if l := &s.board.lines[n]; fits(l) && s.filter.keep(l) {
			s.board.tick(n, on)
		}
	}
	for _, sub := range g.subs {
		if sub.self >= 0 && fits(&s.board.lines[sub.self]) {
			s.board.tick(sub.self, on)
		}
		s.tickBelow(sub, fits, on)
	}
}

// enter folds a folder, or tells all of a line.
func (s *Screen) enter() tea.Cmd {
	if s.offers() {
		return s.read(s.cutOff[0].File)
	}
	r, ok := s.table.Cursor()
	switch {
	case !ok:
		return nil
	case r.group != nil && r.n < 0:
		s.fold()
		return nil
	}
	return ui.Open(dialog.Text(s.env, dialog.TextSpec{
		Title: pathutil.DisplayName(r.path()), Body: s.tell(r), Wrap: true,
	}))
}

// fold folds the folder of the cursor's row, or unfolds it.
func (s *Screen) fold() {
	r, ok := s.table.Cursor()
	if !ok || s.flat() {
		return
	}
	g := r.group
	if g == nil {
		g = r.line().group
	}
	if g == s.board.root {
		return
	}
	g.folded = !g.folded
	s.fill()
	s.table.Select(g.id)
}

// escape goes one level back.
func (s *Screen) escape() tea.Cmd {
	switch {
	case s.phase == comparing, s.phase == checking, s.phase == deleting && !s.halted:
		return s.stop()
	case s.table.Narrowed() != "":
		s.narrow("")
	case s.board != nil && s.filter.name != filters[0].name:
		s.setFilter(filters[0])
	}
	return nil
}

func (s *Screen) setFilter(f filter) {
	s.filter, s.last = f, -1
	s.fill()
}

// count is the number of lines that a filter leaves.
func (s *Screen) count(f filter) int {
	n := 0
	for i := range s.board.lines {
		if f.keep(&s.board.lines[i]) {
			n++
		}
	}
	return n
}

func (s *Screen) askFilter() tea.Cmd {
	spec := dialog.MenuSpec{Title: "Show the lines that are"}
	for _, f := range append(filters[:len(filters):len(filters)], everything) {
		label := f.name
		if label == "" {
			label = "not the same"
		}
		n := s.count(f)
		item := dialog.MenuItem{
			Label: label + "  " + cell.Count(n),
			Cmd:   s.later(func() tea.Cmd { s.setFilter(f); return nil }),
		}
		if n == 0 && f.name != "" {
			item.Why = "there are none"
		}
		if f.name == s.filter.name {
			spec.Selected = len(spec.Items)
		}
		spec.Items = append(spec.Items, item)
	}
	return ui.Open(dialog.Menu(s.env, spec))
}

// askKind ticks or unticks all lines of a kind, shown or not.
func (s *Screen) askKind() tea.Cmd {
	spec := dialog.MenuSpec{Title: "Tick or untick all"}
	for _, k := range []struct {
		name string
		fits func(*line) bool
	}{
		{"uploads", func(l *line) bool { return l.item.Action == backend.PlanUpload }},
		{"downloads", func(l *line) bool { return l.item.Action == backend.PlanDownload }},
		{"that is new", ofKind(backend.PlanNew)},
		{"that has changed", ofKind(backend.PlanChanged)},
		{"deletions", func(l *line) bool { return l.item.Action.Deletes() }},
		{"lines", func(*line) bool { return true }},
	} {
		on, can := 0, 0
		for i := range s.board.lines {
			if l := &s.board.lines[i]; l.can() && k.fits(l) {
				can++
				if l.item.On {
					on++
				}
			}
		}
		for _, set := range []bool{true, false} {
			verb, n := "tick", can-on
			if !set {
				verb, n = "untick", on
			}
			if n == 0 {
				continue
			}
			spec.Items = append(spec.Items, dialog.MenuItem{
				Label: verb + " " + k.name + "  " + cell.Count(n),
				Cmd: s.later(func() tea.Cmd {
					for i := range s.board.lines {
						if k.fits(&s.board.lines[i]) {
							s.board.tick(i, set)
						}
					}
					return nil
				}),
			})
		}
	}
	if len(spec.Items) == 0 {
		return ui.Toast(ui.Note, "No line can be ticked")
	}
	return ui.Open(dialog.Menu(s.env, spec))
}

func (s *Screen) askSort() tea.Cmd {
	spec := dialog.MenuSpec{Title: "Sort by"}
	for _, o := range []struct {
		label  string
		order  order
		turned bool
	}{
		{"folder", byFolder, false}, {"path, without folders", byName, false}, {"size, largest first", bySize, true},
	} {
		if o.order == s.order {
			spec.Selected = len(spec.Items)
		}
		spec.Items = append(spec.Items, dialog.MenuItem{Label: o.label, Cmd: s.later(func() tea.Cmd {
			s.order, s.turned = o.order, o.turned
			s.sorted()
			return nil
		})})
	}
	return ui.Open(dialog.Menu(s.env, spec))
}

// sorted fills the table in the order chosen.
func (s *Screen) sorted() {
	s.last = -1
	s.fill()
}

// showFile opens the files screen at the line: on this machine where it is
// there, else on the site.
func (s *Screen) showFile() tea.Cmd {
	r, ok := s.table.Cursor()
	if !ok {
		return nil
	}
	req := s.board.plan.Request
	l := r.line()
	if l == nil || l.item.Local != nil {
		name := r.path()
		if l != nil {
			name = l.item.Local.Name
		}
		at := req.Local
		for e := range strings.SplitSeq(name, "/") {
			at = s.disk.Join(at, e)
		}
		return ui.Goto(ui.RouteFiles, ui.ShowPath{Side: ui.LocalSide, Path: at})
	}
	return ui.Goto(ui.RouteFiles, ui.ShowPath{Side: ui.RemoteSide, Path: pathutil.Join(req.Remote, l.item.Remote.Name)})
}
