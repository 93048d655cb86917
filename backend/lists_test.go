package backend_test

import (
	"testing"

	"ferry/backend"
	"ferry/backend/catalog"
)

// What the screens offer must be what the site accepts.
func TestListRulesAreThoseOfTheCatalog(t *testing.T) {
	for name, rules := range map[string]backend.ListRules{"user": backend.UserList, "automation": backend.AutomationList} {
		res, ok := catalog.Lookup(name)
		if !ok {
			t.Fatalf("no resource %q", name)
		}
		list, ok := res.Endpoint("list")
		if !ok {
			t.Fatalf("%s has no list", name)
		}
		for _, s := range rules.Sorts {
			if err := list.List.Check(catalog.Query{Sort: s}); err != nil {
				t.Errorf("%s sorted by %s: %v", name, s, err)
			}
		}
		for _, f := range rules.Filters {
			if !list.List.Allows(f) || !rules.Allows(f) {
				t.Errorf("%s filtered by %s is refused", name, f)
			}
		}
		for i, a := range rules.Filters {
			for _, b := range rules.Filters[i+1:] {
				if got, want := rules.Allows(a, b), list.List.Allows(a, b); got != want {
					t.Errorf("%s filtered by %s and %s: %v here, %v in the catalog", name, a, b, got, want)
				}
			}
		}
	}
	if backend.UserList.Allows("no_such_field") {
		t.Error("a field that does not exist is allowed")
	}
}
