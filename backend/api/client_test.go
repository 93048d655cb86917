package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ferry/backend"
)

func TestCompleteBaseURL(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "https://app.files.com",
		"acme":                            "https://acme.files.com",
		" Acme ":                          "https://acme.files.com",
		"acme.files.com":                  "https://acme.files.com",
		"files.example.com:8443":          "https://files.example.com:8443",
		"https://acme.files.com/login?x":  "https://acme.files.com",
		"http://files.example.com":        "http://files.example.com",
		"localhost":                       "http://localhost",
		"localhost:3000":                  "http://localhost:3000",
		"127.0.0.1:80/api/rest/v1":        "http://127.0.0.1:80",
		"[::1]:3000":                      "http://[::1]:3000",
		"https://localhost:1":             "https://localhost:1",
		"HTTPS://ACME.files.com":          "https://acme.files.com",
		"ftp://x":                         "",
		"https://user:secret@example.com": "",
		"https://":                        "",
		"a b":                             "",
		"http://[::1":                     "",
	} {
		got, err := CompleteBaseURL(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
	}
}

func TestRequestsCarryWhatIsConfigured(t *testing.T) {
	var got http.Header
	var uri string
	c, _ := site(t, Config{APIKey: "key1", SessionID: "sess1", Language: "de", Workspace: 7, UserAgent: "Ferry/1"},
		func(w http.ResponseWriter, r *http.Request) {
			got, uri = r.Header.Clone(), r.RequestURI
			reply(w, 200, "[]")
		})
	ctx := context.Background()
	_, err := c.List(ctx, "a b/c?d+e/ü", backend.FolderQuery{
		Query: backend.Query{PerPage: 5, SortBy: "size", Desc: true}, Type: "file",
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "/api/rest/v1/folders/a%20b/c%3Fd+e/%C3%BC?per_page=5&sort_by%5Bsize%5D=desc&type=file"; uri != want {
		t.Errorf("address %s, want %s", uri, want)
	}
	for name, want := range map[string]string{
		headerKey: "key1", headerSession: "", "Accept-Language": "de", "X-Files-Workspace-Id": "7",
		"User-Agent": "Ferry/1", "Content-Type": "",
	} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
	if _, err := c.List(ctx, "/", backend.FolderQuery{}); err != nil || uri != "/api/rest/v1/folders/" {
		t.Errorf("root: %s %v", uri, err)
	}
	other, err := c.WithCredentials(backend.Credentials{SessionID: "s2"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.WithLanguage("fr").WithWorkspace(0).WithReauthentication("pw").List(ctx, "", backend.FolderQuery{}); err != nil {
		t.Fatal(err)
	}
	if got.Get(headerSession) != "s2" || got.Get(headerKey) != "" || got.Get(headerReauth) != "pw" ||
		got.Get("Accept-Language") != "fr" || got.Get("X-Files-Workspace-Id") != "" {
		t.Errorf("copy sent %v", got)
	}
	if _, err := c.WithCredentials(backend.Credentials{APIKey: "no-good"}); !errors.Is(err, backend.ClassAuthentication) {
		t.Errorf("a malformed key was accepted: %v", err)
	}
}

func TestCredentialsStayOnTheirOrigin(t *testing.T) {
	var foreign http.Header
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		foreign = r.Header.Clone()
		reply(w, 200, "[]")
	}))
	defer other.Close()
	var here http.Header
	c, _ := site(t, Config{SessionID: "sess1"}, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/folders/away"):
			http.Redirect(w, r, other.URL+"/x", http.StatusFound)
		case strings.HasSuffix(r.URL.Path, "/folders/home"):
			http.Redirect(w, r, "/api/rest/v1/folders/", http.StatusFound)
		case r.Method == http.MethodPost:
			http.Redirect(w, r, other.URL+"/x", http.StatusTemporaryRedirect)
		default:
			here = r.Header.Clone()
			reply(w, 200, "[]")
		}
	})
	ctx := context.Background()
	if _, err := c.WithReauthentication("pw").WithWorkspace(3).List(ctx, "away", backend.FolderQuery{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{headerKey, headerSession, headerReauth, "X-Files-Workspace-Id", "Referer"} {
		if v := foreign.Get(name); v != "" {
			t.Errorf("%s went to another origin: %q", name, v)
		}
	}
	if _, err := c.List(ctx, "home", backend.FolderQuery{}); err != nil || here.Get(headerSession) != "sess1" {
		t.Errorf("redirect on the own origin: %v %v", err, here)
	}
	foreign = nil
	_, err := c.Mkdir(ctx, "x", true)
	wantError(t, err, backend.ClassAPIConnection)
	if foreign != nil {
		t.Error("the content of a write went to another origin")
	}
}

func TestLoginTwoFactor(t *testing.T) {
	var bodies []string
	c, _ := site(t, Config{APIKey: "old1"}, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		if r.Header.Get(headerKey) != "" || r.Header.Get(headerSession) != "" {
			t.Error("a login carried credentials in its header")
		}
		if !strings.Contains(string(b), "otp") {
			reply(w, 401, `{"error":"2FA","type":"not-authenticated/two-factor-authentication-error","data":{"partial_session_id":"p1","two_factor_authentication_methods":["yubi"]}}`)
			return
		}
		reply(w, 201, `{"id":"abc123","timeout_at":"2026-01-02T09:00:00-04:00","read_only":true,"language":null}`)
	})
	ctx := context.Background()
	cred := backend.Credentials{Username: "u", Password: "p"}
	_, err := c.Login(ctx, cred)
	e := wantError(t, err, backend.ClassTwoFactorAuthenticationError)
	cred.OTP, cred.Partial = "cccccc", e.TwoFactor.Partial
	s, err := c.Login(ctx, cred)
	if err != nil {
		t.Fatal(err)
	}
	if s.ID != "abc123" || !s.ReadOnly || !s.Expires.Equal(time.Date(2026, 1, 2, 13, 0, 0, 0, time.UTC)) {
		t.Errorf("session %+v", s.Expires)
	}
	if want := `{"otp":"cccccc","partial_session_id":"p1","username":"u"}`; bodies[1] != want {
		t.Errorf("second step %s, want %s", bodies[1], want)
	}
	cred.Partial = ""
	if _, err := c.Login(ctx, cred); err != nil || bodies[2] != `{"otp":"cccccc","password":"p","username":"u"}` {
		t.Errorf("code of an app: %s %v", bodies[2], err)
	}
	if got, _ := c.auth.peek(); got.sessionID != "abc123" || got.apiKey != "" {
		t.Error("the client does not go on with the session")
	}
}

