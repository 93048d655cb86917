package backendtest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

// deed is something that one does with a file, with the right that it takes:
// "" is that of a site admin.
type deed struct {
	name, method, path string
	body               params
	right              string // list, read, write, delete, share, grant, history
	kind               string // of the refusal
}

// deeds leave behind nothing that the next one would stumble over.
var deeds = []deed{
	{"list", "GET", "/folders/{f}", nil, "list", "not-authorized/"},
	{"see", "GET", "/file_actions/metadata/{f}/file.txt", nil, "any", "not-found"},
	{"download", "GET", "/files/{f}/file.txt", nil, "read", "not-authorized/"},
	{"copy out", "POST", "/file_actions/copy/{f}/file.txt", params{"destination": "{own}/copied", "overwrite": true}, "read", "not-authorized/"},
	{"copy in", "POST", "/file_actions/copy/{own}/mine.txt", params{"destination": "{f}/copied", "overwrite": true}, "write", "not-authorized/"},
	{"upload", "POST", "/file_actions/begin_upload/{f}/new.txt", params{}, "write", "not-authorized/"},
	{"make a folder", "POST", "/folders/{f}/made", params{}, "write", "not-authorized/"},
	{"change", "PATCH", "/files/{f}/file.txt", params{"provided_mtime": "2020-01-01T00:00:00Z"}, "write", "not-authorized/"},
	{"delete", "DELETE", "/files/{f}/doomed", nil, "delete", "not-authorized/"},
	{"move away", "POST", "/file_actions/move/{f}/moving.txt", params{"destination": "{own}/moved", "overwrite": true}, "delete", "not-authorized/"},
	{"grant", "POST", "/permissions", params{"path": "{f}", "user_id": "{other}", "permission": "list"}, "grant", "not-authorized/"},
	{"make a user", "POST", "/users", params{"username": "{tag}-by-himself"}, "admin", "not-authorized/"},
	{"list the users", "GET", "/users", nil, "audit", "not-authorized/"},
	{"make a group", "POST", "/groups", params{"name": "{tag}-by-himself"}, "admin", "not-authorized/"},
	{"change the site", "PATCH", "/site", params{"name": "taken over"}, "admin", "not-authorized/"},
}

// rightsOf are the deeds that each permission allows (PROTOCOL.md 13).
var rightsOf = map[string]string{
	"admin": "any list read write delete grant", "full": "any list read write delete", "bundle": "any list read",
	"readonly": "any list read", "history": "any list", "list": "any list", "writeonly": "any write", "": "",
}

var rightCases = slices.Concat(deedCases(), keySetCases(), []testCase{
	{name: "rights: letters of every permission", admin: true, run: permissionLetters},
	{name: "rights: by a group", admin: true, run: byGroup},
	{name: "rights: a permission that is not recursive", admin: true, run: flatPermission},
	{name: "rights: folders on the way can be listed, and show no more", admin: true, run: onTheWay},
	{name: "rights: what may not be seen is not in a tree", admin: true, run: hiddenInTree},
	{name: "rights: several permissions add up", admin: true, run: addUp},
	{name: "rights: taken away at once", admin: true, run: takenAway},
	{name: "rights: a user changes himself, but not everything", admin: true, run: himself},
	{name: "rights: what a user has is not the next one's", admin: true, run: ownThings},
	{name: "rights: no more for a user that is disabled", admin: true, run: disabledUser},
	{name: "rights: a key for one folder", admin: true, run: pathKey},
	{name: "rights: a key that has expired", admin: true, run: expiredKey},
	{name: "rights: the last site admin stays", admin: true, embedded: true, run: lastAdmin},
})

// actor is a user with a key of his own and a folder that is his.
type actor struct {
	backend.User
	key string
	own string
}

// actor makes one; a nil permission is none.
func (s *suite) actor(t *testing.T, name string, more params) actor {
	t.Helper()
	u := s.user(t, name)
	if more != nil {
		s.send(t, "PATCH", fmt.Sprintf("/users/%d", u.ID), more).ok(200)
	}
	a := actor{User: u, own: s.dir(t, "own-"+name)}
	a.key, _ = s.send(t, "POST", "/api_keys", params{"name": s.tag + "-" + name, "permission_set": "full", "user_id": u.ID}).ok(201).object()["key"].(string)
	s.put(t, a.own+"/mine.txt", []byte("mine"), time.Time{})
	s.grant(t, a, a.own, "full")
	return a
}

func (s *suite) grant(t *testing.T, a actor, path, permission string) {
	t.Helper()
	s.send(t, "POST", "/permissions", params{"path": path, "user_id": a.ID, "permission": permission}).ok(201)
}

