package world

import (
	"fmt"
	"time"
)

// role is a kind of account, of which the site has many.
type role struct {
	name    string // username without its number
	company string
	group   string
	weight  int
	keys    bool // logs in with a key or the API, never on the web
}

var roles = []role{
	{"contractor", "Contract staff", "Contractors", 22, false},
	{"scanner-east", "Warehouse East", "Scanners", 6, true},
	{"scanner-west", "Warehouse West", "Scanners", 6, true},
	{"finance-analyst", "Finance", "Finance", 9, false},
	{"payables-clerk", "Finance", "Payables", 6, false},
	{"legal-reviewer", "Legal", "Legal", 5, false},
	{"hr-partner", "HR", "HR", 4, false},
	{"engineer", "Engineering", "Engineering", 12, false},
	{"build-agent", "Engineering", "Build agents", 4, true},
	{"editor", "Media", "Media", 6, false},
	{"campaign-manager", "Marketing", "Marketing", 5, false},
	{"partner-north", "Partner North", "Partners", 5, false},
	{"partner-south", "Partner South", "Partners", 5, false},
	{"partner-overseas", "Partner Overseas", "Partners", 4, false},
	{"kiosk", "Front office", "Kiosks", 5, true},
	{"trainee", "Training", "Trainees", 6, false},
	{"auditor-external", "External audit", "Auditors", 2, false},
}

// leads head the groups; there is one of each.
var leads = []struct{ username, company, group string }{
	{"finance-lead", "Finance", "Finance"},
	{"payables-lead", "Finance", "Payables"},
	{"legal-lead", "Legal", "Legal"},
	{"hr-lead", "HR", "HR"},
	{"engineering-lead", "Engineering", "Engineering"},
	{"media-lead", "Media", "Media"},
	{"marketing-lead", "Marketing", "Marketing"},
	{"partner-desk", "Partner desk", "Partners"},
	{"warehouse-lead", "Warehouse", "Scanners"},
	{"night-shift-admin", "Operations", "Operations"},
	{"backup-admin", "Operations", "Operations"},
	{"storage-admin", "Operations", "Operations"},
}

// Users are the accounts of the site by id: the logins, the leads, then the
// many. The slice is shared; do not change it.
func (w *World) Users() []Record {
	w.people.Do(w.makePeople)
	return w.userRows
}

func (w *World) makePeople() {
	var bag []int
	for i, ro := range roles {
		for range ro.weight {
			bag = append(bag, i)
		}
	}
	r := w.dice("user")
	numbers := make([]int, len(roles))
	var out []Record
	add := func(d Doc, secret string, groups ...int64) {
		id := int64(len(out) + 1)
		d["id"] = id
		if len(groups) > 0 {
			d["primary_group_id"] = groups[0]
		}
		out = append(out, Record{ID: id, Doc: d, Secret: secret})
		w.groupOf = append(w.groupOf, groups)
	}
	for _, l := range w.Logins() {
		d := w.user(l.Username, "Operations")
		w.activity(r, d, w.ago(time.Duration(r.between(1, 200))*time.Hour), true)
		if l.doc != nil {
			l.doc(w, d)
		}
		var groups []int64
		if l.Username == "operator" && w.Name != "empty" {
			groups = []int64{groupID("Operators"), groupID("Finance")}
		}
		add(d, l.secret(), groups...)
	}
	for i, l := range leads {
		if len(out) >= w.users {
			break
		}
		d := w.user(l.username, l.company)
		w.activity(r, d, w.ago(time.Duration(r.between(1, 72))*time.Hour), true)
		d["active_2fa"], d["type_of_2fa"], d["type_of_2fa_for_display"] = true, "totp", "totp"
		if i >= len(leads)-3 {
			d["site_admin"] = true
			d["receive_admin_alerts"], d["subscribe_to_newsletter"] = i%2 == 0, false
		}
		add(d, "", groupID(l.group), groupID("Leads"))
	}
	for len(out) < w.users {
		k := pick(r, bag)
		ro := roles[k]
		numbers[k]++
		d := w.user(fmt.Sprintf("%s-%02d", ro.name, numbers[k]), ro.company)
		groups := w.fate(r, d, ro)
		add(d, "", groups...)
	}
	w.userRows = out
}

// user is an account with the defaults of a new one (PROTOCOL.md 13).
func (w *World) user(username, company string) Doc {
	return Doc{
		"username":                     username,
		"name":                         displayName(username),
		"company":                      company,
		"email":                        username + "@example.com",
		"authentication_method":        "password",
		"ftp_permission":               false,
		"sftp_permission":              true,
		"dav_permission":               true,
		"restapi_permission":           true,
		"office_integration_enabled":   true,
		"self_managed":                 true,
		"require_2fa":                  "use_system_setting",
		"ssl_required":                 "use_system_setting",
		"language":                     "",
		"user_root":                    "",
		"user_home":                    "",
		"time_zone":                    siteZone,
		"filesystem_layout":            "site_root",
		"site_id":                      int64(siteID),
		"billable":                     true,
		"password_validity_days":       int64(0),
		"notification_daily_send_time": int64(18),
	}
}

