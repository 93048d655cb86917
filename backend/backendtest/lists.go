package backendtest

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
)

// listCases takes every list of the reference that needs nothing to be named:
// its pages, the sorts that it allows, and one sort and one filter that no list
// has (PROTOCOL.md 5).
var listCases = []testCase{
	{name: "lists", admin: true, run: func(t *testing.T, s *suite) {
		for _, r := range s.c.Resources() {
			if !r.List || len(r.Needs) > 0 {
				continue
			}
			t.Run(r.Name, func(t *testing.T) {
				path := "/" + r.Segment
				w := s.send(t, "GET", path+"?per_page=2", nil)
				if s.Embedded == nil && w.status == 403 { // not in the plan of the site
					return
				}
				if l := w.ok(200).list(); len(l) > 2 {
					t.Errorf("a page of %d", len(l))
				}
				for i, f := range r.Sorts { // up and down in turns
					s.walkList(t, fmt.Sprintf("%s?sort_by[%s]=%s", path, f, []string{"asc", "desc"}[i%2]))
				}
				s.walkList(t, path+"?")
				s.send(t, "GET", path+"?sort_by[no_such_field]=asc", nil).refused("bad-request/")
				if len(r.Sorts) > 1 {
					s.send(t, "GET", path+"?sort_by["+r.Sorts[0]+"]=asc&sort_by["+r.Sorts[1]+"]=asc", nil).refused("bad-request/multiple-sort-params-not-allowed")
				}
				s.send(t, "GET", path+"?filter[no_such_field]=x", nil).refused("bad-request/invalid-filter-field")
				s.send(t, "GET", path+"?per_page=0", nil).refused("bad-request/")
				s.send(t, "GET", path+"?cursor=nonsense", nil).refused("bad-request/invalid-cursor")
			})
		}
	}},
	{name: "filters: every comparison of times", admin: true, run: timeFilters},
	{name: "filters: Python's and others' spelling of flags", admin: true, run: flagFilters},
	{name: "filters: by the beginning of a name", admin: true, run: prefixFilter},
	{name: "filters: one that may not be combined", admin: true, run: badCombination},
	{name: "filters: a value of another type", admin: true, run: badValue},
	{name: "pages: a list goes on behind a record that has gone", admin: true, run: goneRecord},
	{name: "pages: back to the first", admin: true, run: pagesBack},
}

// walkList reads the first pages of a list, two records each: none comes twice,
// and none is left out of what one large page has.
func (s *suite) walkList(t *testing.T, path string) {
	t.Helper()
	ids := func(w *wire) (out []string) {
		for _, r := range w.ok(200).list() {
			out = append(out, fmt.Sprint(r["id"]))
		}
		return out
	}
	all := ids(s.send(t, "GET", path+"&per_page=6", nil))
	if len(all) < 3 || all[0] == "<nil>" {
		return // no second page, or nothing by which one could tell records apart
	}
	var got []string
	cursor := ""
	for range 3 {
		w := s.send(t, "GET", path+"&per_page=2&cursor="+url.QueryEscape(cursor), nil)
		got = append(got, ids(w)...)
		if cursor = w.header.Get("X-Files-Cursor"); cursor == "" {
			break
		}
	}
	if !slices.Equal(got, all) {
		t.Errorf("%s: in pages of two %q, at once %q", path, got, all)
	}
}

func timeFilters(t *testing.T, s *suite) {
	u := s.user(t, "filtered")
	when := func(q string) int {
		n := 0
		for _, x := range s.send(t, "GET", "/users?per_page=1000&"+q, nil).ok(200).list() {
			if x["id"] == float64(u.ID) {
				n++
			}
		}
		return n
	}
	for _, op := range []string{"filter", "filter_gt", "filter_gteq", "filter_lt", "filter_lteq"} {
		if n := when(op + "[last_login_at]=2020-01-01"); n != 0 {
			t.Errorf("%s finds a user who never came", op)
		}
	}
	s.session(t, params{"username": u.Username, "password": password}).ok(201)
	for q, want := range map[string]int{
		"filter_gt[last_login_at]=2020-01-01": 1, "filter_gteq[last_login_at]=2020-01-01T00:00:00Z": 1, "filter_lt[last_login_at]=2020-01-01": 0,
		"filter_lteq[last_login_at]=2100-01-01": 1, "filter_gt[last_login_at]=2100-01-01T00:00:00.123456": 0,
	} {
		if n := when(q); n != want {
			t.Errorf("%s finds %d, want %d", q, n, want)
		}
	}
}

