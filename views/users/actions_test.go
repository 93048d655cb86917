package users

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
)

func TestFiltersAreAskedOfTheSiteAsFarAsTheyGoTogether(t *testing.T) {
	f := &fake{users: some()}
	r, _ := open(t, f, 120, 33)
	r.Do(keymap.UserFilter)
	r.Type("con")
	r.Do(keymap.FieldNext, keymap.FieldToggle, keymap.Submit)
	q := f.queries[len(f.queries)-1]
	want := []backend.Filter{{Op: backend.Prefix, Field: "username", Value: "con"}, {Field: "not_site_admin", Value: "true"}}
	if len(q.Filters) != 2 || q.Filters[0] != want[0] || q.Filters[1] != want[1] {
		t.Errorf("asked for %+v", q.Filters)
	}
	if len(r.Over) != 0 {
		t.Error("the form stayed open")
	}
	r.Holds(r.Screenful(), "asked the site: user name starts with con, not site admin")
	r.Do(keymap.EscapeLevel)
	if q := f.queries[len(f.queries)-1]; len(q.Filters) != 0 {
		t.Errorf("after clearing: %+v", q.Filters)
	}
	r.Holds(r.Screenful(), "no filter")
}

func TestDateFilter(t *testing.T) {
	f := &fake{users: some()}
	r, _ := open(t, f, 120, 33)
	r.Do(keymap.UserFilter, keymap.FieldNext, keymap.FieldNext)
	r.Type("soon")
	r.Do(keymap.Submit)
	r.Holds(r.Box(), "Write a day as 2026-08-25")
	for range 4 {
		r.Run(r.Over[0].Update(tea.KeyPressMsg{Code: 0x7f}))
	}
	r.Type("90d")
	r.Do(keymap.Submit)
	q := f.queries[len(f.queries)-1]
	if len(q.Filters) != 1 || q.Filters[0] != (backend.Filter{Op: backend.Less, Field: "last_login_at", Value: "2026-08-26T00:00:00Z"}) {
		t.Errorf("asked for %+v", q.Filters)
	}
	r.Holds(r.Screenful(), "asked the site: last login before 26 Aug 2026")
}

func TestDates(t *testing.T) {
	_, s := open(t, &fake{}, 80, 21)
	for in, want := range map[string]string{
		"": "0001-01-01", "2026-08-25": "2026-08-25", "25 Aug 2026": "2026-08-25", "3 August 2026": "2026-08-03",
		" 0d ": "2026-11-24", "1d": "2026-11-23", "2026-02-30": "", "x": "", "-3d": "", "d": "", "999999999d": "",
	} {
		got, ok := s.date(in)
		if ok != (want != "") || ok && got.Format(time.DateOnly) != want {
			t.Errorf("date(%q) = %v, %v", in, got, ok)
		}
	}
}

// What the site does not filter by together is looked for here, and said so.
func TestBeyondLegalCombinations(t *testing.T) {
	all := filters{prefix: "s", notAdmin: true, before: noon, disabled: "true"}
	asked, rest := all.split()
	var fields []string
	for _, f := range asked {
		fields = append(fields, f.Field)
	}
	if !backend.UserList.Allows(fields...) {
		t.Errorf("the site is asked for %v together", fields)
	}
	if rest != (filters{before: noon, disabled: "true"}) {
		t.Errorf("left to the screen: %+v", rest)
	}
	f := &fake{users: some(), page: 2}
	r, s := open(t, f, 120, 33)
	r.Run(s.Update(filterMsg(filters{prefix: "scanner", disabled: "true"})))
	r.Holds(r.Screenful(), "scanner-east", "1 of 5 users · all loaded", "asked the site: user name starts with scanner", "here: disabled")
	r.Lacks(r.Screenful(), "contractor-17")
}

func TestAuditsLookAtEverybody(t *testing.T) {
	f := &fake{users: crowd(3000)}
	r, s := open(t, f, 120, 33)
	r.Do(keymap.UserAudit)
	r.Holds(r.Box(), "of the 200 loaded so far", "nothing on any protocol for 90 days")
	r.Hold()
	r.Type("n")
	r.Release()
	r.Holds(r.Screenful(), "300 of 3,000 users · all loaded", "audit: never logged in")
	for _, u := range s.list.Table.Marked() {
		t.Errorf("%s is marked", u.Username)
	}
	r.Do(keymap.Refresh)
	r.Holds(r.Screenful(), "300 of 3,000 users · all loaded")
	r.Do(keymap.EscapeLevel)
	r.Holds(r.Screenful(), "3,000 users", "no filter")
}

