package transfer

import (
	"slices"
	"time"

	"ferry/backend"
)

// add queues a job.
func (b *book) add(req backend.TransferRequest) backend.JobID {
	req.Sources = slices.Clone(req.Sources)
	for i := range req.Sources {
		req.Sources[i].DownloadURI = "" // signed: a secret, and soon stale
	}
	req.Ignore = slices.Clone(req.Ignore)
	j := &job{id: b.nextID, site: b.e.cfg.SiteID, req: req, pos: 1}
	b.nextID++
	if n := len(b.jobs); n > 0 {
		j.pos = b.jobs[n-1].pos + 1
	}
	b.equip(j)
	b.enlist(j)
	b.dirty = true
	b.e.journal.add(j)
	return j.id
}

// each applies a command to every job that has not ended.
func (b *book) each(command func(backend.JobID)) {
	for _, j := range b.jobs {
		if j.ended.IsZero() {
			command(j.id)
		}
	}
}

func (b *book) pause(id backend.JobID) {
	j := b.find(id)
	if j == nil || !j.ended.IsZero() || j.paused && j.byHand {
		return
	}
	j.paused, j.byHand, j.vain = true, true, j.resent.Load()
	j.halt()
	j.meter.idle()
	b.dirty = true
	b.e.journal.paused(id, true)
}

func (b *book) resume(id backend.JobID) {
	j := b.find(id)
	if j == nil || !j.ended.IsZero() || j.unread {
		return
	}
	if !j.paused {
		if len(j.queue)+len(j.active)+len(j.delayed) == 0 {
			b.unholdAll(j) // it stands still because of them
		}
		return
	}
	if j.byHand {
		b.e.journal.paused(id, false)
	}
	j.paused, j.byHand, j.found = false, false, false
	if b.parked == "" {
		j.halt()
		j.ready()
	}
	b.dirty = true
}

// cancel ends a job for good. Its workers remove their partials themselves;
// those of waiting files are removed here.
func (b *book) cancel(id backend.JobID) {
	j := b.find(id)
	if j == nil || !j.ended.IsZero() {
		return
	}
	j.state, j.ended = backend.JobCancelled, b.e.cfg.Clock.Now()
	b.left = nil
	j.dropped.Store(true)
	j.end()
	left := slices.Concat(j.queue, j.delayed, j.held, j.failed)
	j.queue, j.delayed, j.asking, j.late, j.held = nil, nil, nil, nil, nil
	j.meter.idle()
	b.dirty = true
	b.e.journal.ended(j.id, j.state, j.ended)
	b.removePartials(j, left)
}

func (b *book) remove(id backend.JobID) {
	b.cancel(id)
	if j := b.find(id); j != nil && j.state == backend.JobFailed {
		b.removePartials(j, j.failed)
	}
	b.jobs = slices.DeleteFunc(b.jobs, func(j *job) bool {
		if j.id != id {
			return false
		}
		j.end()
		return true
	})
	delete(b.byID, id)
	b.left = nil
	b.dirty = true
	b.e.journal.remove(id)
}

// retry puts the failed files that are wanted back. A job whose scan had failed
// is scanned again. While another job has the same sources on their way, it stays
// failed and says so.
func (b *book) retry(id backend.JobID, wanted func(*item) bool) {
	j := b.find(id)
	if j == nil || j.state == backend.JobCancelled || !slices.ContainsFunc(j.failed, wanted) {
		return
	}
	if !j.req.Planned {
		if err := b.underWay(j.req, func(other *job) bool { return other != j }); err != nil {
			j.err, b.dirty = err, true
			return
		}
	}
	failed := j.failed
	j.failed = nil
	rescan := false
	for _, it := range failed {
		if !wanted(it) {
			j.failed = append(j.failed, it)
			continue
		}
		if it.id == 0 { // stands for the scan
			j.scanned, j.known = false, b.e.journal.keys(j.id)
			j.filesTotal--
			continue
		}
		if it.src.IsDir() { // it could not be listed, or made: looked into again
			j.scanned = false
			rescan = true
			b.e.journal.drop(j.id, it.id)
			if it.counted {
				j.filesTotal--
			}
			continue
		}
		if it.unlike() {
			b.moveAgain(j, it)
		}
		it.state, it.err, it.tries, it.verified, it.by = backend.JobQueued, nil, 0, backend.Unverified, ""
		b.e.journal.state(j.id, it)
		j.queue = append(j.queue, it)
	}
	switch {
	case rescan && j.scanning:
		j.rescan = true // the scan that runs has passed it
	case rescan:
		j.known = b.e.journal.keys(j.id)
	}
	if rescan {
		b.e.journal.unscanned(j.id)
	}
	j.reason()
	j.judge()
	b.reopen(j)
}

