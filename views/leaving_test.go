package views

import (
	"context"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/dialog"
	"ferry/views/transfers"
)

// noQueue counts what it was told to do.
type noQueue struct {
	Queue
	resumed bool
}

func (q *noQueue) ResumeAll() { q.resumed = true }

func TestFinishingBeforeQuittingCanBeTakenBack(t *testing.T) {
	a, _ := withProbe(t)
	q := &noQueue{}
	a.sess.Queue = q
	a.queue = backend.TransferSnapshot{Running: 1, Waiting: 1}
	press := func(k string) {
		_, cmd := a.Update(key(k))
		drain(a, cmd)
	}
	a.Update(key("q"))
	press("f")
	if !q.resumed || !a.draining {
		t.Errorf("paused ones are to be finished too: resumed %v, draining %v", q.resumed, a.draining)
	}
	a.Update(key("q"))
	a.quit()
	if n := len(a.stack.All()); n != 2 {
		t.Errorf("%d boxes: there should be how far it is, and one question", n)
	}
	press("s")
	if n := len(a.stack.All()); n != 0 {
		t.Errorf("%d boxes are left", n)
	}
	if a.draining {
		t.Error("it quits though one wanted to stay")
	}
	a.queue = backend.TransferSnapshot{}
	if cmd := a.drain(drainMsg{true}); cmd == nil || cmd() != tea.Quit() {
		t.Error("it waits for transfers that have ended while it asked")
	}
}

func TestTheDemoDoesNotPromiseToKeepTransfers(t *testing.T) {
	a, _ := withProbe(t)
	a.sess.Account.Demo = true
	a.queue = backend.TransferSnapshot{Running: 1}
	a.Update(key("q"))
	if s := screenOf(a); !strings.Contains(s, "keeps nothing") || strings.Contains(s, "next start") {
		t.Errorf("screen:\n%s", s)
	}
}

func TestAQuestionWaitsUntilNobodyTypes(t *testing.T) {
	a, p := withProbe(t)
	asleep(a)
	here := &backend.Entry{Name: "a.txt", Size: 1}
	asking := transfers.SnapshotMsg{TransferSnapshot: backend.TransferSnapshot{Running: 1, Jobs: []backend.JobSnapshot{{
		ID: 1, Label: "a.txt", State: backend.JobRunning, Asking: 1,
		Items: []backend.ItemSnapshot{{ID: 1, Name: "a.txt", State: backend.JobPaused, Existing: here, Source: here}},
	}}}}
	give := func(m tea.Msg) {
		_, cmd := a.Update(m)
		drain(a, cmd)
	}
	p.typing = true
	give(asking)
	give(key("o"))
	if _, over := a.stack.Top(); over {
		t.Fatal("the question took the keys from the text")
	}
	p.typing = false
	give(key("x"))
	if !strings.Contains(screenOf(a), "a.txt exists already") {
		t.Errorf("the question did not come:\n%s", screenOf(a))
	}

	a, _ = withProbe(t)
	asleep(a)
	box := dialog.Confirm(a.env, dialog.ConfirmSpec{Title: "Sure?"})
	give(ui.OpenMsg{Overlay: box})
	give(asking)
	if top, _ := a.stack.Top(); top != box {
		t.Error("the question came over another one")
	}
	give(ui.CloseMsg{Overlay: box})
	if !strings.Contains(screenOf(a), "a.txt exists already") {
		t.Errorf("the question did not come:\n%s", screenOf(a))
	}
}

// renewing renews every login.
type renewing struct{ noHost }

func (renewing) Renew(context.Context, *Session, backend.Credentials) (backend.Account, error) {
	return backend.Account{Site: "demo"}, nil
}

func TestARenewedLoginThatWasToBeSavedSaysThatItIsNot(t *testing.T) {
	r := &renewal{Host: renewing{}, session: &Session{}}
	for saveAs, said := range map[string]bool{"": false, "daily": true} {
		got, err := r.Login(t.Context(), backend.Credentials{}, saveAs)
		if err != nil || strings.Contains(got.Note, "not saved") != said {
			t.Errorf("saved as %q: %q, %v", saveAs, got.Note, err)
		}
	}
}

func TestAnotherSiteSaysWhatItStops(t *testing.T) {
	for demo, want := range map[bool]string{true: "Another site ends", false: "Another site stops them"} {
		a, _ := withProbe(t)
		a.sess.Account.Demo = demo
		if why := a.leftBehind(); why != "" {
			t.Errorf("nothing runs, and it says %q", why)
		}
		a.queue = backend.TransferSnapshot{Running: 2}
		a.do(keymap.SwitchSite)
		if s := strings.Join(strings.Fields(screenOf(a)), " "); !strings.Contains(s, "2 transfers are not finished") || !strings.Contains(s, want) {
			t.Errorf("demo %v:\n%s", demo, screenOf(a))
		}
	}
}

