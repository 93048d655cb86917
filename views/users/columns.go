package users

import (
	"slices"
	"strings"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui/cell"
	"ferry/ui/table"
)

func (s *Screen) columns() []table.Column[backend.User] {
	return []table.Column[backend.User]{
		{Title: "Username", Min: 16, Weight: 3, Middle: true, Sort: "username", Cell: func(u backend.User) string { return pathutil.Display(u.Username) }, Role: whole},
		{Title: "Name", Min: 12, Weight: 3, Sort: "name", Drop: 3, Cell: func(u backend.User) string { return s.orDash(u.Name) }, Role: whole},
		{Title: "Groups", Min: 12, Weight: 3, Drop: 2, Cell: s.groupNames, Role: faint},
		{Title: "Last login", Width: 12, Sort: "last_login_at", Cell: func(u backend.User) string { return cell.Ago(u.LastLoginAt, s.env.Now()) }, Role: faint},
		{Title: "2FA", Width: 9, Drop: 1, Cell: twoFactor, Role: func(u backend.User) theme.Role {
			if u.TwoFactor == "" && !u.Disabled {
				return theme.Warn
			}
			return theme.Faint
		}},
		{Title: "State", Width: 14, Sort: "disabled", Cell: s.state, Role: s.stateRole},
	}
}

func whole(u backend.User) theme.Role {
	if u.Disabled {
		return theme.Faint
	}
	return theme.Text
}

func faint(backend.User) theme.Role { return theme.Faint }

func (s *Screen) orDash(text string) string {
	if text == "" {
		return s.env.Theme.Glyphs.Dash
	}
	return pathutil.Display(text)
}

func twoFactor(u backend.User) string {
	if u.TwoFactor == "" {
		return "none"
	}
	return pathutil.Display(strings.ReplaceAll(u.TwoFactor, "_", ", "))
}

func (s *Screen) state(u backend.User) string {
	g := &s.env.Theme.Glyphs
	switch {
	case u.LockedOut(s.env.Now()):
		return g.Locked + " locked out"
	case u.Disabled:
		return g.Paused + " disabled"
	case u.SiteAdmin:
		return g.Done + " site admin"
	case u.ReadOnlyAdmin:
		return g.Done + " admin, reads"
	}
	return g.Done + " enabled"
}

func (s *Screen) stateRole(u backend.User) theme.Role {
	switch {
	case u.LockedOut(s.env.Now()):
		return theme.Bad
	case u.Disabled:
		return theme.Faint
	}
	return theme.Good
}

// groupNames lists the groups of a user by name.
func (s *Screen) groupNames(u backend.User) string {
	if len(u.GroupIDs) == 0 {
		return s.env.Theme.Glyphs.Dash
	}
	names := make([]string, len(u.GroupIDs))
	for i, id := range u.GroupIDs {
		names[i] = s.groupName(id)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// text is what narrowing looks at.
func (s *Screen) text(u backend.User) string {
	return strings.Join([]string{u.Username, u.Name, u.Email, u.Company, s.groupNames(u), s.state(u)}, " ")
}
