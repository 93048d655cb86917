package files

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/ui"
	"ferry/ui/table"
)

// Other programs change this machine's folders and tell nobody. The screen looks
// now and then, and whenever a person comes back to it: at the folder itself,
// which knows what has come and gone, and at the rows that can be seen, which
// know how they have changed.
const (
	glanceEvery = 2 * time.Second
	// glanceRest is how many times as long as the last reading of the folder
	// took the next one keeps away: a huge folder is not read all the time.
	glanceRest = 20
	glanceMost = time.Minute // whatever that was
)

// glance is the time to look; one that is not the latest asked for is late.
type glance struct {
	screen *Screen
	beat   uint64
}

// outside is what a look has found.
type outside struct {
	dir  string
	anew bool            // rows have come or gone
	rows []backend.Entry // that are no longer as they are shown
}

// glanceLater waits for the next look.
func (s *Screen) glanceLater() tea.Cmd {
	s.beat++
	return s.env.After(min(max(glanceEvery, glanceRest*s.panes[left].took), glanceMost), glance{s, s.beat})
}

// glanceNow looks whether the folder of this machine is still as it is shown.
func (s *Screen) glanceNow() tea.Cmd {
	p := s.panes[left]
	if s.outside.Busy() {
		return nil
	}
	if !p.watchable() || slices.ContainsFunc(s.jobs, func(j *job) bool { return j.side == backend.Local }) {
		return s.glanceLater()
	}
	s.beat++ // the look that was waited for is this one
	w, dir, seen, lost, rows := p.world, p.at.dir, p.seen, p.lost, slices.Collect(p.table.Window())
	return s.outside.Load(s.env.Ctx, func(ctx context.Context) (outside, error) {
		out := outside{dir: dir}
		now, err := w.find(ctx, dir)
		if lost || err != nil || !now.Modified.Equal(seen) {
			out.anew = !lost || err == nil
			return out, ctx.Err()
		}
		for _, was := range rows {
			is, err := w.find(ctx, was.Path)
			switch {
			case backend.Missing(err):
				out.anew = true
			case err == nil && (is.Size != was.Size || is.Kind != was.Kind || !is.Modified.Equal(was.Modified)):
				out.rows = append(out.rows, is)
			}
		}
		return out, ctx.Err()
	})
}

// glanced takes what a look has found.
func (s *Screen) glanced(o outside, err error) tea.Cmd {
	p := s.panes[left]
	next := s.glanceLater()
	switch {
	case err != nil || o.dir != p.at.dir || !p.watchable():
		return next
	case o.anew || len(o.rows) > 0 && p.sortBy != "" && p.sortBy != byName:
		load := p.reload()
		p.quiet = true
		return ui.Batch(load, next)
	}
	for _, e := range o.rows {
		p.table.Update(e.Path, e)
	}
	if len(o.rows) > 0 {
		p.tally()
	}
	return next
}

// watchable tells whether what the pane shows can be compared with the disk.
func (p *pane) watchable() bool {
	shown := p.folder() && p.table.State() == table.Ready
	return (shown || p.lost) && !p.blind && !p.loader.Busy()
}

// stamp is when a folder of this machine changed last. It is taken before the
// folder is read: what changes meanwhile is seen at the next look.
func stamp(ctx context.Context, w world, dir string) time.Time {
	if w.side() != backend.Local {
		return time.Time{}
	}
	e, err := w.find(ctx, dir)
	if err != nil {
		return time.Time{}
	}
	return e.Modified
}
