package automations

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
	"ferry/views/paged"
)

// card shows everything that is known of an automation.
func (s *Screen) card() tea.Cmd {
	a, ok := s.chosen()
	if !ok {
		return nil
	}
	th, now := s.env.Theme, s.env.Now()
	var body []string
	add := func(label, value string) {
		if value == "" {
			return
		}
		label = th.Paint(theme.Faint, cell.Fit(label, 14))
		for _, part := range cell.Wrap(pathutil.Display(value), 48) {
			body = append(body, label+part)
			label = cell.Pad(14)
		}
	}
	add("description", a.Description)
	add("state", s.state(a))
	add("type", kind(a.Type))
	add("trigger", kind(a.Trigger))
	add("schedule", s.schedule(a))
	if !a.NextRunAt.IsZero() {
		add("next run", cell.Stamp(a.NextRunAt)+" ("+cell.Ago(a.NextRunAt, now)+")")
	}
	if _, known := s.probes.known[a.ID]; known {
		add("last run", s.lastRun(a))
	}
	add("path", place(a.Path))
	add("source", a.Source)
	add("destinations", strings.Join(a.Destinations, ", "))
	add("leaves out", a.ExcludePattern)
	add("owner", a.Owner)
	if !a.LastModifiedAt.IsZero() {
		add("last change", cell.Stamp(a.LastModifiedAt)+" ("+cell.Ago(a.LastModifiedAt, now)+")")
	}
	add("id", paged.ID(a.ID))
	body = append(body, "")
	body = append(body, touches(a)...)
	return ui.Open(dialog.Text(s.env, dialog.TextSpec{Title: name(a), Body: body, Wrap: true}))
}
