// Package resources is every kind of object that Files.com has behind one
// screen: choose a kind at the left, read its objects at the right.
package resources

import (
	"context"
	"slices"
	"strings"

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

// Store is what the screen needs of a site: any resource by its name. Every
// failure is a *backend.Error.
type Store interface {
	// Resources is what there is; it costs no request.
	Resources() []backend.Resource
	// Records lists a resource. Params are the parameters that its list needs.
	Records(ctx context.Context, resource string, params map[string]string, q backend.Query) (backend.Page[backend.Record], error)
	Record(ctx context.Context, resource, id string) (backend.Record, error)
	DeleteRecord(ctx context.Context, resource, id string) error
}

// Screen is the kinds at the left and the objects of one at the right.
type Screen struct {
	env   *ui.Env
	store Store
	kinds *paged.List[backend.Resource]
	open  *opened // nil until a kind was opened
	right bool    // the right side has the focus

	w, h int
}

// New makes the screen. Nothing is asked for until a kind is opened.
func New(env *ui.Env, store Store) *Screen {
	s := &Screen{env: env, store: store}
	s.kinds = paged.New(env, paged.Spec[backend.Resource]{
		What: "resources",
		ID:   func(r backend.Resource) string { return r.Name },
		Text: func(r backend.Resource) string { return title(r) + " " + r.Name },
		Fetch: func(context.Context, backend.Query) (backend.Page[backend.Resource], error) {
			return backend.Page[backend.Resource]{Items: listed(store.Resources())}, nil
		},
		Empty: []string{"Nothing can be listed here"},
	}, table.Column[backend.Resource]{Title: "Resource", Min: 10, Weight: 1, Cell: title})
	return s
}

// listed is the resources that have a list, by title.
func listed(all []backend.Resource) []backend.Resource {
	out := slices.DeleteFunc(slices.Clone(all), func(r backend.Resource) bool { return !r.List })
	slices.SortFunc(out, func(a, b backend.Resource) int { return strings.Compare(title(a), title(b)) })
	return out
}

// title is what a resource is called on the screen: "api keys".
func title(r backend.Resource) string {
	name := r.Segment
	if name == "" {
		name = r.Name
	}
	return words(name)
}

func words(wire string) string { return pathutil.Display(strings.ReplaceAll(wire, "_", " ")) }

// Init reads which kinds there are.
func (s *Screen) Init() tea.Cmd { return s.kinds.Start(backend.Query{}) }

// rightHasKeys tells whether the objects have the focus.
func (s *Screen) rightHasKeys() bool { return s.right && s.open != nil }

// Update takes the answers of the screen's own requests and what was chosen in
// its boxes.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
		if s.rightHasKeys() {
			return s.open.list.Update(msg)
		}
		return s.kinds.Update(msg)
	case openMsg:
		return s.show(m.kind, m.params)
	case filterMsg:
		return s.setFilter(backend.Filter(m))
	case sortMsg:
		return s.setSort(m.field, m.desc)
	case deleteMsg:
		return s.drop(m)
	}
	if s.open != nil {
		if cmd, mine := s.open.take(s, msg); mine {
			return cmd
		}
		return ui.Batch(s.kinds.Update(msg), s.open.list.Update(msg))
	}
	return s.kinds.Update(msg)
}

// Typing tells whether a narrowing line has the focus.
func (s *Screen) Typing() bool {
	if s.rightHasKeys() {
		return s.open.list.Typing()
	}
	return s.kinds.Typing()
}

// Resize gives the room in cells.
func (s *Screen) Resize(w, h int) {
	s.w, s.h = w, h
	l, r := s.split()
	s.kinds.Resize(max(l-4, 0), max(h-2, 0))
	if s.open != nil {
		s.open.list.Resize(max(r-4, 0), max(h-2, 0))
	}
}

// split is the widths of the two sides.
func (s *Screen) split() (left, right int) {
	left = min(max(s.w/4, 24), 34)
	return left, max(s.w-left, 0)
}

// View draws the two sides.
func (s *Screen) View() string {
	l, r := s.split()
	if s.w <= 0 || s.h <= 0 || r < 8 {
		return ""
	}
	s1 := cell.FrameSpec{W: l, H: s.h, Title: "resources", Foot: s.kinds.NarrowLine(), Focused: !s.rightHasKeys()}
	if s.kinds.Table.Narrowed() != "" {
		s1.Facts = cell.Count(s.kinds.Table.Shown())
	} else {
		s1.Facts = cell.Count(len(s.kinds.Rows()))
	}
	left := cell.Lines(cell.Frame(s.env.Theme, s1, cell.Lines(s.kinds.Table.View())))

	s2 := cell.FrameSpec{W: r, H: s.h, Focused: s.rightHasKeys()}
	var body []string
	if s.open == nil {
		s2.Title = "objects"
		body = cell.Lines(cell.Centred(s.hint(), max(r-4, 0), max(s.h-2, 0)))
	} else {
		s2.Title, s2.Facts, s2.Foot = s.open.title(), s.open.list.Facts(), s.open.foot(s)
		body = cell.Lines(s.open.list.Table.View())
	}
	right := cell.Lines(cell.Frame(s.env.Theme, s2, body))
	out := make([]string, min(len(left), len(right)))
	for i := range out {
		out[i] = left[i] + right[i]
	}
	return strings.Join(out, "\n")
}

func (s *Screen) hint() string {
	th := s.env.Theme
	return "Everything else that Files.com has, as it is.\n" +
		th.Paint(theme.Accent, s.env.Keys.Key(keymap.Enter)) + th.Paint(theme.Faint, " opens a resource, ") +
		th.Paint(theme.Accent, s.env.Keys.Key(keymap.Narrow)) + th.Paint(theme.Faint, " finds one by its name")
}
