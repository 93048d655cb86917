package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend/server/world"
)

func TestANewUserHasTheDefaults(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	u := b.object("POST", "/users", map[string]any{"username": "night-porter", "email": "night-porter@example.com", "group_ids": "501,505"})
	for field, want := range map[string]any{
		"authentication_method": "password", "ftp_permission": true, "sftp_permission": true, "dav_permission": true, "restapi_permission": true,
		"office_integration_enabled": true, "self_managed": true, "site_admin": false, "attachments_permission": false, "disabled": false,
		"require_2fa": "use_system_setting", "ssl_required": "use_system_setting", "language": "", "user_root": "", "name": nil, "company": nil,
		"time_zone": "Eastern Time (US & Canada)", "password_validity_days": 0.0, "group_ids": "501,505",
		"created_at": "2026-11-20T09:30:00-05:00", "last_active_at": "2026-11-20T09:30:00-05:00",
	} {
		if u[field] != want {
			t.Errorf("%s is %v, want %v", field, u[field], want)
		}
	}
	for _, absent := range []string{"receive_admin_alerts", "subscribe_to_newsletter", "password", "change_password"} {
		if _, ok := u[absent]; ok {
			t.Errorf("%s is sent", absent)
		}
	}
	if a := b.object("GET", "/users/1", nil); a["receive_admin_alerts"] != true {
		t.Errorf("an admin without %q", "receive_admin_alerts")
	}
}

func TestUserFieldErrors(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	for _, x := range []struct {
		body  map[string]any
		field string
	}{
		{map[string]any{"username": "ADMIN"}, "username"},
		{map[string]any{"username": " x "}, "username"},
		{map[string]any{"username": "a\nb"}, "username"},
		{map[string]any{"username": "x", "email": "nowhere"}, "email"},
		{map[string]any{"username": "x", "password": "short"}, "password"},
		{map[string]any{"username": "x", "password": "long enough", "password_confirmation": "longer enough"}, "password_confirmation"},
		{map[string]any{"username": "x", "allowed_ips": "10.0.0.0/8\n300.1.1.1"}, "allowed_ips"},
		{map[string]any{"username": "x", "authentication_method": "sso"}, "sso_strategy_id"},
		{map[string]any{"username": "x", "authentication_method": "guess"}, "authentication_method"},
		{map[string]any{"username": "x", "group_ids": "1,2"}, "group_ids"},
		{map[string]any{"username": "x", "primary_group_id": 7}, "primary_group_id"},
		{map[string]any{"username": "x", "password_validity_days": -1}, "password_validity_days"},
	} {
		if f := b.refused("POST", "/users", x.body, "processing-failure/model-save-error"); f[x.field] == nil {
			t.Errorf("%v: fields %v, want %s", x.body, f, x.field)
		}
	}
	b.refused("POST", "/users", map[string]any{}, "bad-request/request-params-required")
	b.refused("PATCH", "/users/20", map[string]any{"username": "auditor"}, "processing-failure/model-save-error")
	b.refused("PATCH", "/users/20", map[string]any{"authenticate_until": "soon"}, "bad-request/datetime-parse")
	b.refused("PATCH", "/users/20", map[string]any{"disabled": "perhaps"}, "bad-request/request-params-invalid")
	b.refused("PATCH", "/users/999999", map[string]any{"name": "x"}, "not-found")
}

