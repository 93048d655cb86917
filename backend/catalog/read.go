package catalog

import (
	_ "embed" // the tables
	"encoding/json"
	"strconv"
	"strings"
)

// resourceTable has one line per resource (R), endpoint (E), parameter (P), list
// capabilities (L), combinations (C) and field (F). A test reads all of it.
//
//go:embed resources.tsv
var resourceTable string

// row hands out the columns of a line; beyond the last one they are empty. The
// columns are parts of the table, so nothing is copied.
type row struct{ rest string }

func (r *row) next() string {
	var col string
	col, r.rest, _ = strings.Cut(r.rest, "\t")
	return col
}

func (r *row) number() int {
	n, _ := strconv.Atoi(r.next()) // an empty column is 0
	return n
}

// list reads a column of names; "" is an empty list.
func (r *row) list() []string {
	col := r.next()
	if col == "" {
		return nil
	}
	return strings.Split(col, ",")
}

func (ix *index) readResources(table string) {
	ix.resources = make([]*Resource, 0, 160)
	ix.endpoints = make([]*Endpoint, 0, 440)
	var (
		res *Resource
		end *Endpoint
	)
	for line := range strings.Lines(table) {
		r := row{strings.TrimSuffix(line, "\n")}
		switch r.next() {
		case "R":
			res = &Resource{Name: r.next(), Class: r.next(), Segment: r.next()}
			ix.resources = append(ix.resources, res)
		case "E":
			end = &Endpoint{
				Resource: res, Op: r.next(), Method: r.next(), Path: r.next(),
				Status: r.number(), Response: r.next(), Returns: r.next(),
			}
			f := r.next()
			end.Paged, end.Undocumented = strings.Contains(f, "p"), strings.Contains(f, "u")
			res.Endpoints = append(res.Endpoints, end)
			ix.endpoints = append(ix.endpoints, end)
		case "P":
			p := Param{Name: r.next(), Type: r.next(), In: r.next(), Max: r.number()}
			f := r.next()
			p.Required, p.Undocumented = strings.Contains(f, "r"), strings.Contains(f, "u")
			p.Values = r.list()
			end.Params = append(end.Params, p)
		case "L":
			end.List = readList(r)
		case "C":
			end.List.Combinations.read(r)
		case "F":
			f := Field{Name: r.next(), Type: r.next()}
			flags := r.next()
			f.WriteOnly, f.ReadOnly = strings.Contains(flags, "w"), strings.Contains(flags, "r")
			f.Values = r.list()
			f.Example = readExample(r.rest)
			res.Fields = append(res.Fields, f)
		}
	}
	for _, r := range ix.resources {
		ix.byClass[r.Class] = r
		if r.Segment != "" {
			ix.byName[r.Segment] = r
		}
	}
	for _, r := range ix.resources {
		ix.byName[r.Name] = r
	}
	for _, e := range ix.endpoints {
		if e.List == nil {
			continue
		}
		for _, f := range e.List.Filter {
			if _, ok := e.Resource.Field(f); !ok {
				e.List.aliases = append(e.List.aliases, f)
			}
		}
	}
}

// readExample decodes an example; the plain kinds, which are most, without the
// JSON decoder.
func readExample(s string) any {
	switch {
	case s == "":
		return nil
	case s == "true":
		return true
	case s == "false":
		return false
	case s[0] == '"' && !strings.Contains(s, `\`):
		return s[1 : len(s)-1]
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	var v any
	if json.Unmarshal([]byte(s), &v) != nil {
		return nil
	}
	return v
}

func readList(r row) *List {
	l := &List{}
	for _, into := range []*[]string{&l.Sort, &l.Filter, &l.Prefix, &l.Gt, &l.GtEq, &l.Lt, &l.LtEq} {
		if *into = r.list(); len(*into) == 1 && (*into)[0] == "-" {
			*into = nil
		}
	}
	return l
}

func (c *Combinations) read(r row) {
	kind := r.next()
	if kind == "any" {
		c.AnySubsetOf, c.MinSize = r.list(), r.number()
		return
	}
	var sets [][]string
	for s := range strings.SplitSeq(r.next(), "|") {
		sets = append(sets, strings.Split(s, ","))
	}
	if kind == "filter_prefix" {
		c.Prefix = sets
	} else {
		c.Filter = sets
	}
}
