package cell

import "strings"

// leastHang is the narrowest room in which lines are broken at words: in less than
// that more would be broken than read.
const leastHang = 24

// Hang breaks each line of s that is wider than w cells between words. What goes on
// is indented by hang cells more than its line. A word that is wider than the room
// stays whole, for whoever copies it, and so do several blanks in a row.
func Hang(s string, w, hang int) string {
	if w < leastHang {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if Width(l) > w {
			lines[i] = hung(l, w, hang)
		}
	}
	return strings.Join(lines, "\n")
}

func hung(l string, w, hang int) string {
	rest := strings.TrimLeft(l, " ")
	lead := l[:len(l)-len(rest)]
	next := "\n" + lead + strings.Repeat(" ", hang)
	var b strings.Builder
	b.WriteString(lead)
	n, blanks := len(lead), ""
	for rest != "" {
		end := strings.IndexByte(rest, ' ')
		if end < 0 {
			end = len(rest)
		}
		word := rest[:end]
		rest = rest[end:]
		if ww := Width(word); blanks != "" && n+len(blanks)+ww > w {
			b.WriteString(next)
			n = len(next) - 1 + ww
		} else {
			b.WriteString(blanks)
			n += len(blanks) + ww
		}
		b.WriteString(word)
		word = strings.TrimLeft(rest, " ")
		blanks, rest = rest[:len(rest)-len(word)], word
	}
	b.WriteString(blanks)
	return b.String()
}
