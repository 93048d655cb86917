package syncplan

import (
	"strings"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui/cell"
	"ferry/ui/table"
)

// tall is the height from which the cursor's line is told in full below the lines;
// in a lower room, only why it is there, and that where the lines do not say it.
const tall = 14

// stripLines is how many lines the strip takes in a room of that height.
func (s *Screen) stripLines(h int) int {
	says := s.table.Keeps(whyTitle)
	switch {
	case h >= tall && says:
		return 4
	case h >= tall:
		return 5 // the reason may take two
	case !says && h >= 6:
		return 2
	}
	return 0
}

// View draws the plan, or how far the comparison has come.
func (s *Screen) View() string {
	if s.w <= 0 || s.h <= 0 {
		return ""
	}
	spec := cell.FrameSpec{W: s.w, H: s.h, Focused: true, Title: s.title(), Facts: s.facts(), Foot: s.foot(), FootRight: s.state()}
	w, h := spec.Inner()
	if s.phase == comparing {
		return cell.Frame(s.env.Theme, spec, cell.Lines(cell.Centred(s.progress(w), w, h)))
	}
	body := cell.Lines(s.table.View())
	if n := s.stripLines(h); n > 0 {
		body = append(body, s.strip(w, n)...)
	}
	return cell.Frame(s.env.Theme, spec, body)
}

func arrow(m backend.SyncMode) string {
	switch m {
	case backend.SyncPull:
		return "←"
	case backend.SyncBoth:
		return "←→"
	case backend.SyncPush:
	}
	return "→"
}

// title says which folders these are and which of them is right.
func (s *Screen) title() string {
	r := s.asked
	if r.Local == "" {
		return "sync"
	}
	t := "sync  " + s.local(r.Local) + " " + arrow(r.Mode) + " " + site(r.Remote)
	if r.Mirror {
		t += "  mirror"
	}
	return t
}

// local shows a path of this machine, site one of the site.
func (s *Screen) local(path string) string { return pathutil.DisplayHome(path, s.disk.Home()) }
func site(path string) string              { return pathutil.DisplayName("/" + path) }

// facts are the totals of what is ticked.
func (s *Screen) facts() string {
	if s.board == nil || s.phase == comparing {
		return ""
	}
	g, t := &s.env.Theme.Glyphs, s.board.totals
	var parts []string
	if t.Uploads > 0 {
		parts = append(parts, g.Up+cell.Count(t.Uploads))
	}
	if t.Downloads > 0 {
		parts = append(parts, g.Down+cell.Count(t.Downloads))
	}
	if t.Deletions > 0 {
		parts = append(parts, s.env.Theme.Paint(theme.Bad, "×"+cell.Count(t.Deletions)))
	}
	if len(parts) == 0 {
		return "nothing ticked"
	}
	if t.Uploads+t.Downloads > 0 {
		parts = append(parts, cell.Size(t.Bytes))
	}
	return strings.Join(parts, "  ")
}

// foot says which lines are seen.
func (s *Screen) foot() string {
	th := s.env.Theme
	if s.typing {
		return th.Paint(theme.Accent, "/") + s.input.View(min(cell.Width(s.input.Value())+1, max(s.w-40, 8)), true)
	}
	if s.board == nil || s.phase == comparing {
		return ""
	}
	var parts []string
	if q := s.table.Narrowed(); q != "" {
		parts = append(parts, th.Paint(theme.Accent, "/"+pathutil.Display(q)))
	}
	if s.filter.name != "" {
		parts = append(parts, "only "+s.filter.name)
		if s.filter.name == everything.name {
			parts[len(parts)-1] = "the same included"
		}
	}
	if len(parts) > 0 {
		n := s.fits
		if s.table.Narrowed() != "" {
			n = s.table.Shown()
		}
		parts = append(parts, cell.Count(n)+" of "+plural(len(s.board.lines), "line", "lines"))
		return strings.Join(parts, " "+th.Glyphs.Dot+" ")
	}
	found := s.board.totals.Found
	for _, k := range []struct {
		kind backend.PlanKind
		word string
	}{
		{backend.PlanNew, " new"},
		{backend.PlanChanged, " changed"},
		{backend.PlanExtra, " extra"},
		{backend.PlanConflict, " conflicts"},
		{backend.PlanSame, " the same"},
	} {
		n := found[k.kind]
		if k.kind == backend.PlanConflict && s.board.solved > 0 { // the question before the run counts the others
			n = s.board.undecided()
			parts = append(parts, cell.Count(s.board.solved)+" decided")
		}
		if n == 1 {
			parts = append(parts, "1"+strings.TrimSuffix(k.word, "s"))
		} else if n > 0 {
			parts = append(parts, cell.Count(n)+k.word)
		}
	}
	switch s.order {
	case bySize:
		parts = append(parts, "by size")
	case byName:
		parts = append(parts, "by path")
	case byFolder:
	}
	return strings.Join(parts, " "+th.Glyphs.Dot+" ")
}