// sessions is a site that opens for one session id only.
func sessions(t *testing.T, valid *atomic.Pointer[string], cfg Config) *Client {
	c, _ := site(t, cfg, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(headerSession) != *valid.Load() {
			reply(w, 401, `{"error":"no","type":"not-authenticated/invalid-credentials"}`)
			return
		}
		reply(w, 200, "[]")
	})
	return c
}

func TestSessionThatEndsIsRenewed(t *testing.T) {
	var valid atomic.Pointer[string]
	first, second := "one1", "two2"
	valid.Store(&first)
	ended := make(chan error, 10)
	c := sessions(t, &valid, Config{SessionID: first, OnSessionEnded: func(err error) { ended <- err }})
	ctx := context.Background()
	if _, err := c.List(ctx, "", backend.FolderQuery{}); err != nil {
		t.Fatal(err)
	}
	valid.Store(&second)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, errs[i] = c.List(ctx, "", backend.FolderQuery{}) })
	}
	if err := <-ended; !backend.SessionEnded(err) {
		t.Errorf("event %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := c.List(cancelled, "", backend.FolderQuery{}); !backend.Cancelled(err) {
		t.Errorf("a waiting call cannot be cancelled: %v", err)
	}
	if err := c.Renew(backend.LoginSession{ID: second}); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Errorf("calls did not go on: %v", err)
	}
	if len(ended) != 0 {
		t.Errorf("%d events too many", len(ended))
	}
}

