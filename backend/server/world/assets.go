package world

import (
	"fmt"
	"time"
)

func (w *World) site() []Record {
	d := Doc{
		"id": int64(siteID), "name": w.SiteName, "subdomain": w.Subdomain, "email": "admin@example.com", "language": "en",
		"contact_name": "Site administration", "phone": "", "currency": "USD", "admin_user_id": int64(1),
		"created_at": w.ago(1100 * day), "default_time_zone": siteZone, "days_to_retain_backups": int64(30),
		"session_expiry_minutes": int64(360), "max_prior_passwords": int64(3), "password_min_length": int64(8),
		"calculate_file_checksums_crc32": true, "calculate_file_checksums_md5": true,
		"calculate_file_checksums_sha1": true, "calculate_file_checksums_sha256": true, "legacy_checksums_mode": false,
		"allowed_2fa_method_sms": true, "allowed_2fa_method_totp": true, "allowed_2fa_method_webauthn": true,
		"allowed_2fa_method_yubi": true, "allowed_2fa_method_email": true, "allowed_2fa_method_static": false,
		"ftp_enabled": true, "sftp_enabled": true, "dav_enabled": true, "desktop_app": true, "mobile_app": true,
		"ssl_required": true, "sharing_enabled": true, "use_provided_modified_at": false, "ask_about_overwrites": true,
		"user_lockout": true, "user_lockout_tries": int64(5), "user_lockout_within": int64(6), "user_lockout_lock_period": int64(6),
		"users_can_create_api_keys": true, "users_can_create_ssh_keys": true, "welcome_email_enabled": true,
		"username_display": "username_only", "welcome_screen": "user_controlled", "non_sso_users_allowed": true,
		"non_sso_groups_allowed": true, "user_requests_enabled": true, "show_request_access_link": true,
		"bundle_activity_notifications": "never", "bundle_registration_notifications": "never",
		"bundle_upload_receipt_notifications": "never", "bundle_expiration": int64(0), "admins_bypass_locked_subfolders": true,
		"color2_left": "#2f7f86", "color2_link": "#2f7f86", "color2_text": "#1f2430", "color2_top": "#1f2430", "color2_top_text": "#f7f4ec",
		"motd_text": "", "login_help_text": "The demo users and their passwords are printed when the site starts.",
		"next_billing_amount": "0.0", "overdue": false, "trial_days_left": int64(0),
		"additional_text_file_types": texts("log", "conf"),
	}
	return []Record{{ID: siteID, Doc: d}}
}

func (w *World) workspaces() []Record {
	names := []string{"Project Harbour", "Project Lighthouse", "Acquisition room"}
	if w.Name == "empty" {
		names = nil
	}
	return w.rows("workspace", 1, len(names), func(_ *rng, i int) Doc { return Doc{"name": names[i]} })
}

func (w *World) behaviors() []Record {
	list := []struct {
		kind, path string
		value      map[string]any
	}{
		{"webhook", "Partners", map[string]any{"method": "POST", "urls": texts("https://hooks.example.com/partners")}},
		{"webhook", "Inbox", map[string]any{"method": "GET", "urls": texts("https://hooks.example.com/inbox")}},
		{"file_expiration", "Inbox/Scans", map[string]any{"days": int64(90)}},
		{"file_expiration", "Engineering/logs", map[string]any{"days": int64(60)}},
		{"file_expiration", "Public", map[string]any{"days": int64(365)}},
		{"watermark", "Media/Stills", map[string]any{"gravity": "south_east", "transparency": int64(40)}},
		{"remote_server_mount", "Archive/2016", map[string]any{"remote_server_id": int64(1503), "remote_path": "/2016"}},
		{"remote_server_sync", "Media/Raw", map[string]any{"remote_server_id": int64(1501), "direction": "pull_from_server"}},
		{"slack_webhook", "Finance/2026", map[string]any{"url": "https://hooks.example.com/finance"}},
		{"teams_webhook", "Legal/Contracts", map[string]any{"url": "https://hooks.example.com/legal"}},
		{"amazon_sns", "Sensors", map[string]any{"topic": "readings"}},
	}
	return w.rows("behavior", 2001, w.some(len(list)), func(_ *rng, i int) Doc {
		return Doc{
			"behavior": list[i].kind, "path": list[i].path, "value": list[i].value, "recursive": true, "inherited": false,
			"name": "", "description": "", "disable_parent_folder_behavior": false, "managed": false,
		}
	})
}

