package backend

import "slices"

// ListRules is what the site can be asked to sort and filter a list by. The
// same facts stand in package catalog, which screens do not import; a test
// compares the two.
type ListRules struct {
	Sorts    []string   // one at a time, ascending or descending
	Filters  []string   // each alone, with any comparison its type has
	Together [][]string // sets of filters that may be combined
}

// The rules of the lists that have a screen of their own (PROTOCOL.md 5 and 13).
var (
	UserList = ListRules{
		Sorts: []string{
			"username", "name", "email", "company", "last_login_at", "last_desktop_login_at",
			"authenticate_until", "disabled", "site_admin",
		},
		Filters: []string{"username", "not_site_admin", "last_login_at", "disabled", "site_admin"},
		Together: [][]string{
			{"not_site_admin", "username"}, {"site_admin", "username"},
		},
	}
	AutomationList = ListRules{
		Sorts:    []string{"name", "automation", "last_modified_at", "disabled"},
		Filters:  []string{"disabled", "automation"},
		Together: [][]string{{"automation", "disabled"}},
	}
)

// Allows tells whether the site filters by these fields together. A field named
// twice counts once.
func (r ListRules) Allows(fields ...string) bool {
	f := slices.Clone(fields)
	slices.Sort(f)
	f = slices.Compact(f)
	for _, x := range f {
		if !slices.Contains(r.Filters, x) {
			return false
		}
	}
	if len(f) < 2 {
		return true
	}
	return slices.ContainsFunc(r.Together, func(set []string) bool { return slices.Equal(set, f) })
}
