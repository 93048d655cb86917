package files

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/table"
)

// pane shows one folder of one world, or what a search found there.
type pane struct {
	env   *ui.Env
	world world
	table *table.Model[backend.Entry]

	at     spot // what is shown
	ready  bool // something has been shown
	trail  trail
	sortBy string // field of the site, "" for its own order
	desc   bool
	hidden bool // dotted names are shown
	veiled []veil

	loader   ui.Loader[listing]
	doing    purpose            // of the load under way
	going    spot               // where it leads, when it opens something
	remember func(*trail, spot) // what becomes of the history once it is there
	redo     func() tea.Cmd     // opens the same again
	next     string             // cursor of the page after the loaded ones
	toEnd    bool               // load on until the end
	halted   bool               // loading on was stopped or failed: wait for the person
	stale    bool               // something changed while a load was under way
	wish     string             // path of the row that the next reload puts the cursor on

	seen  time.Time     // when the folder of this machine had changed last as it was read
	asked time.Time     // when the load under way began
	took  time.Duration // how long the last one took
	quiet bool          // the load under way is one that nobody has asked for
	blind bool          // such a load failed: no more of them until another works
	lost  bool          // an error says in place of the rows that the folder is gone

	narrow input
	sum    string // the marks as the frame shows them
	summed int    // for how many marks that was
}

// The fields that the site sorts folders by (PROTOCOL.md 8). Folders come first
// whatever the sort.
const (
	byName     = "path"
	bySize     = "size"
	byModified = "modified_at_datetime"
	byProvided = "provided_modified_at"
)

func newPane(env *ui.Env, w world, start string, hidden bool) *pane {
	p := &pane{env: env, world: w, at: spot{dir: start}, hidden: hidden, narrow: newInput()}
	cols := []table.Column[backend.Entry]{
		{Title: "Name", Weight: 1, Min: 22, Middle: true, Cell: p.label, Role: role, Sort: byName},
		{Title: "Size", Width: 8, Right: true, Drop: 1, Cell: size, Role: faint, Sort: bySize},
		{Title: "Modified", Terse: "Date", Width: 11, Least: 7, Drop: 2, Cell: p.modified, Brief: p.day, Role: faint, Sort: byModified},
	}
	if w.side() == backend.Remote {
		cols = append(cols, table.Column[backend.Entry]{Title: "Rights", Width: 6, Drop: 3, Cell: rights, Role: faint})
	}
	p.table = table.New(env, func(e backend.Entry) string { return e.Path }, cols...)
	p.table.SetSort(byName, false)
	return p
}

// label is the name as the row shows it: relative to the folder in what a
// search found, with a slash behind folders.
func (p *pane) label(e backend.Entry) string {
	name := e.Name
	if p.at.search != "" {
		base := p.at.dir
		if p.at.all {
			base = ""
		}
		if rel, ok := pathutil.Relative(base, e.Path); ok && p.world.side() == backend.Remote {
			name = rel
		}
	}
	name = pathutil.DisplayName(name)
	if e.IsDir() {
		name += "/"
	}
	if e.Link {
		name += "@"
	}
	if e.Locked {
		name = p.env.Theme.Glyphs.Locked + " " + name
	}
	return name
}

func role(e backend.Entry) theme.Role {
	if e.IsDir() {
		return theme.Folder
	}
	return theme.Text
}

func faint(backend.Entry) theme.Role { return theme.Faint }

func size(e backend.Entry) string {
	if e.IsDir() {
		return ""
	}
	return cell.Size(e.Size)
}

func (p *pane) modified(e backend.Entry) string {
	if e.Modified.IsZero() {
		return p.env.Theme.Glyphs.Dash
	}
	return cell.Ago(e.Modified, p.env.Now())
}

// day is modified where there is less room.
func (p *pane) day(e backend.Entry) string { return cell.Day(e.Modified, p.env.Now()) }

func rights(e backend.Entry) string { return pathutil.Display(e.Permissions) }

// narrowBy narrows the loaded rows.
func (p *pane) narrowBy(query string) { p.table.Narrow(query, p.label) }

