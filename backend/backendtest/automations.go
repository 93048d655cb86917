package backendtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

var automationCases = slices.Concat(moverCases(), []testCase{
	{name: "automation: every kind keeps what it was told", admin: true, run: automationKinds},
	{name: "automation: a schedule in words", admin: true, run: scheduleWords},
	{name: "automation: cannot be run by hand when an action starts it", admin: true, run: notByHand},
	{name: "automation: the log of a run", admin: true, run: runLog},
	{name: "automation: a run that fails, and again", admin: true, run: failedRun},
	{name: "automation: a run is cancelled", admin: true, embedded: true, run: cancelledRun},
	{name: "automation: starts on an action", admin: true, run: onAction},
	{name: "automation: of version 2", admin: true, run: upgraded},
	{name: "automation: goes to the new owner of a user's things", admin: true, run: newOwner},
	{name: "automation: daily", admin: true, embedded: true, run: daily},
	{name: "automation: at times of the week", admin: true, embedded: true, run: weekly},
	{name: "automation: is tried again", admin: true, embedded: true, run: retried},
	{name: "sync: kept, run, dry and removed", admin: true, run: syncRuns},
	{name: "remote server: secrets are not told", admin: true, run: serverSecrets},
	{name: "event: kept and found", admin: true, run: externalEvent},
	{name: "history: of a file, a folder and a user", admin: true, run: histories},
	{name: "history: of the logins", admin: true, run: loginHistory},
	{name: "history: between two times", admin: true, run: historyBetween},
	{name: "history: an export", admin: true, run: historyExport},
	{name: "restore: a folder with what was in it", admin: true, run: restoreTree},
	{name: "restore: into a folder of its own", admin: true, run: restoreAside},
	{name: "restore: nothing matches", admin: true, run: restoreNothing},
	{name: "restore: a user", admin: true, run: restoreUser},
	{name: "restore: the prefix ends in the middle of a name", admin: true, run: restorePrefix},
	{name: "lock: shared and exclusive", run: lockKinds},
	{name: "lock: those below a folder", run: lockChildren},
	{name: "lock: keeps nobody from writing", run: advisory},
	{name: "lock: ends by itself", embedded: true, run: lockEnds},
	{name: "share link: its fields", admin: true, run: bundleFields},
	{name: "share link: mailed", admin: true, run: bundleShared},
	{name: "share link: gives the file to everybody", admin: true, embedded: true, run: bundleOpened},
	{name: "folder setting: of ancestors", admin: true, run: ancestorBehaviors},
	{name: "notification: of a folder and its ancestors", admin: true, run: notificationList},
})

// automation makes one that goes with the case.
func (s *suite) automation(t *testing.T, p params) int64 {
	t.Helper()
	body := params{"name": s.tag, "trigger": "manual"}
	for k, v := range p {
		body[k] = v
	}
	id, _ := s.send(t, "POST", "/automations", body).ok(201).object()["id"].(float64)
	t.Cleanup(func() {
		if err := s.c.Resource("automation").Delete(ctxOf(t), int64(id), nil); err != nil && !isNotFound(err) {
			t.Errorf("take the automation away: %v", err)
		}
	})
	return int64(id)
}

// runs are those of an automation that have ended, newest first. The clock of
// the embedded site is moved on for them.
func (s *suite) runs(t *testing.T, automation int64, count int) []map[string]any {
	t.Helper()
	var list []map[string]any
	eventually(t, fmt.Sprintf("run %d", count), func() bool {
		s.pass(5 * time.Second)
		list = s.send(t, "GET", fmt.Sprintf("/automation_runs?automation_id=%d", automation), nil).ok(200).list()
		done := 0
		for _, r := range list {
			if r["status"] != "queued" && r["status"] != "running" {
				done++
			}
		}
		return done >= count
	})
	return list
}

func (s *suite) run(t *testing.T, automation int64) map[string]any {
	t.Helper()
	before := len(s.send(t, "GET", fmt.Sprintf("/automation_runs?automation_id=%d", automation), nil).ok(200).list())
	s.send(t, "POST", fmt.Sprintf("/automations/%d/manual_run", automation), params{}).ok(204)
	l := s.runs(t, automation, before+1)
	slices.SortFunc(l, func(a, b map[string]any) int { return int(b["id"].(float64) - a["id"].(float64)) })
	return l[0]
}

