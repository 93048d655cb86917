// Package activity is the log of a site: who did what, when, and from where.
package activity

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
	"ferry/ui/table"
	"ferry/views/paged"
)

// Journal is what the screen needs of a site (PROTOCOL.md 12, history): the
// actions of the last 24 hours, sorted by created_at. Every failure is a
// *backend.Error.
type Journal interface {
	History(ctx context.Context, q backend.Query) (backend.Page[backend.LogLine], error)
}

// filter is what is shown of the loaded lines; the site cannot be asked for it.
type filter struct {
	what     string // one action, "" for all
	failures bool
}

type filterMsg filter

// Screen is the list of what happened.
type Screen struct {
	env    *ui.Env
	list   *paged.List[backend.LogLine]
	oldest bool // the oldest first
	only   filter
	w, h   int
}

// New makes the screen. Nothing is asked for until Init.
func New(env *ui.Env, journal Journal) *Screen {
	s := &Screen{env: env}
	s.list = paged.New(env, paged.Spec[backend.LogLine]{
		What:  "actions",
		ID:    identity,
		Text:  text,
		Fetch: journal.History,
		Empty: []string{
			"Nothing to see here",
			"The site tells what happened in the last 24 hours. " + env.Keys.Key(keymap.Refresh) + " looks again.",
		},
	}, s.columns()...)
	s.list.Table.SetFocus(true)
	return s
}

// identity tells two lines apart: the log has no ids that are always there.
func identity(l backend.LogLine) string {
	return fmt.Sprint(l.At.UnixNano(), "\x00", l.What, "\x00", l.Path, "\x00", l.Who, "\x00", l.From, "\x00", l.Text)
}

func text(l backend.LogLine) string {
	return strings.Join([]string{l.Who, l.What, l.Path, l.From, l.Text}, " ")
}

func failed(l backend.LogLine) bool {
	return l.Status != "" && l.Status != "none" && l.Status != "success"
}

func words(wire string) string { return pathutil.Display(strings.ReplaceAll(wire, "_", " ")) }

func (s *Screen) columns() []table.Column[backend.LogLine] {
	type line = backend.LogLine
	g := &s.env.Theme.Glyphs
	dim := func(line) theme.Role { return theme.Faint }
	orDash := func(t string) string {
		if t == "" {
			return g.Dash
		}
		return pathutil.Display(t)
	}
	return []table.Column[line]{
		{Title: "When", Width: 11, Sort: "created_at", Cell: func(l line) string { return cell.Ago(l.At, s.env.Now()) }, Role: dim},
		{Title: "Who", Min: 10, Weight: 2, Cell: func(l line) string { return orDash(l.Who) }},
		{Title: "What", Min: 10, Weight: 2, Cell: func(l line) string {
			if failed(l) {
				return g.Failed + " " + words(l.What)
			}
			return g.Done + " " + words(l.What)
		}, Role: func(l line) theme.Role {
			if failed(l) {
				return theme.Bad
			}
			return theme.Text
		}},
		{Title: "Path", Min: 14, Weight: 4, Middle: true, Cell: func(l line) string {
			if l.Path == "" {
				return g.Dash
			}
			return pathutil.Display("/" + strings.TrimPrefix(l.Path, "/"))
		}},
		{Title: "From", Min: 24, Weight: 2, Drop: 1, Cell: func(l line) string { return orDash(l.From) }, Role: dim},
	}
}

// Init asks for the newest actions.
func (s *Screen) Init() tea.Cmd { return s.reload() }

func (s *Screen) reload() tea.Cmd {
	s.list.Table.SetSort("created_at", !s.oldest)
	return s.list.Start(backend.Query{SortBy: "created_at", Desc: !s.oldest})
}

// Update takes the pages and what was chosen in the menu.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	if m, ok := msg.(filterMsg); ok {
		return s.show(filter(m))
	}
	return s.list.Update(msg)
}

func (s *Screen) show(f filter) tea.Cmd {
	s.only = f
	if f == (filter{}) {
		s.list.Keep(nil)
	} else {
		s.list.Keep(func(l backend.LogLine) bool {
			return (f.what == "" || l.What == f.what) && (!f.failures || failed(l))
		})
	}
	return s.list.Follow()
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
	foot := s.list.NarrowLine()
	if foot == "" {
		foot = s.describe()
	}
	return cell.Frame(s.env.Theme, cell.FrameSpec{
		W: s.w, H: s.h, Title: "activity", Facts: s.list.Facts(), Foot: foot, Focused: true,
	}, cell.Lines(s.list.Table.View()))
}

