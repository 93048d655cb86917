package views

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/ui"
)

// graphemes is the terminal mode in which it measures whole graphemes, as this
// program does then.
const graphemes = 2027

// press gives a key to the top: as an action when it is one there, as text when
// the top is typing.
func (a *App) press(msg tea.KeyPressMsg) tea.Cmd {
	if a.tooEarly(msg) {
		a.pending = nil
		return a.stillness()
	}
	top := a.top()
	set := a.Keys()
	a.pending = append(a.pending, msg.String())
	it, outcome := a.env.Keys.Match(set, a.pending)
	switch outcome {
	case keymap.Pending:
		return nil
	case keymap.Found:
		a.pending = nil
		if msg.IsRepeat && (it.Action == keymap.Yes || it.Action == keymap.Press) {
			return nil // a key held down answers no question
		}
		return a.run(it)
	}
	lone := len(a.pending) == 1
	a.pending = nil
	if lone && top != nil && top.Typing() {
		return a.settle(top.Update(msg))
	}
	if c, ok := top.(*card); ok && lone {
		return a.pastCard(c, msg)
	}
	if lone && top != nil && top == ui.Component(a.drawer) {
		return a.pastDrawer(msg)
	}
	if q, ok := top.(ui.Question); ok && lone && q.Decides() && !msg.IsRepeat {
		var keys []string
		for _, h := range a.env.Keys.Hints(q.Keys()) {
			keys = append(keys, h.Key)
		}
		return a.say(ui.Note, ui.NoAnswer(keymap.Caption(msg.String()), keys))
	}
	return nil
}

// pastDrawer says what becomes of a key that the drawer does not know: what can
// be done everywhere is done, and what is of the screen below waits for it.
func (a *App) pastDrawer(msg tea.KeyPressMsg) tea.Cmd {
	below := a.screens[a.route]
	if below == nil {
		return nil
	}
	everywhere := a.globals()
	it, outcome := a.env.Keys.Match(below.Keys().And(everywhere), []string{msg.String()})
	switch {
	case outcome == keymap.Found && everywhere.Has(it.Action) && !below.Keys().Has(it.Action):
		return ui.Batch(a.pop(a.drawer), a.run(it))
	case outcome == keymap.Found || outcome == keymap.Pending:
		return a.say(ui.Note, keymap.Caption(msg.String())+" is of the screen below: "+a.env.Keys.Key(keymap.CloseBox)+" closes the drawer first")
	}
	return nil
}

// pastCard says what becomes of a key that a card does not know: one that goes to
// a screen goes there, every other one waits until the card is closed.
func (a *App) pastCard(c *card, msg tea.KeyPressMsg) tea.Cmd {
	it, outcome := a.env.Keys.Match(a.globals(), []string{msg.String()})
	if outcome == keymap.Found && it.Why == "" {
		for _, t := range tabs {
			if t.action == it.Action {
				return ui.Batch(a.pop(c), a.run(it))
			}
		}
	}
	return a.say(ui.Note, keymap.Caption(msg.String())+" is no key of this card: "+a.env.Keys.Key(keymap.CloseBox)+" closes it first")
}

// settle takes at once what a key's command only says: a box is open before the
// next key is looked at, however fast it was typed.
func (a *App) settle(cmd tea.Cmd) tea.Cmd {
	msgs, rest := ui.Said(cmd)
	cmds := []tea.Cmd{rest}
	for _, m := range msgs {
		_, c := a.Update(m)
		cmds = append(cmds, a.settle(c))
	}
	return ui.Batch(cmds...)
}

// run carries an action out, or says why it cannot be.
func (a *App) run(it keymap.Item) tea.Cmd {
	if it.Why != "" {
		return a.say(ui.Warning, upper(it.Why))
	}
	if keymap.Globals().Has(it.Action) && !a.claims(it.Action) {
		return a.do(it.Action)
	}
	if top := a.top(); top != nil {
		return a.settle(top.Do(it.Action))
	}
	return nil
}

// claims tells whether the top has its own meaning for a global action. Help is the
// same for all, also where the top says with which keys.
func (a *App) claims(act keymap.Action) bool {
	top := a.top()
	return top != nil && act != keymap.Help && top.Keys().Has(act)
}

// globals is the global set as it stands now.
func (a *App) globals() keymap.Set {
	s := keymap.Globals()
	for r, t := range tabs {
		if r == a.route {
			s = s.Disable("this is that screen", t.action)
		}
	}
	return s
}

// do carries out a global action.
func (a *App) do(act keymap.Action) tea.Cmd {
	for r, t := range tabs {
		if t.action == act {
			return a.show(r, nil)
		}
	}
	switch act {
	case keymap.Help:
		return a.push(a.helpBox())
	case keymap.Palette:
		return a.push(a.paletteBox())
	case keymap.Drawer:
		if a.drawer == nil {
			return nil
		}
		if slices.Contains(a.stack.All(), a.drawer) {
			return a.pop(a.drawer)
		}
		return a.push(a.drawer)
	case keymap.Messages:
		return a.push(a.logBox())
	case keymap.SwitchSite:
		return a.openLogin(a.leftBehind())
	case keymap.ThemeNext:
		return a.nextTheme()
	case keymap.Quit:
		return a.quit()
	case keymap.Interrupt:
		return a.interrupt()
	case keymap.Redraw:
		return tea.ClearScreen
	case keymap.Suspend:
		return tea.Suspend
	}
	return nil
}

// interrupt cancels what the top is waiting for; a second press soon after asks
// to quit.
func (a *App) interrupt() tea.Cmd {
	now := a.env.Now()
	again := now.Sub(a.lastBreak) < 2*time.Second
	a.lastBreak = now
	if again {
		a.lastBreak = time.Time{}
		return a.quit()
	}
	var cmd tea.Cmd
	if top := a.top(); top != nil {
		if it, ok := top.Keys().Find(keymap.EscapeLevel); ok && it.Why == "" {
			cmd = top.Do(keymap.EscapeLevel)
		}
	}
	return ui.Batch(cmd, a.say(ui.Note, "Press "+a.env.Keys.Key(keymap.Interrupt)+" again to quit"))
}
