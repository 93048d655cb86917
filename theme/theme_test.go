package theme

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEveryNameIsATheme(t *testing.T) {
	for _, n := range Names() {
		th, ok := Named(n, nil)
		if !ok || th.Name != n {
			t.Errorf("Named(%q) = %v, %v", n, th, ok)
		}
	}
	if _, ok := Named("no such theme", nil); ok {
		t.Error("a theme that does not exist was found")
	}
}

// Focus and failure must survive without colour.
func TestPlainUsesNoColour(t *testing.T) {
	th, _ := Named("plain", nil)
	for s := range surfaces {
		for r := range roles {
			on := strings.Trim(th.On(s, r).Open(), "\x1b[m")
			for _, part := range strings.Split(on, ";") {
				if len(part) > 1 {
					t.Errorf("surface %d role %d is coloured: %q", s, r, on)
				}
			}
		}
	}
	if th.On(Bar, Text).Open() == th.Ink(Text).Open() || th.Ink(Focused).Open() == th.Ink(Border).Open() {
		t.Error("the cursor bar or the focused frame looks like any other")
	}
}

func TestPick(t *testing.T) {
	for _, c := range []struct {
		want     string
		noColour bool
		dark     bool
		name     string
	}{
		{"", false, true, "dark"},
		{"auto", false, false, "light"},
		{"light", false, true, "light"},
		{"light", true, true, "plain"},
		{"nonsense", false, false, "dark"},
	} {
		if got := Pick(c.want, c.noColour, c.dark, nil).Name; got != c.name {
			t.Errorf("Pick(%q, %v, %v) = %s, want %s", c.want, c.noColour, c.dark, got, c.name)
		}
	}
}

func TestGlyphsAreSingleCharacters(t *testing.T) {
	for _, g := range []Glyphs{Unicode, ASCII} {
		v := reflect.ValueOf(g)
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Name == "Name" || f.Type.Kind() != reflect.String {
				continue
			}
			s := v.Field(i).String()
			if utf8.RuneCountInString(s) != 1 {
				t.Errorf("%s.%s = %q, want one character", g.Name, f.Name, s)
			}
			if g.Name == "ascii" && s[0] >= utf8.RuneSelf {
				t.Errorf("%s.%s = %q is not ASCII", g.Name, f.Name, s)
			}
		}
	}
}

func TestProgressIsFullOnlyAtTheEnd(t *testing.T) {
	full := strings.Repeat("█", 10)
	if got := Unicode.Progress(1, 10); got != full {
		t.Errorf("at the end: %q", got)
	}
	if got := Unicode.Progress(0.9999, 10); got == full || utf8.RuneCountInString(got) != 10 {
		t.Errorf("just before the end: %q", got)
	}
	if got := Unicode.Progress(-1, 4); got != "    " {
		t.Errorf("below zero: %q", got)
	}
}

// Signs of one column, or that stand for opposite things, differ.
func TestSignsThatMeanDifferentThingsDiffer(t *testing.T) {
	for _, g := range []Glyphs{Unicode, ASCII} {
		seen := map[string]string{}
		for name, sign := range map[string]string{
			"verified": g.Verified, "done": g.Done, "failed": g.Failed, "running": g.Running, "paused": g.Paused,
			"waiting": g.Waiting, "skipped": g.Skipped, "cursor": g.Cursor, "size only": g.SizeOnly,
		} {
			if other := seen[sign]; other != "" {
				t.Errorf("%s: %s and %s are both %q", g.Name, name, other, sign)
			}
			seen[sign] = name
		}
	}
	if got := ASCII.Spell("a␉b · odd/d␠ d?"); got != `a\b : odd/d\ d?` {
		t.Errorf("spelt %q", got)
	}
}
