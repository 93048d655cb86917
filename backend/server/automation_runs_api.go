package server

import (
	"context"
	"errors"
	"slices"
	"time"
)

func (a *recordAPI) automationRunRules() *recordRules {
	rules := &recordRules{}
	rules.derive = func(c *recordCall, r *record) (map[string]any, error) {
		return map[string]any{"status_messages_url": c.logURI("automation", r)}, nil
	}
	rules.open = true // seen by those who see the automation: scope and visible say so
	rules.scope = func(c *recordCall, rows []*record) ([]*record, error) {
		id, _ := c.params["automation_id"].(int64)
		if ok, err := c.ownsAutomation(id); err != nil || !ok {
			return nil, err
		}
		return slices.DeleteFunc(rows, func(r *record) bool { return r.doc["automation_id"] != id }), nil
	}
	one := func(next func(c *recordCall, r *record) (*recordReply, error)) func(c *recordCall) (*recordReply, error) {
		return stepped(func(c *recordCall) (*recordReply, error) {
			r, err := c.api.store.get(c.ctx, "automation_run", c.id())
			if errors.Is(err, errNoRecord) {
				return nil, notFound()
			}
			if err != nil {
				return nil, err
			}
			id, _ := r.doc["automation_id"].(int64)
			if ok, err := c.ownsAutomation(id); err != nil {
				return nil, err
			} else if !ok {
				return nil, notFound()
			}
			return next(c, r)
		})
	}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"list": stepped(func(c *recordCall) (*recordReply, error) { return c.list(rules) }),
		"find": one(func(c *recordCall, r *record) (*recordReply, error) { return c.object(rules, r) }),
		"find_node": one(func(c *recordCall, r *record) (*recordReply, error) {
			nodes, _ := r.doc["execution_nodes"].([]any)
			for _, v := range nodes {
				if n, _ := v.(map[string]any); n["node_id"] == c.params["node_id"] {
					return &recordReply{status: c.ep.Status, body: c.write(nil, "automation_execution_node", n, nil)}, nil
				}
			}
			return nil, notFound()
		}),
		"cancel": one(func(c *recordCall, r *record) (*recordReply, error) {
			r, err := c.api.runner.cancel(c.ctx, r, c.now)
			if err != nil {
				return nil, err
			}
			return c.object(rules, r)
		}),
		"rerun": one(func(c *recordCall, r *record) (*recordReply, error) {
			if s := r.doc["status"]; s == "queued" || s == "running" {
				return nil, wireErrorf("processing-failure/resource-locked", "The run has not ended")
			}
			id, _ := r.doc["automation_id"].(int64)
			automation, err := c.api.store.get(c.ctx, "automation", id)
			if errors.Is(err, errNoRecord) {
				return nil, notFound()
			}
			if err != nil {
				return nil, err
			}
			again, err := c.api.runner.start(c.ctx, automation, c.now, map[string]any{"rerun_of_run_id": r.id, "rerun_from_node_id": c.params["node_id"]})
			if err != nil {
				return nil, err
			}
			return c.object(rules, again)
		}),
	}
	return rules
}

// ownsAutomation tells whether the caller may see an automation; one that has
// been deleted is seen by admins.
func (c *recordCall) ownsAutomation(id int64) (bool, error) {
	if c.who.seesAll() {
		return true, nil
	}
	a, err := c.api.store.get(c.ctx, "automation", id)
	if errors.Is(err, errNoRecord) {
		return false, nil
	}
	return err == nil && a.doc["user_id"] == c.who.userID, err
}

// cancel ends a run that has not ended.
func (r *automationRunner) cancel(ctx context.Context, run *record, now time.Time) (*record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out, err := r.api.store.update(ctx, "automation_run", run.id, func(_ *recordTable, x *record) error {
		if x.doc["status"] != "queued" && x.doc["status"] != "running" {
			return wireErrorf("processing-failure/already-completed", "The run has ended already")
		}
		created, _ := x.doc["created_at"].(time.Time)
		x.doc["status"], x.doc["cancel_requested_at"], x.doc["completed_at"] = "canceled", now, now
		x.doc["runtime"] = now.Sub(created).Seconds()
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.forget(run.id)
	return out, nil
}

func (a *recordAPI) automationLogRules() *recordRules {
	rules := &recordRules{admin: true}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"list": stepped(func(c *recordCall) (*recordReply, error) { return c.list(rules) }),
	}
	return rules
}
