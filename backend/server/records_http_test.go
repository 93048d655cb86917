package server

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ferry/backend/server/world"
)

// TestRecordsOverHTTP goes through the listener, with the headers and bodies
// that clients see.
func TestRecordsOverHTTP(t *testing.T) {
	s, err := Open(t.Context(), Options{Clock: func() time.Time { return testPresent }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l := s.Listen()
	defer l.Close()
	send := func(method, path, body string) (*http.Response, any) {
		t.Helper()
		rq, err := http.NewRequestWithContext(t.Context(), method, LocalURL+"/api/rest/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		rq.Header.Set("X-FilesAPI-Key", world.AdminKey)
		rq.Header.Set("Content-Type", "application/json")
		rs, err := l.Client().Do(rq)
		if err != nil {
			t.Fatal(err)
		}
		defer rs.Body.Close()
		text, err := io.ReadAll(rs.Body)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if len(text) > 0 {
			if err := json.Unmarshal(text, &v); err != nil {
				t.Fatalf("%s %s: %v in %s", method, path, err, text)
			}
		}
		return rs, v
	}
	seen, cursor := 0, ""
	for {
		rs, v := send("GET", "/users?per_page=1000&sort_by[username]=asc"+cursor, "")
		seen += len(objects(t, v))
		next := rs.Header.Get("X-Files-Cursor")
		if next == "" {
			break
		}
		cursor = "&cursor=" + strings.NewReplacer("+", "%2B", "/", "%2F").Replace(next)
	}
	if seen != 3000 {
		t.Errorf("%d users", seen)
	}
	for _, x := range []struct {
		method, path, body string
		status             int
		wireType           string
	}{
		{"POST", "/users", `{"username":"admin"}`, 422, "processing-failure/model-save-error"},
		{"POST", "/users", `{}`, 400, "bad-request/request-params-required"},
		{"POST", "/users", `{"username":["x"]}`, 400, "bad-request/request-params-invalid"},
		{"POST", "/users", `{"username":"fresh"}`, 201, ""},
		{"GET", "/users?filter[notes]=x", "", 400, "bad-request/invalid-filter-field"},
		{"GET", "/groups/1", "", 404, "not-found"},
		{"POST", "/users/7/unlock", "", 204, ""},
		{"POST", "/automations/1008/manual_run", `{}`, 204, ""},
		{"DELETE", "/group_users/1?group_id=513&user_id=2", "", 204, ""},
	} {
		rs, v := send(x.method, x.path, x.body)
		m, _ := v.(map[string]any)
		if got, _ := m["type"].(string); rs.StatusCode != x.status || got != x.wireType {
			t.Errorf("%s %s: %d %v, want %d %s", x.method, x.path, rs.StatusCode, v, x.status, x.wireType)
		}
		if x.status == 204 && (v != nil || rs.Header.Get("Content-Type") != "") {
			t.Errorf("%s %s: 204 with %v", x.method, x.path, v)
		}
	}
}