// as makes a request with the key of an actor.
func (s *suite) as(t *testing.T, a actor, method, path string, body any) *wire {
	t.Helper()
	return s.send(t, method, path, body, "X-Filesapi-Key", a.key)
}

// deedCases: every deed under every permission, and as an auditor.
func deedCases() (out []testCase) {
	for _, role := range append(slices.Sorted(maps.Keys(rightsOf)), "auditor") {
		allowed := rightsOf[role]
		if role == "auditor" {
			allowed = "any list read audit"
		}
		label := cmp.Or(role, "nothing")
		out = append(out, testCase{name: "rights of " + label, admin: true, run: func(t *testing.T, s *suite) {
			f := s.tree(t, "deeds-"+label, "file.txt", "moving.txt", "doomed")
			var more params
			if role == "auditor" {
				more = params{"readonly_site_admin": true}
			}
			a := s.actor(t, "of-"+label, more)
			if role != "" && role != "auditor" {
				s.grant(t, a, f, role)
			}
			other := s.user(t, "other-than-"+label).ID
			fill := strings.NewReplacer("{f}", f, "{own}", a.own, "{tag}", s.tag)
			for _, d := range deeds {
				if role == "auditor" && strings.Contains(strings.Join(slices.Collect(maps.Keys(d.body)), " "), "destination") {
					continue // an auditor writes nowhere, so the source says nothing
				}
				t.Run(d.name, func(t *testing.T) {
					var body any
					if d.body != nil {
						b := params{}
						for k, v := range d.body {
							if text, ok := v.(string); ok {
								v = fill.Replace(text)
							}
							if v == "{other}" {
								v = other
							}
							b[k] = v
						}
						body = b
					}
					w := s.as(t, a, d.method, fill.Replace(d.path), body)
					if slices.Contains(strings.Fields(allowed), d.right) {
						if w.status >= 300 {
							t.Errorf("%d %s", w.status, w.body)
						}
						return
					}
					if w.status < 300 && d.right == "admin" { // take away what should not be there
						if id, ok := w.object()["id"].(float64); ok {
							defer s.takeAway(t, fmt.Sprintf("%s/%.0f", d.path, id))
						}
					}
					w.refused(d.kind)
				})
			}
		}})
	}
	return out
}

// keySetCases: what the sets of permissions of an API key let it do
// (PROTOCOL.md 13).
func keySetCases() (out []testCase) {
	for _, set := range []string{"none", "full", "files_only", "desktop_app", "sync_app", "office_integration", "mobile_app"} {
		out = append(out, testCase{name: "rights: a key for " + set, admin: true, run: func(t *testing.T, s *suite) {
			o := s.send(t, "POST", "/api_keys", params{"name": s.tag + "-" + set, "permission_set": set}).ok(201).object()
			defer s.takeAway(t, fmt.Sprintf("/api_keys/%.0f", o["id"]))
			key, _ := o["key"].(string)
			files := s.send(t, "GET", "/folders/"+s.root, nil, "X-Filesapi-Key", key)
			users := s.send(t, "GET", "/users?per_page=1", nil, "X-Filesapi-Key", key)
			switch set {
			case "none":
				files.refused("not-authorized/")
				users.refused("not-authorized/")
			case "files_only":
				files.ok(200)
				users.refused("not-authorized/")
			case "full":
				files.ok(200)
				users.ok(200)
			default:
				files.ok(200)
			}
		}})
	}
	return out
}

func permissionLetters(t *testing.T, s *suite) {
	a := s.actor(t, "letters", nil)
	for permission, want := range map[string]string{
		"admin": "lrwd", "full": "lrwd", "bundle": "lr", "readonly": "lr", "history": "l", "list": "l", "writeonly": "w",
	} {
		d := s.tree(t, "letters-"+permission, "f")
		s.grant(t, a, d, permission)
		o := s.as(t, a, "GET", "/file_actions/metadata/"+d+"/f", nil).ok(200).object()
		if o["permissions"] != want {
			t.Errorf("%s shows %v, want %s", permission, o["permissions"], want)
		}
	}
}

func byGroup(t *testing.T, s *suite) {
	a, d := s.actor(t, "by-group", nil), s.tree(t, "by-group", "f")
	id := s.group(t, "by-group", nil)
	s.send(t, "POST", "/permissions", params{"path": d, "group_id": id, "permission": "readonly"}).ok(201)
	s.as(t, a, "GET", "/files/"+d+"/f", nil).refused("not-authorized/")
	s.send(t, "POST", "/group_users", params{"group_id": id, "user_id": a.ID}).ok(201)
	s.as(t, a, "GET", "/files/"+d+"/f", nil).ok(200)
	s.as(t, a, "DELETE", "/files/"+d+"/f", nil).refused("not-authorized/")
	s.send(t, "PATCH", fmt.Sprintf("/users/%d", a.ID), params{"group_ids": ""}).ok(200)
	s.as(t, a, "GET", "/files/"+d+"/f", nil).refused("not-authorized/")
}

