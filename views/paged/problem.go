package paged

import (
	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/ui"
)

// steps is the way out of an error as an action of the screen or the shell.
var steps = map[backend.Step]struct {
	action keymap.Action
	text   string
}{
	backend.StepRetry:   {keymap.Refresh, "try again"},
	backend.StepRefresh: {keymap.Refresh, "load again"},
	backend.StepLogin:   {keymap.SwitchSite, "log in"},
	backend.StepLog:     {keymap.Messages, "messages"},
	backend.StepQueue:   {keymap.Drawer, "transfers"},
}

// Problem is an error in the words in which a list shows it in place.
func Problem(keys *keymap.Map, err error) ui.Problem {
	x := backend.Explain(err)
	p := ui.Problem{Title: pathutil.Display(x.Title), Code: pathutil.Display(x.Code)}
	for _, line := range x.Lines {
		p.Lines = append(p.Lines, pathutil.Display(line))
	}
	seen := map[keymap.Action]bool{}
	for _, s := range x.Steps {
		if st, ok := steps[s]; ok && !seen[st.action] {
			seen[st.action] = true
			p.Hints = append(p.Hints, keymap.Hint{Key: keys.Key(st.action), Text: st.text})
		}
	}
	if !seen[keymap.Refresh] {
		p.Hints = append(p.Hints, keymap.Hint{Key: keys.Key(keymap.Refresh), Text: "load again"})
	}
	return p
}
