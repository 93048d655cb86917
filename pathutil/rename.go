package pathutil

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Rename moves one object to another path.
type Rename struct{ From, To string }

// Step is one move of a [Plan], to be done after the ones before it.
type Step struct {
	Rename
	Index int  // which of the asked renames it belongs to
	Temp  bool // it only makes room: To is a temporary name
}

// Plan is a set of renames in an order in which each finds its target free.
type Plan struct{ Steps []Step }

// Undo returns the steps that take back the first n of the plan.
func (p Plan) Undo(n int) []Rename {
	var out []Rename
	for _, s := range slices.Backward(p.Steps[:n]) {
		out = append(out, Rename{From: s.To, To: s.From})
	}
	return out
}

// Problem is why a rename cannot be done.
type Problem string

// The problems of a set of renames.
const (
	NoName   Problem = "no name"                      // To or From is the root
	Missing  Problem = "not there"                    // From does not exist
	Twice    Problem = "renamed twice"                // From is asked for again
	Taken    Problem = "the name is taken"            // To exists and stays
	Shared   Problem = "two would have the same name" // To is asked for again
	Nested   Problem = "inside another renamed folder"
	Reversed Problem = "cannot go into itself"
)

// Conflict is one rename that cannot be done.
type Conflict struct {
	Rename
	Index   int // in the asked renames
	Problem Problem
	With    string // the other path, "" when there is none
}

// RenameError lists everything that is wrong with a set of renames.
type RenameError struct{ Conflicts []Conflict }

// Error names the first conflict and the number of the others.
func (e *RenameError) Error() string {
	c := e.Conflicts[0]
	s := fmt.Sprintf("rename %q to %q: %s", c.From, c.To, c.Problem)
	if c.With != "" {
		s += fmt.Sprintf(" (%q)", c.With)
	}
	if n := len(e.Conflicts) - 1; n > 0 {
		s += fmt.Sprintf(", and %d more", n)
	}
	return s
}

// PlanRenames orders renames so that a site which ignores case and accents can
// do them one at a time. existing is every path there is in the folders
// concerned. Chains are done from their end; swaps, longer cycles and renames
// that change only what the site ignores go through a temporary name in the
// folder of the source. Renames that change nothing are left out. When any
// rename cannot be done, none is planned and the error is a *[RenameError] that
// lists them all.
func PlanRenames(existing []string, renames []Rename) (Plan, error) {
	p := newPlanner(existing, renames)
	p.check()
	if len(p.conflicts) > 0 {
		return Plan{}, &RenameError{p.conflicts}
	}
	p.order()
	return Plan{p.steps}, nil
}

// planner works in comparison forms; moves keep the order of the request.
type planner struct {
	there     map[string]string // what exists, by comparison form
	moves     []*move
	bySource  map[string]*move
	byTarget  map[string]*move
	conflicts []Conflict
	steps     []Step
	temps     int
}

// move is one rename that changes something.
type move struct {
	Rename
	from, to string // comparison forms
	index    int
	state    state
}

type state int

const (
	waiting state = iota
	visiting
	done
)

func newPlanner(existing []string, renames []Rename) *planner {
	p := &planner{
		there:    make(map[string]string, len(existing)),
		bySource: make(map[string]*move, len(renames)),
		byTarget: make(map[string]*move, len(renames)),
	}
	for _, e := range existing {
		p.there[Fold(e)] = Normalize(e)
	}
	for i, r := range renames {
		r = Rename{Normalize(r.From), Normalize(r.To)}
		if r.From == r.To && r.From != "" {
			continue
		}
		p.moves = append(p.moves, &move{Rename: r, from: Fold(r.From), to: Fold(r.To), index: i})
	}
	return p
}

func (p *planner) conflict(m *move, why Problem, with string) {
	p.conflicts = append(p.conflicts, Conflict{Rename: m.Rename, Index: m.index, Problem: why, With: with})
}

// check finds everything that stands against the renames.
func (p *planner) check() {
	for _, m := range p.moves {
		_, there := p.there[m.from]
		other := p.bySource[m.from]
		switch {
		case m.from == "" || m.to == "":
			p.conflict(m, NoName, "")
		case !there:
			p.conflict(m, Missing, "")
		case other != nil:
			p.conflict(m, Twice, other.To)
		case m.from != m.to && Within(m.From, m.To):
			p.conflict(m, Reversed, "")
		}
		if other == nil {
			p.bySource[m.from] = m
		}
	}
	for _, m := range p.moves {
		if other := p.byTarget[m.to]; other != nil {
			p.conflict(m, Shared, other.From)
			continue
		}
		p.byTarget[m.to] = m
		if e, there := p.there[m.to]; there && p.bySource[m.to] == nil {
			p.conflict(m, Taken, e)
		}
		p.checkNested(m)
	}
}

// checkNested refuses a rename that begins or ends below another one's source,
// for what its path is would depend on which of them is done first.
func (p *planner) checkNested(m *move) {
	for _, path := range []string{m.From, m.To} {
		for dir := Dir(path); dir != ""; dir = Dir(dir) {
			if other := p.bySource[Fold(dir)]; other != nil && other != m {
				p.conflict(m, Nested, other.From)
				return
			}
		}
	}
}

// order does the moves, each after the one that frees its target.
func (p *planner) order() {
	for _, m := range p.moves {
		p.visit(m)
	}
}

// visit follows a chain of moves to its end and does them backwards. The length
// of a chain is bounded by that of the request only, so it does not recurse.
func (p *planner) visit(m *move) {
	var chain []*move
	for m != nil && m.state == waiting {
		m.state = visiting
		chain = append(chain, m)
		m = p.bySource[m.to]
	}
	if m != nil && m.state == visiting {
		p.breakCycle(chain, m)
		return
	}
	for _, c := range slices.Backward(chain) {
		p.step(c, c.From, c.To, false)
	}
}

// breakCycle does a chain that ends in a cycle beginning at first: first steps
// aside, the others follow, then it takes its place.
func (p *planner) breakCycle(chain []*move, first *move) {
	temp := p.tempName(first)
	p.step(first, first.From, temp, true)
	for _, c := range slices.Backward(chain) {
		if c != first {
			p.step(c, c.From, c.To, false)
			continue
		}
		p.step(first, temp, first.To, false)
	}
}

func (p *planner) step(m *move, from, to string, temp bool) {
	m.state = done
	p.steps = append(p.steps, Step{Rename{from, to}, m.index, temp})
}

// tempName returns a free path beside the source of a move.
func (p *planner) tempName(m *move) string {
	for {
		p.temps++
		name := Join(Dir(m.From), ".ferry-rename-"+strconv.Itoa(p.temps)+Ext(m.From))
		key := Fold(name)
		_, there := p.there[key]
		if !there && p.byTarget[key] == nil {
			p.there[key] = name
			return name
		}
	}
}

// FreeName returns name, or if taken says that it is not free, the first of
// "name (2).ext", "name (3).ext", … that is. taken gets comparison forms of
// names as [Fold] makes them.
func FreeName(name string, taken func(folded string) bool) string {
	return FreeLocalName(name, func(name string) bool { return taken(Fold(name)) })
}

// FreeLocalName is FreeName for a disk, which knows itself which names are one:
// taken gets names as they are.
func FreeLocalName(name string, taken func(name string) bool) string {
	if !taken(name) {
		return name
	}
	ext := Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for n := 2; ; n++ {
		if c := stem + " (" + strconv.Itoa(n) + ")" + ext; !taken(c) {
			return c
		}
	}
}
