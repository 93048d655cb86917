package transfers

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend"
	"ferry/keymap"
)

// choose opens a menu and takes the entry so many lines further down.
func (d *driver) choose(menu keymap.Action, down int) {
	d.t.Helper()
	d.do(menu)
	for range down {
		d.do(keymap.PickDown)
	}
	d.do(keymap.PickRun)
}

func TestOnlyOneStateIsShown(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.do(keymap.JobFilter)
	if s := d.screen(); !strings.Contains(s, "failed           2") || !strings.Contains(s, "asking           1") {
		t.Errorf("the menu does not count:\n%s", s)
	}
	d.do(keymap.PickClose)
	d.choose(keymap.JobFilter, int(failedOnly))
	s := d.screen()
	if !strings.Contains(s, "only failed: 2 of 9") || !strings.Contains(s, "contract.pdf") || !strings.Contains(s, "invoices/") || strings.Contains(s, "notes.txt") {
		t.Errorf("not only what failed:\n%s", s)
	}

	// It follows the snapshots.
	next := q.snap
	next.Seq, next.Jobs = 2, slices.Clone(next.Jobs)
	next.Jobs[6].State, next.Jobs[6].FilesFailed, next.Jobs[6].Err = backend.JobQueued, 0, nil
	next.Jobs[0].FilesFailed = 0
	d.give(SnapshotMsg{next})
	if s := d.screen(); !strings.Contains(s, "No transfer is failed now") || !strings.Contains(s, "esc shows all") {
		t.Errorf("nothing is left, and it says\n%s", s)
	}
	if d.why(keymap.JobPause) == "" || d.why(keymap.JobPauseAll) != "" || d.why(keymap.JobsClear) != "" {
		t.Errorf("one %q, all %q, clear %q", d.why(keymap.JobPause), d.why(keymap.JobPauseAll), d.why(keymap.JobsClear))
	}
	d.do(keymap.EscapeLevel)
	if s := d.screen(); !strings.Contains(s, "notes.txt") || strings.Contains(s, "only") {
		t.Errorf("not all again:\n%s", s)
	}
}

func TestMarksDoNotOutliveTheirRows(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.do(keymap.MarkAll)
	d.choose(keymap.JobFilter, int(pausedOnly))
	d.do(keymap.JobPause)
	d.wants("resume 4")
}

func TestConcurrency(t *testing.T) {
	q := busy()
	q.snap.Requests = 12
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.do(keymap.JobWidth)
	if !strings.Contains(d.screen(), "Now 12 requests may run at a time") {
		t.Errorf("it does not say how many run:\n%s", d.screen())
	}
	d.do(keymap.PickClose)
	d.choose(keymap.JobWidth, 3)
	d.wants("requests 4")
	if !strings.Contains(d.screen(), "at most 4 requests") {
		t.Errorf("not shown:\n%s", d.screen())
	}
	d.do(keymap.JobWidth)
	if !strings.Contains(d.screen(), "▌ at most 4") {
		t.Errorf("the menu does not start on the bound in force:\n%s", d.screen())
	}
}

func TestALimitCanBeTyped(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.choose(keymap.JobLimit, len(limits))
	for _, r := range "2.5 MB" {
		d.run(d.top().Update(press(r)))
	}
	d.do(keymap.Submit)
	d.wants("limit 2500000")
	d.do(keymap.JobLimit)
	if !strings.Contains(d.screen(), "another limit, now 2.5 MB/s") {
		t.Errorf("not shown:\n%s", d.screen())
	}
	for text, want := range map[string]int64{"10MB/s": 1e7, "500 KiB": 512000, "1000": 1000, "0": 0, "900": -1, "fast": -1, "": -1, "-3 MB": -1} {
		if n, ok := rateOf(text); n != want && ok || ok != (want >= 0) {
			t.Errorf("%q: %d, %v", text, n, ok)
		}
	}
}

