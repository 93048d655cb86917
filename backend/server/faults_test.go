package server

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ferry/backend/catalog"
)

// TestEveryGroupCanBeProvoked asks for one error of each class by header.
func TestEveryGroupCanBeProvoked(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	groups := map[string]bool{}
	for _, c := range catalog.ErrorClasses() {
		a := x.do("GET", "/folders/", nil, "X-Ferry-Fault", "type="+c.Type)
		o := a.object()
		if o["type"] != c.Type || o["title"] != c.Title || a.header.Get("X-Files-Error-Class") != c.Type || a.status < 400 {
			t.Errorf("%s: %d %s", c.Type, a.status, a.body)
		}
		groups[c.Group] = true
	}
	for _, g := range catalog.Groups() {
		if !groups[g.Group] {
			t.Errorf("group %s did not occur", g.Group)
		}
	}
	x.do("GET", "/folders/", nil).want(200)
}

func TestFaultHeader(t *testing.T) {
	x := openSite(t, Options{})
	a := x.do("GET", "/site", nil, "X-Ferry-Fault", "status=429; type=rate-limited/too-many-requests; retry-after=7; message=Slow down").refused(429, "rate-limited/too-many-requests")
	if a.header.Get("Retry-After") != "7" || a.object()["error"] != "Slow down" {
		t.Errorf("%v %s", a.header, a.body)
	}
	a = x.do("GET", "/site", nil, "X-Ferry-Fault", `{"type":"not-authenticated/lockout-region-mismatch","data":{"host":"eu.example.com"}}`).refused(403, "not-authenticated/lockout-region-mismatch")
	if a.header.Get("X-Files-Host") != "eu.example.com" || a.object()["data"].(map[string]any)["host"] != "eu.example.com" {
		t.Errorf("%v %s", a.header, a.body)
	}
	html := x.do("GET", "/site", nil, "X-Ferry-Fault", "status=502; body=<h1>Bad gateway</h1>").want(502)
	if string(html.body) != "<h1>Bad gateway</h1>" || html.header.Get("Content-Type") != "text/html" {
		t.Errorf("%s", html.body)
	}
	if a := x.do("GET", "/site", nil, "X-Ferry-Fault", "drop"); a.err == nil {
		t.Errorf("a dropped connection answered %d", a.status)
	}
	if a := x.do("GET", "/site", nil, "X-Ferry-Fault", "truncate=10"); a.err == nil || len(a.body) != 10 {
		t.Errorf("a truncated answer has %d bytes, %v", len(a.body), a.err)
	}
	whole := x.fetch("README.md").body
	if got := x.fetch("README.md", "X-Ferry-Fault", "corrupt").want(200).body; len(got) != len(whole) || string(got) == string(whole) {
		t.Error("the content is not corrupt")
	}
	x.fetch("README.md", "X-Ferry-Fault", "expire").want(403)
	x.do("GET", "/site", nil, "X-Ferry-Fault", "latency=1ms").want(200)
	x.do("GET", "/site", nil).want(200)
}

func TestFaultForms(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.do("GET", "/site", nil, "X-Ferry-Fault", "nonsense=1").refused(400, "bad-request/request-params-invalid")
	p := x.begin("f", map[string]any{})
	uri, _ := p["upload_uri"].(string)
	if got := x.send("PUT", uri, strings.NewReader("abc"), "X-Ferry-Fault", "corrupt; bandwidth=1000").want(200).header.Get("ETag"); got == `"`+sumOf("abc")+`"` {
		t.Error("the ETag is right")
	}
	if err := x.s.SetFaults(Fault{Match: "site.*", Every: 3, Type: "not-found"}); err != nil {
		t.Fatal(err)
	}
	var got []int
	for range 7 {
		got = append(got, x.do("GET", "/site", nil).status)
	}
	if !slices.Equal(got, []int{200, 200, 404, 200, 200, 404, 200}) {
		t.Errorf("every third: %v", got)
	}
	f, err := ParseFault(" match=storage.get; nth=3 ;rate=0.5; truncate=1000;drop ")
	if want := (Fault{Match: "storage.get", Nth: 3, Rate: 0.5, Truncate: 1000, Drop: true}); err != nil || !reflect.DeepEqual(f, want) {
		t.Errorf("%+v, %v", f, err)
	}
	for _, bad := range []string{"drop=maybe", "nth=x", "rate=1.1", "status=200", "{", `{"x":1}`, "truncate=-1"} {
		if _, err := ParseFault(bad); err == nil {
			t.Errorf("%q is a fault", bad)
		}
	}
	// A bad day comes to everybody in the same way.
	day := func() (out []int) {
		if err := x.s.SetFaults(Chaos()...); err != nil {
			t.Fatal(err)
		}
		x.s.faults.mu.Lock()
		for _, f := range x.s.faults.list {
			f.latency = 0
		}
		x.s.faults.mu.Unlock()
		for range 200 {
			out = append(out, x.do("GET", "/site", nil).status)
		}
		return out
	}
	first := day()
	if !slices.Equal(first, day()) || !slices.Contains(first, 429) || !slices.Contains(first, 502) {
		t.Errorf("%v", first)
	}
}