func TestAudits(t *testing.T) {
	want := map[string]string{
		"never logged in":                      "contractor-17, scanner-\x1b[31mwest",
		"nothing on any protocol for 30 days":  "contractor-17, scanner-east",
		"nothing on any protocol for 90 days":  "contractor-17, scanner-east",
		"nothing on any protocol for 180 days": "contractor-17",
		"locked out":                           "finance-lead",
		"no second factor":                     "contractor-17, scanner-\x1b[31mwest",
		"password expired":                     "",
		"site administrators":                  "admin",
		"disabled":                             "scanner-east",
		"in no group":                          "admin",
	}
	for _, a := range audits {
		var got []string
		for _, u := range some() {
			if a.holds(u, noon) {
				got = append(got, u.Username)
			}
		}
		if strings.Join(got, ", ") != want[a.label] {
			t.Errorf("%s: %q, want %q", a.label, got, want[a.label])
		}
	}
}

func TestToggleOne(t *testing.T) {
	f := &fake{users: some()}
	r, _ := open(t, f, 120, 33)
	r.Do(keymap.Down, keymap.UserToggle)
	if !f.users[1].Disabled || len(r.Over) != 0 {
		t.Fatalf("calls %v, boxes %d", f.calls, len(r.Over))
	}
	r.Holds(strings.Join(r.Toasts, ";"), "1 user disabled")
	r.Do(keymap.UserToggle)
	if f.users[1].Disabled {
		t.Error("it was not enabled again")
	}
}

func TestToggleSeveralAsksFirst(t *testing.T) {
	f := &fake{users: some()}
	r, s := open(t, f, 120, 33)
	r.Do(keymap.Down, keymap.Mark, keymap.Mark, keymap.UserToggle)
	r.Holds(r.Box(), "Disable 2 users", "contractor-17, finance-lead can no longer log in")
	r.Do(keymap.Press) // starts on Cancel
	if len(f.calls) != 0 || len(r.Over) != 0 {
		t.Fatalf("the safe button did %v", f.calls)
	}
	r.Do(keymap.UserToggle, keymap.Yes)
	if strings.Join(f.calls, ";") != "update contractor-17;update finance-lead" {
		t.Errorf("calls %v", f.calls)
	}
	if s.list.Table.MarkCount() != 0 {
		t.Error("the marks stayed")
	}
}

func TestOneFailureDoesNotStopTheOthers(t *testing.T) {
	f := &fake{users: some(), refused: "contractor-17", refuse: &backend.Error{Group: backend.NotAuthorized, Type: "not-authorized/x"}}
	r, s := open(t, f, 120, 33)
	r.Do(keymap.Down, keymap.Mark, keymap.Mark, keymap.UserToggle, keymap.Yes)
	if len(r.Fails) != 1 || !f.users[2].Disabled {
		t.Fatalf("fails %v, calls %v", r.Fails, f.calls)
	}
	r.Holds(strings.Join(r.Toasts, ";"), "1 user disabled, 1 failed")
	f.refuse, f.calls = nil, nil
	r.Run(r.Fails[0].Retry)
	if strings.Join(f.calls, ";") != "update contractor-17" || s.batch != nil {
		t.Errorf("the retry called %v", f.calls)
	}
}

func TestEscStopsABatch(t *testing.T) {
	f := &fake{users: some()}
	r, s := open(t, f, 120, 33)
	r.Do(keymap.MarkAll, keymap.UserWelcome)
	r.Hold()
	r.Run(s.Update(goMsg{&batch{doing: "writing to", did: "written to", todo: some()}}))
	r.Holds(r.Screenful(), "writing to admin: 1 of 5 · esc stops")
	if r.Screen.Keys(); s.batch == nil {
		t.Fatal("nothing is under way")
	}
	r.Run(s.escape())
	if s.batch != nil {
		t.Error("it goes on")
	}
}

func TestDeleteWantsTheName(t *testing.T) {
	f := &fake{users: some()}
	r, _ := open(t, f, 120, 33)
	r.Do(keymap.Down, keymap.UserDelete)
	if why := r.Why(keymap.Press); why == "" {
		t.Fatal("the button is not locked")
	}
	r.Type("contractor-17")
	r.Do(keymap.Press)
	if strings.Join(f.calls, ";") != "delete contractor-17" {
		t.Errorf("calls %v", f.calls)
	}
	r.Lacks(r.Screenful(), "contractor-17")
}

