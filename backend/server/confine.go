package server

import (
	"maps"
	"strings"

	"ferry/backend/catalog"
	"ferry/pathutil"
)

// root is the folder that a caller takes for the root of the site, in identity
// form; "" is the site's own. A user whose layout is user_root has one
// (PROTOCOL.md 13): every path that he names lies below it, and every path that
// he is shown is told from there. Both happen at the edge, so that everything
// inside knows the paths of the site alone: what comes in is changed before a
// handler sees it (confine), what goes out where objects are written.
type root string

// sitePath is a path of the site in the text of an error: whoever gets the error
// sees it from his own root.
type sitePath string

// pathNames are the parameters and fields that hold paths of the site.
var pathNames = map[string]bool{
	"path": true, "paths": true, "bundlepaths": true, "destination": true, "destinations": true, "source": true, "folder": true,
	"src": true, "src_path": true, "dest_path": true, "true_path": true, "prefix": true, "trigger_path": true,
	"query_path": true, "query_folder": true, "query_src": true, "query_destination": true,
	"root_folder": true, "user_root": true, "user_home": true,
}

// otherPaths are those of them that mean something else.
var otherPaths = map[string]bool{
	"automation.source":               true, // a pattern below the path of the automation
	"ai_task.source":                  true,
	"expectation.source":              true,
	"request.source":                  true,
	"request.destination":             true, // the name of a file
	"custom_domain.destination":       true,
	"public_hosting_request_log.path": true,
}

// rooted are the resources whose path is the root folder when it is empty or not
// given; elsewhere an empty path is none.
var rooted = map[string]bool{
	"behavior": true, "permission": true, "notification": true, "automation": true, "bundle": true, "request": true,
	"lock": true, "style": true, "file_comment": true,
}

// holdsPath tells whether a parameter or a field holds paths of the site.
func holdsPath(resource, name string) bool { return pathNames[name] && !otherPaths[resource+"."+name] }

// in is the path of the site that a client means. A slash at the end stays:
// destinations and prefixes tell by it that they mean a folder.
func (r root) in(p string) string {
	if r == "" {
		return p
	}
	clean, err := cleanPath(p)
	if err != nil {
		clean = p // too long, and it only gets longer
	}
	out := strings.TrimSuffix(string(r)+"/"+clean, "/")
	if strings.HasSuffix(p, "/") {
		out += "/"
	}
	return out
}

// out is a path of the site as the client sees it; false when it lies elsewhere.
func (r root) out(p string) (string, bool) {
	if r == "" {
		return p, true
	}
	rel, ok := pathutil.Relative(string(r), p)
	if ok && rel != "" && strings.HasSuffix(p, "/") {
		rel += "/"
	}
	return rel, ok
}

// shown is out for a path that must have some text.
func (r root) shown(p string) string {
	if rel, ok := r.out(p); ok && (rel != "" || r == "") {
		return rel
	}
	return "/"
}

// below is out for a path that is known to lie there.
func (r root) below(p string) string {
	rel, _ := r.out(p)
	return rel
}

// confine puts the paths that the caller names below his root.
func (c *call) confine() {
	if c.who.root == "" {
		return
	}
	resource := c.ep.Resource.Name
	for i := range c.ep.Params {
		p := &c.ep.Params[i]
		if !holdsPath(resource, p.Name) && p.Type != "object" {
			continue
		}
		if p.In == "path" {
			c.vars[p.Name] = c.who.root.in(c.vars[p.Name])
			continue
		}
		if v, ok := c.body[p.Name]; ok && !c.elsewhere(p.Name, c.body) {
			c.body[p.Name] = c.who.root.paramIn(p, v)
		}
		if p.Type == "object" {
			continue
		}
		for key, list := range c.query {
			if name, _, _ := strings.Cut(key, "["); name == p.Name {
				for i, s := range list {
					list[i], _ = c.who.root.paramIn(p, s).(string)
				}
			}
		}
	}
	if c.ep.Op == "create" && rooted[resource] && c.body["path"] == nil {
		if _, ok := c.ep.Param("path"); ok {
			c.body["path"] = string(c.who.root)
		}
	}
}

// elsewhere tells of the parameters of a call, or the fields of an object, that
// one of them is not a path of this site after all: one side of a sync with a
// remote server, and the folders that an automation makes below its own path.
func (c *call) elsewhere(name string, values map[string]any) bool {
	return isElsewhere(c.ep.Resource.Name, name, values)
}

