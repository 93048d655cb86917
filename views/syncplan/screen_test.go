package syncplan

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/views/paged/pagedtest"
)

// engine gives the answers it is told to give.
type engine struct {
	plan    backend.Plan
	err     error
	changes []backend.PlanChange
	results []backend.PlanResult
	seen    backend.SyncProgress
	asked   []backend.SyncRequest
	ran     *backend.Plan
	files   map[string]backend.Plan
	deletes bool
	late    *backend.PlanResult // told after the run was stopped
	cutOff  []backend.CutOffPlan
	forgot  []string
	watch   func(backend.JobID, backend.ItemSnapshot)
	stopped chan struct{}
	taken   map[string]bool // files that are no plans
}

func (e *engine) Observe(f func(backend.JobID, backend.ItemSnapshot)) func() {
	e.watch, e.stopped = f, make(chan struct{})
	return func() { close(e.stopped) }
}

func (e *engine) Compare(_ context.Context, req backend.SyncRequest, seen func(backend.SyncProgress)) (backend.Plan, error) {
	e.asked = append(e.asked, req)
	seen(e.seen)
	p := e.plan
	p.Request = req
	return p, e.err
}

func (e *engine) CheckPlan(_ context.Context, _ *backend.Plan, seen func(backend.SyncProgress)) ([]backend.PlanChange, error) {
	seen(e.seen)
	return e.changes, e.err
}

func (e *engine) RunPlan(ctx context.Context, p backend.Plan, begun func([]backend.JobID), tell func(backend.PlanResult)) error {
	e.ran = &p
	if e.late != nil {
		<-ctx.Done()
		tell(*e.late)
		return ctx.Err()
	}
	begun([]backend.JobID{1})
	for _, r := range e.results {
		tell(r)
	}
	if e.deletes {
		begun(nil)
	}
	return e.err
}

func (e *engine) PlanPlace(file string) error {
	if e.taken[file] {
		return &backend.Error{Class: backend.ClassInvalidParameter, Group: backend.Client, Path: file, Message: "No plan."}
	}
	return nil
}

func (e *engine) SavePlan(file string, p backend.Plan) error {
	if e.err == nil {
		e.files[file] = p
	}
	return e.err
}

func (e *engine) LoadPlan(file string) (backend.Plan, error) {
	p, ok := e.files[file]
	if !ok {
		return p, &backend.Error{Class: "x", Group: backend.LocalDisk, Type: "local/not-found", Path: file}
	}
	return p, nil
}

func (e *engine) CutOffPlans() []backend.CutOffPlan { return e.cutOff }
func (e *engine) ForgetPlan(r backend.SyncRequest)  { e.forgot = append(e.forgot, r.Local+" "+r.Remote) }

func (e *engine) Home() string                 { return "/home/ops" }
func (e *engine) Parent(dir string) string     { return filepath.Dir(dir) }
func (e *engine) Join(dir, name string) string { return filepath.Join(dir, name) }
func (e *engine) Find(_ context.Context, path string) (backend.Entry, error) {
	if _, ok := e.files[path]; ok || e.taken[path] {
		return backend.Entry{Path: path}, nil
	}
	return backend.Entry{}, errors.New("not there")
}

// compared is a screen with a plan.
func compared(t *testing.T, p backend.Plan, opts Options, w, h int) (*pagedtest.Rig, *Screen, *engine) {
	t.Helper()
	e := &engine{plan: p, files: map[string]backend.Plan{}}
	r := pagedtest.New(t)
	s := New(r.Env, e, e, opts)
	r.Show(s, w, h)
	r.Run(s.Update(ui.CompareMsg{Local: "/home/ops/data", Remote: "Finance", FromLocal: true}))
	if len(r.Over) != 1 {
		t.Fatal("the form did not open")
	}
	r.Do(keymap.Submit)
	return r, s, e
}

