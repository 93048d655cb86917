package server

import (
	"context"
	"errors"

	"ferry/backend/server/world"
	"ferry/pathutil"
)

// place is a position in a folder: that of an entry, whether it is still there
// or not. Listings go on behind (or before) it.
type place struct {
	rank int
	name string
}

func (p place) key() string { return pathutil.SortKey(p.name) }

// walker reads the entries of one folder in order, from a place on, forwards or
// backwards: the rows of the folder merged with what it shows of the world.
// Nothing is read ahead but a few rows, so a folder of any size costs the same.
type walker struct {
	t    *tree
	q    querier
	dir  *node
	back bool
	only int // rank to stay in, -1 for both

	rows    []*node
	keys    []string
	rowAt   place
	rowsEnd bool

	folder world.Folder
	i      int // next entry of the world
	head   *node
	key    string
	hidden map[string]bool // keys of hidden entries in the block that ends at until
	until  int             // entries of the world up to here are covered by hidden
}

// chunk is how many rows, or entries of the world, are looked at together.
const chunk = 256

// walk begins at the start (or, going back, the end) of a folder, or next to a
// place. only is a rank or -1.
func (t *tree) walk(q querier, dir *node, from *place, back bool, only int) *walker {
	w := &walker{t: t, q: q, dir: dir, back: back, only: only}
	switch { // a place without a name is just before its block
	case from != nil:
		w.rowAt = *from
	case only >= 0 && back:
		w.rowAt = place{rank: only + 1}
	case only >= 0:
		w.rowAt = place{rank: only}
	case back:
		w.rowAt = place{rank: rankFile + 1}
	default:
		w.rowAt = place{rank: -1}
	}
	w.rowsEnd = dir.id == 0
	if !dir.hasOrigin {
		return w
	}
	f, ok := t.world.Folder(dir.origin)
	if !ok {
		return w
	}
	w.folder = f
	switch {
	case from == nil && !back:
		if only == rankFile {
			w.i = f.Folders()
		}
	case from == nil:
		w.i = f.Len() - 1
		if only == rankDir {
			w.i = f.Folders() - 1
		}
	default:
		w.i = f.Search(from.rank == rankDir, from.name)
		if back {
			w.i--
		} else if w.i < f.Len() {
			e := f.Entry(w.i)
			if e.Name == from.name && e.Dir == (from.rank == rankDir) {
				w.i++
			}
		}
	}
	w.until = w.i
	return w
}

// next is the next entry, nil at the end.
func (w *walker) next(ctx context.Context) (*node, error) {
	if err := w.fillRows(ctx); err != nil {
		return nil, err
	}
	if err := w.fillHead(ctx); err != nil {
		return nil, err
	}
	switch {
	case len(w.rows) == 0 && w.head == nil:
		return nil, nil
	case len(w.rows) == 0 || w.head != nil && w.headFirst():
		n := w.head
		w.head = nil
		return n, nil
	}
	n := w.rows[0]
	w.rows, w.keys = w.rows[1:], w.keys[1:]
	return n, nil
}

func (w *walker) headFirst() bool {
	a, b := w.head.rank(), w.rows[0].rank()
	first := a < b || a == b && w.key < w.keys[0]
	return first != w.back
}

// fillRows reads the next rows of the folder.
func (w *walker) fillRows(ctx context.Context) error {
	if len(w.rows) > 0 || w.rowsEnd {
		return nil
	}
	query := `SELECT ` + nodeColumns + ` FROM nodes WHERE parent = ? AND (rank, key) > (?, ?) ORDER BY rank, key LIMIT ?`
	if w.back {
		query = `SELECT ` + nodeColumns + ` FROM nodes WHERE parent = ? AND (rank, key) < (?, ?) ORDER BY rank DESC, key DESC LIMIT ?`
	}
	key := []byte{}
	if w.rowAt.name != "" {
		key = []byte(w.rowAt.key())
	}
	rows, err := w.q.QueryContext(ctx, query, w.dir.id, w.rowAt.rank, key, chunk)
	if err != nil {
		return err
	}
	defer rows.Close()
	count := 0
	for rows.Next() {
		n, err := scanNode(rows.Scan, w.dir.path)
		if err != nil {
			return err
		}
		count++
		w.rowAt = place{n.rank(), n.name}
		if w.only >= 0 && n.rank() != w.only {
			w.rowsEnd = true
			break
		}
		w.rows, w.keys = append(w.rows, n), append(w.keys, pathutil.SortKey(n.name))
	}
	if count < chunk {
		w.rowsEnd = true
	}
	return rows.Err()
}

