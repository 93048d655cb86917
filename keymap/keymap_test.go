package keymap

import (
	"strings"
	"testing"
)

func TestDeclaredOnceWithKeysAndLabels(t *testing.T) {
	seen := map[Action]bool{}
	for _, b := range Default().All() {
		if seen[b.Action] {
			t.Errorf("%s is declared twice", b.Action)
		}
		seen[b.Action] = true
		if b.Label == "" || b.Group == "" || len(b.Keys) == 0 {
			t.Errorf("%s lacks a label, a group or a key: %+v", b.Action, b)
		}
		if strings.ToLower(b.Label[:1]) != b.Label[:1] {
			t.Errorf("%s: label %q does not start in lower case", b.Action, b.Label)
		}
	}
}

func TestGlobalKeysNeverMeetListKeys(t *testing.T) {
	m := Default()
	lists := Set{}
	for _, b := range list {
		lists = append(lists, Item{Action: b.Action})
	}
	if c := m.Conflicts(Globals().And(lists)); len(c) > 0 {
		t.Fatalf("conflicts: %s", strings.Join(c, "; "))
	}
}

func TestMatch(t *testing.T) {
	m := Default()
	s := Of(First, Down).Disable("the list is empty", Down)
	for _, c := range []struct {
		typed string
		want  Outcome
		act   Action
		why   string
	}{
		{"g", Pending, "", ""},
		{"g g", Found, First, ""},
		{"home", Found, First, ""},
		{"j", Found, Down, "the list is empty"},
		{"x", Nothing, "", ""},
		{"g x", Nothing, "", ""},
	} {
		it, got := m.Match(s, strings.Fields(c.typed))
		if got != c.want || it.Action != c.act || it.Why != c.why {
			t.Errorf("Match(%q) = %v %v, want %v %v %q", c.typed, it, got, c.want, c.act, c.why)
		}
	}
}

func TestRemap(t *testing.T) {
	m := Default()
	if err := m.Remap(Down, "e"); err != nil {
		t.Fatal(err)
	}
	if _, o := m.Match(Of(Down), []string{"j"}); o != Nothing {
		t.Error("the old key still works")
	}
	if it, o := m.Match(Of(Down), []string{"e"}); o != Found || it.Action != Down {
		t.Error("the new key does not work")
	}
	if err := m.Remap("no.such", "x"); err == nil || !strings.Contains(err.Error(), "no.such") {
		t.Errorf("unknown action: %v", err)
	}
	if err := m.Remap(Down, " "); err == nil {
		t.Error("an empty key was taken")
	}
}

func TestConflictsNamesBothActions(t *testing.T) {
	m := Default()
	if err := m.Remap(Up, "j"); err != nil {
		t.Fatal(err)
	}
	got := m.Conflicts(Of(Up, Down))
	if len(got) != 1 || !strings.Contains(got[0], string(Up)) || !strings.Contains(got[0], string(Down)) {
		t.Fatalf("got %q", got)
	}
}

func TestCaption(t *testing.T) {
	for in, want := range map[string]string{"ctrl+d": "^d", "g g": "gg", "f5": "F5", "f": "f", "esc": "esc", "pgdown": "PgDn"} {
		if got := Caption(in); got != want {
			t.Errorf("Caption(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAPlainActionIsHintedWhereItMatters(t *testing.T) {
	m := Default()
	s := Of(PageDown, Enter)
	if got := m.Hints(s); len(got) != 1 || got[0].Text != "open" {
		t.Errorf("hints %v", got)
	}
	if got := m.Hints(s.Hinted(PageDown, "on")); len(got) != 2 || got[0] != (Hint{Key: "PgDn", Text: "on"}) {
		t.Errorf("hints %v", got)
	}
	if got := m.Hints(s.Hinted(PageDown, "on").Disable("there is no more", PageDown)); len(got) != 1 {
		t.Errorf("hints %v", got)
	}
}
