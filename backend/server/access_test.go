package server

import (
	"slices"
	"testing"
)

// user makes a user with permissions, "permission path" each, and logs in.
func (x *site) user(name string, permissions ...string) *site {
	x.t.Helper()
	id := x.do("POST", "/users", map[string]any{"username": name, "password": "ferry-" + name}).want(201).object()["id"]
	for i := 0; i+1 < len(permissions); i += 2 {
		x.do("POST", "/permissions", map[string]any{"user_id": id, "permission": permissions[i], "path": permissions[i+1]}).want(201)
	}
	return x.as(name)
}

func TestRights(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("shared/inner/a.txt", "a").want(201)
	x.mkdir("other")
	const (
		read  = "not-authorized/read-permission-required"
		write = "not-authorized/write-permission-required"
		full  = "not-authorized/full-permission-required"
	)
	for _, c := range []struct {
		permission              string
		letters                 string
		list, get, put, destroy string // error types, "" when it is allowed
	}{
		{"full", "lrwd", "", "", "", ""},
		{"admin", "lrwd", "", "", "", ""},
		{"readonly", "lr", "", "", write, full},
		{"list", "l", "", read, write, full},
		{"history", "l", "", read, write, full},
		{"writeonly", "w", read, read, "", full},
	} {
		t.Run(c.permission, func(t *testing.T) {
			y := &site{t: t, s: x.s, l: x.l, key: x.key, time: x.clock()}
			u := y.user("user-"+c.permission, c.permission, "Shared")
			check := func(a *answer, status int, wireType string) {
				t.Helper()
				if wireType != "" {
					a.refused(403, wireType)
				} else {
					a.want(status)
				}
			}
			check(u.do("GET", "/folders/shared/inner", nil), 200, c.list)
			check(u.do("GET", "/files/shared/inner/a.txt", nil), 200, c.get)
			check(u.do("POST", "/file_actions/begin_upload/shared/new.txt", map[string]any{}), 200, c.put)
			check(u.do("POST", "/folders/shared/folder-"+c.permission, map[string]any{}), 201, c.put)
			check(u.do("PATCH", "/files/shared/inner/a.txt", map[string]any{"priority_color": "red"}), 200, c.put)
			check(u.do("POST", "/file_actions/copy/shared/inner/a.txt", map[string]any{"destination": "shared/copy-" + c.permission}), 201,
				map[bool]string{true: c.get, false: c.put}[c.get != ""])
			check(u.do("POST", "/file_actions/move/shared/copy-full", map[string]any{"destination": "shared/copy-full"}), 400,
				map[bool]string{true: full, false: ""}[c.destroy != ""])
			check(u.do("DELETE", "/files/shared/folder-"+c.permission, nil), 204, c.destroy)
			u.do("GET", "/folders/other", nil).refused(403, read)
			u.do("POST", "/folders/other/x", map[string]any{}).refused(403, write)
			u.do("GET", "/file_actions/metadata/other", nil).refused(404, "not-found")
			if c.list == "" {
				// The way to what one may see can be walked, and shows nothing else.
				if got := u.do("GET", "/folders/", nil).paths(); !slices.Equal(got, []string{"shared"}) {
					t.Errorf("the root shows %v", got)
				}
			}
			if got := u.do("GET", "/file_actions/metadata/shared/inner", nil).want(200).object()["permissions"]; got != c.letters {
				t.Errorf("the letters are %v, want %s", got, c.letters)
			}
		})
	}
}

func TestRightsOfGroups(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.mkdir("team/deep/deeper")
	u := x.user("member")
	id := x.do("GET", "/users?search=member", nil).want(200).list()[0]["id"]
	u.do("GET", "/folders/team", nil).refused(403, "not-authorized/read-permission-required")
	group := x.do("POST", "/groups", map[string]any{"name": "Team"}).want(201).object()["id"]
	x.do("POST", "/permissions", map[string]any{"group_id": group, "permission": "readonly", "path": "team/deep"}).want(201)
	x.do("POST", "/group_users", map[string]any{"group_id": group, "user_id": id}).want(201)
	u.do("GET", "/folders/team/deep/deeper", nil).want(200)
	u.do("POST", "/folders/team/deep/new", map[string]any{}).refused(403, "not-authorized/write-permission-required")
	if got := u.do("GET", "/folders/", nil).want(200).list()[0]["permissions"]; got != "l" {
		t.Errorf("on the way the letters are %v", got)
	}
	x.do("POST", "/permissions", map[string]any{"user_id": id, "permission": "writeonly", "path": "team/deep"}).want(201)
	if got := u.do("GET", "/folders/team", nil).want(200).list()[0]["permissions"]; got != "lrw" {
		t.Errorf("both together are %v", got)
	}
	x.do("DELETE", "/users/"+text(id), nil).want(204)
	u.do("GET", "/folders/team", nil).refused(401, "not-authenticated/invalid-session")
}

func TestRightsThatDoNotInherit(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("flat/top.txt", "x").want(201)
	x.upload("flat/sub/below.txt", "x").want(201)
	u := x.user("flat-user")
	id := x.do("GET", "/users?search=flat-user", nil).want(200).list()[0]["id"]
	x.do("POST", "/permissions", map[string]any{"user_id": id, "permission": "full", "path": "flat", "recursive": false}).want(201)
	u.do("GET", "/files/flat/top.txt", nil).want(200)
	u.do("GET", "/files/flat/sub/below.txt", nil).refused(403, "not-authorized/read-permission-required")
}

