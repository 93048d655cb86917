package transfers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

// ended is a queue with one transfer of n files that has ended: the first was
// checked by size only, the second was left out, and three were proved by CRC32.
func ended(n int) *queue {
	q := &queue{snap: backend.TransferSnapshot{Seq: 1, Jobs: []backend.JobSnapshot{{
		ID: 1, Label: "many/", From: local("/home/ops"), To: remote("in"), State: backend.JobDone, FilesDone: n - 1, FilesTotal: n, FilesSkipped: 1,
		FilesVerified: n - 2, BytesDone: 1e6, BytesTotal: 1e6, Verified: backend.SizeOnly, Started: noon.Add(-time.Minute), Ended: noon,
	}}}}
	for i := range n {
		it := backend.ItemSnapshot{ID: int64(i + 1), Name: fmt.Sprintf("many/file-%05d.bin", i), State: backend.JobDone, Size: 1000, Done: 1000, Verified: backend.Verified, By: "MD5"}
		switch {
		case i == 0:
			it.Verified, it.By = backend.SizeOnly, ""
		case i == 1:
			it.State, it.Verified, it.By, it.Note = backend.JobCancelled, backend.Unverified, "", "left out by hand"
		case i < 5:
			it.By = "CRC32"
		}
		q.list = append(q.list, it)
	}
	return q
}

func TestFilesOfAnEndedTransfer(t *testing.T) {
	q := ended(105)
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.do(keymap.Enter)
	d.sees("Check      MD5 100, CRC32 3, size only 1", "file-00000.bin", "size only", "left out by hand", "verified CRC32", "verified MD5")
	if d.why(keymap.ItemSkip) == "" || d.why(keymap.ItemPause) == "" {
		t.Error("a file that has arrived can be paused or left out")
	}
	d.do(keymap.JobFilter)
	d.sees("not verified           1", "verified             103", "all                  105")
	d.run(d.top().(*dialog.MenuBox).Update(press('n')))
	d.sees("only not verified: 1 of 105 files", "file-00000.bin")
	if s := d.screen(); strings.Contains(s, "file-00004.bin") {
		t.Errorf("others are shown:\n%s", s)
	}
	d.do(keymap.EscapeLevel)
	d.sees("file-00004.bin")
	d.do(keymap.JobFilter)
	d.run(d.top().(*dialog.MenuBox).Update(press('f')))
	d.sees("No file is failed here")
}

// At 60 columns the state of a transfer still says how fast it goes and how long.
func TestANarrowListSaysHowItGoes(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 60, 20)
	j := &q.snap.Jobs[0]
	d.sees(cell.Rate(j.Rate)+"  ", cell.Left(j.Left)+" ")
	if strings.Contains(d.screen(), "/s "+theme.Unicode.Ellipsis) {
		t.Errorf("the pace is cut off:\n%s", d.screen())
	}
}

// In the lowest window the details still show files, and with a failure its words:
// what matters less than these goes.
func TestLowDetailsShowFiles(t *testing.T) {
	q := ended(105)
	d := drive(t, q, New(environment(t), q, q.sides()), 60, 16)
	d.do(keymap.Enter)
	d.top().Resize(58, 12)
	d.sees("State ", "Files ", "To ", "file-00000.bin", "file-00002.bin")
	j := &q.snap.Jobs[0]
	j.State, j.FilesFailed = backend.JobFailed, 1
	q.list[0].State, q.list[0].Err = backend.JobFailed, &backend.Error{
		Class: "WritePermissionRequiredError", Group: backend.NotAuthorized, Type: "not-authorized/write-permission-required", Op: "upload", Path: "in/x",
	}
	j.Items = []backend.ItemSnapshot{q.list[0]}
	q.snap.Seq++
	d.give(SnapshotMsg{q.snap})
	d.sees("State ", "Files ", "1 failed", "file-00000.bin", "file-00002.bin", "✗ You may not write here", "While trying to upload")
	d.top().Resize(120, 33)
	d.sees("From ", "Bytes ", "Ended ")
}

// What is explained below the files is of one that is listed: the error of a file
// that the filter hides is not.
func TestTheErrorIsOfAFileThatIsListed(t *testing.T) {
	q := ended(6)
	j := &q.snap.Jobs[0]
	j.State, j.FilesFailed, j.FilesDone = backend.JobFailed, 1, 4
	q.list[3].State, q.list[3].Err = backend.JobFailed, &backend.Error{
		Class: "WritePermissionRequiredError", Group: backend.NotAuthorized, Type: "not-authorized/write-permission-required", Op: "upload", Path: "in/x",
	}
	j.Err, j.Items = q.list[3].Err, []backend.ItemSnapshot{q.list[3]}
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	only := func(key rune) {
		d.do(keymap.JobFilter)
		d.run(d.top().(*dialog.MenuBox).Update(press(key)))
	}
	explained := func() bool { return strings.Contains(d.screen(), "While trying to upload") }
	d.do(keymap.Enter)
	if !explained() {
		t.Fatalf("of all files it explains none:\n%s", d.screen())
	}
	for key, want := range map[rune]bool{'v': false, 'n': false, 'l': false, 'f': true, 'a': true} {
		if only(key); explained() != want || (d.why(keymap.CopyText) == "") != want {
			t.Errorf("%c: explained is %v, copying %q:\n%s", key, explained(), d.why(keymap.CopyText), d.screen())
		}
	}
	if only('v'); !strings.Contains(d.screen(), "esc all files") {
		t.Errorf("it does not say what shows the others:\n%s", d.screen())
	}
	// What the whole transfer has failed of belongs to every list.
	j.FilesFailed, j.Items = 0, nil
	q.list[3].State, q.list[3].Err = backend.JobDone, nil
	q.snap.Seq++
	d.give(SnapshotMsg{q.snap})
	if only('v'); !explained() {
		t.Errorf("it does not say why it has failed:\n%s", d.screen())
	}
}

