package transfer

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"ferry/backend"
)

const (
	publishEvery = 100 * time.Millisecond
	shownActive  = 32  // files in flight in a snapshot, per job
	shownFailed  = 100 // failed and asking ones
)

// subscriber is a mailbox of one: a new snapshot replaces an unread one.
type subscriber struct{ ch chan backend.TransferSnapshot }

// put is called by the owner only.
func (s *subscriber) put(t backend.TransferSnapshot) {
	for {
		select {
		case s.ch <- t:
			return
		default:
		}
		select {
		case <-s.ch: // the reader has not come for it
		default:
		}
	}
}

// snapshot describes everything for the screens.
func (b *book) snapshot() *backend.TransferSnapshot {
	b.seq++
	now := b.e.cfg.Clock.Now()
	s := &backend.TransferSnapshot{
		Seq: b.seq, Parked: b.parked, ParkedBy: b.parkedBy, Refused: b.refused, Unkept: b.e.journal.unkept(), Hold: b.e.gate.waits(), HeldBy: b.e.heldBy(),
		Through: b.e.gate.cameThrough(), Limit: b.e.throttle.limit(),
		Jobs: make([]backend.JobSnapshot, 0, len(b.jobs)),
	}
	s.Requests, s.MostRequests = b.e.gate.room()
	if b.parked != "" {
		s.TryAgain = max(b.probeAt.Sub(now), 0)
	}
	for _, j := range b.jobs {
		js := b.describe(j, now)
		switch js.State {
		case backend.JobRunning, backend.JobScanning:
			s.Running++
			if j.req.Direction == backend.Upload {
				s.UpRate += js.Rate
			} else {
				s.DownRate += js.Rate
			}
		case backend.JobQueued, backend.JobPaused, backend.JobParked:
			s.Waiting++
		case backend.JobFailed:
			s.Failed++
		case backend.JobDone, backend.JobCancelled:
		}
		s.Jobs = append(s.Jobs, js)
	}
	return s
}

// describe says how a job stands. What rests is described once: there may be
// thousands that have ended or wait for their turn.
func (b *book) describe(j *job, now time.Time) backend.JobSnapshot {
	parked := b.parked != ""
	if j.shown != nil && j.shown.parked == parked {
		return j.shown.JobSnapshot
	}
	js := b.anew(j, now)
	if j.shown = nil; j.rests() {
		j.shown = &description{js, parked}
	}
	return js
}

func (b *book) anew(j *job, now time.Time) backend.JobSnapshot {
	js := backend.JobSnapshot{
		ID: j.id, Direction: j.req.Direction, From: j.from, To: j.req.Target, Label: j.label(),
		State: j.now(b.parked != ""), Scanning: j.scanning || !j.scanned && j.ended.IsZero(), Planned: j.req.Planned, Move: j.req.Move, Checking: j.checking(),
		FilesDone: j.filesDone, FilesTotal: j.filesTotal, FilesFailed: len(j.failed),
		FilesSkipped: j.filesSkipped, Asking: len(j.asking), Held: len(j.held), Links: j.links, Resent: j.resent.Load(),
		Interrupted: j.paused && !j.byHand && j.ended.IsZero(),
		FilesBefore: j.before.files, BytesBefore: j.before.bytes,
		BytesDone: j.bytes(), BytesTotal: j.bytesTotal, Rate: j.meter.rate, Left: -1,
		Verified: j.verified, VerifiedBy: j.by, Started: j.started, Ended: j.ended, Err: j.err,
	}
	js.Checks, js.FilesVerified = j.tally()
	if j.byHand {
		js.Cut = js.Resent - j.vain
	}
	if !js.Scanning {
		js.Left = left(j.bytesTotal-js.BytesDone, j.meter.rate)
	}
	js.Waiting = js.State == backend.JobRunning && !j.looking && len(j.active) > 0 && j.waiting(now) == len(j.active)
	js.Items = b.items(j, now)
	return js
}

func (b *book) items(j *job, now time.Time) []backend.ItemSnapshot {
	out := make([]backend.ItemSnapshot, 0, min(len(j.active), shownActive)+min(len(j.failed)+len(j.asking), shownFailed))
	hold := b.e.gate.waits()
	running := make([]*item, 0, len(j.active))
	for it := range j.active {
		running = append(running, it)
	}
	slices.SortFunc(running, func(x, y *item) int { return cmp.Compare(x.id, y.id) })
	for _, it := range running[:min(len(running), shownActive)] {
		s := it.show()
		s.Waiting = it.turn.waits(now)
		if hold > 0 {
			s.Note = waits(hold)
		}
		out = append(out, s)
	}
	for _, it := range j.delayed[:min(len(j.delayed), shownActive)] {
		s := it.show()
		s.Err = it.err
		if d := it.after.Sub(now); d > 0 { // else for the queue
			s.Note = waits(d)
		}
		out = append(out, s)
	}
	for _, it := range j.held[:min(len(j.held), shownFailed)] {
		s := it.show()
		s.Note = "paused"
		out = append(out, s)
	}
	for _, it := range j.asking[:min(len(j.asking), shownFailed)] {
		s := it.show()
		src := it.src
		s.Note, s.Existing, s.Source, s.Foreign = "the target exists", it.existing, &src, it.foreign
		out = append(out, s)
	}
	for _, it := range j.failed[:min(len(j.failed), shownFailed)] {
		out = append(out, it.show())
	}
	return out
}

func waits(d time.Duration) string {
	return fmt.Sprintf("waits %d s", int((d+time.Second-1)/time.Second))
}

func (it *item) show() backend.ItemSnapshot {
	return backend.ItemSnapshot{
		ID: it.id, Name: it.rel, State: it.state, Done: it.done.Load(), Size: it.src.Size,
		Rate: it.meter.rate, Verified: it.verified, By: it.by, Note: it.noted(), Err: it.err,
	}
}