// state says what is going on, or how old the plan is.
func (s *Screen) state() string {
	th := s.env.Theme
	stops := " " + th.Glyphs.Dot + " " + s.env.Keys.Key(keymap.EscapeLevel) + " stops"
	switch s.phase {
	case comparing:
		return ""
	case checking:
		return th.Paint(theme.Warn, "looking again: "+cell.Count(s.seen.Entries())+stops)
	case moving:
		return th.Paint(theme.Warn, "running "+th.Glyphs.Dot+" "+s.env.Keys.Key(keymap.Drawer)+" shows the transfers")
	case deleting:
		if s.halted {
			return th.Paint(theme.Warn, "stopping"+th.Glyphs.Ellipsis)
		}
		return th.Paint(theme.Warn, "deleting"+stops)
	case idle:
	}
	switch {
	case s.board == nil:
		return ""
	case s.ended != "":
		return s.ended
	}
	made := "compared " + cell.Ago(s.board.plan.Made, s.env.Now())
	if s.board.plan.Request.By == backend.ByHash {
		made += " by hash"
	}
	if n := s.board.noSums; n > 0 {
		made += ", " + cell.Count(n) + " by size and time"
	}
	return made
}

// progress is how far a comparison has come.
func (s *Screen) progress(w int) string {
	th := s.env.Theme
	by := "size and time"
	if s.asked.By == backend.ByHash {
		by = "hash"
	}
	p := s.seen
	lines := []string{
		th.Paint(theme.Warn, "comparing by "+by+th.Glyphs.Ellipsis) + "  " + th.Paint(theme.Accent, s.env.Keys.Key(keymap.EscapeLevel)) + th.Paint(theme.Faint, " cancels"),
		"",
		th.Paint(theme.Faint, pad("here")) + seen(p.LocalFiles, p.LocalFolders),
		th.Paint(theme.Faint, pad("site")) + seen(p.RemoteFiles, p.RemoteFolders),
	}
	if p.HashBytes > 0 {
		share := float64(p.HashedBytes) / float64(p.HashBytes)
		lines = append(lines, th.Paint(theme.Faint, pad("hashed"))+cell.Size(p.HashedBytes)+" of "+cell.Size(p.HashBytes),
			pad("")+th.Paint(theme.Accent, th.Glyphs.Progress(share, 24)))
	}
	wide := 0
	for _, l := range lines {
		wide = max(wide, cell.Width(l))
	}
	for i := range lines {
		lines[i] = cell.Fit(lines[i], min(wide, w))
	}
	return strings.Join(lines, "\n")
}

func seen(files, folders int) string {
	return plural(files, "file", "files") + ", " + plural(folders, "folder", "folders")
}

// pad brings a caption to the width of the longest.
func pad(s string) string { return cell.Fit(s, 16) }

// strip tells the cursor's line in full, or in two lines only why it is there.
func (s *Screen) strip(w, n int) []string {
	th := s.env.Theme
	r, ok := s.table.Cursor()
	if !ok || s.table.State() == table.Failed || s.board == nil {
		return make([]string, n)
	}
	out := []string{th.Paint(theme.Border, strings.Repeat(th.Glyphs.Horizontal, w))}
	l := r.line()
	switch {
	case n == 2:
		out = append(out, th.Paint(whyRole(r), cell.Truncate(s.whyCell(r), w, th.Glyphs.Ellipsis)))
	case l == nil:
		name := cell.Truncate(pathutil.DisplayName(r.path()), w, th.Glyphs.Ellipsis)
		out = append(out, th.Paint(theme.Folder, name+"/"), s.below(r.group)+", "+cell.Count(r.group.on)+" ticked")
	default:
		out = append(out, th.Paint(theme.Strong, cell.Truncate(pathutil.DisplayName(r.path()), w, th.Glyphs.Ellipsis)),
			th.Paint(theme.Faint, "here ")+side(l.item.Local)+th.Paint(theme.Faint, "  "+th.Glyphs.Dot+"  site ")+side(l.item.Remote))
		out = append(out, s.meant(l, w, n-3)...)
	}
	for len(out) < n {
		out = append(out, "")
	}
	return out
}

