package transfers

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
)

// cursorOn is the transfer under the cursor of the screen.
func (d *driver) cursorOn() backend.JobID {
	j, _ := d.base.(*Screen).list.table.Cursor()
	return j.ID
}

// inState makes a snapshot of transfers by their states; the ended ones have
// ended in the order of their numbers.
func inState(seq uint64, states ...backend.JobState) SnapshotMsg {
	s := backend.TransferSnapshot{Seq: seq}
	for i, st := range states {
		j := backend.JobSnapshot{ID: backend.JobID(i + 1), Label: "x", State: st, FilesTotal: 1, Left: -1}
		if st.Ended() {
			j.Ended = noon.Add(time.Duration(i) * time.Second)
		}
		s.Jobs = append(s.Jobs, j)
	}
	return SnapshotMsg{s}
}

func TestWorkStandsBeforeWhatHasEnded(t *testing.T) {
	const done, failed, runs, waits = backend.JobDone, backend.JobFailed, backend.JobRunning, backend.JobQueued
	m := inState(2, failed, runs, done, waits, done)
	var got []backend.JobID
	for _, j := range foremost(m.Jobs) {
		got = append(got, j.ID)
	}
	if want := []backend.JobID{2, 4, 5, 3, 1}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	if sorted := foremost(m.Jobs[3:4]); &sorted[0] != &m.Jobs[3] {
		t.Error("what is in order was copied")
	}
}

// The cursor of a list that comes to the front is where the work is; a person who
// has moved it finds it on his row.
func TestTheCursorIsWhereTheWorkIs(t *testing.T) {
	q := &queue{}
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	shown := ui.ShownMsg{Route: ui.RouteTransfers}
	d.give(inState(2, backend.JobFailed))
	d.do(keymap.Down) // it is the person's row
	d.give(inState(3, backend.JobFailed, backend.JobRunning))
	if got := d.cursorOn(); got != 1 {
		t.Errorf("on %d: the cursor went away from its row", got)
	}
	d.give(shown)
	if got := d.cursorOn(); got != 2 {
		t.Errorf("on %d: shown again it is not where the work is", got)
	}
	d.give(inState(4, backend.JobFailed, backend.JobDone, backend.JobRunning))
	if got := d.cursorOn(); got != 3 {
		t.Errorf("on %d: it did not go on to what runs now", got)
	}
	d.give(inState(5, backend.JobFailed, backend.JobDone, backend.JobDone))
	if got := d.cursorOn(); got != 3 {
		t.Errorf("on %d: it left its row though nothing is running", got)
	}
}

// Several transfers move together: the one ahead makes room first, and at the end
// of the queue they do not change places with each other.
func TestSeveralTransfersMoveTogether(t *testing.T) {
	q := &queue{}
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.give(inState(2, backend.JobRunning, backend.JobDone, backend.JobQueued, backend.JobFailed, backend.JobQueued))
	for _, id := range []backend.JobID{3, 5} {
		d.to(id)
		d.do(keymap.Mark)
	}
	d.do(keymap.JobEarlier)
	d.wants("priority 3 -1", "priority 5 -1")
	// At the end they do not change places with each other, and that is said.
	if got := d.why(keymap.JobLater); got != "they are last in the queue already" {
		t.Errorf("later: %q", got)
	}
	d.give(inState(3, backend.JobDone, backend.JobDone, backend.JobQueued, backend.JobFailed, backend.JobQueued, backend.JobQueued))
	if got := d.why(keymap.JobEarlier); got != "they are first in the queue already" {
		t.Errorf("earlier: %q", got)
	}
	d.do(keymap.JobLater)
	d.wants("priority 5 1", "priority 3 1")
}

// A key that would do nothing says why, on the screen and in the drawer.
func TestAMoveThatIsNotPossibleSaysWhy(t *testing.T) {
	q := &queue{}
	for name, c := range map[string]ui.Component{
		"screen": New(environment(t), q, q.sides()), "drawer": NewDrawer(environment(t), q, q.sides()),
	} {
		d := drive(t, q, c, 120, 33)
		at := func(first, last string, states ...backend.JobState) {
			t.Helper()
			q.snap.Seq++
			d.give(inState(q.snap.Seq+1, states...))
			for _, end := range []struct {
				to, act keymap.Action
				want    string
			}{{keymap.First, keymap.JobEarlier, first}, {keymap.Last, keymap.JobLater, last}} {
				d.do(end.to)
				if got := d.why(end.act); got != end.want {
					t.Errorf("%s: %s of %v: %q, want %q", name, end.act, states, got, end.want)
				}
			}
		}
		const runs, done = backend.JobRunning, backend.JobDone
		at("it is first in the queue already", "it is last in the queue already", runs, backend.JobQueued, backend.JobPaused)
		at("there is no other transfer to change places with", "there is no other transfer to change places with", runs)
		at("it is first in the queue already", "it has ended", done, runs, done, runs)
		d.do(keymap.Up, keymap.Up)
		if got := d.why(keymap.JobLater); got != "it is last in the queue already" {
			t.Errorf("%s: the last that has not ended: %q", name, got)
		}
	}
}

// What stands for a search that failed is no file that can be left out.
func TestAFailedSearchIsNoFile(t *testing.T) {
	q := busy()
	q.snap.Jobs[6].Items = []backend.ItemSnapshot{{Name: "contracts", State: backend.JobFailed, Err: q.snap.Jobs[6].Err}}
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(7)
	d.do(keymap.Enter)
	if got := d.why(keymap.ItemSkip); !strings.Contains(got, "was not found yet; R looks again") {
		t.Errorf("leave out: %q", got)
	}
}

