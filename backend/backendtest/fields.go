package backendtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// fieldCases: what a site does not take of users, groups and the rest, by field
// (PROTOCOL.md 6 and 13), and what it takes for granted.
var fieldCases = slices.Concat(badFieldCases(), missingCases(), defaultCases(), goneCases(), []testCase{
	{name: "users: names are one whatever their case", admin: true, run: sameUsername},
	{name: "users: a name may be taken again after its user", admin: true, run: nameAgain},
	{name: "users: several errors at once", admin: true, run: severalErrors},
	{name: "users: what is not said stays", admin: true, run: partialUser},
	{name: "users: a password is never told", admin: true, run: secretPassword},
	{name: "users: alerts are for site admins", admin: true, run: alerts},
	{name: "users: group_ids is text, admin_group_ids an array", admin: true, run: groupIDs},
	{name: "users: grant_permission", admin: true, run: granted},
	{name: "users: search and ids", admin: true, run: findUsers},
	{name: "users: times carry the zone of the site", admin: true, run: zonedTimes},
	{name: "groups: members by ids", admin: true, run: groupMembers},
	{name: "groups: a group that goes takes its memberships along", admin: true, run: goneGroup},
	{name: "memberships: an update makes one that is missing", admin: true, run: updateMakes},
	{name: "permissions: ancestors and groups in the list", admin: true, run: permissionList},
	{name: "permissions: the same twice", admin: true, run: permissionTwice},
	{name: "permissions: of a user that goes", admin: true, run: permissionOfGone},
	{name: "keys: times of use", admin: true, run: keyUse},
	{name: "keys: one looks at itself", run: currentKey},
	{name: "public keys: the same twice", run: publicKeyTwice},
	{name: "public keys: what is made and what is kept", run: keyPairs},
})