func TestGolden(t *testing.T) {
	for _, look := range []struct {
		name, theme string
		glyphs      *theme.Glyphs
	}{{"dark", "dark", &theme.Unicode}, {"ascii", "plain", &theme.ASCII}} {
		for _, size := range [][2]int{{120, 24}, {80, 20}, {60, 13}} {
			t.Run(fmt.Sprintf("%s-%d", look.name, size[0]), func(t *testing.T) {
				cell.SetGlyphs(look.glyphs)
				defer cell.SetGlyphs(&theme.Unicode)
				r, s, _ := compared(t, sample(), Options{}, size[0], size[1])
				th, _ := theme.Named(look.theme, look.glyphs)
				*r.Env.Theme = *th
				s.board.result(backend.PlanResult{Item: 7, State: backend.JobDone, Verified: backend.Verified})
				s.board.result(backend.PlanResult{Item: 6, State: backend.JobFailed, Err: &backend.Error{
					Class: "WritePermissionRequiredError", Group: backend.NotAuthorized, Type: "not-authorized/write-permission-required",
				}})
				s.board.stale([]backend.PlanChange{{Item: 4, Why: "it has changed on the site since the plan was made"}})
				r.Fills(s.View(), size[0], size[1])
				r.Sound()
				golden.RequireEqual(t, th.Glyphs.Spell(s.View())+"\n")
			})
		}
	}
}

func TestTheFormIsRemembered(t *testing.T) {
	r, s, e := compared(t, sample(), Options{}, 120, 24)
	want := backend.SyncRequest{Local: "/home/ops/data", Remote: "Finance", Mode: backend.SyncPush, By: backend.ByTime}
	if fmt.Sprint(e.asked[0]) != fmt.Sprint(want) || len(r.Gotos) != 1 || r.Gotos[0].Route != ui.RouteSync {
		t.Fatalf("asked %+v, went %v", e.asked, r.Gotos)
	}
	r.Run(s.Update(ui.CompareMsg{Local: "/b", Remote: "c"}))
	r.Do(keymap.ChoiceNext, keymap.ChoiceNext, keymap.FieldNext, keymap.ChoiceNext, keymap.Submit)
	r.Holds(r.Box(), "A mirror has one direction.")
	r.Do(keymap.ChoiceNext, keymap.FieldNext, keymap.ChoiceNext, keymap.FieldNext)
	r.Type("*.tmp,  .git,[")
	r.Do(keymap.Submit)
	r.Holds(r.Box(), "is no pattern")
	r.Type("a]")
	r.Do(keymap.Submit)
	got := e.asked[1]
	if got.Mode != backend.SyncBoth || got.Mirror || got.By != backend.ByHash || strings.Join(got.Ignore, "|") != "*.tmp|.git|[a]" || got.Local != "/b" {
		t.Errorf("asked %+v", got)
	}
	r.Run(s.Update(ui.CompareMsg{Local: "/d", Remote: "e", FromLocal: true}))
	r.Do(keymap.Submit)
	got.Local, got.Remote = "/d", "e"
	if fmt.Sprint(e.asked[2]) != fmt.Sprint(got) {
		t.Errorf("asked %+v, want %+v", e.asked[2], got)
	}
}

func TestCommasInPatterns(t *testing.T) {
	for typed, want := range map[string][]string{
		`*.tmp,  .git,`:  {"*.tmp", ".git"},
		`a\, b.txt, c`:   {"a, b.txt", "c"},
		`\!x, a\\, \# y`: {`\!x`, `a\\`, `\# y`},
	} {
		got := patterns(typed)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", typed, got, want)
		}
		if again := patterns(typedPatterns(got)); !slices.Equal(again, want) {
			t.Errorf("%s is written as %s, which is %q", typed, typedPatterns(got), again)
		}
	}
	if why := checkPatterns(`a, [`); !strings.Contains(why, "[") {
		t.Errorf("a pattern that is none: %q", why)
	}
}

