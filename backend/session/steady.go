package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ferry/backend"
	"ferry/backend/transfer"
)

// A site that accepts the login and ends each session soon after would be
// logged in to without end: this many logins within this time are enough.
const (
	renewals    = 5
	renewWithin = time.Minute
)

// failed bounds what is kept of transfers that failed, since nobody looks at them
// who could take them away: who means to repeat one does so before, and who does it
// later moves again what had arrived.
var failed = transfer.Keep{For: 30 * 24 * time.Hour, Most: 100}

// Steady is a session without a person beside it: when it ends on the site, it
// logs in again with what it was opened with, as long as that works.
type Steady struct {
	*Session
	ended chan error
	last  []time.Time // the newest renewals
	stop  context.CancelFunc
	gone  chan struct{} // closed when nobody renews any more
}

// Steady opens such a session. OnEnded of the opener is not used.
func (o *Opener) Steady(ctx context.Context, c backend.Credentials) (*Steady, error) {
	over := make(chan error, 1)
	mine := *o
	mine.failed, mine.sparing = failed, true
	mine.OnEnded = func(err error) {
		select {
		case over <- err:
		default: // one is being dealt with
		}
	}
	s, err := mine.Open(ctx, c)
	// The code of a Yubi key replaces the password, in a second step.
	if e := backend.AsError(err); e != nil && c.OTP != "" && e.TwoFactor != nil && e.TwoFactor.Preferred() == "yubi" {
		c.Partial = e.TwoFactor.Partial
		s, err = mine.Open(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	st := &Steady{Session: s, ended: make(chan error, 1), stop: stop, gone: make(chan struct{})}
	go func() {
		defer close(st.gone)
		for {
			select {
			case err := <-over:
				if err = st.renew(life, c, over, err); err != nil {
					s.Client.GiveUp(err)
					st.ended <- err
					return
				}
			case <-life.Done():
				return
			}
		}
	}()
	return st, nil
}

// renew logs in again for a session that has ended with why. A session that ends
// at once again must not keep it: what it asks for then would wait for a session
// that nobody opens. It gives what everybody who waits is told, nil when they
// can go on.
func (s *Steady) renew(ctx context.Context, c backend.Credentials, over <-chan error, why error) error {
	if !opensSession(c) {
		return why
	}
	for {
		if err := s.pause(ctx, why); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		done := make(chan error, 1)
		go func() { done <- s.Renew(ctx, c) }()
		select {
		case err := <-done:
			cancel()
			if err != nil {
				return why
			}
			return nil
		case why = <-over:
			cancel()
			if failed := <-done; failed != nil && !backend.Cancelled(failed) {
				return errors.Join(why, failed)
			}
		}
	}
}

// pause holds the next renewal back the longer the more there were of late; the
// first comes at once. It gives up when there were too many.
func (s *Steady) pause(ctx context.Context, why error) error {
	clock := s.Client.Clock()
	for len(s.last) > 0 && clock.Now().Sub(s.last[0]) >= renewWithin {
		s.last = s.last[1:]
	}
	if len(s.last) >= renewals {
		return &backend.Error{
			Class: backend.ClassInvalidSession, Group: backend.NotAuthenticated, Type: backend.TypeSessionsEnd,
			Title: "Sessions End", Op: "log in", Cause: why,
			Message: fmt.Sprintf("Logged in %d times within %s; each session ended at once.", len(s.last), renewWithin),
		}
	}
	if n := len(s.last); n > 0 {
		if err := clock.Sleep(ctx, time.Second<<(n-1)); err != nil {
			return err
		}
	}
	s.last = append(s.last, clock.Now())
	return nil
}

// Ended tells, at most once, that the session has ended and cannot be renewed.
// Calls that wait for it have failed then.
func (s *Steady) Ended() <-chan error { return s.ended }

// Close ends the session.
func (s *Steady) Close(ctx context.Context) error {
	s.stop()
	<-s.gone
	if err := s.Session.Close(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
