package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"ferry/backend/server/world"
	"ferry/pathutil"
)

// node is a file or folder, with a row of its own or straight from the world.
type node struct {
	id     int64 // of the row; 0 for one of the world that nothing has changed
	parent int64 // row of the folder it lies in; 0 when that has none
	path   string
	name   string
	dir    bool
	size   int64

	// origin is where the world has the content of the file, or the entries of
	// the folder.
	origin    string
	hasOrigin bool
	blob      int64 // content that a client has sent

	created, mtime time.Time
	provided       time.Time // zero when no client set one
	sums           string    // crc32, md5, sha1, sha256 with spaces; "" when not computed
	sumsAt         time.Time // from when on they are shown
	color          string
	metadata       string // JSON object, "" for none
	createdBy      int64
	createdKey     int64
	modifiedBy     int64
	modifiedKey    int64
	locked         bool
	subLocked      bool
}

// Ranks put folders before files in listings.
const (
	rankDir  = 0
	rankFile = 1
)

func (n *node) rank() int {
	if n.dir {
		return rankDir
	}
	return rankFile
}

// modified is what clients take for the modification time (PROTOCOL.md 8).
func (n *node) modified() time.Time {
	if !n.provided.IsZero() {
		return n.provided
	}
	return n.mtime
}

// tree is the files and folders: the rows laid over the world.
type tree struct {
	s     *Server
	db    *store
	world *world.World

	// mu keeps a change from showing itself half done: changes lock it, reads
	// that take more than one query read-lock it.
	mu     sync.RWMutex
	change uint64 // counts the changes, under mu

	sorted sortCache
}

// rootID is the row of the root, which is always there.
const rootID = 1

const nodeColumns = `id, parent, name, rank, origin, blob, size, created, mtime, provided, sums, sums_at, color, metadata,
	created_by, created_key, modified_by, modified_key, locked`

// scanNode reads a row; dir is the path of the folder it lies in.
func scanNode(scan func(...any) error, dir string) (*node, error) {
	var n node
	var rank, locked int
	var created, mtime, sumsAt int64
	var origin sql.NullString
	var provided sql.NullInt64
	err := scan(&n.id, &n.parent, &n.name, &rank, &origin, &n.blob, &n.size, &created, &mtime, &provided, &n.sums, &sumsAt, &n.color,
		&n.metadata, &n.createdBy, &n.createdKey, &n.modifiedBy, &n.modifiedKey, &locked)
	if err != nil {
		return nil, err
	}
	n.dir = rank == rankDir
	n.origin, n.hasOrigin = origin.String, origin.Valid
	n.created, n.mtime, n.sumsAt = time.Unix(created, 0).UTC(), time.Unix(mtime, 0).UTC(), time.Unix(sumsAt, 0).UTC()
	if provided.Valid {
		n.provided = time.Unix(provided.Int64, 0).UTC()
	}
	n.locked, n.subLocked = locked&1 != 0, locked&2 != 0
	n.path = joinPath(dir, n.name)
	return &n, nil
}

// worldNode is an entry of the world in a folder that shows it.
func worldNode(parent *node, e world.Entry) *node {
	return &node{
		parent: parent.id, path: joinPath(parent.path, e.Name), name: e.Name, dir: e.Dir, size: e.Size,
		origin: joinPath(parent.origin, e.Name), hasOrigin: true,
		created: e.Created, mtime: e.Modified, provided: e.ProvidedModified,
		color: e.Priority, locked: e.Locked, subLocked: e.SubfoldersLocked,
	}
}

