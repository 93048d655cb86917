package headless

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"ferry/backend"
)

// world is a site, a disk and a queue whose answers a test decides.
type world struct {
	calls []string
	fail  error
	known map[string]backend.Entry

	req     backend.TransferRequest
	found   bool
	plan    backend.Plan
	changes []backend.PlanChange
	cut     []backend.CutOffPlan
	kept    bool  // a plan, for the next run
	stays   error // what every deletion of a plan ends with
	record  func(backend.JobID, backend.ItemSnapshot)
	snaps   []backend.TransferSnapshot
	items   []backend.ItemSnapshot
	hang    bool                          // the job never ends
	stream  chan backend.TransferSnapshot // instead of snaps
	ended   chan error
	closed  bool
	reads   bool // the site lets the login read only
	links   int  // that a dry run leaves out
}

func (w *world) call(s ...string) error {
	w.calls = append(w.calls, strings.Join(s, " "))
	return w.fail
}

func (w *world) List(context.Context, string, backend.FolderQuery) (backend.Page[backend.Entry], error) {
	return backend.Page[backend.Entry]{}, w.fail
}

func (w *world) Find(_ context.Context, path string) (backend.Entry, error) {
	if e, ok := w.known[path]; ok {
		e.Path = path
		return e, nil
	}
	return backend.Entry{}, &backend.Error{Group: backend.NotFound, Type: "not-found", Path: path}
}

func (w *world) Mkdir(_ context.Context, path string, _ bool) (backend.Entry, error) {
	return backend.Entry{Path: path, Kind: backend.Folder, Size: -1}, w.call("mkdir", path)
}

func (w *world) Delete(_ context.Context, path string, recursive bool) error {
	if recursive {
		path += " -r"
	}
	return w.call("delete", path)
}

func (w *world) Copy(_ context.Context, from, to string, over bool) (backend.Migration, error) {
	if over {
		to += " over"
	}
	return backend.Migration{ID: 7, Status: backend.MigrationPending}, w.call("copy", from, to)
}

func (w *world) Move(_ context.Context, from, to string, _ bool) (backend.Migration, error) {
	return backend.Migration{Status: backend.MigrationCompleted}, w.call("move", from, to)
}

func (w *world) WaitMigration(ctx context.Context, m backend.Migration, tell func(backend.Migration)) error {
	tell(m)
	if w.hang {
		return context.Canceled
	}
	if m.ID != 0 {
		m.Status, m.FilesMoved, m.FilesTotal = backend.MigrationCompleted, 3, 3
		tell(m)
		tell(m)
	}
	return ctx.Err()
}

// queue is the world as the engine: its Mkdir and Find are the disk's.
func (w *world) AddAgain(_ context.Context, req backend.TransferRequest) (backend.JobID, bool, error) {
	w.req = req
	return 1, w.found, w.call("add")
}
func (w *world) Forget(backend.TransferRequest) error { return w.call("forget") }
func (w *world) DryRun(_ context.Context, req backend.TransferRequest) (backend.Rehearsal, error) {
	w.req = req
	return backend.Rehearsal{Items: [][]backend.PlanItem{w.plan.Items}, Links: w.links}, w.fail
}

func (w *world) Observe(f func(backend.JobID, backend.ItemSnapshot)) func() {
	w.record = f
	return func() {}
}

func (w *world) Unattended(time.Duration) {}

func (w *world) SetLimit(n int64) { _ = w.call("limit", size(n)) }

func (w *world) Subscribe(ctx context.Context) <-chan backend.TransferSnapshot {
	if w.stream != nil {
		return w.stream
	}
	ch := make(chan backend.TransferSnapshot, len(w.snaps))
	for _, i := range w.items {
		w.record(1, i)
	}
	for _, s := range w.snaps {
		ch <- s
	}
	if w.hang {
		context.AfterFunc(ctx, func() { close(ch) })
	}
	return ch
}

func (w *world) Compare(_ context.Context, req backend.SyncRequest, seen func(backend.SyncProgress)) (backend.Plan, error) {
	seen(backend.SyncProgress{LocalFiles: 60, RemoteFiles: 40})
	w.plan.Request = req
	return w.plan, w.fail
}
func (w *world) PlanPlace(file string) error                { return w.call("place", file) }
func (w *world) SavePlan(file string, _ backend.Plan) error { return w.call("save", file) }
func (w *world) LoadPlan(file string) (backend.Plan, error) { return w.plan, w.call("load", file) }
func (w *world) CheckPlan(context.Context, *backend.Plan, func(backend.SyncProgress)) ([]backend.PlanChange, error) {
	return w.changes, w.call("check")
}

