package transfer

import (
	"context"
	"path/filepath"

	"ferry/backend"
)

// run does what an item needs and reports it. It is the body of a worker.
func (e *Engine) run(ctx context.Context, w *work) outcome {
	var out outcome
	if w.req.Direction == backend.Upload {
		out = e.upload(ctx, w)
	} else {
		out = e.download(ctx, w)
	}
	if ctx.Err() != nil && out.err != nil {
		out.err = ctx.Err()
	}
	if out.err == nil && !out.skipped && out.existing == nil && !out.late {
		out.err = e.moved(ctx, w, out)
	}
	return out
}

// moved deletes the source of a move once its arrival is proven. What could not
// be compared stays.
func (e *Engine) moved(ctx context.Context, w *work, out outcome) error {
	it := w.it
	if !w.req.Move || it.recheck || w.src.IsDir() {
		return nil
	}
	if out.verified != backend.Verified {
		it.note("the source was kept: its arrival could not be verified")
		return nil
	}
	if w.req.Direction == backend.Upload {
		return e.cfg.Local.Delete(ctx, w.src.Path, false)
	}
	err := e.goOn(ctx, func() error { return e.site().Delete(ctx, w.src.Path, false) })
	if missing(err) {
		return nil
	}
	return err
}

// forget drops what an item has done so far; the place that was decided for it
// stays.
func (e *Engine) forget(w *work) {
	if cp := w.it.cp; cp != nil {
		w.it.cp = &checkpoint{Dst: cp.Dst, Replace: cp.Replace}
	}
	w.it.done.Store(0)
	e.journal.forget(w.job, w.it.id)
}

// recheckUpload compares a file that was uploaded before with the site's.
func (e *Engine) recheckUpload(ctx context.Context, w *work, f filer) outcome {
	var got backend.Entry
	err := e.request(ctx, func() (err error) {
		got, err = e.site().Find(ctx, w.it.dst)
		return err
	})
	if err != nil {
		return outcome{err: err}
	}
	out := e.compare(ctx, w, f, got, backend.Checksums{})
	out.late = false
	return out
}

type filer interface {
	ReadAt(p []byte, off int64) (int, error)
}

// recheckDownload compares a file that was downloaded before with the site's.
func (e *Engine) recheckDownload(ctx context.Context, w *work) outcome {
	it := w.it
	var src backend.Entry
	err := e.request(ctx, func() (err error) {
		src, err = e.site().Find(ctx, w.src.Path)
		return err
	})
	if err != nil {
		return outcome{err: err}
	}
	f, err := e.cfg.Local.Open(filepath.Join(w.req.Target.Path, filepath.FromSlash(it.dst)))
	if err != nil {
		return outcome{err: err}
	}
	defer f.Close()
	return e.compareDownload(ctx, f, src, backend.Checksums{})
}