func isElsewhere(resource, name string, values map[string]any) bool {
	switch name {
	case "src_path", "dest_path":
		id, given := values[strings.TrimSuffix(name, "path")+"remote_server_id"]
		return resource == "sync" && given && id != nil
	case "destinations":
		return values["automation"] == "create_folder" || values["type"] == "create_folder"
	}
	return false
}

// paramIn is in for the value of a parameter: a path, a list of them, or an
// object with such members.
func (r root) paramIn(p *catalog.Param, v any) any {
	if s, ok := v.(string); ok && strings.HasPrefix(p.Type, "array(") {
		parts := strings.Split(s, ",")
		for i := range parts {
			parts[i] = r.in(parts[i])
		}
		return strings.Join(parts, ",")
	}
	if p.Type == "object" {
		return r.walk(v, func(s string) (any, bool) { return r.in(s), true })
	}
	return mapTexts(v, func(s string) (any, bool) { return r.in(s), true })
}

// walk changes the paths in an object, at any depth.
func (r root) walk(v any, change func(string) (any, bool)) any {
	switch x := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			if pathNames[k] && k != "source" && !isElsewhere("", k, x) {
				out[k] = mapTexts(e, change)
			} else {
				out[k] = r.walk(e, change)
			}
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = r.walk(e, change)
		}
		return out
	}
	return v
}

// mapTexts changes a text, or those of a list; of a list, those that change
// refuses are left out, alone such a text becomes null.
func mapTexts(v any, change func(string) (any, bool)) any {
	switch x := v.(type) {
	case string:
		if s, ok := change(x); ok {
			return s
		}
		return nil
	case []any:
		out := make([]any, 0, len(x))
		for _, e := range x {
			if e = mapTexts(e, change); e != nil {
				out = append(out, e)
			}
		}
		return out
	case map[string]any: // {"path": …}, an element of bundlepaths
		s, ok := x["path"].(string)
		if !ok {
			return x
		}
		to, ok := change(s)
		if !ok {
			return nil
		}
		x = maps.Clone(x)
		x["path"] = to
		return x
	}
	return v
}

// visible tells whether an object is about something below the root. One that
// has no path belongs to no folder and is seen.
func (r root) visible(resource string, doc map[string]any) bool {
	if r == "" || resource == "user" {
		return true
	}
	some := false
	for name, v := range doc {
		if !holdsPath(resource, name) || isElsewhere(resource, name, doc) {
			continue
		}
		inside := false
		mapTexts(v, func(s string) (any, bool) {
			if s == "" && !rooted[resource] {
				return nil, false
			}
			some = true
			if _, ok := r.pathOut(resource, s); ok {
				inside = true
			}
			return s, true
		})
		if inside {
			return true
		}
	}
	return !some
}

// pathOut is out for a field. A permission above the root holds for all of it.
func (r root) pathOut(resource, p string) (any, bool) {
	if resource == "permission" && pathutil.Within(p, string(r)) {
		return "", true
	}
	return r.out(p)
}

// object is the fields of an object as the caller sees them. Paths that lie
// elsewhere are null; texts that name a path of the object name it from the
// root.
func (r root) object(resource string, doc, extra map[string]any) map[string]any {
	all := maps.Clone(doc)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, extra)
	if r == "" {
		return all
	}
	var texts []string
	out := maps.Clone(all)
	for name, v := range all {
		switch {
		case holdsPath(resource, name) && !isElsewhere(resource, name, all):
			out[name] = mapTexts(v, func(s string) (any, bool) {
				if s == "" && !rooted[resource] {
					return s, true
				}
				texts = append(texts, s)
				return r.pathOut(resource, s)
			})
		case name == "definition" || name == "value" || name == "trigger_event":
			out[name] = r.walk(v, func(s string) (any, bool) { return r.out(s) })
		}
	}
	for _, name := range []string{"display", "failure_message", "message", "description"} {
		if s, ok := all[name].(string); ok {
			out[name] = r.text(s, texts)
		}
	}
	return out
}

// text is a text in which paths of the site occur, as the caller sees it.
func (r root) text(s string, paths []string) string {
	if r == "" {
		return s
	}
	for _, p := range paths {
		if p != "" {
			s = strings.ReplaceAll(s, p, r.shown(p))
		}
	}
	return s
}
