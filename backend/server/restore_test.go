package server

import (
	"slices"
	"testing"
	"time"
)

// restored waits for a restore to end.
func (x *site) restored(params map[string]any) map[string]any {
	x.t.Helper()
	if params["earliest_date"] == nil {
		params["earliest_date"] = x.clock().Add(-24 * time.Hour).Format(time.RFC3339)
	}
	o := x.do("POST", "/restores", params).want(201).object()
	if o["status"] != "pending" {
		x.t.Fatalf("%v", o)
	}
	id := o["id"]
	until(x.t, "the end of the restore", func() bool {
		for _, r := range x.do("GET", "/restores", nil).want(200).list() {
			if r["id"] == id {
				o = r
			}
		}
		return o["status"] != "pending"
	})
	return o
}

func counts(t *testing.T, o map[string]any, want map[string]float64) {
	t.Helper()
	for k, v := range want {
		if o[k] != v {
			t.Errorf("%s is %v, want %v: %v", k, o[k], v, o)
		}
	}
}

// TestRestoreFiles: deleted files come back with their content, times and
// authors, by prefix, in place or in a folder of the root.
func TestRestoreFiles(t *testing.T) {
	x := openSite(t, Options{})
	x.upload("Work/a/one.txt", "first ", "file").want(201)
	x.upload("Work/a/two.txt", "second").want(201)
	x.upload("Work/b/three.txt", "third").want(201)
	x.do("PATCH", "/files/Work/a/one.txt", map[string]any{
		"provided_mtime": "2020-02-03T04:05:06Z", "priority_color": "red", "custom_metadata": map[string]any{"k": "v"},
	}).want(200)
	meta := func(path string) map[string]any {
		return x.do("GET", "/file_actions/metadata/"+path+"?with_priority_color=true", nil).want(200).object()
	}
	x.pass(time.Minute)
	before := meta("Work/a/one.txt")
	pictures := x.do("GET", "/folders/Pictures?recursive=true", nil).paths()
	x.do("DELETE", "/files/Work?recursive=true", nil).want(204)
	x.do("DELETE", "/files/Pictures?recursive=true", nil).want(204)
	x.pass(time.Hour)

	// One file of a folder that was deleted as a whole, in whatever case.
	o := x.restored(map[string]any{"prefix": "work/A/ONE*", "restore_in_place": true})
	counts(t, o, map[string]float64{"files_total": 1, "files_restored": 1, "files_errored": 0, "dirs_restored": 0})
	if o["status"] != "complete" {
		t.Errorf("%v", o)
	}
	after := meta("Work/a/one.txt")
	for _, f := range []string{"created_at", "mtime", "provided_mtime", "size", "created_by_id", "priority_color", "md5"} {
		if before[f] != after[f] {
			t.Errorf("%s was %v and is %v", f, before[f], after[f])
		}
	}
	if got := string(x.fetch("Work/a/one.txt").want(200).body); got != "first file" {
		t.Errorf("%q", got)
	}
	x.do("GET", "/file_actions/metadata/Work/a/two.txt", nil).refused(404, "not-found")

	// The folder of that name and nothing else, into the folder that is there.
	o = x.restored(map[string]any{"prefix": "Work/a/", "restore_in_place": true})
	counts(t, o, map[string]float64{"files_total": 2, "files_restored": 1, "files_errored": 1})
	if list, _ := o["error_messages"].([]any); len(list) != 1 {
		t.Errorf("%v", o["error_messages"])
	}
	if got := x.do("GET", "/folders/Work?recursive=true", nil).paths(); !slices.Equal(got, []string{"Work/a", "Work/a/one.txt", "Work/a/two.txt"}) {
		t.Errorf("%v", got)
	}

	// A folder of the world, which was never written down.
	o = x.restored(map[string]any{"prefix": "Pictures", "restore_in_place": true})
	if got := x.do("GET", "/folders/Pictures?recursive=true", nil).paths(); !slices.Equal(got, pictures) || len(got) == 0 {
		t.Errorf("%v, want %v: %v", got, pictures, o)
	}
	if o = x.restored(map[string]any{"prefix": "Pictures", "restore_in_place": true}); o["dirs_total"] != 0.0 {
		t.Errorf("what is back is still deleted: %v", o)
	}

	// Everything else, into a new folder in the root.
	o = x.restored(map[string]any{})
	counts(t, o, map[string]float64{"files_restored": 3})
	if got := string(x.fetch("Restored 2026-03-04 16.05.05/Work/b/three.txt").want(200).body); got != "third" {
		t.Errorf("%q", got)
	}

	// A prefix that matches nothing completes; what lies too far back is refused.
	o = x.restored(map[string]any{"prefix": "no such thing"})
	counts(t, o, map[string]float64{"files_total": 0, "dirs_total": 0})
	x.do("POST", "/restores", map[string]any{"earliest_date": "2024-01-01"}).refused(422, "processing-failure/model-save-error")
	x.do("POST", "/restores", map[string]any{"earliest_date": "soon"}).want(400)
	x.do("POST", "/restores", map[string]any{}).refused(400, "bad-request/request-params-required")
	x.as("auditor").do("POST", "/restores", map[string]any{"earliest_date": "2026-03-01"}).want(403)
}

