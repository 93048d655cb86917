package resources

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"ferry/backend"
	"ferry/keymap"
	"ferry/views/paged/pagedtest"
)

// fake is a store in memory that notes what it was asked.
type fake struct {
	records []backend.Record
	asked   []string
	err     error
}

func (f *fake) Resources() []backend.Resource {
	field := func(names ...string) (out []backend.ResourceField) {
		for _, n := range names {
			typ := "string"
			if strings.HasSuffix(n, "_at") {
				typ = "date-time"
			}
			out = append(out, backend.ResourceField{Name: n, Type: typ})
		}
		return out
	}
	return []backend.Resource{
		{Name: "public_key", Segment: "public_keys", Fields: field("id", "title", "created_at", "fingerprint"), List: true, Find: true, Delete: true},
		{Name: "api_key", Segment: "api_keys", Fields: field("id", "descriptive_label", "created_at", "expires_at", "key", "last_use_at", "name", "path", "permission_set", "user_id"), List: true, Find: true, Delete: true, Sorts: []string{"site_id"}, Filters: []string{"expires_at"}},
		{Name: "message", Segment: "messages", Fields: field("id", "subject", "body"), Needs: []string{"project_id"}, List: true},
		{Name: "session", Segment: "sessions"},
	}
}

func (f *fake) Records(_ context.Context, name string, params map[string]string, q backend.Query) (backend.Page[backend.Record], error) {
	f.asked = append(f.asked, fmt.Sprint("list ", name, " ", params, " ", q.SortBy, q.Filters))
	return backend.Page[backend.Record]{Items: f.records}, f.err
}

func (f *fake) Record(_ context.Context, name, id string) (backend.Record, error) {
	f.asked = append(f.asked, "find "+name+" "+id)
	return backend.Record{"id": int64(7), "name": "found", "settings": map[string]any{"a": true}, "nothing": nil}, f.err
}

func (f *fake) DeleteRecord(_ context.Context, name, id string) error {
	f.asked = append(f.asked, "delete "+name+" "+id)
	return f.err
}

func some() *fake {
	return &fake{records: []backend.Record{
		{"id": int64(7), "name": "nightly backup", "path": "", "permission_set": "full", "user_id": int64(3), "created_at": "2026-11-20T10:00:00Z", "expires_at": nil},
		{"id": int64(8), "name": "evil \x1b[2Jkey", "path": "Inbox/a", "permission_set": "files_only", "created_at": "2025-01-20T10:00:00-05:00"},
	}}
}

func open(t *testing.T, f *fake, w, h int) *pagedtest.Rig {
	t.Helper()
	r := pagedtest.New(t)
	r.Show(New(r.Env, f), w, h)
	r.Sound()
	return r
}

func TestGolden(t *testing.T) {
	for name, size := range map[string][2]int{"wide": {120, 33}, "narrow": {80, 21}} {
		for state, path := range map[string][]keymap.Action{"kinds": nil, "objects": {keymap.Enter}} {
			t.Run(name+"-"+state, func(t *testing.T) {
				r := open(t, some(), size[0], size[1])
				r.Do(path...)
				r.Sound()
				v := r.Screenful()
				r.Fills(v, size[0], size[1])
				golden.RequireEqual(t, []byte(v))
			})
		}
	}
}

func TestUnsizedIsEmpty(t *testing.T) {
	r := pagedtest.New(t)
	if v := New(r.Env, some()).View(); v != "" {
		t.Errorf("an unsized screen draws %q", v)
	}
}

func TestOnlyWhatHasAListIsOffered(t *testing.T) {
	r := open(t, some(), 120, 33)
	v := r.Screenful()
	r.Holds(v, "api keys", "messages", "public keys")
	r.Lacks(v, "sessions")
	r.Do(keymap.Narrow)
	r.Sound()
	r.Type("pub")
	r.Lacks(r.Screenful(), "api keys")
	r.Do(keymap.PickRun, keymap.Enter)
	r.Holds(r.Screenful(), "public keys ──")
}

