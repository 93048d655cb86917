package automations

import (
	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/dialog"
	"ferry/views/paged"
)

// Keys is what can be done now, on the level in front.
func (s *Screen) Keys() keymap.Set {
	switch {
	case s.run != nil:
		return s.runKeys()
	case s.runs != nil:
		return s.runsKeys()
	}
	if s.Typing() {
		return s.list.Keys()
	}
	set := keymap.Of(
		keymap.Enter, keymap.AutomationRun, keymap.AutomationToggle, keymap.AutomationFilter, keymap.AutomationPreset,
		keymap.Sort, keymap.Reverse, keymap.Info, keymap.AutomationPath, keymap.CopyText, keymap.EscapeLevel,
	).And(s.list.Keys()).Named(keymap.Enter, "runs")
	a, ok := s.list.Table.Cursor()
	switch {
	case !ok:
		set = set.Disable("there is no automation under the cursor", append(automationActions, keymap.Enter, keymap.Info, keymap.CopyText)...)
	case a.Disabled:
		set = set.Named(keymap.AutomationToggle, "enable")
	default:
		set = set.Named(keymap.AutomationToggle, "disable")
	}
	set = set.Disable(whyNotRun(a), keymap.AutomationRun)
	if !s.list.CanEscape() && s.preset == nil && s.asked == (filters{}) && !s.work.Busy() && s.probes.busy() == 0 {
		set = set.Disable("there is nothing to clear or to stop", keymap.EscapeLevel)
	}
	return s.waiting(set)
}

// waiting disables the actions while one is under way.
func (s *Screen) waiting(set keymap.Set) keymap.Set {
	if !s.work.Busy() {
		return set
	}
	return set.Disable("wait for the action before", keymap.AutomationRun, keymap.AutomationToggle, keymap.AutomationCancel)
}

func (s *Screen) runsKeys() keymap.Set {
	if s.Typing() {
		return s.runs.list.Keys()
	}
	set := keymap.Of(
		keymap.Enter, keymap.AutomationRun, keymap.AutomationCancel, keymap.AutomationToggle,
		keymap.Back, keymap.Info, keymap.AutomationPath, keymap.CopyText, keymap.EscapeLevel, keymap.Quit,
	).And(s.runs.list.Keys()).Named(keymap.Enter, "details").Named(keymap.Quit, "back to the automations")
	set = s.toggleName(set)
	r, ok := s.runs.list.Table.Cursor()
	switch {
	case !ok:
		set = set.Disable("there is no run under the cursor", keymap.Enter, keymap.AutomationCancel, keymap.CopyText)
	case !r.Status.Active():
		set = set.Disable("this run has ended", keymap.AutomationCancel)
	}
	return s.waiting(set.Disable(whyNotRun(s.runs.of), keymap.AutomationRun))
}

func (s *Screen) runKeys() keymap.Set {
	if s.Typing() {
		return s.run.logs.Keys()
	}
	set := keymap.Of(
		keymap.Enter, keymap.AutomationCancel, keymap.AutomationRun, keymap.Back, keymap.AutomationPath,
		keymap.Info, keymap.CopyText, keymap.EscapeLevel, keymap.Quit,
	).And(s.run.logs.Keys()).Named(keymap.Enter, "whole line").Named(keymap.Quit, "back to the runs")
	if r, ok := s.current(); !ok || !r.Status.Active() {
		set = set.Disable("this run has ended", keymap.AutomationCancel)
	}
	if _, ok := s.run.logs.Table.Cursor(); !ok {
		set = set.Disable("there is no line under the cursor", keymap.Enter)
	}
	return s.waiting(set.Disable(whyNotRun(s.runs.of), keymap.AutomationRun))
}

func (s *Screen) toggleName(set keymap.Set) keymap.Set {
	if s.runs.of.Disabled {
		return set.Named(keymap.AutomationToggle, "enable")
	}
	return set.Named(keymap.AutomationToggle, "disable")
}

// Do carries out an action that Keys offers.
func (s *Screen) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Enter:
		return s.enter()
	case keymap.Back, keymap.Quit:
		return s.back()
	case keymap.Info:
		return s.card()
	case keymap.EscapeLevel:
		return s.escape()
	case keymap.AutomationRun:
		return s.runNow()
	case keymap.AutomationToggle:
		return s.toggle()
	case keymap.AutomationCancel:
		return s.cancelRun()
	case keymap.AutomationFilter:
		return s.filterMenu()
	case keymap.AutomationPreset:
		return s.presetMenu()
	case keymap.AutomationPath:
		return s.showPath()
	case keymap.Sort:
		return s.sortMenu()
	case keymap.Reverse:
		s.order.desc = !s.order.desc
		return s.reload()
	case keymap.CopyText:
		return s.copyMenu()
	case keymap.Refresh:
		return s.refresh()
	}
	return s.move(a)
}

// move gives an action of lists to the list in front.
func (s *Screen) move(a keymap.Action) tea.Cmd {
	var cmd tea.Cmd
	switch {
	case s.run != nil:
		cmd, _ = s.run.logs.Do(a)
	case s.runs != nil:
		cmd, _ = s.runs.list.Do(a)
	default:
		cmd, _ = s.list.Do(a)
		return ui.Batch(cmd, s.look())
	}
	return cmd
}

func (s *Screen) enter() tea.Cmd {
	switch {
	case s.run != nil:
		return s.openLine()
	case s.runs != nil:
		return s.openRun()
	}
	return s.openRuns()
}

func (s *Screen) refresh() tea.Cmd {
	switch {
	case s.run != nil:
		return ui.Batch(s.runs.list.Again(), s.run.logs.Reload())
	case s.runs != nil:
		return s.runs.list.Reload()
	}
	return s.reload()
}

// back goes one level up.
func (s *Screen) back() tea.Cmd {
	switch {
	case s.run != nil:
		s.closeRun()
	case s.runs != nil:
		s.closeRuns()
	}
	return s.look()
}

// escape stops, clears, and goes one level up when there is nothing of that.
func (s *Screen) escape() tea.Cmd {
	switch {
	case s.work.Busy():
		s.work.Cancel()
		return ui.Toast(ui.Warning, "Not waited for; what became of it shows after "+s.env.Keys.Key(keymap.Refresh))
	case s.run != nil:
		if s.run.logs.Escape() {
			return nil
		}
		return s.back()
	case s.runs != nil:
		if s.runs.list.Escape() {
			return nil
		}
		return s.back()
	case s.list.Escape():
		return s.list.Follow()
	case s.preset != nil:
		s.probes.cancel()
		return s.setPreset(nil)
	case s.probes.busy() > 0:
		s.probes.cancel()
	case s.asked != (filters{}):
		s.asked = filters{}
		return s.reload()
	}
	return nil
}

func (s *Screen) copyMenu() tea.Cmd {
	var items []dialog.MenuItem
	add := func(key, label, text, what string) {
		items = append(items, dialog.MenuItem{Key: key, Label: label + pathutil.Display(text), Cmd: ui.Copy(text, what)})
	}
	if r, ok := s.target(); ok {
		id := paged.ID(r.ID)
		add("i", "id of the run: ", id, "run id")
		add("f", "", "files-cli automation-runs find --id="+id, "command")
	} else if a, ok := s.chosen(); ok {
		id := paged.ID(a.ID)
		add("n", "name: ", a.Name, "name")
		add("p", "path: ", a.Path, "path")
		add("i", "id: ", id, "automation id")
		add("f", "", "files-cli automations find --id="+id, "command")
	}
	return ui.Open(dialog.Menu(s.env, dialog.MenuSpec{Title: "Copy", Items: items}))
}
