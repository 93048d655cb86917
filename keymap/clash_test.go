package keymap

import (
	"slices"
	"testing"
)

func TestClashes(t *testing.T) {
	if got := Default().Clashes(); len(got) != 0 {
		t.Fatalf("as declared: %q", got)
	}
	for name, c := range map[string]struct {
		keys map[Action][]string
		want []string
	}{
		"of one screen":            {map[Action][]string{Yank: {"x"}}, []string{"x is both files.yank and files.cut"}},
		"with what lists do":       {map[Action][]string{UserEdit: {"j"}}, []string{"j is both list.down and users.edit"}},
		"with what is everywhere":  {map[Action][]string{JobPause: {"q"}}, []string{"q is both app.quit and transfers.pause"}},
		"told once":                {map[Action][]string{Palette: {"j"}}, []string{"j is both app.palette and list.down"}},
		"of a box":                 {map[Action][]string{AnswerSkip: {"k"}}, []string{"k is both conflict.skip and conflict.keep-both"}},
		"a beginning":              {map[Action][]string{Rename: {"g"}}, []string{"g, which is files.rename, hides gg, which is list.first", "g, which is files.rename, hides gp, which is files.go-to-path"}},
		"turned round":             {map[Action][]string{Yank: {"x"}, Cut: {"y"}}, nil},
		"given up":                 {map[Action][]string{Yank: {"x"}, Cut: {}}, nil},
		"of two screens":           {map[Action][]string{UserEdit: {"b"}}, nil},
		"of another box":           {map[Action][]string{AnswerSkip: {"y"}}, nil},
		"of what is never there":   {map[Action][]string{SyncSave: {"i"}}, nil},
		"of what never meets":      {map[Action][]string{JobRetry: {"u"}, ItemRetry: {"u"}}, nil},
		"two presses, one of each": {map[Action][]string{Rename: {"g r"}}, nil},
	} {
		m := Default()
		for a, keys := range c.keys {
			if err := m.Remap(a, keys...); err != nil {
				t.Fatal(err)
			}
		}
		if got := m.Clashes(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
