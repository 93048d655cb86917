package api

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// call is one thing to be asked of the site; it may take several requests.
type call struct {
	op     string // for people: "list folder"
	path   string // the object, for errors and logs
	method string
	route  string // below the base path, escaped
	query  params
	body   any // encoded as JSON; nil for none

	raw        func() (io.Reader, error) // content of a storage request
	size       int64
	uri        string // absolute address; replaces route
	header     http.Header
	open       bool // the caller reads the answer's body
	bare       bool // no credentials (sessions, storage)
	repeatable bool // may be repeated although it is not a GET
	once       bool // its content cannot be read a second time
	storage    bool
	harmless   bool // allowed in read-only mode although it is not a GET
	limit      int64
}

func (r *call) safe() bool {
	return r.repeatable || r.method == http.MethodGet || r.method == http.MethodHead
}

// params is a query in the order in which it is sent.
type params []param

type param struct{ name, value string }

func (p *params) add(name, value string) {
	if value != "" {
		*p = append(*p, param{name, value})
	}
}

func (p *params) flag(name string, on bool) {
	if on {
		p.add(name, "true")
	}
}

func (p *params) int(name string, n int64) {
	if n != 0 {
		p.add(name, strconv.FormatInt(n, 10))
	}
}

// put adds a value of any type the way PROTOCOL.md 4 wants it in a query.
func (p *params) put(name string, v any) {
	switch v := v.(type) {
	case nil:
	case []any:
		for i, e := range v {
			p.put(name+"["+strconv.Itoa(i)+"]", e)
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			p.put(name+"["+k+"]", v[k])
		}
	default:
		*p = append(*p, param{name, plain(v)})
	}
}

func (p params) encode() string {
	var b strings.Builder
	for i, q := range p {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(q.name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(q.value))
	}
	return b.String()
}

// plain is a scalar as text.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		return stamp(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return strings.Trim(string(b), `"`)
}

// stamp is a moment as the site wants it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// listParams is the paging, sorting and filtering part of a list call.
func listParams(q backend.Query) params {
	var p params
	p.add("cursor", q.Cursor)
	if q.PerPage > 0 {
		p.int("per_page", int64(q.PerPage))
	}
	if q.SortBy != "" {
		dir := "asc"
		if q.Desc {
			dir = "desc"
		}
		p.add("sort_by["+q.SortBy+"]", dir)
	}
	for _, f := range q.Filters {
		p = append(p, param{f.Op.Param() + "[" + f.Field + "]", f.Value})
	}
	return p
}

// withPath appends a remote path to a route, escaped element by element with
// its slashes kept; the root leaves a trailing slash (PROTOCOL.md 4).
func withPath(route, path string) string {
	var b strings.Builder
	b.WriteString(route)
	path = pathutil.Normalize(path)
	if path == "" {
		b.WriteByte('/')
	}
	for path != "" {
		var e string
		e, path, _ = strings.Cut(path, "/")
		b.WriteByte('/')
		b.WriteString(url.PathEscape(e))
	}
	return b.String()
}

// withID appends an id and perhaps an action to a route.
func withID(route string, id int64, action ...string) string {
	route += "/" + strconv.FormatInt(id, 10)
	for _, a := range action {
		route += "/" + a
	}
	return route
}

// address is the URL that a call goes to at the moment.
func (c *Client) address(r *call) (*url.URL, error) {
	base := c.base.Load()
	if r.uri != "" {
		u, err := url.Parse(r.uri)
		if err != nil {
			return nil, invalid("uri", "The address given by the site cannot be read.")
		}
		u = base.ResolveReference(u)
		if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			return nil, invalid("uri", "The address given by the site is not an http(s) address.")
		}
		if len(r.query) > 0 {
			if u.RawQuery != "" {
				u.RawQuery += "&"
			}
			u.RawQuery += r.query.encode()
		}
		return u, nil
	}
	escaped := basePath + r.route
	decoded, err := url.PathUnescape(escaped)
	if err != nil {
		return nil, invalid("path", "The path cannot be put into an address.")
	}
	u := *base
	u.Path, u.RawPath, u.RawQuery = decoded, escaped, r.query.encode()
	return &u, nil
}

// encodeBody makes the JSON of a call once, so that repetitions send the same.
func encodeBody(r *call) ([]byte, error) {
	if r.body == nil {
		return nil, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r.body); err != nil {
		return nil, invalid("body", "The parameters cannot be written as JSON.")
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
