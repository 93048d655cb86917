package catalog

import (
	"maps"
	"net/url"
	"strings"
	"testing"
)

// TestMatchEveryEndpoint sends every endpoint's path through Expand and Match.
func TestMatchEveryEndpoint(t *testing.T) {
	for _, e := range Endpoints() {
		values := map[string]string{}
		for _, p := range e.Params {
			if p.In == "path" {
				values[p.Name] = "4 2+%"
			}
			if p.In == "path" && p.Name == "path" {
				values[p.Name] = "Finance/Q 1+2/50%?#ä:@&=.pdf"
			}
		}
		path, err := e.Expand(values)
		if err != nil {
			t.Errorf("%s %s: %v", e.Method, e.Path, err)
			continue
		}
		got, vals, ok := Match(e.Method, path)
		if !ok || got != e || !maps.Equal(vals, values) {
			t.Errorf("%s %s: matched %v with %v, want %v", e.Method, path, got, vals, values)
		}
		// The vendor's Python client escapes slashes as well.
		if p, ok := values["path"]; ok {
			path := strings.Replace(e.Path, "{path}", url.QueryEscape(strings.ReplaceAll(p, " ", "\x00")), 1)
			got, vals, ok := Match(e.Method, strings.ReplaceAll(path, "%00", "%20"))
			if !ok || got != e || vals["path"] != p {
				t.Errorf("%s %s: matched %v with %v", e.Method, path, got, vals)
			}
		}
		if got, _, _ := Match("TRACE", path); got != nil {
			t.Errorf("TRACE %s matches %s", path, got.Path)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         string // endpoint's path, "" for none
		param, value string
	}{
		{"GET", "/users", "/users", "", ""},
		{"GET", "users", "/users", "", ""},
		{"GET", "/users/", "/users", "", ""},
		{"GET", "/users/7", "/users/{id}", "id", "7"},
		{"GET", "/users/7/", "/users/{id}", "id", "7"},
		{"GET", "/users/7/8", "", "", ""},
		{"GET", "/users//", "", "", ""},
		{"POST", "/users/7/unlock", "/users/{id}/unlock", "id", "7"},
		{"GET", "/folders", "/folders/{path}", "path", ""},
		{"GET", "/folders/", "/folders/{path}", "path", ""},
		{"GET", "/folders/%2F", "/folders/{path}", "path", "/"},
		{"GET", "/folders/a/b%2fc%2Fd", "/folders/{path}", "path", "a/b/c/d"},
		{"GET", "/folders/a%252Fb", "/folders/{path}", "path", "a%2Fb"},
		{"GET", "/folders/a+b", "/folders/{path}", "path", "a+b"},
		{"GET", "/folders/%zz", "", "", ""},
		{"GET", "/folders/%", "", "", ""},
		{"GET", "/history/login", "/history/login", "", ""},
		{"GET", "/history/users/3", "/history/users/{user_id}", "user_id", "3"},
		{"GET", "/history/files/a/b", "/history/files/{path}", "path", "a/b"},
		{"GET", "/behaviors/folders/a", "/behaviors/folders/{path}", "path", "a"},
		{"GET", "/behaviors/5", "/behaviors/{id}", "id", "5"},
		{"GET", "/automations/authoring_schema", "/automations/authoring_schema", "", ""},
		{"GET", "/automations/5", "/automations/{id}", "id", "5"},
		{"POST", "/file_actions/zip", "/file_actions/zip", "", ""},
		{"POST", "/file_actions/copy/zip", "/file_actions/copy/{path}", "path", "zip"},
		{"POST", "/zip_downloads", "/zip_downloads", "", ""},
		{"GET", "", "", "", ""},
		{"GET", "/", "", "", ""},
		{"GET", "/nothing", "", "", ""},
		{"get", "/users", "", "", ""},
	} {
		e, values, ok := Match(c.method, c.path)
		if ok != (c.want != "") || ok && e.Path != c.want || values[c.param] != c.value {
			t.Errorf("Match(%s, %s) = %v, %v, %v, want %s", c.method, c.path, e, values, ok, c.want)
		}
	}
}

// TestRouteOrder checks the order in which routes of one beginning are tried.
func TestRouteOrder(t *testing.T) {
	ix := &index{routes: map[string][]*route{}}
	want := []string{"/x", "/x/y", "/x/y/{path}", "/x/{id}", "/x/{id}/z", "/x/{path}"}
	for _, i := range []int{5, 2, 4, 0, 3, 1} {
		ix.endpoints = append(ix.endpoints, &Endpoint{Method: "GET", Path: want[i]})
	}
	ix.addRoutes()
	for i, rt := range ix.routes["GET x"] {
		if rt.endpoint.Path != want[i] {
			t.Errorf("route %d is %s, want %s", i, rt.endpoint.Path, want[i])
		}
	}
}

func TestExpandMissing(t *testing.T) {
	user, _ := Lookup("user")
	find, _ := user.Endpoint("find")
	if _, err := find.Expand(nil); err == nil || !strings.Contains(err.Error(), `"id"`) {
		t.Errorf("Expand without id: %v", err)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("/folders/%2F%2f%")
	f.Add("/history/users//")
	f.Fuzz(func(t *testing.T, path string) {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			e, values, ok := Match(method, path)
			if ok != (e != nil) || !ok && values != nil {
				t.Errorf("Match(%s, %q) = %v, %v, %v", method, path, e, values, ok)
			}
			if !ok {
				continue
			}
			again, err := e.Expand(values)
			if err != nil {
				t.Errorf("%s %q matched %s without its values %v", method, path, e.Path, values)
			}
			if e2, v2, _ := Match(method, again); e2 != e || !maps.Equal(values, v2) {
				t.Errorf("%s %q is %v %v, as %q it is %v %v", method, path, e, values, again, e2, v2)
			}
		}
	})
}
