package transfers

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// conflict asks what shall become of a file whose target exists.
type conflict struct {
	env      *ui.Env
	queue    Queue
	job      backend.JobSnapshot
	item     backend.ItemSnapshot
	answered map[int64]bool
	all      bool // the answer was for the rest of the job
	closed   bool
	w, h     int
}

// answer is what an action of the box says.
type answer struct {
	what backend.Conflict
	all  bool
}

var answers = map[keymap.Action]answer{
	keymap.AnswerSkip: {backend.Skip, false}, keymap.AnswerSkipAll: {backend.Skip, true},
	keymap.AnswerOverwrite: {backend.Overwrite, false}, keymap.AnswerOverwriteAll: {backend.Overwrite, true},
	keymap.AnswerKeep: {backend.KeepBoth, false}, keymap.AnswerKeepAll: {backend.KeepBoth, true},
	keymap.AnswerNewer: {backend.Newer, false}, keymap.AnswerNewerAll: {backend.Newer, true},
	keymap.AnswerResume: {backend.Resume, false}, keymap.AnswerResumeAll: {backend.Resume, true},
}

// newConflict makes the box for the first file of a job that waits for an
// answer; nil when none does.
func newConflict(env *ui.Env, queue Queue, j backend.JobSnapshot) *conflict {
	c := &conflict{env: env, queue: queue, answered: map[int64]bool{}}
	if !c.next(j) {
		return nil
	}
	return c
}

// next takes the first file of a job that still waits.
func (c *conflict) next(j backend.JobSnapshot) bool {
	if j.State == backend.JobPaused || j.State.Ended() {
		return false
	}
	for _, it := range j.Items {
		if it.Existing != nil && it.Source != nil && !c.answered[it.ID] {
			c.job, c.item = j, it
			return true
		}
	}
	return false
}

func (c *conflict) Init() tea.Cmd { return nil }

// Update goes on to the next file that waits, and closes after the last.
func (c *conflict) Update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(SnapshotMsg)
	if !ok || c.closed {
		return nil
	}
	for _, j := range m.Jobs {
		if j.ID == c.job.ID && c.next(j) {
			return nil
		}
	}
	return c.close()
}

func (c *conflict) close() tea.Cmd {
	c.closed = true
	return ui.Close(c)
}

// Keys is the answers.
func (c *conflict) Keys() keymap.Set {
	set := keymap.Of(keymap.AnswerSkip, keymap.AnswerOverwrite, keymap.AnswerKeep, keymap.AnswerNewer, keymap.AnswerResume,
		keymap.AnswerSkipAll, keymap.AnswerOverwriteAll, keymap.AnswerKeepAll, keymap.AnswerNewerAll, keymap.AnswerResumeAll,
		keymap.CloseBox).Named(keymap.CloseBox, "pause the transfer")
	if c.item.Existing.Size >= c.item.Source.Size {
		set = set.Disable("what is there is not shorter", keymap.AnswerResume)
	}
	return set
}

// Do answers, or pauses the transfer: nothing is lost, resuming asks again.
func (c *conflict) Do(a keymap.Action) tea.Cmd {
	q, id, item := c.queue, c.job.ID, c.item.ID
	if a == keymap.CloseBox {
		return ui.Batch(c.close(), run(func() { q.Pause(id) }))
	}
	ans, ok := answers[a]
	if !ok {
		return nil
	}
	c.answered[item], c.all = true, ans.all
	cmd := run(func() { q.Resolve(id, item, ans.what, ans.all) })
	if ans.all || !c.next(c.job) {
		return ui.Batch(cmd, c.close())
	}
	return cmd
}

// Typing is never so.
func (c *conflict) Typing() bool { return false }

// Place is the middle.
func (c *conflict) Place() ui.Place { return ui.Center }

// Resize gives the largest box.
func (c *conflict) Resize(w, h int) { c.w, c.h = min(w, 72), h }

// View draws the question.
func (c *conflict) View() string {
	if c.w < 30 || c.h < 8 {
		return ""
	}
	th := c.env.Theme
	entry := func(e *backend.Entry) string {
		when := th.Glyphs.Dash
		if !e.Modified.IsZero() {
			when = cell.Stamp(e.Modified)
		}
		return cell.FitRight(cell.Size(e.Size), 10) + "  " + when
	}
	body := cell.Wrap(pathutil.Display(c.item.Name)+" exists already in "+place(c.job.To)+".", c.w-4)
	body = append(body, "",
		th.Paint(theme.Faint, cell.Fit("there", 10))+entry(c.item.Existing)+mark(th, newer(c.item.Existing, c.item.Source)),
		th.Paint(theme.Faint, cell.Fit("to come", 10))+entry(c.item.Source)+mark(th, newer(c.item.Source, c.item.Existing)),
		"")
	line := ""
	for _, h := range c.env.Keys.Hints(c.Keys()) {
		hint := th.Paint(theme.Accent, h.Key) + " " + h.Text
		if line != "" && cell.Width(line)+3+cell.Width(hint) > c.w-4 {
			body, line = append(body, line), ""
		}
		if line != "" {
			line += "   "
		}
		line += hint
	}
	body = append(body, line, th.Paint(theme.Faint, "The capital letter answers for all the rest of this transfer."))
	spec := cell.FrameSpec{W: c.w, H: min(len(body)+2, c.h), Focused: true, Title: "What shall become of it?"}
	if n := c.job.Asking - 1; n > 0 {
		spec.Facts = "and " + cell.Count(n) + " more"
	}
	return cell.Frame(th, spec, body)
}

// newer compares in whole seconds, as the site keeps them and the engine does.
func newer(a, b *backend.Entry) bool {
	return a.Modified.Truncate(time.Second).After(b.Modified.Truncate(time.Second))
}

func mark(th *theme.Theme, newer bool) string {
	if !newer {
		return ""
	}
	return "  " + th.Paint(theme.Good, "newer")
}

// Asker opens the box by itself as soon as a file waits for an answer. The
// shell gives it every snapshot.
type Asker struct {
	env   *ui.Env
	queue Queue
	box   *conflict
}

// NewAsker makes one for a session.
func NewAsker(env *ui.Env, queue Queue) *Asker { return &Asker{env: env, queue: queue} }

// Asks tells whether the box is open.
func (a *Asker) Asks() bool { return a.box != nil && !a.box.closed }

// Take opens the box when something waits and none is open.
func (a *Asker) Take(s backend.TransferSnapshot) tea.Cmd {
	if a.Asks() {
		return nil
	}
	for _, j := range s.Jobs {
		mine := a.box != nil && a.box.job.ID == j.ID
		if j.Asking == 0 {
			if mine {
				a.box = nil
			}
			continue
		}
		box := newConflict(a.env, a.queue, j)
		if box == nil {
			continue
		}
		if mine {
			// The snapshot may be older than the answers just given.
			box.answered = a.box.answered
			if a.box.all || !box.next(j) {
				continue
			}
		}
		a.box = box
		return ui.Open(box)
	}
	return nil
}
