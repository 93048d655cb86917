package syncplan

import (
	"cmp"
	"slices"
	"strconv"

	"ferry/backend"
	"ferry/pathutil"
)

// line is an item of the plan with what became of it.
type line struct {
	id    string // of its row
	item  backend.PlanItem
	group *group
	told  bool             // an outcome is known
	state backend.JobState // the outcome
	check backend.Verification
	note  string // what there is to say of the outcome
	err   error
	stale string           // what has changed since the plan was made
	alive bool             // its file is under way
	live  backend.JobState // how it stands then
}

// can tells whether the line may be ticked.
func (l *line) can() bool {
	return l.item.Action != backend.PlanNothing && !l.alive && (!l.told || l.state != backend.JobDone)
}

// trouble tells whether a person should look at the line.
func (l *line) trouble() bool {
	return l.stale != "" || l.told && l.state != backend.JobDone
}

// group is a folder with the lines in it and below.
type group struct {
	id        string // of its row
	key, path string
	up        *group
	self      int // the line of the folder itself, -1 for none
	lines     []int
	subs      []*group
	can, on   int // lines at and below that may be ticked, and that are
	all       int
	bytes     int64
	folded    bool
}

// board is a plan with its folders. Ticks change the counts on their way up, so
// that a tick costs the depth of its line and not the length of the plan.
type board struct {
	plan   backend.Plan
	lines  []line
	root   *group
	groups map[string]*group
	totals backend.PlanTotals
	bytes  int64        // of what is the same, compared
	site   int          // ticked items that change the site
	over   int          // ticked transfers that replace something
	noSums int          // compared by size and time, though by hash was asked for
	solved int          // conflicts that were given a direction, carried out or not
	edited bool         // ticks or directions are no longer as compared
	file   string       // where it was saved as it is
	turns  int          // counts what made it another plan than the one saved
	follow *follow      // the transfers of its runs; nil before the first
	alive  map[int]bool // lines whose files are under way
}

// newBoard arranges a plan. The plan's items move into the lines.
func newBoard(p backend.Plan) *board {
	b := &board{plan: p, noSums: p.NoSums(), lines: make([]line, len(p.Items)), groups: map[string]*group{}, alive: map[int]bool{}}
	b.root = &group{self: -1}
	b.groups[""] = b.root
	b.totals.Found = map[backend.PlanKind]int{}
	for n := range p.Items {
		b.lines[n] = line{id: strconv.Itoa(n), item: p.Items[n]}
		b.totals.Found[p.Items[n].Kind]++
		if p.Items[n].Kind == backend.PlanSame {
			b.bytes += p.Items[n].Size()
		}
	}
	for n := range b.lines {
		b.lines[n].group = b.folder(pathutil.Dir(b.lines[n].item.Name))
	}
	for n := range b.lines {
		l := &b.lines[n]
		if g := b.groups[pathutil.Fold(l.item.Name)]; l.item.Folder && g != nil && g != b.root && g.self < 0 {
			l.group, g.self = g, n
		} else {
			l.group.lines = append(l.group.lines, n)
		}
		b.count(n, 1)
	}
	for _, g := range b.groups {
		slices.SortFunc(g.subs, func(x, y *group) int { return cmp.Compare(x.key, y.key) })
	}
	b.plan.Items = nil
	return b
}

// folder is the group of a path, made with those above it.
func (b *board) folder(path string) *group {
	key := pathutil.Fold(path)
	if g := b.groups[key]; g != nil {
		return g
	}
	g := &group{id: "f" + key, key: key, path: path, self: -1, up: b.folder(pathutil.Dir(path))}
	g.up.subs = append(g.up.subs, g)
	b.groups[key] = g
	return g
}

// count adds a line to the totals, or takes it out of them, as it is now.
func (b *board) count(n, by int) {
	l := &b.lines[n]
	on := l.item.On && l.can()
	size := l.item.Size()
	if l.item.Kind == backend.PlanSame {
		size = 0
	}
	for g := l.group; g != nil; g = g.up {
		if l.item.Kind != backend.PlanSame {
			g.all += by
		}
		g.bytes += int64(by) * size
		if l.can() {
			g.can += by
		}
		if on {
			g.on += by
		}
	}
	if l.item.Kind == backend.PlanConflict && (l.item.On || l.told && l.state == backend.JobDone) {
		b.solved += by
	}
	if !on {
		return
	}
	switch l.item.Action {
	case backend.PlanUpload:
		b.totals.Uploads += by
		b.totals.Bytes += int64(by) * size
		b.site += by
	case backend.PlanDownload:
		b.totals.Downloads += by
		b.totals.Bytes += int64(by) * size
	case backend.PlanDeleteRemote:
		b.totals.Deletions += by
		b.site += by
	case backend.PlanDeleteLocal:
		b.totals.Deletions += by
	case backend.PlanNothing:
	}
	if !l.item.Action.Deletes() && l.item.Local != nil && l.item.Remote != nil {
		b.over += by
	}
}

