package syncplan

import (
	"cmp"
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/form"
	"ferry/ui/table"
	"ferry/views/paged"
)

// Screen is the sync screen.
type Screen struct {
	env    *ui.Env
	engine Engine
	disk   Disk
	opts   Options
	table  *table.Model[row]

	want  choices // of the form; kept while the session lasts
	board *board  // nil until there is a plan
	from  string  // the file the plan came from, "" for none

	phase  phase
	beat   uint64 // tells the ticks of one piece of work from those of another
	live   *live
	seen   backend.SyncProgress
	begun  time.Time // of the work under way
	look   ui.Loader[*board]
	check  ui.Loader[checked]
	run    ui.Loader[struct{}]
	halt   context.CancelFunc // stops the deletions of the run
	halted bool               // somebody has stopped them
	save   ui.Loader[saved]
	cutOff []backend.CutOffPlan // by the end of an earlier program
	kept   ui.Loader[[]backend.CutOffPlan]
	ended  string // how the last run ended, "" before one
	how    string // what broke it off, "" for nothing
	asked  backend.SyncRequest
	filter filter
	fits   int // lines that it leaves
	order  order
	turned bool
	last   int  // the line ticked last: where a range begins; -1 for none
	lastOn bool // and what became of its tick

	input    *form.Input
	typing   bool
	narrowed bool // only the lines that hold a query are shown, without headings
	w, h     int
}

// phase is what the screen is busy with.
type phase uint8

const (
	idle      phase = iota
	comparing       // looking at both sides
	checking        // looking at both sides again before a run
	moving          // the transfers run
	deleting        // the deletions run
)

// New makes the screen. It shows nothing until folders are compared.
func New(env *ui.Env, engine Engine, disk Disk, opts Options) *Screen {
	s := &Screen{
		env: env, engine: engine, disk: disk, opts: opts, filter: filters[0], last: -1,
		input: form.NewInput(env, "", ""), live: &live{},
	}
	s.want = choices{by: backend.ByTime}
	s.table = table.New(env, rowID, s.columns(0)...)
	s.table.SetNoun("line", "lines")
	s.empty()
	s.table.Append(nil, false)
	return s
}

// Init asks what an earlier program was cut off from, and says it.
func (s *Screen) Init() tea.Cmd {
	engine := s.engine
	return s.kept.Load(s.env.Ctx, func(context.Context) ([]backend.CutOffPlan, error) { return engine.CutOffPlans(), nil })
}

// call runs a function of this screen inside Update: it is how dialogs bring an
// answer back.
type call struct {
	screen *Screen
	run    func() tea.Cmd
}

func (s *Screen) later(run func() tea.Cmd) tea.Cmd { return ui.Say(call{s, run}) }

// Update takes what was asked for, results, and typed text.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case call:
		if m.screen == s {
			return m.run()
		}
		return nil
	case ui.CompareMsg:
		return s.open(m)
	case tick:
		return s.ticked(m)
	case ui.KeyPress, ui.Paste:
		if s.typing && s.input.Update(msg) {
			s.narrow(s.input.Value())
		}
		return nil
	}
	if b, err, ok := s.look.Take(msg); ok {
		return s.compared(b, err)
	}
	if c, err, ok := s.check.Take(msg); ok {
		return s.checked(c, err)
	}
	if _, err, ok := s.run.Take(msg); ok {
		return s.ran(err)
	}
	if c, _, ok := s.kept.Take(msg); ok {
		return s.remind(c)
	}
	if v, err, ok := s.save.Take(msg); ok {
		return s.saved(v, err)
	}
	return nil
}

// remind tells of the syncs that were cut off before their deletions: nothing
// else does them.
func (s *Screen) remind(c []backend.CutOffPlan) tea.Cmd {
	s.cutOff = c
	s.empty()
	switch len(c) {
	case 0:
		return nil
	case 1:
		return ui.Toast(ui.Warning, "A sync was cut off "+s.env.Theme.Glyphs.Dot+" "+s.env.Keys.Key(keymap.GotoSync)+" shows it")
	}
	return ui.Toast(ui.Warning, cell.Count(len(c))+" syncs were cut off "+s.env.Theme.Glyphs.Dot+" "+s.env.Keys.Key(keymap.GotoSync)+" shows them")
}

// Pending is the number of syncs that wait for somebody to end them.
func (s *Screen) Pending() int { return len(s.cutOff) }

// offers tells whether a sync that was cut off stands in the place of the plan.
func (s *Screen) offers() bool {
	return s.board == nil && len(s.cutOff) > 0 && s.phase == idle && s.table.State() == table.Ready
}

