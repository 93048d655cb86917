package server

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long a run stays in each state, on the clock of the site.
const (
	runQueuedFor  = time.Second
	runRunningFor = 3 * time.Second
)

// tickEvery is how often the runner looks whether something is due.
const tickEvery = 250 * time.Millisecond

// automationRunner makes runs go on: queued, running, ended. It has no clock of
// its own: step is called with the present, by loop on a timer and before every
// answer about runs, so that a test with a clock that it sets sees each state.
type automationRunner struct {
	api *recordAPI

	// mu is held while runs are looked at and changed, never while one works.
	mu       sync.Mutex
	loaded   bool
	patience time.Duration  // workPatience
	shift    *shift         // the work under way, nil for none
	work     sync.WaitGroup // of the shifts
	active   []int64        // runs that have not ended, oldest first
	retry    []int64        // runs that failed and will be tried again
	syncs    []int64        // runs of syncs that are due
	// By automation, and by sync with a minus: when the clock starts it, and the
	// version that this is known of.
	next map[int64]time.Time
	made map[int64]uint64
}

func newAutomationRunner(a *recordAPI) *automationRunner {
	return &automationRunner{api: a, patience: workPatience, next: map[int64]time.Time{}}
}

// loop steps until the context ends. The server owns it.
func (r *automationRunner) loop(ctx context.Context) {
	t := time.NewTicker(tickEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			// What cannot be stored now is tried again by the next tick; a client
			// that asks for the run gets the error.
			_ = r.step(ctx, r.api.now().UTC())
		}
	}
}

// start queues a run of an automation. extra are fields of the run beyond the
// usual ones.
func (r *automationRunner) start(ctx context.Context, automation *record, now time.Time, extra map[string]any) (*record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	return r.queue(ctx, automation, now, extra)
}

func (r *automationRunner) queue(ctx context.Context, automation *record, now time.Time, extra map[string]any) (*record, error) {
	version, _ := automation.doc["version"].(int64)
	doc := map[string]any{
		"automation_id": automation.id, "automation_version_id": version, "version": version, "workspace_id": int64(0),
		"created_at": now, "status": "queued", "successful_operations": int64(0), "failed_operations": int64(0),
		"live": true,
	}
	for k, v := range extra {
		doc[k] = v
	}
	run, err := r.api.store.insert(ctx, "automation_run", &record{doc: doc}, nil)
	if err != nil {
		return nil, err
	}
	r.active = append(r.active, run.id)
	return run, nil
}

// load finds the runs that a restart has interrupted. Only the runs of this
// site count: those of the demo's past have no "live".
func (r *automationRunner) load(ctx context.Context) error {
	if r.loaded {
		return nil
	}
	rows, err := r.api.store.all(ctx, "automation_run")
	if err != nil {
		return err
	}
	for _, run := range rows {
		switch {
		case run.doc["live"] != true:
		case run.doc["status"] == "queued" || run.doc["status"] == "running":
			r.active = append(r.active, run.id)
		case run.doc["retry_at"] != nil && run.doc["retried_at"] == nil:
			r.retry = append(r.retry, run.id)
		}
	}
	runs, err := r.api.store.all(ctx, "sync_run")
	if err != nil {
		return err
	}
	for _, run := range runs {
		if run.doc["live"] == true && run.doc["status"] == "in_progress" {
			r.syncs = append(r.syncs, run.id)
		}
	}
	r.loaded = true
	return nil
}

// workPatience is how long an answer waits for work that is under way. Work that
// takes longer shows as what it is.
const workPatience = 5 * time.Second

// shift is work under way: one goroutine of the site carries out the runs that
// are due, one after the other, whoever has asked for them.
type shift struct {
	over chan struct{} // closed at the end
	late chan struct{} // closed when nobody should wait for it any longer
	err  error         // why it ended early; read once it is over
}

// step does everything that is due at a moment. It waits for the work of runs,
// but not for long.
func (r *automationRunner) step(ctx context.Context, now time.Time) error {
	return r.steps(ctx, now, func(s *shift) <-chan struct{} { return s.late })
}

// stepThrough is step for who waits for all of it.
func (r *automationRunner) stepThrough(ctx context.Context, now time.Time) error {
	return r.steps(ctx, now, func(*shift) <-chan struct{} { return nil })
}

