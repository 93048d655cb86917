package catalog

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// route is an endpoint with its path cut up.
type route struct {
	endpoint *Endpoint
	elements []string // of the path; parameters without their braces
	param    []bool   // which elements are parameters
	spans    bool     // the last element is a path, with any number of slashes
}

func (ix *index) addRoutes() {
	for _, e := range ix.endpoints {
		elements := strings.Split(strings.TrimPrefix(e.Path, "/"), "/")
		rt := &route{endpoint: e, elements: elements, param: make([]bool, len(elements))}
		for i, s := range elements {
			if name, ok := strings.CutPrefix(s, "{"); ok {
				rt.elements[i], rt.param[i] = strings.TrimSuffix(name, "}"), true
			}
		}
		last := len(elements) - 1
		rt.spans = rt.param[last] && rt.elements[last] == "path"
		key := e.Method + " " + elements[0]
		ix.routes[key] = append(ix.routes[key], rt)
	}
	for _, rs := range ix.routes {
		slices.SortStableFunc(rs, func(a, b *route) int { return a.compare(b) })
	}
}

// compare puts literal elements before parameters and those before paths, and a
// path that ends before one that goes on, for what goes on may be empty.
func (rt *route) compare(o *route) int {
	for i := range min(len(rt.param), len(o.param)) {
		if c := cmp.Compare(rt.rank(i), o.rank(i)); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(rt.param), len(o.param))
}

func (rt *route) rank(i int) int {
	switch {
	case !rt.param[i]:
		return 0
	case rt.spans && i == len(rt.param)-1:
		return 2
	}
	return 1
}

// Match finds the endpoint of a request, and the values of the parameters in
// its path. The path is the escaped one of the URL, below [BasePath]. "%2F"
// divides elements as "/" does, "+" stays, and a path parameter takes all the
// rest, empty for the root (PROTOCOL.md 4); it is decoded but not normalised.
// Literal elements win over parameters.
func Match(method, path string) (*Endpoint, map[string]string, bool) {
	elements, ok := decode(path)
	if !ok {
		return nil, nil, false
	}
	for _, rt := range load().routes[method+" "+elements[0]] {
		if values, ok := rt.match(elements); ok {
			return rt.endpoint, values, true
		}
	}
	return nil, nil, false
}

// decode cuts an escaped path into its decoded elements.
func decode(path string) ([]string, bool) {
	path = strings.TrimPrefix(path, "/")
	if strings.Contains(path, "%2") {
		path = strings.NewReplacer("%2F", "/", "%2f", "/").Replace(path)
	}
	elements := strings.Split(path, "/")
	for i, e := range elements {
		if !strings.Contains(e, "%") {
			continue
		}
		plain, err := url.PathUnescape(e)
		if err != nil {
			return nil, false
		}
		elements[i] = plain
	}
	return elements, true
}

// match compares the elements of a request with those of the route.
func (rt *route) match(elements []string) (map[string]string, bool) {
	n := len(rt.elements)
	if rt.spans {
		n-- // the path may be missing altogether: "/folders" is the root
	} else if len(elements) == n+1 && elements[n] == "" {
		elements = elements[:n] // a slash at the end means nothing
	}
	if len(elements) < n || !rt.spans && len(elements) > n {
		return nil, false
	}
	values := map[string]string{}
	for i := range n {
		switch {
		case !rt.param[i]:
			if rt.elements[i] != elements[i] {
				return nil, false
			}
		case elements[i] == "":
			return nil, false
		default:
			values[rt.elements[i]] = elements[i]
		}
	}
	if rt.spans {
		values[rt.elements[n]] = strings.Join(elements[n:], "/")
	}
	return values, true
}

// Expand puts values into the path of the endpoint, escaped element by element;
// slashes in a path parameter stay slashes. The error names a missing value.
func (e *Endpoint) Expand(values map[string]string) (string, error) {
	var b strings.Builder
	for s := range strings.SplitSeq(strings.TrimPrefix(e.Path, "/"), "/") {
		b.WriteByte('/')
		name, ok := strings.CutPrefix(s, "{")
		if !ok {
			b.WriteString(s)
			continue
		}
		name = strings.TrimSuffix(name, "}")
		v := values[name]
		if name != "path" {
			if v == "" {
				return "", fmt.Errorf("%s %s needs %q", e.Method, e.Path, name)
			}
			b.WriteString(url.PathEscape(v))
			continue
		}
		for i, part := range strings.Split(v, "/") {
			if i > 0 {
				b.WriteByte('/')
			}
			b.WriteString(url.PathEscape(part))
		}
	}
	return b.String(), nil
}
