package transfers

import (
	"context"
	"strings"
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
	env    *ui.Env
	queue  Queue
	sides  Sides
	like   ui.Loader[likeness] // compares two contents of one size
	found  *likeness
	unread error // why they could not be compared
	diff   ui.Loader[[]string]
	job    backend.JobSnapshot
	item   backend.ItemSnapshot
	given
	closed bool
	w, h   int
}

// given is what was answered already; a snapshot may be older. A file that was to
// be gone on with and turned out to be another one is asked about once more.
type given struct {
	answered map[int64]string // by file, why one cannot go on with it as known then
	all      bool             // the answer was for the rest of the job
	foreign  bool             // and for the files of which that is known
}

func (g *given) covers(it *backend.ItemSnapshot) bool {
	then, ok := g.answered[it.ID]
	return ok && then == it.Foreign || g.all && (g.foreign || it.Foreign == "")
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
func newConflict(env *ui.Env, queue Queue, sides Sides, j backend.JobSnapshot) *conflict {
	c := &conflict{env: env, queue: queue, sides: sides, given: given{answered: map[int64]string{}}}
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
		if it.Existing != nil && it.Source != nil && !c.covers(&it) {
			if it.ID != c.item.ID {
				c.like.Cancel()
				c.diff.Cancel()
				c.found, c.unread = nil, nil
			}
			c.job, c.item = j, it
			return true
		}
	}
	return false
}

// Init begins to compare the contents.
func (c *conflict) Init() tea.Cmd { return c.compare() }

// compare looks whether two files of one size are the same. Reading one takes a
// while; the answers can be given meanwhile.
func (c *conflict) compare() tea.Cmd {
	if c.closed || c.found != nil || c.unread != nil || c.like.Busy() || c.item.Existing.Size != c.item.Source.Size {
		return nil
	}
	p, sides := pairOf(&c.job, &c.item), c.sides
	return c.like.Load(c.env.Ctx, func(ctx context.Context) (likeness, error) { return sides.compare(ctx, p) })
}

// Update goes on to the next file that waits, and closes after the last.
func (c *conflict) Update(msg tea.Msg) tea.Cmd {
	if found, err, mine := c.like.Take(msg); mine {
		c.found, c.unread = &found, err
		return nil
	}
	if lines, err, mine := c.diff.Take(msg); mine {
		if err != nil {
			return ui.Fail(err, nil)
		}
		return c.showDifference(lines)
	}
	m, ok := msg.(SnapshotMsg)
	if !ok || c.closed {
		return nil
	}
	for _, j := range m.Jobs {
		if j.ID == c.job.ID && c.next(j) {
			return c.compare()
		}
	}
	return c.close()
}

func (c *conflict) close() tea.Cmd {
	c.closed = true
	c.like.Cancel()
	c.diff.Cancel()
	return ui.Close(c)
}

// Keys is the answers.
func (c *conflict) Keys() keymap.Set {
	set := keymap.Of(keymap.AnswerSkip, keymap.AnswerOverwrite, keymap.AnswerKeep, keymap.AnswerNewer, keymap.AnswerResume, keymap.AnswerCompare,
		keymap.AnswerSkipAll, keymap.AnswerOverwriteAll, keymap.AnswerKeepAll, keymap.AnswerNewerAll, keymap.AnswerResumeAll,
		keymap.CloseBox).Named(keymap.CloseBox, "pause the transfer")
	if c.diff.Busy() {
		set = set.Disable("both sides are being read", keymap.AnswerCompare)
	}
	if c.item.Existing.Size >= c.item.Source.Size {
		set = set.Disable("what is there is not shorter", keymap.AnswerResume)
	}
	set = set.Disable(c.item.Foreign, keymap.AnswerResume, keymap.AnswerResumeAll)
	return set
}