func badFieldCases() (out []testCase) {
	for _, x := range []struct {
		kind, name string
		body       params
		field      string
	}{
		{"users", "name of spaces", params{"username": "   "}, "username"},
		{"users", "name with a slash", params{"username": "{tag}-a/b"}, "username"},
		{"users", "name with a line break", params{"username": "{tag}\nb"}, "username"},
		{"users", "name of 256 characters", params{"username": strings.Repeat("u", 256)}, "username"},
		{"users", "address without a host", params{"username": "{tag}-x", "email": "somebody"}, "email"},
		{"users", "address with two signs", params{"username": "{tag}-x", "email": "a@b@c.example"}, "email"},
		{"users", "short password", params{"username": "{tag}-x", "password": "x"}, "password"},
		{"users", "two passwords", params{"username": "{tag}-x", "password": password, "password_confirmation": password + "!"}, "password_confirmation"},
		{"users", "authentication method", params{"username": "{tag}-x", "authentication_method": "charm"}, "authentication_method"},
		{"users", "single sign-on without a strategy", params{"username": "{tag}-x", "authentication_method": "sso"}, "sso_strategy_id"},
		{"users", "second factor", params{"username": "{tag}-x", "require_2fa": "perhaps"}, "require_2fa"},
		{"users", "encryption", params{"username": "{tag}-x", "ssl_required": "perhaps"}, "ssl_required"},
		{"users", "layout", params{"username": "{tag}-x", "filesystem_layout": "upside_down"}, "filesystem_layout"},
		{"users", "networks", params{"username": "{tag}-x", "allowed_ips": "10.0.0.0/8\nnowhere"}, "allowed_ips"},
		{"users", "days of a password", params{"username": "{tag}-x", "password_validity_days": -1}, "password_validity_days"},
		{"users", "hour of the day", params{"username": "{tag}-x", "notification_daily_send_time": 24}, "notification_daily_send_time"},
		{"users", "groups that are not there", params{"username": "{tag}-x", "group_ids": "999999999"}, "group_ids"},
		{"users", "groups that are no numbers", params{"username": "{tag}-x", "group_ids": "a,b"}, "group_ids"},
		{"users", "main group that is not there", params{"username": "{tag}-x", "primary_group_id": 999999999}, "primary_group_id"},
		{"groups", "name of spaces", params{"name": "  "}, "name"},
		{"groups", "members that are not there", params{"name": "{tag}-x", "user_ids": "999999999"}, "user_ids"},
		{"groups", "members that are no numbers", params{"name": "{tag}-x", "user_ids": "a"}, "user_ids"},
		{"groups", "administrators that are not there", params{"name": "{tag}-x", "admin_ids": "999999999"}, "admin_ids"},
		{"groups", "networks", params{"name": "{tag}-x", "allowed_ips": "300.0.0.1"}, "allowed_ips"},
		{"permissions", "of nobody", params{"path": "{root}", "permission": "full"}, "user_id"},
		{"permissions", "of a user that is not there", params{"path": "{root}", "permission": "full", "user_id": 999999999}, "user_id"},
		{"permissions", "of a group that is not there", params{"path": "{root}", "permission": "full", "group_id": 999999999}, "group_id"},
		{"permissions", "of a name that is not there", params{"path": "{root}", "permission": "full", "username": "{tag}-nobody"}, "username"},
		{"permissions", "that is none", params{"path": "{root}", "permission": "everything", "username": "{tag}-nobody"}, "permission"},
		{"group_users", "in a group that is not there", params{"group_id": 999999999, "user_id": 1}, "group_id"},
		{"group_users", "of a user that is not there", params{"group_id": 1, "user_id": 999999999}, "user_id"},
		{"api_keys", "set of permissions", params{"name": "{tag}-x", "permission_set": "some"}, "permission_set"},
		{"api_keys", "name of spaces", params{"name": "  "}, "name"},
		{"public_keys", "text that is no key", params{"title": "{tag}-x", "public_key": "nonsense"}, "public_key"},
		{"public_keys", "key that breaks off", params{"title": "{tag}-x", "public_key": "ssh-ed25519 AAAA"}, "public_key"},
		{"bundles", "permissions", params{"paths": []any{"{root}"}, "permissions": "some"}, "permissions"},
		{"bundles", "path that is not there", params{"paths": []any{"{root}/nothing"}}, "filename"},
		{"automations", "kind", params{"automation": "make_coffee"}, "automation"},
		{"automations", "trigger", params{"automation": "create_folder", "destinations": []any{"x"}, "trigger": "full_moon"}, "trigger"},
		{"automations", "folder without a destination", params{"automation": "create_folder"}, "destinations"},
		{"automations", "copy without a destination", params{"automation": "copy_file", "source": "*"}, "destinations"},
		{"automations", "copy without a source", params{"automation": "copy_file", "destinations": []any{"x/"}}, "source"},
		{"automations", "move without a destination", params{"automation": "move_file", "source": "*"}, "destinations"},
		{"automations", "deletion without a source", params{"automation": "delete_file"}, "source"},
		{"automations", "daily without an interval", params{"automation": "delete_file", "source": "*", "trigger": "daily"}, "interval"},
		{"automations", "interval", params{"automation": "delete_file", "source": "*", "trigger": "daily", "interval": "fortnight"}, "interval"},
		{"automations", "schedule without days", params{"automation": "delete_file", "source": "*", "trigger": "custom_schedule", "schedule_times_of_day": []any{"10:00"}}, "schedule_days_of_week"},
		{"automations", "schedule without times", params{"automation": "delete_file", "source": "*", "trigger": "custom_schedule", "schedule_days_of_week": []any{1}}, "schedule_times_of_day"},
		{"automations", "day of the week", params{"automation": "delete_file", "source": "*", "trigger": "custom_schedule", "schedule_days_of_week": []any{7}, "schedule_times_of_day": []any{"10:00"}}, "schedule_days_of_week"},
		{"automations", "time of the day", params{"automation": "delete_file", "source": "*", "trigger": "custom_schedule", "schedule_days_of_week": []any{1}, "schedule_times_of_day": []any{"25:00"}}, "schedule_times_of_day"},
		{"automations", "action without actions", params{"automation": "delete_file", "source": "*", "trigger": "action"}, "trigger_actions"},
		{"automations", "action that is none", params{"automation": "delete_file", "source": "*", "trigger": "action", "trigger_actions": []any{"wish"}}, "trigger_actions"},
		{"automations", "interval of retries too short", params{"automation": "delete_file", "source": "*", "retry_on_failure_interval_in_minutes": 4}, "retry_on_failure_interval_in_minutes"},
		{"automations", "interval of retries too long", params{"automation": "delete_file", "source": "*", "retry_on_failure_interval_in_minutes": 1441}, "retry_on_failure_interval_in_minutes"},
		{"automations", "too many retries", params{"automation": "delete_file", "source": "*", "retry_on_failure_number_of_attempts": 11}, "retry_on_failure_number_of_attempts"},
		{"remote_servers", "kind", params{"name": "{tag}-x", "server_type": "carrier_pigeon"}, "server_type"},
		{"remote_servers", "encryption", params{"name": "{tag}-x", "server_type": "ftp", "ssl": "perhaps"}, "ssl"},
		{"remote_servers", "certificate", params{"name": "{tag}-x", "server_type": "ftp", "server_certificate": "forged"}, "server_certificate"},
		{"remote_servers", "buffering", params{"name": "{tag}-x", "server_type": "ftp", "buffer_uploads": "perhaps"}, "buffer_uploads"},
		{"syncs", "trigger", params{"name": "{tag}-x", "trigger": "full_moon"}, "trigger"},
		{"notifications", "interval", params{"path": "{root}", "send_interval": "yearly"}, "send_interval"},
		{"external_events", "status", params{"status": "so-so", "body": "x"}, "status"},
	} {
		out = append(out, testCase{name: "bad field: " + x.kind + ", " + x.name, admin: true, run: func(t *testing.T, s *suite) {
			w := s.send(t, "POST", "/"+x.kind, s.named(x.body))
			if w.status < 300 { // take away what should not be there
				if id, ok := w.object()["id"].(float64); ok {
					defer s.takeAway(t, fmt.Sprintf("/%s/%.0f", x.kind, id))
				}
			}
			w.badField(x.field)
		}})
	}
	return out
}

