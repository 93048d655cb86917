package cell

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"ferry/pathutil"
	"ferry/theme"
)

// seeds are texts that have been measured wrongly by someone.
var seeds = []string{
	"", "plain", "naïve café", "日本語のファイル.txt", "👨‍👩‍👧‍👦 family.png", "a\u0301b", "e\u0301\u0302\u0303", "\x1b[31mred\x1b[m",
	"➡️", "नमस्ते", "\x1b[1;38;5;14mbold\x1b[m and \x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\", "한국어", "\u0301", "x\x1b[", "\x1b",
}

// shown tells whether a text may come to this package: inks, and what
// pathutil.Display lets through. A mark at the beginning, or behind an ink, would
// join what stands before it.
func shown(s string) bool {
	fresh := true
	var plain strings.Builder
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		if r == 0x1b {
			if n = simple(s); n == 0 {
				return false
			}
			fresh = true
		} else {
			if fresh && (unicode.IsMark(r) || !unicode.IsGraphic(r)) {
				return false
			}
			plain.WriteString(s[:n])
			fresh = false
		}
		s = s[n:]
	}
	return pathutil.Display(plain.String()) == plain.String()
}

func FuzzFit(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, 7)
		f.Add(s, 20)
	}
	f.Fuzz(func(t *testing.T, s string, w int) {
		if w < -3 || w > 300 {
			return
		}
		defer SetGraphemes(false)
		for _, on := range []bool{false, true} {
			SetGraphemes(on)
			fits := map[string]string{"Fit": Fit(s, w), "FitRight": FitRight(s, w), "FitCenter": FitCenter(s, w), "FitMiddle": FitMiddle(s, w)}
			cut := Truncate(s, w, "…")
			if !shown(s) {
				continue // it is enough that nothing panics
			}
			for name, got := range fits {
				if n := Width(got); n != max(w, 0) {
					t.Errorf("graphemes %v: %s(%q, %d) = %q takes %d", on, name, s, w, got, n)
				}
			}
			if n := Width(cut); n > max(w, 0) {
				t.Errorf("graphemes %v: Truncate(%q, %d) takes %d", on, s, w, n)
			}
			want := ansi.StringWidthWc(s)
			if on {
				want = ansi.StringWidth(s)
			}
			if n := Width(s); n != want {
				t.Errorf("graphemes %v: Width(%q) = %d, want %d", on, s, n, want)
			}
		}
	})
}

// The size of a line does not depend on what is laid over it.
func FuzzSplice(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, "日x", 3)
		f.Add("some plain line of text", s, 5)
	}
	f.Fuzz(func(t *testing.T, line, piece string, x int) {
		if x < 0 || x > 200 {
			return
		}
		got := Splice(line, piece, x)
		if !shown(line) || !shown(piece) {
			return
		}
		if n, want := Width(got), max(Width(line), x+Width(piece)); n != want {
			t.Errorf("Splice(%q, %q, %d) = %q takes %d, want %d", line, piece, x, got, n, want)
		}
	})
}

