package world

import "fmt"

// The site has one time zone, in which it writes every time outside of file
// objects (PROTOCOL.md 13).
const (
	siteZone = "Eastern Time (US & Canada)"
	siteID   = 4711
)

var groupNames = []struct{ name, notes string }{
	{"Auditors", "Read everything, change nothing."},
	{"Build agents", "Machines that publish builds."},
	{"Contractors", "Accounts with an end date."},
	{"Engineering", ""},
	{"Finance", ""},
	{"HR", ""},
	{"Kiosks", "Shared screens in the front offices."},
	{"Leads", "One for each department."},
	{"Legal", ""},
	{"Marketing", ""},
	{"Media", ""},
	{"Operations", "Keep the site running."},
	{"Operators", "Move files by hand when an automation has failed."},
	{"Partners", "Everybody outside of the house."},
	{"Payables", ""},
	{"Public readers", ""},
	{"Scanners", "Hand scanners in the warehouses."},
	{"Trainees", ""},
	{"Archive keepers", "Nobody is in this group yet."},
}

// groupID is the id of a group by name; 0 when there is none.
func groupID(name string) int64 {
	for i, g := range groupNames {
		if g.name == name {
			return int64(501 + i)
		}
	}
	return 0
}

func (w *World) groups() []Record {
	return w.rows("group", 501, len(groupNames), func(_ *rng, i int) Doc {
		d := Doc{
			"name": groupNames[i].name, "site_id": int64(siteID),
			"ftp_permission": false, "sftp_permission": true, "dav_permission": true, "restapi_permission": true,
		}
		if groupNames[i].notes != "" {
			d["notes"] = groupNames[i].notes
		}
		return d
	})
}

// groupUsers are the memberships: the leads administer their groups.
func (w *World) groupUsers() []Record {
	users := w.Users()
	var out []Record
	for u, groups := range w.groupOf {
		for k, g := range groups {
			id := int64(len(out) + 1)
			lead := k == 0 && u >= len(w.Logins()) && u < len(w.Logins())+len(leads)
			out = append(out, Record{ID: id, Doc: Doc{"id": id, "group_id": g, "user_id": users[u].ID, "admin": lead}})
		}
	}
	return out
}

// permissions are who may do what where. Site admins need none.
func (w *World) permissions() []Record {
	if w.Name == "small" {
		return w.rows("permission", 9001, 2, func(_ *rng, i int) Doc {
			return Doc{"user_id": int64(2), "path": []string{"Documents", "Pictures"}[i], "permission": []string{"full", "readonly"}[i], "recursive": true, "site_id": int64(siteID)}
		})
	}
	type grant struct {
		group, path, permission string
		recursive               bool
	}
	grants := []grant{
		{"Finance", "Finance", "full", true},
		{"Payables", "Finance/2026/Payables", "full", true},
		{"Payables", "Finance/2026/Invoices", "readonly", true},
		{"Auditors", "Finance", "readonly", true},
		{"Auditors", "Finance", "history", true},
		{"Auditors", "Legal", "readonly", true},
		{"Legal", "Legal", "full", true},
		{"Legal", "Partners", "readonly", true},
		{"HR", "HR", "full", true},
		{"Engineering", "Engineering", "full", true},
		{"Engineering", "Sensors", "readonly", true},
		{"Build agents", "Engineering/builds", "writeonly", true},
		{"Media", "Media", "full", true},
		{"Media", "Marketing/Brand", "readonly", true},
		{"Marketing", "Marketing", "full", true},
		{"Marketing", "Media/Edited", "readonly", true},
		{"Marketing", "Public", "bundle", true},
		{"Partners", "Public", "readonly", true},
		{"Public readers", "Public", "readonly", true},
		{"Kiosks", "Public", "list", true},
		{"Kiosks", "Inbox", "writeonly", false},
		{"Scanners", "Inbox/Scans", "writeonly", true},
		{"Scanners", "Sensors", "writeonly", true},
		{"Trainees", "HR/Handbook", "readonly", true},
		{"Contractors", "Inbox", "writeonly", true},
		{"Contractors", "Public", "readonly", true},
		{"Operations", "Archive", "full", true},
		{"Operators", "Inbox", "full", true},
		{"Operators", "Partners", "full", true},
		{"Operators", "Public", "readonly", true},
		{"Archive keepers", "Archive", "readonly", true},
	}
	out := w.rows("permission", 9001, len(grants), func(_ *rng, i int) Doc {
		g := grants[i]
		return Doc{"group_id": groupID(g.group), "path": g.path, "permission": g.permission, "recursive": g.recursive, "site_id": int64(siteID)}
	})
	add := func(user int64, path, permission string) {
		id := int64(9001 + len(out))
		out = append(out, Record{ID: id, Doc: Doc{
			"id": id, "user_id": user, "path": path, "permission": permission, "recursive": true, "site_id": int64(siteID),
		}})
	}
	for _, l := range w.Logins() {
		switch l.Username {
		case "admin", "auditor":
		case "operator":
			add(l.UserID, "Engineering/logs", "readonly")
		default:
			add(l.UserID, "Public", "full")
		}
	}
	for _, u := range w.Users() {
		name, _ := u.Doc["username"].(string)
		switch name {
		case "hr-lead":
			add(u.ID, "HR/Restricted", "admin")
		case "finance-lead":
			add(u.ID, "Finance", "admin")
		}
	}
	for i, region := range []string{"north", "south", "east", "west", "overseas"} {
		add(int64(25+i*11), "Partners/partner-"+region, "full")
	}
	return out
}

