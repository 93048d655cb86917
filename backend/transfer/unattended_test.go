package transfer

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

// Without a person a comparison waits as long as it was told, whatever the site
// does, and ends with what the site said last.
func TestAComparisonWithoutAPersonHasItsPatience(t *testing.T) {
	down := &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "no route"}
	long := backend.AsError(apiError("rate-limited/too-many-requests", 429))
	long.Wait = time.Hour
	for _, c := range []struct {
		name     string
		fault    error
		over     time.Duration // when the site is well again
		give     time.Duration
		min, max time.Duration
		ok       bool
	}{
		{"no connection", down, time.Hour, 20 * time.Second, 20 * time.Second, 21 * time.Second, false},
		{"pushed back", apiError("service-unavailable", 503), time.Hour, 20 * time.Second, 20 * time.Second, 21 * time.Second, false},
		{"pushed back for longer than that", long, 2 * time.Hour, 20 * time.Second, 20 * time.Second, 21 * time.Second, false},
		{"pushed back for long", apiError("service-unavailable", 503), 5 * time.Minute, 10 * time.Minute, 5 * time.Minute, 6 * time.Minute, true},
		{"no connection for long, for ever", down, 50 * time.Minute, 0, 50 * time.Minute, 51 * time.Minute, true},
		{"pushed back for ever", apiError("rate-limited", 429), 50 * time.Minute, 0, 50 * time.Minute, 51 * time.Minute, true},
		{"refused", apiError("not-authenticated/invalid-credentials", 401), time.Hour, 0, 0, time.Second, false},
		{"an error of the site", apiError("api", 500), time.Hour, 10 * time.Minute, time.Second, 3 * time.Minute, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.write("l/a", noise(1, 9))
				r.site.put("r/a", noise(1, 9), stampTime)
				began := time.Now()
				r.site.fault = func(op, _ string, _ int) error {
					if op == "list" && time.Since(began) < c.over {
						return c.fault
					}
					return nil
				}
				r.start().Unattended(c.give)
				_, err := r.e.Compare(context.Background(), backend.SyncRequest{Local: r.path("l"), Remote: "r", Mode: backend.SyncPush}, nil)
				if took := time.Since(began); took < c.min || took > c.max {
					t.Errorf("it took %s", took)
				}
				if c.ok != (err == nil) || !c.ok && !errors.Is(err, c.fault) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// Who interrupts does not wait for the patience.
func TestAComparisonWithoutAPersonCanBeCancelled(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/a", noise(1, 9))
		r.site.fault = func(string, string, int) error {
			return &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "no route"}
		}
		r.start().Unattended(time.Hour)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		began := time.Now()
		_, err := r.e.Compare(ctx, backend.SyncRequest{Local: r.path("l"), Remote: "r", Mode: backend.SyncPush}, nil)
		if took := time.Since(began); err == nil || took > 2*time.Minute {
			t.Errorf("%v after %s", err, took)
		}
	})
}

// Where nobody is there to answer, a question is a failure that is told, and what
// is there stays; another answer of the command decides.
func TestAQuestionWithoutAPersonFails(t *testing.T) {
	for name, c := range map[string]struct {
		there string
		down  bool
		sums  bool
		why   string
	}{
		"upload, another beginning":   {"xyz", false, true, "not the beginning"},
		"upload, longer":              {"a text that is longer", false, true, "not the beginning"},
		"upload, nothing proves it":   {"new ", false, false, "no checksum"},
		"download, another beginning": {"xyz", true, true, "not the beginning"},
		"download, longer":            {"a text that is longer", true, true, "not the beginning"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.cfg.StateDir = r.path("state")
				r.site.noSums = !c.sums
				req := backend.TransferRequest{Direction: backend.Upload, Conflict: backend.Resume, Target: backend.Location{Side: backend.Remote, Path: "in"}}
				is := func() string { b, _ := r.site.content("in/f.txt"); return string(b) }
				if c.down {
					r.site.put("f.txt", []byte("new text"), stampTime)
					r.write("in/f.txt", []byte(c.there))
					req.Direction, req.Target = backend.Download, backend.Location{Side: backend.Local, Path: r.path("in")}
					req.Sources = []backend.Entry{r.remote("f.txt")}
					is = func() string { b, _ := os.ReadFile(r.path("in/f.txt")); return string(b) }
				} else {
					r.write("f.txt", []byte("new text"))
					r.site.put("in/f.txt", []byte(c.there), stampTime.Add(time.Hour))
					req.Sources = []backend.Entry{r.entry("f.txt")}
				}
				r.start().Unattended(0)
				j := r.end(r.again(req))
				e := backend.AsError(j.Err)
				if j.FilesFailed != 1 || j.Asking != 0 || e.Type != backend.TypeUndecided || !strings.Contains(e.Message, c.why) || is() != c.there {
					t.Errorf("%q is there: %v, %+v", is(), j.Err, j)
				}
				r.restart()
				r.e.Unattended(0)
				req.Conflict = backend.Overwrite
				r.done(r.again(req))
				if is() != "new text" {
					t.Errorf("%q is there after the answer", is())
				}
			})
		})
	}
}
