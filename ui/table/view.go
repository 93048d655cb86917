package table

import (
	"slices"
	"strings"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui/cell"
)

// gutter is the cursor sign, the mark sign and a blank; rail is the scroll bar
// with the blank before it.
const (
	gutter  = 3
	rail    = 1
	between = 2 // blanks between columns
	least   = 8 // cells of a flexible column without Min
)

// slot is a column with the cells it got.
type slot struct{ col, w int }

// Resize gives the room.
func (m *Model[T]) Resize(w, h int) {
	m.w, m.h = w, h
	m.layout()
	m.reveal()
}

// SetFocus tells whether this table has the keys.
func (m *Model[T]) SetFocus(on bool) { m.focus = on }

// Focused tells whether this table has the keys.
func (m *Model[T]) Focused() bool { return m.focus }

// body is the number of lines for rows: all below the header, but for those that
// a problem covers.
func (m *Model[T]) body() int {
	lines := max(m.h-1, 0)
	if m.state == Failed && len(m.shown) > 0 {
		lines = max(lines-len(m.card()), 0)
	}
	return lines
}

// layout shares the room among the columns. Those that may go, shrink or go until
// the others have their least width.
func (m *Model[T]) layout() {
	room := max(m.w-gutter-rail, 0)
	cells := make([]int, len(m.cols)) // at least; 0 is gone
	for i, c := range m.cols {
		cells[i] = floor(c)
	}
	for need(cells) > room {
		worst := -1
		for i, c := range m.cols {
			if cells[i] > 0 && c.Drop > 0 && (worst < 0 || c.Drop >= m.cols[worst].Drop) {
				worst = i
			}
		}
		if worst < 0 {
			squeeze(m.cols, cells, need(cells)-room)
			break
		}
		if least := m.cols[worst].Least; cells[worst] > least {
			cells[worst] = least
		} else {
			cells[worst] = 0
		}
	}
	m.plan = share(m.cols, cells, room)
}

// squeeze takes what is over from the flexible columns that may shrink: else the last
// one has it all taken away.
func squeeze[T any](cols []Column[T], cells []int, over int) {
	for i, c := range cols {
		if c.Width > 0 || c.Least == 0 || cells[i] <= c.Least {
			continue
		}
		less := min(max(over, 0), cells[i]-c.Least)
		cells[i], over = cells[i]-less, over-less
	}
}

// Keeps tells whether the column of that title has its place in the room that
// there is: what went can be said in another one.
func (m *Model[T]) Keeps(title string) bool {
	return slices.ContainsFunc(m.plan, func(s slot) bool { return m.cols[s.col].Title == title })
}

// need is the least room of the columns that are kept.
func need(cells []int) int {
	n := 0
	for _, w := range cells {
		if w > 0 {
			n += w + between
		}
	}
	return max(n-between, 0)
}

func floor[T any](c Column[T]) int {
	switch {
	case c.Width > 0:
		return c.Width
	case c.Min > 0:
		return c.Min
	}
	return least
}

// share gives every kept column its cells: exactly room, when one is flexible.
func share[T any](cols []Column[T], cells []int, room int) []slot {
	spare := room - need(cells)
	weights := 0
	for i, c := range cols {
		if cells[i] > 0 && c.Width == 0 {
			weights += max(c.Weight, 1)
		}
	}
	var plan []slot
	left := room
	for i, c := range cols {
		if cells[i] == 0 || left <= 0 {
			continue
		}
		w := cells[i]
		if c.Width == 0 && spare > 0 {
			extra := spare * max(c.Weight, 1) / weights
			w, spare, weights = w+extra, spare-extra, weights-max(c.Weight, 1)
		}
		w = min(w, left) // a pane narrower than its columns
		plan = append(plan, slot{i, w})
		left -= w + between
	}
	return plan
}