func TestUserLife(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	u := b.object("PATCH", "/users/20", map[string]any{"disabled": true, "name": "Somebody"})
	if u["disabled"] != true || u["disabled_expired_or_inactive"] != true || u["name"] != "Somebody" {
		t.Errorf("disabled: %v", u)
	}
	if u := b.object("PATCH", "/users/20", map[string]any{"disabled": "False"}); u["disabled"] != false {
		t.Errorf("enabled: %v", u["disabled"])
	}
	if u := b.object("GET", "/users/7", nil); u["lockout_expires"] == nil {
		t.Error("locked-user is not locked out")
	}
	b.object("POST", "/users/7/unlock", nil)
	if u := b.object("GET", "/users/7", nil); u["lockout_expires"] != nil {
		t.Errorf("unlocked: %v", u["lockout_expires"])
	}
	if u := b.object("GET", "/users/4", nil); u["type_of_2fa"] != "totp" || u["active_2fa"] != true {
		t.Errorf("totp-user: %v", u["type_of_2fa"])
	}
	b.object("POST", "/users/4/2fa/reset", nil)
	if u := b.object("GET", "/users/4", nil); u["type_of_2fa"] != nil || u["active_2fa"] != false {
		t.Errorf("after the reset: %v", u["type_of_2fa"])
	}
	r, err := b.api.userByName(t.Context(), "totp-user")
	if err != nil || readSecret(r.secret).TOTP != "" || !readSecret(r.secret).passwordIs("ferry-totp-user") {
		t.Errorf("secret after the reset: %v", err)
	}
	b.object("POST", "/users/20/resend_welcome_email", nil)
	if m := b.list("/email_logs?per_page=1"); m[0]["subject"] != "Welcome to Ferry Demo" {
		t.Errorf("mailbox: %v", m[0])
	}
	b.object("PATCH", "/users/20", map[string]any{"change_password": "entirely new", "change_password_confirmation": "entirely new"})
	r, err = b.api.store.get(t.Context(), "user", 20)
	if err != nil || !readSecret(r.secret).passwordIs("entirely new") || strings.Contains(r.secret, "entirely") {
		t.Errorf("changed password: %v", err)
	}
	owned := b.list("/automations")[0]["id"]
	b.object("PATCH", fmt.Sprintf("/automations/%v", owned), map[string]any{})
	b.object("DELETE", "/users/20?new_owner_id=1", nil)
	b.refused("GET", "/users/20", nil, "not-found")
	for _, a := range b.list("/automations") {
		if a["user_id"] == 20.0 {
			t.Errorf("automation %v has lost its owner", a["id"])
		}
	}
	if got := b.list("/group_users?user_id=20"); len(got) != 0 {
		t.Errorf("memberships of a deleted user: %v", got)
	}
}

func TestTheLastAdminStays(t *testing.T) {
	b := newBox(t, world.Empty(testPresent))
	for _, body := range []map[string]any{{"site_admin": false}, {"disabled": true}} {
		b.refused("PATCH", "/users/1", body, "processing-failure/model-save-error")
	}
	b.refused("DELETE", "/users/1", nil, "processing-failure/model-save-error")
	b.object("PATCH", "/users/2", map[string]any{"site_admin": true})
	b.object("DELETE", "/users/1", nil)
}

func TestGroupsAndMemberships(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	g := b.object("POST", "/groups", map[string]any{"name": "Night shift", "user_ids": "11,12", "admin_ids": "12"})
	id := g["id"]
	if g["user_ids"] != "11,12" || g["admin_ids"] != "12" || !strings.Contains(fmt.Sprint(g["usernames"]), "finance-lead") {
		t.Errorf("group: %v", g)
	}
	if f := b.refused("POST", "/groups", map[string]any{"name": "night SHIFT"}, "processing-failure/model-save-error"); f["name"] == nil {
		t.Errorf("fields: %v", f)
	}
	b.refused("POST", "/groups", map[string]any{"name": "x", "user_ids": "999999"}, "processing-failure/model-save-error")
	m := b.object("POST", "/group_users", map[string]any{"group_id": id, "user_id": 13})
	if m["group_name"] != "Night shift" || m["username"] != "legal-lead" || m["admin"] != false {
		t.Errorf("membership: %v", m)
	}
	// Both updates: of what is there, and of what is not.
	for _, user := range []int{13, 14} {
		if m := b.object("PATCH", "/group_users/1", map[string]any{"group_id": id, "user_id": user, "admin": true}); m["admin"] != true {
			t.Errorf("membership of %d: %v", user, m)
		}
	}
	if g := b.object("GET", fmt.Sprintf("/groups/%v", id), nil); g["user_ids"] != "11,12,13,14" || g["admin_ids"] != "12,13,14" {
		t.Errorf("group: %v %v", g["user_ids"], g["admin_ids"])
	}
	u := b.object("GET", "/users/13", nil)
	if !strings.HasSuffix(fmt.Sprint(u["group_ids"]), fmt.Sprint(id)) || !slices.Contains(u["admin_group_ids"].([]any), id) {
		t.Errorf("user: %v %v", u["group_ids"], u["admin_group_ids"])
	}
	b.object("DELETE", fmt.Sprintf("/group_users/1?group_id=%v&user_id=13", id), nil)
	b.refused("DELETE", fmt.Sprintf("/group_users/1?group_id=%v&user_id=13", id), nil, "not-found")
	b.refused("DELETE", "/group_users/1", nil, "bad-request/request-params-required")
	if got := b.list(fmt.Sprintf("/group_users?group_id=%v", id)); len(got) != 3 {
		t.Errorf("%d members", len(got))
	}
	b.object("PATCH", fmt.Sprintf("/groups/%v", id), map[string]any{"user_ids": "11"})
	b.object("DELETE", fmt.Sprintf("/groups/%v", id), nil)
	if u := b.object("GET", "/users/11", nil); strings.Contains(fmt.Sprint(u["group_ids"]), fmt.Sprint(id)) {
		t.Errorf("group_ids of a deleted group: %v", u["group_ids"])
	}
}

