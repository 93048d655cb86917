package api

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ferry/backend"
	"ferry/backend/catalog"
)

const needle = "N33dle0fASecret7Q"

// Nothing secret is in the log at its most talkative.
func TestLogHasNoSecrets(t *testing.T) {
	var out bytes.Buffer
	cfg := Config{
		SessionID: needle, Level: LogDebug,
		Logger: slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	c, _ := site(t, cfg, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "req7")
		w.Header().Set("Set-Cookie", "s="+needle)
		switch r.URL.Path {
		case "/api/rest/v1/sessions":
			reply(w, 201, `{"id":"`+needle+`","timeout_at":null}`)
		case "/s3/f":
			reply(w, 403, `<Error><Code>AccessDenied</Code><Message>x</Message></Error>`)
		default:
			reply(w, 200, `{"path":"a","type":"file","download_uri":"https://s3.example.com/a?X-Amz-Signature=`+needle+`"}`)
		}
	})
	ctx := context.Background()
	if _, err := c.Download(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	_, _ = c.OpenRange(ctx, c.BaseURL()+"/s3/f?X-Amz-Signature="+needle+"&whatever="+needle+"&partNumber=3&"+needle, 0, 5, "")
	_, _ = c.OpenRange(ctx, "http://127.0.0.1:1/s3/f?sig="+needle, 0, 5, "")
	_, _ = c.Login(ctx, backend.Credentials{Username: "finance-lead", Password: needle, OTP: needle})
	_, _ = c.WithReauthentication(needle).Resource("users").Create(ctx, map[string]any{"username": "u", "password": needle})
	_, _ = c.Resource("api_key").Create(ctx, map[string]any{"name": "k"})
	text := out.String()
	if strings.Contains(text, needle) {
		i := strings.Index(text, needle)
		t.Errorf("a secret is in the log: …%s…", text[max(0, i-120):i+20])
	}
	for _, want := range []string{"req7", "download", "finance-lead", "partNumber=3", "attempt", "took"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log does not tell %q", want)
		}
	}
}

func TestErrorsHaveNoAddresses(t *testing.T) {
	c, _ := site(t, Config{Retries: -1}, nil)
	_, err := c.OpenRange(context.Background(), "http://127.0.0.1:1/f?sig="+needle, 0, 5, "")
	for e := err; e != nil; {
		if strings.Contains(e.Error(), needle) {
			t.Errorf("a signed address is in an error: %v", e)
		}
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = u.Unwrap()
	}
}

func TestLogLevels(t *testing.T) {
	for level, want := range map[Level][]bool{LogNone: {false, false}, LogInfo: {true, false}, LogDebug: {true, true}} {
		var out bytes.Buffer
		c, _ := site(t, Config{Level: level, Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))},
			func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, `{"path":"a"}`) })
		if _, err := c.Find(context.Background(), "a"); err != nil {
			t.Fatal(err)
		}
		got := []bool{strings.Contains(out.String(), "status=200"), strings.Contains(out.String(), "request_header")}
		if got[0] != want[0] || got[1] != want[1] {
			t.Errorf("level %d: %v, want %v", level, got, want)
		}
	}
}

// One line per request tells at info what was asked, how it went and under
// which number the site knows it; headers and bodies only at debug.
func TestWhatALineTells(t *testing.T) {
	lines := func(level Level) []map[string]any {
		var out bytes.Buffer
		hits := 0
		c, _ := site(t, Config{Level: level, Logger: slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))},
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", "req7")
				if hits++; hits == 1 {
					reply(w, 503, `{"error":"busy","type":"service-unavailable/site-disabled"}`)
					return
				}
				reply(w, 200, `{"id":5,"username":"finance-lead"}`)
			})
		name := "Finance"
		if _, err := c.UpdateUser(t.Context(), 5, backend.UserEdit{Name: &name}); err != nil {
			t.Fatal(err)
		}
		var all []map[string]any
		for line := range bytes.Lines(out.Bytes()) {
			m := map[string]any{}
			if err := json.Unmarshal(line, &m); err != nil {
				t.Fatal(err)
			}
			all = append(all, m)
		}
		return all
	}
	info := lines(LogInfo)
	if len(info) != 2 {
		t.Fatalf("%d lines for two requests: %v", len(info), info)
	}
	for i, want := range []map[string]any{
		{"status": 503.0, "attempt": 1.0}, {"status": 200.0, "attempt": 2.0},
	} {
		want["level"], want["method"], want["path"], want["request_id"] = "INFO", "PATCH", "/api/rest/v1/users/5", "req7"
		for k, v := range want {
			if info[i][k] != v {
				t.Errorf("line %d: %s is %v, want %v", i, k, info[i][k], v)
			}
		}
		if took, ok := info[i]["took"].(float64); !ok || took <= 0 {
			t.Errorf("line %d: took %v", i, info[i]["took"])
		}
		for k := range info[i] {
			if strings.Contains(k, "header") || strings.Contains(k, "body") {
				t.Errorf("line %d tells %s at info", i, k)
			}
		}
	}
	told := map[string]bool{}
	for _, m := range lines(LogDebug) {
		for k := range m {
			told[k] = true
		}
	}
	for _, k := range []string{"request_header", "response_header", "request_body", "body"} {
		if !told[k] {
			t.Errorf("debug does not tell %s", k)
		}
	}
	if none := lines(LogNone); len(none) != 0 {
		t.Errorf("none is %v", none)
	}
}

