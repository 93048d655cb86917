package server

import (
	"context"
	"errors"
	"slices"
	"strings"
)

func (a *recordAPI) groupRules() *recordRules {
	return &recordRules{
		admin: true, open: true,
		save: func(_ *recordCall, t *recordTable, r, _ *record) error {
			bad := fieldErrors{}
			name, _ := r.doc["name"].(string)
			if strings.TrimSpace(name) == "" {
				bad.add("name", "can't be blank")
			}
			for _, g := range t.rows {
				other, _ := g.doc["name"].(string)
				if g.id != r.id && strings.EqualFold(other, name) && g.doc["workspace_id"] == r.doc["workspace_id"] {
					bad.add("name", "has already been taken")
					break
				}
			}
			if ips, _ := r.doc["allowed_ips"].(string); !areIPs(ips) {
				bad.add("allowed_ips", "is invalid")
			}
			return bad.err()
		},
		before: func(c *recordCall, doc map[string]any, _ *record) error {
			bad := fieldErrors{}
			for _, f := range []string{"user_ids", "admin_ids"} {
				delete(doc, f)
				if ids, ok := c.api.userIDs(c.ctx, c.text(f)); !ok || ids == nil && c.text(f) != "" {
					bad.add(f, "is invalid")
				}
			}
			return bad.err()
		},
		after: func(c *recordCall, r, old *record) error {
			if r == nil {
				return c.api.dropWhere(c.ctx, "group_id", old.id, "group_user", "permission", "notification")
			}
			_, users := c.params["user_ids"]
			_, heads := c.params["admin_ids"]
			if !users && !heads {
				return nil
			}
			m, err := c.api.membership(c.ctx)
			if err != nil {
				return err
			}
			want, admins := slices.Clone(m.users[r.id]), slices.Clone(m.heads[r.id])
			if users {
				want, _ = readIDs(c.text("user_ids"))
			}
			if heads {
				admins, _ = readIDs(c.text("admin_ids"))
				want = append(want, admins...)
			}
			if admins == nil {
				admins = []int64{}
			}
			return c.api.setMembers(c.ctx, "group_id", r.id, want, admins)
		},
		derive: func(c *recordCall, r *record) (map[string]any, error) {
			m, err := c.api.membership(c.ctx)
			if err != nil {
				return nil, err
			}
			var names []string
			for _, id := range m.users[r.id] {
				if n, ok := c.api.name(c.ctx, "user", id, "username").(string); ok {
					names = append(names, n)
				}
			}
			return map[string]any{
				"user_ids": joinIDs(m.users[r.id]), "admin_ids": joinIDs(m.heads[r.id]), "usernames": strings.Join(names, ","),
			}, nil
		},
	}
}

// userIDs reads ids with commas of users that exist.
func (a *recordAPI) userIDs(ctx context.Context, text string) ([]int64, bool) {
	ids, ok := readIDs(text)
	for _, id := range ids {
		if _, err := a.store.get(ctx, "user", id); err != nil {
			return nil, false
		}
	}
	return ids, ok
}

// dropWhere deletes the records of some resources that point to an id.
func (a *recordAPI) dropWhere(ctx context.Context, field string, id int64, resources ...string) error {
	for _, resource := range resources {
		rows, err := a.store.all(ctx, resource)
		if err != nil {
			return err
		}
		var gone []int64
		for _, r := range rows {
			if r.doc[field] == id {
				gone = append(gone, r.id)
			}
		}
		if err := a.store.remove(ctx, resource, gone...); err != nil {
			return err
		}
	}
	return nil
}

func (a *recordAPI) groupUserRules() *recordRules {
	rules := &recordRules{admin: true}
	rules.derive = func(c *recordCall, r *record) (map[string]any, error) {
		return map[string]any{
			"group_name": c.api.name(c.ctx, "group", r.doc["group_id"], "name"),
			"username":   c.api.name(c.ctx, "user", r.doc["user_id"], "username"),
		}, nil
	}
	find := func(c *recordCall) (*record, error) {
		return c.api.store.find(c.ctx, "group_user", func(r *record) bool {
			return r.doc["group_id"] == c.params["group_id"] && r.doc["user_id"] == c.params["user_id"]
		})
	}
	// A membership is put, whether it was there or not (PROTOCOL.md 13).
	put := func(c *recordCall) (*recordReply, error) {
		bad := fieldErrors{}
		for field, resource := range map[string]string{"group_id": "group", "user_id": "user"} {
			id, _ := c.params[field].(int64)
			if _, err := c.api.store.get(c.ctx, resource, id); errors.Is(err, errNoRecord) {
				bad.add(field, "is invalid")
			}
		}
		if err := bad.err(); err != nil {
			return nil, err
		}
		admin := c.params["admin"] == true
		old, err := find(c)
		if errors.Is(err, errNoRecord) {
			doc := map[string]any{"group_id": c.params["group_id"], "user_id": c.params["user_id"], "admin": admin}
			r, err := c.api.store.insert(c.ctx, "group_user", &record{doc: doc}, nil)
			if err != nil {
				return nil, err
			}
			return c.object(rules, r)
		}
		if err != nil {
			return nil, err
		}
		r, err := c.api.store.update(c.ctx, "group_user", old.id, func(_ *recordTable, r *record) error {
			if _, given := c.params["admin"]; given {
				r.doc["admin"] = admin
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		return c.object(rules, r)
	}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"create": put,
		"update": put,
		"delete": func(c *recordCall) (*recordReply, error) {
			r, err := find(c)
			if errors.Is(err, errNoRecord) {
				return nil, notFound()
			}
			if err != nil {
				return nil, err
			}
			if err := c.api.store.remove(c.ctx, "group_user", r.id); err != nil {
				return nil, err
			}
			return c.nothing(), nil
		},
	}
	return rules
}
