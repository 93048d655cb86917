package server

import (
	"errors"
	"fmt"
	"net/url"

	"ferry/pathutil"
)

// styleRules: the style of a folder has no operation that makes one; the first
// change does. Folder admins change it, whoever sees the folder sees it.
func (a *recordAPI) styleRules() *recordRules {
	rules := &recordRules{open: true}
	find := func(c *recordCall) (*record, string, error) {
		path := pathutil.Normalize(c.text("path"))
		ok, err := c.sees(path)
		if err == nil && !ok {
			err = notFound()
		}
		if err != nil {
			return nil, path, err
		}
		r, err := c.api.store.find(c.ctx, "style", func(r *record) bool {
			at, _ := r.doc["path"].(string)
			return pathutil.IsSame(at, path)
		})
		return r, path, err
	}
	admin := func(c *recordCall, path string) error {
		ok, err := c.may(path, "admin")
		if err == nil && !ok {
			err = wireErrorf("not-authorized/folder-admin-permission-required", "You must be an admin of the folder to do this")
		}
		return err
	}
	missing := func(err error) error {
		if errors.Is(err, errNoRecord) {
			return notFound()
		}
		return err
	}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"find": func(c *recordCall) (*recordReply, error) {
			r, _, err := find(c)
			if err != nil {
				return nil, missing(err)
			}
			return c.object(rules, r)
		},
		"update": func(c *recordCall) (*recordReply, error) {
			r, path, err := find(c)
			if err != nil && !errors.Is(err, errNoRecord) {
				return nil, err
			}
			if err := admin(c, path); err != nil {
				return nil, err
			}
			if c.api.tree != nil && !c.api.tree.Exists(c.ctx, path) {
				return nil, notFound()
			}
			doc, _, err := c.fields()
			if err != nil {
				return nil, err
			}
			if s, ok := doc["logo_click_href"].(string); ok && s != "" {
				if u, err := url.Parse(s); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
					return nil, fieldErrors{"logo_click_href": {"is invalid"}}.err()
				}
			}
			if r != nil {
				r, err = c.change(rules, r, doc, nil)
			} else {
				doc["path"] = path
				r, err = c.insert(rules, doc, nil)
			}
			if err != nil {
				return nil, err
			}
			return c.object(rules, r)
		},
		"delete": func(c *recordCall) (*recordReply, error) {
			r, path, err := find(c)
			if err != nil {
				return nil, missing(err)
			}
			if err := admin(c, path); err != nil {
				return nil, err
			}
			if err := c.api.store.remove(c.ctx, "style", r.id); err != nil {
				return nil, err
			}
			if err := c.dropFiles(nil, r); err != nil {
				return nil, err
			}
			return c.nothing(), nil
		},
	}
	return rules
}

// aiTaskRules: a run opens a chat. There is no model in the box, and the chat
// says so.
func (a *recordAPI) aiTaskRules() *recordRules {
	rules := &recordRules{admin: true}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"manual_run": func(c *recordCall) (*recordReply, error) {
			task, err := c.row(rules)
			if err != nil {
				return nil, err
			}
			message := func(id int64, role string, content any) map[string]any {
				return map[string]any{"id": id, "role": role, "content": content, "created_at": c.now}
			}
			doc := map[string]any{
				"title": task.doc["name"], "user_id": c.who.userID, "ai_task_id": task.id, "workspace_id": task.doc["workspace_id"],
				"created_at": c.now, "last_active_at": c.now,
				"messages": []any{
					message(1, "user", task.doc["prompt"]),
					message(2, "assistant", fmt.Sprintf("This site has no language model. The task %q was not carried out.", task.doc["name"])),
				},
			}
			if _, err := c.api.store.insert(c.ctx, "chat_session", &record{doc: doc}, nil); err != nil {
				return nil, err
			}
			return c.nothing(), nil
		},
	}
	return rules
}
