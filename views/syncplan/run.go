package syncplan

import (
	"context"
	"fmt"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

// askRun says what the ticked lines will do. What deletes wants the number of
// deletions typed.
func (s *Screen) askRun() tea.Cmd {
	b := s.board
	t := b.totals
	spec := dialog.ConfirmSpec{
		Title: "Carry out this sync?", Yes: "Sync", Opener: keymap.SyncRun,
		OnYes: s.later(func() tea.Cmd { return s.checkFirst() }),
	}
	here, there := s.local(b.plan.Request.Local), site(b.plan.Request.Remote)
	up, down, gone := s.loads()
	if up.any() {
		spec.Body = append(spec.Body, fmt.Sprintf("%s to upload to %s: %s", up, there, cell.Size(up.bytes)))
	}
	if down.any() {
		spec.Body = append(spec.Body, fmt.Sprintf("%s to download to %s: %s", down, here, cell.Size(down.bytes)))
	}
	if over := b.over; over > 0 {
		spec.Body = append(spec.Body, replaces(over, t.Uploads+t.Downloads)+" what is there.")
		spec.Danger = true
	}
	if n := t.Deletions; n > 0 {
		where := "from " + there
		if b.plan.Request.Mode == backend.SyncPull {
			where = "from " + here
		}
		spec.Body = append(spec.Body, fmt.Sprintf("%s to delete %s, once everything has arrived.", gone, where))
		spec.Yes, spec.Danger, spec.Type = "Sync and delete "+cell.Count(n), true, strconv.Itoa(n)
	}
	if left := b.undecided(); left > 0 {
		spec.Body = append(spec.Body, plural(left, "conflict is left as it is.", "conflicts are left as they are."))
	}
	return ui.Open(dialog.Confirm(s.env, spec))
}

func replaces(over, all int) string {
	switch {
	case all == 1:
		return "It replaces"
	case over == all:
		return "All of them replace"
	}
	return plural(over, "of them replaces", "of them replace")
}

// load is what ticked lines move or delete in one direction.
type load struct {
	files, folders int
	bytes          int64
}

func (l load) any() bool { return l.files+l.folders > 0 }

func (l load) String() string {
	switch {
	case l.folders == 0:
		return plural(l.files, "file", "files")
	case l.files == 0:
		return plural(l.folders, "folder", "folders")
	}
	return plural(l.files, "file", "files") + " and " + plural(l.folders, "folder", "folders")
}

// loads sums up the ticked lines.
func (s *Screen) loads() (up, down, gone load) {
	for i := range s.board.lines {
		l := &s.board.lines[i]
		if !l.item.On || !l.can() {
			continue
		}
		to := &gone
		switch l.item.Action {
		case backend.PlanUpload:
			to = &up
		case backend.PlanDownload:
			to = &down
		case backend.PlanNothing, backend.PlanDeleteLocal, backend.PlanDeleteRemote:
		}
		if l.item.Folder {
			to.folders++
		} else {
			to.files++
		}
		to.bytes += l.item.Size()
	}
	return up, down, gone
}

// checked is what a second look at both sides has found.
type checked struct {
	plan    backend.Plan
	changes []backend.PlanChange
}

// checkFirst looks at both sides once more: what has changed since the plan was
// made is told and not touched.
func (s *Screen) checkFirst() tea.Cmd {
	p := s.board.now()
	l, beat := s.start(checking)
	engine := s.engine
	return ui.Batch(beat, s.check.Load(s.env.Ctx, func(ctx context.Context) (checked, error) {
		changes, err := engine.CheckPlan(ctx, &p, l.see)
		return checked{p, changes}, err
	}))
}

// patient is how long a person is taken to look at what was just asked for.
const patient = 3 * time.Second

func (s *Screen) checked(c checked, err error) tea.Cmd {
	s.phase = idle
	if err != nil {
		return ui.Fail(err, s.later(s.checkFirst))
	}
	if len(c.changes) > 0 {
		s.board.stale(c.changes)
		s.setFilter(troubled)
		return ui.Open(dialog.Text(s.env, dialog.TextSpec{
			Title: "The plan no longer fits", Wrap: true,
			Body: []string{
				plural(len(c.changes), "ticked line has", "ticked lines have") + " changed since the plan was made. Nothing was done.",
				"",
				"What has changed is shown and has lost its tick. " + s.env.Keys.Key(keymap.SyncRun) + " carries out the rest; " +
					s.env.Keys.Key(keymap.Refresh) + " compares again.",
			},
		}))
	}
	for n := range c.plan.Items { // an earlier run had done these
		if l := &s.board.lines[n]; l.item.On && !c.plan.Items[n].On && l.can() {
			s.board.result(backend.PlanResult{Item: n, State: backend.JobDone, Note: "was done already"})
		}
	}
	quick := s.env.Now().Sub(s.begun) < patient
	t := c.plan.Totals()
	l, beat := s.start(moving)
	engine := s.engine
	// Stopping does not cancel the loader: what was done until then is told.
	within, halt := context.WithCancel(s.env.Ctx)
	if s.board.follow == nil {
		s.board.follow = newFollow(s.env.Ctx)
	}
	f := s.board.follow
	f.started(&c.plan)
	s.halt, s.halted = halt, false
	cmds := []tea.Cmd{beat, s.run.Load(within, func(ctx context.Context) (struct{}, error) {
		defer halt()
		f.listen(engine)
		begun := func(jobs []backend.JobID) { f.begun(jobs); l.begun(jobs) }
		return struct{}{}, engine.RunPlan(ctx, c.plan, begun, l.tell)
	})}
	switch {
	case t.Uploads+t.Downloads == 0:
	case quick:
		cmds = append(cmds, ui.Goto(ui.RouteTransfers, nil))
	default: // who has gone elsewhere meanwhile is not called away
		cmds = append(cmds, ui.Toast(ui.Note, "The sync runs; "+s.env.Keys.Key(keymap.Drawer)+" shows its transfers"))
	}
	return ui.Batch(cmds...)
}

func (s *Screen) ran(err error) tea.Cmd {
	s.news()
	switch {
	case s.halted && backend.Cancelled(err):
		engine, r := s.engine, s.board.plan.Request
		return ui.Batch(s.finished("stopped"), func() tea.Msg {
			engine.ForgetPlan(r)
			return nil
		})
	case err != nil:
		return ui.Batch(s.finished("broken off"), ui.Fail(err, nil))
	}
	return s.finished("")
}

// finished says what became of the run. Both sides have changed.
func (s *Screen) finished(how string) tea.Cmd {
	s.phase, s.how = idle, how
	kind := ui.Success
	if !s.sumUp() || how != "" {
		kind = ui.Warning
	}
	s.fill()
	r := s.board.plan.Request
	s.known(r)
	return ui.Batch(
		ui.Toast(kind, "Sync: "+s.ended+" "+s.env.Theme.Glyphs.Dot+" "+s.env.Keys.Key(keymap.GotoSync)+" shows the lines"),
		ui.Changed(ui.RemoteSide, r.Remote), ui.Changed(ui.LocalSide, r.Local),
	)
}

// sumUp says what became of the lines, and of the conflicts that nobody has
// decided; well tells that nothing is left.
func (s *Screen) sumUp() (well bool) {
	done, failed, left := s.board.outcome()
	s.ended = cell.Count(done) + " done"
	if n := len(s.board.alive); n > 0 {
		s.ended += ", " + cell.Count(n) + " under way"
	}
	if failed > 0 {
		s.ended += ", " + cell.Count(failed) + " failed"
	}
	if left > 0 {
		s.ended += ", " + cell.Count(left) + " left as they are"
	}
	open := s.board.undecided()
	if open > 0 {
		s.ended += ", " + plural(open, "conflict", "conflicts") + " left"
	}
	if s.how != "" {
		s.ended = s.how + ": " + s.ended
	}
	return failed+left+open == 0
}
