package server

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ferry/pathutil"
)

// automationRules are the rules of automations (PROTOCOL.md 13).
func (a *recordAPI) automationRules() *recordRules {
	rules := &recordRules{save: saveAutomation, before: checkAutomation}
	rules.derive = func(_ *recordCall, r *record) (map[string]any, error) {
		return map[string]any{"human_readable_schedule": describeSchedule(r.doc)}, nil
	}
	rules.scope = func(_ *recordCall, rows []*record) ([]*record, error) { return rows, nil }
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"manual_run": func(c *recordCall) (*recordReply, error) { return c.manualRun(rules) },
		"upgrade":    func(c *recordCall) (*recordReply, error) { return c.upgrade(rules) },
		"get_authoring_schema": func(c *recordCall) (*recordReply, error) {
			return &recordReply{status: c.ep.Status, body: c.write(nil, "automation_authoring_schema", authoringSchema, nil)}, nil
		},
	}
	return rules
}

// checkAutomation: who is no site admin makes automations of folders that he
// administers, into folders where he may write.
func checkAutomation(c *recordCall, doc map[string]any, old *record) error {
	if c.who.siteAdmin {
		return nil
	}
	all := map[string]any{}
	if old != nil {
		maps.Copy(all, old.doc)
	}
	maps.Copy(all, doc)
	path, _ := all["path"].(string)
	parts := []map[string]any{all}
	definition, _ := all["definition"].(map[string]any)
	nodes, _ := definition["nodes"].([]any)
	for _, v := range nodes {
		n, _ := v.(map[string]any)
		part := map[string]any{"path": path, "automation": n["type"]}
		maps.Copy(part, n)
		parts = append(parts, part)
	}
	for _, part := range parts {
		path, _ := part["path"].(string)
		if ok, err := c.may(fixedPart(path), "admin"); err != nil {
			return err
		} else if !ok {
			return wireErrorf("not-authorized/folder-admin-permission-required", "You must be an admin of the folder to do this")
		}
		list, _ := part["destinations"].([]any)
		for _, v := range list {
			dest, _ := v.(string)
			if part["automation"] == "create_folder" {
				dest = path + "/" + dest
			}
			if ok, err := c.may(fixedPart(dest), "writeonly"); err != nil {
				return err
			} else if !ok {
				return wireErrorf("not-authorized/write-permission-required", "You do not have permission to write to %s", sitePath(dest))
			}
		}
	}
	return nil
}

// fixedPart is the folder that a pattern or a destination lies in whatever its
// stars and tokens come to.
func fixedPart(path string) string {
	elements := pathutil.Split(path)
	for i, e := range elements {
		if strings.ContainsAny(e, "*?[{%") {
			return strings.Join(elements[:i], "/")
		}
	}
	return strings.Join(elements, "/")
}

// authoringSchema is what a definition of version 2 may consist of here.
var authoringSchema = map[string]any{
	"schema_url": "https://json-schema.org/draft/2020-12/schema",
	"definition_schema": map[string]any{
		"type": "object", "required": []any{"version", "nodes"},
		"properties": map[string]any{"version": map[string]any{"const": int64(2)}, "nodes": map[string]any{"type": "array"}},
	},
	"nodes": []any{
		map[string]any{"type": "find_files"},
		map[string]any{"type": "copy_file"},
		map[string]any{"type": "move_file"},
		map[string]any{"type": "delete_file"},
		map[string]any{"type": "create_folder"},
	},
	"error_families": []any{map[string]any{"name": "not-found"}, map[string]any{"name": "processing-failure"}},
}

