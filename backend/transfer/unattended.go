package transfer

import (
	"cmp"
	"context"
	"strings"
	"time"

	"ferry/backend"
)

// Unattended says that nobody is there who could log in, answer or lose patience.
// What is asked outside of jobs (Compare, CheckPlan, DryRun, FinishPlan) then fails
// when the login is refused, and waits no longer than give for a site that
// cannot be reached or pushes back; 0 is for ever. Jobs say in their snapshots
// what they wait for; a file about whose target a person would have to decide
// fails (backend.TypeUndecided), and the target stays as it is.
func (e *Engine) Unattended(give time.Duration) { e.alone.Store(&give) }

// ask is patiently outside of jobs. After the first failure the context of the
// calls ends with the patience.
func (e *Engine) ask(ctx context.Context, call func(context.Context) error) error {
	give := e.alone.Load()
	if give == nil {
		return e.patiently(ctx, func() error { return call(ctx) })
	}
	began := e.cfg.Clock.Now()
	within := ctx
	var last error
	for try := 1; ; try++ {
		err := e.request(within, func() error { return call(within) })
		switch t := treat(err); {
		case ctx.Err() != nil:
			return ctx.Err()
		case within.Err() != nil:
			return last // the one that was cut off says nothing of the site
		case t == again && !pushedBack(err) && try >= 2*triesOf:
			return err
		case t != again && t != parkNet: // done, or no patience helps
			return err
		}
		last = err
		wait := backoff(try, err)
		if *give > 0 {
			left := *give - e.cfg.Clock.Now().Sub(began)
			if left <= 0 {
				return err
			}
			if within == ctx {
				var cancel context.CancelFunc
				within, cancel = context.WithTimeout(ctx, left)
				defer cancel()
			}
		}
		if serr := sleep(within, e.cfg.Clock, wait); serr != nil && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// undecided is the failure of a file about whose target nobody decides.
func undecided(it *item, out outcome) error {
	why := cmp.Or(out.foreign, "nobody is there to decide about what has this name")
	if out.foreign == "" && it.policy == backend.Resume { // it is longer, or another of that length
		why = foreignThere
	}
	return &backend.Error{
		Class: backend.ClassDestinationExists, Group: backend.Client, Type: backend.TypeUndecided, Title: "Left As It Is",
		Op: "transfer", Path: it.dst, Message: strings.ToUpper(why[:1]) + why[1:] + ".",
	}
}