// moverCases: what an automation finds by its globs and where it puts it
// (PROTOCOL.md 13).
func moverCases() (out []testCase) {
	for _, x := range []struct {
		name, kind, source, to, exclude string
		want                            string
	}{
		{"a star", "copy_file", "*.txt", "out/", "", "a.csv a.txt b.txt in in/c.txt in/d.csv in/deep in/deep/e.txt out out/a.txt out/b.txt"},
		{"a question mark", "copy_file", "?.csv", "out/", "", "a.csv a.txt b.txt in in/c.txt in/d.csv in/deep in/deep/e.txt out out/a.csv"},
		{"a choice", "copy_file", "{a,b}.txt", "out/", "", "a.csv a.txt b.txt in in/c.txt in/d.csv in/deep in/deep/e.txt out out/a.txt out/b.txt"},
		{"a set", "copy_file", "[b-z].txt", "out/", "", "a.csv a.txt b.txt in in/c.txt in/d.csv in/deep in/deep/e.txt out out/b.txt"},
		{"an exclusion", "copy_file", "*.txt", "out/", "b*", "a.csv a.txt b.txt in in/c.txt in/d.csv in/deep in/deep/e.txt out out/a.txt"},
		{"a new name", "copy_file", "a.txt", "out/renamed.txt", "", "a.csv a.txt b.txt in in/c.txt in/d.csv in/deep in/deep/e.txt out out/renamed.txt"},
		{"moving", "move_file", "*.csv", "out/", "", "a.txt b.txt in in/c.txt in/d.csv in/deep in/deep/e.txt out out/a.csv"},
		{"deleting", "delete_file", "*.txt", "", "", "a.csv in in/c.txt in/d.csv in/deep in/deep/e.txt"},
		{"a new folder", "create_folder", "", "made", "", "a.csv a.txt b.txt in in/c.txt in/d.csv in/deep in/deep/e.txt made"},
	} {
		out = append(out, testCase{name: "automation: " + x.name, admin: true, run: func(t *testing.T, s *suite) {
			name := "mover-" + strings.ReplaceAll(x.name, " ", "-")
			d := s.tree(t, name, "a.txt", "b.txt", "a.csv", "in/c.txt", "in/d.csv", "in/deep/e.txt")
			p := params{"automation": x.kind, "path": d}
			if x.source != "" {
				p["source"] = x.source
			}
			if x.exclude != "" {
				p["exclude_pattern"] = x.exclude
			}
			if x.to != "" {
				to := x.to
				if x.kind != "create_folder" {
					to = d + "/" + to
				}
				p["destinations"] = []any{to}
			}
			r := s.run(t, s.automation(t, p))
			if r["status"] != "success" {
				t.Errorf("the run ended with %v", r["status"])
			}
			if got := strings.Join(s.below(t, d), " "); got != x.want {
				t.Errorf("afterwards there are %s, want %s", got, x.want)
			}
		}})
	}
	return out
}

func automationKinds(t *testing.T, s *suite) {
	for _, p := range []params{
		{"automation": "create_folder", "destinations": []any{"x"}},
		{"automation": "delete_file", "source": "*"},
		{"automation": "copy_file", "source": "*", "destinations": []any{"x/"}},
		{"automation": "move_file", "source": "*", "destinations": []any{"x/"}},
		{"automation": "run_sync", "sync_ids": []any{}},
	} {
		p["path"], p["description"] = s.root+"/kinds", "kept"
		o := s.send(t, "GET", fmt.Sprintf("/automations/%d", s.automation(t, p)), nil).ok(200).object()
		for k, want := range p {
			if fmt.Sprint(o[k]) != fmt.Sprint(want) {
				t.Errorf("%s: %s is %v, want %v", p["automation"], k, o[k], want)
			}
		}
		if o["trigger"] != "manual" || o["disabled"] == true {
			t.Errorf("%s: trigger %v, disabled %v", p["automation"], o["trigger"], o["disabled"])
		}
	}
}

func scheduleWords(t *testing.T, s *suite) {
	id := s.automation(t, params{
		"automation": "delete_file", "source": "*", "path": s.root + "/words", "trigger": "custom_schedule", "disabled": true,
		"schedule_days_of_week": []any{1, 3}, "schedule_times_of_day": []any{"06:30"}, "schedule_time_zone": "Eastern Time (US & Canada)",
	})
	o := s.send(t, "GET", fmt.Sprintf("/automations/%d", id), nil).ok(200).object()
	if text, _ := o["human_readable_schedule"].(string); !strings.Contains(text, "Monday") || !strings.Contains(text, "6:30") {
		t.Errorf("the schedule is %v", o["human_readable_schedule"])
	}
	if days, _ := o["schedule_days_of_week"].([]any); len(days) != 2 || days[0] != 1.0 {
		t.Errorf("the days are %v", o["schedule_days_of_week"])
	}
}