func (w *world) StartPlan(context.Context, backend.Plan) ([]backend.JobID, error) {
	return []backend.JobID{1}, w.call("start")
}

func (w *world) KeepPlan(backend.Plan)             { w.kept = true }
func (w *world) ForgetPlan(backend.SyncRequest)    { w.kept = false }
func (w *world) CutOffPlans() []backend.CutOffPlan { return w.cut }

func (w *world) FinishPlan(_ context.Context, p backend.Plan, deleted func(int, error)) error {
	for n, i := range p.Items {
		if i.On && i.Action.Deletes() {
			deleted(n, w.stays)
		}
	}
	return errors.Join(w.call("finish"), w.stays)
}

// done is a job that has ended well.
func done(files int) backend.TransferSnapshot {
	return backend.TransferSnapshot{Jobs: []backend.JobSnapshot{
		{ID: 9, State: backend.JobFailed, FilesFailed: 5}, // of somebody else
		{
			ID: 1, State: backend.JobDone, FilesDone: files, FilesTotal: files, BytesDone: 2048, BytesTotal: 2048, Verified: backend.Verified,
			Checks: []backend.CheckTally{{Verified: backend.Verified, By: "MD5", Files: files}},
		},
	}}
}

// ferry runs a command line in the world.
func (w *world) ferry(t *testing.T, args ...string) (stdout, stderr string, err error) {
	return w.run(t.Context(), false, args...)
}

func (w *world) run(ctx context.Context, readOnly bool, args ...string) (stdout, stderr string, err error) {
	root := &cobra.Command{Use: "ferry", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(Commands(func(context.Context, bool) (*Session, error) {
		return &Session{Site: w, Disk: w, Queue: w, ReadOnly: readOnly, OnlyReads: w.reads, Ended: w.ended, Close: func(context.Context) error {
			w.closed = true
			return nil
		}}, nil
	})...)
	var out, errs bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&errs)
	root.SetArgs(args)
	err = root.ExecuteContext(ctx)
	return out.String(), errs.String(), err
}

func abs(t *testing.T, name string) string {
	t.Helper()
	p, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What the site would drop without a word is refused before it is asked.
func TestAPathThatClimbsIsRefused(t *testing.T) {
	for _, line := range []string{
		"put a ../x", "get a/../b .", "ls ..", "stat /a/..", "mkdir ../a", "mv ../a b", "cp a ../b", "rm a ../b", `rm a\\..\\b`, "sync . ../x",
	} {
		w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}}}
		_, _, err := w.ferry(t, strings.Fields(line)...)
		if ExitCode(err) != 2 || !strings.Contains(err.Error(), `no ".."`) || len(w.calls) > 0 {
			t.Errorf("%s: %v, %q", line, err, w.calls)
		}
	}
	w := &world{known: map[string]backend.Entry{abs(t, "../headless/exit.go"): {Name: "exit.go"}}, snaps: []backend.TransferSnapshot{done(1)}}
	if _, _, err := w.ferry(t, "put", "../headless/exit.go", "x"); err != nil { // of this machine it may
		t.Error(err)
	}
}

func TestPutAsksForTheTransfer(t *testing.T) {
	w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}, abs(t, "b"): {Name: "b"}}, snaps: []backend.TransferSnapshot{done(2)}}
	out, _, err := w.ferry(t, "put", "a", "b", "/In//x/", "--conflict", "newer", "--move", "--ignore", "*.tmp", "--limit", "1MiB/s", "--restart")
	if err != nil || out != "2 files, 2.0 kB, verified by MD5\n" || !w.closed {
		t.Fatalf("%q, %v", out, err)
	}
	r := w.req
	if r.Direction != backend.Upload || len(r.Sources) != 2 || r.Target != (backend.Location{Path: "In/x"}) || r.Conflict != backend.Newer || !r.Move || r.Ignore[0] != "*.tmp" {
		t.Errorf("%+v", r)
	}
	if !slices.Equal(w.calls, []string{"forget", "limit 1.0 MB", "add"}) {
		t.Errorf("%q", w.calls)
	}
}

