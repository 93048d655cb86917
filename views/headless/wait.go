package headless

import (
	"context"
	"errors"
	"strings"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// run is one command that moves files.
type run struct {
	s       *Session
	out     Output
	tape    *tape
	give    time.Duration // how long a lost connection is waited for; 0 is for ever
	resumed bool
	kept    int // sources of a move whose arrival could not be verified
	move    bool
	arrived int // files and folders that have ended well, or needed nothing
	lost    int // files that fail in every run
	denied  int // files that this login may not move
	noted   int // files with something that people have to know

	// Of a sync, for its summary.
	deleted, conflicts, unread, noSum *int
	note                              string
}

func newRun(s *Session, out Output, give time.Duration) *run {
	r := &run{s: s, out: out, tape: newTape(), give: give}
	s.Queue.Observe(r.tape.record)
	return r
}

// What a person is told when something can be continued.
const (
	goOn       = "Run the same command again to go on where it was."
	tryAgain   = "Run the same command again to try what failed."
	otherLogin = "Use another login (--profile), or ask a site administrator for the right."
	leaveOut   = "Another try ends the same way: rename what the site cannot hold, and leave out with --ignore what is no regular file."
	someOut    = tryAgain + " What the site cannot hold, and what is no regular file, fails again: rename it, or leave it out with --ignore."
)

// wait sees jobs to their end and sums them up.
func (r *run) wait(ctx context.Context, ids ...backend.JobID) error {
	t, err := r.see(ctx, ids...)
	if err != nil {
		return err
	}
	return r.out.print("%s", t.sum())
}

// sumUp keeps the summary of the run for programs.
func (r *run) sumUp(t total, state string) {
	e := t.event(state, r.resumed)
	e.Deleted, e.Conflicts, e.Unread, e.NoSum, e.Note = r.deleted, r.conflicts, r.unread, r.noSum, r.note
	r.out.sumUp(e)
}

// see sees jobs to their end, telling what happens on the way. Whatever ends it
// early leaves them in the journal, and is summed up.
func (r *run) see(ctx context.Context, ids ...backend.JobID) (total, error) {
	mine := map[backend.JobID]bool{}
	for _, id := range ids {
		mine[id] = true
	}
	t, err := r.follow(ctx, mine)
	if werr := r.files(); err == nil {
		err = werr
	}
	r.out.wipe()
	if r.noted > mostNotes {
		r.out.say("ferry: and %s more that changed their names or were begun anew; --json lists them.", counted(r.noted-mostNotes, "file", "files"))
	}
	switch {
	case err != nil && interrupted(ctx, err):
		r.out.say("ferry: interrupted after %s. %s", t.sum(), goOn)
		r.sumUp(t, "interrupted")
		return t, onward{error: context.Canceled, next: goOn}
	case err != nil:
		r.out.say("ferry: stopped after %s. %s", t.sum(), goOn)
		r.sumUp(t, "stopped")
		return t, onward{error: err, next: goOn}
	case t.err != nil:
		next := tryAgain
		switch {
		case r.lost > 0 && r.lost >= t.failed:
			next = leaveOut
		case r.denied > 0 && r.denied >= t.failed:
			next = otherLogin
		case r.lost > 0:
			next = someOut
		}
		r.out.say("ferry: %s. %s", t.sum(), next)
		r.sumUp(t, "failed")
		return t, onward{error: t.err, failures: t.failed, next: next}
	}
	r.sumUp(t, "done")
	if r.kept > 0 {
		r.out.say("ferry: %s kept: the arrival could not be verified.", counted(r.kept, "source was", "sources were"))
	}
	return t, nil
}

// follow reads snapshots until all jobs have ended.
func (r *run) follow(ctx context.Context, mine map[backend.JobID]bool) (t total, err error) {
	sub, stop := context.WithCancel(ctx)
	defer stop()
	snaps := r.s.Queue.Subscribe(sub)
	p := patience{give: r.give}
	defer p.calm()
	told, warned, parked := false, false, ""
	for {
		select {
		case snap, ok := <-snaps:
			if !ok {
				return t, errors.Join(ctx.Err(), context.Canceled)
			}
			t = totalOf(snap, mine)
			if !t.scanning && !told {
				told = true
				if err := r.out.emit(event{Event: "scan", Files: &t.files, Bytes: &t.size, Resumed: r.resumed}); err != nil {
					return t, err
				}
			}
			if t.unkept != nil && !warned {
				warned = true
				if err := r.warn(t.unkept); err != nil {
					return t, err
				}
			}
			if t.ended {
				return t, nil
			}
			if t.refused != nil {
				return t, t.refused // nobody is here to log in
			}
			if t.parked != parked {
				if parked = t.parked; parked != "" {
					if err := r.standsStill(parked, t.parkedBy); err != nil {
						return t, err
					}
				}
			}
			r.out.live(t.line())
			if p.see(t, r.arrived) {
				return t, impatient(t.waitsFor(), r.give)
			}
		case <-r.tape.ready:
			if err := r.files(); err != nil {
				return t, err
			}
		case err := <-r.s.Ended:
			return t, err
		case <-p.out:
			if p.over(t) {
				return t, impatient(t.waitsFor(), r.give)
			}
		case <-ctx.Done():
			return t, ctx.Err()
		}
	}
}

// standsStill says that nothing moves, and what is done about it. A session that
// has ended is not waited for.
func (r *run) standsStill(why string, by error) error {
	if by != nil && !backend.SessionEnded(by) {
		return r.out.standsStill(why, r.give)
	}
	why = "The session has ended."
	r.out.say("ferry: %s Ferry logs in again where that can be done, and stops where it cannot.", why)
	return r.out.emit(event{Event: "waiting", Reason: why})
}

// standsStill says that nothing moves, and for how long that is borne: who reads
// it later in a log sees why it took so long.
func (o Output) standsStill(why string, give time.Duration) error {
	most := "for as long as it takes"
	if give > 0 {
		most = "for at most " + give.String()
	}
	o.say("ferry: %s Waiting %s.", pathutil.Whole(why), most)
	return o.emit(event{Event: "waiting", Reason: why})
}

// warn says once that an interrupted run could not go on where it was.
func (r *run) warn(err error) error {
	r.out.say("ferry: %s What is done now is not kept; an interrupted run will do it again.", pathutil.Whole(backend.AsError(err).Message))
	return r.out.emit(event{Event: "warning", Error: failureOf(err)})
}

// files tells of the files that have ended since.
func (r *run) files() error {
	for _, i := range r.tape.take() {
		if i.State != backend.JobFailed {
			r.arrived++
		}
		if i.State == backend.JobFailed && i.Err != nil && hopeless(i.Err) {
			r.lost++
		}
		if i.State == backend.JobFailed && errors.Is(i.Err, backend.NotAuthorized) {
			r.denied++
		}
		if r.move && i.State == backend.JobDone && i.Verified != backend.Verified && i.Size >= 0 {
			r.kept++
		}
		if i.State == backend.JobFailed && !r.out.JSON {
			e := backend.AsError(i.Err)
			r.out.say("ferry: %s: %s", pathutil.WholeName(i.Name), pathutil.Whole(e.Message))
		}
		if i.State == backend.JobDone && worthSaying(i) && !r.out.JSON {
			if r.noted++; r.noted <= mostNotes {
				r.out.say("ferry: %s: %s", pathutil.WholeName(i.Name), pathutil.WholeName(i.Note))
			}
		}
		if err := r.out.emit(fileEvent(i)); err != nil {
			return err
		}
	}
	return nil
}

// mostNotes is how many files have a line of their own about what became of them:
// with keep-both every one may get another name.
const mostNotes = 20

// worthSaying tells whether people have to know the note of a file that has
// arrived. Why one could not be verified counts in the sum alone: a site that has
// no checksums would be as many lines as there are files.
func worthSaying(i backend.ItemSnapshot) bool {
	return i.Note != "" && (i.Verified == backend.Verified || strings.Contains(i.Note, "name changed"))
}