func TestKeyWithAFolder(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("in/a.txt", "x").want(201)
	x.upload("out/b.txt", "x").want(201)
	key, _ := x.do("POST", "/api_keys", map[string]any{"name": "folder key", "path": "in"}).want(201).object()["key"].(string)
	k := &site{t: t, s: x.s, l: x.l, key: key}
	k.do("GET", "/files/in/a.txt", nil).want(200)
	k.do("GET", "/files/out/b.txt", nil).refused(403, "not-authorized/api-key-is-path-restricted")
	k.do("DELETE", "/files/out/b.txt", nil).refused(403, "not-authorized/api-key-is-path-restricted")
	if got := k.do("GET", "/folders/", nil).paths(); !slices.Equal(got, []string{"in"}) {
		t.Errorf("the root shows %v", got)
	}
}

// TestKeySets: a key does what its permission set contains, and does not help
// itself to more.
func TestKeySets(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("in/a.txt", "a").want(201)
	x.upload("out/b.txt", "b").want(201)
	key := func(body map[string]any) *site {
		body["name"] = "a key"
		return &site{t: t, s: x.s, l: x.l, key: text(x.do("POST", "/api_keys", body).want(201).object()["key"])}
	}
	const refused = "not-authorized/insufficient-permission-for-site"
	bundle := map[string]any{"paths": []string{"in"}}
	for _, c := range []struct {
		set                               string
		files, links, looks, syncs, rules bool
	}{
		{"full", true, true, true, true, true},
		{"desktop_app", true, true, true, false, false},
		{"mobile_app", true, true, true, false, false},
		{"office_integration", true, true, true, false, false},
		{"sync_app", true, true, true, true, false},
		{"files_only", true, false, false, false, false},
	} {
		y := key(map[string]any{"permission_set": c.set})
		check := func(ok bool, status int, method, path string, body any) {
			t.Helper()
			if a := y.do(method, path, body); ok {
				a.want(status)
			} else {
				a.refused(403, refused)
			}
		}
		check(c.files, 200, "GET", "/files/in/a.txt", nil)
		check(c.files, 201, "POST", "/folders/new-"+c.set, map[string]any{})
		check(c.links, 201, "POST", "/bundles", bundle)
		check(c.looks, 200, "GET", "/site", nil)
		check(c.looks, 200, "GET", "/users", nil)
		check(c.syncs, 200, "GET", "/syncs", nil)
		check(c.rules, 200, "PATCH", "/site", map[string]any{})
		check(c.rules, 201, "POST", "/users", map[string]any{"username": "by-" + c.set})
		check(c.rules, 201, "POST", "/api_keys", map[string]any{"name": "more"})
		check(c.rules, 200, "PATCH", "/api_key", map[string]any{"permission_set": "full"})
		y.do("GET", "/api_key", nil).want(200)
	}
	key(map[string]any{"permission_set": "none"}).do("GET", "/folders/", nil).refused(403, "not-authorized/api-key-is-disabled")

	y := key(map[string]any{"path": "in"})
	y.do("GET", "/files/in/a.txt", nil).want(200)
	y.do("GET", "/files/out/b.txt", nil).refused(403, "not-authorized/api-key-is-path-restricted")
	y.do("POST", "/bundles", bundle).want(201)
	y.do("POST", "/bundles", map[string]any{"paths": []string{"out"}}).refused(403, "not-authorized/bundle-permission-required")
	y.do("POST", "/locks/out/b.txt", map[string]any{}).refused(404, "not-found")
	y.do("POST", "/file_comments", map[string]any{"path": "out/b.txt", "body": "x"}).refused(404, "not-found")
}

// TestRightsOfAutomations: an automation does for its maker only what he may do
// himself.
func TestRightsOfAutomations(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.mkdir("mine")
	x.mkdir("drop")
	x.mkdir("theirs")
	u := x.user("keeper", "admin", "mine", "writeonly", "drop")
	body := func(path string, destinations ...string) map[string]any {
		return map[string]any{"automation": "copy_file", "path": path, "source": "*", "destinations": destinations}
	}
	const admin, write = "not-authorized/folder-admin-permission-required", "not-authorized/write-permission-required"
	id := u.do("POST", "/automations", body("mine", "mine/%Y/", "drop/in/")).want(201).object()["id"]
	u.do("POST", "/automations", body("theirs", "mine/")).refused(403, admin)
	u.do("POST", "/automations", body("*", "mine/")).refused(403, admin)
	u.do("POST", "/automations", body("mine", "theirs/")).refused(403, write)
	u.do("POST", "/automations", body("mine", "%Y/")).refused(403, write)
	path := "/automations/" + text(id)
	u.do("PATCH", path, map[string]any{"path": "theirs"}).refused(403, admin)
	u.do("PATCH", path, map[string]any{"destinations": []string{"theirs/"}}).refused(403, write)
	u.do("PATCH", path, map[string]any{"definition": map[string]any{"nodes": []any{map[string]any{"type": "find_files", "path": "theirs"}}}}).refused(403, admin)
	u.do("PATCH", path, map[string]any{"source": "*.txt"}).want(200)
	u.do("POST", "/automations", map[string]any{"automation": "create_folder", "path": "mine", "destinations": []string{"%Y"}}).want(201)
}