// TestDelayEndsWithItsPlan: who takes a fault away does not have to wait for
// those who have met it.
func TestDelayEndsWithItsPlan(t *testing.T) {
	for _, f := range []Fault{{Latency: "1h"}, {Bandwidth: 1}} {
		x := openSite(t, Options{World: "empty", Faults: []Fault{f}})
		done := make(chan int, 1)
		go func() { done <- x.do("GET", "/site", nil).status }()
		until(t, "the request", func() bool {
			x.s.faults.mu.Lock()
			defer x.s.faults.mu.Unlock()
			return x.s.faults.list[0].struck == 1
		})
		if err := x.s.SetFaults(); err != nil {
			t.Fatal(err)
		}
		if status := <-done; status != 200 {
			t.Errorf("%+v: the answer is %d", f, status)
		}
	}
}

// TestLatencyEndsWithTheRequest: neither a client that gives up nor a site that
// closes waits for an ordered latency.
func TestLatencyEndsWithTheRequest(t *testing.T) {
	x := openSite(t, Options{World: "empty", Faults: []Fault{{Latency: "1h"}}})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", LocalURL+"/api/rest/v1/site", nil)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 2)
	send := func(req *http.Request) {
		res, err := x.l.Client().Do(req)
		if err == nil {
			res.Body.Close()
		}
		done <- err
	}
	go send(req)
	cancel()
	if err := <-done; err == nil {
		t.Error("a cancelled request was answered")
	}
	go send(req.WithContext(t.Context()))
	until(t, "the request", func() bool {
		x.s.faults.mu.Lock()
		defer x.s.faults.mu.Unlock()
		return x.s.faults.list[0].struck > 0
	})
	if err := x.s.Close(); err != nil {
		t.Error(err)
	}
	<-done
}

func TestFaultEndsSession(t *testing.T) {
	x := openSite(t, Options{})
	u := x.as("admin")
	u.do("GET", "/site", nil).want(200)
	u.do("GET", "/site", nil, "X-Ferry-Fault", "end-session").refused(401, "not-authenticated/invalid-session")
	u.do("GET", "/site", nil).refused(401, "not-authenticated/invalid-session")
}

// TestFaultPlan: the n-th request that matches, so many times, and the control
// endpoint.
func TestFaultPlan(t *testing.T) {
	x := openSite(t, Options{Faults: []Fault{{Match: "folder.list_for", Nth: 2, Type: "service-unavailable/site-disabled"}}})
	x.do("GET", "/site", nil).want(200)
	x.do("GET", "/folders/", nil).want(200)
	x.do("GET", "/folders/", nil).refused(422, "service-unavailable/site-disabled")
	x.do("GET", "/folders/", nil).want(200)

	control := func(method, body string, headers ...string) *answer {
		return x.send(method, LocalURL+"/_ferry/faults", strings.NewReader(body), headers...)
	}
	control("POST", `[{"match":"GET /site*","times":2,"status":500,"type":"x/y"},{"match":"storage.put","type":"processing-failure"}]`).want(200)
	for range 2 {
		x.do("GET", "/site", nil).want(500)
	}
	x.do("GET", "/site", nil).want(200)
	if list := control("GET", "").want(200).list(); len(list) != 2 || list[0]["match"] != "GET /site*" {
		t.Errorf("%v", list)
	}
	p := x.begin("f", map[string]any{})
	x.put(p, "x").want(422)
	control("DELETE", "").want(200)
	x.put(p, "x").want(200)
	for _, bad := range []string{`[{"latency":"soon"}]`, `[{"rate":2}]`, `[{"status":99}]`, `[{"nonsense":1}]`, `{`, `[{"match":"GET /[a"}]`} {
		if a := control("POST", bad); a.status != 400 {
			t.Errorf("%s: status %d", bad, a.status)
		}
	}
	control("GET", "", "Origin", "https://example.com").want(404)
	if err := x.s.SetFaults(Fault{Rate: 1, Type: "rate-limited/too-many-requests"}); err != nil {
		t.Fatal(err)
	}
	x.do("GET", "/site", nil).refused(429, "rate-limited/too-many-requests")
	if _, err := Open(t.Context(), Options{Faults: []Fault{{Latency: "x"}}}); err == nil {
		t.Error("a site opens with a fault that cannot be")
	}
}

