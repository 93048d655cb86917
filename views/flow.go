package views

import (
	"ferry/backend"

	tea "charm.land/bubbletea/v2"
)

// flow is what every frame says of the queue. It is measured once per snapshot,
// since a frame must not look at thousands of transfers.
type flow struct {
	up, down int // transfers at work
	waiting  int // those that wait for their turn
	percent  int // of what was queued since the queue was last empty
	counted  bool
	standing bool // nothing moves until something changes
}

// measure looks at the open transfers, and at those that have ended since the
// queue was last empty: the share must not go back when one ends.
func measure(s backend.TransferSnapshot, since []backend.JobSnapshot) flow {
	var f flow
	var done, total int64
	paused, idle := 0, 0
	f.counted = true
	for i := range s.Jobs {
		j := &s.Jobs[i]
		switch {
		case j.State.Ended():
			continue
		case j.State == backend.JobPaused:
			paused++
		case j.State == backend.JobParked:
			paused++
			f.waiting++
		case j.State == backend.JobQueued:
			f.waiting++
		case j.Waiting:
			idle++
			f.waiting++
		case j.State == backend.JobRunning || j.State == backend.JobScanning:
			if j.Direction == backend.Upload {
				f.up++
			} else {
				f.down++
			}
		}
		f.counted = f.counted && !j.Scanning
		done, total = done+j.BytesDone, total+j.BytesTotal
	}
	for i := range since {
		if since[i].State != backend.JobCancelled {
			done, total = done+since[i].BytesTotal, total+since[i].BytesTotal
		}
	}
	if total > 0 {
		f.percent = int(min(100*done/total, 99))
	}
	f.counted = f.counted && total > 0
	f.standing = s.Parked != "" || paused > 0 && f.up+f.down+idle == 0
	return f
}

// progress is what the terminal shows in its tab or in the task bar while
// transfers run (OSC 9;4); nil shows nothing.
func (a *App) progress() *tea.ProgressBar {
	if !a.queue.Active() {
		return nil
	}
	switch {
	case a.flow.standing:
		return tea.NewProgressBar(tea.ProgressBarWarning, a.flow.percent)
	case a.queue.Failed > 0:
		return tea.NewProgressBar(tea.ProgressBarError, a.flow.percent)
	case !a.flow.counted:
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	}
	return tea.NewProgressBar(tea.ProgressBarDefault, a.flow.percent)
}
