package transfer

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ferry/backend"
	"ferry/backend/local"
)

// A limit is shared between jobs first and between the files of a job then,
// however many streams each has.
func TestTheLimitIsSharedFairly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		th := &throttle{clock: local.Clock{}, ctx: ctx, spawn: func(f func()) { go f() }, rate: 1 << 20}
		var got [3]atomic.Int64
		draw := func(n int, l lane, streams int) {
			for range streams {
				go func() {
					for ctx.Err() == nil && th.take(ctx, l, 8<<10) == nil {
						got[n].Add(8 << 10)
					}
				}()
			}
		}
		draw(0, lane{1, 1}, 10)
		draw(1, lane{1, 2}, 1)
		draw(2, lane{2, 1}, 1)
		time.Sleep(20 * time.Second)
		for n, want := range []int64{5 << 20, 5 << 20, 10 << 20} {
			if g := got[n].Load(); g < want*9/10 || g > want*11/10 {
				t.Errorf("%d got %d of %d", n, g, want)
			}
		}
		// Who comes late gets his share from then on, not what he missed.
		before := got[2].Load()
		var late atomic.Int64
		go func() {
			for ctx.Err() == nil && th.take(ctx, lane{3, 1}, 8<<10) == nil {
				late.Add(8 << 10)
			}
		}()
		time.Sleep(30 * time.Second)
		for what, g := range map[string]int64{"the late one": late.Load(), "the other": got[2].Load() - before} {
			if g < 9<<20 || g > 11<<20 {
				t.Errorf("%s got %d of %d", what, g, 10<<20)
			}
		}
		// The limit is taken away while everybody waits.
		th.set(1)
		time.Sleep(time.Second)
		th.set(0)
		cancel()
	})
}

// Under a limit few streams run, each job has one, and the number follows the
// limit while they run.
func TestFewStreamsUnderALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		th := &throttle{clock: local.Clock{}, ctx: ctx, spawn: func(f func()) { go f() }, rate: 1 << 20}
		var in []lane
		var leaves []func()
		add := make(chan lane, 100)
		join := func(l lane, bytes int64) {
			go func() {
				leave, err := th.admit(ctx, l, bytes)
				if err == nil {
					add <- l
					leaves = append(leaves, leave)
				}
			}()
			synctest.Wait()
			for len(add) > 0 {
				in = append(in, <-add)
			}
		}
		expect := func(want ...lane) {
			t.Helper()
			synctest.Wait()
			for len(add) > 0 {
				in = append(in, <-add)
			}
			if !slices.Equal(in, want) {
				t.Errorf("got %v, want %v", in, want)
			}
		}
		for n := range int64(3) {
			join(lane{1, n}, 8*mib)
		}
		expect(lane{1, 0})
		join(lane{2, 0}, 8*mib) // another job has one at once
		expect(lane{1, 0}, lane{2, 0})
		leaves[0]()
		expect(lane{1, 0}, lane{2, 0}, lane{1, 1})
		th.set(20 << 20) // 40 MiB may be under way
		expect(lane{1, 0}, lane{2, 0}, lane{1, 1}, lane{1, 2})
		for n := range int64(40) {
			join(lane{3, n}, 4<<10) // small files are held up by nobody
		}
		if len(in) != 44 {
			t.Errorf("%d are in", len(in))
		}
	})
}

// A kill under a limit loses little: one part of one file is under way, and the
// ranges are small.
func TestALimitKeepsLittleUnderWay(t *testing.T) {
	for _, direction := range []backend.Direction{backend.Upload, backend.Download} {
		bubble(t, func(r *rig) {
			data := noise(1, 60*mib)
			r.write("f", data)
			r.site.put("x/f", data, stampTime)
			r.start()
			r.e.SetLimit(256 << 10)
			op := "put"
			var id backend.JobID
			if direction == backend.Upload {
				id = r.up("f", "y")
			} else {
				op, id = "range", r.down("x/f", "in")
			}
			r.until(id, "under way", func(j backend.JobSnapshot) bool { return j.BytesDone > 20*mib })
			// 8 MiB parts, 2 MiB ranges: one more may have begun.
			if n, most := r.site.count(op), map[string]int{"put": 4, "range": 12}[op]; n > most {
				t.Errorf("%s: %d begun", op, n)
			}
			r.e.SetLimit(0)
			r.done(id)
		})
	}
}

// Two jobs under a limit get on at the same speed, whatever their files.
func TestJobsShareALimit(t *testing.T) {
	bubble(t, func(r *rig) {
		for _, f := range []string{"a/1", "a/2", "a/3", "a/4", "b/1"} {
			r.write(f, noise(1, 20*mib))
		}
		r.start()
		r.e.SetLimit(mib)
		a, b := r.up("a", "x"), r.up("b", "x")
		j := r.until(b, "half sent", func(j backend.JobSnapshot) bool { return j.BytesDone >= 10*mib })
		other := r.job(a)
		if d := other.BytesDone - j.BytesDone; d < -2*mib || d > 2*mib {
			t.Errorf("one has %d, the other %d", other.BytesDone, j.BytesDone)
		}
		r.e.SetLimit(0)
		r.done(a)
		r.done(b)
	})
}