func TestIgnoreFrom(t *testing.T) {
	known := map[string]backend.Entry{abs(t, "a"): {Name: "a"}}
	file, bad := filepath.Join(t.TempDir(), "left out"), filepath.Join(t.TempDir(), "bad")
	for name, text := range map[string]string{file: "# built\r\n/build/\r\n\r\n*.tmp\r\n", bad: "x\n[y\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{known: known, snaps: []backend.TransferSnapshot{done(1)}}
	_, _, err := w.ferry(t, "put", "a", "/In", "--ignore", "!keep.tmp", "--ignore-from", file)
	if want := []string{"/build/", "*.tmp", "!keep.tmp"}; err != nil || !slices.Equal(w.req.Ignore, want) {
		t.Errorf("%q, %v", w.req.Ignore, err)
	}
	for _, args := range [][]string{
		{"put", "a", "/In", "--ignore-from", bad},
		{"get", "a", "b", "--ignore-from", file + "x"},
		{"sync", "--push", "a", "b", "--ignore-from", bad},
		{"sync", "--run", "plan", "--ignore-from", file},
	} {
		w := &world{known: known}
		_, _, err := w.ferry(t, args...)
		if ExitCode(err) != 2 || len(w.calls) > 0 {
			t.Errorf("%q: %v, calls %q", args, err, w.calls)
		}
		if args[len(args)-1] == bad && !strings.Contains(err.Error(), `"[y"`) {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func TestGetMakesItsFolder(t *testing.T) {
	w := &world{known: map[string]backend.Entry{"docs/a": {Name: "a"}}, snaps: []backend.TransferSnapshot{done(1)}, found: true}
	out, stderr, err := w.ferry(t, "get", "docs/a", "there", "--as", "b")
	if err != nil || w.req.Direction != backend.Download || w.req.Target != (backend.Location{Side: backend.Local, Path: abs(t, "there")}) ||
		w.req.Sources[0].Name != "b" || w.req.Conflict != backend.Overwrite || w.calls[0] != "mkdir "+abs(t, "there") {
		t.Errorf("%q %+v %v", w.calls, w.req, err)
	}
	if !strings.Contains(stderr, "going on") || strings.Contains(out, "there already") || strings.Contains(stderr, "\x1b") {
		t.Errorf("stderr %q", stderr)
	}
}

// A run that goes on says what it did not have to move again.
func TestWhatWasThereIsSaid(t *testing.T) {
	s := done(3)
	s.Jobs[1].FilesBefore, s.Jobs[1].BytesBefore = 2, 1500
	w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}}, snaps: []backend.TransferSnapshot{s}, found: true}
	out, _, err := w.ferry(t, "put", "a", "x")
	if err != nil || out != "3 files, 2.0 kB, verified by MD5; there already: 2 files, 1.5 kB\n" {
		t.Errorf("%q %v", out, err)
	}
	out, _, err = w.ferry(t, "put", "a", "x", "--json")
	if err != nil || !strings.Contains(out, `"files_before":2,"bytes_before":1500`) {
		t.Errorf("%q %v", out, err)
	}
	w.found, w.snaps = false, []backend.TransferSnapshot{done(3)}
	if out, _, err = w.ferry(t, "put", "a", "x", "--json"); err != nil || strings.Contains(out, "before") {
		t.Errorf("a run of its own: %q %v", out, err)
	}
}

// Every line of --json is an object, and the last one sums up.
func TestJSONTellsOfEveryFile(t *testing.T) {
	bad := &backend.Error{Group: backend.NotAuthorized, Class: "X", Type: "not-authorized/x", Message: "no"}
	s := done(2)
	s.Jobs[1].State, s.Jobs[1].FilesFailed, s.Jobs[1].Err = backend.JobFailed, 1, bad
	w := &world{
		known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}},
		snaps: []backend.TransferSnapshot{s},
		items: []backend.ItemSnapshot{
			{Name: "a/\x1b", State: backend.JobDone, Size: 3, Verified: backend.Verified, By: "MD5"},
			{Name: "a/s", State: backend.JobCancelled, Size: 3},
			{Name: "a/f", State: backend.JobFailed, Size: 3, Err: bad},
		},
	}
	out, _, err := w.ferry(t, "put", "a", "x", "--json")
	if ExitCode(err) != 12 {
		t.Errorf("code %d, %v", ExitCode(err), err)
	}
	var got []string
	for line := range strings.Lines(out) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		s := e.Event + " " + e.State + " " + e.Verified
		if e.Error != nil {
			s += " " + e.Error.Group
		}
		got = append(got, s)
	}
	slices.Sort(got)
	want := []string{"file done verified", "file failed  not-authorized", "file skipped ", "scan  ", "summary failed verified not-authorized"}
	if !slices.Equal(got, want) || !strings.Contains(out, `a/\u001b`) {
		t.Errorf("got %q", got)
	}
}

func TestAnInterruptSaysHowToGoOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	running := done(1)
	running.Jobs[1].State = backend.JobRunning
	w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}}, snaps: []backend.TransferSnapshot{running}, hang: true}
	cancel()
	out, stderr, err := w.run(ctx, false, "put", "a", "x", "--json")
	if ExitCode(err) != 130 || !strings.Contains(stderr, goOn) || !w.closed || !strings.Contains(out, `"state":"interrupted"`) {
		t.Errorf("%q %q %v", out, stderr, err)
	}
}

