package transfer

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"ferry/backend"
)

// addressLife is how long an address must still be good to be used.
const addressLife = 3 * time.Second

// sendParallel sends the parts that have not arrived, as many at a time as the
// gate lets through.
func (e *Engine) sendParallel(ctx context.Context, w *work, f *os.File, first backend.Part) error {
	cp := w.it.cp
	todo := missingSpans(plan(cp.Size, cp.PartSize), cp.have())
	total := len(plan(cp.Size, cp.PartSize))
	urls := &addresses{part: first}
	return e.each(ctx, todo, 0, func(ctx context.Context, s span) error {
		w.it.note("part %d of %d", s.N, total)
		part, ok := urls.of(s.N)
		if !ok {
			part.Number = 0 // put asks for an address of its own
		}
		p, err := e.put(ctx, w, f, s, part, nil)
		if err != nil {
			return err
		}
		e.arrived(w, p)
		return nil
	})
}

// addresses hands out the address that begin gave, or one derived from it.
type addresses struct {
	mu   sync.Mutex
	part backend.Part
}

func (a *addresses) of(n int) (backend.Part, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p, ok := partFrom(a.part, n)
	if !ok {
		p = a.part
	}
	return p, ok
}

// missingSpans leaves out what arrived.
func missingSpans(all []span, have []piece) []span {
	arrived := make(map[span]bool, len(have))
	for _, p := range have {
		arrived[p.span] = true
	}
	var todo []span
	for _, s := range all {
		if !arrived[s] {
			todo = append(todo, s)
		}
	}
	return todo
}

const (
	// fewStreams is with how many requests at a time a file begins. On a fast
	// line more of them only contend for the file, and each is lost when the
	// program is killed.
	fewStreams = 8
	// fastStream is the bytes per second above which one more request is not what
	// a file lacks.
	fastStream = 64 * mib
)

// each runs do for every span, in order, by a few workers at first, and by one
// more whenever a span took so long that another connection may help; most
// bounds them (0 is as many as there may be requests). The first failure stops
// the others.
func (e *Engine) each(ctx context.Context, spans []span, most int, do func(context.Context, span) error) error {
	g, ctx := errgroup.WithContext(ctx)
	next := make(chan span)
	g.Go(func() error {
		defer close(next)
		for _, s := range spans {
			select {
			case next <- s:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	limit := int64(min(len(spans), e.cfg.Limits.Requests))
	if most > 0 {
		limit = min(limit, int64(most))
	}
	var workers atomic.Int64
	var work func() error
	hire := func() {
		if workers.Add(1) <= limit {
			g.Go(work)
		}
	}
	work = func() error {
		for s := range next {
			began := e.cfg.Clock.Now()
			if err := e.guard("transfer", "", func() error { return do(ctx, s) }); err != nil {
				return err
			}
			if took := e.cfg.Clock.Now().Sub(began); float64(s.Length) < float64(fastStream)*took.Seconds() {
				hire()
			}
		}
		return nil
	}
	for range min(limit, fewStreams) {
		hire()
	}
	return g.Wait()
}