// Every field and parameter of the API that holds a secret, by a list of its
// own: what is not here and only sounds like one is a type, a switch, an id, or
// public.
func TestSecretsOfTheCatalogAreHidden(t *testing.T) {
	telling := regexp.MustCompile(`password|passphrase|secret|token|_key$|^key$|otp|private|credential|signature|certificate|_code$|_uri$|_url$`)
	open := map[string]bool{
		"http_response_code": true, "last_http_call_response_code": true, "response_code": true, "sftp_response_code": true,
	}
	names := map[string]bool{}
	for _, r := range catalog.Resources() {
		for _, f := range r.Fields {
			names[f.Name] = f.Type == "string" || names[f.Name]
		}
		for _, e := range r.Endpoints {
			for _, p := range e.Params {
				names[p.Name] = p.Type == "string" || names[p.Name]
			}
		}
	}
	n := 0
	for name, text := range names {
		about := regexp.MustCompile(`_(id|ids|md5|issuer|serial|subject|count|type|method|at|after|before|template|days)$|^(public_certificate|server_certificate)$`).MatchString(name)
		if !text || !telling.MatchString(name) || about || open[name] {
			continue
		}
		n++
		if out := redactBody([]byte(`{"` + name + `":"` + needle + `"}`)); strings.Contains(out, needle) {
			t.Errorf("the body shows %s", name)
		}
		u := &url.URL{RawQuery: name + "=" + needle + "&x[" + name + "]=" + needle}
		if out := redactQuery(u, false); strings.Contains(out, needle) {
			t.Errorf("the query shows %s: %s", name, out)
		}
	}
	if n < 60 {
		t.Errorf("only %d names were looked at", n)
	}
}

// Credentials never survive in the headers, however they are spelled.
func FuzzRedactHeader(f *testing.F) {
	f.Add("x-filesapi-key", needle)
	f.Add("X-FILESAPI-AUTH", "a "+needle)
	f.Add("Location", "https://s3.example.com/?sig="+needle)
	f.Add("X-Amz-Security-Token", needle)
	f.Fuzz(func(t *testing.T, name, value string) {
		if !strings.Contains(value, needle) || strings.Contains(name, needle) {
			return
		}
		h := http.Header{}
		h.Set(name, value)
		switch http.CanonicalHeaderKey(name) {
		case "X-Filesapi-Key", "X-Filesapi-Auth", "X-Files-Reauthentication", "Authorization", "Cookie", "Set-Cookie",
			"Location", "X-Amz-Security-Token":
		default:
			return
		}
		for k, v := range redactHeader(h) {
			if strings.Contains(k+v, needle) {
				t.Fatalf("%q: %q became %q", name, value, v)
			}
		}
	})
}

// The value of a secret member never survives, whatever stands around it.
func FuzzRedactBody(f *testing.F) {
	f.Add("password", `{"a":1}`, "x")
	f.Add("api_key", `[null]`, "\\u0022")
	f.Fuzz(func(t *testing.T, key, around, name string) {
		if !secretName(key) {
			return
		}
		var other any
		if json.Unmarshal([]byte(around), &other) != nil || strings.Contains(around+name+key, needle) {
			return
		}
		data, err := json.Marshal(map[string]any{name: []any{other, map[string]any{key: []any{needle, map[string]any{"v": needle}}}}})
		if err != nil {
			return
		}
		if out := redactBody(data); strings.Contains(out, needle) {
			t.Fatalf("%s became %s", data, out)
		}
	})
}

// At a storage host only the numbers of parts survive.
func FuzzRedactQuery(f *testing.F) {
	f.Add("X-Amz-Signature")
	f.Add("part_number%")
	f.Add("a&b")
	f.Fuzz(func(t *testing.T, name string) {
		if name == "partNumber" || name == "part_number" || name == "part_offset" || strings.Contains(name, needle) {
			return
		}
		if n, err := url.QueryUnescape(name); err == nil && (n == "partNumber" || n == "part_number" || n == "part_offset") {
			return
		}
		if strings.HasSuffix(name, "&partNumber") || strings.HasSuffix(name, "&part_number") || strings.HasSuffix(name, "&part_offset") {
			return
		}
		u := &url.URL{RawQuery: "x=" + needle + "&" + strings.ReplaceAll(name, "=", "") + "=" + needle}
		if out := redactQuery(u, true); strings.Contains(out, needle) {
			t.Fatalf("%s became %s", u.RawQuery, out)
		}
	})
}
