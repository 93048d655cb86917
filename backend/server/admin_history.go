package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ferry/pathutil"
)

// historyFor is how far back the history goes; exports go further
// (PROTOCOL.md 12).
const historyFor = 24 * time.Hour

// deed is something that has been done on the site, for its history.
type deed struct {
	who         recordCaller
	username    string // of a login that failed, where there is no user
	action      string // "create", "read", "move", … (values of history_export)
	path, dest  string
	failure     string // "" is "none"
	via, client string // interface and address
}

// recordDeed writes a deed into the history, which the action log and the
// exports show as well.
func (a *recordAPI) recordDeed(ctx context.Context, d deed) error {
	now := a.now().UTC()
	name, _ := a.name(ctx, "user", d.who.userID, "username").(string)
	if name == "" {
		name = d.username
	}
	if d.failure == "" {
		d.failure = "none"
	}
	if d.via == "" {
		d.via = "restapi"
	}
	doc := map[string]any{
		"path": d.path, "when": now, "created_at": now, "folder": pathutil.Dir(d.path), "src": d.path, "action": d.action,
		"failure_type": d.failure, "interface": d.via, "ip": d.client, "username": name, "user_is_from_parent_site": false,
		"display": fmt.Sprintf("%s: %s %s", name, d.action, d.path),
	}
	if d.who.userID != 0 {
		doc["user_id"] = d.who.userID
	}
	if d.dest != "" {
		doc["source"], doc["destination"] = d.path, d.dest
	}
	_, err := a.store.insert(ctx, "history", &record{doc: doc}, nil)
	return err
}

func (a *recordAPI) historyRules() *recordRules {
	return &recordRules{open: true, scope: func(c *recordCall, rows []*record) ([]*record, error) {
		if err := c.mayReadHistory(); err != nil {
			return nil, err
		}
		from, to := c.now.Add(-historyFor), c.now.Add(time.Second)
		for name, at := range map[string]*time.Time{"start_at": &from, "end_at": &to} {
			if s := c.text(name); s != "" {
				t, _, ok := readTime(s, c.zone)
				if !ok {
					return nil, wireErrorf("bad-request/datetime-parse", "%s must contain valid date and time", name)
				}
				if name == "end_at" || t.After(from) {
					*at = t
				}
			}
		}
		path := pathutil.Normalize(c.text("path"))
		user, byUser := c.params["user_id"].(int64)
		return slices.DeleteFunc(rows, func(r *record) bool {
			when, _ := r.doc["when"].(time.Time)
			if when.Before(from) || when.After(to) {
				return true
			}
			// A copy or a move is in the past of both its ends: what has arrived
			// at a path would have no history there otherwise.
			about := func(within func(at string) bool) bool {
				at, _ := r.doc["path"].(string)
				to, _ := r.doc["destination"].(string)
				return at != "" && within(at) || to != "" && within(to)
			}
			switch c.ep.Op {
			case "list_logins":
				return r.doc["action"] != "login" && r.doc["action"] != "failedlogin"
			case "list_for_file":
				return !about(func(at string) bool { return pathutil.IsSame(at, path) })
			case "list_for_folder":
				return !about(func(at string) bool { return pathutil.Within(path, at) })
			case "list_for_user":
				return byUser && r.doc["user_id"] != user
			}
			return false
		}), nil
	}}
}

// mayReadHistory: all of it is for admins, that of a path takes the permission
// for it, one's own is for everybody.
func (c *recordCall) mayReadHistory() error {
	if c.who.seesAll() {
		return nil
	}
	switch c.ep.Op {
	case "list_for_user":
		if c.params["user_id"] == c.who.userID {
			return nil
		}
	case "list_for_file", "list_for_folder":
		have, err := c.api.permissionsAt(c.ctx, c.who, pathutil.Normalize(c.text("path")))
		if err != nil {
			return err
		}
		if slices.ContainsFunc(have, func(p string) bool { return implies(p, "history") }) {
			return nil
		}
		return wireErrorf("not-authorized/history-permission-required", "You need the history permission for this folder")
	}
	return wireErrorf("not-authorized/site-admin-required", "You must be a site admin to do this")
}

// buildingFor is how long an export takes.
const buildingFor = 2 * time.Second

func (a *recordAPI) historyExportRules() *recordRules {
	return &recordRules{derive: func(c *recordCall, r *record) (map[string]any, error) {
		created, _ := r.doc["created_at"].(time.Time)
		if c.now.Sub(created) < buildingFor {
			return map[string]any{"status": "building"}, nil
		}
		return map[string]any{"status": "ready"}, nil
	}, save: func(c *recordCall, _ *recordTable, r, _ *record) error {
		r.doc["created_at"], r.doc["history_version"] = c.now, "20201213.2"
		return nil
	}}
}

// historyResultRules show the history as an export has asked for it.
func (a *recordAPI) historyResultRules() *recordRules {
	rules := &recordRules{table: "history", open: true}
	rules.scope = func(c *recordCall, rows []*record) ([]*record, error) {
		id, _ := c.params["history_export_id"].(int64)
		export, err := c.api.store.get(c.ctx, "history_export", id)
		if errors.Is(err, errNoRecord) || err == nil && !c.who.seesAll() && export.doc["user_id"] != c.who.userID {
			return nil, notFound()
		}
		if err != nil {
			return nil, err
		}
		created, _ := export.doc["created_at"].(time.Time)
		if c.now.Sub(created) < buildingFor {
			return nil, wireErrorf("processing-failure/export-not-ready", "The export is not ready")
		}
		return slices.DeleteFunc(rows, func(r *record) bool { return !exported(export.doc, r.doc) }), nil
	}
	rules.derive = func(_ *recordCall, r *record) (map[string]any, error) {
		at, _ := r.doc["when"].(time.Time)
		return map[string]any{"created_at": at.Unix(), "created_at_iso8601": at.Format(time.RFC3339)}, nil
	}
	return rules
}

// exported tells whether a deed is part of an export.
func exported(query, deed map[string]any) bool {
	at, _ := deed["when"].(time.Time)
	if from, ok := query["start_at"].(time.Time); ok && at.Before(from) {
		return false
	}
	if to, ok := query["end_at"].(time.Time); ok && at.After(to) {
		return false
	}
	for _, f := range []string{"action", "interface", "user_id", "path", "folder", "src", "destination", "ip", "username", "failure_type"} {
		want, _ := query["query_"+f].(string)
		if want != "" && want != fmt.Sprint(deed[f]) {
			return false
		}
	}
	return true
}
