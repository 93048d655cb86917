package transfer

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"ferry/backend"
)

// book is the state of the queue. Only the owner goroutine touches it: commands
// and facts arrive as functions through the inbox.
type book struct {
	e      *Engine
	jobs   []*job // in the order of the queue
	byID   map[backend.JobID]*job
	left   []*job // those that have not ended, in the same order; nil when it has to be found anew
	nextID backend.JobID
	active int
	begun  int64 // bytes of the active items

	archives   int  // being fetched; they hold items that are active
	noArchives bool // the site refused one as such

	parked   string // why the queue stands still
	parkedBy error  // the failure that it is for, nil when somebody wants it so
	refused  error  // the login in use no longer opens the site
	probing  bool   // parked by the network, and somebody looks whether it is back
	probeAt  time.Time
	freed    chan struct{}
	storms   int // how often the site had no answer for who looked

	summed  bool // the site has given late checksums
	sumless bool // it gave none although we waited

	observers []*observer
	subs      map[*subscriber]struct{}
	seq       uint64
	dirty     bool
	published time.Time
	sampled   time.Time

	wakeAt time.Time
	wake   <-chan time.Time
}

func newBook(e *Engine, left []*job) *book {
	b := &book{e: e, byID: map[backend.JobID]*job{}, subs: map[*subscriber]struct{}{}, freed: make(chan struct{}), nextID: e.journal.next}
	for _, j := range left {
		b.adopt(j)
	}
	return b
}

// adopt gives a job of the journal what it needs to run; it waits, paused.
func (b *book) adopt(j *job) {
	j.paused, j.found = true, true
	b.equip(j)
	b.enlist(j)
}

// enlist puts a job at the end of the queue.
func (b *book) enlist(j *job) {
	b.jobs = append(b.jobs, j)
	b.byID[j.id] = j
	b.left = nil
}

// open are the jobs that have not ended, in the order of the queue.
func (b *book) open() []*job {
	if b.left == nil {
		b.left = make([]*job, 0, 8)
		for _, j := range b.jobs {
			if j.ended.IsZero() {
				b.left = append(b.left, j)
			}
		}
	}
	return b.left
}

func (b *book) equip(j *job) {
	j.active, j.from = map[*item]bool{}, origin(&j.req)
	j.dropped, j.resent, j.sent = &atomic.Bool{}, &atomic.Int64{}, &atomic.Int64{}
	j.folders = newFolders(b.e, j.req.Target.Path)
	j.life, j.end = context.WithCancel(b.e.ctx)
	j.ready()
}

// loop is the owner goroutine.
func (b *book) loop() {
	for {
		b.dispatch()
		b.publish(false)
		select {
		case fact := <-b.e.inbox:
			fact(b)
			for range len(b.e.inbox) { // what is there already
				(<-b.e.inbox)(b)
			}
		case <-b.wake:
			b.wake = nil
		case <-b.e.ctx.Done():
			b.shutdown()
			return
		}
	}
}

// shutdown waits for the workers, whose contexts have ended, and takes their
// last facts.
func (b *book) shutdown() {
	gone := make(chan struct{})
	go func() { b.e.wg.Wait(); close(gone) }()
	for waiting := true; waiting; {
		select {
		case fact := <-b.e.inbox:
			fact(b)
		case <-gone:
			waiting = false
		}
	}
	for range len(b.e.inbox) {
		(<-b.e.inbox)(b)
	}
	b.publish(true)
	for s := range b.subs {
		close(s.ch)
	}
	b.subs = nil
	b.e.journal.close()
	close(b.e.done)
}

func (b *book) unsubscribe(s *subscriber) {
	if _, ok := b.subs[s]; ok {
		delete(b.subs, s)
		close(s.ch)
	}
}

// wakeBy makes the loop turn no later than t.
func (b *book) wakeBy(t time.Time) {
	if t.IsZero() || b.wake != nil && !t.Before(b.wakeAt) {
		return
	}
	b.wakeAt = t
	b.wake = b.e.cfg.Clock.After(max(t.Sub(b.e.cfg.Clock.Now()), 0))
}

// publish samples the rates and sends a snapshot when one is due.
func (b *book) publish(last bool) {
	now := b.e.cfg.Clock.Now()
	if now.Sub(b.sampled) >= publishEvery {
		b.sample(now)
	}
	switch {
	case b.active > 0:
		b.wakeBy(b.sampled.Add(publishEvery))
	case b.counts(now):
		b.wakeBy(now.Add(time.Second))
	}
	if !b.dirty && !last {
		return
	}
	if due := b.published.Add(publishEvery); now.Before(due) && !last && !b.over() {
		b.wakeBy(due)
		return
	}
	b.dirty, b.published = false, now
	s := b.snapshot()
	b.e.last.Store(s)
	for sub := range b.subs {
		sub.put(*s)
	}
}

