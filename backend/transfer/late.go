package transfer

import (
	"context"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// The site computes checksums some time after an upload (PROTOCOL.md 8). Files
// that wait for theirs keep no worker: every few seconds one goroutine asks for
// all of them, with one listing where several are in a folder.

// lateChecks is how often the engine looks at a file before it is content with
// the size: the site has to read it, so a large one is given more time.
func lateChecks(size int64) int { return 4 + int(min(size>>30, 30)) }

// lateWait is the pause before look n (from 0).
func lateWait(n int) time.Duration { return 500 * time.Millisecond << min(n, 3) }

// listFrom is how many files of a folder make a listing cheaper.
const listFrom = 4

// finding is what the site says about a waiting file.
type finding struct {
	it  *item
	got backend.Entry
	err error
}

// weigh turns findings into outcomes.
func (e *Engine) weigh(ctx context.Context, w work, found []finding) map[*item]outcome {
	out := make(map[*item]outcome, len(found))
	for _, f := range found {
		w.it, w.src = f.it, f.it.src
		switch {
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
	if out.err == nil {
		out.err = e.moved(ctx, w, out)
	}
	return out
}

// look asks the site about waiting files. dst is read only; the items stay with
// the owner.
func (e *Engine) look(ctx context.Context, items []*item) []finding {
	byFolder := map[string][]*item{}
	for _, it := range items {
		dir := pathutil.Dir(it.dst)
		byFolder[dir] = append(byFolder[dir], it)
	}
	var out []finding
	for dir, in := range byFolder {
		if len(in) >= listFrom {
			if got := e.lookAll(ctx, dir, in); got != nil {
				out = append(out, got...)
				continue
			}
		}
		for _, it := range in {
			f := finding{it: it}
			f.err = e.request(ctx, func() (err error) {
				f.got, err = e.site().Find(ctx, it.dst)
				return err
			})
			out = append(out, f)
		}
	}
	return out
}

// lookAll lists a folder; nil means that asking one by one is better.
func (e *Engine) lookAll(ctx context.Context, dir string, in []*item) []finding {
	want := make(map[string]*item, len(in))
	for _, it := range in {
		want[pathutil.Fold(pathutil.Base(it.dst))] = it
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
		out = append(out, finding{it: it}) // nothing new
	}
	return out
}
