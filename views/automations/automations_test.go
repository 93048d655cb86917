package automations

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
	"ferry/ui"
	"ferry/views/paged/pagedtest"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// fake is a board in memory that notes what it was asked.
type fake struct {
	list    []backend.Automation
	runs    map[int64][]backend.AutomationRun
	logs    map[int64][]backend.LogLine
	queries []backend.Query
	asked   []string
	err     error // of runs
	refuse  error // of actions
	noLogs  error // of the filter of logs
}

func (f *fake) Automations(_ context.Context, q backend.Query) (backend.Page[backend.Automation], error) {
	f.queries = append(f.queries, q)
	return backend.Page[backend.Automation]{Items: slices.Clone(f.list)}, nil
}

func (f *fake) AutomationRuns(_ context.Context, id int64, q backend.Query) (backend.Page[backend.AutomationRun], error) {
	f.asked = append(f.asked, fmt.Sprint("runs ", id, " ", q.PerPage))
	if f.err != nil {
		return backend.Page[backend.AutomationRun]{}, f.err
	}
	rows := f.runs[id]
	return backend.Page[backend.AutomationRun]{Items: slices.Clone(rows[:min(q.PerPage, len(rows))])}, nil
}

func (f *fake) SetAutomationDisabled(_ context.Context, id int64, disabled bool) (backend.Automation, error) {
	f.asked = append(f.asked, fmt.Sprint("disable ", id, " ", disabled))
	for i := range f.list {
		if f.list[i].ID == id {
			f.list[i].Disabled = disabled
			return f.list[i], f.refuse
		}
	}
	return backend.Automation{}, f.refuse
}

func (f *fake) RunAutomation(_ context.Context, id int64) error {
	f.asked = append(f.asked, fmt.Sprint("run ", id))
	return f.refuse
}

func (f *fake) CancelAutomationRun(_ context.Context, id int64) (backend.AutomationRun, error) {
	f.asked = append(f.asked, fmt.Sprint("cancel ", id))
	for _, rows := range f.runs {
		for i := range rows {
			if rows[i].ID == id {
				rows[i].Status = backend.RunCanceled
			}
		}
	}
	return backend.AutomationRun{ID: id}, f.refuse
}

func (f *fake) AutomationLogs(_ context.Context, id int64, _ backend.Query) (backend.Page[backend.LogLine], error) {
	if id != 0 && f.noLogs != nil {
		return backend.Page[backend.LogLine]{}, f.noLogs
	}
	var all []backend.LogLine
	for run, lines := range f.logs {
		if id == 0 || id == run {
			all = append(all, lines...)
		}
	}
	return backend.Page[backend.LogLine]{Items: all}, nil
}

func some() *fake {
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	return &fake{
		list: []backend.Automation{
			{ID: 1, Name: "Copy invoices to payables", Type: "copy_file", Trigger: "daily", Interval: "day", Schedule: "every day at 06:30", Path: "Finance/in", Source: "*.pdf", Destinations: []string{"Finance/Payables/"}, Owner: "finance-lead"},
			{ID: 2, Name: "Delete old logs", Type: "delete_file", Trigger: "manual", Path: "Logs/*/old", Source: "*.log", Disabled: true},
			{ID: 3, Name: "React to uploads", Type: "move_file", Trigger: "action", Path: "Inbox", Destinations: []string{"Sorted"}},
			{ID: 4, Type: "run_sync", Trigger: "custom_schedule", Path: ""},
		},
		runs: map[int64][]backend.AutomationRun{
			1: {
				{ID: 12, AutomationID: 1, Status: backend.RunPartialFailure, CreatedAt: ago(30 * time.Minute), CompletedAt: ago(29 * time.Minute), Runtime: 61 * time.Second, SuccessfulOperations: 1204, FailedOperations: 2},
				{ID: 11, AutomationID: 1, Status: backend.RunSuccess, CreatedAt: ago(25 * time.Hour), CompletedAt: ago(25 * time.Hour), Runtime: 420 * time.Millisecond, SuccessfulOperations: 3, RetryOfRunID: 10},
			},
			3: {{ID: 31, AutomationID: 3, Status: backend.RunRunning, CreatedAt: ago(90 * time.Second)}},
		},
		logs: map[int64][]backend.LogLine{
			12: {
				{At: ago(30 * time.Minute), Status: "success", What: "copy", Path: "Finance/in/invoice-0001.pdf", Text: "copied", RunID: 12},
				{At: ago(29 * time.Minute), Status: "failure", What: "copy", Path: "Finance/in/invoice-0002.pdf", Text: "The destination is \x1b[31mlocked", RunID: 12},
			},
			11: {{At: ago(25 * time.Hour), Status: "success", What: "copy", Path: "other.pdf", Text: "of another run", RunID: 11}},
		},
	}
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
	}{{"wide", 120, 33}, {"narrow", 80, 21}, {"narrowest", 60, 13}} {
		for level, path := range [][]keymap.Action{{}, {keymap.Enter}, {keymap.Enter, keymap.Enter}} {
			t.Run(fmt.Sprint(c.name, level), func(t *testing.T) {
				r, _ := open(t, some(), c.w, c.h)
				r.Do(path...)
				r.Sound()
				v := r.Screenful()
				r.Fills(v, c.w, c.h)
				golden.RequireEqual(t, []byte(v))
			})
		}
	}
}

