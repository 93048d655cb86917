package transfers

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// Times are shown in the zone of the machine; the goldens are of UTC.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}

// queue writes down what it is told.
type queue struct {
	snap  backend.TransferSnapshot
	calls []string
	files contents
	list  []backend.ItemSnapshot // the files of every job, in the order of a page
	asked []backend.FilesQuery
}

// Files gives what is in list and fits, by its place there.
func (q *queue) Files(_ context.Context, _ backend.JobID, ask backend.FilesQuery) (backend.JobFiles, error) {
	q.asked = append(q.asked, ask)
	var out backend.JobFiles
	checks := map[backend.CheckTally]int{}
	from, _ := strconv.Atoi(ask.Cursor)
	for i, it := range q.list {
		kind := backend.OpenFiles
		switch it.State {
		case backend.JobFailed:
			kind = backend.FailedFiles
			out.Tally.Failed++
		case backend.JobCancelled:
			kind = backend.LeftOutFiles
			out.Tally.LeftOut++
		case backend.JobDone:
			kind = backend.UnprovenFiles
			if it.Verified == backend.Verified {
				kind = backend.ProvenFiles
			}
			checks[backend.CheckTally{Verified: it.Verified, By: it.By}]++
		default:
			out.Tally.Open++
		}
		if i < from || ask.Only != backend.AllFiles && ask.Only != kind {
			continue
		}
		if len(out.Items) < ask.Limit {
			out.Items = append(out.Items, it)
		} else if out.Next == "" {
			out.Next = strconv.Itoa(i)
		}
	}
	for c, n := range checks {
		c.Files = n
		out.Tally.Checks = append(out.Tally.Checks, c)
	}
	slices.SortFunc(out.Tally.Checks, func(a, b backend.CheckTally) int { return b.Files - a.Files })
	return out, nil
}

func (q *queue) note(format string, args ...any) {
	q.calls = append(q.calls, fmt.Sprintf(format, args...))
}

func (q *queue) Snapshot() backend.TransferSnapshot      { return q.snap }
func (q *queue) Pause(id backend.JobID)                  { q.note("pause %d", id) }
func (q *queue) Resume(id backend.JobID)                 { q.note("resume %d", id) }
func (q *queue) Cancel(id backend.JobID)                 { q.note("cancel %d", id) }
func (q *queue) Retry(id backend.JobID)                  { q.note("retry %d", id) }
func (q *queue) RetryItem(id backend.JobID, item int64)  { q.note("retry %d %d", id, item) }
func (q *queue) PauseItem(id backend.JobID, item int64)  { q.note("pause %d %d", id, item) }
func (q *queue) ResumeItem(id backend.JobID, item int64) { q.note("resume %d %d", id, item) }
func (q *queue) SkipItem(id backend.JobID, item int64)   { q.note("skip %d %d", id, item) }
func (q *queue) Remove(id backend.JobID)                 { q.note("remove %d", id) }
func (q *queue) PauseAll()                               { q.note("pause all") }
func (q *queue) ResumeAll()                              { q.note("resume all") }
func (q *queue) SetLimit(n int64) {
	q.note("limit %d", n)
	q.snap.Seq, q.snap.Limit = q.snap.Seq+1, n
}

func (q *queue) SetConcurrency(n int) {
	q.note("requests %d", n)
	q.snap.Seq, q.snap.MostRequests = q.snap.Seq+1, n
}
func (q *queue) Priority(id backend.JobID, delta int) { q.note("priority %d %d", id, delta) }
func (q *queue) Verify(id backend.JobID)              { q.note("verify %d", id) }
func (q *queue) Resolve(id backend.JobID, item int64, c backend.Conflict, all bool) {
	q.note("resolve %d %d %s %v", id, item, c, all)
}

// contents are the files on both sides of the queue, by path.
type contents map[string]string

func (f contents) Preview(_ context.Context, e backend.Entry, limit int64) ([]byte, error) {
	return []byte(f[e.Path])[:min(int64(len(f[e.Path])), limit)], nil
}

