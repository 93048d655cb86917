package transfer

import (
	"context"
	"strings"
	"time"

	"ferry/backend"
)

// finish takes the outcome of an item. What comes back stopped goes to the
// front of the queue; it keeps its checkpoint.
func (b *book) finish(id backend.JobID, it *item, out outcome) {
	b.active--
	b.begun -= it.begun
	b.dirty = true
	it.halt()
	j := b.find(id)
	if j == nil {
		return
	}
	delete(j.active, it)
	if it.cp != nil && it.cp.Dst != "" {
		it.dst = it.cp.Dst
	}
	it.existing, it.foreign = nil, ""
	if !it.recheck {
		had := it.cp.before()
		if out.before && out.err == nil {
			had = it.whole()
		}
		j.hadBefore(it, had)
	}
	switch {
	case it.wish != none && j.ended.IsZero() && out.comesAgain():
		b.granted(j, it)
	case out.gone && j.ended.IsZero():
		b.vanished(j, it)
	case it.was != nil && out.before && out.err == nil:
		b.remained(j, it)
	case out.alone:
		it.alone, it.state = true, backend.JobQueued
		it.done.Store(0)
		j.queue = append([]*item{it}, j.queue...)
	case out.err != nil:
		b.failure(j, it, out)
	case out.existing != nil && b.e.alone.Load() != nil && (out.foreign != "" || !j.all):
		if it.cp != nil {
			it.cp = nil
			b.e.journal.forget(j.id, it.id) // it may say that the target may be replaced
		}
		b.fail(j, it, undecided(it, out))
	case out.foreign != "":
		it.policy = backend.Ask // the answer for all would only find the same again
		it.existing, it.foreign, it.state, it.cp = out.existing, out.foreign, backend.JobPaused, nil
		b.e.journal.forget(j.id, it.id) // it says that the target may be replaced
		j.asking = append(j.asking, it)
	case out.existing != nil && j.all:
		it.policy, it.state = j.req.Conflict, backend.JobQueued
		j.queue = append(j.queue, it)
	case out.existing != nil:
		it.existing, it.state = out.existing, backend.JobPaused
		j.asking = append(j.asking, it)
	case out.skipped:
		b.leaveOut(j, it)
	case out.late && j.req.NoWait:
		it.say("the site had no checksum yet")
		b.succeed(j, it, outcome{verified: backend.SizeOnly})
	case out.late && j.ended.IsZero():
		it.sums, it.checks = out.sums, 0
		it.note("waits for the site's checksum")
		it.verified, it.state, it.cp = backend.SizeOnly, backend.JobDone, nil
		b.e.journal.done(j.id, it) // it is there, whatever happens to us now
		b.wait(j, it)
	default:
		b.succeed(j, it, out)
	}
}

// succeed counts a finished file.
func (b *book) succeed(j *job, it *item, out outcome) {
	it.state, it.err = backend.JobDone, nil
	j.unkeep(it)
	it.verified, it.by = out.verified, out.by
	it.cp, it.sums = nil, backend.Checksums{}
	if !it.src.IsDir() {
		j.filesDone++
		j.bytesDone += it.size()
		j.checked(out.verified, out.by, 1)
	}
	b.e.journal.done(j.id, it)
	b.observed(j, it)
}

// leaveOut counts a file that is not to be transferred.
func (b *book) leaveOut(j *job, it *item) {
	j.unkeep(it)
	j.hadBefore(it, amount{})
	it.state, it.err, it.cp = backend.JobCancelled, nil, nil
	j.filesSkipped++
	j.bytesTotal -= it.size()
	b.e.journal.done(j.id, it)
	b.observed(j, it)
}

// fail counts a failed file.
func (b *book) fail(j *job, it *item, err error) {
	j.unkeep(it)
	j.hadBefore(it, amount{})
	it.state, it.err = backend.JobFailed, err
	j.failed = append(j.failed, it)
	if j.err == nil {
		j.err = err
	}
	b.e.journal.failed(j.id, it)
	b.observed(j, it)
}

