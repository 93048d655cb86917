package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ferry/pathutil"
)

// toTrash takes a node out of the tree with everything below it. It stays
// restorable: its row hangs below a number that no folder has, so that what the
// world shows in it costs nothing here either, and its contents are still used.
func (t *tree) toTrash(ctx context.Context, q querier, n *node, e editor) error {
	dir, err := t.parentFor(ctx, q, n.path, false, e)
	if err != nil {
		return err
	}
	if n, err = t.pin(ctx, q, n); err != nil {
		return err
	}
	if err := t.hide(ctx, q, dir, n.name); err != nil {
		return err
	}
	res, err := q.ExecContext(ctx, `INSERT INTO trash(node, path, deleted) VALUES(?, ?, ?)`, n.id, n.path, e.now.Unix())
	if err != nil {
		return fmt.Errorf("delete %q: %w", n.path, err)
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `UPDATE nodes SET parent = ? WHERE id = ?`, -id, n.id)
	return err
}

// trashed is a deletion: the node is what it was.
type trashed struct {
	id int64
	*node
}

// trash lists what was deleted at or after a time, the last deletion first.
func (t *tree) trash(ctx context.Context, q querier, since time.Time) (out []trashed, err error) {
	rows, err := q.QueryContext(ctx, `SELECT id, node, path FROM trash WHERE deleted >= ? ORDER BY id DESC`, since.Unix())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		item := trashed{node: &node{}}
		if err := rows.Scan(&item.id, &item.node.id, &item.path); err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, item := range out {
		n, err := scanNode(q.QueryRowContext(ctx, `SELECT `+nodeColumns+` FROM nodes WHERE id = ?`, item.node.id).Scan, dirOf(item.path))
		if err != nil {
			return nil, fmt.Errorf("deleted %q: %w", item.path, err)
		}
		*item.node = *n
	}
	return out, nil
}

// purge drops deletions for good; blobs are contents that may have lost their
// last file.
func (t *tree) purge(ctx context.Context, q querier, items ...trashed) (blobs []int64, err error) {
	for _, item := range items {
		gone, err := t.dropRows(ctx, q, item.node.id)
		if err != nil {
			return nil, err
		}
		blobs = append(blobs, gone...)
		if _, err := q.ExecContext(ctx, `DELETE FROM trash WHERE id = ?`, item.id); err != nil {
			return nil, err
		}
	}
	return blobs, nil
}

// purgeBefore drops what was deleted before a time.
func (t *tree) purgeBefore(ctx context.Context, limit time.Time) error {
	var blobs []int64
	err := t.edit(ctx, func(ctx context.Context, q querier) error {
		all, err := t.trash(ctx, q, time.Time{})
		if err != nil {
			return err
		}
		var old []trashed
		for _, item := range all {
			var at int64
			if err := q.QueryRowContext(ctx, `SELECT deleted FROM trash WHERE id = ?`, item.id).Scan(&at); err != nil {
				return err
			}
			if at < limit.Unix() {
				old = append(old, item)
			}
		}
		blobs, err = t.purge(ctx, q, old...)
		return err
	})
	if err == nil {
		t.s.files.release(ctx, t.db, blobs)
	}
	return err
}

// tally counts what a restore has done with one kind of thing.
type tally struct{ total, restored, errored int64 }

// restoration is one restore of files (PROTOCOL.md 11).
type restoration struct {
	prefix string // in comparison form; a slash at its end means one folder
	since  time.Time
	into   string // folder for what comes back; "" puts everything in its place
	touch  bool   // new times instead of the old ones
	e      editor

	files, dirs tally
	failures    []string
}

// maxRestoreErrors bounds the messages of a restore.
const maxRestoreErrors = 100

// restorePrefix puts a prefix into comparison form. A wildcard at its end is
// what it means anyway.
func restorePrefix(s string) string {
	s = strings.TrimSuffix(s, "*")
	fold := pathutil.Fold(s)
	if strings.HasSuffix(s, "/") && fold != "" {
		fold += "/"
	}
	return fold
}

// restore brings deleted files and folders back. Of a path that was deleted
// more than once the last version comes back.
func (t *tree) restore(ctx context.Context, r *restoration) error {
	return t.edit(ctx, func(ctx context.Context, q querier) error {
		items, err := t.trash(ctx, q, r.since)
		if err != nil {
			return err
		}
		newer := map[string]bool{}
		for _, item := range items {
			fold := pathutil.Fold(item.path)
			if newer[fold] {
				continue
			}
			newer[fold] = true
			whole, err := t.putBack(ctx, q, item.node, r)
			if err != nil {
				return err
			}
			if whole { // the copy holds the contents, so that none is released
				if _, err := t.purge(ctx, q, item); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// putBack restores a deleted node, or what the prefix names of it. whole says
// that nothing is left behind.
func (t *tree) putBack(ctx context.Context, q querier, n *node, r *restoration) (whole bool, err error) {
	fold := pathutil.Fold(n.path)
	if n.dir {
		fold += "/"
	}
	all := strings.HasPrefix(fold, r.prefix)
	if !all && (!n.dir || !strings.HasPrefix(r.prefix, fold)) {
		return false, nil
	}
	target := joinPath(r.into, n.path)
	there, err := t.find(ctx, q, target)
	switch {
	case err != nil && !errors.Is(err, errNoNode):
		return false, err
	case !all, err == nil && n.dir && there.dir:
		// Entry by entry: a part of it, or into a folder that is there.
		return t.putBackEntries(ctx, q, n, r, all)
	}
	size, countErr := t.count(ctx, q, n)
	if countErr != nil {
		return false, countErr
	}
	r.files.total += size.files
	r.dirs.total += size.folders
	if err == nil {
		err = errExists
	} else {
		err = t.placeBack(ctx, q, n, target, r)
	}
	var we *wireError
	switch {
	case errors.As(err, &we):
		r.files.errored += size.files
		r.dirs.errored += size.folders
		if len(r.failures) < maxRestoreErrors {
			r.failures = append(r.failures, target+": "+we.Message)
		}
		return false, nil
	case err != nil:
		return false, err
	}
	r.files.restored += size.files
	r.dirs.restored += size.folders
	return true, nil
}

func (t *tree) putBackEntries(ctx context.Context, q querier, n *node, r *restoration, whole bool) (bool, error) {
	err := t.each(ctx, q, n, func(e *node) (bool, error) {
		ok, err := t.putBack(ctx, q, e, r)
		whole = whole && ok
		return true, err
	})
	return whole, err
}

// placeBack puts a deleted node to where nothing is, with the folders above it.
func (t *tree) placeBack(ctx context.Context, q querier, n *node, target string, r *restoration) error {
	dir, err := t.parentFor(ctx, q, target, true, r.e)
	if err != nil {
		return err
	}
	_, err = t.place(ctx, q, n, dir, n.name, relocation{keep: !r.touch}, r.e)
	return err
}

// freeRootName is the name of a folder that the root does not have yet.
func (t *tree) freeRootName(ctx context.Context, name string) (free string, err error) {
	err = t.look(func(q querier) error {
		free = name
		for i := 2; ; i++ {
			_, err := t.find(ctx, q, free)
			if errors.Is(err, errNoNode) {
				return nil
			}
			if err != nil {
				return err
			}
			free = fmt.Sprintf("%s (%d)", name, i)
		}
	})
	return free, err
}

// texts is a list of texts as a record holds it.
func texts(list []string) []any {
	out := make([]any, 0, len(list))
	for _, s := range slices.Compact(list) {
		out = append(out, s)
	}
	return out
}
