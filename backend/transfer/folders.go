package transfer

import (
	"context"
	"errors"
	"sync"

	"ferry/backend"
	"ferry/pathutil"
)

// folders makes each target folder of an upload job once and remembers what
// was in those that existed, so that a file costs no request for its conflict
// check.
type folders struct {
	e   *Engine
	top string // exists already
	mu  sync.Mutex
	m   map[string]*folder
}

// folder is a target folder on the site. Its fields are fixed once ready is
// closed, except names, which mu guards.
type folder struct {
	ready chan struct{}
	err   error
	fresh bool // made by this job: nothing is in the way

	listing chan struct{} // holds one while somebody lists the folder

	mu     sync.Mutex
	listed bool
	whole  bool                     // names is complete
	names  map[string]backend.Entry // by comparison form
	used   map[string]bool          // names given away by this job
}

// listPages bounds the listing of a target folder; beyond it each file asks for
// itself.
const listPages = 10

func newFolders(e *Engine, top string) *folders {
	return &folders{e: e, top: top, m: map[string]*folder{}}
}

// ensure makes the folder with its parents, once for all workers.
func (fs *folders) ensure(ctx context.Context, path string) (*folder, error) {
	for {
		fs.mu.Lock()
		key := pathutil.Fold(path)
		f, ok := fs.m[key]
		if !ok {
			f = &folder{ready: make(chan struct{}), listing: make(chan struct{}, 1), used: map[string]bool{}}
			fs.m[key] = f
			fs.mu.Unlock()
			f.err = fs.create(ctx, f, path)
			if f.err != nil {
				fs.mu.Lock()
				delete(fs.m, key) // the next one tries again
				fs.mu.Unlock()
			}
			close(f.ready)
			return f, f.err
		}
		fs.mu.Unlock()
		select {
		case <-f.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if f.err != nil && backend.Cancelled(f.err) && ctx.Err() == nil {
			continue // the one who tried was stopped; this one was not
		}
		return f, f.err
	}
}

func (fs *folders) create(ctx context.Context, f *folder, path string) error {
	if path == "" || pathutil.IsSame(path, fs.top) {
		return nil
	}
	if pathutil.Within(fs.top, path) {
		if _, err := fs.ensure(ctx, pathutil.Dir(path)); err != nil {
			return err
		}
	}
	err := fs.e.request(ctx, func() error {
		_, err := fs.e.site().Mkdir(ctx, path, true)
		return err
	})
	if exists(err) {
		return nil
	}
	f.fresh = err == nil
	return err
}

// settle makes a folder that is sent for itself. The site says of a file in its
// place only that something is there, so what was there is looked at.
func (fs *folders) settle(ctx context.Context, path string) outcome {
	f, err := fs.ensure(ctx, path)
	if err != nil || f.fresh || path == "" || pathutil.IsSame(path, fs.top) {
		return outcome{err: err, verified: backend.Verified}
	}
	var there backend.Entry
	err = fs.e.request(ctx, func() (err error) {
		there, err = fs.e.site().Find(ctx, path)
		return err
	})
	switch {
	case errors.Is(err, backend.NotAuthorized): // who may only write cannot know
		return outcome{verified: backend.Unverified}
	case err == nil && !there.IsDir():
		err = fileStands(path)
	}
	return outcome{err: err, verified: backend.Verified}
}

// lookup finds what is in the way of name. many says that more files go into
// the folder, so that listing it once is cheaper than asking for each.
func (fs *folders) lookup(ctx context.Context, f *folder, dir, name string, many bool) (*backend.Entry, error) {
	if f.fresh {
		return nil, nil
	}
	if many {
		if err := fs.list(ctx, f, dir); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	known, ok := f.names[pathutil.Fold(name)]
	whole := f.whole
	f.mu.Unlock()
	if ok {
		return &known, nil
	}
	if whole {
		return nil, nil
	}
	var found backend.Entry
	err := fs.e.request(ctx, func() (err error) {
		found, err = fs.e.site().Find(ctx, pathutil.Join(dir, name))
		return err
	})
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &found, nil
}

// list reads what is in the folder, once for all workers.
func (fs *folders) list(ctx context.Context, f *folder, dir string) error {
	select {
	case f.listing <- struct{}{}:
		defer func() { <-f.listing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	f.mu.Lock()
	listed := f.listed
	f.mu.Unlock()
	if listed {
		return nil
	}
	names, whole := map[string]backend.Entry{}, false
	q := backend.FolderQuery{Query: backend.Query{PerPage: 1000}}
	for range listPages {
		var page backend.Page[backend.Entry]
		err := fs.e.request(ctx, func() (err error) {
			page, err = fs.e.site().List(ctx, dir, q)
			return err
		})
		if missing(err) {
			whole = true // the target folder will come with its first file
			break
		}
		if err != nil {
			return err
		}
		for _, en := range page.Items {
			names[pathutil.Fold(en.Name)] = en
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			whole = true
			break
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.names, f.whole, f.listed = names, whole, true
	return nil
}

// free gives a name that is neither in the folder nor given away by this job.
func (fs *folders) free(ctx context.Context, f *folder, dir, name string) (string, error) {
	var failed error
	got := pathutil.FreeName(name, func(folded string) bool {
		if failed != nil {
			return false
		}
		f.mu.Lock()
		used := f.used[folded]
		f.mu.Unlock()
		if used {
			return true
		}
		// The comparison form names the same object as the name itself.
		there, err := fs.lookup(ctx, f, dir, folded, true)
		failed = err
		return there != nil
	})
	if failed != nil {
		return "", failed
	}
	f.mu.Lock()
	f.used[pathutil.Fold(got)] = true
	f.mu.Unlock()
	return got, nil
}
