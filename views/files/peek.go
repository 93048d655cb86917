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
	lines  []string
	whole  bool
	err    error
	top    int
	w, h   int
}

func newPeek(env *ui.Env) *peek { return &peek{env: env} }

func (k *peek) resize(w, h int) { k.w, k.h = w, h }

// show fetches the beginning of a file after a rest, so that a cursor that only
// passes by asks for nothing.
func (k *peek) show(w world, e backend.Entry, rest time.Duration) tea.Cmd {
	if k.is(w.side(), e) {
		return nil
	}
	k.side, k.entry = w.side(), e
	k.lines, k.err, k.top, k.whole = nil, nil, 0, e.Size >= 0 && e.Size <= peekBytes
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
		k.lines, k.err = lines, err
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
	return k.lines[min(k.top, end):end]
}

// place says where in the text one is, when it does not fit.
func (k *peek) place() string {
	if len(k.lines) <= k.h {
		return ""
	}
	return "line " + cell.Count(k.top+1) + " of " + cell.Count(len(k.lines))
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