func TestComparingShowsHowFarItIs(t *testing.T) {
	r, s, e := compared(t, sample(), Options{}, 120, 24)
	e.seen = backend.SyncProgress{LocalFiles: 1234, LocalFolders: 5, RemoteFiles: 7, RemoteFolders: 1, HashedBytes: 50e6, HashBytes: 200e6}
	r.Hold()
	r.Run(s.compare(s.asked))
	s.live.see(e.seen)
	r.Run(s.Update(tick{s, s.beat}))
	r.Holds(r.Screenful(), "comparing by size and time", "1,234 files, 5 folders", "7 files, 1 folder", "50.0 MB of 200 MB")
	r.Fills(s.View(), 120, 24)
	if r.Why(keymap.SyncRun) == "" || r.Why(keymap.SyncCompare) == "" {
		t.Error("the plan can be run or made anew while the folders are compared")
	}
	if cmd := s.Do(keymap.EscapeLevel); cmd == nil {
		t.Error("stopping says nothing")
	}
	r.Release()
	r.Holds(r.Screenful(), "a.txt", "compared 10 min ago") // the plan from before
	e.err = &backend.Error{Class: "ReadPermissionRequiredError", Group: backend.NotAuthorized, Type: "not-authorized/read-permission-required", Path: "Finance"}
	r.Do(keymap.Refresh)
	r.Holds(r.Screenful(), "You may not read here", "R load again")
	if r.Why(keymap.SyncTick) != "there is no plan" {
		t.Error("ticks without a plan")
	}
	e.err = nil
	r.Do(keymap.Refresh)
	r.Holds(r.Screenful(), "a.txt")
}

func TestNothingToDo(t *testing.T) {
	r, _, _ := compared(t, planOf(same("a", 1000), same("b", 500)), Options{}, 100, 20)
	r.Holds(r.Screenful(), "Both sides are the same", "2 files, 1.5 kB, compared by size and time", "nothing ticked")
	if r.Why(keymap.SyncRun) != "nothing is ticked" {
		t.Error("an empty plan can be run")
	}
	r.Do(keymap.SyncSame)
	r.Holds(r.Screenful(), "=  a", "=  b", "the same included")
	r.Do(keymap.EscapeLevel)
	r.Lacks(r.Screenful(), "=  a")
	r, _, _ = compared(t, planOf(), Options{}, 100, 20)
	r.Holds(r.Screenful(), "neither holds a file")
	e := &engine{}
	r = pagedtest.New(t)
	r.Show(New(r.Env, e, e, Options{}), 100, 20)
	r.Holds(r.Screenful(), "Nothing is compared yet", "= in the files screen")
}

// By hash, what size and time have decided is counted.
func TestFilesWithoutAChecksumAreCounted(t *testing.T) {
	nosum := func(i backend.PlanItem) backend.PlanItem { i.NoSum = true; return i }
	r := pagedtest.New(t)
	e := &engine{plan: planOf(nosum(same("a", 1000)), same("b", 500), nosum(same("c", 1)))}
	s := New(r.Env, e, e, Options{})
	r.Show(s, 100, 20)
	req := backend.SyncRequest{Local: "/home/ops/data", Remote: "Finance", By: backend.ByHash}
	r.Run(s.compare(req))
	r.Holds(r.Screenful(), "compared by hash", "2 of them by size and time: the site has no checksum of them", "10 min ago by hash, 2 by size and time")
	e.plan = planOf(same("a", 1000))
	r.Run(s.compare(req))
	r.Lacks(r.Screenful(), "size and time")
}

// A conflict that was decided counts as one no more, neither below the plan nor in
// the question before it runs.
func TestADecidedConflictIsCountedAsSuch(t *testing.T) {
	r, s, e := compared(t, planOf(conflict("a"), conflict("b"), conflict("c")), Options{}, 120, 24)
	r.Holds(r.Screenful(), "3 conflicts")
	s.board.choose(0, backend.PlanUpload)
	r.Holds(r.Screenful(), "1 decided", "2 conflicts")
	r.Do(keymap.SyncRun)
	r.Holds(r.Box(), "2 conflicts are left as they are")
	e.results = []backend.PlanResult{{Item: 0, State: backend.JobDone}}
	r.Do(keymap.Yes)
	r.Holds(r.Screenful(), "1 decided", "2 conflicts ", "1 done, 2 conflicts left")
	r.Holds(r.Toasts[len(r.Toasts)-1], "1 done, 2 conflicts left")
	if s.board.undecided() != 2 {
		t.Errorf("%d conflicts are left", s.board.undecided())
	}
}