// Ten thousand files come page by page, as the cursor asks for them.
func TestFilesComeInPages(t *testing.T) {
	q := ended(10_000)
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.do(keymap.Enter)
	if n := len(q.asked); n != 1 || q.asked[0].Limit != filesAtOnce {
		t.Fatalf("asked %+v", q.asked)
	}
	for range 30 {
		d.do(keymap.PageDown)
	}
	if n := len(q.asked); n != 2 || q.asked[1].Cursor != "500" {
		t.Fatalf("asked %+v", q.asked)
	}
	d.do(keymap.Last)
	d.sees("file-09999.bin")
	if n := len(q.asked); n != 3 {
		t.Errorf("asked %+v", q.asked)
	}
}

// A file that ends between two pages changes its place, and comes with both.
func TestAFileOfTwoPagesStandsThereOnce(t *testing.T) {
	q := ended(5)
	f := newFileList(newList(environment(t), q, q.sides()), q.snap.Jobs[0])
	first, again := q.list[:3], []backend.ItemSnapshot{q.list[2], q.list[3]}
	again[0].Note = "as it is now"
	f.take(filesRead{JobFiles: backend.JobFiles{Page: backend.Page[backend.ItemSnapshot]{Items: first, Next: "3"}}}, nil)
	f.take(filesRead{JobFiles: backend.JobFiles{Page: backend.Page[backend.ItemSnapshot]{Items: again}}, more: true}, nil)
	if len(f.kept) != 4 || f.kept[2].Note != "as it is now" || f.kept[3].ID != q.list[3].ID {
		t.Errorf("held after two pages: %+v", f.kept)
	}
}

// While a transfer runs what the snapshot says of a file is newer than what was
// read; that is read again when the transfer has gone on, but not each time.
func TestFilesOfARunningTransfer(t *testing.T) {
	q := ended(5)
	j := &q.snap.Jobs[0]
	j.State, j.FilesDone, j.Items = backend.JobRunning, 3, []backend.ItemSnapshot{
		{ID: 5, Name: "many/file-00004.bin", State: backend.JobRunning, Done: 100, Size: 1000},
	}
	q.list[4].State, q.list[4].Verified = backend.JobQueued, backend.Unverified
	now := noon
	env := environment(t)
	env.Now = func() time.Time { return now }
	d := drive(t, q, New(env, q, q.sides()), 120, 33)
	d.do(keymap.Enter)
	d.sees("100 B of 1.0 kB")
	if s := d.screen(); strings.Count(s, "file-00004.bin") != 1 {
		t.Errorf("a file stands there twice, or not at all:\n%s", s)
	}
	q.snap.Seq++
	d.give(SnapshotMsg{q.snap})
	if len(q.asked) != 1 {
		t.Errorf("read again without need: %+v", q.asked)
	}
	now = now.Add(2 * filesEvery)
	q.list[4].State, q.list[4].Verified = backend.JobDone, backend.Verified
	q.snap.Seq++
	q.snap.Jobs = []backend.JobSnapshot{*j}
	q.snap.Jobs[0].FilesDone, q.snap.Jobs[0].Items = 4, nil
	d.give(SnapshotMsg{q.snap})
	d.sees("file-00004.bin", "Check      CRC32 3, size only 1")
	if s := d.screen(); strings.Contains(s, "waits its turn") {
		t.Errorf("it was not read again:\n%s", s)
	}
}

// BenchmarkFilesOfATransfer is a snapshot that arrives while the details of a
// running transfer show ten thousand files, and the frame after it.
func BenchmarkFilesOfATransfer(b *testing.B) {
	q := ended(10_000)
	th, _ := theme.Named("plain", nil)
	env := ui.NewEnv(b.Context(), th, keymap.Default(), func() time.Time { return noon })
	l := newList(env, q, q.sides())
	l.take(q.snap)
	d := newDetails(l, q.snap.Jobs[0])
	d.Resize(120, 36)
	d.files.kept = q.list
	b.ReportAllocs()
	for b.Loop() {
		q.snap.Seq++
		q.snap.Jobs[0].Items = []backend.ItemSnapshot{{ID: int64(q.snap.Seq % 10_000), State: backend.JobRunning}}
		d.Update(SnapshotMsg{q.snap})
		d.View()
	}
}

// sees fails when a text is not on the screen.
func (d *driver) sees(texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if s := d.screen(); !strings.Contains(s, text) {
			d.t.Fatalf("%q is not there:\n%s", text, s)
		}
	}
}

// Nothing is cut off in the lowest window of what the drawer and the question say.
func TestLowBoxesSayAllOfIt(t *testing.T) {
	q := busy()
	box := newConflict(environment(t), q, q.sides(), q.snap.Jobs[8])
	box.Resize(58, 14)
	if s := cell.Strip(box.View()); !strings.Contains(s, "answers for all the rest of it.") {
		t.Errorf("the question is cut:\n%s", s)
	}
	q = &queue{}
	d := drive(t, q, NewDrawer(environment(t), q, q.sides()), 60, 16)
	d.give(SnapshotMsg{backend.TransferSnapshot{Seq: 1}})
	d.sees("Nothing is being transferred", "c in the files screen copies to the other pane ")
}
