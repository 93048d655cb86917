package crash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ferry/tests/proc"
)

// fact is what the site has said of one thing; nil says that it is gone.
type fact map[string]any

// contentKey is the content of a file among its facts.
const contentKey = "content"

// kinds are the things that the site is asked about: entries by path, metadata
// by path, locks by token, the others by id.
var kinds = []string{"entries", "metadata", "locks", "users", "groups", "group_users", "permissions", "api_keys", "automations", "uploads that went on"}

// answers is what the site has said is so.
type answers struct {
	mu      sync.Mutex
	facts   map[string]map[string]fact
	pending map[string]*begun // uploads that have begun, by path
	wentOn  int
	heard   atomic.Int64 // answers so far
}

// wait lets the writers get so many answers more, however slow the machine is.
func (a *answers) wait(ctx context.Context, more int64) {
	for until := a.heard.Load() + more; a.heard.Load() < until && ctx.Err() == nil; {
		time.Sleep(time.Millisecond)
	}
}

func newAnswers() *answers {
	a := &answers{facts: map[string]map[string]fact{}, pending: map[string]*begun{}}
	for _, k := range kinds {
		a.facts[k] = map[string]fact{}
	}
	return a
}

func (a *answers) note(kind, key string, f fact) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.facts[kind][key] = f
}

func (a *answers) forget(kind, key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.facts[kind], key)
}

func (a *answers) count(kind string) int {
	if kind == "uploads that went on" {
		return a.wentOn
	}
	return len(a.facts[kind])
}

// begins notes how far an upload is.
func (a *answers) begins(b *begun) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending[b.path] = &begun{path: b.path, ref: b.ref, parts: slices.Clone(b.parts)}
}

// ends notes that it is open whether an upload has ended.
func (a *answers) ends(b *begun) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.pending, b.path)
}

// goOn ends the uploads that the kill has left behind, with one part more: the
// parts that were answered are still there.
func (a *answers) goOn(ctx context.Context, t *testing.T, s *proc.Site) {
	t.Helper()
	w := &writer{answers: a, site: s}
	for _, b := range slices.Collect(maps.Values(a.pending)) {
		err := w.part(ctx, b, "the last part\n")
		if err == nil {
			err = w.end(ctx, http.StatusCreated, b)
		}
		if err != nil {
			t.Errorf("an upload of %d parts does not go on: %v", len(b.parts), err)
		}
		a.wentOn++
		a.ends(b)
	}
}

// list reads a list of the site whole, by the fields that tell its rows apart.
func list(ctx context.Context, t *testing.T, s *proc.Site, url string, keys ...string) map[string]map[string]any {
	t.Helper()
	const most = 10_000
	status, b, err := s.Do(ctx, "GET", fmt.Sprint(url, "per_page=", most), nil)
	var rows []map[string]any
	if err == nil && status == http.StatusOK {
		err = json.Unmarshal(b, &rows)
	}
	if err != nil || status != http.StatusOK || len(rows) == most {
		t.Fatalf("%s: %d, %d rows, %v %.200s", url, status, len(rows), err, b)
	}
	out := map[string]map[string]any{}
	for _, r := range rows {
		parts := make([]string, len(keys))
		for i, k := range keys {
			if n, ok := r[k].(float64); ok {
				r[k] = int64(n)
			}
			parts[i] = fmt.Sprint(r[k])
		}
		out[strings.Join(parts, " ")] = r
	}
	return out
}

// check compares what the site has with what it has answered: every record, and
// the entries of some rounds.
func (a *answers) check(ctx context.Context, t *testing.T, s *proc.Site, rounds ...int) {
	t.Helper()
	for _, kind := range []string{"users", "groups", "permissions", "api_keys", "automations"} {
		compare(t, kind, a.facts[kind], list(ctx, t, s, "/"+kind+"?", "id"))
	}
	compare(t, "group_users", a.facts["group_users"], list(ctx, t, s, "/group_users?", "group_id", "user_id"))
	compare(t, "locks", a.facts["locks"], list(ctx, t, s, "/locks/load?include_children=true&", "token"))
	for _, round := range rounds {
		for n := range writers {
			at := folder(round, n)
			within := func(m map[string]fact) map[string]fact {
				m = maps.Clone(m)
				maps.DeleteFunc(m, func(path string, _ fact) bool { return !strings.HasPrefix(path, at+"/") })
				return m
			}
			entries := within(a.facts["entries"])
			if _, made := a.facts["entries"][at]; !made {
				continue // killed before its folder was answered
			}
			there := list(ctx, t, s, "/folders/"+at+"?recursive=true&with_priority_color=true&", "path")
			compare(t, "entries", entries, there)
			compare(t, "metadata", within(a.facts["metadata"]), there)
		}
	}
}

// compare tells what is other than it was answered.
func compare(t *testing.T, kind string, want map[string]fact, have map[string]map[string]any) {
	t.Helper()
	for key, f := range want {
		got, there := have[key]
		if there != (f != nil) {
			t.Errorf("%s: %s is there: %v", kind, key, there)
			continue
		}
		for name, value := range f {
			if name == contentKey {
				continue
			}
			if fmt.Sprint(got[name]) != fmt.Sprint(value) {
				t.Errorf("%s: %s of %s is %v, answered was %v", kind, name, key, got[name], value)
			}
		}
	}
}

// contents downloads every file that was answered.
func (a *answers) contents(ctx context.Context, t *testing.T, s *proc.Site) {
	t.Helper()
	for path, f := range a.facts["entries"] {
		content, isFile := f[contentKey].(string)
		b, err := []byte(nil), error(nil)
		if f == nil || isFile {
			b, err = s.Content(ctx, path)
		}
		switch {
		case f == nil && !errors.Is(err, proc.ErrMissing):
			t.Errorf("%s was deleted: %d bytes, %v", path, len(b), err)
		case isFile && (err != nil || string(b) != content):
			t.Errorf("%s: %d bytes of %d, %v", path, len(b), len(content), err)
		}
	}
}