func flatPermission(t *testing.T, s *suite) {
	a, d := s.actor(t, "flat", nil), s.tree(t, "flat", "f", "sub/g")
	s.send(t, "POST", "/permissions", params{"path": d, "user_id": a.ID, "permission": "readonly", "recursive": false}).ok(201)
	s.as(t, a, "GET", "/files/"+d+"/f", nil).ok(200)
	s.as(t, a, "GET", "/files/"+d+"/sub/g", nil).refused("not-authorized/")
}

func onTheWay(t *testing.T, s *suite) {
	a, d := s.actor(t, "on-the-way", nil), s.tree(t, "way", "secret.txt", "a/secret.txt", "a/b/f", "z/f")
	s.grant(t, a, d+"/a/b", "readonly")
	for path, want := range map[string]string{"": "a", "/a": "b", "/a/b": "f"} {
		var got []string
		for _, f := range s.as(t, a, "GET", "/folders/"+d+path, nil).ok(200).list() {
			name, _ := f["display_name"].(string)
			got = append(got, name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("way%s lists %q, want %s", path, got, want)
		}
	}
	s.as(t, a, "GET", "/file_actions/metadata/"+d+"/secret.txt", nil).refused("not-found")
	s.as(t, a, "GET", "/folders/"+d+"/z", nil).refused("not-authorized/")
}

func hiddenInTree(t *testing.T, s *suite) {
	a, d := s.actor(t, "hidden", nil), s.tree(t, "hidden", "no.txt", "yes/f.txt", "not/g.txt")
	s.grant(t, a, d+"/yes", "readonly")
	var got []string
	for _, f := range s.as(t, a, "GET", "/folders/"+d+"?recursive=true", nil).ok(200).list() {
		path, _ := f["path"].(string)
		got = append(got, strings.TrimPrefix(path, d+"/"))
	}
	if !slices.Equal(got, []string{"yes", "yes/f.txt"}) {
		t.Errorf("the tree is %q", got)
	}
	for _, f := range s.as(t, a, "GET", "/folders/"+d+"?search=txt", nil).ok(200).list() {
		if f["display_name"] != "f.txt" {
			t.Errorf("the search finds %v", f["path"])
		}
	}
}

func addUp(t *testing.T, s *suite) {
	a, d := s.actor(t, "add-up", nil), s.tree(t, "add-up", "f")
	s.grant(t, a, d, "writeonly")
	s.grant(t, a, d, "readonly")
	if o := s.as(t, a, "GET", "/file_actions/metadata/"+d+"/f", nil).ok(200).object(); o["permissions"] != "lrw" {
		t.Errorf("permissions %v", o["permissions"])
	}
	s.as(t, a, "POST", "/folders/"+d+"/sub", params{}).ok(201)
	s.as(t, a, "DELETE", "/files/"+d+"/f", nil).refused("not-authorized/")
}

func takenAway(t *testing.T, s *suite) {
	a, d := s.actor(t, "taken", nil), s.tree(t, "taken", "f")
	id := s.send(t, "POST", "/permissions", params{"path": d, "user_id": a.ID, "permission": "full"}).ok(201).object()["id"]
	s.as(t, a, "GET", "/folders/"+d, nil).ok(200)
	s.send(t, "DELETE", fmt.Sprintf("/permissions/%.0f", id), nil).ok(204)
	s.as(t, a, "GET", "/folders/"+d, nil).refused("not-authorized/")
}

func himself(t *testing.T, s *suite) {
	a := s.actor(t, "himself", nil)
	at := fmt.Sprintf("/users/%d", a.ID)
	if o := s.as(t, a, "GET", at, nil).ok(200).object(); o["username"] != a.Username {
		t.Errorf("the user is %v", o["username"])
	}
	if o := s.as(t, a, "PATCH", at, params{"name": "Changed"}).ok(200).object(); o["name"] != "Changed" {
		t.Errorf("the name is %v", o["name"])
	}
	s.as(t, a, "PATCH", at, params{"site_admin": true}).refused("not-authorized/")
	s.as(t, a, "DELETE", at, nil).refused("not-authorized/")
	other := s.user(t, "himself-not")
	s.as(t, a, "PATCH", fmt.Sprintf("/users/%d", other.ID), params{"name": "x"}).refused("not-authorized/")
	s.as(t, a, "GET", fmt.Sprintf("/users/%d", other.ID), nil).refused("not-found")
}

func ownThings(t *testing.T, s *suite) {
	a, b := s.actor(t, "owner", nil), s.actor(t, "stranger", nil)
	id := s.as(t, a, "POST", "/notifications", params{"path": a.own}).ok(201).object()["id"]
	at := fmt.Sprintf("/notifications/%.0f", id)
	s.as(t, a, "GET", at, nil).ok(200)
	s.as(t, b, "GET", at, nil).refused("not-found")
	s.as(t, b, "DELETE", at, nil).refused("not-found")
	s.as(t, b, "POST", "/notifications", params{"path": b.own, "user_id": a.ID}).refused("not-authorized/")
	for _, n := range s.as(t, b, "GET", "/notifications", nil).ok(200).list() {
		if n["id"] == id {
			t.Error("a stranger lists it")
		}
	}
	s.as(t, a, "DELETE", at, nil).ok(204)
}

func disabledUser(t *testing.T, s *suite) {
	a := s.actor(t, "disabled", nil)
	s.as(t, a, "GET", "/folders/"+a.own, nil).ok(200)
	s.send(t, "PATCH", fmt.Sprintf("/users/%d", a.ID), params{"disabled": true}).ok(200)
	s.as(t, a, "GET", "/folders/"+a.own, nil).refused("not-authenticated/")
	s.send(t, "PATCH", fmt.Sprintf("/users/%d", a.ID), params{"disabled": false}).ok(200)
	s.as(t, a, "GET", "/folders/"+a.own, nil).ok(200)
}

func pathKey(t *testing.T, s *suite) {
	d := s.tree(t, "path-key", "in/f", "out/g")
	o := s.send(t, "POST", "/api_keys", params{"name": s.tag + "-path", "permission_set": "files_only", "path": d + "/in"}).ok(201).object()
	defer s.takeAway(t, fmt.Sprintf("/api_keys/%.0f", o["id"]))
	key, _ := o["key"].(string)
	as := []string{"X-Filesapi-Key", key}
	s.send(t, "GET", "/files/"+d+"/in/f", nil, as...).ok(200)
	s.send(t, "POST", "/folders/"+d+"/in/sub", params{}, as...).ok(201)
	s.send(t, "GET", "/files/"+d+"/out/g", nil, as...).refused("not-authorized/api-key-is-path-restricted")
	s.send(t, "POST", "/folders/"+d+"/out/sub", params{}, as...).refused("not-authorized/api-key-is-path-restricted")
	s.send(t, "POST", "/file_actions/copy/"+d+"/in/f", params{"destination": d + "/out/f"}, as...).refused("not-authorized/api-key-is-path-restricted")
}

func expiredKey(t *testing.T, s *suite) {
	o := s.send(t, "POST", "/api_keys", params{"name": s.tag + "-expired", "expires_at": "2001-01-01T00:00:00Z"}).ok(201).object()
	defer s.takeAway(t, fmt.Sprintf("/api_keys/%.0f", o["id"]))
	key, _ := o["key"].(string)
	if w := s.send(t, "GET", "/folders/"+s.root, nil, "X-Filesapi-Key", key); w.status != 401 && w.status != 403 {
		t.Errorf("an expired key: %d %s", w.status, w.body)
	}
}

// lastAdmin: the site cannot be left without somebody to run it.
func lastAdmin(t *testing.T, s *suite) {
	var admins []float64
	for _, u := range s.send(t, "GET", "/users?filter[site_admin]=true&per_page=1000", nil).ok(200).list() {
		if id, ok := u["id"].(float64); ok && u["disabled"] != true {
			admins = append(admins, id)
		}
	}
	for _, id := range admins[1:] {
		s.send(t, "PATCH", fmt.Sprintf("/users/%.0f", id), params{"site_admin": false}).ok(200)
	}
	defer func() {
		for _, id := range admins[1:] {
			s.send(t, "PATCH", fmt.Sprintf("/users/%.0f", id), params{"site_admin": true}).ok(200)
		}
	}()
	at := fmt.Sprintf("/users/%.0f", admins[0])
	s.send(t, "PATCH", at, params{"site_admin": false}).refused("processing-failure/model-save-error")
	s.send(t, "PATCH", at, params{"disabled": true}).refused("processing-failure/model-save-error")
	s.send(t, "DELETE", at, nil).refused("processing-failure/model-save-error")
}