// failure decides what becomes of an item that did not succeed.
func (b *book) failure(j *job, it *item, out outcome) {
	err := out.err
	if it.recheck && out.verified == backend.Mismatch {
		err = unlike(backend.AsError(err).Path, out.by)
	}
	t := treat(err)
	if t == stopped || !j.ended.IsZero() {
		it.state = backend.JobQueued
		if j.ended.IsZero() {
			j.keep(it, it.cp.bytes())
			j.queue = append([]*item{it}, j.queue...)
		}
		return
	}
	it.verified, it.by = out.verified, out.by
	w := &work{it: it, job: j.id}
	if out.verified == backend.Mismatch && j.req.Direction == backend.Upload && !it.recheck {
		// What stands at the target now is ours, and damaged: to send it again
		// writes over nothing that nobody has seen.
		it.cp, it.expect = &checkpoint{Dst: it.dst, Replace: true}, nil
	}
	if t == fromStart {
		j.resent.Add(it.done.Load())
		b.e.forget(w)
		if it.cp != nil && it.cp.Replace {
			b.e.journal.checkpoint(j.id, it.id, it.cp) // the next start would ask about what we left there
		}
		said := backend.AsError(err).Message
		if it.tries+1 < triesOf && !it.recheck {
			said = strings.TrimSuffix(said, ".") + "; it starts over"
		}
		it.say("%s", said)
	}
	if t == parkLogin {
		b.parkFor(err)
		b.later(j, it, err, 0)
		return
	}
	if got := it.cp.bytes(); got > it.reached && (t == again || t == parkNet) {
		it.reached, it.tries = got, 0 // a bad line, but it comes on
	}
	it.tries++
	if b.waitsOut(it, err) {
		b.later(j, it, err, backoff(it.tries, err))
		return
	}
	if t == giveUp || it.tries >= triesOf || t == fromStart && it.recheck {
		if out.verified == backend.Mismatch {
			j.weakest(backend.Mismatch, out.by)
		}
		if it.unlike() {
			b.disown(j, it)
		}
		b.fail(j, it, err)
		return
	}
	if t == parkNet {
		b.parkFor(err)
	}
	b.later(j, it, err, backoff(it.tries, err))
}

// waitsToLook is waitsOut for a file that has arrived and waits for its checksum.
func (b *book) waitsToLook(it *item, err error) bool {
	if err == nil || !pushedBack(err) {
		return false
	}
	if it.storms != b.storms {
		it.storms, it.waits = b.storms, 0
	}
	it.waits++
	return it.waits <= stormWaits
}

// waitsOut tells whether a file that the site puts off waits on instead of
// failing. While nothing comes through for anybody the queue parks with it, until
// the site answers again; a site that answers all but this file is believed in the
// end.
func (b *book) waitsOut(it *item, err error) bool {
	now := b.e.cfg.Clock.Now()
	if !pushedBack(err) {
		it.put = time.Time{}
		return false
	}
	if it.put.IsZero() {
		it.put, it.waits = now, 0
	}
	if it.tries < triesOf {
		return false
	}
	if it.storms != b.storms { // nobody was answered since
		it.storms, it.waits = b.storms, 0
	}
	it.waits++
	if b.e.gate.cameThrough().After(it.put) {
		it.put = now
		return it.waits <= triesOf
	}
	it.put = now
	if it.waits > stormWaits {
		return false
	}
	b.parkFor(err)
	return true
}

func (b *book) later(j *job, it *item, err error, d time.Duration) {
	j.keep(it, it.cp.bytes())
	it.state, it.err = backend.JobQueued, err
	if it.sums != (backend.Checksums{}) { // it had arrived, it seemed
		it.sums = backend.Checksums{}
		b.e.journal.state(j.id, it)
	}
	it.after = b.e.cfg.Clock.Now().Add(d)
	j.delayed = append(j.delayed, it)
}

// park stops the queue. The workers end; what they have done is kept. by is the
// failure that it is for, nil when somebody wants it so. What is the site's own
// passes: somebody looks whether it is back and lets the queue go on. Everything
// else needs a person, whatever the network does.
func (b *book) park(reason string, by error) {
	passes := by != nil && treat(by) != parkLogin
	switch {
	case b.parked == "":
		b.freed = make(chan struct{})
		for _, j := range b.jobs {
			j.halt()
			j.meter.idle() // nobody measures until it goes on
		}
	case passes && !b.comesBack():
		return
	}
	b.parked, b.parkedBy, b.dirty = reason, by, true
	if passes && !b.probing {
		b.lookForSite()
	}
}

// comesBack tells whether the queue stands still only until the site is back.
func (b *book) comesBack() bool {
	return b.parkedBy != nil && treat(b.parkedBy) != parkLogin
}

// parkFor parks for a failure that is the site's or the login's, not a file's.
func (b *book) parkFor(err error) {
	if treat(err) == parkLogin {
		b.refused = err
	}
	b.park(standstill(err), err)
}

// standstill is what people read of a failure that parks the queue.
func standstill(err error) string {
	switch {
	case treat(err) == parkLogin:
		return "The session has ended. Log in again to go on."
	case pushedBack(err):
		return "The site asks everybody to wait."
	}
	return "The site cannot be reached."
}