func TestPermissions(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	ctx := t.Context()
	p := b.object("POST", "/permissions", map[string]any{"path": "/Legal//Hold/", "username": "operator", "permission": "readonly"})
	if p["path"] != "Legal/Hold" || p["username"] != "operator" || p["recursive"] != true || p["user_id"] != 2.0 {
		t.Errorf("permission: %v", p)
	}
	b.refused("POST", "/permissions", map[string]any{"path": "legal/hold", "user_id": 2, "permission": "readonly"}, "processing-failure/model-save-error")
	b.refused("POST", "/permissions", map[string]any{"path": "x"}, "processing-failure/model-save-error")
	b.refused("POST", "/permissions", map[string]any{"path": "x", "group_name": "Nobody"}, "processing-failure/model-save-error")
	b.refused("POST", "/permissions", map[string]any{"path": "x", "user_id": 2, "permission": "all"}, "processing-failure/model-save-error")
	who := recordCaller{userID: 2}
	for path, want := range map[string]string{"Legal/Hold/exhibit-01.pdf": "readonly", "Legal": "", "FINANCE/2026": "full", "Public/x": "readonly"} {
		got, err := b.api.permissionsAt(ctx, who, path)
		if err != nil || strings.Join(got, ",") != want {
			t.Errorf("%s: %v %v, want %s", path, got, err, want)
		}
	}
	if !implies("admin", "history") || !implies("full", "list") || implies("writeonly", "list") || implies("readonly", "writeonly") {
		t.Error("what permissions imply")
	}
	own := len(b.list("/permissions?user_id=2"))
	all := len(b.list("/permissions?user_id=2&include_groups=true"))
	if own != 2 || all <= own {
		t.Errorf("%d own, %d with groups", own, all)
	}
	for _, p := range b.list("/permissions?path=Legal/Hold") {
		if s := p["path"]; s != "" && s != "Legal" && s != "Legal/Hold" {
			t.Errorf("path %v", s)
		}
	}
	b.object("DELETE", fmt.Sprintf("/permissions/%v", p["id"]), nil)
	b.refused("DELETE", fmt.Sprintf("/permissions/%v", p["id"]), nil, "not-found")
}

func TestKeys(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	ctx := t.Context()
	k := b.object("POST", "/api_keys", map[string]any{"name": "nightly", "user_id": 0})
	key, _ := k["key"].(string)
	if len(key) != 64 || k["user_id"] != 1.0 || k["permission_set"] != "full" {
		t.Errorf("key: %v", k)
	}
	if u := b.object("GET", "/users/1", nil); u["api_keys_count"] != 2.0 {
		t.Errorf("admin has %v keys", u["api_keys_count"])
	}
	if got := b.object("GET", fmt.Sprintf("/api_keys/%v", k["id"]), nil); got["key"] != nil {
		t.Error("the key is told twice")
	}
	for text, user := range map[string]any{key: int64(1), world.AdminKey: int64(1), world.OperatorKey: int64(2)} {
		r, err := b.api.keyByText(ctx, text)
		if err != nil || r.doc["user_id"] != user {
			t.Errorf("key of %v: %v", user, err)
		}
	}
	if _, err := b.api.keyByText(ctx, ""); err == nil {
		t.Error("an empty key opens the site")
	}
	b.refused("GET", "/api_key", nil, "not-authorized/must-authenticate-with-api-key")
	b.who.keyID = int64(k["id"].(float64))
	if got := b.object("PATCH", "/api_key", map[string]any{"name": "renamed"}); got["name"] != "renamed" {
		t.Errorf("current: %v", got)
	}
	b.object("DELETE", "/api_key", nil)
	if _, err := b.api.keyByText(ctx, key); err == nil {
		t.Error("a deleted key opens the site")
	}
	for _, algorithm := range []string{"ed25519", "ecdsa", "rsa"} {
		body := map[string]any{"title": algorithm, "generate_keypair": true, "generate_algorithm": algorithm}
		if algorithm == "rsa" {
			body["generate_length"] = 1024
		}
		p := b.object("POST", "/public_keys", body)
		line, _ := p["generated_public_key"].(string)
		if !strings.Contains(fmt.Sprint(p["generated_private_key"]), "PRIVATE KEY") || len(strings.Fields(line)) != 2 {
			t.Errorf("%s: %v", algorithm, p)
		}
		b.refused("POST", "/public_keys", map[string]any{"title": "again", "public_key": line}, "processing-failure/model-save-error")
	}
	b.refused("POST", "/public_keys", map[string]any{"title": "x", "public_key": "ssh-rsa x"}, "processing-failure/model-save-error")
}

