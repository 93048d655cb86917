package views

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/ui"
)

// guardTime is how long the fingers must have been still before a question that
// opened by itself takes an answer: longer than the pause between two keys of
// somebody who types, shorter than it takes to read the question.
const guardTime = 400 * time.Millisecond

// guard keeps keys that were typed ahead from answering a question that nobody
// saw coming.
type guard struct {
	box ui.Overlay // the question; nil while nothing is guarded
	id  int        // of the wait that counts
}

// guardEnds passes when the fingers were still since wait id began.
type guardEnds struct{ id int }

// watchOut begins a guard for an overlay that opens while no key is looked at.
func (a *App) watchOut(o ui.Overlay) tea.Cmd {
	q, ok := o.(ui.Question)
	if !ok || a.pressing || !q.Decides() {
		return nil
	}
	a.guard.box = o
	return a.stillness()
}

// stillness begins the wait, anew when a key came.
func (a *App) stillness() tea.Cmd {
	a.guard.id++
	return a.env.After(guardTime, guardEnds{a.guard.id})
}

// Guarded tells whether the question in front takes no answer yet.
func (a *App) Guarded() bool {
	top, ok := a.stack.Top()
	return ok && a.guard.box != nil && top == a.guard.box
}

// unguard ends the wait that counts.
func (a *App) unguard(m guardEnds) {
	if m.id == a.guard.id {
		a.guard.box = nil
	}
}

// tooEarly tells whether a key is one that was typed ahead of the question in
// front. What works everywhere works here too.
func (a *App) tooEarly(msg tea.KeyPressMsg) bool {
	if !a.Guarded() {
		return false
	}
	_, outcome := a.env.Keys.Match(keymap.AlwaysSet(), []string{msg.String()})
	return outcome != keymap.Found
}
