// Package overlay is the stack of what lies above a screen, and its painting.
package overlay

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/ui"
	"ferry/ui/cell"
)

// Stack holds overlays; the last one pushed is on top and gets the keys. The
// zero value is empty and ready.
type Stack struct {
	all  []ui.Overlay
	w, h int
}

// New makes an empty stack.
func New() *Stack { return &Stack{} }

// Push puts o on top. An overlay that is already in the stack only comes to the
// front.
func (s *Stack) Push(o ui.Overlay) {
	s.Remove(o)
	s.all = append(s.all, o)
	s.size(o)
}

// Remove takes o away, wherever it is.
func (s *Stack) Remove(o ui.Overlay) {
	s.all = slices.DeleteFunc(s.all, func(x ui.Overlay) bool { return x == o })
}

// Clear takes all away.
func (s *Stack) Clear() { s.all = nil }

// Top is the overlay that gets the keys.
func (s *Stack) Top() (ui.Overlay, bool) {
	if len(s.all) == 0 {
		return nil, false
	}
	return s.all[len(s.all)-1], true
}

// All gives the overlays, the lowest first.
func (s *Stack) All() []ui.Overlay { return slices.Clone(s.all) }

// Has tells whether o is in the stack.
func (s *Stack) Has(o ui.Overlay) bool { return slices.Contains(s.all, o) }

// Update gives a message that is not a key to every overlay: results go to
// everyone.
func (s *Stack) Update(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, o := range slices.Clone(s.all) { // an overlay may leave while it listens
		cmds = append(cmds, o.Update(msg))
	}
	return ui.Batch(cmds...)
}

// Resize gives the size of the screen.
func (s *Stack) Resize(w, h int) {
	s.w, s.h = w, h
	for _, o := range s.all {
		s.size(o)
	}
}

// size gives an overlay the largest box it may fill at its place: a margin in
// the middle and at the top, the full width for a drawer.
func (s *Stack) size(o ui.Overlay) {
	if s.w <= 0 || s.h <= 0 {
		return
	}
	switch o.Place() {
	case ui.Bottom:
		o.Resize(s.w, max(s.h/2, 8))
	default:
		o.Resize(max(s.w-4, 1), max(s.h-4, 1))
	}
}

// View paints the overlays on the screen. It cuts the lines that they cover and
// leaves all others as they are, which costs a tenth of composing layers. A top
// that is not nil draws each line of the topmost overlay otherwise.
func (s *Stack) View(base string, top func(row string) string) string {
	if len(s.all) == 0 || s.w <= 0 {
		return base
	}
	lines := cell.Lines(base)
	for n, o := range s.all {
		box := o.View()
		if box == "" {
			continue
		}
		rows := cell.Lines(box)
		w := cell.Width(rows[0])
		x, y := s.where(o.Place(), w, len(rows))
		for i, r := range rows {
			if top != nil && n == len(s.all)-1 {
				r = top(r)
			}
			if at := y + i; at >= 0 && at < len(lines) {
				lines[at] = cell.Splice(lines[at], cell.Fit(r, min(w, s.w-x)), x)
			}
		}
	}
	return strings.Join(lines, "\n")
}

func (s *Stack) where(p ui.Place, w, h int) (x, y int) {
	x = max((s.w-w)/2, 0)
	switch p {
	case ui.Bottom:
		return 0, max(s.h-1-h, 0)
	case ui.Top:
		return x, 2
	}
	return x, max((s.h-h)/2, 0)
}
