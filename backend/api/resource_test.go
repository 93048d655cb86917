package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/catalog"
)

func TestResourceHandle(t *testing.T) {
	var method, uri, body string
	answer := `{"id":3,"code":"abc","paths":["a"],"size":1.5}`
	c, _ := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		method, uri, body = r.Method, r.RequestURI, string(b)
		switch {
		case r.Method == http.MethodDelete:
			w.WriteHeader(204)
		case r.Method == http.MethodGet && r.URL.Query().Has("per_page"):
			reply(w, 200, "["+answer+"]")
		default:
			reply(w, 200, answer)
		}
	})
	ctx := context.Background()
	bundles := c.Resource("bundles")
	want := func(m, u, b string, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		if method != m || uri != "/api/rest/v1"+u || body != b {
			t.Errorf("sent %s %s %s\nwant %s %s %s", method, uri, body, m, u, b)
		}
	}
	rec, err := bundles.Find(ctx, 3)
	want("GET", "/bundles/3", "", err)
	if rec["id"] != int64(3) || rec["code"] != "abc" || rec["size"] != 1.5 {
		t.Errorf("record %v", rec)
	}
	p, err := bundles.List(ctx, backend.Query{PerPage: 2, SortBy: "expires_at"}, map[string]any{"user_id": "4"})
	want("GET", "/bundles?per_page=2&sort_by%5Bexpires_at%5D=asc&user_id=4", "", err)
	if len(p.Items) != 1 {
		t.Errorf("page %v", p)
	}
	_, err = bundles.Create(ctx, map[string]any{
		"paths": "a, b", "max_uses": "5", "require_registration": "true", "expires_at": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	})
	want("POST", "/bundles", `{"expires_at":"2026-01-02T03:04:05Z","max_uses":5,"paths":["a","b"],"require_registration":true}`, err)
	_, err = bundles.Update(ctx, "3", map[string]any{"note": nil})
	want("PATCH", "/bundles/3", `{"note":null}`, err)
	want2 := bundles.Delete(ctx, 3, nil)
	want("DELETE", "/bundles/3", "", want2)
	_, err = bundles.Do(ctx, "share", map[string]any{"id": 3, "to": []string{"x@example.com"}})
	want("POST", "/bundles/3/share", `{"to":["x@example.com"]}`, err)
	_, err = c.Resource("lock").Do(ctx, "create", map[string]any{"path": "a b/c", "recursive": true})
	want("POST", "/locks/a%20b/c", `{"recursive":true}`, err)
	err = c.Resource("lock").Delete(ctx, "a/b", map[string]any{"token": "t0"})
	want("DELETE", "/locks/a/b?token=t0", "", err)
}

func TestResourceChecksParameters(t *testing.T) {
	c, _ := site(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { t.Error("sent"); reply(w, 200, "{}") })
	ctx := context.Background()
	for name, tc := range map[string]struct {
		resource, op string
		params       map[string]any
		class        backend.Class
	}{
		"unknown resource":  {"submarines", "list", nil, backend.ClassInvalidParameter},
		"unknown operation": {"bundle", "sink", nil, backend.ClassNotImplemented},
		"unknown parameter": {"bundle", "create", map[string]any{"paths": "a", "depth": 1}, backend.ClassInvalidParameter},
		"missing parameter": {"bundle", "create", map[string]any{}, backend.ClassMissingParameter},
		"missing id":        {"bundle", "find", nil, backend.ClassMissingParameter},
		"no number":         {"bundle", "find", map[string]any{"id": "three"}, backend.ClassInvalidParameter},
		"a fraction":        {"bundle", "find", map[string]any{"id": 3.5}, backend.ClassInvalidParameter},
		"no truth":          {"bundle", "create", map[string]any{"paths": "a", "require_registration": "perhaps"}, backend.ClassInvalidParameter},
		"no list":           {"bundle", "create", map[string]any{"paths": 7}, backend.ClassInvalidParameter},
		"no value of the closed list": {
			"bundle", "create", map[string]any{"paths": "a", "permissions": "everything"}, backend.ClassInvalidParameter,
		},
	} {
		_, err := c.Resource(tc.resource).Do(ctx, tc.op, tc.params)
		if !errors.Is(err, tc.class) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every endpoint of the catalog can be reached: its example parameters make a
// request of the right method and path, and the handle understands what it
// answers with.
func TestEveryEndpointIsInReach(t *testing.T) {
	var ep *catalog.Endpoint
	c, _ := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		got, _, ok := catalog.Match(r.Method, r.URL.EscapedPath()[len(basePath):])
		if !ok || got.Path != ep.Path {
			t.Errorf("%s %s became %s", ep.Method, ep.Path, r.URL)
		}
		switch ep.Response {
		case "list":
			reply(w, ep.Status, `[{"id":1}]`)
		case "object":
			reply(w, ep.Status, `{"id":1}`)
		default:
			w.WriteHeader(ep.Status)
		}
	})
	sample := map[string]any{
		"int64": 1, "string": "x", "boolean": true, "double": 1.5, "object": map[string]any{"a": 1},
		"array(string)": []string{"x"}, "array(int64)": []int64{1}, "array(object)": []any{map[string]any{"a": 1}},
		"file": File{Name: "a/b.png", Data: []byte("x")}, "date-time": "2026-01-02", "decimal": "1.5",
	}
	n := 0
	for _, ep = range catalog.Endpoints() {
		values := map[string]any{}
		for _, p := range ep.Params {
			v := sample[p.Type]
			if len(p.Values) > 0 && p.Type == "string" {
				v = p.Values[0]
			}
			values[p.Name] = v
		}
		if ep.Paged {
			delete(values, "cursor") // a list that is asked for is asked for by Query
			delete(values, "per_page")
			for _, name := range []string{"sort_by", "filter", "filter_gt", "filter_gteq", "filter_prefix", "filter_lt", "filter_lteq"} {
				delete(values, name)
			}
		}
		h := c.Resource(ep.Resource.Name)
		rows := 1
		var err error
		switch ep.Response {
		case "list":
			var p backend.Page[backend.Record]
			p, err = h.ListOp(t.Context(), ep.Op, backend.Query{}, values)
			rows = len(p.Items)
		case "object":
			var rec backend.Record
			if rec, err = h.Do(t.Context(), ep.Op, values); rec["id"] != int64(1) {
				rows = 0
			}
		default:
			_, err = h.Do(t.Context(), ep.Op, values)
		}
		if err != nil || rows != 1 {
			t.Errorf("%s %s (%s): %d objects, %v", ep.Method, ep.Path, ep.Response, rows, err)
		}
		n++
	}
	if n < 420 {
		t.Errorf("%d endpoints, want at least 420", n)
	}
}
