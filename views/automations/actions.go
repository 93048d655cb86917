package automations

import (
	"context"
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/dialog"
)

// done is the end of an action.
type done struct {
	said    string
	changed *backend.Automation
	started *backend.Automation
	ended   bool    // a run was cancelled
	again   tea.Cmd // does it once more, for the error card
}

// doMsg asks for an action; dialogs and error cards say it.
type doMsg struct {
	work func(context.Context) (done, error)
}

// do asks for an action; it can be asked for again when it failed.
func do(work func(context.Context) (done, error)) tea.Cmd {
	var again tea.Cmd
	again = ui.Say(doMsg{func(ctx context.Context) (done, error) {
		d, err := work(ctx)
		d.again = again
		return d, err
	}})
	return again
}

func (s *Screen) worked(d done, err error) tea.Cmd {
	if err != nil {
		again := d.again
		if errors.Is(err, backend.ClassAutomationCannotBeRunManually) {
			again = nil // it will say the same
		}
		return ui.Fail(err, again)
	}
	cmds := []tea.Cmd{ui.Toast(ui.Success, d.said)}
	if d.changed != nil {
		s.list.Put(*d.changed)
		if s.runs != nil && s.runs.of.ID == d.changed.ID {
			s.runs.of = *d.changed
		}
	}
	if s.runs != nil && d.ended {
		cmds = append(cmds, s.runs.list.Again())
	}
	if d.started != nil {
		cmds = append(cmds, s.await(*d.started))
	}
	return ui.Batch(append(cmds, s.watch())...)
}

// await shows the runs of an automation that was just started and looks for the
// new one.
func (s *Screen) await(a backend.Automation) tea.Cmd {
	var cmd tea.Cmd
	if s.runs == nil || s.runs.of.ID != a.ID {
		cmd = s.showRuns(a)
	} else {
		cmd = s.runs.list.Again()
	}
	now := s.env.Now()
	s.runs.after, s.runs.until = now, now.Add(patience)
	if p, known := s.probes.known[a.ID]; known && !p.none {
		s.runs.after = p.run.CreatedAt
	} else {
		s.runs.after = now.Add(-patience)
	}
	return cmd
}

// chosen is the automation that an action means now.
func (s *Screen) chosen() (backend.Automation, bool) {
	if s.runs != nil {
		return s.runs.of, true
	}
	return s.list.Table.Cursor()
}

func (s *Screen) runNow() tea.Cmd {
	a, ok := s.chosen()
	if !ok {
		return nil
	}
	board := s.board
	start := do(func(ctx context.Context) (done, error) {
		return done{said: name(a) + " is asked to run", started: &a}, board.RunAutomation(ctx, a.ID)
	})
	body := append([]string{"Run " + name(a) + " now?"}, touches(a)...)
	return ui.Open(dialog.Confirm(s.env, dialog.ConfirmSpec{
		Title: "Run now", Body: body, Yes: "Run", Danger: a.Type == "delete_file" || a.Type == "move_file", OnYes: start,
	}))
}

func (s *Screen) toggle() tea.Cmd {
	a, ok := s.chosen()
	if !ok {
		return nil
	}
	board, disable := s.board, !a.Disabled
	said := name(a) + " is enabled"
	if disable {
		said = name(a) + " is disabled"
	}
	return do(func(ctx context.Context) (done, error) {
		changed, err := board.SetAutomationDisabled(ctx, a.ID, disable)
		return done{said: said, changed: &changed}, err
	})
}

// target is the run that an action means now.
func (s *Screen) target() (backend.AutomationRun, bool) {
	switch {
	case s.run != nil:
		return s.current()
	case s.runs != nil:
		return s.runs.list.Table.Cursor()
	}
	return backend.AutomationRun{}, false
}

func (s *Screen) cancelRun() tea.Cmd {
	r, ok := s.target()
	if !ok {
		return nil
	}
	board := s.board
	cancel := do(func(ctx context.Context) (done, error) {
		_, err := board.CancelAutomationRun(ctx, r.ID)
		return done{said: "The run is asked to stop", ended: true}, err
	})
	return ui.Open(dialog.Confirm(s.env, dialog.ConfirmSpec{
		Title: "Cancel the run",
		Body:  []string{"Stop this run of " + name(s.runs.of) + "?", "What it has done so far stays done."},
		Yes:   "Cancel the run", Danger: true, OnYes: cancel,
	}))
}

// touches says in sentences what a run reads, writes and removes.
func touches(a backend.Automation) []string {
	what := "files"
	if a.Source != "" {
		what = pathutil.Display(a.Source)
	}
	to := make([]string, len(a.Destinations))
	for i, d := range a.Destinations {
		to[i] = place(d)
	}
	dest := strings.Join(to, ", ")
	if dest == "" {
		dest = "its destinations"
	}
	from := what + " in " + place(a.Path)
	var out []string
	switch a.Type {
	case "copy_file":
		out = append(out, "Copies "+from+" to "+dest+".")
	case "move_file":
		out = append(out, "Moves "+from+" to "+dest+"; they are gone from where they were.")
	case "delete_file":
		out = append(out, "Deletes "+from+".")
	case "create_folder":
		out = append(out, "Makes the folders "+dest+" in "+place(a.Path)+".")
	case "import_file":
		out = append(out, "Fetches files from its addresses into "+place(a.Path)+".")
	case "run_sync":
		out = append(out, "Runs its syncs, which copy between this site and another place.")
	case "as2_send":
		out = append(out, "Sends "+from+" to an AS2 partner.")
	default:
		out = append(out, "Runs the steps of its definition.")
	}
	if a.ExcludePattern != "" {
		out = append(out, "Leaves out "+pathutil.Display(a.ExcludePattern)+".")
	}
	if a.AlwaysOverwrite {
		out = append(out, "Writes files of the same size again.")
	}
	if a.Owner != "" {
		out = append(out, "It has the rights of "+pathutil.Display(a.Owner)+".")
	}
	return out
}

// whyNotRun is the reason that r cannot work, "" when it may.
func whyNotRun(a backend.Automation) string {
	if a.Trigger == "action" {
		return "it runs only when something happens in its folder, never by hand"
	}
	return ""
}

func (s *Screen) showPath() tea.Cmd {
	a, ok := s.chosen()
	if !ok {
		return nil
	}
	return ui.Goto(ui.RouteFiles, ui.ShowPath{Side: ui.RemoteSide, Path: fixed(a.Path)})
}

// fixed is the part of a path before its first pattern.
func fixed(path string) string {
	var keep []string
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if strings.ContainsAny(part, "*?[{%") {
			break
		}
		keep = append(keep, part)
	}
	return strings.Join(keep, "/")
}

// automationActions need an automation under the cursor.
var automationActions = []keymap.Action{keymap.AutomationRun, keymap.AutomationToggle, keymap.AutomationPath}