func (w *World) notifications() []Record {
	paths := []string{"Inbox", "Finance/2026/Invoices", "Partners/partner-north/incoming", "Legal/Contracts", "Media/Raw", "Public", "HR", "Engineering/builds"}
	return w.rows("notification", 2301, w.some(16), func(r *rng, i int) Doc {
		d := Doc{
			"path": paths[i%len(paths)], "recursive": r.chance(80), "send_interval": pick(r, []string{"five_minutes", "fifteen_minutes", "hourly", "daily"}),
			"notify_on_upload": true, "notify_on_download": r.chance(20), "notify_on_delete": r.chance(50), "notify_on_move": r.chance(40),
			"notify_on_copy": r.chance(30), "notify_user_actions": r.chance(30), "workspace_id": int64(0), "subject": "", "message": "",
			"triggering_filenames": texts(), "group_ids": ints(), "unsubscribed": false, "suppressed_email": false,
		}
		if i%3 == 0 {
			d["group_id"] = groupID(pick(r, []string{"Finance", "Legal", "Operators", "Media"}))
		} else {
			d["user_id"] = r.between(1, int64(max(w.users, 1)))
		}
		return d
	})
}

func bundleCode(r *rng) string { return fmt.Sprintf("%08x", uint32(r.next())) }

func (w *World) bundles() []Record {
	paths := []string{"Public/price-list.pdf", "Public/brand-kit.zip", "Marketing/Brand", "Media/Edited/episode-03.mp4", "Legal/Templates", "Finance/2026/Audit/Evidence", "Public", "Media/Stills"}
	return w.rows("bundle", 2601, w.some(34), func(r *rng, i int) Doc {
		code := bundleCode(r)
		created := w.ago(w.age(r, 0, 200))
		d := Doc{
			"code": code, "url": "https://" + w.Subdomain + ".files.com/f/" + code, "description": "",
			"internal_name": fmt.Sprintf("%s for %s", pick(r, []string{"Files", "Evidence", "Pictures", "Price list"}), pick(r, []string{"partner-north", "the auditors", "the press", "a supplier"})),
			"permissions":   pick(r, []string{"read", "read", "read", "preview_only", "write", "full"}),
			"created_at":    created, "user_id": r.between(1, int64(max(w.users, 1))), "password_protected": r.chance(35),
			"require_registration": r.chance(25), "paths": texts(paths[i%len(paths)]), "workspace_id": int64(0),
			"max_uses": r.between(0, 20), "deleted": false, "has_inbox": false,
		}
		if r.chance(60) {
			d["expires_at"] = created.Add(w.age(r, 7, 300))
		}
		return d
	})
}

func (w *World) bundleRecipients() []Record {
	return w.rows("bundle_recipient", 1, w.some(48), func(r *rng, i int) Doc {
		return Doc{
			"recipient": fmt.Sprintf("recipient-%02d@example.com", i+1), "name": fmt.Sprintf("Recipient %d", i+1), "company": pick(r, []string{"Partner North", "Partner South", "External audit"}),
			"note": "", "sent_at": w.ago(w.age(r, 0, 150)), "bundle_id": 2601 + r.n(int64(w.some(34))), "workspace_id": int64(0),
		}
	})
}

func (w *World) registration(r *rng, i int) Doc {
	return Doc{
		"code": bundleCode(r), "name": fmt.Sprintf("Visitor %d", i+1), "company": pick(r, []string{"Partner North", "Partner West", "A supplier"}),
		"email": fmt.Sprintf("visitor-%02d@example.com", i+1), "ip": address(r), "bundle_id": 2601 + r.n(int64(w.some(34))),
		"workspace_id": int64(0), "created_at": w.ago(w.age(r, 0, 120)),
	}
}

func (w *World) bundleRegistrations() []Record {
	return w.rows("bundle_registration", 1, w.some(36), w.registration)
}

func (w *World) bundleDownloads() []Record {
	return w.rows("bundle_download", 1, w.some(90), func(r *rng, i int) Doc {
		return Doc{
			"bundle_registration": map[string]any(w.registration(r, i%36)), "download_method": pick(r, []string{"file", "full_zip"}),
			"path": "Public/price-list.pdf", "workspace_id": int64(0), "created_at": w.ago(w.age(r, 0, 90)),
		}
	})
}

func (w *World) partnerRecords() []Record {
	regions := []string{"north", "south", "east", "west", "overseas"}
	return w.rows("partner", 601, w.some(len(regions)), func(_ *rng, i int) Doc {
		return Doc{
			"name": "Partner " + displayName(regions[i]), "root_folder": "/Partners/partner-" + regions[i], "partnership_role": "guest",
			"allow_user_creation": true, "workspace_id": int64(0), "responsible_group_id": groupID("Partners"), "user_ids": ints(), "partner_admin_ids": ints(),
		}
	})
}

func (w *World) clickwraps() []Record {
	return w.rows("clickwrap", 651, w.some(2), func(_ *rng, i int) Doc {
		return Doc{
			"name": []string{"Terms of the portal", "Confidentiality"}[i], "body": "What is shared here stays between us.",
			"use_with_users": "none", "use_with_bundles": "available", "use_with_inboxes": "available",
		}
	})
}

