package app

import (
	"strings"
	"testing"

	"ferry/backend"
	"ferry/keymap"
)

// people opens the users of the demo site.
func people(t *testing.T, world string) *Driver {
	t.Helper()
	d := New(t, Options{World: world})
	d.Do(keymap.GotoUsers)
	return d
}

func TestScenarioThreeThousandUsersArePaged(t *testing.T) {
	t.Parallel()
	d := people(t, "demo")
	d.Expect("Username ↑", "admin", "loaded")
	first := loaded(t, d)
	for range 30 {
		d.Do(keymap.PageDown)
	}
	if n := loaded(t, d); n <= first {
		t.Errorf("near the end of %d rows it still holds %d", first, n)
	}
	d.Do(keymap.Last)
	d.Until("all of them", func(s string) bool { return strings.Contains(s, "3,0") && strings.Contains(s, " users ") })
	if n := loaded(t, d); n < 3000 || n > 3050 {
		t.Errorf("%d users", n)
	}
}

func TestScenarioUsersSortedByTheSite(t *testing.T) {
	t.Parallel()
	d := people(t, "demo")
	d.Do(keymap.Reverse)
	d.Expect("Username ↓")
	d.Do(keymap.First)
	if got := Cursor(d); got < "s" {
		t.Errorf("the last name does not come first but %q", got)
	}
	d.Do(keymap.Sort)
	d.Expect("Sort users by", "sorted here, over the loaded users")
	d.Press("l")
	d.Expect("Last login ↓", "200 users loaded") // nobody had to load them all
	d.Do(keymap.First)
	if got := Cursor(d); !strings.Contains(got, "just now") && !strings.Contains(got, "min ago") {
		t.Errorf("the newest login is not first: %q", got)
	}
}

func TestScenarioUsersFiltered(t *testing.T) {
	t.Parallel()
	d := people(t, "demo")
	d.Do(keymap.UserFilter)
	d.Expect("Starts with", "Site admins", "Login before", "Login from")
	d.Type("finance-")
	submit(d)
	d.Expect("finance-analyst-01")
	d.ExpectNot("Operator  ", "Admin  ")
	d.Press("esc")
	d.Expect("auditor", "no filter")

	d.Do(keymap.UserFilter)
	field(d, "Site admins")
	d.Press("right")
	submit(d)
	d.ExpectNot("site admin ┃", "✓ site admin")
	d.Expect("auditor") // reads only, and is not an administrator
	d.Press("esc")

	d.Do(keymap.UserFilter)
	field(d, "Login before")
	d.Type("not a day")
	submit(d)
	d.Expect("Write a day as")
	d.Press("ctrl+u")
	d.Type("300d")
	submit(d)
	d.ExpectNot("just now", "yesterday", "auditor  ")
	if !d.Says(" 2025") && !d.Says("Jan") {
		t.Errorf("nobody with an old login:\n%s", d.Screen())
	}
	d.Press("esc")

	d.Do(keymap.UserFilter)
	field(d, "Login from")
	d.Type("1d")
	submit(d)
	d.Expect("admin")
	d.ExpectNot(" 2025 ", "never ")
}

// field brings the focus of a form to a field.
func field(d *Driver, label string) {
	d.t.Helper()
	for range 20 {
		if strings.HasPrefix(focused(d), label) {
			return
		}
		d.Press("tab")
	}
	d.t.Fatalf("there is no field %q; the screen says:\n%s", label, d.Screen())
}

// focused is the line of the field with the focus: the last mark on the screen,
// for the row of the list below has one too.
func focused(d *Driver) string {
	got := ""
	for l := range strings.Lines(d.Screen()) {
		if i := strings.LastIndex(l, "│ ▌ "); i >= 0 {
			got = strings.TrimPrefix(l[i:], "│ ▌ ")
		}
	}
	return got
}

