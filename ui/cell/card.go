package cell

import (
	"slices"
	"strings"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
)

// Hints writes keys with what they do, cut at a whole hint: keys in accent,
// words in faint. A hint that is disabled is left out.
func Hints(th *theme.Theme, hints []keymap.Hint, w int) string {
	var b strings.Builder
	n := 0
	for _, h := range hints {
		if h.Why != "" {
			continue
		}
		need := Width(h.Key) + 1 + Width(h.Text)
		if n > 0 {
			need += 3
		}
		if n+need > w {
			break
		}
		if n > 0 {
			b.WriteString("   ")
		}
		b.WriteString(th.Paint(theme.Accent, h.Key))
		b.WriteByte(' ')
		b.WriteString(th.Paint(theme.Faint, h.Text))
		n += need
	}
	return b.String()
}

// HintLines is Hints on as many lines as it takes.
func HintLines(th *theme.Theme, hints []keymap.Hint, w int) []string {
	var out []string
	for len(hints) > 0 {
		n, used := 0, 0
		for _, h := range hints {
			need := Width(h.Key) + 4 + Width(h.Text)
			if used > 0 && used+need-3 > w {
				break
			}
			n, used = n+1, used+need
		}
		out = append(out, Truncate(Hints(th, hints[:n], max(w, used)), w, th.Glyphs.Ellipsis))
		hints = hints[n:]
	}
	return out
}

// cardWidth is how wide a card may become: a comfortable line to read.
const cardWidth = 72

// Card draws a problem as an error card of at most w cells and h lines: what
// happened, why, and the keys that help.
func Card(th *theme.Theme, p ui.Problem, w, h int) string {
	w = min(w, cardWidth)
	if w < 12 || h < 3 {
		return Truncate(th.Paint(theme.Bad, p.Title), w, th.Glyphs.Ellipsis)
	}
	inner := w - 4
	var text, keys, code []string
	for _, l := range p.Lines {
		text = append(text, Wrap(l, inner)...)
	}
	if len(p.Hints) > 0 {
		keys = HintLines(th, p.Hints, inner)
	}
	if p.Code != "" {
		code = []string{th.Paint(theme.Faint, Truncate(p.Code, inner, th.Glyphs.Ellipsis))}
	}
	air := []string{""}
	if len(text) == 0 || len(keys) == 0 {
		air = nil
	}
	// What lacks room goes in this order: the small print, the blank line, the
	// words after the first line, the keys after the first line.
	for over := len(text) + len(air) + len(keys) + len(code) - (h - 2); over > 0; over-- {
		switch {
		case len(code) > 0:
			code = nil
		case len(air) > 0:
			air = nil
		case len(text) > 1:
			text = text[:len(text)-1]
		case len(keys) > 1:
			keys = keys[:len(keys)-1]
		default:
			text = nil
		}
	}
	body := slices.Concat(text, air, keys, code)
	return Frame(th, FrameSpec{W: w, H: len(body) + 2, Title: th.Glyphs.Failed + " " + p.Title, Danger: true}, body)
}

// Centred puts a block in the middle of w×h cells.
func Centred(block string, w, h int) string {
	lines := Lines(block)
	left := max((w-BlockWidth(block))/2, 0)
	top := max((h-len(lines))/2, 0)
	out := make([]string, top, top+len(lines))
	for _, l := range lines {
		out = append(out, Pad(left)+l)
	}
	return Block(strings.Join(out, "\n"), w, h)
}
