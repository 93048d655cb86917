package backendtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// basePath is where the API begins (PROTOCOL.md 1).
const basePath = "/api/rest/v1"

// wire is one answer of the site as it came.
type wire struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

// send makes a request as it is written: path is escaped already and begins
// with a slash, or is a whole address. A body that is no text goes as JSON.
// Headers are pairs; one with an empty value is taken off.
func (s *suite) send(t *testing.T, method, path string, body any, headers ...string) *wire {
	t.Helper()
	to := path
	if strings.HasPrefix(path, "/") {
		to = s.BaseURL + basePath + path
	}
	var r io.Reader
	switch x := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(x)
	case []byte:
		r = bytes.NewReader(x)
	default:
		b, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, to, r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(path, "/") { // no credentials for storage
		req.Header.Set("X-Filesapi-Key", s.APIKey)
		if r != nil {
			req.Header.Set("Content-Type", "application/json")
		}
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Del(headers[i])
		if headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	client := *s.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return &wire{t: t, what: method + " " + path, status: res.StatusCode, header: res.Header, body: b}
}

// takeAway deletes what a case has made. What is gone already is fine.
func (s *suite) takeAway(t *testing.T, path string) {
	t.Helper()
	if w := s.send(t, "DELETE", path, nil); w.status != http.StatusNoContent && w.status != http.StatusNotFound {
		t.Errorf("%s: %d %.300s", w.what, w.status, w.body)
	}
}

// ok wants a status and gives the answer back.
func (w *wire) ok(status int) *wire {
	w.t.Helper()
	if w.status != status {
		w.t.Fatalf("%s: %d %.300s, want %d", w.what, w.status, w.body, status)
	}
	return w
}

// object is the answer as an object.
func (w *wire) object() map[string]any {
	w.t.Helper()
	var v map[string]any
	if err := json.Unmarshal(w.body, &v); err != nil {
		w.t.Fatalf("%s: %v in %.300s", w.what, err, w.body)
	}
	return v
}

// list is the answer as an array of objects.
func (w *wire) list() []map[string]any {
	w.t.Helper()
	var v []map[string]any
	if err := json.Unmarshal(w.body, &v); err != nil {
		w.t.Fatalf("%s: %v in %.300s", w.what, err, w.body)
	}
	return v
}

// keys are the names of the fields of an object in the order in which they came.
func (w *wire) keys() (keys []string) {
	w.t.Helper()
	d := json.NewDecoder(bytes.NewReader(w.body))
	if _, err := d.Token(); err != nil {
		w.t.Fatal(err)
	}
	for d.More() {
		k, err := d.Token()
		if err != nil {
			w.t.Fatal(err)
		}
		name, _ := k.(string)
		keys = append(keys, name)
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			w.t.Fatal(err)
		}
	}
	return keys
}

// groupStatus is the status of each group where a class has none of its own
// (PROTOCOL.md 6).
var groupStatus = map[string]int{
	"bad-request": 400, "not-authenticated": 401, "not-authorized": 403, "not-found": 404, "processing-failure": 422, "rate-limited": 429,
}

// classStatus is that of the classes that have one.
var classStatus = map[string]int{
	"processing-failure/destination-parent-does-not-exist": 409,
	"processing-failure/folder-locked":                     403,
}

