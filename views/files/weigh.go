package files

import (
	"context"
	"errors"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

const (
	// fewObjects may go with folders without anything having to be typed.
	fewObjects = 10
	weighPage  = 1000
)

// weight is what folders hold.
type weight struct {
	files, folders int
	bytes          int64
	least          bool // not everything has been counted
	err            error
}

func (w weight) objects() int { return w.files + w.folders }

// text says what there is: "at least 1,204 files and 31 folders, 3.2 GB".
func (w weight) text() string {
	least := ""
	if w.least {
		least = "at least "
	}
	what := plural(w.files, "file", "files")
	switch {
	case w.files == 0 && w.folders > 0:
		return least + plural(w.folders, "folder", "folders") + " without a file"
	case w.folders > 0:
		what += " and " + plural(w.folders, "folder", "folders")
	}
	return least + what + ", " + cell.Size(w.bytes)
}

// weighing counts what is in folders before it is asked whether they go: page by
// page, so that it can be stopped and tells how far it is.
type weighing struct {
	screen  *Screen
	pane    *pane
	targets []backend.Entry
	loader  ui.Loader[backend.Page[backend.Entry]]
	dirs    []string // still to be listed
	whole   bool     // the site lists everything below a folder at once
	asked   backend.FolderQuery
	seen    weight
	gone    bool
	w, h    int
}

func newWeighing(s *Screen, p *pane, targets []backend.Entry) *weighing {
	g := &weighing{screen: s, pane: p, targets: targets, whole: p.world.side() == backend.Remote}
	g.seen.least = true
	for _, e := range targets {
		if e.IsDir() && !e.Link {
			g.dirs = append(g.dirs, e.Path)
		}
	}
	return g
}

// Init asks for the first page.
func (g *weighing) Init() tea.Cmd { return g.next("") }

// next asks for a page of the folder in turn.
func (g *weighing) next(cursor string) tea.Cmd {
	if len(g.dirs) == 0 {
		g.seen.least = false
		return g.ask()
	}
	world, dir := g.pane.world, g.dirs[0]
	g.asked = backend.FolderQuery{Query: backend.Query{PerPage: weighPage, Cursor: cursor}, Recursive: g.whole}
	q := g.asked
	return g.loader.Load(g.screen.env.Ctx, func(ctx context.Context) (backend.Page[backend.Entry], error) {
		return world.list(ctx, dir, q)
	})
}

// Update counts a page and asks for the one after it.
func (g *weighing) Update(msg tea.Msg) tea.Cmd {
	page, err, mine := g.loader.Take(msg)
	switch {
	case !mine || g.gone:
		return nil
	case err != nil && g.asked.Recursive && g.asked.Cursor == "" && errors.Is(err, backend.BadRequest):
		g.whole = false // it lists folder by folder only
		return g.next("")
	case err != nil:
		g.seen.err = err
		return g.ask()
	}
	for _, e := range page.Items {
		switch {
		case !e.IsDir() || e.Link:
			g.seen.files, g.seen.bytes = g.seen.files+1, g.seen.bytes+max(e.Size, 0)
		default:
			g.seen.folders++
			if !g.whole {
				g.dirs = append(g.dirs, e.Path)
			}
		}
	}
	if page.Next == "" {
		g.dirs = g.dirs[1:]
	}
	return g.next(page.Next)
}

// ask goes on to the question, with what is known.
func (g *weighing) ask() tea.Cmd {
	g.gone = true
	g.loader.Cancel()
	return ui.Batch(ui.Close(g), g.screen.confirmDelete(g.pane, g.targets, false, &g.seen))
}

// Keys is not waiting for the count, and leaving.
func (g *weighing) Keys() keymap.Set {
	return keymap.Of(keymap.Press, keymap.CloseBox).Named(keymap.Press, "ask without the rest of the count").Named(keymap.CloseBox, "keep everything")
}

// Do goes on to the question, or leaves.
func (g *weighing) Do(a keymap.Action) tea.Cmd {
	switch {
	case g.gone:
		return nil
	case a == keymap.Press:
		return g.ask()
	}
	g.gone = true
	g.loader.Cancel()
	return ui.Close(g)
}

// Typing is never so.
func (g *weighing) Typing() bool { return false }

// Place is the middle.
func (g *weighing) Place() ui.Place { return ui.Center }

// Resize gives the largest box.
func (g *weighing) Resize(w, h int) { g.w, g.h = min(w, 64), h }

// View draws how far the count is.
func (g *weighing) View() string {
	if g.w < 30 || g.h < 6 {
		return ""
	}
	th := g.screen.env.Theme
	body := append(list(g.pane, g.targets), "", "Counting what goes with "+them(len(g.targets))+": "+th.Paint(theme.Strong, g.seen.text()), "")
	body = append(body, cell.HintLines(th, g.screen.env.Keys.Hints(g.Keys()), g.w-4)...)
	return cell.Frame(th, cell.FrameSpec{
		W: g.w, H: min(len(body)+2, g.h), Focused: true, Danger: true, Title: deleteTitle(g.pane, g.targets),
	}, body)
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// weigh puts the weight of folders into the question: what goes with them, and
// for more than a few objects what has to be typed.
func (w *weight) weigh(side backend.Side, targets []backend.Entry, spec *dialog.ConfirmSpec) {
	switch {
	case w.err != nil:
		spec.Body = append(spec.Body, "What goes with "+them(len(targets))+" could not be counted: "+pathutil.Display(backend.Explain(w.err).Title)+".")
	case w.objects() == 0 && !w.least:
		spec.Body = append(spec.Body, "There is nothing in "+them(folders(targets))+".")
		return
	default:
		spec.Body = append(spec.Body, "With "+them(len(targets))+" goes everything inside: "+w.text()+".")
	}
	if w.objects() <= fewObjects && !w.least {
		return
	}
	if len(targets) == 1 {
		spec.Type = entryName(side, targets[0])
		return
	}
	spec.Type = strconv.Itoa(w.objects() + len(targets))
	if w.least {
		spec.Type = strconv.Itoa(len(targets))
		spec.Body = append(spec.Body, "Type how many items were chosen.")
		return
	}
	spec.Body = append(spec.Body, "These are "+cell.Count(w.objects()+len(targets))+" files and folders altogether.")
}
