package pathutil

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// punctuation is the order of everything in ASCII that is neither letter nor
// digit, as recorded listings have it; all of it comes before the digits
// (PROTOCOL.md 8).
const punctuation = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"

// Weights of what has none of its own in the recordings.
const (
	weightEnd     = 0x00 // of a key, so that a shorter prefix comes first
	weightControl = 0x01 // control characters
	weightFirst   = 0x02 // of punctuation
	weightSymbol  = 0x2f // other punctuation, symbols and spaces, then by code point
)

// weights gives each ASCII character its place, upper case with lower case.
// Digits and small letters weigh what they are, so everything beyond ASCII,
// whose bytes are larger, follows z.
var weights = func() (w [utf8.RuneSelf]byte) {
	for c := range w {
		w[c] = weightControl
	}
	for i := range len(punctuation) {
		w[punctuation[i]] = byte(weightFirst + i)
	}
	for c := byte('0'); c <= '9'; c++ {
		w[c] = c
	}
	for c := byte('a'); c <= 'z'; c++ {
		w[c], w[c-'a'+'A'] = c, c
	}
	return w
}()

// CompareNames orders two names as Files.com lists them (PROTOCOL.md 8): by
// their comparison form under a collation in which space, punctuation, digits
// and letters follow one another, a shorter prefix first. Names that the site
// holds for the same are ordered by their bytes, so 0 means equal strings. That
// directories come before files is the caller's business.
func CompareNames(a, b string) int {
	ta, tb, ok := trimASCII(a, b)
	if !ok {
		return strings.Compare(SortKey(a), SortKey(b))
	}
	for i := range min(len(ta), len(tb)) {
		if x, y := weights[ta[i]], weights[tb[i]]; x != y {
			return int(x) - int(y)
		}
	}
	if d := len(ta) - len(tb); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// trimASCII strips the white space at the ends of two names that are ASCII
// throughout, and says whether they are.
func trimASCII(a, b string) (string, string, bool) {
	for i := range len(a) {
		if a[i] >= utf8.RuneSelf {
			return a, b, false
		}
	}
	for i := range len(b) {
		if b[i] >= utf8.RuneSelf {
			return a, b, false
		}
	}
	return strings.TrimRight(a, " \t\n\v\f\r"), strings.TrimRight(b, " \t\n\v\f\r"), true
}

// NameKey returns the collation key of a name: names whose comparison forms
// differ only in marks that the collation ignores share a key, and the byte
// order of two keys of which neither begins the other is the order of listings.
// It contains no zero byte.
func NameKey(name string) string {
	s := foldText(name)
	return string(appendKey(make([]byte, 0, len(s)), s))
}

// SortKey returns a string whose plain byte order is the order of
// [CompareNames], for sorting where there is no comparison function. No two
// names share one.
func SortKey(name string) string {
	s := foldText(name)
	key := appendKey(make([]byte, 0, len(s)+1+len(name)), s)
	key = append(key, weightEnd)
	return string(append(key, name...))
}

// appendKey appends the weights of a text in comparison form to key.
func appendKey(key []byte, s string) []byte {
	for _, r := range s {
		if r < utf8.RuneSelf {
			key = append(key, weights[r])
			continue
		}
		key = appendRuneKey(key, r)
	}
	return key
}

// appendRuneKey appends the weight of a rune beyond ASCII: letters that the
// transliteration leaves accented weigh what their base letter does.
func appendRuneKey(key []byte, r rune) []byte {
	var buf [utf8.UTFMax]byte
	d := norm.NFD.Properties(buf[:utf8.EncodeRune(buf[:], r)]).Decomposition()
	if len(d) > 0 && !unicode.Is(unicode.Hangul, r) {
		for _, part := range string(d) {
			if part < utf8.RuneSelf {
				key = append(key, weights[unicode.ToLower(part)])
			} else if !unicode.Is(unicode.Mn, part) {
				key = appendWeight(key, part)
			}
		}
		return key
	}
	if unicode.Is(unicode.Mn, r) {
		return key
	}
	return appendWeight(key, r)
}

// appendWeight appends the weight of a rune beyond ASCII that has no parts.
func appendWeight(key []byte, r rune) []byte {
	switch {
	case unicode.IsControl(r):
		key = append(key, weightControl)
	case unicode.IsPunct(r), unicode.IsSymbol(r), unicode.IsSpace(r):
		key = append(key, weightSymbol)
	}
	return utf8.AppendRune(key, r)
}
