package transfer

import (
	"fmt"
	"testing"
	"time"

	"ferry/backend"
)

// itemsWait counts the files of a job that wait for their turn.
func itemsWait(j backend.JobSnapshot) (n int) {
	for _, it := range j.Items {
		if it.Waiting {
			n++
		}
	}
	return n
}

// What has begun and is not let in by the gate waits, until it is; what is let in
// does not. Whether the other has just begun or came far makes no difference.
func TestWaitingForATurn(t *testing.T) {
	for name, add := range map[string]func(r *rig) backend.JobID{
		"upload":   func(r *rig) backend.JobID { return r.up("b.bin", "in") },
		"download": func(r *rig) backend.JobID { return r.down("b.bin", "out") },
		"archive":  func(r *rig) backend.JobID { return r.down("d", "out") },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.cfg.Limits = Limits{Start: 1, Requests: 1}
				r.site.delay = time.Minute
				r.write("a.bin", noise(1, 64*mib))
				r.write("b.bin", noise(2, 20*mib))
				r.site.put("b.bin", noise(2, 20*mib), stampTime)
				small(r, "d", 20)
				r.start()
				first := r.up("a.bin", "in")
				r.until(first, "under way", func(j backend.JobSnapshot) bool { return j.BytesDone > 0 })
				id, began := add(r), time.Now()
				j := r.until(id, "waiting", func(j backend.JobSnapshot) bool { return j.Waiting })
				if d := time.Since(began); d < turnAfter || d > 2*turnAfter && name != "archive" { // that has to list a folder first
					t.Errorf("it is said after %s", d)
				}
				if j.State != backend.JobRunning || itemsWait(j) != len(j.Items) || len(j.Items) == 0 || j.BytesDone > 0 {
					t.Errorf("got %+v", j)
				}
				if j := r.e.Snapshot().Jobs[0]; j.Waiting || itemsWait(j) > 0 {
					t.Errorf("the one under way waits too: %+v", j)
				}
				r.e.Cancel(first)
				j = r.until(id, "let in", func(j backend.JobSnapshot) bool { return !j.Waiting })
				if j.State != backend.JobRunning || itemsWait(j) == len(j.Items) {
					t.Errorf("got %+v", j)
				}
				if j := r.done(id); j.Waiting || itemsWait(j) > 0 {
					t.Errorf("ended and waits: %+v", j)
				}
			})
		})
	}
}

// A transfer that came some way and is then not let in for a while waits as well;
// the moment between two requests is no wait.
func TestWaitingBetweenRequests(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.delay = time.Minute
		r.write("a.bin", noise(1, 64*mib))
		r.write("b.bin", noise(2, 64*mib))
		r.start()
		a, b := r.up("a.bin", "in"), r.up("b.bin", "in")
		r.until(a, "under way", func(j backend.JobSnapshot) bool { return j.BytesDone > 0 })
		was := r.until(b, "waiting on its way", func(j backend.JobSnapshot) bool { return j.Waiting && j.BytesDone > 0 })
		r.until(b, "going on", func(j backend.JobSnapshot) bool { return !j.Waiting && j.BytesDone > was.BytesDone })
	})
	bubble(t, func(r *rig) {
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.delay = 50 * time.Millisecond // for each of eight requests of the other
		r.write("a.bin", noise(1, 64*mib))
		r.write("b.bin", noise(2, 64*mib))
		r.start()
		r.up("a.bin", "in")
		r.until(r.up("b.bin", "in"), "half there", func(j backend.JobSnapshot) bool {
			if j.Waiting {
				t.Errorf("waits for a moment: %+v", j)
			}
			return j.BytesDone > 30*mib
		})
	})
}

// A limit lets in few streams: the others wait.
func TestWaitingForTheLimit(t *testing.T) {
	bubble(t, func(r *rig) {
		r.start().SetLimit(mib / 8)
		add := func(i int) backend.JobID {
			name := fmt.Sprintf("f%d.bin", i)
			r.site.put(name, noise(uint64(i), 4*mib), stampTime)
			return r.down(name, "in")
		}
		for i := range jobsAtOnce {
			r.until(add(i), "under way", func(j backend.JobSnapshot) bool { return j.BytesDone > 0 })
		}
		last := add(jobsAtOnce)
		r.until(last, "waiting", func(j backend.JobSnapshot) bool { return j.Waiting })
		for _, j := range r.e.Snapshot().Jobs[:jobsAtOnce] {
			if j.Waiting {
				t.Errorf("it has a stream and waits: %+v", j)
			}
		}
		r.e.SetLimit(0)
		r.done(last)
	})
}
