package users

import (
	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/dialog"
)

// Keys is what can be done with the users now.
func (s *Screen) Keys() keymap.Set {
	if s.Typing() {
		return s.list.Keys()
	}
	set := keymap.Of(
		keymap.Enter, keymap.UserToggle, keymap.UserUnlock, keymap.UserReset2FA, keymap.UserEdit, keymap.UserCreate,
		keymap.UserAudit, keymap.UserFilter, keymap.UserDelete, keymap.UserWelcome,
		keymap.Sort, keymap.Reverse, keymap.Info, keymap.CopyText, keymap.EscapeLevel,
	).And(s.list.Keys()).Named(keymap.Enter, "card")

	t := s.list.Table.Targets()
	if len(t) == 0 {
		set = set.Disable("there is no user under the cursor",
			keymap.Enter, keymap.Info, keymap.CopyText, keymap.UserEdit, keymap.UserToggle, keymap.UserUnlock,
			keymap.UserReset2FA, keymap.UserDelete, keymap.UserWelcome)
	} else {
		set = s.fit(set, t)
	}
	if s.batch != nil {
		set = set.Disable("wait until the users before are done, or stop with "+s.env.Keys.Key(keymap.EscapeLevel),
			keymap.UserToggle, keymap.UserUnlock, keymap.UserReset2FA, keymap.UserDelete, keymap.UserWelcome)
	}
	if !s.canEscape() {
		set = set.Disable("there is nothing to clear or to stop", keymap.EscapeLevel)
	}
	return set
}

// fit names the actions for the chosen users and says which of them have no
// use.
func (s *Screen) fit(set keymap.Set, t []backend.User) keymap.Set {
	if anyEnabled(t) {
		set = set.Named(keymap.UserToggle, "disable")
	} else {
		set = set.Named(keymap.UserToggle, "enable")
	}
	if len(s.locked(t)) == 0 {
		set = set.Disable("not locked out", keymap.UserUnlock)
	}
	if len(withTwoFactor(t)) == 0 {
		set = set.Disable("no second factor is set up", keymap.UserReset2FA)
	}
	return set
}

func (s *Screen) canEscape() bool {
	return s.batch != nil || s.list.CanEscape() || s.audit != nil || !s.asked.none()
}

// Do carries out an action that Keys offers.
func (s *Screen) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Enter, keymap.Info:
		return s.card()
	case keymap.UserCreate:
		return s.create()
	case keymap.UserEdit:
		return s.edit()
	case keymap.UserToggle:
		return s.toggle()
	case keymap.UserDelete:
		return s.remove()
	case keymap.UserUnlock:
		return s.unlock()
	case keymap.UserReset2FA:
		return s.resetTwoFactor()
	case keymap.UserWelcome:
		return s.welcome()
	case keymap.UserFilter:
		return s.filterForm()
	case keymap.UserAudit:
		return s.auditMenu()
	case keymap.Sort:
		return s.sortMenu()
	case keymap.Reverse:
		o := s.order
		o.desc = !o.desc
		return s.setOrder(o)
	case keymap.Refresh:
		return ui.Batch(s.reload(), s.loadGroups())
	case keymap.CopyText:
		return s.copyMenu()
	case keymap.EscapeLevel:
		return s.escape()
	}
	cmd, _ := s.list.Do(a)
	return cmd
}

// escape goes one level back: stop, clear the narrowing, the marks, the audit,
// the filters.
func (s *Screen) escape() tea.Cmd {
	switch {
	case s.batch != nil:
		return s.stop()
	case s.list.Escape():
		return s.list.Follow()
	case s.audit != nil:
		return s.setAudit(nil)
	case !s.asked.none():
		return s.setFilters(filters{})
	}
	return nil
}

func (s *Screen) copyMenu() tea.Cmd {
	u, ok := s.list.Table.Cursor()
	if !ok {
		return nil
	}
	items := []dialog.MenuItem{
		{Key: "u", Label: "user name: " + pathutil.Display(u.Username), Cmd: ui.Copy(u.Username, "user name")},
	}
	if u.Email != "" {
		items = append(items, dialog.MenuItem{Key: "e", Label: "e-mail: " + pathutil.Display(u.Email), Cmd: ui.Copy(u.Email, "e-mail")})
	}
	id := idOf(u)
	items = append(
		items,
		dialog.MenuItem{Key: "i", Label: "id: " + id, Cmd: ui.Copy(id, "user id")},
		dialog.MenuItem{Key: "f", Label: "files-cli users find --id=" + id, Cmd: ui.Copy("files-cli users find --id="+id, "command")},
	)
	return ui.Open(dialog.Menu(s.env, dialog.MenuSpec{Title: "Copy", Items: items}))
}
