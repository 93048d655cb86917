package automations

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/ui"
)

// atOnce is how many last runs are asked for at the same time: the site has no
// list of them, so each automation costs a request.
const atOnce = 4

// probe is the last run of one automation.
type probe struct {
	id     int64
	run    backend.AutomationRun
	none   bool // it never ran
	failed bool // it could not be asked
}

// probes is what is known of the last runs, and what is being asked.
type probes struct {
	known map[int64]probe
	slots [atOnce]ui.Loader[probe]
	asked [atOnce]int64 // the automation that a busy slot asks about
}

// reset forgets everything and cancels what is under way.
func (p *probes) reset() {
	p.cancel()
	p.known = map[int64]probe{}
}

func (p *probes) cancel() {
	for i := range p.slots {
		p.slots[i].Cancel()
	}
}

func (p *probes) busy() int {
	n := 0
	for i := range p.slots {
		if p.slots[i].Busy() {
			n++
		}
	}
	return n
}

// take accepts an answer.
func (p *probes) take(msg tea.Msg) bool {
	for i := range p.slots {
		got, err, ok := p.slots[i].Take(msg)
		if !ok {
			continue
		}
		if err != nil && backend.Cancelled(err) {
			return true
		}
		got.id, got.failed = p.asked[i], err != nil
		p.known[got.id] = got
		return true
	}
	return false
}

func (p *probes) asking(id int64) bool {
	for i := range p.slots {
		if p.slots[i].Busy() && p.asked[i] == id {
			return true
		}
	}
	return false
}

// look asks for the last runs that are to be seen, a few at a time.
func (s *Screen) look() tea.Cmd {
	var cmds []tea.Cmd
	for _, id := range s.wanted() {
		if _, known := s.probes.known[id]; known || s.probes.asking(id) {
			continue
		}
		i := s.probes.free()
		if i < 0 {
			break
		}
		s.probes.asked[i] = id
		cmds = append(cmds, s.probes.slots[i].Load(s.env.Ctx, s.lastOf(id)))
	}
	return ui.Batch(cmds...)
}

func (p *probes) free() int {
	for i := range p.slots {
		if !p.slots[i].Busy() {
			return i
		}
	}
	return -1
}

func (s *Screen) lastOf(id int64) func(context.Context) (probe, error) {
	board := s.board
	return func(ctx context.Context) (probe, error) {
		page, err := board.AutomationRuns(ctx, id, backend.Query{PerPage: 1, SortBy: "created_at", Desc: true})
		if err != nil || len(page.Items) == 0 {
			return probe{id: id, none: true}, err
		}
		return probe{id: id, run: page.Items[0]}, nil
	}
}

// wanted is the automations whose last run should be known: those that
// can be seen, and all that are loaded while a preset looks at last runs.
func (s *Screen) wanted() []int64 {
	if s.preset != nil {
		ids := make([]int64, len(s.list.Rows()))
		for i, a := range s.list.Rows() {
			ids[i] = a.ID
		}
		return ids
	}
	ids := make([]int64, 0, s.h)
	for a := range s.list.Table.Window() {
		ids = append(ids, a.ID)
	}
	return ids
}