// busy says what keeps the plan from being changed, "" for nothing.
func (s *Screen) busy() string {
	switch s.phase {
	case comparing:
		return "the folders are being compared"
	case checking:
		return "both sides are being looked at again"
	case moving, deleting:
		return "the plan is being carried out"
	case idle:
	}
	return ""
}

// show takes a plan to the screen.
func (s *Screen) show(b *board, from string) {
	s.putAway()
	s.board, s.from, s.ended = b, from, ""
	s.asked = b.plan.Request
	s.filter, s.order, s.turned, s.last = filters[0], byFolder, false, -1
	s.typing, s.narrowed = false, false
	s.input.SetValue("")
	s.table.Reset()
	s.table.SetSort("", false)
	s.fill()
}

// putAway ends what the plan on the screen listens to.
func (s *Screen) putAway() {
	if s.board != nil && s.board.follow != nil {
		s.board.follow.cancel()
	}
}

// flat tells whether the lines stand without headings.
func (s *Screen) flat() bool { return s.order != byFolder || s.narrowed }

// fill gives the table the rows that are to be seen.
func (s *Screen) fill() {
	if s.board == nil {
		return
	}
	s.empty()
	s.fits = s.count(s.filter)
	s.table.Replace(s.board.rows(s.filter, s.flat(), s.order, s.turned), false)
}

// narrow shows only the lines that hold every word.
func (s *Screen) narrow(query string) {
	// Headings go while one narrows, and come back. Of many lines each is looked
	// at once: those without headings come before the query, and go after it.
	switch starts := query != ""; {
	case starts && !s.narrowed:
		s.narrowed = true
		s.fill()
		s.table.Narrow(query, row.text)
	case !starts && s.narrowed:
		s.narrowed = false
		s.table.Narrow("", row.text)
		s.fill()
	default:
		s.table.Narrow(query, row.text)
	}
}

// problem shows an error in the place of the plan.
func (s *Screen) problem(err error) tea.Cmd {
	s.putAway()
	s.board = nil
	s.table.Reset()
	s.table.Append(nil, false)
	s.table.Fail(paged.Problem(s.env.Keys, err))
	return ui.Noted(err)
}

// Typing tells whether the narrowing line has the focus.
func (s *Screen) Typing() bool { return s.typing }

// Resize gives the room.
func (s *Screen) Resize(w, h int) {
	s.w, s.h = w, h
	tw, th := cell.FrameSpec{W: w, H: h}.Inner()
	s.table.SetColumns(s.columns(tw)...)
	s.table.Resize(tw, th) // it shares the room first: which columns stay decides on the strip
	s.table.Resize(tw, th-s.stripLines(th))
}

// Keys is what can be done now, the most useful first.
func (s *Screen) Keys() keymap.Set {
	if s.typing {
		return keymap.Of(keymap.PickRun, keymap.PickClose, keymap.PickDown, keymap.PickUp).
			Named(keymap.PickRun, "keep these lines").
			Named(keymap.PickClose, "show all again").
			Named(keymap.PickDown, "next line").
			Named(keymap.PickUp, "previous line")
	}
	set := keymap.Set{}
	if s.offers() {
		set = keymap.Of(keymap.Enter, keymap.SyncForget).Named(keymap.Enter, "load the plan that was cut off").Hinted(keymap.Enter, "load its plan")
	}
	if what := s.escapes(); what != "" {
		set = append(set, keymap.Item{Action: keymap.EscapeLevel, Label: what})
	}
	set = set.And(keymap.Of(
		keymap.SyncTick, keymap.SyncRun, keymap.SyncFilter, keymap.SyncTickKind, keymap.SyncToSite, keymap.SyncToHere,
		keymap.SyncLeave, keymap.Narrow, keymap.SyncSave, keymap.Enter, keymap.Sort, keymap.SyncCompare, keymap.SyncLoad,
		keymap.SyncTickSpan, keymap.SyncTickFlip, keymap.SyncTickAll, keymap.SyncSame, keymap.SyncFold, keymap.NextMatch,
		keymap.PrevMatch, keymap.Reverse, keymap.SyncShow, keymap.CopyText, keymap.Refresh,
	), keymap.Movement()).
		Named(keymap.Refresh, "compare again").
		Named(keymap.CopyText, "copy the command that does this in a script")
	if s.filter.name == everything.name {
		set = set.Named(keymap.SyncSame, "hide what is the same on both sides")
	}
	if !s.offers() {
		set = set.Named(keymap.Enter, "details of this line").Hinted(keymap.Enter, "details")
		if r, ok := s.table.Cursor(); ok && r.n < 0 {
			set = set.Named(keymap.Enter, "fold or unfold this folder").Hinted(keymap.Enter, "fold")
		}
	}
	return s.disable(set)
}