// displayName is the username in words: "finance-lead" is "Finance Lead".
func displayName(username string) string {
	b := []byte(username)
	up := true
	for i, c := range b {
		if c == '-' {
			b[i], up = ' ', true
			continue
		}
		if up && c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
		up = false
	}
	return string(b)
}

// activity fills in when an account was made and used; last is zero for an
// account that was never used.
func (w *World) activity(r *rng, d Doc, last time.Time, web bool) {
	created := w.ago(time.Duration(r.between(220, 1500)) * day)
	if !last.IsZero() && created.After(last) {
		created = last.Add(-time.Duration(r.between(1, 90)) * day)
	}
	d["created_at"], d["last_active_at"] = created, created
	if last.IsZero() {
		return
	}
	d["first_login_at"] = created.Add(time.Duration(r.between(10, 4000)) * time.Minute)
	if d["first_login_at"].(time.Time).After(last) {
		d["first_login_at"] = last
	}
	d["last_login_at"], d["last_active_at"] = last, last
	before := func() time.Time { return last.Add(-time.Duration(r.between(0, 30*24)) * time.Hour) }
	if web {
		d["last_web_login_at"] = last
		if r.chance(35) {
			d["last_desktop_login_at"] = before()
		}
		d["password_set_at"] = created.Add(time.Duration(r.between(1, 30)) * time.Hour)
	} else {
		d["last_sftp_login_at"], d["last_restapi_login_at"], d["last_api_use_at"] = last, before(), before()
		d["last_protocol_cipher"] = "chacha20-poly1305@openssh.com"
	}
}

// fate decides what became of an ordinary account and which groups it is in.
func (w *World) fate(r *rng, d Doc, ro role) []int64 {
	var last time.Time
	switch n := r.n(100); {
	case n < 9: // never came
	case n < 27:
		last = w.ago(time.Duration(r.between(2, 24*60)) * time.Minute)
	case n < 62:
		last = w.ago(time.Duration(r.between(1, 30)) * day)
	case n < 80:
		last = w.ago(time.Duration(r.between(31, 90)) * day)
	case n < 92:
		last = w.ago(time.Duration(r.between(91, 180)) * day)
	default:
		last = w.ago(time.Duration(r.between(181, 700)) * day)
	}
	if !last.IsZero() {
		last = last.Add(-time.Duration(r.n(60)) * time.Second)
	}
	w.activity(r, d, last, !ro.keys)
	if ro.keys {
		d["authentication_method"] = "none"
		d["self_managed"] = false
	} else if r.chance(38) {
		m := pick(r, []string{"totp", "totp", "totp", "sms", "yubi", "webauthn", "totp_yubi"})
		d["active_2fa"], d["type_of_2fa"], d["type_of_2fa_for_display"] = true, m, m
	}
	inactive := !last.IsZero() && w.Now.Sub(last) > 180*day
	if inactive || r.chance(4) {
		d["disabled"], d["disabled_expired_or_inactive"] = true, true
	}
	if r.chance(1) && d["disabled"] == nil {
		d["lockout_expires"] = w.Now.Add(time.Duration(r.between(5, 350)) * time.Minute)
	}
	if ro.group == "Contractors" && r.chance(60) {
		until := w.Now.Add(time.Duration(r.between(-60, 240)) * day)
		d["authenticate_until"] = until
		if until.Before(w.Now) {
			d["disabled_expired_or_inactive"] = true
		}
		d["tags"] = "contract"
		d["notes"] = "Contract ends " + until.Format("2 January 2006") + "."
	}
	if ro.group == "Auditors" {
		d["readonly_site_admin"] = r.chance(40)
	}
	if ro.group == "Partners" {
		d["user_root"] = "Partners/" + ro.name + "/"
		d["filesystem_layout"] = "user_root"
	}
	if r.chance(15) {
		d["ftp_permission"] = true
	}
	if r.chance(20) {
		d["password_validity_days"] = pick(r, []int64{30, 60, 90, 180})
	}
	if r.chance(8) {
		d["ssl_required"] = pick(r, []string{"always_require", "never_require"})
	}
	groups := []int64{groupID(ro.group)}
	if r.chance(30) {
		groups = append(groups, groupID("Public readers"))
	}
	if r.chance(5) {
		groups = append(groups, groupID("Operators"))
	}
	return groups
}
