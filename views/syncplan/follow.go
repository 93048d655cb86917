package syncplan

import (
	"context"
	"sync"

	"ferry/backend"
	"ferry/keymap"
)

// follow ties the lines of a plan to the transfers that its runs have started:
// what becomes of these later, when somebody tries again what has failed, is
// shown by the lines as well.
type follow struct {
	once   sync.Once
	within context.Context // ends when the plan is put away
	cancel context.CancelFunc

	mu    sync.Mutex
	lines map[string]int // those of a run, by the names that its transfers use
	jobs  map[backend.JobID]bool
	ended []backend.PlanResult
	open  bool // a transfer of the plan has not ended
}

func newFollow(ctx context.Context) *follow {
	f := &follow{lines: map[string]int{}, jobs: map[backend.JobID]bool{}}
	f.within, f.cancel = context.WithCancel(ctx)
	return f
}

// started takes the lines of one more run.
func (f *follow) started(p *backend.Plan) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n := range p.Items {
		if i := &p.Items[n]; i.On && !i.Action.Deletes() {
			f.lines[i.Name] = n
		}
	}
}

// listen hears from now on of every file that has ended. It may have to wait for
// the engine.
func (f *follow) listen(e Engine) {
	f.once.Do(func() { context.AfterFunc(f.within, e.Observe(f.observe)) })
}

// begun takes the transfers of a run.
func (f *follow) begun(jobs []backend.JobID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range jobs {
		f.jobs[id] = true
	}
}

// observe keeps what the engine's owner says; it does not block it.
func (f *follow) observe(id backend.JobID, i backend.ItemSnapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n, ok := f.lines[i.Name]; ok && f.jobs[id] {
		f.ended = append(f.ended, backend.PlanResult{Item: n, State: i.State, Verified: i.Verified, Note: i.Note, Err: i.Err})
	}
}

// take gives what has ended since, and the lines whose files a snapshot tells to
// be under way, as they stand.
func (f *follow) take(s *backend.TransferSnapshot) (ended []backend.PlanResult, live map[int]backend.JobState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ended, f.ended = f.ended, nil
	live, f.open = map[int]backend.JobState{}, false
	for k := range s.Jobs {
		j := &s.Jobs[k]
		if !f.jobs[j.ID] || j.State.Ended() {
			continue
		}
		f.open = true // even one of which the snapshot tells no file
		for _, i := range j.Items {
			n, ok := f.lines[i.Name]
			if !ok || i.State.Ended() {
				continue
			}
			live[n] = i.State
			if j.State == backend.JobPaused || j.State == backend.JobParked {
				live[n] = j.State
			}
		}
	}
	return ended, live
}

// Follow shows in the lines how the transfers of the plan stand. While a run is
// under way that tells itself what has ended.
func (s *Screen) Follow(snap backend.TransferSnapshot) {
	if s.board == nil || s.board.follow == nil {
		return
	}
	ended, live := s.board.follow.take(&snap)
	runs := s.phase == moving || s.phase == deleting
	if runs {
		ended = nil
	}
	for _, r := range ended {
		s.board.result(r)
	}
	if !s.board.enliven(live) && len(ended) == 0 || runs {
		return
	}
	s.sumUp()
	if s.filter.name != filters[0].name && s.filter.name != everything.name {
		s.fill() // what became of a line decides whether it is shown
	}
}

// enliven says which lines are under way. Of those that were never told of, only
// what runs counts: the others wait with their tick.
func (b *board) enliven(live map[int]backend.JobState) (changed bool) {
	for n := range b.alive {
		if _, still := live[n]; !still {
			changed = true
			b.change(n, func(l *line) { l.alive = false })
			delete(b.alive, n)
		}
	}
	for n, state := range live {
		l := &b.lines[n]
		if (!l.told && state != backend.JobRunning) || l.alive && l.live == state {
			continue
		}
		changed = true
		b.change(n, func(l *line) { l.alive, l.live = true, state })
		b.alive[n] = true
	}
	return changed
}

// busy tells whether a transfer of the plan had not ended when it was last heard of.
func (f *follow) busy() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open
}

// atWork says why a plan of which something is still under way is not run again:
// deletions come after everything has arrived.
func (s *Screen) atWork(set keymap.Set) keymap.Set {
	if s.board == nil || s.board.follow == nil || !s.board.follow.busy() {
		return set
	}
	return set.Disable("files of this plan are being transferred", keymap.SyncRun)
}
