package cell

import (
	"slices"
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	for _, c := range []struct {
		s    string
		w    int
		want []string
	}{
		{"", 5, []string{""}},
		{"short", 5, []string{"short"}},
		{"two words here", 6, []string{"two ", "words ", "here"}},
		{"    indented", 8, []string{"    ", "indented"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"日本語です", 5, []string{"日本", "語で", "す"}},
		{"\x1b[31mred words\x1b[m ok", 6, []string{"\x1b[31mred \x1b[m", "\x1b[31mwords\x1b[m ", "ok"}},
	} {
		got := Fold(c.s, c.w)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q in %d: %q, want %q", c.s, c.w, got, c.want)
		}
		if all := Strip(strings.Join(got, "")); all != Strip(c.s) {
			t.Errorf("%q lost something: %q", c.s, all)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add("a \x1b[31mred\x1b[m 日本", 3)
	f.Fuzz(func(t *testing.T, s string, w int) {
		if w < 2 || w > 100 || strings.ContainsAny(s, "\n\x1b") {
			return
		}
		for _, l := range Fold(s, w) {
			if Width(l) > w && Width(s) > w {
				t.Errorf("%q in %d: %q", s, w, l)
			}
		}
	})
}

func TestFrom(t *testing.T) {
	for _, c := range []struct {
		s    string
		x    int
		want string
	}{
		{"abc", 0, "abc"},
		{"abc", 2, "c"},
		{"abc", 9, ""},
		{"日本", 1, " 本"},
		{"\x1b[31mabc\x1b[md", 2, "\x1b[31mc\x1b[md"},
	} {
		if got := From(c.s, c.x); got != c.want {
			t.Errorf("%q from %d: %q, want %q", c.s, c.x, got, c.want)
		}
	}
}
