package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// synced runs a sync and gives its run.
func (x *site) synced(id any, action string) map[string]any {
	x.t.Helper()
	x.do("POST", fmt.Sprintf("/syncs/%v/%s", id, action), map[string]any{}).want(204)
	run := x.do("GET", fmt.Sprintf("/sync_runs?sync_id=%v&per_page=1", id), nil).want(200).list()[0]
	if run["status"] != "in_progress" || run["live_transfers"] == nil {
		x.t.Errorf("the run begins as %v", run)
	}
	x.pass(5 * time.Second)
	return x.do("GET", fmt.Sprintf("/sync_runs/%v", run["id"]), nil).want(200).object()
}

// TestSyncWithin copies what is missing or older, as the sync says.
func TestSyncWithin(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("src/a.txt", "a").want(201)
	x.upload("src/sub/b.txt", "bb").want(201)
	x.upload("src/sub/c.tmp", "temporary").want(201)
	files := func(folder string) string {
		return strings.Join(x.do("GET", "/folders/"+folder+"?recursive=true&type=file", nil).want(200).paths(), " ")
	}
	s := x.do("POST", "/syncs", map[string]any{"name": "within", "src_path": "src", "dest_path": "dest", "exclude_patterns": []string{"*.tmp"}}).want(201).object()
	if s["keep_after_copy"] != true || s["trigger"] != "manual" {
		t.Errorf("the sync is %v", s)
	}
	run := x.synced(s["id"], "dry_run")
	if run["status"] != "success" || run["dry_run"] != true || run["estimated_bytes_count"] != float64(3) || run["successful_files"] != float64(0) {
		t.Errorf("the dry run is %v", run)
	}
	x.do("GET", "/folders/dest", nil).want(404)
	run = x.synced(s["id"], "manual_run")
	if run["status"] != "success" || run["successful_files"] != float64(2) || run["bytes_synced"] != float64(3) || run["compared_files"] != float64(2) || run["live_transfers"] != nil {
		t.Errorf("the run is %v", run)
	}
	if got := files("dest"); got != "dest/sub/b.txt dest/a.txt" {
		t.Errorf("the destination has %s", got)
	}
	if n := len(x.do("GET", fmt.Sprintf("/sync_logs?filter[sync_run_id]=%v", run["id"]), nil).want(200).list()); n != 2 {
		t.Errorf("the log has %d lines", n)
	}
	if run = x.synced(s["id"], "manual_run"); run["successful_files"] != float64(0) {
		t.Errorf("what is there is copied again: %v", run)
	}
	x.upload("src/a.txt", "newer").want(200)
	if run = x.synced(s["id"], "manual_run"); run["successful_files"] != float64(1) || string(x.fetch("dest/a.txt").body) != "newer" {
		t.Errorf("what is newer: %v", run)
	}
	if latest, _ := x.do("GET", fmt.Sprintf("/syncs/%v", s["id"]), nil).object()["latest_sync_run"].(map[string]any); latest["id"] != run["id"] {
		t.Errorf("the latest run is %v", latest)
	}

	moves := x.do("POST", "/syncs", map[string]any{
		"name": "moves", "src_path": "src", "dest_path": "moved", "keep_after_copy": false, "delete_empty_folders": true, "include_patterns": []string{"*.txt"},
	}).want(201).object()["id"]
	x.synced(moves, "manual_run")
	if got := files("src") + " | " + files("moved"); got != "src/sub/c.tmp | moved/sub/b.txt moved/a.txt" {
		t.Errorf("after the move: %s", got)
	}
	x.do("POST", "/syncs", map[string]any{"name": "inner", "src_path": "src", "dest_path": "src/in"}).refused(422, "processing-failure/model-save-error")
	gone := x.do("POST", "/syncs", map[string]any{"name": "gone", "src_path": "none", "dest_path": "dest"}).want(201).object()["id"]
	far := x.do("POST", "/syncs", map[string]any{"name": "far", "src_path": "/", "src_remote_server_id": 1, "dest_path": "dest"}).want(201).object()["id"]
	for id, reason := range map[any]string{gone: "source folder does not exist", far: "no connections to the outside"} {
		if run := x.synced(id, "manual_run"); run["status"] != "failure" || !strings.Contains(fmt.Sprint(run["event_errors"]), reason) {
			t.Errorf("%s: %v %v", reason, run["status"], run["event_errors"])
		}
	}
}

// TestSyncRights: a sync takes the permissions for both of its folders, when it
// is made and when it runs.
func TestSyncRights(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("src/a.txt", "a").want(201)
	x.mkdir("dest")
	u := x.user("porter", "readonly", "src", "full", "dest")
	body := map[string]any{"name": "s", "src_path": "src", "dest_path": "dest"}
	id := u.do("POST", "/syncs", body).want(201).object()["id"]
	const refused = "not-authorized/full-permission-required"
	u.do("POST", "/syncs", map[string]any{"name": "s", "src_path": "src", "dest_path": "dest", "keep_after_copy": false}).refused(403, refused)
	u.do("POST", "/syncs", map[string]any{"name": "s", "src_path": "dest", "dest_path": "src"}).refused(403, refused)
	u.do("PATCH", fmt.Sprintf("/syncs/%v", id), map[string]any{"src_path": "other"}).refused(403, refused)
	if runs := u.do("GET", "/sync_runs", nil).want(200).list(); len(runs) != 0 {
		t.Errorf("the runs are %v", runs)
	}
	for _, p := range x.do("GET", "/permissions?path=dest", nil).want(200).list() {
		if p["path"] == "dest" {
			x.do("DELETE", fmt.Sprintf("/permissions/%v", p["id"]), nil).want(204)
		}
	}
	u.do("POST", fmt.Sprintf("/syncs/%v/manual_run", id), map[string]any{}).want(204)
	x.pass(5 * time.Second)
	if runs := u.do("GET", "/sync_runs", nil).want(200).list(); len(runs) != 1 || runs[0]["status"] != "failure" {
		t.Errorf("without the permission: %v", runs)
	}
	if got := x.do("GET", "/folders/dest", nil).paths(); len(got) != 0 {
		t.Errorf("it has copied %v", got)
	}
}

// TestSyncOnTheClock: a daily sync runs every day, and an automation starts one.
func TestSyncOnTheClock(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("src/a.txt", "a").want(201)
	id := x.do("POST", "/syncs", map[string]any{"name": "s", "src_path": "src", "dest_path": "dest", "trigger": "daily", "interval": "day"}).want(201).object()["id"]
	x.setClock(`{"advance":"48h"}`).want(200)
	var done []any
	for _, r := range x.do("GET", fmt.Sprintf("/sync_runs?sync_id=%v", id), nil).want(200).list() {
		done = append(done, r["successful_files"])
	}
	if !slices.Equal(done, []any{float64(0), float64(1)}) {
		t.Errorf("the runs have copied %v", done)
	}
	x.run(map[string]any{"automation": "run_sync", "sync_ids": []any{id}}, true)
	x.pass(5 * time.Second)
	if n := len(x.do("GET", fmt.Sprintf("/sync_runs?sync_id=%v", id), nil).want(200).list()); n != 3 {
		t.Errorf("%d runs", n)
	}
}
