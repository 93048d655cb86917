package views

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
	"ferry/views/login"
	"ferry/views/syncplan"
	"ferry/views/transfers"
)

// probe is a screen that remembers what it was asked.
type probe struct {
	set    keymap.Set
	typing bool
	did    []keymap.Action
	then   tea.Cmd // of every action
	got    []tea.Msg
	w, h   int
}

func (p *probe) Init() tea.Cmd              { return nil }
func (p *probe) Update(m tea.Msg) tea.Cmd   { p.got = append(p.got, m); return nil }
func (p *probe) Do(a keymap.Action) tea.Cmd { p.did = append(p.did, a); return p.then }
func (p *probe) Keys() keymap.Set           { return p.set }
func (p *probe) Typing() bool               { return p.typing }
func (p *probe) View() string               { return cell.Block("probe", p.w, p.h) }
func (p *probe) Resize(w, h int)            { p.w, p.h = w, h }
func (p *probe) has(want func(tea.Msg) bool) bool {
	for _, m := range p.got {
		if want(m) {
			return true
		}
	}
	return false
}

// noSite and noDisk are a site and a disk that nobody looks at.
type (
	noSite struct{ Site }
	noDisk struct{ Disk }
)

func (noDisk) Home() string { return "/home/demo" }

// noHost refuses every login.
type noHost struct{}

func (noHost) Login(context.Context, backend.Credentials, string) (login.Opened[*Session], error) {
	return login.Opened[*Session]{}, errors.New("refused")
}

func (noHost) Demo(context.Context) (login.Opened[*Session], error) {
	return login.Opened[*Session]{}, errors.New("refused")
}

func (noHost) Renew(context.Context, *Session, backend.Credentials) (backend.Account, error) {
	return backend.Account{}, errors.ErrUnsupported
}

// withProbe is an App that shows a probe as its files screen.
func withProbe(t *testing.T, actions ...keymap.Action) (*App, *probe) {
	t.Helper()
	th, _ := theme.Named("plain", nil)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	env := ui.NewEnv(t.Context(), th, keymap.Default(), func() time.Time { return now })
	env.Sleep = func(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() }
	a := New(Config{Env: env, Host: noHost{}, Theme: ThemeChoice{Name: "plain"}})
	p := &probe{set: keymap.Of(actions...)}
	a.sess = &Session{Account: backend.Account{Site: "demo", Username: "admin", SiteAdmin: true}}
	a.end = func() {}
	a.asker = transfers.NewAsker(env, nil, transfers.Sides{})
	a.screens = map[ui.Route]ui.Component{ui.RouteFiles: p}
	a.shown = map[ui.Route]bool{ui.RouteFiles: true}
	a.Update(tea.WindowSizeMsg{Width: 100, Height: 30})
	return a, p
}

func key(s string) tea.KeyPressMsg {
	if s == "esc" {
		return tea.KeyPressMsg{Code: tea.KeyEscape}
	}
	return tea.KeyPressMsg{Code: []rune(s)[0], Text: s}
}

func TestKeysBecomeActions(t *testing.T) {
	a, p := withProbe(t, keymap.Down, keymap.First)
	a.Update(key("j"))
	a.Update(key("g"))
	if !strings.Contains(cell.Strip(a.hintLine(100)), "first row") {
		t.Errorf("an unfinished sequence does not show how it goes on: %q", a.hintLine(100))
	}
	a.Update(key("g"))
	a.Update(key("x"))
	if len(p.did) != 2 || p.did[0] != keymap.Down || p.did[1] != keymap.First {
		t.Errorf("did %v", p.did)
	}
}

func TestADisabledActionSaysWhy(t *testing.T) {
	a, p := withProbe(t)
	p.set = keymap.Of(keymap.Delete).Disable("you may not delete here", keymap.Delete)
	a.Update(key("d"))
	if len(p.did) != 0 || !strings.Contains(screenOf(a), "You may not delete here") {
		t.Errorf("did %v, screen:\n%s", p.did, screenOf(a))
	}
}

func TestTypingTakesEveryOtherKey(t *testing.T) {
	a, p := withProbe(t, keymap.EscapeLevel)
	p.typing = true
	a.Update(key("q"))
	a.Update(key("1"))
	a.Update(key("esc"))
	typed := 0
	for _, m := range p.got {
		if _, ok := m.(tea.KeyPressMsg); ok {
			typed++
		}
	}
	if typed != 2 || len(p.did) != 1 || p.did[0] != keymap.EscapeLevel {
		t.Errorf("typed %d, did %v", typed, p.did)
	}
}

