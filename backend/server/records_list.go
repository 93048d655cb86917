package server

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferry/backend/catalog"
)

// Page sizes (PROTOCOL.md 5).
const (
	defaultPerPage = 1000
	maxPerPage     = 10_000
	maxPerPageLogs = 1000
)

// listQuery is what a list call asks for, checked against the catalog.
type listQuery struct {
	perPage int
	sort    string
	desc    bool
	boolean bool // the field of sort is a boolean: unset is false
	newest  bool // without a sort the newest comes first, not the oldest
	cursor  *recordCursor
	filters []listFilter
	root    root // what the paths in cursors are told from
}

// listFilter is one comparison with its value in the type of the field.
type listFilter struct {
	param string // "filter", "filter_prefix", "filter_gt", …
	field string
	value any
	day   bool // the value was a date without a time
}

// aliases are filters that are not fields: the field they stand for and
// whether they turn it around.
var aliases = map[string]string{"not_site_admin": "site_admin"}

// undocumentedFilters are resources whose lists take filters that the reference
// leaves open; every field is taken.
var undocumentedFilters = map[string]bool{"automation_log": true}

// newestFirst tells of which lists one wants the end first: logs, runs, history.
func newestFirst(resource string) bool {
	return resource == "history" || strings.HasSuffix(resource, "_log") || strings.HasSuffix(resource, "_run") ||
		strings.HasSuffix(resource, "_snapshot") || strings.HasSuffix(resource, "_change") || resource == "external_event"
}

// filterParams are the parameters that carry filters.
var filterParams = []string{"filter", "filter_prefix", "filter_gt", "filter_gteq", "filter_lt", "filter_lteq"}

// parseList reads and checks the query of a list call.
func parseList(ep *catalog.Endpoint, resource string, q url.Values, zone func(time.Time) time.Time, from root) (*listQuery, error) {
	lq := &listQuery{perPage: defaultPerPage, newest: newestFirst(resource)}
	limit := maxPerPage
	if p, ok := ep.Param("per_page"); ok && p.Max > 0 {
		limit = p.Max
	}
	lq.perPage = min(lq.perPage, limit)
	if v := q.Get("per_page"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return nil, wireErrorf("bad-request/request-params-invalid", "per_page must be a positive number")
		}
		lq.perPage = min(n, limit)
	}
	var cq catalog.Query
	sorts := nested(q, "sort_by")
	if len(sorts) > 1 {
		return nil, wireErrorf("bad-request/multiple-sort-params-not-allowed", "Only one sort_by parameter is allowed")
	}
	if q.Get("sort_by") != "" {
		return nil, wireErrorf("bad-request/invalid-sort-field", "sort_by must name a field: sort_by[field]=asc")
	}
	for _, x := range sorts {
		lq.sort, cq.Sort = x[0], x[0]
		switch strings.ToLower(x[1]) {
		case "asc", "":
		case "desc":
			lq.desc = true
		default:
			return nil, wireErrorf("bad-request/invalid-sort-field", "The direction of sort_by must be asc or desc")
		}
	}
	for i, p := range filterParams {
		if q.Has(p) && q.Get(p) != "" {
			return nil, wireErrorf("bad-request/invalid-filter-param-format", "%s must name a field: %s[field]=value", p, p)
		}
		names := []*[]string{&cq.Filter, &cq.Prefix, &cq.Gt, &cq.GtEq, &cq.Lt, &cq.LtEq}[i]
		for _, x := range nested(q, p) {
			*names = append(*names, x[0])
			f := listFilter{param: p, field: x[0]}
			lq.filters = append(lq.filters, f)
			lq.filters[len(lq.filters)-1].value = x[1]
		}
	}
	if undocumentedFilters[resource] {
		if cq.Sort != "" {
			return nil, wireErrorf("bad-request/does-not-support-sorting", "This list cannot be sorted")
		}
		for _, f := range lq.filters {
			if _, ok := ep.Resource.Field(f.field); !ok {
				return nil, wireErrorf("bad-request/invalid-filter-field", "This list cannot be filtered by %s", f.field)
			}
		}
	} else {
		if err := ep.List.Check(cq); err != nil {
			var qe *catalog.QueryError
			if errors.As(err, &qe) {
				return nil, wireErrorf(qe.Type, "%s", qe.Message)
			}
			return nil, err
		}
	}
	if holdsPath(resource, lq.sort) {
		lq.root = from
	}
	lq.boolean = fieldType(resource, lq.sort) == "boolean"
	for i := range lq.filters {
		f := &lq.filters[i]
		if s, ok := f.value.(string); ok && holdsPath(resource, f.field) {
			f.value = from.in(s)
		}
		if err := f.read(resource, zone); err != nil {
			return nil, err
		}
	}
	if c := q.Get("cursor"); c != "" {
		cur, err := readRecordCursor(c)
		if err != nil {
			return nil, err
		}
		if cur.Sort != lq.sort || cur.Desc != lq.desc {
			return nil, wireErrorf("bad-request/invalid-cursor-type-for-sort", "The cursor belongs to another sort")
		}
		if s, ok := cur.Value.(string); ok && lq.root != "" {
			cur.Value = strings.ToLower(lq.root.in(s))
		}
		lq.cursor = cur
	}
	return lq, nil
}

