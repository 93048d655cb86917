package app

import (
	"strings"
	"testing"

	"ferry/backend"
	"ferry/backend/server"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/views/transfers"
)

// scene is a place of the program: how to get there, and back to the files.
type scene struct {
	name string
	open func(d *Driver)
}

// do opens a scene by actions.
func do(name string, actions ...keymap.Action) scene {
	return scene{name, func(d *Driver) { d.t.Helper(); d.Do(actions...) }}
}

// at opens a scene by actions on another screen.
func at(screen keymap.Action, name string, actions ...keymap.Action) scene {
	return scene{name, func(d *Driver) { d.t.Helper(); d.Do(screen); d.Do(actions...) }}
}

// on opens a scene on a row of the site's pane.
func on(row, name string, actions ...keymap.Action) scene {
	return scene{name, func(d *Driver) { d.t.Helper(); FocusSite(d); Select(d, row); d.Do(actions...) }}
}

var scenes = []scene{
	do("files"),
	do("files, local pane", keymap.NextPane),
	do("files, marks", keymap.Invert),
	do("files, narrowing", keymap.Narrow),
	{"files, narrowed", func(d *Driver) { d.Do(keymap.Narrow); d.Type("e"); d.Press("enter") }},
	{"files, found", func(d *Driver) { d.Do(keymap.SearchHere); d.Type("doc"); d.Press("enter") }},
	do("files, preview", keymap.Layout),
	do("files, one pane", keymap.Layout, keymap.Layout),
	do("new folder", keymap.NewFolder),
	do("sort files", keymap.Sort),
	do("go to a path", keymap.GoToPath),
	do("search", keymap.SearchHere),
	do("mark by pattern", keymap.MarkGlob),
	on("README", "rename", keymap.Rename),
	on("README", "delete", keymap.Delete),
	on("Documents", "delete a folder", keymap.Delete),
	on("README", "view, wrapped", keymap.ViewFile, keymap.ViewWrap),
	on("README", "move", keymap.MoveAcross),
	on("README", "view", keymap.ViewFile),
	on("README", "info", keymap.Info),
	on("README", "yanked", keymap.Yank),
	on("Documents", "info of a folder", keymap.Info),
	{"odd names", func(d *Driver) { OpenPath(d, "/Odd names") }},
	{"empty folder", func(d *Driver) { OpenPath(d, "/Empty") }},
	{"error card", func(d *Driver) {
		Faults(d, server.Fault{Match: "POST /folders/*", Type: "rate-limited/too-many-requests", Status: 429})
		d.Do(keymap.NewFolder)
		d.Type("x")
		d.Press("enter")
	}},
	{"failed pane", func(d *Driver) {
		Faults(d, server.Fault{Match: "GET /folders/*", Type: "not-authorized/read-permission-required", Status: 403})
		d.Do(keymap.Refresh)
	}},
	{"toast", func(d *Driver) { d.Do(keymap.Back) }},
	do("help", keymap.Help),
	do("palette", keymap.Palette),
	do("messages", keymap.Messages),
	do("drawer", keymap.Drawer),
	do("login", keymap.SwitchSite),
	{"login, password", func(d *Driver) { d.Do(keymap.SwitchSite, keymap.LoginMethod) }},
	{"login, saved", func(d *Driver) { d.Do(keymap.SwitchSite, keymap.LoginSave) }},
	{"login, help", func(d *Driver) { d.Do(keymap.SwitchSite, keymap.LoginHelp) }},
	do("compare", keymap.PlanSync),
	at(keymap.GotoSync, "no sync"),
	{"sync", syncScene()},
	{"sync, conflicts", syncScene(keymap.SyncFilter)},
	{"sync, kinds", syncScene(keymap.SyncTickKind)},
	{"sync, run", syncScene(keymap.SyncRun)},
	{"sync, line", syncScene(keymap.Last, keymap.Enter)},
	{"sync, folded", syncScene(keymap.Last, keymap.SyncFold)},
	{"sync, narrowing", syncScene(keymap.Narrow)},
	{"sync, save", syncScene(keymap.SyncSave)},
	{"sync, load", syncScene(keymap.SyncLoad)},
	{"sync, the same", syncScene(keymap.SyncSame)},
	{"sync, done", func(d *Driver) {
		syncScene(keymap.SyncRun)(d)
		d.Type("13")
		d.Press("enter")
		d.UntilSays("7 shows the lines")
		d.Do(keymap.GotoSync)
	}},
	{"sync, failed", func(d *Driver) {
		syncScene()(d)
		Faults(d, server.Fault{Match: "GET /folders/*", Type: "not-authorized/read-permission-required", Status: 403})
		d.Do(keymap.Refresh)
	}},
	at(keymap.GotoTransfers, "transfers"),
	at(keymap.GotoTransfers, "bandwidth", keymap.JobLimit),
	at(keymap.GotoTransfers, "concurrency", keymap.JobWidth),
	{"a queue with everything", everyState},
	{"transfer details", func(d *Driver) { everyState(d); d.Do(keymap.Enter, keymap.Last) }},
	{"transfers filtered", func(d *Driver) { everyState(d); d.Do(keymap.JobFilter); d.Press("f") }},
	{"transfers filter", func(d *Driver) { everyState(d); d.Do(keymap.JobFilter) }},
	{"waiting to quit", func(d *Driver) { everyState(d); d.Do(keymap.Quit); d.Press("f") }},
	{"a long toast", func(d *Driver) { d.Send(ui.ToastMsg{Text: strings.Repeat("a long story 🚀 ", 30), Kind: ui.Warning}) }},
	at(keymap.GotoUsers, "users"),
	at(keymap.GotoUsers, "user card", keymap.Enter),
	at(keymap.GotoUsers, "user form", keymap.UserCreate),
	at(keymap.GotoUsers, "user filter", keymap.UserFilter),
	at(keymap.GotoUsers, "user audits", keymap.UserAudit),
	at(keymap.GotoUsers, "sort users", keymap.Sort),
	at(keymap.GotoUsers, "delete user", keymap.UserDelete),
	at(keymap.GotoUsers, "users, narrowing", keymap.Narrow),
	at(keymap.GotoAutomate, "automations"),
	at(keymap.GotoAutomate, "automation card", keymap.Info),
	at(keymap.GotoAutomate, "automation filter", keymap.AutomationFilter),
	at(keymap.GotoAutomate, "automation presets", keymap.AutomationPreset),
	at(keymap.GotoAutomate, "run now", keymap.AutomationRun),
	at(keymap.GotoAutomate, "runs", keymap.Enter),
	at(keymap.GotoAutomate, "run", keymap.Enter, keymap.Enter),
	at(keymap.GotoActivity, "activity"),
	at(keymap.GotoActivity, "activity details", keymap.Enter),
	at(keymap.GotoActivity, "activity filter", keymap.ActivityFilter),
	at(keymap.GotoResources, "resources"),
	{"resource", func(d *Driver) {
		d.Do(keymap.GotoResources)
		Select(d, "groups")
		d.Do(keymap.Enter)
	}},
	{"resource object", func(d *Driver) {
		d.Do(keymap.GotoResources)
		Select(d, "groups")
		d.Do(keymap.Enter, keymap.Enter)
	}},
}

