package transfer

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ferry/backend"
	"ferry/pathutil/ignore"
)

// Config is what an engine needs. Site, Local and Clock must be set.
type Config struct {
	Site     Site
	Local    Disk
	Clock    Clock
	SiteID   string // names site and user; the journal gives back only their jobs
	StateDir string // folder of the journal; "" keeps nothing over a restart
	Failed   Keep   // how long it has jobs that failed
	Sparing  bool   // of interrupted jobs the files are read when one goes on, not at the start; until then it has none
	Limits   Limits
	Log      *slog.Logger // nil logs nothing
}

// Engine moves bytes. One goroutine owns the jobs; workers report facts to it;
// screens get snapshots. All methods may be called from any goroutine and
// return at once, except Close.
type Engine struct {
	cfg      Config
	client   atomic.Pointer[Site]
	gate     *gate
	throttle *throttle
	journal  *journal

	inbox chan func(*book)
	done  chan struct{} // closed when the owner has ended
	ctx   context.Context
	stop  context.CancelFunc
	wg    sync.WaitGroup // workers, scanners, looks

	partials partialLocks
	alone    atomic.Pointer[time.Duration] // the patience of who called Unattended
	held     atomic.Pointer[error]         // what the site has put somebody off with last
	began    sync.Map                      // files of the plans that this engine has kept
	crashes  atomic.Int64                  // panics that became errors
	broken   atomic.Pointer[backend.Error]
	last     atomic.Pointer[backend.TransferSnapshot]
}

// errClosed answers calls after Close.
var errClosed = &backend.Error{
	Class: backend.ClassInvalidParameter, Group: backend.Client, Op: "transfer",
	Title: "Transfers Ended", Message: "The transfer queue has been closed.",
}

