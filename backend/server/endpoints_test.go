package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend/catalog"
	"ferry/backend/server/world"
)

// endpointCase is what a call of an endpoint needs beyond what the catalog
// tells: values of its path and its parameters.
type endpointCase struct {
	path   map[string]string
	params map[string]any
	// prepare makes what the call is about, and what it needs to know of it.
	prepare func(x *site) endpointCase
}

// endpointCases are the endpoints that have more rules than the catalog.
var endpointCases = map[string]endpointCase{
	"session.create":         {params: map[string]any{"username": "admin", "password": "ferry-admin"}},
	"session.delete":         {},
	"file.unzip":             {params: map[string]any{"path": "Scratch/a.zip", "destination": "Scratch/out"}},
	"file.zip":               {params: map[string]any{"paths": []string{"Scratch/a.txt"}, "destination": "Scratch/new.zip"}},
	"file.find":              {path: map[string]string{"path": "Scratch/a.txt"}},
	"file.zip_list_contents": {path: map[string]string{"path": "Scratch/a.zip"}},
	"file.copy":              {path: map[string]string{"path": "Scratch/a.txt"}, params: map[string]any{"destination": "Scratch/copy.txt"}},
	"file.move":              {path: map[string]string{"path": "Scratch/move.txt"}, params: map[string]any{"destination": "Scratch/moved.txt"}},
	"file.gpg_encrypt":       {prepare: func(x *site) endpointCase { return x.gpgCase("Scratch/a.gpg") }},
	"file.gpg_decrypt":       {prepare: func(x *site) endpointCase { return x.gpgCase("Scratch/a.clear") }},
	"file.begin_upload":      {path: map[string]string{"path": "Scratch/up.txt"}},
	"file.download":          {path: map[string]string{"path": "Scratch/a.txt"}},
	"file.update":            {path: map[string]string{"path": "Scratch/a.txt"}},
	"file.delete":            {path: map[string]string{"path": "Scratch/gone.txt"}},
	"folder.list_for":        {path: map[string]string{"path": "Scratch"}},
	"folder.create":          {path: map[string]string{"path": "Scratch/folder"}},
	"restore.create":         {params: map[string]any{"earliest_date": "2026-03-01T00:00:00Z"}},
	"bundle.share":           {params: map[string]any{"to": []string{"visitor@example.com"}}},
	"automation_run.find_node": {prepare: func(x *site) endpointCase {
		run := x.run(map[string]any{"automation": "v2", "definition": map[string]any{"version": 2, "nodes": []any{
			map[string]any{"id": "find", "type": "find_files", "path": "Scratch", "source": "*.txt"},
		}}}, true)
		return endpointCase{path: map[string]string{"id": run}, params: map[string]any{"node_id": "find"}}
	}},
	"automation_run.cancel": {prepare: func(x *site) endpointCase {
		run := x.run(map[string]any{"automation": "create_folder", "destinations": []string{"Scratch/never"}}, false)
		return endpointCase{path: map[string]string{"id": run}}
	}},
	"file.zip_download": {params: map[string]any{"paths": []string{"Scratch/a.txt"}}},
	"group_user.delete": {path: map[string]string{"id": "1"}, params: map[string]any{"group_id": 513, "user_id": 2}},
	"history_export_result.list": {prepare: func(x *site) endpointCase {
		id := x.do("POST", "/history_exports", map[string]any{"query_action": "create"}).want(201).object()["id"]
		x.pass(time.Minute)
		until(x.t, "the export to be ready", func() bool {
			return x.do("GET", "/history_exports/"+text(id), nil).want(200).object()["status"] == "ready"
		})
		return endpointCase{params: map[string]any{"history_export_id": id}}
	}},
	"style.find":   {prepare: (*site).style},
	"style.update": {path: map[string]string{"path": "Scratch"}},
	"style.delete": {prepare: (*site).style},
	"lock.delete": {prepare: func(x *site) endpointCase {
		token := x.do("POST", "/locks/Scratch/a.txt", map[string]any{}).want(201).object()["token"]
		return endpointCase{params: map[string]any{"token": token}}
	}},
	"chat_session.find": {prepare: func(x *site) endpointCase {
		task := x.do("POST", "/ai_tasks", map[string]any{"name": "sum up", "prompt": "Sum up the files"}).want(201).object()["id"]
		x.do("POST", "/ai_tasks/"+text(task)+"/manual_run", map[string]any{}).want(204)
		chats := x.do("GET", "/chat_sessions?filter[ai_task_id]="+text(task), nil).want(200).list()
		return endpointCase{path: map[string]string{"id": text(chats[0]["id"])}}
	}},
}

// gpgCase makes a key to encrypt and decrypt with.
func (x *site) gpgCase(destination string) endpointCase {
	return endpointCase{params: map[string]any{"destination": destination, "gpg_key_ids": []any{x.gpgKey("case", nil)["id"]}}}
}

// style gives a folder a style.
func (x *site) style() endpointCase {
	x.do("PATCH", "/styles/Scratch", map[string]any{"logo_click_href": "https://example.com"}).want(200)
	return endpointCase{path: map[string]string{"path": "Scratch"}}
}

