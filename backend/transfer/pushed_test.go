package transfer

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ferry/backend"
)

// A site that pushes back for long does not end the planning of a download: the
// queue parks, says why, looks now and then, and goes on.
func TestAStormWhileAFolderIsListed(t *testing.T) {
	for name, storm := range map[string]error{
		"429": &backend.Error{Group: backend.RateLimited, Status: 429, Wait: 5 * time.Second},
		"503": apiError("service-unavailable/x", 503),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				for _, f := range []string{"d/a", "d/b", "d/s/c"} {
					r.site.put(f, noise(1, 100), stampTime)
				}
				var over atomic.Bool
				r.site.fault = func(op, _ string, _ int) error {
					if op == "list" && !over.Load() {
						return storm
					}
					return nil
				}
				r.start()
				id := r.down("d", "in")
				r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
				if s := r.e.Snapshot(); !strings.Contains(s.Parked, "asks everybody to wait") || s.TryAgain <= 0 {
					t.Errorf("got %q, again in %v", s.Parked, s.TryAgain)
				}
				before := r.site.count("list")
				time.Sleep(time.Hour)
				if n := r.site.count("list") - before; n < 10 || n > 400 {
					t.Errorf("%d looks in an hour", n)
				}
				over.Store(true)
				if j := r.done(id); j.FilesDone != 3 {
					t.Errorf("got %+v", j)
				}
			})
		})
	}
}

// One folder that is refused while the site answers everything else fails, and
// does not stop the queue for ever.
func TestOneFolderThatPushesBack(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.flatless = true
		r.site.put("d/a", noise(1, 100), stampTime)
		r.site.put("d/s/c", noise(1, 100), stampTime)
		r.site.fault = func(op, arg string, _ int) error {
			if op == "list" && arg == "d/s" {
				return apiError("service-unavailable/x", 503)
			}
			return nil
		}
		r.start()
		j := r.end(r.down("d", "in"))
		if j.State != backend.JobFailed || j.FilesFailed != 1 || j.FilesDone != 1 {
			t.Errorf("got %+v", j)
		}
		if s := r.e.Snapshot(); s.Parked != "" {
			t.Errorf("still parked: %s", s.Parked)
		}
	})
}

// A storm over the files themselves is waited out as well: the queue parks, and
// no file fails.
func TestAStormWhileFilesMove(t *testing.T) {
	tooMany := &backend.Error{Group: backend.RateLimited, Status: 429}
	for _, c := range []struct {
		name   string
		storm  error
		probe  bool // the site answers who asks whether it is back
		lasts  time.Duration
		upload bool
	}{
		{"429 up", tooMany, false, 20 * time.Minute, true},
		{"503 up", apiError("service-unavailable/x", 503), false, 20 * time.Minute, true},
		{"429 down", tooMany, false, 20 * time.Minute, false},
		{"503 down", apiError("service-unavailable/x", 503), false, 20 * time.Minute, false},
		{"the storage alone, up", apiError("service-unavailable/x", 503), true, 3 * time.Minute, true},
		{"the storage alone, down", apiError("service-unavailable/x", 503), true, 3 * time.Minute, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				files := []string{"d/a", "d/b", "d/s/c"}
				for _, f := range files {
					r.write(f, noise(1, 100))
					r.site.put(f, noise(1, 100), stampTime)
				}
				var began time.Time
				r.site.fault = func(op, _ string, _ int) error {
					if began.IsZero() && (op == "range" || op == "put") {
						began = time.Now()
					}
					switch {
					case began.IsZero(), time.Since(began) > c.lasts:
						return nil
					case c.probe && op != "range" && op != "put":
						return nil
					}
					return c.storm
				}
				r.start()
				var id backend.JobID
				if c.upload {
					id = r.up("d", "x")
				} else {
					id = r.down("d", "in")
				}
				if !c.probe {
					r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
					if s := r.e.Snapshot(); !strings.Contains(s.Parked, "asks everybody to wait") || s.TryAgain <= 0 {
						t.Errorf("got %q, again in %v", s.Parked, s.TryAgain)
					}
				}
				if j := r.done(id); j.FilesDone != 3 {
					t.Errorf("got %+v", j)
				}
				if d := time.Since(began); d < c.lasts || d > c.lasts+2*time.Minute {
					t.Errorf("it took %v", d)
				}
			})
		})
	}
}

