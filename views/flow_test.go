package views

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/views/transfers"
)

func snapshotOf(running int, jobs ...backend.JobSnapshot) transfers.SnapshotMsg {
	return transfers.SnapshotMsg{TransferSnapshot: backend.TransferSnapshot{Running: running, Jobs: jobs}}
}

func running(id backend.JobID, done, total int64) backend.JobSnapshot {
	return backend.JobSnapshot{
		ID: id, Label: "x", State: backend.JobRunning, BytesDone: done, BytesTotal: total, FilesDone: 1, FilesTotal: 2,
	}
}

// messages runs a command with all it leads to.
func messages(cmd tea.Cmd) []tea.Msg {
	if cmd == nil {
		return nil
	}
	m := cmd()
	if batch, ok := m.(tea.BatchMsg); ok {
		var out []tea.Msg
		for _, c := range batch {
			out = append(out, messages(c)...)
		}
		return out
	}
	return []tea.Msg{m}
}

func TestTheTerminalShowsProgressWhileItLasts(t *testing.T) {
	a, _ := withProbe(t)
	give := func(m transfers.SnapshotMsg, want *tea.ProgressBar) {
		t.Helper()
		a.Update(m)
		got := a.View().ProgressBar
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	give(snapshotOf(0), nil)
	one, two := running(1, 50, 100), running(2, 0, 100)
	give(snapshotOf(2, one, two), tea.NewProgressBar(tea.ProgressBarDefault, 25))
	ended := one
	ended.State, ended.BytesDone = backend.JobDone, 100
	give(snapshotOf(1, ended, two), tea.NewProgressBar(tea.ProgressBarDefault, 50)) // it does not go back
	scanning := two
	scanning.Scanning = true
	give(snapshotOf(1, ended, scanning), tea.NewProgressBar(tea.ProgressBarIndeterminate, 0))
	paused := two
	paused.State = backend.JobPaused
	m := snapshotOf(0, ended, paused)
	m.Waiting = 1
	give(m, tea.NewProgressBar(tea.ProgressBarWarning, 50))
	m = snapshotOf(1, ended, two)
	m.Failed = 1
	give(m, tea.NewProgressBar(tea.ProgressBarError, 50))
	two.State = backend.JobDone
	give(snapshotOf(0, ended, two), nil)
}

func TestFinishingShowsHowFarItIsAndLetsOneBack(t *testing.T) {
	a, _ := withProbe(t)
	a.sess.Queue = &noQueue{}
	a.env.Sleep = func(context.Context, time.Duration) error { return context.Canceled }
	press := func(k string) {
		_, cmd := a.Update(key(k))
		for _, m := range messages(cmd) {
			a.Update(m)
		}
	}
	a.Update(snapshotOf(2, running(1, 50, 100), running(2, 0, 100)))
	press("q")
	press("f")
	want := func(texts ...string) {
		t.Helper()
		for _, x := range texts {
			if s := screenOf(a); !strings.Contains(s, x) {
				t.Errorf("it does not say %q:\n%s", x, s)
			}
		}
	}
	want("Quits when the transfers are done", "2 transfers are left: 2 of 4 files, 50 B of 200 B", "25 %", "esc back to work")
	a.Update(snapshotOf(1, running(2, 80, 100)))
	want("1 transfer is left: 1 of 2 files, 80 B of 100 B")
	press("esc")
	if s := screenOf(a); a.draining || strings.Contains(s, "Quits when") {
		t.Errorf("it is not back to work:\n%s", s)
	}
	press("q")
	press("f")
	done := running(2, 100, 100)
	done.State, done.FilesDone = backend.JobDone, 2
	_, cmd := a.Update(snapshotOf(0, done))
	quit := false
	for _, m := range messages(cmd) {
		if _, ok := m.(tea.QuitMsg); ok {
			quit = true
		}
	}
	if !quit {
		t.Error("it does not quit at the end")
	}
	if f := a.Farewell(); f != "Uploaded x, 2 files, 100 B, not verified" {
		t.Errorf("the farewell is %q", f)
	}
}

func TestAQuestionComesOverTheWaitForTheEnd(t *testing.T) {
	a, _ := withProbe(t)
	a.sess.Queue = &noQueue{}
	a.Update(snapshotOf(1, running(1, 50, 100)))
	a.drain(drainMsg{true})
	j := running(1, 50, 100)
	here := &backend.Entry{Name: "a.txt", Size: 1}
	come := &backend.Entry{Name: "a.txt", Size: 2}
	j.Asking, j.Items = 1, []backend.ItemSnapshot{{ID: 1, Name: "a.txt", State: backend.JobPaused, Existing: here, Source: come}}
	_, cmd := a.Update(snapshotOf(1, j))
	for _, m := range messages(cmd) {
		a.Update(m)
	}
	if !strings.Contains(screenOf(a), "a.txt exists already") {
		t.Errorf("nobody can answer:\n%s", screenOf(a))
	}
}

func TestManyEndsAtOnceAreOneLine(t *testing.T) {
	a, p := withProbe(t)
	jobs := make([]backend.JobSnapshot, 20)
	for i := range jobs {
		jobs[i] = running(backend.JobID(i+1), 5, 5)
		jobs[i].From = backend.Location{Side: backend.Local, Path: "/w"}
		jobs[i].To = backend.Location{Side: backend.Remote, Path: "in"}
		jobs[i].State, jobs[i].Verified = backend.JobDone, backend.Verified
	}
	last := running(99, 0, 5)
	a.Update(snapshotOf(1, append(jobs, last)...))
	if len(a.log) != 1 || a.log[0].text != "20 transfers have ended: 20 files, 100 B, all verified" {
		t.Errorf("log %v", a.log)
	}
	told := 0
	for _, m := range p.got {
		if _, ok := m.(ui.ChangedMsg); ok {
			told++
		}
	}
	if told != 2 { // one a side
		t.Errorf("told %d times that folders changed", told)
	}
}

func TestCalls(t *testing.T) {
	raw := func(c Call) string {
		cmd := c.cmd("All done\x1b]0;x\a")
		if cmd == nil {
			return ""
		}
		m, _ := cmd().(tea.RawMsg)
		s, _ := m.Msg.(string)
		return s
	}
	if raw(CallNobody) != "" || raw(CallBell) != "\a" {
		t.Errorf("nobody %q, bell %q", raw(CallNobody), raw(CallBell))
	}
	got := raw(CallNotification)
	if !strings.HasPrefix(got, "\x1b]9;Ferry: All done") || strings.Count(got, "\x1b") != 2 || strings.Contains(got, "\a") {
		t.Errorf("notification %q", got)
	}
}

func TestABoxOverAnotherReachesTheGlobals(t *testing.T) {
	a, _ := withProbe(t)
	a.sess.Queue = &noQueue{}
	a.push(a.logBox())
	_, cmd := a.Update(ui.RunMsg{Action: keymap.SwitchSite})
	drain(a, cmd)
	if a.login == nil {
		t.Errorf("the login prompt did not open:\n%s", screenOf(a))
	}
}

func TestTheTopLineFits(t *testing.T) {
	a, _ := withProbe(t)
	a.sess.Account.Expires = a.env.Now().Add(6 * time.Hour)
	m := snapshotOf(1, running(1, 50, 100))
	m.Parked, m.TryAgain, m.UpRate, m.Limit = "The site cannot be reached.", 7*time.Second, 5e6, 6e6
	a.Update(m)
	a.Update(NetMsg{Latency: 12 * time.Millisecond})
	for w, want := range map[int][]string{
		160: {"ferry  demo", "12 ms", "5.0 MB/s of 6.0 MB/s", "tries again in 7 s", "session 6:00"},
		80:  {"ferry  demo", "tries again in 7 s"},
		60:  {"ferry  demo", "The site cannot be"},
	} {
		a.Update(tea.WindowSizeMsg{Width: w, Height: 30})
		line, _, _ := strings.Cut(screenOf(a), "\n")
		if n := cell.Width(line); n != w {
			t.Errorf("at %d it takes %d: %s", w, n, line)
		}
		for _, x := range want {
			if !strings.Contains(line, x) {
				t.Errorf("at %d it does not say %q: %s", w, x, line)
			}
		}
	}
}

// The top line counts as moving what moves; what waits for its turn stands beside
// it, where there is room.
func TestTheTopLineTellsWhatWaitsForItsTurn(t *testing.T) {
	a, _ := withProbe(t)
	a.sess.Account.Expires = a.env.Now().Add(6 * time.Hour)
	down, idle, queued := running(2, 0, 100), running(3, 0, 100), running(4, 0, 100)
	down.Direction, idle.Waiting, queued.State = backend.Download, true, backend.JobQueued
	m := snapshotOf(3, running(1, 50, 100), down, idle, queued)
	m.Waiting, m.UpRate = 1, 5e6
	a.Update(m)
	a.Update(NetMsg{Latency: 12 * time.Millisecond})
	for w, want := range map[int]string{
		120: "12 ms   ↑1 ↓1 5.0 MB/s   +2 waiting   session 6:00 ",
		72:  "12 ms   ↑1 ↓1 5.0 MB/s   session 6:00 ",
	} {
		a.Update(tea.WindowSizeMsg{Width: w, Height: 30})
		if line, _, _ := strings.Cut(screenOf(a), "\n"); !strings.HasSuffix(line, want) || cell.Width(line) != w {
			t.Errorf("at %d: %q", w, line)
		}
	}
	paused := running(5, 0, 100)
	paused.State = backend.JobPaused
	a.Update(snapshotOf(1, idle, paused))
	if bar := a.View().ProgressBar; bar == nil || bar.State == tea.ProgressBarWarning {
		t.Errorf("what waits for its turn stands still: %+v", bar)
	}
}
