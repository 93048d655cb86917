package session

import (
	"context"
	"errors"
	"time"

	"ferry/backend"
)

// Steady is a session without a person beside it: when it ends on the site, it
// logs in again with what it was opened with, as long as that works.
type Steady struct {
	*Session
	ended chan error
	stop  context.CancelFunc
	gone  chan struct{} // closed when nobody renews any more
}

// Steady opens such a session. OnEnded of the opener is not used.
func (o *Opener) Steady(ctx context.Context, c backend.Credentials) (*Steady, error) {
	over := make(chan error, 1)
	mine := *o
	mine.OnEnded = func(err error) {
		select {
		case over <- err:
		default: // one is being dealt with
		}
	}
	s, err := mine.Open(ctx, c)
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
				if !opensSession(c) || st.renew(life, c, over) != nil {
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

// renew logs in again. A session that ends at once again must not keep it: what
// it asks for then would wait for a session that nobody opens.
func (s *Steady) renew(ctx context.Context, c backend.Credentials, over <-chan error) error {
	for {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		done := make(chan error, 1)
		go func() { done <- s.Renew(ctx, c) }()
		select {
		case err := <-done:
			cancel()
			return err
		case err := <-over:
			cancel()
			if failed := <-done; failed != nil && !backend.Cancelled(failed) {
				return errors.Join(err, failed)
			}
		}
	}
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