func notByHand(t *testing.T, s *suite) {
	id := s.automation(t, params{
		"automation": "delete_file", "source": "*", "path": s.root + "/by-hand", "trigger": "action", "trigger_actions": []any{"create"},
	})
	s.send(t, "POST", fmt.Sprintf("/automations/%d/manual_run", id), params{}).refused("processing-failure/automation-cannot-be-run-manually")
}

func runLog(t *testing.T, s *suite) {
	d := s.tree(t, "run-log", "a.txt", "b.txt")
	id := s.automation(t, params{"automation": "delete_file", "source": "*.txt", "path": d})
	r := s.run(t, id)
	if r["successful_operations"] != 2.0 || r["failed_operations"] != 0.0 || r["completed_at"] == nil {
		t.Errorf("the run is %v", r)
	}
	at := fmt.Sprintf("/automation_runs/%.0f", r["id"])
	if one := s.send(t, "GET", at, nil).ok(200).object(); one["automation_id"] != float64(id) || one["status"] != "success" {
		t.Errorf("found %v", one)
	}
	text := string(s.send(t, "GET", fmt.Sprintf("/automation_logs?filter[automation_run_id]=%.0f", r["id"]), nil).ok(200).body)
	for _, f := range []string{d + "/a.txt", d + "/b.txt"} {
		if !strings.Contains(text, f) {
			t.Errorf("the log does not tell of %s: %.300s", f, text)
		}
	}
}

func failedRun(t *testing.T, s *suite) {
	d := s.tree(t, "failed-run", "a.txt", "out/a.txt")
	id := s.automation(t, params{"automation": "copy_file", "source": "a.txt", "path": d, "destinations": []any{d + "/a.txt/x"}})
	r := s.run(t, id)
	if r["status"] != "failure" || r["failed_operations"] == 0.0 {
		t.Errorf("the run is %v", r)
	}
	again := s.send(t, "POST", fmt.Sprintf("/automation_runs/%.0f/rerun", r["id"]), params{"node_id": "all"}).ok(201).object()
	if again["id"] == r["id"] || again["automation_id"] != float64(id) {
		t.Errorf("run again as %v", again)
	}
	if l := s.runs(t, id, 2); len(l) != 2 {
		t.Errorf("%d runs", len(l))
	}
}

func cancelledRun(t *testing.T, s *suite) {
	d := s.tree(t, "cancelled-run", "a.txt")
	id := s.automation(t, params{"automation": "delete_file", "source": "*", "path": d})
	s.send(t, "POST", fmt.Sprintf("/automations/%d/manual_run", id), params{}).ok(204)
	r := s.send(t, "GET", fmt.Sprintf("/automation_runs?automation_id=%d", id), nil).ok(200).list()[0]
	at := fmt.Sprintf("/automation_runs/%.0f", r["id"])
	if o := s.send(t, "POST", at+"/cancel", params{}).ok(200).object(); o["status"] != "canceled" {
		t.Errorf("cancelled: %v", o["status"])
	}
	s.Embedded.Wait(time.Minute)
	if o := s.send(t, "GET", at, nil).ok(200).object(); o["status"] != "canceled" {
		t.Errorf("a minute later: %v", o["status"])
	}
	if got := s.below(t, d); len(got) != 1 {
		t.Errorf("it was carried out: %q", got)
	}
	s.send(t, "POST", at+"/cancel", params{}).refused("processing-failure/")
}

func onAction(t *testing.T, s *suite) {
	d := s.dir(t, "on-action")
	s.dir(t, "on-action/in")
	id := s.automation(t, params{
		"automation": "copy_file", "source": "*.txt", "path": d + "/in", "destinations": []any{d + "/out/"}, "trigger": "action", "trigger_actions": []any{"create"},
	})
	s.put(t, d+"/in/a.txt", []byte("x"), time.Time{})
	s.runs(t, id, 1)
	if ok, err := s.c.Exists(t.Context(), d+"/out/a.txt"); err != nil || !ok {
		t.Errorf("it is not there: %v", err)
	}
}

