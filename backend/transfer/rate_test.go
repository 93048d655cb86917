package transfer

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ferry/backend"
)

// The speed is of what goes over the line: it keeps to the limit, and the time
// left is that of the rest, whatever was there before and however it comes.
func TestTheSpeedKeepsToTheLimit(t *testing.T) {
	const limit = 256 << 10
	data := noise(1, 60*mib)
	half := func(r *rig, id backend.JobID) {
		r.e.SetLimit(8 * mib)
		r.until(id, "half done", func(j backend.JobSnapshot) bool { return j.BytesDone > 40*mib })
		r.e.SetLimit(limit)
	}
	for name, begin := range map[string]func(*rig) backend.JobID{
		"after a pause": func(r *rig) backend.JobID {
			r.write("f", data)
			id := r.up("f", "y")
			half(r, id)
			r.e.Pause(id)
			r.until(id, "paused", func(j backend.JobSnapshot) bool { return j.State == backend.JobPaused })
			time.Sleep(time.Hour)
			r.e.Resume(id)
			return id
		},
		"after the site was away": func(r *rig) backend.JobID {
			r.write("f", data)
			id := r.up("f", "y")
			half(r, id)
			r.e.Park("away")
			if j := r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked }); j.Rate != 0 {
				r.t.Errorf("%.0f bytes a second while it stands still", j.Rate)
			}
			time.Sleep(time.Hour)
			r.e.Unpark()
			return id
		},
		"after a restart": func(r *rig) backend.JobID {
			r.site.put("x/f", data, stampTime)
			id := r.down("x/f", "in")
			half(r, id)
			r.close()
			r.start()
			r.e.Resume(id)
			return id
		},
		"behind what is there": func(r *rig) backend.JobID {
			r.site.put("x/f", data, stampTime)
			r.write("in/f", data[:40*mib])
			return r.down("x/f", "in", policy(backend.Resume))
		},
		"of many files": func(r *rig) backend.JobID {
			for i := range 400 {
				r.write(fmt.Sprintf("d/%d", i), data[:32<<10])
			}
			return r.up("d", "y")
		},
		"of an archive": func(r *rig) backend.JobID {
			for i := range 120 {
				r.site.put(fmt.Sprintf("d/%d", i), data[:100<<10], stampTime)
			}
			return r.down("d", "in")
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.cfg.StateDir = r.path("state")
				r.start()
				r.e.SetLimit(limit)
				id := begin(r)
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				from, most := time.Now(), 0.0
				for s := range r.e.Subscribe(ctx) {
					j := of(s, id)
					for _, it := range j.Items {
						most = max(most, it.Rate)
					}
					most = max(most, j.Rate)
					if most > limit*5/4 {
						t.Fatalf("%.0f bytes a second after %s: %+v", most, time.Since(from), j)
					}
					rest := float64(j.BytesTotal - j.BytesDone)
					if least := time.Duration(rest / limit * float64(time.Second) * 3 / 4); j.Left >= 0 && j.Left < least {
						t.Fatalf("%v are left, which needs %v", j.Left, least)
					}
					if time.Since(from) > 3*time.Second {
						if j.Rate < limit*3/4 {
							t.Errorf("only %.0f bytes a second: %+v", j.Rate, j)
						}
						break
					}
				}
				if ctx.Err() != nil {
					t.Fatal("it does not go on")
				}
				r.e.SetLimit(0)
				r.done(id)
			})
		})
	}
}

// of is a job of a snapshot.
func of(s backend.TransferSnapshot, id backend.JobID) backend.JobSnapshot {
	for _, j := range s.Jobs {
		if j.ID == id {
			return j
		}
	}
	return backend.JobSnapshot{}
}

// While the sources are looked through, the totals only grow and nobody can know
// how much time is left.
func TestNoTimeLeftDuringAScan(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.Limits.Window = 4 // the scan waits for the files
		for i := range 3 * batch {
			r.write(fmt.Sprintf("d/%d", i), noise(1, 4<<10))
		}
		r.start()
		r.e.SetLimit(256 << 10)
		id := r.up("d", "x")
		var total int64
		var during, after int // snapshots with a speed
		r.until(id, "done", func(j backend.JobSnapshot) bool {
			if j.BytesTotal < total {
				t.Errorf("the total sank from %d to %d", total, j.BytesTotal)
			}
			total = j.BytesTotal
			switch {
			case j.Scanning && j.Left >= 0:
				t.Errorf("%v are left of %d bytes, and there are more", j.Left, j.BytesTotal)
			case j.Scanning && j.Rate > 0:
				during++
			case j.Rate > 0 && j.Left > 0:
				after++
			}
			return j.State.Ended()
		})
		if during == 0 || after == 0 {
			t.Errorf("%d snapshots with a speed during the scan, %d with the time left after it", during, after)
		}
	})
}