// New starts an engine. Jobs that an earlier one left unfinished are there,
// paused: see Recovered. Of those that failed there are as many as Config says.
func New(cfg Config) (*Engine, error) {
	if cfg.Site == nil || cfg.Local == nil || cfg.Clock == nil {
		return nil, errors.New("transfer: site, local side and clock are needed")
	}
	cfg.Limits = cfg.Limits.filled()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	j, left, err := openJournal(cfg.StateDir, cfg.SiteID, cfg.Log)
	if err != nil {
		return nil, err
	}
	for _, of := range left {
		if cfg.Sparing {
			break
		}
		if err := j.fill(of); err != nil {
			j.close()
			return nil, journalError(cfg.StateDir, err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	e := &Engine{
		cfg: cfg, journal: j, ctx: ctx, stop: stop,
		gate:  newGate(cfg.Clock, cfg.Limits.Start, cfg.Limits.Requests),
		inbox: make(chan func(*book), 256),
		done:  make(chan struct{}),
	}
	e.throttle = &throttle{clock: cfg.Clock, ctx: ctx, spawn: func(f func()) { e.wg.Go(f) }, rate: cfg.Limits.Rate}
	e.client.Store(&cfg.Site)
	dirty := func() { go e.tell(func(b *book) { b.dirty = true }) } // the owner may wait for the journal
	j.tell.Store(&dirty)
	chosen, err := j.settings(cfg.SiteID)
	if err != nil {
		stop()
		j.close()
		return nil, journalError(cfg.StateDir, err)
	}
	if rate, ok := chosen[settingRate]; ok {
		e.throttle.set(rate)
	}
	if n, ok := chosen[settingRequests]; ok {
		e.gate.bound(int(n))
	}
	b := newBook(e, e.bygone(left))
	e.last.Store(b.snapshot())
	go b.own()
	return e, nil
}

// site is the client in use; a new login may replace it.
func (e *Engine) site() Site { return *e.client.Load() }

// SetSite replaces the client, after a new login.
func (e *Engine) SetSite(s Site) { e.client.Store(&s) }

// tell gives the owner a fact.
func (e *Engine) tell(fact func(*book)) {
	select {
	case e.inbox <- fact:
	case <-e.done:
	}
}

// call gives the owner a command and waits until it is carried out.
func (e *Engine) call(command func(*book)) error {
	ran := make(chan struct{})
	e.tell(func(b *book) { command(b); close(ran) })
	select {
	case <-ran:
		return nil
	case <-e.done:
		select {
		case <-ran:
			return nil
		default:
			return e.closed()
		}
	}
}

// Add queues a request. Its target is frozen here. A source that is on its way to
// the same place in a transfer that has not ended is refused
// (backend.TypeTransferOpen): both would write one file, and the second would ask
// about what the first has brought.
func (e *Engine) Add(ctx context.Context, req backend.TransferRequest) (backend.JobID, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := check(req); err != nil {
		return 0, err
	}
	var id backend.JobID
	var refused error
	err := e.call(func(b *book) {
		if refused = b.underWay(req, func(*job) bool { return true }); refused == nil {
			id = b.add(req)
		}
	})
	return id, cmp.Or(err, refused)
}

func check(req backend.TransferRequest) error {
	bad := func(msg string) error { return impossible("transfer", req.Target.Path, msg) }
	switch {
	case len(req.Sources) == 0:
		return bad("There is nothing to transfer.")
	case req.Direction == backend.Upload && req.Target.Side != backend.Remote,
		req.Direction == backend.Download && req.Target.Side != backend.Local:
		return bad("The target is on the wrong side.")
	case req.Direction == backend.Download && req.Target.Path == "":
		return bad("No target folder was given.")
	}
	_, err := leftOut("transfer", req.Target.Path, req.Ignore)
	return err
}

// impossible refuses a request.
func impossible(op, path, msg string) error {
	return &backend.Error{
		Class: backend.ClassInvalidParameter, Group: backend.Client, Op: op, Path: path,
		Title: "Not Possible", Message: msg,
	}
}

// leftOut compiles the patterns of a request.
func leftOut(op, path string, patterns []string) (*ignore.List, error) {
	l, err := ignore.Compile(patterns)
	if err != nil {
		return nil, impossible(op, path, "Among the patterns of what is left out, "+err.Error()+".")
	}
	return l, nil
}

// Pause stops a job and keeps what it has done.
func (e *Engine) Pause(id backend.JobID) { e.tell(func(b *book) { b.pause(id) }) }

// Resume lets a paused job go on.
func (e *Engine) Resume(id backend.JobID) { e.tell(func(b *book) { b.resume(id) }) }

// PauseAll pauses every job that has not ended.
func (e *Engine) PauseAll() { e.tell(func(b *book) { b.each(b.pause) }) }

// ResumeInterrupted lets the jobs go on that the end of an earlier program
// stopped; what a person had paused stays paused.
func (e *Engine) ResumeInterrupted() {
	e.tell(func(b *book) {
		b.each(func(id backend.JobID) {
			if j := b.find(id); j.paused && !j.byHand {
				b.resume(id)
			}
		})
	})
}

// ResumeAll lets every paused job go on.
func (e *Engine) ResumeAll() { e.tell(func(b *book) { b.each(b.resume) }) }

// Cancel ends a job. Files that are complete stay; nothing unfinished stays
// visible.
func (e *Engine) Cancel(id backend.JobID) { e.tell(func(b *book) { b.cancel(id) }) }

// CancelAll ends every job; what was moved so far stays.
func (e *Engine) CancelAll() { e.tell(func(b *book) { b.each(b.cancel) }) }

// Retry puts the failed files of a job back into the queue.
func (e *Engine) Retry(id backend.JobID) {
	e.tell(func(b *book) { b.retry(id, func(*item) bool { return true }) })
}

// RetryItem puts one failed file of a job back into the queue; which is the ID of
// its ItemSnapshot. The other failed ones stay as they are.
func (e *Engine) RetryItem(id backend.JobID, which int64) {
	e.tell(func(b *book) { b.retry(id, func(it *item) bool { return it.id == which }) })
}

// Remove takes a job out of the list, cancelling it first if need be.
func (e *Engine) Remove(id backend.JobID) { e.tell(func(b *book) { b.remove(id) }) }

// Priority moves a job by delta places in the queue, counted among the jobs that
// have not ended; -1 is one earlier.
func (e *Engine) Priority(id backend.JobID, delta int) { e.tell(func(b *book) { b.move(id, delta) }) }

// Verify compares every finished file of an ended job with the site again.
func (e *Engine) Verify(id backend.JobID) { e.tell(func(b *book) { b.verify(id) }) }

// SetLimit bounds the bytes per second of all transfers together, from now on;
// 0 takes the limit away. The next engine of the same site keeps to it too.
func (e *Engine) SetLimit(bytesPerSecond int64) {
	e.throttle.set(bytesPerSecond)
	e.chose(settingRate, bytesPerSecond)
}

// SetConcurrency bounds how many data requests run at a time, from now on; 0
// takes the bound of Limits. How many really run is still found by what pays;
// those that run already go on. The next engine of the same site keeps to it too.
func (e *Engine) SetConcurrency(requests int) {
	e.gate.bound(requests)
	e.chose(settingRequests, int64(requests))
}

// chose keeps what was chosen for all transfers, and lets the snapshot tell it.
func (e *Engine) chose(setting string, value int64) {
	e.tell(func(b *book) {
		e.journal.choose(e.cfg.SiteID, setting, value)
		b.dirty = true
	})
}

// Resolve answers what to do about an existing target. item is the ID of the
// ItemSnapshot that asks; all answers for the rest of the job as well.
func (e *Engine) Resolve(id backend.JobID, item int64, answer backend.Conflict, all bool) {
	e.tell(func(b *book) { b.resolve(id, item, answer, all) })
}

// Park stops the whole queue for a reason that people can read, until Unpark.
func (e *Engine) Park(reason string) { e.tell(func(b *book) { b.park(reason, nil) }) }

// PushedBack tells the engine that the client has to wait for the site (429,
// 503), and for which answer: fewer requests run at a time from now on. It never
// blocks.
func (e *Engine) PushedBack(by error, wait time.Duration) {
	e.held.Store(&by)
	e.gate.pushBack(wait)
}

// heldBy is what the site has put somebody off with last, nil when it never has.
func (e *Engine) heldBy() error {
	if by := e.held.Load(); by != nil {
		return *by
	}
	return nil
}

// Unpark lets the queue go on, after a new login or when the site is back.
func (e *Engine) Unpark() { e.tell(func(b *book) { b.unpark() }) }

// Recovered are the unfinished jobs of an earlier run. They wait, paused, for
// Resume, Cancel or Remove.
func (e *Engine) Recovered() []backend.JobSnapshot {
	var out []backend.JobSnapshot
	if e.call(func(b *book) { out = b.recovered() }) != nil {
		return nil
	}
	return out
}

// Snapshot is the state now.
func (e *Engine) Snapshot() backend.TransferSnapshot {
	var s *backend.TransferSnapshot
	if e.call(func(b *book) { s = b.snapshot() }) != nil {
		s = e.last.Load()
	}
	return *s
}

// Subscribe gives snapshots: the newest at once, then at most ten a second,
// only when something changed, and always the last. A slow reader misses
// snapshots, never the newest. The channel is closed when ctx ends or the
// engine is closed.
func (e *Engine) Subscribe(ctx context.Context) <-chan backend.TransferSnapshot {
	s := &subscriber{ch: make(chan backend.TransferSnapshot, 1)}
	if e.call(func(b *book) {
		b.subs[s] = struct{}{}
		s.put(*b.snapshot())
	}) != nil {
		close(s.ch)
		return s.ch
	}
	context.AfterFunc(ctx, func() {
		e.tell(func(b *book) { b.unsubscribe(s) })
	})
	return s.ch
}

// Close carries out the commands given before it, stops all work and keeps it in
// the journal for the next start. It waits for the workers until ctx ends.
func (e *Engine) Close(ctx context.Context) error {
	go e.tell(func(*book) { e.stop() })
	select {
	case <-e.done:
		return nil
	case <-ctx.Done():
		e.stop() // whatever the owner is busy with
		return ctx.Err()
	}
}
