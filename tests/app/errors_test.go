package app

import (
	"strings"
	"testing"

	"ferry/backend"
	"ferry/backend/server"
	"ferry/keymap"
)

// provoked is how each group of errors is met: the first answer to a new folder.
var provoked = map[backend.ErrorGroup]server.Fault{
	backend.BadRequest:         {Type: "bad-request/invalid-path", Status: 400},
	backend.NotAuthenticated:   {Type: "not-authenticated/additional-authentication-required", Status: 401},
	backend.NotAuthorized:      {Type: "not-authorized/write-permission-required", Status: 403},
	backend.NotFound:           {Type: "not-found/folder-not-found", Status: 404},
	backend.ProcessingFailure:  {Type: "processing-failure/folder-locked", Status: 422},
	backend.RateLimited:        {Type: "rate-limited/too-many-requests", Status: 429, RetryAfter: "1"},
	backend.ServiceUnavailable: {Type: "service-unavailable/migration-in-progress", Status: 503},
	backend.SiteConfiguration:  {Type: "site-configuration/account-overdue", Status: 402},
	backend.Connection:         {Drop: true},
}

func TestScenarioEachGroupOfErrorsHasItsCard(t *testing.T) {
	t.Parallel()
	want := append(backend.APIGroups(), backend.Connection)
	for _, group := range want {
		t.Run(string(group), func(t *testing.T) {
			t.Parallel()
			d := New(t, Options{Prepare: AtOnce})
			fault, ok := provoked[group]
			if !ok {
				t.Fatalf("nothing provokes %s", group)
			}
			fault.Match, fault.Message = "POST /folders/*", "ordered by the test"
			Faults(d, fault)
			d.Do(keymap.NewFolder)
			d.Type("plans")
			d.Press("enter")

			x := backend.Explain(&backend.Error{Group: group, Type: fault.Type, Class: backend.ClassAPI})
			d.Expect("✗ "+x.Title, "Y copy details", "W messages", "esc close")
			for _, why := range x.Lines {
				d.Expect(strings.Join(strings.Fields(why)[:4], " "))
			}
			if fault.Type != "" {
				d.Expect(fault.Type, "ordered by the test", "plans")
			}
			if len(d.App.Keys()) < 4 {
				t.Errorf("the card offers no way out: %v", d.App.Keys())
			}
			d.Do(keymap.CardCopy)
			if got := d.Clipboard(); !strings.HasPrefix(got, x.Title) {
				t.Errorf("copied %q", got)
			}

			Faults(d)
			if d.App.Keys().Has(keymap.CardRetry) {
				d.Do(keymap.CardRetry)
				d.Expect("Made plans/")
				d.ExpectNot(x.Title + " ─")
			} else {
				d.Press("esc")
			}
			d.ExpectNot("esc close")
			d.Do(keymap.Messages)
			d.Expect(x.Title)
		})
	}
}

func TestScenarioARateLimitIsWaitedOut(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	Faults(d, server.Fault{Match: "POST /folders/*", Type: "rate-limited/too-many-requests", Status: 429, RetryAfter: "0", Times: 1})
	d.Do(keymap.NewFolder)
	d.Type("plans")
	d.Press("enter")
	d.Expect("Made plans/") // the client asked again by itself
}

func TestScenarioTheKeysOfACardWork(t *testing.T) {
	t.Parallel()
	d := New(t, Options{Prepare: AtOnce})
	OpenPath(d, "/Documents")
	Faults(d, server.Fault{Match: "GET /folders/Documents*", Type: "not-authorized/read-permission-required", Status: 403})
	d.Do(keymap.Refresh)
	d.Expect("You may not read here", "h parent folder")
	d.Do(keymap.Back) // what the card in the pane offers
	d.ExpectNot("You may not read here")
	d.Expect("site  / ", "README.md")

	Faults(d, server.Fault{Match: "GET /folders/Documents*", Type: "site-configuration/trial-expired", Status: 402})
	Select(d, "Documents/")
	d.Press("enter")
	d.Expect("The site's trial has ended")
	d.Do(keymap.CardLog)
	d.Expect("messages and errors", "You may not read here", "The site's trial has ended")
	d.Press("esc")

	d.Press("enter")
	d.Do(keymap.CardLogin)
	d.Expect("log in to Files.com")
	d.Press("esc")
	d.Expect("README.md")
}

func TestScenarioEachScreenShowsItsFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		screen keymap.Action
		match  string
	}{
		{keymap.GotoUsers, "GET /users*"},
		{keymap.GotoAutomate, "GET /automations*"},
		{keymap.GotoActivity, "GET /history*"},
	} {
		t.Run(string(c.screen), func(t *testing.T) {
			t.Parallel()
			d := New(t, Options{Prepare: AtOnce})
			Faults(d, server.Fault{Match: c.match, Type: "service-unavailable/migration-in-progress", Status: 503})
			d.Do(c.screen)
			d.Expect("The site is being moved")
			if d.App.Keys().Has(keymap.CloseBox) {
				d.Press("esc")
			}
			Faults(d)
			d.Do(keymap.Refresh)
			d.ExpectNot("The site is being moved")
			if got := Cursor(d); got == "" {
				t.Errorf("it did not load:\n%s", d.Screen())
			}
		})
	}
}