func TestDeletionsWantTheirNumber(t *testing.T) {
	r, s, e := compared(t, sample(), Options{}, 120, 24)
	e.results = []backend.PlanResult{
		{Item: 0, State: backend.JobDone, Verified: backend.Verified},
		{Item: 7, State: backend.JobDone},
		{Item: 6, State: backend.JobDone},
		{Item: 5, State: backend.JobDone, Note: "deleted"},
		{Item: 4, State: backend.JobFailed, Err: errors.New("no")},
		{Item: 3, State: backend.JobFailed, Err: errors.New("not empty")},
	}
	e.deletes = true
	r.Do(keymap.SyncRun)
	r.Holds(r.Box(), "3 files to upload to /Finance: 2.0 MB", "1 of them replaces", "2 files and 1 folder to delete from /Finance",
		"2 conflicts are left", "Type 3 to go on")
	r.Type("2")
	if r.Why(keymap.Press) == "" || e.ran != nil {
		t.Error("another number is enough")
	}
	r.Do(keymap.CloseBox, keymap.SyncRun)
	r.Type("3")
	r.Do(keymap.Press)
	if e.ran == nil || len(e.ran.Items) != 9 || !e.ran.Items[3].On || e.ran.Items[1].On {
		t.Fatalf("ran %+v", e.ran)
	}
	r.Holds(r.Toasts[len(r.Toasts)-1], "Sync: 4 done, 2 failed")
	r.Holds(r.Screenful(), "✗   -    x.txt", "deleted", "4 done, 2 failed")
	if s.board.totals.Deletions != 2 || s.board.totals.Uploads != 0 {
		t.Errorf("what is left: %+v", s.board.totals)
	}
}

// What has changed since is told, keeps its content and loses its tick.
func TestChangesAreToldBeforeAnythingRuns(t *testing.T) {
	r, s, e := compared(t, planOf(fresh("a", 1), fresh("b", 1)), Options{}, 120, 24)
	e.changes = []backend.PlanChange{{Item: 1, Why: "it has gone on this machine since the plan was made"}}
	r.Do(keymap.SyncRun, keymap.Yes)
	r.Holds(r.Box(), "1 ticked line has changed", "Nothing was done")
	if e.ran != nil {
		t.Fatal("it ran")
	}
	r.Do(keymap.CloseBox)
	r.Holds(r.Screenful(), "it has gone on this machine since the plan was made")
	e.changes = nil
	r.Do(keymap.SyncRun, keymap.Yes)
	if e.ran == nil || !e.ran.Items[0].On || e.ran.Items[1].On || s.board.totals.Found[backend.PlanNew] != 2 {
		t.Errorf("ran %+v", e.ran)
	}
}

func TestDeletingCanBeStopped(t *testing.T) {
	r, s, e := compared(t, sample(), Options{}, 120, 24)
	r.Hold()
	r.Run(s.checked(checked{plan: s.board.now()}, nil))
	if s.phase != moving || r.Why(keymap.SyncTick) == "" {
		t.Fatalf("phase %v", s.phase)
	}
	s.live.begun(nil)
	s.live.tell(backend.PlanResult{Item: 5, State: backend.JobDone, Note: "deleted"})
	r.Run(s.Update(tick{s, s.beat}))
	r.Holds(r.Screenful(), "deleting · esc stops")
	s.Do(keymap.EscapeLevel)
	r.Holds(r.Screenful(), "stopping")
	// What the engine still had under way then is told all the same.
	e.late = &backend.PlanResult{Item: 4, State: backend.JobDone, Note: "deleted"}
	r.Release()
	r.Holds(r.Screenful(), "stopped: 2 done")
	if s.phase != idle {
		t.Error("it goes on")
	}
}

