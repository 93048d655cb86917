// Package automations is the screen of the jobs that a site runs by itself: what
// there is, how it went last, its runs, and what each run did.
package automations

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/views/paged"
)

// Board is what the screen needs of a site (PROTOCOL.md 13, automations). Every
// failure is a *backend.Error.
type Board interface {
	Automations(ctx context.Context, q backend.Query) (backend.Page[backend.Automation], error)
	SetAutomationDisabled(ctx context.Context, id int64, disabled bool) (backend.Automation, error)
	RunAutomation(ctx context.Context, id int64) error
	AutomationRuns(ctx context.Context, automationID int64, q backend.Query) (backend.Page[backend.AutomationRun], error)
	// CancelAutomationRun may answer with nothing but the id.
	CancelAutomationRun(ctx context.Context, runID int64) (backend.AutomationRun, error)
	// AutomationLogs is what a run has logged; with run 0, what all have. The
	// filter by run is not documented, so a site may refuse it.
	AutomationLogs(ctx context.Context, runID int64, q backend.Query) (backend.Page[backend.LogLine], error)
}

// Screen is the list of automations, the runs of one of them above it, and one
// run above these.
type Screen struct {
	env   *ui.Env
	board Board
	list  *paged.List[backend.Automation]

	order  order
	asked  filters
	preset *preset
	probes probes
	runs   *runs
	run    *run
	work   ui.Loader[done]

	w, h int
}

// New makes the screen. Nothing is asked for until Init.
func New(env *ui.Env, board Board) *Screen {
	s := &Screen{env: env, board: board, order: order{field: "name"}}
	s.probes.reset()
	s.list = paged.New(env, paged.Spec[backend.Automation]{
		What:  "automations",
		ID:    func(a backend.Automation) string { return paged.ID(a.ID) },
		Text:  text,
		Fetch: board.Automations,
		Empty: []string{
			"No automations here",
			"An automation copies, moves, deletes or fetches files by itself. " +
				env.Keys.Key(keymap.AutomationFilter) + " changes what the site is asked for.",
		},
	}, s.columns()...)
	s.list.Table.SetFocus(true)
	return s
}

// Init asks for the automations.
func (s *Screen) Init() tea.Cmd { return s.reload() }

func (s *Screen) reload() tea.Cmd {
	s.probes.reset()
	s.keepHere()
	s.list.Table.SetSort(s.order.field, s.order.desc)
	return s.list.Start(s.query())
}

// Update takes the answers of the screen's own requests and what was chosen in
// its menus.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	if s.probes.take(msg) {
		s.list.Refresh()
		return s.look()
	}
	if d, err, ok := s.work.Take(msg); ok {
		return s.worked(d, err)
	}
	switch m := msg.(type) {
	case sortMsg:
		s.order = order(m)
		return s.reload()
	case filterMsg:
		s.asked = filters(m)
		return s.reload()
	case presetMsg:
		return s.setPreset(m.preset)
	case doMsg:
		return s.work.Load(s.env.Ctx, m.work)
	case tickMsg:
		return s.ticked(m)
	}
	if typed(msg) {
		return s.typed(msg)
	}
	cmds := []tea.Cmd{s.list.Update(msg), s.look()}
	if s.runs != nil {
		cmds = append(cmds, s.runs.list.Update(msg))
		s.remember()
	}
	if s.run != nil {
		cmds = append(cmds, s.run.logs.Update(msg))
	}
	return ui.Batch(append(cmds, s.watch())...)
}

func typed(msg tea.Msg) bool {
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
		return true
	}
	return false
}

// typed gives text to the list in front.
func (s *Screen) typed(msg tea.Msg) tea.Cmd {
	switch {
	case s.run != nil:
		return s.run.logs.Update(msg)
	case s.runs != nil:
		return s.runs.list.Update(msg)
	}
	return s.list.Update(msg)
}

// Typing tells whether a narrowing line has the focus.
func (s *Screen) Typing() bool {
	switch {
	case s.run != nil:
		return s.run.logs.Typing()
	case s.runs != nil:
		return s.runs.list.Typing()
	}
	return s.list.Typing()
}

// Resize gives the room in cells.
func (s *Screen) Resize(w, h int) {
	s.w, s.h = w, h
	s.fit()
}

// fit gives every level its room.
func (s *Screen) fit() {
	w, h := max(s.w-4, 0), max(s.h-2, 0)
	s.list.Resize(w, h)
	if s.runs != nil {
		s.runs.list.Resize(w, h)
	}
	if s.run != nil {
		s.run.logs.Resize(w, max(h-runHead, 0))
	}
}

// View draws the frame and the level in front.
func (s *Screen) View() string {
	if s.w <= 0 || s.h <= 0 {
		return ""
	}
	f := cell.FrameSpec{W: s.w, H: s.h, Title: "automations", Focused: true}
	var body []string
	switch {
	case s.run != nil:
		f.Title, f.Facts, f.Foot = s.run.title(s.runs), s.run.logs.Facts(), s.run.logs.NarrowLine()
		body = append(s.runLines(), cell.Lines(s.run.logs.Table.View())...)
	case s.runs != nil:
		f.Title, f.Facts, f.Foot = s.runs.title(), s.runs.list.Facts(), s.runsFoot()
		body = cell.Lines(s.runs.list.Table.View())
	default:
		f.Facts, f.Foot = s.list.Facts(), s.foot()
		body = cell.Lines(s.list.Table.View())
	}
	return cell.Frame(s.env.Theme, f, body)
}

func (s *Screen) foot() string {
	if line := s.list.NarrowLine(); line != "" {
		return line
	}
	if s.work.Busy() {
		return s.env.Theme.Paint(theme.Warn, "waiting for the site") +
			s.env.Theme.Paint(theme.Faint, " · "+s.env.Keys.Key(keymap.EscapeLevel)+" stops")
	}
	return s.describe()
}
