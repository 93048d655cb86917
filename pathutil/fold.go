package pathutil

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns the comparison form of p (PROTOCOL.md 14): the identity form in
// Unicode NFKC, accented Latin letters replaced by their plain ones, in lower
// case rune by rune, without the white space at its end. Bytes that are not
// UTF-8 become U+FFFD. Compare with it, never send or show it.
//
// It is not idempotent, as the vendor's is not. Full-width slashes and dots
// become plain ones only after the elements were cleaned; an element of spaces
// at the end leaves a slash; the capital sharp s becomes the small one, not ss;
// and a letter that is composed in lower case only (J with caron) is composed by
// the next time. Applied again and again it settles. None of this matters as
// long as every path is folded once, as [IsSame] does.
func Fold(p string) string { return foldText(Normalize(p)) }

// FoldName returns the comparison form of one element of a path, in which no
// character parts elements.
func FoldName(name string) string { return foldText(name) }

// IsSame tells whether a and b name the same object of a site: their comparison
// forms are equal.
func IsSame(a, b string) bool {
	return a == b || Fold(a) == Fold(b)
}

// foldText does the steps of the comparison form that work on characters.
func foldText(s string) string {
	ascii, lower := true, true
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
		if 'A' <= c && c <= 'Z' {
			lower = false
		}
	}
	if ascii {
		if !lower {
			s = strings.ToLower(s)
		}
		return strings.TrimRight(s, " \t\n\v\f\r")
	}
	s = norm.NFKC.String(s)
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if plain, ok := transliterate(r); ok {
			b.WriteString(plain)
		} else {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return strings.TrimRightFunc(b.String(), unicode.IsSpace)
}

// transliterate returns the plain letters, in lower case, that stand for an
// accented Latin one.
func transliterate(r rune) (string, bool) {
	if r < translitFirst || r > translitLast {
		return "", false
	}
	plain := translit[r-translitFirst]
	return plain, plain != ""
}