func TestOneFailedFileIsTriedAgain(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(1)
	d.do(keymap.Enter)
	if d.why(keymap.ItemRetry) == "" {
		t.Error("a file that is under way can be tried again")
	}
	d.do(keymap.Last)
	if s := d.screen(); !strings.Contains(s, "r retry the file") || !strings.Contains(s, "@ log in") {
		t.Errorf("the keys that help are not shown:\n%s", s)
	}
	d.do(keymap.ItemRetry)
	d.wants("retry 1 3")
	d.do(keymap.ItemsRetry)
	d.wants("retry 1")
	d.do(keymap.CopyText)
	if !strings.Contains(d.text, "write permission") {
		t.Errorf("copied %q", d.text)
	}
}

func TestContentsOfOneSizeAreCompared(t *testing.T) {
	sum := func(text string) backend.Checksums {
		s, _ := contents{"x": text}.Checksums(t.Context(), "x")
		return s
	}
	ask := func(site backend.Checksums, local string) *driver {
		q := busy()
		j := &q.snap.Jobs[8]
		j.Items = j.Items[:1]
		it := &j.Items[0]
		it.Existing.Size, it.Existing.Checksums = it.Source.Size, site
		q.files = contents{it.Source.Path: local, it.Existing.Path: "a\nb\nc\n"}
		d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
		d.to(9)
		d.do(keymap.Enter)
		return d
	}
	if s := ask(sum("abc"), "abc").screen(); !strings.Contains(s, "content      is the same, MD5 900150983c") {
		t.Errorf("the same:\n%s", s)
	}
	if s := ask(sum("abc"), "abd").screen(); !strings.Contains(s, "content      differs, MD5 900150983c… there, 4911e516e5… to come") {
		t.Errorf("another content:\n%s", s)
	}
	if s := ask(backend.Checksums{}, "abc").screen(); !strings.Contains(s, "the site has no checksum of it") {
		t.Errorf("no checksum:\n%s", s)
	}

	d := ask(sum("x"), "a\nB\nc\n")
	d.do(keymap.AnswerCompare)
	s := d.screen()
	for _, want := range []string{"difference: q3.xlsx", "- there", "+ to come", "-b", "+B", " a"} {
		if !strings.Contains(s, want) {
			t.Errorf("the difference does not say %q:\n%s", want, s)
		}
	}
	d.do(keymap.CloseBox)
	if !strings.Contains(d.screen(), "exists already") {
		t.Errorf("the question is gone:\n%s", d.screen())
	}
	d.wants()
}

func TestDifferences(t *testing.T) {
	th := environment(t).Theme
	p := pair{there: backend.Entry{Size: 40}, come: backend.Entry{Size: 40}}
	bin := func(at int) []byte {
		b := make([]byte, 40)
		b[at] = 0xff
		return b
	}
	// A line of a text may look like the head of a difference.
	all := strings.Join(differences(th, p, []byte("a\n-- b\n"), []byte("a\n++ c\n")), "\n")
	for _, want := range []string{"--- b", "+++ c", " a"} {
		if !strings.Contains(all, want) {
			t.Errorf("the difference does not say %q:\n%s", want, all)
		}
	}
	if all = strings.Join(differences(th, p, []byte("\xef\xbb\xbfa"), []byte("a")), "\n"); !strings.Contains(all, "differ first at byte 0") && !strings.Contains(all, "+a") {
		t.Errorf("with and without a mark of its encoding: %s", all)
	}
	all = strings.Join(differences(th, p, bin(20), bin(21)), "\n")
	if !strings.Contains(all, "first at byte 20. From byte 16 on") || !strings.Contains(all, "- 00 00 00 00 ff") {
		t.Errorf("bytes:\n%s", all)
	}
	if all = strings.Join(differences(th, p, bin(3), bin(3)), "\n"); !strings.Contains(all, "same, byte for byte") {
		t.Errorf("the same:\n%s", all)
	}
	p.there.Size = 1000
	if all = strings.Join(differences(th, p, bin(3), bin(3)), "\n"); !strings.Contains(all, "These parts are the same") || !strings.Contains(all, "the first 40 B of 1.0 kB") {
		t.Errorf("the same beginning:\n%s", all)
	}
	if all = strings.Join(differences(th, p, bin(3)[:16], bin(3)), "\n"); !strings.Contains(all, "- ends here") {
		t.Errorf("a shorter one:\n%s", all)
	}
}

