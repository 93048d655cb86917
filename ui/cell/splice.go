package cell

import "strings"

// reset ends every ink.
const reset = "\x1b[m"

// Splice lays piece over line from cell x on; both may hold escape sequences. The
// styles of the line go on behind the piece. A wide character that the piece
// cuts leaves blanks.
func Splice(line, piece string, x int) string {
	s := splicer{piece: piece, x: max(x, 0)}
	s.end = s.x + Width(piece)
	s.b.Grow(len(line) + len(piece) + 4*len(reset))
	each(line, s.take)
	if s.part == leftOf {
		s.lay()
	}
	return s.b.String()
}

// splicer is how far a Splice has come along its line.
type splicer struct {
	b      strings.Builder
	piece  string
	x, end int // the cells that the piece covers
	at     int // cells of the line so far
	part   part
	styles string // in force in the line
}

type part uint8

const (
	leftOf part = iota
	covered
	rightOf
)

// take goes on by a character of w cells, or an escape sequence.
func (s *splicer) take(p string, w int) {
	if p[0] == 0x1b {
		s.style(p)
		return
	}
	if s.part == leftOf {
		if w == 0 || s.at+w <= s.x {
			s.b.WriteString(p)
			s.at += w
			return
		}
		s.lay()
		s.part = covered
	}
	if s.part == covered {
		if w == 0 || s.at+w <= s.end {
			s.at += w
			return
		}
		s.part = rightOf
		s.b.WriteString(s.styles)
		if s.at < s.end {
			p = Pad(s.at + w - s.end)
		}
		s.at += w
	}
	s.b.WriteString(p)
}

func (s *splicer) style(p string) {
	if p == reset {
		s.styles = ""
	} else {
		s.styles += p
	}
	if s.part != covered {
		s.b.WriteString(p)
	}
}

// lay writes the piece in no style but its own.
func (s *splicer) lay() {
	s.b.WriteString(Pad(s.x - s.at))
	if s.styles != "" {
		s.b.WriteString(reset)
	}
	s.b.WriteString(s.piece)
	if s.styles != "" {
		s.b.WriteString(reset)
	}
}