// The plan of a sync that the end of an earlier program cut off is offered, and
// forgotten when it has run or its folders were compared as a mirror again.
func TestASyncThatWasCutOffIsOffered(t *testing.T) {
	const file = "/state/plans/sync-1.json"
	begin := func() (*pagedtest.Rig, *Screen, *engine) {
		p := sample()
		p.Request = backend.SyncRequest{Local: "/home/ops/data", Remote: "Finance", Mirror: true}
		e := &engine{plan: p, files: map[string]backend.Plan{file: p}, cutOff: []backend.CutOffPlan{
			{File: file, Local: "/home/ops/data", Remote: "Finance", Deletions: 3},
		}}
		r := pagedtest.New(t)
		s := New(r.Env, e, e, Options{})
		r.Show(s, 120, 24)
		r.Holds(r.Screenful(), "A sync was cut off before its 3 deletions had ended", "~/data and /Finance", "enter loads its plan")
		r.Holds(strings.Join(r.Toasts, "|"), "A sync was cut off", "7 shows it")
		if s.Pending() != 1 {
			t.Errorf("%d syncs are pending", s.Pending())
		}
		return r, s, e
	}
	r, s, e := begin()
	r.Do(keymap.Enter)
	r.Holds(r.Screenful(), "x.txt")
	if s.from != "" || s.board.file != "" {
		t.Errorf("the plan is said to be in %q, %q, which goes", s.from, s.board.file)
	}
	r.Do(keymap.CopyText)
	if len(r.Copies) != 0 {
		t.Errorf("copied %q, which compares anew", r.Copies)
	}
	e.late = &backend.PlanResult{Item: 4, State: backend.JobDone, Note: "deleted"}
	r.Hold()
	r.Run(s.checked(checked{plan: s.board.now()}, nil))
	s.live.begun(nil)
	r.Run(s.Update(tick{s, s.beat}))
	s.Do(keymap.EscapeLevel)
	r.Release()
	if len(s.cutOff) != 0 || strings.Join(e.forgot, "|") != "/home/ops/data Finance" {
		t.Errorf("offered again: %+v, forgot %q", s.cutOff, e.forgot)
	}
	r, s, e = begin()
	r.Run(s.compare(backend.SyncRequest{Local: "/home/ops/data", Remote: "Finance"}))
	if len(s.cutOff) != 1 || len(e.forgot) != 0 {
		t.Error("a comparison that deletes nothing has made it known")
	}
	r.Run(s.compare(e.plan.Request))
	if len(s.cutOff) != 0 || len(e.forgot) != 1 {
		t.Error("offered after a mirror was compared")
	}

	r, s, e = begin()
	r.Do(keymap.SyncForget)
	r.Holds(r.Box(), "~/data and /Finance", "stays")
	r.Do(keymap.Yes)
	r.Holds(r.Screenful(), "Nothing is compared yet")
	if s.Pending() != 0 || len(e.forgot) != 1 {
		t.Errorf("%d are pending, forgot %q", s.Pending(), e.forgot)
	}
	if _, ok := s.Keys().Find(keymap.SyncForget); ok || r.Why(keymap.Enter) == "" {
		t.Error("what is forgotten can still be loaded or forgotten")
	}
}

// What is ticked while a plan is being saved is not in the file, and the screen
// says so.
func TestTicksDuringASaveAreNotSaved(t *testing.T) {
	r, s, e := compared(t, sample(), Options{}, 120, 24)
	r.Hold()
	r.Run(s.write("/home/ops/x.json", false))
	s.Do(keymap.SyncTick)
	r.Release()
	r.Holds(r.Toasts[len(r.Toasts)-1], "without what was changed meanwhile")
	if s.board.file != "" || len(e.files) == 0 {
		t.Errorf("the plan is said to be in %q", s.board.file)
	}
}

