package server

import (
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ferry/pathutil"
)

// hasGlob tells whether an element is a pattern.
func hasGlob(s string) bool { return strings.ContainsAny(s, "*?[{") }

// braces writes a pattern with alternatives as the patterns it stands for:
// "a.{x,y}" is "a.x" and "a.y". They do not nest.
func braces(pattern string) []string {
	open := strings.IndexByte(pattern, '{')
	if open < 0 {
		return []string{pattern}
	}
	end := strings.IndexByte(pattern[open:], '}')
	if end < 0 {
		return []string{pattern}
	}
	end += open
	var out []string
	for alt := range strings.SplitSeq(pattern[open+1:end], ",") {
		out = append(out, braces(pattern[:open]+alt+pattern[end+1:])...)
		if len(out) > 256 {
			break
		}
	}
	return out
}

// globName matches one name with * ? and [] without regard to case, as the site
// compares names.
func globName(pattern, name string) bool {
	return globRunes(strings.ToLower(pattern), strings.ToLower(name))
}

func globRunes(p, s string) bool {
	back, at := -1, 0 // where to go back to: behind the last star, and its place in s
	i, j := 0, 0
	for j < len(s) {
		r, n := utf8.DecodeRuneInString(s[j:])
		if i < len(p) && p[i] == '*' {
			back, at = i+1, j
			i++
			continue
		}
		if ok, width := globOne(p[i:], r); ok {
			i, j = i+width, j+n
			continue
		}
		if back < 0 {
			return false
		}
		_, n = utf8.DecodeRuneInString(s[at:])
		at += n
		i, j = back, at
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// globOne matches one rune with the first item of a pattern and tells how long
// that is.
func globOne(p string, r rune) (ok bool, width int) {
	if p == "" {
		return false, 0
	}
	if p[0] == '?' {
		return true, 1
	}
	if end := strings.IndexByte(p, ']'); p[0] == '[' && end > 1 {
		set, not := p[1:end], false
		if set[0] == '!' || set[0] == '^' {
			set, not = set[1:], true
		}
		in := false
		runes := []rune(set)
		for k := 0; k < len(runes); k++ {
			if k+2 < len(runes) && runes[k+1] == '-' {
				in = in || runes[k] <= r && r <= runes[k+2]
				k += 2
				continue
			}
			in = in || runes[k] == r
		}
		return in != not, end + 1
	}
	c, n := utf8.DecodeRuneInString(p)
	return c == r, n
}

// globPath matches the elements of a path; "**" stands for any number of them.
func globPath(pattern, elements []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for k := 0; k <= len(elements); k++ {
				if globPath(pattern[1:], elements[k:]) {
					return true
				}
			}
			return false
		}
		if len(elements) == 0 || !globName(pattern[0], elements[0]) {
			return false
		}
		pattern, elements = pattern[1:], elements[1:]
	}
	return len(elements) == 0
}

// matchesAny tells whether a path matches one of the patterns, one a line, from
// its end: "*.tmp" matches at any depth, "a/*.tmp" only below a.
func matchesAny(patterns, p string) bool {
	elements := pathutil.Split(p)
	for line := range strings.FieldsFuncSeq(patterns, func(r rune) bool { return r == '\n' || r == ',' && !strings.Contains(patterns, "{") }) {
		for _, one := range braces(strings.TrimSpace(line)) {
			pattern := pathutil.Split(one)
			if len(pattern) > 0 && (globPath(pattern, elements) || globPath(append([]string{"**"}, pattern...), elements)) {
				return true
			}
		}
	}
	return false
}

// expandTokens writes the tokens of a destination: %Y %m %d %H %M %S of the
// time, %tf and %te of the name of the file (without its extension, and that
// alone), %p1 to %p9 of the folders it lies in.
func expandTokens(dest string, at time.Time, source string) string {
	var b strings.Builder
	for i := 0; i < len(dest); i++ {
		if dest[i] != '%' || i+1 == len(dest) {
			b.WriteByte(dest[i])
			continue
		}
		i++
		switch dest[i] {
		case 'Y':
			b.WriteString(at.Format("2006"))
		case 'm':
			b.WriteString(at.Format("01"))
		case 'd':
			b.WriteString(at.Format("02"))
		case 'H':
			b.WriteString(at.Format("15"))
		case 'M':
			b.WriteString(at.Format("04"))
		case 'S':
			b.WriteString(at.Format("05"))
		case 't':
			switch {
			case strings.HasPrefix(dest[i+1:], "f"):
				i++
				b.WriteString(pathutil.Stem(source))
			case strings.HasPrefix(dest[i+1:], "e"):
				i++
				b.WriteString(strings.TrimPrefix(pathutil.Ext(source), "."))
			default:
				b.WriteString("%t")
			}
		case 'p':
			folders := pathutil.Split(path.Dir(source))
			if i+1 < len(dest) && dest[i+1] >= '1' && dest[i+1] <= '9' {
				i++
				n, _ := strconv.Atoi(dest[i : i+1])
				if n <= len(folders) {
					b.WriteString(folders[n-1])
				}
			} else {
				b.WriteString("%p")
			}
		default:
			b.WriteByte('%')
			b.WriteByte(dest[i])
		}
	}
	return b.String()
}

// matchesAnyOf tells whether a path matches one of some whole patterns.
func matchesAnyOf(patterns []string, p string) bool {
	elements := pathutil.Split(p)
	for _, one := range patterns {
		if globPath(pathutil.Split(one), elements) {
			return true
		}
	}
	return false
}