// refused wants an error of a type, or of a group when the type ends in a slash,
// in everything that an error has to tell (PROTOCOL.md 5 and 6). It gives the
// body back.
func (w *wire) refused(wireType string) map[string]any {
	t := w.t
	t.Helper()
	if w.status < 400 {
		t.Fatalf("%s: %d %.300s, want %s", w.what, w.status, w.body, wireType)
	}
	e := w.object()
	kind, _ := e["type"].(string)
	group, slug, _ := strings.Cut(kind, "/")
	if want, whole := strings.CutSuffix(wireType, "/"); whole && group != want || !whole && kind != wireType {
		t.Errorf("%s: %d %s %v, want %s", w.what, w.status, kind, e["error"], wireType)
	}
	want := groupStatus[group]
	if n, ok := classStatus[kind]; ok {
		want = n
	}
	if w.status != want {
		t.Errorf("%s: status %d of %s, want %d", w.what, w.status, kind, want)
	}
	if code, ok := e["http-code"].(float64); !ok || int(code) != w.status {
		t.Errorf("%s: http-code %v, status %d", w.what, e["http-code"], w.status)
	}
	if text, _ := e["error"].(string); text == "" {
		t.Errorf("%s: no message: %v", w.what, e)
	}
	id := w.header.Get("X-Request-Id")
	if id == "" || e["instance"] != id {
		t.Errorf("%s: instance %v, X-Request-Id %q", w.what, e["instance"], id)
	}
	if got := w.header.Get("X-Files-Error-Class"); got != kind {
		t.Errorf("%s: X-Files-Error-Class %q, type %q", w.what, got, kind)
	}
	title, _ := e["title"].(string)
	if slug == "" {
		slug = group
	}
	if !strings.EqualFold(letters(title), letters(slug)) {
		t.Errorf("%s: title %q of %s", w.what, title, kind)
	}
	if got := w.header.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
		t.Errorf("%s: Content-Type %q", w.what, got)
	}
	return e
}

// letters leaves out what differs between a slug and its title.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, s)
}

// badField wants a validation error that names a field in the three recorded
// forms.
func (w *wire) badField(field string) {
	t := w.t
	t.Helper()
	e := w.refused("processing-failure/model-save-error")
	messages, _ := e["model_errors"].(map[string]any)
	keys, _ := e["model_error_keys"].(map[string]any)
	list, _ := messages[field].([]any)
	named, _ := keys[field].([]any)
	if len(list) == 0 || len(named) != len(list) {
		t.Errorf("%s: the field %s is not named: %s", w.what, field, w.body)
	}
	if all, _ := e["errors"].([]any); len(all) < len(list) {
		t.Errorf("%s: errors %v", w.what, e["errors"])
	}
}

