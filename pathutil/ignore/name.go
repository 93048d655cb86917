package ignore

import (
	"errors"
	"strings"
	"unicode"

	"ferry/pathutil"
)

// segment is what a pattern says between two slashes.
type segment struct {
	deep   bool // "**"
	tokens []token
}

// token matches one character of a name, or any number of them.
type token struct {
	star bool
	q    bool // "?"
	set  *class
	r    rune
}

// class is what stands in brackets.
type class struct {
	not    bool
	ranges [][2]rune
	kinds  []func(rune) bool
}

// kinds are the named classes. A name is compared in lower case, so both cases
// mean letters.
var kinds = map[string]func(rune) bool{
	"alpha": unicode.IsLetter, "upper": unicode.IsLetter, "lower": unicode.IsLetter,
	"digit": unicode.IsDigit, "space": unicode.IsSpace, "punct": unicode.IsPunct,
	"alnum":  func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) },
	"xdigit": func(r rune) bool { return unicode.Is(unicode.ASCII_Hex_Digit, r) },
}

// tokens reads a segment. What stands for itself is brought into the comparison
// form afterwards, so that a full-width "*" is a character and no wildcard.
func tokens(word string) (out []token, err error) {
	var plain []rune
	flush := func(last bool) {
		for _, r := range foldPlain(string(plain), last) {
			out = append(out, token{r: r})
		}
		plain = nil
	}
	rs := []rune(word)
	for i := 0; i < len(rs); i++ {
		switch rs[i] {
		case '\\':
			if i++; i == len(rs) {
				return nil, errors.New("a backslash ends it")
			}
			plain = append(plain, rs[i])
		case '*':
			flush(false)
			if n := len(out); n == 0 || !out[n-1].star {
				out = append(out, token{star: true})
			}
		case '?':
			flush(false)
			out = append(out, token{q: true})
		case '[':
			flush(false)
			set, used, err := readClass(rs[i+1:])
			if err != nil {
				return nil, err
			}
			out = append(out, token{set: set})
			i += used
		default:
			plain = append(plain, rs[i])
		}
	}
	flush(true)
	return out, nil
}

// foldPlain brings characters of a name into the comparison form, which drops
// white space only at the end of a name.
func foldPlain(s string, last bool) string {
	if s == "" || last {
		return pathutil.FoldName(s)
	}
	return strings.TrimSuffix(pathutil.FoldName(s+"x"), "x")
}

// readClass reads what follows a bracket and tells how many characters it took.
func readClass(rs []rune) (c *class, used int, err error) {
	open := errors.New("a bracket is not closed")
	c = &class{}
	i := 0
	if i < len(rs) && (rs[i] == '!' || rs[i] == '^') {
		c.not = true
		i++
	}
	char := func() (rune, bool) {
		if i < len(rs) && rs[i] == '\\' {
			i++
		}
		if i >= len(rs) {
			return 0, false
		}
		i++
		return rs[i-1], true
	}
	for first := true; ; first = false {
		if i < len(rs) && rs[i] == ']' && !first {
			return c, i + 1, nil
		}
		if i+1 < len(rs) && rs[i] == '[' && rs[i+1] == ':' {
			name, _, ok := strings.Cut(string(rs[i+2:]), ":]")
			kind := kinds[name]
			if !ok || kind == nil {
				return nil, 0, errors.New("its class of characters is not known")
			}
			c.kinds = append(c.kinds, kind)
			i += len("[:") + len(name) + len(":]")
			continue
		}
		lo, ok := char()
		if !ok {
			return nil, 0, open
		}
		hi := lo
		if i+1 < len(rs) && rs[i] == '-' && rs[i+1] != ']' {
			i++
			if hi, ok = char(); !ok {
				return nil, 0, open
			}
			if hi < lo {
				return nil, 0, errors.New("a range of characters runs backwards")
			}
		}
		c.ranges = append(c.ranges, [2]rune{lo, hi})
		if folded := []rune(foldPlain(string(lo), false)); lo == hi && len(folded) == 1 {
			c.ranges = append(c.ranges, [2]rune{folded[0], folded[0]})
		}
	}
}

// has tells whether a character of a name in comparison form is meant; a class
// of capitals means their small letters too.
func (c *class) has(r rune) bool {
	in := false
	for _, k := range c.kinds {
		in = in || k(r)
	}
	for _, span := range c.ranges {
		for _, r := range [2]rune{r, unicode.ToUpper(r)} {
			in = in || span[0] <= r && r <= span[1]
		}
	}
	return in != c.not
}

func (s segment) any() bool { return s.deep }

func (s segment) matches(name []rune) bool {
	return wild(s.tokens, name, func(t token) bool { return t.star }, token.one)
}

func (t token) one(r rune) bool {
	switch {
	case t.q:
		return true
	case t.set != nil:
		return t.set.has(r)
	}
	return t.r == r
}
