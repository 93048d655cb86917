package world

import (
	"fmt"
	"path"
	"time"
)

// act is one thing that somebody has done, for the history and the action log.
type act struct {
	at                       time.Time
	user                     int64
	name, action, path, dest string
	iface, ip, failure       string
}

// acts are the last day, newest last: the history holds no more (PROTOCOL.md 12).
func (w *World) acts() []act {
	r := w.dice("history")
	users := w.Users()
	files := []string{
		"Finance/2026/Invoices/INV-2026-0209.pdf", "Finance/2026/Payables/payment-run-24.csv", "Inbox/scan.pdf", "Inbox/Scans/scan-231455.pdf",
		"Partners/partner-north/incoming/order-40021.xml", "Engineering/logs/edge-1/error.log", "Marketing/Campaigns/2026-autumn/brief.md",
		"Media/Edited/episode-12.mp4", "Legal/Contracts/contract-217.pdf", "Public/price-list.pdf", "Sensors/2026/reading-2026-03-02-1015.csv",
	}
	n := w.some(420)
	out := make([]act, n)
	for i := range out {
		u := users[r.n(int64(len(users)))]
		name, _ := u.Doc["username"].(string)
		a := act{
			at: w.Now.Add(-time.Duration(n-i) * (23 * time.Hour / time.Duration(n))).Truncate(time.Second), user: u.ID, name: name,
			action: pick(r, []string{"read", "read", "read", "create", "create", "update", "move", "copy", "destroy", "login", "login", "login", "failedlogin"}),
			iface:  pick(r, []string{"web", "web", "sftp", "sftp", "restapi", "desktop", "dav", "ftp"}), ip: address(r), failure: "none",
		}
		switch a.action {
		case "login":
		case "failedlogin":
			a.failure = pick(r, []string{"password_mismatch", "password_mismatch", "disabled", "locked_out"})
		default:
			a.path = pick(r, files)
			if a.action == "move" || a.action == "copy" {
				a.dest = "Archive/" + path.Base(a.path)
			}
		}
		out[i] = a
	}
	return out
}

// history has the fields of the action log too; the site shows both from it.
func (w *World) history() []Record {
	acts := w.acts()
	return w.rows("history_doc", 70_001, len(acts), func(_ *rng, i int) Doc {
		a := acts[i]
		folder := path.Dir(a.path)
		if folder == "." {
			folder = ""
		}
		d := Doc{
			"created_at": a.at, "folder": folder, "src": a.path, "site_id": int64(siteID),
			"path": a.path, "when": a.at, "ip": a.ip, "user_id": a.user, "username": a.name, "action": a.action,
			"failure_type": a.failure, "interface": a.iface, "user_is_from_parent_site": false,
			"display": fmt.Sprintf("%s: %s %s", a.name, a.action, a.path),
		}
		if a.dest != "" {
			d["source"], d["destination"] = a.path, a.dest
		}
		return d
	})
}

func (w *World) emailLogs() []Record {
	n := w.some(90)
	return w.rows("email_log", 1, n, func(r *rng, i int) Doc {
		at := w.ago(time.Duration(n-i) * 7 * time.Hour)
		return Doc{
			"timestamp": at, "created_at": at, "to": fmt.Sprintf("contractor-%02d@example.com", r.between(1, 90)), "cc": "",
			"subject": pick(r, []string{"Welcome to Ferry Demo", "Files were uploaded to Inbox", "Your password was changed", "A share link for you"}),
			"status":  pick(r, []string{"success", "success", "success", "success", "failure"}), "message": "", "delivery_method": "files_com",
		}
	})
}

func (w *World) externalEvents() []Record {
	n := w.some(40)
	return w.rows("external_event", 3001, n, func(r *rng, i int) Doc {
		return Doc{
			"event_type": pick(r, []string{"remote_server_sync", "lifecycle_rule", "external"}),
			"status":     pick(r, []string{"success", "success", "success", "partial_failure", "failure", "skipped"}),
			"body":       sentence(r), "created_at": w.ago(time.Duration(n-i) * 11 * time.Hour),
		}
	})
}

func (w *World) settingsChanges() []Record {
	n := w.some(30)
	changes := []string{
		"Changed session expiry minutes from 720 to 360.", "Enabled SHA-256 checksums.", "Disabled FTP for new users.",
		"Changed the login help text.", "Raised the minimum length of passwords to 8.",
	}
	return w.rows("settings_change", 1, n, func(r *rng, i int) Doc {
		return Doc{
			"changes": texts(pick(r, changes)), "created_at": w.ago(time.Duration(n-i) * 6 * day), "user_id": int64(1), "username": "admin",
			"user_is_files_support": false, "user_is_from_parent_site": false,
		}
	})
}

func (w *World) apiRequestLogs() []Record {
	n := w.some(400)
	return w.rows("api_request_log", 1, n, func(r *rng, i int) Doc {
		at := w.ago(time.Duration(n-i) * 4 * time.Minute)
		code := pick(r, []int64{200, 200, 200, 200, 201, 204, 404, 422})
		d := Doc{
			"timestamp": at, "created_at": at, "api_key_id": 301 + r.n(int64(w.some(26))), "api_key_prefix": "Ferry", "user_id": int64(1), "username": "admin",
			"interface": "restapi", "request_method": pick(r, []string{"GET", "GET", "GET", "POST", "DELETE"}), "request_path": pick(r, []string{"/folders/Finance", "/users", "/file_actions/metadata/Public", "/automation_runs"}),
			"request_ip": address(r), "request_host": w.Subdomain + ".files.com", "request_id": fmt.Sprintf("%016x%016x", r.next(), r.next()),
			"user_agent": "Files.com Go SDK", "response_code": code, "success": code < 400, "duration_ms": r.between(4, 400),
		}
		if code >= 400 {
			d["error_type"], d["error_message"] = "not-found", "Not Found"
		}
		return d
	})
}

func (w *World) sftpActionLogs() []Record {
	n := w.some(300)
	return w.rows("sftp_action_log", 1, n, func(r *rng, i int) Doc {
		at := w.ago(time.Duration(n-i) * 5 * time.Minute)
		size := r.between(100, 900_000)
		return Doc{
			"timestamp": at, "created_at": at, "remote_ip": address(r), "server_ip": "192.0.2.10", "username": fmt.Sprintf("scanner-east-%02d", r.between(1, 90)),
			"ssh_client_identification": "SSH-2.0-scanner_4.1", "session_uuid": fmt.Sprintf("%016x", r.next()), "seq_id": int64(i), "auth_method": "publickey",
			"action_type": pick(r, []string{"open", "write", "close", "list"}), "path": fmt.Sprintf("/Inbox/Scans/scan-%06d.pdf", 231_400+r.n(60)),
			"success": true, "status": "SUCCESS", "sftp_response_code": "0", "sftp_response_message": "OK", "bytes_transferred": size, "size": size, "duration_ms": r.between(2, 900),
		}
	})
}