func flagFilters(t *testing.T, s *suite) {
	u := s.user(t, "flagged")
	for _, yes := range []string{"false", "False"} {
		for field, want := range map[string]bool{"disabled": true, "site_admin": true, "not_site_admin": false} {
			l := s.send(t, "GET", fmt.Sprintf("/users?per_page=10000&filter[%s]=%s", field, yes), nil).ok(200).list()
			if found := slices.ContainsFunc(l, func(x map[string]any) bool { return x["id"] == float64(u.ID) }); found != want {
				t.Errorf("filter[%s]=%s finds the user: %v", field, yes, found)
			}
		}
	}
}

func prefixFilter(t *testing.T, s *suite) {
	u := s.user(t, "prefixed")
	for prefix, want := range map[string]int{u.Username: 1, u.Username[:len(u.Username)-3]: 1, "x" + u.Username: 0} {
		if l := s.send(t, "GET", "/users?filter_prefix[username]="+prefix, nil).ok(200).list(); len(l) != want {
			t.Errorf("%s: %d users, want %d", prefix, len(l), want)
		}
	}
}

func badCombination(t *testing.T, s *suite) {
	s.send(t, "GET", "/users?filter[disabled]=true&filter[last_login_at]=2024-01-01", nil).refused("bad-request/")
}

func badValue(t *testing.T, s *suite) {
	for _, q := range []string{"filter[disabled]=perhaps", "filter_gt[last_login_at]=soon"} {
		s.send(t, "GET", "/users?"+q, nil).refused("bad-request/invalid-filter-param-value")
	}
	s.send(t, "GET", "/users?filter=disabled", nil).refused("bad-request/")
}

// people makes users whose names are in order, and the list of them.
func (s *suite) people(t *testing.T, name string, n int) (ids []int64, path string) {
	t.Helper()
	for i := range n {
		ids = append(ids, s.user(t, fmt.Sprint(name, i)).ID)
	}
	return ids, "/users?sort_by[username]=asc&filter_prefix[username]=" + s.tag + "-" + name
}

func goneRecord(t *testing.T, s *suite) {
	ids, path := s.people(t, "gone", 4)
	next := url.QueryEscape(s.send(t, "GET", path+"&per_page=2", nil).ok(200).header.Get("X-Files-Cursor"))
	if err := s.c.DeleteUser(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	if l := s.send(t, "GET", path+"&per_page=2&cursor="+next, nil).ok(200).list(); len(l) != 2 || l[0]["id"] != float64(ids[2]) {
		t.Errorf("behind the cursor are %v", l)
	}
}

func pagesBack(t *testing.T, s *suite) {
	ids, path := s.people(t, "back", 3)
	first := s.send(t, "GET", path+"&per_page=1", nil).ok(200)
	second := s.send(t, "GET", path+"&per_page=1&cursor="+url.QueryEscape(first.header.Get("X-Files-Cursor")), nil).ok(200)
	if first.header.Get("X-Files-Cursor-Prev") != "" {
		t.Error("the first page has one before it")
	}
	back := s.send(t, "GET", path+"&per_page=1&cursor="+url.QueryEscape(second.header.Get("X-Files-Cursor-Prev")), nil).ok(200).list()
	if len(back) != 1 || back[0]["id"] != float64(ids[0]) {
		t.Errorf("back on the first page are %v", back)
	}
}
