package transfer

import (
	"context"
	"path"
	"path/filepath"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// The site computes checksums some time after an upload (PROTOCOL.md 8). Files
// that wait for theirs, sent or fetched, keep no worker: every few seconds one
// goroutine asks for all of them, with one listing where several are in a folder.

// lateChecks is how often the engine looks at a file before it is content with
// the size: the site has to read it, so a large one is given more time.
func lateChecks(size int64) int { return 4 + int(min(size>>30, 30)) }

// lateWait is the pause before look n (from 0).
func lateWait(n int) time.Duration { return 500 * time.Millisecond << min(n, 3) }

// listFrom is how many files of a folder make a listing cheaper.
const listFrom = 4

// finding is what the site says about a waiting file.
type finding struct {
	it   *item
	got  backend.Entry
	gone bool // it is not on the site
	err  error
}

// weigh turns findings into outcomes.
func (e *Engine) weigh(ctx context.Context, w work, found []finding) map[*item]outcome {
	out := make(map[*item]outcome, len(found))
	for _, f := range found {
		w.it, w.src = f.it, f.it.src
		switch {
		case f.gone || missing(f.err):
			out[f.it] = outcome{gone: true, late: true, verified: backend.SizeOnly}
		case f.err != nil:
			out[f.it] = outcome{err: f.err, late: true, verified: backend.SizeOnly}
		case f.got.Checksums == (backend.Checksums{}):
			out[f.it] = outcome{late: true, verified: backend.SizeOnly}
		default:
			out[f.it] = e.settle(ctx, &w, f.got)
		}
	}
	return out
}

// settle compares a file whose checksum has come.
func (e *Engine) settle(ctx context.Context, w *work, got backend.Entry) outcome {
	if w.req.Direction == backend.Download {
		return e.settleDownload(ctx, w, got)
	}
	var out outcome
	if common(w.it.sums, got.Checksums) {
		out = e.compare(ctx, w, nil, got, w.it.sums)
	} else {
		f, err := e.cfg.Local.Open(w.src.Path)
		if err != nil {
			return outcome{verified: backend.SizeOnly} // gone since; nothing to compare with
		}
		defer f.Close()
		out = e.compare(ctx, w, f, got, backend.Checksums{})
	}
	if out.verified == backend.Mismatch && !seconds(got.Modified).Equal(seconds(w.src.Modified)) {
		// Somebody else's by now, it seems: nothing is to be written over it.
		w.it.say("the file on the site has changed since: its checksum says nothing")
		return outcome{verified: backend.SizeOnly}
	}
	if out.err != nil {
		return out
	}
	return e.takeAway(ctx, w, out)
}

// settleDownload compares a file that is visible already. One that is damaged is
// moved out of the way, so that nobody takes it for the file.
func (e *Engine) settleDownload(ctx context.Context, w *work, got backend.Entry) outcome {
	it, root := w.it, w.req.Target.Path
	if got.Size != w.src.Size || !seconds(got.Modified).Equal(seconds(w.src.Modified)) {
		it.say("the source has changed since: its checksum says nothing")
		return outcome{verified: backend.SizeOnly}
	}
	sums := it.sums
	if !common(sums, got.Checksums) {
		f, err := e.cfg.Local.Open(filepath.Join(root, filepath.FromSlash(it.dst)))
		if err != nil {
			return outcome{verified: backend.SizeOnly} // gone since; nothing to compare with
		}
		defer f.Close()
		if sums, err = hashAll(ctx, f, w.src.Size, got.Checksums); err != nil {
			return outcome{err: err}
		}
	}
	out := outcome{}
	if out.verified, out.by = judge(sums, got.Checksums); out.verified == backend.Mismatch {
		if there, err := e.cfg.Local.FindIn(ctx, root, it.dst); err != nil || !twins(w.src, &there) {
			it.say("the copy has changed since: it was left as it is")
			return outcome{verified: backend.SizeOnly}
		}
		out.err = mismatch(got.Path, out.by)
		aside := partialName(e.cfg.SiteID, w.src.Path, it.dst) + "-mismatch"
		if err := e.cfg.Local.RenameIn(root, it.dst, aside); err == nil {
			it.say("the damaged copy is kept as %s", path.Base(aside))
		}
		return out
	}
	return e.takeAway(ctx, w, out)
}

// onSite is where a file that waits stands on the site.
func onSite(d backend.Direction, it *item) string {
	if d == backend.Download {
		return it.src.Path
	}
	return it.dst
}

// look asks the site about waiting files of a job. They are read only; the items
// stay with the owner.
func (e *Engine) look(ctx context.Context, d backend.Direction, items []*item) []finding {
	byFolder := map[string][]*item{}
	for _, it := range items {
		dir := pathutil.Dir(onSite(d, it))
		byFolder[dir] = append(byFolder[dir], it)
	}
	var out []finding
	var stuck error // it would be the same for the others
	for dir, in := range byFolder {
		if len(in) >= listFrom && stuck == nil {
			if got := e.lookAll(ctx, d, dir, in); got != nil {
				out = append(out, got...)
				continue
			}
		}
		for _, it := range in {
			f := finding{it: it, err: stuck}
			if stuck == nil {
				f.err = e.request(ctx, func() (err error) {
					f.got, err = e.site().Find(ctx, onSite(d, it))
					return err
				})
			}
			if t := treat(f.err); t == parkNet || t == parkLogin || f.err != nil && pushedBack(f.err) {
				stuck = f.err
			}
			out = append(out, f)
		}
	}
	return out
}

// lookAll lists a folder; nil means that asking one by one is better.
func (e *Engine) lookAll(ctx context.Context, d backend.Direction, dir string, in []*item) []finding {
	want := make(map[string]*item, len(in))
	for _, it := range in {
		want[pathutil.Fold(pathutil.Base(onSite(d, it)))] = it
	}
	if len(want) < len(in) {
		return nil // two files were sent to one place
	}
	var out []finding
	q := backend.FolderQuery{Query: backend.Query{PerPage: 1000}}
	for pages := 0; len(want) > 0; pages++ {
		if pages > len(in)/8+1 {
			return nil // a huge folder with few of ours
		}
		var page backend.Page[backend.Entry]
		err := e.request(ctx, func() (err error) {
			page, err = e.site().List(ctx, dir, q)
			return err
		})
		if err != nil {
			return nil
		}
		for _, en := range page.Items {
			key := pathutil.Fold(en.Name)
			if it := want[key]; it != nil {
				out = append(out, finding{it: it, got: en})
				delete(want, key)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	for _, it := range want {
		out = append(out, finding{it: it, gone: true})
	}
	return out
}
