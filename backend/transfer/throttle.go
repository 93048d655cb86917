package transfer

import (
	"context"
	"io"
	"sync"
	"time"
)

// throttle holds all streams together to a number of bytes per second, which
// may change while they run. Each stream books its bytes and waits until its
// booking is due, so that the limit is kept whatever the number of streams.
type throttle struct {
	clock Clock
	mu    sync.Mutex
	rate  int64
	due   time.Time // when everything booked so far has been sent
}

// slack is how far streams may catch up when a wait took longer than asked:
// timers overshoot by about what a buffer takes at 50 MB/s, which would halve
// the rate.
const slack = 50 * time.Millisecond

func (t *throttle) set(bytesPerSecond int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rate, t.due = max(bytesPerSecond, 0), time.Time{}
}

// limit is the bytes per second in force; 0 is no limit.
func (t *throttle) limit() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rate
}

// take books n bytes and waits for them.
func (t *throttle) take(ctx context.Context, n int) error {
	t.mu.Lock()
	if t.rate <= 0 {
		t.mu.Unlock()
		return nil
	}
	now := t.clock.Now()
	if late := now.Add(-slack); t.due.Before(late) {
		t.due = late
	}
	t.due = t.due.Add(time.Duration(float64(n) / float64(t.rate) * float64(time.Second)))
	wait := t.due.Sub(now)
	t.mu.Unlock()
	return sleep(ctx, t.clock, wait)
}

// stream passes bytes on: counted, throttled, and stopped by ctx.
type stream struct {
	ctx   context.Context
	r     io.Reader
	t     *throttle
	count func(n int)
}

// Read reads at most what fits a tenth of a second under a limit, so that slow
// limits stay smooth.
func (s *stream) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	s.t.mu.Lock()
	rate := s.t.rate
	s.t.mu.Unlock()
	if rate > 0 {
		if most := int(max(rate/10, 1024)); len(p) > most {
			p = p[:most]
		}
	}
	n, err := s.r.Read(p)
	if n > 0 {
		s.count(n)
		if rate > 0 {
			if terr := s.t.take(s.ctx, n); terr != nil && err == nil {
				err = terr
			}
		}
	}
	return n, err
}