// foreign are the scenes whose data is not ASCII.
var foreign = map[string]bool{
	"odd names": true, "a queue with everything": true, "transfer details": true, "transfers filtered": true, "transfers filter": true,
	"waiting to quit": true, "a long toast": true,
}

// everyState puts a queue in front that has a transfer in every state, with long
// names and wide signs.
func everyState(d *Driver) {
	d.t.Helper()
	d.Do(keymap.GotoTransfers)
	denied := &backend.Error{
		Class: "WritePermissionRequiredError", Group: backend.NotAuthorized, Status: 403, Op: "upload",
		Type: "not-authorized/write-permission-required", Path: strings.Repeat("long path/", 12) + "🚀.pdf",
	}
	s := backend.TransferSnapshot{
		Seq: 1 << 40, Running: 2, Waiting: 3, Failed: 1, UpRate: 5e6, Parked: "The site cannot be reached.", TryAgain: 7e9, Limit: 1e6, MostRequests: 4,
	}
	for state := backend.JobQueued; state <= backend.JobCancelled; state++ {
		j := backend.JobSnapshot{
			ID: backend.JobID(state) + 1, Label: "a rather long name of a file that goes on 日本語 🚀.tar.zst", State: state,
			From: backend.Location{Side: backend.Local, Path: "/tmp/" + strings.Repeat("deep/", 20)}, To: backend.Location{Side: backend.Remote, Path: strings.Repeat("Finance/", 9)},
			FilesDone: 3, FilesTotal: 9, BytesDone: 3e6, BytesTotal: 9e6, Rate: 1e6, Left: -1, Started: d.Now(),
		}
		if state == backend.JobFailed || state == backend.JobQueued {
			j.FilesFailed, j.Err = 2, denied
			j.Items = []backend.ItemSnapshot{
				{ID: 1, Name: "under/way.bin", State: backend.JobRunning, Done: 1, Size: 9, Note: "part 14 of 160"},
				{ID: 2, Name: strings.Repeat("very/", 20) + "🚀.pdf", State: backend.JobFailed, Err: denied},
			}
		}
		s.Jobs = append(s.Jobs, j)
	}
	d.Send(transfers.SnapshotMsg{TransferSnapshot: s})
}

