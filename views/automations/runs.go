package automations

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/table"
	"ferry/views/paged"
)

const (
	// every is how often the runs are asked for again while one is active.
	every = 2 * time.Second
	// patience is how long a run that was asked for may take to appear.
	patience = 20 * time.Second
)

// runs is the runs of one automation.
type runs struct {
	of      backend.Automation
	list    *paged.List[backend.AutomationRun]
	ticking bool
	after   time.Time // a run newer than this is expected; zero for none
	until   time.Time // and when to stop expecting it
}

// tickMsg says that it is time to look at the runs again.
type tickMsg struct{ runs *runs }

func (r *runs) title() string { return "automations › " + name(r.of) }

// openRuns shows the runs of the automation under the cursor.
func (s *Screen) openRuns() tea.Cmd {
	a, ok := s.list.Table.Cursor()
	if !ok {
		return nil
	}
	return s.showRuns(a)
}

func (s *Screen) showRuns(a backend.Automation) tea.Cmd {
	board, id := s.board, a.ID
	r := &runs{of: a}
	r.list = paged.New(s.env, paged.Spec[backend.AutomationRun]{
		What: "runs",
		ID:   func(r backend.AutomationRun) string { return paged.ID(r.ID) },
		Text: func(r backend.AutomationRun) string { return statusWord(r.Status) + " " + paged.ID(r.ID) },
		Fetch: func(ctx context.Context, q backend.Query) (backend.Page[backend.AutomationRun], error) {
			return board.AutomationRuns(ctx, id, q)
		},
		Empty: []string{"It never ran", s.env.Keys.Key(keymap.AutomationRun) + " runs it now."},
	}, s.runColumns()...)
	r.list.Table.SetFocus(true)
	r.list.Table.SetSort("created_at", true)
	s.probes.cancel()
	s.runs = r
	s.fit()
	return r.list.Start(backend.Query{SortBy: "created_at", Desc: true})
}

func (s *Screen) runColumns() []table.Column[backend.AutomationRun] {
	type run = backend.AutomationRun
	dim := func(run) theme.Role { return theme.Faint }
	return []table.Column[run]{
		{Title: "Status", Width: 15, Cell: func(r run) string {
			return glyph(&s.env.Theme.Glyphs, r.Status) + " " + statusWord(r.Status)
		}, Role: func(r run) theme.Role { return statusRole(r.Status) }},
		{Title: "Started", Width: 12, Sort: "created_at", Cell: func(r run) string { return cell.Ago(r.CreatedAt, s.env.Now()) }},
		{Title: "Took", Width: 8, Right: true, Cell: s.took, Role: dim},
		{Title: "Done", Width: 7, Right: true, Cell: func(r run) string { return cell.Count(int(r.SuccessfulOperations)) }, Role: dim},
		{Title: "Failed", Width: 7, Right: true, Cell: func(r run) string { return cell.Count(int(r.FailedOperations)) }, Role: func(r run) theme.Role {
			if r.FailedOperations > 0 {
				return theme.Bad
			}
			return theme.Faint
		}},
		{Title: "Run", Min: 10, Weight: 1, Cell: retryWords, Role: dim},
	}
}

// took is how long a run took, or has taken so far.
func (s *Screen) took(r backend.AutomationRun) string {
	switch {
	case r.Runtime > 0:
		return duration(r.Runtime)
	case !r.CompletedAt.IsZero():
		return duration(r.CompletedAt.Sub(r.CreatedAt))
	case r.Status == backend.RunRunning:
		return duration(s.env.Now().Sub(r.CreatedAt))
	}
	return s.env.Theme.Glyphs.Dash
}

func duration(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatFloat(max(d, 0).Seconds(), 'f', 1, 64) + " s"
	}
	return cell.Left(d)
}

func retryWords(r backend.AutomationRun) string {
	w := "run " + paged.ID(r.ID)
	if r.RetryOfRunID != 0 {
		w += ", again for " + paged.ID(r.RetryOfRunID)
	}
	if r.RetriedInRunID != 0 {
		w += ", tried again as " + paged.ID(r.RetriedInRunID)
	}
	return w
}

// active tells whether one of the loaded runs has not ended, or one that was
// asked for has not appeared yet.
func (s *Screen) active() bool {
	r := s.runs
	if r == nil {
		return false
	}
	rows := r.list.Rows()
	if slices.ContainsFunc(rows, func(x backend.AutomationRun) bool { return x.Status.Active() }) {
		return true
	}
	return !r.after.IsZero() && s.env.Now().Before(r.until)
}

// watch has the runs looked at again a little later while one is active, and
// only then.
func (s *Screen) watch() tea.Cmd {
	r := s.runs
	if r == nil || r.ticking || r.list.Busy() || r.list.Stale() != nil || !s.active() {
		return nil
	}
	r.ticking = true
	return s.env.After(every, tickMsg{r})
}

func (s *Screen) ticked(m tickMsg) tea.Cmd {
	if m.runs != s.runs {
		return nil
	}
	s.runs.ticking = false
	if !s.active() {
		return nil
	}
	cmds := []tea.Cmd{s.runs.list.Again()}
	if s.run != nil {
		cmds = append(cmds, s.run.logs.Again())
	}
	return ui.Batch(cmds...)
}

// remember carries what the runs say over to the list of automations.
func (s *Screen) remember() {
	rows := s.runs.list.Rows()
	if len(rows) == 0 {
		return
	}
	newest := slices.MaxFunc(rows, func(a, b backend.AutomationRun) int { return a.CreatedAt.Compare(b.CreatedAt) })
	id := s.runs.of.ID
	if old, known := s.probes.known[id]; !known || old.run != newest {
		s.probes.known[id] = probe{id: id, run: newest}
		s.list.Refresh()
	}
	if !s.runs.after.IsZero() && newest.CreatedAt.After(s.runs.after) {
		s.runs.after = time.Time{}
	}
}

func (s *Screen) runsFoot() string {
	r, th := s.runs, s.env.Theme
	if line := r.list.NarrowLine(); line != "" {
		return line
	}
	if err := r.list.Stale(); err != nil {
		return th.Paint(theme.Bad, "not up to date: "+pathutil.Display(backend.Explain(err).Title)) +
			th.Paint(theme.Faint, " · "+s.env.Keys.Key(keymap.Refresh)+" loads again")
	}
	var parts []string
	switch {
	case s.active() && !r.after.IsZero():
		parts = append(parts, "waiting for the run to appear")
	case s.active():
		parts = append(parts, "running, looked at every 2 s")
	}
	if r.of.Disabled {
		parts = append(parts, "disabled")
	}
	parts = append(parts, s.env.Keys.Key(keymap.Back)+" back to the automations")
	return th.Paint(theme.Faint, strings.Join(parts, " "+th.Glyphs.Dot+" "))
}

func (s *Screen) closeRuns() {
	s.runs.list.Close()
	s.runs = nil
}
