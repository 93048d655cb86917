package api

import (
	"errors"
	"net/http"
	"strings"

	"ferry/backend"
	"ferry/backend/catalog"
)

// intern gives the string of b, without memory for the values that occur in
// every listing.
func intern(b []byte) string {
	if s, ok := words[string(b)]; ok {
		return s
	}
	return string(b)
}

// words are the values that file objects have in common (PROTOCOL.md 15).
var words = func() map[string]string {
	m := map[string]string{}
	for _, w := range strings.Fields(`file directory lrwd rwd lrw lr rw l r w
		us-east-1 eu-west-1 ap-southeast-1 application/octet-stream application/pdf
		application/json application/zip application/gzip application/xml text/plain
		text/csv text/html text/markdown text/x-log image/png image/jpeg image/gif
		image/tiff video/mp4 audio/mpeg application/vnd.ms-excel
		application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
		application/vnd.openxmlformats-officedocument.wordprocessingml.document`) {
		m[w] = w
	}
	return m
}()

// decodeList reads an array of objects.
func decodeList[T any](data []byte, set func(*T, []byte, *scanner)) ([]T, error) {
	s := scanner{b: data}
	if s.peek() != '[' {
		s.skip()
		if s.err == nil {
			s.err = errNotList
		}
		return nil, s.err
	}
	var out []T
	s.array(func() {
		var v T
		if s.object(func(key []byte) { set(&v, key, &s) }) {
			out = append(out, v)
		}
	})
	return out, s.end()
}

// decodeOne reads one object.
func decodeOne[T any](data []byte, set func(*T, []byte, *scanner)) (T, error) {
	var v T
	s := scanner{b: data}
	if !s.object(func(key []byte) { set(&v, key, &s) }) && s.err == nil {
		s.err = errNotObject
	}
	return v, s.end()
}

// cursors reads the paging headers under both of their names (PROTOCOL.md 5).
func cursors(h http.Header) (next, prev string) {
	next = h.Get("X-Files-Cursor")
	if next == "" {
		next = h.Get("X-Files-Cursor-Next")
	}
	return next, h.Get("X-Files-Cursor-Prev")
}

// page makes a page of an answer. A cursor that does not advance on an empty
// page would never end (PROTOCOL.md 5).
func page[T any](a *answer, items []T, asked string) (backend.Page[T], error) {
	next, prev := cursors(a.header)
	if next != "" && next == asked {
		e := stuck()
		e.Status, e.RequestID = a.status, requestID(a.header)
		return backend.Page[T]{}, e
	}
	return backend.Page[T]{Items: items, Next: next, Prev: prev}, nil
}

// checkQuery refuses what the catalog says the site would refuse, before
// anything is sent. Resources without a documented list are left to the site.
func checkQuery(resource, op string, q backend.Query) error {
	if err := checkOps(q); err != nil {
		return err
	}
	if q.SortBy == "" && len(q.Filters) == 0 {
		return nil
	}
	r, ok := catalog.Lookup(resource)
	if !ok {
		return nil
	}
	ep, ok := r.Endpoint(op)
	if !ok {
		return nil
	}
	return checkList(ep, q)
}

// checkOps refuses comparisons that there are not.
func checkOps(q backend.Query) error {
	for _, f := range q.Filters {
		if f.Op > backend.LessEqual {
			return invalid("filter", "There are six comparisons, and this is none of them.")
		}
	}
	return nil
}

func checkList(ep *catalog.Endpoint, q backend.Query) error {
	if err := checkOps(q); err != nil {
		return err
	}
	ask := catalog.Query{Sort: q.SortBy}
	into := map[backend.FilterOp]*[]string{
		backend.Equal: &ask.Filter, backend.Prefix: &ask.Prefix, backend.Greater: &ask.Gt,
		backend.GreaterEqual: &ask.GtEq, backend.Less: &ask.Lt, backend.LessEqual: &ask.LtEq,
	}
	for _, f := range q.Filters {
		*into[f.Op] = append(*into[f.Op], f.Field)
	}
	err := ep.List.Check(ask)
	if err == nil {
		return nil
	}
	var qe *catalog.QueryError
	if !errors.As(err, &qe) {
		return invalid("query", err.Error())
	}
	c := catalog.Classify(qe.Type)
	return &backend.Error{
		Class: backend.Class(c.Class), Group: backend.ErrorGroup(c.Group), Type: qe.Type, Title: c.Title,
		Message: qe.Message, Legal: qe.Legal, Fields: map[string][]string{qe.Field: {qe.Message}},
	}
}

// optional collects the fields of an edit that are set.
type optional map[string]any

func put[T any](o optional, name string, v *T) {
	if v != nil {
		o[name] = *v
	}
}

// joinInts is the comma-separated form of group_ids (PROTOCOL.md 13).
func joinInts(ids []int64) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = plain(id)
	}
	return strings.Join(parts, ",")
}
