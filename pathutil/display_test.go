package pathutil

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestDisplay(t *testing.T) {
	for in, want := range map[string]string{
		"":                            "",
		"report 12.pdf":               "report 12.pdf",
		"Übersicht – 中文 – отчёт":      "Übersicht – 中文 – отчёт",
		"a\x1b[31mb":                  "a␛[31mb",
		"\x1b]8;;http://x\x07":        "␛]8;;http://x␇",
		"line\r\nnext\ttab":           "line␍␊next␉tab",
		"nul\x00del\x7f":              "nul␀del␡",
		"\u009b31m":                   `\u{9B}31m`,
		"\u0085":                      `\u{85}`,
		"invoice\u202efdp.exe":        `invoice\u{202E}fdp.exe`,
		"\u2066a\u2069":               `\u{2066}a\u{2069}`,
		"a\u200bb\ufeffc":             `a\u{200B}b\u{FEFF}c`,
		"a\u2028b\u2029":              `a\u{2028}b\u{2029}`,
		"so\u00adft":                  `so\u{AD}ft`,
		"bad\xff\xc3(":                `bad\xFF\xC3(`,
		"\ufffd":                      "\ufffd",
		"\ue0b0 \U000f0000":           `\u{E0B0} \u{F0000}`,
		"\ufffe":                      `\u{FFFE}`,
		"\U000e0041":                  `\u{E0041}`,
		"\u3164\u2800":                `\u{3164}\u{2800}`,
		"Screenshot 1.23\u202fPM":     "Screenshot 1.23 PM",
		"a\u00a0b\u3000c":             "a b\u3000c",
		"👨\u200d👩\u200d👧":             "👨👩👧",
		"❤\ufe0f ➡\ufe0f":             "❤ ➡",
		"👍🏽 🏽":                        "👍 🏽",
		"ab\u200dc":                   `ab\u{200D}c`,
		"क\u094d\u200dष":              "क\u094dष",
		"\u0301a":                     "◌\u0301a",
		"a\u0301b":                    "a\u0301b",
		"z" + strings.Repeat("́", 50): "z" + strings.Repeat("́", 6),
		"\u1112\u1161\u11ab":          "한",
		`already \u{202E} \xFF ␛`:     `already \u{202E} \xFF ␛`,
	} {
		if got := Display(in); got != want {
			t.Errorf("Display(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDisplayName(t *testing.T) {
	for in, want := range map[string]string{
		"":                  "",
		"/":                 "/",
		"report 12.pdf":     "report 12.pdf",
		"report.pdf ":       "report.pdf␠",
		"  lead/ a b  /c":   "␠␠lead/␠a b␠␠/c",
		"   ":               "␠␠␠",
		"/ / /":             "/␠/␠/",
		"nbsp\u00a0":        "nbsp␠",
		"wide\u3000":        "wide␠",
		"四半期 報告書　2026.xlsx": "四半期 報告書　2026.xlsx",
		"tab\t ":            "tab␉␠",
	} {
		if got := DisplayName(in); got != want {
			t.Errorf("%q is shown as %q, not %q", in, got, want)
		}
		if again := DisplayName(want); again != want {
			t.Errorf("%q does not stay, but becomes %q", want, again)
		}
	}
}

func TestDisplayOfCleanTextDoesNotAllocate(t *testing.T) {
	for _, s := range []string{"invoice 2026.pdf", "Übersicht über Größen.txt", "四半期報告書.xlsx", "отчёт – 3.doc"} {
		if n := testing.AllocsPerRun(10, func() { DisplayName(s) }); n != 0 {
			t.Errorf("%q: %v allocations", s, n)
		}
	}
}

// Names to be copied keep their pictures whole; nothing else of them is let through.
func TestWholeName(t *testing.T) {
	for _, same := range []string{
		"a.txt", "👨\u200d👩\u200d👧\u200d👦.png", "❤\ufe0f\u200d🔥", "👩🏿\u200d🚀", "🏳\ufe0f\u200d🌈", "🐈\u200d\u2b1b", "👍🏽", "🤷🏽\u200d♀\ufe0f",
	} {
		if got := WholeName(same); got != same {
			t.Errorf("WholeName(%q) = %q", same, got)
		}
	}
	for in, want := range map[string]string{
		"👨\u200d":                          "👨",
		"👨\u200d\u200d👩":                   "👨\u200d👩",
		"👨\u200da":                         "👨a",
		"ab\u200dc":                        `ab\u{200D}c`,
		"a\u200d👩":                         `a\u{200D}👩`,
		"a\ufe0f":                          "a",
		"👍" + strings.Repeat("\ufe0f", 50): "👍" + strings.Repeat("\ufe0f", 6),
		"👨\u200d\x1b[2J\u202e":             `👨␛[2J\u{202E}`,
		"🏴\U000e0067\U000e0062\U000e007f":  `🏴\u{E0067}\u{E0062}\u{E007F}`,
		"a /👨\u200d👩":                      "a␠/👨\u200d👩",
	} {
		if got := Whole(in); got != strings.ReplaceAll(want, "␠", " ") {
			t.Errorf("Whole(%q) = %q", in, got)
		}
		got := WholeName(in)
		if got != want {
			t.Errorf("WholeName(%q) = %q, want %q", in, got, want)
		}
		if again := WholeName(got); again != got {
			t.Errorf("WholeName(%q) = %q", got, again)
		}
	}
}

// TestDisplayWidth checks that terminals which count graphemes and those which
// count code points agree on what Display made of emoji and of Hangul.
func TestDisplayWidth(t *testing.T) {
	for _, s := range []string{
		"👨\u200d👩\u200d👧\u200d👦", "❤\ufe0f", "➡\ufe0f", "1\ufe0f\u20e3", "👍🏽", "👩🏿\u200d🚀", "🇩🇪",
		"🏴\U000e0067\U000e0062\U000e007f", "\u1112\u1161\u11ab", "e\u0301", "\u0301", "中文", "ก็",
	} {
		d := Display(s)
		if g, w := ansi.StringWidth(d), ansi.StringWidthWc(d); g != w {
			t.Errorf("%q: %d cells by graphemes, %d by code points", d, g, w)
		}
	}
}

func FuzzDisplay(f *testing.F) {
	for _, s := range []string{
		"a", "\x1b[2J", "\u202e", "\xff", "👨\u200d👩", "a\u0301\u0301", "\u1100\u200d\u1161", "\u0301\u1161",
		"\u1100\u1161\u11a8", "\u17b4", "☝🏽", "\ufe0f", "\u200d", "\u0345\u0323\u0301", "\ufdfa",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := Display(s)
		if !utf8.ValidString(d) {
			t.Fatalf("Display(%q) = %q is not UTF-8", s, d)
		}
		for _, r := range d {
			if !unicode.IsGraphic(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) ||
				unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Cf, r) {
				t.Errorf("Display(%q) = %q holds %U", s, d, r)
			}
		}
		if again := Display(d); again != d {
			t.Errorf("Display(%q) = %q, then %q", s, d, again)
		}
		if len(d) > 10*len(s) {
			t.Errorf("Display(%q) grows to %d bytes", s, len(d))
		}
	})
}

func BenchmarkDisplay(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Display("Übersicht über die Rechnungen 2026.pdf")
	}
}
