package headless

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"ferry/backend"
)

// patience is how long a run stands still before it ends. A connection that is
// back ends the wait. A site that puts everybody off may answer in between, what
// asks whether it is back above all, so that one is borne until something has come
// through.
type patience struct {
	give  time.Duration // 0 is for ever
	timer *time.Timer
	out   <-chan time.Time
	spent bool

	putOff bool // the site was there when it was waited for last

	through time.Time // what had come through so far
	arrived int
	files   int
}

// see takes the newest state, and tells whether the patience has ended with it.
func (p *patience) see(t total, arrived int) bool {
	moved := !t.through.Equal(p.through) || arrived != p.arrived || t.files != p.files
	p.through, p.arrived, p.files = t.through, arrived, t.files
	if moved || !t.waits() && !p.putOff {
		p.calm()
	}
	if t.waits() {
		p.putOff = putsOff(t.waitsFor())
	}
	if p.give > 0 && p.timer == nil && t.waits() {
		p.timer = time.NewTimer(p.give)
		p.out = p.timer.C
	}
	return p.spent && t.waits()
}

// over is what becomes of a run whose time is up: one that is not put off in this
// moment may go on until it is again.
func (p *patience) over(t total) bool {
	p.spent, p.out = true, nil
	return t.waits()
}

// calm begins anew with the next wait.
func (p *patience) calm() {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.timer, p.out, p.spent = nil, nil, false
}

// waits tells whether nothing may move now.
func (t total) waits() bool { return t.parked != "" || t.hold > 0 }

// waitsFor is the failure of the site that is waited for, or was last.
func (t total) waitsFor() error {
	if t.parked != "" {
		return t.parkedBy
	}
	return t.heldBy
}

// putsOff tells whether a site is there and wants everybody to wait.
func putsOff(err error) bool {
	e := backend.AsError(err)
	return e != nil && (errors.Is(e, backend.RateLimited) || errors.Is(e, backend.ServiceUnavailable) ||
		e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable)
}

// impatient is the end of the patience with a site that has failed in one way all
// the time: one that puts everybody off is there.
func impatient(with error, give time.Duration) error {
	out := &backend.Error{
		Class: backend.ClassAPIConnection, Group: backend.Connection, Op: "transfer", Title: "Connection Lost",
		Message: fmt.Sprintf("The site has not answered for %s.", give), Cause: with,
	}
	e := backend.AsError(with)
	switch {
	case e == nil:
		return out
	case errors.Is(e, backend.Connection) && e.Message != "":
		out.Message += " " + e.Message
		return out
	case errors.Is(e, backend.RateLimited), e.Status == http.StatusTooManyRequests:
		out.Class, out.Group, out.Title = backend.ClassRateLimited, backend.RateLimited, "Rate Limited"
	case errors.Is(e, backend.ServiceUnavailable), e.Status == http.StatusServiceUnavailable:
		out.Class, out.Group, out.Title = backend.ClassServiceUnavailable, backend.ServiceUnavailable, "Service Unavailable"
	default:
		return out
	}
	out.Type, out.RequestID, out.Host, out.Wait = e.Type, e.RequestID, e.Host, e.Wait // no status: it is no answer
	out.Message = fmt.Sprintf("The site has put everybody off for %s.", give)
	return out
}
