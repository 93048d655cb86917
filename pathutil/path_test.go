package pathutil

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "/": "", "//": "", ".": "", "..": "", "a": "a", "/a/b/": "a/b",
		"a//b": "a/b", `a\b`: "a/b", `\\a\`: "a", "a/./b": "a/b", "a/../b": "a/b",
		"a/b/../c": "a/b/c", "../../etc": "etc", "a\x00b": "ab", ".\x00.": "", "a/.\x00/b": "a/b",
		"...": "...", ".a": ".a", "a.": "a.", "a/ ": "a/ ", " a": " a", "A/É": "A/É",
		"_/Workspaces/1//x": "_/Workspaces/1/x", "a\xff/b": "a\xff/b",
	} {
		if got := Normalize(in); got != want {
			t.Errorf("Normalize(%q) = %q, want %q", in, got, want)
		}
	}
	if n := testing.AllocsPerRun(10, func() { Normalize("finance/2026/invoice 12.pdf") }); n != 0 {
		t.Errorf("normalising a normal path allocates %v times", n)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                  "",
		"A/B.TXT":           "a/b.txt",
		"Éclair":            "eclair",
		"E\u0301clair":      "eclair", // decomposed
		"straße":            "strasse",
		"STRAẞE":            "straße", // the capital one only becomes small
		"Þór":               "þor",
		"Ŋ ŧ × ÷":           "ŋ ŧ × ÷",
		"İstanbul":          "istanbul",
		"Œuvre Æsir":        "oeuvre aesir",
		"ĳsberg Ĳ":          "ijsberg ij",
		"ŉ":                 "ʼn", // NFKC was here before the table
		"ΑΣ":                "ασ",
		"ﬁle":               "file",
		"ａｂｃ":               "abc",
		"a／b":               "a/b",
		"a／／b":              "a//b", // not cleaned again
		"…":                 "...",
		"a/ ":               "a/",
		"a \t\u00a0\u2003":  "a",
		" a":                " a",
		"a /b":              "a /b",
		"a\xffb":            "a\ufffdb",
		"Ł/ł":               "l/l",
		"../X":              "x",
		`A\B`:               "a/b",
		"\u212a":            "k", // the Kelvin sign
		"Zażółć gęślą jaźń": "zazolc gesla jazn",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTransliterationTable(t *testing.T) {
	n := 0
	for _, s := range translit {
		if s == "" {
			continue
		}
		n++
		if s != strings.ToLower(s) || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz'") != "" {
			t.Errorf("table holds %q", s)
		}
	}
	if n != 179 {
		t.Errorf("table holds %d letters, want 179", n)
	}
}

func TestIsSame(t *testing.T) {
	same := [][2]string{
		{"a", "A"},
		{"a", "/a/"},
		{"é", "e"},
		{"é", "e\u0301"},
		{"a ", "a"},
		{"ﬀ", "FF"},
		{"", "/"},
		{`a\b`, "A/B"},
		{"a/../b", "a/b"},
	}
	for _, c := range same {
		if !IsSame(c[0], c[1]) || !IsSame(c[1], c[0]) {
			t.Errorf("%q and %q should be the same", c[0], c[1])
		}
	}
	for _, c := range [][2]string{{"a", "b"}, {" a", "a"}, {"a/b", "ab"}, {"a /b", "a/b"}, {"þ", "th"}, {"", "a"}} {
		if IsSame(c[0], c[1]) {
			t.Errorf("%q and %q should differ", c[0], c[1])
		}
	}
}

func TestParts(t *testing.T) {
	for _, c := range []struct {
		path, dir, base, stem, ext string
		depth                      int
	}{
		{"", "", "", "", "", 0},
		{"/", "", "", "", "", 0},
		{"a", "", "a", "a", "", 1},
		{"a/b/c.txt", "a/b", "c.txt", "c", ".txt", 3},
		{"/a//b/", "a", "b", "b", "", 2},
		{"a/.profile", "a", ".profile", ".profile", "", 2},
		{"..x.y", "", "..x.y", "..x", ".y", 1},
		{"..rc", "", "..rc", "..rc", "", 1},
		{"x.tar.gz", "", "x.tar.gz", "x.tar", ".gz", 1},
		{"x.", "", "x.", "x.", "", 1},
		{"a.b/c", "a.b", "c", "c", "", 2},
	} {
		if Dir(c.path) != c.dir || Base(c.path) != c.base || Stem(c.path) != c.stem ||
			Ext(c.path) != c.ext || Depth(c.path) != c.depth || len(Split(c.path)) != c.depth {
			t.Errorf("%q: dir %q base %q stem %q ext %q depth %d, want %+v",
				c.path, Dir(c.path), Base(c.path), Stem(c.path), Ext(c.path), Depth(c.path), c)
		}
	}
	if got := Join("", "/a/", "b/c", "..", "d"); got != "a/b/c/d" {
		t.Errorf("Join = %q", got)
	}
	if got := Join(); got != "" {
		t.Errorf("Join() = %q", got)
	}
}

func TestRelative(t *testing.T) {
	for _, c := range []struct {
		base, path, rel string
		ok              bool
	}{
		{"", "", "", true},
		{"", "a/B", "a/B", true},
		{"a", "a", "", true},
		{"a", "A/B/c", "B/c", true},
		{"Édition", "edition/x", "x", true},
		{"a", "ab", "", false},
		{"a/b", "a", "", false},
		{"a", "", "", false},
		{"a/b", "a/c/d", "", false},
		{"/a/", "a//b/./c", "b/c", true},
		{"a ", "a/b", "b", true}, // white space at the end of a path does not count
		{"a", "a /b", "b", true},
	} {
		rel, ok := Relative(c.base, c.path)
		if rel != c.rel || ok != c.ok || Within(c.base, c.path) != c.ok {
			t.Errorf("Relative(%q, %q) = %q, %v, want %q, %v", c.base, c.path, rel, ok, c.rel, c.ok)
		}
	}
}

// Where Fold is not idempotent, and nowhere else: every other character alone
// between letters is settled at once.
func TestFoldTwice(t *testing.T) {
	for in, want := range map[string][2]string{
		"x／／y":      {"x//y", "x/y"},
		"x＼y":       {`x\y`, "x/y"},
		"x/．．/y":    {"x/../y", "x/y"},
		"x/…/y":     {"x/.../y", "x/.../y"},
		"ẞ":         {"ß", "ss"},
		"J\u030c":   {"j\u030c", "\u01f0"},
		"x/ /y/ / ": {"x/ /y/ /", "x/ /y/"},
		"a ／ ":      {"a /", "a"},
		"plain.txt": {"plain.txt", "plain.txt"},
	} {
		once := Fold(in)
		if twice := Fold(once); once != want[0] || twice != want[1] {
			t.Errorf("%q folds to %q and %q, want %q", in, once, twice, want)
		}
	}
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		once := Fold("x" + string(r) + "x")
		if Fold(once) != once && !strings.ContainsRune("ẞ＼﹨", r) {
			t.Errorf("%U folds to %q and then to %q", r, once, Fold(once))
		}
	}
}

func FuzzPathLaws(f *testing.F) {
	f.Add("a/b", "A/./b", "a/B")
	f.Add("é\\\x00x", "e\u0301/ẞ", "É/X")
	f.Add("／a／", "\xff\u0345", "")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		n := Normalize(a)
		if Normalize(n) != n {
			t.Errorf("Normalize is not idempotent for %q", a)
		}
		if len(n) > len(a) {
			t.Errorf("Normalize grows %q", a)
		}
		if strings.HasPrefix(n, "/") || strings.HasSuffix(n, "/") || strings.Contains(n, "//") || strings.ContainsAny(n, "\\\x00") {
			t.Errorf("Normalize(%q) = %q", a, n)
		}
		for _, e := range Split(a) {
			if e == "" || e == "." || e == ".." {
				t.Errorf("Split(%q) has the element %q", a, e)
			}
		}
		if Join(Dir(a), Base(a)) != n || Stem(a)+Ext(a) != Base(a) {
			t.Errorf("the parts of %q do not make the whole", a)
		}
		if Fold(n) != Fold(a) || !IsSame(a, a) || !IsSame(a, n) || IsSame(a, b) != IsSame(b, a) {
			t.Errorf("comparison laws fail for %q and %q", a, b)
		}
		if IsSame(a, b) && IsSame(b, c) && !IsSame(a, c) {
			t.Errorf("%q, %q and %q are not the same in a row", a, b, c)
		}
		for x, n := a, 0; Fold(x) != x; n++ {
			if x = Fold(x); n > len(a)+3 {
				t.Fatalf("Fold never settles for %q", a)
			}
		}
		if fold := Fold(a); len(fold) > 20*len(a)+8 {
			t.Errorf("Fold grows %q to %d bytes", a, len(fold))
		}
		j := Join(a, b)
		if rel, ok := Relative(a, j); !ok || rel != Normalize(b) {
			t.Errorf("Relative(%q, %q) = %q, %v", a, j, rel, ok)
		}
		if Depth(j) != Depth(a)+Depth(b) {
			t.Errorf("Depth(%q) is not the sum", j)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Fold("Finance/2026/Quarter 3/Überweisung 0042.PDF")
	}
}
