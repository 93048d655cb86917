package files

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/table"
	"ferry/views/paged"
)

// purpose is why a pane loads.
type purpose uint8

const (
	opening   purpose = iota // another folder or search
	reloading                // the same again
	more                     // the next page
)

// listing is what a load gives: the first rows of a spot, or the rows that
// follow.
type listing struct {
	at   spot
	rows []backend.Entry
	next string
	seen time.Time // when the folder had changed last, where that is known
}

// errStuck is told when a site answers with the page mark it was asked with.
var errStuck = errors.New("the site sent the same page mark again, so the list cannot be read on")

// open shows another spot. Until its first page is there the old rows stay,
// dimmed; when it cannot be had they come back. keep is what becomes of the
// history once it is there.
func (p *pane) open(to spot, keep func(*trail, spot)) tea.Cmd {
	p.toEnd, p.stale = false, false
	p.doing, p.going = opening, to
	p.table.Loading(p.describe(to))
	q := p.query(to)
	q.PerPage = paged.FirstPage
	w := p.world
	load := p.load(func(ctx context.Context) (listing, error) {
		seen := stamp(ctx, w, to.dir)
		page, err := w.list(ctx, to.dir, q)
		return listing{to, page.Items, page.Next, seen}, err
	})
	p.remember = keep
	p.redo = func() tea.Cmd { return p.open(to, keep) }
	return load
}

// visit opens a spot and remembers the one before.
func (p *pane) visit(to spot) tea.Cmd { return p.open(to, (*trail).visit) }

// describe names a spot for the line that says what is awaited.
func (p *pane) describe(s spot) string {
	if s.search != "" {
		return "what is named " + quote(s.search)
	}
	return p.world.show(s.dir)
}

// seek opens what a path turns out to be: a folder, or the folder of a file
// with the cursor on it.
func (p *pane) seek(path string) tea.Cmd {
	p.toEnd, p.stale = false, false
	p.doing, p.going = opening, spot{dir: path}
	p.table.Loading(p.describe(p.going))
	p.remember = (*trail).visit
	p.redo = func() tea.Cmd { return p.seek(path) }
	w, q := p.world, p.query(spot{})
	q.PerPage = paged.FirstPage
	return p.load(func(ctx context.Context) (listing, error) {
		to := spot{dir: path}
		e, err := w.find(ctx, path)
		if err != nil {
			return listing{at: to}, err
		}
		if !e.IsDir() {
			to = spot{dir: w.parent(path), cursor: e.Path}
		}
		return readTo(ctx, w, to, q, 0, true)
	})
}

// reload asks for the same spot again, as far as the cursor was, so that it
// can stay on its row.
func (p *pane) reload() tea.Cmd {
	if !p.ready {
		return p.open(p.at, nil)
	}
	p.toEnd, p.stale, p.halted = false, false, false
	p.doing, p.going = reloading, p.here()
	must := p.wish != ""
	if must {
		p.going.cursor, p.wish = p.wish, ""
		p.table.Select(p.going.cursor)
	}
	want := p.table.Index() + paged.FirstPage
	w, to, q := p.world, p.going, p.query(p.going)
	q.PerPage = paged.NextPage
	if want <= 2*paged.FirstPage {
		q.PerPage = 2 * paged.FirstPage
	}
	return p.load(func(ctx context.Context) (listing, error) {
		return readTo(ctx, w, to, q, want, must)
	})
}

// load asks for rows, and remembers since when.
func (p *pane) load(fn func(context.Context) (listing, error)) tea.Cmd {
	p.asked, p.quiet = p.env.Now(), false
	return p.loader.Load(p.env.Ctx, fn)
}

// seekLimit is how many rows are read to find the one under the cursor.
const seekLimit = 10_000

// readTo reads pages until there are so many rows; when it must find the row to
// come back to, on until that is among them.
func readTo(ctx context.Context, w world, to spot, q backend.FolderQuery, want int, must bool) (listing, error) {
	out := listing{at: to, seen: stamp(ctx, w, to.dir)}
	found := to.cursor == "" || !must
	for {
		page, err := w.list(ctx, to.dir, q)
		if err != nil {
			return listing{at: to}, err
		}
		out.rows, out.next = append(out.rows, page.Items...), page.Next
		for i := 0; !found && i < len(page.Items); i++ {
			found = page.Items[i].Path == to.cursor
		}
		enough := len(out.rows) >= want && (found || len(out.rows) >= seekLimit)
		if page.Next == "" || page.Next == q.Cursor || enough {
			return out, nil
		}
		q.Cursor, q.PerPage = page.Next, paged.NextPage
	}
}

// loadOn asks for the next page when there is one and nothing else is loading.
func (p *pane) loadOn() tea.Cmd {
	if p.next == "" || p.loader.Busy() || !p.ready {
		return nil
	}
	p.doing = more
	w, at, q := p.world, p.at, p.query(p.at)
	q.Cursor, q.PerPage = p.next, paged.NextPage
	return p.loader.Load(p.env.Ctx, func(ctx context.Context) (listing, error) {
		page, err := w.list(ctx, at.dir, q)
		if err == nil && page.Next == q.Cursor {
			err = errStuck
		}
		return listing{at: at, rows: page.Items, next: page.Next}, err
	})
}

// follow loads on when the cursor nears the end of what is loaded. While rows
// are narrowed only loading to the end goes on: few rows shown are no reason to
// fetch all.
func (p *pane) follow() tea.Cmd {
	if p.toEnd || !p.halted && p.table.Narrowed() == "" && p.table.NearEnd() {
		return p.loadOn()
	}
	return nil
}

