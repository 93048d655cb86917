package transfers

import (
	"regexp"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

// detailsWidth is the most that the box takes.
const detailsWidth = 100

// details shows one job: how it stands, its files, and the error of the one under
// the cursor explained. It follows the snapshots.
type details struct {
	list  *list // for its queue and words
	job   backend.JobSnapshot
	files *fileList
	gone  bool
	left  bool // a way out was taken
	w, h  int

	head, reason []string // as drawn above and below the files
}

// details opens the job under the cursor; one that waits for an answer is asked
// about instead.
func (l *list) details() tea.Cmd {
	j, ok := l.table.Cursor()
	if !ok {
		return nil
	}
	if box := newConflict(l.env, l.queue, l.sides, j); box != nil {
		return ui.Open(box)
	}
	return ui.Open(newDetails(l, j))
}

func newDetails(l *list, j backend.JobSnapshot) *details {
	d := &details{list: &list{env: l.env, queue: l.queue, sides: l.sides, snap: l.snap, tally: l.tally}, job: j}
	d.files = newFileList(l, j)
	return d
}

// Init reads the files.
func (d *details) Init() tea.Cmd { return d.files.read() }

// Update follows the job.
func (d *details) Update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(SnapshotMsg)
	if !ok {
		cmd := d.files.update(msg)
		d.arrange()
		return cmd
	}
	if m.Seq < d.list.snap.Seq {
		return nil
	}
	d.list.snap, d.gone = m.TransferSnapshot, true
	var cmd tea.Cmd
	if i := slices.IndexFunc(m.Jobs, func(j backend.JobSnapshot) bool { return j.ID == d.job.ID }); i >= 0 {
		d.job, d.gone = m.Jobs[i], false
		cmd = d.files.now(d.job)
	}
	d.arrange()
	return cmd
}

// close ends the box and what it is reading.
func (d *details) close() tea.Cmd {
	d.files.load.Cancel()
	return ui.Close(d)
}

// chosen is the file under the cursor.
func (d *details) chosen() (backend.ItemSnapshot, bool) { return d.files.rows.Cursor() }

// err is the error that is explained: that of the file under the cursor, else the
// first of the job; where only some of its files are listed, the first of these, or
// what the job itself has failed of.
func (d *details) err() error {
	if it, ok := d.chosen(); ok && it.Err != nil {
		return it.Err
	}
	switch {
	case d.files.only == backend.AllFiles:
		return failure(d.job)
	case d.files.fault != nil:
		return d.files.fault
	case d.job.FilesFailed == 0:
		return d.job.Err
	}
	return nil
}

// Keys is what can be done with this job.
func (d *details) Keys() keymap.Set {
	set := keymap.Of(keymap.JobPause, keymap.ItemRetry, keymap.ItemsRetry, keymap.ItemPause, keymap.ItemSkip, keymap.JobCancel)
	if d.helps(backend.StepLogin) {
		set = append(set, keymap.Item{Action: keymap.CardLogin})
	}
	if d.files.only != backend.AllFiles {
		set = set.And(keymap.Of(keymap.EscapeLevel).Named(keymap.EscapeLevel, "all files").Hinted(keymap.EscapeLevel, "all files"))
	} else {
		set = set.And(keymap.Of(keymap.CloseBox))
	}
	set = set.And(keymap.Of(keymap.JobFilter, keymap.JobShow, keymap.CopyText), keymap.Movement(), keymap.Of(keymap.Quit)).
		Named(keymap.CopyText, "copy the text of the error").Named(keymap.Quit, "close")
	if d.job.State == backend.JobPaused {
		set = set.Named(keymap.JobPause, "resume")
	}
	if d.job.Asking > 0 {
		set = set.And(keymap.Of(keymap.Enter).Named(keymap.Enter, "answer"))
	}
	switch {
	case d.gone:
		set = set.Disable("it was taken off the list", keymap.JobPause, keymap.ItemRetry, keymap.ItemsRetry, keymap.ItemPause, keymap.ItemSkip, keymap.JobCancel, keymap.Enter)
	case d.job.State.Ended():
		set = set.Disable("it has ended", keymap.JobPause, keymap.ItemPause, keymap.JobCancel)
	}
	if !hasFailed(d.job) {
		set = set.Disable("nothing of it has failed", keymap.ItemRetry, keymap.ItemsRetry)
	}
	if it, ok := d.chosen(); !ok || it.State != backend.JobFailed {
		set = set.Disable("the file under the cursor has not failed", keymap.ItemRetry)
	}
	it, ok := d.chosen()
	switch {
	case !ok:
		set = set.Disable("there is no file under the cursor", keymap.ItemPause, keymap.ItemSkip)
	case it.ID == 0: // it stands for the search for files
		set = set.Disable("what is in it was not found yet; "+d.list.env.Keys.Key(keymap.ItemsRetry)+" looks again", keymap.ItemPause, keymap.ItemSkip)
	case it.Existing != nil:
		set = set.Disable("it waits for an answer first", keymap.ItemPause, keymap.ItemSkip)
	case it.State == backend.JobDone:
		set = set.Disable("the file under the cursor has arrived", keymap.ItemPause, keymap.ItemSkip)
	case it.State == backend.JobCancelled:
		set = set.Disable("the file under the cursor was left out", keymap.ItemPause, keymap.ItemSkip)
	case it.State == backend.JobFailed:
		set = set.Disable("the file under the cursor has failed", keymap.ItemPause)
	case held(it):
		set = set.Named(keymap.ItemPause, "resume the file")
	}
	if d.err() == nil {
		set = set.Disable("there is no error here", keymap.CopyText)
	}
	return set
}

