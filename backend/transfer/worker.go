package transfer

import (
	"context"
	"path/filepath"

	"ferry/backend"
)

// run does what an item needs and reports it. It is the body of a worker.
func (e *Engine) run(ctx context.Context, w *work) outcome {
	var out outcome
	switch {
	case w.it.was != nil:
		if out = e.stillThere(ctx, w); ctx.Err() != nil && out.err != nil {
			out.err = ctx.Err()
		}
		return out
	case w.it.arrived != nil:
		out = *w.it.arrived
	case w.req.Direction == backend.Upload:
		out = e.upload(ctx, w)
	default:
		out = e.download(ctx, w)
	}
	if ctx.Err() != nil && out.err != nil {
		out.err = ctx.Err()
	}
	if out.err == nil && !out.skipped && out.existing == nil && !out.late {
		out = e.takeAway(ctx, w, out)
	}
	return out
}

// takeAway is moved for a file that has arrived: whatever happens, it is not
// transferred again, only its source is left to be deleted.
func (e *Engine) takeAway(ctx context.Context, w *work, out outcome) outcome {
	if w.req.Move && out.verified == backend.Verified && !w.src.IsDir() && !w.it.recheck && w.it.arrived == nil {
		e.journal.arrived(w.job, w.it, out)
	}
	w.it.arrived = nil
	if err := e.moved(ctx, w, out); err != nil {
		arrived := out
		w.it.arrived, out.err = &arrived, err
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
		it.say("the source was kept: its arrival could not be verified")
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
		w.it.vacant = missing(err)
		return outcome{err: err}
	}
	out := e.compare(ctx, w, f, got, backend.Checksums{})
	out.late = false
	return out
}

// twins tells whether a target looks like what was to be sent there.
func twins(src backend.Entry, target *backend.Entry) bool {
	return target != nil && !target.IsDir() && !target.Link && target.Size == src.Size &&
		seconds(target.Modified).Equal(seconds(src.Modified))
}

// thereAlready tells whether a file of the journal arrived in the moment in
// which the program was ended, and compares it if so.
func (e *Engine) thereAlready(ctx context.Context, w *work) (outcome, bool) {
	it, root := w.it, w.req.Target.Path
	it.again = false
	dst := it.dst
	if it.cp != nil {
		dst = it.cp.Dst
	}
	there, err := e.cfg.Local.FindIn(ctx, root, dst)
	if err != nil || !twins(w.src, &there) {
		return outcome{}, false
	}
	if _, err := e.cfg.Local.FindIn(ctx, root, partialName(e.cfg.SiteID, w.src.Path, dst)); !missing(err) {
		return outcome{}, false
	}
	out := e.recheckDownload(ctx, w, dst)
	out.before = true
	return out, out.err == nil || backend.Cancelled(out.err)
}

type filer interface {
	ReadAt(p []byte, off int64) (int, error)
}

// recheckDownload compares a file that was downloaded before to dst with the
// site's.
func (e *Engine) recheckDownload(ctx context.Context, w *work, dst string) outcome {
	var src backend.Entry
	err := e.request(ctx, func() (err error) {
		src, err = e.site().Find(ctx, w.src.Path)
		return err
	})
	if err != nil {
		return outcome{err: err}
	}
	f, err := e.cfg.Local.Open(filepath.Join(w.req.Target.Path, filepath.FromSlash(dst)))
	if err != nil {
		w.it.vacant = missing(err)
		return outcome{err: err}
	}
	defer f.Close()
	return e.compareDownload(ctx, f, src, backend.Checksums{})
}