// meant is what the line does or has become, and why, in so many lines.
func (s *Screen) meant(l *line, w, most int) []string {
	th := s.env.Theme
	said := does(l)
	switch {
	case l.stale != "", l.told && l.state != backend.JobFailed:
		said = pathutil.Display(became(l))
	case l.told:
		said = "failed: " + pathutil.Display(became(l))
	}
	why := ""
	if l.item.Reason != "" && (!l.told || l.state != backend.JobDone) {
		why = ": " + pathutil.Display(l.item.Reason)
	}
	if most == 1 || cell.Width(said+why) <= w {
		return []string{cell.Truncate(said+th.Paint(theme.Faint, why), w, th.Glyphs.Ellipsis)}
	}
	out := cell.Wrap(said+why, w)
	if len(out) > most {
		out = append(out[:most-1], cell.Truncate(strings.Join(out[most-1:], " "), w, th.Glyphs.Ellipsis))
	}
	return out
}

// side is what one side holds, exactly.
func side(st *backend.Stamp) string {
	switch {
	case st == nil:
		return "nothing"
	case st.Size < 0:
		return "a folder"
	case st.Modified.IsZero():
		return cell.Size(st.Size) + ", no time known"
	}
	return cell.Size(st.Size) + ", " + cell.Stamp(st.Modified)
}

// does says what carrying out the line means.
func does(l *line) string {
	verbs := map[backend.PlanAction][2]string{
		backend.PlanUpload:       {"goes to the site", "would go to the site"},
		backend.PlanDownload:     {"comes to this machine", "would come to this machine"},
		backend.PlanDeleteLocal:  {"is deleted here", "would be deleted here"},
		backend.PlanDeleteRemote: {"is deleted on the site", "would be deleted on the site"},
	}
	verb, ok := verbs[l.item.Action]
	switch {
	case !ok:
		return "stays as it is"
	case !l.item.On && !l.told:
		return "not ticked; " + verb[1] + as(l)
	case !l.item.Action.Deletes() && l.item.Local != nil && l.item.Remote != nil:
		return verb[0] + as(l) + ", over what is there"
	}
	return verb[0] + as(l)
}

// as names what a transfer makes of a name that cannot be kept.
func as(l *line) string {
	if to := renamed(l); to != "" {
		return " as " + to
	}
	return ""
}

// empty sets what a table without lines says.
func (s *Screen) empty() {
	keys := s.env.Keys
	switch {
	case s.board == nil && len(s.cutOff) > 0:
		c := s.cutOff[0]
		lines := []string{
			"A sync was cut off before its " + plural(c.Deletions, "deletion had", "deletions had") + " ended",
			s.local(c.Local) + " and " + site(c.Remote),
			keys.Key(keymap.Enter) + " loads its plan; " + keys.Key(keymap.SyncRun) + " then does what is left of it",
			keys.Key(keymap.SyncForget) + " forgets it; what is left of it then stays as it is",
		}
		if n := len(s.cutOff); n > 1 {
			lines = append(lines, "It is the first of "+cell.Count(n)+"; the next comes after it")
		}
		s.table.Empty(lines...)
	case s.board == nil:
		s.table.Empty("Nothing is compared yet",
			keys.Key(keymap.PlanSync)+" in the files screen compares the folders of its two panes and plans a sync",
			keys.Key(keymap.SyncLoad)+" loads a saved plan")
	case s.board.totals.Found[backend.PlanSame] == len(s.board.lines):
		by := "size and time"
		if s.board.plan.Request.By == backend.ByHash {
			by = "hash"
		}
		if len(s.board.lines) == 0 {
			s.table.Empty("Both sides are the same: neither holds a file", keys.Key(keymap.SyncCompare)+" compares in another way")
			return
		}
		lines := []string{"Both sides are the same", plural(len(s.board.lines), "file", "files") + ", " + cell.Size(s.board.bytes) + ", compared by " + by}
		if n := s.board.noSums; n > 0 {
			lines = append(lines, plural(n, "of them by size and time: the site has no checksum of it", "of them by size and time: the site has no checksum of them"))
		}
		s.table.Empty(append(lines, keys.Key(keymap.SyncSame)+" shows them, "+keys.Key(keymap.SyncCompare)+" compares in another way")...)
	default:
		s.table.Empty("No line is like this", keys.Key(keymap.EscapeLevel)+" shows all that differ")
	}
}
