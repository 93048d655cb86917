package server

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferry/pathutil"
)

func (a *recordAPI) siteRules() *recordRules {
	rules := &recordRules{admin: true, open: true}
	rules.derive = func(c *recordCall, _ *record) (map[string]any, error) {
		u, err := c.api.store.get(c.ctx, "user", c.who.userID)
		if err != nil {
			return nil, nil //nolint:nilerr // a key without a user has none to show
		}
		extra, err := deriveUser(c, u)
		if err != nil {
			return nil, err
		}
		return map[string]any{"user": rawObject(c.write(nil, "user", u.doc, extra))}, nil
	}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"get": func(c *recordCall) (*recordReply, error) {
			r, err := c.api.site(c.ctx)
			if err != nil {
				return nil, err
			}
			return c.object(rules, r)
		},
		"update": func(c *recordCall) (*recordReply, error) {
			r, err := c.api.site(c.ctx)
			if err != nil {
				return nil, err
			}
			doc, hidden, err := c.fields()
			if err != nil {
				return nil, err
			}
			if n, ok := doc["session_expiry_minutes"].(int64); ok && n < 1 {
				return nil, fieldErrors{"session_expiry_minutes": {"must be greater than 0"}}.err()
			}
			if s, ok := doc["name"].(string); ok && strings.TrimSpace(s) == "" {
				return nil, fieldErrors{"name": {"can't be blank"}}.err()
			}
			if r, err = c.change(rules, r, doc, hidden); err != nil {
				return nil, err
			}
			return c.object(rules, r)
		},
		"get_usage": func(c *recordCall) (*recordReply, error) {
			rows, err := c.api.store.all(c.ctx, "usage_snapshot")
			if err != nil {
				return nil, err
			}
			doc := map[string]any{}
			if len(rows) > 0 {
				doc = rows[len(rows)-1].doc
			}
			return &recordReply{status: c.ep.Status, body: c.write(nil, "usage_snapshot", doc, nil)}, nil
		},
	}
	return rules
}

// rawObject is JSON that appendValue copies as it is.
type rawObject []byte

// MarshalJSON gives the text itself.
func (r rawObject) MarshalJSON() ([]byte, error) { return r, nil }

func (a *recordAPI) bundleRules() *recordRules {
	rules := &recordRules{}
	rules.before = func(c *recordCall, doc map[string]any, _ *record) error {
		paths, _ := doc["paths"].([]any)
		for _, p := range paths {
			s, _ := p.(string)
			ok, err := c.may(pathutil.Normalize(s), "bundle")
			if err != nil {
				return err
			}
			if !ok {
				return wireErrorf("not-authorized/bundle-permission-required", "You do not have permission to share this")
			}
		}
		return nil
	}
	rules.save = func(c *recordCall, t *recordTable, r, _ *record) error {
		bad := fieldErrors{}
		if paths, _ := r.doc["paths"].([]any); len(paths) == 0 {
			bad.add("paths", "can't be blank")
		} else if c.api.tree != nil && c.params["paths"] != nil {
			for _, p := range paths {
				s, _ := p.(string)
				if !c.api.tree.Exists(c.ctx, pathutil.Normalize(s)) {
					// The field is called so in the recording (PROTOCOL.md 12).
					bad.add("filename", "does not exist: "+c.who.root.shown(s))
				}
			}
		}
		code, _ := r.doc["code"].(string)
		if code == "" {
			code = strconv.FormatInt(c.now.UnixNano()/1000%0xffffffff+t.next, 36)
			r.doc["code"] = code
		}
		for _, b := range t.rows {
			if b.id != r.id && b.doc["code"] == code {
				bad.add("code", "has already been taken")
			}
		}
		if r.doc["permissions"] == nil {
			r.doc["permissions"] = "read"
		}
		if p, given := c.params["password"].(string); given {
			r.doc["password_protected"] = p != ""
		}
		return bad.err()
	}
	rules.derive = func(c *recordCall, r *record) (map[string]any, error) {
		site, err := c.api.site(c.ctx)
		if err != nil {
			return nil, err
		}
		sub, _ := site.doc["subdomain"].(string)
		code, _ := r.doc["code"].(string)
		extra := map[string]any{
			"url":          cmp.Or(c.base, "https://"+sub+".files.com") + sharePath + code,
			"username":     c.api.name(c.ctx, "user", r.doc["user_id"], "username"),
			"preview_only": r.doc["permissions"] == "preview_only",
		}
		if c.ep.Op == "list" {
			extra["paths"] = leftOut
		} else {
			var paths []any
			list, _ := r.doc["paths"].([]any)
			for _, p := range list {
				paths = append(paths, map[string]any{"path": p, "recursive": true})
			}
			extra["bundlepaths"] = paths
		}
		return extra, nil
	}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"share": func(c *recordCall) (*recordReply, error) { return c.share(rules) },
	}
	return rules
}

// ofBundle are the rules of what hangs on a share link: it belongs to the owner
// of the link.
var ofBundle = &recordRules{owns: func(c *recordCall, r *record) bool {
	id, _ := r.doc["bundle_id"].(int64)
	b, err := c.api.store.get(c.ctx, "bundle", id)
	return err == nil && b.doc["user_id"] == c.who.userID
}}

