package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

func TestRedirectRules(t *testing.T) {
	const home = "https://acme.files.com/api/rest/v1/x"
	for _, tc := range []struct {
		name, via, to, method string
		length                int64
		err                   error
		keeps                 bool
	}{
		{"own origin", home, "https://ACME.files.com:443/y", "GET", 0, nil, true},
		{"own origin, a write", home, "https://acme.files.com/y", "POST", 3, nil, true},
		{"another host", home, "https://other.files.com/y", "GET", 0, nil, false},
		{"another port", home, "https://acme.files.com:8443/y", "GET", 0, nil, false},
		{"there and back", home + " https://other.files.com/y", home, "GET", 0, nil, false},
		{"plain http", home, "http://acme.files.com/y", "GET", 0, errDowngrade, false},
		{"plain http elsewhere", home, "http://other.example.com/y", "GET", 0, errDowngrade, false},
		{"a file", home, "file:///etc/passwd", "GET", 0, errRedirectOther, false},
		{"a write to another host", home, "https://other.files.com/y", "POST", 3, errForeignWrite, false},
		{"a write without content", home, "https://other.files.com/y", "DELETE", 0, nil, false},
		{"the eleventh hop", strings.Repeat(home+" ", 10), home, "GET", 0, errTooManyHops, false},
	} {
		c, err := New(Config{BaseURL: "acme", APIKey: "k1"})
		if err != nil {
			t.Fatal(err)
		}
		var via []*http.Request
		for _, u := range strings.Fields(tc.via) {
			via = append(via, httptest.NewRequest(http.MethodGet, u, nil))
		}
		u, err := url.Parse(tc.to)
		if err != nil {
			t.Fatal(err)
		}
		req := &http.Request{Method: tc.method, URL: u, ContentLength: tc.length, Header: http.Header{}}
		secrets := []string{headerKey, headerSession, headerReauth, "X-Files-Workspace-Id", "Authorization", "Cookie"}
		for _, name := range append(secrets, "Referer") {
			req.Header.Set(name, "x")
		}
		err = c.checkRedirect(req, via)
		if !errors.Is(err, tc.err) || (err == nil) != (tc.err == nil) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.err)
			continue
		}
		if err != nil {
			continue
		}
		if req.Header.Get("Referer") != "" {
			t.Errorf("%s: the address before goes along", tc.name)
		}
		for _, name := range secrets {
			if kept := req.Header.Get(name) != ""; kept != tc.keeps {
				t.Errorf("%s: %s kept is %v, want %v", tc.name, name, kept, tc.keeps)
			}
		}
	}
}

