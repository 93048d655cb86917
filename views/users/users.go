// Package users is the screen of a site's user accounts: who there is, who can
// still get in, and what can be done about it.
package users

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
	"ferry/views/paged"
)

// Directory is what the screen needs of a site (PROTOCOL.md 13, users and
// groups). Every failure is a *backend.Error.
type Directory interface {
	Users(ctx context.Context, q backend.Query) (backend.Page[backend.User], error)
	CreateUser(ctx context.Context, e backend.UserEdit) (backend.User, error)
	UpdateUser(ctx context.Context, id int64, e backend.UserEdit) (backend.User, error)
	DeleteUser(ctx context.Context, id int64) error
	UnlockUser(ctx context.Context, id int64) error
	ResetTwoFactor(ctx context.Context, id int64) error
	ResendWelcome(ctx context.Context, id int64) error
	Groups(ctx context.Context, q backend.Query) (backend.Page[backend.Group], error)
}

// Screen is the list of users.
type Screen struct {
	env  *ui.Env
	dir  Directory
	list *paged.List[backend.User]

	asked  filters
	order  order
	audit  *audit
	groups map[int64]string // names by id, as far as they are known
	named  ui.Loader[map[int64]string]
	work   ui.Loader[outcome]
	batch  *batch
	save   ui.Loader[backend.User]
	box    *dialog.FormBox // the form that is open

	self int64 // id of the user who is logged in

	w, h int
}

// SetSelf says which user is logged in: nobody is to lock themselves out by a
// slip. 0 is nobody, as with an API key of the site.
func (s *Screen) SetSelf(id int64) { s.self = id }

// New makes the screen. Nothing is asked for until Init.
func New(env *ui.Env, dir Directory) *Screen {
	s := &Screen{env: env, dir: dir, order: order{field: "username"}, groups: map[int64]string{}}
	s.list = paged.New(env, paged.Spec[backend.User]{
		What:  "users",
		ID:    func(u backend.User) string { return paged.ID(u.ID) },
		Text:  s.text,
		Fetch: dir.Users,
		Marks: true,
		Empty: []string{
			"No users here",
			"Nobody matches what the site was asked. " + env.Keys.Key(keymap.UserFilter) + " changes the filter, " +
				env.Keys.Key(keymap.UserCreate) + " adds a user.",
		},
	}, s.columns()...)
	s.list.Table.SetFocus(true)
	return s
}

// Init asks for the first users and the names of the groups.
func (s *Screen) Init() tea.Cmd { return ui.Batch(s.reload(), s.loadGroups()) }

func (s *Screen) reload() tea.Cmd {
	s.sortHere()
	s.keepHere()
	cmd := s.list.Start(s.query())
	if _, rest := s.asked.split(); s.audit != nil || !rest.none() {
		return ui.Batch(cmd, s.list.All()) // what is looked for here needs everybody
	}
	return cmd
}

// loadGroups reads the names of all groups; the list shows ids until they are
// there, and goes on without them when they cannot be had.
func (s *Screen) loadGroups() tea.Cmd {
	dir := s.dir
	return s.named.Load(s.env.Ctx, func(ctx context.Context) (map[int64]string, error) {
		names := map[int64]string{}
		q := backend.Query{PerPage: paged.NextPage}
		for {
			p, err := dir.Groups(ctx, q)
			if err != nil {
				return names, err
			}
			for _, g := range p.Items {
				names[g.ID] = g.Name
			}
			if p.Next == "" || p.Next == q.Cursor {
				return names, nil
			}
			q.Cursor = p.Next
		}
	})
}

// Update takes the answers of the screen's own requests and what was chosen in
// its menus.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	if names, _, ok := s.named.Take(msg); ok {
		s.groups = names
		s.list.Refresh()
		return nil
	}
	if o, err, ok := s.work.Take(msg); ok {
		return s.worked(o, err)
	}
	if u, err, ok := s.save.Take(msg); ok {
		return s.saved(u, err)
	}
	switch m := msg.(type) {
	case sortMsg:
		return s.setOrder(order(m))
	case filterMsg:
		return s.setFilters(filters(m))
	case auditMsg:
		return s.setAudit(m.audit)
	case goMsg:
		return s.begin(m.batch)
	case sendMsg:
		return s.send(m)
	}
	return s.list.Update(msg)
}

// Typing tells whether the narrowing line has the focus.
func (s *Screen) Typing() bool { return s.list.Typing() }

// Resize gives the room in cells.
func (s *Screen) Resize(w, h int) {
	s.w, s.h = w, h
	s.list.Resize(max(w-4, 0), max(h-2, 0))
}

// View draws the frame and the list in it.
func (s *Screen) View() string {
	if s.w <= 0 || s.h <= 0 {
		return ""
	}
	facts := s.list.Facts()
	if n := s.list.Table.MarkCount(); n > 0 {
		facts = cell.Count(n) + " marked · " + facts
	}
	return cell.Frame(s.env.Theme, cell.FrameSpec{
		W: s.w, H: s.h, Title: "users", Facts: facts, Foot: s.foot(), Focused: true,
	}, cell.Lines(s.list.Table.View()))
}

// foot says what is being done, else what is typed, else what the site was
// asked and what was added here.
func (s *Screen) foot() string {
	if s.batch != nil {
		return s.env.Theme.Paint(theme.Warn, s.batch.progress()) +
			s.env.Theme.Paint(theme.Faint, " · "+s.env.Keys.Key(keymap.EscapeLevel)+" stops")
	}
	if line := s.list.NarrowLine(); line != "" {
		return line
	}
	return s.describe()
}
