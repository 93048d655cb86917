package table

import (
	"strings"

	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// placed is a column with the width it got.
type placed struct {
	col int
	w   int
}

const (
	gutter = 3 // cursor, mark, air
	gap    = 2 // between columns
)

// Resize gives the room: a header and h-1 rows.
func (m *Model[T]) Resize(w, h int) {
	m.w, m.h = w, h
	m.layout()
	m.scroll()
}

// layout shares the width out. It depends on the width alone, never on the
// rows, so that columns do not jump while rows stream in.
func (m *Model[T]) layout() {
	drop := make([]bool, len(m.cols))
	for {
		need, worst := gutter, -1
		for i, c := range m.cols {
			if drop[i] {
				continue
			}
			need += c.least() + gap
			if c.Drop > 0 && (worst < 0 || c.Drop > m.cols[worst].Drop) {
				worst = i
			}
		}
		if need-gap <= m.w || worst < 0 {
			break
		}
		drop[worst] = true
	}
	m.lay = m.lay[:0]
	left, weights := m.w-gutter+gap, 0
	for i, c := range m.cols {
		if drop[i] {
			continue
		}
		m.lay = append(m.lay, placed{i, c.Width})
		left -= c.Width + gap
		if c.Width == 0 {
			weights += max(c.Weight, 1)
		}
	}
	for i := range m.lay {
		c := &m.cols[m.lay[i].col]
		if c.Width > 0 {
			continue
		}
		share := max(left, 0) * max(c.Weight, 1) / max(weights, 1)
		m.lay[i].w = share
		left -= share
		weights -= max(c.Weight, 1)
	}
}

func (c Column[T]) least() int {
	switch {
	case c.Width > 0:
		return c.Width
	case c.Min > 0:
		return c.Min
	}
	return 8
}

// View draws exactly w×h cells.
func (m *Model[T]) View() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	switch n := m.Shown(); {
	case m.state == Failed:
		return m.card()
	case n > 0:
		return m.list(n)
	case m.state == Loading:
		return m.centred(theme.Warn, "loading "+m.what+m.env.Theme.Glyphs.Ellipsis, "esc cancels")
	case m.state == Idle:
		return cell.Block("", m.w, m.h)
	case m.query != "" && len(m.rows) > 0:
		return m.centred(theme.Text, "Nothing loaded here matches “"+m.query+"”", "esc shows all again")
	}
	return m.centred(theme.Text, m.empty...)
}

func (m *Model[T]) list(n int) string {
	var b strings.Builder
	b.Grow(m.h * (m.w + 48))
	dim := m.state == Loading
	if dim {
		note := m.env.Theme.Paint(theme.Warn, "   loading "+m.what+m.env.Theme.Glyphs.Ellipsis) + m.env.Theme.Paint(theme.Faint, "  esc cancels")
		b.WriteString(cell.Fit(note, m.w))
	} else {
		m.header(&b)
	}
	for i := range m.window() {
		b.WriteByte('\n')
		if at := m.top + i; at < n {
			m.line(&b, at, dim)
		} else {
			b.WriteString(cell.Pad(m.w))
		}
	}
	return b.String()
}

func (m *Model[T]) header(b *strings.Builder) {
	th := m.env.Theme
	b.WriteString(cell.Pad(min(gutter, m.w)))
	used := gutter
	for i, p := range m.lay {
		c := &m.cols[p.col]
		if i > 0 {
			b.WriteString(cell.Pad(gap))
			used += gap
		}
		title, role := c.Title, theme.Faint
		if c.Sort != "" && c.Sort == m.sortBy {
			arrow := th.Glyphs.Up
			if m.desc {
				arrow = th.Glyphs.Down
			}
			title, role = title+" "+arrow, theme.Strong
		}
		if c.Right {
			title = cell.FitRight(title, p.w)
		} else {
			title = cell.Fit(title, p.w)
		}
		b.WriteString(th.Paint(role, title))
		used += p.w
	}
	b.WriteString(cell.Pad(m.w - used))
}