func TestGiveUpEndsTheWaiting(t *testing.T) {
	var valid atomic.Pointer[string]
	first, none := "one1", "none"
	valid.Store(&first)
	ended := make(chan error, 1)
	c := sessions(t, &valid, Config{SessionID: first, OnSessionEnded: func(err error) { ended <- err }})
	ctx := context.Background()
	if _, err := c.List(ctx, "", backend.FolderQuery{}); err != nil {
		t.Fatal(err)
	}
	valid.Store(&none)
	got := make(chan error, 1)
	go func() {
		_, err := c.List(ctx, "", backend.FolderQuery{})
		got <- err
	}()
	<-ended
	c.GiveUp(nil)
	wantError(t, <-got, backend.ClassInvalidSession)
	_, err := c.List(ctx, "", backend.FolderQuery{})
	wantError(t, err, backend.ClassInvalidSession)
}

// A session id that never worked is a mistake of the person, not an end.
func TestWrongSessionFailsAtOnce(t *testing.T) {
	var valid atomic.Pointer[string]
	v := "right1"
	valid.Store(&v)
	c := sessions(t, &valid, Config{SessionID: "wrong1", OnSessionEnded: func(error) { t.Error("an event") }})
	_, err := c.List(context.Background(), "", backend.FolderQuery{})
	wantError(t, err, backend.ClassInvalidCredentials)
}

func TestReauthentication(t *testing.T) {
	asked := 0
	cfg := Config{SessionID: "s1", Reauthenticate: func(context.Context, *backend.Error) (string, error) {
		asked++
		return "pässwörd"[:2], nil
	}}
	c, _ := site(t, cfg, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(headerReauth) == "" {
			reply(w, 403, `{"error":"again","type":"not-authorized/reauthentication-needed-action"}`)
			return
		}
		w.WriteHeader(204)
	})
	if err := c.UnlockUser(context.Background(), 5); err != nil || asked != 1 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

func TestRegionMismatchIsFollowedOnce(t *testing.T) {
	right := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 401, `{"error":"elsewhere","type":"not-authenticated/lockout-region-mismatch","data":{"host":"127.0.0.1:1"}}`)
	}))
	defer right.Close()
	hits := 0
	c, _ := site(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		hits++
		reply(w, 403, `{"error":"elsewhere","type":"not-authenticated/lockout-region-mismatch","data":{"host":"`+strings.TrimPrefix(right.URL, "http://")+`"}}`)
	})
	_, err := c.Find(context.Background(), "a")
	e := wantError(t, err, backend.ClassLockoutRegionMismatch)
	if hits != 1 || c.BaseURL() != right.URL || e.Host != "127.0.0.1:1" {
		t.Errorf("hits %d, base %s, host %s", hits, c.BaseURL(), e.Host)
	}
	evil, _ := New(Config{BaseURL: "acme.files.com"})
	for _, host := range []string{"evil.example.com", "http://acme.files.com", "127.0.0.1", "files.com.evil.example", ""} {
		if evil.follow(&backend.Error{Class: backend.ClassLockoutRegionMismatch, Host: host}, origin(evil.base.Load())) {
			t.Errorf("%q was believed", host)
		}
	}
	if !evil.follow(&backend.Error{Class: backend.ClassLockoutRegionMismatch, Host: "acme-eu.files.com"}, origin(evil.base.Load())) {
		t.Error("a host of the vendor was not believed")
	}
}

