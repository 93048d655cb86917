package conformance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/session"
	"github.com/Files-com/files-sdk-go/v3/user"
)

func users(t *testing.T, p files_sdk.UserListParams) []files_sdk.User {
	t.Helper()
	it, err := (&user.Client{Config: admin()}).List(p)
	return all[files_sdk.User](t, it, err)
}

// unique is a name that no other test uses.
func unique(prefix string) string { return fmt.Sprintf("%s-%08x", prefix, rand.Uint32()) }

// makeUser creates a user that is deleted after the test.
func makeUser(t *testing.T, p files_sdk.UserCreateParams) files_sdk.User {
	t.Helper()
	client := &user.Client{Config: admin()}
	u := must(client.Create(p))(t)
	t.Cleanup(func() {
		if err := client.Delete(files_sdk.UserDeleteParams{Id: u.Id}); err != nil && !files_sdk.IsNotFound(err) {
			t.Error(err)
		}
	})
	return u
}

func TestUserLife(t *testing.T) {
	client := &user.Client{Config: admin()}
	name := unique("conformance")
	u := makeUser(t, files_sdk.UserCreateParams{
		Username: name, Password: "a long enough password", Name: "Scanner East", Email: name + "@example.com", Company: "Depot",
	})
	if u.Id == 0 || u.Username != name || u.Name != "Scanner East" || u.Email != name+"@example.com" {
		t.Errorf("the new user is %+v", u)
	}
	equal(t, "authentication_method", u.AuthenticationMethod, "password")
	if u.SiteAdmin == nil || *u.SiteAdmin || u.Disabled == nil || *u.Disabled || u.RestapiPermission == nil || !*u.RestapiPermission {
		t.Errorf("the defaults of the new user are wrong: %+v", u)
	}
	s := must((&session.Client{Config: anonymous()}).Create(files_sdk.SessionCreateParams{Username: name, Password: "a long enough password"}))(t)
	if s.Id == "" {
		t.Error("the new user's session has no id")
	}

	u = must(client.Update(files_sdk.UserUpdateParams{Id: u.Id, Name: "Scanner West", Notes: "moved"}))(t)
	equal(t, "name", u.Name, "Scanner West")
	got := must(client.Find(files_sdk.UserFindParams{Id: u.Id}))(t)
	if got.Notes != "moved" || got.Email != name+"@example.com" {
		t.Errorf("after the update the user is %+v", got)
	}
	u = must(client.UpdateWithMap(map[string]any{"id": u.Id, "disabled": true, "notes": ""}))(t)
	if u.Disabled == nil || !*u.Disabled || u.Notes != "" {
		t.Errorf("disabled is %v and notes %q", u.Disabled, u.Notes)
	}
	_, err := (&session.Client{Config: anonymous()}).Create(files_sdk.SessionCreateParams{Username: name, Password: "a long enough password"})
	if err == nil {
		t.Error("a disabled user logged in")
	}

	check(t, client.Delete(files_sdk.UserDeleteParams{Id: u.Id}))
	_, err = client.Find(files_sdk.UserFindParams{Id: u.Id})
	refused(t, err, "not-found")
	refused(t, client.Delete(files_sdk.UserDeleteParams{Id: u.Id}), "not-found")
}

func TestUserListing(t *testing.T) {
	prefix := unique("conf")
	var want []string
	for i := range 7 {
		want = append(want, fmt.Sprintf("%s-%d", prefix, i))
		makeUser(t, files_sdk.UserCreateParams{Username: want[i], Password: "a long enough password"})
	}
	usernames := func(p files_sdk.UserListParams) []string {
		t.Helper()
		var out []string
		for _, u := range users(t, p) {
			out = append(out, u.Username)
		}
		return out
	}
	byPrefix := map[string]any{"username": prefix}
	got := usernames(files_sdk.UserListParams{
		FilterPrefix: byPrefix, SortBy: map[string]any{"username": "asc"}, ListParams: files_sdk.ListParams{PerPage: 3},
	})
	if !slices.Equal(got, want) {
		t.Errorf("by prefix, ascending: %q, want %q", got, want)
	}
	got = usernames(files_sdk.UserListParams{FilterPrefix: byPrefix, SortBy: map[string]any{"username": "desc"}})
	slices.Reverse(got)
	if !slices.Equal(got, want) {
		t.Errorf("by prefix, descending, reversed: %q, want %q", got, want)
	}
	if got := usernames(files_sdk.UserListParams{Filter: map[string]any{"username": want[3]}}); !slices.Equal(got, want[3:4]) {
		t.Errorf("by name: %q, want %q", got, want[3:4])
	}
	if got := usernames(files_sdk.UserListParams{Search: prefix}); len(got) != len(want) {
		t.Errorf("by search: %q", got)
	}
	for _, u := range users(t, files_sdk.UserListParams{Filter: map[string]any{"site_admin": true}}) {
		if u.SiteAdmin == nil || !*u.SiteAdmin {
			t.Errorf("%s is no site administrator", u.Username)
		}
	}
	for _, u := range users(t, files_sdk.UserListParams{Filter: map[string]any{"not_site_admin": true}, ListParams: files_sdk.ListParams{PerPage: 50, MaxPages: 1}}) {
		if u.SiteAdmin != nil && *u.SiteAdmin {
			t.Errorf("%s is a site administrator", u.Username)
		}
	}
}