func TestUnsizedIsEmpty(t *testing.T) {
	r := pagedtest.New(t)
	if v := New(r.Env, some()).View(); v != "" {
		t.Errorf("an unsized screen draws %q", v)
	}
}

func TestLastRunsAreAskedForAFewAtATime(t *testing.T) {
	f := &fake{}
	for i := range 60 {
		f.list = append(f.list, backend.Automation{ID: int64(i + 1), Name: fmt.Sprintf("job %02d", i)})
	}
	r := pagedtest.New(t)
	s := New(r.Env, f)
	s.Resize(120, 22)
	page := s.Init()()
	r.Screen = s
	if batch := page; batch == nil {
		t.Fatal("nothing was loaded")
	}
	cmd := s.Update(page)
	if s.probes.busy() != atOnce {
		t.Errorf("%d at once, want %d", s.probes.busy(), atOnce)
	}
	r.Run(cmd)
	// header and frame take three of the 22 lines
	if n := len(f.asked); n != 19 {
		t.Errorf("%d last runs were asked for, want those of the 19 visible rows", n)
	}
	r.Do(keymap.Down)
	if n := len(f.asked); n != 19 {
		t.Errorf("what is known was asked for again: %d", n)
	}
}

func TestRunNowSaysWhatItTouches(t *testing.T) {
	f := some()
	r, s := open(t, f, 120, 33)
	r.Do(keymap.AutomationRun)
	r.Holds(r.Box(), "Copies *.pdf in /Finance/in to /Finance/Payables/.", "rights of finance-lead")
	r.Do(keymap.No)
	if slices.Contains(f.asked, "run 1") {
		t.Fatal("it ran though the answer was no")
	}
	r.Do(keymap.AutomationRun, keymap.Yes)
	if !slices.Contains(f.asked, "run 1") || s.runs == nil || s.runs.of.ID != 1 {
		t.Fatalf("asked %v", f.asked)
	}
	r.Holds(r.Screenful(), "waiting for the run to appear")
	f.runs[1] = slices.Insert(f.runs[1], 0, backend.AutomationRun{ID: 13, AutomationID: 1, Status: backend.RunRunning, CreatedAt: noon.Add(time.Second)})
	r.Tick()
	r.Holds(r.Screenful(), "run 13", "running", "looked at every 2 s")
	f.runs[1][0].Status = backend.RunSuccess
	r.Tick()
	r.Lacks(r.Screenful(), "running", "every 2 s")
	if len(r.Later) != 0 {
		t.Error("the runs are looked at though none is active")
	}
	r.Do(keymap.Back)
	r.Holds(r.Screenful(), "done just now")
}

func TestARunThatNeverAppearsEndsTheWatch(t *testing.T) {
	r, _ := open(t, some(), 120, 33)
	r.Do(keymap.AutomationRun, keymap.Yes)
	n := 0
	for len(r.Later) > 0 && n < 50 {
		r.Tick()
		n++
	}
	if n < 5 || n > 12 {
		t.Errorf("looked %d times", n)
	}
}

func TestNothingIsWatchedWithoutAnActiveRun(t *testing.T) {
	r, _ := open(t, some(), 120, 33)
	r.Do(keymap.Enter)
	if len(r.Later) != 0 {
		t.Error("ended runs are looked at again")
	}
	r.Do(keymap.Back, keymap.Down, keymap.Down, keymap.Enter)
	if len(r.Later) != 1 {
		t.Fatalf("%d looks are planned, want one", len(r.Later))
	}
	r.Do(keymap.Back)
	r.Tick()
	if len(r.Later) != 0 {
		t.Error("the watch goes on though the runs were left")
	}
}

func TestAFailedLookIsSaidAndEndsTheWatch(t *testing.T) {
	f := some()
	r, _ := open(t, f, 120, 33)
	r.Do(keymap.Down, keymap.Down, keymap.Enter)
	f.err = &backend.Error{Group: backend.Connection}
	r.Tick()
	r.Holds(r.Screenful(), "not up to date: The site cannot be reached")
	if len(r.Later) != 0 {
		t.Error("it goes on though the site cannot be reached")
	}
}

func TestEventDrivenAutomationsAreNotRunByHand(t *testing.T) {
	r, _ := open(t, some(), 120, 33)
	r.Do(keymap.Down, keymap.Down)
	if why := r.Why(keymap.AutomationRun); !strings.Contains(why, "never by hand") {
		t.Errorf("why = %q", why)
	}
}

