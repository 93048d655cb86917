// Package dialog is ready-made boxes: confirm, prompt, menu, text, form,
// progress. All of them are overlays.
//
// No box can be answered by the key that opened it, and the rule needs no clock,
// since most terminals do not tell a held key from one pressed again. A question
// starts on its safe button, so Enter only closes it; the dangerous button has a
// letter of its own, or is reached by another key first; a question that knows
// its opener gives that action's keys no meaning at all; and letters of a menu
// ignore repeats. Keys typed ahead of a box that opened by itself are kept from
// it by the shell, which has the clock (ui.Question).
package dialog

import (
	"slices"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// The widths of a box where the screen has room: as wide as its text, between
// these.
const (
	thinnest = 50
	widest   = 72
	frameW   = 4 // borders with air
	frameH   = 2
)

// box is what all dialogs share.
type box struct {
	env   *ui.Env
	title string
	w, h  int // of the room; w of the box after fit
	gone  bool
}

// Init begins, or begins again when the box is opened once more.
func (b *box) Init() tea.Cmd {
	b.gone = false
	return nil
}

// leave closes the box for good: keys that arrive before the shell has taken it
// away answer nothing a second time.
func (b *box) leave(self ui.Overlay) tea.Cmd {
	b.gone = true
	return ui.Close(self)
}

func (b *box) Place() ui.Place { return ui.Center }

func (b *box) Resize(w, h int) { b.w, b.h = w, h }

// fit makes the box as wide as its text wants, within the room.
func (b *box) fit(w, h int, text []string) {
	want := cell.Width(b.title) + 8
	for _, l := range text {
		want = max(want, cell.Width(l)+frameW)
	}
	b.w, b.h = min(w, max(thinnest, min(want, widest))), h
}

// inner is the width of the text.
func (b *box) inner() int { return max(b.w-frameW, 1) }

func (b *box) small() bool { return b.w < 12 || b.h < 4 }

// frame draws the box: the text, what stands below it, and the keys. When the
// room is short the text gives way, and says so, never the keys.
func (b *box) frame(text, foot []string, danger bool, keys keymap.Set) string {
	th := b.env.Theme
	if hints := cell.HintLines(th, b.env.Keys.Hints(keys), b.inner()); len(hints) > 0 {
		foot = append(append(foot, ""), hints...)
	}
	room := b.h - frameH
	if len(foot) > room {
		foot = foot[len(foot)-room:]
	}
	if over := len(text) + len(foot) - room; over > 0 {
		keep := max(len(text)-over-1, 0)
		left := len(text) - keep
		text = text[:keep:keep]
		if keep+1+len(foot) <= room {
			text = append(text, th.Paint(theme.Faint, th.Glyphs.Ellipsis+" "+cell.Count(left)+" more lines"))
		}
	}
	lines := slices.Concat(text, foot)
	return cell.Frame(th, cell.FrameSpec{
		W: b.w, H: len(lines) + frameH, Title: pathutil.Display(b.title), Focused: true, Danger: danger,
	}, lines)
}

// wrapped breaks a text of several paragraphs; what fits keeps its blanks.
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

// lower makes a button's label a hint's word.
func lower(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}
