package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"time"
)

// The first signal lets everything end in order; the second ends the program at
// once, with the terminal as it was. What comes twice at once is one signal.
func TestTheSecondSignalDoesNotWait(t *testing.T) {
	begin := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	times := []time.Duration{0, atOnce / 2, 2 * atOnce}
	codes := make(chan int, 1)
	restored := 0
	e := &ender{
		now: func() time.Time {
			at := times[0]
			times = times[1:]
			return begin.Add(at)
		},
		after: func(time.Duration) <-chan time.Time { return nil }, // however slow the machine is
		exit:  func(code int) { codes <- code },
	}
	restore := func() { restored++ }
	e.restore.Store(&restore)
	heard := make(chan os.Signal)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go e.obey(ctx, heard, cancel)
	heard <- syscall.SIGTERM
	<-ctx.Done()
	heard <- syscall.SIGHUP
	heard <- syscall.SIGTERM
	if code := <-codes; code != 143 || restored != 1 || len(times) != 0 {
		t.Errorf("it ends with %d, after %d restorations", code, restored)
	}
}

// A terminal that cannot be given back holds nobody.
func TestTheSecondSignalDoesNotWaitForTheTerminal(t *testing.T) {
	codes, never := make(chan int, 1), make(chan struct{})
	defer close(never)
	at := time.Now()
	e := &ender{
		now: func() time.Time { at = at.Add(time.Minute); return at },
		after: func(d time.Duration) <-chan time.Time {
			if d != restoring {
				t.Errorf("it waits %v", d)
			}
			return time.After(0)
		},
		exit: func(code int) { codes <- code },
	}
	restore := func() { <-never }
	e.restore.Store(&restore)
	heard := make(chan os.Signal, 2)
	heard <- os.Interrupt
	heard <- os.Interrupt
	e.obey(t.Context(), heard, func() {})
	if code := <-codes; code != 130 {
		t.Errorf("it ends with %d", code)
	}
}

// Who has a signal ignored before the program begins does not want it to end.
func TestIgnoredSignalsStayIgnored(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		heard := make(chan os.Signal, 1)
		signal.Notify(heard, sig) // whatever the tests have been started with
		if !slices.Contains(asked(), sig) {
			t.Errorf("%v does not end it", sig)
		}
		signal.Stop(heard)
		signal.Ignore(sig)
		if slices.Contains(asked(), sig) {
			t.Errorf("%v ends it", sig)
		}
		signal.Reset(sig)
	}
}