// The demo site has 3,000 users; every page size gives each of them once, in order.
func TestAllUsers(t *testing.T) {
	for _, perPage := range []int64{700, 10_000} {
		seen := make(map[int64]bool)
		last := ""
		for _, u := range users(t, files_sdk.UserListParams{SortBy: map[string]any{"username": "asc"}, ListParams: files_sdk.ListParams{PerPage: perPage}}) {
			if name := strings.ToLower(u.Username); name < last {
				t.Fatalf("%q comes after %q", name, last)
			} else {
				last = name
			}
			if seen[u.Id] {
				t.Fatalf("user %d comes twice", u.Id)
			}
			seen[u.Id] = true
		}
		if len(seen) < 3000 {
			t.Errorf("%d a page: %d users", perPage, len(seen))
		}
	}
}

func TestUsersByLastLogin(t *testing.T) {
	day := time.Now().AddDate(0, 0, -30).UTC().Truncate(24 * time.Hour)
	for _, c := range []struct {
		what string
		p    files_sdk.UserListParams
		ok   func(time.Time) bool
	}{
		{"since", files_sdk.UserListParams{FilterGteq: map[string]any{"last_login_at": day.Format(time.RFC3339)}}, func(at time.Time) bool { return !at.Before(day) }},
		{"before", files_sdk.UserListParams{FilterLt: map[string]any{"last_login_at": day.Format(time.RFC3339)}}, func(at time.Time) bool { return at.Before(day) }},
		// A date alone is midnight in the time zone of the site, whichever that is.
		{"before the day", files_sdk.UserListParams{FilterLt: map[string]any{"last_login_at": day.Format(time.DateOnly)}}, func(at time.Time) bool { return at.Before(day.Add(14 * time.Hour)) }},
	} {
		c.p.PerPage = 1000
		got := users(t, c.p)
		if len(got) == 0 {
			t.Errorf("%s %v: no users", c.what, day)
		}
		for _, u := range got {
			if u.LastLoginAt == nil || !c.ok(*u.LastLoginAt) {
				t.Errorf("%s %v: %s logged in last at %v", c.what, day, u.Username, u.LastLoginAt)
				break
			}
		}
	}
}

// Wrong passwords lock a user out; an administrator lets them in again.
func TestUnlockUser(t *testing.T) {
	name := unique("locked")
	u := makeUser(t, files_sdk.UserCreateParams{Username: name, Password: "a long enough password"})
	sessions := &session.Client{Config: anonymous()}
	locked := false
	for range 50 {
		_, err := sessions.Create(files_sdk.SessionCreateParams{Username: name, Password: "wrong"})
		if locked = files_sdk.IsErrorType(err, files_sdk.ErrLockedOut); locked {
			break
		}
		refused(t, err, files_sdk.ErrInvalidUsernameOrPassword)
	}
	if !locked {
		t.Fatal("50 wrong passwords did not lock the user out")
	}
	_, err := sessions.Create(files_sdk.SessionCreateParams{Username: name, Password: "a long enough password"})
	refused(t, err, files_sdk.ErrLockedOut)
	client := &user.Client{Config: admin()}
	if got := must(client.Find(files_sdk.UserFindParams{Id: u.Id}))(t); got.LockoutExpires == nil {
		t.Error("lockout_expires is not set")
	}
	check(t, client.Unlock(files_sdk.UserUnlockParams{Id: u.Id}))
	must(sessions.Create(files_sdk.SessionCreateParams{Username: name, Password: "a long enough password"}))(t)
	check(t, client.User2faReset(files_sdk.UserUser2faResetParams{Id: u.Id}))
}

func TestResendWelcomeEmail(t *testing.T) {
	name := unique("welcome")
	u := makeUser(t, files_sdk.UserCreateParams{Username: name, Email: name + "@example.com", AuthenticationMethod: "email_signup"})
	check(t, (&user.Client{Config: admin()}).ResendWelcomeEmail(files_sdk.UserResendWelcomeEmailParams{Id: u.Id}))
}