func (f contents) Checksums(_ context.Context, path string) (backend.Checksums, error) {
	sum := md5.Sum([]byte(f[path]))
	return backend.Checksums{MD5: hex.EncodeToString(sum[:])}, nil
}

func (q *queue) sides() Sides { return Sides{Site: q.files, Disk: q.files} }

func remote(p string) backend.Location { return backend.Location{Side: backend.Remote, Path: p} }
func local(p string) backend.Location  { return backend.Location{Side: backend.Local, Path: p} }

// busy is a queue with a job in every state.
func busy() *queue {
	denied := &backend.Error{
		Class: "WritePermissionRequiredError", Group: backend.NotAuthorized, Status: 403, Path: "Legal/contract.pdf", Op: "upload",
		Type: "not-authorized/write-permission-required", Message: "You need write permission", RequestID: "5f0c9a91",
	}
	started := noon.Add(-90 * time.Second)
	return &queue{snap: backend.TransferSnapshot{
		Seq: 1, Running: 3, Waiting: 3, Failed: 1, UpRate: 50.1e6, DownRate: 1.2e6,
		Jobs: []backend.JobSnapshot{
			{
				ID: 1, Label: "invoices/", From: local("/home/ops/work/invoices"), To: remote("Finance/2026/invoices"), State: backend.JobRunning,
				FilesDone: 4812, FilesTotal: 10302, BytesDone: 46e8, BytesTotal: 100e8, Rate: 38.1e6, Left: 124 * time.Second, Started: started,
				FilesFailed: 1,
				Items: []backend.ItemSnapshot{
					{ID: 1, Name: "2026/10/invoice-4813.pdf", State: backend.JobRunning, Done: 4e5, Size: 12e5, Rate: 2e6},
					{ID: 2, Name: "2026/10/scan.tif", State: backend.JobRunning, Done: 4e7, Size: 9e8, Rate: 36e6, Note: "part 14 of 160"},
					{ID: 3, Name: "2026/09/locked.pdf", State: backend.JobFailed, Size: 3000, Err: denied},
				},
			},
			{
				ID: 2, Label: "backup.tar.zst", From: local("/srv"), To: remote("Backups"), State: backend.JobRunning, FilesTotal: 1,
				BytesDone: 9e8, BytesTotal: 100e8, Rate: 12e6, Left: 11 * time.Minute, Started: started,
				Items: []backend.ItemSnapshot{{ID: 1, Name: "backup.tar.zst", State: backend.JobRunning, Note: "part 14 of 160", Done: 9e8, Size: 100e8}},
			},
			{ID: 3, Direction: backend.Download, Label: "Media/", From: remote("Media"), To: local("/home/ops/Movies"), State: backend.JobScanning, Scanning: true, FilesTotal: 1200, BytesTotal: 5e9, Left: -1},
			{ID: 4, Direction: backend.Download, Label: "trailer.mov", From: remote("Media"), To: local("/home/ops/Movies"), State: backend.JobPaused, FilesTotal: 1, BytesDone: 43e7, BytesTotal: 1e9, Left: -1},
			{ID: 5, Label: "notes.txt", From: local("/home/ops"), To: remote(""), State: backend.JobQueued, FilesTotal: 1, BytesTotal: 900, Left: -1},
			{
				ID: 6, Direction: backend.Download, Label: "ledger-2026-09.csv", From: remote("Finance"), To: local("/home/ops/work"), State: backend.JobDone, FilesDone: 1, FilesTotal: 1,
				BytesDone: 184e5, BytesTotal: 184e5, Started: noon.Add(-time.Second), Ended: noon.Add(-400 * time.Millisecond), Verified: backend.Verified, VerifiedBy: "MD5",
			},
			{ID: 7, Label: "contract.pdf", From: local("/home/ops"), To: remote("Legal"), State: backend.JobFailed, FilesFailed: 1, FilesTotal: 1, BytesTotal: 2e6, Err: denied},
			{ID: 8, Label: "old.iso", From: local("/home/ops"), To: remote("Media"), State: backend.JobCancelled, FilesTotal: 1, BytesTotal: 7e8},
			{
				ID: 9, Label: "reports/", From: local("/home/ops/reports"), To: remote("Finance"), State: backend.JobRunning, FilesTotal: 4, Asking: 2, BytesTotal: 4e6, Left: -1,
				Items: []backend.ItemSnapshot{asking(21, "q3.xlsx", 20e3, 25e3), asking(22, "q4.xlsx", 30e3, 10e3)},
			},
		},
	}}
}