// over tells whether every job has ended: that need not wait for its turn.
func (b *book) over() bool {
	return b.active == 0 && len(b.open()) == 0
}

// sample measures the rates; a snapshot follows only if bytes have moved, or files
// have got their turn.
func (b *book) sample(now time.Time) {
	b.sampled = now
	for _, j := range b.open() {
		if len(j.active) == 0 && j.meter.rate == 0 {
			continue
		}
		bytes, rate := j.bytes(), j.meter.rate
		j.meter.sample(now, j.sent.Load())
		for it := range j.active {
			it.meter.sample(now, it.sent.Load())
		}
		waiting := j.waiting(now)
		if j.seen != bytes || j.meter.rate != rate || j.waited != waiting {
			j.seen, j.waited, b.dirty = bytes, waiting, true
		}
	}
	if b.counts(now) {
		b.dirty = true
	}
}

// counts tells whether people are shown a time that runs down.
func (b *book) counts(now time.Time) bool {
	return b.e.gate.waits() > 0 || b.probeAt.After(now) ||
		slices.ContainsFunc(b.open(), func(j *job) bool { return len(j.delayed) > 0 && !j.paused })
}

// find gives a job to whoever is to change it, nil when there is none: what it
// was described as may no longer be true.
func (b *book) find(id backend.JobID) *job {
	j := b.byID[id]
	if j != nil {
		_ = b.fill(j)
		j.shown = nil
	}
	return j
}

// fill reads the files of an interrupted job before somebody asks for them. One of
// which they cannot be read has none, and does not go on; it can be removed.
func (b *book) fill(j *job) error {
	if !j.unread {
		return nil
	}
	j.shown = nil
	if err := b.e.journal.fill(j); err != nil {
		return journalError(b.e.cfg.StateDir, err)
	}
	return nil
}

// dispatch begins whatever may be begun.
func (b *book) dispatch() {
	if b.e.ctx.Err() != nil {
		return
	}
	now := b.e.cfg.Clock.Now()
	scanning := 0
	for _, j := range b.open() {
		if j.scanning {
			scanning++
		}
	}
	width := min(b.e.cfg.Limits.Files, 2*b.e.gate.width()+2)
	for _, j := range b.open() {
		if j.paused || b.parked != "" {
			continue
		}
		if j.started.IsZero() && (scanning < 2 && b.active < width || j.found) {
			j.started, j.shown = now, nil
			b.dirty = true
		}
		if j.started.IsZero() {
			continue
		}
		if !j.scanned && !j.scanning && scanning < 2 {
			scanning++
			b.scan(j)
		}
		b.wakeBy(j.due(now))
		for b.active < width && b.e.throttle.mayBegin(len(j.active), b.begun) {
			group, wait := b.nextGroup(j)
			if wait {
				break
			}
			if group != nil {
				b.beginGroup(j, group)
				continue
			}
			it := j.next()
			if it == nil {
				break
			}
			b.begin(j, it)
		}
		b.lookLate(j, now)
		b.maybeEnd(j, now)
	}
}

// scan starts the scanner of a job.
func (b *book) scan(j *job) {
	j.scanning = true
	b.dirty = true
	e, id, life := b.e, j.id, j.life
	s := &scanner{
		e: e, req: j.req,
		hand: func(items []*item) (enough bool, err error) {
			err = e.call(func(b *book) {
				b.planned(id, items)
				enough = b.enough(id)
			})
			return enough, err
		},
		ask: func(ctx context.Context, call func(context.Context) error) error {
			return e.patiently(ctx, func() error { return call(ctx) })
		},
	}
	e.wg.Go(func() {
		err := e.guard("scan", s.req.Sources[0].Path, func() error { return s.scan(life) })
		e.tell(func(b *book) { b.scannedAll(id, s.dirs, s.links, err) })
	})
}

// enough tells the scanner to wait.
func (b *book) enough(id backend.JobID) bool {
	j := b.find(id)
	return j != nil && len(j.queue) >= b.e.cfg.Limits.Window
}

// planned takes new items of a scan.
func (b *book) planned(id backend.JobID, items []*item) {
	j := b.find(id)
	if j == nil || len(items) == 0 || !j.ended.IsZero() {
		return
	}
	b.dirty = true
	fresh := items[:0]
	for _, it := range items {
		if j.known[it.key()] {
			continue // of the journal: its scan is being repeated
		}
		if j.all {
			it.policy = j.req.Conflict
		}
		b.resumeItem(j, it)
		if it.id == 0 {
			j.nextID++
			it.id = j.nextID
		}
		if it.was == nil { // else the journal has it as done, which it stays when we are stopped
			fresh = append(fresh, it)
		}
		if !it.src.IsDir() || it.err != nil {
			j.filesTotal++
			j.bytesTotal += it.size()
			it.counted = true
		}
		if it.err != nil {
			b.fail(j, it, it.err)
			continue
		}
		j.queue = append(j.queue, it)
	}
	b.e.journal.items(j.id, fresh)
	for _, it := range fresh {
		if it.cp != nil {
			b.e.journal.checkpoint(j.id, it.id, it.cp)
		}
	}
}