// helps tells whether a way out helps against the error that is explained.
func (d *details) helps(s backend.Step) bool {
	err := d.err()
	return err != nil && slices.Contains(backend.Explain(err).Steps, s)
}

// Do carries out an action.
func (d *details) Do(a keymap.Action) tea.Cmd {
	q, id, one := d.list.queue, d.job.ID, []backend.JobSnapshot{d.job}
	switch a {
	case keymap.CloseBox, keymap.Quit:
		return d.close()
	case keymap.JobPause:
		if paused(one) {
			return each(one, isPaused, q.Resume)
		}
		return each(one, isOpen, q.Pause)
	case keymap.ItemRetry:
		it, _ := d.chosen()
		return run(func() { q.RetryItem(id, it.ID) })
	case keymap.ItemPause:
		it, _ := d.chosen()
		if held(it) {
			return run(func() { q.ResumeItem(id, it.ID) })
		}
		return run(func() { q.PauseItem(id, it.ID) })
	case keymap.ItemSkip:
		return d.askSkip()
	case keymap.ItemsRetry:
		return run(func() { q.Retry(id) })
	case keymap.JobCancel:
		return d.list.askCancel(one)
	case keymap.JobShow:
		return ui.Batch(d.close(), showTarget(d.job))
	case keymap.CopyText:
		return copyError(d.err())
	case keymap.CardLogin:
		if d.left {
			return nil
		}
		d.left = true
		return tea.Sequence(d.close(), ui.Say(ui.RunMsg{Action: keymap.SwitchSite}))
	case keymap.Enter:
		if box := newConflict(d.list.env, q, d.list.sides, d.job); box != nil {
			return ui.Open(box)
		}
	case keymap.JobFilter:
		return d.files.ask()
	case keymap.EscapeLevel:
		d.files.show(backend.AllFiles)
		d.arrange()
		return d.files.read()
	default:
		cmd := d.files.do(a)
		d.arrange()
		return cmd
	}
	return nil
}

// held tells whether a person has paused this file.
func held(it backend.ItemSnapshot) bool { return it.State == backend.JobPaused && it.Existing == nil }

// askSkip asks before the file under the cursor is left out.
func (d *details) askSkip() tea.Cmd {
	it, _ := d.chosen()
	q, id := d.list.queue, d.job.ID
	return ui.Open(dialog.Confirm(d.list.env, dialog.ConfirmSpec{
		Title: "Leave this file out?", Body: []string{pathutil.DisplayName(it.Name), "", "The rest of the transfer goes on. What is half done of this file is taken away."},
		Yes: "Leave it out", No: "Keep it", Danger: true, Opener: keymap.ItemSkip, OnYes: run(func() { q.SkipItem(id, it.ID) }),
	}))
}

// Typing is never so.
func (d *details) Typing() bool { return false }

// Place is the middle.
func (d *details) Place() ui.Place { return ui.Center }

// Resize gives the largest box.
func (d *details) Resize(w, h int) {
	d.w, d.h = min(w, detailsWidth), h
	d.arrange()
}

// arrange shares the lines of the box: the facts that matter most first, then
// some files, then the words of the error, then the rest of the facts and files.
func (d *details) arrange() {
	inner := max(d.w-4, 1)
	d.reason = d.explained(inner)
	rows, air := 0, 0
	if n := max(d.files.rows.Len(), d.files.least()); n > 0 {
		rows, air = n+1, 1
	}
	few := min(rows, 4)
	d.head = d.facts(d.h - 2 - air - few - min(len(d.reason), 3))
	room := d.h - 2 - len(d.head) - air
	if air > 0 {
		d.head = append(d.head, "")
	}
	if most := max(room-few, 0); len(d.reason) > most {
		d.reason = d.reason[:most]
	}
	d.files.rows.Resize(inner, max(min(rows, room-len(d.reason)), 0))
}

// View draws the job.
func (d *details) View() string {
	if d.w < 20 || d.h < 5 {
		return ""
	}
	body := slices.Concat(d.head, cell.Lines(d.files.rows.View()), d.reason)
	spec := cell.FrameSpec{
		W: d.w, H: min(len(body)+2, d.h), Focused: true, Danger: d.job.State == backend.JobFailed,
		Title: "transfer  " + d.list.route(d.job), Facts: d.files.facts(), Foot: cell.Hints(d.list.env.Theme, d.list.env.Keys.Hints(d.Keys()), d.w-6),
	}
	return cell.Frame(d.list.env.Theme, spec, body)
}