func TestWhatAListNeedsIsAskedFor(t *testing.T) {
	f := some()
	r := open(t, f, 120, 33)
	r.Do(keymap.Down, keymap.Enter, keymap.Submit)
	if len(f.asked) != 0 {
		t.Fatalf("asked %v without the project", f.asked)
	}
	r.Type("12")
	r.Do(keymap.Submit)
	if len(f.asked) != 1 || !strings.HasPrefix(f.asked[0], "list message map[project_id:12]") {
		t.Errorf("asked %v", f.asked)
	}
	r.Holds(r.Screenful(), "project id 12")
}

func TestDetailsAreAskedForAnew(t *testing.T) {
	f := some()
	r := open(t, f, 120, 33)
	r.Do(keymap.Enter, keymap.Enter)
	if f.asked[1] != "find api_key 7" {
		t.Errorf("asked %v", f.asked)
	}
	r.Holds(r.Box(), "api key 7", "found", `{"a":true}`)
	r.Do(keymap.CloseBox, keymap.CopyText)
	r.Type("j")
	if len(r.Copies) != 1 || !strings.Contains(r.Copies[0], `"name": "nightly backup"`) {
		t.Errorf("copied %q", r.Copies)
	}
}

func TestDeleteWantsTheId(t *testing.T) {
	f := some()
	r := open(t, f, 120, 33)
	r.Do(keymap.Enter, keymap.ResourceDelete)
	if r.Why(keymap.Press) == "" {
		t.Fatal("the button is not locked")
	}
	r.Type("7")
	f.err = errors.New("no")
	r.Do(keymap.Press)
	if len(r.Fails) != 1 {
		t.Fatal("the refusal is not told")
	}
	f.err = nil
	r.Run(r.Fails[0].Retry)
	if f.asked[len(f.asked)-1] != "delete api_key 7" {
		t.Errorf("asked %v", f.asked)
	}
	r.Lacks(r.Screenful(), "nightly backup")
}

func TestFilterAndSortAreAskedOfTheSite(t *testing.T) {
	f := some()
	r := open(t, f, 120, 33)
	r.Do(keymap.Enter, keymap.ResourceFilter, keymap.PickRun)
	r.Type("2026-12-31")
	r.Do(keymap.Submit)
	if got := f.asked[len(f.asked)-1]; got != "list api_key map[] [{0 expires_at 2026-12-31}]" {
		t.Errorf("asked %q", got)
	}
	r.Holds(r.Screenful(), "asked the site: expires at = 2026-12-31")
	r.Do(keymap.Sort, keymap.PickRun, keymap.EscapeLevel)
	if got := f.asked[len(f.asked)-1]; got != "list api_key map[] site_id[]" {
		t.Errorf("asked %q", got)
	}
}

func TestHostileValuesAreShownSafely(t *testing.T) {
	r := open(t, some(), 120, 33)
	r.Do(keymap.Enter)
	if strings.Contains(r.Screen.View(), "\x1b[2J") {
		t.Error("an escape sequence reached the screen")
	}
	r.Holds(r.Screenful(), "evil ␛[2Jkey")
}

func TestFailureInPlace(t *testing.T) {
	f := some()
	f.err = &backend.Error{Group: backend.NotAuthorized, Type: "not-authorized/site-admin-required"}
	r := open(t, f, 80, 21)
	r.Do(keymap.Enter)
	r.Holds(r.Screenful(), "Only site administrators")
	f.err = nil
	r.Do(keymap.Refresh)
	r.Holds(r.Screenful(), "nightly backup")
	r.Do(keymap.Back, keymap.NextPane, keymap.PreviousPane)
}

func TestValues(t *testing.T) {
	r := pagedtest.New(t)
	for _, c := range []struct {
		in   any
		want string
	}{
		{nil, "—"},
		{"", "—"},
		{true, "yes"},
		{int64(12), "12"},
		{float64(1e15), "1000000000000000"},
		{[]any{int64(1), "a\nb"}, "1, a␊b"},
		{map[string]any{"k": []any{}}, `{"k":[]}`},
		{"2026-11-24T11:55:00Z", "5 min ago"},
	} {
		if got := short(r.Env, c.in); got != c.want {
			t.Errorf("short(%v) = %q, want %q", c.in, got, c.want)
		}
	}
}