// The box that waits for the end of the transfers does not count none of them in
// its last moment.
func TestTheLastFrameOfFinishingCountsNothing(t *testing.T) {
	a, _ := withProbe(t)
	a.sess.Queue = &noQueue{}
	job := backend.JobSnapshot{ID: 1, Label: "a", State: backend.JobRunning, BytesDone: 30, BytesTotal: 100, FilesTotal: 1}
	a.queue = backend.TransferSnapshot{Running: 1, Jobs: []backend.JobSnapshot{job}}
	a.drain(drainMsg{true})
	job.State, job.BytesDone, job.FilesDone = backend.JobDone, 100, 1
	a.Update(transfers.SnapshotMsg{TransferSnapshot: backend.TransferSnapshot{Seq: 1, Jobs: []backend.JobSnapshot{job}}})
	if s := screenOf(a); !strings.Contains(s, "1 transfer is left") {
		t.Errorf("screen:\n%s", s)
	}
}

// What has ended while the question was open is told at the end, whatever the
// answer is.
func TestWhatEndedDuringTheQuestionIsTold(t *testing.T) {
	for _, answer := range []string{"p", "a", "f"} {
		a, _ := withProbe(t)
		a.sess.Queue = &noQueue{}
		job := backend.JobSnapshot{ID: 1, Label: "a", State: backend.JobRunning, BytesDone: 30, BytesTotal: 100, FilesTotal: 1}
		a.Update(transfers.SnapshotMsg{TransferSnapshot: backend.TransferSnapshot{Running: 1, Jobs: []backend.JobSnapshot{job}}})
		a.Update(key("q"))
		job.State, job.BytesDone, job.FilesDone = backend.JobDone, 100, 1
		a.Update(transfers.SnapshotMsg{TransferSnapshot: backend.TransferSnapshot{Seq: 1, Jobs: []backend.JobSnapshot{job}}})
		_, cmd := a.Update(key(answer))
		drain(a, cmd)
		if said := a.Farewell(); said != "Uploaded a, 100 B, not verified" {
			t.Errorf("%s: said %q", answer, said)
		}
	}
}

// lastQueue is closed: it knows what is kept.
type lastQueue struct {
	Queue
	last backend.TransferSnapshot
}

func (q *lastQueue) Snapshot() backend.TransferSnapshot { return q.last }

// Who pauses and quits is told on the terminal what waits, and how it goes on:
// as it is when the session is closed, since parts under way go again.
func TestWhatWaitsIsToldAtTheEnd(t *testing.T) {
	running := []backend.JobSnapshot{
		{ID: 1, State: backend.JobRunning, BytesDone: 30, BytesTotal: 100, FilesTotal: 1},
		{ID: 2, State: backend.JobQueued, BytesTotal: 100, FilesTotal: 1},
		{ID: 3, State: backend.JobDone, BytesDone: 500, BytesTotal: 500, FilesDone: 1, FilesTotal: 1},
	}
	for name, c := range map[string]struct {
		state backend.JobState // of the first, when the session is closed
		kept  int64
		want  string
	}{
		"all is kept":  {backend.JobRunning, 30, "2 transfers wait, at 15 % of 200 B. What has arrived is kept; log in to demo again to go on."},
		"parts go":     {backend.JobRunning, 10, "2 transfers wait, at 5 % of 200 B: 20 B of parts under way go again. What else has arrived is kept; log in to demo again to go on."},
		"nothing kept": {backend.JobRunning, 0, "2 transfers wait, at 0 % of 200 B: 30 B of parts under way go again. Log in to demo again to go on."},
		"one arrived":  {backend.JobDone, 100, "1 transfer waits, at 0 % of 100 B. Log in to demo again to go on."},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := withProbe(t)
			q := &lastQueue{}
			a.sess.Queue = q
			a.queue = backend.TransferSnapshot{Running: 1, Waiting: 1, Jobs: running}
			a.Update(key("q"))
			_, cmd := a.Update(key("p"))
			drain(a, cmd)
			q.last.Jobs = append([]backend.JobSnapshot(nil), running...)
			q.last.Jobs[0].State, q.last.Jobs[0].BytesDone = c.state, c.kept
			if said := a.Farewell(); said != c.want {
				t.Errorf("said %q, want %q", said, c.want)
			}
		})
	}
	if a, _ := withProbe(t); a.Farewell() != "" {
		t.Error("it says something though nothing waits")
	}
}

// A card spells a name as the panes do, and what is copied from it is the name
// itself.
func TestACardSpellsNamesAsPanesDo(t *testing.T) {
	a, _ := withProbe(t)
	name := "👨\u200d👩\u200d👧.txt"
	err := &backend.Error{Group: backend.NotFound, Type: "not-found", Op: "find", Path: "In/" + name}
	c := newCard(a.env, backend.Explain(err), err, nil)
	c.Resize(80, 20)
	if s := c.View(); !strings.Contains(s, "In/"+pathutil.DisplayName(name)) {
		t.Errorf("it is shown as\n%s", s)
	}
	if s := c.details(); !strings.Contains(s, "In/"+name) {
		t.Errorf("%q would be copied", s)
	}
}
