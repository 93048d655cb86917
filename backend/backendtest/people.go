package backendtest

import (
	"slices"
	"strings"
	"testing"

	"ferry/backend"
)

var peopleCases = []testCase{
	{name: "users", admin: true, run: users},
	{name: "lists of users", admin: true, run: userLists},
	{name: "groups", admin: true, run: groups},
}

const password = "Correct-horse-7-battery"

// user makes a user for one case.
func (s *suite) user(t *testing.T, name string) backend.User {
	t.Helper()
	username, pw, email := s.tag+"-"+name, password, s.tag+"-"+name+"@example.com"
	u, err := s.c.CreateUser(t.Context(), backend.UserEdit{Username: &username, Password: &pw, Email: &email})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.c.DeleteUser(ctxOf(t), u.ID); err != nil && !isNotFound(err) {
			t.Errorf("take the user away: %v", err)
		}
	})
	return u
}

func users(t *testing.T, s *suite) {
	ctx := t.Context()
	u := s.user(t, "one")
	if u.ID == 0 || u.Username != s.tag+"-one" || u.SiteAdmin || u.Disabled || u.AuthMethod != "password" || u.CreatedAt.IsZero() {
		t.Errorf("made %+v", u)
	}
	_, err := s.c.CreateUser(ctx, backend.UserEdit{Username: &u.Username})
	if e := refusal(t, err, backend.ClassModelSaveError); len(e.Fields["username"]) == 0 {
		t.Errorf("the field is not named: %+v", e)
	}
	name, off := "Contractor", true
	got, err := s.c.UpdateUser(ctx, u.ID, backend.UserEdit{Name: &name, Disabled: &off})
	if err != nil || got.Name != name || !got.Disabled {
		t.Errorf("changed %+v %v", got, err)
	}
	if got, err = s.c.User(ctx, u.ID); err != nil || got.Name != name || !got.Disabled || got.Username != u.Username {
		t.Errorf("read %+v %v", got, err)
	}
	if err := s.c.UnlockUser(ctx, u.ID); err != nil {
		t.Error(err)
	}
	if err := s.c.DeleteUser(ctx, u.ID); err != nil {
		t.Error(err)
	}
	_, err = s.c.User(ctx, u.ID)
	refused(t, err, backend.NotFound)
}

func userLists(t *testing.T, s *suite) {
	ctx := t.Context()
	for _, n := range []string{"b", "a", "c"} {
		s.user(t, n)
	}
	q := backend.Query{
		SortBy: "username", PerPage: 2,
		Filters: []backend.Filter{{Op: backend.Prefix, Field: "username", Value: s.tag + "-"}, {Field: "not_site_admin", Value: "true"}},
	}
	var got []string
	for u, err := range s.c.AllUsers(ctx, q) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimPrefix(u.Username, s.tag+"-"))
	}
	if !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("users %q", got)
	}
	q.Desc = true
	p, err := s.c.Users(ctx, q)
	if err != nil || len(p.Items) != 2 || !strings.HasSuffix(p.Items[0].Username, "-c") || p.Next == "" {
		t.Errorf("page %+v %v", p, err)
	}
	p, err = s.c.Users(ctx, backend.Query{Filters: []backend.Filter{{Op: backend.Less, Field: "last_login_at", Value: "1999-01-01"}}})
	if err != nil {
		t.Error(err)
	}
	for _, u := range p.Items {
		if !u.LastLoginAt.IsZero() {
			t.Errorf("%s was seen on %v", u.Username, u.LastLoginAt)
		}
	}
}

func groups(t *testing.T, s *suite) {
	ctx := t.Context()
	u := s.user(t, "member")
	h := s.c.Resource("groups")
	g, err := h.Create(ctx, map[string]any{"name": s.tag + "-group"})
	if err != nil {
		t.Fatal(err)
	}
	id, _ := g["id"].(int64)
	t.Cleanup(func() {
		if err := h.Delete(ctxOf(t), id, nil); err != nil {
			t.Error(err)
		}
	})
	ids := []int64{id}
	if u, err = s.c.UpdateUser(ctx, u.ID, backend.UserEdit{GroupIDs: &ids}); err != nil || !slices.Equal(u.GroupIDs, ids) {
		t.Errorf("member of %v %v", u.GroupIDs, err)
	}
	p, err := s.c.Groups(ctx, backend.Query{Filters: []backend.Filter{{Field: "name", Value: s.tag + "-group"}}})
	if err != nil || len(p.Items) != 1 || !slices.Contains(p.Items[0].UserIDs, u.ID) {
		t.Errorf("group %+v %v", p, err)
	}
}