// named puts the names of the run into the values of a body.
func (s *suite) named(body params) params {
	var put func(v any) any
	put = func(v any) any {
		switch x := v.(type) {
		case string:
			return strings.NewReplacer("{tag}", s.tag, "{root}", s.root).Replace(x)
		case []any:
			out := make([]any, len(x))
			for i := range x {
				out[i] = put(x[i])
			}
			return out
		}
		return v
	}
	out := params{}
	for k, v := range body {
		out[k] = put(v)
	}
	return out
}

// missingCases leave out a parameter that an endpoint cannot do without, or give
// it another type.
func missingCases() (out []testCase) {
	for _, x := range []struct {
		name, method, path string
		body               any
	}{
		{"a user's name", "POST", "/users", params{"email": "a@example.com"}},
		{"the permission's path", "POST", "/permissions", params{"permission": "full", "user_id": 1}},
		{"the group of a membership", "POST", "/group_users", params{"user_id": 1}},
		{"the user of a membership", "POST", "/group_users", params{"group_id": 1}},
		{"the kind of an automation", "POST", "/automations", params{"name": "x"}},
		{"the paths of a share link", "POST", "/bundles", params{"description": "x"}},
		{"the kind of a folder setting", "POST", "/behaviors", params{"path": "x"}},
		{"the status of an event", "POST", "/external_events", params{"body": "x"}},
		{"the export of a result", "GET", "/history_export_results", nil},
		{"a number for a user's group", "POST", "/users", params{"username": "x", "group_id": "many"}},
		{"a flag for an admin", "POST", "/users", params{"username": "x", "site_admin": "perhaps"}},
		{"a number for a user", "POST", "/permissions", params{"path": "x", "user_id": "somebody"}},
		{"a list of paths", "POST", "/bundles", params{"paths": 5}},
		{"a list of destinations", "POST", "/automations", params{"automation": "create_folder", "destinations": params{"a": "b"}}},
		{"text for a name", "POST", "/groups", params{"name": []any{1}}},
		{"an object for a value", "POST", "/behaviors", params{"path": "x", "behavior": "webhook", "value": "[1]"}},
		{"a number for an id", "GET", "/permissions?user_id=somebody", nil},
		{"numbers for ids", "GET", "/users?ids=a,b", nil},
	} {
		out = append(out, testCase{name: "not without " + x.name, admin: true, run: func(t *testing.T, s *suite) {
			s.send(t, x.method, x.path, x.body).refused("bad-request/")
		}})
	}
	return append(out, testCase{name: "not a time that is none", admin: true, run: func(t *testing.T, s *suite) {
		for _, text := range []string{"soon", "0001-01-01T00:00:00Z"} {
			s.send(t, "POST", "/users", params{"username": s.tag + "-time", "authenticate_until": text}).refused("bad-request/datetime-parse")
		}
	}})
}

