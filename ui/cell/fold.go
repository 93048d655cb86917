package cell

import "strings"

// From is s without its first x cells; the styles in force there go on. Of a
// wide character that is cut, blanks are left.
func From(s string, x int) string {
	if x <= 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	at := 0
	each(s, func(p string, n int) {
		switch {
		case p[0] == 0x1b || at >= x:
			b.WriteString(p)
		case at+n > x:
			b.WriteString(Pad(at + n - x))
			at += n
		default:
			at += n
		}
	})
	return b.String()
}

// Fold breaks a line into several of at most w cells: behind a blank where there
// is one, else anywhere. Nothing is left out, not even blanks at the beginning,
// and the styles go on from line to line. It never gives less than one line.
func Fold(s string, w int) []string {
	if w <= 0 || Width(s) <= w {
		return []string{s}
	}
	f := folder{w: w}
	each(s, f.take)
	if len(f.line) > 0 || len(f.out) == 0 {
		f.end(len(f.line))
	}
	return f.out
}

// folder is how far a Fold has come.
type folder struct {
	w      int
	out    []string
	line   []bit
	n      int    // cells of the line
	blank  int    // bits of the line up to its last blank, 0 for none
	styles string // in force where the line begins
}

// bit is a character of n cells, or an escape sequence.
type bit struct {
	text string
	n    int
}

func (f *folder) take(p string, n int) {
	if n > 0 && f.n+n > f.w {
		at := f.blank
		if at == 0 {
			at = len(f.line)
		}
		f.end(at)
	}
	f.line = append(f.line, bit{p, n})
	f.n += n
	if p == " " {
		f.blank = len(f.line)
	}
}

// end writes the first bits of the line as a line of its own.
func (f *folder) end(at int) {
	var b strings.Builder
	b.WriteString(f.styles)
	for _, x := range f.line[:at] {
		b.WriteString(x.text)
		switch {
		case x.text == reset:
			f.styles = ""
		case x.text[0] == 0x1b:
			f.styles += x.text
		}
	}
	if f.styles != "" {
		b.WriteString(reset)
	}
	f.out = append(f.out, b.String())
	f.line = append([]bit(nil), f.line[at:]...)
	f.n, f.blank = 0, 0
	for i, x := range f.line {
		f.n += x.n
		if x.text == " " {
			f.blank = i + 1
		}
	}
}
