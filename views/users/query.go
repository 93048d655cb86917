package users

import (
	"cmp"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/dialog"
)

// order is how the list is sorted. Local orders know only the loaded rows.
type order struct {
	field string
	desc  bool
	local bool
}

type sortMsg order

// orders is the sort menu: the legal ones of the site first.
var orders = []struct {
	order
	key, label string
}{
	{order{field: "username"}, "u", "user name"},
	{order{field: "name"}, "n", "name"},
	{order{field: "email"}, "e", "e-mail"},
	{order{field: "company"}, "c", "company"},
	{order{field: "last_login_at", desc: true}, "l", "last login"},
	{order{field: "last_desktop_login_at", desc: true}, "d", "last desktop login"},
	{order{field: "authenticate_until"}, "a", "end of access"},
	{order{field: "disabled", desc: true}, "s", "disabled"},
	{order{field: "site_admin", desc: true}, "A", "site administrators"},
	{order{field: "seen", desc: true, local: true}, "p", "last use on any protocol"},
	{order{field: "created", desc: true, local: true}, "b", "created"},
	{order{field: "2fa", local: true}, "2", "second factor"},
}

// localOrders compares two users by what the site cannot sort by.
var localOrders = map[string]func(a, b backend.User) int{
	"seen":    func(a, b backend.User) int { return a.LastSeen().Compare(b.LastSeen()) },
	"created": func(a, b backend.User) int { return a.CreatedAt.Compare(b.CreatedAt) },
	"2fa":     func(a, b backend.User) int { return cmp.Compare(a.TwoFactor, b.TwoFactor) },
}

func (o order) label() string {
	for _, x := range orders {
		if x.field == o.field {
			return x.label
		}
	}
	return o.field
}

func (s *Screen) sortMenu() tea.Cmd {
	spec := dialog.MenuSpec{Title: "Sort users by"}
	for i, o := range orders {
		label := o.label
		if o.local {
			label += " · sorted here, over the loaded users"
		}
		if o.field == s.order.field {
			spec.Selected = i
		}
		spec.Items = append(spec.Items, dialog.MenuItem{Label: label, Key: o.key, Cmd: ui.Say(sortMsg(o.order))})
	}
	return ui.Open(dialog.Menu(s.env, spec))
}

func (s *Screen) setOrder(o order) tea.Cmd {
	was := s.order
	s.order = o
	if o.local && was.local {
		s.sortHere()
		return nil
	}
	return s.reload()
}

func (s *Screen) sortHere() {
	s.list.Table.SetSort("", false)
	less := localOrders[s.order.field]
	if !s.order.local || less == nil {
		s.list.SortHere(nil)
		s.list.Table.SetSort(s.order.field, s.order.desc)
		return
	}
	desc := s.order.desc
	s.list.SortHere(func(a, b backend.User) int {
		if desc {
			a, b = b, a
		}
		return less(a, b)
	})
}

// filters is what the person wants to see. The site is asked for as much of it
// as it takes together; the rest is looked for here.
type filters struct {
	prefix   string
	notAdmin bool
	before   time.Time // last login before the start of this day
	after    time.Time // last login at this day or later
	disabled string    // "", "true" or "false"
}

type filterMsg filters

func (f filters) none() bool { return f == filters{} }

