package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend/server/world"
	"ferry/pathutil"
)

// fakeTree is a tree of paths, for tests of automations; "dir/" is a folder.
type fakeTree struct{ files map[string]bool }

func newFakeTree(paths ...string) *fakeTree {
	t := &fakeTree{files: map[string]bool{}}
	for _, p := range paths {
		t.add(p)
	}
	return t
}

func (t *fakeTree) add(p string) {
	for d := pathutil.Dir(p); d != ""; d = pathutil.Dir(d) {
		t.files[d] = true
	}
	t.files[p] = false
}

func (t *fakeTree) Exists(_ context.Context, p string) bool {
	for have := range t.files {
		if pathutil.IsSame(have, p) {
			return true
		}
	}
	return p == ""
}

func (t *fakeTree) Entries(_ context.Context, folder string) ([]treeEntry, error) {
	var out []treeEntry
	for p, dir := range t.files {
		if p != "" && pathutil.Dir(p) == folder {
			out = append(out, treeEntry{Path: p, Dir: dir})
		}
	}
	slices.SortFunc(out, func(a, b treeEntry) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

func (t *fakeTree) Copy(_ context.Context, _ int64, from, to string, overwrite bool) error {
	if _, ok := t.files[to]; ok && !overwrite {
		return wireErrorf("processing-failure/destination-exists", "The destination exists.")
	}
	if !t.Exists(context.Background(), from) {
		return notFound()
	}
	t.add(to)
	return nil
}

func (t *fakeTree) Move(ctx context.Context, user int64, from, to string, overwrite bool) error {
	if err := t.Copy(ctx, user, from, to, overwrite); err != nil {
		return err
	}
	return t.Delete(ctx, user, from)
}

func (t *fakeTree) Delete(_ context.Context, _ int64, p string) error {
	delete(t.files, p)
	return nil
}

func (t *fakeTree) MakeFolder(_ context.Context, _ int64, p string) error {
	for ; p != ""; p = pathutil.Dir(p) {
		t.files[p] = true
	}
	return nil
}

func (b *box) runs(automation any) []map[string]any {
	b.t.Helper()
	return b.list(fmt.Sprintf("/automation_runs?automation_id=%v", automation))
}

func (b *box) paths() []string {
	var out []string
	for p, dir := range b.tree.files {
		if !dir {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

func TestARunGoesThroughItsStates(t *testing.T) {
	b := newBox(t, world.Empty(testPresent))
	for _, p := range []string{"In/a.csv", "In/b.csv", "In/c.txt", "In/sub/d.csv", "In/x/skip.csv"} {
		b.tree.add(p)
	}
	a := b.object("POST", "/automations", map[string]any{
		"automation": "move_file", "trigger": "manual", "path": "In", "source": "**/*.csv", "destinations": []string{"Done/%Y-%m-%d/"}, "exclude_pattern": "skip.*",
	})
	if a["trigger"] != "manual" || a["version"] != 1.0 || a["user_id"] != 1.0 {
		t.Errorf("created: %v", a)
	}
	b.object("POST", fmt.Sprintf("/automations/%v/manual_run", a["id"]), nil)
	states := []string{}
	for range 6 {
		runs := b.runs(a["id"])
		if len(runs) != 1 {
			t.Fatalf("%d runs", len(runs))
		}
		states = append(states, fmt.Sprint(runs[0]["status"]))
		b.wait(time.Second)
	}
	if got := strings.Join(states, " "); got != "queued running running running success success" {
		t.Errorf("states: %s", got)
	}
	run := b.runs(a["id"])[0]
	if run["successful_operations"] != 3.0 || run["failed_operations"] != 0.0 || run["runtime"] != 4.0 {
		t.Errorf("run: %v", run)
	}
	want := "Done/2026-11-20/a.csv Done/2026-11-20/b.csv Done/2026-11-20/sub/d.csv In/c.txt In/x/skip.csv"
	if got := strings.Join(b.paths(), " "); got != want {
		t.Errorf("tree:\n%s\nwant\n%s", got, want)
	}
	logs := b.list(fmt.Sprintf("/automation_logs?filter[automation_run_id]=%v", run["id"]))
	if len(logs) != 3 || logs[0]["operation"] != "move" {
		t.Errorf("logs: %v", logs)
	}
	b.refused("POST", fmt.Sprintf("/automation_runs/%v/cancel", run["id"]), map[string]any{}, "processing-failure/already-completed")
	again := b.object("POST", fmt.Sprintf("/automation_runs/%v/rerun", run["id"]), map[string]any{"node_id": "x"})
	if again["rerun_of_run_id"] != run["id"] || again["status"] != "queued" {
		t.Errorf("rerun: %v", again)
	}
	if got := b.object("POST", fmt.Sprintf("/automation_runs/%v/cancel", again["id"]), map[string]any{}); got["status"] != "canceled" {
		t.Errorf("cancel: %v", got)
	}
}

func TestRunsThatCannotBe(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	byTrigger := map[any]any{}
	for _, a := range b.list("/automations") {
		if a["disabled"] == true {
			byTrigger["disabled"] = a["id"]
		} else if byTrigger[a["trigger"]] == nil {
			byTrigger[a["trigger"]] = a["id"]
		}
	}
	for _, what := range []string{"action", "disabled"} {
		b.refused("POST", fmt.Sprintf("/automations/%v/manual_run", byTrigger[what]), nil, "processing-failure/automation-cannot-be-run-manually")
	}
	b.refused("POST", "/automations/99/manual_run", nil, "not-found")
	for body, field := range map[*map[string]any]string{
		{"automation": "copy_file", "source": "a"}:                                                  "destinations",
		{"automation": "delete_file"}:                                                               "source",
		{"automation": "delete_file", "source": "a", "trigger": "daily"}:                            "interval",
		{"automation": "delete_file", "source": "a", "trigger": "sometimes"}:                        "trigger",
		{"automation": "fly"}:                                                                       "automation",
		{"automation": "run_sync", "retry_on_failure_interval_in_minutes": 3}:                       "retry_on_failure_interval_in_minutes",
		{"automation": "run_sync", "trigger": "custom_schedule", "schedule_days_of_week": []int{9}}: "schedule_times_of_day",
	} {
		if f := b.refused("POST", "/automations", *body, "processing-failure/model-save-error"); f[field] == nil {
			t.Errorf("%v: fields %v, want %s", *body, f, field)
		}
	}
	b.refused("POST", "/automations", map[string]any{}, "bad-request/request-params-required")
}

func TestAFailingRunIsTriedAgain(t *testing.T) {
	b := newBox(t, world.Empty(testPresent))
	a := b.object("POST", "/automations", map[string]any{
		"automation": "import_file", "destinations": []string{"x"}, "retry_on_failure_interval_in_minutes": 5, "retry_on_failure_number_of_attempts": 1,
	})
	b.object("POST", fmt.Sprintf("/automations/%v/manual_run", a["id"]), nil)
	b.wait(10 * time.Second)
	first := b.runs(a["id"])[0]
	if first["status"] != "failure" || first["retry_at"] == nil {
		t.Fatalf("first: %v", first)
	}
	// A restart in between loses nothing.
	b.api = newRecords(newRecordStore(b.db, world.Empty(testPresent)), b.clock, b.tree)
	b.wait(6 * time.Minute)
	b.runs(a["id"])
	b.wait(10 * time.Second)
	runs := b.runs(a["id"])
	if len(runs) != 2 || runs[0]["retry_of_run_id"] != first["id"] || runs[1]["retried_in_run_id"] != runs[0]["id"] {
		t.Fatalf("runs: %v", runs)
	}
	if runs[0]["status"] != "failure" || runs[0]["retry_at"] != nil {
		t.Errorf("the last attempt: %v", runs[0])
	}
}

func TestTheClockStartsAutomations(t *testing.T) {
	b := newBox(t, world.Empty(testPresent))
	a := b.object("POST", "/automations", map[string]any{
		"automation": "create_folder", "trigger": "custom_schedule", "path": "Inbox", "destinations": []string{"%Y-%m-%d %H%M"},
		"schedule_days_of_week": []int{5}, "schedule_times_of_day": []string{"09:45"},
	})
	if a["human_readable_schedule"] != "Friday at 09:45" {
		t.Errorf("schedule: %v", a["human_readable_schedule"])
	}
	if n := len(b.runs(a["id"])); n != 0 {
		t.Fatalf("%d runs at once", n)
	}
	b.wait(15 * time.Minute) // 09:45 in the zone of the site
	b.runs(a["id"])
	b.wait(5 * time.Second)
	runs := b.runs(a["id"])
	if len(runs) != 1 || runs[0]["status"] != "success" {
		t.Fatalf("runs: %v", runs)
	}
	if !b.tree.Exists(t.Context(), "Inbox/2026-11-20 0945") {
		t.Errorf("tree: %v", b.tree.files)
	}
}

func TestActionsStartAutomations(t *testing.T) {
	b := newBox(t, world.Empty(testPresent))
	b.tree.add("In/deep/new.xml")
	a := b.object("POST", "/automations", map[string]any{
		"automation": "copy_file", "trigger": "action", "trigger_actions": []string{"create"}, "path": "In", "source": "**/*.xml", "destinations": []string{"Out/%tf-copy.%te"},
	})
	ctx := t.Context()
	for _, x := range [][2]string{{"read", "In/deep/new.xml"}, {"create", "Elsewhere/new.xml"}, {"create", "In/deep/new.xml"}} {
		if err := b.api.runner.onAction(ctx, x[0], x[1]); err != nil {
			t.Fatal(err)
		}
	}
	b.wait(5 * time.Second)
	if runs := b.runs(a["id"]); len(runs) != 1 || runs[0]["status"] != "success" {
		t.Errorf("runs: %v", runs)
	}
	if !b.tree.Exists(ctx, "Out/new-copy.xml") {
		t.Errorf("tree: %v", b.paths())
	}
}

func TestGlob(t *testing.T) {
	for _, x := range []struct {
		pattern, path string
		want          bool
	}{
		{"a/*.csv", "a/b.csv", true},
		{"a/*.csv", "a/b/c.csv", false},
		{"a/**/*.csv", "a/b/c/d.csv", true},
		{"a/**/*.csv", "a/d.csv", true},
		{"**", "a/b/c", true},
		{"A/*.CSV", "a/b.csv", true},
		{"a/x?.txt", "a/x1.txt", true},
		{"a/x?.txt", "a/xé.txt", true},
		{"a/x[0-3].txt", "a/x2.txt", true},
		{"a/x[!0-3].txt", "a/x2.txt", false},
		{"a/*.{csv,xml}", "a/q.xml", true},
		{"a/*b*c", "a/xbybzc", true},
		{"a/*b*c", "a/xbybz", false},
		{"*", "", false},
	} {
		if got := matchesAnyOf(braces(x.pattern), x.path); got != x.want {
			t.Errorf("%s on %s: %v", x.pattern, x.path, got)
		}
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("a*[b-", "abc")
	f.Add("{a,{b", "日本")
	f.Add("[!]", "]")
	f.Fuzz(func(_ *testing.T, pattern, name string) {
		for _, p := range braces(pattern) {
			globName(p, name)
		}
	})
}

func TestNextRun(t *testing.T) {
	at := time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC) // Friday, 15:00 in New York
	for _, x := range []struct {
		doc  map[string]any
		want string
	}{
		{map[string]any{"trigger": "daily", "interval": "day"}, "2026-11-21T05:00:00Z"},
		{map[string]any{"trigger": "daily", "interval": "week"}, "2026-11-23T05:00:00Z"},
		{map[string]any{"trigger": "daily", "interval": "month"}, "2026-12-01T05:00:00Z"},
		{map[string]any{"trigger": "daily", "interval": "month", "recurring_day": int64(25)}, "2026-11-25T05:00:00Z"},
		{map[string]any{"trigger": "daily", "interval": "month_end"}, "2026-11-30T05:00:00Z"},
		{map[string]any{"trigger": "daily", "interval": "quarter"}, "2027-01-01T05:00:00Z"},
		{map[string]any{"trigger": "daily", "interval": "year_end"}, "2026-12-31T05:00:00Z"},
		{map[string]any{"trigger": "custom_schedule", "schedule_days_of_week": []any{int64(5)}, "schedule_times_of_day": []any{"14:00"}}, "2026-11-27T19:00:00Z"},
		{map[string]any{"trigger": "custom_schedule", "schedule_days_of_week": []any{int64(5)}, "schedule_times_of_day": []any{"*:30"}}, "2026-11-20T20:30:00Z"},
		{map[string]any{"trigger": "manual"}, "0001-01-01T00:00:00Z"},
	} {
		if got := nextRun(x.doc, at, easternTime).Format(time.RFC3339); got != x.want {
			t.Errorf("%v: %s, want %s", x.doc, got, x.want)
		}
	}
}