func upgraded(t *testing.T, s *suite) {
	d := s.tree(t, "upgraded", "a.txt")
	id := s.automation(t, params{"automation": "delete_file", "source": "*", "path": d})
	at := fmt.Sprintf("/automations/%d/upgrade", id)
	if o := s.send(t, "POST", at, params{}).object(); o["automation"] != "v2" || o["definition"] == nil {
		t.Errorf("upgraded to %v", o)
	}
	s.send(t, "POST", at, params{}).refused("processing-failure/")
}

func newOwner(t *testing.T, s *suite) {
	a, heir := s.actor(t, "leaving", nil), s.user(t, "heir")
	s.grant(t, a, a.own, "admin")
	made := s.as(t, a, "POST", "/automations", params{"automation": "delete_file", "source": "*", "path": a.own, "name": s.tag}).ok(201).object()
	at := fmt.Sprintf("/automations/%.0f", made["id"])
	defer s.takeAway(t, at)
	if made["user_id"] != float64(a.ID) {
		t.Errorf("it belongs to %v", made["user_id"])
	}
	if err := s.c.DeleteUserTo(t.Context(), a.ID, heir.ID); err != nil {
		t.Fatal(err)
	}
	if o := s.send(t, "GET", at, nil).ok(200).object(); o["user_id"] != float64(heir.ID) {
		t.Errorf("it belongs to %v, not to %d", o["user_id"], heir.ID)
	}
}

func daily(t *testing.T, s *suite) {
	d := s.tree(t, "daily", "a.txt")
	id := s.automation(t, params{"automation": "delete_file", "source": "*", "path": d, "trigger": "daily", "interval": "day"})
	s.send(t, "GET", fmt.Sprintf("/automation_runs?automation_id=%d", id), nil).ok(200)
	s.Embedded.Wait(25 * time.Hour)
	if r := s.runs(t, id, 1); r[0]["status"] != "success" {
		t.Errorf("the run ended with %v", r[0]["status"])
	}
	if got := s.below(t, d); len(got) != 0 {
		t.Errorf("left over: %q", got)
	}
}

func weekly(t *testing.T, s *suite) {
	d := s.dir(t, "weekly")
	id := s.automation(t, params{
		"automation": "create_folder", "destinations": []any{"made"}, "path": d, "trigger": "custom_schedule",
		"schedule_days_of_week": []any{0, 1, 2, 3, 4, 5, 6}, "schedule_times_of_day": []any{"00:00", "12:00"},
	})
	s.send(t, "GET", fmt.Sprintf("/automation_runs?automation_id=%d", id), nil).ok(200)
	s.Embedded.Wait(13 * time.Hour)
	s.runs(t, id, 1)
	if got := s.below(t, d); !slices.Equal(got, []string{"made"}) {
		t.Errorf("made %q", got)
	}
}

// retried: a run that fails is tried again after its interval, as a new run
// (PROTOCOL.md 13).
func retried(t *testing.T, s *suite) {
	d := s.tree(t, "retried", "a.txt")
	id := s.automation(t, params{
		"automation": "copy_file", "source": "a.txt", "path": d, "destinations": []any{d + "/a.txt/x"},
		"retry_on_failure_interval_in_minutes": 5, "retry_on_failure_number_of_attempts": 1,
	})
	first := s.run(t, id)
	if first["status"] != "failure" || first["retry_at"] == nil {
		t.Fatalf("the run is %v", first)
	}
	s.Embedded.Wait(6 * time.Minute)
	l := s.runs(t, id, 2)
	if i := slices.IndexFunc(l, func(r map[string]any) bool { return r["retry_of_run_id"] == first["id"] }); i < 0 {
		t.Errorf("no run is a retry: %v", l)
	}
	s.Embedded.Wait(time.Hour)
	if l := s.runs(t, id, 2); len(l) != 2 {
		t.Errorf("%d runs, one retry was allowed", len(l))
	}
}

func syncRuns(t *testing.T, s *suite) {
	d := s.tree(t, "sync-runs", "a.txt")
	srv := s.send(t, "POST", "/remote_servers", params{"name": s.tag + "-runs", "server_type": "sftp", "hostname": "files.example.com", "username": "x"}).ok(201).object()["id"]
	defer s.takeAway(t, fmt.Sprintf("/remote_servers/%.0f", srv))
	o := s.send(t, "POST", "/syncs", params{
		"name": s.tag + "-runs", "src_path": d, "dest_path": "in", "dest_remote_server_id": srv, "trigger": "manual", "keep_after_copy": true,
	}).ok(201).object()
	at := fmt.Sprintf("/syncs/%.0f", o["id"])
	if o["keep_after_copy"] != true || o["src_path"] != d {
		t.Errorf("made %v", o)
	}
	s.send(t, "POST", at+"/manual_run", params{}).ok(204)
	s.send(t, "POST", at+"/dry_run", params{}).ok(204)
	eventually(t, "the runs", func() bool {
		s.pass(5 * time.Second)
		l := s.send(t, "GET", fmt.Sprintf("/sync_runs?filter[sync_id]=%.0f", o["id"]), nil).ok(200).list()
		return len(l) == 2 && l[0]["status"] != "in_progress" && l[1]["status"] != "in_progress"
	})
	s.send(t, "PATCH", at, params{"disabled": true}).ok(200)
	s.send(t, "DELETE", at, nil).ok(204)
	s.send(t, "GET", at, nil).refused("not-found")
}

