// Package cell is text in cells: the only width arithmetic of the program.
package cell

import (
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"ferry/theme"
)

// graphemes is the method by which the terminal measures. The renderer starts
// with wcwidth and changes when the terminal says that it knows mode 2027; this
// package has to agree with it.
var graphemes atomic.Bool

// SetGraphemes tells how the terminal measures: whole graphemes or character by
// character.
func SetGraphemes(on bool) { graphemes.Store(on) }

// Width is the number of cells that s takes; escape sequences take none.
func Width(s string) int {
	n := 0
	for i := 0; i < len(s); {
		switch size := simple(s[i:]); {
		case size == 0:
			if graphemes.Load() {
				return n + ansi.StringWidth(s[i:])
			}
			return n + ansi.StringWidthWc(s[i:])
		case s[i] == 0x1b:
			i += size
		default:
			n, i = n+1, i+1
		}
	}
	return n
}

// simple is the number of bytes of the piece at the beginning of s when it is of
// the kinds that nearly all are: a printable ASCII character that no mark can
// belong to, or a complete control sequence such as the inks. Others give 0.
func simple(s string) int {
	switch c := s[0]; {
	case ' ' <= c && c <= '~':
		if len(s) > 1 && s[1] >= 0x80 {
			return 0
		}
		return 1
	case c == 0x1b && len(s) > 2 && s[1] == '[':
		for i := 2; i < len(s); i++ {
			switch c := s[i]; {
			case '@' <= c && c <= '~':
				return i + 1
			case c < ' ' || c > '?':
				return 0
			}
		}
	}
	return 0
}

// ascii is the width of s when it is printable ASCII only.
func ascii(s string) (int, bool) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			return 0, false
		}
	}
	return len(s), true
}

// Truncate cuts s to at most w cells; tail takes the place of what was cut.
func Truncate(s string, w int, tail string) string {
	switch {
	case w <= 0:
		return ""
	case Width(s) <= w:
		return s
	case Width(tail) > w:
		tail = ""
	}
	if n, plain := ascii(s); plain {
		return s[:min(n, w-Width(tail))] + tail
	}
	room := w - Width(tail)
	var b strings.Builder
	b.Grow(len(s))
	at, full := 0, false
	each(s, func(piece string, n int) {
		switch {
		case n == 0 && (piece[0] == 0x1b || !full): // a style, or a mark on what stands before
			b.WriteString(piece)
		case full:
		case at+n > room:
			full = true
			b.WriteString(tail)
		default:
			at += n
			b.WriteString(piece)
		}
	})
	return b.String()
}

// each walks over s in pieces that are not divided: a character with its width,
// an escape sequence with none. The cutting functions of the library mix their
// two methods of measuring, so the ones here are built on its decoder.
func each(s string, yield func(piece string, n int)) {
	decode := ansi.DecodeSequenceWc[string]
	if graphemes.Load() {
		decode = ansi.DecodeSequence[string]
	}
	var state byte
	for len(s) > 0 {
		if state == ansi.NormalState {
			if n := simple(s); n > 0 {
				w := 1
				if s[0] == 0x1b {
					w = 0
				}
				yield(s[:n], w)
				s = s[n:]
				continue
			}
		}
		piece, w, n, next := decode(s, state, nil)
		if n <= 0 {
			return
		}
		yield(piece, w)
		s, state = s[n:], next
	}
}

// glyphs are the signs in force: the ellipsis and the dash.
var glyphs atomic.Pointer[theme.Glyphs]

// SetGlyphs tells which signs the terminal can show; until then they are
// theme.Unicode.
func SetGlyphs(g *theme.Glyphs) { glyphs.Store(g) }

func signs() *theme.Glyphs {
	if g := glyphs.Load(); g != nil {
		return g
	}
	return &theme.Unicode
}

// Fit makes s exactly w cells: padded at the right, or cut with an ellipsis.
func Fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	n := Width(s)
	if n > w {
		s = Truncate(s, w, signs().Ellipsis)
		n = Width(s)
	}
	if n == w {
		return s
	}
	return s + Pad(w-n)
}

// FitRight is Fit with the padding at the left.
func FitRight(s string, w int) string {
	if n := Width(s); n <= w {
		return Pad(w-n) + s
	}
	return Fit(s, w)
}

// FitCenter is Fit with the padding at both sides.
func FitCenter(s string, w int) string {
	n := Width(s)
	if n >= w {
		return Fit(s, w)
	}
	left := (w - n) / 2
	return Pad(left) + s + Pad(w-n-left)
}

// FitMiddle is Fit for names: what is too long is cut in the middle, so that
// the end with the extension stays. s must not hold escape sequences.
func FitMiddle(s string, w int) string {
	if w <= 0 {
		return ""
	}
	if n := Width(s); n <= w {
		return s + Pad(w-n)
	}
	if w < 8 {
		return Fit(s, w)
	}
	tail := Last(s, (w-1)/3)
	head := Truncate(s, w-1-Width(tail), "")
	gap := signs().Ellipsis // one is enough where a text that was cut before is cut
	return Fit(strings.TrimSuffix(head, gap)+gap+strings.TrimPrefix(tail, gap), w)
}

// Last is the longest end of s that takes at most w cells and does not
// start within a character.
func Last(s string, w int) string {
	at := len(s)
	for at > 0 {
		_, n := utf8.DecodeLastRuneInString(s[:at])
		if Width(s[at-n:]) > w {
			break
		}
		at -= n
	}
	return s[at:]
}

var blanks = strings.Repeat(" ", 512)

// Pad is n blanks.
func Pad(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blanks):
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// Lines splits a block at its line ends. An empty block has no lines.
func Lines(block string) []string {
	if block == "" {
		return nil
	}
	return strings.Split(block, "\n")
}

// Height is the number of lines of a block.
func Height(block string) int {
	if block == "" {
		return 0
	}
	return strings.Count(block, "\n") + 1
}

// BlockWidth is the width of the widest line of a block.
func BlockWidth(block string) int {
	w := 0
	for l := range strings.SplitSeq(block, "\n") {
		w = max(w, Width(l))
	}
	return w
}

// Block makes a block exactly w cells wide and h lines high.
func Block(s string, w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	lines := Lines(s)
	var b strings.Builder
	b.Grow(h * (w + 8))
	for i := range h {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i < len(lines) {
			b.WriteString(Fit(lines[i], w))
		} else {
			b.WriteString(Pad(w))
		}
	}
	return b.String()
}

// Wrap breaks s into lines of at most w cells: between words, and within a word
// that is longer than a line.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var out []string
	for para := range strings.SplitSeq(s, "\n") {
		out = append(out, wrap(para, w)...)
	}
	return out
}

func wrap(s string, w int) []string {
	var out []string
	line, n := "", 0
	for _, word := range strings.Fields(s) {
		ww := Width(word)
		if n > 0 && n+1+ww <= w {
			line, n = line+" "+word, n+1+ww
			continue
		}
		if n > 0 {
			out = append(out, line)
		}
		for ww > w {
			head := Truncate(word, w, "")
			if head == "" { // a character wider than the line
				head = word
			}
			out = append(out, Truncate(head, w, ""))
			word = word[len(head):]
			ww = Width(word)
		}
		line, n = word, ww
	}
	if n > 0 || len(out) == 0 {
		out = append(out, line)
	}
	return out
}

// Strip takes the escape sequences out.
func Strip(s string) string { return ansi.Strip(s) }