// TestControlIsLocal: nobody but this machine reaches the control endpoint.
func TestControlIsLocal(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	for addr, want := range map[string]int{"192.0.2.7:1000": 404, "127.0.0.1:1000": 200, "[::1]:1000": 200, "[::ffff:192.0.2.7]:1": 404} {
		w := &recorder{header: http.Header{}}
		r, err := http.NewRequestWithContext(t.Context(), "GET", "/_ferry/faults", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.RemoteAddr = addr
		x.s.Handler().ServeHTTP(w, r)
		if w.status != want {
			t.Errorf("from %s: %d, want %d", addr, w.status, want)
		}
	}
}

// TestStruckRequestsAreLogged: the log tells the operation of a request that a
// fault has answered too.
func TestStruckRequestsAreLogged(t *testing.T) {
	var b bytes.Buffer
	x := openSite(t, Options{
		World: "empty", Faults: []Fault{{Match: "site.get", Status: 503}},
		Logger: slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	r, err := http.NewRequestWithContext(t.Context(), "GET", "/api/rest/v1/site", nil)
	if err != nil {
		t.Fatal(err)
	}
	x.s.Handler().ServeHTTP(&recorder{header: http.Header{}}, r)
	if err := x.s.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(b.String(), "route=site.get") || !strings.Contains(b.String(), "a fault struck") {
		t.Errorf("the log says %q", b.String())
	}
}

// recorder is a ResponseWriter without a connection.
type recorder struct {
	header http.Header
	status int
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(p []byte) (int, error) { return io.Discard.Write(p) }

// TestFaultMatchesSomething: a pattern that no request can match is a mistake,
// and the nearest that exist are told.
func TestFaultMatchesSomething(t *testing.T) {
	for _, m := range []string{
		"", "*", "*.*", "storage.*", "*.list", "share.get", "file.download", "session.create", "GET /site", "* /folders/*",
		"PUT *", "GET /api/rest/v1/site", "s?te.get",
	} {
		if _, err := ParseFault("status=429; match=" + m); err != nil {
			t.Errorf("%q: %v", m, err)
		}
	}
	for m, says := range map[string]string{
		"bogus.get": "site.get", "storge.get": "storage.get", "storage": "storage.*", "list": "*.list", "*.lst": "*.list", "control": "nearest",
		"folder.list": "folder.list_for", "usr.*": "user.*", "get /site": "GET", "/site": "GET /site", "GET site": "begin with /", "GET": "GET /site",
		"GET /_ferry/faults": "below /_ferry/", "site.[a": "[", strings.Repeat("x", 50_000): "nearest",
	} {
		if _, err := ParseFault("status=429; match=" + m); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q does not say %q: %.200v", m, says, err)
		}
	}
	x := openSite(t, Options{World: "empty"})
	strikes := func(match, path string) bool {
		t.Helper()
		if err := x.s.SetFaults(Fault{Match: match, Status: 418}); err != nil {
			t.Fatal(err)
		}
		return x.do("GET", path, nil).status == 418
	}
	for _, c := range []struct {
		match, path string
		want        bool
	}{
		{"*", "/site", true},
		{"*", "/no/such/path", true},
		{"*.*", "/site", true},
		{"*.*", "/no/such/path", false},
		{"GET /api/rest/v1/site", "/site", true},
		{"GET /api/rest/v1/user*", "/site", false},
	} {
		if got := strikes(c.match, c.path); got != c.want {
			t.Errorf("%q strikes %s: %v", c.match, c.path, got)
		}
	}
}

// TestFaultTypeIsOneOfTheSite: a slip in a type is told; what is invented on
// purpose has a status of its own.
func TestFaultTypeIsOneOfTheSite(t *testing.T) {
	for _, ok := range []string{
		"type=not-found", "type=internal-server-error", "type=rate-limited/too-many-requests",
		"type=bad-request/invalid-username-or-password", "type=of-tomorrow/never-seen; status=418",
	} {
		if _, err := ParseFault(ok); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
	_, err := ParseFault("type=rate-limited/too-many-request")
	if err == nil || !strings.Contains(err.Error(), "rate-limited/too-many-requests") {
		t.Errorf("the slip is not told: %v", err)
	}
	if _, err = ParseFault("type=not_found"); err == nil || !strings.Contains(err.Error(), "not-found, ") {
		t.Errorf("the slip is not told: %v", err)
	}
}

// TestStatusAloneIsAnswered as the site would, and the storage in its own way.
func TestStatusAloneIsAnswered(t *testing.T) {
	x := openSite(t, Options{})
	for status, want := range map[int]string{
		400: "bad-request", 401: "not-authenticated/authentication-required", 403: "not-authorized/full-permission-required",
		404: "not-found", 409: "processing-failure", 422: "processing-failure", 429: "rate-limited/too-many-requests",
		418: "internal-server-error", 503: "internal-server-error",
	} {
		x.do("GET", "/site", nil, "X-Ferry-Fault", fmt.Sprintf("status=%d", status)).refused(status, want)
	}
	for status, want := range map[int]string{400: "InvalidRequest", 403: "AccessDenied", 404: "NoSuchKey", 429: "SlowDown", 500: "InternalError", 503: "SlowDown"} {
		a := x.fetch("README.md", "X-Ferry-Fault", fmt.Sprintf("status=%d; retry-after=3", status)).want(status)
		if !strings.Contains(string(a.body), "<Code>"+want+"</Code>") || a.header.Get("Retry-After") != "3" {
			t.Errorf("%d: %s %v", status, a.body, a.header)
		}
	}
}

// TestFaultsAsAList is what a file of faults may hold.
func TestFaultsAsAList(t *testing.T) {
	got, err := ParseFaults(` [{"match":"storage.put","times":2,"drop":true},{"type":"not-found"}]`)
	want := []Fault{{Match: "storage.put", Times: 2, Drop: true}, {Type: "not-found"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := ParseFaults("match=site.get; drop"); err != nil || len(got) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{`[{"drop":true},{"status":200}]`, `[{"x":1}]`, "[1]"} {
		if _, err := ParseFaults(bad); err == nil {
			t.Errorf("%s is a list of faults", bad)
		}
	}
}

// TestFaultKeysAreTold: the help has every key, each of which can be written as
// text and, under its other name, as JSON; a misspelt one comes back as typed.
func TestFaultKeysAreTold(t *testing.T) {
	values := map[string]string{"match": "site.get", "rate": "0.5", "latency": "2s", "status": "503", "type": "not-found"}
	under := strings.NewReplacer("retry-after", "retry_after", "end-session", "end_session")
	fields := reflect.TypeFor[Fault]()
	var tags []string
	for i := range fields.NumField() {
		name, _, _ := strings.Cut(fields.Field(i).Tag.Get("json"), ",")
		tags = append(tags, name)
	}
	if keys := jsonKeys(); !slices.Equal(slices.Sorted(slices.Values(keys)), slices.Sorted(slices.Values(tags))) {
		t.Errorf("the keys are %v, the fields %v", keys, tags)
	}
	for _, k := range faultKeys {
		item := k.name
		if k.takes != "" {
			item += "=" + cmp.Or(values[k.name], "7")
		}
		harm, alone := "; drop", Fault{Drop: true}
		if k.name == "drop" {
			harm, alone = "; corrupt", Fault{Corrupt: true}
		}
		for _, item := range []string{item, under.Replace(item)} {
			if f, err := ParseFault(item + harm); err != nil || reflect.DeepEqual(f, alone) {
				t.Errorf("%s: %+v, %v", item, f, err)
			}
		}
		switch _, err := ParseFault(item); k.name {
		case "match", "nth", "every", "times", "rate", "message", "retry-after", "host":
			if err == nil || !strings.Contains(err.Error(), "not") || strings.Contains(err.Error(), k.name+"=") {
				t.Errorf("%s alone lets nothing go wrong: %v", item, err)
			}
		default:
			if err != nil || !strings.Contains(harms, k.name) {
				t.Errorf("%s alone: %v", item, err)
			}
		}
		if !strings.Contains(FaultHelp(), "\n  "+k.name) {
			t.Errorf("the help has no %s", k.name)
		}
	}
	if f, err := ParseFault("drop=false; corrupt=true"); err != nil || f.Drop || !f.Corrupt {
		t.Errorf("%+v, %v", f, err)
	}
	for text, says := range map[string][]string{
		"help": {`"help"`, "keys are match, nth", "end-session"}, "expire-session": {`"expire-session", perhaps end-session`},
		"match=storage.get": {`"storage.get"`, "says what it is for, but not what goes wrong", "status=", "end-session"}, "": {"does not say what goes wrong", "drop"},
		"match=site.get; drop=false": {"not what goes wrong"}, `{"match":"site.get","times":2}`: {"not what goes wrong"},
		"retry_aftr=2": {`"retry_aftr", perhaps retry-after`}, `{"end-session":true}`: {"perhaps end_session"},
		`{"nth":"x"}`: {"nth takes no string"}, "nth=x": {`nth takes a whole number, not "x"`},
	} {
		_, err := ParseFault(text)
		for _, s := range says {
			if err == nil || !strings.Contains(err.Error(), s) {
				t.Errorf("%q does not say %q: %v", text, s, err)
			}
		}
	}
	// The examples of the help hold.
	examples := 0
	for line := range strings.Lines(FaultHelp()) {
		if spec, ok := strings.CutPrefix(strings.TrimSpace(line), `--fault "`); ok {
			examples++
			if _, err := ParseFault(strings.TrimSuffix(spec, `"`)); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if examples != 3 {
		t.Errorf("%d examples", examples)
	}
}

// TestFaultsByControl: one fault or a list, and what was answered can be sent back.
func TestFaultsByControl(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	post := func(body string) *answer {
		return x.send("POST", LocalURL+"/_ferry/faults", strings.NewReader(body))
	}
	one := post(` {"match":"site.get","status":418}`).want(200)
	x.do("GET", "/site", nil).want(418)
	if again := post(string(one.body)).want(200); string(again.body) != string(one.body) {
		t.Errorf("%s became %s", one.body, again.body)
	}
	for _, bad := range []string{`"x"`, `3`, `["x"]`, `{`, `[{]`, `[{"nth":"x"}]`, `[{"nonsense":1}]`, `[{"match":"bogus.get"}]`} {
		a := post(bad).want(400)
		if s := string(a.body); strings.Contains(s, "Go ") || strings.Contains(s, "server.") || strings.Contains(s, "json:") {
			t.Errorf("%s: %s", bad, s)
		}
	}
	for _, bad := range []string{`"x"`, `["x"]`, `{`} {
		if s, _ := post(bad).object()["error"].(string); !strings.Contains(s, `[{"match":"storage.get"`) {
			t.Errorf("%s shows no example: %s", bad, s)
		}
	}
	x.do("GET", "/site", nil).want(418)
	for _, seconds := range []string{`2`, `"2"`} {
		post(`{"status":429,"retry_after":` + seconds + `}`).want(200)
		if got := x.do("GET", "/site", nil).want(429).header.Get("Retry-After"); got != "2" {
			t.Errorf("%s became %q", seconds, got)
		}
	}
	for _, bad := range []string{`-1`, `0.5`, `2e3`, `true`} {
		if s := string(post(`{"status":429,"retry_after":` + bad + `}`).want(400).body); !strings.Contains(s, "retry_after takes") {
			t.Errorf("%s: %s", bad, s)
		}
	}
	post("").want(200)
	x.do("GET", "/site", nil).want(200)
}