func asking(id int64, name string, there, come int64) backend.ItemSnapshot {
	return backend.ItemSnapshot{
		ID: id, Name: name, Size: come, Note: "the target exists",
		Existing: &backend.Entry{Path: "Finance/" + name, Name: name, Size: there, Modified: noon.Add(-48 * time.Hour)},
		Source:   &backend.Entry{Path: "/home/ops/reports/" + name, Name: name, Size: come, Modified: noon.Add(-time.Hour)},
	}
}

func environment(t *testing.T) *ui.Env {
	t.Helper()
	th, _ := theme.Named("plain", nil)
	env := ui.NewEnv(t.Context(), th, keymap.Default(), func() time.Time { return noon })
	env.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return env
}

// driver is a shell as far as these components need one.
type driver struct {
	t     *testing.T
	queue *queue
	base  ui.Component
	boxes []ui.Overlay
	went  []ui.GotoMsg
	text  string
}

func drive(t *testing.T, q *queue, c ui.Component, w, h int) *driver {
	t.Helper()
	d := &driver{t: t, queue: q, base: c}
	c.Resize(w, h)
	d.run(c.Init())
	return d
}

func (d *driver) run(cmd tea.Cmd) {
	d.t.Helper()
	if cmd == nil {
		return
	}
	switch m := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			d.run(c)
		}
	case ui.OpenMsg:
		d.boxes = append(d.boxes, m.Overlay)
		m.Overlay.Resize(100, 30)
		d.run(m.Overlay.Init())
	case ui.CloseMsg:
		d.boxes = slices.DeleteFunc(d.boxes, func(o ui.Overlay) bool { return o == m.Overlay })
	case ui.GotoMsg:
		d.went = append(d.went, m)
	case ui.CopyMsg:
		d.text = m.Text
	default:
		d.give(m)
	}
}

func (d *driver) give(msg tea.Msg) {
	d.t.Helper()
	for _, o := range slices.Clone(d.boxes) {
		d.run(o.Update(msg))
	}
	d.run(d.base.Update(msg))
}

func (d *driver) top() ui.Component {
	if n := len(d.boxes); n > 0 {
		return d.boxes[n-1]
	}
	return d.base
}

func (d *driver) do(actions ...keymap.Action) {
	d.t.Helper()
	for _, a := range actions {
		it, ok := d.top().Keys().Find(a)
		if !ok || it.Why != "" {
			d.t.Fatalf("%s cannot be done: offered %v, %q", a, ok, it.Why)
		}
		d.run(d.top().Do(a))
	}
}

func press(r rune) tea.Msg { return tea.KeyPressMsg{Code: r, Text: string(r)} }

func (d *driver) why(a keymap.Action) string {
	it, _ := d.top().Keys().Find(a)
	return it.Why
}

func (d *driver) screen() string { return cell.Strip(d.top().View()) }

func (d *driver) wants(calls ...string) {
	d.t.Helper()
	if !slices.Equal(d.queue.calls, calls) {
		d.t.Fatalf("calls %q, want %q", d.queue.calls, calls)
	}
	d.queue.calls = nil
}

