package server

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"ferry/backend/catalog"
)

// shape is how the objects of a resource are written: the fields that are sent,
// in the order of the reference, with the text of an unset one.
type shape struct {
	name   []string
	key    []string // `"name":`
	unset  []string // null, false or []
	types  []string
	hidden map[string]bool // fields that are absent when they are not set
}

var shapes sync.Map // resource → *shape

// absent is what a rule derives for a field that an answer must not have.
type absent struct{}

var leftOut any = absent{}

// absentUnlessSet are the fields that are missing instead of null
// (PROTOCOL.md 13).
var absentUnlessSet = map[string][]string{
	"user":     {"receive_admin_alerts", "subscribe_to_newsletter"},
	"bundle":   {"paths", "bundlepaths"},
	"sync_run": {"live_transfers"},
}

func shapeOf(resource string) *shape {
	if s, ok := shapes.Load(resource); ok {
		return s.(*shape)
	}
	s := &shape{hidden: map[string]bool{}}
	if res, ok := catalog.Lookup(resource); ok {
		for _, f := range res.Fields {
			if f.WriteOnly {
				continue
			}
			s.name = append(s.name, f.Name)
			s.key = append(s.key, strconv.Quote(f.Name)+":")
			s.types = append(s.types, f.Type)
			s.unset = append(s.unset, unsetText(f.Type))
		}
	}
	for _, f := range absentUnlessSet[resource] {
		s.hidden[f] = true
	}
	shapes.Store(resource, s)
	return s
}

// unsetText is an unset field in an answer: most are null (PROTOCOL.md 15).
func unsetText(fieldType string) string {
	switch {
	case fieldType == "boolean":
		return "false"
	case strings.HasPrefix(fieldType, "array"):
		return "[]"
	}
	return "null"
}

// appendObject writes the object of a resource from doc and, before it, extra.
// Fields that the resource does not have are not sent.
func appendObject(b []byte, resource string, doc, extra map[string]any, zone func(time.Time) time.Time) []byte {
	s := shapeOf(resource)
	b = append(b, '{')
	first := true
	for i, name := range s.name {
		v, ok := extra[name]
		if !ok {
			v, ok = doc[name]
		}
		if !ok && s.hidden[name] || v == leftOut {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, s.key[i]...)
		if !ok || v == nil {
			b = append(b, s.unset[i]...)
			continue
		}
		if n, ok := v.(int64); ok && s.types[i] == "string" {
			// An id that is text on the wire, such as that of an ip_address.
			v = strconv.FormatInt(n, 10)
		}
		b = appendValue(b, v, zone)
	}
	return append(b, '}')
}

// appendValue writes a value as JSON; times are RFC 3339 in the zone of the
// site, to the second.
func appendValue(b []byte, v any, zone func(time.Time) time.Time) []byte {
	switch x := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, x)
	case int64:
		return strconv.AppendInt(b, x, 10)
	case int:
		return strconv.AppendInt(b, int64(x), 10)
	case string:
		return appendText(b, x)
	case time.Time:
		b = append(b, '"')
		b = zone(x).AppendFormat(b, time.RFC3339)
		return append(b, '"')
	case []any:
		b = append(b, '[')
		for i, e := range x {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, e, zone)
		}
		return append(b, ']')
	}
	if m, ok := v.(map[string]any); ok {
		// Nested objects are few; only their times need care.
		v = zoned(m, zone)
	}
	j, err := json.Marshal(v)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, j...)
}

func zoned(m map[string]any, zone func(time.Time) time.Time) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		switch x := v.(type) {
		case time.Time:
			v = zone(x).Format(time.RFC3339)
		case map[string]any:
			v = zoned(x, zone)
		}
		out[k] = v
	}
	return out
}

// appendText writes a JSON string; most need no escape.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c >= utf8.RuneSelf {
			j, err := json.Marshal(s)
			if err != nil {
				return append(b, `""`...)
			}
			return append(b, j...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// siteZone gives the function that puts a time into the zone of the site, by
// the name that the site settings have for it. The rule of the eastern United
// States is written out, so that it does not matter which zones the machine
// knows; other names mean UTC unless the machine knows them.
func siteZone(name string) func(time.Time) time.Time {
	switch name {
	case "Eastern Time (US & Canada)":
		return easternTime
	case "", "UTC":
		return func(t time.Time) time.Time { return t.UTC() }
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return func(t time.Time) time.Time { return t.In(loc) }
	}
	return func(t time.Time) time.Time { return t.UTC() }
}

var (
	easternStandard = time.FixedZone("EST", -5*3600)
	easternDaylight = time.FixedZone("EDT", -4*3600)
)

// easternTime knows the rule since 2007: daylight time from the second Sunday
// in March to the first one in November, at two o'clock.
func easternTime(t time.Time) time.Time {
	year := t.In(easternStandard).Year()
	sunday := func(month time.Month, n int) time.Time {
		first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
		return first.AddDate(0, 0, (7-int(first.Weekday()))%7+7*(n-1))
	}
	begin := sunday(time.March, 2).Add(7 * time.Hour)
	end := sunday(time.November, 1).Add(6 * time.Hour)
	if t.Before(begin) || !t.Before(end) {
		return t.In(easternStandard)
	}
	return t.In(easternDaylight)
}