func TestSummary(t *testing.T) {
	job := func(files int, bytes int64, v backend.Verification, from, to time.Duration) backend.JobSnapshot {
		return backend.JobSnapshot{
			Label: "x", State: backend.JobDone, FilesDone: files, FilesTotal: files, BytesDone: bytes, Verified: v,
			Started: noon.Add(from), Ended: noon.Add(to),
		}
	}
	failed := job(1, 10, backend.Verified, 0, time.Second)
	failed.State, failed.FilesFailed = backend.JobFailed, 4
	for _, n := range []string{"a.txt", "b.txt", "c.txt"} {
		failed.Items = append(failed.Items, backend.ItemSnapshot{Name: n, State: backend.JobFailed, Err: errors.New("no")})
	}
	gone := backend.JobSnapshot{Label: "contract.pdf", State: backend.JobFailed, FilesFailed: 1}
	for _, c := range []struct {
		jobs []backend.JobSnapshot
		want string
		well bool
	}{
		{[]backend.JobSnapshot{job(8, 2e9, backend.Verified, 0, 30*time.Second), job(4, 3e8, backend.Verified, 10*time.Second, 41*time.Second)}, "12 files, 2.3 GB in 41 s, all verified", true},
		{[]backend.JobSnapshot{job(1, 10, backend.Verified, 0, 300*time.Millisecond)}, "1 file, 10 B in 0.3 s, verified", true},
		{[]backend.JobSnapshot{job(1, 10, backend.Verified, 0, 90*time.Second), job(1, 10, backend.SizeOnly, 0, 0)}, "2 files, 20 B in 1:30, only their size checked", true},
		{[]backend.JobSnapshot{job(1, 10, backend.Verified, 0, 5*time.Second), job(1, 10, backend.Verified, 3*time.Second, 4*time.Second), job(1, 10, backend.Verified, time.Hour, time.Hour+2*time.Second)}, "3 files, 30 B in 7.0 s, all verified", true},
		{[]backend.JobSnapshot{failed}, "4 failed: a.txt, b.txt and 2 others; 1 file, 10 B in 1.0 s, verified", false},
		{[]backend.JobSnapshot{gone}, "1 failed: contract.pdf; 0 files, 0 B", false},
		{[]backend.JobSnapshot{{Label: "d", State: backend.JobDone, Links: 2}, {State: backend.JobDone, Links: 1}}, "0 files, 0 B, 3 links left out", true},
		{[]backend.JobSnapshot{{State: backend.JobCancelled}}, "0 files, 0 B, 1 transfer cancelled", false},
	} {
		if got, well := Summary(c.jobs); got != c.want || well != c.well {
			t.Errorf("got %q, %v, want %q", got, well, c.want)
		}
	}
}

func TestWaitsAreShownWithTheirTime(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	q.snap.Seq, q.snap.Hold = 2, 3500*time.Millisecond
	d.give(SnapshotMsg{q.snap})
	if s := d.screen(); !strings.Contains(s, "asks to slow down; goes on in 4 s") || !strings.Contains(s, "waits 4 s, 1 failed") || !strings.Contains(s, "waits 4 s, 900 MB of 10.0 GB") {
		t.Errorf("a wait for the site:\n%s", s)
	}
	q.snap.Seq, q.snap.Hold, q.snap.Parked, q.snap.TryAgain = 3, 0, "The site cannot be reached.", 12*time.Second
	q.snap.Jobs[0].State = backend.JobParked
	d.give(SnapshotMsg{q.snap})
	if s := d.screen(); !strings.Contains(s, "‖ The site cannot be reached; tries again in 12 s") || !strings.Contains(s, "waits 12 s, 1 failed") {
		t.Errorf("parked:\n%s", s)
	}
	d.to(1)
	d.do(keymap.Enter)
	d.sees("waits: the site cannot be reached; tries again in 12 s")
}

