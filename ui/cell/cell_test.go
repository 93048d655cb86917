package cell

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"ferry/pathutil"
	"ferry/theme"
)

func FuzzFit(f *testing.F) {
	for _, s := range []string{"", "plain", "naïve café", "日本語のファイル.txt", "👨‍👩‍👧‍👦 family.png", "a\u0301b", "\x1b[31mred\x1b[m", "➡️", "नमस्ते"} {
		f.Add(s, 7)
		f.Add(s, 20)
	}
	f.Fuzz(func(t *testing.T, s string, w int) {
		if w < 0 || w > 300 {
			return
		}
		s = pathutil.Display(s) // all that reaches a cell has gone through it
		if r, _ := utf8.DecodeRuneInString(s); unicode.IsMark(r) {
			return // would join what stands before it
		}
		for _, on := range []bool{false, true} {
			SetGraphemes(on)
			for name, got := range map[string]string{
				"Fit": Fit(s, w), "FitRight": FitRight(s, w), "FitCenter": FitCenter(s, w), "FitMiddle": FitMiddle(s, w),
			} {
				if n := Width(got); n != w {
					t.Errorf("graphemes %v: %s(%q, %d) = %q takes %d", on, name, s, w, got, n)
				}
			}
			if n := Width(Truncate(s, w, "…")); n > w {
				t.Errorf("graphemes %v: Truncate(%q, %d) takes %d", on, s, w, n)
			}
		}
		SetGraphemes(false)
	})
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
	for d, want := range map[time.Duration]string{-1: "—", 124 * time.Second: "2:04", 4 * time.Hour: "4:00:00", 27 * time.Hour: "1 d 03 h"} {
		if got := Left(d); got != want {
			t.Errorf("Left(%v) = %q, want %q", d, got, want)
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