// fact is a line of how the job stands.
type fact struct{ what, value string }

// spare are the facts that a low window goes without, the first of them first.
var spare = []string{since, begun, over, "Bytes", "From", "Check", "To", "Progress"}

// What is said of the time of a transfer.
const (
	since = "Runs since"
	begun = "Last began"
	over  = "Ended"
)

// facts is how the job stands, in so many lines if that can be.
func (d *details) facts(most int) []string {
	all := d.stands()
	for _, what := range spare {
		if len(all) > most {
			all = slices.DeleteFunc(all, func(f fact) bool { return f.what == what })
		}
	}
	out := make([]string, 0, len(all)+1)
	for _, f := range all {
		out = append(out, d.list.env.Theme.Paint(theme.Faint, cell.Fit(f.what, 11))+f.value)
	}
	return out
}

// stands is all that is known of how the job stands.
func (d *details) stands() []fact {
	l, j, th := d.list, d.job, d.list.env.Theme
	var out []fact
	add := func(what, value string) {
		if value != "" {
			out = append(out, fact{what, value})
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
		add("Progress", join(bar+" "+percent(j), join(l.speed(j), counted("", l.left(j), " left"))))
	}
	of := " of "
	if j.Scanning {
		of = " of at least "
	}
	add("Files", cell.Count(j.FilesDone)+of+cell.Count(j.FilesTotal)+number(", ", j.FilesFailed, " failed")+
		number(", ", j.FilesSkipped, " left out")+number(", ", j.Held, " paused")+links(", ", j.Links)+number(", ", j.Asking, " waiting for an answer"))
	again := ""
	if j.Resent > 0 {
		again = ", " + cell.Size(j.Resent) + " moved again"
	}
	add("Bytes", cell.Size(j.BytesDone)+of+cell.Size(j.BytesTotal)+again)
	if !j.Started.IsZero() {
		// Started is when it last went on; what an earlier program did is not in it.
		switch {
		case j.State.Ended():
			add(over, cell.Stamp(j.Ended)+", took "+Took(l.took(j)))
		case j.State == backend.JobPaused: // when it stopped is not known
			add(begun, cell.Stamp(j.Started))
		default:
			add(since, cell.Stamp(j.Started)+", for "+Took(l.took(j)))
		}
	}
	switch {
	case j.FilesDone == 0: // there is nothing that was checked
	case d.files.known:
		add("Check", d.files.checks())
	case j.FilesVerified == j.FilesDone: // as it will be told, if by one checksum
		add("Check", "verified by "+pathutil.Display(j.VerifiedBy))
	default:
		add("Check", cell.Count(j.FilesVerified)+" verified")
	}
	if d.files.err != nil {
		add("", th.Paint(theme.Warn, "the list of the files cannot be read: "+lowerFirst(pathutil.Display(backend.Explain(d.files.err).Title))))
	}
	return out
}

func counted(before, what, after string) string {
	if what == "" {
		return ""
	}
	return before + what + after
}

func number(before string, n int, after string) string {
	if n == 0 {
		return ""
	}
	return before + cell.Count(n) + after
}

// links says how many symbolic links were left out.
func links(before string, n int) string {
	if n == 0 {
		return ""
	}
	return before + plural(n, "link", "links") + " left out"
}

// explained is the error in the words of the cards, with the keys that help.
func (d *details) explained(w int) []string {
	err := d.err()
	if err == nil {
		return nil
	}
	l, th := d.list, d.list.env.Theme
	x := backend.Explain(err)
	out := []string{"", th.Paint(theme.Bad, th.Glyphs.Failed+" "+pathutil.Display(x.Title))}
	for _, line := range x.Lines {
		out = append(out, cell.Wrap(pathutil.Display(line), w)...)
	}
	var hints []keymap.Hint
	for _, s := range x.Steps {
		for _, way := range ways[s] {
			if it, ok := d.Keys().Find(way); ok && it.Why == "" {
				text := it.Label
				if text == "" {
					text = l.env.Keys.Binding(way).Short
				}
				hints = append(hints, keymap.Hint{Key: l.env.Keys.Key(way), Text: text})
				break
			}
		}
	}
	out = append(out, cell.HintLines(th, hints, w)...)
	for _, line := range cell.Wrap(pathutil.Display(x.Code), w) {
		out = append(out, th.Paint(theme.Faint, line))
	}
	return out
}

// ways says which keys of the details go each way out, best first.
var ways = map[backend.Step][]keymap.Action{
	backend.StepRetry:   {keymap.ItemRetry, keymap.ItemsRetry},
	backend.StepRefresh: {keymap.ItemRetry, keymap.ItemsRetry},
	backend.StepLogin:   {keymap.CardLogin},
	backend.StepParent:  {keymap.JobShow},
	backend.StepCopy:    {keymap.CopyText},
}

// piece is a note about the piece of a file that was begun last.
var piece = regexp.MustCompile(`^(part|range) (\d+) of (\d+)$`)
