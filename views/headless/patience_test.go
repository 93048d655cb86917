package headless

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ferry/backend"
)

// wave is one second of what a site does to a run.
type wave struct {
	name string
	at   func(second int) backend.TransferSnapshot
	end  time.Duration // of the patience; 0 for never in a minute
	code int
}

// A run ends about when its patience is over, however the site puts it off, and
// not while something comes through.
func TestPatienceIsHadUntilSomethingComesThrough(t *testing.T) {
	busy := &backend.Error{Group: backend.RateLimited, Type: "rate-limited/too-many-requests", Status: 429}
	down := &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection}
	held := func() backend.TransferSnapshot {
		return backend.TransferSnapshot{Hold: time.Second, HeldBy: busy}
	}
	free := func() backend.TransferSnapshot { return backend.TransferSnapshot{HeldBy: busy} }
	parked := func(by error) backend.TransferSnapshot {
		return backend.TransferSnapshot{Parked: "no", ParkedBy: by, HeldBy: busy}
	}
	for _, w := range []wave{
		{"the site holds everybody, and the queue never parks", func(int) backend.TransferSnapshot { return held() }, 4 * time.Second, 15},
		{"what asks is answered, what moves is not", func(s int) backend.TransferSnapshot {
			return []backend.TransferSnapshot{held(), parked(busy), free()}[s%3]
		}, 4 * time.Second, 15},
		{"it is over while a request is under way", func(s int) backend.TransferSnapshot {
			if s > 2 && s < 9 {
				return free()
			}
			return held()
		}, 9 * time.Second, 15},
		{"bytes come through", func(s int) backend.TransferSnapshot {
			h := held()
			h.Through = time.Unix(int64(s/3), 0)
			return h
		}, 0, 0},
		{"a folder is read", func(s int) backend.TransferSnapshot {
			h := held()
			h.Jobs = []backend.JobSnapshot{{ID: 1, Scanning: true, FilesTotal: s / 3}}
			return h
		}, 0, 0},
		{"no connection", func(int) backend.TransferSnapshot { return parked(down) }, 4 * time.Second, 3},
		{"a connection that comes back", func(s int) backend.TransferSnapshot {
			if s%3 == 2 {
				return free()
			}
			return parked(down)
		}, 0, 0},
		{"nothing is wrong", func(int) backend.TransferSnapshot { return backend.TransferSnapshot{} }, 0, 0},
	} {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				snaps := make(chan backend.TransferSnapshot, 1)
				q := &world{stream: snaps}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				go func() {
					defer close(snaps)
					for second := 0; ctx.Err() == nil; second++ {
						s := w.at(second)
						if len(s.Jobs) == 0 {
							s.Jobs = []backend.JobSnapshot{{ID: 1, FilesTotal: 6}}
						}
						snaps <- s
						time.Sleep(time.Second)
					}
				}()
				began := time.Now()
				_, err := newRun(&Session{Queue: q}, Output{}, 4*time.Second).follow(ctx, map[backend.JobID]bool{1: true})
				took := time.Since(began)
				if w.end == 0 && ctx.Err() == nil || w.end > 0 && (ExitCode(err) != w.code || took < w.end || took > w.end+1500*time.Millisecond) {
					t.Errorf("after %s: %v", took, err)
				}
				cancel()
				for range snaps { // its sender ends
				}
			})
		})
	}
}

// Files that have ended well are progress too, those that failed are none.
func TestOnlyWhatArrivesIsWorthNewPatience(t *testing.T) {
	for _, c := range []struct {
		state backend.JobState
		want  int
	}{{backend.JobDone, 1}, {backend.JobCancelled, 1}, {backend.JobFailed, 0}} {
		r := newRun(&Session{Queue: &world{}}, Output{}, 0)
		r.tape.record(1, backend.ItemSnapshot{Name: "a", State: c.state, Err: &backend.Error{Message: "no"}})
		if err := r.files(); err != nil || r.arrived != c.want {
			t.Errorf("%s: %d, %v", c.state, r.arrived, err)
		}
	}
	p := patience{give: time.Hour}
	defer p.calm()
	storm := total{hold: time.Second}
	p.see(storm, 0)
	first := p.timer
	p.see(storm, 0)
	if p.timer != first {
		t.Error("it began anew with nothing done")
	}
	if p.see(storm, 1); p.timer == first {
		t.Error("a file that arrived is not counted")
	}
}