func (r *automationRunner) steps(ctx context.Context, now time.Time, enough func(*shift) <-chan struct{}) error {
	for {
		s, err := r.begin(ctx, now)
		if err != nil || s == nil {
			return err
		}
		select {
		case <-s.over:
			if s.err != nil {
				return s.err
			}
		case <-enough(s):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// begin brings the records up to a moment and starts the work that is due, under
// the context of the site: who asks may go away meanwhile. The result is the work
// under way, nil when there is none.
func (r *automationRunner) begin(ctx context.Context, now time.Time) (*shift, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.api.ctx.Err(); err != nil {
		return nil, err
	}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	if err := r.schedule(ctx, now); err != nil {
		return nil, err
	}
	if err := r.retries(ctx, now); err != nil {
		return nil, err
	}
	due, err := r.due(ctx, now)
	if err != nil || r.shift != nil || len(due) == 0 {
		return r.shift, err
	}
	s := &shift{over: make(chan struct{}), late: make(chan struct{})}
	r.shift = s
	r.work.Add(1)
	go r.carryOut(s, due, r.patience)
	return s, nil
}

// due moves the runs on by as many states as they are due, and gives the work of
// those that now have to do theirs.
func (r *automationRunner) due(ctx context.Context, now time.Time) (work []func(context.Context) error, err error) {
	for _, id := range slices.Clone(r.active) {
		run, err := r.api.store.get(ctx, "automation_run", id)
		if errors.Is(err, errNoRecord) {
			r.forget(id)
			continue
		}
		if err != nil {
			return nil, err
		}
		run, ready, err := r.advance(ctx, run, now)
		if err != nil {
			return nil, err
		}
		if ready {
			created, _ := run.doc["created_at"].(time.Time)
			work = append(work, func(ctx context.Context) error { return r.finish(ctx, run, created.Add(runQueuedFor+runRunningFor)) })
		}
	}
	syncs, err := r.dueSyncs(ctx, now)
	return append(work, syncs...), err
}

// carryOut is the goroutine of a shift.
func (r *automationRunner) carryOut(s *shift, work []func(context.Context) error, patience time.Duration) {
	defer r.work.Done()
	late := time.AfterFunc(patience, func() { close(s.late) })
	defer late.Stop()
	defer func() {
		if p := recover(); p != nil {
			s.err = fmt.Errorf("panic in the work of a run: %v\n%s", p, debug.Stack())
		}
		r.mu.Lock()
		r.shift = nil
		r.mu.Unlock()
		close(s.over)
	}()
	for _, do := range work {
		if s.err = do(r.api.ctx); s.err != nil {
			return
		}
	}
}

// wait waits for the work under way; the context of the site has ended.
func (r *automationRunner) wait() {
	r.mu.Lock()   // nobody begins after this
	r.mu.Unlock() //nolint:staticcheck // it only orders the two
	r.work.Wait()
}

func (r *automationRunner) forget(id int64) {
	r.active = slices.DeleteFunc(r.active, func(x int64) bool { return x == id })
}

// advance moves one run on by as many states as are due, and tells whether its
// work is.
func (r *automationRunner) advance(ctx context.Context, run *record, now time.Time) (*record, bool, error) {
	created, _ := run.doc["created_at"].(time.Time)
	if run.doc["status"] == "queued" {
		if now.Sub(created) < runQueuedFor {
			return run, false, nil
		}
		var err error
		if run, err = r.set(ctx, run.id, map[string]any{"status": "running"}); err != nil {
			return nil, false, err
		}
	}
	if run.doc["status"] != "running" {
		r.forget(run.id)
		return run, false, nil
	}
	return run, now.Sub(created) >= runQueuedFor+runRunningFor, nil
}

func (r *automationRunner) set(ctx context.Context, id int64, doc map[string]any) (*record, error) {
	return r.api.store.update(ctx, "automation_run", id, func(_ *recordTable, run *record) error {
		for k, v := range doc {
			run.doc[k] = v
		}
		return nil
	})
}

// finish does the work of a run and writes how it ended.
func (r *automationRunner) finish(ctx context.Context, run *record, at time.Time) error {
	id, _ := run.doc["automation_id"].(int64)
	automation, err := r.api.store.get(ctx, "automation", id)
	if errors.Is(err, errNoRecord) {
		return r.ended(ctx, run.id, map[string]any{"status": "skipped", "completed_at": at})
	}
	if err != nil {
		return err
	}
	x := &execution{api: r.api, automation: automation, run: run, at: at}
	if err := x.do(ctx); err != nil {
		return err
	}
	status := "success"
	switch {
	case x.bad > 0 && x.good > 0:
		status = "partial_failure"
	case x.bad > 0:
		status = "failure"
	}
	created, _ := run.doc["created_at"].(time.Time)
	end := map[string]any{
		"status": status, "completed_at": at, "runtime": at.Sub(created).Seconds(),
		"successful_operations": x.good, "failed_operations": x.bad,
	}
	if x.nodes != nil {
		end["execution_nodes"] = x.nodes
	}
	attempts, _ := automation.doc["retry_on_failure_number_of_attempts"].(int64)
	attempt, _ := run.doc["attempt"].(int64)
	if minutes, _ := automation.doc["retry_on_failure_interval_in_minutes"].(int64); status == "failure" && minutes > 0 && attempt < attempts {
		end["retry_at"] = at.Add(time.Duration(minutes) * time.Minute)
	}
	return r.ended(ctx, run.id, end)
}

// ended writes how a run ended. One that was canceled while it worked stays so,
// with the counts of what it had done by then.
func (r *automationRunner) ended(ctx context.Context, id int64, end map[string]any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	run, err := r.api.store.update(ctx, "automation_run", id, func(_ *recordTable, run *record) error {
		canceled := run.doc["status"] == "canceled"
		for k, v := range end {
			if !canceled || k == "successful_operations" || k == "failed_operations" || k == "execution_nodes" {
				run.doc[k] = v
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errNoRecord) {
		return err
	}
	r.forget(id)
	if err == nil && run.doc["retry_at"] != nil {
		r.retry = append(r.retry, id)
	}
	return nil
}

// retries queues the runs whose time to be tried again has come.
func (r *automationRunner) retries(ctx context.Context, now time.Time) error {
	for _, id := range slices.Clone(r.retry) {
		run, err := r.api.store.get(ctx, "automation_run", id)
		if err != nil && !errors.Is(err, errNoRecord) {
			return err
		}
		if err == nil {
			if at, _ := run.doc["retry_at"].(time.Time); at.After(now) {
				continue
			}
			automationID, _ := run.doc["automation_id"].(int64)
			automation, err := r.api.store.get(ctx, "automation", automationID)
			if err == nil && automation.doc["disabled"] != true {
				attempt, _ := run.doc["attempt"].(int64)
				again, err := r.queue(ctx, automation, now, map[string]any{"retry_of_run_id": id, "attempt": attempt + 1})
				if err != nil {
					return err
				}
				if _, err := r.set(ctx, id, map[string]any{"retried_at": now, "retried_in_run_id": again.id}); err != nil {
					return err
				}
			}
		}
		r.retry = slices.DeleteFunc(r.retry, func(x int64) bool { return x == id })
	}
	return nil
}

// schedule starts what the clock starts: automations and syncs. A moment that
// passed while the site was down is not made up for.
func (r *automationRunner) schedule(ctx context.Context, now time.Time) error {
	automations, err := r.api.store.all(ctx, "automation")
	if err != nil {
		return err
	}
	syncs, err := r.api.store.all(ctx, "sync")
	if err != nil {
		return err
	}
	zone, err := r.api.zone(ctx)
	if err != nil {
		return err
	}
	for _, a := range automations {
		if !r.starts(a.id, a, now, zone) {
			continue
		}
		if _, err := r.queue(ctx, a, now, nil); err != nil {
			return err
		}
	}
	for _, s := range syncs {
		if !r.starts(-s.id, s, now, zone) {
			continue
		}
		if err := r.queueSync(ctx, s, now, false); err != nil {
			return err
		}
	}
	return nil
}

// starts tells whether the clock starts something now, and finds out when it does
// so next.
func (r *automationRunner) starts(key int64, what *record, now time.Time, zone func(time.Time) time.Time) bool {
	if t := what.doc["trigger"]; t != "daily" && t != "custom_schedule" || what.doc["disabled"] == true {
		delete(r.next, key)
		return false
	}
	version, _ := what.doc["version"].(int64)
	at, known := r.next[key]
	known = known && r.made[key] == uint64(version)
	if known && now.Before(at) {
		return false
	}
	if r.made == nil {
		r.made = map[int64]uint64{}
	}
	r.made[key] = uint64(version)
	if r.next[key] = nextRun(what.doc, now, zone); r.next[key].IsZero() {
		r.next[key] = now.AddDate(10, 0, 0)
	}
	return known && !at.IsZero()
}

// onAction starts the automations that a change of the tree triggers: action is
// one of their trigger_actions.
func (r *automationRunner) onAction(ctx context.Context, action, path string) error {
	rows, err := r.api.store.all(ctx, "automation")
	if err != nil {
		return err
	}
	for _, a := range rows {
		actions, _ := a.doc["trigger_actions"].([]any)
		if a.doc["trigger"] != "action" || a.doc["disabled"] == true || !slices.Contains(actions, any(action)) {
			continue
		}
		folder, _ := a.doc["path"].(string)
		source, _ := a.doc["source"].(string)
		if !matchesSource(folder, source, path) {
			continue
		}
		if _, err := r.start(ctx, a, r.api.now().UTC().Truncate(time.Second), map[string]any{"trigger_path": path}); err != nil {
			return err
		}
	}
	return nil
}

// matchesSource tells whether a path is one that an automation is about.
func matchesSource(folder, source, path string) bool {
	if source == "" {
		source = "**"
	}
	return matchesAnyOf(braces(strings.Trim(folder, "/")+"/"+strings.Trim(source, "/")), path)
}

// behaves asks the demo world how an automation of its own turns out; one that
// somebody has changed does what it says.
func (r *automationRunner) behaves(a *record) string {
	if v, _ := a.doc["version"].(int64); v > 1 {
		return ""
	}
	return r.api.store.world.Behaves(a.id)
}