func joinPath(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// errNoNode says that there is nothing at a path.
var errNoNode = errors.New("no such file or folder")

// root is the folder that all others lie in.
func (t *tree) root(ctx context.Context, q querier) (*node, error) {
	return scanNode(q.QueryRowContext(ctx, `SELECT `+nodeColumns+` FROM nodes WHERE id = ?`, rootID).Scan, "")
}

// find is the node at a path in identity form; errNoNode when there is none.
func (t *tree) find(ctx context.Context, q querier, path string) (*node, error) {
	n, err := t.root(ctx, q)
	if err != nil || path == "" {
		return n, err
	}
	for name := range strings.SplitSeq(path, "/") {
		if n, err = t.child(ctx, q, n, name); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// child is an entry of a folder by its name in any spelling.
func (t *tree) child(ctx context.Context, q querier, dir *node, name string) (*node, error) {
	if !dir.dir {
		return nil, errNoNode
	}
	if dir.id != 0 {
		n, err := scanNode(q.QueryRowContext(ctx, `SELECT `+nodeColumns+` FROM nodes WHERE parent = ? AND fold = ?`,
			dir.id, pathutil.Fold(name)).Scan, dir.path)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return n, err
		}
	}
	n, ok := t.worldChild(dir, name)
	if !ok {
		return nil, errNoNode
	}
	hidden, err := t.isHidden(ctx, q, dir, n)
	if err != nil {
		return nil, err
	}
	if hidden {
		return nil, errNoNode
	}
	return n, nil
}

// worldChild is what the world has under a name in a folder, hidden or not.
func (t *tree) worldChild(dir *node, name string) (*node, bool) {
	if !dir.hasOrigin {
		return nil, false
	}
	f, ok := t.world.Folder(dir.origin)
	if !ok {
		return nil, false
	}
	e, ok := f.Lookup(name)
	if !ok {
		return nil, false
	}
	return worldNode(dir, e), true
}

func (t *tree) isHidden(ctx context.Context, q querier, dir, n *node) (bool, error) {
	if dir.id == 0 {
		return false, nil
	}
	var one int
	err := q.QueryRowContext(ctx, `SELECT 1 FROM hidden WHERE parent = ? AND rank = ? AND key = ?`,
		dir.id, n.rank(), []byte(pathutil.SortKey(n.name))).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// pin gives a node of the world a row, and all folders above it, so that it
// can be changed. It returns the node as it is then.
func (t *tree) pin(ctx context.Context, q querier, n *node) (*node, error) {
	if n.id != 0 {
		return n, nil
	}
	dir, err := t.find(ctx, q, dirOf(n.path))
	if err != nil {
		return nil, err
	}
	if dir, err = t.pin(ctx, q, dir); err != nil {
		return nil, err
	}
	c := *n
	c.parent = dir.id
	if err := t.hide(ctx, q, dir, n.name); err != nil {
		return nil, err
	}
	return &c, t.insert(ctx, q, &c)
}

// hide takes an entry of the world out of a folder that has a row.
func (t *tree) hide(ctx context.Context, q querier, dir *node, name string) error {
	w, ok := t.worldChild(dir, name)
	if !ok {
		return nil
	}
	_, err := q.ExecContext(ctx, `INSERT INTO hidden(parent, rank, key) VALUES(?, ?, ?) ON CONFLICT DO NOTHING`,
		dir.id, w.rank(), []byte(pathutil.SortKey(w.name)))
	return err
}

// insert writes the row of a new node, whose parent is set, and gives it its id.
func (t *tree) insert(ctx context.Context, q querier, n *node) error {
	res, err := q.ExecContext(ctx, `INSERT INTO nodes(parent, fold, name, rank, key, origin, blob, size, created, mtime, provided, sums,
		sums_at, color, metadata, created_by, created_key, modified_by, modified_key, locked)
		VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n.parent, pathutil.Fold(n.name), n.name, n.rank(), []byte(pathutil.SortKey(n.name)), n.originValue(), n.blob, n.size,
		n.created.Unix(), n.mtime.Unix(), unixOrNull(n.provided), n.sums, max(n.sumsAt.Unix(), 0), n.color, n.metadata,
		n.createdBy, n.createdKey, n.modifiedBy, n.modifiedKey, n.lockBits())
	if err != nil {
		return fmt.Errorf("add %q: %w", n.path, err)
	}
	n.id, err = res.LastInsertId()
	return err
}

// update writes everything of a row that may change, its place among it.
func (t *tree) update(ctx context.Context, q querier, n *node) error {
	_, err := q.ExecContext(ctx, `UPDATE nodes SET parent = ?, fold = ?, name = ?, rank = ?, key = ?, origin = ?, blob = ?, size = ?,
		created = ?, mtime = ?, provided = ?, sums = ?, sums_at = ?, color = ?, metadata = ?, created_by = ?, created_key = ?,
		modified_by = ?, modified_key = ? WHERE id = ?`,
		n.parent, pathutil.Fold(n.name), n.name, n.rank(), []byte(pathutil.SortKey(n.name)), n.originValue(), n.blob, n.size,
		n.created.Unix(), n.mtime.Unix(), unixOrNull(n.provided), n.sums, max(n.sumsAt.Unix(), 0), n.color, n.metadata,
		n.createdBy, n.createdKey, n.modifiedBy, n.modifiedKey, n.id)
	if err != nil {
		return fmt.Errorf("change %q: %w", n.path, err)
	}
	return nil
}

func (n *node) originValue() any {
	if !n.hasOrigin {
		return nil
	}
	return n.origin
}

func (n *node) lockBits() int {
	bits := 0
	if n.locked {
		bits |= 1
	}
	if n.subLocked {
		bits |= 2
	}
	return bits
}

func unixOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}

// dirOf and baseOf cut a path that is in identity form already.
func dirOf(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 0)] }

func baseOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// edit runs f in a transaction that no other change or reading of the tree can
// see the middle of. A client that goes away does not stop it half way.
func (t *tree) edit(ctx context.Context, f func(ctx context.Context, q querier) error) error {
	ctx = context.WithoutCancel(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	tx, err := t.db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // after Commit it does nothing
	if err := f(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	t.change++
	return nil
}

// look runs f while no change is under way.
func (t *tree) look(f func(q querier) error) error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return f(t.db.read)
}

// get is find with a lock of its own.
func (t *tree) get(ctx context.Context, path string) (n *node, err error) {
	err = t.look(func(q querier) error {
		n, err = t.find(ctx, q, path)
		return err
	})
	return n, err
}

// getAll is get for many files at once, which usually lie in few folders. What
// is not there is nil.
func (t *tree) getAll(ctx context.Context, paths []string) (nodes []*node, err error) {
	nodes = make([]*node, len(paths))
	dirs := map[string]*node{}
	err = t.look(func(q querier) error {
		for i, p := range paths {
			dir, ok := dirs[dirOf(p)]
			if !ok {
				dir, err = t.find(ctx, q, dirOf(p))
				if err != nil && !errors.Is(err, errNoNode) {
					return err
				}
				dirs[dirOf(p)] = dir
			}
			switch {
			case dir == nil:
				continue
			case p == "":
				nodes[i] = dir
				continue
			}
			n, err := t.child(ctx, q, dir, baseOf(p))
			if err != nil && !errors.Is(err, errNoNode) {
				return err
			}
			nodes[i] = n
		}
		return nil
	})
	return nodes, err
}