// Where speed and time left have no columns the state tells them, before the
// count of files.
func TestANarrowListTellsThePace(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 80, 21)
	d.sees("46 %  38.1 MB/s    2:04  1 failed", " 9 %  12.0 MB/s   11:00", "2 files exist")
	d.base.Resize(120, 33)
	d.sees("4,812 of 10,302 files, 1 failed")
}

// With all bytes across there is no pace: what is waited for is said.
func TestANarrowListTellsWhatIsFinished(t *testing.T) {
	q := busy()
	j := &q.snap.Jobs[1]
	j.BytesDone, j.Rate, j.Left = j.BytesTotal, 0, 0
	d := drive(t, q, New(environment(t), q, q.sides()), 80, 21)
	d.sees("99 %  being finished and checked")
}

// How long the last bytes take that were handed over, and the site, nobody knows.
func TestNoTimeIsLeftOnceAllIsHandedOver(t *testing.T) {
	q := busy()
	j := &q.snap.Jobs[1]
	j.BytesDone, j.Left = j.BytesTotal, 0
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	if row := d.row("backup.tar.zst"); strings.Contains(row, "0:00") || !strings.Contains(row, "being finished and checked") {
		t.Errorf("got %q", row)
	}
}

func TestAPausedTransferTellsWhatGoesAgain(t *testing.T) {
	l := &list{}
	j := backend.JobSnapshot{State: backend.JobPaused, FilesTotal: 1, BytesDone: 33e6, BytesTotal: 300e6, Cut: 9e6}
	if got, want := l.state(j), "paused, 33.0 MB of 300 MB, 9.0 MB of parts begun go again"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What is left where there is no room is what has a column of its own.
func TestAPausedTransferIsToldShortly(t *testing.T) {
	q := busy()
	q.snap.Jobs[3].Cut = 9e6
	d := drive(t, q, New(environment(t), q, q.sides()), 100, 21)
	d.sees("43 %", "paused, 9.0 MB go again")
}

func TestTheDetailsOfAPausedTransfer(t *testing.T) {
	q := busy()
	j := &q.snap.Jobs[0]
	j.State = backend.JobPaused
	for i := range j.Items[:2] {
		j.Items[i].State = backend.JobQueued
		j.Items[i].Note = ""
	}
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(1)
	d.do(keymap.Enter)
	d.sees("Last began", "40.0 MB of 900 MB")
	if s := d.screen(); strings.Contains(s, "Runs since") {
		t.Errorf("it is said to run:\n%s", s)
	}
}

// The words behind the first of several sources are no name: their blank is none
// that could be overlooked.
func TestTheNameOfATransferOfSeveralSources(t *testing.T) {
	for label, want := range map[string]string{
		"Documents/ and 5 others": "Documents/ and 5 others", "a /and 1 other": "a␠/and 1 other", "a  and 1 other": "a␠ and 1 other", " a/": "␠a/",
	} {
		if got := Label(&backend.JobSnapshot{Label: label}); got != want {
			t.Errorf("%q is shown as %q, want %q", label, got, want)
		}
	}
}

// A blank at the end makes another file of a name: it is seen everywhere.
func TestBlanksAtTheEndsOfNamesAreSeen(t *testing.T) {
	q := busy()
	q.snap.Jobs[0].Label, q.snap.Jobs[0].Items[0].Name = "invoices ", "a /b"
	q.snap.Jobs[0].To.Path = "Finance/x "
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(1)
	d.sees("invoices␠")
	d.do(keymap.Enter)
	d.sees("invoices␠", "a␠/b", "/Finance/x␠")
	c := q.snap.Jobs[8]
	c.Items[0].Name = "q3 "
	box := newConflict(d.top().(*details).list.env, q, q.sides(), c)
	box.Resize(100, 30)
	if s := cell.Strip(box.View()); !strings.Contains(s, "q3␠ exists already") {
		t.Errorf("not in the question:\n%s", s)
	}
	failed := backend.JobSnapshot{State: backend.JobFailed, FilesFailed: 1, FilesTotal: 1, Label: "c "}
	if line, _ := Summary([]backend.JobSnapshot{failed}); !strings.Contains(line, "c␠") {
		t.Errorf("not in %q", line)
	}
}

func TestWhatCannotBeVerifiedSaysWhy(t *testing.T) {
	q := busy()
	d := drive(t, q, New(environment(t), q, q.sides()), 120, 33)
	d.to(8)
	if d.why(keymap.JobVerify) != "it was cancelled" {
		t.Errorf("cancelled: %q", d.why(keymap.JobVerify))
	}
	d.to(6)
	if d.why(keymap.JobVerify) != "" {
		t.Errorf("done: %q", d.why(keymap.JobVerify))
	}
	next := q.snap
	next.Seq, next.Jobs = 2, slices.Clone(next.Jobs)
	next.Jobs[5].Move = true
	d.give(SnapshotMsg{next})
	if d.why(keymap.JobVerify) != "" {
		t.Errorf("a move of which a file was not proved: %q", d.why(keymap.JobVerify))
	}
	next.Seq, next.Jobs = 3, slices.Clone(next.Jobs)
	next.Jobs[5].FilesVerified = 1
	d.give(SnapshotMsg{next})
	if !strings.Contains(d.why(keymap.JobVerify), "source was deleted") {
		t.Errorf("a move that is proved: %q", d.why(keymap.JobVerify))
	}
}
