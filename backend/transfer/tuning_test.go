package transfer

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ferry/backend"
	"ferry/backend/local"
)

func TestOneFailedFileIsTriedAgain(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.fault = func(op, _ string, _ int) error {
			if op == "begin" {
				return apiError("processing-failure/file-locked", 422)
			}
			return nil
		}
		for _, name := range []string{"d/a", "d/b", "d/c"} {
			r.write(name, []byte(name))
		}
		r.start()
		id := r.up("d", "")
		j := r.end(id)
		if j.FilesFailed != 3 {
			t.Fatalf("%d failed: %+v", j.FilesFailed, j)
		}
		r.site.mu.Lock()
		r.site.fault = nil
		r.site.mu.Unlock()
		which := j.Items[1]
		r.e.RetryItem(id, 4711) // no such file: nothing happens
		r.e.RetryItem(id, which.ID)
		j = r.until(id, "one done", func(j backend.JobSnapshot) bool { return j.State == backend.JobFailed && j.FilesDone == 1 })
		if j.FilesFailed != 2 || j.Err == nil {
			t.Errorf("%d failed, %v", j.FilesFailed, j.Err)
		}
		for _, it := range j.Items {
			if it.Name == which.Name {
				t.Errorf("%s is still among the failed", it.Name)
			}
		}
		if n := r.site.count("put"); n != 1 {
			t.Errorf("%d uploads", n)
		}
	})
}

// crowd counts the requests of uploads that run at a time.
type crowd struct {
	*fakeSite
	busy, most atomic.Int64
}

func (c *crowd) enter() (leave func()) {
	n := c.busy.Add(1)
	for m := c.most.Load(); n > m && !c.most.CompareAndSwap(m, n); m = c.most.Load() {
	}
	return func() { c.busy.Add(-1) }
}

func (c *crowd) PutPart(ctx context.Context, p backend.Part, r io.Reader, size int64) (string, error) {
	defer c.enter()()
	return c.fakeSite.PutPart(ctx, p, r, size)
}

// BeginUpload counts too: all files may begin before the first one is sent.
func (c *crowd) BeginUpload(ctx context.Context, path string, o backend.UploadOptions) ([]backend.Part, error) {
	defer c.enter()()
	return c.fakeSite.BeginUpload(ctx, path, o)
}

func TestConcurrencyIsBoundWhileItRuns(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.delay = 100 * time.Millisecond
		c := &crowd{fakeSite: r.site}
		r.cfg.Site = c
		// So few at a time that not all files can be there before the bound is set.
		r.cfg.Limits = Limits{Start: 4, Requests: 16}
		for i := range 400 {
			r.write(fmt.Sprintf("d/%d", i), []byte("x"))
		}
		r.start()
		id := r.up("d", "")
		r.until(id, "under way", func(j backend.JobSnapshot) bool { return j.FilesDone > 20 })
		if n := c.most.Load(); n < 3 {
			t.Fatalf("%d requests at a time", n)
		}
		r.e.SetConcurrency(2)
		if s := r.e.Snapshot(); s.Requests != 2 || s.MostRequests != 2 {
			t.Errorf("the snapshot says %d of %d", s.Requests, s.MostRequests)
		}
		time.Sleep(500 * time.Millisecond) // what was in flight then
		c.most.Store(0)
		time.Sleep(2 * time.Second)
		if n := c.most.Load(); n > 2 || n < 1 {
			t.Errorf("%d requests at a time after the bound of 2", n)
		}
		r.e.SetConcurrency(0)
		if s := r.e.Snapshot(); s.MostRequests != 0 {
			t.Errorf("the bound is %d", s.MostRequests)
		}
		r.done(id)
	})
}

func TestABoundLetsTheGateGrowAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(local.Clock{}, 4, 16)
		g.bound(3)
		ctx, cancel := context.WithCancel(context.Background())
		for range 64 {
			go func() {
				for g.enter(ctx) == nil {
					time.Sleep(100 * time.Millisecond)
					g.leave(mib)
				}
			}()
		}
		time.Sleep(10 * time.Second)
		if w := g.width(); w != 3 {
			t.Errorf("%d places", w)
		}
		g.bound(100) // no more than was configured
		time.Sleep(30 * time.Second)
		if w, bound := g.room(); w < 12 || w > 16 || bound != 0 {
			t.Errorf("%d places, bound %d", w, bound)
		}
		cancel()
		time.Sleep(time.Second)
		synctest.Wait()
	})
}