// A journal that cannot be written is said once, to people and to scripts; the
// command goes on.
func TestALostJournalIsAWarning(t *testing.T) {
	lost := done(1)
	lost.Unkept = &backend.Error{Group: backend.LocalDisk, Class: backend.ClassLocalDisk, Message: "The record cannot be written."}
	running := lost
	running.Jobs = slices.Clone(lost.Jobs)
	running.Jobs[1].State = backend.JobRunning
	w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}}, snaps: []backend.TransferSnapshot{running, running, lost}}
	out, stderr, err := w.ferry(t, "put", "a", "x", "--json")
	if err != nil || strings.Count(out, `"event":"warning"`) != 1 || strings.Count(stderr, "The record cannot be written. What is done now is not kept") != 1 {
		t.Errorf("%q %q %v", out, stderr, err)
	}
}

func TestALostSessionEndsTheCommand(t *testing.T) {
	w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}}, hang: true, ended: make(chan error, 1)}
	w.ended <- &backend.Error{Group: backend.NotAuthenticated}
	if _, stderr, err := w.ferry(t, "put", "a", "x"); ExitCode(err) != 11 || !strings.Contains(stderr, goOn) {
		t.Errorf("%q %v", stderr, err)
	}
}

// Patience ends with what the site has done last: one that puts everybody off is
// no lost connection.
func TestPatienceEndsWithWhatTheSiteDoes(t *testing.T) {
	for _, c := range []struct {
		by   error
		code int
	}{
		{nil, 3},
		{&backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection}, 3},
		{down(), 3},
		{&backend.Error{Group: backend.RateLimited, Type: "rate-limited/too-many-requests", Status: 429}, 15},
		{&backend.Error{Group: backend.ServiceUnavailable, Type: "service-unavailable", Status: 503}, 16},
		{&backend.Error{Class: backend.ClassAPI, Group: backend.APIFailure, Status: 503}, 16}, // of a storage
	} {
		w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}}, hang: true, snaps: []backend.TransferSnapshot{
			{Parked: "no site", ParkedBy: c.by, Jobs: []backend.JobSnapshot{{ID: 1, State: backend.JobParked}}},
		}}
		_, _, err := w.ferry(t, "put", "a", "x", "--patience", "1ms")
		if ExitCode(err) != c.code {
			t.Errorf("%v: exit %d, want %d: %v", c.by, ExitCode(err), c.code, err)
		}
		if strings.Contains(err.Error(), "..") {
			t.Errorf("%v", err)
		}
		if what := map[bool]string{true: "has not answered for 1ms.", false: "has put everybody off for 1ms."}[c.code == 3]; !strings.Contains(err.Error(), what) {
			t.Errorf("%v: %v", c.by, err)
		}
		if card := strings.Join(backend.ExplainEnd(err).Lines, "\n"); !strings.Contains(card, "The reason: The site has ") || strings.Contains(card, "says") {
			t.Errorf("%v: the words are not Ferry's own:\n%s", c.by, card)
		}
	}
}

func TestSyncNeedsTheNumberOfDeletions(t *testing.T) {
	plan := backend.Plan{Items: []backend.PlanItem{
		{Kind: backend.PlanNew, Action: backend.PlanUpload, On: true, Name: "n", Local: &backend.Stamp{Name: "n", Size: 5}},
		{Kind: backend.PlanExtra, Action: backend.PlanDeleteRemote, On: true, Name: "e", Remote: &backend.Stamp{Name: "e", Size: 5}},
		{Kind: backend.PlanExtra, Action: backend.PlanDeleteRemote, Name: "unticked", Remote: &backend.Stamp{Name: "u", Size: 5}},
		{Kind: backend.PlanSame, Name: "s"},
	}}
	for _, c := range []struct {
		args  string
		code  int
		calls string
	}{
		{"sync a b --push --mirror", 2, ""},
		{"sync a b --push --mirror --delete-count 2", 2, ""},
		{"sync a b --push --mirror --delete-count 1", 0, "limit 0 B,start,finish"},
		{"sync a b --push --mirror --dry-run", 0, ""},
		{"sync a b --push --mirror --plan p.json", 0, "place p.json,save p.json"},
		{"sync --run p.json --delete-count 1", 0, "load p.json,check,limit 0 B,start,finish"},
		{"sync --run p.json", 2, "load p.json,check"},
		{"sync a b", 2, ""},
		{"sync a b --push --pull", 2, ""},
		{"sync a b --both --mirror", 2, ""},
		{"sync a b --push --by name", 2, ""},
		{"sync a --push", 2, ""},
		{"sync a b --run p.json", 2, ""},
	} {
		w := &world{plan: plan, snaps: []backend.TransferSnapshot{done(1)}}
		out, _, err := w.ferry(t, strings.Fields(c.args)...)
		if ExitCode(err) != c.code || strings.Join(w.calls, ",") != c.calls {
			t.Errorf("%s: %v, calls %q\n%s", c.args, err, w.calls, out)
		}
	}
}

