package transfer

import (
	"context"
	"os"
	"path/filepath"
	"sync"

	"ferry/backend"
)

// partialLocks let one at a time touch an unfinished file: what a transfer has
// left is taken away while the next one of the same file may begin.
type partialLocks struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when it is free again; by target folder and name
}

// try claims a partial when nobody else has it. release must be called.
func (c *partialLocks) try(root, partial string) (release func(), ok bool) {
	release, busy := c.look(root, partial)
	return release, busy == nil
}

// take claims a partial as soon as nobody else has it. release must be called.
func (c *partialLocks) take(ctx context.Context, root, partial string) (release func(), err error) {
	for {
		release, busy := c.look(root, partial)
		if busy == nil {
			return release, nil
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (c *partialLocks) look(root, partial string) (release func(), busy <-chan struct{}) {
	key := root + "\x00" + partial
	c.mu.Lock()
	defer c.mu.Unlock()
	if busy := c.taken[key]; busy != nil {
		return nil, busy
	}
	if c.taken == nil {
		c.taken = map[string]chan struct{}{}
	}
	free := make(chan struct{})
	c.taken[key] = free
	return func() {
		c.mu.Lock()
		delete(c.taken, key)
		c.mu.Unlock()
		close(free)
	}, nil
}

// openPartial opens the unfinished file of a download to dst. Within this program
// it waits for who has it; from another one, which may take hours, it is not taken.
// release must be called once it is closed.
func (e *Engine) openPartial(ctx context.Context, root, partial, dst string) (f *os.File, release func(), err error) {
	release, err = e.partials.take(ctx, root, partial)
	if err != nil {
		return nil, nil, err
	}
	f, err = e.cfg.Local.OpenPartialIn(root, partial)
	if err == nil {
		return f, release, nil
	}
	release()
	if known := backend.AsError(err); taken(known) {
		there := *known
		there.Op, there.Path = "download", filepath.Join(root, filepath.FromSlash(dst))
		err = &there
	}
	return nil, nil, err
}

// partials are what downloads have left of the items beside their targets.
func (b *book) partials(j *job, items []*item) (names []string) {
	if j.req.Direction != backend.Download {
		return nil
	}
	for _, it := range items {
		if it.cp != nil {
			names = append(names, partialName(b.e.cfg.SiteID, it.src.Path, it.cp.Dst))
		}
	}
	return names
}

// removePartials takes unfinished files out of a target folder, but for those
// that another transfer goes on with, here or in another program.
func (b *book) removePartials(j *job, items []*item) {
	root, names := j.req.Target.Path, b.partials(j, items)
	if len(names) == 0 {
		return
	}
	e, wanted := b.e, map[string]bool{}
	for _, o := range b.jobs {
		if o != j && o.req.Target.Path == root {
			if err := b.fill(o); err != nil {
				e.cfg.Log.Warn("partials not removed", "path", root, "err", err)
				return // any of them may be what that one goes on with
			}
			for _, items := range [][]*item{o.queue, o.delayed, o.held, o.failed} {
				for _, name := range b.partials(o, items) {
					wanted[name] = true
				}
			}
			for it := range o.active { // its worker has the checkpoint
				wanted[partialName(e.cfg.SiteID, it.src.Path, it.dst)] = true
			}
		}
	}
	free := map[string]func(){} // claimed before the next command, which may begin the same file
	for _, name := range names {
		if release, ok := e.partials.try(root, name); ok && !wanted[name] {
			free[name] = release
		} else if ok {
			release()
		}
	}
	e.wg.Go(func() {
		for name, release := range free {
			if err := e.guard("delete", name, func() error { return e.cfg.Local.RemovePartialIn(root, name) }); err != nil {
				e.cfg.Log.Warn("partial not removed", "path", name, "err", err)
			}
			release()
		}
	})
}
