package pathutil

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks one letter keeps. No script needs more;
// a hundred of them would paint over the lines above and below.
const maxMarks = 6

// Display makes any text from a server or a disk safe to write on one line of a
// terminal, and honest: what cannot be seen is made visible.
//
//   - C0 controls and DEL become their pictures: ESC is "␛", newline "␊", tab
//     "␉", DEL "␡".
//   - C1 controls, bidirectional controls, zero-width and invisible characters,
//     line and paragraph separators, tags, private use, unassigned and
//     noncharacters become "\u{202E}", their code point in hexadecimal.
//   - Bytes that are not UTF-8 become "\xFF".
//   - Unusual spaces become an ordinary one; the ideographic space stays.
//   - Variation selectors, and joiners and skin tones after what they belong to,
//     are dropped, so that terminals which count graphemes and those which count
//     code points agree on the width. Elsewhere joiners are shown escaped.
//   - Hangul written letter by letter, as macOS has it, is composed.
//   - A combining mark without a letter before it gets a dotted circle, and a
//     letter keeps six of them.
//
// The result is valid UTF-8 of graphic characters only, and Display leaves it as
// it is. Clean text is returned without allocating.
func Display(s string) string { return display(s, false) }

// display is Display; whole leaves pictures of several code points together.
func display(s string, whole bool) string {
	i := 0
	for i < len(s) && ' ' <= s[i] && s[i] < 0x7f {
		i++
	}
	if i == len(s) {
		return s
	}
	d := displayer{whole: whole}
	if i > 0 {
		d.last = rune(s[i-1])
	}
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !d.joins(r, s[i+size:]) && !d.keep(r, size) {
			s = d.rewrite(s, i)
			break
		}
		i += size
	}
	if d.jamo {
		return norm.NFC.String(s)
	}
	return s
}

// DisplayName is Display for names and paths: a blank at the beginning or the end
// of an element, which would not be seen and makes another file of it, is "␠".
func DisplayName(s string) string { return marked(Display(s)) }

// WholeName is DisplayName for lines of which nobody counts the cells: an emoji
// that is made of several keeps what joins, tints and shapes it, so that the name
// can be copied. Everything else is shown as Display does.
func WholeName(s string) string { return marked(display(s, true)) }

// Whole is Display for text with names in it, of which nobody counts the cells, as
// WholeName is DisplayName.
func Whole(s string) string { return display(s, true) }

// marked is a text of Display with its outer blanks made visible.
func marked(s string) string {
	if !strings.HasPrefix(s, " ") && !strings.HasSuffix(s, " ") && !strings.Contains(s, " /") &&
		!strings.Contains(s, "/ ") && !strings.Contains(s, wideBlank) {
		return s
	}
	var b strings.Builder
	for e := range strings.SplitAfterSeq(s, "/") {
		name := strings.TrimSuffix(e, "/")
		left := len(name) - len(strings.TrimLeft(name, blanks))
		right := max(len(strings.TrimRight(name, blanks)), left)
		mark(&b, name[:left])
		b.WriteString(name[left:right])
		mark(&b, name[right:])
		b.WriteString(e[len(name):])
	}
	return b.String()
}

// The blanks that Display leaves.
const (
	wideBlank = "\u3000"
	blanks    = " " + wideBlank
)

func mark(b *strings.Builder, blanks string) {
	for range blanks {
		b.WriteString("␠")
	}
}

// displayer is what Display has to remember of the text before a rune.
type displayer struct {
	last  rune // shown before, without marks; 0 at the beginning
	marks int  // combining marks shown since last
	jamo  bool // a conjoining Hangul letter was shown
	whole bool // pictures of several code points stay together
}

// joins tells whether a rune belongs to a picture that stays together: before it
// stands a picture, and behind a joiner, next in rest, another one.
func (d *displayer) joins(r rune, rest string) bool {
	if !d.whole || !pictographic(d.last) || d.marks == maxMarks {
		return false
	}
	switch {
	case r == 0x200d:
		next, _ := utf8.DecodeRuneInString(rest)
		if !pictographic(next) && next != 0x2b1b { // a black cat is a cat and a black square
			return false
		}
	case r != 0xfe0e && r != 0xfe0f && !skinTone(r):
		return false
	}
	d.marks++
	return true
}

