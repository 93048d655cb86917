package views

import (
	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/views/login"
)

// openLogin shows the login prompt; why is shown above the fields.
func (a *App) openLogin(why string) tea.Cmd {
	if a.login != nil {
		return nil
	}
	a.login = login.New[*Session](a.env, a.cfg.Host, a.cfg.Login, why)
	a.cfg.Login.Start = nil // once
	return a.push(a.login)
}

// sessionEnded shows the prompt over the screen as it stands; the work waits
// below and goes on after the login.
func (a *App) sessionEnded(err error) tea.Cmd {
	if a.sess == nil || a.login != nil {
		return nil
	}
	x := a.noteError(err)
	form := a.cfg.Login
	form.Start, form.Error = nil, nil
	form.BaseURL, form.Username = a.sess.Account.BaseURL, a.sess.Account.Username
	form.Method = login.Password
	a.login = login.New[*Session](a.env, renewal{a.cfg.Host, a.sess}, form, x.Title+". Log in again; everything goes on where it was.")
	return a.push(a.login)
}

// loggedIn takes the session of the prompt: a new one replaces the screens, a
// renewed one lets them go on.
func (a *App) loggedIn(m login.DoneMsg[*Session]) tea.Cmd {
	if a.login != nil {
		a.stack.Remove(a.login)
		a.login = nil
	}
	if m.Session == a.sess {
		a.sess.Queue.Unpark()
		a.note(theme.Good, "Logged in again", "")
		return tea.Batch(a.say(ui.Success, "Logged in again"), a.refresh())
	}
	cmd := a.begin(m.Session)
	acc := m.Session.Account
	return tea.Batch(cmd, a.say(ui.Success, "Logged in to "+acc.Site+" as "+name(acc)), a.told(m.Note))
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
