package transfer

import (
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"

	"ferry/backend"
)

// A mistake of the program in one file must not end the others, nor leave a
// terminal as it is: every goroutine of the engine turns a panic into a failure
// and writes where it was into the log.

// guard runs f; a panic in it becomes an error.
func (e *Engine) guard(op, path string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = e.crashed(op, path, r)
		}
	}()
	return f()
}

// crashed keeps where a panic was and gives the error that stands for it.
func (e *Engine) crashed(op, path string, r any) *backend.Error {
	e.crashes.Add(1)
	e.cfg.Log.Error("internal error in a transfer", "op", op, "path", path, "panic", unsigned(r), "stack", string(debug.Stack()))
	return &backend.Error{
		Class: backend.ClassUnexpected, Group: backend.Unexpected, Title: "Internal Error", Op: op, Path: path,
		Message: "The program made a mistake of its own. The log says where.",
	}
}

var signed = regexp.MustCompile(`\?[^\s"']+`)

// unsigned is the text of a panic without the queries of addresses, which may
// be signed.
func unsigned(r any) string {
	if err, ok := r.(runtime.Error); ok {
		return err.Error()
	}
	return signed.ReplaceAllString(fmt.Sprint(r), "?…")
}

// own is the owner goroutine. A panic in it ends the engine in good order: the
// journal is closed, the workers end, and the last snapshot says why.
func (b *book) own() {
	if err := b.e.guard("transfer queue", "", func() error { b.loop(); return nil }); err != nil {
		b.collapse(err)
	}
}

// collapse ends an engine whose state cannot be trusted any more. What the
// journal has is enough for the next start.
func (b *book) collapse(err error) {
	e := b.e
	e.broken.Store(backend.AsError(err))
	e.stop()
	gone := make(chan struct{})
	go func() { e.wg.Wait(); close(gone) }()
	for waiting := true; waiting; {
		select {
		case <-e.inbox: // nobody may touch the jobs
		case <-gone:
			waiting = false
		}
	}
	last := *e.last.Load()
	last.Seq = b.seq + 1
	last.Parked = "An internal error has stopped the transfers. Start the program again to go on."
	e.last.Store(&last)
	for s := range b.subs {
		s.put(last)
		close(s.ch)
	}
	b.subs = nil
	e.journal.close()
	close(e.done)
}

// closed is the error of a call after the end.
func (e *Engine) closed() error {
	if err := e.broken.Load(); err != nil {
		return err
	}
	return errClosed
}