// submit presses enter until the form has been sent.
func submit(d *Driver) {
	d.t.Helper()
	for range 20 {
		before := focused(d)
		d.Press("enter")
		if !d.App.Keys().Has(keymap.Submit) || focused(d) == before || d.Says("✗ ") {
			return
		}
	}
}

func TestScenarioAUserFromBeginningToEnd(t *testing.T) {
	t.Parallel()
	d := people(t, "small")
	d.Do(keymap.UserCreate)
	submit(d)
	d.Expect("This is needed.")
	d.Type("operator") // taken
	field(d, "E-mail")
	d.Type("night@example.com")
	field(d, "Password")
	d.Type("correct-horse-battery-staple-7")
	submit(d)
	s := d.Screen()
	if !strings.Contains(s, "Add a user") {
		t.Fatalf("a name that is taken was accepted:\n%s", s)
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.Contains(l, "User name *") && !strings.Contains(lines[i+1], "✗") {
			t.Errorf("what the site says is not at the field:\n%s", s)
		}
	}
	d.ExpectNot("correct-horse")
	field(d, "User name")
	d.Press("ctrl+u")
	d.Type("night-porter")
	submit(d)
	d.Expect("night-porter is saved", "41 users")
	u := who(t, d, "night-porter")
	if u.Email != "night@example.com" || u.Disabled {
		t.Errorf("the site has %+v", u)
	}

	Select(d, "night-porter")
	d.Do(keymap.UserEdit)
	field(d, "Name")
	d.Type("Night Porter")
	submit(d)
	d.Expect("Night Porter")
	if u := who(t, d, "night-porter"); u.Name != "Night Porter" || u.Email != "night@example.com" {
		t.Errorf("the site has %+v", u)
	}

	d.Do(keymap.UserToggle)
	d.Expect("1 user disabled")
	if !who(t, d, "night-porter").Disabled {
		t.Error("the site has it enabled")
	}
	d.Do(keymap.UserToggle)
	d.Expect("1 user enabled")
	if who(t, d, "night-porter").Disabled {
		t.Error("the site has it disabled")
	}

	d.Press("d", "d", "d", "enter", "enter")
	d.Expect("Delete 1 user", "night-porter will be deleted", "41 users")
	d.Press("ctrl+u")
	d.Type("night-porter")
	d.Press("enter")
	d.Expect("1 user deleted", "40 users")
	d.ExpectNot("Night Porter")
}

// who is a user as the site has it.
func who(t *testing.T, d *Driver, name string) backend.User {
	t.Helper()
	page, err := Client(d).Users(t.Context(), backend.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range page.Items {
		if u.Username == name {
			return u
		}
	}
	t.Fatalf("the site has no user %s", name)
	return backend.User{}
}

func TestScenarioALockedUserIsUnlocked(t *testing.T) {
	t.Parallel()
	d := people(t, "small")
	Select(d, "locked-user")
	if !strings.Contains(Cursor(d), "locked out") {
		t.Fatalf("the row says %q", Cursor(d))
	}
	d.Do(keymap.UserUnlock)
	d.Expect("1 user unlocked")
	if strings.Contains(Cursor(d), "locked out") {
		t.Errorf("the row says %q", Cursor(d))
	}
	d.Press("enter")
	d.Expect("Logging in", "second factor")
}

func TestScenarioManyUsersAtOnce(t *testing.T) {
	t.Parallel()
	d := people(t, "small")
	d.Do(keymap.UserFilter)
	d.Type("engineer-")
	submit(d)
	d.Do(keymap.MarkAll, keymap.UserToggle)
	d.Expect("Disable", "engineer-02")
	d.Press("y")
	d.UntilSays("disabled")
	if !who(t, d, "engineer-02").Disabled || !who(t, d, "engineer-03").Disabled {
		t.Error("not all of them are disabled")
	}
	if who(t, d, "operator").Disabled {
		t.Error("somebody else was disabled")
	}
}
