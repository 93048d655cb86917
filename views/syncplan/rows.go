package syncplan

import (
	"cmp"
	"slices"

	"ferry/backend"
	"ferry/pathutil"
)

// row is a line of the plan, or the heading of a folder. Of a folder that has a
// line of its own the heading is that line.
type row struct {
	b     *board
	group *group // of a heading, else nil
	n     int    // the line; -1 for a heading without one
}

func rowID(r row) string {
	if r.group != nil {
		return r.group.id
	}
	return r.b.lines[r.n].id
}

// line is the item behind the row, nil for a bare heading.
func (r row) line() *line {
	if r.n < 0 {
		return nil
	}
	return &r.b.lines[r.n]
}

// path is the row's path below both folders.
func (r row) path() string {
	if r.n < 0 {
		return r.group.path
	}
	return r.b.lines[r.n].item.Name
}

// text is what narrowing looks at.
func (r row) text() string {
	s := r.path()
	if l := r.line(); l != nil && l.item.Remote != nil && l.item.Remote.Name != s {
		s += " " + l.item.Remote.Name
	}
	return pathutil.Display(s)
}

// filter chooses the lines that are shown.
type filter struct {
	name string // "" is all that differ
	keep func(*line) bool
}

func ofKind(k backend.PlanKind) func(*line) bool {
	return func(l *line) bool { return l.item.Kind == k }
}

// The filters, the usual one first.
var filters = []filter{
	{"", func(l *line) bool { return l.item.Kind != backend.PlanSame }},
	{"new", ofKind(backend.PlanNew)},
	{"changed", ofKind(backend.PlanChanged)},
	{"extra", ofKind(backend.PlanExtra)},
	{"conflicts", ofKind(backend.PlanConflict)},
	{"ticked", func(l *line) bool { return l.item.On && l.can() }},
	{"not ticked", func(l *line) bool { return l.can() && !l.item.On }},
	{"to be deleted", func(l *line) bool { return l.item.Action.Deletes() }},
	troubled,
	{"the same", ofKind(backend.PlanSame)},
}

// troubled are the lines that a person should look at.
var troubled = filter{"failed or changed since", (*line).trouble}

// everything also shows what is the same.
var everything = filter{"everything", func(*line) bool { return true }}

// order is how the lines are sorted.
type order uint8

const (
	byFolder order = iota // under the headings of their folders
	bySize
	byName // without headings
)

// rows lists what is to be seen. Flat lists have no headings and no folds.
func (b *board) rows(f filter, flat bool, o order, turned bool) []row {
	out := make([]row, 0, len(b.lines))
	if !flat && o == byFolder {
		return b.tree(out, b.root, f, turned)
	}
	for n := range b.lines {
		if f.keep(&b.lines[n]) {
			out = append(out, row{b: b, n: n})
		}
	}
	if o == bySize {
		slices.SortStableFunc(out, func(x, y row) int { return cmp.Compare(x.line().item.Size(), y.line().item.Size()) })
	}
	if turned {
		slices.Reverse(out)
	}
	return out
}

// tree adds a folder: its heading, its files, then the folders in it. Headings are
// whole paths, so a file below another folder's lines would seem to be of that one;
// an empty folder has its place among the folders.
func (b *board) tree(out []row, g *group, f filter, turned bool) []row {
	start := len(out)
	// A folder that holds nothing but one other folder needs no heading.
	if g != b.root && (g.self >= 0 || len(g.lines) > 0 || len(g.subs) != 1) {
		out = append(out, row{b: b, group: g, n: g.self})
	}
	body := len(out)
	var empty []int // folders with a line, but none below
	for k := range g.lines {
		n := g.lines[k]
		if turned {
			n = g.lines[len(g.lines)-1-k]
		}
		switch {
		case !f.keep(&b.lines[n]):
		case b.lines[n].item.Folder:
			empty = append(empty, n)
		default:
			out = append(out, row{b: b, n: n})
		}
	}
	for k := range g.subs {
		s := g.subs[k]
		if turned {
			s = g.subs[len(g.subs)-1-k]
		}
		for len(empty) > 0 && (b.lines[empty[0]].key() < s.key) != turned {
			out, empty = append(out, row{b: b, n: empty[0]}), empty[1:]
		}
		out = b.tree(out, s, f, turned)
	}
	for _, n := range empty {
		out = append(out, row{b: b, n: n})
	}
	switch {
	case len(out) > body && g.folded && body > start:
		return out[:body]
	case len(out) == body && (g.self < 0 || !f.keep(&b.lines[g.self])):
		return out[:start]
	}
	return out
}

// key is what a folder is sorted by among others.
func (l *line) key() string { return pathutil.Fold(l.item.Name) }
