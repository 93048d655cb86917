package app

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ferry/backend/server"
	"ferry/keymap"
)

func TestScenarioAutomationsListed(t *testing.T) {
	t.Parallel()
	d := New(t, Options{World: "demo"})
	d.Do(keymap.GotoAutomate)
	d.Expect("Name ↑", "Type", "Trigger", "State", "Last run",
		"Clean up old logs", "delete file", "daily", "✓ enabled", "‖ disabled", "✗ failed", "✓ done")
	d.Do(keymap.AutomationFilter)
	d.Press("d")
	d.Expect("‖ disabled")
	d.ExpectNot("✓ enabled")
	d.Press("esc")
	d.Expect("✓ enabled")
	d.Do(keymap.AutomationPreset)
	d.Press("f")
	d.Expect("✗ failed")
	d.ExpectNot("✓ done")
	d.Press("esc")
	d.Do(keymap.Narrow)
	d.Type("quarantine")
	d.Press("enter")
	d.Do(keymap.AutomationRun)
	d.Expect("It runs only when something happens in its folder")
}

func TestScenarioAutomationsSwitchedOffAndOn(t *testing.T) {
	t.Parallel()
	d := New(t, Options{})
	d.Do(keymap.GotoAutomate)
	name := strings.TrimSpace(Cursor(d)[:30])
	d.Do(keymap.AutomationToggle)
	d.Expect("is disabled")
	if !strings.Contains(Cursor(d), "‖ disabled") || !strings.HasPrefix(Cursor(d), name) {
		t.Errorf("the row says %q", Cursor(d))
	}
	d.Do(keymap.Refresh) // the site has it so
	if !strings.Contains(Cursor(d), "‖ disabled") {
		t.Errorf("the site says %q", Cursor(d))
	}
	d.Do(keymap.AutomationToggle)
	d.Expect("is enabled")
	if !strings.Contains(Cursor(d), "✓ enabled") {
		t.Errorf("the row says %q", Cursor(d))
	}
}

func TestScenarioARunIsFollowedToItsEnd(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64 // on the clock of the site, which stands by itself
	began := time.Now()
	info := serveAt(t, func() time.Time { return began.Add(time.Duration(passed.Load())) })
	d := New(t, Options{Login: true, Prepare: AtOnce})
	d.Type(info.BaseURL)
	d.Press("tab")
	d.Type(info.APIKey)
	d.Press("enter")
	d.Expect("Logged in to")
	d.Do(keymap.GotoAutomate)
	Select(d, "Open the folder of the day")
	d.Do(keymap.AutomationRun)
	d.Expect("Run now", "Open the folder of the day", "Makes the folders")
	d.Press("enter") // Cancel
	d.ExpectNot("is asked to run")
	d.Do(keymap.AutomationRun)
	d.Press("y")
	d.Until("the new run", func(string) bool { return strings.Contains(Cursor(d), "queued") }, 2*time.Second)
	d.Expect("automations › Open the folder of the day", "looked at every 2 s")
	passed.Add(int64(2 * time.Second))
	d.Until("its work", func(string) bool { return strings.Contains(Cursor(d), "running") }, 2*time.Second)
	passed.Add(int64(time.Minute))
	d.Until("its end", func(string) bool { return strings.Contains(Cursor(d), "done") }, 2*time.Second)
	d.Until("rest", func(s string) bool { return !strings.Contains(s, "looked at every") }, 2*time.Second)
	d.Press("enter")
	d.Expect("done")
	d.Press("esc", "h")
	if got := Cursor(d); !strings.HasPrefix(got, "Open the folder of the day") {
		t.Errorf("back in the list the cursor is on %q", got)
	}
}

func TestScenarioARefusedRunSaysWhy(t *testing.T) {
	t.Parallel()
	d := New(t, Options{Prepare: AtOnce})
	d.Do(keymap.GotoAutomate)
	Faults(d, server.Fault{Match: "POST /automations/*", Type: "service-unavailable/automations-unavailable", Status: 503})
	d.Do(keymap.AutomationRun)
	d.Press("y")
	d.Expect("Files.com has paused automations")
	Faults(d)
	d.Press("r")
	d.Expect("is asked to run")
}
