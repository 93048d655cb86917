package transfer

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// AddAgain is Add for who gives the same command again: when an earlier engine
// left the same request unfinished, it goes on. The sources are looked through
// anew; what arrived then and has not changed since is not moved again, what
// was begun goes on where it was. found tells whether there was such a job. What
// Add refuses is refused, except beside other jobs that an earlier engine has left
// and nobody has let go on.
func (e *Engine) AddAgain(ctx context.Context, req backend.TransferRequest) (id backend.JobID, found bool, err error) {
	if err := ctx.Err(); err != nil {
		return 0, false, err
	}
	if err := check(req); err != nil {
		return 0, false, err
	}
	var refused error
	err = e.call(func(b *book) {
		if refused = b.underWay(req, func(j *job) bool { return !j.found }); refused == nil {
			id, found, refused = b.addAgain(req)
		}
	})
	return id, found, cmp.Or(err, refused)
}

// Forget drops what an earlier engine has done for the same request.
func (e *Engine) Forget(req backend.TransferRequest) error {
	return e.call(func(b *book) {
		for j := b.earlier(req); j != nil; j = b.earlier(req) {
			b.remove(j.id)
		}
	})
}

// addPlanned queues the items of a plan, or goes on with those that an earlier
// engine left.
func (e *Engine) addPlanned(ctx context.Context, req backend.TransferRequest, items []*item) (id backend.JobID, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	var refused error
	err = e.call(func(b *book) {
		if id, _, refused = b.addAgain(req); refused == nil {
			b.planned(id, items)
			b.scannedAll(id, nil, 0, nil)
		}
	})
	return id, cmp.Or(err, refused)
}

// addAgain queues a request, as a new job or as the one that was left.
func (b *book) addAgain(req backend.TransferRequest) (id backend.JobID, found bool, err error) {
	if j := b.earlier(req); j != nil {
		if err := b.fill(j); err != nil {
			return 0, false, err
		}
		b.again(j, req)
		return j.id, true, nil
	}
	return b.add(req), false, nil
}

// earlier finds a job of the journal that was asked for in the same words.
func (b *book) earlier(req backend.TransferRequest) *job {
	for _, j := range b.jobs {
		if j.found && sameRequest(j.req, req) {
			return j
		}
	}
	return nil
}

// sameRequest compares what was asked for; sizes and times of the sources may
// have changed since, and another answer to existing targets is no other job.
func sameRequest(a, b backend.TransferRequest) bool {
	return a.Direction == b.Direction && a.Target == b.Target && a.Move == b.Move && a.Planned == b.Planned &&
		a.FollowLinks == b.FollowLinks && slices.Equal(a.Ignore, b.Ignore) &&
		slices.EqualFunc(a.Sources, b.Sources, func(x, y backend.Entry) bool { return x.Path == y.Path && x.Name == y.Name })
}

// again starts a job of the journal over, keeping what it has done by name for
// the scan to find (see resumeItem).
func (b *book) again(j *job, req backend.TransferRequest) {
	j.earlier = map[string]*item{}
	for _, it := range slices.Concat(b.e.journal.settled(j.id), j.failed, j.queue, j.held) {
		if it.id != 0 {
			j.earlier[it.key()] = it
		}
	}
	j.req, j.queue, j.failed, j.held, j.late, j.err, j.known = req, nil, nil, nil, nil, nil, nil
	j.all, j.dirs = false, nil
	j.filesDone, j.filesTotal, j.filesSkipped, j.bytesDone, j.bytesTotal, j.kept = 0, 0, 0, 0, 0, 0
	j.before = amount{}
	j.unchecked()
	j.scanned, j.started, j.found, j.shown = false, time.Time{}, false, nil
	b.reopen(j)
	b.e.journal.restart(j)
}

// resumeItem gives a planned item what the earlier run has done of it. What had
// arrived is looked at once more: the target may have changed since.
func (b *book) resumeItem(j *job, it *item) {
	old := j.earlier[it.key()]
	if old == nil {
		return
	}
	delete(j.earlier, it.key())
	it.id = old.id
	// A plan has seen both sides since: what it names has to be moved, whatever
	// an earlier run has done.
	unchanged := old.src.Size == it.src.Size && seconds(old.src.Modified).Equal(seconds(it.src.Modified)) && !j.req.Planned
	if waits := it.dst == old.dst && j.unproven(old); unchanged && it.err == nil && !it.src.IsDir() &&
		(waits || old.state == backend.JobDone && !j.req.Move) {
		it.was = &arrival{dst: old.dst, verified: old.verified, by: old.by, waits: waits, sums: old.sums}
		it.told.Store(old.told.Load())
		return
	}
	if it.err == nil && unchanged {
		it.again, it.arrived = true, old.arrived // it may have come in the last moment
	}
	if old.cp != nil && it.err == nil {
		it.cp = old.cp
		j.keep(it, it.cp.bytes())
		j.hadBefore(it, it.cp.before())
	}
}

