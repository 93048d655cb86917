package automations

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

type order struct {
	field string
	desc  bool
}

// orders is the sort menu: what the site sorts by (backend.AutomationList).
var orders = []struct {
	order
	key, label string
}{
	{order{"name", false}, "n", "name"},
	{order{"automation", false}, "t", "type"},
	{order{"last_modified_at", true}, "m", "last change"},
	{order{"disabled", true}, "s", "disabled"},
}

// filters is what the site is asked for; both go together.
type filters struct {
	disabled string // "", "true" or "false"
	kind     string // type of automation
}

type (
	sortMsg   order
	filterMsg filters
	presetMsg struct{ preset *preset }
)

// preset looks at the last run, which the site cannot filter by.
type preset struct {
	key, label string
	holds      func(probe) bool
}

var presets = []*preset{
	{"f", "last run failed", func(p probe) bool {
		return p.run.Status == backend.RunFailure || p.run.Status == backend.RunPartialFailure
	}},
	{"r", "running or queued now", func(p probe) bool { return p.run.Status.Active() }},
	{"n", "never ran", func(p probe) bool { return p.none && !p.failed }},
	{"s", "last run succeeded", func(p probe) bool { return p.run.Status == backend.RunSuccess }},
}

func (s *Screen) query() backend.Query {
	q := backend.Query{SortBy: s.order.field, Desc: s.order.desc}
	if s.asked.disabled != "" {
		q.Filters = append(q.Filters, backend.Filter{Field: "disabled", Value: s.asked.disabled})
	}
	if s.asked.kind != "" {
		q.Filters = append(q.Filters, backend.Filter{Field: "automation", Value: s.asked.kind})
	}
	return q
}

func (s *Screen) sortMenu() tea.Cmd {
	spec := dialog.MenuSpec{Title: "Sort automations by"}
	for i, o := range orders {
		if o.field == s.order.field {
			spec.Selected = i
		}
		spec.Items = append(spec.Items, dialog.MenuItem{Label: o.label, Key: o.key, Cmd: ui.Say(sortMsg(o.order))})
	}
	return ui.Open(dialog.Menu(s.env, spec))
}

// kinds are the types that can be filtered by (PROTOCOL.md 13).
var kinds = []string{
	"copy_file", "move_file", "delete_file", "create_folder", "import_file", "run_sync", "as2_send", "v2",
}

func (s *Screen) filterMenu() tea.Cmd {
	f := s.asked
	set := func(key, label string, g filters) dialog.MenuItem {
		return dialog.MenuItem{Key: key, Label: label, Cmd: ui.Say(filterMsg(g))}
	}
	items := []dialog.MenuItem{
		set("a", "everything", filters{}),
		set("e", "enabled only", filters{disabled: "false", kind: f.kind}),
		set("d", "disabled only", filters{disabled: "true", kind: f.kind}),
	}
	for i, k := range kinds {
		items = append(items, set(strconv.Itoa(i+1), "type "+kind(k), filters{disabled: f.disabled, kind: k}))
	}
	return ui.Open(dialog.Menu(s.env, dialog.MenuSpec{Title: "Ask the site for", Items: items}))
}

func (s *Screen) presetMenu() tea.Cmd {
	spec := dialog.MenuSpec{Title: "Show automations by their last run"}
	for _, p := range presets {
		spec.Items = append(spec.Items, dialog.MenuItem{Key: p.key, Label: p.label, Cmd: ui.Say(presetMsg{p})})
	}
	if s.preset != nil {
		spec.Items = append(spec.Items, dialog.MenuItem{Key: "a", Label: "all, whatever their last run", Cmd: ui.Say(presetMsg{})})
	}
	if i := slices.Index(presets, s.preset); i >= 0 {
		spec.Selected = i
	}
	return ui.Open(dialog.Menu(s.env, spec))
}

// setPreset shows the automations whose last run fits; all of them are loaded
// and asked about for it.
func (s *Screen) setPreset(p *preset) tea.Cmd {
	s.preset = p
	s.keepHere()
	if p == nil {
		return s.look()
	}
	return ui.Batch(s.list.All(), s.look())
}

func (s *Screen) keepHere() {
	p := s.preset
	if p == nil {
		s.list.Keep(nil)
		return
	}
	s.list.Keep(func(a backend.Automation) bool {
		last, known := s.probes.known[a.ID]
		return known && p.holds(last)
	})
}

// describe is the foot of the list: what the site was asked, and how far the
// look at the last runs has come.
func (s *Screen) describe() string {
	th := s.env.Theme
	arrow := th.Glyphs.Up
	if s.order.desc {
		arrow = th.Glyphs.Down
	}
	label := s.order.field
	for _, o := range orders {
		if o.field == s.order.field {
			label = o.label
		}
	}
	var parts []string
	if s.preset != nil {
		p := s.preset.label
		if n, all := len(s.probes.known), len(s.list.Rows()); n < all {
			p += fmt.Sprintf(" (looked at %s of %s)", cell.Count(n), cell.Count(all))
		}
		parts = append(parts, p)
	}
	var asked []string
	switch s.asked.disabled {
	case "true":
		asked = append(asked, "disabled")
	case "false":
		asked = append(asked, "enabled")
	}
	if s.asked.kind != "" {
		asked = append(asked, "type "+kind(s.asked.kind))
	}
	if len(asked) > 0 {
		parts = append(parts, "asked the site: "+strings.Join(asked, ", "))
	}
	parts = append(parts, "by "+label+" "+arrow)
	if len(parts) == 1 {
		parts = append(parts, "no filter")
	} else {
		parts = append(parts, s.env.Keys.Key(keymap.EscapeLevel)+" clears")
	}
	return th.Paint(theme.Faint, strings.Join(parts, " "+th.Glyphs.Dot+" "))
}