// defaultCases: what a new user is without being told so (PROTOCOL.md 13).
func defaultCases() (out []testCase) {
	for field, want := range map[string]any{
		"authentication_method": "password", "ftp_permission": true, "sftp_permission": true, "dav_permission": true, "restapi_permission": true,
		"office_integration_enabled": true, "self_managed": true, "site_admin": false, "attachments_permission": false, "disabled": false,
		"require_2fa": "use_system_setting", "ssl_required": "use_system_setting", "language": "", "user_root": "", "group_ids": "",
		"name": nil, "company": nil, "password_validity_days": 0.0, "last_login_at": nil, "readonly_site_admin": false,
	} {
		out = append(out, testCase{name: "new user: " + field, admin: true, run: func(t *testing.T, s *suite) {
			if s.fresh == nil {
				s.fresh = s.send(t, "POST", "/users", params{"username": s.tag + "-fresh"}).ok(201).object()
				id := s.fresh["id"]
				s.send(t, "DELETE", fmt.Sprintf("/users/%.0f", id), nil).ok(204)
			}
			if got, told := s.fresh[field]; got != want && (told || want != false) {
				t.Errorf("%s is %v, want %v", field, got, want)
			}
		}})
	}
	slices.SortFunc(out, func(a, b testCase) int { return strings.Compare(a.name, b.name) })
	return append(out, testCase{name: "new user: the time of a password that was not given", admin: true, run: func(t *testing.T, s *suite) {
		made := s.send(t, "POST", "/users", params{"username": s.tag + "-unset"}).ok(201).object()
		at := fmt.Sprintf("/users/%.0f", made["id"])
		defer s.takeAway(t, at)
		if read := s.send(t, "GET", at, nil).ok(200).object(); read["password_set_at"] != nil {
			t.Errorf("password_set_at is %v", read["password_set_at"])
		}
	}})
}

// goneCases: an id that nothing has is not found, whatever is asked of it.
func goneCases() (out []testCase) {
	for _, x := range []string{
		"GET /users/%s", "DELETE /users/%s", "POST /users/%s/unlock", "POST /users/%s/2fa/reset", "POST /users/%s/resend_welcome_email",
		"GET /groups/%s", "DELETE /groups/%s", "DELETE /permissions/%s", "GET /api_keys/%s", "DELETE /api_keys/%s",
		"GET /public_keys/%s", "DELETE /public_keys/%s", "GET /bundles/%s", "DELETE /bundles/%s",
		"GET /automations/%s", "DELETE /automations/%s", "POST /automations/%s/manual_run", "GET /automation_runs/%s",
		"GET /behaviors/%s", "DELETE /behaviors/%s", "GET /notifications/%s", "DELETE /notifications/%s", "GET /syncs/%s", "DELETE /syncs/%s",
		"POST /syncs/%s/manual_run", "GET /sync_runs/%s", "GET /remote_servers/%s", "DELETE /remote_servers/%s",
		"GET /history_exports/%s", "GET /external_events/%s", "GET /file_migrations/%s", "GET /workspaces/%s",
	} {
		method, path, _ := strings.Cut(x, " ")
		for _, id := range []string{"999999999", "abc"} {
			at := fmt.Sprintf(path, id)
			out = append(out, testCase{name: "not there: " + method + " " + at, admin: true, run: func(t *testing.T, s *suite) {
				var body any
				if method == "POST" {
					body = params{}
				}
				s.send(t, method, at, body).refused("not-found")
			}})
		}
	}
	return out
}

func sameUsername(t *testing.T, s *suite) {
	u := s.user(t, "Same")
	s.send(t, "POST", "/users", params{"username": strings.ToUpper(u.Username)}).badField("username")
	other := s.user(t, "Other")
	s.send(t, "PATCH", fmt.Sprintf("/users/%d", other.ID), params{"username": u.Username}).badField("username")
	s.send(t, "PATCH", fmt.Sprintf("/users/%d", u.ID), params{"username": strings.ToUpper(u.Username)}).ok(200)
}

