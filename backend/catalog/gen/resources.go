package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// description is resources.json as far as the catalog needs it.
type description struct {
	Undocumented []struct {
		Method, Path string
		Params       []param
		Extra        []param `json:"extra_params"`
		Status       int
		Kind         string `json:"response_kind"`
	}
	Resources map[string]*resource
}

type resource struct {
	Class     string
	Endpoints []*endpoint
	Fields    []field
}

type endpoint struct {
	Op, Method, Path string
	Params           []param
	Status           int
	Kind             string `json:"response_kind"`
	Returns          string
	Paged            bool
	List             *list
	undocumented     bool
}

type param struct {
	Name, Type, In string
	Required       bool
	Max            int
	Values         []string
	undocumented   bool
}

type field struct {
	Name, Type string
	Values     []string
	WriteOnly  bool `json:"write_only"`
	Example    json.RawMessage
}

type list struct {
	Sort   *[]string `json:"sort_by"`
	Filter *[]string `json:"filter"`
	Prefix *[]string `json:"filter_prefix"`
	Gt     *[]string `json:"filter_gt"`
	GtEq   *[]string `json:"filter_gteq"`
	Lt     *[]string `json:"filter_lt"`
	LtEq   *[]string `json:"filter_lteq"`

	Combinations json.RawMessage
}

// complete works the undocumented endpoints and parameters into the resources.
func (d description) complete() error {
	for _, u := range d.Undocumented {
		if !strings.HasPrefix(u.Path, "/") {
			continue // on the transfer host, not of the API
		}
		e := d.find(u.Method, u.Path)
		switch {
		case e == nil && u.Path == "/zip_downloads":
			for i := range u.Params {
				u.Params[i].In = "body"
			}
			d.Resources["file"].Endpoints = append(d.Resources["file"].Endpoints, &endpoint{
				Op: "zip_download", Method: u.Method, Path: u.Path, Params: u.Params,
				Status: u.Status, Kind: u.Kind, undocumented: true,
			})
		case e == nil:
			return fmt.Errorf("no place for the undocumented %s %s", u.Method, u.Path)
		case len(u.Extra) == 0:
			e.undocumented = true
		default:
			for _, p := range u.Extra {
				p.In, p.undocumented = "body", true
				if u.Method == "GET" {
					p.In = "query"
				}
				e.Params = append(e.Params, p)
			}
		}
	}
	// The reference leaves out a permission that its text describes (PROTOCOL.md 13).
	const missing = "bundle"
	grant := d.Resources["permission"]
	for _, e := range grant.Endpoints {
		for i := range e.Params {
			if p := &e.Params[i]; p.Name == "permission" {
				p.Values = append(p.Values, missing)
			}
		}
	}
	for i := range grant.Fields {
		if f := &grant.Fields[i]; f.Name == "permission" {
			f.Values = append(f.Values, missing)
		}
	}
	return nil
}

func (d description) find(method, path string) *endpoint {
	for _, r := range d.Resources {
		for _, e := range r.Endpoints {
			if e.Method == method && e.Path == path {
				return e
			}
		}
	}
	return nil
}

// writeResources writes one line per resource (R), endpoint (E), parameter (P),
// list capabilities (L), combinations (C) and field (F), columns divided by
// tabs, each line belonging to the one above it of the next larger kind.
func writeResources(d description) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(d.Resources)) {
		r := d.Resources[name]
		line(&b, "R", name, r.Class, segment(name, r))
		writable := map[string]bool{}
		for _, e := range r.Endpoints {
			line(&b, "E", e.Op, e.Method, e.Path, strconv.Itoa(e.Status), e.Kind, e.Returns,
				flags("p", e.Paged, "u", e.undocumented))
			for _, p := range e.Params {
				if p.In == "body" {
					writable[p.Name] = true
				}
				line(&b, "P", p.Name, p.Type, p.In, number(p.Max),
					flags("r", p.Required, "u", p.undocumented), strings.Join(p.Values, ","))
			}
			if e.List != nil {
				writeList(&b, e.List)
			}
		}
		for _, f := range r.Fields {
			var example bytes.Buffer
			if len(f.Example) > 0 {
				if err := json.Compact(&example, f.Example); err != nil {
					panic(err) // it was decoded a moment ago
				}
			}
			line(&b, "F", f.Name, f.Type, flags("w", f.WriteOnly, "r", !writable[f.Name]),
				strings.Join(f.Values, ","), example.String())
		}
	}
	return b.Bytes()
}

func writeList(b *bytes.Buffer, l *list) {
	line(b, "L", names(l.Sort), names(l.Filter), names(l.Prefix),
		names(l.Gt), names(l.GtEq), names(l.Lt), names(l.LtEq))
	var (
		sets   [][]string
		byKind map[string][][]string
		any    struct {
			Of  []string `json:"any_subset_of"`
			Min int      `json:"min_size"`
		}
	)
	switch {
	case len(l.Combinations) == 0:
	case json.Unmarshal(l.Combinations, &sets) == nil:
		writeSets(b, "filter", sets)
	case json.Unmarshal(l.Combinations, &any) == nil && any.Of != nil:
		line(b, "C", "any", strings.Join(any.Of, ","), strconv.Itoa(any.Min))
	case json.Unmarshal(l.Combinations, &byKind) == nil:
		for _, kind := range slices.Sorted(maps.Keys(byKind)) {
			writeSets(b, kind, byKind[kind])
		}
	}
}

// writeSets writes the field sets of one kind of filter, without those of a
// single field, which are always legal.
func writeSets(b *bytes.Buffer, kind string, sets [][]string) {
	var out []string
	for _, s := range sets {
		if len(s) > 1 {
			out = append(out, strings.Join(s, ","))
		}
	}
	if len(out) > 0 {
		line(b, "C", kind, strings.Join(out, "|"), "")
	}
}

// segment is the element of the path by which people know a resource: the first
// one of its endpoints that is the plural of its name, else the first at all.
func segment(name string, r *resource) string {
	var first string
	for _, e := range r.Endpoints {
		s, _, _ := strings.Cut(strings.TrimPrefix(e.Path, "/"), "/")
		if first == "" || s == name+"s" {
			first = s
		}
	}
	return first
}

// names tells a parameter without legal fields ("") from a missing one ("-").
func names(l *[]string) string {
	if l == nil {
		return "-"
	}
	return strings.Join(*l, ",")
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// flags joins the letters whose condition holds.
func flags(a string, ifA bool, b string, ifB bool) string {
	var s string
	if ifA {
		s += a
	}
	if ifB {
		s += b
	}
	return s
}

func line(b *bytes.Buffer, columns ...string) {
	b.WriteString(strings.TrimRight(strings.Join(columns, "\t"), "\t"))
	b.WriteByte('\n')
}