// ticking are the actions that change ticks.
var ticking = []keymap.Action{
	keymap.SyncTick, keymap.SyncTickKind, keymap.SyncTickSpan, keymap.SyncTickFlip, keymap.SyncTickAll,
	keymap.SyncToSite, keymap.SyncToHere, keymap.SyncLeave,
}

// disable says why some of the actions cannot be done now.
func (s *Screen) disable(set keymap.Set) keymap.Set {
	set = s.atWork(set)
	if why := s.busy(); why != "" {
		set = set.Disable(why, ticking...).Disable(why, keymap.SyncRun, keymap.SyncCompare, keymap.SyncLoad,
			keymap.SyncSave, keymap.Refresh)
	}
	if s.phase == comparing {
		set = set.Disable("the folders are being compared", keymap.Narrow, keymap.SyncFilter, keymap.SyncSame, keymap.Sort, keymap.Reverse)
	}
	if s.asked.Local == "" {
		set = set.Disable("nothing was compared yet; "+s.env.Keys.Key(keymap.PlanSync)+" in the files screen does",
			keymap.Refresh, keymap.SyncCompare)
	}
	if s.board == nil {
		why := cmp.Or(s.busy(), "there is no plan")
		if !s.offers() {
			set = set.Disable(why, keymap.Enter)
		}
		return set.Disable(why, ticking...).Disable(why, keymap.SyncRun, keymap.SyncSave,
			keymap.SyncFilter, keymap.SyncSame, keymap.SyncFold, keymap.Narrow, keymap.NextMatch, keymap.PrevMatch,
			keymap.Sort, keymap.Reverse, keymap.SyncShow, keymap.CopyText)
	}
	set = set.Disable(s.unrunnable(), keymap.SyncRun)
	r, ok := s.table.Cursor()
	if !ok {
		why := "there is no line here"
		return set.Disable(why, ticking...).Disable(why, keymap.Enter, keymap.SyncFold, keymap.SyncShow)
	}
	if l := r.line(); l == nil {
		why := "this is a folder; choose on its lines"
		set = set.Disable(why, keymap.SyncToSite, keymap.SyncToHere, keymap.SyncLeave)
	} else {
		for a, act := range directions {
			if _, why := l.item.Choose(act); why != "" {
				set = set.Disable(why, a)
			}
		}
		if l.told && l.state == backend.JobDone {
			set = set.Disable("it is done", keymap.SyncToSite, keymap.SyncToHere, keymap.SyncLeave)
		}
		if !l.can() && r.group == nil {
			set = set.Disable(untickable(l), keymap.SyncTick)
		}
	}
	if s.flat() {
		set = set.Disable("the lines are not under their folders now", keymap.SyncFold)
	} else if r.group == nil && r.line().group == s.board.root {
		set = set.Disable("this line is in no folder", keymap.SyncFold)
	}
	return set
}

// directions are the actions that give a line another direction.
var directions = map[keymap.Action]backend.PlanAction{
	keymap.SyncToSite: backend.PlanUpload, keymap.SyncToHere: backend.PlanDownload,
}

// untickable says why a line has no tick.
func untickable(l *line) string {
	switch {
	case l.told && l.state == backend.JobDone:
		return "it is done"
	case l.item.Kind == backend.PlanSame:
		return "both sides are the same"
	case l.item.Unread:
		return l.item.Reason
	case l.item.Stuck:
		return l.item.Reason + "; rename or remove what stands in the way, or leave it out"
	case l.item.Kind == backend.PlanConflict:
		return "choose a direction first"
	}
	return "without a mirror nothing is deleted"
}

// unrunnable says why the plan cannot be carried out, "" when it can.
func (s *Screen) unrunnable() string {
	t := s.board.totals
	switch {
	case t.Uploads+t.Downloads+t.Deletions == 0:
		return "nothing is ticked"
	case s.opts.ReadOnly && s.board.site > 0:
		return "the site is open for reading only, and what is ticked changes it"
	}
	return ""
}

// escapes is what one level back would be, "" when there is none.
func (s *Screen) escapes() string {
	switch {
	case s.phase == comparing:
		return "stop comparing"
	case s.phase == checking:
		return "stop looking"
	case s.phase == deleting && !s.halted:
		return "stop deleting"
	case s.table.Narrowed() != "":
		return "show all lines"
	case s.board != nil && s.filter.name != filters[0].name:
		return "show all that differ"
	}
	return ""
}