// fillHead finds the next entry of the world that is not hidden.
func (w *walker) fillHead(ctx context.Context) error {
	if w.head != nil || w.folder == nil {
		return nil
	}
	for w.i >= 0 && w.i < w.folder.Len() {
		e := w.folder.Entry(w.i)
		n := worldNode(w.dir, e)
		if w.only >= 0 && n.rank() != w.only {
			w.i = -1
			return nil
		}
		if err := w.cover(ctx); err != nil {
			return err
		}
		if w.back {
			w.i--
		} else {
			w.i++
		}
		key := ""
		if w.dir.id != 0 { // without rows there is nothing to compare with
			if key = pathutil.SortKey(e.Name); w.hidden[string(rune('0'+n.rank()))+key] {
				continue
			}
		}
		w.head, w.key = n, key
		return nil
	}
	return nil
}

// cover reads which of the next entries of the world are hidden.
func (w *walker) cover(ctx context.Context) error {
	if w.dir.id == 0 || !w.back && w.i < w.until || w.back && w.i > w.until {
		return nil
	}
	first, last := w.i, min(w.i+chunk, w.folder.Len())-1
	w.until = last + 1
	if w.back {
		first, last = max(w.i-chunk+1, 0), w.i
		w.until = first - 1
	}
	from, to := w.folder.Entry(first), w.folder.Entry(last)
	rows, err := w.q.QueryContext(ctx, `SELECT rank, key FROM hidden WHERE parent = ? AND (rank, key) >= (?, ?) AND (rank, key) <= (?, ?)`,
		w.dir.id, entryRank(from), []byte(pathutil.SortKey(from.Name)), entryRank(to), []byte(pathutil.SortKey(to.Name)))
	if err != nil {
		return err
	}
	defer rows.Close()
	w.hidden = map[string]bool{}
	for rows.Next() {
		var rank int
		var key []byte
		if err := rows.Scan(&rank, &key); err != nil {
			return err
		}
		w.hidden[string(rune('0'+rank))+string(key)] = true
	}
	return rows.Err()
}

func entryRank(e world.Entry) int {
	if e.Dir {
		return rankDir
	}
	return rankFile
}

// each calls f for every entry of a folder in order until it returns false.
func (t *tree) each(ctx context.Context, q querier, dir *node, f func(*node) (bool, error)) error {
	w := t.walk(q, dir, nil, false, -1)
	for {
		n, err := w.next(ctx)
		if err != nil || n == nil {
			return err
		}
		if more, err := f(n); err != nil || !more {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// isEmpty tells whether a folder has no entries.
func (t *tree) isEmpty(ctx context.Context, q querier, dir *node) (bool, error) {
	n, err := t.walk(q, dir, nil, false, -1).next(ctx)
	return n == nil, err
}

// errStop ends a walk early.
var errStop = errors.New("enough")

// below calls f for everything below a folder: an entry, then what lies in it.
// A folder for which f returns false is not entered.
func (t *tree) below(ctx context.Context, q querier, dir *node, f func(*node) (enter bool, err error)) error {
	return t.each(ctx, q, dir, func(n *node) (bool, error) {
		enter, err := f(n)
		if err != nil || !n.dir || !enter {
			return true, err
		}
		return true, t.below(ctx, q, n, f)
	})
}

// counted is how much lies in a folder, everything below it included.
type counted struct{ files, folders, bytes int64 }

// count adds up what lies below a node, itself included. A folder that the
// world makes by rule is not enumerated unless something in it has changed.
func (t *tree) count(ctx context.Context, q querier, n *node) (c counted, err error) {
	if !n.dir {
		return counted{files: 1, bytes: n.size}, nil
	}
	c.folders = 1
	if n.id == 0 && n.hasOrigin {
		if f, ok := t.world.Folder(n.origin); ok && f.Lazy() && f.Folders() == 0 {
			c.files = int64(f.Len())
			return c, nil
		}
	}
	err = t.each(ctx, q, n, func(e *node) (bool, error) {
		if !e.dir {
			c.files++
			c.bytes += e.size
			return true, nil
		}
		sub, err := t.count(ctx, q, e)
		c.files, c.folders, c.bytes = c.files+sub.files, c.folders+sub.folders, c.bytes+sub.bytes
		return true, err
	})
	return c, err
}
