package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/backend/server/world"
)

// site is a running server with a client of one caller and a clock that is set.
type site struct {
	t    *testing.T
	s    *Server
	l    *Local
	key  string // of the calls
	auth string // session of the calls, wins over key
	mu   sync.Mutex
	time time.Time
}

func (x *site) clock() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.time
}

// pass lets time go by.
func (x *site) pass(d time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.time = x.time.Add(d)
}

// longest bounds what a test waits for. It is long because other machines are
// slow; nothing takes that long in passing.
const longest = 2 * time.Minute

var siteTime = time.Date(2026, 3, 4, 15, 4, 5, 0, time.UTC)

// openSite opens a site as its administrator.
func openSite(t *testing.T, o Options) *site {
	t.Helper()
	x := &site{t: t, key: world.AdminKey, time: siteTime}
	if o.Clock == nil {
		o.Clock = x.clock
	}
	if o.World == "" {
		o.World = "small"
	}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s.records.runner.waitLong()
	x.s, x.l = s, s.Listen()
	t.Cleanup(func() {
		if err := x.l.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// waitLong makes answers wait for the work under way however slow the machine is.
func (r *automationRunner) waitLong() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.patience = longest
}

// as is the same site for another caller: a user name of the demo world.
func (x *site) as(username string) *site {
	x.t.Helper()
	c := &site{t: x.t, s: x.s, l: x.l, time: x.clock()}
	r := c.do("POST", "/sessions", map[string]any{"username": username, "password": "ferry-" + username})
	r.want(201)
	c.auth, _ = r.object()["id"].(string)
	return c
}

// answer is what came back.
type answer struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
	err    error // of reading the body
}

// send makes any request. Extra headers are pairs.
func (x *site) send(method, url string, body io.Reader, headers ...string) *answer {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), longest)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		x.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := *x.l.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return &answer{t: x.t, what: method + " " + url, err: err}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return &answer{x.t, method + " " + url, res.StatusCode, res.Header, b, err}
}

// do calls the API: body as JSON, nil for none.
func (x *site) do(method, path string, body any, headers ...string) *answer {
	x.t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			x.t.Fatal(err)
		}
		r = bytes.NewReader(b)
		headers = append(headers, "Content-Type", "application/json")
	}
	if x.auth != "" {
		headers = append(headers, "X-FilesAPI-Auth", x.auth)
	} else if x.key != "" {
		headers = append(headers, "X-FilesAPI-Key", x.key)
	}
	return x.send(method, LocalURL+"/api/rest/v1"+path, r, headers...)
}

// want checks the status.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.err != nil {
		a.t.Fatalf("%s: %v", a.what, a.err)
	}
	if a.status != status {
		a.t.Fatalf("%s: status %d, want %d: %.600s", a.what, a.status, status, a.body)
	}
	return a
}

// refused checks that it is an error of that type, written as recorded.
func (a *answer) refused(status int, wireType string) *answer {
	a.t.Helper()
	a.want(status)
	o := a.object()
	if o["type"] != wireType {
		a.t.Fatalf("%s: type %v, want %s: %s", a.what, o["type"], wireType, a.body)
	}
	if o["http-code"] != float64(status) || o["error"] == "" || o["title"] == nil {
		a.t.Errorf("%s: the body is not an error: %s", a.what, a.body)
	}
	if id := a.header.Get("X-Request-Id"); o["instance"] != id || len(id) != 32 {
		a.t.Errorf("%s: instance %v, X-Request-Id %q", a.what, o["instance"], id)
	}
	if got := a.header.Get("X-Files-Error-Class"); got != wireType {
		a.t.Errorf("%s: X-Files-Error-Class %q", a.what, got)
	}
	return a
}

func (a *answer) object() map[string]any {
	a.t.Helper()
	var o map[string]any
	if err := json.Unmarshal(a.body, &o); err != nil {
		a.t.Fatalf("%s: %v: %.300s", a.what, err, a.body)
	}
	return o
}

func (a *answer) list() []map[string]any {
	a.t.Helper()
	var l []map[string]any
	if err := json.Unmarshal(a.body, &l); err != nil {
		a.t.Fatalf("%s: %v: %.300s", a.what, err, a.body)
	}
	return l
}

// paths are the paths of a listing.
func (a *answer) paths() []string {
	a.t.Helper()
	var out []string
	for _, o := range a.want(200).list() {
		p, _ := o["path"].(string)
		out = append(out, p)
	}
	return out
}

func (x *site) mkdir(path string) {
	x.t.Helper()
	x.do("POST", "/folders/"+path, map[string]any{"mkdir_parents": true}).want(201)
}

// upload sends a file in parts and ends the upload.
func (x *site) upload(path string, parts ...string) *answer {
	x.t.Helper()
	begin := x.do("POST", "/file_actions/begin_upload/"+path, map[string]any{"mkdir_parents": true}).want(200).list()[0]
	ref, size := begin["ref"], 0
	var etags []any
	for i, p := range parts {
		if i > 0 {
			begin = x.do("POST", "/file_actions/begin_upload/"+path, map[string]any{"ref": ref, "part": i + 1}).want(200).list()[0]
		}
		uri, _ := begin["upload_uri"].(string)
		put := x.send("PUT", uri, strings.NewReader(p)).want(200)
		etags = append(etags, map[string]any{"etag": strings.Trim(put.header.Get("ETag"), `"`), "part": fmt.Sprint(i + 1)})
		size += len(p)
	}
	end := map[string]any{"action": "end", "ref": ref, "etags": etags}
	if size > 0 {
		end["size"] = size
	}
	return x.do("POST", "/files/"+path, end)
}

// fetch downloads a file.
func (x *site) fetch(path string, headers ...string) *answer {
	x.t.Helper()
	uri, _ := x.do("GET", "/files/"+path, nil).want(200).object()["download_uri"].(string)
	return x.send("GET", uri, nil, headers...)
}

// until polls until ok says so.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(longest); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("%s did not happen", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// text is a value of an answer as it stands in a path.
func text(v any) string { return fmt.Sprint(v) }
