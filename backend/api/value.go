package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ferry/backend"
	"ferry/backend/catalog"
)

// fieldNames are the names of all fields of the catalog.
var fieldNames = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, r := range catalog.Resources() {
		for _, f := range r.Fields {
			m[f.Name] = f.Name
		}
	}
	return m
})

// checkValue brings a parameter into the form that its type has on the wire, or
// says why it cannot be. Nil is null. Text is accepted for numbers, truths and
// moments, because that is what forms and command lines have.
func checkValue(p *catalog.Param, v any) (any, error) {
	if v == nil {
		return nil, nil //nolint:nilnil // null is a value
	}
	out, ok := convert(p.Type, v)
	if !ok {
		e := invalid(p.Name, "The parameter "+p.Name+" must be "+wanted(p.Type)+".")
		e.Legal = p.Values
		return nil, e
	}
	if s, isText := out.(string); isText && s != "" && len(p.Values) > 0 && !slices.Contains(p.Values, s) {
		e := invalid(p.Name, fmt.Sprintf("The parameter %s cannot be %q.", p.Name, s))
		e.Legal = p.Values
		return nil, e
	}
	if n, isInt := out.(int64); isInt && p.Max > 0 && n > int64(p.Max) {
		return nil, invalid(p.Name, fmt.Sprintf("The parameter %s is at most %d.", p.Name, p.Max))
	}
	return out, nil
}

func wanted(typ string) string {
	if elem, ok := elementOf(typ); ok {
		return "a list of " + elem
	}
	switch typ {
	case "int64":
		return "a whole number"
	case "double":
		return "a number"
	case "decimal":
		return "a decimal number"
	case "boolean":
		return "true or false"
	case "date-time":
		return "a date and time"
	case "date":
		return "a date"
	case "file":
		return "a file"
	case "object":
		return "an object"
	}
	return "text"
}

func elementOf(typ string) (string, bool) {
	rest, ok := strings.CutPrefix(typ, "array(")
	if !ok {
		return "", false
	}
	return strings.TrimSuffix(rest, ")"), true
}

// convert is the type system of the catalog.
func convert(typ string, v any) (any, bool) {
	if elem, ok := elementOf(typ); ok {
		return convertList(elem, v)
	}
	switch typ {
	case "int64":
		return toInt(v)
	case "double":
		return toFloat(v)
	case "decimal": // a string in both directions, PROTOCOL.md 4
		if f, ok := toFloat(v); ok {
			if s, isText := v.(string); isText {
				return strings.TrimSpace(s), true
			}
			return strconv.FormatFloat(f, 'f', -1, 64), true
		}
		return nil, false
	case "boolean":
		return toBool(v)
	case "date-time", "date":
		return toTime(typ, v)
	case "object":
		return toObject(v)
	case "file":
		return toFile(v)
	case "string", "email":
		return toText(v)
	}
	return v, true // a nested object of the API
}

func toInt(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		return n, err == nil
	}
	return 0, false
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	n, ok := toInt(v)
	return float64(n), ok
}

func toBool(v any) (bool, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(v)))
		return b, err == nil
	}
	return false, false
}

func toTime(typ string, v any) (string, bool) {
	switch v := v.(type) {
	case time.Time:
		if typ == "date" {
			return v.Format(time.DateOnly), true
		}
		return stamp(v), true
	case string:
		return v, v == "" || !parseTime([]byte(v)).IsZero()
	}
	return "", false
}

// toText takes scalars: the API calls many a number or moment a string.
func toText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool, int64, float64, time.Time:
		return plain(v), true
	case int:
		return strconv.Itoa(v), true
	}
	return "", false
}

// toObject takes objects, and JSON text of one: behaviors have both.
func toObject(v any) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case backend.Record:
		return map[string]any(v), true
	case map[string]string:
		m := make(map[string]any, len(v))
		for k, s := range v {
			m[k] = s
		}
		return m, true
	case string:
		m := map[string]any{}
		return m, json.Unmarshal([]byte(v), &m) == nil
	}
	return nil, false
}

func convertList(elem string, v any) (any, bool) {
	var in []any
	switch v := v.(type) {
	case []any:
		in = v
	case []string:
		for _, s := range v {
			in = append(in, s)
		}
	case []int64:
		for _, n := range v {
			in = append(in, n)
		}
	case string: // one, or several with commas
		for s := range strings.SplitSeq(v, ",") {
			if s = strings.TrimSpace(s); s != "" {
				in = append(in, s)
			}
		}
	default:
		return nil, false
	}
	out := make([]any, len(in))
	for i, e := range in {
		c, ok := convert(elem, e)
		if !ok {
			return nil, false
		}
		out[i] = c
	}
	return out, true
}

// File is the value of a parameter of type file, as a File or a *File. It
// travels inside the JSON, in the object form (PROTOCOL.md 4), and so is held in
// memory: it is for pictures and attachments, not for the files of a site.
type File struct {
	Name string
	Type string // MIME type, "" when unknown
	Data []byte
}

func toFile(v any) (any, bool) {
	var f File
	switch v := v.(type) {
	case File:
		f = v
	case *File:
		if v == nil {
			return nil, false
		}
		f = *v
	default:
		return nil, false
	}
	m := map[string]any{"encoded_content": base64.StdEncoding.EncodeToString(f.Data), "filename": baseName(f.Name)}
	if f.Type != "" {
		m["type"] = f.Type
	}
	return m, true
}

func baseName(name string) string {
	return name[strings.LastIndexAny(name, `/\`)+1:]
}