func TestSite(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	s := b.object("GET", "/site", nil)
	if s["session_expiry_minutes"] != 360.0 || s["calculate_file_checksums_sha256"] != true {
		t.Errorf("site: %v %v", s["session_expiry_minutes"], s["calculate_file_checksums_sha256"])
	}
	if u, _ := s["user"].(map[string]any); u["username"] != "admin" {
		t.Errorf("user of the site: %v", u["username"])
	}
	b.refused("PATCH", "/site", map[string]any{"session_expiry_minutes": 0}, "processing-failure/model-save-error")
	if s := b.object("PATCH", "/site", map[string]any{"name": "Renamed", "default_time_zone": "UTC"}); s["name"] != "Renamed" {
		t.Errorf("name: %v", s["name"])
	}
	if u := b.object("GET", "/users/1", nil); !strings.HasSuffix(fmt.Sprint(u["created_at"]), "Z") {
		t.Errorf("zone: %v", u["created_at"])
	}
	if u := b.object("GET", "/site/usage", nil); u["current_storage"] == nil {
		t.Errorf("usage: %v", u)
	}
}

func TestLocks(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	b.tree.add("Inbox/a.txt")
	l := b.object("POST", "/locks/Inbox/a.txt", map[string]any{"timeout": 60, "exclusive": true})
	if l["scope"] != "exclusive" || len(fmt.Sprint(l["token"])) != 32 || l["username"] != "admin" || l["depth"] != "infinity" {
		t.Errorf("lock: %v", l)
	}
	b.refused("POST", "/locks/inbox/A.txt", map[string]any{}, "processing-failure/resource-locked")
	b.refused("POST", "/locks/Inbox/none.txt", map[string]any{}, "not-found")
	if got := b.list("/locks/Inbox?include_children=true"); len(got) != 1 {
		t.Errorf("%d locks below", len(got))
	}
	if got := b.list("/locks/Inbox"); len(got) != 0 {
		t.Errorf("%d locks on the folder", len(got))
	}
	b.refused("DELETE", "/locks/Inbox/a.txt", nil, "bad-request/request-params-required")
	b.refused("DELETE", "/locks/Inbox/a.txt?token=x", nil, "not-found")
	b.object("DELETE", fmt.Sprintf("/locks/Inbox/a.txt?token=%v", l["token"]), nil)
	b.object("POST", "/locks/Inbox/a.txt", map[string]any{"timeout": 60})
	b.wait(2 * time.Minute)
	b.api = newRecords(newRecordStore(b.db, world.Demo(testPresent)), b.clock, b.tree)
	if got := b.list("/locks/Inbox/a.txt"); len(got) != 0 {
		t.Errorf("%d locks after their time", len(got))
	}
}

func TestBundles(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	b.tree.add("Public/price-list.pdf")
	if f := b.refused("POST", "/bundles", map[string]any{"paths": []string{"Public/none.pdf"}}, "processing-failure/model-save-error"); f["filename"] == nil {
		t.Errorf("fields: %v", f)
	}
	s := b.object("POST", "/bundles", map[string]any{"paths": []string{"Public/price-list.pdf"}, "password": "long enough"})
	if s["password_protected"] != true || s["permissions"] != "read" || !strings.HasSuffix(fmt.Sprint(s["url"]), fmt.Sprint(s["code"])) {
		t.Errorf("bundle: %v", s)
	}
	b.refused("POST", "/bundles", map[string]any{"paths": []string{"Public/price-list.pdf"}, "code": s["code"]}, "processing-failure/model-save-error")
	target := fmt.Sprintf("/bundles/%v/share", s["id"])
	b.refused("POST", target, map[string]any{"to": []string{"nobody"}}, "processing-failure/model-save-error")
	b.object("POST", target, map[string]any{"to": []string{"visitor@example.com"}})
	if got := b.list(fmt.Sprintf("/bundle_recipients?bundle_id=%v", s["id"])); len(got) != 1 || got[0]["recipient"] != "visitor@example.com" {
		t.Errorf("recipients: %v", got)
	}
}

