package api

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"testing"

	"ferry/backend"
)

// Every sequence goes over all pages and sends its own parameters along with
// each of them.
func TestSequencesGoOverAllPages(t *testing.T) {
	var asked []string
	c, _ := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path[len(basePath):]+"?"+r.URL.RawQuery)
		if r.URL.Query().Get("cursor") == "" {
			w.Header().Set("X-Files-Cursor", "c1")
			reply(w, 200, `[{"id":1,"path":"a","username":"a"}]`)
			return
		}
		reply(w, 200, `[{"id":2,"path":"b","username":"b"}]`)
	})
	ctx := context.Background()
	q := backend.Query{PerPage: 1}
	for name, tc := range map[string]struct {
		run  func() (int, error)
		path string // of both requests, with the parameters of the list
	}{
		"entries":     {count(c.All(ctx, "d", backend.FolderQuery{Query: q, Recursive: true})), "/folders/d?per_page=1&recursive=true"},
		"users":       {count(c.AllUsers(ctx, q)), "/users?per_page=1"},
		"groups":      {count(c.AllGroups(ctx, q)), "/groups?per_page=1"},
		"automations": {count(c.AllAutomations(ctx, q)), "/automations?per_page=1"},
		"runs":        {count(c.AllAutomationRuns(ctx, 7, q)), "/automation_runs?per_page=1&automation_id=7"},
		"logs":        {count(c.AllAutomationLogs(ctx, 0, q)), "/automation_logs?per_page=1"},
		"history":     {count(c.AllHistory(ctx, HistoryQuery{Query: q, UserID: 3})), "/history/users/3?per_page=1"},
		"records":     {count(c.Resource("bundle").All(ctx, q, map[string]any{"user_id": 4})), "/bundles?per_page=1&user_id=4"},
		"nouns":       {count(c.Locks().All(ctx, q, map[string]any{"path": "x"})), "/locks/x?per_page=1"},
	} {
		asked = nil
		n, err := tc.run()
		if err != nil || n != 2 || len(asked) != 2 {
			t.Errorf("%s: %d objects, asked %q, %v", name, n, asked, err)
			continue
		}
		if asked[0] != tc.path || strings.Replace(asked[1], "cursor=c1&", "", 1) != tc.path {
			t.Errorf("%s asked %q, want %s", name, asked, tc.path)
		}
	}
}

// count runs a sequence to its end.
func count[T any](seq iter.Seq2[T, error]) func() (int, error) {
	return func() (n int, err error) {
		for _, err := range seq {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	}
}

func TestSequencesEnd(t *testing.T) {
	for name, tc := range map[string]struct {
		pages map[string]string // cursor → "items>next"
		want  string
	}{
		"at once":                    {map[string]string{"": ">"}, ""},
		"after an empty page":        {map[string]string{"": ">a", "a": ">"}, ""},
		"with a full one after two":  {map[string]string{"": ">a", "a": ">b", "b": "xy>"}, "xy"},
		"in a circle of empty pages": {map[string]string{"": "x>a", "a": ">b", "b": ">c", "c": ">a"}, "x!"},
		"back at an empty start":     {map[string]string{"s": ">s2", "s2": ">s"}, "!"},
	} {
		start := ""
		if _, ok := tc.pages["s"]; ok {
			start = "s"
		}
		asked, got := 0, ""
		for item, err := range pages(start, func(cursor string) (backend.Page[string], error) {
			if asked++; asked > 10 {
				t.Fatalf("%s: it never ends", name)
			}
			items, next, _ := strings.Cut(tc.pages[cursor], ">")
			return backend.Page[string]{Items: strings.Split(items, "")[:len(items)], Next: next}, nil
		}) {
			if err != nil {
				item = "!"
			}
			got += item
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// Breaking off a sequence asks for nothing more.
func TestSequencesBreakOff(t *testing.T) {
	hits := 0
	c, _ := site(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		hits++
		w.Header().Set("X-Files-Cursor", fmt.Sprint("c", hits))
		reply(w, 200, `[{"id":1},{"id":2}]`)
	})
	for range c.AllUsers(context.Background(), backend.Query{}) {
		break
	}
	if hits != 1 {
		t.Errorf("%d requests, want 1", hits)
	}
}
