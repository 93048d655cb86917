package ignore_test

import (
	"slices"
	"strings"
	"testing"

	"ferry/pathutil"
	"ferry/pathutil/ignore"
)

func TestExcludes(t *testing.T) {
	for _, c := range []struct {
		patterns string // separated by |
		out      string // paths that are left out, separated by |; a / at the end is a folder
		in       string // paths that stay
	}{
		{"", "", "a|b/"},
		{"*.tmp", "a.tmp|b/c.tmp|.tmp|d.tmp/|d.tmp/e", "a.tmpx|tmp"},
		{"a?c", "abc|x/aéc", "ac|abbc"},
		{"/build", "build|build/|build/x", "src/build"},
		{"docs/*.md", "docs/a.md", "a.md|x/docs/a.md|docs/b/a.md"},
		{"logs/", "logs/|a/logs/|logs/x|a/logs/b/c", "logs|a/logs"},
		{"/a/b/", "a/b/|a/b/c", "a/b|x/a/b/"},
		{"**/c", "c|a/c|a/b/c", "cc|a/cc"},
		{"a/**", "a/b|a/b/c", "a/|x/a/b"},
		{"a/**/z", "a/z|a/b/z|a/b/c/z", "a/b|z|x/a/z"},
		{"a/**/**/z|b/**/**", "a/z|a/b/c/z|b/c/d", "b/|a/b"},
		{strings.Repeat("**/a*a*a*a/", 40) + "b", "", strings.Repeat("aaaaaaaaaaaaaaaaaaaaaaaa/", 60)},
		{"**", "a|a/b", ""},
		{"a**z", "abcz|x/az", "a/z"},
		{"*.log|!keep.log", "a.log|x/b.log", "keep.log|x/keep.log"},
		{"!keep.log|*.log", "keep.log", "a"},
		{"x/|!x/keep", "x/keep|x/", "keep"},
		{"x/*|!x/keep", "x/a|x/b/c", "x/|x/keep"},
		{"# note| |\t|a", "a", "# note"},
		{`\#a|\!b`, "#a|!b", "a|b"},
		{`a\ |b  |c\*`, "a|b|c*", "cc"}, // white space at the end is nothing to the site
		{"[a-c]1|[!x-z]2|[^x-z]3", "a1|C1|d2|w3", "d1|x2|X2|y3"},
		{"[A-C]9|[]-]8|[[:digit:]]7", "b9|]8|-8|17", "d9|a8|a7"},
		{"é[Ü]", "eu|Éü|É" + "ü", "ee"},
		{"Thumbs.DB", "thumbs.db|a/THUMBS.db", "thumbs"},
		{"a＊", "a*|A＊", "ab"},      // the wide twin is a character
		{"a *b", "a b|a xb", "ab"}, // a blank inside counts
		{"{a,b}", "{a,b}", "a|b"},
	} {
		l, err := ignore.Compile(strings.Split(c.patterns, "|"))
		if err != nil {
			t.Errorf("%s: %v", c.patterns, err)
			continue
		}
		for want, list := range map[bool]string{true: c.out, false: c.in} {
			for p := range strings.SplitSeq(list, "|") {
				rel, folder := strings.CutSuffix(p, "/")
				if got := l.Excludes(rel, folder); p != "" && got != want {
					t.Errorf("%s: %s left out: %v", c.patterns, p, got)
				}
			}
		}
	}
	if (*ignore.List)(nil).Excludes("a", false) {
		t.Error("no list leaves something out")
	}
	if l, err := ignore.Compile([]string{"**"}); err != nil || l.Excludes("", true) {
		t.Errorf("the source folder is left out, %v", err)
	}
}

func TestBadPatterns(t *testing.T) {
	for _, p := range []string{"[", "[a", "[!", "[a-", `[\`, `a\`, "a//b", "/", "!", "!/", "[z-a]", "[[:odd:]]", "[[:alpha"} {
		_, err := ignore.Compile([]string{"fine", p})
		if err == nil || !strings.Contains(err.Error(), `"`+strings.ReplaceAll(p, `\`, `\\`)+`"`) {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func TestLines(t *testing.T) {
	got := ignore.Lines("\uFEFF# head\r\n*.tmp\r\n\r\n  \n!a b  \n\\#x\nend")
	if want := []string{"*.tmp", "!a b", `\#x`, "end"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// FuzzExcludes sees that no pattern panics, that a name escaped by backslashes
// leaves out its like and, taken back, does not, and that what lies below a
// folder goes with it.
func FuzzExcludes(f *testing.F) {
	f.Add("*.tmp", "a/b.tmp")
	f.Add("a/**/[!b-d]?", "a/x/yz")
	f.Add("[[:digit:]-]", "É\\ ")
	f.Fuzz(func(t *testing.T, pattern, rel string) {
		if l, err := ignore.Compile([]string{pattern}); err == nil && l.Excludes(rel, true) && !l.Excludes(rel+"/x", false) {
			t.Fatalf("%q leaves out the folder %q, not what is in it", pattern, rel)
		}
		name := strings.ReplaceAll(rel, "/", "")
		if name = strings.ToValidUTF8(name, "_"); strings.TrimSpace(pathutil.FoldName(name)) == "" {
			return
		}
		var plain strings.Builder
		for _, r := range name {
			plain.WriteRune('\\')
			plain.WriteRune(r)
		}
		l, err := ignore.Compile([]string{plain.String()})
		if err != nil || !l.Excludes(name, false) {
			t.Fatalf("%q does not leave out %q: %v", plain.String(), name, err)
		}
		l, err = ignore.Compile([]string{"*", "!" + plain.String()})
		if err != nil || l.Excludes(name, false) {
			t.Fatalf("%q does not take back %q: %v", plain.String(), name, err)
		}
	})
}