func TestHistory(t *testing.T) {
	b := newBox(t, world.Demo(testPresent))
	ctx := t.Context()
	for _, d := range []deed{
		{who: recordCaller{userID: 2}, action: "create", path: "Finance/2026/new.csv", client: "192.0.2.7"},
		{who: recordCaller{userID: 2}, action: "move", path: "Finance/2026/new.csv", dest: "Archive/new.csv", client: "192.0.2.7"},
		{username: "nobody", action: "failedlogin", failure: "username_not_found", client: "192.0.2.8"},
	} {
		if err := b.api.recordDeed(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.list("/history/files/finance/2026/NEW.csv"); len(got) != 2 || got[0]["action"] != "move" || got[0]["destination"] != "Archive/new.csv" || got[0]["username"] != "operator" {
		t.Errorf("file: %v", got)
	}
	if got := b.list("/history/folders/Finance?per_page=1"); len(got) != 1 || got[0]["action"] != "move" {
		t.Errorf("folder: %v", got)
	}
	if got := b.list("/history/login?per_page=1"); got[0]["failure_type"] != "username_not_found" {
		t.Errorf("logins: %v", got)
	}
	if got := b.list("/history?start_at=2026-11-20T14:30:00Z"); len(got) != 3 {
		t.Errorf("since now: %d", len(got))
	}
	if got := b.list("/action_logs?per_page=1&filter[user_id]=2&filter[folder]=Finance/2026"); len(got) != 1 || got[0]["src"] != "Finance/2026/new.csv" {
		t.Errorf("action log: %v", got)
	}
	b.refused("GET", "/history?start_at=soon", nil, "bad-request/datetime-parse")
	e := b.object("POST", "/history_exports", map[string]any{"query_action": "move", "query_username": "operator"})
	if e["status"] != "building" {
		t.Errorf("export: %v", e["status"])
	}
	target := fmt.Sprintf("/history_export_results?history_export_id=%v", e["id"])
	b.refused("GET", target, nil, "processing-failure/export-not-ready")
	b.wait(3 * time.Second)
	if e := b.object("GET", fmt.Sprintf("/history_exports/%v", e["id"]), nil); e["status"] != "ready" {
		t.Errorf("export: %v", e["status"])
	}
	got := b.list(target)
	if len(got) == 0 || got[0]["created_at"] != float64(testPresent.Unix()) {
		t.Errorf("results: %v", got)
	}
	for _, r := range got {
		if r["action"] != "move" || r["username"] != "operator" {
			t.Errorf("result: %v", r)
		}
	}
	b.wait(25 * time.Hour)
	if got := b.list("/history"); len(got) != 0 {
		t.Errorf("%d deeds of yesterday", len(got))
	}
	b.who = recordCaller{userID: 2}
	b.refused("GET", "/history", nil, "not-authorized/site-admin-required")
	b.refused("GET", "/history/files/Legal/x", nil, "not-authorized/history-permission-required")
}

// TestWelcomeMail: a new user with an address gets a mail, as the site has set
// it, which can be read.
func TestWelcomeMail(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	mails := func() (out []string) {
		for _, m := range x.do("GET", "/email_logs", nil).want(200).list() {
			out = append(out, fmt.Sprint(m["to"], "|", m["cc"], "|", m["subject"], "|", m["message"]))
		}
		return out
	}
	before := len(mails())
	x.do("POST", "/users", map[string]any{"username": "silent"}).want(201)
	x.do("POST", "/users", map[string]any{"username": "first", "email": "first@example.com", "password": "a long password"}).want(201)
	if got := mails(); len(got) != before+1 || !strings.HasPrefix(got[0], "first@example.com|<nil>|Welcome to ") || strings.Contains(got[0], "a long password") {
		t.Errorf("the mails are %q", got)
	}
	x.do("PATCH", "/site", map[string]any{
		"welcome_email_subject": "Come in", "welcome_email_cc": "desk@example.com", "welcome_custom_text": "We are glad.", "include_password_in_welcome_email": true,
	}).want(200)
	x.do("POST", "/users", map[string]any{"username": "second", "email": "second@example.com", "password": "a long password"}).want(201)
	if got := mails()[0]; !strings.HasPrefix(got, "second@example.com|desk@example.com|Come in|We are glad.\nYour user name is second.\nYour password is a long password.") {
		t.Errorf("the mail is %q", got)
	}
	x.do("PATCH", "/site", map[string]any{"welcome_email_enabled": false}).want(200)
	x.do("POST", "/users", map[string]any{"username": "third", "email": "third@example.com"}).want(201)
	if n := len(mails()); n != before+2 {
		t.Errorf("%d mails", n-before)
	}
}