func TestSaveAsksBeforeItReplaces(t *testing.T) {
	r, _, e := compared(t, sample(), Options{}, 120, 24)
	r.Do(keymap.SyncSave, keymap.Submit)
	file := "/home/ops/sync-data.json"
	if _, ok := e.files[file]; !ok {
		t.Fatalf("saved %v", e.files)
	}
	r.Do(keymap.CopyText)
	if got := r.Copies[0]; got != "ferry sync --run "+file+" --delete-count 3" {
		t.Errorf("copied %q", got)
	}
	r.Do(keymap.SyncTick) // a.txt
	r.Do(keymap.CopyText)
	r.Holds(r.Toasts[len(r.Toasts)-1], "saves the plan")
	r.Do(keymap.SyncSave, keymap.Submit)
	if !e.files[file].Items[0].On {
		t.Fatal("replaced without a question")
	}
	r.Holds(r.Box(), "exists already")
	r.Do(keymap.Yes)
	if e.files[file].Items[0].On {
		t.Error("not replaced")
	}
	r.Do(keymap.SyncLoad)
	r.Type("x")
	r.Do(keymap.Submit)
	if len(r.Fails) != 1 {
		t.Error("a file that is not there was loaded")
	}
	r.Do(keymap.SyncLoad, keymap.Submit)
	r.Holds(r.Screenful(), "[ ]  ~  a.txt")
}

// What is no plan is not offered to be replaced.
func TestSaveLeavesWhatIsNoPlan(t *testing.T) {
	r, _, e := compared(t, sample(), Options{}, 120, 24)
	e.taken = map[string]bool{"/home/ops/sync-data.json": true}
	r.Do(keymap.SyncSave, keymap.Submit)
	if len(e.files) != 0 || len(r.Fails) != 1 {
		t.Errorf("saved %v, failures %v", e.files, r.Fails)
	}
}

func TestTheCommandSaysHowItWasCompared(t *testing.T) {
	r, s, _ := compared(t, planOf(fresh("a", 1)), Options{}, 120, 24)
	s.board.plan.Request = backend.SyncRequest{
		Local: "/home/ops/my data", Remote: "Finance", Mode: backend.SyncPull, Mirror: true, By: backend.ByHash, Ignore: []string{"*.tmp"},
	}
	r.Do(keymap.CopyText)
	if want := "ferry sync --pull --mirror --by hash --ignore '*.tmp' '/home/ops/my data' /Finance"; r.Copies[0] != want {
		t.Errorf("%s\nwant\n%s", r.Copies[0], want)
	}
}

// The command takes its reader to the same site, or says that none can.
func TestTheCommandNamesTheLogin(t *testing.T) {
	r, _, _ := compared(t, planOf(fresh("a", 1)), Options{Login: []string{"--profile", "work"}}, 120, 24)
	r.Do(keymap.CopyText)
	if want := "ferry sync --profile work --push /home/ops/data /Finance"; r.Copies[0] != want {
		t.Errorf("%s\nwant\n%s", r.Copies[0], want)
	}
	r, _, _ = compared(t, planOf(fresh("a", 1)), Options{Demo: true}, 120, 24)
	r.Do(keymap.CopyText)
	if want := "ferry sync --push /home/ops/data /Finance"; r.Copies[0] != want {
		t.Errorf("%s\nwant\n%s", r.Copies[0], want)
	}
}

// A name that the target cannot hold is seen before anything runs.
func TestNamesThatWillChangeAreSeen(t *testing.T) {
	at := func(name string) *backend.Stamp { return &backend.Stamp{Name: name, Size: 1} }
	down := func(name, target string) backend.PlanItem {
		return backend.PlanItem{
			Kind: backend.PlanNew, Action: backend.PlanDownload, Name: name, Reason: "only on the site", On: true, Target: target, Remote: at(name),
		}
	}
	same := down("Docs/b.txt", "docs/b.txt") // as the folder here is spelled
	over := down("c", "C")
	over.Local = at("C")
	gone := down("d?", "d_")
	gone.Action = backend.PlanDeleteRemote
	r, s, _ := compared(t, planOf(down("CON", "_CON"), same, over, gone, down("aux/x", "_aux/x")), Options{}, 120, 24)
	r.Holds(r.Screenful(), "as _CON, only there", "comes to this machine as _CON", "as _aux/x, only")
	for _, n := range []int{1, 2, 3} {
		if to := renamed(&s.board.lines[n]); to != "" {
			t.Errorf("%s is said to become %q", s.board.lines[n].item.Name, to)
		}
	}
	r.Do(keymap.Enter)
	r.Holds(r.Box(), "written as      _CON")
}