// end goes to the last row and loads the rest of the list.
func (p *pane) end() tea.Cmd {
	p.table.Do(keymap.Last)
	if p.next == "" {
		return nil
	}
	p.toEnd, p.halted = true, false
	return p.loadOn()
}

// take handles the answer of a load.
func (p *pane) take(msg tea.Msg) tea.Cmd {
	l, err, ok := p.loader.Take(msg)
	if !ok {
		return nil
	}
	if err != nil {
		return p.failed(err)
	}
	if p.doing != more {
		p.seen, p.took = l.seen, p.env.Now().Sub(p.asked)
		p.quiet, p.blind, p.lost = false, false, false
	}
	switch p.doing {
	case more:
		p.next = l.next
		p.table.Append(p.sift(l.rows, p.table.Len()), l.next != "")
		if p.toEnd {
			p.table.Do(keymap.Last)
			p.toEnd = l.next != ""
		}
	case opening:
		p.arrive(l)
	case reloading:
		p.next, p.veiled = l.next, nil
		p.table.Replace(p.sift(l.rows, 0), l.next != "")
		p.sayEmpty()
	}
	if p.stale && !p.toEnd {
		return p.reload()
	}
	return p.follow()
}

// arrive shows the first rows of another spot.
func (p *pane) arrive(l listing) {
	if p.remember != nil && p.ready {
		p.remember(&p.trail, p.here())
	}
	p.remember = nil
	p.at, p.ready, p.next, p.veiled, p.halted = l.at, true, l.next, nil, false
	p.narrow.close()
	p.table.Reset()
	p.table.Narrow("", p.label)
	p.table.Append(p.sift(l.rows, 0), l.next != "")
	p.sayEmpty()
	if l.at.cursor != "" {
		p.table.Select(l.at.cursor)
	}
}

func (p *pane) sayEmpty() {
	k := p.env.Keys
	if p.at.search != "" {
		p.table.Empty("Nothing was found",
			"The site's search is not complete: new files take a while. "+k.Key(keymap.EscapeLevel)+" goes back")
		return
	}
	if len(p.veiled) > 0 {
		p.table.Empty("All names here begin with a dot", k.Key(keymap.ShowHidden)+" shows them")
		return
	}
	p.table.Empty("This folder is empty",
		k.Key(keymap.NewFolder)+" makes a folder, "+k.Key(keymap.Back)+" goes up")
}

// failed shows why a load gave nothing. What was there before comes back; only
// where there was nothing, or where it is gone, the error stands in place of
// the rows.
func (p *pane) failed(err error) tea.Cmd {
	quiet := p.quiet
	p.toEnd, p.halted, p.quiet = false, true, false
	if backend.Cancelled(err) {
		return p.settle()
	}
	var retry func() tea.Cmd
	gone := backend.Missing(err) || errors.Is(err, backend.NotAuthorized)
	switch {
	case quiet && !gone: // nobody has asked for it; who does is told why
		p.blind = true
		if p.lost {
			return nil
		}
		return p.settle()
	case p.doing == more:
		retry = p.loadOn
	case p.doing == reloading && !gone:
		retry = p.reload
	case p.doing == opening && p.ready:
		retry = p.redo
	default:
		if !p.ready {
			p.at = p.going
		}
		p.ready, p.lost, p.next, p.veiled = true, gone, "", nil
		p.table.Reset()
		p.table.Fail(p.problem(err))
		if !backend.SessionEnded(err) {
			return ui.Noted(err)
		}
		retry = p.reload
	}
	if p.table.State() != table.Failed {
		p.settle()
	}
	return ui.Fail(err, ui.Say(again{p, retry}))
}

// again runs a load once more when its error card is told to.
type again struct {
	pane *pane
	load func() tea.Cmd
}

// settle ends the waiting look of the table and gives back what was there.
func (p *pane) settle() tea.Cmd {
	if !p.ready {
		p.table.Fail(ui.Problem{
			Title: "Loading was stopped",
			Hints: []keymap.Hint{{Key: p.env.Keys.Key(keymap.Refresh), Text: "load again"}},
		})
		return nil
	}
	p.table.Append(nil, p.next != "")
	return nil
}

// stop cancels what is loading; it tells whether anything was.
func (p *pane) stop() bool {
	if !p.loader.Busy() {
		return false
	}
	p.loader.Cancel()
	p.toEnd, p.halted, p.stale, p.quiet = false, true, false, false
	p.settle()
	return true
}

// changed reloads when a path of this side concerns the pane. A load that is
// under way is not started over, or a stream of changes would starve it.
func (p *pane) changed(paths []string) tea.Cmd {
	if !p.ready {
		return nil
	}
	hit := false
	for _, path := range paths {
		hit = hit || p.affected(path)
	}
	switch {
	case !hit:
		return nil
	case p.loader.Busy():
		p.stale = true
		return nil
	}
	return p.reload()
}

// problem is an error as the pane shows it in place of the rows.
func (p *pane) problem(err error) ui.Problem {
	out := paged.Problem(p.env.Keys, err)
	if p.at.dir != p.world.parent(p.at.dir) {
		out.Hints = append(out.Hints, keymap.Hint{Key: p.env.Keys.Key(keymap.Back), Text: "parent folder"})
	}
	return out
}

// quote puts a typed text between quotation marks.
func quote(s string) string { return "“" + pathutil.Display(s) + "”" }