// Credentials of single calls are those and no others: on a noun, on a list
// and on a resource, while the client goes on with its own.
func TestCredentialsOfOneCall(t *testing.T) {
	var seen []string
	c, _ := site(t, Config{APIKey: "ownkey"}, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get(headerKey)+"/"+r.Header.Get(headerSession)+"/"+r.Header.Get(headerReauth))
		if strings.HasSuffix(r.URL.Path, "/1") {
			reply(w, 200, "{}")
			return
		}
		reply(w, 200, "[]")
	})
	ctx := context.Background()
	for _, cred := range []backend.Credentials{{APIKey: "k2"}, {SessionID: "s2"}, {}} {
		other, err := c.WithReauthentication("pw").WithCredentials(cred)
		if err != nil {
			t.Fatal(err)
		}
		_, err1 := other.User(ctx, 1)
		_, err2 := other.Resource("bundle").List(ctx, backend.Query{}, nil)
		_, err3 := c.Users(ctx, backend.Query{})
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
	}
	want := "k2// k2// ownkey// /s2/ /s2/ ownkey// // // ownkey//"
	if got := strings.Join(seen, " "); got != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
	for _, bad := range []string{"with space", "no-dash", "line\nbreak", "semi;colon"} {
		if _, err := c.WithCredentials(backend.Credentials{SessionID: bad}); !errors.Is(err, backend.ClassAuthentication) {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := New(Config{SessionID: bad}); !errors.Is(err, backend.ClassAuthentication) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := c.WithCredentials(backend.Credentials{APIKey: "schlüssel9"}); err != nil {
		t.Errorf("letters and digits of any script are legal: %v", err)
	}
}

// Nobody renews the session of a copy, so its calls fail instead of waiting.
func TestSessionOfOneCallIsNotWaitedFor(t *testing.T) {
	over := false
	cfg := Config{SessionID: "own1", OnSessionEnded: func(error) { t.Error("an event about somebody else's session") }}
	c, _ := site(t, cfg, func(w http.ResponseWriter, _ *http.Request) {
		if over {
			reply(w, 401, `{"error":"no","type":"not-authenticated/invalid-session"}`)
			return
		}
		reply(w, 200, "[]")
	})
	other, err := c.WithCredentials(backend.Credentials{SessionID: "other1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Users(t.Context(), backend.Query{}); err != nil {
		t.Fatal(err)
	}
	over = true
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a call that waits must not hang the test
	defer cancel()
	_, err = other.Users(ctx, backend.Query{})
	wantError(t, err, backend.ClassInvalidSession)
}

// A sensitive call is asked about once and sent again as it was.
func TestReauthenticationRepeatsTheSameCall(t *testing.T) {
	type sent struct{ method, uri, body, proof string }
	var got []sent
	answer := `{"error":"again","type":"bad-request/reauthentication-needed-fields"}`
	asked := 0
	cfg := Config{SessionID: "s1", Reauthenticate: func(_ context.Context, e *backend.Error) (string, error) {
		asked++
		if e.Class != backend.ClassReauthenticationNeededFields && e.Class != backend.ClassReauthenticationNeededAction {
			t.Errorf("asked because of %v", e)
		}
		return "secret", nil
	}}
	c, _ := site(t, cfg, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = append(got, sent{r.Method, r.RequestURI, string(b), r.Header.Get(headerReauth)})
		if r.Header.Get(headerReauth) == "" || asked > 1 {
			reply(w, 403, answer)
			return
		}
		reply(w, 200, `{"id":5}`)
	})
	name := "finance-lead"
	if _, err := c.UpdateUser(t.Context(), 5, backend.UserEdit{Username: &name}); err != nil {
		t.Fatal(err)
	}
	first := sent{"PATCH", "/api/rest/v1/users/5", `{"username":"finance-lead"}`, ""}
	second := first
	second.proof = "secret"
	if asked != 1 || len(got) != 2 || got[0] != first || got[1] != second {
		t.Errorf("asked %d times, sent %q", asked, got)
	}
	// The proof is for that call alone; a refusal of it is not asked about again.
	got, answer = nil, `{"error":"no","type":"not-authorized/reauthentication-needed-action"}`
	_, err := c.UpdateUser(t.Context(), 5, backend.UserEdit{Username: &name})
	wantError(t, err, backend.ClassReauthenticationNeededAction)
	if asked != 2 || len(got) != 2 || got[0].proof != "" {
		t.Errorf("asked %d times, sent %q", asked, got)
	}
}

// The person may decline; an API key has nothing to prove.
func TestReauthenticationDeclined(t *testing.T) {
	declined := errors.New("declined")
	cfg := Config{SessionID: "s1", Reauthenticate: func(context.Context, *backend.Error) (string, error) { return "", declined }}
	refuse := func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 403, `{"error":"again","type":"not-authorized/reauthentication-needed-action"}`)
	}
	c, _ := site(t, cfg, refuse)
	if err := c.UnlockUser(t.Context(), 5); !errors.Is(err, declined) {
		t.Errorf("got %v", err)
	}
	cfg.SessionID, cfg.APIKey = "", "k1"
	cfg.Reauthenticate = func(context.Context, *backend.Error) (string, error) { t.Error("asked"); return "", nil }
	c, _ = site(t, cfg, refuse)
	wantError(t, c.UnlockUser(t.Context(), 5), backend.ClassReauthenticationNeededAction)
}

// The right host is followed whether body or header names it, at a login and at
// any other call, with the credentials, and a write is sent there once.
func TestRegionMismatchArrives(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		header bool
	}{
		"401 with data":   {401, `{"error":"x","type":"not-authenticated/lockout-region-mismatch","data":{"host":"HOST"}}`, false},
		"403 with data":   {403, `{"error":"x","type":"not-authenticated/lockout-region-mismatch","data":{"host":"HOST"}}`, false},
		"403 with header": {403, `{"error":"x","type":"not-authenticated/lockout-region-mismatch"}`, true},
	} {
		var got []string
		right := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			got = append(got, r.Method+" "+r.Header.Get(headerSession)+" "+string(b))
			reply(w, 201, `{"id":"s2","path":"a"}`)
		}))
		host := strings.TrimPrefix(right.URL, "http://")
		wrong := func(w http.ResponseWriter, _ *http.Request) {
			if tc.header {
				w.Header().Set("X-Files-Host", host)
			}
			reply(w, tc.status, strings.ReplaceAll(tc.body, "HOST", host))
		}
		c, _ := site(t, Config{SessionID: "s1"}, wrong)
		if _, err := c.Mkdir(t.Context(), "a", false); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		c, _ = site(t, Config{}, wrong)
		if _, err := c.Login(t.Context(), backend.Credentials{Username: "u", Password: "p"}); err != nil {
			t.Errorf("%s, login: %v", name, err)
		}
		want := `POST s1 {}|POST  {"password":"p","username":"u"}`
		if all := strings.Join(got, "|"); all != want || c.BaseURL() != right.URL {
			t.Errorf("%s: sent %s to %s", name, all, c.BaseURL())
		}
		right.Close()
	}
}
