package users

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"ferry/backend"
	"ferry/keymap"
	"ferry/views/paged"
	"ferry/views/paged/pagedtest"
)

// fake is a directory of users in memory that notes what it was asked.
type fake struct {
	users   []backend.User
	queries []backend.Query
	edits   []backend.UserEdit
	calls   []string
	page    int   // rows of a page; 0 obeys the query
	err     error // of lists
	refuse  error // of changes
	refused string
}

func (f *fake) Users(_ context.Context, q backend.Query) (backend.Page[backend.User], error) {
	f.queries = append(f.queries, q)
	if f.err != nil {
		return backend.Page[backend.User]{}, f.err
	}
	from := 0
	_, _ = fmt.Sscan(q.Cursor, &from)
	n := q.PerPage
	if f.page > 0 {
		n = f.page
	}
	to := min(from+n, len(f.users))
	p := backend.Page[backend.User]{Items: slices.Clone(f.users[from:to])}
	if to < len(f.users) {
		p.Next = fmt.Sprint(to)
	}
	return p, nil
}

func (f *fake) change(call string, id int64) (*backend.User, error) {
	i := slices.IndexFunc(f.users, func(u backend.User) bool { return u.ID == id })
	f.calls = append(f.calls, call+" "+f.users[i].Username)
	if f.refuse != nil && (f.refused == "" || f.refused == f.users[i].Username) {
		return nil, f.refuse
	}
	return &f.users[i], nil
}

func (f *fake) CreateUser(_ context.Context, e backend.UserEdit) (backend.User, error) {
	f.edits = append(f.edits, e)
	if f.refuse != nil {
		return backend.User{}, f.refuse
	}
	u := backend.User{ID: 9999, Username: *e.Username}
	f.users = append(f.users, u)
	return u, nil
}

func (f *fake) UpdateUser(_ context.Context, id int64, e backend.UserEdit) (backend.User, error) {
	f.edits = append(f.edits, e)
	u, err := f.change("update", id)
	if err != nil {
		return backend.User{}, err
	}
	if e.Disabled != nil {
		u.Disabled = *e.Disabled
	}
	if e.Email != nil {
		u.Email = *e.Email
	}
	return *u, nil
}

func (f *fake) DeleteUser(_ context.Context, id int64) error {
	_, err := f.change("delete", id)
	return err
}

func (f *fake) UnlockUser(_ context.Context, id int64) error {
	_, err := f.change("unlock", id)
	return err
}

func (f *fake) ResetTwoFactor(_ context.Context, id int64) error {
	_, err := f.change("reset", id)
	return err
}

func (f *fake) ResendWelcome(_ context.Context, id int64) error {
	_, err := f.change("welcome", id)
	return err
}

func (f *fake) Groups(context.Context, backend.Query) (backend.Page[backend.Group], error) {
	return backend.Page[backend.Group]{Items: []backend.Group{{ID: 1, Name: "Finance"}, {ID: 2, Name: "Payables"}, {ID: 3, Name: "Uploads"}}}, nil
}

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func some() []backend.User {
	ago := func(days int) time.Time { return noon.AddDate(0, 0, -days) }
	return []backend.User{
		{ID: 1, Username: "admin", Name: "Site administration", Email: "admin@example.com", SiteAdmin: true, TwoFactor: "totp", CreatedAt: ago(900), LastLoginAt: noon.Add(-5 * time.Minute), LastWebLoginAt: noon.Add(-5 * time.Minute), AuthMethod: "password", Require2FA: "use_system_setting"},
		{ID: 2, Username: "contractor-17", GroupIDs: []int64{1, 2}, CreatedAt: ago(200), AuthMethod: "password", Require2FA: "use_system_setting"},
		{ID: 3, Username: "finance-lead", Name: "Finance department", GroupIDs: []int64{1}, TwoFactor: "sms_totp", CreatedAt: ago(400), LastLoginAt: ago(3), LockoutExpires: noon.Add(time.Hour)},
		{ID: 4, Username: "scanner-east", GroupIDs: []int64{3, 77}, Disabled: true, CreatedAt: ago(700), LastLoginAt: ago(214), LastSFTPLoginAt: ago(100)},
		{ID: 5, Username: "scanner-\x1b[31mwest", GroupIDs: []int64{3}, CreatedAt: ago(10)},
	}
}

// crowd is n users.
func crowd(n int) []backend.User {
	out := make([]backend.User, n)
	for i := range out {
		out[i] = backend.User{ID: int64(i + 1), Username: fmt.Sprintf("user-%04d", i+1), CreatedAt: noon.AddDate(-1, 0, 0)}
		if i%10 != 0 {
			out[i].LastLoginAt = noon.AddDate(0, 0, -i%200)
		}
	}
	return out
}

