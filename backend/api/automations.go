package api

import (
	"context"
	"net/http"
	"time"

	"ferry/backend"
)

// Automations gives one page of the site's automations (PROTOCOL.md 13).
func (c *Client) Automations(ctx context.Context, q backend.Query) (backend.Page[backend.Automation], error) {
	return queried(ctx, c, "automation", "list automations", "/automations", q, nil, setAutomation)
}

// Automation reads one automation.
func (c *Client) Automation(ctx context.Context, id int64) (backend.Automation, error) {
	return one(ctx, c, &call{
		op: "find automation", path: plain(id), method: http.MethodGet, route: withID("/automations", id),
	}, setAutomation)
}

// SetAutomationDisabled switches an automation off or on.
func (c *Client) SetAutomationDisabled(ctx context.Context, id int64, disabled bool) (backend.Automation, error) {
	return one(ctx, c, &call{
		op: "update automation", path: plain(id), method: http.MethodPatch, route: withID("/automations", id),
		body: optional{"disabled": disabled}, repeatable: true,
	}, setAutomation)
}

// RunAutomation starts an automation now. Those that wait for an action cannot
// be: ClassAutomationCannotBeRunManually.
func (c *Client) RunAutomation(ctx context.Context, id int64) error {
	return c.act(ctx, "run automation", "/automations", id, "manual_run")
}

// AutomationRuns gives one page of the runs of an automation; the site wants
// one to be named.
func (c *Client) AutomationRuns(
	ctx context.Context, automationID int64, q backend.Query,
) (backend.Page[backend.AutomationRun], error) {
	var extra params
	extra.int("automation_id", automationID)
	return queried(ctx, c, "automation_run", "list automation runs", "/automation_runs", q, extra, setRun)
}

// AutomationRun reads one run.
func (c *Client) AutomationRun(ctx context.Context, id int64) (backend.AutomationRun, error) {
	return one(ctx, c, &call{
		op: "find automation run", path: plain(id), method: http.MethodGet, route: withID("/automation_runs", id),
	}, setRun)
}

// CancelAutomationRun asks the site to end a run.
func (c *Client) CancelAutomationRun(ctx context.Context, id int64) (backend.AutomationRun, error) {
	return c.runAction(ctx, "cancel automation run", id, "cancel", nil)
}

// RerunAutomationRun starts a new run like the given one, from nodeID on where the
// automation has nodes; "" is the beginning.
func (c *Client) RerunAutomationRun(ctx context.Context, id int64, nodeID string) (backend.AutomationRun, error) {
	body := optional{}
	if nodeID != "" {
		body["node_id"] = nodeID
	}
	return c.runAction(ctx, "rerun automation run", id, "rerun", body)
}

func (c *Client) runAction(ctx context.Context, op string, id int64, action string, body any) (backend.AutomationRun, error) {
	r := &call{op: op, path: plain(id), method: http.MethodPost, route: withID("/automation_runs", id, action), body: body}
	a, err := c.do(ctx, r)
	if err != nil {
		return backend.AutomationRun{}, err
	}
	if len(a.data) == 0 {
		return backend.AutomationRun{ID: id}, nil
	}
	run, err := decodeOne(a.data, setRun)
	if err != nil {
		return run, named(unreadable(a, err), op, r.path)
	}
	return run, nil
}

// AutomationLogs gives one page of what a run has logged; with run 0 of what
// all automations have. The filters of this list are undocumented, so the site
// judges them.
func (c *Client) AutomationLogs(ctx context.Context, runID int64, q backend.Query) (backend.Page[backend.LogLine], error) {
	if err := checkOps(q); err != nil {
		return backend.Page[backend.LogLine]{}, named(err, "list automation logs", "")
	}
	p := listParams(q)
	p.int("filter[automation_run_id]", runID)
	return listOf(ctx, c, &call{
		op: "list automation logs", method: http.MethodGet, route: "/automation_logs", query: p,
	}, q.Cursor, setAutomationLog)
}

func setAutomation(a *backend.Automation, key []byte, s *scanner) {
	switch string(key) {
	case "id":
		a.ID = s.int()
	case "name":
		a.Name = s.text()
	case "description":
		a.Description = s.text()
	case "automation":
		a.Type = s.text()
	case "trigger":
		a.Trigger = s.text()
	case "interval":
		a.Interval = s.text()
	case "human_readable_schedule":
		a.Schedule = s.text()
	case "path":
		a.Path = s.text()
	case "source":
		a.Source = s.text()
	case "destinations":
		a.Destinations = s.strings()
	case "exclude_pattern":
		a.ExcludePattern = s.text()
	case "disabled":
		a.Disabled = s.bool()
	case "username":
		a.Owner = s.text()
	case "user_id":
		a.UserID = s.int()
	case "last_modified_at":
		a.LastModifiedAt = s.time()
	case "next_run_at":
		a.NextRunAt = s.time()
	case "overwrite_files":
		a.AlwaysOverwrite = s.bool()
	default:
		s.skip()
	}
}

func setRun(r *backend.AutomationRun, key []byte, s *scanner) {
	switch string(key) {
	case "id":
		r.ID = s.int()
	case "automation_id":
		r.AutomationID = s.int()
	case "status":
		r.Status = backend.RunStatus(s.text())
	case "created_at":
		r.CreatedAt = s.time()
	case "completed_at":
		r.CompletedAt = s.time()
	case "runtime":
		r.Runtime = time.Duration(s.float() * float64(time.Second))
	case "successful_operations":
		r.SuccessfulOperations = s.int()
	case "failed_operations":
		r.FailedOperations = s.int()
	case "retry_of_run_id":
		r.RetryOfRunID = s.int()
	case "retried_in_run_id":
		r.RetriedInRunID = s.int()
	case "status_messages_url":
		r.StatusMessagesURL = s.text()
	default:
		s.skip()
	}
}

func setAutomationLog(l *backend.LogLine, key []byte, s *scanner) {
	switch string(key) {
	case "timestamp":
		l.At = s.time()
	case "created_at":
		if t := s.time(); l.At.IsZero() {
			l.At = t
		}
	case "status":
		l.Status = s.text()
	case "automation_run_id":
		l.RunID = s.int()
	case "operation":
		l.What = s.text()
	case "path":
		l.Path = s.text()
	case "message":
		l.Text = s.text()
	default:
		s.skip()
	}
}