// After a push-back half as many run, and then, carefully, as many as pay again.
func TestTheGateGrowsAgainAfterAPushBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(local.Clock{}, 4, 16)
		ctx, cancel := context.WithCancel(context.Background())
		for range 64 {
			go func() {
				for g.enter(ctx) == nil {
					time.Sleep(100 * time.Millisecond)
					g.leave(mib)
				}
			}()
		}
		time.Sleep(30 * time.Second)
		full := g.width()
		if full < 12 {
			t.Fatalf("%d places", full)
		}
		g.pushBack(2 * time.Second)
		g.pushBack(2 * time.Second) // of the same storm
		if w := g.width(); w != full/2 {
			t.Errorf("%d of %d places after a push-back", w, full)
		}
		time.Sleep(2 * time.Second)
		if w := g.width(); w > full/2 {
			t.Errorf("%d places while the site asks everybody to wait", w)
		}
		time.Sleep(time.Second)
		if w := g.width(); w > full/2+7 { // one a window
			t.Errorf("%d places a second later", w)
		}
		time.Sleep(time.Minute)
		if w := g.width(); w < full*3/4 {
			t.Errorf("%d places a minute later, there were %d", w, full)
		}
		cancel()
		time.Sleep(time.Second)
		synctest.Wait()
	})
}

// A time that runs down on the screen has to be told while nothing else happens.
func TestWaitsAreCountedDown(t *testing.T) {
	bubble(t, func(r *rig) {
		var down atomic.Bool
		r.site.fault = func(op, _ string, n int) error {
			if op == "begin" && n == 1 {
				e := backend.AsError(apiError("rate-limited/too-many-requests", 429))
				e.Wait = 5 * time.Second
				return e
			}
			if down.Load() {
				return &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "no route"}
			}
			return nil
		}
		r.write("f", []byte("f"))
		r.start()
		id := r.up("f", "")
		notes := map[string]bool{}
		r.until(id, "waited", func(j backend.JobSnapshot) bool {
			for _, it := range j.Items {
				notes[it.Note] = true
			}
			return j.State.Ended()
		})
		n := 0
		for note := range notes {
			if strings.HasPrefix(note, "waits ") {
				n++
			}
		}
		if n < 4 {
			t.Errorf("the wait of 5 s was told in %d steps: %v", n, notes)
		}

		down.Store(true)
		r.write("g", []byte("g"))
		r.up("g", "")
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		steps := map[time.Duration]bool{}
		for s := range r.e.Subscribe(ctx) {
			if s.Parked != "" {
				steps[s.TryAgain.Truncate(time.Second)] = true
			}
			if len(steps) > 6 {
				break
			}
		}
		if len(steps) <= 6 {
			t.Errorf("the time to the next try was told as %v", steps)
		}
		down.Store(false)
	})
}

func TestAFileGetsMoreRequestsOnlyWhereTheyAreSlow(t *testing.T) {
	for name, c := range map[string]struct {
		took   time.Duration // of a range
		most   int           // connections that the storage allows
		expect int64
	}{
		"fast":            {took: 100 * time.Millisecond, expect: fewStreams},
		"slow":            {took: time.Second, expect: 20},
		"slow, few lines": {took: time.Second, most: 9, expect: 9},
		"two lines":       {took: 100 * time.Millisecond, most: 2, expect: 2},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.cfg.Limits = Limits{Requests: 20}
				r.start()
				var at crowd
				var came atomic.Int64
				err := r.e.each(context.Background(), plan(200*rangeSize, rangeSize), c.most, func(context.Context, span) error {
					defer at.enter()()
					came.Add(1)
					time.Sleep(c.took)
					return nil
				})
				if n := at.most.Load(); err != nil || n != c.expect || came.Load() != 200 {
					t.Errorf("%d spans, %d at a time, %v", came.Load(), n, err)
				}
			})
		})
	}
}