func TestTheQuestionSaysFilesAndFolders(t *testing.T) {
	p := planOf(fresh("a", 1), fresh("b", 1), backend.PlanItem{
		Kind: backend.PlanNew, Action: backend.PlanUpload, Name: "empty", Folder: true, On: true, Local: &backend.Stamp{Name: "empty", Size: -1},
	})
	r, _, _ := compared(t, p, Options{}, 120, 24)
	r.Do(keymap.SyncRun)
	r.Holds(r.Box(), "2 files and 1 folder to upload to /Finance: 2 B")
}

func TestReadOnly(t *testing.T) {
	r, s, _ := compared(t, sample(), Options{ReadOnly: true}, 120, 24)
	r.Holds(r.Why(keymap.SyncRun), "reading only")
	s.board.tickGroup(s.board.root, false)
	s.board.choose(1, backend.PlanDownload)
	if why := r.Why(keymap.SyncRun); why != "" {
		t.Errorf("what only changes this machine cannot be run: %s", why)
	}
}

func TestDetailsAndFiles(t *testing.T) {
	p := sample()
	p.Items[0].Remote.Name = "A.TXT"
	p.Items[0].Reason += ", spelled A.TXT on the site"
	r, _, _ := compared(t, p, Options{}, 120, 24)
	r.Do(keymap.Enter)
	r.Holds(r.Box(), "spelled A.TXT on the", "goes to the site, over what is there", "1.2 kB, 20 Nov 2026 10:00:00 UTC", "its name there  A.TXT")
	r.Do(keymap.CloseBox, keymap.SyncShow)
	if got, ok := r.Gotos[len(r.Gotos)-1].Args.(ui.ShowPath); !ok || got.Path != "/home/ops/data/a.txt" || got.Side != ui.LocalSide {
		t.Errorf("went to %+v", got)
	}
	r.Do(keymap.Narrow)
	r.Type("y.txt")
	r.Do(keymap.PickRun, keymap.SyncShow)
	if got, ok := r.Gotos[len(r.Gotos)-1].Args.(ui.ShowPath); !ok || got.Path != "Finance/old/y.txt" || got.Side != ui.RemoteSide {
		t.Errorf("went to %+v", got)
	}
}

func TestAConflictThatNothingHelpsSaysWhy(t *testing.T) {
	r, s, _ := compared(t, sample(), Options{}, 120, 24)
	s.table.Select("8")
	for _, a := range []keymap.Action{keymap.SyncTick, keymap.SyncToHere, keymap.SyncToSite} {
		r.Holds(r.Why(a), "a file on one side, a folder on the other")
	}
	r.Do(keymap.Enter)
	r.Holds(r.Box(), "Rename or remove what stands in the way, then R", "= compares in another way")
	r.Do(keymap.CloseBox)
	s.table.Select("1")
	r.Do(keymap.Enter)
	r.Holds(r.Box(), "] sends it to the site, [ fetches it from there", "= compares in another way")
	s.board.choose(1, backend.PlanDownload)
	r.Do(keymap.CloseBox, keymap.Enter)
	r.Lacks(r.Box(), "sends it")
}

