package resources

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/dialog"
	"ferry/ui/form"
	"ferry/views/paged"
)

// opened is the resource whose objects are shown.
type opened struct {
	kind   backend.Resource
	params map[string]string
	list   *paged.List[backend.Record]
	filter *backend.Filter
	sort   string
	desc   bool
	find   ui.Loader[backend.Record]
	kill   ui.Loader[string]
	again  tea.Cmd // what find or kill did, for the error card
}

type (
	openMsg struct {
		kind   backend.Resource
		params map[string]string
	}
	filterMsg backend.Filter
	sortMsg   struct {
		field string
		desc  bool
	}
	deleteMsg struct {
		kind backend.Resource
		id   string
	}
)

// openKind shows the objects of the kind under the cursor, asking first for what
// its list cannot do without.
func (s *Screen) openKind() tea.Cmd {
	r, ok := s.kinds.Table.Cursor()
	if !ok {
		return nil
	}
	if len(r.Needs) == 0 {
		return s.show(r, nil)
	}
	fields := make([]form.Field, len(r.Needs))
	for i, n := range r.Needs {
		fields[i] = form.Field{Key: n, Label: words(n), Required: true}
		if s.open != nil && s.open.kind.Name == r.Name {
			fields[i].Value = s.open.params[n]
		}
	}
	var box *dialog.FormBox
	box = dialog.NewForm(s.env, dialog.FormSpec{
		Title: title(r), Verb: "list", Body: []string{"The site lists these only for:"}, Fields: fields,
		Submit: func(v, _ map[string]string) tea.Cmd {
			return ui.Batch(box.Done(), ui.Say(openMsg{r, v}))
		},
	})
	return ui.Open(box)
}

func (s *Screen) show(r backend.Resource, params map[string]string) tea.Cmd {
	if s.open != nil {
		s.open.close()
	}
	o := &opened{kind: r, params: params}
	store := s.store
	o.list = paged.New(s.env, paged.Spec[backend.Record]{
		What: title(r),
		ID:   identity,
		Text: text,
		Fetch: func(ctx context.Context, q backend.Query) (backend.Page[backend.Record], error) {
			return store.Records(ctx, r.Name, params, q)
		},
		Empty: []string{"There are no " + title(r) + " on this site", "Or none that you may see."},
	}, columns(s.env, r)...)
	s.open, s.right = o, true
	s.focus()
	s.Resize(s.w, s.h)
	return o.list.Start(backend.Query{})
}

func (o *opened) close() {
	o.list.Close()
	o.find.Cancel()
	o.kill.Cancel()
}

func (o *opened) title() string { return title(o.kind) }

func (s *Screen) focus() {
	right := s.rightHasKeys()
	s.kinds.Table.SetFocus(!right)
	if s.open != nil {
		s.open.list.Table.SetFocus(right)
	}
}

func (o *opened) query() backend.Query {
	q := backend.Query{SortBy: o.sort, Desc: o.desc}
	if o.filter != nil {
		q.Filters = []backend.Filter{*o.filter}
	}
	return q
}

func (o *opened) reload() tea.Cmd {
	o.list.Table.SetSort(o.sort, o.desc)
	return o.list.Start(o.query())
}

// take accepts the answers to find and delete.
func (o *opened) take(s *Screen, msg tea.Msg) (tea.Cmd, bool) {
	if rec, err, ok := o.find.Take(msg); ok {
		if err != nil {
			return ui.Fail(err, nil), true
		}
		return s.read(rec), true
	}
	if id, err, ok := o.kill.Take(msg); ok {
		if err != nil {
			return ui.Fail(err, o.again), true
		}
		o.list.Drop(id)
		return ui.Toast(ui.Success, "Deleted "+words(o.kind.Name)+" "+id), true
	}
	return nil, false
}

// details shows all fields of the object under the cursor, asked for anew where
// the site gives single ones.
func (s *Screen) details() tea.Cmd {
	rec, ok := s.open.list.Table.Cursor()
	if !ok {
		return nil
	}
	id := idOf(rec)
	if !s.open.kind.Find || id == "" {
		return s.read(rec)
	}
	store, name := s.store, s.open.kind.Name
	return s.open.find.Load(s.env.Ctx, func(ctx context.Context) (backend.Record, error) { return store.Record(ctx, name, id) })
}

func (s *Screen) read(rec backend.Record) tea.Cmd {
	name := words(s.open.kind.Name)
	if id := idOf(rec); id != "" {
		name += " " + id
	}
	return ui.Open(dialog.Text(s.env, dialog.TextSpec{Title: name, Body: sheet(s.env, s.open.kind, rec)}))
}

