package pathutil

import (
	"cmp"
	"slices"
	"strings"
	"testing"
)

func TestListingOrder(t *testing.T) {
	// The order of PROTOCOL.md 8, its proven cases, and what follows from them.
	for _, names := range [][]string{
		strings.Split(" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz", ""),
		{"x_test.go", "x.go"},
		{"files_test.go", "files-cli", "files.go"},
		{"X 3_2.dmg", "X 3.dmg"},
		{"kz", "ła", "lb", "ŁC", "m"},
		{"a", "a b", "a_b", "a-b", "a.b", "a1", "ab"},
		{"Alpha", "beta", "Gamma"},
		{"resume", "résumé", "resumes"},
		{"z", "α", "я", "中"},
		{"$", "€", "😀", "0"},
		{"", "a"},
		{"ea", "ếb", "ec"},
		{"v1", "v10", "v2"},
	} {
		shuffled := slices.Clone(names)
		slices.Reverse(shuffled)
		slices.SortFunc(shuffled, CompareNames)
		if !slices.Equal(shuffled, names) {
			t.Errorf("sorted %q, want %q", shuffled, names)
		}
		slices.SortFunc(shuffled, func(a, b string) int { return cmp.Compare(SortKey(a), SortKey(b)) })
		if !slices.Equal(shuffled, names) {
			t.Errorf("sorted by key %q, want %q", shuffled, names)
		}
	}
}

func TestNameKeyIgnoresWhatTheSiteIgnores(t *testing.T) {
	for _, c := range [][2]string{{"A", "a"}, {"é", "E"}, {"x ", "x"}, {"ﬁ", "fi"}, {"Straße", "STRASSE"}} {
		if NameKey(c[0]) != NameKey(c[1]) {
			t.Errorf("keys of %q and %q differ", c[0], c[1])
		}
		if CompareNames(c[0], c[1]) == 0 {
			t.Errorf("%q and %q are two strings and compare equal", c[0], c[1])
		}
	}
}

func TestComparingPlainNamesDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(10, func() { CompareNames("Report 12.pdf", "report_12.pdf") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzCompareNames(f *testing.F) {
	f.Add("a", "B", "é")
	f.Add("x_test.go", "x.go", "x")
	f.Add("a\x00", "a", "a \xff")
	f.Add("가", "각", "\u0301")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		sign := func(n int) int { return cmp.Compare(n, 0) }
		if sign(CompareNames(a, b)) != cmp.Compare(SortKey(a), SortKey(b)) {
			t.Errorf("SortKey and CompareNames disagree on %q and %q", a, b)
		}
		if sign(CompareNames(a, b)) != -sign(CompareNames(b, a)) || (CompareNames(a, b) == 0) != (a == b) {
			t.Errorf("no total order for %q and %q", a, b)
		}
		if CompareNames(a, b) <= 0 && CompareNames(b, c) <= 0 && CompareNames(a, c) > 0 {
			t.Errorf("not transitive: %q %q %q", a, b, c)
		}
		if strings.Contains(NameKey(a), "\x00") {
			t.Errorf("key of %q has a zero byte", a)
		}
	})
}

func BenchmarkCompareNames(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		CompareNames("Invoice 2026-03-14 (copy).pdf", "invoice 2026-03-14 (corrected).pdf")
	}
}
