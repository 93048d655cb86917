package headless

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"ferry/backend"
)

// persist makes a call until the site answers it, or for as long as is borne from
// its first failure on; give 0 is for ever. It tells that it waits, as a run does.
func persist(ctx context.Context, out Output, give time.Duration, call func(context.Context) error) error {
	within, told := ctx, ""
	var last error
	for pause := time.Second; ; pause = min(2*pause, 30*time.Second) {
		err := call(within)
		switch {
		case err != nil && within.Err() != nil && ctx.Err() == nil:
			return spent(last, give) // the one that was cut off says nothing of the site
		case !passes(err):
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		if last == nil && give > 0 {
			var stop context.CancelFunc
			within, stop = context.WithTimeout(ctx, give)
			defer stop()
		}
		last = err
		if why := standstill(err); why != told {
			told = why
			if err := out.standsStill(why, give); err != nil {
				return err
			}
		}
		out.live("waits for the site")
		timer := time.NewTimer(max(pause, backend.AsError(err).Wait))
		select {
		case <-timer.C:
		case <-within.Done():
			timer.Stop()
		}
		out.wipe()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case within.Err() != nil:
			return spent(last, give)
		}
	}
}

// standstill is what people read of a failure that is waited out.
func standstill(err error) string {
	switch e := backend.AsError(err); {
	case putsOff(e):
		return "The site asks everybody to wait."
	case e.Group == backend.Connection && e.Message != "":
		return e.Message
	}
	return "The site cannot be reached."
}

// spent is the end of the patience with a site that has failed in this way last.
func spent(last error, give time.Duration) error {
	if errors.Is(last, backend.Connection) || putsOff(last) {
		return impatient(last, give)
	}
	return last
}

// passes tells whether a failure is the site's or the line's, and may be gone in a
// moment.
func passes(err error) bool {
	e := backend.AsError(err)
	if e == nil || e.Lasting || backend.Cancelled(e) {
		return false
	}
	return errors.Is(e, backend.Connection) || putsOff(e) || e.Status == http.StatusBadGateway || e.Status == http.StatusGatewayTimeout
}

// patiently opens the session when the site is there, for who has said how long
// that may take. Without a word a site that was never reached is taken for a
// mistake in the command line, and told at once.
func patiently(cmd *cobra.Command, open Opener, asJSON bool, give time.Duration) Opener {
	if !cmd.Flags().Changed("patience") {
		return open
	}
	return func(ctx context.Context, journal bool) (s *Session, err error) {
		err = persist(ctx, output(cmd, asJSON), give, func(ctx context.Context) error {
			s, err = open(ctx, journal)
			return err
		})
		return s, err
	}
}
