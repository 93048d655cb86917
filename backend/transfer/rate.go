package transfer

import (
	"math"
	"time"
)

// halfLife is the age at which a measurement weighs half: short enough to show
// a stall, long enough to read.
const halfLife = 3 * time.Second

// meter is a smoothed rate of a growing counter: an exponentially weighted
// average over time on the caller's clock.
type meter struct {
	at    time.Time
	count int64
	rate  float64 // bytes per second
	warm  time.Duration
}

// sample takes the counter's value at now. The first one is where it begins, and
// the first after a time in which nothing ran and nobody measured.
func (m *meter) sample(now time.Time, count int64) {
	if m.at.IsZero() || now.Sub(m.at) > 2*halfLife {
		*m = meter{at: now, count: count}
		return
	}
	dt := now.Sub(m.at)
	if dt < 50*time.Millisecond {
		return // too short to measure
	}
	v := float64(count-m.count) / dt.Seconds()
	m.warm += dt
	// In the first seconds a plain average is the better estimate.
	w := max(1-math.Exp2(-dt.Seconds()/halfLife.Seconds()), dt.Seconds()/m.warm.Seconds())
	if m.warm > 2*halfLife {
		w = 1 - math.Exp2(-dt.Seconds()/halfLife.Seconds())
	}
	m.rate += w * (v - m.rate)
	if m.rate < 1 {
		m.rate = 0
	}
	m.at, m.count = now, count
}

// idle forgets the rate, for work that was stopped.
func (m *meter) idle() { *m = meter{} }

// left estimates the time for rest bytes; negative when it cannot be known.
func left(rest int64, rate float64) time.Duration {
	switch {
	case rest <= 0:
		return 0
	case rate < 1:
		return -1
	}
	s := float64(rest) / rate
	if s > (365 * 24 * time.Hour).Seconds() {
		return -1
	}
	return time.Duration(s * float64(time.Second)).Round(time.Second)
}
