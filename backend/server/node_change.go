package server

import (
	"context"
	"errors"
	"strings"
	"time"

	"ferry/pathutil"
)

// editor is who changes the tree, and when.
type editor struct {
	user, key int64
	now       time.Time
}

func (c *call) editor() editor { return editor{user: c.who.userID, key: c.who.keyID, now: c.now} }

// checkName refuses names that cannot be made.
func checkName(path string) error {
	for name := range strings.SplitSeq(path, "/") {
		if len(name) > 255 && len([]rune(name)) > 255 {
			return wireErrorf("processing-failure/filename-too-long", "The name is longer than 255 characters")
		}
		if strings.TrimRight(name, " \t") != name {
			return wireErrorf("bad-request/path-cannot-have-trailing-whitespace", "A path cannot have trailing whitespace")
		}
		for _, r := range name {
			if r < ' ' || r == 0x7f {
				return wireErrorf("processing-failure/invalid-filename", "The name has a character that is not allowed")
			}
		}
	}
	return nil
}

// newDir is a folder that is about to be made.
func newDir(parent *node, name string, e editor) *node {
	return &node{
		parent: parent.id, path: joinPath(parent.path, name), name: name, dir: true,
		created: e.now, mtime: e.now, createdBy: e.user, createdKey: e.key,
	}
}

// parentFor finds the folder for a new entry, pinned and with its ancestors'
// mtime set (PROTOCOL.md 8). Missing folders are made when mkdir is set.
func (t *tree) parentFor(ctx context.Context, q querier, path string, mkdir bool, e editor) (*node, error) {
	dir, err := t.root(ctx, q)
	if err != nil {
		return nil, err
	}
	if err := t.touch(ctx, q, dir, e); err != nil {
		return nil, err
	}
	parent := dirOf(path)
	if parent == "" {
		return dir, nil
	}
	for name := range strings.SplitSeq(parent, "/") {
		next, err := t.child(ctx, q, dir, name)
		switch {
		case errors.Is(err, errNoNode):
			if !mkdir {
				return nil, wireErrorf("processing-failure/destination-parent-does-not-exist", "The destination parent does not exist.")
			}
			next = newDir(dir, name, e)
			if err := t.add(ctx, q, dir, next); err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		case !next.dir:
			return nil, wireErrorf("processing-failure/destination-parent-conflict", "The destination parent %s is a file.", sitePath(next.path))
		}
		if err := unlocked(next); err != nil {
			return nil, err
		}
		next.parent = dir.id
		if next.id == 0 {
			if err := t.hide(ctx, q, dir, next.name); err != nil {
				return nil, err
			}
			next.mtime = e.now
			if err := t.insert(ctx, q, next); err != nil {
				return nil, err
			}
		} else if err := t.touch(ctx, q, next, e); err != nil {
			return nil, err
		}
		dir = next
	}
	return dir, nil
}

// touch sets the mtime of a folder.
func (t *tree) touch(ctx context.Context, q querier, n *node, e editor) error {
	n.mtime = e.now
	_, err := q.ExecContext(ctx, `UPDATE nodes SET mtime = ? WHERE id = ? AND mtime != ?`, e.now.Unix(), n.id, e.now.Unix())
	return err
}

// add puts a new node into a folder that has a row and nothing of that name.
func (t *tree) add(ctx context.Context, q querier, dir, n *node) error {
	n.parent = dir.id
	if err := t.hide(ctx, q, dir, n.name); err != nil {
		return err
	}
	return t.insert(ctx, q, n)
}

// mkdir makes a folder. One that is there is an error, as recorded.
func (t *tree) mkdir(ctx context.Context, path string, parents bool, provided time.Time, e editor) (made *node, err error) {
	if err := checkName(path); err != nil {
		return nil, err
	}
	err = t.edit(ctx, func(ctx context.Context, q querier) error {
		switch _, err := t.find(ctx, q, path); {
		case err == nil:
			return errExists
		case !errors.Is(err, errNoNode):
			return err
		}
		dir, err := t.parentFor(ctx, q, path, parents, e)
		if err != nil {
			return err
		}
		made = newDir(dir, baseOf(path), e)
		made.provided = provided
		return t.add(ctx, q, dir, made)
	})
	return made, err
}

