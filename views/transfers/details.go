package transfers

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// details shows one job: how it stands, its files in flight and its failures,
// explained. It follows the snapshots.
type details struct {
	list *list // for its queue and words
	job  backend.JobSnapshot
	gone bool
	top  int
	w, h int
}

// details opens the job under the cursor; one that waits for an answer is asked
// about instead.
func (l *list) details() tea.Cmd {
	j, ok := l.table.Cursor()
	if !ok {
		return nil
	}
	if box := newConflict(l.env, l.queue, j); box != nil {
		return ui.Open(box)
	}
	d := &details{list: &list{env: l.env, queue: l.queue, snap: l.snap}, job: j}
	return ui.Open(d)
}

func (d *details) Init() tea.Cmd { return nil }

// Update follows the job.
func (d *details) Update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(SnapshotMsg)
	if !ok || m.Seq < d.list.snap.Seq {
		return nil
	}
	d.list.snap, d.gone = m.TransferSnapshot, true
	for _, j := range m.Jobs {
		if j.ID == d.job.ID {
			d.job, d.gone = j, false
		}
	}
	d.scroll(0)
	return nil
}

// Keys is what can be done with this job.
func (d *details) Keys() keymap.Set {
	set := keymap.Of(keymap.JobPause, keymap.JobRetry, keymap.JobCancel, keymap.JobShow, keymap.CopyText,
		keymap.CloseBox).And(keymap.Movement()).Named(keymap.CopyText, "copy the text of the error")
	one := []backend.JobSnapshot{d.job}
	if paused(one) {
		set = set.Named(keymap.JobPause, "resume")
	}
	switch {
	case d.gone:
		set = set.Disable("it was taken off the list", keymap.JobPause, keymap.JobRetry, keymap.JobCancel)
	case d.job.State.Ended():
		set = set.Disable("it has ended", keymap.JobPause, keymap.JobCancel)
	}
	if d.job.FilesFailed == 0 && d.job.State != backend.JobFailed {
		set = set.Disable("nothing of it has failed", keymap.JobRetry)
	}
	if failure(d.job) == nil {
		set = set.Disable("there is no error here", keymap.CopyText)
	}
	return set
}

// Do carries out an action.
func (d *details) Do(a keymap.Action) tea.Cmd {
	q, one := d.list.queue, []backend.JobSnapshot{d.job}
	switch a {
	case keymap.CloseBox:
		return ui.Close(d)
	case keymap.Down:
		d.scroll(1)
	case keymap.Up:
		d.scroll(-1)
	case keymap.PageDown, keymap.HalfDown:
		d.scroll(max(d.h/2, 1))
	case keymap.PageUp, keymap.HalfUp:
		d.scroll(-max(d.h/2, 1))
	case keymap.First:
		d.scroll(-len(d.lines()))
	case keymap.Last:
		d.scroll(len(d.lines()))
	case keymap.JobPause:
		if paused(one) {
			return each(one, isPaused, q.Resume)
		}
		return each(one, isOpen, q.Pause)
	case keymap.JobRetry:
		return run(func() { q.Retry(one[0].ID) })
	case keymap.JobCancel:
		return d.list.askCancel(one)
	case keymap.JobShow:
		return ui.Batch(ui.Close(d), show(d.job))
	case keymap.CopyText:
		return copyError(failure(d.job))
	}
	return nil
}

func (d *details) scroll(n int) {
	_, h := d.spec().Inner()
	d.top = min(max(d.top+n, 0), max(len(d.lines())-h, 0))
}

// Typing is never so.
func (d *details) Typing() bool { return false }

// Place is the middle.
func (d *details) Place() ui.Place { return ui.Center }

// Resize gives the largest box.
func (d *details) Resize(w, h int) { d.w, d.h = w, h }

func (d *details) spec() cell.FrameSpec {
	return cell.FrameSpec{
		W: min(d.w, 96), H: min(len(d.lines())+2, d.h), Focused: true, Danger: d.job.State == backend.JobFailed,
		Title: "transfer  " + d.list.route(d.job),
	}
}