func (w *World) apiKeys() []Record {
	n := w.some(26)
	if w.Name == "empty" {
		n = 3
	}
	sets := []string{"full", "full", "files_only", "sync_app", "desktop_app", "office_integration", "mobile_app", "none"}
	uses := []string{"nightly export", "build publisher", "scanner gateway", "backup check", "report mailer", "invoice import", "desktop", "monitoring"}
	out := w.rows("api_key", 301, n, func(r *rng, i int) Doc {
		d := Doc{
			"name":           fmt.Sprintf("%s %d", pick(r, uses), i+1),
			"created_at":     w.ago(w.age(r, 10, 700)),
			"permission_set": pick(r, sets),
			"site_id":        int64(siteID), "site_name": w.SiteName,
			"url": "https://" + w.Subdomain + ".files.com",
		}
		if r.chance(75) {
			d["last_use_at"] = w.ago(w.age(r, 0, 20))
		}
		if r.chance(30) {
			d["expires_at"] = w.Now.Add(w.age(r, -40, 300))
		}
		if w.users > 0 {
			d["user_id"] = r.between(11, int64(w.users))
		}
		return d
	})
	for i, k := range []struct {
		name, set, key string
		user           int64
	}{
		{"demo admin", "full", AdminKey, 1},
		{"demo operator", "full", OperatorKey, 2},
		{"demo files only", "files_only", FilesKey, 2},
	} {
		d := out[i].Doc
		d["name"], d["permission_set"], d["user_id"] = k.name, k.set, k.user
		d["description"] = "Printed when the demo site starts."
		delete(d, "expires_at")
		out[i].Secret = k.key
	}
	return out
}

func (w *World) publicKeys() []Record {
	return w.rows("public_key", 801, w.some(44), func(r *rng, i int) Doc {
		d := Doc{
			"title":              fmt.Sprintf("%s key %d", pick(r, []string{"laptop", "gateway", "build", "scanner", "backup"}), i+1),
			"created_at":         w.ago(w.age(r, 5, 900)),
			"fingerprint":        fingerprint(r),
			"fingerprint_sha256": fingerprint256(r),
			"status":             "complete",
			"user_id":            r.between(11, int64(max(w.users, 11))),
			"expired":            false,
		}
		if r.chance(60) {
			d["last_login_at"] = w.ago(w.age(r, 0, 60))
		}
		return d
	})
}

func fingerprint(r *rng) string {
	s := ""
	for i := range 16 {
		if i > 0 {
			s += ":"
		}
		s += fmt.Sprintf("%02x", r.n(256))
	}
	return s
}

func fingerprint256(r *rng) string {
	const set = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	b := make([]byte, 43)
	for i := range b {
		b[i] = set[r.n(64)]
	}
	return string(b)
}