// A sync that an earlier program did not end is told, and what carries out the
// rest of it.
func TestACutOffSyncIsTold(t *testing.T) {
	cut := []backend.CutOffPlan{
		{Local: abs(t, "a"), Remote: "b", Deletions: 3},
		{Local: abs(t, "a"), Remote: "elsewhere", Deletions: 9},
	}
	extra := backend.PlanItem{Kind: backend.PlanExtra, Name: "e", Remote: &backend.Stamp{Name: "e", Size: 5}}
	due := extra
	due.Action, due.On = backend.PlanDeleteRemote, true
	for _, c := range []struct {
		args string
		item backend.PlanItem
		want string
	}{
		{"sync a b --push -n", extra, "cut off before all of its 3 deletions. See with --mirror --dry-run whether it would have deleted the one file or folder that only the target has."},
		{"sync a b --push --mirror -n", due, "--delete-count 1 carries it out"},
		{"sync a b --push --mirror --delete-count 1", due, "--delete-count 1 carries it out"},
		{"sync a b --push", backend.PlanItem{Kind: backend.PlanSame}, ""},
	} {
		w := &world{cut: cut, plan: backend.Plan{Items: []backend.PlanItem{c.item}}, snaps: []backend.TransferSnapshot{done(1)}}
		_, errs, err := w.ferry(t, strings.Fields(c.args)...)
		if err != nil || !strings.Contains(errs, c.want) || c.want == "" && errs != "" || strings.Contains(errs, "9") || w.kept {
			t.Errorf("%s: %v %q", c.args, err, errs)
		}
		w.snaps = []backend.TransferSnapshot{done(1)}
		out, _, _ := w.ferry(t, append(strings.Fields(c.args), "--json")...)
		if got := strings.Count(out, `"event":"warning"`); got != strings.Count(c.want, "count")+strings.Count(c.want, "cut off") {
			t.Errorf("%s: %s", c.args, out)
		}
	}
	cut[0].Deletions = 1
	w := &world{cut: cut, plan: backend.Plan{Items: []backend.PlanItem{extra, extra}}}
	if _, errs, err := w.ferry(t, "sync", "a", "b", "--push", "-n"); err != nil || !strings.Contains(errs, "before its one deletion. See with --mirror --dry-run which of the 2 files and folders that") {
		t.Errorf("%v %q", err, errs)
	}
	// One that is interrupted is known to the next run; one that came to its end is not.
	running := done(1)
	running.Jobs[1].State = backend.JobRunning
	w = &world{plan: backend.Plan{Items: []backend.PlanItem{due}}, snaps: []backend.TransferSnapshot{running}, hang: true}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, errs, err := w.run(ctx, false, "sync", "a", "b", "--push", "--mirror", "--delete-count", "1"); ExitCode(err) != 130 || !w.kept || !strings.Contains(errs, "nothing was deleted") {
		t.Errorf("%v, kept %v, %q", err, w.kept, errs)
	}
}

// Deletions that nobody could carry out are known to the next run; those that
// were refused are over.
func TestDeletionsBrokenOffAreKept(t *testing.T) {
	plan := backend.Plan{Items: []backend.PlanItem{
		{Kind: backend.PlanExtra, Action: backend.PlanDeleteRemote, On: true, Name: "e", Remote: &backend.Stamp{Name: "e", Size: 5}},
	}}
	for group, want := range map[backend.ErrorGroup]struct {
		kept bool
		code int
	}{
		backend.Connection: {true, 3}, backend.NotAuthenticated: {true, 11}, backend.NotAuthorized: {false, 12},
	} {
		w := &world{plan: plan, snaps: []backend.TransferSnapshot{done(1)}, stays: &backend.Error{Group: group, Message: "no"}}
		_, errs, err := w.ferry(t, strings.Fields("sync a b --push --mirror --delete-count 1")...)
		if w.kept != want.kept || ExitCode(err) != want.code || strings.Contains(errs, "stopped after 0 deletions") != want.kept {
			t.Errorf("%v: kept %v, %v, %q", group, w.kept, err, errs)
		}
	}
}