// split divides the filters into those the site is asked for and those that are
// left to this screen.
func (f filters) split() (asked []backend.Filter, rest filters) {
	rest = f
	var fields []string
	ask := func(field string, list ...backend.Filter) bool {
		if !backend.UserList.Allows(append(slices.Clone(fields), field)...) {
			return false
		}
		fields, asked = append(fields, field), append(asked, list...)
		return true
	}
	if f.prefix != "" && ask("username", backend.Filter{Op: backend.Prefix, Field: "username", Value: f.prefix}) {
		rest.prefix = ""
	}
	var logins []backend.Filter
	if !f.before.IsZero() {
		logins = append(logins, backend.Filter{Op: backend.Less, Field: "last_login_at", Value: stamp(f.before)})
	}
	if !f.after.IsZero() {
		logins = append(logins, backend.Filter{Op: backend.GreaterEqual, Field: "last_login_at", Value: stamp(f.after)})
	}
	if len(logins) > 0 && ask("last_login_at", logins...) {
		rest.before, rest.after = time.Time{}, time.Time{}
	}
	if f.disabled != "" && ask("disabled", backend.Filter{Field: "disabled", Value: f.disabled}) {
		rest.disabled = ""
	}
	if f.notAdmin && ask("not_site_admin", backend.Filter{Field: "not_site_admin", Value: "true"}) {
		rest.notAdmin = false
	}
	return asked, rest
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// match tells whether a loaded user fits.
func (f filters) match(u backend.User) bool {
	switch {
	case f.prefix != "" && !strings.HasPrefix(strings.ToLower(u.Username), strings.ToLower(f.prefix)):
		return false
	case f.notAdmin && u.SiteAdmin:
		return false
	case !f.before.IsZero() && (u.LastLoginAt.IsZero() || !u.LastLoginAt.Before(f.before)):
		return false
	case !f.after.IsZero() && u.LastLoginAt.Before(f.after):
		return false
	case f.disabled != "" && u.Disabled != (f.disabled == "true"):
		return false
	}
	return true
}

// words lists the filters as people say them.
func (f filters) words() []string {
	var out []string
	if f.prefix != "" {
		out = append(out, "user name starts with "+pathutil.Display(f.prefix))
	}
	if f.notAdmin {
		out = append(out, "not site admin")
	}
	if !f.before.IsZero() {
		out = append(out, "last login before "+f.before.Format(dayFormat))
	}
	if !f.after.IsZero() {
		out = append(out, "last login from "+f.after.Format(dayFormat))
	}
	switch f.disabled {
	case "true":
		out = append(out, "disabled")
	case "false":
		out = append(out, "enabled")
	}
	return out
}

// minus is f without what is in rest.
func (f filters) minus(rest filters) filters {
	if rest.prefix != "" {
		f.prefix = ""
	}
	if rest.notAdmin {
		f.notAdmin = false
	}
	if !rest.before.IsZero() {
		f.before = time.Time{}
	}
	if !rest.after.IsZero() {
		f.after = time.Time{}
	}
	if rest.disabled != "" {
		f.disabled = ""
	}
	return f
}

func (s *Screen) query() backend.Query {
	asked, _ := s.asked.split()
	q := backend.Query{Filters: asked}
	if !s.order.local {
		q.SortBy, q.Desc = s.order.field, s.order.desc
	}
	return q
}

// keepHere lets the list show what the audit and the filters beyond the site's
// leave over.
func (s *Screen) keepHere() {
	_, rest := s.asked.split()
	a, now := s.audit, s.env.Now()
	if a == nil && rest.none() {
		s.list.Keep(nil)
		return
	}
	s.list.Keep(func(u backend.User) bool {
		return rest.match(u) && (a == nil || a.holds(u, now))
	})
}

func (s *Screen) setFilters(f filters) tea.Cmd {
	s.asked = f
	return s.reload()
}

// describe is the foot of the frame: what the site was asked, and what was done
// with the loaded rows.
func (s *Screen) describe() string {
	th := s.env.Theme
	arrow := th.Glyphs.Up
	if s.order.desc {
		arrow = th.Glyphs.Down
	}
	_, rest := s.asked.split()
	var parts []string
	if w := s.asked.minus(rest).words(); len(w) > 0 {
		parts = append(parts, "asked the site: "+strings.Join(w, ", "))
	}
	if w := rest.words(); len(w) > 0 {
		parts = append(parts, "here: "+strings.Join(w, ", "))
	}
	if s.audit != nil {
		parts = append([]string{"audit: " + s.audit.label}, parts...)
	}
	by := "by " + s.order.label() + " " + arrow
	if s.order.local {
		by += " among the loaded"
	}
	parts = append(parts, by)
	if len(parts) == 1 {
		parts = append(parts, "no filter")
	} else {
		parts = append(parts, s.env.Keys.Key(keymap.EscapeLevel)+" clears")
	}
	return th.Paint(theme.Faint, strings.Join(parts, " "+th.Glyphs.Dot+" "))
}
