// Package syncplan shows a sync as a plan: what would be moved and deleted and
// why, line by line, with ticks; it compares, runs, saves and loads plans.
package syncplan

import (
	"context"

	"ferry/backend"
)

// Engine is the transfer engine as this screen needs it.
type Engine interface {
	Compare(ctx context.Context, req backend.SyncRequest, seen func(backend.SyncProgress)) (backend.Plan, error)
	CheckPlan(ctx context.Context, p *backend.Plan, seen func(backend.SyncProgress)) ([]backend.PlanChange, error)
	RunPlan(ctx context.Context, p backend.Plan, begun func([]backend.JobID), tell func(backend.PlanResult)) error
	// Observe tells f of every file that has ended, until stop is called. f must
	// not block.
	Observe(f func(backend.JobID, backend.ItemSnapshot)) (stop func())
	// PlanPlace refuses a file that SavePlan would not replace.
	PlanPlace(file string) error
	SavePlan(file string, p backend.Plan) error
	LoadPlan(file string) (backend.Plan, error)
	// CutOffPlans are those whose deletions an earlier program did not come to.
	CutOffPlans() []backend.CutOffPlan
	// ForgetPlan takes a request's folders out of these.
	ForgetPlan(r backend.SyncRequest)
}

// Disk is this machine as far as plans lie on it. Paths are absolute and in the
// system's own form.
type Disk interface {
	Home() string
	Parent(dir string) string
	Join(dir, name string) string
	Find(ctx context.Context, path string) (backend.Entry, error)
}

// Options is how the screen starts.
type Options struct {
	ReadOnly bool     // nothing on the site may be changed
	Demo     bool     // the site ends with the program
	Login    []string // the flags with which a command gets to this site
}
