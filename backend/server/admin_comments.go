package server

import (
	"errors"
	"slices"
	"strings"

	"ferry/pathutil"
)

// may asks whether the caller has, for a path, a permission or one that contains
// it (PROTOCOL.md 13).
func (c *recordCall) may(path, permission string) (bool, error) {
	have, err := c.api.permissionsAt(c.ctx, c.who, path)
	return slices.ContainsFunc(have, func(p string) bool { return implies(p, permission) }), err
}

// sees tells whether the caller may know of a path at all.
func (c *recordCall) sees(path string) (bool, error) {
	have, err := c.api.permissionsAt(c.ctx, c.who, path)
	return len(have) > 0, err
}

// keepSeen leaves out what is about paths that the caller may not know of.
func (c *recordCall) keepSeen(rows []*record) ([]*record, error) {
	if c.who.seesAll() {
		return rows, nil
	}
	var failed error
	rows = slices.DeleteFunc(rows, func(r *record) bool {
		at, _ := r.doc["path"].(string)
		ok, err := c.sees(at)
		if err != nil {
			failed = err
		}
		return !ok
	})
	return rows, failed
}

// commentRules: whoever may read a file reads its comments and writes some; a
// comment belongs to its author.
func (a *recordAPI) commentRules() *recordRules {
	readable := func(c *recordCall, path string) error {
		ok, err := c.may(path, "readonly")
		if err == nil && !ok {
			return notFound()
		}
		return err
	}
	return &recordRules{
		open: true,
		owns: func(c *recordCall, r *record) bool { return r.doc["author_id"] == c.who.userID },
		before: func(c *recordCall, doc map[string]any, old *record) error {
			if old == nil {
				path := pathutil.Normalize(c.text("path"))
				if err := readable(c, path); err != nil {
					return err
				}
				if c.api.tree != nil && !c.api.tree.Exists(c.ctx, path) {
					return notFound()
				}
				doc["path"], doc["author_id"] = path, c.who.userID
			}
			if s, given := doc["body"].(string); given && strings.TrimSpace(s) == "" {
				return fieldErrors{"body": {"can't be blank"}}.err()
			}
			return nil
		},
		scope: func(c *recordCall, rows []*record) ([]*record, error) {
			path := pathutil.Normalize(c.text("path"))
			if err := readable(c, path); err != nil {
				return nil, err
			}
			return slices.DeleteFunc(rows, func(r *record) bool {
				at, _ := r.doc["path"].(string)
				return !pathutil.IsSame(at, path)
			}), nil
		},
		derive: func(c *recordCall, r *record) (map[string]any, error) {
			rows, err := c.api.store.all(c.ctx, "file_comment_reaction")
			if err != nil {
				return nil, err
			}
			reactions := []any{}
			for _, x := range rows {
				if x.doc["file_comment_id"] == r.id {
					reactions = append(reactions, map[string]any{
						"id": x.id, "emoji": x.doc["emoji"], "user_id": x.doc["user_id"], "file_comment_id": r.id,
					})
				}
			}
			return map[string]any{"reactions": reactions}, nil
		},
	}
}

// reactionRules: a reaction is to a comment that is there.
func (a *recordAPI) reactionRules() *recordRules {
	return &recordRules{before: func(c *recordCall, doc map[string]any, _ *record) error {
		id, _ := doc["file_comment_id"].(int64)
		r, err := c.api.store.get(c.ctx, "file_comment", id)
		if err == nil && !c.who.root.visible("file_comment", r.doc) {
			err = errNoRecord
		}
		if err == nil {
			at, _ := r.doc["path"].(string)
			var ok bool
			if ok, err = c.may(at, "readonly"); err == nil && !ok {
				err = errNoRecord
			}
		}
		if errors.Is(err, errNoRecord) {
			return fieldErrors{"file_comment_id": {"is invalid"}}.err()
		}
		return err
	}}
}