// run makes an automation and runs it: to its end, or no further than the queue.
func (x *site) run(automation map[string]any, ends bool) (id string) {
	x.t.Helper()
	a := text(x.do("POST", "/automations", automation).want(201).object()["id"])
	x.do("POST", "/automations/"+a+"/manual_run", map[string]any{}).want(204)
	var run map[string]any
	until(x.t, "the run", func() bool {
		run = x.do("GET", "/automation_runs?automation_id="+a, nil).want(200).list()[0]
		if ends && run["completed_at"] == nil {
			x.pass(5 * time.Second)
			return false
		}
		return true
	})
	if !ends && run["status"] != "queued" {
		x.t.Fatalf("the run is %v", run["status"])
	}
	return text(run["id"])
}

// caseOf is the call of an endpoint that succeeds.
func caseOf(x *site, ep *catalog.Endpoint) endpointCase {
	c := endpointCases[ep.Resource.Name+"."+ep.Op]
	if c.prepare != nil {
		c = c.prepare(x)
	}
	values := map[string]string{"id": "1", "path": "Scratch/a.txt", "user_id": "1"}
	if strings.Contains(ep.Path, "{id}") {
		values["id"] = anyRow(x, ep)
	}
	maps.Copy(values, c.path)
	c.path = values
	params := required(ep)
	if ep.Op != "create" {
		for k := range special[ep.Resource.Name] {
			if !slices.ContainsFunc(ep.Params, func(p catalog.Param) bool { return p.Name == k && p.Required }) {
				delete(params, k)
			}
		}
	}
	maps.Copy(params, c.params)
	c.params = params
	return c
}

// anyRow is the id of a row that an operation can act on.
func anyRow(x *site, ep *catalog.Endpoint) string {
	b := &box{t: x.t, api: x.s.records, who: recordCaller{userID: 1, siteAdmin: true}, now: x.clock()}
	if ep.Op == "delete" && ep.Resource.Name != "permission" && ep.Resource.Name != "group_user" {
		if create, ok := ep.Resource.Endpoint("create"); ok {
			body := required(create)
			for _, f := range []string{"username", "name"} {
				if body[f] != nil {
					body[f] = "to be deleted"
				}
			}
			return fmt.Sprint(b.object("POST", create.Path, body)["id"])
		}
	}
	return b.anyID(ep.Resource)
}

// request makes the call of a case with some parameters.
func (c endpointCase) request(x *site, ep *catalog.Endpoint, params map[string]any) *answer {
	x.t.Helper()
	path, err := ep.Expand(c.path)
	if err != nil {
		x.t.Fatal(err)
	}
	if ep.Method == http.MethodPost || ep.Method == http.MethodPatch {
		return x.do(ep.Method, path, params)
	}
	q := url.Values{}
	for k, v := range params {
		switch v := v.(type) {
		case map[string]any:
			for name, val := range v {
				q.Set(k+"["+name+"]", fmt.Sprint(val))
			}
		case []string:
			q[k+"[]"] = v
		default:
			q.Set(k, fmt.Sprint(v))
		}
	}
	return x.do(ep.Method, path+"?"+q.Encode(), nil)
}

func endpointSite(t *testing.T) *site {
	x := openSite(t, Options{World: "demo"})
	for _, name := range []string{"a.txt", "move.txt", "gone.txt"} {
		x.upload("Scratch/"+name, "text").want(201)
	}
	x.do("POST", "/file_actions/zip", map[string]any{"paths": []string{"Scratch/a.txt"}, "destination": "Scratch/a.zip"}).want(201)
	return x
}

// caller is the site for the one who may make a call: most need the key of the
// administrator, some a session or a key of their own.
func (x *site) caller(ep *catalog.Endpoint) *site {
	switch ep.Resource.Name + "." + ep.Op {
	case "session.create":
		return &site{t: x.t, s: x.s, l: x.l}
	case "session.delete":
		x.key = ""
		defer func() { x.key = world.AdminKey }()
		return x.as("admin")
	case "api_key.delete_current":
		key, _ := x.do("POST", "/api_keys", map[string]any{"name": "own"}).want(201).object()["key"].(string)
		return &site{t: x.t, s: x.s, l: x.l, key: key}
	}
	return x
}

// TestEveryEndpoint calls every endpoint of the catalog over HTTP, with a
// parameter that it does not know, and checks status, shape and types.
func TestEveryEndpoint(t *testing.T) {
	x := endpointSite(t)
	called := 0
	for _, ep := range catalog.Endpoints() {
		name := ep.Resource.Name + "." + ep.Op
		called++
		c := caseOf(x, ep)
		c.params["no_such_parameter"] = "ignored"
		y := x.caller(ep)
		var got *answer
		if name == "file.create" { // the last of three steps
			got = y.upload("Scratch/created.txt", "text")
		} else {
			got = c.request(y, ep, c.params)
		}
		if got.err != nil {
			t.Fatal(got.err)
		}
		if got.status != ep.Status {
			t.Errorf("%s: %d, want %d: %.300s", name, got.status, ep.Status, got.body)
			continue
		}
		if ep.Status == http.StatusNoContent {
			if len(got.body) != 0 {
				t.Errorf("%s: 204 with %s", name, got.body)
			}
			continue
		}
		if ep.Returned() == nil {
			continue
		}
		var objects []map[string]any
		if ep.Response == "list" {
			objects = got.list()
		} else {
			objects = []map[string]any{got.object()}
		}
		for _, o := range objects {
			checkTypes(t, name, ep.Returned(), o)
		}
	}
	if called < 420 {
		t.Errorf("%d endpoints, want 420 and those that are not documented", called)
	}
}