func nameAgain(t *testing.T, s *suite) {
	u := s.user(t, "again")
	if err := s.c.DeleteUser(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	if again := s.user(t, "again"); again.ID == u.ID {
		t.Errorf("the new user has the id of the old one, %d", u.ID)
	}
}

func severalErrors(t *testing.T, s *suite) {
	w := s.send(t, "POST", "/users", params{"username": s.tag + "/several", "email": "nowhere"})
	w.badField("username")
	w.badField("email")
	if list, _ := w.object()["errors"].([]any); len(list) != 2 {
		t.Errorf("errors %v", list)
	}
}

func partialUser(t *testing.T, s *suite) {
	u := s.user(t, "partial")
	at := fmt.Sprintf("/users/%d", u.ID)
	s.send(t, "PATCH", at, params{"company": "Contract"}).ok(200)
	o := s.send(t, "PATCH", at, params{"name": "Part"}).ok(200).object()
	if o["company"] != "Contract" || o["name"] != "Part" || o["email"] != u.Email || o["username"] != u.Username {
		t.Errorf("changed to %v %v %v %v", o["company"], o["name"], o["email"], o["username"])
	}
}

func secretPassword(t *testing.T, s *suite) {
	u := s.user(t, "secret")
	for _, w := range []*wire{
		s.send(t, "GET", fmt.Sprintf("/users/%d", u.ID), nil),
		s.send(t, "PATCH", fmt.Sprintf("/users/%d", u.ID), params{"password": password + "2"}),
		s.send(t, "GET", "/users?search="+u.Username, nil),
	} {
		if w.ok(200); strings.Contains(string(w.body), password) || strings.Contains(string(w.body), `"password":`) {
			t.Errorf("%s tells a password", w.what)
		}
	}
}

func alerts(t *testing.T, s *suite) {
	u := s.user(t, "alerts")
	at := fmt.Sprintf("/users/%d", u.ID)
	_, plain := s.send(t, "GET", at, nil).ok(200).object()["receive_admin_alerts"]
	_, admin := s.send(t, "PATCH", at, params{"site_admin": true}).ok(200).object()["receive_admin_alerts"]
	if plain || !admin {
		t.Errorf("told for a user: %v, for a site admin: %v", plain, admin)
	}
}

// group makes a group for one case.
func (s *suite) group(t *testing.T, name string, more params) int64 {
	t.Helper()
	p := params{"name": s.tag + "-" + name}
	for k, v := range more {
		p[k] = v
	}
	id, _ := s.send(t, "POST", "/groups", p).ok(201).object()["id"].(float64)
	t.Cleanup(func() {
		if err := s.c.Resource("group").Delete(ctxOf(t), int64(id), nil); err != nil && !isNotFound(err) {
			t.Errorf("take the group away: %v", err)
		}
	})
	return int64(id)
}

func groupIDs(t *testing.T, s *suite) {
	u := s.user(t, "in-groups")
	a, b := s.group(t, "ids-a", nil), s.group(t, "ids-b", params{"admin_ids": fmt.Sprint(u.ID)})
	o := s.send(t, "PATCH", fmt.Sprintf("/users/%d", u.ID), params{"group_ids": fmt.Sprintf("%d,%d", a, b)}).ok(200).object()
	text, _ := o["group_ids"].(string)
	got := strings.Split(text, ",")
	slices.Sort(got)
	want := []string{fmt.Sprint(a), fmt.Sprint(b)}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("group_ids %v, want %q", o["group_ids"], want)
	}
	if admin, _ := o["admin_group_ids"].([]any); len(admin) != 1 || admin[0] != float64(b) {
		t.Errorf("admin_group_ids %v", o["admin_group_ids"])
	}
	if o := s.send(t, "PATCH", fmt.Sprintf("/users/%d", u.ID), params{"group_ids": fmt.Sprint(a)}).ok(200).object(); o["group_ids"] != fmt.Sprint(a) {
		t.Errorf("group_ids %v", o["group_ids"])
	}
}

func granted(t *testing.T, s *suite) {
	for grant, want := range map[string]string{
		"full": "full", "read": "readonly", "write": "writeonly", "list": "list", "read+write": "readonly writeonly", "list+write": "list writeonly",
	} {
		o := s.send(t, "POST", "/users", params{"username": s.tag + "-grant", "grant_permission": grant}).ok(201).object()
		at := fmt.Sprintf("%.0f", o["id"])
		var got []string
		for _, p := range s.send(t, "GET", "/permissions?user_id="+at, nil).ok(200).list() {
			kind, _ := p["permission"].(string)
			got = append(got, kind)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s grants %q, want %s", grant, got, want)
		}
		s.send(t, "DELETE", "/users/"+at, nil).ok(204)
	}
}