func serverSecrets(t *testing.T, s *suite) {
	const secret = "hunter2-is-not-told"
	w := s.send(t, "POST", "/remote_servers", params{
		"name": s.tag + "-secrets", "server_type": "sftp", "hostname": "files.example.com", "username": "x", "password": secret, "private_key": secret,
	}).ok(201)
	at := fmt.Sprintf("/remote_servers/%.0f", w.object()["id"])
	defer s.takeAway(t, at)
	for _, w := range []*wire{w, s.send(t, "GET", at, nil), s.send(t, "PATCH", at, params{"hostname": "two.example.com"}), s.send(t, "GET", "/remote_servers", nil)} {
		if w.status >= 300 || strings.Contains(string(w.body), secret) {
			t.Errorf("%s: %d %s", w.what, w.status, w.body)
		}
	}
}

func externalEvent(t *testing.T, s *suite) {
	o := s.send(t, "POST", "/external_events", params{"status": "success", "body": s.tag}).ok(201).object()
	if read := s.send(t, "GET", fmt.Sprintf("/external_events/%.0f", o["id"]), nil).ok(200).object(); read["body"] != s.tag || read["status"] != "success" {
		t.Errorf("read %v", read)
	}
	found := false
	for _, e := range s.send(t, "GET", "/external_events?per_page=100", nil).ok(200).list() {
		found = found || e["id"] == o["id"]
	}
	if !found {
		t.Error("the event is not in the list")
	}
}

func histories(t *testing.T, s *suite) {
	a := s.actor(t, "history", nil)
	d := s.dir(t, "history-of")
	s.grant(t, a, d, "full")
	s.as(t, a, "POST", "/folders/"+d+"/made", params{}).ok(201)
	s.as(t, a, "POST", "/file_actions/move/"+d+"/made", params{"destination": d + "/moved"}).ok(201)
	s.as(t, a, "DELETE", "/files/"+d+"/moved", nil).ok(204)
	for path, want := range map[string]string{
		"/history/folders/" + d: "create destroy move", fmt.Sprintf("/history/users/%d", a.ID): "create destroy move",
	} {
		var got []string
		eventually(t, path, func() bool {
			got = nil
			for _, l := range s.send(t, "GET", path+"?per_page=1000", nil).ok(200).list() {
				if l["interface"] != "restapi" || l["user_id"] != float64(a.ID) || l["ip"] == nil {
					continue
				}
				what, _ := l["action"].(string)
				if where, _ := l["path"].(string); strings.HasPrefix(where, d+"/") {
					got = append(got, what)
				}
				if _, err := time.Parse("2006-01-02T15:04:05-07:00", fmt.Sprint(l["when"])); err != nil {
					t.Errorf("when: %v", err)
				}
			}
			slices.Sort(got)
			return strings.Join(got, " ") == want
		})
	}
}

func loginHistory(t *testing.T, s *suite) {
	u := s.user(t, "login-history")
	s.session(t, params{"username": u.Username, "password": "wrong"}).refused("not-authenticated/invalid-username-or-password")
	s.session(t, params{"username": u.Username, "password": password}).ok(201)
	eventually(t, "both lines", func() bool {
		good, bad := false, false
		for _, l := range s.send(t, "GET", "/history/login?per_page=1000", nil).ok(200).list() {
			if l["user_id"] == float64(u.ID) {
				good = good || l["action"] == "login"
				bad = bad || l["failure_type"] != nil && l["failure_type"] != "" && l["failure_type"] != "none"
			}
		}
		return good && bad
	})
}

