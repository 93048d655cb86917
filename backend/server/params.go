package server

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// param is a parameter of the body or, failing that, of the query.
func (c *call) param(name string) (any, bool) {
	if v, ok := c.body[name]; ok {
		return v, v != nil
	}
	if c.query.Has(name) {
		return c.query.Get(name), true
	}
	return nil, false
}

// text is a string parameter, "" when it is missing.
func (c *call) text(name string) (string, error) {
	v, ok := c.param(name)
	if !ok {
		return "", nil
	}
	switch x := v.(type) {
	case string:
		return x, nil
	case json.Number:
		return x.String(), nil
	}
	return "", badParam(name, "text")
}

// required is a string parameter that must not be missing.
func (c *call) required(name string) (string, error) {
	s, err := c.text(name)
	if err == nil && s == "" {
		err = wireErrorf("bad-request/request-params-required", "%s is required", name)
	}
	return s, err
}

// flag is a boolean parameter in any of the clients' spellings.
func (c *call) flag(name string) (bool, error) {
	v, ok := c.param(name)
	if !ok {
		return false, nil
	}
	switch x := v.(type) {
	case bool:
		return x, nil
	case string:
		if x == "" {
			return false, nil
		}
		if b, ok := readBool(x); ok {
			return b, nil
		}
	case json.Number:
		if b, ok := readBool(x.String()); ok {
			return b, nil
		}
	}
	return false, badParam(name, "true or false")
}

// number is an integer parameter, def when it is missing.
func (c *call) number(name string, def int64) (int64, error) {
	v, ok := c.param(name)
	if !ok || v == "" {
		return def, nil
	}
	if n, ok := wholeNumber(v); ok {
		return n, nil
	}
	return 0, badParam(name, "a whole number")
}

// wholeNumber reads an integer as a JSON number or as text.
func wholeNumber(v any) (int64, bool) {
	var s string
	switch x := v.(type) {
	case json.Number:
		s = x.String()
	case string:
		s = x
	default:
		return 0, false
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// providedMtime is the parameter of that name, zero when it is missing. A zero
// time as Go clients write it is refused, as recorded (PROTOCOL.md 4).
func (c *call) providedMtime() (time.Time, error) {
	v, ok := c.param("provided_mtime")
	if !ok || v == "" {
		return time.Time{}, nil
	}
	s, _ := v.(string)
	t, _, ok := readTime(s, func(t time.Time) time.Time { return t.UTC() })
	if !ok || t.Year() <= 1 || t.Year() > 9999 {
		return time.Time{}, wireErrorf("bad-request/datetime-parse", "provided_mtime must contain valid date and time")
	}
	return t.Truncate(time.Second), nil
}

// checkTypes refuses parameters of the catalog that have another type, also
// those that this site has no use for.
func (c *call) checkTypes() error {
	for i := range c.ep.Params {
		p := &c.ep.Params[i]
		if p.In == "path" {
			continue
		}
		var err error
		switch p.Type {
		case "boolean":
			_, err = c.flag(p.Name)
		case "int64":
			_, err = c.number(p.Name, 0)
		case "string":
			if v, _ := c.param(p.Name); isNested(v) {
				err = badParam(p.Name, "text")
			}
		case "object":
			if v, given := c.param(p.Name); given && p.In == "body" {
				if _, ok := v.(map[string]any); !ok && !isObjectText(v) {
					err = badParam(p.Name, "an object")
				}
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func isNested(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// isObjectText tells whether a value is the text of a JSON object, as some
// clients write objects.
func isObjectText(v any) bool {
	s, ok := v.(string)
	var m map[string]any
	return ok && (s == "" || json.Unmarshal([]byte(s), &m) == nil)
}

func badParam(name, want string) error {
	return wireErrorf("bad-request/request-params-invalid", "%s must be %s", name, want)
}

// utc puts a time into the zone of files (PROTOCOL.md 8).
func utc(t time.Time) time.Time { return t.UTC() }

func containsText(s, part string) bool { return strings.Contains(s, part) }
