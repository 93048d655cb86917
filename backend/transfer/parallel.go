package transfer

import (
	"context"
	"os"
	"sync"
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

// each runs do for every span, in order, by at most most workers (0 is as many
// as there may be requests). The first failure stops the others.
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
	workers := min(len(spans), e.cfg.Limits.Requests)
	if most > 0 {
		workers = min(workers, most)
	}
	for range workers {
		g.Go(func() error {
			for s := range next {
				if err := e.guard("transfer", "", func() error { return do(ctx, s) }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}