// Every state begins with its word, and says the same in the same words: how far
// it is where it stands still, how it was checked where it is done. The second is
// what is said where there is less room.
func TestTheWordsOfTheStates(t *testing.T) {
	one := backend.JobSnapshot{State: backend.JobRunning, FilesTotal: 1, BytesDone: 33e6, BytesTotal: 300e6, Items: []backend.ItemSnapshot{{ID: 1, State: backend.JobRunning, Note: "part 14 of 160"}}}
	many := backend.JobSnapshot{State: backend.JobRunning, FilesTotal: 1200, FilesDone: 130, BytesDone: 33e6, BytesTotal: 300e6}
	as := func(j backend.JobSnapshot, s backend.JobState, more ...func(*backend.JobSnapshot)) backend.JobSnapshot {
		j.State = s
		if s == backend.JobDone {
			j.Items, j.FilesDone, j.Verified = nil, j.FilesTotal, backend.SizeOnly
		}
		for _, f := range more {
			f(&j)
		}
		return j
	}
	asking := func(j *backend.JobSnapshot) { j.Asking = 2 }
	waits := func(j *backend.JobSnapshot) { j.Waiting = true }
	failed := func(j *backend.JobSnapshot) { j.FilesFailed = 2 }
	checking := func(j *backend.JobSnapshot) { j.Checking, j.Rate, j.Left = true, 2e6, time.Minute }
	for _, c := range []struct {
		job         backend.JobSnapshot
		hold        time.Duration
		line, brief string
	}{
		{as(one, backend.JobPaused), 0, "paused, 33.0 MB of 300 MB", ""},
		{as(many, backend.JobPaused), 0, "paused, 130 of 1,200 files", ""},
		{as(many, backend.JobPaused, asking), 0, "paused, 2 files exist: enter answers", "paused, 2 files exist"},
		{as(many, backend.JobPaused, failed, func(j *backend.JobSnapshot) { j.Cut = 9e6 }), 0, "", "paused, 2 failed, 9.0 MB go again"},
		{as(one, backend.JobParked), 0, "waits, 33.0 MB of 300 MB", ""},
		{as(many, backend.JobRunning, failed), 12 * time.Second, "waits 12 s, 130 of 1,200 files, 2 failed", "waits 12 s, 2 failed"},
		{as(many, backend.JobRunning), 12 * time.Second, "waits 12 s, 130 of 1,200 files", "waits 12 s, 130 of 1,200"},
		{as(many, backend.JobRunning, checking), 0, "checked again: 130 of 1,200 files", "checked again: 130 of 1,200"},
		{as(one, backend.JobRunning, checking), 0, "checked again: 0 of 1 file", ""},
		{as(many, backend.JobPaused, checking), 0, "paused, 130 of 1,200 files", ""},
		{as(many, backend.JobRunning, waits), 12 * time.Second, "waits 12 s, 130 of 1,200 files", "waits 12 s, 130 of 1,200"},
		{as(many, backend.JobRunning, waits), 0, "waits its turn, 130 of 1,200 files", "waits its turn, 130 of 1,200"},
		{as(many, backend.JobRunning, waits, failed), 0, "waits its turn, 130 of 1,200 files, 2 failed", "waits its turn, 2 failed"},
		{as(one, backend.JobRunning, waits), 0, "waits its turn, 33.0 MB of 300 MB", ""},
		{as(one, backend.JobRunning, waits, func(j *backend.JobSnapshot) { j.BytesDone = 0 }), 0, "waits its turn", "waits its turn"},
		{as(one, backend.JobQueued), 0, "waits its turn", "waits its turn"},
		{as(many, backend.JobCancelled), 0, "cancelled, 130 of 1,200 files arrived", "cancelled, 130 of 1,200 arrived"},
		{as(one, backend.JobCancelled), 0, "cancelled", ""},
		{as(one, backend.JobDone), 0, "size only, 300 MB", ""},
		{as(one, backend.JobDone, func(j *backend.JobSnapshot) { j.Verified = backend.Mismatch }), 0, "content differs, 300 MB", ""},
		{
			as(many, backend.JobDone, func(j *backend.JobSnapshot) { j.FilesDone, j.FilesSkipped, j.Links = 1199, 1, 2 }), 0,
			"size only, 1,199 of 1,200 files, 300 MB, 1 left out, 2 links left out", "size only, 3 left out",
		},
		{as(one, backend.JobDone, func(j *backend.JobSnapshot) { j.FilesDone, j.FilesSkipped, j.Links = 0, 1, 2 }), 0, "1 file and 2 links left out", ""},
	} {
		l := newList(environment(t), &queue{}, (&queue{}).sides())
		l.snap.Hold = c.hold
		if got := l.state(c.job); c.line != "" && got != c.line {
			t.Errorf("%q, want %q", got, c.line)
		}
		if got := l.gist(c.job); c.brief != "" && got != c.brief {
			t.Errorf("in brief %q, want %q", got, c.brief)
		}
		if c.job.Checking && l.speed(c.job)+l.left(c.job) != "" {
			t.Errorf("what is checked has speed %q and time left %q", l.speed(c.job), l.left(c.job))
		}
	}
}