// looks are the ways in which each scene is looked at.
var looks = []struct {
	theme  string
	glyphs *theme.Glyphs
}{
	{"dark", nil}, {"plain", nil}, {"plain", &theme.ASCII},
}

// TestSweep goes everywhere in every look and every size: no key means two
// things, the screen has exactly the cells of the terminal, and drawing changes
// nothing. It is not parallel, since the signs of a theme are one for all.
func TestSweep(t *testing.T) {
	for _, look := range looks {
		for _, sc := range scenes {
			d := New(t, Options{Theme: look.theme, Glyphs: look.glyphs, Local: Files(t, map[string]string{"a.txt": "a", "b/c.txt": "c"}), Prepare: AtOnce})
			sc.open(d)
			where := sc.name + ", " + look.theme
			if look.glyphs != nil {
				where += ", ASCII"
			}
			if c := keymap.Default().Conflicts(d.App.Keys()); len(c) > 0 {
				t.Errorf("%s: %v", where, c)
			}
			for _, size := range [][2]int{{120, 36}, {80, 24}, {60, 16}, {200, 60}} {
				d.Resize(size[0], size[1])
				whole(t, d, where, size[0], size[1])
				if look.glyphs != nil && !foreign[sc.name] {
					ascii(t, d, where)
				}
			}
			d.close()
		}
	}
}

// whole fails unless the screen fills the terminal exactly.
func whole(t *testing.T, d *Driver, where string, w, h int) {
	t.Helper()
	a, b := d.Raw(), d.Raw()
	if a != b {
		t.Errorf("%s at %d×%d: drawing twice is not the same", where, w, h)
	}
	lines := strings.Split(d.Raw(), "\n")
	if len(lines) != h {
		t.Errorf("%s at %d×%d: %d lines:\n%s", where, w, h, len(lines), d.Screen())
	}
	for i, l := range lines {
		if n := cell.Width(l); n != w {
			t.Errorf("%s at %d×%d: line %d is %d wide: %s", where, w, h, i, n, cell.Strip(l))
			return
		}
	}
}

// ascii fails when a sign of the program needs more than ASCII.
func ascii(t *testing.T, d *Driver, where string) {
	t.Helper()
	for _, r := range d.Screen() {
		if r > '~' {
			t.Errorf("%s: %q in\n%s", where, r, d.Screen())
			return
		}
	}
}