func findUsers(t *testing.T, s *suite) {
	a, b := s.user(t, "find-a"), s.user(t, "find-b")
	for query, want := range map[string]int{
		fmt.Sprintf("ids=%d,%d", a.ID, b.ID): 2, fmt.Sprintf("ids=%d", b.ID): 1, "search=" + s.tag + "-find": 2,
		"search=" + strings.ToUpper(b.Username): 1, "search=" + s.tag + "-nobody": 0,
	} {
		if l := s.send(t, "GET", "/users?"+query, nil).ok(200).list(); len(l) != want {
			t.Errorf("%s finds %d users, want %d", query, len(l), want)
		}
	}
}

func zonedTimes(t *testing.T, s *suite) {
	o := s.send(t, "GET", fmt.Sprintf("/users/%d", s.user(t, "zone").ID), nil).ok(200).object()
	text, _ := o["created_at"].(string)
	if _, err := time.Parse("2006-01-02T15:04:05-07:00", text); err != nil {
		t.Errorf("created_at %q: %v", text, err)
	}
}

func groupMembers(t *testing.T, s *suite) {
	a, b := s.user(t, "member-a"), s.user(t, "member-b")
	id := s.group(t, "members", params{"user_ids": fmt.Sprintf("%d,%d", a.ID, b.ID), "admin_ids": fmt.Sprint(b.ID)})
	at := fmt.Sprintf("/groups/%d", id)
	o := s.send(t, "GET", at, nil).ok(200).object()
	if o["admin_ids"] != fmt.Sprint(b.ID) || !strings.Contains(fmt.Sprint(o["usernames"]), a.Username) {
		t.Errorf("group %v", o)
	}
	o = s.send(t, "PATCH", at, params{"user_ids": fmt.Sprint(a.ID), "admin_ids": ""}).ok(200).object()
	if o["user_ids"] != fmt.Sprint(a.ID) || o["admin_ids"] != "" {
		t.Errorf("members %v, administrators %v", o["user_ids"], o["admin_ids"])
	}
}

func goneGroup(t *testing.T, s *suite) {
	u := s.user(t, "of-gone")
	id := s.group(t, "gone", params{"user_ids": fmt.Sprint(u.ID)})
	s.send(t, "POST", "/permissions", params{"path": s.root, "group_id": id, "permission": "readonly"}).ok(201)
	s.send(t, "DELETE", fmt.Sprintf("/groups/%d", id), nil).ok(204)
	if o := s.send(t, "GET", fmt.Sprintf("/users/%d", u.ID), nil).ok(200).object(); o["group_ids"] != "" {
		t.Errorf("the user is in %v", o["group_ids"])
	}
	if l := s.send(t, "GET", fmt.Sprintf("/permissions?group_id=%d", id), nil).ok(200).list(); len(l) != 0 {
		t.Errorf("permissions of the group: %v", l)
	}
}

func updateMakes(t *testing.T, s *suite) {
	u, id := s.user(t, "put"), s.group(t, "put", nil)
	o := s.send(t, "PATCH", "/group_users/999999999", params{"group_id": id, "user_id": u.ID, "admin": true}).ok(200).object()
	if o["group_id"] != float64(id) || o["user_id"] != float64(u.ID) || o["admin"] != true {
		t.Errorf("membership %v", o)
	}
}

func permissionList(t *testing.T, s *suite) {
	u, d := s.user(t, "listed"), s.dir(t, "permission-list/sub")
	id := s.group(t, "listed", params{"user_ids": fmt.Sprint(u.ID)})
	up := d[:strings.LastIndexByte(d, '/')]
	s.send(t, "POST", "/permissions", params{"path": up, "user_id": u.ID, "permission": "list"}).ok(201)
	s.send(t, "POST", "/permissions", params{"path": d, "group_id": id, "permission": "full"}).ok(201)
	user := fmt.Sprintf("user_id=%d", u.ID)
	for query, want := range map[string]int{
		"path=" + d: 2, "path=" + up: 1, user: 1, user + "&include_groups=true": 2, fmt.Sprintf("group_id=%d", id): 1,
	} {
		if l := s.send(t, "GET", "/permissions?"+query, nil).ok(200).list(); len(l) != want {
			t.Errorf("%s: %d permissions, want %d: %v", query, len(l), want, l)
		}
	}
}

func permissionTwice(t *testing.T, s *suite) {
	u, d := s.user(t, "twice"), s.dir(t, "permission-twice")
	body := params{"path": d, "user_id": u.ID, "permission": "list"}
	s.send(t, "POST", "/permissions", body).ok(201)
	s.send(t, "POST", "/permissions", body).refused("processing-failure/model-save-error")
	body["path"] = strings.ToUpper(d)
	s.send(t, "POST", "/permissions", body).refused("processing-failure/model-save-error")
}

