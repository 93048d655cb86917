package server

import (
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferry/backend/catalog"
)

// readParams takes the parameters of a call from its body (POST, PATCH) or its
// query, in the types of the catalog. Keys that the endpoint does not have are
// ignored (PROTOCOL.md 4); a wrong type and a missing required parameter are
// errors. A null stays nil. Parameters of the path are in the result too.
func readParams(ep *catalog.Endpoint, path map[string]string, query url.Values, body map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for i := range ep.Params {
		p := &ep.Params[i]
		if p.In == "path" {
			text := path[p.Name]
			if p.Type == "int64" {
				id, err := strconv.ParseInt(text, 10, 64)
				if err != nil {
					// What is no number is no id of anything.
					return nil, wireErrorf("not-found", "Not Found")
				}
				out[p.Name] = id
				continue
			}
			out[p.Name] = text
			continue
		}
		if p.In == "query" && isListParam(p.Name) {
			continue
		}
		var raw any
		var given bool
		if p.In == "body" {
			raw, given = body[p.Name]
		}
		if !given {
			raw, given = queryValue(query, p)
		}
		if !given || raw == nil || raw == "" && p.Required && (p.Name != "path" || !rooted[ep.Resource.Name]) {
			if p.Required {
				return nil, wireErrorf("bad-request/request-params-required", "%s is required", p.Name)
			}
			if given {
				out[p.Name] = nil
			}
			continue
		}
		v, ok := coerce(p, raw)
		if !ok {
			return nil, wireErrorf("bad-request/request-params-invalid", "%s must be of type %s", p.Name, p.Type)
		}
		out[p.Name] = v
	}
	return out, nil
}

// isListParam tells the parameters that parseList reads.
func isListParam(name string) bool {
	return name == "cursor" || name == "per_page" || name == "sort_by" || slices.Contains(filterParams, name)
}

// queryValue reads a parameter in every form in which clients write it into a
// query: name=v, name[]=v, name[0]=v, name[key]=v.
func queryValue(q url.Values, p *catalog.Param) (any, bool) {
	if strings.HasPrefix(p.Type, "array") {
		var list []any
		for _, v := range q[p.Name] {
			list = append(list, v)
		}
		for _, v := range q[p.Name+"[]"] {
			list = append(list, v)
		}
		for _, x := range nested(q, p.Name) {
			if x[0] != "" {
				list = append(list, x[1])
			}
		}
		return list, list != nil
	}
	if p.Type == "object" {
		pairs := nested(q, p.Name)
		if len(pairs) > 0 {
			m := map[string]any{}
			for _, x := range pairs {
				m[x[0]] = x[1]
			}
			return m, true
		}
	}
	if !q.Has(p.Name) {
		return nil, false
	}
	return q.Get(p.Name), true
}

// coerce puts a value into the type of its parameter.
func coerce(p *catalog.Param, v any) (any, bool) {
	switch p.Type {
	case "int64":
		return coerceInt(v)
	case "double":
		switch x := v.(type) {
		case float64:
			return x, true
		case int64:
			return float64(x), true
		case string:
			f, err := strconv.ParseFloat(x, 64)
			return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
		}
		return nil, false
	case "boolean":
		switch x := v.(type) {
		case bool:
			return x, true
		case string:
			return readBool(x)
		}
		return nil, false
	case "object":
		switch x := v.(type) {
		case map[string]any:
			return x, true
		case string:
			// Objects may come as JSON text, such as the value of a behavior.
			var m map[string]any
			if json.Unmarshal([]byte(x), &m) != nil {
				return nil, false
			}
			return plain(m), true
		}
		return nil, false
	case "file":
		return readFileParam(v)
	}
	if element, ok := strings.CutPrefix(p.Type, "array("); ok {
		return coerceList(strings.TrimSuffix(element, ")"), v)
	}
	return coerceString(p, v)
}

func coerceInt(v any) (any, bool) {
	switch x := v.(type) {
	case int64:
		return x, true
	case float64:
		return int64(x), x == math.Trunc(x) && math.Abs(x) < 1<<53
	case string:
		n, err := strconv.ParseInt(x, 10, 64)
		return n, err == nil
	}
	return nil, false
}

func coerceString(p *catalog.Param, v any) (any, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case []any:
		// Lists of ids travel as text with commas; an array says the same.
		if !strings.HasSuffix(p.Name, "ids") && p.Name != "usernames" {
			return nil, false
		}
		var parts []string
		for _, e := range x {
			switch y := e.(type) {
			case string:
				parts = append(parts, y)
			case int64:
				parts = append(parts, strconv.FormatInt(y, 10))
			default:
				return nil, false
			}
		}
		return strings.Join(parts, ","), true
	case int64:
		// A single id in the place of a list of them.
		if strings.HasSuffix(p.Name, "ids") || strings.HasSuffix(p.Name, "_id") {
			return strconv.FormatInt(x, 10), true
		}
	}
	return nil, false
}

func coerceList(element string, v any) (any, bool) {
	list, ok := v.([]any)
	if !ok {
		s, isText := v.(string)
		if !isText || element == "object" {
			return nil, false
		}
		list = []any{}
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
	}
	out := make([]any, 0, len(list))
	for _, e := range list {
		switch element {
		case "int64":
			n, ok := coerceInt(e)
			if !ok {
				return nil, false
			}
			e = n
		case "object":
			if _, ok := e.(map[string]any); !ok {
				return nil, false
			}
		default:
			if _, ok := e.(string); !ok {
				return nil, false
			}
		}
		out = append(out, e)
	}
	return out, true
}

// readIDs reads a list of ids with commas.
func readIDs(s string) ([]int64, bool) {
	var ids []int64
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}

// stored turns parameters into fields of the resource: times become times, the
// others stay; write-only ones are returned beside. Values that a closed list
// does not have are field errors.
func stored(ep *catalog.Endpoint, params map[string]any, zone func(time.Time) time.Time) (doc, writeOnly map[string]any, err error) {
	doc, writeOnly = map[string]any{}, map[string]any{}
	bad := fieldErrors{}
	for i := range ep.Params {
		p := &ep.Params[i]
		v, ok := params[p.Name]
		if !ok || p.In == "path" {
			continue
		}
		f, ok := ep.Resource.Field(p.Name)
		if !ok || p.Type == "file" {
			continue
		}
		values := p.Values
		if values == nil {
			values = f.Values
		}
		if !inList(values, v) {
			bad.add(p.Name, "is not included in the list")
			continue
		}
		if f.Type == "date-time" && v != nil {
			s, _ := v.(string)
			if s == "" {
				v = nil
			} else {
				t, _, ok := readTime(s, zone)
				if !ok || t.Year() <= 1 {
					return nil, nil, wireErrorf("bad-request/datetime-parse", "%s must contain valid date and time", p.Name)
				}
				v = t
			}
		}
		if s, isText := v.(string); isText && strings.HasPrefix(f.Type, "array(") {
			ids, _ := coerceList(strings.TrimSuffix(strings.TrimPrefix(f.Type, "array("), ")"), s)
			v = ids
		}
		if f.WriteOnly {
			writeOnly[p.Name] = v
		} else {
			doc[p.Name] = v
		}
	}
	return doc, writeOnly, bad.err()
}

// inList tells whether a value is one of a closed list; an open list takes all.
func inList(values []string, v any) bool {
	if values == nil || v == nil || v == "" {
		return true
	}
	switch x := v.(type) {
	case string:
		return slices.Contains(values, x)
	case []any:
		for _, e := range x {
			if s, ok := e.(string); ok && !slices.Contains(values, s) {
				return false
			}
		}
	}
	return true
}
