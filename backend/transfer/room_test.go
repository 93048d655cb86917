package transfer

import (
	"strings"
	"sync/atomic"
	"testing"

	"ferry/backend"
)

// tight is a disk that says how much of it is free.
type tight struct {
	Disk
	free atomic.Int64
}

func (d *tight) Free(string) (int64, error) { return d.free.Load(), nil }

// A file that the disk cannot hold fails before a byte of it is asked for, and
// what is there of an earlier try stays out of sight; the others come.
func TestAFileThatDoesNotFitIsNotBegun(t *testing.T) {
	bubble(t, func(r *rig) {
		disk := &tight{Disk: r.cfg.Local}
		disk.free.Store(12 * mib)
		r.cfg.Local = disk
		r.site.put("d/large", noise(1, 13*mib), stampTime)
		r.site.put("d/small", noise(2, 11*mib), stampTime)
		r.start()
		id := r.down("d", "in")
		j := r.end(id)
		if e := backend.AsError(j.Err); j.FilesDone != 1 || j.FilesFailed != 1 || e == nil || e.Type != "local/disk-full" ||
			!strings.Contains(e.Message, "needs 1.0 MB more than is free") {
			t.Errorf("got %v: %+v", j.Err, j)
		}
		if got := r.files("in"); len(got) != 1 || got[0] != "d/small" {
			t.Errorf("there is %q", got)
		}
		r.site.fault = func(op, arg string, _ int) error {
			if op == "range" && arg == "d/large" && disk.free.Load() < 13*mib {
				t.Error("it was begun")
			}
			return nil
		}
		r.e.Retry(id)
		r.end(id)
		disk.free.Store(13 * mib)
		r.e.Retry(id)
		r.done(id)
		r.sameOnDisk("d/large", "in/d/large")
	})
}

// What an unfinished file has reserved is not free any more, and yet it is its
// own: it goes on on a disk that is full but for it.
func TestAFileThatFitsGoesOnInItsOwnRoom(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		disk := &tight{Disk: r.cfg.Local}
		disk.free.Store(100 * mib)
		r.cfg.Local = disk
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.put("f", noise(1, 50*mib), stampTime)
		var stuck atomic.Bool
		stuck.Store(true)
		r.site.fault = func(op, _ string, _ int) error {
			if op == "range" && stuck.Load() && r.site.count("range") > 1 {
				return apiError("not-authenticated/invalid-session", 401)
			}
			return nil
		}
		r.start()
		id := r.down("f", "in")
		r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
		disk.free.Store(1 * mib)
		r.restart()
		stuck.Store(false)
		r.e.Resume(id)
		if j := r.done(id); j.Resent != 0 {
			t.Errorf("got %+v", j)
		}
		r.sameOnDisk("f", "in/f")
	})
}
