package table

import (
	"strings"

	"ferry/theme"
	"ferry/ui/cell"
)

// pen writes pieces in inks and opens an ink only where it changes.
type pen struct {
	b  *strings.Builder
	on theme.Ink
}

func (p *pen) ink(i theme.Ink) {
	if i != p.on {
		p.end()
		p.b.WriteString(i.Open())
		p.on = i
	}
}

func (p *pen) end() {
	p.b.WriteString(p.on.Close())
	p.on = theme.Ink{}
}

// text writes a text that may hold inks of its own: the ink around it goes on
// after each of them.
func (p *pen) text(s string) {
	if p.on.Open() == "" || strings.IndexByte(s, 0x1b) < 0 {
		p.b.WriteString(s)
		return
	}
	p.b.WriteString(strings.ReplaceAll(s, p.on.Close(), p.on.Close()+p.on.Open()))
}

// header writes the titles; the one that is sorted by has an arrow.
func (m *Model[T]) header(b *strings.Builder) {
	th := m.env.Theme
	role := theme.Faint
	p := pen{b: b}
	p.ink(th.Ink(role))
	used := min(gutter, m.w)
	p.text(cell.Pad(used))
	for k, s := range m.plan {
		if k > 0 {
			p.text(cell.Pad(between))
			used += between
		}
		c := &m.cols[s.col]
		title := c.Title
		sorted := c.Sort != "" && c.Sort == m.field
		if c.Terse != "" && cell.Width(title) > s.w {
			title = c.Terse
		}
		if sorted {
			arrow := th.Glyphs.Up
			if m.desc {
				arrow = th.Glyphs.Down
			}
			title = cell.Truncate(title, s.w-2, th.Glyphs.Ellipsis) + " " + arrow
			p.ink(th.Ink(theme.Strong))
		}
		if c.Right {
			p.text(cell.FitRight(title, s.w))
		} else {
			p.text(cell.Fit(title, s.w))
		}
		p.ink(th.Ink(role))
		used += s.w
	}
	p.text(cell.Pad(m.w - used))
	p.end()
}

// row writes the shown row of a place in exactly the width.
func (m *Model[T]) row(b *strings.Builder, place int, dim, thumb bool) {
	th := m.env.Theme
	i := m.shown[place]
	r := m.rows[i]
	here := place == m.cursor
	surface := theme.Base
	if here {
		surface = theme.BarDim
		if m.focus {
			surface = theme.Bar
		}
	}
	_, marked := m.marks[m.ids[i]]
	p := pen{b: b}
	m.gutter(&p, surface, here, marked, dim)
	used := min(gutter, m.w)
	for k, s := range m.plan {
		if k > 0 {
			p.ink(th.On(surface, theme.Text))
			p.text(cell.Pad(between))
			used += between
		}
		c := &m.cols[s.col]
		role := theme.Text
		if c.Role != nil {
			role = c.Role(r)
		}
		if dim {
			role = theme.Faint
		}
		m.cell(&p, surface, role, c, r, s.w)
		used += s.w
	}
	p.ink(th.On(surface, theme.Text))
	end := min(rail, m.w-used)
	p.text(cell.Pad(m.w - used - end))
	if end > 0 {
		if thumb {
			p.ink(th.On(surface, theme.Border))
			p.text(th.Glyphs.Scroll)
		} else {
			p.text(" ")
		}
	}
	p.end()
}

// gutter writes the signs of cursor and mark before the row.
func (m *Model[T]) gutter(p *pen, on theme.Surface, here, marked, dim bool) {
	th := m.env.Theme
	cursor, mark := " ", " "
	if here {
		cursor = th.Glyphs.Cursor
	}
	if marked {
		mark = th.Glyphs.Mark
	}
	role := theme.Accent
	if dim {
		role = theme.Faint
	}
	if here && !m.focus {
		cursor = " "
	}
	text := theme.Text
	if here || marked {
		text = role
	}
	p.ink(th.On(on, text))
	p.text(cell.Truncate(cursor+mark+" ", m.w, ""))
}

// cell writes one cell. What narrowing has found in it is shown.
func (m *Model[T]) cell(p *pen, on theme.Surface, role theme.Role, c *Column[T], r T, w int) {
	th := m.env.Theme
	s := c.Cell(r)
	n := cell.Width(s)
	if n > w && c.Brief != nil {
		s = c.Brief(r)
		n = cell.Width(s)
	}
	p.ink(th.On(on, role))
	if n > w {
		if c.Middle && strings.IndexByte(s, 0x1b) < 0 {
			s = cell.FitMiddle(s, w)
		} else {
			s = cell.Fit(s, w)
		}
		n = w
	}
	if c.Right {
		p.text(cell.Pad(w - n))
	}
	m.found(p, on, role, c, s)
	if !c.Right {
		p.text(cell.Pad(w - n))
	}
}

// found writes a text of a flexible column with the words of the query in the
// ink of matches.
func (m *Model[T]) found(p *pen, on theme.Surface, role theme.Role, c *Column[T], s string) {
	if len(m.narrow.words) == 0 || c.Width > 0 || strings.IndexByte(s, 0x1b) >= 0 {
		p.text(s)
		return
	}
	low := fold(s)
	if len(low) != len(s) { // folding moved the letters
		p.text(s)
		return
	}
	th := m.env.Theme
	for s != "" {
		at, n := firstOf(low, m.narrow.words)
		if at < 0 {
			break
		}
		p.text(s[:at])
		p.ink(th.On(on, theme.Match))
		p.text(s[at : at+n])
		p.ink(th.On(on, role))
		s, low = s[at+n:], low[at+n:]
	}
	p.text(s)
}

// firstOf finds the first of the words, and of several there the longest.
func firstOf(s string, words []string) (at, n int) {
	at = -1
	for _, w := range words {
		if i := strings.Index(s, w); i >= 0 && (at < 0 || i < at || i == at && len(w) > n) {
			at, n = i, len(w)
		}
	}
	return at, n
}
