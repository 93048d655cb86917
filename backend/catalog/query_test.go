package catalog

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func listOf(t *testing.T, resource, op string) *List {
	t.Helper()
	r, _ := Lookup(resource)
	e, ok := r.Endpoint(op)
	if !ok {
		t.Fatalf("no %s %s", resource, op)
	}
	return e.List
}

func fields(s string) []string { return strings.Fields(s) }

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		resource string
		query    Query
		wireType string // "" for legal
		legal    string // one of what the error offers
	}{
		{"user", Query{}, "", ""},
		{"user", Query{Sort: "username"}, "", ""},
		{"user", Query{Sort: "id"}, typeSort, "username"},
		{"user", Query{Filter: fields("company")}, "", ""},
		{"user", Query{Filter: fields("language")}, typeFilter, "username"},
		{"user", Query{Prefix: fields("site_admin")}, typeFilter, "email"},
		{"user", Query{Gt: fields("username")}, typeFilter, "last_login_at"},
		{"user", Query{GtEq: fields("created_at")}, typeFilter, "last_login_at"},
		{"user", Query{Lt: fields("email")}, typeFilter, "last_login_at"},
		{"user", Query{LtEq: fields("email")}, typeFilter, "last_login_at"},
		{"user", Query{GtEq: fields("last_login_at"), Lt: fields("last_login_at")}, "", ""},
		// What the vendor's page shows.
		{"user", Query{Sort: "username", Prefix: fields("username"), Filter: fields("not_site_admin")}, "", ""},
		{"user", Query{Filter: fields("username site_admin")}, "", ""},
		{"user", Query{Filter: fields("username site_admin workspace_id")}, "", ""},
		{"user", Query{Filter: fields("site_admin email")}, typeCombination, "username"},
		{"user", Query{Filter: fields("not_site_admin"), GtEq: fields("last_login_at")}, typeAlias, "username"},
		{"user", Query{Filter: fields("username site_admin disabled")}, typeCombination, "workspace_id"},
		{"user", Query{Prefix: fields("company name")}, "", ""},
		{"user", Query{Prefix: fields("username"), Filter: fields("workspace_id")}, "", ""},
		{"user", Query{Prefix: fields("name"), Filter: fields("company")}, "", ""},
		{"user", Query{Prefix: fields("username email")}, typeCombination, "site_admin"},
		// Combinations of filters that are not ones of prefixes.
		{"remote_server", Query{Filter: fields("workspace_id name")}, "", ""},
		{"remote_server", Query{Filter: fields("workspace_id server_type name")}, "", ""},
		// A complete power set, with and without a smallest size.
		{"automation", Query{Filter: fields("automation")}, "", ""},
		{"automation", Query{Filter: fields("automation disabled workspace_id")}, "", ""},
		{"action_log", Query{Filter: fields("user_id"), Prefix: fields("path username"), Gt: fields("created_at")}, "", ""},
		{"action_log", Query{Sort: "path"}, typeNoSorting, ""},
		// Plain sets hold for prefixes too.
		{"permission", Query{Filter: fields("user_id"), Prefix: fields("path")}, "", ""},
		{"permission", Query{Filter: fields("partner_id user_id")}, typeCombination, "path"},
		{"notification", Query{Filter: fields("workspace_id user_id path")}, "", ""},
	} {
		err := listOf(t, c.resource, "list").Check(c.query)
		if c.wireType == "" {
			if err != nil {
				t.Errorf("%s %+v: %v", c.resource, c.query, err)
			}
			continue
		}
		var qe *QueryError
		if !errors.As(err, &qe) || qe.Type != c.wireType || qe.Message == "" || qe.Field == "" {
			t.Errorf("%s %+v: %#v, want %s", c.resource, c.query, err, c.wireType)
			continue
		}
		if c.legal != "" && !slices.Contains(qe.Legal, c.legal) {
			t.Errorf("%s %+v offers %v, not %s", c.resource, c.query, qe.Legal, c.legal)
		}
		if cl := Classify(qe.Type); cl.Type != qe.Type || cl.Group != "bad-request" {
			t.Errorf("no site sends %s", qe.Type)
		}
	}
}

func TestCheckWithoutList(t *testing.T) {
	var l *List
	if err := l.Check(Query{}); err != nil {
		t.Error(err)
	}
	if l.Check(Query{Sort: "id"}) == nil || l.Check(Query{Filter: fields("id")}) == nil || l.Allows("id") {
		t.Error("a list without capabilities accepts a query")
	}
	if !l.Allows() || l.Filterable() != nil {
		t.Error("a list without capabilities refuses nothing at all")
	}
}

// TestEveryCombination checks that every list accepts each sort, each field
// alone and each of its combinations, and that Partners agrees.
func TestEveryCombination(t *testing.T) {
	for _, e := range Endpoints() {
		l := e.List
		if l == nil {
			continue
		}
		for _, s := range l.Sort {
			if err := l.Check(Query{Sort: s}); err != nil {
				t.Errorf("%s: %v", e.Path, err)
			}
		}
		for _, k := range l.kinds(Query{}) {
			for _, f := range k.legal {
				if !l.Allows(f, f) {
					t.Errorf("%s refuses %s of %s", e.Path, k.name, f)
				}
			}
		}
		for _, set := range l.Combinations.Filter {
			if err := l.Check(Query{Filter: set}); err != nil {
				t.Errorf("%s %v: %v", e.Path, set, err)
			}
			if p := l.Partners(set[1:]...); len(set) > 1 && !slices.Contains(p, set[0]) {
				t.Errorf("%s: %s is no partner of %v, only %v", e.Path, set[0], set[1:], p)
			}
		}
		for _, set := range l.Combinations.Prefix {
			if err := l.Check(Query{Prefix: set}); err != nil {
				t.Errorf("%s %v by prefix: %v", e.Path, set, err)
			}
		}
		if any := l.Combinations.AnySubsetOf; any != nil && !l.Allows(any...) {
			t.Errorf("%s refuses all of its power set", e.Path)
		}
	}
}

// TestCombinationKinds checks rules that today's tables leave without a case.
func TestCombinationKinds(t *testing.T) {
	l := &List{
		Filter: fields("a b c"), Prefix: fields("a b c"),
		Combinations: Combinations{
			Filter: [][]string{{"a", "b"}, {"a", "c"}, {"b", "c"}},
			Prefix: [][]string{{"a", "b"}},
		},
	}
	if err := l.Check(Query{Prefix: fields("b a")}); err != nil {
		t.Error(err)
	}
	if err := l.Check(Query{Prefix: fields("b"), Filter: fields("c")}); err != nil {
		t.Error(err)
	}
	if l.Check(Query{Prefix: fields("b c")}) == nil {
		t.Error("two prefixes that only go together as values are accepted")
	}
	l.Combinations = Combinations{AnySubsetOf: fields("a b c"), MinSize: 3}
	if l.Allows("a", "b") || !l.Allows("a", "b", "c") || !l.Allows("a") {
		t.Error("the smallest size of a power set is not respected")
	}
}
