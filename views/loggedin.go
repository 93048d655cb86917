package views

import (
	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/views/login"
)

// openLogin shows the login prompt; why is shown above the fields.
func (a *App) openLogin(why string) tea.Cmd {
	if a.login != nil {
		return nil
	}
	form := a.cfg.Login
	form.Back = a.sess != nil
	a.login = login.New[*Session](a.env, a.cfg.Host, form, why)
	a.cfg.Login.Start = nil // once
	return a.push(a.login)
}

// sessionEnded shows the prompt over the screen as it stands; the work waits
// below and goes on after the login. Behind a prompt that is open already it
// waits until that one is closed.
func (a *App) sessionEnded(err error) tea.Cmd {
	if a.sess == nil {
		return nil
	}
	a.over = err
	if a.login != nil {
		return nil
	}
	a.renewal = &renewal{Host: a.cfg.Host, session: a.sess}
	x := a.noteError(err)
	form := a.cfg.Login
	form.Start, form.Error = nil, nil
	form.BaseURL, form.Username = a.sess.Account.BaseURL, a.sess.Account.Username
	form.Method, form.Back, form.Renews = login.Password, true, true
	a.login = login.New[*Session](a.env, a.renewal, form, x.Title+". Log in again; everything goes on where it was.")
	return ui.Batch(a.push(a.login), a.watchOut(a.login))
}

// loggedIn takes the session of the prompt: a new one replaces the screens, a
// renewed one lets them go on.
func (a *App) loggedIn(m login.DoneMsg[*Session]) tea.Cmd {
	if a.login != nil {
		a.stack.Remove(a.login)
		a.login = nil
	}
	if m.Session == a.sess {
		stale := a.stale
		if a.renewal != nil {
			if acc := a.renewal.account.Load(); acc != nil {
				a.sess.Account = *acc
			}
		}
		a.over, a.renewal, a.stale = nil, nil, false
		a.sess.Queue.Unpark()
		cmd := ui.Batch(a.say(ui.Success, "Logged in again"), a.told(m.Note))
		if !stale {
			return cmd // the requests that waited go on; to load again would end them
		}
		return ui.Batch(cmd, a.refresh())
	}
	cmd := a.begin(m.Session)
	acc := m.Session.Account
	return ui.Batch(cmd, a.say(ui.Success, "Logged in to "+acc.Site+" as "+name(acc)), a.told(m.Note))
}

// leftLogin goes on without the login of a prompt that was closed. Requests that
// wait for one would wait for ever: they fail, and their cards offer it again.
func (a *App) leftLogin() tea.Cmd {
	renewed := a.renewal != nil
	a.login, a.renewal, a.stale = nil, nil, false
	switch {
	case a.sess == nil:
		return tea.Quit
	case renewed && a.sess.GiveUp != nil:
		a.over = nil
		give := a.sess.GiveUp
		return func() tea.Msg {
			give(&backend.Error{
				Class: backend.ClassAuthentication, Group: backend.Client, Op: "log in",
				Message: "The session has ended, and the prompt was closed without a login.",
			})
			return nil
		}
	case a.over != nil && !renewed:
		return a.sessionEnded(a.over)
	}
	return nil
}

func (a *App) told(warning string) tea.Cmd {
	if warning == "" {
		return nil
	}
	return a.say(ui.Warning, warning)
}

func name(acc backend.Account) string {
	if acc.Username != "" {
		return acc.Username
	}
	return acc.Rights()
}

// refresh loads the screen in front again, if it knows how.
func (a *App) refresh() tea.Cmd {
	top := a.top()
	if top == nil || !top.Keys().Has(keymap.Refresh) {
		return nil
	}
	return top.Do(keymap.Refresh)
}
