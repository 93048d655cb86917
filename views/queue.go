package views

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
	"ferry/views/transfers"
)

// leftFromBefore offers to go on with what the end of an earlier run has
// interrupted. What a person had paused stays so, and what had ended then is not
// told again.
func (a *App) leftFromBefore(q Queue) tea.Cmd {
	var left leftWork
	jobs := q.Snapshot().Jobs
	a.left = map[backend.JobID]bool{}
	for i := range jobs {
		j := &jobs[i]
		if j.State.Ended() {
			a.ended[j.ID] = true
			continue
		}
		a.left[j.ID] = true
		if !j.Interrupted {
			left.paused++
			continue
		}
		line := transfers.Label(j)
		left.done, left.total = left.done+j.BytesDone, left.total+j.BytesTotal
		if j.BytesTotal > 0 {
			line += fmt.Sprintf("  %d %% of %s", 100*j.BytesDone/j.BytesTotal, cell.Size(j.BytesTotal))
		}
		left.lines = append(left.lines, line)
	}
	switch {
	case len(left.lines) == 0 && left.paused > 0:
		return ui.Toast(ui.Note, transfersWait(left.paused))
	case len(left.lines) == 0:
		return nil
	}
	// What is left of syncs lies on the disk.
	sess := a.sess
	return func() tea.Msg {
		left.plans = q.CutOffPlans()
		return Below{sess, ui.OpenMsg{Overlay: a.offer(q, left)}}
	}
}

// leftWork is what the end of an earlier run has interrupted.
type leftWork struct {
	lines       []string // its transfers
	done, total int64    // of these, in bytes
	paused      int      // transfers that a person had paused
	plans       []backend.CutOffPlan
}

// offer is the question whether it goes on.
func (a *App) offer(q Queue, left leftWork) ui.Overlay {
	const most = 5
	lines, n := left.lines, len(left.lines)
	if n > most {
		lines = append(lines[:most:most], fmt.Sprintf("and %s more", cell.Count(n-most)))
	}
	title, all := "1 transfer was interrupted", "go on with it"
	if n > 1 {
		title, all = cell.Count(n)+" transfers were interrupted", "go on with all of them"
	}
	if left.total > 0 {
		title += fmt.Sprintf(", at %d %%", 100*left.done/left.total)
	}
	lines = append(lines, "", "What has arrived is kept; only the rest is sent.")
	if left.paused > 0 {
		lines = append(lines, transfersWait(left.paused)+".")
	}
	if len(left.plans) > 0 {
		lines = append(lines, a.syncsWait(left.plans)+".")
	}
	return dialog.Menu(a.env, dialog.MenuSpec{
		Title: title, Body: lines,
		Items: []dialog.MenuItem{
			{Label: all, Key: "r", Cmd: func() tea.Msg { q.ResumeInterrupted(); return nil }},
			{Label: "look at them first", Key: "l", Cmd: ui.Goto(ui.RouteTransfers, nil)},
			{Label: "later; they wait in the transfers", Key: "n"},
		},
	})
}

// syncsWait says of syncs that were cut off what no transfer does, and where to
// do it.
func (a *App) syncsWait(plans []backend.CutOffPlan) string {
	n := 0
	for _, p := range plans {
		n += p.Deletions
	}
	what, last := "A sync was cut off before its ", "shows it"
	if len(plans) > 1 {
		what, last = cell.Count(len(plans))+" syncs were cut off before their ", "shows them"
	}
	due := "deletion"
	if n != 1 {
		due = cell.Count(n) + " deletions"
	}
	return what + due + ": screen " + a.env.Keys.Key(keymap.GotoSync) + " " + last
}

// transfersWait says what a person had paused himself.
func transfersWait(n int) string {
	if n == 1 {
		return "1 transfer that you paused waits in the transfers"
	}
	return cell.Count(n) + " transfers that you paused wait in the transfers"
}

// toldAtOnce is how many ends one snapshot may bring for each to be told.
const toldAtOnce = 3

// snapshot takes the state of the queue: what ended is told once, and the panes
// that show its two ends load again.
func (a *App) snapshot(s backend.TransferSnapshot) tea.Cmd {
	was := a.queue.Active()
	a.queue = s
	if s.Active() && !was {
		a.began = a.env.Now()
	}
	var fresh []*backend.JobSnapshot
	for i := range s.Jobs {
		j := &s.Jobs[i]
		if j.State.Ended() && !a.ended[j.ID] {
			a.ended[j.ID] = true
			a.since = append(a.since, *j)
			fresh = append(fresh, j)
		}
		if !j.State.Ended() && a.ended[j.ID] { // it was begun again
			delete(a.ended, j.ID)
			a.since = slices.DeleteFunc(a.since, func(x backend.JobSnapshot) bool { return x.ID == j.ID })
		}
	}
	a.flow = measure(s, a.since)
	cmds := a.changed(fresh)
	if s.Active() || len(a.since) > 1 {
		cmds = append(cmds, a.tell(fresh))
	}
	if !s.Active() && len(a.since) > 0 {
		cmds = append(cmds, a.allDone())
	}
	if a.draining && !s.Active() {
		cmds = append(cmds, tea.Quit)
	}
	return ui.Batch(cmds...)
}