// nested reads the parameters of an object: name[key]=value, by key.
func nested(q url.Values, name string) [][2]string {
	var out [][2]string
	for k, vs := range q {
		key, ok := strings.CutPrefix(k, name+"[")
		if !ok || len(vs) == 0 {
			continue
		}
		key, ok = strings.CutSuffix(key, "]")
		if !ok {
			continue
		}
		out = append(out, [2]string{key, vs[len(vs)-1]})
	}
	slices.SortFunc(out, func(a, b [2]string) int { return cmp.Compare(a[0], b[0]) })
	return out
}

// read puts the value of a filter into the type of its field.
func (f *listFilter) read(resource string, zone func(time.Time) time.Time) error {
	text, _ := f.value.(string)
	field := f.field
	if to, ok := aliases[field]; ok {
		field = to
	}
	bad := func() error {
		return wireErrorf("bad-request/invalid-filter-param-value", "%q is not a value for the filter %s", text, f.field)
	}
	switch fieldType(resource, field) {
	case "int64":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return bad()
		}
		f.value = n
	case "double", "decimal":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return bad()
		}
		f.value = n
	case "boolean":
		b, ok := readBool(text)
		if !ok {
			return bad()
		}
		if field != f.field {
			f.field, b = field, !b
		}
		f.value = b
	case "date-time":
		t, day, ok := readTime(text, zone)
		if !ok {
			return bad()
		}
		f.value, f.day = t, day
	default:
		f.value = strings.ToLower(text)
	}
	return nil
}

func fieldType(resource, field string) string {
	res, ok := catalog.Lookup(resource)
	if !ok {
		return ""
	}
	f, ok := res.Field(field)
	if !ok {
		// A filter of the reference that is no field of the object.
		if strings.HasSuffix(field, "_id") {
			return "int64"
		}
		return "string"
	}
	return f.Type
}

// readBool takes every spelling of the vendor's clients (PROTOCOL.md 4).
func readBool(s string) (value, ok bool) {
	switch s {
	case "true", "True", "TRUE", "1":
		return true, true
	case "false", "False", "FALSE", "0":
		return false, true
	}
	return false, false
}

// readTime takes RFC 3339, ISO 8601 without a zone, and a date. Without a zone
// the time is meant in that of the site.
func readTime(s string, zone func(time.Time) time.Time) (t time.Time, day, ok bool) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UTC(), false, true
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			_, offset := zone(t).Zone()
			return t.Add(-time.Duration(offset) * time.Second), layout == "2006-01-02", true
		}
	}
	return time.Time{}, false, false
}

// match tells whether a record passes the filter. A null never passes a range.
func (f *listFilter) match(v any) bool {
	if f.param == "filter_prefix" {
		s, _ := v.(string)
		p, _ := f.value.(string)
		return len(s) >= len(p) && strings.EqualFold(s[:len(p)], p)
	}
	if v == nil {
		return f.param == "filter" && (f.value == false || f.value == "")
	}
	t, isTime := v.(time.Time)
	if f.day && isTime {
		from, _ := f.value.(time.Time)
		to := from.Add(24 * time.Hour)
		switch f.param {
		case "filter":
			return !t.Before(from) && t.Before(to)
		case "filter_gt":
			return !t.Before(to)
		case "filter_lteq":
			return t.Before(to)
		}
	}
	c := compareValues(sortValue(v), sortValue(f.value))
	switch f.param {
	case "filter":
		return c == 0
	case "filter_gt":
		return c > 0
	case "filter_gteq":
		return c >= 0
	case "filter_lt":
		return c < 0
	default:
		return c <= 0
	}
}