// checkTypes is checkShape for every resource, files and sessions among them,
// which have fields that were recorded and are not in the reference.
func checkTypes(t *testing.T, where string, res *catalog.Resource, o map[string]any) {
	t.Helper()
	for name, v := range o {
		f, ok := res.Field(name)
		if !ok || v == nil {
			if !ok && res.Name != "session" && res.Name != "file_upload_part" {
				t.Errorf("%s: field %s is not of %s", where, name, res.Name)
			}
			continue
		}
		good := true
		switch {
		case f.Type == "int64" || f.Type == "double":
			_, good = v.(float64)
		case f.Type == "boolean":
			_, good = v.(bool)
		case f.Type == "date-time":
			s, _ := v.(string)
			_, err := time.Parse(time.RFC3339, s)
			good = err == nil
		case strings.HasPrefix(f.Type, "array"):
			_, good = v.([]any)
		case f.Type == "object":
			_, good = v.(map[string]any)
		case f.Type == "string" || f.Type == "email" || f.Type == "decimal" || f.Type == "date":
			_, good = v.(string)
		}
		if !good {
			t.Errorf("%s: %s.%s is %v (%T), want %s", where, res.Name, name, v, v, f.Type)
		}
	}
}

// TestEveryEndpointRefuses gives every endpoint each parameter with a wrong type
// once, leaves out each required one, and sorts and filters by what is not there.
func TestEveryEndpointRefuses(t *testing.T) {
	x := endpointSite(t)
	refusals := 0
	refused := func(name string, got *answer, types ...string) {
		refusals++
		var o map[string]any
		if err := json.Unmarshal(got.body, &o); err != nil || !slices.Contains(types, fmt.Sprint(o["type"])) {
			t.Errorf("%s: %d %.200s, want %v", name, got.status, got.body, types)
		}
	}
	for _, ep := range catalog.Endpoints() {
		name := ep.Resource.Name + "." + ep.Op
		y := x.caller(ep)
		c := endpointCase{path: map[string]string{"id": "1", "path": "Scratch/a.txt", "user_id": "1"}}
		if strings.Contains(ep.Path, "{id}") {
			c.path["id"] = anyRow(x, ep)
		}
		maps.Copy(c.path, endpointCases[name].path)
		full := required(ep)
		maps.Copy(full, endpointCases[name].params)
		for i := range ep.Params {
			p := &ep.Params[i]
			if p.In == "path" {
				continue
			}
			if p.Required {
				less := maps.Clone(full)
				delete(less, p.Name)
				refused(name+" without "+p.Name, c.request(y, ep, less), "bad-request/request-params-required")
			}
			if strings.Contains(p.Name, "[") {
				continue // a member of a nested parameter
			}
			switch p.Name {
			case "sort_by", "filter", "filter_prefix", "filter_gt", "filter_gteq", "filter_lt", "filter_lteq", "cursor":
				continue
			}
			w := wrong(p)
			if w == nil || ep.Method != http.MethodPost && ep.Method != http.MethodPatch && p.Type == "string" {
				continue // every text of a query is a string
			}
			if strings.HasPrefix(p.Type, "array") && ep.Method != http.MethodGet {
				w = map[string]any{"a": 1}
			}
			if ep.Method == http.MethodGet && (p.Type == "object" || strings.HasPrefix(p.Type, "array(string")) {
				continue
			}
			bad := maps.Clone(full)
			bad[p.Name] = w
			refused(name+" with a wrong "+p.Name, c.request(y, ep, bad),
				"bad-request/request-params-invalid", "bad-request/datetime-parse")
		}
		if ep.List == nil {
			continue
		}
		for _, p := range []string{"sort_by", "filter"} {
			if !slices.ContainsFunc(ep.Params, func(q catalog.Param) bool { return q.Name == p }) {
				continue
			}
			if p == "filter" && undocumentedFilters[ep.Resource.Name] {
				continue
			}
			bad := maps.Clone(full)
			bad[p] = map[string]any{"no_such_field": "asc"}
			refused(name+" "+p, c.request(y, ep, bad), "bad-request/invalid-sort-field", "bad-request/invalid-filter-field", "bad-request/does-not-support-sorting")
		}
		bad := maps.Clone(full)
		bad["cursor"] = "no cursor"
		refused(name+" cursor", c.request(y, ep, bad), "bad-request/invalid-cursor")
	}
	t.Logf("%d refusals", refusals)
	if refusals < 1500 {
		t.Errorf("only %d refusals", refusals)
	}
}