func historyBetween(t *testing.T, s *suite) {
	s.dir(t, "between")
	now := time.Now()
	if s.Embedded != nil {
		now = s.Embedded.Now()
	}
	at := func(d time.Duration) string { return now.Add(d).UTC().Format(time.RFC3339) }
	path := "/history/folders/" + s.root + "?per_page=1000"
	all := len(s.send(t, "GET", path+"&start_at="+at(-time.Hour)+"&end_at="+at(time.Hour), nil).ok(200).list())
	none := len(s.send(t, "GET", path+"&start_at="+at(time.Hour), nil).ok(200).list())
	if all == 0 || none != 0 {
		t.Errorf("%d lines of the last hour, %d of the future", all, none)
	}
}

func historyExport(t *testing.T, s *suite) {
	o := s.send(t, "POST", "/history_exports", params{"start_at": "2020-01-01"}).ok(201).object()
	at := fmt.Sprintf("/history_exports/%.0f", o["id"])
	eventually(t, "the export", func() bool {
		s.pass(5 * time.Second)
		o = s.send(t, "GET", at, nil).ok(200).object()
		return o["status"] == "ready"
	})
	if l := s.send(t, "GET", fmt.Sprintf("/history_export_results?history_export_id=%.0f", o["id"]), nil).ok(200).list(); len(l) == 0 {
		t.Error("the export has no lines")
	}
}

// restore brings back what lies under a prefix.
func (s *suite) restore(t *testing.T, more params) map[string]any {
	t.Helper()
	p := params{"earliest_date": time.Now().Add(-48 * time.Hour).UTC().Format(time.RFC3339)}
	for k, v := range more {
		p[k] = v
	}
	o := s.send(t, "POST", "/restores", p).ok(201).object()
	eventually(t, "the restore", func() bool {
		for _, r := range s.send(t, "GET", "/restores?per_page=1000", nil).ok(200).list() {
			if r["id"] == o["id"] {
				o = r
			}
		}
		return o["status"] != "pending" && o["status"] != "in_progress"
	})
	return o
}

func restoreTree(t *testing.T, s *suite) {
	d := s.tree(t, "restore-tree", "gone/a.txt", "gone/sub/b.txt", "stays.txt")
	s.send(t, "DELETE", "/files/"+d+"/gone?recursive=true", nil).ok(204)
	o := s.restore(t, params{"prefix": d + "/", "restore_in_place": true})
	if o["files_restored"] != 2.0 || o["files_errored"] != 0.0 {
		t.Errorf("the restore is %v", o)
	}
	if got := strings.Join(s.below(t, d), " "); got != "gone gone/a.txt gone/sub gone/sub/b.txt stays.txt" {
		t.Errorf("there are %s", got)
	}
	if got := string(s.get(t, d+"/gone/sub/b.txt", 0, -1)); got != "gone/sub/b.txt" {
		t.Errorf("content %q", got)
	}
}

func restoreAside(t *testing.T, s *suite) {
	d := s.tree(t, "restore-aside", "a.txt")
	before := s.names(t, "", backend.FolderQuery{})
	s.send(t, "DELETE", "/files/"+d+"/a.txt", nil).ok(204)
	s.restore(t, params{"prefix": d + "/", "restore_in_place": false})
	if got := s.below(t, d); len(got) != 0 {
		t.Errorf("in its place are %q", got)
	}
	made := slices.DeleteFunc(s.names(t, "", backend.FolderQuery{}), func(n string) bool { return slices.Contains(before, n) })
	if len(made) != 1 {
		t.Fatalf("the root has got %q", made)
	}
	defer s.takeAway(t, "/files/"+escape(made[0])+"?recursive=true")
	if got := s.below(t, made[0]); len(got) == 0 || !strings.HasSuffix(got[len(got)-1], "a.txt") {
		t.Errorf("the folder holds %q", got)
	}
}

func restoreNothing(t *testing.T, s *suite) {
	if o := s.restore(t, params{"prefix": s.root + "/there/was/never", "restore_in_place": true}); o["files_restored"] != 0.0 || o["status"] == "failed" {
		t.Errorf("the restore is %v", o)
	}
}