func (w *World) schedules() []Record {
	return w.rows("schedule", 671, w.some(3), func(r *rng, i int) Doc {
		return Doc{
			"name":                    []string{"Weekday overnight", "Every hour of the day", "Friday evening"}[i],
			"schedule_days_of_week":   [][]any{ints(1, 2, 3, 4, 5), ints(0, 1, 2, 3, 4, 5, 6), ints(5)}[i],
			"schedule_times_of_day":   [][]any{texts("01:00"), texts("08:00", "12:00", "16:00"), texts("18:00")}[i],
			"schedule_time_zone":      siteZone,
			"human_readable_schedule": []string{"Monday to Friday at 01:00", "Daily at 08:00, 12:00 and 16:00", "Friday at 18:00"}[i],
			"created_at":              w.ago(w.age(r, 100, 400)), "updated_at": w.ago(w.age(r, 1, 90)),
		}
	})
}

func (w *World) holidayCalendars() []Record {
	return w.rows("holiday_calendar", 691, 1, func(r *rng, _ int) Doc {
		at := w.ago(w.age(r, 100, 300))
		return Doc{"name": "House holidays", "definition": map[string]any{"dates": texts("2026-12-24", "2026-12-31")}, "created_at": at, "updated_at": at}
	})
}

func (w *World) ipAddresses() []Record {
	return w.rows("ip_address", 1, 2, func(_ *rng, i int) Doc {
		return Doc{"associated_with": "Site", "ip_addresses": texts(fmt.Sprintf("192.0.2.%d", 10+i), fmt.Sprintf("198.51.100.%d", 10+i))}
	})
}

func (w *World) lifecycleRules() []Record {
	return w.rows("user_lifecycle_rule", 711, w.some(2), func(_ *rng, i int) Doc {
		return Doc{
			"name": []string{"Disable after half a year", "Delete disabled contractors"}[i], "action": []string{"disable", "delete"}[i],
			"authentication_method": "all", "inactivity_days": []int64{180, 365}[i], "user_state": []string{"inactive", "disabled"}[i],
			"include_site_admins": false, "include_folder_admins": false, "notify_users": i == 0, "site_id": int64(siteID), "group_ids": ints(),
		}
	})
}

func (w *World) userRequests() []Record {
	return w.rows("user_request", 731, w.some(3), func(r *rng, i int) Doc {
		return Doc{
			"name": fmt.Sprintf("Contractor %d", 900+i), "email": fmt.Sprintf("contractor-%d@example.com", 900+i),
			"details": pick(r, []string{"Starts on Monday in Media.", "Needs the audit folder.", "Changed departments."}), "company": "Contract staff",
		}
	})
}

// tops are the storage figures of the top level.
func (w *World) tops(r *rng) []any {
	dirs := []struct {
		dir  string
		size int64
	}{{"Archive", 42 * gib}, {"Engineering", 3 * gib}, {"Finance", 160 * mib}, {"Media", 150 * gib}, {"Partners", 20 * mib}, {"Sensors", 480 * mib}}
	out := make([]any, 0, len(dirs))
	for _, d := range dirs {
		out = append(out, map[string]any{"dir": d.dir, "size": d.size + r.n(d.size/10), "count": r.between(100, 9000)})
	}
	return out
}

func (w *World) usageSnapshots() []Record {
	return w.rows("usage_snapshot", 41, w.some(12), func(r *rng, i int) Doc {
		end := w.ago(time.Duration(w.some(12)-1-i) * 30 * day)
		storage := 180*gib + int64(i)*2*gib
		return Doc{
			"start_at": end.Add(-30 * day), "end_at": end, "high_water_user_count": int64(w.users) - int64(11-i)*9,
			"current_storage": storage, "high_water_storage": storage + gib, "root_storage": 3 * kib, "deleted_files_storage": gib,
			"deleted_files_counted_in_minimum": int64(0), "total_billable_usage": storage, "total_billable_transfer_usage": 90 * gib,
			"bytes_sent": 70 * gib, "sync_bytes_received": 12 * gib, "sync_bytes_sent": 4 * gib, "usage_by_top_level_dir": w.tops(r),
		}
	})
}

func (w *World) usageDaily() []Record {
	n := w.some(60)
	return w.rows("usage_daily_snapshot", 5001, n, func(r *rng, i int) Doc {
		return Doc{
			"date": w.ago(time.Duration(n-i) * day).Format("2006-01-02"), "api_usage_available": true,
			"read_api_usage": r.between(4000, 90_000), "write_api_usage": r.between(400, 9000), "user_count": int64(w.users),
			"current_storage": 200*gib + int64(i)*64*mib, "deleted_files_storage": gib, "root_storage": 3 * kib,
			"deleted_files_counted_in_minimum": int64(0), "transformation_credits_usage": int64(0), "usage_by_top_level_dir": w.tops(r),
		}
	})
}
