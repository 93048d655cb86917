package transfer

import (
	"context"
	"slices"
	"strings"
	"sync"

	"ferry/backend"
)

// RunPlan carries out the ticked items of a plan: its transfers as at most one
// job a direction, and when all of these have ended well, its deletions. tell is
// given what became of every item, by one caller at a time; begun is told the
// jobs, and once more, with none, when the deletions begin. What must be looked
// at first is CheckPlan's. A job that is paused is waited for; when ctx ends,
// the jobs stay in the queue and nothing is deleted any more. A plan that was
// not brought to its end is among CutOffPlans of the next engine.
func (e *Engine) RunPlan(ctx context.Context, p backend.Plan, begun func([]backend.JobID), tell func(backend.PlanResult)) error {
	e.KeepPlan(p)
	err := e.runPlan(ctx, p, begun, tell)
	if err == nil && e.ctx.Err() == nil { // the end of the program is nothing that anybody was told
		e.ForgetPlan(p.Request)
	}
	return err
}

func (e *Engine) runPlan(ctx context.Context, p backend.Plan, begun func([]backend.JobID), tell func(backend.PlanResult)) error {
	r := newPlanRun(p, tell)
	well, err := r.transfers(ctx, e, begun)
	if err != nil {
		return err
	}
	if !well {
		r.rest(backend.PlanResult{State: backend.JobCancelled, Note: "kept, because not everything was transferred"})
		return nil
	}
	if p.Totals().Deletions == 0 {
		return nil
	}
	begun(nil)
	_ = e.FinishPlan(ctx, p, func(n int, err error) {
		res := backend.PlanResult{Item: n, State: backend.JobDone, Note: "deleted"}
		if err != nil {
			res = backend.PlanResult{Item: n, State: backend.JobFailed, Err: err}
		}
		r.told(res)
	})
	return ctx.Err() // every other failure was told with its item
}

// transfers runs the jobs of the plan to their end. What other jobs do later is
// not listened to.
func (r *planRun) transfers(ctx context.Context, e *Engine, begun func([]backend.JobID)) (well bool, err error) {
	stop := e.Observe(r.observe)
	defer stop()
	ids, err := e.StartPlan(ctx, r.plan)
	if err != nil || len(ids) == 0 {
		return err == nil, err
	}
	begun(ids)
	return r.wait(ctx, e, ids)
}

// planRun knows the items of a plan by what the engine calls them.
type planRun struct {
	plan  backend.Plan
	tell  func(backend.PlanResult)
	index map[backend.PlanAction]map[string]int
	left  map[int]bool // ticked items of which nothing was told yet

	mu     sync.Mutex
	events []planEvent
	woken  chan struct{}
}

type planEvent struct {
	job  backend.JobID
	item backend.ItemSnapshot
}

func newPlanRun(p backend.Plan, tell func(backend.PlanResult)) *planRun {
	r := &planRun{
		plan: p, tell: tell, left: map[int]bool{}, woken: make(chan struct{}, 1),
		index: map[backend.PlanAction]map[string]int{backend.PlanUpload: {}, backend.PlanDownload: {}},
	}
	for n, i := range p.Items {
		if !i.On || i.Action == backend.PlanNothing {
			continue
		}
		r.left[n] = true
		if names := r.index[i.Action]; names != nil {
			names[i.Name] = n
		}
	}
	return r
}

// observe keeps what the engine's owner says; it does not block it.
func (r *planRun) observe(id backend.JobID, i backend.ItemSnapshot) {
	r.mu.Lock()
	r.events = append(r.events, planEvent{id, i})
	r.mu.Unlock()
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// wait tells of the items of the jobs until all have ended. well is true when
// nothing failed and nobody cancelled.
func (r *planRun) wait(ctx context.Context, e *Engine, ids []backend.JobID) (well bool, err error) {
	way := map[backend.JobID]backend.PlanAction{}
	sub, stop := context.WithCancel(ctx)
	defer stop()
	snaps := e.Subscribe(sub)
	for {
		select {
		case s, ok := <-snaps:
			if !ok {
				if err := ctx.Err(); err != nil {
					return false, err
				}
				return false, errClosed
			}
			ended, well := true, true
			for _, id := range ids {
				n := slices.IndexFunc(s.Jobs, func(j backend.JobSnapshot) bool { return j.ID == id })
				if n < 0 { // taken off the list
					well = false
					continue
				}
				j := &s.Jobs[n]
				way[id] = backend.PlanUpload
				if j.Direction == backend.Download {
					way[id] = backend.PlanDownload
				}
				ended = ended && j.State.Ended()
				well = well && j.State == backend.JobDone && j.FilesFailed == 0
			}
			r.drain(way)
			if ended {
				r.settled(s, way)
				return well, nil
			}
		case <-r.woken:
			r.drain(way)
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// drain tells of the items of these jobs that have ended since.
func (r *planRun) drain(way map[backend.JobID]backend.PlanAction) {
	if len(way) == 0 {
		return // the first snapshot says which jobs these are
	}
	r.mu.Lock()
	events := r.events
	r.events = nil
	r.mu.Unlock()
	for _, ev := range events {
		n, ok := r.index[way[ev.job]][ev.item.Name]
		if !ok {
			continue
		}
		res := backend.PlanResult{
			Item: n, State: ev.item.State, Verified: ev.item.Verified, Note: ev.item.Note, Err: ev.item.Err,
		}
		if res.State == backend.JobCancelled {
			res.Note = whyLeft(r.plan.Items[n], ev.item)
		}
		r.told(res)
	}
}

// whyLeft says why a transfer of a plan was left out.
func whyLeft(i backend.PlanItem, was backend.ItemSnapshot) string {
	there := i.Remote
	if i.Action == backend.PlanDownload {
		there = i.Local
	}
	switch {
	case strings.Contains(was.Note, leftByHand):
		return was.Note
	case there == nil:
		return "left as it is: something has come there since the plan was made"
	}
	return "left as it is: that was the answer when it was asked about"
}

func (r *planRun) told(res backend.PlanResult) {
	delete(r.left, res.Item)
	r.tell(res)
}

// settled tells of the transfers that the engine did not speak of: an earlier
// run had done them, or the job was cancelled before it came to them.
func (r *planRun) settled(s backend.TransferSnapshot, way map[backend.JobID]backend.PlanAction) {
	state := map[backend.PlanAction]backend.JobState{}
	for i := range s.Jobs {
		if a, ok := way[s.Jobs[i].ID]; ok {
			state[a] = s.Jobs[i].State
		}
	}
	for n := range r.plan.Items {
		a := r.plan.Items[n].Action
		if !r.left[n] || a.Deletes() {
			continue
		}
		res := backend.PlanResult{Item: n, State: backend.JobCancelled, Note: "its transfer was cancelled"}
		if st, ok := state[a]; ok && st != backend.JobCancelled {
			res = backend.PlanResult{Item: n, State: backend.JobDone}
		}
		r.told(res)
	}
}

// rest tells the same of everything that is left.
func (r *planRun) rest(res backend.PlanResult) {
	for n := range r.plan.Items {
		if r.left[n] {
			res.Item = n
			r.told(res)
		}
	}
}
