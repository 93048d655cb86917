package views

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/views/login"
	"ferry/views/transfers"
)

// intent handles what only the shell may do. Everything else is not mine.
func (a *App) intent(msg tea.Msg) (cmd tea.Cmd, mine bool) {
	switch m := msg.(type) {
	case ui.OpenMsg:
		return ui.Batch(a.push(m.Overlay), a.watchOut(m.Overlay)), true
	case guardEnds:
		a.unguard(m)
		return nil, true
	case ui.CloseMsg:
		return a.pop(m.Overlay), true
	case ui.GotoMsg:
		return a.show(m.Route, m.Args), true
	case ui.ToastMsg:
		return a.say(m.Kind, m.Text), true
	case turnEnds:
		return a.turned(m), true
	case ui.FailMsg:
		return a.fail(m.Err, m.Retry), true
	case ui.NotedMsg:
		a.noteError(m.Err)
		return nil, true
	case ui.CompareMsg:
		s, ok := a.screens[ui.RouteSync]
		if !ok {
			return nil, true
		}
		return ui.Batch(a.start(ui.RouteSync), a.settle(s.Update(m))), true
	case ui.RunMsg:
		var there tea.Cmd
		if m.Route != "" && m.Route != a.route {
			there = a.show(m.Route, nil)
		}
		it, ok := a.Keys().Find(m.Action)
		if ok && there != nil {
			return ui.Batch(there, a.run(it)), true
		}
		if there != nil {
			return ui.Batch(there, a.say(ui.Warning, "That cannot be done here now")), true
		}
		if !ok && keymap.Globals().Has(m.Action) {
			return a.do(m.Action), true // asked for by a box that lay over another one
		}
		if !ok {
			return a.say(ui.Warning, "That cannot be done here"), true
		}
		return a.run(it), true
	case ui.CopyMsg:
		return a.copy(m), true
	case ui.QuitMsg:
		return a.quit(), true
	case login.DoneMsg[*Session]:
		return a.loggedIn(m), true
	case SessionEndedMsg:
		return a.sessionEnded(m.Err), true
	case themeMsg:
		return a.setTheme(string(m)), true
	case drainMsg:
		return a.drain(m), true
	case partMsg:
		return a.part(), true
	case abortMsg:
		return a.abort(), true
	case ReauthMsg:
		return a.reauth(m), true
	case Below:
		if m.Session != a.sess {
			return nil, true
		}
		return a.intent(m.Msg)
	case NetMsg:
		a.net = m
		return nil, true
	case minute:
		if m.sess == a.sess {
			return a.tick(), true
		}
		return nil, true
	case transfers.SnapshotMsg:
		if a.sess == nil {
			return nil, true
		}
		if s, ok := a.screens[ui.RouteSync].(follows); ok {
			s.Follow(m.TransferSnapshot)
		}
		return ui.Batch(a.snapshot(m.TransferSnapshot), a.ask(), a.broadcast(m)), true
	}
	return nil, false
}

func (a *App) push(o ui.Overlay) tea.Cmd {
	a.stack.Push(o)
	a.stack.Resize(a.w, a.h)
	return o.Init()
}

func (a *App) pop(o ui.Overlay) tea.Cmd {
	a.stack.Remove(o)
	var cmd tea.Cmd
	if a.unasked {
		cmd = a.ask()
	}
	if l, ok := o.(*login.Screen[*Session]); ok && l == a.login {
		return ui.Batch(cmd, a.leftLogin())
	}
	return cmd
}

// fail shows an error as a card. A cancelled request is no error, and an ended
// session opens the login prompt instead.
func (a *App) fail(err error, retry tea.Cmd) tea.Cmd {
	if err == nil || backend.Cancelled(err) {
		return nil
	}
	if a.sess != nil && backend.SessionEnded(err) && a.sess.Account.KeyName == "" {
		a.stale = true
		return a.sessionEnded(err)
	}
	x := a.noteError(err)
	c := newCard(a.env, x, backend.AsError(err), retry)
	return ui.Batch(a.push(c), a.watchOut(c))
}

func (a *App) copy(m ui.CopyMsg) tea.Cmd {
	what := m.What
	if what == "" {
		what = m.Text
	}
	cmds := []tea.Cmd{tea.SetClipboard(m.Text), a.say(ui.Note, "Sent to the clipboard: "+what)}
	if put, text := a.cfg.Clipboard, m.Text; put != nil {
		cmds = append(cmds, func() tea.Msg {
			_ = put(text) // the terminal has been given it too, and says no more than this
			return nil
		})
	}
	return ui.Batch(cmds...)
}

func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + strings.TrimSuffix(s[n:], ".")
}
