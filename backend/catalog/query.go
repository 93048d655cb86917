package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// List is what an endpoint can sort and filter by, as names of fields. A list
// that takes none of these parameters has no List.
type List struct {
	Sort   []string // one at a time
	Filter []string // for equality
	Prefix []string // of strings
	Gt     []string // these four are ranges
	GtEq   []string
	Lt     []string
	LtEq   []string

	Combinations Combinations

	aliases []string // filters that are no fields: "not_site_admin"
}

// Combinations are the sets of two and more fields that may be filtered by
// together. One field alone is always legal, with any of its operators.
type Combinations struct {
	Filter      [][]string // sets of fields
	Prefix      [][]string // sets that may all be prefixes; none given: as Filter
	AnySubsetOf []string   // in place of Filter: every subset of these
	MinSize     int        // smallest subset that the reference names
}

// Query is what a caller wants to sort and filter by: names of fields only.
type Query struct {
	Sort                               string
	Filter, Prefix, Gt, GtEq, Lt, LtEq []string
}

// QueryError says why a query is not legal, before it is sent (PROTOCOL.md 5).
type QueryError struct {
	Type    string   // wire type of the error that the site would answer with
	Field   string   // the offending field or, for combinations, fields
	Legal   []string // what would have been legal in its place
	Message string   // one sentence
}

// Error returns the message.
func (e *QueryError) Error() string { return e.Message }

// Wire types of a QueryError.
const (
	typeNoSorting   = "bad-request/does-not-support-sorting"
	typeSort        = "bad-request/invalid-sort-field"
	typeFilter      = "bad-request/invalid-filter-field"
	typeCombination = "bad-request/invalid-sort-filter-combination"
	typeAlias       = "bad-request/invalid-filter-alias-combination"
)

// Check tells whether the site accepts a query, as an error of type
// *[QueryError]. A nil List accepts the empty query only.
func (l *List) Check(q Query) error {
	if l == nil {
		l = &List{}
	}
	if q.Sort != "" && !slices.Contains(l.Sort, q.Sort) {
		if len(l.Sort) == 0 {
			return &QueryError{
				Type: typeNoSorting, Field: q.Sort,
				Message: "This list cannot be sorted by the site.",
			}
		}
		return &QueryError{
			Type: typeSort, Field: q.Sort, Legal: l.Sort,
			Message: fmt.Sprintf("The site does not sort this list by %q, only by %s.", q.Sort, words(l.Sort)),
		}
	}
	for _, k := range l.kinds(q) {
		for _, f := range k.asked {
			if !slices.Contains(k.legal, f) {
				return &QueryError{
					Type: typeFilter, Field: f, Legal: k.legal,
					Message: fmt.Sprintf("The site does not filter this list by %q with %s, only by %s.",
						f, k.name, words(k.legal)),
				}
			}
		}
	}
	return l.checkTogether(q)
}

// checkTogether checks the combination of the fields of a query.
func (l *List) checkTogether(q Query) error {
	all := q.fields()
	if !l.Allows(all...) {
		return l.combinationError(all)
	}
	if prefixes := distinct(q.Prefix); len(prefixes) > 1 && l.Combinations.Prefix != nil &&
		!slices.ContainsFunc(l.Combinations.Prefix, sameSet(prefixes)) {
		return l.combinationError(prefixes)
	}
	return nil
}

func (l *List) combinationError(fields []string) error {
	partners, wireType := l.Partners(fields[0]), typeCombination
	if slices.ContainsFunc(fields, func(f string) bool { return slices.Contains(l.aliases, f) }) {
		wireType = typeAlias
	}
	return &QueryError{
		Type: wireType, Field: strings.Join(fields, ","), Legal: partners,
		Message: fmt.Sprintf("The site does not filter this list by %s together; beside %q it takes %s.",
			words(fields), fields[0], words(partners)),
	}
}

// Allows tells whether the fields may be filtered by together, whatever the
// operators. Repeated fields count once; one field alone is always legal if it
// can be filtered by at all.
func (l *List) Allows(filters ...string) bool {
	filters = distinct(filters)
	if len(filters) == 0 {
		return true
	}
	if l == nil {
		return false
	}
	if len(filters) == 1 {
		return l.filterable(filters[0])
	}
	c := &l.Combinations
	if c.AnySubsetOf != nil {
		return len(filters) >= c.MinSize && subset(filters, c.AnySubsetOf)
	}
	return slices.ContainsFunc(c.Filter, sameSet(filters))
}

// Partners returns the fields that may be added to a query that filters by
// these already, in the order in which the list names them.
func (l *List) Partners(filters ...string) []string {
	var out []string
	for _, f := range l.Filterable() {
		if !slices.Contains(filters, f) && l.Allows(append(slices.Clone(filters), f)...) {
			out = append(out, f)
		}
	}
	return out
}

// Filterable returns every field that some filter takes, once.
func (l *List) Filterable() []string {
	if l == nil {
		return nil
	}
	return distinct(slices.Concat(l.Filter, l.Prefix, l.Gt, l.GtEq, l.Lt, l.LtEq))
}

func (l *List) filterable(field string) bool {
	return slices.Contains(l.Filter, field) || slices.Contains(l.Filterable(), field)
}

// kind is one filter parameter with what was asked of it.
type kind struct {
	name         string
	legal, asked []string
}

func (l *List) kinds(q Query) []kind {
	return []kind{
		{"filter", l.Filter, q.Filter},
		{"filter_prefix", l.Prefix, q.Prefix},
		{"filter_gt", l.Gt, q.Gt},
		{"filter_gteq", l.GtEq, q.GtEq},
		{"filter_lt", l.Lt, q.Lt},
		{"filter_lteq", l.LtEq, q.LtEq},
	}
}

// fields returns every field that the query filters by, once.
func (q Query) fields() []string {
	return distinct(slices.Concat(q.Filter, q.Prefix, q.Gt, q.GtEq, q.Lt, q.LtEq))
}

// distinct returns the first of each string.
func distinct(s []string) []string {
	var out []string
	for _, x := range s {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// subset tells whether all of a is in b.
func subset(a, b []string) bool {
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}

// sameSet compares sets of distinct strings.
func sameSet(a []string) func([]string) bool {
	return func(b []string) bool { return len(a) == len(b) && subset(a, b) }
}

// words names a list for people.
func words(s []string) string {
	if len(s) == 0 {
		return "nothing"
	}
	return strings.Join(s, ", ")
}
