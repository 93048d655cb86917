package world

import (
	"fmt"
	"time"
)

var remotes = []struct{ name, kind, host string }{
	{"Cutting room", "sftp", "cutting-room.example.com"},
	{"Partner gateway", "ftp", "gateway.partner.example.com"},
	{"Cold storage", "s3", ""},
	{"Report share", "azure_files", ""},
	{"Warehouse agent", "files_agent", ""},
	{"Document library", "sharepoint", ""},
	{"Old web server", "webdav", "dav.example.com"},
	{"Backup bucket", "backblaze_b2", ""},
}

func (w *World) remoteServers() []Record {
	return w.rows("remote_server", 1501, w.some(len(remotes)), func(r *rng, i int) Doc {
		x := remotes[i]
		d := Doc{
			"name": x.name, "server_type": x.kind, "disabled": i == 6, "authentication_method": "password",
			"ssl": "require", "server_certificate": "require_match", "max_connections": r.between(2, 25),
			"remote_home_path": "/", "buffer_uploads": "auto", "auth_status": "complete", "workspace_id": int64(0),
		}
		if x.host != "" {
			d["hostname"], d["username"] = x.host, "transfer"
			d["port"] = map[string]int64{"sftp": 22, "ftp": 21, "webdav": 443}[x.kind]
		}
		switch x.kind {
		case "s3":
			d["s3_bucket"], d["s3_region"], d["supports_versioning"] = "cold-storage", "us-east-1", true
		case "azure_files":
			d["azure_files_storage_account"], d["azure_files_storage_share_name"] = "reports", "monthly"
		case "files_agent":
			d["files_agent_permission_set"], d["files_agent_root"], d["files_agent_version"] = "read_write", "/srv/warehouse", "1.6.2"
			d["files_agent_up_to_date"], d["files_agent_latest_version"] = true, "1.6.2"
		case "sharepoint":
			d["sharepoint_site_url"], d["auth_status"] = "https://library.example.com/sites/documents", "in_setup"
		case "backblaze_b2":
			d["backblaze_b2_bucket"], d["backblaze_b2_s3_endpoint"] = "backup", "s3.us-west-001.backblazeb2.com"
		}
		return d
	})
}

var syncJobs = []struct {
	name, src, dest, trigger string
	remote                   int64
	every                    time.Duration
	disabled                 bool
}{
	{"Partner orders", "/outgoing", "Partners/partner-north/incoming", "custom_schedule", 1502, 6 * time.Hour, false},
	{"Raw footage", "/cards", "Media/Raw", "daily", 1501, day, false},
	{"Cold storage of closed years", "Finance/2024", "closed/2024", "manual", 1503, 20 * day, false},
	{"Monthly reports", "Finance/2026", "monthly", "daily", 1504, 2 * day, false},
	{"Warehouse scans", "/scans", "Inbox/Scans", "custom_schedule", 1505, 12 * time.Hour, false},
	{"Old web server", "Public", "/htdocs", "daily", 1507, day, true},
}

func (w *World) syncs() []Record {
	runs := w.syncRuns()
	return w.rows("sync", 1401, w.some(len(syncJobs)), func(r *rng, i int) Doc {
		s := syncJobs[i]
		d := Doc{
			"name": s.name, "description": "", "site_id": int64(siteID), "workspace_id": int64(0), "user_id": int64(1),
			"src_path": s.src, "dest_path": s.dest, "trigger": s.trigger, "disabled": s.disabled,
			"two_way": false, "keep_after_copy": i != 4, "delete_empty_folders": false,
			"created_at": w.ago(w.age(r, 100, 600)), "updated_at": w.ago(w.age(r, 1, 90)),
			"include_patterns": texts(), "exclude_patterns": texts("*.tmp", "**/.*"),
		}
		if s.src[0] == '/' {
			d["src_remote_server_id"] = s.remote
		} else {
			d["dest_remote_server_id"] = s.remote
		}
		if s.trigger == "daily" {
			d["interval"] = "day"
		}
		for _, run := range runs {
			if run.Doc["sync_id"] == int64(1401+i) {
				d["latest_sync_run"] = map[string]any(run.Doc)
			}
		}
		return d
	})
}

func (w *World) syncRuns() []Record {
	const perSync = 24
	return w.rows("sync_run", 30_001, w.some(len(syncJobs))*perSync, func(r *rng, i int) Doc {
		// The runs of the syncs alternate, the newest last.
		n := w.some(len(syncJobs))
		k, back := i%n, perSync-i/n
		s := syncJobs[k]
		at := w.ago(time.Duration(back) * s.every)
		status := pick(r, []string{"success", "success", "success", "success", "success", "partial_failure", "failure", "skipped"})
		runtime := float64(r.between(900, 400_000)) / 1000
		good, bad := r.between(0, 80), int64(0)
		if status == "failure" || status == "partial_failure" {
			bad = r.between(1, 9)
		}
		if status == "failure" || status == "skipped" {
			good = 0
		}
		bytes := good * r.between(90_000, 40_000_000)
		return Doc{
			"sync_id": int64(1401 + k), "sync_name": s.name, "status": status, "site_id": int64(siteID), "workspace_id": int64(0),
			"created_at": at, "completed_at": at.Add(time.Duration(runtime) * time.Second), "updated_at": at.Add(time.Duration(runtime) * time.Second),
			"runtime": runtime, "bytes_synced": bytes, "estimated_bytes_count": bytes,
			"compared_files": good + bad + r.between(0, 4000), "compared_folders": r.between(1, 200),
			"successful_files": good, "errored_files": bad, "dry_run": r.chance(5),
			"src_remote_server_type": "sftp", "live_transfers": []any{}, "event_errors": []any{},
		}
	})
}

func (w *World) syncLogs() []Record {
	runs := w.syncRuns()
	return w.rows("sync_log", 1, w.some(600), func(r *rng, i int) Doc {
		run := runs[i*len(runs)/w.some(600)].Doc
		at, _ := run["created_at"].(time.Time)
		at = at.Add(time.Duration(r.n(90)) * time.Second)
		d := Doc{
			"timestamp": at, "created_at": at, "sync_id": run["sync_id"], "sync_run_id": run["id"],
			"operation": pick(r, []string{"copy", "copy", "copy", "delete", "create_folder"}),
			"path":      fmt.Sprintf("%s-%04d.dat", pick(r, words), r.n(9000)), "size": r.between(100, 90_000_000),
			"file_type": "file", "status": "success",
		}
		if run["status"] == "failure" || r.chance(3) {
			d["status"], d["error_type"], d["message"] = "failure", "remote-server-error", "The remote server closed the connection."
		}
		return d
	})
}
