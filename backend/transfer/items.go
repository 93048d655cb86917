package transfer

import (
	"slices"

	"ferry/backend"
)

// PauseItem stops one file of a job and keeps what it has done; the rest goes
// on. item is the ID of an ItemSnapshot.
func (e *Engine) PauseItem(id backend.JobID, item int64) {
	e.tell(func(b *book) { b.wishItem(id, item, hold) })
}

// ResumeItem lets a file go on that PauseItem has stopped.
func (e *Engine) ResumeItem(id backend.JobID, item int64) {
	e.tell(func(b *book) { b.unhold(id, item) })
}

// SkipItem leaves one file of a job out: nothing unfinished of it stays. It
// counts as skipped, also when it had failed.
func (e *Engine) SkipItem(id backend.JobID, item int64) {
	e.tell(func(b *book) { b.wishItem(id, item, leave) })
}

// leftByHand is said of a file that a person has left out.
const leftByHand = "left out by hand"

// wishItem does what a person wants of a file: at once when it waits, else when
// its worker has ended.
func (b *book) wishItem(id backend.JobID, which int64, w wish) {
	j := b.find(id)
	if j == nil || !j.ended.IsZero() && w == hold {
		return
	}
	for it := range j.active {
		if it.id == which {
			it.wish = w
			it.halt() // a file in an archive comes with the others
			b.dirty = true
			return
		}
	}
	lists := []*[]*item{&j.queue, &j.delayed, &j.asking}
	if w == leave {
		lists = append(lists, &j.held, &j.failed)
	}
	for _, list := range lists {
		i := slices.IndexFunc(*list, func(it *item) bool { return it.id == which && it.id != 0 })
		if i < 0 {
			continue
		}
		it := (*list)[i]
		*list = slices.Delete(*list, i, i+1)
		it.wish = w
		b.granted(j, it)
		j.reason()
		if !j.ended.IsZero() && len(j.failed) == 0 {
			j.state = backend.JobDone
			b.e.journal.ended(j.id, j.state, j.ended)
		}
		return
	}
}

// granted carries out the wish about a file that no worker has.
func (b *book) granted(j *job, it *item) {
	b.dirty = true
	w := it.wish
	it.wish, it.existing = none, nil
	if w == hold {
		it.state, it.err = backend.JobPaused, nil
		j.keep(it, it.cp.bytes())
		j.held = append(j.held, it)
		b.e.journal.state(j.id, it)
		return
	}
	b.removePartials(j, []*item{it})
	it.say(leftByHand)
	b.leaveOut(j, it)
}

// unhold lets a paused file go on, before those that wait.
func (b *book) unhold(id backend.JobID, which int64) {
	j := b.find(id)
	if j == nil {
		return
	}
	for it := range j.active {
		if it.id == which && it.wish == hold {
			it.wish = none // its worker ends and it is begun again
		}
	}
	i := slices.IndexFunc(j.held, func(it *item) bool { return it.id == which })
	if i < 0 {
		return
	}
	it := j.held[i]
	j.held = slices.Delete(j.held, i, i+1)
	b.requeue(j, it)
}

// unholdAll lets all paused files of a job go on.
func (b *book) unholdAll(j *job) {
	held := j.held
	j.held = nil
	for _, it := range slices.Backward(held) {
		b.requeue(j, it)
	}
}

func (b *book) requeue(j *job, it *item) {
	it.state = backend.JobQueued
	j.queue = append([]*item{it}, j.queue...)
	b.dirty = true
	b.e.journal.state(j.id, it)
}