// Do answers, or pauses the transfer: nothing is lost, resuming asks again.
func (c *conflict) Do(a keymap.Action) tea.Cmd {
	q, id, item := c.queue, c.job.ID, c.item.ID
	if a == keymap.CloseBox {
		return ui.Batch(c.close(), run(func() { q.Pause(id) }))
	}
	if a == keymap.AnswerCompare {
		return c.difference()
	}
	ans, ok := answers[a]
	if !ok {
		return nil
	}
	c.answered[item] = c.item.Foreign
	if ans.all {
		c.all, c.foreign = true, c.foreign || c.item.Foreign != ""
	}
	cmd := run(func() { q.Resolve(id, item, ans.what, ans.all) })
	if ans.all || !c.next(c.job) {
		return ui.Batch(cmd, c.close())
	}
	return ui.Batch(cmd, c.compare())
}

// Decides is true: a letter answers.
func (c *conflict) Decides() bool { return true }

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
	body := cell.Wrap(pathutil.DisplayName(c.item.Name)+" exists already in "+place(c.job.To)+".", c.w-4)
	body = append(body, "",
		th.Paint(theme.Faint, cell.Fit("there", 10))+entry(c.item.Existing)+mark(th, newer(c.item.Existing, c.item.Source)),
		th.Paint(theme.Faint, cell.Fit("to come", 10))+entry(c.item.Source)+mark(th, newer(c.item.Source, c.item.Existing)))
	for i, l := range cell.Wrap(c.content(), c.w-17) {
		lead := ""
		if i == 0 {
			lead = "content"
		}
		body = append(body, th.Paint(theme.Faint, cell.Fit(lead, 13))+l)
	}
	body = append(body, "")
	body = append(body, cell.HintLines(th, c.env.Keys.Hints(c.Keys()), c.w-4)...)
	body = append(body, th.Paint(theme.Faint, "A capital letter answers for all the rest of it."))
	spec := cell.FrameSpec{W: c.w, H: min(len(body)+2, c.h), Focused: true, Title: "What shall become of it?"}
	if n := c.job.Asking - 1; n > 0 {
		spec.Facts = "and " + cell.Count(n) + " more"
	}
	return cell.Frame(th, spec, body)
}

// content says whether the two hold the same.
func (c *conflict) content() string {
	g := &c.env.Theme.Glyphs
	switch there, come := c.item.Existing.Size, c.item.Source.Size; {
	case c.item.Foreign != "":
		return pathutil.Display(c.item.Foreign)
	case there > come:
		return "differs; what is there is longer by " + cell.Size(there-come)
	case there < come:
		return "differs; what is there is shorter by " + cell.Size(come-there)
	case c.unread != nil:
		return "could not be compared: " + lowerFirst(pathutil.Display(backend.Explain(c.unread).Title))
	case c.found == nil:
		return "is being compared " + g.Ellipsis
	case c.found.kind == "":
		return "has one size; the site has no checksum of it"
	case strings.EqualFold(c.found.there, c.found.come):
		return "is the same, " + c.found.kind + " " + head(c.found.there, g.Ellipsis)
	}
	return "differs, " + c.found.kind + " " + head(c.found.there, g.Ellipsis) + " there, " + head(c.found.come, g.Ellipsis) + " to come"
}

// head is the beginning of a checksum, enough to tell two apart.
func head(sum, ellipsis string) string {
	if len(sum) <= 12 {
		return sum
	}
	return sum[:10] + ellipsis
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
	sides Sides
	box   *conflict
}

// NewAsker makes one for a session.
func NewAsker(env *ui.Env, queue Queue, sides Sides) *Asker {
	return &Asker{env: env, queue: queue, sides: sides}
}

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
		box := newConflict(a.env, a.queue, a.sides, j)
		if box == nil {
			continue
		}
		if mine {
			// The snapshot may be older than the answers just given.
			box.given = a.box.given
			if !box.next(j) {
				continue
			}
		}
		a.box = box
		return ui.Open(box)
	}
	return nil
}