func saveAutomation(c *recordCall, _ *recordTable, r, old *record) error {
	bad := fieldErrors{}
	d := r.doc
	empty := func(f string) bool {
		switch v := d[f].(type) {
		case nil:
			return true
		case string:
			return strings.TrimSpace(v) == ""
		case []any:
			return len(v) == 0
		}
		return false
	}
	if d["trigger"] == nil || d["trigger"] == "" {
		d["trigger"] = "manual"
	}
	kind, _ := d["automation"].(string)
	switch kind {
	case "copy_file", "move_file", "create_folder":
		if empty("destinations") {
			bad.add("destinations", "can't be blank")
		}
	case "run_sync":
		if empty("sync_ids") {
			d["sync_ids"] = []any{}
		}
	}
	if (kind == "copy_file" || kind == "move_file" || kind == "delete_file") && empty("source") {
		bad.add("source", "can't be blank")
	}
	switch d["trigger"] {
	case "daily":
		if empty("interval") {
			bad.add("interval", "can't be blank")
		}
	case "custom_schedule":
		if empty("schedule_days_of_week") && d["schedule_id"] == nil {
			bad.add("schedule_days_of_week", "can't be blank")
		}
		if empty("schedule_times_of_day") && d["schedule_id"] == nil {
			bad.add("schedule_times_of_day", "can't be blank")
		}
	case "action":
		if empty("trigger_actions") {
			bad.add("trigger_actions", "can't be blank")
		}
	case "webhook":
		if empty("webhook_url") {
			d["webhook_url"] = fmt.Sprintf("https://app.files.com/api/webhooks/%012x", c.now.UnixNano()&0xffffffffffff)
		}
	case "email":
		if empty("inbound_email_address") {
			d["inbound_email_address"] = fmt.Sprintf("automation-%08x@inbox.example.com", c.now.UnixNano()&0xffffffff)
		}
	}
	if n, ok := d["retry_on_failure_interval_in_minutes"].(int64); ok && n != 0 && (n < 5 || n > 1440) {
		bad.add("retry_on_failure_interval_in_minutes", "must be between 5 and 1440")
	}
	if n, ok := d["retry_on_failure_number_of_attempts"].(int64); ok && (n < 0 || n > 10) {
		bad.add("retry_on_failure_number_of_attempts", "must be less than or equal to 10")
	}
	if days, _ := d["schedule_days_of_week"].([]any); slices.ContainsFunc(days, func(v any) bool { n, _ := v.(int64); return n < 0 || n > 6 }) {
		bad.add("schedule_days_of_week", "is invalid")
	}
	times, _ := d["schedule_times_of_day"].([]any)
	for _, v := range times {
		s, _ := v.(string)
		if _, _, ok := clockTime(s); !ok {
			bad.add("schedule_times_of_day", "is invalid")
			break
		}
	}
	if err := bad.err(); err != nil {
		return err
	}
	for _, f := range []string{"path", "source", "exclude_pattern", "description"} {
		if d[f] == nil {
			d[f] = ""
		}
	}
	version := int64(0)
	if old != nil {
		version, _ = old.doc["version"].(int64)
	}
	d["version"], d["deleted"] = version+1, false
	d["schedule"] = nil
	if len(times) > 0 {
		d["schedule"] = map[string]any{"days_of_week": d["schedule_days_of_week"], "times_of_day": times, "time_zone": d["schedule_time_zone"]}
	}
	return nil
}

// describeSchedule says in words when an automation runs; nil when no clock
// starts it.
func describeSchedule(d map[string]any) any {
	switch d["trigger"] {
	case "daily":
		interval, _ := d["interval"].(string)
		if interval == "" {
			return nil
		}
		if at, isEnd := strings.CutSuffix(interval, "_end"); isEnd {
			return "At the end of every " + at
		}
		return "Every " + interval
	case "custom_schedule":
		names := []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
		var days, times []string
		list, _ := d["schedule_days_of_week"].([]any)
		for _, v := range list {
			if n, ok := v.(int64); ok && n >= 0 && n < 7 {
				days = append(days, names[n])
			}
		}
		list, _ = d["schedule_times_of_day"].([]any)
		for _, v := range list {
			if s, ok := v.(string); ok {
				times = append(times, s)
			}
		}
		if len(days) == 7 {
			days = []string{"Every day"}
		}
		return strings.Join(days, ", ") + " at " + strings.Join(times, ", ")
	}
	return nil
}

// manualRun queues a run.
func (c *recordCall) manualRun(rules *recordRules) (*recordReply, error) {
	r, err := c.row(rules)
	if err != nil {
		return nil, err
	}
	if r.doc["trigger"] == "action" {
		return nil, wireErrorf("processing-failure/automation-cannot-be-run-manually", "An automation that an action triggers cannot be run manually")
	}
	if r.doc["disabled"] == true {
		return nil, wireErrorf("processing-failure/automation-cannot-be-run-manually", "The automation is disabled")
	}
	if _, err := c.api.runner.start(c.ctx, r, c.now, nil); err != nil {
		return nil, err
	}
	return c.nothing(), nil
}

// upgrade writes an automation of version 1 as a definition of nodes.
func (c *recordCall) upgrade(rules *recordRules) (*recordReply, error) {
	old, err := c.row(rules)
	if err != nil {
		return nil, err
	}
	if old.doc["automation"] == "v2" {
		return nil, wireErrorf("processing-failure/already-completed", "The automation is of version 2 already")
	}
	r, err := c.api.store.update(c.ctx, "automation", old.id, func(_ *recordTable, r *record) error {
		kind, _ := old.doc["automation"].(string)
		r.doc["automation"] = "v2"
		r.doc["definition"] = map[string]any{"version": int64(2), "nodes": []any{
			map[string]any{"id": "find", "type": "find_files", "path": old.doc["path"], "source": old.doc["source"]},
			map[string]any{"id": "act", "type": kind, "input": "find", "destinations": old.doc["destinations"]},
		}}
		r.doc["last_modified_at"] = c.now
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c.object(rules, r)
}
