package api

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/catalog"
)

// A file parameter travels as the documented object, its name without folders.
func TestFileParameter(t *testing.T) {
	var body string
	c, _ := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body = string(b)
		reply(w, 200, "{}")
	})
	for want, file := range map[string]File{
		`{"avatar_file":{"encoded_content":"iVBORw==","filename":"face.png","type":"image/png"}}`: {Name: `C:\pictures\face.png`, Type: "image/png", Data: []byte("\x89PNG")},
		`{"avatar_file":{"encoded_content":"","filename":"empty"}}`:                               {Name: "/tmp/empty"},
	} {
		if _, err := c.Resource("user").Update(t.Context(), 5, map[string]any{"avatar_file": file}); err != nil || body != want {
			t.Errorf("sent %s, want %s: %v", body, want, err)
		}
		if _, err := c.Resource("user").Update(t.Context(), 5, map[string]any{"avatar_file": &file}); err != nil || body != want {
			t.Errorf("by pointer sent %s, want %s: %v", body, want, err)
		}
	}
	_, err := c.Resource("user").Update(t.Context(), 5, map[string]any{"avatar_file": "face.png"})
	wantError(t, err, backend.ClassInvalidParameter)
}

// What each type of the catalog takes, and how it travels.
func TestParameterTypes(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", -4*3600))
	for _, tc := range []struct {
		typ  string
		in   any
		want string // JSON; "" when it is refused
	}{
		{"int64", 7, "7"},
		{"int64", int32(7), "7"},
		{"int64", " 7 ", "7"},
		{"int64", json.Number("7"), "7"},
		{"int64", 7.0, "7"},
		{"int64", 7.5, ""},
		{"int64", 1e300, ""},
		{"int64", math.NaN(), ""},
		{"int64", true, ""},
		{"double", 1.5, "1.5"},
		{"double", "1.5", "1.5"},
		{"double", 2, "2"},
		{"double", math.Inf(1), ""},
		{"double", "NaN", ""},
		{"decimal", 1.5, `"1.5"`},
		{"decimal", "1.50", `"1.50"`},
		{"decimal", 2, `"2"`},
		{"decimal", "much", ""},
		{"boolean", true, "true"},
		{"boolean", "False", "false"},
		{"boolean", "1", "true"},
		{"boolean", 1, ""},
		{"date-time", at, `"2026-01-02T07:04:05.006Z"`},
		{"date-time", "2026-01-02T03:04:05-04:00", `"2026-01-02T03:04:05-04:00"`},
		{"date-time", "2026-01-02", `"2026-01-02"`},
		{"date-time", "tomorrow", ""},
		{"date", at, `"2026-01-02"`},
		{"string", "a", `"a"`},
		{"string", 5, `"5"`},
		{"string", true, `"true"`},
		{"string", []string{"a"}, ""},
		{"object", map[string]string{"a": "b"}, `{"a":"b"}`},
		{"object", backend.Record{"a": 1}, `{"a":1}`},
		{"object", `{"a":[1]}`, `{"a":[1]}`},
		{"object", "a", ""},
		{"array(string)", []string{"a", "b"}, `["a","b"]`},
		{"array(string)", "a, b", `["a","b"]`},
		{"array(int64)", []int64{1, 2}, "[1,2]"},
		{"array(int64)", "1,2", "[1,2]"},
		{"array(int64)", "1,x", ""},
		{"array(object)", []any{map[string]any{"a": 1}}, `[{"a":1}]`},
		{"array(object)", 3, ""},
		{"int64", nil, "null"},
	} {
		v, err := checkValue(&catalog.Param{Name: "p", Type: tc.typ}, tc.in)
		if tc.want == "" {
			if err == nil {
				t.Errorf("%s took %v", tc.typ, tc.in)
				continue
			}
			wantError(t, err, backend.ClassInvalidParameter)
			continue
		}
		if got, _ := json.Marshal(v); err != nil || string(got) != tc.want {
			t.Errorf("%s of %v is %s, want %s: %v", tc.typ, tc.in, got, tc.want, err)
		}
	}
	if _, err := checkValue(&catalog.Param{Name: "p", Type: "int64", Max: 10}, 11); err == nil {
		t.Error("the largest legal number is not checked")
	}
	_, err := checkValue(&catalog.Param{Name: "p", Type: "string", Values: []string{"asc", "desc"}}, "up")
	if e := wantError(t, err, backend.ClassInvalidParameter); len(e.Legal) != 2 {
		t.Errorf("legal values are not named: %v", e.Legal)
	}
}
