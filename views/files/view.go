package files

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui/cell"
	"ferry/ui/table"
)

// layout is how the room is divided.
type layout uint8

const (
	twoPanes layout = iota
	withPreview
	onePane
	layouts
)

// narrowest is the width below which only the focused pane is shown. At 80
// columns both fit: columns are dropped before a pane is.
const narrowest = 64

// rooms are the widths of left and right; a width of 0 is not shown.
func (s *Screen) rooms() (l, r int) {
	if s.layout == onePane || s.w < narrowest {
		return s.w, 0
	}
	return s.w / 2, s.w - s.w/2
}

// arrange gives every part its room.
func (s *Screen) arrange() {
	l, r := s.rooms()
	fit := func(p *pane, w int) { p.table.Resize(cell.FrameSpec{W: w, H: s.h}.Inner()) }
	if s.layout == twoPanes && r > 0 {
		fit(s.panes[left], l)
		fit(s.panes[right], r)
	} else {
		fit(s.here(), l)
		s.peek.resize(cell.FrameSpec{W: r, H: s.h}.Inner())
	}
	for i, p := range s.panes {
		p.table.SetFocus(i == s.focus)
		p.narrow.room = max(l-12, 8)
	}
}

// look follows what has changed: the sum of the marks, and the preview at the
// row under the cursor.
func (s *Screen) look() tea.Cmd {
	for _, p := range s.panes {
		if p.table.MarkCount() != p.summed {
			p.tally()
		}
	}
	if s.layout != withPreview || s.w < narrowest {
		return nil
	}
	e, ok := s.here().cursor()
	if !ok {
		e = backend.Entry{}
	}
	return s.peek.show(s.here().world, e, peekRest)
}

// View draws the panes.
func (s *Screen) View() string {
	if s.w <= 0 || s.h <= 0 {
		return ""
	}
	l, r := s.rooms()
	switch {
	case r == 0:
		return s.frame(s.here(), l)
	case s.layout == withPreview:
		return beside(s.frame(s.here(), l), s.previewFrame(r))
	}
	return beside(s.frame(s.panes[left], l), s.frame(s.panes[right], r))
}

// beside joins two blocks of the same height.
func beside(a, b string) string {
	x, y := cell.Lines(a), cell.Lines(b)
	var out strings.Builder
	out.Grow(len(a) + len(b))
	for i := range x {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(x[i])
		if i < len(y) {
			out.WriteString(y[i])
		}
	}
	return out.String()
}

func (s *Screen) frame(p *pane, w int) string {
	facts := p.loaded()
	title := p.title()
	if room := w - cell.Width(facts) - 9; cell.Width(title) > room {
		title = cell.FitMiddle(title, max(room, 8))
	}
	return cell.Frame(s.env.Theme, cell.FrameSpec{
		W: w, H: s.h, Focused: p == s.here(), Title: title, Facts: facts,
		Foot: p.foot(), FootRight: s.working(p),
	}, cell.Lines(p.table.View()))
}

func (s *Screen) previewFrame(w int) string {
	return cell.Frame(s.env.Theme, cell.FrameSpec{
		W: w, H: s.h, Title: "preview  " + pathutil.DisplayName(s.peek.entry.Name), Facts: s.peek.facts(), FootRight: s.peek.place(),
	}, s.peek.body())
}

// title says where the pane is.
func (p *pane) title() string {
	t := p.world.name() + "  "
	switch {
	case p.at.all:
		return t + "found " + quote(p.at.search) + " in the whole site"
	case p.at.search != "":
		return t + "found " + quote(p.at.search) + " below " + p.world.show(p.at.dir)
	}
	return t + p.world.show(p.at.dir)
}

// loaded says how much of the folder the pane holds. A plus means that there
// is more.
func (p *pane) loaded() string {
	if !p.ready || p.table.State() == table.Failed {
		return ""
	}
	n := cell.Count(p.table.Len())
	switch {
	case p.toEnd:
		return n + " loaded" + p.env.Theme.Glyphs.Ellipsis + " " + p.env.Keys.Key(keymap.EscapeLevel) + " stops"
	case p.next != "":
		n += "+ loaded"
	case p.table.Narrowed() == "":
		n = plural(p.table.Len(), "item", "items")
	}
	if p.table.Narrowed() != "" {
		return cell.Count(p.table.Shown()) + " of " + n
	}
	return n
}

// foot says what is selected and how the rows were chosen.
func (p *pane) foot() string {
	th := p.env.Theme
	if p.narrow.typing {
		return th.Paint(theme.Accent, "/") + p.narrow.field.View() + th.Paint(theme.Faint, " in what is loaded")
	}
	var parts []string
	if p.table.MarkCount() > 0 {
		parts = append(parts, p.sum)
	}
	if q := p.table.Narrowed(); q != "" {
		parts = append(parts, "only "+quote(q)+" in what is loaded")
	}
	if len(parts) == 0 && p.at.search == "" {
		parts = append(parts, p.sortName())
	}
	if n := len(p.veiled); n > 0 {
		parts = append(parts, cell.Count(n)+" hidden")
	}
	return strings.Join(parts, " "+th.Glyphs.Dot+" ")
}

// tally sums the marks up again, for the frame; the marks may be many, so it is
// not done while drawing.
func (p *pane) tally() {
	p.sum, p.summed = marked(p.table.Marked()), p.table.MarkCount()
}

// marked sums the marks up. Folders have no size that is known.
func marked(entries []backend.Entry) string {
	var sum int64
	sized := false
	for _, e := range entries {
		if e.Size >= 0 && !e.IsDir() {
			sum, sized = sum+e.Size, true
		}
	}
	line := cell.Count(len(entries)) + " marked"
	if sized {
		line += ", " + cell.Size(sum)
		if folders(entries) > 0 {
			line += " and folders"
		}
	}
	return line
}

// working says what is going on in the pane and how to stop it.
func (s *Screen) working(p *pane) string {
	th := s.env.Theme
	stops := " " + th.Glyphs.Dot + " " + s.key(keymap.EscapeLevel) + " stops"
	for i := len(s.jobs) - 1; i >= 0; i-- {
		if s.jobs[i].side == p.world.side() {
			return th.Paint(theme.Warn, s.jobs[i].state()+stops)
		}
	}
	if p.loader.Busy() && p.doing != opening && !p.toEnd && !p.quiet {
		return th.Paint(theme.Faint, "loading")
	}
	return ""
}
