package headless

import (
	"strings"
	"testing"

	"ferry/backend"
)

// A sync that goes past a folder that it cannot read says which and why, counts
// it, and ends with the code of that failure, whatever else is left.
func TestASyncThatCannotReadEverythingIsNoSuccess(t *testing.T) {
	denied := &backend.Error{Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Type: "local/permission-denied", Title: "Permission Denied", Path: "/l/shut"}
	plan := backend.Plan{Items: []backend.PlanItem{
		{Kind: backend.PlanConflict, Name: "c", Reason: "the times differ"},
		{Kind: backend.PlanNew, Action: backend.PlanUpload, On: true, Name: "n", Local: &backend.Stamp{Name: "n", Size: 5}},
		{Kind: backend.PlanConflict, Name: "shut", Folder: true, Stuck: true, Unread: true, Err: denied, Reason: "cannot be read on this machine: Permission Denied"},
	}}
	const line = "unread         shut/  (cannot be read on this machine: Permission Denied)"
	for _, c := range []struct {
		args       string
		code       int
		out, errs  string
		last, some string
	}{
		{"sync a b --push -n", 4, line, "", "; 1 conflict, 0 the same, 1 not read", ""},
		{"sync a b --push", 4, "", line, "", ""},
		{"sync a b --push -n --json", 4, "", "", `"conflicts":1,"unread":1,"exit_code":4,"error":{"group":"local"`, `"name":"shut","kind":"unread","reason":"cannot`},
		{"sync a b --push --json", 4, "", "", `"conflicts":1,"files_deleted":0,"unread":1,"exit_code":4,"error":{"group":"local"`, `"event":"warning","name":"shut"`},
	} {
		w := &world{plan: plan, snaps: []backend.TransferSnapshot{done(1)}}
		out, errs, err := w.ferry(t, strings.Fields(c.args)...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if ExitCode(err) != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) ||
			!strings.Contains(lines[len(lines)-1], c.last) || !strings.Contains(out, c.some) || !strings.Contains(advice(err), "--ignore") {
			t.Errorf("%s: %d\n%s---\n%s", c.args, ExitCode(err), out, errs)
		}
	}
	plan.Items[2].Err = nil // another program made the plan, and it can be read by now
	w := &world{plan: plan, snaps: []backend.TransferSnapshot{done(1)}}
	if _, _, err := w.ferry(t, "sync", "--run", "p.json"); ExitCode(err) != 1 || !strings.Contains(err.Error(), "compare again") {
		t.Errorf("%v", err)
	}
}

// A dry run of put and get counts what could not be read and the links that stay,
// and ends with the code of the first failure.
func TestADryRunThatCannotReadEverythingIsNoSuccess(t *testing.T) {
	denied := &backend.Error{Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Type: "local/permission-denied", Title: "Permission Denied", Path: "/t/shut"}
	plan := backend.Plan{Items: []backend.PlanItem{
		{Kind: backend.PlanNew, Action: backend.PlanUpload, On: true, Name: "t/n", Target: "t/n", Local: &backend.Stamp{Name: "n", Size: 5}},
		{Kind: backend.PlanConflict, Name: "t/a\\b", Target: "t/a\\b", Stuck: true, Reason: "no such name"},
		{Kind: backend.PlanConflict, Name: "t/shut", Target: "t/shut", Folder: true, Stuck: true, Unread: true, Err: denied, Reason: "cannot be read"},
	}}
	for args, want := range map[string][]string{
		"put t In -n": {
			"unread    t/shut -> In/t/shut/  (cannot be read)\n", `conflict  t/a\b -> In/t/a\b  (no such name)`,
			"1 file (5 B) to upload to In, 2 links left out, 1 not read; 1 conflict\n",
		},
		"put t In -n --json": {`"kind":"unread"`, `"links_skipped":2,"conflicts":1,"unread":1,"exit_code":4,"error":{"group":"local"`},
	} {
		w := &world{plan: plan, links: 2, known: map[string]backend.Entry{abs(t, "t"): {Path: abs(t, "t"), Name: "t", Kind: backend.Folder}}}
		out, _, err := w.ferry(t, strings.Fields(args)...)
		for _, s := range want {
			if ExitCode(err) != 4 || !strings.Contains(out, s) {
				t.Errorf("%s: %d, %q is not in\n%s", args, ExitCode(err), s, out)
			}
		}
	}
}