func permissionOfGone(t *testing.T, s *suite) {
	u, d := s.user(t, "leaves"), s.dir(t, "permission-gone")
	s.send(t, "POST", "/permissions", params{"path": d, "user_id": u.ID, "permission": "list"}).ok(201)
	s.send(t, "DELETE", fmt.Sprintf("/users/%d", u.ID), nil).ok(204)
	if l := s.send(t, "GET", "/permissions?path="+d, nil).ok(200).list(); len(l) != 0 {
		t.Errorf("permissions of nobody: %v", l)
	}
}

func keyUse(t *testing.T, s *suite) {
	o := s.send(t, "POST", "/api_keys", params{"name": s.tag + "-use", "permission_set": "full"}).ok(201).object()
	at := fmt.Sprintf("/api_keys/%.0f", o["id"])
	defer s.takeAway(t, at)
	if o["last_use_at"] != nil {
		t.Errorf("used at %v before it was used", o["last_use_at"])
	}
	key, _ := o["key"].(string)
	s.send(t, "GET", "/folders/"+s.root, nil, "X-Filesapi-Key", key).ok(200)
	first := s.send(t, "GET", at, nil).ok(200).object()["last_use_at"]
	if first == nil {
		t.Error("the time of its use is not kept")
	}
	s.send(t, "GET", "/folders/"+s.root, nil, "X-Filesapi-Key", key).ok(200)
	if again := s.send(t, "GET", at, nil).ok(200).object()["last_use_at"]; again != first {
		t.Errorf("the time is refreshed within three hours: %v, %v", first, again)
	}
}

func currentKey(t *testing.T, s *suite) {
	o := s.send(t, "POST", "/api_keys", params{"name": s.tag + "-self", "permission_set": "full", "user_id": 0}).ok(201).object()
	key, _ := o["key"].(string)
	as := []string{"X-Filesapi-Key", key}
	if me := s.send(t, "GET", "/api_key", nil, as...).ok(200).object(); me["id"] != o["id"] || me["name"] != s.tag+"-self" {
		t.Errorf("the key in use is %v", me)
	}
	if me := s.send(t, "PATCH", "/api_key", params{"name": s.tag + "-self-2"}, as...).ok(200).object(); me["name"] != s.tag+"-self-2" {
		t.Errorf("the key in use is %v", me)
	}
	s.send(t, "DELETE", "/api_key", nil, as...).ok(204)
	s.send(t, "GET", "/api_key", nil, as...).refused("not-authenticated/invalid-credentials")
}

func publicKeyTwice(t *testing.T, s *suite) {
	o := s.send(t, "POST", "/public_keys", params{"title": s.tag + "-pair", "generate_keypair": true, "generate_algorithm": "ed25519"}).ok(201).object()
	defer s.takeAway(t, fmt.Sprintf("/public_keys/%.0f", o["id"]))
	s.send(t, "POST", "/public_keys", params{"title": s.tag + "-again", "public_key": o["generated_public_key"]}).badField("public_key")
}

func keyPairs(t *testing.T, s *suite) {
	for algorithm, begins := range map[string]string{"ed25519": "ssh-ed25519 ", "ecdsa": "ecdsa-sha2-", "rsa": "ssh-rsa "} {
		p := params{"title": s.tag + "-" + algorithm, "generate_keypair": true, "generate_algorithm": algorithm}
		if algorithm == "rsa" {
			p["generate_length"] = 2048
		}
		o := s.send(t, "POST", "/public_keys", p).ok(201).object()
		at := fmt.Sprintf("/public_keys/%.0f", o["id"])
		public, _ := o["generated_public_key"].(string)
		private, _ := o["generated_private_key"].(string)
		if !strings.HasPrefix(public, begins) || !strings.Contains(private, "PRIVATE KEY") {
			t.Errorf("%s gives %.30q and %.30q", algorithm, public, private)
		}
		read := s.send(t, "GET", at, nil).ok(200)
		if strings.Contains(string(read.body), "PRIVATE KEY") {
			t.Errorf("%s: the private key can be read again", algorithm)
		}
		if text, _ := read.object()["fingerprint_sha256"].(string); text == "" {
			t.Errorf("%s has no fingerprint", algorithm)
		}
		s.send(t, "DELETE", at, nil).ok(204)
	}
}