func TestUnlockResetAndWelcome(t *testing.T) {
	f := &fake{users: some()}
	r, _ := open(t, f, 120, 33)
	if r.Why(keymap.UserUnlock) == "" {
		t.Error("unlock is offered for somebody who is not locked out")
	}
	r.Do(keymap.Down, keymap.Down, keymap.UserUnlock)
	r.Lacks(r.Screenful(), "locked out")
	r.Do(keymap.UserReset2FA, keymap.Yes)
	r.Do(keymap.UserWelcome, keymap.Yes)
	if strings.Join(f.calls, ";") != "unlock finance-lead;reset finance-lead;welcome finance-lead" {
		t.Errorf("calls %v", f.calls)
	}
	if r.Why(keymap.UserReset2FA) == "" {
		t.Error("there is still a second factor to reset")
	}
}

func TestCreateShowsTheSitesFieldErrors(t *testing.T) {
	f := &fake{users: some(), refuse: &backend.Error{
		Group: backend.ProcessingFailure, Type: "processing-failure/model-save-error",
		Fields: map[string][]string{"email": {"is already taken"}, "group_ids": {"are too many"}},
	}}
	r, s := open(t, f, 120, 33)
	r.Do(keymap.UserCreate, keymap.Submit)
	if len(f.edits) != 0 {
		t.Fatal("an empty form was sent")
	}
	r.Type("scanner-north")
	r.Do(keymap.FieldNext, keymap.FieldNext)
	r.Type("scan@example.com")
	r.Do(keymap.FieldNext, keymap.FieldNext)
	r.Type("finance, 3")
	r.Do(keymap.Submit)
	e := f.edits[0]
	if *e.Username != "scanner-north" || *e.Email != "scan@example.com" || len(*e.GroupIDs) != 2 || e.Name != nil || e.Password != nil {
		t.Errorf("sent %+v", e)
	}
	r.Holds(r.Box(), "scanner-north", "scan@example.com", "is already taken", "are too many", "did not accept these values")
	f.refuse = nil
	r.Do(keymap.Submit)
	if len(r.Over) != 0 {
		t.Fatal("the form stayed open")
	}
	if u, _ := s.list.Table.Cursor(); u.Username != "scanner-north" {
		t.Errorf("the cursor is on %s", u.Username)
	}
}

func TestEditSendsOnlyWhatChanged(t *testing.T) {
	f := &fake{users: some()}
	r, _ := open(t, f, 120, 33)
	r.Do(keymap.UserEdit, keymap.FieldNext, keymap.FieldNext)
	r.Type(".org")
	r.Do(keymap.Submit)
	e := f.edits[0]
	if e.Email == nil || *e.Email != "admin@example.com.org" || e.Username != nil || e.GroupIDs != nil || e.SiteAdmin != nil || e.Password != nil {
		t.Errorf("sent %+v", e)
	}
}

func TestUnknownGroupIsToldBeforeSending(t *testing.T) {
	f := &fake{users: some()}
	r, _ := open(t, f, 120, 33)
	r.Do(keymap.UserCreate)
	r.Type("x")
	r.Do(keymap.FieldNext, keymap.FieldNext, keymap.FieldNext, keymap.FieldNext)
	r.Type("nobody")
	r.Do(keymap.Submit)
	r.Holds(r.Box(), "There is no group nobody.")
	if len(f.edits) != 0 {
		t.Error("it was sent")
	}
}

func TestCardAndCopy(t *testing.T) {
	r, _ := open(t, &fake{users: some()}, 120, 33)
	r.Do(keymap.Enter)
	r.Holds(r.Box(), "admin@example.com", "Last use", "SFTP (off)", "5 min ago", "use system setting")
	r.Do(keymap.CloseBox, keymap.CopyText)
	r.Type("f")
	if len(r.Copies) != 1 || r.Copies[0] != "files-cli users find --id=1" {
		t.Errorf("copied %q", r.Copies)
	}
}

func TestNobodyLocksThemselvesOutByASlip(t *testing.T) {
	f := &fake{users: some()}
	r, s := open(t, f, 120, 33)
	s.SetSelf(f.users[1].ID)
	r.Do(keymap.Down, keymap.UserToggle)
	r.Holds(r.Box(), "Disable your own account", "ends your session at once")
	if len(f.calls) != 0 {
		t.Fatalf("it was done unasked: %v", f.calls)
	}
	r.Do(keymap.CloseBox)
	r.Do(keymap.Mark, keymap.Mark, keymap.UserToggle)
	r.Holds(r.Box(), "yourself among them")
	if len(f.calls) != 0 || f.users[1].Disabled {
		t.Errorf("calls %v", f.calls)
	}
}