func TestReadOnlyRefusesWrites(t *testing.T) {
	var methods []string
	c, _ := site(t, Config{ReadOnly: true, SessionID: "s1"}, func(w http.ResponseWriter, r *http.Request) {
		methods = append(methods, r.Method)
		reply(w, 200, "[]")
	})
	ctx := context.Background()
	for name, do := range map[string]func() error{
		"mkdir":  func() error { _, err := c.Mkdir(ctx, "a", false); return err },
		"delete": func() error { return c.Delete(ctx, "a", false) },
		"part":   func() error { _, err := c.PutPart(ctx, backend.Part{URI: "/x"}, nil, 0); return err },
		"any": func() error {
			_, err := c.Resource("bundles").Create(ctx, map[string]any{"paths": []string{"a"}})
			return err
		},
	} {
		if err := do(); !errors.Is(err, backend.ClassReadOnlyMode) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.List(ctx, "", backend.FolderQuery{}); err != nil {
		t.Error(err)
	}
	if err := c.Logout(ctx); err != nil {
		t.Error(err)
	}
	if got := strings.Join(methods, " "); got != "GET DELETE" {
		t.Errorf("sent %s", got)
	}
}

func TestPaging(t *testing.T) {
	answers := map[string]struct{ body, next string }{
		"":   {`[{"path":"a"}]`, "c1"},
		"c1": {`[]`, "c2"},
		"c2": {`[{"path":"b"}]`, ""},
		"s":  {`[]`, "s"},
	}
	c, _ := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		a := answers[r.URL.Query().Get("cursor")]
		if a.next != "" {
			name := "X-Files-Cursor"
			if a.next == "c2" {
				name = "X-Files-Cursor-Next"
			}
			w.Header().Set(name, a.next)
		}
		w.Header().Set("X-Files-Cursor-Prev", "p")
		reply(w, 200, a.body)
	})
	ctx := context.Background()
	var names []string
	for e, err := range c.All(ctx, "", backend.FolderQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, e.Name)
	}
	if strings.Join(names, "") != "ab" {
		t.Errorf("names %v", names)
	}
	p, err := c.List(ctx, "", backend.FolderQuery{})
	if err != nil || p.Next != "c1" || p.Prev != "p" {
		t.Errorf("page %+v %v", p, err)
	}
	_, err = c.List(ctx, "", backend.FolderQuery{Query: backend.Query{Cursor: "s"}})
	if err == nil || !strings.Contains(err.Error(), "same page") {
		t.Errorf("a cursor that does not advance: %v", err)
	}
}

func TestIllegalQueriesAreNotSent(t *testing.T) {
	c, _ := site(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { t.Error("sent"); reply(w, 200, "[]") })
	ctx := context.Background()
	_, err := c.Users(ctx, backend.Query{SortBy: "shoe_size"})
	if e := wantError(t, err, backend.ClassInvalidSortField); len(e.Legal) == 0 {
		t.Error("the legal fields are not named")
	}
	_, err = c.Users(ctx, backend.Query{Filters: []backend.Filter{{Op: backend.Prefix, Field: "last_login_at", Value: "x"}}})
	wantError(t, err, backend.ClassInvalidFilterField)
	_, err = c.List(ctx, "child", backend.FolderQuery{SearchAll: true})
	wantError(t, err, backend.ClassSearchAllOnChildPath)
}

func TestMigrations(t *testing.T) {
	states := []string{`{"id":9,"status":"pending"}`, `{"id":9,"status":"in_progress","files_moved":1,"files_total":2}`, `{"id":9,"status":"complete"}`}
	n := 0
	c, clock := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			reply(w, 201, `{"status":"pending","file_migration_id":9}`)
			return
		}
		reply(w, 200, states[min(n, len(states)-1)])
		n++
	})
	ctx := context.Background()
	m, err := c.Move(ctx, "a", "/b/", false)
	if err != nil || m.ID != 9 || m.DestPath != "b" {
		t.Fatal(m, err)
	}
	var seen []string
	if err := c.WaitMigration(ctx, m, func(m backend.Migration) { seen = append(seen, string(m.Status)) }); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, " "); got != "pending pending in_progress completed" {
		t.Errorf("seen %s", got)
	}
	if got := clock.waits(); len(got) != 3 || got[0] != time.Second {
		t.Errorf("polls %v", got)
	}
	err = c.WaitMigration(ctx, backend.Migration{ID: 1, Status: backend.MigrationFailed, Failure: "disk full", Operation: "copy"}, nil)
	if e := wantError(t, err, backend.ClassProcessingFailure); e.Message != "disk full" {
		t.Errorf("message %q", e.Message)
	}
}