func TestRefusedRunIsExplainedWithoutRetry(t *testing.T) {
	f := some()
	f.refuse = &backend.Error{Class: backend.ClassAutomationCannotBeRunManually, Group: backend.ProcessingFailure, Type: "processing-failure/automation-cannot-be-run-manually"}
	r, _ := open(t, f, 120, 33)
	r.Do(keymap.AutomationRun, keymap.Yes)
	if len(r.Fails) != 1 || r.Fails[0].Retry != nil {
		t.Fatalf("fails %v", r.Fails)
	}
	f.refuse = &backend.Error{Group: backend.Connection}
	r.Do(keymap.AutomationToggle)
	if len(r.Fails) != 2 || r.Fails[1].Retry == nil {
		t.Fatal("a lost connection offers no retry")
	}
	f.refuse = nil
	r.Run(r.Fails[1].Retry)
	r.Holds(strings.Join(r.Toasts, ";"), "Copy invoices to payables is disabled")
}

func TestCardAndLeaving(t *testing.T) {
	r, s := open(t, some(), 120, 33)
	r.Do(keymap.Info)
	r.Holds(r.Box(), "every day at 06:30", "finance-lead", "Copies *.pdf in /Finance/in", "partly failed 30 min ago")
	r.Do(keymap.CloseBox, keymap.Enter, keymap.Enter, keymap.Quit, keymap.Quit)
	if s.run != nil || s.runs != nil {
		t.Error("q does not lead back")
	}
	if s.Keys().Has(keymap.Quit) {
		t.Error("the list claims the key that leaves the program")
	}
}

func TestToggle(t *testing.T) {
	f := some()
	r, _ := open(t, f, 120, 33)
	r.Do(keymap.Down, keymap.AutomationToggle)
	if f.list[1].Disabled {
		t.Error("it is still disabled")
	}
	r.Lacks(r.Screenful(), "‖ disabled")
}

func TestCancelRun(t *testing.T) {
	f := some()
	r, _ := open(t, f, 120, 33)
	r.Do(keymap.Enter)
	if r.Why(keymap.AutomationCancel) == "" {
		t.Error("an ended run can be cancelled")
	}
	r.Do(keymap.Back, keymap.Down, keymap.Down, keymap.Enter, keymap.AutomationCancel)
	r.Holds(r.Box(), "Stop this run of React to uploads?")
	r.Do(keymap.Yes)
	r.Holds(r.Screenful(), "cancelled")
}

func TestRunShowsItsOwnLog(t *testing.T) {
	for name, refuse := range map[string]error{"asked": nil, "filtered here": &backend.Error{Group: backend.BadRequest}} {
		t.Run(name, func(t *testing.T) {
			f := some()
			f.noLogs = refuse
			r, _ := open(t, f, 120, 33)
			r.Do(keymap.Enter, keymap.Enter)
			v := r.Screenful()
			r.Holds(v, "run 12", "partly failed, 1,204 operations done, 2 failed", "invoice-0002.pdf", "The destination is ␛[31mlocked")
			r.Lacks(v, "of another run")
			r.Do(keymap.Enter)
			r.Holds(r.Box(), "Log line", "Finance/in/invoice")
			r.Do(keymap.CloseBox, keymap.EscapeLevel, keymap.EscapeLevel)
			r.Holds(r.Screenful(), "4 automations")
		})
	}
}

func TestPresetLooksAtEveryLastRun(t *testing.T) {
	r, _ := open(t, some(), 120, 33)
	r.Do(keymap.AutomationPreset)
	r.Type("f")
	r.Holds(r.Screenful(), "Copy invoices", "last run failed", "1 of 4 automations")
	r.Lacks(r.Screenful(), "React to uploads")
	r.Do(keymap.EscapeLevel)
	r.Holds(r.Screenful(), "React to uploads")
}

func TestFilterAndSortAreAskedOfTheSite(t *testing.T) {
	f := some()
	r, _ := open(t, f, 120, 33)
	r.Do(keymap.AutomationFilter)
	r.Type("d")
	r.Do(keymap.Sort)
	r.Type("m")
	q := f.queries[len(f.queries)-1]
	if len(q.Filters) != 1 || q.Filters[0] != (backend.Filter{Field: "disabled", Value: "true"}) || q.SortBy != "last_modified_at" || !q.Desc {
		t.Errorf("asked for %+v", q)
	}
	r.Holds(r.Screenful(), "asked the site: disabled", "by last change ↓")
	for _, o := range orders {
		if !slices.Contains(backend.AutomationList.Sorts, o.field) {
			t.Errorf("the site does not sort by %s", o.field)
		}
	}
}

func TestShowItsFolder(t *testing.T) {
	r, _ := open(t, some(), 120, 33)
	r.Do(keymap.Down, keymap.AutomationPath)
	if len(r.Gotos) != 1 || r.Gotos[0].Args != (ui.ShowPath{Side: ui.RemoteSide, Path: "Logs"}) {
		t.Errorf("went to %+v", r.Gotos)
	}
}
