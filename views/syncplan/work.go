package syncplan

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
)

// live is what work outside the loop tells on its way; the screen looks at it
// now and then.
type live struct {
	mu      sync.Mutex
	seen    backend.SyncProgress
	results []backend.PlanResult
	delete  bool // the deletions have begun
}

func (l *live) see(p backend.SyncProgress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = p
}

func (l *live) tell(r backend.PlanResult) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.results = append(l.results, r)
}

func (l *live) begun(jobs []backend.JobID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delete = len(jobs) == 0
}

// take gives what there is, and the results only once.
func (l *live) take() (seen backend.SyncProgress, results []backend.PlanResult, del bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	results, l.results = l.results, nil
	return l.seen, results, l.delete
}

// looks is how often the screen asks live for news.
const looks = 150 * time.Millisecond

// tick asks for news of one piece of work.
type tick struct {
	screen *Screen
	beat   uint64
}

// start begins a phase with news of its own.
func (s *Screen) start(p phase) (*live, tea.Cmd) {
	s.phase, s.live, s.seen = p, &live{}, backend.SyncProgress{}
	s.begun = s.env.Now()
	s.beat++
	return s.live, s.env.After(looks, tick{s, s.beat})
}

// ticked takes the news.
func (s *Screen) ticked(t tick) tea.Cmd {
	if t.screen != s || t.beat != s.beat || s.phase == idle {
		return nil
	}
	s.news()
	return s.env.After(looks, tick{s, s.beat})
}

func (s *Screen) news() {
	seen, results, del := s.live.take()
	s.seen = seen
	for _, r := range results {
		s.board.result(r)
	}
	if del && s.phase == moving {
		s.phase = deleting
	}
}

// compare looks at both sides and makes a plan. The one on the screen stays
// until the new one is there.
func (s *Screen) compare(req backend.SyncRequest) tea.Cmd {
	s.asked = req
	l, beat := s.start(comparing)
	engine := s.engine
	return ui.Batch(beat, s.look.Load(s.env.Ctx, func(ctx context.Context) (*board, error) {
		p, err := engine.Compare(ctx, req, l.see)
		if err != nil {
			return nil, err
		}
		if req.Mirror { // its deletions are lines of this plan
			engine.ForgetPlan(req)
		}
		return newBoard(p), nil
	}))
}

func (s *Screen) compared(b *board, err error) tea.Cmd {
	s.phase = idle
	switch {
	case err != nil && backend.Cancelled(err):
		return nil
	case err != nil:
		return s.problem(err)
	}
	if s.asked.Mirror {
		s.known(s.asked)
	}
	s.show(b, "")
	return nil
}

// stop ends what is under way.
func (s *Screen) stop() tea.Cmd {
	was := s.phase
	switch was {
	case comparing:
		s.look.Cancel()
		s.phase = idle
		if s.board != nil {
			s.asked = s.board.plan.Request
			return ui.Toast(ui.Note, "Stopped; this is the plan from before")
		}
		s.table.Reset()
		s.table.Fail(ui.Problem{
			Title: "Comparing was stopped", Lines: []string{"Nothing was changed on either side."},
			Hints: []keymap.Hint{
				{Key: s.env.Keys.Key(keymap.Refresh), Text: "compare again"},
				{Key: s.env.Keys.Key(keymap.SyncCompare), Text: "in another way"},
			},
		})
		return nil
	case checking:
		s.check.Cancel()
		s.phase = idle
		return ui.Toast(ui.Note, "Stopped; nothing was changed")
	case deleting:
		s.halted = true
		s.halt()
	case idle, moving:
	}
	return nil
}