func TestConflictsOfASyncAreNoSuccess(t *testing.T) {
	w := &world{snaps: []backend.TransferSnapshot{done(0)}, plan: backend.Plan{Items: []backend.PlanItem{{Kind: backend.PlanConflict, Name: "c\x1b", Reason: "why"}}}}
	_, stderr, err := w.ferry(t, "sync", "a", "b", "--both")
	if ExitCode(err) != 1 || !strings.Contains(stderr, "why") || strings.Contains(stderr, "\x1b") {
		t.Errorf("%q %v", stderr, err)
	}
}

// A plan with conflicts is no success, and programs are told their number, and
// that of the deletions.
func TestASyncCountsConflictsAndDeletions(t *testing.T) {
	plan := backend.Plan{Items: []backend.PlanItem{
		{Kind: backend.PlanConflict, Name: "c", Reason: "why"},
		{Kind: backend.PlanConflict, Action: backend.PlanUpload, On: true, Name: "decided", Local: &backend.Stamp{Name: "decided", Size: 5}},
		{Kind: backend.PlanExtra, Action: backend.PlanDeleteRemote, On: true, Name: "e", Remote: &backend.Stamp{Name: "e", Size: 5}},
	}}
	for args, want := range map[string]string{
		"sync a b --push --mirror --dry-run --json":        `"uploads":1,"downloads":0,"deletions":1,"conflicts":1`,
		"sync a b --push --mirror --plan p.json --json":    `"uploads":1,"downloads":0,"deletions":1,"conflicts":1`,
		"sync a b --push --mirror --delete-count 1 --json": `"conflicts":1,"files_deleted":1`,
		"sync a b --push --mirror --dry-run":               "1 to delete; 1 conflict, 0 the same",
	} {
		w := &world{plan: plan, snaps: []backend.TransferSnapshot{done(1)}}
		out, _, err := w.ferry(t, strings.Fields(args)...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if ExitCode(err) != 1 || !strings.Contains(lines[len(lines)-1], want) || strings.Count(out, `"summary"`) > 1 {
			t.Errorf("%s: %v\n%s", args, err, out)
		}
	}
}

func TestChangesOnTheSite(t *testing.T) {
	folder := backend.Entry{Kind: backend.Folder}
	known := map[string]backend.Entry{"dir": folder, "a": {}, "b": {}}
	for _, c := range []struct {
		args, calls string
		code        int
	}{
		{"mv a dir", "move a dir/a", 0},
		{"mv a b dir/", "move a dir/a,move b dir/b", 0},
		{"mv a new", "move a new", 0},
		{"mv dir DIR", "move dir DIR", 0},
		{"mv a b new", "", 2},
		{"cp --overwrite a b", "copy a b over", 0},
		{"cp --dry-run a new", "", 0},
		{"cp --dry-run a b", "", 14},
		{"cp --dry-run --overwrite a b", "", 0},
		{"cp --dry-run nothing b", "", 13},
		{"mkdir x y", "mkdir x,mkdir y", 0},
		{"mkdir --dry-run x", "", 0},
		{"rm x -r", "delete x -r", 0},
		{"rm /", "", 2},
		{"rm --dry-run nothing", "", 13},
		{"rm -fn nothing", "", 0},
		{"put a x --limit much", "", 2},
		{"put a x --ignore [", "", 2},
		{"put a x --as b/c", "", 2},
		{"get a b x --as c", "", 2},
	} {
		w := &world{known: known}
		if _, _, err := w.ferry(t, strings.Fields(c.args)...); ExitCode(err) != c.code || strings.Join(w.calls, ",") != c.calls {
			t.Errorf("%s: %v, calls %q", c.args, err, w.calls)
		}
	}
}

func TestTheWrongNumberOfArgumentsSaysHowItIsCalled(t *testing.T) {
	_, _, err := (&world{}).ferry(t, "ls", "a", "b", "c")
	if ExitCode(err) != 2 || !strings.Contains(err.Error(), "3 arguments were given; it is: ") || !strings.Contains(err.Error(), "ls ") {
		t.Errorf("%v", err)
	}
}

func TestACopyTellsOfTheMigration(t *testing.T) {
	w := &world{known: map[string]backend.Entry{"a": {}}}
	out, _, err := w.ferry(t, "cp", "a", "b", "--json")
	if err != nil || strings.Count(out, "\n") != 3 || !strings.Contains(out, `"state":"completed","files_moved":3,"files_total":3,"migration":7`) {
		t.Errorf("%q %v", out, err)
	}
	w.hang = true
	_, stderr, err := w.ferry(t, "cp", "a", "b")
	if ExitCode(err) != 130 || !strings.Contains(stderr, "migration 7") {
		t.Errorf("%q %v", stderr, err)
	}
}

func TestReadOnlyRefusesWhatChangesTheSite(t *testing.T) {
	known := map[string]backend.Entry{abs(t, "a"): {Name: "a"}, "a": {Name: "a"}}
	plan := backend.Plan{Items: []backend.PlanItem{{Kind: backend.PlanNew, Action: backend.PlanUpload, On: true, Name: "n", Local: &backend.Stamp{Name: "n"}}}}
	for args, ok := range map[string]bool{
		"put a x": false, "get a x": true, "get a x --move": false, "mkdir x": false, "mv a b": false, "cp a b": false, "rm a": false,
		"sync a b --push": false, "put a x --dry-run": true, "rm a --dry-run": true, "sync a b --push --dry-run": true,
	} {
		w := &world{known: known, plan: plan, snaps: []backend.TransferSnapshot{done(1)}, reads: true}
		_, _, err := w.run(t.Context(), false, strings.Fields(args)...)
		if ok != (err == nil) || !ok && (!errors.Is(err, backend.ClassReadOnlySession) || ExitCode(err) != 12) {
			t.Errorf("%s with a login that may only read: %v, calls %q", args, err, w.calls)
		}
		if x := backend.ExplainEnd(err); !ok && (x.Title != "This login may only read" || strings.Contains(strings.Join(x.Lines, " "), "--read-only")) {
			t.Errorf("%s with a login that may only read: %+v", args, x)
		}
		w = &world{known: known, plan: plan, snaps: []backend.TransferSnapshot{done(1)}, reads: true}
		_, _, err = w.run(t.Context(), true, strings.Fields(args)...)
		if ok != (err == nil) || !ok && !errors.Is(err, backend.ClassReadOnlyMode) {
			t.Errorf("%s: %v, calls %q", args, err, w.calls)
		}
		if !ok && slices.ContainsFunc(w.calls, func(c string) bool { return !strings.HasPrefix(c, "mkdir "+abs(t, "x")) }) {
			t.Errorf("%s: %q", args, w.calls)
		}
	}
}

func TestProgressIsOneLineWithoutNames(t *testing.T) {
	var b bytes.Buffer
	o := Output{W: &b, Err: &b, Live: true}
	s := done(3)
	s.Jobs[1].State, s.Jobs[1].Scanning, s.Jobs[1].Rate = backend.JobRunning, true, 1024
	line := func() string { return totalOf(s, map[backend.JobID]bool{1: true}).line() }
	o.live(line())
	if got := b.String(); got != "\r\x1b[K3 of at least 3 files, 2.0 kB of 2.0 kB, 1.0 kB/s" {
		t.Errorf("%q", got)
	}
	s.Hold = 2100 * time.Millisecond
	if got := line(); !strings.HasSuffix(got, "; waits 3 s") { // no rate that nobody measures, no time left
		t.Errorf("%q", got)
	}
	s.Hold, s.Jobs[1].Scanning = 0, false
	s.Jobs[1].Items = []backend.ItemSnapshot{{State: backend.JobRunning, Note: "waits 3 s"}} // a note is no fact
	if got := line(); got != "3 of 3 files, 2.0 kB; being finished and checked" {
		t.Errorf("%q", got)
	}
	s.Parked = "x"
	if got := line(); !strings.HasSuffix(got, "; waits") {
		t.Errorf("%q", got)
	}
}

// The sum names each way in which files were checked, of all jobs together.
func TestTheSumCountsChecks(t *testing.T) {
	s := done(0)
	s.Jobs[1].FilesDone, s.Jobs[1].Verified = 1204, backend.SizeOnly
	s.Jobs[1].Checks = []backend.CheckTally{
		{Verified: backend.Verified, By: "CRC32", Files: 1200}, {Verified: backend.Verified, By: "MD5", Files: 3}, {Verified: backend.SizeOnly, Files: 1},
	}
	w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}}, snaps: []backend.TransferSnapshot{s}}
	out, _, err := w.ferry(t, "put", "a", "x")
	if err != nil || out != "1,204 files, 2.0 kB, 1,200 verified by CRC32, 3 verified by MD5, 1 size only\n" {
		t.Errorf("%q %v", out, err)
	}
	out, _, err = w.ferry(t, "put", "a", "x", "--json")
	for _, want := range []string{
		`"verified":"size only","files":`,
		`"checks":[{"verified":"verified","by":"CRC32","files":1200},{"verified":"verified","by":"MD5","files":3},{"verified":"size only","files":1}]`,
	} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%q is not in %q, %v", want, out, err)
		}
	}
	two := done(2)
	two.Jobs = append(two.Jobs, two.Jobs[1])
	two.Jobs[2].ID, two.Jobs[2].FilesDone = 2, 5
	two.Jobs[2].Checks = []backend.CheckTally{{Verified: backend.Verified, By: "MD5", Files: 1}, {Verified: backend.Verified, By: "CRC32", Files: 4}}
	got := totalOf(two, map[backend.JobID]bool{1: true, 2: true})
	if got.checked() != "4 verified by CRC32, 3 verified by MD5" || got.by() != "" {
		t.Errorf("%q, %q", got.checked(), got.by())
	}
}