func TestAnOverlayGetsTheKeysAndTheScreenDoesNot(t *testing.T) {
	a, p := withProbe(t, keymap.Down)
	box := dialog.Confirm(a.env, dialog.ConfirmSpec{Title: "Sure?", Yes: "Delete", Danger: true, OnYes: ui.Say("yes")})
	a.Update(ui.OpenMsg{Overlay: box})
	a.Update(key("j"))
	a.Update(key("2"))
	if len(p.did) != 0 || a.route != ui.RouteFiles {
		t.Errorf("the screen below did %v, route %s", p.did, a.route)
	}
	if s := screenOf(a); !strings.Contains(s, "Sure?") || !strings.Contains(s, "Cancel") {
		t.Errorf("screen:\n%s", s)
	}
	type result struct{}
	a.Update(result{})
	if !p.has(func(m tea.Msg) bool { _, ok := m.(result); return ok }) {
		t.Error("a result did not reach the screen below")
	}
	a.Update(ui.CloseMsg{Overlay: box})
	a.Update(key("j"))
	if len(p.did) != 1 {
		t.Error("the screen did not get its keys back")
	}
}

func TestEveryErrorGroupBecomesACardWithAWayOut(t *testing.T) {
	for _, g := range append(backend.APIGroups(), backend.Connection, backend.LocalDisk, backend.Content, backend.Client) {
		a, _ := withProbe(t)
		e := &backend.Error{Group: g, Class: "X", Type: string(g) + "/x", Status: 400, Op: "list folder", Path: "a\x1bb", RequestID: "5f0c91"}
		a.Update(ui.FailMsg{Err: e, Retry: ui.Say("again")})
		s := screenOf(a)
		x := backend.Explain(e)
		for _, want := range []string{x.Title, "5f0c91", "esc close", "messages"} {
			if !strings.Contains(s, want) {
				t.Errorf("%s: no %q in\n%s", g, want, s)
			}
		}
		if strings.Contains(s, "a\x1bb") {
			t.Errorf("%s: a path reached the screen raw", g)
		}
		a.Update(key("esc"))
	}
}

func TestACancelledRequestIsNoError(t *testing.T) {
	a, _ := withProbe(t)
	a.Update(ui.FailMsg{Err: context.Canceled})
	if _, over := a.stack.Top(); over || len(a.log) != 0 {
		t.Error("a card for a cancelled request")
	}
}

func TestAnEndedSessionOpensTheLoginOnce(t *testing.T) {
	a, _ := withProbe(t)
	err := &backend.Error{Group: backend.NotAuthenticated, Type: "not-authenticated/invalid-session"}
	a.Update(SessionEndedMsg{Err: err})
	a.Update(ui.FailMsg{Err: err})
	if n := len(a.stack.All()); n != 1 || a.login == nil {
		t.Errorf("%d overlays", n)
	}
	if s := screenOf(a); !strings.Contains(s, "session has ended") || !strings.Contains(s, "probe") {
		t.Errorf("screen:\n%s", s)
	}
}

func TestTooSmallSaysSo(t *testing.T) {
	a, _ := withProbe(t)
	a.Update(tea.WindowSizeMsg{Width: 40, Height: 10})
	if s := screenOf(a); !strings.Contains(s, "60×16") || cell.BlockWidth(s) > 40 {
		t.Errorf("screen:\n%s", s)
	}
	a.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if !strings.Contains(screenOf(a), "probe") {
		t.Error("the screen did not come back")
	}
}

