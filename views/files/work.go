package files

import (
	"context"
	"errors"
)

// work is a piece of a job, run in a command. It gives what is left to do of
// it, nil at the end, and how far it is.
type work func(ctx context.Context) (next work, note string, err error)

// once is work that is done in one go.
func once(fn func(ctx context.Context) error) work {
	return func(ctx context.Context) (work, string, error) { return nil, "", fn(ctx) }
}

// chain does one work after the other.
func chain(steps ...work) work {
	if len(steps) == 0 {
		return once(func(context.Context) error { return nil })
	}
	return func(ctx context.Context) (work, string, error) {
		next, note, err := steps[0](ctx)
		switch {
		case err != nil:
			return nil, "", err
		case next != nil:
			return chain(append([]work{next}, steps[1:]...)...), note, nil
		case len(steps) > 1:
			return chain(steps[1:]...), note, nil
		}
		return nil, "", nil
	}
}

// orElse calls undo when a work fails; the first error is the one that counts.
func orElse(w work, undo func(context.Context) error) work {
	return func(ctx context.Context) (work, string, error) {
		next, note, err := w(ctx)
		if err != nil {
			// The person's cancelling must not leave the temporary name.
			return nil, "", errors.Join(err, undo(context.WithoutCancel(ctx)))
		}
		if next != nil {
			next = orElse(next, undo)
		}
		return next, note, nil
	}
}