// One file that the site puts off while the others move fails in the end, and
// nobody waits for it.
func TestOneFileThatPushesBack(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.Limits.Archives = -1
		r.site.delay = time.Second
		r.site.put("d/-bad", noise(1, 100), stampTime)
		for i := range 400 {
			r.site.put(fmt.Sprintf("d/%03d", i), noise(1, 100), stampTime)
		}
		r.site.fault = func(op, arg string, _ int) error {
			if op == "download" && arg == "d/-bad" {
				return apiError("service-unavailable/x", 503)
			}
			return nil
		}
		r.cfg.Limits = Limits{Start: 2, Requests: 2, Archives: -1}
		r.start()
		parked, left := 0, 0
		j := r.until(r.down("d", "in"), "ended", func(j backend.JobSnapshot) bool {
			if j.State == backend.JobParked {
				parked++
			}
			if j.FilesFailed == 0 {
				left = 400 - j.FilesDone
			}
			return j.State.Ended()
		})
		if j.FilesFailed != 1 || j.FilesDone != 400 || parked > 0 || left < 10 {
			t.Errorf("parked %d times, %d files went after it: %+v", parked, left, j)
		}
	})
}

// Checksums and emptied folders wait a storm out as well.
func TestAStormAtTheEndOfAMove(t *testing.T) {
	for _, what := range []string{"find", "delete"} {
		t.Run(what, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.opaque, r.site.lateSums = true, 1
				r.write("d/s/f", noise(1, 100))
				r.site.put("e/s/f", noise(1, 100), stampTime)
				var began time.Time
				r.site.fault = func(op, arg string, _ int) error {
					if began.IsZero() && op == what && (what == "find" || arg == "e/s") {
						began = time.Now()
					}
					if began.IsZero() || time.Since(began) > 20*time.Minute {
						return nil
					}
					return apiError("rate-limited/x", 429)
				}
				r.start()
				if what == "find" {
					r.done(r.up("d", "x", move, policy(backend.Overwrite)))
					if _, err := os.Stat(r.path("d")); err == nil {
						t.Error("the source is still there")
					}
					return
				}
				r.done(r.down("e", "in", move))
				if _, ok := r.site.content("e"); ok {
					t.Error("the source is still there")
				}
			})
		})
	}
}

// A folder that could not be listed and is tried again is not forgotten, neither by
// the scan that still runs nor by a restart.
func TestARetriedFolderIsNotForgotten(t *testing.T) {
	for name, kill := range map[string]bool{"while the scan runs": false, "over a restart": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.cfg.StateDir = r.path("state")
				r.site.flatless = true
				r.site.delay = time.Second
				for _, f := range []string{"d/a", "d/s/b", "e/c"} {
					r.site.put(f, noise(1, 100), stampTime)
				}
				var closed, ended atomic.Bool
				closed.Store(true)
				ended.Store(!kill)
				r.site.fault = func(op, arg string, _ int) error {
					switch {
					case op == "list" && arg == "d/s" && closed.Load():
						return apiError("not-authorized/x", 403)
					case op == "list" && (arg == "e" || kill && arg == "d") && ended.Load():
						return apiError("not-authenticated/invalid-session", 401)
					}
					return nil
				}
				r.start()
				id := r.down("d", "in", func(q *backend.TransferRequest) { q.Sources = append(q.Sources, r.remote("e")) })
				r.until(id, "refused", func(j backend.JobSnapshot) bool {
					return !kill && j.State == backend.JobParked && j.FilesFailed == 1 || kill && j.State.Ended()
				})
				closed.Store(false)
				ended.Store(kill)
				r.e.Retry(id)
				if kill {
					r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
					r.restart()
					ended.Store(false)
					r.e.Resume(id)
				} else {
					r.e.Unpark()
				}
				if j := r.done(id); j.FilesDone != 3 {
					t.Errorf("got %+v", j)
				}
			})
		})
	}
}
