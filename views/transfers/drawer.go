package transfers

import (
	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
)

// The height of the drawer follows its rows between these.
const (
	drawerLeast = 5
	drawerMost  = 12
)

// Drawer shows the queue over the lower part of any screen.
type Drawer struct {
	list *list
	w, h int // the largest box
}

// NewDrawer makes the drawer. It may be opened again after it was closed.
func NewDrawer(env *ui.Env, queue Queue, sides Sides) *Drawer {
	return &Drawer{list: newList(env, queue, sides)}
}

// Init asks for the state now.
func (d *Drawer) Init() tea.Cmd {
	d.list.front()
	return d.list.load()
}

// Update takes a snapshot.
func (d *Drawer) Update(msg tea.Msg) tea.Cmd {
	d.list.update(msg)
	d.fit()
	return nil
}

// Keys is what can be done with the queue, and the ways out.
func (d *Drawer) Keys() keymap.Set {
	set := d.list.keys()
	if !set.Has(keymap.EscapeLevel) {
		set = set.And(keymap.Of(keymap.CloseBox))
	}
	return set.And(keymap.Of(keymap.Drawer, keymap.GotoTransfers, keymap.Quit).
		Named(keymap.Drawer, "close the drawer").Named(keymap.Quit, "close the drawer"))
}

// Do carries out an action.
func (d *Drawer) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.CloseBox, keymap.Drawer, keymap.Quit:
		return ui.Close(d)
	case keymap.GotoTransfers:
		return ui.Batch(ui.Close(d), ui.Goto(ui.RouteTransfers, nil))
	case keymap.JobShow:
		return ui.Batch(ui.Close(d), d.list.do(a))
	}
	return d.list.do(a)
}

// Typing is never so.
func (d *Drawer) Typing() bool { return false }

// Place is the lower edge.
func (d *Drawer) Place() ui.Place { return ui.Bottom }

// Resize gives the largest box.
func (d *Drawer) Resize(w, h int) {
	d.w, d.h = w, h
	d.fit()
}

// height is the frame, the header and the rows.
func (d *Drawer) height() int {
	return min(max(d.list.table.Len()+3, drawerLeast), drawerMost, d.h)
}

func (d *Drawer) fit() {
	d.list.table.Resize(cell.FrameSpec{W: d.w, H: d.height()}.Inner())
}

// View draws the drawer.
func (d *Drawer) View() string {
	if d.w <= 0 || d.h <= 0 {
		return ""
	}
	l := d.list
	return cell.Frame(l.env.Theme, cell.FrameSpec{
		W: d.w, H: d.height(), Focused: true, Title: "transfers", Facts: l.totals(), Foot: l.standing(), FootRight: l.flow(),
	}, cell.Lines(l.table.View()))
}
