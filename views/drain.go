package views

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/views/transfers"
)

// draining is the box that stands until the queue is empty and the program
// quits: how far it is, and the way back.
type draining struct {
	env  *ui.Env
	snap backend.TransferSnapshot
	w, h int
}

func (d *draining) Init() tea.Cmd   { return nil }
func (d *draining) Typing() bool    { return false }
func (d *draining) Place() ui.Place { return ui.Center }
func (d *draining) Resize(w, h int) { d.w, d.h = min(w, 64), h }

// Update follows the queue while there is something left in it: with the last one
// the program ends, and until the screen is gone the box stays as it was.
func (d *draining) Update(msg tea.Msg) tea.Cmd {
	if m, ok := msg.(transfers.SnapshotMsg); ok && m.Active() {
		d.snap = m.TransferSnapshot
	}
	return nil
}

// Keys is the way back, and what else can become of the transfers.
func (d *draining) Keys() keymap.Set {
	return keymap.Of(keymap.CloseBox, keymap.Quit).
		Named(keymap.CloseBox, "back to work").Named(keymap.Quit, "pause or abort instead")
}

// Do goes back, or asks once more.
func (d *draining) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.CloseBox:
		return ui.Say(drainMsg{false})
	case keymap.Quit:
		return ui.Quit()
	}
	return nil
}

// View draws the box.
func (d *draining) View() string {
	if d.w < 30 || d.h < 8 {
		return ""
	}
	th := d.env.Theme
	var files, total, left int
	var bytes, all int64
	more, asking := "", 0
	for i := range d.snap.Jobs {
		j := &d.snap.Jobs[i]
		if j.State.Ended() {
			continue
		}
		left++
		files, total = files+j.FilesDone, total+j.FilesTotal
		bytes, all = bytes+j.BytesDone, all+j.BytesTotal
		asking += j.Asking
		if j.Scanning {
			more = "at least "
		}
	}
	head := cell.Count(left) + " transfers are left"
	if left == 1 {
		head = "1 transfer is left"
	}
	rate := d.snap.UpRate + d.snap.DownRate
	body := []string{
		head + ": " + cell.Count(files) + " of " + more + cell.Count(total) + " files, " + cell.Size(bytes) + " of " + more + cell.Size(all),
		"",
	}
	switch why := transfers.Standstill(&d.snap); {
	case why != "":
		body = append(body, cell.Wrap(th.Glyphs.Paused+" "+pathutil.Display(why), d.w-4)...)
	case asking > 0:
		body = append(body, "A file waits for an answer.")
	default:
		bar := ""
		if more == "" && all > 0 {
			bar = th.Paint(theme.Accent, th.Glyphs.Progress(float64(bytes)/float64(all), 24)) + fmt.Sprintf("  %d %%", min(100*bytes/all, 99)) + "   "
		}
		body = append(body, bar+cell.Rate(rate))
	}
	if d.snap.Failed > 0 {
		body = append(body, th.Paint(theme.Bad, cell.Count(d.snap.Failed)+" failed")+"; they are told again at the end.")
	}
	body = append(body, "")
	for _, h := range d.env.Keys.Hints(d.Keys()) {
		body = append(body, th.Paint(theme.Accent, h.Key)+" "+h.Text)
	}
	if key := d.env.Keys.Key(keymap.Quit); key != "" {
		body = append(body, th.Paint(theme.Accent, key)+" pause or abort instead")
	}
	return cell.Frame(th, cell.FrameSpec{W: d.w, H: min(len(body)+2, d.h), Focused: true, Title: "Quits when the transfers are done"}, body)
}
