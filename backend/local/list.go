package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// perPage is the size of a page when the query leaves it open, as on the site.
const perPage = 1000

// openListings is how many paged listings are kept; each holds the names of its
// folder only.
const openListings = 4

// row is what a listing keeps of an entry until its page is asked for.
type row struct {
	name string
	key  string // sort key of the name
	dir  bool
	link bool
	size int64 // filled only when the order needs it
	mod  time.Time
}

type listing struct {
	dir  string
	rows []row
}

// List gives one page of a folder, folders first, then by name in the order of
// the site (or by the query's sort). The first page reads the names of the
// folder and the details of one page only, so that a huge folder opens at once;
// later pages go on in the same reading. Query fields understood: Cursor,
// PerPage, SortBy (path, size, modified_at_datetime, provided_modified_at),
// Desc, Type, Search.
func (f *FS) List(ctx context.Context, dir string, q backend.FolderQuery) (backend.Page[backend.Entry], error) {
	const op = "list folder"
	var page backend.Page[backend.Entry]
	dir, err := absolute(op, dir)
	if err != nil {
		return page, err
	}
	if q.Recursive || q.SearchAll || len(q.Filters) > 0 {
		return page, &backend.Error{
			Class: backend.ClassNotImplemented, Group: backend.Client, Op: op, Path: dir,
			Title: "Not Possible Here", Message: "Local folders are listed one at a time, without server-side filters.",
		}
	}
	id, from := splitCursor(q.Cursor)
	l := f.recall(id, dir)
	if l == nil {
		// A cursor whose listing is gone starts a new reading at the same offset.
		if l, err = read(ctx, dir, q); err != nil {
			return page, wrap(op, dir, err)
		}
		id = ""
	}
	n := q.PerPage
	if n <= 0 {
		n = perPage
	}
	from = min(from, len(l.rows))
	to := min(from+n, len(l.rows))
	page.Items = make([]backend.Entry, 0, to-from)
	for _, r := range l.rows[from:to] {
		if err := ctx.Err(); err != nil {
			return backend.Page[backend.Entry]{}, err
		}
		path := filepath.Join(dir, r.name)
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted since the names were read
		}
		if err != nil {
			// Listed but not to be looked at: shown with what is known.
			page.Items = append(page.Items, unknown(path, r))
			continue
		}
		page.Items = append(page.Items, describe(path, info, func() (fs.FileInfo, error) { return os.Stat(path) }))
	}
	if to < len(l.rows) {
		if id == "" {
			id = f.keep(l)
		}
		page.Next = id + "." + strconv.Itoa(to)
	} else if id != "" {
		f.forget(id)
	}
	return page, nil
}

func unknown(path string, r row) backend.Entry {
	e := backend.Entry{Path: path, Name: r.name, Size: -1, Link: r.link}
	if r.dir {
		e.Kind = backend.Folder
	}
	return e
}

// read takes the names of a folder in chunks, so that ctx can stop it, and
// sorts them.
func read(ctx context.Context, dir string, q backend.FolderQuery) (*listing, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	l := &listing{dir: dir}
	stat := q.SortBy != "" && q.SortBy != "path"
	search := strings.ToLower(q.Search)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		chunk, err := d.ReadDir(4096)
		for _, e := range chunk {
			if search != "" && !strings.Contains(strings.ToLower(e.Name()), search) {
				continue
			}
			r := row{name: e.Name(), dir: e.IsDir(), link: e.Type()&fs.ModeSymlink != 0}
			if r.link {
				if target, err := os.Stat(filepath.Join(dir, r.name)); err == nil {
					r.dir = target.IsDir()
				}
			}
			if q.Type == "file" && r.dir || q.Type == "folder" && !r.dir {
				continue
			}
			if stat {
				if info, err := e.Info(); err == nil {
					r.size, r.mod = info.Size(), info.ModTime()
				}
			}
			r.key = pathutil.SortKey(r.name)
			l.rows = append(l.rows, r)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(l.rows, order(q))
	return l, nil
}

// order puts folders first whatever the direction, as the site does.
func order(q backend.FolderQuery) func(a, b row) int {
	sign := 1
	if q.Desc {
		sign = -1
	}
	return func(a, b row) int {
		if a.dir != b.dir {
			if a.dir {
				return -1
			}
			return 1
		}
		c := 0
		switch q.SortBy {
		case "size":
			c = int(min(max(a.size-b.size, -1), 1))
		case "modified_at_datetime", "provided_modified_at":
			c = a.mod.Compare(b.mod)
		}
		if c == 0 {
			c = strings.Compare(a.key, b.key)
		}
		if c == 0 {
			c = strings.Compare(a.name, b.name)
		}
		return sign * c
	}
}

func splitCursor(c string) (id string, from int) {
	id, off, ok := strings.Cut(c, ".")
	if !ok {
		return "", 0
	}
	n, err := strconv.Atoi(off)
	if err != nil || n < 0 {
		return "", 0
	}
	return id, n
}

func (f *FS) recall(id, dir string) *listing {
	if id == "" {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if l := f.listings[id]; l != nil && l.dir == dir {
		return l
	}
	return nil
}

func (f *FS) keep(l *listing) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.serial++
	id := strconv.FormatUint(f.serial, 36)
	f.listings[id] = l
	f.order = append(f.order, id)
	if len(f.order) > openListings {
		delete(f.listings, f.order[0])
		f.order = slices.Delete(f.order, 0, 1)
	}
	return id
}

func (f *FS) forget(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.listings, id)
	f.order = slices.DeleteFunc(f.order, func(o string) bool { return o == id })
}