// TestRestoreVersions: of a path that was deleted twice the last version comes
// back, and nothing that was deleted before the date.
func TestRestoreVersions(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	for _, text := range []string{"old", "new"} {
		x.upload("f.txt", text).want(201)
		x.do("DELETE", "/files/f.txt", nil).want(204)
		x.pass(time.Hour)
	}
	o := x.restored(map[string]any{"earliest_date": x.clock().Format(time.RFC3339), "restore_in_place": true})
	counts(t, o, map[string]float64{"files_total": 0})
	o = x.restored(map[string]any{"restore_in_place": true, "update_timestamps": true})
	counts(t, o, map[string]float64{"files_restored": 1, "files_errored": 0})
	if got := string(x.fetch("f.txt").want(200).body); got != "new" {
		t.Errorf("%q", got)
	}
	now := x.clock().Format(time.RFC3339)
	if m := x.do("GET", "/file_actions/metadata/f.txt", nil).want(200).object(); m["mtime"] != now {
		t.Errorf("mtime %v, want %s", m["mtime"], now)
	}
}

// TestRestoreSurvives: what was deleted, and a restore that had not ended, are
// there after a restart.
func TestRestoreSurvives(t *testing.T) {
	dir := t.TempDir()
	x := openSite(t, Options{DataDir: dir, World: "empty"})
	x.upload("d/f.txt", "content").want(201)
	x.do("DELETE", "/files/d?recursive=true", nil).want(204)
	x.s.records.onRestore = nil // the process ends before it has begun
	x.do("POST", "/restores", map[string]any{"earliest_date": "2026-03-01", "restore_in_place": true}).want(201)
	if err := x.s.Close(); err != nil {
		t.Fatal(err)
	}
	x = openSite(t, Options{DataDir: dir, World: "empty"})
	until(t, "the restore", func() bool { return x.do("GET", "/file_actions/metadata/d/f.txt", nil).status == 200 })
	if got := string(x.fetch("d/f.txt").want(200).body); got != "content" {
		t.Errorf("%q", got)
	}
}

// TestRestoreUsers: a deleted user comes back with keys and, when asked for,
// permissions; the password is the old one.
func TestRestoreUsers(t *testing.T) {
	x := openSite(t, Options{})
	u := x.do("POST", "/users", map[string]any{"username": "comes-back", "password": "Correct-Horse-7", "authenticate_until": "2030-01-01T00:00:00Z"}).want(201).object()
	id := u["id"]
	x.do("POST", "/api_keys", map[string]any{"name": "k", "user_id": id}).want(201)
	x.do("POST", "/permissions", map[string]any{"path": "Documents", "permission": "full", "user_id": id}).want(201)
	x.do("DELETE", "/users/"+text(id), nil).want(204)
	x.do("GET", "/users/"+text(id), nil).want(404)
	o := x.restored(map[string]any{"restoration_type": "users", "prefix": "comes", "restore_deleted_permissions": true})
	counts(t, o, map[string]float64{"users_total": 1, "users_restored": 1, "api_keys_restored": 1})
	back := x.do("GET", "/users/"+text(id), nil).want(200).object()
	if back["authenticate_until"] != u["authenticate_until"] {
		t.Errorf("%v, want %v", back["authenticate_until"], u["authenticate_until"])
	}
	x.do("POST", "/sessions", map[string]any{"username": "comes-back", "password": "Correct-Horse-7"}).want(403) // a key beats it
	x.key = ""
	x.do("POST", "/sessions", map[string]any{"username": "comes-back", "password": "Correct-Horse-7"}).want(201)
}
