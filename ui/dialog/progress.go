package dialog

import (
	"context"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// ProgressSpec is work that one waits for.
type ProgressSpec struct {
	Title  string
	Cancel context.CancelFunc // stops the work; nil when it cannot be stopped
}

// ProgressBox shows how far some work is.
type ProgressBox struct {
	box
	spec  ProgressSpec
	share float64
	line  string
}

// Progress makes a box that shows how far some work is.
func Progress(env *ui.Env, spec ProgressSpec) *ProgressBox {
	return &ProgressBox{box: box{env: env, title: spec.Title}, spec: spec, share: -1}
}

// Set tells how far the work is, between 0 and 1; below 0 is unknown.
func (p *ProgressBox) Set(share float64, line string) { p.share, p.line = share, line }

// Typing is false.
func (p *ProgressBox) Typing() bool { return false }

// Update has nothing to wait for.
func (p *ProgressBox) Update(tea.Msg) tea.Cmd { return nil }

// Keys is stopping.
func (p *ProgressBox) Keys() keymap.Set {
	return keymap.Of(keymap.CloseBox).Named(keymap.CloseBox, "stop")
}

// Do stops.
func (p *ProgressBox) Do(a keymap.Action) tea.Cmd {
	if a != keymap.CloseBox {
		return nil
	}
	if p.spec.Cancel != nil {
		p.spec.Cancel()
	}
	return ui.Close(p)
}

// Resize gives the largest box. It does not follow the line, which changes.
func (p *ProgressBox) Resize(w, h int) { p.w, p.h = min(w, widest), h }

// View draws the box.
func (p *ProgressBox) View() string {
	if p.small() {
		return ""
	}
	th := p.env.Theme
	var text []string
	if p.share >= 0 {
		const figure = 6 // "  99 %", never 100 before the end
		share := min(p.share, 1)
		bar := th.Paint(theme.Accent, th.Glyphs.Progress(share, max(p.inner()-figure, 1)))
		text = append(text, bar+cell.FitRight(strconv.Itoa(int(share*100))+" %", figure))
	}
	text = append(text, cell.Fit(pathutil.Display(p.line), p.inner()))
	return p.frame(text, nil, false, p.Keys())
}