// keep tells whether a rune of so many bytes can be shown as it is, and
// remembers it if so.
func (d *displayer) keep(r rune, size int) bool {
	switch {
	case ' ' <= r && r < 0x7f:
		d.last, d.marks = r, 0
		return true
	case r < 0xa1, r == 0xad, r == utf8.RuneError && size == 1:
		return false
	case r < 0x300, 0x3041 <= r && r <= 0x3096, 0x30a1 <= r && r <= 0x30fa,
		0x4e00 <= r && r <= 0x9fff, 0xac00 <= r && r <= 0xd7a3:
		d.last, d.marks = r, 0
		return true
	case !unicode.IsGraphic(r), invisible(r), selector(r), oddSpace(r):
		return false
	case skinTone(r) && pictographic(d.last):
		return false
	case unicode.Is(unicode.M, r):
		if d.last == 0 || d.marks == maxMarks {
			return false
		}
		d.marks++
		return true
	}
	d.jamo = d.jamo || 0x1100 <= r && r <= 0x11ff
	d.last, d.marks = r, 0
	return true
}

// rewrite returns s with everything from i on that cannot be kept replaced.
func (d *displayer) rewrite(s string, i int) string {
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:i])
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if d.joins(r, s[i+size:]) || d.keep(r, size) {
			b.WriteString(s[i : i+size])
		} else {
			d.replace(&b, r, s[i:i+size])
		}
		i += size
	}
	return b.String()
}

// replace writes what stands for a rune that cannot be kept. raw is its bytes.
func (d *displayer) replace(b *strings.Builder, r rune, raw string) {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		fmt.Fprintf(b, `\x%02X`, raw[0])
	case r < ' ':
		b.WriteRune(0x2400 + r)
	case r == 0x7f:
		b.WriteRune(0x2421)
	case oddSpace(r):
		b.WriteByte(' ')
	case selector(r), skinTone(r), joiner(r) && d.last >= 0x600:
		return // d.last stays what it is
	case unicode.Is(unicode.M, r) && !invisible(r):
		if d.last != 0 {
			return // one mark too many
		}
		b.WriteRune(0x25cc)
		b.WriteRune(r)
		d.last, d.marks = 0x25cc, 1
		return
	default:
		fmt.Fprintf(b, `\u{%X}`, r)
	}
	d.last, d.marks = ' ', 0
}

// joiner tells whether a rune ties its neighbours together or keeps them apart:
// the scripts after Hebrew and emoji use them.
func joiner(r rune) bool { return r == 0x200c || r == 0x200d }

// selector tells whether a rune only chooses among the forms of the one before.
func selector(r rune) bool { return unicode.Is(unicode.Variation_Selector, r) }

// oddSpace tells whether a rune is a space that looks like the ordinary one.
func oddSpace(r rune) bool {
	return r != ' ' && r != 0x3000 && unicode.Is(unicode.Zs, r)
}

// skinTone tells whether a rune is an emoji modifier.
func skinTone(r rune) bool { return 0x1f3fb <= r && r <= 0x1f3ff }

// pictographic tells roughly whether a rune is a picture that takes a skin tone.
func pictographic(r rune) bool {
	return 0x2600 <= r && r <= 0x27bf || 0x1f300 <= r && r <= 0x1faff
}

// invisible tells whether a rune counts as graphic and yet shows nothing.
func invisible(r rune) bool {
	switch r {
	case 0x034f, // combining grapheme joiner
		0x115f, 0x1160, 0x3164, 0xffa0, // Hangul fillers
		0x17b4, 0x17b5, // Khmer inherent vowels
		0x2800: // the empty Braille pattern
		return true
	}
	return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !selector(r)
}