// escape writes a path with real slashes, as the vendor's Go client does.
func escape(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

// wireCases are what holds for every answer, whatever it is about.
var wireCases = slices.Concat(headerCases(), []testCase{
	{name: "a request id is one's own", run: requestIDs},
	{name: "error of a path that is no endpoint", run: func(t *testing.T, s *suite) {
		s.send(t, "GET", "/no_such_thing", nil).refused("not-found")
	}},
	{name: "error of a method that an endpoint does not have", run: func(t *testing.T, s *suite) {
		s.send(t, "PATCH", "/folders/"+s.root, map[string]any{}).refused("bad-request/")
	}},
	{name: "repeated parameters are ignored", run: repeated},
	{name: "ampersands are escaped in JSON", run: ampersands},
	{name: "the root has three spellings", run: rootSpellings},
	{name: "Python's spelling of booleans", run: pythonBooleans},
	{name: "null for what is not said", run: nulls},
	{name: "workspace 0 is the site", run: workspaceZero},
})

// headerCases look at the headers of one answer of every kind (PROTOCOL.md 5).
func headerCases() (out []testCase) {
	const cached = "X-Files-Safe-To-Cache"
	for _, x := range []struct {
		name, method, path string
		body               any
		status             int
		cacheable          bool
	}{
		{"metadata", "GET", "/file_actions/metadata/{d}/file.txt", nil, 200, true},
		{"a listing", "GET", "/folders/{d}", nil, 200, true},
		{"a download", "GET", "/files/{d}/file.txt", nil, 200, true},
		{"a new folder", "POST", "/folders/{d}/headers", map[string]any{}, 201, false},
		{"a change", "PATCH", "/files/{d}/file.txt", map[string]any{"provided_mtime": "2024-01-02T03:04:05Z"}, 200, false},
		{"the begin of an upload", "POST", "/file_actions/begin_upload/{d}/up", map[string]any{}, 200, false},
		{"a deletion", "DELETE", "/files/{d}/headers", nil, 204, false},
		{"a list of records", "GET", "/history", nil, 200, false},
		{"what is not there", "GET", "/file_actions/metadata/{d}/nothing", nil, 404, false},
		{"a refusal", "POST", "/folders/{d}/empty", map[string]any{}, 422, false},
	} {
		out = append(out, testCase{name: "headers of " + x.name, run: func(t *testing.T, s *suite) {
			w := s.send(t, x.method, s.fill(t, x.path), x.body).ok(x.status)
			for name, want := range map[string]string{
				"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate", "Pragma": "no-cache",
			} {
				if got := w.header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			for _, name := range []string{"X-Request-Id", "Expires", "Server"} {
				if w.header.Get(name) == "" {
					t.Errorf("no %s", name)
				}
			}
			if (w.header.Get(cached) == "true") != x.cacheable || (w.header.Get("X-Files-Cache-For-Seconds") == "900") != x.cacheable {
				t.Errorf("may be cached: %q for %q s", w.header.Get(cached), w.header.Get("X-Files-Cache-For-Seconds"))
			}
			if (w.header.Get("X-Files-Error-Class") != "") != (w.status >= 400) {
				t.Errorf("X-Files-Error-Class %q of %d", w.header.Get("X-Files-Error-Class"), w.status)
			}
			if x.status == 204 {
				if len(w.body) > 0 || w.header.Get("Content-Type") != "" {
					t.Errorf("204 with %q of type %q", w.body, w.header.Get("Content-Type"))
				}
			} else if !strings.HasPrefix(w.header.Get("Content-Type"), "application/json") {
				t.Errorf("Content-Type %q", w.header.Get("Content-Type"))
			}
		}})
	}
	return out
}

func requestIDs(t *testing.T, s *suite) {
	seen := map[string]bool{}
	for range 5 {
		id := s.send(t, "GET", "/file_actions/metadata/"+s.root, nil).ok(200).header.Get("X-Request-Id")
		if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
			t.Errorf("the id %q is not 32 hex digits", id)
		}
		if seen[id] {
			t.Errorf("the id %q came twice", id)
		}
		seen[id] = true
	}
}

// Clients repeat path parameters in the body, under their name or as "-"
// (PROTOCOL.md 4).
func repeated(t *testing.T, s *suite) {
	d := s.dir(t, "repeated")
	s.send(t, "POST", "/folders/"+d+"/x", map[string]any{"path": d + "/x", "-": d + "/x", "unknown": 1}).ok(201)
	s.send(t, "GET", "/file_actions/metadata/"+d+"/x?path="+url.QueryEscape(d+"/x"), nil).ok(200)
}

func ampersands(t *testing.T, s *suite) {
	d := s.dir(t, "amp")
	w := s.send(t, "POST", "/folders/"+d+"/a&b", map[string]any{}).ok(201)
	if !bytes.Contains(w.body, []byte(`a\u0026b`)) {
		t.Errorf("the answer is %s", w.body)
	}
}

func rootSpellings(t *testing.T, s *suite) {
	for _, path := range []string{"/folders/", "/folders/%2F", "/folders/nil"} {
		found := false
		for _, f := range s.send(t, "GET", path+"?per_page=10000", nil).ok(200).list() {
			found = found || f["path"] == s.root
		}
		if !found {
			t.Errorf("%s does not list the root", path)
		}
	}
}

func pythonBooleans(t *testing.T, s *suite) {
	d := s.dir(t, "python")
	s.send(t, "POST", "/folders/"+d+"/a/b", map[string]any{"mkdir_parents": "True"}).ok(201)
	s.send(t, "DELETE", "/files/"+d+"/a?recursive=False", nil).refused("processing-failure/folder-not-empty")
	s.send(t, "DELETE", "/files/"+d+"/a?recursive=True", nil).ok(204)
}

func nulls(t *testing.T, s *suite) {
	d := s.dir(t, "nulls")
	s.send(t, "POST", "/folders/"+d+"/a", map[string]any{"mkdir_parents": nil, "provided_mtime": nil}).ok(201)
}

func workspaceZero(t *testing.T, s *suite) {
	d := s.dir(t, "workspace")
	s.send(t, "GET", "/folders/"+d, nil, "X-Files-Workspace-Id", "0").ok(200)
	s.send(t, "GET", "/folders/"+d, nil, "X-Files-Workspace-Id", "x").refused("bad-request/invalid-workspace-id-header")
	s.send(t, "POST", "/file_actions/copy/"+d, map[string]any{"destination": "_/Workspaces/0/" + d + "2"}).ok(201)
	s.send(t, "GET", "/file_actions/metadata/"+d+"2", nil).ok(200)
}