// View draws header and rows in exactly the room given; unsized it is empty.
func (m *Model[T]) View() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	if len(m.rows) == 0 || len(m.shown) == 0 {
		return m.bare()
	}
	var b strings.Builder
	b.Grow(m.h * (m.w + 96))
	if m.state == Loading {
		b.WriteString(m.loadingLine())
	} else {
		m.header(&b)
	}
	from, to := m.thumb()
	for l := range m.body() {
		b.WriteByte('\n')
		if i := m.top + l; i < len(m.shown) {
			m.row(&b, i, m.state == Loading, l >= from && l < to)
		} else {
			b.WriteString(cell.Pad(m.w))
		}
	}
	if m.state == Failed {
		for _, l := range m.card() {
			b.WriteByte('\n')
			b.WriteString(l)
		}
	}
	return b.String()
}

// bare is a table without rows to show: it says why.
func (m *Model[T]) bare() string {
	th := m.env.Theme
	var head strings.Builder
	m.header(&head)
	body := ""
	switch {
	case m.state == Loading:
		body = cell.Truncate(m.loading(), m.w, th.Glyphs.Ellipsis)
	case m.state == Failed:
		body = cell.Card(th, m.problem, m.w, max(m.h-1, 0))
	case m.state == Idle:
	case m.narrow.query != "":
		body = m.say(`Nothing here holds "`+m.narrow.query+`".`, m.env.Keys.Key(keymap.EscapeLevel)+" shows all "+cell.Count(len(m.rows))+" "+m.many+" again")
	default:
		body = m.say(m.empty...)
	}
	if m.h == 1 {
		return head.String()
	}
	return head.String() + "\n" + cell.Centred(body, m.w, m.body())
}

// say writes a headline and hints below it, each line centred.
func (m *Model[T]) say(text ...string) string {
	th := m.env.Theme
	var out []string
	for i, t := range text {
		role := theme.Faint
		if i == 0 {
			role = theme.Text
		}
		for _, l := range cell.Wrap(t, max(m.w-4, 1)) {
			out = append(out, th.Paint(role, l))
		}
	}
	wide := cell.BlockWidth(strings.Join(out, "\n"))
	for i, l := range out {
		out[i] = cell.FitCenter(l, wide)
	}
	return strings.Join(out, "\n")
}

// loading is what the wait is for and how to end it.
func (m *Model[T]) loading() string {
	th := m.env.Theme
	what := "loading"
	if m.waiting != "" {
		what += " " + m.waiting
	}
	return th.Paint(theme.Warn, what) + "  " + th.Paint(theme.Accent, m.env.Keys.Key(keymap.EscapeLevel)) + th.Paint(theme.Faint, " cancels")
}

// loadingLine takes the place of the header, so that no row moves.
func (m *Model[T]) loadingLine() string {
	return cell.Fit(cell.Pad(gutter)+m.loading(), m.w)
}

// card is the problem as lines below the rows. Some rows are always left, with
// the cursor.
func (m *Model[T]) card() []string {
	lines := max(m.h-1, 0)
	most := lines * 2 / 3
	if most == 0 {
		return nil
	}
	block := cell.Card(m.env.Theme, m.problem, m.w, most)
	return cell.Lines(cell.Centred(block, m.w, min(cell.Height(block), most)))
}

// thumb is the part of the window's lines that the scroll bar fills.
func (m *Model[T]) thumb() (from, to int) {
	n, body := len(m.shown), m.body()
	if n <= body || body == 0 {
		return 0, 0
	}
	size := max(body*body/n, 1)
	from = m.top * (body - size) / (n - body)
	return from, from + size
}

// Footer tells the truth about how much of the list is here: "214 items",
// "1,000 items loaded, more to come", "37 of 3,000+ loaded",
// "37 of 3,000, loaded all".
func (m *Model[T]) Footer() string {
	n := cell.Count(len(m.rows))
	noun := m.many
	if len(m.rows) == 1 {
		noun = m.one
	}
	switch {
	case m.state == Idle || m.state == Loading && len(m.rows) == 0:
		return ""
	case m.narrow.query != "" && m.more:
		return cell.Count(len(m.shown)) + " of " + n + "+ loaded"
	case m.narrow.query != "":
		return cell.Count(len(m.shown)) + " of " + n + ", loaded all"
	case m.more:
		return n + " " + noun + " loaded, more to come"
	}
	return n + " " + noun
}