// to puts the cursor of the screen on a job.
func (d *driver) to(id backend.JobID) {
	d.t.Helper()
	if !d.base.(*Screen).list.table.Select(rowID(backend.JobSnapshot{ID: id})) {
		d.t.Fatalf("there is no job %d", id)
	}
}

func TestGolden(t *testing.T) {
	for _, sz := range []struct{ w, h int }{{120, 33}, {80, 21}} {
		size := fmt.Sprintf("%dx%d", sz.w, sz.h+3)
		equal := func(name string, q *queue, c func(env *ui.Env, q *queue) ui.Component, do ...keymap.Action) {
			t.Run(name+"-"+size, func(t *testing.T) {
				d := drive(t, q, c(environment(t), q), sz.w, sz.h)
				d.do(do...)
				golden.RequireEqual(t, []byte(d.screen()+"\n"))
			})
		}
		screen := func(env *ui.Env, q *queue) ui.Component { return New(env, q, q.sides()) }
		drawer := func(env *ui.Env, q *queue) ui.Component { return NewDrawer(env, q, q.sides()) }
		equal("screen", busy(), screen)
		equal("empty", &queue{}, screen)
		equal("drawer", busy(), drawer)
		equal("details", busy(), screen, keymap.Enter)
		equal("details-failed", busy(), screen, keymap.Enter, keymap.Last)
		equal("filter", busy(), screen, keymap.JobFilter)
		equal("concurrency", busy(), screen, keymap.JobWidth)
		equal("conflict", busy(), screen, keymap.Down, keymap.Down, keymap.Down, keymap.Down, keymap.Down, keymap.Enter)
	}
}

// What failed can be tried again only from the list: it is not taken off by one
// key, neither on the screen nor in the drawer.
func TestWhatFailedIsNotTakenOffByOneKey(t *testing.T) {
	for name, make := range map[string]func(*ui.Env, *queue) ui.Component{
		"screen": func(env *ui.Env, q *queue) ui.Component { return New(env, q, q.sides()) },
		"drawer": func(env *ui.Env, q *queue) ui.Component { return NewDrawer(env, q, q.sides()) },
	} {
		q := busy()
		d := drive(t, q, make(environment(t), q), 120, 33)
		d.do(keymap.First)
		if got := d.why(keymap.JobRemove); !strings.Contains(got, "has not ended") {
			t.Errorf("%s: a running one: %q", name, got)
		}
		d.do(keymap.Last, keymap.Up) // the order is 6, 7, 8
		d.do(keymap.JobRemove)
		d.sees("Take contract.pdf off the list?", "1 file failed: contract.pdf", "Off the list it cannot be tried again")
		d.do(keymap.No)
		d.wants()
		d.do(keymap.JobsClear)
		d.sees("Take 3 transfers off the list?", "1 file failed: contract.pdf")
		d.do(keymap.No)
		d.wants()
		d.do(keymap.Up, keymap.JobRemove) // done: the files stay
		d.wants("remove 6")
	}
}

func TestActions(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(1)
	d.do(keymap.JobPause)
	d.wants("pause 1")
	d.to(4)
	d.do(keymap.JobPause)
	d.wants("resume 4")
	d.to(7)
	d.do(keymap.JobRetry, keymap.JobRemove, keymap.Yes)
	d.wants("retry 7", "remove 7")
	d.do(keymap.JobsClear, keymap.Yes)
	d.wants("remove 6", "remove 7", "remove 8")
	d.do(keymap.JobPauseAll)
	d.wants("pause all")
	d.to(2)
	d.do(keymap.JobEarlier, keymap.JobLater)
	d.wants("priority 2 -1", "priority 2 1")
	d.to(6)
	d.do(keymap.JobVerify)
	d.wants("verify 6")
	d.do(keymap.JobShow)
	if want := (ui.ShowPath{Side: ui.LocalSide, Path: "/home/ops/work"}); len(d.went) != 1 || d.went[0].Args != want {
		t.Errorf("went %+v", d.went)
	}
	d.to(7)
	d.do(keymap.CopyText)
	if !strings.Contains(d.text, "You may not write here") || !strings.Contains(d.text, "5f0c9a91") {
		t.Errorf("copied %q", d.text)
	}
	if d.why(keymap.JobPause) == "" || d.why(keymap.JobCancel) == "" {
		t.Error("an ended transfer can be paused or cancelled")
	}
}