func TestOneFileIsPausedAndLeftOut(t *testing.T) {
	q := busy()
	q.snap.Jobs[0].Held = 1
	q.snap.Jobs[0].Items = append(q.snap.Jobs[0].Items, backend.ItemSnapshot{ID: 4, Name: "held.pdf", State: backend.JobPaused, Note: "paused"})
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(1)
	d.do(keymap.Enter)
	if !strings.Contains(d.screen(), "1 failed, 1 paused") {
		t.Errorf("it does not count the paused file:\n%s", d.screen())
	}
	d.do(keymap.ItemPause)
	d.wants("pause 1 1")
	d.do(keymap.ItemSkip)
	if s := d.screen(); !strings.Contains(s, "Leave this file out?") || !strings.Contains(s, "invoice-4813.pdf") {
		t.Errorf("it does not ask:\n%s", s)
	}
	d.do(keymap.CloseBox)
	d.wants()
	d.do(keymap.ItemSkip, keymap.Yes)
	d.wants("skip 1 1")
	d.do(keymap.Down, keymap.Down)
	if d.why(keymap.ItemPause) == "" || d.why(keymap.ItemSkip) != "" {
		t.Errorf("a failed file: pause %q, leave out %q", d.why(keymap.ItemPause), d.why(keymap.ItemSkip))
	}
	d.do(keymap.Down, keymap.ItemPause)
	d.wants("resume 1 4")

	d = drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(6)
	d.do(keymap.Enter)
	if d.why(keymap.ItemPause) == "" || d.why(keymap.ItemSkip) == "" {
		t.Error("there is no file, and it can be paused or left out")
	}
}

// row is the first line of the screen that has a text.
func (d *driver) row(text string) string {
	for l := range strings.Lines(d.screen()) {
		if strings.Contains(l, text) {
			return l
		}
	}
	return ""
}