// changed tells everyone which folders the ended transfers have changed.
func (a *App) changed(jobs []*backend.JobSnapshot) []tea.Cmd {
	paths := map[ui.Side][]string{}
	seen := map[backend.Location]bool{}
	for _, j := range jobs {
		for _, l := range []backend.Location{j.From, j.To} { // a move changes both sides
			if seen[l] {
				continue
			}
			seen[l] = true
			side := ui.RemoteSide
			if l.Side == backend.Local {
				side = ui.LocalSide
			}
			paths[side] = append(paths[side], l.Path)
		}
	}
	var cmds []tea.Cmd
	for _, side := range []ui.Side{ui.RemoteSide, ui.LocalSide} {
		if len(paths[side]) > 0 {
			cmds = append(cmds, a.broadcast(ui.ChangedMsg{Side: side, Paths: paths[side]}))
		}
	}
	return cmds
}

// sync tells whether a transfer is part of a sync that says itself how it ended:
// two messages about one thing would hide the better one.
func (a *App) sync(j *backend.JobSnapshot) bool { return j.Planned && !a.left[j.ID] }

// tell says how transfers have ended, each by itself when they are few.
func (a *App) tell(jobs []*backend.JobSnapshot) tea.Cmd {
	jobs = slices.DeleteFunc(jobs, a.sync)
	if len(jobs) > toldAtOnce {
		all := make([]backend.JobSnapshot, len(jobs))
		for i, j := range jobs {
			all[i] = *j
		}
		line, well := transfers.Summary(all)
		return a.say(kindOf(well), fmt.Sprintf("%s transfers have ended: %s", cell.Count(len(jobs)), line))
	}
	cmds := make([]tea.Cmd, 0, len(jobs))
	for _, j := range jobs {
		kind, text := outcome(j)
		cmds = append(cmds, a.say(kind, text))
	}
	return ui.Batch(cmds...)
}

func kindOf(well bool) ui.ToastKind {
	if well {
		return ui.Success
	}
	return ui.Warning
}

// ask opens the question about an existing target. While somebody types or has
// another box open it waits: the next letter is not meant for it.
func (a *App) ask() tea.Cmd {
	if a.asker == nil || a.asker.Asks() {
		return nil
	}
	top, over := a.stack.Top()
	typing := a.top() != nil && a.top().Typing()
	if a.unasked = typing || over && top != a.drawer && top != a.waiting; a.unasked {
		return nil
	}
	return a.asker.Take(a.queue)
}

// allDone sums up what has ended since the queue was last empty, and calls the
// person when it took a while.
func (a *App) allDone() tea.Cmd {
	jobs := a.since
	a.since = nil
	kind, text := outcome(&jobs[0])
	if len(jobs) > 1 {
		line, well := transfers.Summary(jobs)
		kind, text = kindOf(well), fmt.Sprintf("All %s transfers have ended: %s", cell.Count(len(jobs)), line)
	}
	a.farewell = text
	var cmd tea.Cmd
	if !allOf(jobs, a.sync) {
		cmd = a.say(kind, text)
	}
	if a.env.Now().Sub(a.began) < callAfter {
		return cmd
	}
	return ui.Batch(cmd, a.cfg.Call.cmd(text))
}

func allOf(jobs []backend.JobSnapshot, is func(*backend.JobSnapshot) bool) bool {
	for i := range jobs {
		if !is(&jobs[i]) {
			return false
		}
	}
	return true
}

// outcome says how one transfer has ended.
func outcome(j *backend.JobSnapshot) (ui.ToastKind, string) {
	verb := map[backend.Direction]string{backend.Upload: "Uploaded ", backend.Download: "Downloaded "}[j.Direction]
	line, well := transfers.Summary([]backend.JobSnapshot{*j})
	label := transfers.Label(j)
	switch {
	case j.State == backend.JobCancelled:
		return ui.Note, "Cancelled: " + label
	case !well && j.FilesTotal > 1:
		_, names := transfers.Failures([]backend.JobSnapshot{*j})
		return ui.Warning, fmt.Sprintf("%s%s: %s of %s files failed: %s", verb, label, cell.Count(j.FilesFailed), cell.Count(j.FilesTotal), names)
	case !well:
		return ui.Warning, "Failed: " + label + reason(j)
	case j.FilesDone == 0 && j.FilesSkipped > 0:
		return ui.Note, "Left out: " + label + ", the target stays as it is"
	case j.FilesDone == 0: // empty folders
		return ui.Success, verb + label
	case j.FilesTotal == 1:
		line = strings.TrimPrefix(line, "1 file, ")
	}
	return ui.Success, verb + label + ", " + line
}

func reason(j *backend.JobSnapshot) string {
	if j.Err == nil {
		return ""
	}
	return ": " + backend.Explain(j.Err).Title
}
