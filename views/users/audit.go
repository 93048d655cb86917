package users

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

// audit is a question to the whole list that the site cannot answer by itself:
// every user is loaded and looked at here.
type audit struct {
	key, label string
	holds      func(u backend.User, now time.Time) bool
}

type auditMsg struct{ audit *audit }

const day = 24 * time.Hour

// unused holds for users without a sign of life on any protocol for so many
// days; somebody who never came counts from the day the account was made.
func unused(days int) func(backend.User, time.Time) bool {
	return func(u backend.User, now time.Time) bool {
		last := u.LastSeen()
		if last.IsZero() {
			last = u.CreatedAt
		}
		return now.Sub(last) >= time.Duration(days)*day
	}
}

var audits = []*audit{
	{"n", "never logged in", func(u backend.User, _ time.Time) bool { return u.LastSeen().IsZero() }},
	{"3", "nothing on any protocol for 30 days", unused(30)},
	{"9", "nothing on any protocol for 90 days", unused(90)},
	{"1", "nothing on any protocol for 180 days", unused(180)},
	{"l", "locked out", func(u backend.User, now time.Time) bool { return u.LockedOut(now) }},
	{"2", "no second factor", func(u backend.User, _ time.Time) bool { return u.TwoFactor == "" && !u.Disabled }},
	{"p", "password expired", func(u backend.User, now time.Time) bool {
		return !u.PasswordExpiresAt.IsZero() && u.PasswordExpiresAt.Before(now)
	}},
	{"a", "site administrators", func(u backend.User, _ time.Time) bool { return u.SiteAdmin || u.ReadOnlyAdmin }},
	{"d", "disabled", func(u backend.User, _ time.Time) bool { return u.Disabled }},
	{"g", "in no group", func(u backend.User, _ time.Time) bool { return len(u.GroupIDs) == 0 }},
}

// auditMenu offers the audits with what each finds among the loaded users.
func (s *Screen) auditMenu() tea.Cmd {
	now, rows := s.env.Now(), s.list.Rows()
	among := "of the " + cell.Count(len(rows)) + " loaded so far"
	if s.list.Done() {
		among = "of all " + cell.Count(len(rows))
	}
	spec := dialog.MenuSpec{Title: "Audits · " + among}
	for i, a := range audits {
		n := 0
		for _, u := range rows {
			if a.holds(u, now) {
				n++
			}
		}
		if s.audit == a {
			spec.Selected = i
		}
		spec.Items = append(spec.Items, dialog.MenuItem{
			Key: a.key, Label: cell.Fit(a.label, 38) + cell.FitRight(cell.Count(n), 8), Cmd: ui.Say(auditMsg{a}),
		})
	}
	if s.audit != nil {
		spec.Items = append(spec.Items, dialog.MenuItem{Key: "x", Label: "no audit: everybody", Cmd: ui.Say(auditMsg{})})
	}
	return ui.Open(dialog.Menu(s.env, spec))
}

// setAudit shows whom an audit finds, loading the rest of the list for it.
func (s *Screen) setAudit(a *audit) tea.Cmd {
	s.audit = a
	s.keepHere()
	if a == nil {
		return s.list.Follow()
	}
	return s.list.All()
}