// Where the column with the reasons has no room, the one of the cursor's line is told
// below the lines, in a low window too.
func TestTheReasonIsToldWithoutItsColumn(t *testing.T) {
	long := changed("a.txt", 1)
	long.On, long.Reason = false, "the sizes differ, newer on this machine"
	r, s, _ := compared(t, planOf(long, extra("old.txt", 3)), Options{}, 120, 24)
	r.Holds(r.Screenful(), "Why", "newer here, other size")
	s.Resize(60, 17)
	r.Lacks(r.Screenful(), "Why")
	r.Holds(r.Screenful(), "not ticked; would go to the site: the sizes differ,", "newer on this machine")
	s.Resize(60, 13)
	r.Holds(r.Screenful(), "newer here, other size")
	r.Do(keymap.Down)
	r.Holds(r.Screenful(), "only there")
	r.Lacks(r.Screenful(), "newer here")
}

// While the folders are compared that is why nothing can be done with a plan.
func TestWhileComparingThereIsNoPlanYet(t *testing.T) {
	_, s, _ := compared(t, sample(), Options{}, 120, 24)
	s.board, s.phase = nil, comparing
	if it, _ := s.Keys().Find(keymap.Enter); it.Why != "the folders are being compared" {
		t.Errorf("enter: %q", it.Why)
	}
}

func TestEverySizeIsFilled(t *testing.T) {
	r, s, _ := compared(t, sample(), Options{}, 120, 24)
	for _, size := range [][2]int{{200, 60}, {100, 14}, {60, 13}, {40, 10}, {20, 5}} {
		s.Resize(size[0], size[1])
		r.Fills(s.View(), size[0], size[1])
	}
}

// many is a plan of n lines in n/50 folders.
func many(n int) backend.Plan {
	items := make([]backend.PlanItem, 0, n)
	for i := range n {
		items = append(items, changed(fmt.Sprintf("dir-%05d/sub/file-%03d.txt", i/50, i%50), int64(i)))
	}
	return planOf(items...)
}

func bench(b *testing.B) *Screen {
	b.Helper()
	th, _ := theme.Named("dark", nil)
	e := &engine{}
	s := New(ui.NewEnv(b.Context(), th, keymap.Default(), func() time.Time { return when }), e, e, Options{})
	s.Resize(120, 36)
	s.show(newBoard(many(50_000)), "")
	return s
}

// BenchmarkStep is a step of the cursor among 50,000 lines, with its picture.
func BenchmarkStep(b *testing.B) {
	s := bench(b)
	for b.Loop() {
		s.Do(keymap.Down)
		if s.View() == "" {
			b.Fatal("nothing was drawn")
		}
	}
}

// BenchmarkTick ticks a line among 50,000 and draws the totals.
func BenchmarkTick(b *testing.B) {
	s := bench(b)
	for b.Loop() {
		s.Do(keymap.SyncTick)
		if s.Keys(); s.View() == "" {
			b.Fatal("nothing was drawn")
		}
	}
}

// BenchmarkTickAll unticks or ticks 50,000 lines.
func BenchmarkTickAll(b *testing.B) {
	s := bench(b)
	for b.Loop() {
		s.Do(keymap.SyncTickAll)
	}
}

// BenchmarkFill arranges 50,000 lines for the table.
func BenchmarkFill(b *testing.B) {
	s := bench(b)
	for b.Loop() {
		s.fill()
	}
}

// BenchmarkBoard makes a board of 50,000 lines, which is done outside the loop.
func BenchmarkBoard(b *testing.B) {
	p := many(50_000)
	for b.Loop() {
		newBoard(p)
	}
}

// BenchmarkNarrow types five letters over 50,000 lines, draws after each, and
// shows all again.
func BenchmarkNarrow(b *testing.B) {
	s := bench(b)
	for b.Loop() {
		for n := range 6 {
			s.narrow("file-"[:n])
			if s.View() == "" {
				b.Fatal("nothing was drawn")
			}
		}
		s.narrow("")
	}
}

// BenchmarkFilter shows one kind of 50,000 lines, then all that differ.
func BenchmarkFilter(b *testing.B) {
	s := bench(b)
	for b.Loop() {
		s.setFilter(everything)
		s.setFilter(filters[0])
		if s.View() == "" {
			b.Fatal("nothing was drawn")
		}
	}
}
