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
	loader ui.Loader[drawn]
	side   backend.Side
	entry  backend.Entry // shown or awaited; Path "" is nothing
	text   []string      // as it was drawn
	data   []byte        // what was drawn for a size, nil when that does not matter
	dw, dh int           // the size
	lines  []string      // as they are shown: broken where wrapping is on
	wide   int           // cells of the widest line
	left   int           // cells that are scrolled out at the left
	wrap   bool
	whole  bool
	err    error
	top    int
	w, h   int
}

// drawn is the beginning of a file as it looks.
type drawn struct {
	lines []string
	data  []byte // of what looks different in another size: pictures and bytes
	w, h  int    // the size
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
	k.text, k.lines, k.data, k.err, k.top, k.left, k.whole = nil, nil, nil, nil, 0, 0, e.Size >= 0 && e.Size <= peekBytes
	if e.IsDir() || e.Path == "" || e.Size == 0 {
		k.loader.Cancel()
		return nil
	}
	draw, sleep := k.draw(), k.env.Sleep
	return k.loader.Load(k.env.Ctx, func(ctx context.Context) (drawn, error) {
		if rest > 0 {
			if err := sleep(ctx, rest); err != nil {
				return drawn{}, err
			}
		}
		data, err := w.preview(ctx, e, peekBytes)
		if err != nil {
			return drawn{}, err
		}
		return draw(data), nil
	})
}

// draw gives what draws the file for the size there is now, in a command.
func (k *peek) draw() func(data []byte) drawn {
	th := *k.env.Theme // the shell may change the theme while the command runs
	name, w, h := k.entry.Name, k.w, k.h
	return func(data []byte) drawn {
		out := drawn{lines: preview.Text(name, data, &th, w, h), w: w, h: h}
		if _, text := preview.Plain(data); !text {
			out.data = data
		}
		return out
	}
}

// refit draws a picture again that was drawn for another size.
func (k *peek) refit() tea.Cmd {
	if k.data == nil || k.w == k.dw && k.h == k.dh || k.loader.Busy() {
		return nil
	}
	draw, data := k.draw(), k.data
	return k.loader.Load(k.env.Ctx, func(context.Context) (drawn, error) { return draw(data), nil })
}

// is tells whether this content of this file is shown already.
func (k *peek) is(side backend.Side, e backend.Entry) bool {
	return k.side == side && k.entry.Path == e.Path && k.entry.Modified.Equal(e.Modified) && k.entry.Size == e.Size
}

func (k *peek) update(msg tea.Msg) tea.Cmd {
	got, err, ok := k.loader.Take(msg)
	if ok {
		k.text, k.data, k.dw, k.dh, k.err = got.lines, got.data, got.w, got.h, err
		k.lay()
	}
	return k.refit()
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
