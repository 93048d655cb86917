package transfers

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
)

// foremost puts what has not ended before what has: the work in the order of the
// queue, then the newest end first. The rows of a snapshot are never changed;
// those that are in this order already need no copy.
func foremost(jobs []backend.JobSnapshot) []backend.JobSnapshot {
	ended := 0
	for i := range jobs {
		j := &jobs[i]
		switch {
		case j.State.Ended() && ended > 0 && j.Ended.After(jobs[i-1].Ended), !j.State.Ended() && ended > 0:
			return arranged(jobs)
		case j.State.Ended():
			ended++
		}
	}
	return jobs
}

func arranged(jobs []backend.JobSnapshot) []backend.JobSnapshot {
	places := make([]*backend.JobSnapshot, 0, len(jobs)) // the rows are large
	open := 0
	for i := range jobs {
		if !jobs[i].State.Ended() {
			places = append(places, &jobs[i])
			open++
		}
	}
	for i := range jobs {
		if jobs[i].State.Ended() {
			places = append(places, &jobs[i])
		}
	}
	slices.SortStableFunc(places[open:], func(a, b *backend.JobSnapshot) int { return b.Ended.Compare(a.Ended) })
	out := make([]backend.JobSnapshot, len(places))
	for i, j := range places {
		out[i] = *j
	}
	return out
}

// front tells that the list comes to the front: until a key is pressed the cursor
// is where the work is.
func (l *list) front() {
	l.still = true
	l.attend()
}

// attend puts the cursor on the first row when nobody has moved it since the list
// came to the front and its own row has ended while others go on. Else it stays
// with its row.
func (l *list) attend() {
	if j, ok := l.table.Cursor(); l.still && ok && j.State.Ended() && l.tally.open() > 0 {
		l.table.MoveTo(0)
	}
}

// stuck says why transfers are as far in the queue as one gets, "" when one of
// them can move.
func (l *list) stuck(targets []backend.JobSnapshot, by int) string {
	place := "first"
	if by > 0 {
		place = "last"
	}
	switch open := l.tally.open(); {
	case open == 0 || !l.atEdge(targets, by):
		return ""
	case open == unended(targets):
		return "there is no other transfer to change places with"
	case len(targets) > 1:
		return "they are " + place + " in the queue already"
	}
	return "it is " + place + " in the queue already"
}

// atEdge tells whether those of the transfers that have not ended are at that end
// of the queue.
func (l *list) atEdge(targets []backend.JobSnapshot, by int) bool {
	jobs, at := l.snap.Jobs, l.tally.first
	if by > 0 {
		at = l.tally.last
	}
	is := func(id backend.JobID) func(backend.JobSnapshot) bool {
		return func(j backend.JobSnapshot) bool { return j.ID == id }
	}
	if !slices.ContainsFunc(targets, is(jobs[at].ID)) {
		return false // most are not, and a key may not cost a look at thousands
	}
	picked, left := picks(targets), unended(targets)
	for ; left > 0 && at >= 0 && at < len(jobs); at += by {
		switch j := &jobs[at]; {
		case j.State.Ended():
		case !picked[j.ID]:
			return false
		default:
			left--
		}
	}
	return true
}

func unended(jobs []backend.JobSnapshot) (n int) {
	for i := range jobs {
		if !jobs[i].State.Ended() {
			n++
		}
	}
	return n
}

func picks(targets []backend.JobSnapshot) map[backend.JobID]bool {
	picked := make(map[backend.JobID]bool, len(targets))
	for i := range targets {
		picked[targets[i].ID] = true
	}
	return picked
}

// shift moves transfers one place among those that have not ended, together: the
// one ahead makes room for the next. Those that are as far as one gets stay.
func (l *list) shift(targets []backend.JobSnapshot, by int) tea.Cmd {
	picked := picks(targets)
	queue := slices.All(l.snap.Jobs)
	if by > 0 {
		queue = slices.Backward(l.snap.Jobs)
	}
	var moving []backend.JobSnapshot
	edge := true
	for _, j := range queue {
		switch {
		case !isOpen(j):
		case !picked[j.ID]:
			edge = false
		case !edge:
			moving = append(moving, j)
		}
	}
	q := l.queue
	return each(moving, isOpen, func(id backend.JobID) { q.Priority(id, by) })
}