func TestCancelAsks(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(2)
	d.do(keymap.JobCancel)
	if s := d.screen(); !strings.Contains(s, "backup.tar.zst") {
		t.Errorf("the dialog does not name it:\n%s", s)
	}
	d.do(keymap.Press)
	d.wants()
	d.do(keymap.JobCancel, keymap.Yes)
	d.wants("cancel 2")
}

func TestLimit(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.do(keymap.JobLimit, keymap.PickDown, keymap.PickRun)
	d.wants("limit 1000000")
	if !strings.Contains(d.screen(), "limit 1.0 MB/s") {
		t.Errorf("not shown:\n%s", d.screen())
	}
}

func TestOldSnapshotsAreIgnored(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.give(SnapshotMsg{backend.TransferSnapshot{Seq: 3}})
	d.give(SnapshotMsg{q.snap})
	if !strings.Contains(d.screen(), "Nothing is being transferred") {
		t.Errorf("an old snapshot was shown:\n%s", d.screen())
	}
}

// A journal that cannot be written is said at the foot.
func TestALostJournalIsSaid(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 80, 24)
	next := q.snap
	next.Seq, next.Unkept = 2, errors.New("the disk is full")
	d.give(SnapshotMsg{next})
	if !strings.Contains(d.screen(), "the journal cannot be written") {
		t.Errorf("not said:\n%s", d.screen())
	}
}

func TestDetailsFollow(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(1)
	d.do(keymap.Enter)
	next := q.snap
	next.Seq, next.Jobs = 2, slices.Clone(next.Jobs)
	next.Jobs[0].FilesDone = 9999
	d.give(SnapshotMsg{next})
	if !strings.Contains(d.screen(), "9,999 of 10,302") {
		t.Errorf("stands still:\n%s", d.screen())
	}
	next.Seq, next.Jobs = 3, slices.Clone(next.Jobs)
	next.Jobs[0].Resent, next.Jobs[0].Links = 12e6, 1
	d.give(SnapshotMsg{next})
	if s := d.screen(); !strings.Contains(s, "12.0 MB moved again") || !strings.Contains(s, "1 link left out") {
		t.Errorf("not said what went wrong on the way:\n%s", s)
	}
	d.do(keymap.JobPause)
	d.wants("pause 1")
	next.Seq, next.Jobs = 4, nil
	d.give(SnapshotMsg{next})
	if !strings.Contains(d.screen(), "taken off the list") {
		t.Errorf("not said that it is gone:\n%s", d.screen())
	}
	d.do(keymap.CloseBox)
}

func TestConflictsAreAskedOneByOne(t *testing.T) {
	q := busy()
	env := environment(t)
	d := drive(t, q, New(env, q, q.sides()), 120, 33)
	asker := NewAsker(env, q, q.sides())
	d.run(asker.Take(q.snap))
	if len(d.boxes) != 1 || !strings.Contains(d.screen(), "q3.xlsx exists already in /Finance") {
		t.Fatalf("not asked:\n%s", d.screen())
	}
	if cmd := asker.Take(q.snap); cmd != nil {
		t.Error("asked twice at once")
	}
	d.do(keymap.AnswerSkip)
	d.wants("resolve 9 21 skip false")
	if !strings.Contains(d.screen(), "q4.xlsx") {
		t.Fatalf("the second was not asked:\n%s", d.screen())
	}
	if d.why(keymap.AnswerResume) == "" {
		t.Error("a longer target can be resumed")
	}
	d.do(keymap.AnswerOverwriteAll)
	d.wants("resolve 9 22 overwrite true")
	if len(d.boxes) != 0 {
		t.Fatal("the box is still there")
	}
	if cmd := asker.Take(q.snap); cmd != nil {
		t.Error("a snapshot from before the answer asks again")
	}
}

