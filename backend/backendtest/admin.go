package backendtest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

var adminCases = []testCase{
	{name: "share links", admin: true, run: bundles},
	{name: "locks", run: locks},
	{name: "automations", admin: true, run: automations},
	{name: "history", admin: true, run: history},
	{name: "illegal parameters", run: illegal},
}

// ctxOf is for clean-ups, when the test's own context has ended.
func ctxOf(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	t.Cleanup(cancel)
	return ctx
}

func isNotFound(err error) bool { return errors.Is(err, backend.NotFound) }

func bundles(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "bundle")
	s.put(t, d+"/f", []byte("x"), time.Time{})
	h := s.c.Resource("bundle")
	b, err := h.Create(ctx, map[string]any{"paths": []string{d}, "description": "contract"})
	if err != nil {
		t.Fatal(err)
	}
	id := b["id"]
	if b["url"] == nil || b["code"] == nil {
		t.Errorf("share link %v", b)
	}
	if b, err = h.Update(ctx, id, map[string]any{"description": "changed"}); err != nil || b["description"] != "changed" {
		t.Errorf("changed %v %v", b, err)
	}
	if b, err = h.Find(ctx, id); err != nil || b["description"] != "changed" {
		t.Errorf("found %v %v", b, err)
	}
	found := false
	for r, err := range h.All(ctx, backend.Query{}, nil) {
		if err != nil {
			t.Fatal(err)
		}
		found = found || r["id"] == id
	}
	if !found {
		t.Error("the share link is not in the list")
	}
	if err := h.Delete(ctx, id, nil); err != nil {
		t.Error(err)
	}
	_, err = h.Find(ctx, id)
	refused(t, err, backend.NotFound)
	_, err = h.Create(ctx, map[string]any{"paths": []string{d + "/nothing"}})
	refused(t, err, backend.ClassModelSaveError)
}

func locks(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "lock")
	s.put(t, d+"/f", []byte("x"), time.Time{})
	h := s.c.Resource("lock")
	l, err := h.Do(ctx, "create", map[string]any{"path": d + "/f", "timeout": 60, "exclusive": true})
	if err != nil {
		t.Fatal(err)
	}
	token, _ := l["token"].(string)
	if token == "" || l["type"] != "write" {
		t.Errorf("lock %v", l)
	}
	p, err := h.List(ctx, backend.Query{}, map[string]any{"path": d + "/f"})
	if err != nil || len(p.Items) != 1 {
		t.Errorf("locks %v %v", p, err)
	}
	if err := h.Delete(ctx, d+"/f", map[string]any{"token": token}); err != nil {
		t.Error(err)
	}
	if p, err = h.List(ctx, backend.Query{}, map[string]any{"path": d + "/f"}); err != nil || len(p.Items) != 0 {
		t.Errorf("locks %v %v", p, err)
	}
}

func automations(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "automation")
	h := s.c.Resource("automation")
	a, err := h.Create(ctx, map[string]any{
		"automation": "create_folder", "trigger": "manual", "name": s.tag, "path": d, "destinations": []string{"made"},
	})
	if err != nil {
		t.Fatal(err)
	}
	id, _ := a["id"].(int64)
	t.Cleanup(func() {
		if err := h.Delete(ctxOf(t), id, nil); err != nil {
			t.Error(err)
		}
	})
	got, err := s.c.Automation(ctx, id)
	if err != nil || got.Type != "create_folder" || got.Trigger != "manual" || got.Disabled || got.Name != s.tag {
		t.Errorf("automation %+v %v", got, err)
	}
	if err := s.c.RunAutomation(ctx, id); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the run", func() bool {
		s.pass(5 * time.Second)
		p, err := s.c.AutomationRuns(ctx, id, backend.Query{})
		return err == nil && len(p.Items) == 1 && !p.Items[0].Status.Active() && p.Items[0].AutomationID == id
	})
	for _, off := range []bool{true, false} {
		if got, err = s.c.SetAutomationDisabled(ctx, id, off); err != nil || got.Disabled != off {
			t.Errorf("disabled %+v %v", got, err)
		}
	}
}

func history(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "history")
	s.put(t, d+"/f", []byte("x"), time.Time{})
	eventually(t, "the line in the history", func() bool {
		p, err := s.c.History(ctx, backend.Query{SortBy: "created_at", Desc: true, PerPage: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Items {
			if l.Path == d+"/f" && l.What != "" && !l.At.IsZero() {
				return true
			}
		}
		return false
	})
}

// illegal asks for what only the site itself can refuse.
func illegal(t *testing.T, s *suite) {
	ctx := t.Context()
	_, err := s.c.Resource("user").Find(ctx, 999999999)
	if !errors.Is(err, backend.NotFound) && !errors.Is(err, backend.NotAuthorized) {
		t.Errorf("a user who is not there: %v", err)
	}
	_, err = s.c.Mkdir(ctx, s.root+"/"+strings.Repeat("aaaaaaaaa/", 590)+"end", false)
	if err == nil {
		t.Error("a path of more than 5,000 characters was taken")
	}
}
