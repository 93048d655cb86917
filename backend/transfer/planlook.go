package transfer

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"ferry/backend"
	"ferry/pathutil"
)

// watcher counts what a comparison has looked at and tells of it.
type watcher struct {
	mu   sync.Mutex
	now  backend.SyncProgress
	tell func(backend.SyncProgress) // may be nil
}

func (w *watcher) add(change func(*backend.SyncProgress)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.now)
	if w.tell != nil {
		w.tell(w.now)
	}
}

// counts gives a walk something to tell of its entries.
func (w *watcher) counts(pick func(*backend.SyncProgress) (files, folders *int)) func(folder bool) {
	return func(folder bool) {
		w.add(func(p *backend.SyncProgress) {
			files, folders := pick(p)
			if folder {
				*folders++
			} else {
				*files++
			}
		})
	}
}

// walkBoth lists both sides of a comparison at the same time.
func (e *Engine) walkBoth(ctx context.Context, req backend.SyncRequest, seen *watcher) (local, remote []node, err error) {
	left, err := leftOut("compare", req.Local, req.Ignore)
	if err != nil {
		return nil, nil, err
	}
	l := e.newWalk(left, seen.counts(func(p *backend.SyncProgress) (files, folders *int) { return &p.LocalFiles, &p.LocalFolders }))
	r := e.newWalk(left, seen.counts(func(p *backend.SyncProgress) (files, folders *int) { return &p.RemoteFiles, &p.RemoteFolders }))
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := l.local(ctx, req.Local, ""); err != nil && (!missing(err) || req.Mode == backend.SyncPush) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		if err := r.remote(ctx, req.Remote); err != nil && (!missing(err) || req.Mode == backend.SyncPull) {
			return err
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	return l.nodes, r.nodes, nil
}

// sums hashes the files of this machine that a comparison by hash depends on:
// those whose counterpart has the same size and a checksum.
func (e *Engine) sums(ctx context.Context, disk backend.DiskNames, local, remote []node, seen *watcher) error {
	there := newSide(remote, true, disk)
	var todo []*node
	var bytes int64
	for i := range local {
		n := &local[i]
		r := there.nodes[pathutil.Fold(n.rel)]
		if n.link || n.entry.IsDir() || r == nil || r.entry.Size != n.entry.Size || r.entry.Checksums == (backend.Checksums{}) {
			continue
		}
		todo, bytes = append(todo, n), bytes+n.entry.Size
	}
	seen.add(func(p *backend.SyncProgress) { p.HashBytes = bytes })
	for _, n := range todo {
		if err := e.sum(ctx, n, there.nodes[pathutil.Fold(n.rel)].entry.Checksums, seen); err != nil {
			if ends(ctx, err) {
				return err
			}
			n.unread = err
		}
		seen.add(func(p *backend.SyncProgress) { p.HashedFiles++ })
	}
	return nil
}

// sum hashes one file.
func (e *Engine) sum(ctx context.Context, n *node, want backend.Checksums, seen *watcher) error {
	f, err := e.cfg.Local.Open(n.entry.Path)
	if err != nil {
		return err
	}
	n.entry.Checksums, err = hashAll(ctx, counted{f, seen}, n.entry.Size, want)
	if cerr := f.Close(); err == nil && cerr != nil {
		err = e.cfg.Local.Explain("read file", n.entry.Path, cerr)
	}
	return err
}

// counted tells how much of a file was read.
type counted struct {
	filer
	seen *watcher
}

func (c counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.filer.ReadAt(p, off)
	c.seen.add(func(s *backend.SyncProgress) { s.HashedBytes += int64(n) })
	return n, err
}