func open(t *testing.T, f *fake, w, h int) (*pagedtest.Rig, *Screen) {
	t.Helper()
	r := pagedtest.New(t)
	s := New(r.Env, f)
	r.Show(s, w, h)
	r.Sound()
	return r, s
}

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name string
		w, h int
	}{{"wide", 120, 33}, {"narrow", 80, 21}} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := open(t, &fake{users: some()}, c.w, c.h)
			r.Do(keymap.Down)
			v := r.Screenful()
			r.Fills(v, c.w, c.h)
			golden.RequireEqual(t, []byte(v))
		})
	}
}

func TestUnsizedIsEmpty(t *testing.T) {
	r := pagedtest.New(t)
	if v := New(r.Env, &fake{}).View(); v != "" {
		t.Errorf("an unsized screen draws %q", v)
	}
}

func TestPagesComeAsTheCursorNears(t *testing.T) {
	f := &fake{users: crowd(3000)}
	r, s := open(t, f, 120, 33)
	if got := f.queries[0].PerPage; got != paged.FirstPage {
		t.Errorf("the first page asks for %d", got)
	}
	r.Holds(r.Screenful(), "200 users loaded, more to come")
	if len(f.queries) != 1 {
		t.Fatalf("%d requests before the cursor moved", len(f.queries))
	}
	for range 6 {
		r.Do(keymap.PageDown)
	}
	if len(f.queries) != 2 || f.queries[1].PerPage != paged.NextPage || f.queries[1].Cursor != "200" {
		t.Fatalf("the second page was asked for as %+v", f.queries[1:])
	}
	r.Do(keymap.Last)
	r.Holds(r.Screenful(), "3,000 users", "user-3000")
	r.Lacks(r.Screenful(), "more to come")
	if u, _ := s.list.Table.Cursor(); u.Username != "user-3000" {
		t.Errorf("G went to %s", u.Username)
	}
}

func TestEscStopsLoadingAll(t *testing.T) {
	f := &fake{users: crowd(3000)}
	r, s := open(t, f, 120, 33)
	r.Hold()
	r.Do(keymap.Last)
	r.Holds(r.Screenful(), "so far · esc stops")
	r.Do(keymap.EscapeLevel)
	r.Release()
	if s.list.Busy() || len(s.list.Rows()) != 200 {
		t.Errorf("%d rows after the stop", len(s.list.Rows()))
	}
	r.Holds(r.Screenful(), "200 users loaded, more to come")
}

func TestServerSortAndLocalSort(t *testing.T) {
	f := &fake{users: some()}
	r, s := open(t, f, 120, 33)
	r.Do(keymap.Sort)
	r.Type("l")
	q := f.queries[len(f.queries)-1]
	if q.SortBy != "last_login_at" || !q.Desc {
		t.Errorf("asked for %+v", q)
	}
	r.Do(keymap.Reverse)
	if q := f.queries[len(f.queries)-1]; q.Desc {
		t.Error("the order was not reversed")
	}
	r.Do(keymap.Sort)
	r.Type("p")
	if q := f.queries[len(f.queries)-1]; q.SortBy != "" {
		t.Errorf("a local order was asked of the site: %+v", q)
	}
	r.Holds(r.Screenful(), "by last use on any protocol ↓ among the loaded")
	r.Do(keymap.First)
	if u, _ := s.list.Table.Cursor(); u.Username != "admin" {
		t.Errorf("%s is the first one", u.Username)
	}
	for _, o := range orders {
		if !o.local && !slices.Contains(backend.UserList.Sorts, o.field) {
			t.Errorf("%s is offered as the site's order", o.field)
		}
	}
}

func TestNarrowing(t *testing.T) {
	r, _ := open(t, &fake{users: some()}, 120, 33)
	r.Do(keymap.Narrow)
	r.Sound()
	r.Type("payables")
	r.Fills(r.Screenful(), 120, 33)
	r.Holds(r.Screenful(), "╰ /payables ")
	r.Holds(r.Screenful(), "contractor-17", "1 of 5 users")
	r.Lacks(r.Screenful(), "finance-lead")
	r.Do(keymap.PickRun)
	r.Holds(r.Screenful(), "/payables in what is loaded")
	r.Do(keymap.EscapeLevel)
	r.Holds(r.Screenful(), "finance-lead")
}

func TestHostileNamesAreShownSafely(t *testing.T) {
	r, _ := open(t, &fake{users: some()}, 120, 33)
	if strings.Contains(r.Screen.View(), "\x1b[31mwest") {
		t.Error("an escape sequence of a user name reached the screen")
	}
	r.Holds(r.Screenful(), "scanner-␛[31mwest")
}

func TestFailureInPlaceAndRetry(t *testing.T) {
	f := &fake{users: some(), err: &backend.Error{Group: backend.Connection, Class: backend.ClassAPIConnection}}
	r, _ := open(t, f, 80, 21)
	r.Holds(r.Screenful(), "The site cannot be reached", "try again")
	f.err = nil
	r.Do(keymap.Refresh)
	r.Holds(r.Screenful(), "contractor-17")
}