// sortValue puts a value into the form in which values are compared.
func sortValue(v any) any {
	switch x := v.(type) {
	case string:
		return strings.ToLower(x)
	case int64:
		return float64(x)
	case bool:
		if x {
			return float64(1)
		}
		return float64(0)
	case time.Time:
		return float64(x.UnixMilli())
	case float64:
		return x
	}
	return nil
}

// compareValues orders what sortValue makes; null comes first.
func compareValues(a, b any) int {
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	case float64:
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	}
	rank := func(v any) int {
		switch v.(type) {
		case nil:
			return 0
		case float64:
			return 1
		}
		return 2
	}
	return cmp.Compare(rank(a), rank(b))
}

// recordCursor is a place in a sorted list: behind (or, going back, before) the
// record with that value and id. A record that comes or goes does not move it.
type recordCursor struct {
	Sort  string `json:"s,omitempty"`
	Desc  bool   `json:"d,omitempty"`
	Value any    `json:"v,omitempty"`
	ID    int64  `json:"i"`
	prev  bool
}

// The prefixes of cursors as recorded (PROTOCOL.md 5).
const (
	cursorNext = "c2:next:"
	cursorPrev = "c2:prev:"
)

func (c recordCursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	prefix := cursorNext
	if c.prev {
		prefix = cursorPrev
	}
	return prefix + base64.RawStdEncoding.EncodeToString(b)
}

func readRecordCursor(s string) (*recordCursor, error) {
	var c recordCursor
	bad := wireErrorf("bad-request/invalid-cursor", "The cursor is not valid")
	text, ok := strings.CutPrefix(s, cursorNext)
	if !ok {
		if text, ok = strings.CutPrefix(s, cursorPrev); !ok {
			return nil, bad
		}
		c.prev = true
	}
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, bad
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, bad
	}
	return &c, nil
}

// page sorts what has passed the filters and cuts the page out of it, with the
// cursors of its neighbours, "" where there is none.
func (lq *listQuery) page(rows []*record) (page []*record, next, prev string) {
	type keyed struct {
		key any
		row *record
	}
	list := make([]keyed, len(rows))
	for i, r := range rows {
		list[i] = keyed{row: r}
		if lq.sort != "" {
			list[i].key = sortValue(r.doc[lq.sort])
			if list[i].key == nil && lq.boolean {
				list[i].key = float64(0)
			}
		}
	}
	order := func(a, b keyed) int {
		c := compareValues(a.key, b.key)
		if lq.desc {
			c = -c
		}
		if lq.newest && lq.sort == "" {
			return cmp.Compare(b.row.id, a.row.id)
		}
		return cmp.Or(c, cmp.Compare(a.row.id, b.row.id))
	}
	if lq.sort != "" || lq.newest {
		slices.SortFunc(list, order)
	}
	from, to := 0, 0
	if c := lq.cursor; c != nil {
		at := keyed{key: c.Value, row: &record{id: c.ID}}
		i, found := slices.BinarySearchFunc(list, at, order)
		if c.prev {
			to = i
			from = max(0, to-lq.perPage)
		} else {
			if found {
				i++
			}
			from = i
		}
	}
	if to == 0 {
		to = min(from+lq.perPage, len(list))
	}
	for _, k := range list[from:to] {
		page = append(page, k.row)
	}
	at := func(k keyed, back bool) string {
		if s, ok := k.key.(string); ok {
			k.key, _ = lq.root.out(s)
		}
		return recordCursor{Sort: lq.sort, Desc: lq.desc, Value: k.key, ID: k.row.id, prev: back}.String()
	}
	if to < len(list) && to > from {
		next = at(list[to-1], false)
	}
	if from > 0 && from < len(list) {
		prev = at(list[from], true)
	}
	return page, next, prev
}
