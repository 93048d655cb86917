package syncplan

import (
	"testing"
	"time"

	"ferry/backend"
	"ferry/keymap"
)

// Somebody tries again in the transfers what failed of a sync: its lines tell.
func TestLinesFollowTheirTransfers(t *testing.T) {
	r, s, e := compared(t, planOf(fresh("a", 1), fresh("b", 1)), Options{}, 120, 24)
	no := &backend.Error{Class: "x", Group: backend.NotAuthorized, Message: "not allowed"}
	e.results = []backend.PlanResult{{Item: 0, State: backend.JobDone}, {Item: 1, State: backend.JobFailed, Err: no}}
	snap := func(state backend.JobState, items ...backend.ItemSnapshot) {
		s.Follow(backend.TransferSnapshot{Jobs: []backend.JobSnapshot{
			{ID: 1, State: state, Items: items},
			{ID: 2, State: backend.JobRunning, Items: []backend.ItemSnapshot{{Name: "a", State: backend.JobRunning}}}, // another's
		}})
	}
	snap(backend.JobRunning, backend.ItemSnapshot{Name: "a", State: backend.JobRunning})
	if len(s.board.alive) != 0 {
		t.Error("a plan that was not run follows transfers")
	}
	r.Do(keymap.SyncRun, keymap.Yes)
	snap(backend.JobFailed, backend.ItemSnapshot{Name: "b", State: backend.JobFailed})
	r.Holds(r.Screenful(), "1 done, 1 failed")

	snap(backend.JobQueued) // the snapshot has no room for its files
	if r.Why(keymap.SyncRun) == "" {
		t.Error("the plan can be run while a transfer of it waits its turn")
	}
	snap(backend.JobRunning, backend.ItemSnapshot{Name: "b", State: backend.JobQueued})
	r.Holds(r.Screenful(), "waits its turn", "1 done, 1 under way")
	snap(backend.JobRunning, backend.ItemSnapshot{Name: "b", State: backend.JobRunning})
	r.Holds(r.Screenful(), "running", " ▶")
	if r.Why(keymap.SyncRun) == "" {
		t.Error("the plan can be run while files of it are under way")
	}
	snap(backend.JobPaused, backend.ItemSnapshot{Name: "b", State: backend.JobQueued})
	r.Holds(r.Screenful(), "paused", "‖")
	e.watch(2, backend.ItemSnapshot{Name: "b", State: backend.JobCancelled})
	e.watch(1, backend.ItemSnapshot{Name: "b", State: backend.JobFailed, Err: no})
	snap(backend.JobFailed, backend.ItemSnapshot{Name: "b", State: backend.JobFailed})
	r.Holds(r.Screenful(), "1 done, 1 failed")
	if s.board.totals.Uploads != 1 || r.Why(keymap.SyncRun) != "" {
		t.Errorf("what failed again cannot be run again: %+v", s.board.totals)
	}
	e.watch(1, backend.ItemSnapshot{Name: "b", State: backend.JobDone, Verified: backend.Verified})
	snap(backend.JobDone)
	r.Holds(r.Screenful(), "2 done", "done, verified")
	r.Lacks(r.Screenful(), "failed", "under way")

	r.Do(keymap.Refresh)
	select {
	case <-e.stopped:
	case <-time.After(5 * time.Minute):
		t.Error("the engine calls for ever who no longer listens")
	}
}

// A file is seen to run while the sync itself does, and what the run tells counts.
func TestARunShowsWhatIsUnderWay(t *testing.T) {
	r, s, _ := compared(t, planOf(fresh("a", 1), fresh("b", 1)), Options{}, 120, 24)
	r.Hold()
	r.Run(s.checked(checked{plan: s.board.now()}, nil))
	s.board.follow.begun([]backend.JobID{1})
	s.Follow(backend.TransferSnapshot{Jobs: []backend.JobSnapshot{{ID: 1, State: backend.JobRunning, Items: []backend.ItemSnapshot{
		{Name: "a", State: backend.JobRunning}, {Name: "b", State: backend.JobQueued},
	}}}})
	r.Holds(r.Screenful(), " ▶", "[x]")
	s.live.tell(backend.PlanResult{Item: 0, State: backend.JobDone})
	r.Run(s.Update(tick{s, s.beat}))
	r.Holds(r.Screenful(), " ✓", "[x]")
	r.Lacks(r.Screenful(), "▶")
	r.Release()
}