// View draws the job.
func (d *details) View() string {
	if d.w < 20 || d.h < 5 {
		return ""
	}
	spec := d.spec()
	lines := d.lines()
	_, h := spec.Inner()
	if len(lines) > h {
		spec.FootRight = fmt.Sprintf("%d of %d lines, %s goes on", min(d.top+h, len(lines)), len(lines), d.list.env.Keys.Key(keymap.Down))
	}
	return cell.Frame(d.list.env.Theme, spec, lines[min(d.top, len(lines)):])
}

func (d *details) lines() []string {
	l, j, th := d.list, d.job, d.list.env.Theme
	var out []string
	add := func(what, value string) {
		if value != "" {
			out = append(out, th.Paint(theme.Faint, cell.Fit(what, 11))+value)
		}
	}
	add("From", place(j.From))
	add("To", place(j.To))
	if d.gone {
		add("State", "taken off the list")
	} else {
		add("State", th.Paint(role(j), l.glyph(j)+" "+l.state(j)))
	}
	if bar := l.bar(j); bar != "" {
		add("Progress", bar+" "+percent(j))
	}
	of := " of "
	if j.Scanning {
		of = " of at least "
	}
	add("Files", cell.Count(j.FilesDone)+of+cell.Count(j.FilesTotal)+counted(", ", j.FilesFailed, " failed")+
		counted(", ", j.FilesSkipped, " left out")+counted(", ", j.Asking, " waiting for an answer"))
	add("Bytes", cell.Size(j.BytesDone)+of+cell.Size(j.BytesTotal))
	add("Speed", l.speed(j))
	add("Time left", l.left(j))
	if !j.Started.IsZero() {
		add("Started", cell.Stamp(j.Started)+", took "+duration(l.took(j)))
	}
	if j.Verified != backend.Unverified {
		add("Check", verdict(j.Verified, j.VerifiedBy))
	}
	return append(append(out, d.reason()...), d.items()...)
}

func counted(before string, n int, after string) string {
	if n == 0 {
		return ""
	}
	return before + cell.Count(n) + after
}

// reason explains why the job failed.
func (d *details) reason() []string {
	err := failure(d.job)
	if err == nil {
		return nil
	}
	th := d.list.env.Theme
	x := backend.Explain(err)
	out := []string{"", th.Paint(theme.Bad, th.Glyphs.Failed+" "+pathutil.Display(x.Title))}
	w := max(min(d.w, 96)-4, 10)
	for _, line := range x.Lines {
		out = append(out, cell.Wrap(pathutil.Display(line), w)...)
	}
	for _, line := range cell.Wrap(pathutil.Display(x.Code), w) {
		out = append(out, th.Paint(theme.Faint, line))
	}
	return out
}

// items are the files that something can be said about.
func (d *details) items() []string {
	if len(d.job.Items) == 0 {
		return nil
	}
	th := d.list.env.Theme
	w := max(min(d.w, 96)-4, 10)
	out := []string{"", th.Paint(theme.Strong, "Files at work, waiting and failed")}
	for _, it := range d.job.Items {
		line := pathutil.Display(it.Note)
		ink := theme.Faint
		switch {
		case it.Err != nil:
			line, ink = join(pathutil.Display(backend.Explain(it.Err).Title), line), theme.Bad
		case it.State == backend.JobRunning:
			at := cell.Size(it.Done) + " of " + cell.Size(it.Size)
			if it.Rate > 0 {
				at += ", " + cell.Rate(it.Rate)
			}
			line = join(at, line)
		case line == "":
			line = it.State.String()
		}
		name := max(w*2/5, 12)
		out = append(out, cell.FitMiddle(pathutil.Display(it.Name), name)+"  "+th.Paint(ink, cell.Truncate(line, w-name-2, th.Glyphs.Ellipsis)))
	}
	return out
}