// change lets fn change a line and keeps the counts right.
func (b *board) change(n int, fn func(*line)) {
	b.count(n, -1)
	fn(&b.lines[n])
	b.count(n, 1)
}

// tick ticks or unticks a line. A folder is deleted only with everything that is
// in it, so that one cannot go without the other.
func (b *board) tick(n int, on bool) {
	l := &b.lines[n]
	if !l.can() || l.item.On == on || on && l.item.Action.Deletes() && l.group.self == n && keeps(b, l.group) {
		return
	}
	b.edited = true
	b.differs()
	b.change(n, func(l *line) { l.item.On = on })
	if !l.item.Action.Deletes() {
		return
	}
	if !on {
		b.keepAbove(n)
	} else if l.group.self == n {
		b.tickGroup(l.group, true)
	}
}

// keepAbove unticks the deletion of the folders above a line that stays.
func (b *board) keepAbove(n int) {
	for g := b.lines[n].group; g != nil; g = g.up {
		if g.self < 0 || g.self == n {
			continue
		}
		if l := &b.lines[g.self]; l.item.On && l.item.Action.Deletes() {
			b.change(g.self, func(l *line) { l.item.On = false })
		}
	}
}

// keeps tells whether something below a folder stays: then the folder does.
func keeps(b *board, g *group) bool {
	stays := func(n int) bool { return !b.lines[n].item.Action.Deletes() || !b.lines[n].can() }
	return slices.ContainsFunc(g.lines, stays) ||
		slices.ContainsFunc(g.subs, func(s *group) bool { return s.self >= 0 && stays(s.self) || keeps(b, s) })
}

// tickGroup ticks or unticks a folder with everything below it.
func (b *board) tickGroup(g *group, on bool) {
	if g.self >= 0 {
		b.tick(g.self, on)
	}
	for _, n := range g.lines {
		b.tick(n, on)
	}
	for _, s := range g.subs {
		b.tickGroup(s, on)
	}
}

// choose gives a line another action; why tells what is against it.
func (b *board) choose(n int, a backend.PlanAction) (why string) {
	chosen, why := b.lines[n].item.Choose(a)
	if why != "" {
		return why
	}
	b.edited = true
	b.differs()
	b.change(n, func(l *line) { l.item, l.stale = chosen, "" })
	b.keepAbove(n)
	return ""
}

// result keeps what became of a line.
func (b *board) result(r backend.PlanResult) {
	if r.Item < 0 || r.Item >= len(b.lines) {
		return
	}
	b.change(r.Item, func(l *line) {
		l.told, l.state, l.check, l.note, l.err = true, r.State, r.Verified, r.Note, r.Err
		l.alive = false
		if r.State == backend.JobDone {
			l.item.On = false
		}
	})
	delete(b.alive, r.Item)
	b.differs()
}

// differs notes that the plan is no longer as any file has it.
func (b *board) differs() {
	b.file = ""
	b.turns++
}

// stale marks what has changed since the plan was made; it loses its tick.
func (b *board) stale(changes []backend.PlanChange) {
	for _, c := range changes {
		b.change(c.Item, func(l *line) { l.stale, l.item.On = c.Why, false })
		b.keepAbove(c.Item)
	}
	b.edited = true
	b.differs()
}

// now is the plan as it is ticked.
func (b *board) now() backend.Plan {
	p := b.plan
	p.Items = make([]backend.PlanItem, len(b.lines))
	for n := range b.lines {
		p.Items[n] = b.lines[n].item
		p.Items[n].On = p.Items[n].On && b.lines[n].can()
	}
	return p
}

// undecided counts the conflicts that stay as they are.
func (b *board) undecided() int { return b.totals.Found[backend.PlanConflict] - b.solved }

// outcome counts what became of the lines.
func (b *board) outcome() (done, failed, left int) {
	for n := range b.lines {
		switch l := &b.lines[n]; {
		case !l.told || l.alive:
		case l.state == backend.JobDone:
			done++
		case l.state == backend.JobFailed:
			failed++
		default:
			left++
		}
	}
	return done, failed, left
}
