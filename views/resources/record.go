package resources

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/table"
)

// most is how many columns a table of records has at most.
const most = 6

// wordy is the fields that hold whole words and want room.
var wordy = []string{"name", "username", "path", "email", "title", "subject", "label", "description", "url", "message"}

// telling is the fields that say best what an object is, the best first.
var telling = []string{
	"name", "username", "path", "email", "title", "subject", "label", "hostname", "code", "key_prefix", "domain", "ip",
	"status", "type", "automation", "trigger", "action", "behavior", "permission", "permission_set", "server_type",
	"description", "url", "user_id", "group_id", "operation", "message", "disabled",
	"created_at", "updated_at", "expires_at", "last_use_at",
}

// columns are the first fields of a resource that tell most.
func columns(env *ui.Env, r backend.Resource) []table.Column[backend.Record] {
	var names []string
	has := func(n string) bool {
		return slices.ContainsFunc(r.Fields, func(f backend.ResourceField) bool { return f.Name == n })
	}
	if has("id") {
		names = append(names, "id")
	}
	for _, n := range telling {
		if len(names) < most && has(n) {
			names = append(names, n)
		}
	}
	for _, f := range r.Fields {
		if len(names) >= min(most, 4) {
			break
		}
		if !slices.Contains(names, f.Name) && plain(f.Type) {
			names = append(names, f.Name)
		}
	}
	cols := make([]table.Column[backend.Record], len(names))
	for i, n := range names {
		c := table.Column[backend.Record]{
			Title: words(n), Min: 10, Weight: 1, Drop: i, Sort: n,
			Cell: func(rec backend.Record) string { return short(env, rec[n]) },
			Role: func(backend.Record) theme.Role { return theme.Faint },
		}
		switch {
		case n == "id":
			c.Width, c.Role = 10, nil
		case strings.HasSuffix(n, "_at"):
			c.Width = 14
		case i <= 1 || slices.Contains(wordy, n):
			c.Weight, c.Min = 3, 16
			if i <= 1 {
				c.Role = nil
			}
		}
		if n == "path" {
			c.Middle = true
		}
		cols[i] = c
	}
	return cols
}

func plain(kind string) bool {
	switch kind {
	case "string", "int64", "double", "boolean", "date-time", "date", "decimal", "email":
		return true
	}
	return false
}

// short writes a value in a few cells: moments as people tell them.
func short(env *ui.Env, v any) string {
	if s, ok := v.(string); ok {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			return cell.Ago(t, env.Now())
		}
	}
	if t := value(v); t != "" {
		return t
	}
	return env.Theme.Glyphs.Dash
}

// value writes any value on one line.
func value(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return pathutil.Display(x)
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case json.Number:
		return x.String()
	case []any:
		if len(x) == 0 {
			return ""
		}
		if !slices.ContainsFunc(x, nested) {
			parts := make([]string, len(x))
			for i := range x {
				parts[i] = value(x[i])
			}
			return strings.Join(parts, ", ")
		}
	case map[string]any:
		if len(x) == 0 {
			return ""
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return pathutil.Display(fmt.Sprint(v))
	}
	return pathutil.Display(string(b))
}

func nested(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

// identity tells two records apart: by id where there is one.
func identity(r backend.Record) string {
	if id := idOf(r); id != "" {
		return id
	}
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Sprint(map[string]any(r))
	}
	return string(b)
}

// idOf is the id that the site knows a record by, "" when it has none.
func idOf(r backend.Record) string {
	if v, ok := r["id"]; ok && v != nil {
		return value(v)
	}
	return ""
}

// text is what narrowing looks at.
func text(r backend.Record) string {
	var b strings.Builder
	for _, v := range r {
		b.WriteString(value(v))
		b.WriteByte(' ')
	}
	return b.String()
}

// sheet is all fields of a record, in the order of the reference.
func sheet(env *ui.Env, r backend.Resource, rec backend.Record) []string {
	names := make([]string, 0, len(rec))
	wide := 8
	for _, f := range r.Fields {
		if _, ok := rec[f.Name]; ok {
			names = append(names, f.Name)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(rec)) {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	for _, n := range names {
		wide = max(wide, min(cell.Width(words(n)), 24))
	}
	lines := make([]string, 0, len(names))
	for _, n := range names {
		label := env.Theme.Paint(theme.Faint, cell.Fit(words(n), wide+2))
		v := value(rec[n])
		if v == "" {
			v = env.Theme.Glyphs.Dash
		}
		for _, part := range cell.Wrap(v, 48) {
			lines = append(lines, label+part)
			label = cell.Pad(wide + 2)
		}
	}
	return lines
}

// asJSON is a record as the site sent it, for the clipboard.
func asJSON(r backend.Record) string {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Sprint(map[string]any(r))
	}
	return string(b)
}
