package transfer

import (
	"context"
	"errors"
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
