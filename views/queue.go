package views

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

// bellAfter is how long transfers have to run for their end to be worth a bell:
// whoever waits that long is looking elsewhere.
const bellAfter = 10 * time.Second

// bell is what makes a terminal ring, or mark its tab.
const bell = "\a"

// leftFromBefore offers to go on with what an earlier run has left unfinished.
// What had ended then is not told again.
func (a *App) leftFromBefore(q Queue) tea.Cmd {
	var lines []string
	jobs := q.Snapshot().Jobs
	for i := range jobs {
		j := &jobs[i]
		if j.State.Ended() {
			a.ended[j.ID] = true
			continue
		}
		line := pathutil.Display(j.Label)
		if j.BytesTotal > 0 {
			line += fmt.Sprintf("  %d %% of %s", 100*j.BytesDone/j.BytesTotal, cell.Size(j.BytesTotal))
		}
		lines = append(lines, line)
	}
	const most = 5
	n := len(lines)
	switch {
	case n == 0:
		return nil
	case n > most:
		lines = append(lines[:most], fmt.Sprintf("and %d more", n-most))
	}
	title := "A transfer is unfinished"
	if n > 1 {
		title = fmt.Sprintf("%d transfers are unfinished", n)
	}
	return ui.Open(dialog.Confirm(a.env, dialog.ConfirmSpec{
		Title: title, Body: append(lines, "", "What has arrived is kept; only the rest is sent."),
		Yes: "Go on", No: "Later",
		OnYes: func() tea.Msg { q.ResumeAll(); return nil },
		OnNo:  ui.Toast(ui.Note, "They wait in the transfers"),
	}))
}

// snapshot takes the state of the queue: what ended is told once, and the panes
// that show its two ends load again.
func (a *App) snapshot(s backend.TransferSnapshot) tea.Cmd {
	was := a.queue.Active()
	a.queue = s
	if s.Active() && !was {
		a.began = a.env.Now()
	}
	var cmds []tea.Cmd
	for i := range s.Jobs {
		j := &s.Jobs[i]
		if !j.State.Ended() || a.ended[j.ID] {
			continue
		}
		a.ended[j.ID] = true
		a.since = append(a.since, *j)
		for _, l := range []backend.Location{j.From, j.To} { // a move changes both sides
			side := ui.RemoteSide
			if l.Side == backend.Local {
				side = ui.LocalSide
			}
			cmds = append(cmds, a.broadcast(ui.ChangedMsg{Side: side, Paths: []string{l.Path}}))
		}
		kind, text := outcome(j)
		cmds = append(cmds, a.say(kind, text))
	}
	if !s.Active() && len(a.since) > 0 {
		cmds = append(cmds, a.allDone())
	}
	if a.draining && !s.Active() {
		cmds = append(cmds, tea.Quit)
	}
	return ui.Batch(cmds...)
}

// ask opens the question about an existing target. While somebody types or has
// another box open it waits: the next letter is not meant for it.
func (a *App) ask() tea.Cmd {
	if a.asker == nil || a.asker.Asks() {
		return nil
	}
	top, over := a.stack.Top()
	typing := a.top() != nil && a.top().Typing()
	if a.unasked = typing || over && top != a.drawer; a.unasked {
		return nil
	}
	return a.asker.Take(a.queue)
}

// allDone sums up what has ended since the queue was last empty, and rings when
// it took a while.
func (a *App) allDone() tea.Cmd {
	jobs := a.since
	a.since = nil
	var cmds []tea.Cmd
	if len(jobs) > 1 {
		kind, text := summary(jobs)
		cmds = append(cmds, a.say(kind, text))
	}
	if a.env.Now().Sub(a.began) >= bellAfter {
		cmds = append(cmds, tea.Raw(bell))
	}
	return ui.Batch(cmds...)
}

func summary(jobs []backend.JobSnapshot) (ui.ToastKind, string) {
	files, failed, cancelled := 0, 0, 0
	var bytes int64
	verified := true
	for i := range jobs {
		j := &jobs[i]
		files += j.FilesDone
		failed += j.FilesFailed
		bytes += j.BytesDone
		verified = verified && j.Verified == backend.Verified
		if j.State == backend.JobCancelled {
			cancelled++
		}
	}
	text := fmt.Sprintf("All %d transfers have ended: %s files, %s", len(jobs), cell.Count(files), cell.Size(bytes))
	switch {
	case failed > 0:
		return ui.Warning, text + fmt.Sprintf(", %d failed", failed)
	case cancelled > 0:
		return ui.Note, text + fmt.Sprintf(", %d cancelled", cancelled)
	case verified:
		return ui.Success, text + ", verified"
	}
	return ui.Success, text
}

func outcome(j *backend.JobSnapshot) (ui.ToastKind, string) {
	verb := map[backend.Direction]string{backend.Upload: "Uploaded ", backend.Download: "Downloaded "}[j.Direction]
	switch {
	case j.State == backend.JobCancelled:
		return ui.Note, "Cancelled: " + j.Label
	case j.State == backend.JobFailed || j.FilesFailed > 0:
		return ui.Warning, fmt.Sprintf("%s%s: %d of %d files failed", verb, j.Label, j.FilesFailed, j.FilesTotal)
	case j.Verified == backend.Verified:
		return ui.Success, verb + j.Label + ", verified"
	}
	return ui.Success, verb + j.Label
}
