package ui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

func TestSaidTakesWhatIsThereAndRunsNothing(t *testing.T) {
	ran := 0
	work := func() tea.Msg { ran++; return "worked" }
	for name, c := range map[string]struct {
		cmd  tea.Cmd
		said int
		rest bool
	}{
		"nothing":    {nil, 0, false},
		"one":        {Toast(Note, "a"), 1, false},
		"open":       {Open(nil), 1, false},
		"a batch":    {Batch(Toast(Note, "a"), work, Quit()), 2, true},
		"nested":     {Batch(Batch(Toast(Note, "a"), Toast(Note, "b")), Quit()), 3, false},
		"work":       {work, 0, true},
		"a sequence": {tea.Sequence(Quit(), Quit()), 0, true},
	} {
		msgs, rest := Said(c.cmd)
		if len(msgs) != c.said || (rest != nil) != c.rest {
			t.Errorf("%s: said %d, rest %v", name, len(msgs), rest != nil)
		}
	}
	if ran != 0 {
		t.Errorf("Said ran %d commands", ran)
	}
}
