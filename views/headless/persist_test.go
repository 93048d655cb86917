package headless

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/cobra"

	"ferry/backend"
)

func down() *backend.Error {
	return &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "127.0.0.1:1 refuses the connection."}
}

// A site that is away is asked again until it answers or the patience ends; what
// waiting does not mend is told at once.
func TestACheckIsBorneAsLongAsATransfer(t *testing.T) {
	busy := &backend.Error{Group: backend.ServiceUnavailable, Status: 503}
	tired := &backend.Error{Group: backend.RateLimited, Status: 429, Lasting: true}
	untrusted := down()
	untrusted.Lasting = true
	for _, c := range []struct {
		name  string
		fails []error // one answer after the other; the last one stays
		give  time.Duration
		after time.Duration
		code  int
		said  int
	}{
		{"it is there", []error{nil}, time.Minute, 0, 0, 0},
		{"it comes up", []error{down(), down(), down(), nil}, time.Minute, 7 * time.Second, 0, 1},
		{"it comes up, busy at first", []error{down(), busy, nil}, 0, 3 * time.Second, 0, 2},
		{"it never comes up", []error{down()}, 5 * time.Minute, 5 * time.Minute, 3, 1},
		{"it is busy for ever", []error{busy}, time.Minute, time.Minute, 16, 1},
		{"a gateway is before it", []error{&backend.Error{Group: backend.APIFailure, Status: 502}, nil}, time.Minute, time.Second, 0, 1},
		{"it is another", []error{untrusted}, time.Minute, 0, 3, 0},
		{"each try makes it worse", []error{tired}, time.Minute, 0, 15, 0},
		{"it refuses", []error{&backend.Error{Group: backend.NotFound}}, time.Minute, 0, 13, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			var b bytes.Buffer
			began, n := time.Now(), 0
			err := persist(t.Context(), Output{W: &b, Err: &b}, c.give, func(context.Context) error {
				n++
				return c.fails[min(n, len(c.fails))-1]
			})
			if took := time.Since(began); ExitCode(err) != c.code || took != c.after || strings.Count(b.String(), "Waiting for") != c.said {
				t.Errorf("%s: %v after %s\n%s", c.name, err, took, b.String())
			}
		})
	}
}

// A call that hangs ends with the patience, and with an interrupt.
func TestACheckThatHangsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		hangs := func(ctx context.Context) error {
			if n++; n == 1 {
				return down()
			}
			<-ctx.Done()
			return ctx.Err()
		}
		if err := persist(t.Context(), Output{}, time.Minute, hangs); ExitCode(err) != 3 {
			t.Errorf("got %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second/2, cancel)
		if err := persist(ctx, Output{}, 0, func(context.Context) error { return down() }); ExitCode(err) != 130 {
			t.Errorf("got %v", err)
		}
	})
}

// With --patience a command waits for a site that is not up yet; without, such a
// site is taken for a mistake.
func TestACommandWaitsForTheSite(t *testing.T) {
	run := func(args ...string) (stderr string, err error) {
		w := &world{known: map[string]backend.Entry{abs(t, "a"): {Name: "a"}, "a": {Name: "a"}}, snaps: []backend.TransferSnapshot{done(1)}}
		opened := 0
		root := &cobra.Command{Use: "ferry", SilenceErrors: true, SilenceUsage: true}
		root.AddCommand(Commands(func(context.Context, bool) (*Session, error) {
			if opened++; opened == 1 {
				return nil, down()
			}
			return &Session{Site: w, Disk: w, Queue: w, Close: func(context.Context) error { return nil }}, nil
		})...)
		var out, errs bytes.Buffer
		root.SetOut(&out)
		root.SetErr(&errs)
		root.SetArgs(args)
		err = root.ExecuteContext(t.Context())
		return errs.String(), err
	}
	for _, args := range [][]string{{"put", "a", "x"}, {"get", "a", "x"}, {"sync", "a", "x", "--push"}} {
		if errs, err := run(args...); ExitCode(err) != 3 || errs != "" {
			t.Errorf("%q: %v\n%s", args, err, errs)
		}
	}
	if errs, err := run("get", "a", "x", "--patience", "5m"); err != nil || errs != "ferry: 127.0.0.1:1 refuses the connection. Waiting for at most 5m0s.\n" {
		t.Errorf("%v\n%s", err, errs)
	}
}

// flaky is a world whose site is away when it is asked first.
type flaky struct {
	*world
	asked int
}

func (f *flaky) Find(ctx context.Context, path string) (backend.Entry, error) {
	if f.asked++; f.asked == 1 {
		return backend.Entry{}, down()
	}
	return f.world.Find(ctx, path)
}

// A connection that is lost while the target is looked at is waited for.
func TestTheLookAtATargetIsBorne(t *testing.T) {
	f := &flaky{world: &world{known: map[string]backend.Entry{"x": {Name: "x"}}}}
	var b bytes.Buffer
	c := &carry{give: time.Minute}
	synctest.Test(t, func(t *testing.T) {
		if _, err := c.takes(t.Context(), f, "x", 1, Output{Err: &b}); ExitCode(err) != 2 || f.asked != 2 || !strings.Contains(b.String(), "Waiting for at most 1m0s.") {
			t.Errorf("%v after %d\n%s", err, f.asked, b.String())
		}
	})
}
