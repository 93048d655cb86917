package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// ender ends the program for the signals that ask for it. The first ends a context,
// so that all that is under way stops and is kept; it may be waited for, a site that
// does not answer a few seconds. A second one is of somebody who does not want to
// wait: it ends the program at once, with what is in the journal by then.
type ender struct {
	restore atomic.Pointer[func()] // gives the terminal back, if somebody has it
	now     func() time.Time
	after   func(time.Duration) <-chan time.Time
	exit    func(code int)
}

// atOnce is how close behind each other signals are one: timeout(1) sends its own to
// the program and to its group, and the end of a terminal is told by it and by the
// shell.
const atOnce = 200 * time.Millisecond

// restoring is how long the terminal is waited for.
const restoring = time.Second

// asked are the signals that end the program: not those that were ignored when it
// began, as nohup has SIGHUP ignored, and a shell without jobs SIGINT for what runs
// in the background. SIGHUP counts as an end, so that closing the window does not cut
// transfers off without their journal.
func asked() []os.Signal {
	ends := []os.Signal{syscall.SIGTERM}
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(sig) {
			ends = append(ends, sig)
		}
	}
	return ends
}

// heed gives a context that ends with the first signal, until stop is called.
func (e *ender) heed() (ctx context.Context, stop func()) {
	heard := make(chan os.Signal, 8)
	signal.Notify(heard, asked()...)
	ctx, cancel := context.WithCancel(context.Background())
	go e.obey(ctx, heard, cancel)
	return ctx, func() {
		signal.Stop(heard)
		cancel()
	}
}

// obey ends a context with the first signal, and the program with the second. It
// ends with the program.
func (e *ender) obey(ctx context.Context, heard <-chan os.Signal, cancel func()) {
	select {
	case <-heard:
		cancel()
	case <-ctx.Done():
		return
	}
	first := e.now()
	for sig := range heard {
		if e.now().Sub(first) < atOnce {
			continue
		}
		if restore := e.restore.Load(); restore != nil {
			gone := make(chan struct{})
			go func() { (*restore)(); close(gone) }()
			select {
			case <-gone:
			case <-e.after(restoring):
			}
		}
		e.exit(ended(sig))
		return
	}
}

// ended is the exit code of who is ended by a signal, as shells tell it.
func ended(sig os.Signal) int {
	if n, ok := sig.(syscall.Signal); ok {
		return 128 + int(n)
	}
	return 130
}
