package syncplan

import (
	"path"
	"strings"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui/cell"
	"ferry/ui/table"
)

// broad is the width from which the times of both sides have room.
const broad = 100

// whyTitle is of the column that goes first where the room is short.
const whyTitle = "Why"

// signs are what was found, in one character that every terminal has.
var signs = map[backend.PlanKind]string{
	backend.PlanNew: "+", backend.PlanChanged: "~", backend.PlanExtra: "-", backend.PlanConflict: "!", backend.PlanSame: "=",
}

func (s *Screen) columns(w int) []table.Column[row] {
	cols := []table.Column[row]{
		{Title: "Do", Width: 3, Cell: s.tickCell, Role: s.tickRole},
		{Width: 1, Cell: signCell, Role: signRole},
		{Title: "Name", Min: 20, Weight: 3, Middle: true, Cell: s.nameCell, Role: nameRole},
		{Title: "Here", Width: 7, Right: true, Cell: func(r row) string { return sizeCell(r, false) }, Role: s.sideRole(false)},
	}
	if w >= broad {
		cols = append(cols, table.Column[row]{Width: 12, Cell: func(r row) string { return s.timeCell(r, false) }, Role: s.sideRole(false)})
	}
	cols = append(cols,
		table.Column[row]{Width: 1, Cell: wayCell, Role: wayRole},
		table.Column[row]{Title: "Site", Width: 7, Right: true, Cell: func(r row) string { return sizeCell(r, true) }, Role: s.sideRole(true)},
	)
	if w >= broad {
		cols = append(cols, table.Column[row]{Width: 12, Cell: func(r row) string { return s.timeCell(r, true) }, Role: s.sideRole(true)})
	}
	return append(cols, table.Column[row]{Title: whyTitle, Min: 16, Weight: 2, Cell: s.whyCell, Role: whyRole, Drop: 1})
}

// tickCell says whether the line will be carried out, or what became of it.
func (s *Screen) tickCell(r row) string {
	g := &s.env.Theme.Glyphs
	if l := r.line(); l != nil && r.group == nil {
		return mark(g, l)
	}
	switch {
	case r.group.can == 0 && r.n >= 0:
		return mark(g, r.line())
	case r.group.can == 0:
		return ""
	case r.group.on == r.group.can:
		return "[x]"
	case r.group.on > 0:
		return "[-]"
	}
	return "[ ]"
}

func mark(g *theme.Glyphs, l *line) string {
	switch {
	case l.alive:
		return " " + underWay(g, l.live)
	case l.told && l.state == backend.JobDone:
		return " " + g.Done
	case l.told && l.state == backend.JobFailed:
		return " " + g.Failed
	case l.told && !l.item.On:
		return " " + g.Skipped
	case l.stale != "":
		return " !"
	case !l.can():
		return ""
	case l.item.On:
		return "[x]"
	}
	return "[ ]"
}

// underWay is the sign of a file that a transfer has not ended.
func underWay(g *theme.Glyphs, state backend.JobState) string {
	switch state {
	case backend.JobRunning, backend.JobScanning:
		return g.Running
	case backend.JobPaused, backend.JobParked:
		return g.Paused
	}
	return g.Waiting
}

func (s *Screen) tickRole(r row) theme.Role {
	if l := r.line(); l != nil {
		switch {
		case l.alive:
			return theme.Accent
		case l.told && l.state == backend.JobDone:
			return theme.Good
		case l.told && l.state == backend.JobFailed:
			return theme.Bad
		case l.trouble():
			return theme.Warn
		}
	}
	if strings.HasPrefix(s.tickCell(r), "[ ") {
		return theme.Faint
	}
	return theme.Accent
}

func signCell(r row) string {
	if l := r.line(); l != nil {
		return signs[l.item.Kind]
	}
	return ""
}

func signRole(r row) theme.Role {
	l := r.line()
	if l == nil {
		return theme.Faint
	}
	switch l.item.Kind {
	case backend.PlanNew:
		return theme.Good
	case backend.PlanChanged:
		return theme.Accent
	case backend.PlanConflict:
		return theme.Warn
	case backend.PlanExtra:
		if l.item.Action.Deletes() {
			return theme.Bad
		}
	case backend.PlanSame:
	}
	return theme.Faint
}

// nameCell is the whole path of folders and in a flat list, else the name under its
// heading.
func (s *Screen) nameCell(r row) string {
	if r.group != nil {
		name := pathutil.DisplayName(r.group.path) + "/"
		if r.group.folded {
			name += " " + s.env.Theme.Glyphs.Ellipsis
		}
		return name
	}
	l := r.line()
	if l.item.Folder { // among the headings, as one
		return pathutil.DisplayName(l.item.Name) + "/"
	}
	if s.flat() {
		return pathutil.DisplayName(l.item.Name)
	}
	name := pathutil.DisplayName(path.Base(l.item.Name))
	if l.group != r.b.root {
		name = "  " + name
	}
	return name
}

