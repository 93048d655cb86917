package server

import (
	"strings"
	"testing"
	"time"
)

// setClock sets the clock through the control endpoint.
func (x *site) setClock(body string) *answer {
	x.t.Helper()
	return x.send("POST", LocalURL+controlPath+"clock", strings.NewReader(body))
}

// TestSetClock: the clock of the site is set, goes on from there, and moves
// everything that looks at it.
func TestSetClock(t *testing.T) {
	dir := t.TempDir()
	x := openSite(t, Options{World: "empty", DataDir: dir})
	u := x.user("early", "full", "")
	o := x.setClock(`{"now":"2026-03-04T17:04:05Z"}`).want(200).object()
	if o["now"] != "2026-03-04T17:04:05Z" || o["shift"] != "2h0m0s" {
		t.Errorf("the clock is %v", o)
	}
	x.pass(time.Minute) // the real one
	if o := x.send("GET", LocalURL+controlPath+"clock", nil).want(200).object(); o["now"] != "2026-03-04T17:05:05Z" {
		t.Errorf("it goes on to %v", o["now"])
	}
	if o := x.do("POST", "/folders/new", map[string]any{}).want(201).object(); o["created_at"] != "2026-03-04T17:05:05Z" {
		t.Errorf("a folder is made at %v", o["created_at"])
	}
	u.do("GET", "/folders/", nil).want(200)
	x.setClock(`{"advance":"4h"}`).want(200)
	u.do("GET", "/folders/", nil).refused(401, "not-authenticated/invalid-session")

	for _, bad := range []string{
		``, `{}`, `{"now":"x"}`, `{"advance":"soon"}`, `{"now":"2026-03-04T17:04:05Z","advance":"1h"}`, `{"now":"0001-01-01T00:00:00Z"}`, `{"later":1}`,
		`{"now":"2320-03-04T17:04:05Z"}`, `{"now":"8000-03-04T17:04:05Z"}`, `{"advance":"2500000h"}`, `{"advance":"-2500000h"}`,
	} {
		if a := x.setClock(bad); a.status != 400 {
			t.Errorf("%s: %d %s", bad, a.status, a.body)
		}
	}
	x.send("PUT", LocalURL+controlPath+"clock", nil).want(400)
	x.send("GET", LocalURL+controlPath+"clock", nil, "Origin", "https://example.com").want(404)
	if err := x.s.Close(); err != nil {
		t.Fatal(err)
	}
	y := openSite(t, Options{DataDir: dir, World: "empty", Clock: x.clock})
	if o := y.send("GET", LocalURL+controlPath+"clock", nil).want(200).object(); o["now"] != "2026-03-04T21:05:05Z" {
		t.Errorf("after a restart the clock is %v", o["now"])
	}
	if o := y.send("DELETE", LocalURL+controlPath+"clock", nil).want(200).object(); o["now"] != "2026-03-04T15:05:05Z" || o["shift"] != "0s" {
		t.Errorf("the real time is %v", o)
	}
}

// TestClockRunsAutomations: put forward, the clock brings every run on its way,
// each at its time.
func TestClockRunsAutomations(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.do("PATCH", "/site", map[string]any{"default_time_zone": "UTC"}).want(200)
	make := func(body map[string]any) string {
		body["automation"], body["destinations"] = "create_folder", []string{"made/%Y-%m-%d"}
		return text(x.do("POST", "/automations", body).want(201).object()["id"])
	}
	daily := make(map[string]any{"trigger": "daily", "interval": "day"})
	weekly := make(map[string]any{"trigger": "custom_schedule", "schedule_days_of_week": []int{5}, "schedule_times_of_day": []string{"06:30", "18:00"}})
	failing := text(x.do("POST", "/automations", map[string]any{
		"automation": "import_file", "trigger": "custom_schedule", "schedule_days_of_week": []int{5}, "schedule_times_of_day": []string{"09:00"},
		"retry_on_failure_interval_in_minutes": 30, "retry_on_failure_number_of_attempts": 2,
	}).want(201).object()["id"])
	// It is Wednesday afternoon.
	x.setClock(`{"advance":"72h"}`).want(200)
	for _, c := range []struct {
		id, status string
		at         []string // the newest first
	}{
		{daily, "success", []string{"2026-03-07T00:00:00Z", "2026-03-06T00:00:00Z", "2026-03-05T00:00:00Z"}},
		{weekly, "success", []string{"2026-03-06T18:00:00Z", "2026-03-06T06:30:00Z"}},
		{failing, "failure", []string{"2026-03-06T10:00:08Z", "2026-03-06T09:30:04Z", "2026-03-06T09:00:00Z"}},
	} {
		runs := x.do("GET", "/automation_runs?automation_id="+c.id, nil).want(200).list()
		if len(runs) != len(c.at) {
			t.Errorf("automation %s has run %d times, want %d", c.id, len(runs), len(c.at))
			continue
		}
		for i, r := range runs {
			if r["created_at"] != c.at[i] || r["status"] != c.status {
				t.Errorf("run %d of %s: %v at %v, want %s at %s", i, c.id, r["status"], r["created_at"], c.status, c.at[i])
			}
		}
	}
	if got := x.do("GET", "/folders/made", nil).paths(); strings.Join(got, " ") != "made/2026-03-05 made/2026-03-06 made/2026-03-07" {
		t.Errorf("the runs have made %v", got)
	}
	// Back, and a day forward again: what was due once is due again.
	x.setClock(`{"now":"2026-03-04T15:00:00Z"}`).want(200)
	x.setClock(`{"advance":"24h"}`).want(200)
	if n := len(x.do("GET", "/automation_runs?automation_id="+daily, nil).want(200).list()); n != 4 {
		t.Errorf("%d daily runs", n)
	}
}