// Other names are said, of many files not one by one.
func TestNotesAreBounded(t *testing.T) {
	w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}}, snaps: []backend.TransferSnapshot{done(25)}}
	for range 25 {
		w.items = append(w.items, backend.ItemSnapshot{Name: "f", State: backend.JobDone, Verified: backend.SizeOnly, Note: "name changed to g"})
	}
	w.items = append(w.items, backend.ItemSnapshot{Name: "h", State: backend.JobDone, Verified: backend.SizeOnly, Note: "the site has no checksum for it"})
	_, errs, err := w.ferry(t, "put", "a", "x", "--conflict", "keep-both")
	if err != nil || strings.Count(errs, "f: name changed to g\n") != mostNotes || !strings.Contains(errs, "and 5 files more") || strings.Contains(errs, "checksum") {
		t.Errorf("%v\n%s", err, errs)
	}
}

// That nothing moves is said once, also where nobody looks at the line of
// progress: a log tells then why it took so long.
func TestAStandstillIsSaid(t *testing.T) {
	running := done(1)
	running.Jobs[1].State = backend.JobRunning
	parked := running
	parked.Parked, parked.ParkedBy = "The site cannot be reached.", &backend.Error{Group: backend.Connection}
	w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}}, snaps: []backend.TransferSnapshot{running, parked, parked, running, done(1)}}
	out, errs, err := w.ferry(t, "put", "a", "x", "--json", "--patience", "3m")
	if err != nil || strings.Count(errs, "The site cannot be reached. Waiting for at most 3m0s.") != 1 || strings.Count(out, `"event":"waiting"`) != 1 {
		t.Errorf("%v %q\n%s", err, errs, out)
	}
}