func (b *book) scannedAll(id backend.JobID, dirs []string, links int, err error) {
	j := b.find(id)
	if j == nil {
		return
	}
	b.dirty = true
	j.scanning = false
	if err != nil && (backend.Cancelled(err) || errors.Is(err, errClosed)) {
		return // a resumed job scans again
	}
	if err == nil && j.rescan {
		j.rescan, j.known = false, b.e.journal.keys(id)
		return
	}
	j.scanned, j.rescan, j.dirs, j.known, j.links = true, false, nil, nil, links
	if j.req.Move {
		j.dirs = dirs
	}
	b.e.journal.scanned(id, j.dirs, links, err)
	if err != nil {
		j.unscanned(err)
		return
	}
	b.dropBefore(j)
}

// begin runs an item.
func (b *book) begin(j *job, it *item) {
	w := b.assign(j, it)
	ctx, halt := context.WithCancel(j.work)
	it.halt = halt
	ctx, it.turn = b.e.withTurn(ctx)
	b.e.wg.Go(func() {
		var out outcome
		if err := b.e.guard("transfer", w.src.Path, func() error { out = b.e.run(ctx, w); return nil }); err != nil {
			out = outcome{err: err}
		}
		b.e.tell(func(b *book) { b.report(w, out) })
	})
}

// assign hands an item to a worker.
func (b *book) assign(j *job, it *item) *work {
	it.state = backend.JobRunning
	it.meter.idle()
	j.unkeep(it)
	j.active[it] = true
	b.active++
	it.begun = it.size()
	b.begun += it.begun
	b.dirty = true
	it.halt = func() {}
	return &work{it: it, src: it.src, job: j.id, req: j.req, folders: j.folders, dropped: j.dropped, resent: j.resent, sent: j.sent}
}

// report takes an item back from its worker.
func (b *book) report(w *work, out outcome) {
	it := w.it
	if j := b.find(w.job); j != nil && !w.src.IsDir() {
		j.bytesTotal += max(w.src.Size, 0) - it.size()
	}
	it.src = w.src
	b.finish(w.job, it, out)
}

// maybeEnd closes a job whose work is done.
func (b *book) maybeEnd(j *job, now time.Time) {
	if !j.ended.IsZero() || !j.idle() {
		return
	}
	if len(j.dirs) > 0 && !j.swept {
		b.sweep(j)
		return
	}
	j.state = backend.JobDone
	if len(j.failed) > 0 {
		j.state = backend.JobFailed
	}
	j.ended, b.left = now, nil
	j.meter.idle()
	b.dirty = true
	b.e.journal.ended(j.id, j.state, now)
}

// sweep removes the source folders that a move has emptied, deepest first; the
// job ends after it. Those that still hold something stay, and are tried again
// when failed files are.
func (b *book) sweep(j *job) {
	dirs := slices.Clone(j.dirs)
	slices.SortFunc(dirs, func(a, b string) int { return len(a) - len(b) }) // parents are shorter
	upload, e := j.req.Direction == backend.Upload, b.e
	id, ctx := j.id, j.work
	j.swept, j.looking = true, true
	b.e.wg.Go(func() {
		var kept []string
		var refused error // nothing more can be done now
		for i, dir := range slices.Backward(dirs) {
			err := e.guard("delete", dir, func() error {
				if upload {
					return e.cfg.Local.Delete(ctx, dir, false)
				}
				return e.request(ctx, func() error { return e.site().Delete(ctx, dir, false) })
			})
			if t := treat(err); t == parkLogin || t == parkNet || err != nil && pushedBack(err) {
				refused = err
				kept = append(kept, dirs[:i+1]...)
				break
			}
			if err != nil && !missing(err) {
				e.cfg.Log.Info("source folder kept", "path", dir, "err", err)
				kept = append(kept, dir)
			}
		}
		stopped := ctx.Err() != nil
		e.tell(func(b *book) {
			j := b.find(id)
			if j == nil {
				return
			}
			j.looking, j.dirs = false, kept
			j.swept = j.swept && !stopped
			if refused != nil && j.ended.IsZero() {
				j.sweeps++
				if treat(refused) == parkLogin || j.sweeps < triesOf {
					j.swept = false // goes on when the queue does
					b.parkFor(refused)
				}
			}
			b.dirty = true
			b.e.journal.dirs(id, kept)
		})
	})
}
