package api

import (
	"context"
	"net/http"
	"reflect"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/catalog"
)

// Every tag of a noun is a field of its resource.
func TestNounsAgreeWithTheCatalog(t *testing.T) {
	for resource, noun := range map[string]any{
		"api_key": backend.APIKey{}, "public_key": backend.PublicKey{}, "group_user": backend.Membership{},
		"permission": backend.Permission{}, "bundle": backend.Bundle{}, "lock": backend.Lock{}, "restore": backend.Restore{},
		"notification": backend.Notification{}, "behavior": backend.Behavior{}, "sync": backend.Sync{},
		"sync_run": backend.SyncRun{}, "remote_server": backend.RemoteServer{},
	} {
		r, ok := catalog.Lookup(resource)
		if !ok {
			t.Errorf("no resource %s", resource)
			continue
		}
		typ := reflect.TypeOf(noun)
		for i := range typ.NumField() {
			tag := typ.Field(i).Tag.Get("api")
			if _, ok := r.Field(tag); !ok {
				t.Errorf("%s has no field %q", resource, tag)
			}
		}
	}
}

func TestTypedNouns(t *testing.T) {
	c, _ := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodDelete:
			w.WriteHeader(204)
		case r.URL.Path == "/api/rest/v1/sync_runs":
			reply(w, 200, `[{"id":"5","runtime":1.5,"status":"success","event_errors":["a"],"created_at":"2025-05-23T13:47:09-04:00","dry_run":null}]`)
		default:
			reply(w, 200, `{"id":3,"behavior":"webhook","value":{"urls":["x"]},"recursive":true}`)
		}
	})
	ctx := context.Background()
	for run, err := range c.SyncRuns().All(ctx, backend.Query{}, nil) {
		want := backend.SyncRun{
			ID: 5, Runtime: 1500 * time.Millisecond, Status: "success", Errors: []string{"a"},
			CreatedAt: time.Date(2025, 5, 23, 17, 47, 9, 0, time.UTC),
		}
		if err != nil || !reflect.DeepEqual(run, want) {
			t.Errorf("run %+v %v", run, err)
		}
	}
	b, err := c.Behaviors().Find(ctx, 3)
	if err != nil || b.Type != "webhook" || !b.Recursive || b.Value["urls"] == nil {
		t.Errorf("behavior %+v %v", b, err)
	}
	if err := c.Behaviors().Delete(ctx, 3, nil); err != nil {
		t.Error(err)
	}
}