// line writes one row: each cell in the ink of its role on the surface of the
// row, the cursor bar over the full width.
func (m *Model[T]) line(b *strings.Builder, at int, dim bool) {
	th := m.env.Theme
	row := m.row(at)
	surface, lead := theme.Base, " "
	if at == m.at {
		surface = theme.BarDim
		if m.focus {
			surface, lead = theme.Bar, th.Glyphs.Cursor
		}
	}
	base := th.On(surface, theme.Text)
	b.WriteString(th.On(surface, theme.Accent).Paint(lead))
	if m.marked(m.id(row)) {
		b.WriteString(th.On(surface, theme.Accent).Paint(th.Glyphs.Mark))
		b.WriteString(base.Paint(" "))
	} else {
		b.WriteString(base.Paint("  "))
	}
	used := gutter
	for i, p := range m.lay {
		c := &m.cols[p.col]
		if i > 0 {
			b.WriteString(base.Paint(cell.Pad(gap)))
			used += gap
		}
		role := theme.Text
		if c.Role != nil {
			role = c.Role(row)
		}
		if dim {
			role = theme.Faint
		}
		ink := th.On(surface, role)
		text := c.Cell(row)
		b.WriteString(ink.Open())
		switch {
		case c.Right:
			text = cell.FitRight(text, p.w)
		case c.Middle:
			text = cell.FitMiddle(text, p.w)
		default:
			text = cell.Fit(text, p.w)
		}
		if i == 0 && m.query != "" {
			m.highlight(b, text, ink, th.On(surface, theme.Match))
		} else {
			b.WriteString(text)
		}
		b.WriteString(ink.Close())
		used += p.w
	}
	b.WriteString(base.Paint(cell.Pad(m.w - used)))
}

// highlight writes text with the first word of the query in another ink.
func (m *Model[T]) highlight(b *strings.Builder, text string, ink, match theme.Ink) {
	word, _, _ := strings.Cut(strings.TrimSpace(m.query), " ")
	low := strings.ToLower(text)
	at := strings.Index(low, strings.ToLower(word))
	if word == "" || at < 0 || len(low) != len(text) {
		b.WriteString(text)
		return
	}
	b.WriteString(text[:at])
	b.WriteString(ink.Close())
	b.WriteString(match.Paint(text[at : at+len(word)]))
	b.WriteString(ink.Open())
	b.WriteString(text[at+len(word):])
}

// centred writes a few lines into the middle; the first one is the headline.
func (m *Model[T]) centred(first theme.Role, text ...string) string {
	var lines []string
	for i, t := range text {
		role := theme.Faint
		if i == 0 {
			role = first
		}
		for _, l := range cell.Wrap(t, m.w-4) {
			lines = append(lines, cell.FitCenter(m.env.Theme.Paint(role, l), m.w))
		}
	}
	return m.middle(lines)
}

func (m *Model[T]) middle(lines []string) string {
	above := max((m.h-len(lines))/3, 0)
	return cell.Block(strings.Repeat("\n", above)+strings.Join(lines, "\n"), m.w, m.h)
}

// card draws the problem in place.
func (m *Model[T]) card() string {
	th, p := m.env.Theme, m.problem
	w := min(m.w-4, 68)
	indent := cell.Pad((m.w - w) / 2)
	lines := []string{indent + th.Paint(theme.Bad, th.Glyphs.Failed+" "+p.Title), ""}
	for _, l := range p.Lines {
		for _, s := range cell.Wrap(l, w) {
			lines = append(lines, indent+s)
		}
	}
	if len(p.Hints) > 0 {
		lines = append(lines, "", indent+Hints(th, p))
	}
	if p.Code != "" {
		lines = append(lines, "")
		for _, s := range cell.Wrap(p.Code, w) {
			lines = append(lines, indent+th.Paint(theme.Faint, s))
		}
	}
	return m.middle(lines)
}

// Hints writes the keys of a problem in one line.
func Hints(th *theme.Theme, p ui.Problem) string {
	parts := make([]string, len(p.Hints))
	for i, h := range p.Hints {
		parts[i] = th.Paint(theme.Accent, h.Key) + " " + h.Text
	}
	return strings.Join(parts, "   ")
}

// Footer says how much of the list is there: "214 of 3,000 shown", "1,000
// loaded, more to come".
func (m *Model[T]) Footer() string {
	n := cell.Count(len(m.rows))
	switch {
	case m.query != "" && m.more:
		return cell.Count(m.Shown()) + " of " + n + " loaded so far"
	case m.query != "":
		return cell.Count(m.Shown()) + " of " + n
	case m.more:
		return n + " loaded, more to come"
	}
	return n + " loaded, all"
}
