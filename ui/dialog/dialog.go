// Package dialog is ready-made boxes: confirm, prompt, menu, text, form,
// progress. All of them are overlays.
//
// A box cannot be answered by the key that opened it: it starts on the safe
// button, the letters of its answers are its own, and a key that is held down
// (a repeat) presses nothing.
package dialog

import (
	"strings"

	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// widest is the width of a box where the screen has room for it.
const widest = 66

// box is what all dialogs share.
type box struct {
	env   *ui.Env
	title string
	w, h  int
}

func (b *box) Place() ui.Place { return ui.Center }

func (b *box) Resize(w, h int) { b.w, b.h = min(w, widest), h }

// inner is the width of the text.
func (b *box) inner() int { return max(b.w-4, 1) }

func (b *box) small() bool { return b.w < 16 || b.h < 5 }

// frame draws the box around its lines, with the keys in its last line.
func (b *box) frame(lines []string, danger bool, keys keymap.Set) string {
	th := b.env.Theme
	if hints := b.hints(keys); hints != "" {
		lines = append(lines, "", hints)
	}
	if room := b.h - 2; len(lines) > room {
		lines = append(lines[:max(room-2, 0)], lines[len(lines)-2:]...)
	}
	return cell.Frame(th, cell.FrameSpec{
		W: b.w, H: len(lines) + 2, Title: pathutil.Display(b.title), Focused: true, Danger: danger,
	}, lines)
}

func (b *box) hints(keys keymap.Set) string {
	th := b.env.Theme
	var parts []string
	for _, h := range b.env.Keys.Hints(keys) {
		parts = append(parts, th.Paint(theme.Accent, h.Key)+" "+th.Paint(theme.Faint, h.Text))
	}
	return strings.Join(parts, "   ")
}

// wrapped breaks a text of several paragraphs.
func wrapped(text []string, w int) []string {
	var out []string
	for _, t := range text {
		if cell.Width(t) <= w {
			out = append(out, t)
			continue
		}
		out = append(out, cell.Wrap(t, w)...)
	}
	return out
}
