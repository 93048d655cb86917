package transfer

import (
	"context"
	"slices"
	"sync"
	"time"
)

// gate bounds how many requests run at a time and finds the number that pays:
// it starts modest, grows while throughput grows and everybody waits, shrinks
// when more made it slower, and halves when the site pushes back (429, 503). Half of
// what a push-back took comes back by itself, a place a window.
type gate struct {
	clock Clock
	mu    sync.Mutex
	limit int
	most  int
	first int // most, as it was configured
	busy  int
	queue []chan struct{} // who begins something
	ahead []chan struct{} // who goes on with something: fewer files are half done then
	hold  time.Time       // nobody passes before

	began   time.Time // of the measuring window
	score   float64   // bytes of the window; a request counts as some bytes too
	done    int       // requests of the window
	crowded bool      // somebody had to wait in the window
	best    float64   // score per second of the last window
	step    int
	steep   bool // nothing has spoken against growing fast yet
	halved  time.Time
	regain  int       // places that are taken back after a push-back without proof that they pay
	through time.Time // when bytes came through last
}

const (
	window = 500 * time.Millisecond
	// shortWindow is enough when every place was used about twice: with many
	// small requests the right number is found in a second, not in five.
	shortWindow = 150 * time.Millisecond
	requestCost = 64 << 10 // what a request is worth in bytes, for small files
	fewest      = 1
)

func newGate(c Clock, start, most int) *gate {
	return &gate{clock: c, limit: start, most: most, first: most, step: 2, steep: true, began: c.Now()}
}

// enter waits for a place.
func (g *gate) enter(ctx context.Context) error { return g.wait(ctx, &g.queue) }

// goOn waits for a place before those who only begin.
func (g *gate) goOn(ctx context.Context) error { return g.wait(ctx, &g.ahead) }

func (g *gate) wait(ctx context.Context, queue *[]chan struct{}) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		g.mu.Lock()
		if wait := g.hold.Sub(g.clock.Now()); wait > 0 {
			g.mu.Unlock()
			if err := sleep(ctx, g.clock, wait); err != nil {
				return err
			}
			continue
		}
		if g.busy < g.limit {
			g.busy++
			g.mu.Unlock()
			return nil
		}
		g.crowded = true
		ticket := make(chan struct{})
		*queue = append(*queue, ticket)
		g.mu.Unlock()
		select {
		case <-ticket: // the one who left handed its place over
			if in, err := g.holdOut(ctx); in || err != nil {
				return err
			}
		case <-ctx.Done():
			g.mu.Lock()
			if !dequeue(queue, ticket) {
				// The place was handed over in the same moment: pass it on.
				g.busy--
				g.admit()
			}
			g.mu.Unlock()
			return ctx.Err()
		}
	}
}

// holdOut waits in a place that was handed over for as long as the site holds
// everybody: the one who left may be the one whom it refused. It tells whether the
// place is there still; where there are fewer by then, it has been given back.
func (g *gate) holdOut(ctx context.Context) (in bool, err error) {
	held := false
	for wait := g.waits(); wait > 0 && err == nil; wait = g.waits() {
		held, err = true, sleep(ctx, g.clock, wait)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err == nil && (!held || g.busy <= g.limit) {
		return true, nil
	}
	g.busy--
	g.admit()
	return false, err
}

// leave gives the place back and tells what it was used for.
func (g *gate) leave(bytes int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy--
	g.score += float64(bytes) + requestCost
	g.done++
	now := g.clock.Now()
	if d := now.Sub(g.began); d >= window || d >= shortWindow && g.done >= 2*g.limit {
		g.adapt(now, g.score/d.Seconds())
	}
	g.admit()
}

// adapt compares the window with the one before.
func (g *gate) adapt(now time.Time, score float64) {
	switch {
	case !g.crowded:
		// The limit did not bind; nothing was learned about it.
	case score > g.best*1.03:
		if g.steep {
			g.limit *= 2
		}
		g.limit = min(g.limit+g.step, g.most)
	case score < g.best*0.8 && g.limit > 2:
		g.limit = max(g.limit-g.step, 2)
		g.steep = false
	case g.limit < g.regain:
		// One window that is no faster than the last says little, and where all are
		// equally fast nothing would grow again for ever.
		g.limit = min(g.limit+1, g.most)
	default:
		g.steep = false
	}
	g.best = score
	g.measure(now)
}

// measure begins a window.
func (g *gate) measure(now time.Time) {
	g.began, g.score, g.done, g.crowded = now, 0, 0, false
}

// pushBack halves the limit, at most once a second, and holds everybody for
// as long as the site asks.
func (g *gate) pushBack(wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	if until := now.Add(wait); until.After(g.hold) {
		g.hold = until
	}
	if now.Sub(g.halved) < time.Second {
		return
	}
	g.halved = now
	g.regain = g.limit * 3 / 4 // they paid before; the rest has to prove itself
	g.limit = max(g.limit/2, fewest)
	g.step, g.steep = 1, false // grow carefully from here
	g.best = 0
	g.measure(now)
}

// bound sets the most places there may be; 0 takes what was configured.
func (g *gate) bound(most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if most <= 0 || most > g.first {
		most = g.first
	}
	g.most = most
	g.limit = min(g.limit, most)
	g.best = 0 // measured under another bound
	g.measure(g.clock.Now())
	g.admit()
}

// waits is how long the site still holds everybody.
func (g *gate) waits() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(g.hold.Sub(g.clock.Now()), 0)
}

// came notes that bytes have come through.
func (g *gate) came() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.through = g.clock.Now()
}

// cameThrough is when bytes have come through last.
func (g *gate) cameThrough() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.through
}

// width is the number of places now.
func (g *gate) width() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.limit
}

// room is the number of places now and the bound on them, 0 for none but the
// configured one.
func (g *gate) room() (now, bound int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.most == g.first {
		return g.limit, 0
	}
	return g.limit, g.most
}

// admit hands free places to those who wait longest.
func (g *gate) admit() {
	for _, queue := range []*[]chan struct{}{&g.ahead, &g.queue} {
		for g.busy < g.limit && len(*queue) > 0 {
			ticket := (*queue)[0]
			*queue = (*queue)[1:]
			g.busy++
			close(ticket)
		}
	}
}

func dequeue(queue *[]chan struct{}, ticket chan struct{}) bool {
	i := slices.Index(*queue, ticket)
	if i < 0 {
		return false
	}
	*queue = slices.Delete(*queue, i, i+1)
	return true
}
