package transfers

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

// filter chooses transfers by their state.
type filter uint8

// The filters.
const (
	everything filter = iota
	atWork
	waiting
	pausedOnly
	askingOnly
	failedOnly
	doneOnly
	cancelledOnly
	filters
)

// name is how the frame and the menu call what a filter leaves.
func (f filter) name() string {
	return [...]string{"all", "running", "waiting", "paused", "asking", "failed", "done", "cancelled"}[f]
}

// fits tells whether a transfer is shown.
func (f filter) fits(j *backend.JobSnapshot) bool {
	switch f {
	case atWork:
		return (j.State == backend.JobRunning || j.State == backend.JobScanning) && !j.Waiting
	case waiting:
		return j.State == backend.JobQueued || j.State == backend.JobParked || j.Waiting
	case pausedOnly:
		return j.State == backend.JobPaused
	case askingOnly:
		return j.Asking > 0 && !j.State.Ended()
	case failedOnly:
		return hasFailed(*j)
	case doneOnly:
		return j.State == backend.JobDone
	case cancelledOnly:
		return j.State == backend.JobCancelled
	}
	return true
}

// of is the transfers that are shown. The rows of a snapshot are never changed,
// so all of them need no copy.
func (f filter) of(jobs []backend.JobSnapshot) []backend.JobSnapshot {
	if f == everything {
		return jobs
	}
	out := make([]backend.JobSnapshot, 0, 16)
	for i := range jobs {
		if f.fits(&jobs[i]) {
			out = append(out, jobs[i])
		}
	}
	return out
}

// tally counts transfers once per snapshot, so that no key and no frame has to
// look at thousands of them.
type tally struct {
	by     [backend.JobCancelled + 1]int
	failed int // with something to try again
	asking int // files
	shown  [filters]int
	first  int // that has not ended; -1 for none
	last   int
}

func count(jobs []backend.JobSnapshot) tally {
	t, idle := tally{first: -1, last: -1}, 0
	for i := range jobs {
		j := &jobs[i]
		if !j.State.Ended() {
			if t.last = i; t.first < 0 {
				t.first = i
			}
		}
		t.by[j.State]++
		if j.Waiting {
			idle++
		}
		if j.FilesFailed > 0 || j.State == backend.JobFailed {
			t.failed++
		}
		if j.Asking > 0 && !j.State.Ended() {
			t.shown[askingOnly]++
			t.asking += j.Asking
		}
	}
	t.shown[everything], t.shown[failedOnly] = len(jobs), t.failed
	t.shown[atWork] = t.by[backend.JobRunning] + t.by[backend.JobScanning] - idle
	t.shown[waiting] = t.by[backend.JobQueued] + t.by[backend.JobParked] + idle
	t.shown[pausedOnly], t.shown[doneOnly], t.shown[cancelledOnly] = t.by[backend.JobPaused], t.by[backend.JobDone], t.by[backend.JobCancelled]
	return t
}

func (t *tally) ended() int {
	return t.by[backend.JobDone] + t.by[backend.JobFailed] + t.by[backend.JobCancelled]
}
func (t *tally) open() int { return t.shown[everything] - t.ended() }

// allPaused tells whether everything that has not ended is paused.
func (t *tally) allPaused() bool { return t.open() > 0 && t.open() == t.by[backend.JobPaused] }

// show changes what is shown.
func (l *list) show(f filter) {
	l.only = f
	if f == everything {
		l.table.Empty("Nothing is being transferred",
			l.env.Keys.Key(keymap.CopyAcross)+" in the files screen copies to the other pane")
	} else {
		l.table.Empty("No transfer is "+f.name()+" now", l.env.Keys.Key(keymap.EscapeLevel)+" shows all of them")
	}
	l.table.Replace(f.of(foremost(l.snap.Jobs)), false)
}

// filterMsg is a choice of the menu, for the list that asked.
type filterMsg struct {
	list *list
	only filter
}

func (l *list) askFilter() tea.Cmd {
	spec := dialog.MenuSpec{Title: "Show the transfers that are", Selected: int(l.only)}
	for f := range filters {
		it := dialog.MenuItem{Label: cell.Fit(f.name(), 12) + cell.FitRight(cell.Count(l.tally.shown[f]), 6), Key: letters[f], Cmd: ui.Say(filterMsg{l, f})}
		spec.Items = append(spec.Items, it)
	}
	return ui.Open(dialog.Menu(l.env, spec))
}

// letters choose a filter in its menu.
var letters = [filters]string{"a", "r", "w", "p", "s", "f", "d", "c"}

// chosen shows what was chosen in the menu.
func (l *list) chosen(m filterMsg) {
	if m.list == l {
		l.table.ClearMarks() // marks on rows that are not shown would be a trap
		l.show(m.only)
	}
}

func paused(jobs []backend.JobSnapshot) bool { return slices.ContainsFunc(jobs, isPaused) }