// What was to be gone on with and is another file is asked about once more, also
// when the answer was for all; it says why, and does not offer the same again.
func TestWhatCannotBeGoneOnWithIsAskedAboutAgain(t *testing.T) {
	for name, first := range map[string][]keymap.Action{"one": {keymap.AnswerResume, keymap.AnswerSkip}, "all": {keymap.AnswerResumeAll}} {
		q := busy()
		env := environment(t)
		d := drive(t, q, New(env, q, q.sides()), 120, 33)
		asker := NewAsker(env, q, q.sides())
		d.run(asker.Take(q.snap))
		d.do(first...)
		q.calls = nil
		again := q.snap
		again.Jobs = slices.Clone(again.Jobs)
		job := &again.Jobs[8]
		job.Asking, job.Items = 1, slices.Clone(job.Items[:1])
		job.Items[0].Foreign = "what is there is not the beginning of the file"
		d.run(asker.Take(again))
		d.sees("q3.xlsx exists already", "what is there is not the beginning of the file")
		if d.why(keymap.AnswerResume) == "" || d.why(keymap.AnswerResumeAll) == "" {
			t.Errorf("%s: it offers to go on with it again:\n%s", name, d.screen())
		}
		d.do(keymap.AnswerOverwriteAll)
		d.wants("resolve 9 21 overwrite true")
		if cmd := asker.Take(again); cmd != nil {
			t.Errorf("%s: a snapshot from before the answer asks again", name)
		}
	}
}

func TestLeavingAConflictPauses(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(9)
	d.do(keymap.Enter, keymap.CloseBox)
	d.wants("pause 9")
	if len(d.boxes) != 0 {
		t.Error("the box is still there")
	}
}

func TestDrawerCloses(t *testing.T) {
	q := busy()
	for _, a := range []keymap.Action{keymap.Drawer, keymap.CloseBox} {
		drawer := NewDrawer(environment(t), q, q.sides())
		d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
		d.run(ui.Open(drawer))
		d.do(a)
		if len(d.boxes) != 0 {
			t.Errorf("%s leaves it open", a)
		}
	}
}

func TestKeysNeverConflict(t *testing.T) {
	m := keymap.Default()
	check := func(name string, set keymap.Set) {
		t.Helper()
		if c := m.Conflicts(set); len(c) > 0 {
			t.Errorf("%s: %s", name, strings.Join(c, "; "))
		}
	}
	for _, q := range []*queue{busy(), {}} {
		env := environment(t)
		d := drive(t, q, New(env, q, q.sides()), 120, 33)
		check("screen", d.top().Keys().And(keymap.Globals()))
		drawer := NewDrawer(env, q, q.sides())
		d.run(ui.Open(drawer))
		check("drawer", d.top().Keys().And(keymap.AlwaysSet()))
		if len(q.snap.Jobs) == 0 {
			continue
		}
		d.do(keymap.Mark)
		check("marked", d.top().Keys().And(keymap.AlwaysSet()))
		d.do(keymap.Enter)
		check("details", d.top().Keys().And(keymap.AlwaysSet()))
		check("conflict", newConflict(env, q, q.sides(), q.snap.Jobs[8]).Keys().And(keymap.AlwaysSet()))
	}
}

func TestViewReadsOnly(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	same := func(what string) {
		t.Helper()
		if a, b := d.top().View(), d.top().View(); a != b {
			t.Errorf("two views of the %s differ", what)
		}
	}
	same("screen")
	d.do(keymap.Enter)
	same("details")
	d.do(keymap.CloseBox)
	d.to(9)
	d.do(keymap.Enter)
	same("question")
	if New(environment(t), q, q.sides()).View() != "" {
		t.Error("an unsized screen draws")
	}
}