// stillThere looks whether what an earlier run has brought is there as it came,
// as far as size and time tell.
func (e *Engine) stillThere(ctx context.Context, w *work) outcome {
	was := w.it.was
	there, err := e.standing(ctx, w, was.dst)
	switch {
	case errors.Is(err, backend.NotAuthorized): // who may only write cannot know
	case missing(err), err == nil && there == nil:
		w.it.say("had arrived before, and was gone")
		return outcome{gone: true}
	case err != nil:
		return outcome{err: err}
	case !asItCame(w, there):
		w.it.say("had arrived before, and was another by now")
		return outcome{gone: true}
	}
	return outcome{before: true, verified: was.verified, by: was.by}
}

// standing finds what has a name in the target, nil when nothing does.
func (e *Engine) standing(ctx context.Context, w *work, dst string) (*backend.Entry, error) {
	if w.req.Direction == backend.Download {
		there, err := e.cfg.Local.FindIn(ctx, w.req.Target.Path, dst)
		return &there, err
	}
	dir, name := pathutil.Dir(dst), pathutil.Base(dst)
	folder, err := w.folders.ensure(ctx, dir)
	if err != nil {
		return nil, err
	}
	return w.folders.lookup(ctx, folder, dir, name, w.many(dir))
}

// asItCame tells whether a target looks like what was brought there.
func asItCame(w *work, there *backend.Entry) bool {
	if w.req.Direction == backend.Download && there.Size == w.src.Size && !there.IsDir() && !there.Link {
		// FAT keeps every other second, and what has no time on the site got none.
		d := there.Modified.Sub(w.src.Modified)
		return w.src.Modified.IsZero() || d.Abs() <= fatTick
	}
	return twins(w.src, there)
}

const fatTick = 2 * time.Second

// remained counts a file that an earlier run has brought.
func (b *book) remained(j *job, it *item) {
	was := it.was
	it.dst, it.state, it.was = was.dst, backend.JobDone, nil
	it.verified, it.by = was.verified, was.by
	if was.waits {
		it.sums = was.sums
		b.wait(j, it)
		return
	}
	j.filesDone++
	j.bytesDone += it.size()
	j.checked(was.verified, was.by, 1)
}

// vanished queues a file that an earlier run has brought, and whose target is
// another by now, as one that was never moved.
func (b *book) vanished(j *job, it *item) {
	it.was, it.state = nil, backend.JobQueued
	b.e.journal.items(j.id, []*item{it})
	j.queue = append(j.queue, it)
}

// dropBefore forgets what an earlier run has done of files that are no longer
// there.
func (b *book) dropBefore(j *job) {
	left := slices.Collect(maps.Values(j.earlier))
	for _, it := range left {
		b.e.journal.drop(j.id, it.id)
	}
	j.earlier = nil
	b.removePartials(j, left)
}

// settled are the items of a job that arrived or were left out.
func (j *journal) settled(id backend.JobID) []*item {
	var out []*item
	j.read(func(tx *sql.Tx) error {
		out = nil // it may run again
		rows, err := tx.Query(`SELECT `+itemColumns+` FROM items WHERE job = ? AND state IN (?, ?)`,
			int64(id), int(backend.JobDone), int(backend.JobCancelled))
		if err != nil {
			return err
		}
		for rows.Next() {
			it, err := loadItem(rows)
			if err != nil {
				return errors.Join(err, rows.Close())
			}
			out = append(out, it)
		}
		return errors.Join(rows.Err(), rows.Close())
	})
	return out
}

// restart keeps that a job is scanned again.
func (j *journal) restart(job *job) {
	req := j.request(job)
	j.exec(`UPDATE jobs SET scanned = 0, answered = 0, err = '', req = ? WHERE id = ?`, req, int64(job.id))
	j.exec(`DELETE FROM dirs WHERE job = ?`, int64(job.id))
}

// drop forgets an item.
func (j *journal) drop(id backend.JobID, item int64) {
	j.exec(`DELETE FROM items WHERE job = ? AND id = ?`, int64(id), item)
	j.exec(`DELETE FROM pieces WHERE job = ? AND item = ?`, int64(id), item)
}

// Observe tells f of every file that has ended: done, failed for good or left
// out (cancelled). f is called by the engine's owner and must not block; it may
// not call the engine. It stays until stop is called or the engine is closed.
func (e *Engine) Observe(f func(backend.JobID, backend.ItemSnapshot)) (stop func()) {
	e.tell(func(b *book) { b.observers = append(b.observers, &f) })
	return func() {
		e.tell(func(b *book) { b.observers = slices.DeleteFunc(b.observers, func(o *observer) bool { return o == &f }) })
	}
}

// observer is told of every file that has ended.
type observer = func(backend.JobID, backend.ItemSnapshot)

// observed tells the observers.
func (b *book) observed(j *job, it *item) {
	if len(b.observers) == 0 {
		return
	}
	s := it.show()
	s.Note = it.said() // the rest was true on the way only
	for _, f := range b.observers {
		(*f)(j.id, s)
	}
}