// The root folder stays where it is, whose root it may be.
var (
	errDeleteRoot = wireErrorf("bad-request/invalid-path", "The root folder cannot be deleted")
	errMoveRoot   = wireErrorf("bad-request/invalid-path", "The root folder cannot be copied, moved or replaced")
)

var errExists = wireErrorf("processing-failure/destination-exists", "The destination exists.")

// drop removes a node with everything below it. blobs are contents that may
// have lost their last file.
func (t *tree) drop(ctx context.Context, q querier, n *node, e editor) (blobs []int64, err error) {
	dir, err := t.parentFor(ctx, q, n.path, false, e)
	if err != nil {
		return nil, err
	}
	if err := t.hide(ctx, q, dir, n.name); err != nil {
		return nil, err
	}
	if n.id == 0 {
		return nil, nil
	}
	return t.dropRows(ctx, q, n.id)
}

// lineage is the rows of a node and of everything below it.
const lineage = `WITH RECURSIVE line(id) AS (SELECT ? UNION ALL SELECT nodes.id FROM nodes JOIN line ON nodes.parent = line.id) `

// dropRows deletes the rows of a node and of everything below it.
func (t *tree) dropRows(ctx context.Context, q querier, id int64) (blobs []int64, err error) {
	rows, err := q.QueryContext(ctx, lineage+`SELECT DISTINCT blob FROM nodes WHERE id IN line AND blob != 0`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b int64
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		blobs = append(blobs, b)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if _, err := q.ExecContext(ctx, lineage+`DELETE FROM hidden WHERE parent IN line`, id); err != nil {
		return nil, err
	}
	_, err = q.ExecContext(ctx, lineage+`DELETE FROM nodes WHERE id IN line`, id)
	return blobs, err
}

// remove deletes a file or folder; a restore can bring it back.
func (t *tree) remove(ctx context.Context, path string, recursive bool, e editor) (gone *node, err error) {
	err = t.edit(ctx, func(ctx context.Context, q querier) error {
		if gone, err = t.find(ctx, q, path); err != nil {
			return err
		}
		if gone.id == rootID {
			return errDeleteRoot
		}
		if err := unlocked(gone); err != nil {
			return err
		}
		if gone.dir && !recursive {
			empty, err := t.isEmpty(ctx, q, gone)
			if err != nil {
				return err
			}
			if !empty {
				return wireErrorf("processing-failure/folder-not-empty", "Folder %s not empty", sitePath(gone.path))
			}
		}
		return t.toTrash(ctx, q, gone, e)
	})
	if err != nil {
		return nil, err
	}
	return gone, nil
}

// relocation is a copy or move of one node to a full path.
type relocation struct {
	from, to  string
	move      bool
	overwrite bool
	structure bool // copy folders only
	keep      bool // copy with times and authors
}

// checkRelocation finds the two ends: the source, and what is at the
// destination, nil when nothing is.
func (t *tree) checkRelocation(ctx context.Context, q querier, r relocation) (src, old *node, err error) {
	if src, err = t.find(ctx, q, r.from); err != nil {
		return nil, nil, err
	}
	if src.id == rootID || r.to == "" {
		return nil, nil, errMoveRoot
	}
	if err := checkName(r.to); err != nil {
		return nil, nil, err
	}
	if r.from == r.to || !r.move && pathutil.IsSame(r.from, r.to) {
		return nil, nil, wireErrorf("bad-request/destination-same", "The destination is the same as the source")
	}
	if src.dir && !pathutil.IsSame(r.from, r.to) && pathutil.Within(r.from, r.to) {
		return nil, nil, wireErrorf("processing-failure/destination-parent-conflict", "A folder cannot be put into itself")
	}
	if r.move {
		if err := unlocked(src); err != nil {
			return nil, nil, err
		}
	}
	old, err = t.find(ctx, q, r.to)
	if errors.Is(err, errNoNode) {
		return src, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if pathutil.IsSame(src.path, old.path) { // a change of case alone
		return src, nil, nil
	}
	if !r.overwrite {
		return nil, nil, errExists
	}
	if err := unlocked(old); err != nil {
		return nil, nil, err
	}
	if old.dir && pathutil.Within(old.path, src.path) {
		return nil, nil, wireErrorf("processing-failure/destination-parent-conflict", "A folder cannot be replaced by what lies in it")
	}
	return src, old, nil
}

// relocate copies or moves. A folder takes all its rows along; what the world
// shows in it needs none.
func (t *tree) relocate(ctx context.Context, r relocation, e editor) (moved *node, err error) {
	var blobs []int64
	err = t.edit(ctx, func(ctx context.Context, q querier) error {
		src, old, err := t.checkRelocation(ctx, q, r)
		if err != nil {
			return err
		}
		dir, err := t.parentFor(ctx, q, r.to, false, e)
		if err != nil {
			return err
		}
		if old != nil {
			if src.dir && old.dir {
				return t.merge(ctx, q, src, old, r, e, &blobs)
			}
			if blobs, err = t.drop(ctx, q, old, e); err != nil {
				return err
			}
		}
		moved, err = t.place(ctx, q, src, dir, baseOf(r.to), r, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	t.s.files.release(ctx, t.db, blobs)
	return moved, nil
}

// place puts a node, or a copy of it, into a folder where nothing has that name.
func (t *tree) place(ctx context.Context, q querier, src, dir *node, name string, r relocation, e editor) (*node, error) {
	if r.move {
		n, err := t.pin(ctx, q, src)
		if err != nil {
			return nil, err
		}
		if _, err := t.parentFor(ctx, q, src.path, false, e); err != nil {
			return nil, err
		}
		if err := t.hide(ctx, q, dir, name); err != nil {
			return nil, err
		}
		c := *n
		c.parent, c.name, c.path = dir.id, name, joinPath(dir.path, name)
		c.modifiedBy, c.modifiedKey = e.user, e.key
		return &c, t.update(ctx, q, &c)
	}
	c := *src
	c.name, c.path = name, joinPath(dir.path, name)
	if !r.keep {
		c.created, c.mtime, c.createdBy, c.createdKey = e.now, e.now, e.user, e.key
		c.modifiedBy, c.modifiedKey, c.locked, c.subLocked = 0, 0, false, false
	}
	if r.structure && src.dir {
		c.hasOrigin, c.origin = false, ""
	}
	if err := t.add(ctx, q, dir, &c); err != nil {
		return nil, err
	}
	if !src.dir {
		return &c, nil
	}
	if r.structure {
		return &c, t.each(ctx, q, src, func(n *node) (bool, error) {
			if !n.dir {
				return true, nil
			}
			_, err := t.place(ctx, q, n, &c, n.name, r, e)
			return true, err
		})
	}
	return &c, t.copyRows(ctx, q, src, &c, r, e)
}

// copyRows copies the rows that lie in a folder, and what is hidden there.
func (t *tree) copyRows(ctx context.Context, q querier, src, dst *node, r relocation, e editor) error {
	if src.id == 0 {
		return nil
	}
	if _, err := q.ExecContext(ctx, `INSERT INTO hidden(parent, rank, key) SELECT ?, rank, key FROM hidden WHERE parent = ?
		ON CONFLICT DO NOTHING`, dst.id, src.id); err != nil {
		return err
	}
	only := *src
	only.hasOrigin = false // the rows alone
	return t.each(ctx, q, &only, func(n *node) (bool, error) {
		_, err := t.place(ctx, q, n, dst, n.name, r, e)
		return true, err
	})
}

// merge puts what lies in a folder into another of that name, entry by entry.
func (t *tree) merge(ctx context.Context, q querier, src, old *node, r relocation, e editor, blobs *[]int64) error {
	old, err := t.pin(ctx, q, old)
	if err != nil {
		return err
	}
	if r.move {
		if src, err = t.pin(ctx, q, src); err != nil {
			return err
		}
	}
	var entries []*node
	err = t.each(ctx, q, src, func(n *node) (bool, error) {
		if n.dir || !r.structure {
			entries = append(entries, n)
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	for _, n := range entries {
		there, err := t.child(ctx, q, old, n.name)
		switch {
		case errors.Is(err, errNoNode):
		case err != nil:
			return err
		case n.dir && there.dir:
			if err := t.merge(ctx, q, n, there, r, e, blobs); err != nil {
				return err
			}
			continue
		default:
			gone, err := t.drop(ctx, q, there, e)
			if err != nil {
				return err
			}
			*blobs = append(*blobs, gone...)
		}
		if _, err := t.place(ctx, q, n, old, n.name, r, e); err != nil {
			return err
		}
	}
	if r.move {
		gone, err := t.drop(ctx, q, src, e)
		*blobs = append(*blobs, gone...)
		return err
	}
	return nil
}