func (b *book) lookForSite() {
	b.probing = true
	freed := b.freed
	b.e.wg.Go(func() { b.e.probe(freed) })
}

// probe asks the site for the smallest thing until it answers.
func (e *Engine) probe(freed <-chan struct{}) {
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	go func() {
		select {
		case <-freed:
			cancel()
		case <-ctx.Done():
		}
	}()
	for n := 1; ; n++ {
		err := e.guard("list folder", "", func() error {
			_, err := e.site().List(ctx, "", backend.FolderQuery{Query: backend.Query{PerPage: 1}})
			return err
		})
		if err == nil || ctx.Err() == nil && treat(err) != parkNet && !pushedBack(err) {
			break // an answer of any kind
		}
		wait := backoff(n, err)
		e.tell(func(b *book) {
			b.probeAt, b.dirty = e.cfg.Clock.Now().Add(wait), true
			b.storms++
			if b.freed == freed && b.comesBack() && !backend.Cancelled(err) {
				b.parked, b.parkedBy = standstill(err), err
			}
		})
		if sleep(ctx, e.cfg.Clock, wait) != nil {
			break
		}
	}
	e.tell(func(b *book) {
		b.probing, b.probeAt = false, time.Time{}
		switch {
		case !b.comesBack():
		case b.freed == freed:
			b.unpark()
		default:
			b.lookForSite() // parked anew meanwhile
		}
	})
}

func (b *book) unpark() {
	if b.parked == "" {
		return
	}
	b.parked, b.parkedBy, b.refused = "", nil, nil
	b.dirty = true
	close(b.freed)
	for _, j := range b.jobs {
		if j.ended.IsZero() && !j.paused {
			j.ready()
		}
	}
}

// parkAndWait is park for the scanner, which then waits.
func (e *Engine) parkAndWait(ctx context.Context, err error) error {
	var freed <-chan struct{}
	if cerr := e.call(func(b *book) {
		b.parkFor(err)
		freed = b.freed
	}); cerr != nil {
		return cerr
	}
	select {
	case <-freed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait puts a file among those whose checksum has not come.
func (b *book) wait(j *job, it *item) {
	j.keep(it, it.size())
	if len(j.late) == 0 {
		j.lateAt = b.e.cfg.Clock.Now().Add(lateWait(it.checks))
	}
	j.late = append(j.late, it)
}

// lookLate asks the site for late checksums when it is time.
func (b *book) lookLate(j *job, now time.Time) {
	if j.looking || len(j.late) == 0 {
		return
	}
	if now.Before(j.lateAt) {
		b.wakeBy(j.lateAt)
		return
	}
	items := j.late
	j.late, j.looking = nil, true
	w := work{job: j.id, req: j.req, folders: j.folders, dropped: j.dropped, resent: j.resent}
	ctx := j.work
	b.e.wg.Go(func() {
		var outs map[*item]outcome
		if err := b.e.guard("verify", "", func() error {
			outs = b.e.weigh(ctx, w, b.e.look(ctx, w.req.Direction, items))
			return nil
		}); err != nil {
			outs = make(map[*item]outcome, len(items))
			for _, it := range items {
				outs[it] = outcome{err: err}
			}
		}
		b.e.tell(func(b *book) { b.looked(w.job, items, outs) })
	})
}

func (b *book) looked(id backend.JobID, items []*item, outs map[*item]outcome) {
	j := b.find(id)
	if j == nil {
		return
	}
	j.looking = false
	b.dirty = true
	for _, it := range items {
		out := outs[it]
		switch {
		case !j.ended.IsZero():
		case treat(out.err) == parkNet, treat(out.err) == parkLogin, b.waitsToLook(it, out.err):
			b.parkFor(out.err)
			b.wait(j, it) // does not count as a look
		case treat(out.err) == stopped:
			b.wait(j, it)
		case !out.late && out.err != nil:
			b.failure(j, it, out)
		case !out.late:
			b.summed, b.sumless = true, false
			b.succeed(j, it, out)
		default:
			it.checks++
			if it.checks >= lateChecks(it.size()) || it.checks > 1 && b.sumless {
				if out.gone { // an inbox that was emptied, or somebody deleted it
					it.say("no longer on the site, and it gave no checksum before; the length was right")
				} else {
					b.sumless = !b.summed
					it.say("the site has no checksum for it yet; the length is right")
				}
				b.succeed(j, it, outcome{verified: backend.SizeOnly})
				continue
			}
			b.wait(j, it)
		}
	}
	if len(j.late) > 0 {
		j.lateAt = b.e.cfg.Clock.Now().Add(lateWait(j.late[0].checks + j.late[0].waits))
	}
}