// remove asks before the object under the cursor is deleted.
func (s *Screen) remove() tea.Cmd {
	rec, ok := s.open.list.Table.Cursor()
	if !ok {
		return nil
	}
	id, kind := idOf(rec), s.open.kind
	return ui.Open(dialog.Confirm(s.env, dialog.ConfirmSpec{
		Title: "Delete " + words(kind.Name) + " " + id,
		Body: []string{
			words(kind.Name) + " " + id + " will be deleted from the site. This cannot be undone here.",
		},
		Yes: "Delete", Danger: true, Type: id, OnYes: ui.Say(deleteMsg{kind, id}),
	}))
}

func (s *Screen) drop(m deleteMsg) tea.Cmd {
	if s.open == nil || s.open.kind.Name != m.kind.Name {
		return nil
	}
	store := s.store
	s.open.again = ui.Say(m)
	return s.open.kill.Load(s.env.Ctx, func(ctx context.Context) (string, error) {
		return m.id, store.DeleteRecord(ctx, m.kind.Name, m.id)
	})
}

func (s *Screen) filterMenu() tea.Cmd {
	o := s.open
	spec := dialog.MenuSpec{Title: "Ask the site for " + o.title() + " where"}
	for _, f := range o.kind.Filters {
		spec.Items = append(spec.Items, dialog.MenuItem{Label: words(f) + " = …", Cmd: s.askValue(f)})
	}
	if o.filter != nil {
		spec.Items = append(spec.Items, dialog.MenuItem{Key: "a", Label: "all of them", Cmd: ui.Say(filterMsg{})})
	}
	return ui.Open(dialog.Menu(s.env, spec))
}

func (s *Screen) askValue(field string) tea.Cmd {
	old := ""
	if f := s.open.filter; f != nil && f.Field == field {
		old = f.Value
	}
	return ui.Open(dialog.Prompt(s.env, dialog.PromptSpec{
		Title: "Filter " + s.open.title(), Verb: "filter", Label: words(field), Value: old, Suggested: true,
		Help: "The exact value; yes and no are true and false.",
		OnOK: func(v string) tea.Cmd { return ui.Say(filterMsg{Field: field, Value: v}) },
	}))
}

func (s *Screen) setFilter(f backend.Filter) tea.Cmd {
	if s.open == nil {
		return nil
	}
	s.open.filter = nil
	if f.Field != "" {
		s.open.filter = &f
	}
	return s.open.reload()
}

func (s *Screen) sortMenu() tea.Cmd {
	o := s.open
	spec := dialog.MenuSpec{Title: "Sort " + o.title() + " by"}
	for i, f := range o.kind.Sorts {
		if f == o.sort {
			spec.Selected = i
		}
		spec.Items = append(spec.Items, dialog.MenuItem{Label: words(f), Cmd: ui.Say(sortMsg{f, false})})
	}
	spec.Items = append(spec.Items, dialog.MenuItem{Key: "a", Label: "the site's own order", Cmd: ui.Say(sortMsg{})})
	return ui.Open(dialog.Menu(s.env, spec))
}

func (s *Screen) setSort(field string, desc bool) tea.Cmd {
	if s.open == nil {
		return nil
	}
	s.open.sort, s.open.desc = field, desc
	return s.open.reload()
}

// foot says what the site was asked.
func (o *opened) foot(s *Screen) string {
	if line := o.list.NarrowLine(); line != "" {
		return line
	}
	th := s.env.Theme
	if o.find.Busy() || o.kill.Busy() {
		return th.Paint(theme.Warn, "waiting for the site") +
			th.Paint(theme.Faint, " · "+s.env.Keys.Key(keymap.EscapeLevel)+" stops")
	}
	parts := make([]string, 0, len(o.kind.Needs)+2)
	for _, n := range o.kind.Needs {
		parts = append(parts, words(n)+" "+pathutil.Display(o.params[n]))
	}
	if o.filter != nil {
		parts = append(parts, "asked the site: "+words(o.filter.Field)+" = "+pathutil.Display(o.filter.Value))
	}
	order := "in the site's order"
	if o.sort != "" {
		arrow := th.Glyphs.Up
		if o.desc {
			arrow = th.Glyphs.Down
		}
		order = "by " + words(o.sort) + " " + arrow
	}
	parts = append(parts, order)
	return strings.Join(parts, " "+th.Glyphs.Dot+" ")
}
