package server

import (
	"slices"
	"strings"

	"ferry/pathutil"
)

// right is one letter of what a caller may do with an entry.
type right byte

// The rights (PROTOCOL.md 8).
const (
	mayList   right = 'l'
	mayRead   right = 'r'
	mayWrite  right = 'w'
	mayDelete right = 'd'
)

// rights are the permissions of one caller, ready to be asked for many paths.
type rights struct {
	all    string  // letters that hold everywhere
	grants []grant // beside them
	within string  // folder that an API key is restricted to
}

// grant is one permission with its path in comparison form.
type grant struct {
	path      string
	depth     int
	recursive bool
	letters   string
	admin     bool
}

// lettersOf is what a permission allows with files (PROTOCOL.md 13).
func lettersOf(permission string) string {
	switch {
	case implies(permission, "full"):
		return "lrwd"
	case permission == "writeonly":
		return "w"
	case implies(permission, "readonly"):
		return "lr"
	case implies(permission, "list"):
		return "l"
	}
	return ""
}

// access reads the permissions of the caller, once per call.
func (c *call) access() (*rights, error) {
	if c.rights != nil {
		return c.rights, nil
	}
	r := &rights{within: pathutil.Fold(c.who.keyPath)}
	switch {
	case c.who.siteAdmin:
		r.all = "lrwd"
	case c.who.auditor:
		r.all = "lr"
	default:
		rows, err := c.s.records.store.all(c.ctx, "permission")
		if err != nil {
			return nil, err
		}
		m, err := c.s.records.membership(c.ctx)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.doc["user_id"] != c.who.userID {
				g, ok := row.doc["group_id"].(int64)
				if !ok || !slices.Contains(m.groups[c.who.userID], g) {
					continue
				}
			}
			path, _ := row.doc["path"].(string)
			permission, _ := row.doc["permission"].(string)
			fold := pathutil.Fold(path)
			r.grants = append(r.grants, grant{
				path: fold, depth: depthOf(fold), recursive: row.doc["recursive"] != false,
				letters: lettersOf(permission), admin: permission == "admin",
			})
		}
	}
	c.rights = r
	return r, nil
}

func depthOf(fold string) int {
	if fold == "" {
		return 0
	}
	return strings.Count(fold, "/") + 1
}

// inside tells whether a path lies in a folder or is it, both in comparison
// form.
func inside(folder, path string) bool {
	return folder == "" || path == folder || strings.HasPrefix(path, folder) && path[len(folder)] == '/'
}

// at is what the caller may do with an entry: letters in the order l r w d. A
// folder on the way to one that he may see can be listed.
func (r *rights) at(path string) string {
	if r.all != "" && r.within == "" {
		return r.all
	}
	fold := pathutil.Fold(path)
	if r.within != "" && !inside(r.within, fold) {
		if inside(fold, r.within) {
			return "l"
		}
		return ""
	}
	have := r.all
	for _, g := range r.grants {
		switch {
		case inside(g.path, fold):
			if g.recursive || depthOf(fold) <= g.depth+1 {
				have += g.letters
			}
		case inside(fold, g.path):
			have += "l"
		}
	}
	if len(have) <= 1 {
		return have
	}
	out := make([]byte, 0, 4)
	for _, l := range []byte("lrwd") {
		if strings.IndexByte(have, l) >= 0 {
			out = append(out, l)
		}
	}
	return string(out)
}

// may asks for one right.
func (c *call) may(path string, want right) (bool, error) {
	r, err := c.access()
	if err != nil {
		return false, err
	}
	return strings.IndexByte(r.at(path), byte(want)) >= 0, nil
}

// need refuses what the caller may not do, with the error of the site.
func (c *call) need(path string, want right) error {
	ok, err := c.may(path, want)
	if err != nil || ok {
		return err
	}
	if c.who.keyPath != "" && !pathutil.Within(c.who.keyPath, path) {
		return wireErrorf("not-authorized/api-key-is-path-restricted", "The API key is restricted to another folder")
	}
	switch want {
	case mayWrite:
		return wireErrorf("not-authorized/write-permission-required", "You do not have permission to write here")
	case mayDelete:
		return wireErrorf("not-authorized/full-permission-required", "You do not have permission to delete here")
	default:
		return wireErrorf("not-authorized/read-permission-required", "You do not have permission to read this")
	}
}

// unlocked refuses changes where a folder setting forbids them
// (PROTOCOL.md 12). Locks hold for what lies below them.
func unlocked(n *node) error {
	if n.locked {
		return wireErrorf("processing-failure/folder-locked", "Folder %s is locked", sitePath(n.path))
	}
	return nil
}
