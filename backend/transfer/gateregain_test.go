package transfer

import (
	"testing"
	"testing/synctest"
	"time"

	"ferry/backend/local"
)

// Windows that are as fast as one another prove nothing about more places: after a
// push-back three quarters come back nevertheless, and no more than that.
func TestAPushBackIsMadeUpForWithoutProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(local.Clock{}, 16, 32)
		same := func(windows int) {
			for range windows {
				g.mu.Lock()
				g.crowded = true
				g.busy++
				g.mu.Unlock()
				time.Sleep(window)
				g.leave(mib)
			}
		}
		g.best = float64(mib+requestCost) / window.Seconds()
		same(5)
		if w := g.width(); w != 16 {
			t.Fatalf("%d places, and nothing spoke for more than 16", w)
		}
		g.pushBack(0)
		same(1) // after a push-back the first window is the measure
		before := g.width()
		same(1)
		if w := g.width(); w != before+1 {
			t.Errorf("%d places a window after %d", w, before)
		}
		same(20)
		if w := g.width(); w != 12 {
			t.Errorf("%d places", w)
		}
		g.bound(10)
		g.pushBack(0)
		g.bound(0)
		same(20)
		if w := g.width(); w != 7 {
			t.Errorf("%d places after a second push-back", w)
		}
	})
}
