package files

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/preview"
	"ferry/views/paged"
)

const (
	peekBytes = 64 << 10 // how much of a file is fetched to look at
	peekRest  = 150 * time.Millisecond
)

// peek shows the beginning of a file: in the preview pane and in the viewer.
type peek struct {
	env    *ui.Env
	loader ui.Loader[[]string]
	side   backend.Side
	entry  backend.Entry // shown or awaited; Path "" is nothing
	text   []string      // as it was drawn
	lines  []string      // as they are shown: broken where wrapping is on
	wide   int           // cells of the widest line
	left   int           // cells that are scrolled out at the left
	wrap   bool
	whole  bool
	err    error
	top    int
	w, h   int
}

func newPeek(env *ui.Env) *peek { return &peek{env: env} }

func (k *peek) resize(w, h int) {
	k.w, k.h = w, h
	k.lay()
}

// lay breaks the text for the width, where that is wanted.
func (k *peek) lay() {
	k.lines, k.wide = k.text, 0
	if k.wrap {
		k.lines = make([]string, 0, len(k.text))
		for _, l := range k.text {
			k.lines = append(k.lines, cell.Fold(l, k.w)...)
		}
	} else {
		for _, l := range k.text {
			k.wide = max(k.wide, cell.Width(l))
		}
	}
	k.scrollLines(0)
	k.scrollSide(0)
}

// toggleWrap breaks long lines, or lets them go on to the right.
func (k *peek) toggleWrap() {
	k.wrap, k.left = !k.wrap, 0
	k.lay()
}

// scrollSide moves the text by so many cells.
func (k *peek) scrollSide(n int) {
	k.left = min(max(k.left+n, 0), max(k.wide-k.w, 0))
}

// show fetches the beginning of a file after a rest, so that a cursor that only
// passes by asks for nothing.
func (k *peek) show(w world, e backend.Entry, rest time.Duration) tea.Cmd {
	if k.is(w.side(), e) {
		return nil
	}
	k.side, k.entry = w.side(), e
	k.text, k.lines, k.err, k.top, k.left, k.whole = nil, nil, nil, 0, 0, e.Size >= 0 && e.Size <= peekBytes
	if e.IsDir() || e.Path == "" || e.Size == 0 {
		k.loader.Cancel()
		return nil
	}
	th := *k.env.Theme // the shell may change the theme while the command runs
	width, sleep := k.w, k.env.Sleep
	return k.loader.Load(k.env.Ctx, func(ctx context.Context) ([]string, error) {
		if rest > 0 {
			if err := sleep(ctx, rest); err != nil {
				return nil, err
			}
		}
		data, err := w.preview(ctx, e, peekBytes)
		if err != nil {
			return nil, err
		}
		return preview.Text(e.Name, data, &th, width), nil
	})
}

// is tells whether this content of this file is shown already.
func (k *peek) is(side backend.Side, e backend.Entry) bool {
	return k.side == side && k.entry.Path == e.Path && k.entry.Modified.Equal(e.Modified) && k.entry.Size == e.Size
}

func (k *peek) update(msg tea.Msg) tea.Cmd {
	lines, err, ok := k.loader.Take(msg)
	if ok {
		k.text, k.err = lines, err
		k.lay()
	}
	return nil
}

// scroll moves the text by so many half pages.
func (k *peek) scroll(halves int) { k.scrollLines(halves * max(k.h/2, 1)) }

func (k *peek) scrollLines(n int) {
	k.top = min(max(k.top+n, 0), max(len(k.lines)-k.h, 0))
}

// body is the visible lines.
func (k *peek) body() []string {
	faint := k.env.Theme.Ink(theme.Faint)
	switch {
	case k.entry.Path == "":
		return []string{faint.Paint("Nothing to preview")}
	case k.entry.IsDir():
		return []string{faint.Paint("A folder; " + k.env.Keys.Key(keymap.Enter) + " opens it")}
	case k.loader.Busy():
		return []string{faint.Paint("Loading the beginning of the file")}
	case k.err != nil:
		x := paged.Problem(k.env.Keys, k.err)
		out := []string{k.env.Theme.Paint(theme.Bad, x.Title), ""}
		for _, l := range x.Lines {
			out = append(out, cell.Wrap(l, k.w)...)
		}
		return out
	case len(k.lines) == 0:
		return []string{faint.Paint("The file is empty")}
	}
	end := min(k.top+k.h, len(k.lines))
	out := make([]string, 0, k.h)
	for _, l := range k.lines[min(k.top, end):end] {
		out = append(out, cell.Truncate(cell.From(l, k.left), k.w, k.env.Theme.Glyphs.Ellipsis))
	}
	return out
}

// place says where in the text one is, when it does not fit.
func (k *peek) place() string {
	at := ""
	if k.left > 0 {
		at = "from column " + cell.Count(k.left+1)
	}
	if len(k.lines) <= k.h {
		return at
	}
	line := "line " + cell.Count(k.top+1) + " of " + cell.Count(len(k.lines))
	if at != "" {
		line += ", " + at
	}
	return line
}

// facts says how much of the file this is.
func (k *peek) facts() string {
	switch {
	case k.entry.Path == "" || k.entry.IsDir() || k.loader.Busy() || k.err != nil:
		return ""
	case k.whole:
		return cell.Size(k.entry.Size)
	}
	return "the first " + cell.Size(peekBytes) + " of " + cell.Size(k.entry.Size)
}