func TestScreenIsExactAndPure(t *testing.T) {
	a, _ := withProbe(t, keymap.Down, keymap.Enter, keymap.Narrow)
	a.Update(ui.ToastMsg{Text: strings.Repeat("long ", 60), Kind: ui.Warning})
	for _, size := range [][2]int{{120, 36}, {80, 24}, {60, 16}, {200, 60}} {
		a.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		one, two := a.Screen(), a.Screen()
		if one != two {
			t.Errorf("%v: View changes what it draws", size)
		}
		lines := cell.Lines(one)
		if len(lines) != size[1] {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		for _, l := range lines {
			if cell.Width(l) != size[0] {
				t.Errorf("%v: %d cells: %q", size, cell.Width(l), cell.Strip(l))
			}
		}
	}
}

func TestAToastLeavesTheForemostHints(t *testing.T) {
	a, _ := withProbe(t, keymap.Enter, keymap.CopyAcross, keymap.Delete, keymap.Rename)
	for _, text := range []string{"a.txt queued for /", strings.Repeat("long ", 60)} {
		told(a)
		a.Update(ui.ToastMsg{Text: text, Kind: ui.Success})
		a.Update(ui.ToastMsg{Text: "another", Kind: ui.Success})
		for _, w := range []int{60, 80, 120} {
			a.Update(tea.WindowSizeMsg{Width: w, Height: 24})
			lines := cell.Lines(screenOf(a))
			last := lines[len(lines)-1]
			for _, want := range []string{"enter open", "c copy across", "? help", text[:12], " +1 "} {
				if !strings.Contains(last, want) {
					t.Errorf("at %d cells %q is not in %q", w, want, last)
				}
			}
		}
	}
}

func TestThePaletteBeginsWithWhatCanBeDoneHere(t *testing.T) {
	a, p := withProbe(t)
	p.set = keymap.Of(keymap.Delete, keymap.Down, keymap.CopyAcross, keymap.Rename).Disable("you may not write here", keymap.CopyAcross)
	a.push(a.paletteBox())
	a.Update(tea.WindowSizeMsg{Width: 100, Height: 60})
	v := screenOf(a)
	last := -1
	for _, act := range []keymap.Action{keymap.Delete, keymap.Rename, keymap.Down, keymap.CopyAcross} {
		at := strings.Index(v, a.env.Keys.Binding(act).Label)
		if at <= last {
			t.Errorf("%s stands at %d, after %d:\n%s", act, at, last, v)
		}
		last = at
	}
	if !strings.Contains(v[last:], ": you may not") {
		t.Errorf("the last line says no reason:\n%s", v[last:])
	}
}

func TestHelpListsWhatTheKeyboardDoes(t *testing.T) {
	a, p := withProbe(t, keymap.Rename, keymap.Down)
	a.Update(key("?"))
	s := screenOf(a)
	for _, want := range []string{"rename", "Files", "Everywhere", "command palette"} {
		if !strings.Contains(s, want) {
			t.Errorf("help does not say %q:\n%s", want, s)
		}
	}
	for _, r := range "rename" {
		a.Update(key(string(r)))
	}
	_, cmd := a.Update(tea.KeyPressMsg{Code: tea.KeyEnter})
	drain(a, cmd)
	if len(p.did) != 1 || p.did[0] != keymap.Rename {
		t.Errorf("help ran %v", p.did)
	}
}

func TestQuittingAsksWhileTransfersRun(t *testing.T) {
	a, _ := withProbe(t)
	a.queue = backend.TransferSnapshot{Running: 2}
	_, cmd := a.Update(key("q"))
	if cmd != nil {
		if _, ok := cmd().(tea.QuitMsg); ok {
			t.Fatal("it quit")
		}
	}
	if s := screenOf(a); !strings.Contains(s, "2 transfers are not finished") || !strings.Contains(s, "pause and quit") {
		t.Errorf("screen:\n%s", s)
	}
	a.stack.Clear()
	a.queue = backend.TransferSnapshot{}
	_, cmd = a.Update(key("q"))
	if _, ok := cmd().(tea.QuitMsg); !ok {
		t.Error("it did not quit though nothing runs")
	}
}

func TestAFinishedTransferIsToldOnce(t *testing.T) {
	a, p := withProbe(t)
	snap := backend.TransferSnapshot{Jobs: []backend.JobSnapshot{{
		ID: 7, Label: "a.txt", State: backend.JobDone, Verified: backend.Verified, FilesDone: 1, FilesTotal: 1, BytesDone: 4, BytesTotal: 4,
		From: backend.Location{Side: backend.Local, Path: "/w"}, To: backend.Location{Side: backend.Remote, Path: "in"},
	}}}
	a.snapshot(snap)
	a.snapshot(snap)
	if len(a.log) != 1 || !strings.Contains(a.log[0].text, "Uploaded a.txt, 4 B, verified") {
		t.Errorf("log %v", a.log)
	}
	changed := 0
	for _, m := range p.got {
		if c, ok := m.(ui.ChangedMsg); ok && c.Side == ui.RemoteSide && c.Paths[0] == "in" {
			changed++
		}
	}
	if changed != 1 {
		t.Errorf("told %d times that the folder changed", changed)
	}
}

// drain runs commands that end at once, sequences in their order.
func drain(a *App, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	for _, c := range flatten(cmd()) {
		if c == nil {
			continue
		}
		msg := c()
		if _, nested := msg.(tea.BatchMsg); nested || msg == nil {
			continue
		}
		_, next := a.Update(msg)
		_ = next
	}
}

func screenOf(a *App) string { return cell.Strip(a.Screen()) }

func TestThePasswordIsAskedForOnceMoreAndKeptNowhere(t *testing.T) {
	a, _ := withProbe(t)
	answer := make(chan string, 1)
	_, cmd := a.Update(ReauthMsg{Err: &backend.Error{Op: "delete API key", Path: "deploy"}, Answer: answer})
	a.Update(cmd())
	a.Update(guardEnds{a.guard.id})
	if s := screenOf(a); !strings.Contains(s, "password once more") || !strings.Contains(s, "delete API key: deploy") {
		t.Fatalf("screen:\n%s", s)
	}
	for _, r := range "hunter2" {
		a.Update(key(string(r)))
	}
	if strings.Contains(screenOf(a), "hunter2") {
		t.Error("the password can be read")
	}
	_, cmd = a.Update(tea.KeyPressMsg{Code: tea.KeyEnter})
	drain(a, cmd)
	if got := <-answer; got != "hunter2" {
		t.Errorf("the request got %q", got)
	}
	if _, over := a.stack.Top(); over {
		t.Error("the box stayed open")
	}

	answer = make(chan string, 1)
	_, cmd = a.Update(ReauthMsg{Answer: answer})
	a.Update(cmd())
	a.Update(guardEnds{a.guard.id})
	_, cmd = a.Update(key("esc"))
	drain(a, cmd)
	if _, ok := <-answer; ok {
		t.Error("esc gave an answer")
	}
}

func TestWhatALeftSessionStillSaysIsNotOfTheNext(t *testing.T) {
	a, _ := withProbe(t)
	left, busy := a.sess, backend.TransferSnapshot{Running: 2}
	a.Update(Below{left, transfers.SnapshotMsg{TransferSnapshot: busy}})
	a.Update(Below{left, NetMsg{Waiting: "no connection"}})
	if a.queue.Running != 2 || a.net.Waiting == "" {
		t.Fatalf("the session on the screen is not heard: %+v, %+v", a.queue, a.net)
	}
	a.sess = &Session{}
	a.queue, a.net = backend.TransferSnapshot{}, NetMsg{}
	a.Update(Below{left, transfers.SnapshotMsg{TransferSnapshot: busy}})
	a.Update(Below{left, NetMsg{Waiting: "no connection"}})
	a.Update(Below{left, SessionEndedMsg{Err: &backend.Error{Group: backend.NotAuthenticated}}})
	if a.queue.Active() || a.net.Waiting != "" || a.login != nil {
		t.Errorf("the next session shows %+v, %+v, prompt %v", a.queue, a.net, a.login != nil)
	}
}

func TestANewSessionStartsAfresh(t *testing.T) {
	a, _ := withProbe(t)
	a.ended[7], a.draining = true, true
	a.Update(ui.OpenMsg{Overlay: dialog.Confirm(a.env, dialog.ConfirmSpec{Title: "Delete the old one?"})})
	watched := false
	cmd := a.begin(&Session{Site: noSite{}, Disk: noDisk{}, Queue: &leftQueue{}, Watch: func() { watched = true }})
	if _, over := a.stack.Top(); over || a.ended[7] || a.draining {
		t.Errorf("a box of the old session: %v, ended %v, draining %v", over, a.ended, a.draining)
	}
	for _, c := range flatten(cmd()) {
		if c != nil {
			c() // no more than a list of what to load, but for the watch
		}
	}
	if !watched {
		t.Error("nobody watches the new session")
	}
}

func TestTheEndOfALongQueueIsSummedUpAndRings(t *testing.T) {
	a, _ := withProbe(t)
	a.cfg.Call = CallBell
	now := a.env.Now()
	a.env.Now = func() time.Time { return now }
	a.env.Sleep = func(context.Context, time.Duration) error { return context.Canceled }
	job := func(id backend.JobID, s backend.JobState) backend.JobSnapshot {
		return backend.JobSnapshot{ID: id, Label: "x", State: s, FilesDone: 2, FilesTotal: 2, BytesDone: 1500, Verified: backend.Verified}
	}
	a.snapshot(backend.TransferSnapshot{Running: 2, Jobs: []backend.JobSnapshot{job(1, backend.JobRunning), job(2, backend.JobRunning)}})
	a.snapshot(backend.TransferSnapshot{Running: 1, Jobs: []backend.JobSnapshot{job(1, backend.JobDone), job(2, backend.JobRunning)}})
	now = now.Add(callAfter)
	cmd := a.snapshot(backend.TransferSnapshot{Jobs: []backend.JobSnapshot{job(1, backend.JobDone), job(2, backend.JobDone)}})
	if got := a.log[len(a.log)-1].text; got != "All 2 transfers have ended: 4 files, 3.0 kB, all verified" {
		t.Errorf("said %q", got)
	}
	rings := 0
	var walk func(tea.Cmd)
	walk = func(c tea.Cmd) {
		if c == nil {
			return
		}
		switch m := c().(type) {
		case tea.BatchMsg:
			for _, x := range m {
				walk(x)
			}
		case tea.RawMsg:
			rings++
		}
	}
	walk(cmd)
	if rings != 1 {
		t.Errorf("rang %d times", rings)
	}
	if len(a.since) != 0 {
		t.Error("the next queue starts with what ended before")
	}
}

// A sync says itself how it ended; a sync that an earlier program began has
// nobody but the queue to say it.
func TestTheTransfersOfASyncAreToldOnce(t *testing.T) {
	a, _ := withProbe(t)
	job := backend.JobSnapshot{ID: 1, Label: "tree", Planned: true, State: backend.JobRunning, FilesTotal: 1}
	run := func() {
		a.snapshot(backend.TransferSnapshot{Running: 1, Jobs: []backend.JobSnapshot{job}})
		done := job
		done.State, done.FilesDone, done.Verified = backend.JobDone, 1, backend.Verified
		a.snapshot(backend.TransferSnapshot{Jobs: []backend.JobSnapshot{done}})
	}
	run()
	if len(a.log) != 0 {
		t.Errorf("said %q besides", a.log[0].text)
	}
	job.State = backend.JobPaused
	a.begin(&Session{Site: noSite{}, Disk: noDisk{}, Queue: &leftQueue{jobs: []backend.JobSnapshot{job}}, Watch: func() {}})
	job.State = backend.JobRunning
	run()
	if len(a.log) != 1 {
		t.Errorf("said %d messages of a sync that nobody else tells of", len(a.log))
	}
}

// opener is a screen whose key opens a box.
type opener struct {
	probe
	box ui.Overlay
}

func (o *opener) Do(a keymap.Action) tea.Cmd {
	o.did = append(o.did, a)
	return ui.Batch(ui.Open(o.box), func() tea.Msg { return nil })
}

func TestAKeyTypedAheadGoesToTheBoxThatWasAskedFor(t *testing.T) {
	a, _ := withProbe(t)
	o := &opener{probe: probe{set: keymap.Of(keymap.Rename, keymap.Delete)}}
	o.box = dialog.Prompt(a.env, dialog.PromptSpec{Title: "Rename", Label: "New name", OnOK: func(string) tea.Cmd { return nil }})
	a.screens[ui.RouteFiles] = o
	a.Update(key("r"))
	a.Update(key("d"))
	a.Update(key("x"))
	if len(o.did) != 1 || !strings.Contains(screenOf(a), "dx") {
		t.Errorf("the screen did %v:\n%s", o.did, screenOf(a))
	}
}

// leftQueue holds what an earlier run has left.
type leftQueue struct {
	Queue
	jobs    []backend.JobSnapshot
	plans   []backend.CutOffPlan
	resumed bool
}

func (q *leftQueue) CutOffPlans() []backend.CutOffPlan { return q.plans }

func (q *leftQueue) Snapshot() backend.TransferSnapshot {
	return backend.TransferSnapshot{Jobs: q.jobs}
}
func (q *leftQueue) ResumeInterrupted() { q.resumed = true }

// A sync that was cut off is said at once, and stays to be seen.
func TestACutOffSyncIsToldOnWhateverScreen(t *testing.T) {
	a, _ := withProbe(t)
	q := &leftQueue{plans: []backend.CutOffPlan{{File: "/p", Local: "/l", Remote: "r", Deletions: 2}}}
	a.begin(&Session{Site: noSite{}, Disk: noDisk{}, Queue: q})
	a.shown[ui.RouteSync] = false
	_, cmd := a.Update(a.start(ui.RouteSync)())
	for _, m := range flatten(cmd()) {
		a.Update(m())
	}
	if s := screenOf(a); !strings.Contains(s, "7 Sync·1") || !strings.Contains(s, "A sync was cut off · 7 shows it") {
		t.Errorf("nobody is told of it:\n%s", s)
	}
	a, _ = withProbe(t)
	a.begin(&Session{Site: noSite{}, Disk: noDisk{}, Queue: &leftQueue{}})
	if !a.shown[ui.RouteSync] {
		t.Error("whether a sync was cut off is asked only on the sync screen")
	}
}

func TestCommandsAreToldTheLogin(t *testing.T) {
	s := &Session{Account: backend.Account{BaseURL: "https://acme.example"}}
	if got := loginFlags(s); !slices.Equal(got, []string{"--base-url", "https://acme.example"}) {
		t.Errorf("%q", got)
	}
	s.Account.Demo = true
	if got := loginFlags(s); got != nil {
		t.Errorf("%q for the demo site", got)
	}
	s.Account.Demo, s.Profile = false, "work"
	if got := loginFlags(s); !slices.Equal(got, []string{"--profile", "work"}) {
		t.Errorf("%q", got)
	}
}

func TestWhatAnEarlierRunInterruptedIsOfferedOnce(t *testing.T) {
	a, _ := withProbe(t)
	asleep(a)
	q := &leftQueue{jobs: []backend.JobSnapshot{
		{ID: 1, Label: "backup.tar", State: backend.JobPaused, Interrupted: true, BytesDone: 61, BytesTotal: 100},
		{ID: 2, Label: "old.txt", State: backend.JobFailed, FilesFailed: 1, FilesTotal: 1},
		{ID: 3, Label: "mine.txt", State: backend.JobPaused, BytesTotal: 100},
	}}
	open := func() { // as somebody who has read it
		a.Update(a.leftFromBefore(q)())
		a.Update(guardEnds{a.guard.id})
	}
	open()
	s := screenOf(a)
	if strings.Contains(s, "sync was cut off") {
		t.Errorf("no sync was:\n%s", s)
	}
	for _, want := range []string{"1 transfer was interrupted, at 61 %", "backup.tar  61 %", "1 transfer that you paused waits"} {
		if !strings.Contains(s, want) {
			t.Errorf("it does not say %q:\n%s", want, s)
		}
	}
	if strings.Contains(s, "old.txt") || strings.Contains(s, "mine.txt") {
		t.Errorf("it offers what was not interrupted:\n%s", s)
	}
	a.snapshot(backend.TransferSnapshot{Jobs: q.jobs})
	if len(a.log) != 0 {
		t.Errorf("what failed in an earlier run is told again: %v", a.log)
	}
	_, cmd := a.Update(key("n"))
	drain(a, cmd)
	if _, over := a.stack.Top(); over || q.resumed {
		t.Errorf("later: still open %v, gone on %v", over, q.resumed)
	}
	open()
	_, cmd = a.Update(key("r"))
	drain(a, cmd)
	if !q.resumed {
		t.Error("it did not go on")
	}

	q.plans = []backend.CutOffPlan{{Local: "/l", Remote: "r", Deletions: 2}}
	open()
	if s := screenOf(a); !strings.Contains(s, "A sync was cut off before its 2 deletions: screen 7 shows it.") {
		t.Errorf("who goes on takes the sync for done:\n%s", s)
	}
	_, cmd = a.Update(key("n"))
	drain(a, cmd)
	ask := a.leftFromBefore(q)
	a.begin(&Session{Site: noSite{}, Disk: noDisk{}, Queue: &leftQueue{}})
	a.Update(ask())
	if _, over := a.stack.Top(); over {
		t.Error("the question of a session that was left is asked")
	}

	q.jobs = q.jobs[1:]
	if m, ok := a.leftFromBefore(q)().(ui.ToastMsg); !ok || !strings.Contains(m.Text, "1 transfer that you paused waits") {
		t.Errorf("nothing was interrupted, and it says %v", m)
	}
}

// follower is a screen that follows the transfers.
type follower struct {
	probe
	seen uint64
}

func (f *follower) Follow(s backend.TransferSnapshot) { f.seen = s.Seq }

func TestTheSyncScreenFollowsTheTransfers(t *testing.T) {
	a, _ := withProbe(t)
	f := &follower{}
	a.screens[ui.RouteSync] = f
	a.Update(transfers.SnapshotMsg{TransferSnapshot: backend.TransferSnapshot{Seq: 7}})
	if f.seen != 7 {
		t.Error("it does not see them")
	}
	var _ interface {
		Follow(s backend.TransferSnapshot)
	} = &syncplan.Screen{}
}