func nameRole(r row) theme.Role {
	l := r.line()
	switch {
	case r.group != nil, l.item.Folder:
		return theme.Folder
	case l.item.Kind == backend.PlanSame, l.told && l.state == backend.JobDone:
		return theme.Faint
	}
	return theme.Text
}

// stamp is what a side of a row held.
func stamp(r row, site bool) *backend.Stamp {
	l := r.line()
	switch {
	case l == nil:
		return nil
	case site:
		return l.item.Remote
	}
	return l.item.Local
}

func sizeCell(r row, site bool) string {
	st := stamp(r, site)
	switch {
	case st == nil:
		return ""
	case st.Size < 0:
		return "folder"
	}
	return cell.Size(st.Size)
}

func (s *Screen) timeCell(r row, site bool) string {
	st := stamp(r, site)
	if st == nil || st.Size < 0 || st.Modified.IsZero() {
		return ""
	}
	return cell.Moment(st.Modified, s.env.Now())
}

// sideRole dims the side that is going to be replaced or deleted.
func (s *Screen) sideRole(site bool) func(row) theme.Role {
	return func(r row) theme.Role {
		l := r.line()
		if l == nil || !l.item.On {
			return theme.Faint
		}
		switch l.item.Action {
		case backend.PlanUpload, backend.PlanDeleteLocal:
			if site {
				return theme.Faint
			}
		case backend.PlanDownload, backend.PlanDeleteRemote:
			if !site {
				return theme.Faint
			}
		case backend.PlanNothing:
		}
		return theme.Text
	}
}

// wayCell is where the content goes, or that it goes away.
func wayCell(r row) string {
	l := r.line()
	if l == nil {
		return ""
	}
	switch l.item.Action {
	case backend.PlanUpload:
		return "→"
	case backend.PlanDownload:
		return "←"
	case backend.PlanDeleteLocal, backend.PlanDeleteRemote:
		return "×"
	case backend.PlanNothing:
	}
	return ""
}

func wayRole(r row) theme.Role {
	switch l := r.line(); {
	case l == nil, !l.item.On:
		return theme.Faint
	case l.item.Action.Deletes():
		return theme.Bad
	}
	return theme.Accent
}

// brief shortens the engine's reasons for a column: what tells most comes first.
var brief = strings.NewReplacer(
	"the times differ, ", "", "the sizes differ, newer on this machine", "newer here, other size",
	"the sizes differ, newer on the site", "newer there, other size", "the sizes differ", "other size",
	"the contents differ", "other content", "the times differ", "other time",
	"on this machine", "here", "on the site", "there",
)

func (s *Screen) whyCell(r row) string {
	l := r.line()
	switch {
	case l == nil:
		return s.below(r.group)
	case l.told || l.stale != "" || l.alive:
		return pathutil.Display(became(l))
	}
	why := pathutil.Display(brief.Replace(l.item.Reason))
	if as := renamed(l); as != "" {
		return "as " + as + ", " + why
	}
	return why
}

// renamed is the name that a transfer gives what the target cannot hold under
// its own, "" when it keeps that.
func renamed(l *line) string {
	from := l.item.Local
	switch l.item.Action {
	case backend.PlanDownload:
		from = l.item.Remote
	case backend.PlanUpload:
	case backend.PlanNothing, backend.PlanDeleteLocal, backend.PlanDeleteRemote:
		return ""
	}
	to := l.item.Target
	switch {
	case from == nil || to == "" || pathutil.Fold(to) == pathutil.Fold(from.Name):
		return ""
	case pathutil.Fold(path.Dir(to)) == pathutil.Fold(path.Dir(from.Name)):
		to = path.Base(to)
	}
	return pathutil.DisplayName(to)
}

// below counts what is in a folder.
func (s *Screen) below(g *group) string {
	return plural(g.all, "line", "lines") + ", " + cell.Size(g.bytes)
}

// became is the outcome of a line in words.
func became(l *line) string {
	switch {
	case l.alive && l.live == backend.JobQueued:
		return "waits its turn"
	case l.alive:
		return l.live.String()
	case l.stale != "":
		return l.stale
	case l.err != nil:
		return backend.Explain(l.err).Title
	case l.state == backend.JobDone && l.note != "":
		return l.note
	case l.state == backend.JobDone && l.check != backend.Unverified && !l.item.Folder:
		return "done, " + l.check.String()
	case l.state == backend.JobDone:
		return "done"
	case l.note != "":
		return l.note
	}
	return l.state.String()
}

func whyRole(r row) theme.Role {
	l := r.line()
	switch {
	case l == nil:
		return theme.Faint
	case l.alive:
		return theme.Accent
	case l.told && l.state == backend.JobFailed:
		return theme.Bad
	case l.trouble(), l.item.Kind == backend.PlanConflict, !l.told && renamed(l) != "":
		return theme.Warn
	}
	return theme.Faint
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return cell.Count(n) + " " + many
}