func restoreUser(t *testing.T, s *suite) {
	u := s.user(t, "comes-back")
	if err := s.c.DeleteUser(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	if o := s.restore(t, params{"prefix": u.Username, "restoration_type": "users"}); o["users_restored"] != 1.0 {
		t.Errorf("the restore is %v", o)
	}
	l := s.send(t, "GET", "/users?search="+u.Username, nil).ok(200).list()
	if len(l) != 1 || l[0]["username"] != u.Username {
		t.Fatalf("found %v", l)
	}
	s.send(t, "DELETE", fmt.Sprintf("/users/%.0f", l[0]["id"]), nil)
}

func restorePrefix(t *testing.T, s *suite) {
	d := s.tree(t, "restore-prefix", "report-1.txt", "report-2.txt", "other.txt")
	for _, f := range []string{"report-1.txt", "report-2.txt", "other.txt"} {
		s.send(t, "DELETE", "/files/"+d+"/"+f, nil).ok(204)
	}
	s.restore(t, params{"prefix": strings.ToUpper(d + "/rep"), "restore_in_place": true})
	if got := strings.Join(s.below(t, d), " "); got != "report-1.txt report-2.txt" {
		t.Errorf("there are %s", got)
	}
}

// lockOn takes a lock.
func (s *suite) lockOn(t *testing.T, path string, p params) map[string]any {
	t.Helper()
	o := s.send(t, "POST", "/locks/"+path, p).ok(201).object()
	t.Cleanup(func() {
		_ = s.c.Resource("lock").Delete(ctxOf(t), path, params{"token": o["token"]}) // it may have gone by itself
	})
	return o
}

func lockKinds(t *testing.T, s *suite) {
	d := s.tree(t, "lock-kinds", "a", "b")
	one := s.lockOn(t, d+"/a", params{"timeout": 600})
	for k, want := range (params{"scope": "shared", "exclusive": false, "type": "write", "depth": "infinity", "path": d + "/a", "timeout": 600.0}) {
		if one[k] != want {
			t.Errorf("%s is %v, want %v", k, one[k], want)
		}
	}
	if token, _ := one["token"].(string); len(token) != 32 {
		t.Errorf("the token is %q", token)
	}
	if two := s.lockOn(t, d+"/a", params{"timeout": 600}); two["token"] == one["token"] {
		t.Error("two locks with one token")
	}
	if o := s.lockOn(t, d+"/b", params{"timeout": 600, "exclusive": true}); o["scope"] != "exclusive" {
		t.Errorf("the scope is %v", o["scope"])
	}
	s.send(t, "POST", "/locks/"+d+"/b", params{"timeout": 600}).refused("processing-failure/resource-locked")
	s.send(t, "POST", "/locks/"+strings.ToUpper(d)+"/B", params{"timeout": 600, "exclusive": true}).refused("processing-failure/resource-locked")
}

func lockChildren(t *testing.T, s *suite) {
	d := s.tree(t, "lock-children", "a", "sub/b")
	s.lockOn(t, d+"/a", params{})
	s.lockOn(t, d+"/sub/b", params{})
	if l := s.send(t, "GET", "/locks/"+d, nil).ok(200).list(); len(l) != 0 {
		t.Errorf("on the folder itself: %v", l)
	}
	if l := s.send(t, "GET", "/locks/"+d+"?include_children=true", nil).ok(200).list(); len(l) != 2 {
		t.Errorf("below it: %v", l)
	}
}

func advisory(t *testing.T, s *suite) {
	d := s.tree(t, "advisory", "a")
	s.lockOn(t, d+"/a", params{"exclusive": true})
	s.put(t, d+"/a", []byte("written all the same"), time.Time{})
	s.send(t, "DELETE", "/files/"+d+"/a", nil).ok(204)
}

func lockEnds(t *testing.T, s *suite) {
	d := s.tree(t, "lock-ends", "a")
	s.lockOn(t, d+"/a", params{"timeout": 30, "exclusive": true})
	s.Embedded.Wait(31 * time.Second)
	if l := s.send(t, "GET", "/locks/"+d+"/a", nil).ok(200).list(); len(l) != 0 {
		t.Errorf("it holds on: %v", l)
	}
	s.lockOn(t, d+"/a", params{"exclusive": true})
}

// bundle makes a share link that goes with the case.
func (s *suite) bundle(t *testing.T, p params) map[string]any {
	t.Helper()
	o := s.send(t, "POST", "/bundles", p).ok(201).object()
	t.Cleanup(func() {
		if err := s.c.Resource("bundle").Delete(ctxOf(t), int64(o["id"].(float64)), nil); err != nil && !isNotFound(err) {
			t.Errorf("take the share link away: %v", err)
		}
	})
	return o
}

func bundleFields(t *testing.T, s *suite) {
	d := s.tree(t, "bundle-fields", "a")
	o := s.bundle(t, params{"paths": []any{d}, "code": s.tag + "c", "password": password, "description": "d", "permissions": "read", "max_uses": 3, "expires_at": "2030-01-02T03:04:05Z"})
	if o["code"] != s.tag+"c" || o["password_protected"] != true || o["max_uses"] != 3.0 || !strings.HasSuffix(fmt.Sprint(o["url"]), "/"+s.tag+"c") {
		t.Errorf("made %v", o)
	}
	if list, _ := o["paths"].([]any); len(list) != 1 || list[0] != d {
		t.Errorf("paths %v", o["paths"])
	}
	s.send(t, "POST", "/bundles", params{"paths": []any{d}, "code": s.tag + "c"}).badField("code")
	for _, b := range s.send(t, "GET", "/bundles?per_page=1000", nil).ok(200).list() {
		if _, told := b["paths"]; told && b["paths"] != nil {
			t.Errorf("a list tells paths: %v", b["paths"])
			break
		}
	}
	if strings.Contains(string(s.send(t, "GET", fmt.Sprintf("/bundles/%.0f", o["id"]), nil).ok(200).body), password) {
		t.Error("the password is told")
	}
}

func bundleShared(t *testing.T, s *suite) {
	d := s.tree(t, "bundle-shared", "a")
	o := s.bundle(t, params{"paths": []any{d}})
	at := fmt.Sprintf("/bundles/%.0f/share", o["id"])
	s.send(t, "POST", at, params{}).refused("bad-request/")
	s.send(t, "POST", at, params{"to": []any{"nobody"}}).refused("processing-failure/model-save-error")
	s.send(t, "POST", at, params{"to": []any{"guest@example.com"}, "note": "here"}).ok(204)
	l := s.send(t, "GET", fmt.Sprintf("/bundle_recipients?bundle_id=%.0f", o["id"]), nil).ok(200).list()
	if len(l) != 1 || l[0]["recipient"] != "guest@example.com" || l[0]["note"] != "here" {
		t.Errorf("recipients %v", l)
	}
}

func bundleOpened(t *testing.T, s *suite) {
	d := s.tree(t, "bundle-opened", "a.txt")
	uri, _ := s.bundle(t, params{"paths": []any{d + "/a.txt"}})["url"].(string)
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	w := s.send(t, "GET", s.BaseURL+u.Path, nil) // the site in memory has no name that can be looked up
	for w.status == 302 || w.status == 303 {
		w = s.send(t, "GET", w.header.Get("Location"), nil)
	}
	if w.status != 200 || !strings.Contains(string(w.body), "a.txt") {
		t.Errorf("%s: %d %.300s", uri, w.status, w.body)
	}
}

func ancestorBehaviors(t *testing.T, s *suite) {
	d := s.dir(t, "ancestor-behaviors/sub")
	up := d[:strings.LastIndexByte(d, '/')]
	o := s.send(t, "POST", "/behaviors", params{"path": up, "behavior": "webhook", "value": `{"urls":["https://hooks.example.com/x"],"method":"POST"}`}).ok(201).object()
	defer s.takeAway(t, fmt.Sprintf("/behaviors/%.0f", o["id"]))
	if v, ok := o["value"].(map[string]any); !ok || v["method"] != "POST" {
		t.Errorf("the value is %v", o["value"])
	}
	if l := s.send(t, "GET", "/behaviors/folders/"+d, nil).ok(200).list(); len(l) != 0 {
		t.Errorf("of the folder itself: %v", l)
	}
	if l := s.send(t, "GET", "/behaviors/folders/"+d+"?ancestor_behaviors=true", nil).ok(200).list(); len(l) != 1 || l[0]["id"] != o["id"] {
		t.Errorf("of its ancestors: %v", l)
	}
}

func notificationList(t *testing.T, s *suite) {
	d := s.dir(t, "notification-list/sub")
	up := d[:strings.LastIndexByte(d, '/')]
	for _, p := range []string{d, up} {
		o := s.send(t, "POST", "/notifications", params{"path": p}).ok(201).object()
		if o["send_interval"] != "five_minutes" {
			t.Errorf("the interval is %v", o["send_interval"])
		}
		defer s.takeAway(t, fmt.Sprintf("/notifications/%.0f", o["id"]))
	}
	if l := s.send(t, "GET", "/notifications?path="+d, nil).ok(200).list(); len(l) != 1 {
		t.Errorf("of the folder: %v", l)
	}
	if l := s.send(t, "GET", "/notifications?include_ancestors=true&path="+d, nil).ok(200).list(); len(l) != 2 {
		t.Errorf("with its ancestors: %v", l)
	}
}
