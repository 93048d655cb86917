package api

import (
	"context"
	"iter"

	"ferry/backend"
)

// All gives every entry of a folder, or of the tree below it with q.Recursive,
// page by page as they are asked for. Like every sequence of this package it
// starts at q.Cursor, and ends with the first error, which comes with a zero
// value; breaking off costs no further request.
func (c *Client) All(ctx context.Context, path string, q backend.FolderQuery) iter.Seq2[backend.Entry, error] {
	return pages(q.Cursor, func(cursor string) (backend.Page[backend.Entry], error) {
		q.Cursor = cursor
		return c.List(ctx, path, q)
	})
}

// AllUsers gives every user of the site; see All.
func (c *Client) AllUsers(ctx context.Context, q backend.Query) iter.Seq2[backend.User, error] {
	return every(ctx, q, c.Users)
}

// AllGroups gives every group of the site; see All.
func (c *Client) AllGroups(ctx context.Context, q backend.Query) iter.Seq2[backend.Group, error] {
	return every(ctx, q, c.Groups)
}

// AllAutomations gives every automation of the site; see All.
func (c *Client) AllAutomations(ctx context.Context, q backend.Query) iter.Seq2[backend.Automation, error] {
	return every(ctx, q, c.Automations)
}

// AllAutomationRuns gives every run of an automation; see All.
func (c *Client) AllAutomationRuns(
	ctx context.Context, automationID int64, q backend.Query,
) iter.Seq2[backend.AutomationRun, error] {
	return every(ctx, q, func(ctx context.Context, q backend.Query) (backend.Page[backend.AutomationRun], error) {
		return c.AutomationRuns(ctx, automationID, q)
	})
}

// AllAutomationLogs gives every line that a run has logged, with run 0 those of
// all runs; see All.
func (c *Client) AllAutomationLogs(ctx context.Context, runID int64, q backend.Query) iter.Seq2[backend.LogLine, error] {
	return every(ctx, q, func(ctx context.Context, q backend.Query) (backend.Page[backend.LogLine], error) {
		return c.AutomationLogs(ctx, runID, q)
	})
}

// AllHistory gives every action that HistoryOf lists; see All.
func (c *Client) AllHistory(ctx context.Context, q HistoryQuery) iter.Seq2[backend.LogLine, error] {
	return every(ctx, q.Query, func(ctx context.Context, page backend.Query) (backend.Page[backend.LogLine], error) {
		q.Query = page
		return c.HistoryOf(ctx, q)
	})
}

// All gives every object, page by page as they are asked for; see [Client.All].
func (r *Resource) All(ctx context.Context, q backend.Query, params map[string]any) iter.Seq2[backend.Record, error] {
	return every(ctx, q, func(ctx context.Context, q backend.Query) (backend.Page[backend.Record], error) {
		return r.List(ctx, q, params)
	})
}

// All gives every object, page by page as they are asked for; see [Client.All].
func (n Typed[T]) All(ctx context.Context, q backend.Query, params map[string]any) iter.Seq2[T, error] {
	return every(ctx, q, func(ctx context.Context, q backend.Query) (backend.Page[T], error) {
		return n.List(ctx, q, params)
	})
}

func every[T any](
	ctx context.Context, q backend.Query, list func(context.Context, backend.Query) (backend.Page[T], error),
) iter.Seq2[T, error] {
	return pages(q.Cursor, func(cursor string) (backend.Page[T], error) {
		q.Cursor = cursor
		return list(ctx, q)
	})
}

// pages walks over all pages from cursor on. An empty page with a cursor is
// legal and passed over (PROTOCOL.md 5), but not one whose cursor leads back to
// an empty page before it: that would never end.
func pages[T any](cursor string, get func(cursor string) (backend.Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		empty := map[string]bool{} // cursors of the empty pages since the last full one
		for next := cursor; ; {
			p, err := get(next)
			if err == nil && len(p.Items) == 0 && p.Next != "" && empty[p.Next] {
				err = stuck()
			}
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			if len(p.Items) == 0 {
				empty[next] = true
			} else {
				clear(empty)
			}
			for _, item := range p.Items {
				if !yield(item, nil) {
					return
				}
			}
			if next = p.Next; next == "" {
				return
			}
		}
	}
}

// stuck is the error of a list that would never end.
func stuck() *backend.Error {
	return &backend.Error{
		Class: backend.ClassAPI, Group: backend.APIFailure, Title: "Cursor Does Not Advance",
		Message: "The site answered with the same page position again.",
	}
}
