//go:build unix

package faults

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

// row is what the table says of a case.
type row struct {
	name               string
	place              int // among the rows
	rounds, runs       int
	size, again, bound int64
	failures           map[string]int // clear ones, by class
}

// table collects the rows of the cases, which end in any order.
type table struct {
	mu   sync.Mutex
	rows []row
}

func (t *table) add(place int, r row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r.place = place
	t.rows = append(t.rows, r)
}

// cells are a row; what was sent again stands also as a share of the content,
// for sizes differ with the flags.
func (r row) cells() string {
	const unit = 1 << 20
	s := fmt.Sprintf("%d\t%d\t%.1f\t%.2f\t%.2f\t%.0f %%\t\t%s", r.rounds, r.runs,
		float64(r.size)/unit, float64(r.again)/unit, float64(r.bound)/unit, 100*float64(r.again)/float64(max(r.size, 1)), r.name)
	for _, class := range slices.Sorted(maps.Keys(r.failures)) {
		s += fmt.Sprintf("; %d × %s", r.failures[class], class)
	}
	return s
}

// plus adds the figures of another row.
func (r row) plus(o row) row {
	r.rounds, r.runs = r.rounds+o.rounds, r.runs+o.runs
	r.size, r.again, r.bound = r.size+o.size, r.again+o.again, r.bound+o.bound
	sum := maps.Clone(r.failures)
	if sum == nil {
		sum = map[string]int{}
	}
	for class, n := range o.failures {
		sum[class] += n
	}
	r.failures = sum
	return r
}

// sorted are the rows in the order of the cases, and their sum.
func (t *table) sorted() (rows []row, all row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rows = slices.SortedFunc(slices.Values(t.rows), func(a, b row) int { return cmp.Compare(a.place, b.place) })
	all = row{name: "all"}
	for _, r := range rows {
		all = all.plus(r)
	}
	return rows, all
}

func (t *table) String() string {
	rows, all := t.sorted()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "rounds\truns\tMiB\tsent again\tat most\tshare\t\tcase")
	for _, r := range rows {
		fmt.Fprintln(w, r.cells())
	}
	fmt.Fprintln(w, all.cells())
	_ = w.Flush()
	return b.String()
}

// summary says in words what came of cases that all have passed.
func (t *table) summary() string {
	rows, all := t.sorted()
	failures := 0
	for _, n := range all.failures {
		failures += n
	}
	return fmt.Sprintf("%d rounds of %d cases: every one ended with the same bytes on the other side; %d runs ended in a clear failure before that, and the same command went on from there. Of %.0f MiB, %.0f MiB were sent again, all of them bytes that had not arrived or could not be known to have.",
		all.rounds, len(rows), failures, float64(all.size)/(1<<20), float64(all.again)/(1<<20))
}