// share mails a link to those it names.
func (c *recordCall) share(rules *recordRules) (*recordReply, error) {
	r, err := c.row(rules)
	if err != nil {
		return nil, err
	}
	var to []string
	list, _ := c.params["to"].([]any)
	for _, v := range list {
		s, _ := v.(string)
		to = append(to, s)
	}
	list, _ = c.params["recipients"].([]any)
	for _, v := range list {
		m, _ := v.(map[string]any)
		s, _ := m["recipient"].(string)
		to = append(to, s)
	}
	if len(to) == 0 {
		return nil, wireErrorf("bad-request/request-params-required", "to or recipients is required")
	}
	if i := slices.IndexFunc(to, func(s string) bool { return !isEmail(s) }); i >= 0 {
		return nil, fieldErrors{"recipient": {"is invalid"}}.err()
	}
	code, _ := r.doc["code"].(string)
	for _, s := range to {
		doc := map[string]any{"recipient": s, "note": c.text("note"), "bundle_id": r.id, "user_id": c.who.userID, "sent_at": c.now}
		if _, err := c.api.store.insert(c.ctx, "bundle_recipient", &record{doc: doc}, nil); err != nil {
			return nil, err
		}
		if err := c.api.mail(c.ctx, s, "", "A share link for you", "The link is /f/"+code); err != nil {
			return nil, err
		}
	}
	return c.nothing(), nil
}

func (a *recordAPI) notificationRules() *recordRules {
	return &recordRules{
		before: func(c *recordCall, doc map[string]any, old *record) error {
			if old != nil {
				return nil
			}
			if name := c.text("username"); name != "" && doc["user_id"] == nil {
				u, err := c.api.userByName(c.ctx, name)
				if errors.Is(err, errNoRecord) {
					return fieldErrors{"username": {"is invalid"}}.err()
				}
				if err != nil {
					return err
				}
				doc["user_id"] = u.id
			}
			delete(doc, "username")
			if doc["group_id"] == nil {
				if err := c.owner(doc); err != nil {
					return err
				}
			}
			path, _ := doc["path"].(string)
			doc["path"] = pathutil.Normalize(path)
			if doc["send_interval"] == nil {
				doc["send_interval"] = "five_minutes"
			}
			return nil
		},
		scope: func(c *recordCall, rows []*record) ([]*record, error) {
			path, given := c.params["path"].(string)
			path = pathutil.Normalize(path)
			ancestors := c.params["include_ancestors"] == true
			group := c.text("group_id")
			return slices.DeleteFunc(rows, func(r *record) bool {
				at, _ := r.doc["path"].(string)
				if given && !pathutil.IsSame(at, path) && (!ancestors || !pathutil.Within(at, path)) {
					return true
				}
				id, _ := r.doc["group_id"].(int64)
				return group != "" && strconv.FormatInt(id, 10) != group
			}), nil
		},
		derive: func(c *recordCall, r *record) (map[string]any, error) {
			return map[string]any{
				"username":   c.api.name(c.ctx, "user", r.doc["user_id"], "username"),
				"group_name": c.api.name(c.ctx, "group", r.doc["group_id"], "name"),
			}, nil
		},
	}
}

func (a *recordAPI) behaviorRules() *recordRules {
	rules := &recordRules{admin: true, open: true}
	rules.before = func(c *recordCall, doc map[string]any, old *record) error {
		if old == nil {
			path, _ := doc["path"].(string)
			doc["path"] = pathutil.Normalize(path)
			if doc["value"] == nil {
				doc["value"] = map[string]any{}
			}
			if _, given := c.params["recursive"]; !given {
				doc["recursive"] = true
			}
		}
		return nil
	}
	rules.scope = func(c *recordCall, rows []*record) ([]*record, error) {
		rows, err := c.keepSeen(rows)
		path, given := c.params["path"].(string)
		if err != nil || !given {
			return rows, err
		}
		path = pathutil.Normalize(path)
		ancestors := c.params["ancestor_behaviors"] == true
		return slices.DeleteFunc(rows, func(r *record) bool {
			at, _ := r.doc["path"].(string)
			return !pathutil.IsSame(at, path) && (!ancestors || !pathutil.Within(at, path))
		}), nil
	}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"webhook_test": func(c *recordCall) (*recordReply, error) {
			// The box sends nothing to the outside world; it says that it would have.
			return &recordReply{status: c.ep.Status, body: []byte(`{"code":200,"data":null,"status":"ok","success":true}`)}, nil
		},
	}
	return rules
}

func (a *recordAPI) lockRules() *recordRules {
	rules := &recordRules{open: true}
	live := func(c *recordCall, r *record) bool {
		end, ok := r.doc["ends_at"].(time.Time)
		return !ok || end.After(c.now)
	}
	rules.scope = func(c *recordCall, rows []*record) ([]*record, error) {
		path := pathutil.Normalize(c.text("path"))
		children := c.params["include_children"] == true
		rows, err := c.keepSeen(rows)
		if err != nil {
			return nil, err
		}
		return slices.DeleteFunc(rows, func(r *record) bool {
			at, _ := r.doc["path"].(string)
			return !live(c, r) || !pathutil.IsSame(at, path) && (!children || !pathutil.Within(path, at))
		}), nil
	}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"create": func(c *recordCall) (*recordReply, error) { return c.lock(rules, live) },
		"delete": func(c *recordCall) (*recordReply, error) {
			r, err := c.api.store.find(c.ctx, "lock", func(r *record) bool {
				at, _ := r.doc["path"].(string)
				return r.doc["token"] == c.params["token"] && pathutil.IsSame(at, pathutil.Normalize(c.text("path"))) && live(c, r)
			})
			if errors.Is(err, errNoRecord) {
				return nil, notFound()
			}
			if err != nil {
				return nil, err
			}
			if r.doc["user_id"] != c.who.userID && !c.who.siteAdmin && r.doc["allow_access_by_any_user"] != true {
				return nil, wireErrorf("processing-failure/resource-locked", "The lock belongs to another user")
			}
			if err := c.api.store.remove(c.ctx, "lock", r.id); err != nil {
				return nil, err
			}
			return c.nothing(), nil
		},
	}
	return rules
}
