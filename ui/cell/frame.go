package cell

import (
	"strings"

	"ferry/theme"
)

// FrameSpec is a frame of one line with air of one column inside. The title and
// the facts stand in the top border, the feet in the bottom border; all of them
// may hold escape sequences.
type FrameSpec struct {
	W, H            int
	Title, Facts    string // left and right in the top border
	Foot, FootRight string // left and right in the bottom border
	Focused         bool   // the pane that has the keys
	Danger          bool   // a box that destroys, or tells of a failure
}

// Inner is the room inside the frame.
func (f FrameSpec) Inner() (w, h int) { return max(f.W-4, 0), max(f.H-2, 0) }

// Frame draws the frame around body, which is fitted into it.
func Frame(th *theme.Theme, f FrameSpec, body []string) string {
	if f.W < 4 || f.H < 2 {
		return ""
	}
	g := &th.Glyphs
	line, title := theme.Border, theme.Faint
	switch {
	case f.Danger:
		line, title = theme.Danger, theme.Strong
	case f.Focused:
		line, title = theme.Focused, theme.Strong
	}
	ink := th.Ink(line)
	side := ink.Paint(g.Vertical)
	w, h := f.Inner()
	var b strings.Builder
	b.Grow((f.W + 24) * f.H)
	edge(&b, th, ink, g.TopLeft, g.TopRight, f.W, paint(th, title, f.Title), paint(th, theme.Faint, f.Facts))
	for i := range h {
		b.WriteByte('\n')
		b.WriteString(side)
		b.WriteByte(' ')
		if i < len(body) {
			b.WriteString(Fit(body[i], w))
		} else {
			b.WriteString(Pad(w))
		}
		b.WriteByte(' ')
		b.WriteString(side)
	}
	b.WriteByte('\n')
	edge(&b, th, ink, g.BottomLeft, g.BottomRight, f.W, paint(th, theme.Faint, f.Foot), paint(th, theme.Faint, f.FootRight))
	return b.String()
}

// paint colours a text that has no colours of its own.
func paint(th *theme.Theme, r theme.Role, s string) string {
	if strings.IndexByte(s, 0x1b) >= 0 {
		return s
	}
	return th.Paint(r, s)
}

// edge writes one border with a text at each end; the left one is cut first.
func edge(b *strings.Builder, th *theme.Theme, ink theme.Ink, from, to string, w int, left, right string) {
	g := &th.Glyphs
	room := w - 2
	if right != "" {
		right = " " + Truncate(right, max(room-4, 0), g.Ellipsis) + " "
	}
	rw := Width(right)
	if left != "" {
		left = " " + Truncate(left, max(room-rw-4, 0), g.Ellipsis) + " "
	}
	lw := Width(left)
	fill := max(room-lw-rw, 0)
	after := 0
	if rw > 0 && fill > 0 {
		after, fill = 1, fill-1
	}
	b.WriteString(ink.Open())
	b.WriteString(from)
	b.WriteString(ink.Close())
	b.WriteString(left)
	b.WriteString(ink.Paint(strings.Repeat(g.Horizontal, fill)))
	b.WriteString(right)
	b.WriteString(ink.Paint(strings.Repeat(g.Horizontal, after) + to))
}