// A session that has ended is not waited for: somebody logs in again, or the run
// ends at once.
func TestAnEndedSessionIsNotWaitedFor(t *testing.T) {
	running := done(1)
	running.Jobs[1].State = backend.JobRunning
	for _, by := range []error{nil, &backend.Error{Group: backend.NotAuthenticated, Type: "not-authenticated/invalid-session"}} {
		parked := running
		parked.Parked, parked.ParkedBy = "the session has ended", by
		w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}}, snaps: []backend.TransferSnapshot{running, parked, parked, running, done(1)}}
		out, errs, err := w.ferry(t, "put", "a", "x", "--json")
		if err != nil || strings.Count(errs, "The session has ended. Ferry logs in again") != 1 || strings.Contains(errs, "Waiting") || !strings.Contains(out, `"reason":"The session has ended."`) {
			t.Errorf("%v %q\n%s", err, errs, out)
		}
	}
}

// A plan that no longer fits is refused, line by line.
func TestSyncTellsWhatHasChanged(t *testing.T) {
	w := &world{
		plan:    backend.Plan{Items: []backend.PlanItem{{Name: "a"}, {Name: "b"}}},
		changes: []backend.PlanChange{{Item: 1, Why: "it has changed on the site since the plan was made"}},
	}
	_, errs, err := w.ferry(t, "sync", "--run", "p.json")
	if err == nil || !strings.Contains(errs, "b: it has changed on the site") || slices.Contains(w.calls, "start") {
		t.Errorf("%q, %v, %q", errs, err, w.calls)
	}
	w.calls = nil
	out, _, err := w.ferry(t, "sync", "--run", "p.json", "--json")
	if err == nil || !strings.Contains(out, `"event":"changed","name":"b"`) {
		t.Errorf("%q, %v", out, err)
	}
}

// What is wrong with the command line is told once, also in the middle of the command.
func TestAUsageErrorIsToldOnce(t *testing.T) {
	w := &world{}
	args := []string{"rm", "/", "--json"}
	out, _, err := w.ferry(t, args...)
	var b, errs bytes.Buffer
	b.WriteString(out)
	Report(&b, &errs, args, err)
	if ExitCode(err) != 2 || strings.Count(b.String(), "\n") != 1 || !strings.Contains(b.String(), "ferry rm --help") || !strings.Contains(errs.String(), "ferry rm --help") {
		t.Errorf("%q %q %v", b.String(), errs.String(), err)
	}
}