// cursor is the row under the cursor, as long as what is shown is true.
func (p *pane) cursor() (backend.Entry, bool) { return p.table.Cursor() }

// here is the spot shown, with the row to come back to.
func (p *pane) here() spot {
	s := p.at
	if e, ok := p.table.Cursor(); ok {
		s.cursor = e.Path
	}
	return s
}

// query is what to ask the site for a spot.
func (p *pane) query(at spot) backend.FolderQuery {
	q := backend.FolderQuery{Search: at.search, SearchAll: at.all}
	if at.search == "" && (p.sortBy != "" && p.sortBy != byName || p.desc) {
		q.SortBy, q.Desc = p.sortBy, p.desc
		if q.SortBy == "" {
			q.SortBy = byName
		}
	}
	return q
}

// sift keeps the dotted names back unless they are shown.
func (p *pane) sift(rows []backend.Entry, before int) []backend.Entry {
	if p.hidden || p.at.search != "" {
		return rows
	}
	shown := rows[:0:0]
	for _, e := range rows {
		if dotted(e) {
			p.veiled = append(p.veiled, veil{before + len(shown), e})
			continue
		}
		shown = append(shown, e)
	}
	return shown
}

// setHidden shows or hides dotted names among what is loaded.
func (p *pane) setHidden(on bool) {
	if p.hidden == on {
		return
	}
	p.hidden = on
	rows := slices.Collect(p.table.Rows())
	if on {
		rows = unveil(rows, p.veiled)
	}
	p.veiled = nil
	if p.ready && p.table.State() != table.Failed {
		p.table.Replace(p.sift(rows, 0), p.next != "")
		p.sayEmpty()
	}
}

// unveil puts hidden rows back between the shown ones.
func unveil(rows []backend.Entry, veiled []veil) []backend.Entry {
	out := make([]backend.Entry, 0, len(rows)+len(veiled))
	for i, r := range rows {
		for len(veiled) > 0 && veiled[0].before <= i {
			out = append(out, veiled[0].entry)
			veiled = veiled[1:]
		}
		out = append(out, r)
	}
	for _, v := range veiled {
		out = append(out, v.entry)
	}
	return out
}

// taken tells whether a name is in use in the folder as far as it is loaded.
// Local names are compared as they are, remote ones as the site does.
func (p *pane) taken(name string) bool {
	path := p.world.join(p.at.dir, name)
	for e := range p.table.Rows() {
		if p.world.same(e.Path, path) {
			return true
		}
	}
	return slices.ContainsFunc(p.veiled, func(v veil) bool { return p.world.same(v.entry.Path, path) })
}

// folder tells whether a real folder is shown, not a search and not an error.
func (p *pane) folder() bool {
	return p.ready && p.at.search == "" && p.table.State() != table.Failed
}

// opens tells whether another folder, or the first one, is being loaded: what is
// shown until then is not where things go.
func (p *pane) opens() bool { return p.loader.Busy() && p.doing == opening }

// affected tells whether a change at path shows in this pane.
func (p *pane) affected(path string) bool {
	w := p.world
	if p.at.search != "" {
		return p.at.all || w.within(p.at.dir, path)
	}
	return w.same(w.parent(path), p.at.dir) || w.within(path, p.at.dir)
}

// sortName is the order as the frame names it.
func (p *pane) sortName() string {
	names := map[string]string{
		"": "name", byName: "name", bySize: "size", byModified: "modified on the site", byProvided: "original date",
	}
	arrow := p.env.Theme.Glyphs.Up
	if p.desc {
		arrow = p.env.Theme.Glyphs.Down
	}
	name := names[p.sortBy]
	if p.world.side() == backend.Local && p.sortBy == byModified {
		name = "modified"
	}
	return "by " + name + " " + arrow
}

// moves is the set of list actions.
func (p *pane) listKeys() keymap.Set {
	s := keymap.Of(keymap.Mark, keymap.MarkRange, keymap.Invert, keymap.MarkAll)
	if strings.TrimSpace(p.table.Narrowed()) != "" {
		s = keymap.Of(keymap.NextMatch, keymap.PrevMatch).And(s)
	}
	return s.And(keymap.Movement())
}