func (s *Screen) describe() string {
	parts := []string{"the newest first"}
	if s.oldest {
		parts[0] = "the oldest first"
	}
	clears := s.env.Keys.Key(keymap.EscapeLevel) + " clears"
	switch {
	case s.only.failures:
		parts = append(parts, "failures among the loaded", clears)
	case s.only.what != "":
		parts = append(parts, words(s.only.what)+" among the loaded", clears)
	default:
		parts = append(parts, "the last 24 hours")
	}
	return strings.Join(parts, " "+s.env.Theme.Glyphs.Dot+" ")
}

// Keys is what can be done now.
func (s *Screen) Keys() keymap.Set {
	if s.Typing() {
		return s.list.Keys()
	}
	set := keymap.Of(
		keymap.Enter, keymap.ActivityFilter, keymap.Reverse, keymap.ActivityPath, keymap.Info, keymap.CopyText, keymap.EscapeLevel,
	).And(s.list.Keys()).Named(keymap.Enter, "details")
	l, ok := s.list.Table.Cursor()
	switch {
	case !ok:
		set = set.Disable("there is no line under the cursor", keymap.Enter, keymap.Info, keymap.CopyText, keymap.ActivityPath)
	case l.Path == "":
		set = set.Disable("this line is about no path", keymap.ActivityPath)
	}
	if !s.list.CanEscape() && s.only == (filter{}) {
		set = set.Disable("there is nothing to clear or to stop", keymap.EscapeLevel)
	}
	return set
}

// Do carries out an action that Keys offers.
func (s *Screen) Do(a keymap.Action) tea.Cmd {
	l, _ := s.list.Table.Cursor()
	switch a {
	case keymap.Enter, keymap.Info:
		return s.card(l)
	case keymap.ActivityFilter:
		return s.menu()
	case keymap.ActivityPath:
		return ui.Goto(ui.RouteFiles, ui.ShowPath{Side: ui.RemoteSide, Path: strings.Trim(l.Path, "/")})
	case keymap.Reverse:
		s.oldest = !s.oldest
		return s.reload()
	case keymap.Refresh:
		return s.reload()
	case keymap.CopyText:
		return ui.Copy(line(l), "log line")
	case keymap.EscapeLevel:
		if s.list.Escape() {
			return s.list.Follow()
		}
		return s.show(filter{})
	}
	cmd, _ := s.list.Do(a)
	return cmd
}

// line is a log line as one pastes it into a ticket.
func line(l backend.LogLine) string {
	return strings.Join([]string{cell.Stamp(l.At), l.Who, l.What, l.Path, l.From, l.Text}, "\t")
}

func (s *Screen) card(l backend.LogLine) tea.Cmd {
	th := s.env.Theme
	var body []string
	for _, f := range [][2]string{
		{"when", cell.Stamp(l.At) + " (" + cell.Ago(l.At, s.env.Now()) + ")"},
		{"who", l.Who},
		{"what", words(l.What)},
		{"path", l.Path},
		{"from", l.From},
		{"result", words(l.Status)},
		{"", l.Text},
	} {
		if f[1] == "" {
			continue
		}
		for i, part := range cell.Wrap(pathutil.Display(f[1]), 54) {
			name := f[0]
			if i > 0 {
				name = ""
			}
			body = append(body, th.Paint(theme.Faint, cell.Fit(name, 8))+part)
		}
	}
	return ui.Open(dialog.Text(s.env, dialog.TextSpec{Title: words(l.What), Body: body}))
}

// menu offers the actions that occur among the loaded lines, the most frequent
// first.
func (s *Screen) menu() tea.Cmd {
	count, bad := map[string]int{}, 0
	for _, l := range s.list.Rows() {
		count[l.What]++
		if failed(l) {
			bad++
		}
	}
	item := func(key, label string, n int, f filter) dialog.MenuItem {
		return dialog.MenuItem{Key: key, Label: cell.Fit(label, 28) + cell.FitRight(cell.Count(n), 8), Cmd: ui.Say(filterMsg(f))}
	}
	items := []dialog.MenuItem{
		item("a", "everything", len(s.list.Rows()), filter{}),
		item("x", "failures", bad, filter{failures: true}),
	}
	actions := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	for i, w := range actions {
		key := ""
		if i < 9 {
			key = strconv.Itoa(i + 1)
		}
		items = append(items, item(key, words(w), count[w], filter{what: w}))
	}
	return ui.Open(dialog.Menu(s.env, dialog.MenuSpec{Title: "Show among the loaded", Items: items}))
}
