package server

import (
	"context"
	"errors"
	"slices"
	"strings"

	"ferry/pathutil"
)

// implied is what a permission contains besides itself (PROTOCOL.md 13).
var implied = map[string][]string{
	"admin":    {"bundle", "full", "writeonly", "readonly", "list", "history"},
	"full":     {"writeonly", "readonly", "list"},
	"bundle":   {"readonly", "list"},
	"readonly": {"list"},
	"history":  {"list"},
}

// implies tells whether a permission contains another.
func implies(has, wanted string) bool {
	return has == wanted || slices.Contains(implied[has], wanted)
}

// permissionsAt are the permissions that a user has for a path, his own and
// those of his groups, without what they imply. A site admin has "admin"
// everywhere, an auditor reads everywhere.
func (a *recordAPI) permissionsAt(ctx context.Context, who recordCaller, path string) ([]string, error) {
	switch {
	case who.within != "" && !pathutil.Within(who.within, path):
		return nil, nil
	case who.siteAdmin:
		return []string{"admin"}, nil
	case who.auditor:
		return []string{"readonly", "history"}, nil
	}
	rows, err := a.store.all(ctx, "permission")
	if err != nil {
		return nil, err
	}
	m, err := a.membership(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range rows {
		if r.doc["user_id"] != who.userID {
			g, ok := r.doc["group_id"].(int64)
			if !ok || !slices.Contains(m.groups[who.userID], g) {
				continue
			}
		}
		at, _ := r.doc["path"].(string)
		if !pathutil.Within(at, path) || r.doc["recursive"] == false && pathutil.Depth(path) > pathutil.Depth(at)+1 {
			continue
		}
		if p, _ := r.doc["permission"].(string); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (a *recordAPI) permissionRules() *recordRules {
	rules := &recordRules{}
	rules.derive = func(c *recordCall, r *record) (map[string]any, error) {
		return map[string]any{
			"username":     c.api.name(c.ctx, "user", r.doc["user_id"], "username"),
			"group_name":   c.api.name(c.ctx, "group", r.doc["group_id"], "name"),
			"partner_name": c.api.name(c.ctx, "partner", r.doc["partner_id"], "name"),
		}, nil
	}
	rules.scope = func(c *recordCall, rows []*record) ([]*record, error) { return c.scopePermissions(rows) }
	rules.before = func(c *recordCall, doc map[string]any, _ *record) error { return c.checkPermission(doc) }
	rules.save = func(_ *recordCall, t *recordTable, r, _ *record) error {
		path, _ := r.doc["path"].(string)
		for _, p := range t.rows {
			other, _ := p.doc["path"].(string)
			if p.doc["user_id"] == r.doc["user_id"] && p.doc["group_id"] == r.doc["group_id"] && p.doc["partner_id"] == r.doc["partner_id"] &&
				p.doc["permission"] == r.doc["permission"] && pathutil.IsSame(other, path) {
				return fieldErrors{"permission": {"has already been taken"}}.err()
			}
		}
		return nil
	}
	admin := func(next func(*recordRules) (*recordReply, error), c *recordCall) (*recordReply, error) {
		if !c.who.siteAdmin {
			ok, err := c.folderAdmin()
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, wireErrorf("not-authorized/folder-admin-permission-required", "You must be an admin of the folder to do this")
			}
		}
		return next(rules)
	}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"create": func(c *recordCall) (*recordReply, error) { return admin(c.create, c) },
		"delete": func(c *recordCall) (*recordReply, error) { return admin(c.remove, c) },
	}
	return rules
}

// folderAdmin tells whether the caller administers the folder that a call for
// permissions is about.
func (c *recordCall) folderAdmin() (bool, error) {
	path := c.text("path")
	if c.ep.Op == "delete" {
		r, err := c.api.store.get(c.ctx, "permission", c.id())
		if errors.Is(err, errNoRecord) {
			return false, notFound()
		}
		if err != nil {
			return false, err
		}
		path, _ = r.doc["path"].(string)
	}
	have, err := c.api.permissionsAt(c.ctx, c.who, path)
	return slices.Contains(have, "admin"), err
}

// scopePermissions: a path includes its ancestors; a user's permissions include
// those of the groups when that is asked for.
func (c *recordCall) scopePermissions(rows []*record) ([]*record, error) {
	m, err := c.api.membership(c.ctx)
	if err != nil {
		return nil, err
	}
	keep := func(ok func(r *record) bool) {
		rows = slices.DeleteFunc(rows, func(r *record) bool { return !ok(r) })
	}
	if path, given := c.params["path"].(string); given {
		path = pathutil.Normalize(path)
		keep(func(r *record) bool {
			at, _ := r.doc["path"].(string)
			return pathutil.Within(at, path)
		})
	}
	if text := c.text("user_id"); text != "" {
		ids, ok := readIDs(text)
		if !ok || len(ids) != 1 {
			return nil, wireErrorf("bad-request/request-params-invalid", "user_id must be an id")
		}
		id := ids[0]
		if id == 0 {
			id = c.who.userID
		}
		groups := c.params["include_groups"] == true
		keep(func(r *record) bool {
			g, _ := r.doc["group_id"].(int64)
			return r.doc["user_id"] == id || groups && g != 0 && slices.Contains(m.groups[id], g)
		})
	}
	for _, f := range []string{"group_id", "partner_id"} {
		if text := c.text(f); text != "" {
			ids, ok := readIDs(text)
			if !ok {
				return nil, wireErrorf("bad-request/request-params-invalid", "%s must be an id", f)
			}
			keep(func(r *record) bool {
				id, _ := r.doc[f].(int64)
				return slices.Contains(ids, id)
			})
		}
	}
	return rows, nil
}

// checkPermission finds whom a permission is for and cleans its path.
func (c *recordCall) checkPermission(doc map[string]any) error {
	bad := fieldErrors{}
	if name := c.text("username"); name != "" && doc["user_id"] == nil {
		if u, err := c.api.userByName(c.ctx, name); err == nil {
			doc["user_id"] = u.id
		} else {
			bad.add("username", "is invalid")
		}
	}
	if name := c.text("group_name"); name != "" && doc["group_id"] == nil {
		g, err := c.api.store.find(c.ctx, "group", func(r *record) bool {
			s, _ := r.doc["name"].(string)
			return strings.EqualFold(s, name)
		})
		if err == nil {
			doc["group_id"] = g.id
		} else {
			bad.add("group_name", "is invalid")
		}
	}
	delete(doc, "username")
	delete(doc, "group_name")
	who := 0
	for field, resource := range map[string]string{"user_id": "user", "group_id": "group", "partner_id": "partner"} {
		id, ok := doc[field].(int64)
		if !ok {
			continue
		}
		who++
		if _, err := c.api.store.get(c.ctx, resource, id); errors.Is(err, errNoRecord) {
			bad.add(field, "is invalid")
		}
	}
	if who == 0 && len(bad) == 0 && c.text("group_ids") == "" {
		bad.add("user_id", "can't be blank")
	}
	path, _ := doc["path"].(string)
	doc["path"] = pathutil.Normalize(path)
	if doc["permission"] == nil || doc["permission"] == "" {
		doc["permission"] = "full"
	}
	if _, given := c.params["recursive"]; !given {
		doc["recursive"] = true
	}
	return bad.err()
}
