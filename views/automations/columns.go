package automations

import (
	"strings"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui/cell"
	"ferry/ui/table"
)

func (s *Screen) columns() []table.Column[backend.Automation] {
	return []table.Column[backend.Automation]{
		{Title: "Name", Min: 24, Weight: 3, Sort: "name", Cell: name, Role: whole},
		{Title: "Type", Width: 13, Drop: 1, Sort: "automation", Cell: func(a backend.Automation) string { return kind(a.Type) }, Role: faint},
		{Title: "Trigger", Width: 15, Drop: 2, Cell: func(a backend.Automation) string { return kind(a.Trigger) }, Role: faint},
		{Title: "Schedule", Min: 16, Weight: 2, Drop: 3, Cell: s.schedule, Role: faint},
		{Title: "State", Width: 10, Sort: "disabled", Cell: s.state, Role: stateRole},
		{Title: "Last run", Width: 27, Cell: s.lastRun, Brief: s.lastSign, Role: s.lastRole},
	}
}

// kind writes a word of the API with blanks: "copy_file" is "copy file".
func kind(wire string) string { return pathutil.Display(strings.ReplaceAll(wire, "_", " ")) }

// name is what an automation is called; one without a name is told by what it
// does.
func name(a backend.Automation) string {
	switch {
	case a.Name != "":
		return pathutil.Display(a.Name)
	case a.Description != "":
		return pathutil.Display(a.Description)
	}
	return kind(a.Type) + " in " + place(a.Path)
}

// place writes a remote path as people see it.
func place(path string) string { return pathutil.Display("/" + strings.TrimPrefix(path, "/")) }

func whole(a backend.Automation) theme.Role {
	if a.Disabled {
		return theme.Faint
	}
	return theme.Text
}

func faint(backend.Automation) theme.Role { return theme.Faint }

func (s *Screen) schedule(a backend.Automation) string {
	switch {
	case a.Schedule != "":
		return pathutil.Display(a.Schedule)
	case a.Interval != "":
		return "every " + kind(a.Interval)
	}
	return s.env.Theme.Glyphs.Dash
}

func (s *Screen) state(a backend.Automation) string {
	if a.Disabled {
		return s.env.Theme.Glyphs.Paused + " disabled"
	}
	return s.env.Theme.Glyphs.Done + " enabled"
}

func stateRole(a backend.Automation) theme.Role {
	if a.Disabled {
		return theme.Faint
	}
	return theme.Good
}

// lastRun tells how an automation went last, as far as that is known.
func (s *Screen) lastRun(a backend.Automation) string {
	g := &s.env.Theme.Glyphs
	p, known := s.probes.known[a.ID]
	switch {
	case !known:
		return g.Ellipsis
	case p.failed:
		return "not known"
	case p.none:
		return "never ran"
	}
	return glyph(g, p.run.Status) + " " + statusWord(p.run.Status) + " " + cell.Ago(p.run.CreatedAt, s.env.Now())
}

// lastSign is lastRun where only a sign and the time have room.
func (s *Screen) lastSign(a backend.Automation) string {
	p, known := s.probes.known[a.ID]
	if !known || p.failed || p.none {
		return s.lastRun(a)
	}
	return glyph(&s.env.Theme.Glyphs, p.run.Status) + " " + cell.Ago(p.run.CreatedAt, s.env.Now())
}

func (s *Screen) lastRole(a backend.Automation) theme.Role {
	p, known := s.probes.known[a.ID]
	if !known || p.failed || p.none {
		return theme.Faint
	}
	return statusRole(p.run.Status)
}

// glyph, statusWord and statusRole are how the state of a run looks.
func glyph(g *theme.Glyphs, st backend.RunStatus) string {
	switch st {
	case backend.RunQueued:
		return g.Waiting
	case backend.RunRunning:
		return g.Running
	case backend.RunSuccess:
		return g.Done
	case backend.RunPartialFailure, backend.RunFailure:
		return g.Failed
	}
	return g.Skipped
}

func statusWord(st backend.RunStatus) string {
	switch st {
	case backend.RunSuccess:
		return "done"
	case backend.RunPartialFailure:
		return "partly failed"
	case backend.RunFailure:
		return "failed"
	case backend.RunCanceled:
		return "cancelled"
	}
	return kind(string(st))
}

func statusRole(st backend.RunStatus) theme.Role {
	switch st {
	case backend.RunQueued, backend.RunPartialFailure:
		return theme.Warn
	case backend.RunRunning:
		return theme.Accent
	case backend.RunSuccess:
		return theme.Good
	case backend.RunFailure:
		return theme.Bad
	}
	return theme.Faint
}

// text is what narrowing looks at.
func text(a backend.Automation) string {
	return strings.Join([]string{a.Name, a.Description, kind(a.Type), kind(a.Trigger), a.Schedule, a.Path, a.Source}, " ")
}