func TestPlainTextIsMeasuredWithoutAllocating(t *testing.T) {
	const s = "invoice-0001.pdf"
	ink := "\x1b[38;5;14m" + s + "\x1b[m"
	if n := testing.AllocsPerRun(100, func() {
		if Width(s) != 16 || Width(ink) != 16 || Truncate(s, 16, "…") != s || Fit(s, 16) != s || len(Pad(100)) != 100 {
			t.Error("measured wrongly")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSpliceKeepsTheStyles(t *testing.T) {
	for _, c := range []struct{ line, piece, want string }{
		{"\x1b[31mabcdef\x1b[m", "X", "\x1b[31mab\x1b[m" + "X" + "\x1b[m\x1b[31mdef\x1b[m"},
		{"ab\x1b[31mc\x1b[mdef", "X", "ab" + "\x1b[31m\x1b[mX\x1b[m" + "def"},
		{"\x1b[31mab\x1b[mcdef", "X", "\x1b[31mab\x1b[mXdef"},
	} {
		if got := Splice(c.line, c.piece, 2); got != c.want {
			t.Errorf("Splice(%q) = %q, want %q", c.line, got, c.want)
		}
	}
}

func TestFitMiddleKeepsTheExtension(t *testing.T) {
	got := FitMiddle("supplier-overview-with-a-very-long-name.xlsx", 24)
	if Width(got) != 24 || !strings.HasSuffix(strings.TrimSpace(got), ".xlsx") || !strings.HasPrefix(got, "supplier") {
		t.Errorf("got %q", got)
	}
}

func TestSplice(t *testing.T) {
	for _, c := range []struct {
		line, piece string
		x           int
		want        string
	}{
		{"0123456789", "ab", 3, "012ab56789"},
		{"0123456789", "ab", 0, "ab23456789"},
		{"0123456789", "ab", 8, "01234567ab"},
		{"01", "ab", 4, "01  ab"},
		{"日本語", "x", 1, " x本語"},
		{"日本語", "x", 2, "日x 語"},
	} {
		if got := Strip(Splice(c.line, c.piece, c.x)); got != c.want {
			t.Errorf("Splice(%q, %q, %d) = %q, want %q", c.line, c.piece, c.x, got, c.want)
		}
	}
	if got := Strip(Splice("\x1b[31mred and more\x1b[m", "X", 4)); got != "red Xnd more" {
		t.Errorf("coloured: %q", got)
	}
}

func TestWrap(t *testing.T) {
	got := Wrap("one two three  four\n\nabcdefghij", 8)
	want := []string{"one two", "three", "four", "", "abcdefgh", "ij"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q", got)
	}
}

func TestWords(t *testing.T) {
	for n, want := range map[int64]string{-1: "—", 0: "0 B", 999: "999 B", 1000: "1.0 kB", 18_400_000: "18.4 MB", 999_960: "1.0 MB", 123_000_000: "123 MB"} {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1200: "-1,200"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		-1: "—", 124 * time.Second: "2:04", 4 * time.Hour: "4:00:00", 27 * time.Hour: "1 d 3 h",
		20 * time.Hour: "20:00:00", 44 * time.Hour: "1 d 20 h", 239 * time.Hour: "9 d 23 h", 260 * time.Hour: "10 d", math.MaxInt64: "106751 d",
	} {
		if got := Left(d); got != want {
			t.Errorf("Left(%v) = %q, want %q", d, got, want)
		}
		if n := Width(Left(d)); n > 8 {
			t.Errorf("Left(%v) has %d cells", d, n)
		}
	}
	now := time.Date(2026, 11, 24, 15, 0, 0, 0, time.Local)
	for back, want := range map[time.Duration]string{
		10 * time.Second: "just now", 3 * time.Minute: "3 min ago", 5 * time.Hour: "10:00", 24 * time.Hour: "yesterday",
		4 * 24 * time.Hour: "Fri 15:00", 20 * 24 * time.Hour: "4 Nov", 400 * 24 * time.Hour: "20 Oct 2025", -30 * time.Minute: "in 30 min",
	} {
		if got := Ago(now.Add(-back), now); got != want {
			t.Errorf("Ago(%v) = %q, want %q", back, got, want)
		}
	}
	for back, want := range map[time.Duration]string{
		10 * time.Second: "14:59", 5 * time.Hour: "10:00", 24 * time.Hour: "23 Nov", 150 * 24 * time.Hour: "27 Jun", 300 * 24 * time.Hour: "2026", 400 * 24 * time.Hour: "2025",
		-30 * time.Minute: "15:30", -48 * time.Hour: "26 Nov", -300 * 24 * time.Hour: "2027",
	} {
		if got := Day(now.Add(-back), now); got != want {
			t.Errorf("Day(%v) = %q, want %q", back, got, want)
		}
	}
	if Ago(time.Time{}, now) != "never" {
		t.Error("the zero time is not never")
	}
}

func TestFrameIsExact(t *testing.T) {
	th, _ := theme.Named("dark", nil)
	for _, f := range []FrameSpec{
		{W: 40, H: 5, Title: "local  ~/work", Facts: "214 items", Foot: "2 marked", Focused: true},
		{W: 20, H: 3, Title: strings.Repeat("long ", 20), Facts: strings.Repeat("facts ", 9), Foot: strings.Repeat("日本", 20)},
		{W: 10, H: 4, Danger: true},
	} {
		lines := Lines(Frame(th, f, []string{"one", strings.Repeat("x", 100)}))
		if len(lines) != f.H {
			t.Errorf("%+v: %d lines", f, len(lines))
		}
		for _, l := range lines {
			if Width(l) != f.W {
				t.Errorf("%+v: %q takes %d", f, Strip(l), Width(l))
			}
		}
	}
}

func BenchmarkFit(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Fit("invoice-0001.pdf", 40)
	}
}

func BenchmarkFitWide(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Fit("日本語のファイル.txt", 40)
	}
}

func TestAMarkBelongsToTheCharacterBefore(t *testing.T) {
	defer SetGraphemes(false)
	for _, on := range []bool{false, true} {
		SetGraphemes(on)
		if got := Truncate("e\u0301xyz", 2, "…"); got != "e\u0301…" {
			t.Errorf("graphemes %v: %q", on, got)
		}
	}
	if got := Width("1\ufe0f\u20e3"); got != 2 { // a key cap is one grapheme, as wide as a picture
		t.Errorf("a key cap takes %d", got)
	}
}

func TestATextThatWasCutIsNotCutTwiceInOnePlace(t *testing.T) {
	for w := 8; w < 40; w++ {
		got := FitMiddle("recording.bin → …/work/2026/invoices", w)
		if strings.Contains(got, "……") || Width(got) != w {
			t.Errorf("%d: %q", w, got)
		}
	}
}