// What has begun and waits for its turn looks like what has not: no speed, no time
// left, and nothing of a bar where nothing has been done. It counts as waiting.
func TestWhatWaitsForItsTurn(t *testing.T) {
	q := busy()
	j := &q.snap.Jobs[1]
	j.Waiting, j.Items[0].Waiting = true, true
	for _, w := range []int{120, 80} {
		d := drive(t, q, New(environment(t), q, q.sides()), w, 33)
		row := d.row("backup.tar.zst")
		if !strings.Contains(row, "waits its turn, 900") || !strings.Contains(row, " 9 % ") || strings.Contains(row, "/s") || strings.Contains(row, "11:00") {
			t.Errorf("at %d: %q", w, row)
		}
		d.sees("3 running · 2 waiting")
	}
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(2)
	d.do(keymap.Enter)
	if s := d.screen(); strings.Count(s, "waits its turn, 900 MB of 10.0 GB") != 2 || strings.Contains(s, "begun") {
		t.Errorf("the transfer and its file:\n%s", s)
	}
	d.do(keymap.CloseBox)
	d.choose(keymap.JobFilter, int(waiting))
	if s := d.screen(); !strings.Contains(s, "backup.tar.zst") || !strings.Contains(s, "notes.txt") {
		t.Errorf("what waits:\n%s", s)
	}
	d.do(keymap.EscapeLevel)
	d.choose(keymap.JobFilter, int(atWork))
	if s := d.screen(); strings.Contains(s, "backup.tar.zst") || !strings.Contains(s, "invoices/") {
		t.Errorf("what runs:\n%s", s)
	}
	d.do(keymap.EscapeLevel)
	j.BytesDone, q.snap.Seq = 0, 2
	d.give(SnapshotMsg{q.snap})
	if row := d.row("backup.tar.zst"); strings.Contains(row, "%") || strings.Contains(row, "of 10.0") || !strings.Contains(row, "waits its turn") {
		t.Errorf("not begun: %q", row)
	}
}

func TestAPausedTransferIsNotCountedAsWaiting(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	if s := d.screen(); !strings.Contains(s, "1 waiting") || !strings.Contains(s, "1 paused") {
		t.Errorf("counted otherwise:\n%s", s)
	}
}

func TestWhatAFileIsAt(t *testing.T) {
	it := backend.ItemSnapshot{State: backend.JobRunning, Note: "part 18 of 18", Done: 169e6, Size: 300e6}
	for _, c := range []struct {
		done int64
		note string
		want string
	}{
		{169e6, "part 18 of 18", "169 MB of 300 MB, 18 of 18 parts begun"},
		{300e6, "part 18 of 18", "all is across, being finished and checked"},
		{300e6, "waits for the site's checksum", "waits for the site's checksum, 300 MB of 300 MB"},
		{0, "range 1 of 3", "0 B of 300 MB, 1 of 3 ranges begun"},
	} {
		it.Done, it.Note = c.done, c.note
		if got := (&fileList{}).line(it); got != c.want {
			t.Errorf("%d, %s: %q, want %q", c.done, c.note, got, c.want)
		}
	}
}

// Files that were left out are not among those that were checked.
func TestTheStateCountsWhatWasMoved(t *testing.T) {
	l := &list{}
	for want, j := range map[string]backend.JobSnapshot{
		"2 files left out": {FilesTotal: 2, FilesSkipped: 2},
		"verified, 2 of 400 files, 10 B, 398 left out": {FilesTotal: 400, FilesDone: 2, FilesSkipped: 398, BytesTotal: 10, Verified: backend.Verified},
	} {
		j.State = backend.JobDone
		if got := l.doneLine(j, 0); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A digit typed in the menus of bandwidth and requests begins a value of one's own.
func TestDigitsAreAValue(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	typed := func(keys string) {
		t.Helper()
		for _, r := range keys {
			d.run(d.top().Update(press(r)))
		}
	}
	d.do(keymap.JobLimit)
	typed("7")
	d.sees("Bytes per second", "7")
	d.do(keymap.Submit)
	d.wants() // seven bytes a second is nothing that anybody means
	d.sees("at least 1 kB")
	typed(" MB")
	d.do(keymap.Submit)
	d.wants("limit 7000000")
	d.do(keymap.JobWidth)
	typed("12")
	d.do(keymap.Submit)
	d.wants("requests 12")
	d.do(keymap.JobWidth)
	d.sees("another number, now 12: type it")
}
