package transfer

import (
	"context"

	"ferry/backend"
	"ferry/pathutil"
)

// deleters is how many entries a plan deletes at a time: each costs two short
// requests, which do not adapt to the site as those for data do.
const deleters = 8

// FinishPlan carries out the ticked deletions, several at a time, what is in a
// folder before the folder itself. It is called when the transfers have ended
// well. A folder that holds something which the plan did not know of stays;
// deleted is told of every one by its index in the plan, by one caller at a time
// and in no particular order. The error is ctx's when it ended, else that of the
// first failed item as the plan lists them.
func (e *Engine) FinishPlan(ctx context.Context, p backend.Plan, deleted func(n int, err error)) error {
	type ending struct {
		n   int
		err error
	}
	above, left, ready := deletions(p)
	ended := make(chan ending, deleters)
	var first error
	at, running := len(p.Items), 0
	for {
		for running < deleters && len(ready) > 0 && ctx.Err() == nil {
			n := ready[len(ready)-1]
			ready = ready[:len(ready)-1]
			running++
			go func() {
				ended <- ending{n, e.guard("delete", p.Items[n].Name, func() error { return e.deletePlanned(ctx, p, p.Items[n]) })}
			}()
		}
		if running == 0 {
			break
		}
		x := <-ended
		running--
		if x.err != nil && ctx.Err() != nil && backend.Cancelled(x.err) {
			continue // it says nothing of the item
		}
		deleted(x.n, x.err)
		if x.err != nil && x.n < at {
			first, at = x.err, x.n
		}
		if up, ok := above[x.n]; ok {
			if left[up]--; left[up] == 0 {
				ready = append(ready, up)
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return first
}

// deletions arranges the ticked deletions of a plan: above gives of each the
// nearest folder around it that is deleted too, left how many have to go before
// a folder, and ready those that can go at once.
func deletions(p backend.Plan) (above, left map[int]int, ready []int) {
	type place struct {
		action backend.PlanAction
		key    string
	}
	at := map[place]int{}
	for n, i := range p.Items {
		if i.On && i.Action.Deletes() {
			at[place{i.Action, pathutil.Fold(i.Name)}] = n
		}
	}
	above, left = map[int]int{}, map[int]int{}
	for n, i := range p.Items {
		if !i.On || !i.Action.Deletes() {
			continue
		}
		for dir := parent(pathutil.Fold(i.Name)); dir != ""; dir = parent(dir) {
			if up, ok := at[place{i.Action, dir}]; ok {
				above[n] = up
				left[up]++
				break
			}
		}
	}
	for n, i := range p.Items {
		if i.On && i.Action.Deletes() && left[n] == 0 {
			ready = append(ready, n)
		}
	}
	return above, left, ready
}

// deletePlanned removes one entry. What is gone already is no failure.
func (e *Engine) deletePlanned(ctx context.Context, p backend.Plan, i backend.PlanItem) error {
	remove, root := e.deleteRemote, p.Request.Remote
	if i.Action == backend.PlanDeleteLocal {
		remove, root = e.deleteLocal, p.Request.Local
	}
	if err := remove(ctx, root, i); !missing(err) {
		return err
	}
	return nil
}

// deleteLocal removes one entry, unless it is no longer what the plan saw.
func (e *Engine) deleteLocal(ctx context.Context, root string, i backend.PlanItem) error {
	now, err := e.cfg.Local.FindIn(ctx, root, i.Local.Name)
	if err != nil {
		return err
	}
	if !unchanged(i.Local, &node{rel: i.Local.Name, entry: now}) {
		return planChanged(i.Name)
	}
	return e.cfg.Local.RemoveIn(root, i.Local.Name)
}

// deleteRemote is deleteLocal for the site.
func (e *Engine) deleteRemote(ctx context.Context, root string, i backend.PlanItem) error {
	target := pathutil.Join(root, i.Remote.Name)
	var now backend.Entry
	err := e.ask(ctx, func(ctx context.Context) (err error) {
		now, err = e.site().Find(ctx, target)
		return err
	})
	if err != nil {
		return err
	}
	if !unchanged(i.Remote, &node{rel: i.Remote.Name, entry: now}) {
		return planChanged(i.Name)
	}
	return e.ask(ctx, func(ctx context.Context) error { return e.site().Delete(ctx, target, false) })
}