// reopen lets an ended job run again.
func (b *book) reopen(j *job) {
	j.ended, j.state = time.Time{}, backend.JobQueued
	b.left = nil
	if j.byHand {
		b.e.journal.paused(j.id, false)
	}
	j.paused, j.byHand, j.swept = false, false, false
	if b.parked == "" && j.work.Err() != nil {
		j.ready() // the queue stood still after it had ended, and unpark passed it over
	}
	b.dirty = true
	b.e.journal.ended(j.id, backend.JobQueued, time.Time{})
}

// move shifts a job in the queue. What has ended between others is no place.
func (b *book) move(id backend.JobID, delta int) {
	i := slices.IndexFunc(b.jobs, func(j *job) bool { return j.id == id })
	if i < 0 {
		return
	}
	to, step := i, 1
	if delta < 0 {
		step = -1
	}
	for n := i + step; delta != 0 && n >= 0 && n < len(b.jobs); n += step {
		if b.jobs[n].ended.IsZero() {
			to, delta = n, delta-step
		}
	}
	if i == to {
		return
	}
	from, upTo := min(i, to), max(i, to)+1
	var places []int64
	for _, j := range b.jobs[from:upTo] {
		places = append(places, j.pos)
	}
	j := b.jobs[i]
	b.jobs = slices.Insert(slices.Delete(b.jobs, i, i+1), to, j)
	b.left = nil
	for n, j := range b.jobs[from:upTo] {
		j.pos = places[n]
	}
	b.dirty = true
	b.e.journal.order(b.jobs[from:upTo])
}

// resolve answers the question about an existing target.
func (b *book) resolve(id backend.JobID, which int64, answer backend.Conflict, all bool) {
	j := b.find(id)
	if j == nil || answer == backend.Ask {
		return
	}
	var still []*item
	for _, it := range j.asking {
		if !all && it.id != which {
			still = append(still, it)
			continue
		}
		it.policy, it.state, it.existing = answer, backend.JobQueued, nil
		b.e.journal.policy(id, it)
		j.queue = append(j.queue, it)
	}
	j.asking = still
	if all {
		j.req.Conflict = answer // for what the scan still finds
		for _, it := range slices.Concat(j.queue, j.delayed, j.held) {
			it.policy = answer
		}
		j.all = true
		b.e.journal.answered(j)
	}
	b.dirty = true
}

// verify compares the finished files of an ended job again. A move has deleted
// the source of what was proven: that stays as it is.
func (b *book) verify(id backend.JobID) {
	j := b.find(id)
	if j == nil || j.ended.IsZero() || j.state == backend.JobCancelled {
		return
	}
	var todo, proven []*item
	for _, it := range b.e.journal.finished(j.id) {
		if j.req.Move && it.verified == backend.Verified {
			proven = append(proven, it)
			continue
		}
		it.recheck = true
		it.note("compares what is there once more")
		todo = append(todo, it)
	}
	if len(todo) == 0 {
		return
	}
	j.filesDone, j.bytesDone = 0, 0
	j.unchecked()
	for _, it := range proven {
		j.filesDone++
		j.bytesDone += it.size()
		j.checked(it.verified, it.by, 1)
	}
	j.queue = append(j.queue, todo...)
	b.reopen(j)
}

// unlike tells whether a comparison on demand has found the target gone, or unlike its
// source.
func (it *item) unlike() bool {
	return it.recheck && (it.vacant || it.verified == backend.Mismatch)
}

// disown keeps that what stands in the place of such a file may be somebody else's by
// now: when it is tried again, also after a restart, a person is asked, whatever the
// job does with existing files, and whatever was answered for all of them.
func (b *book) disown(j *job, it *item) {
	it.expect, it.policy = nil, backend.Ask
	b.e.journal.items(j.id, []*item{it})
	if j.all {
		j.all = false
		b.e.journal.unanswered(j.id)
	}
}

// moveAgain makes an unlike file one that is moved, instead of one that is compared
// once more to the same end.
func (b *book) moveAgain(j *job, it *item) {
	why := "had arrived, and was not the same any more"
	if it.vacant {
		why = "had arrived, and was gone"
	}
	it.say("%s", why)
	it.recheck, it.vacant, it.again, it.cp = false, false, false, nil
	j.folders = newFolders(b.e, j.req.Target.Path) // what it knew is old
	b.e.journal.items(j.id, []*item{it})
}

// recovered describes the jobs that came from the journal and wait.
func (b *book) recovered() []backend.JobSnapshot {
	var out []backend.JobSnapshot
	now := b.e.cfg.Clock.Now()
	for _, j := range b.jobs {
		if j.found && j.ended.IsZero() {
			_ = b.fill(j)
			out = append(out, b.describe(j, now))
		}
	}
	return out
}
