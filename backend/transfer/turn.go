package transfer

import (
	"context"
	"sync/atomic"
	"time"
)

// turn is how a file, or the files of an archive, stand with their requests. What
// has begun may wait for long until the gate, or the limit, lets any of them in:
// then it only looks as if it ran. The requests of a worker, however deep below it
// they are made, know the turn by their context.
type turn struct {
	clock  Clock
	asking atomic.Int32 // requests that have not been let in yet
	inside atomic.Int32
	left   atomic.Int64 // when one has left last, or the worker began, in nanoseconds
}

// turnAfter is how long nothing is let in before one says that it waits: before
// and between requests there is always a moment.
const turnAfter = time.Second

type turnKey struct{}

// withTurn gives a worker's context a turn of its own.
func (e *Engine) withTurn(ctx context.Context) (context.Context, *turn) {
	t := &turn{clock: e.cfg.Clock}
	t.left.Store(t.clock.Now().UnixNano())
	return context.WithValue(ctx, turnKey{}, t), t
}

// turnOf is the turn of a request; those of scans, looks and sweeps have one that
// nobody looks at.
func turnOf(ctx context.Context) *turn {
	if t, ok := ctx.Value(turnKey{}).(*turn); ok {
		return t
	}
	return &turn{}
}

// ask notes a request that wants in. got must be called once it has been let in,
// or given up.
func (t *turn) ask() (got func()) {
	t.asking.Add(1)
	return func() { t.asking.Add(-1) }
}

// enter notes a request that was let in. leave must be called at its end.
func (t *turn) enter() (leave func()) {
	t.inside.Add(1)
	return func() {
		if t.clock != nil {
			t.left.Store(t.clock.Now().UnixNano())
		}
		t.inside.Add(-1)
	}
}

// waits tells whether nothing of it is under way, because nothing is let in.
func (t *turn) waits(now time.Time) bool {
	if t == nil || t.asking.Load() == 0 || t.inside.Load() > 0 {
		return false
	}
	return now.Sub(time.Unix(0, t.left.Load())) >= turnAfter
}
