package backendtest

import (
	"fmt"
	"strings"
	"testing"

	"ferry/backend"
)

var sessionCases = []testCase{
	{name: "wrong credentials", run: wrongCredentials},
	{name: "sessions", admin: true, run: sessions},
	{name: "session: its object", admin: true, run: sessionObject},
	{name: "session: wrong logins", admin: true, run: wrongLogins},
	{name: "session: not with a key", run: noLoginWithKey},
	{name: "session: a key has none to end", run: noLogoutWithKey},
	{name: "session: a key beats it", admin: true, run: keyBeatsSession},
	{name: "session: headers in any case", admin: true, run: headerCase},
	{name: "session: user names in any case", admin: true, run: usernameCase},
	{name: "session: a proof for sensitive calls", admin: true, run: proof},
	{name: "session: too many wrong proofs end it", admin: true, run: wrongProofs},
	{name: "session: of a user without a password", admin: true, run: noPassword},
	{name: "session: of a user who is deleted", admin: true, run: deletedUser},
	{name: "session: read-only", admin: true, run: readOnlySession},
	{name: "session: two of one user", admin: true, run: twoSessions},
	{name: "session: nothing goes without credentials", run: noCredentials},
}

// session asks for a session without any credentials in the headers.
func (s *suite) session(t *testing.T, p params) *wire {
	t.Helper()
	return s.send(t, "POST", "/sessions", p, "X-Filesapi-Key", "")
}

// loggedIn gives the headers of a new session.
func (s *suite) loggedIn(t *testing.T, u backend.User) []string {
	t.Helper()
	id, _ := s.session(t, params{"username": u.Username, "password": password}).ok(201).object()["id"].(string)
	return []string{"X-Filesapi-Key", "", "X-Filesapi-Auth", id}
}

func sessionObject(t *testing.T, s *suite) {
	u := s.user(t, "object")
	o := s.session(t, params{"username": u.Username, "password": password}).ok(201).object()
	id, _ := o["id"].(string)
	if len(id) != 40 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Errorf("the id %q is not 40 hex digits", id)
	}
	if _, told := o["read_only"]; told {
		t.Error("read_only is told of a session that may write")
	}
	for _, f := range []string{
		"language", "max_dir_listing_size", "sftp_insecure_ciphers", "ssl_required", "timeout_at", "tls_disabled",
		"calculate_file_checksums_crc32", "calculate_file_checksums_md5", "calculate_file_checksums_sha1", "calculate_file_checksums_sha256",
		"legacy_checksums_mode", "user_belongs_to_parent_site",
	} {
		if _, told := o[f]; !told {
			t.Errorf("%s is missing", f)
		}
	}
	if o["language"] != nil || o["max_dir_listing_size"] != 100000.0 {
		t.Errorf("language %v, max_dir_listing_size %v", o["language"], o["max_dir_listing_size"])
	}
}

func wrongLogins(t *testing.T, s *suite) {
	u := s.user(t, "wrong")
	for _, p := range []params{
		{},
		{"username": u.Username},
		{"password": password},
		{"username": u.Username, "password": password + "x"},
		{"username": u.Username, "password": strings.ToUpper(password)},
		{"username": s.tag + "-nobody", "password": password},
		{"username": u.Email, "password": password + "x"},
		{"username": nil, "password": nil},
	} {
		s.session(t, p).refused("not-authenticated/invalid-username-or-password")
	}
}

func noLoginWithKey(t *testing.T, s *suite) {
	s.send(t, "POST", "/sessions", params{"username": "x", "password": "y"}).refused("not-authorized/cannot-login-while-using-key")
}

func noLogoutWithKey(t *testing.T, s *suite) {
	s.send(t, "DELETE", "/sessions", nil).refused("not-authenticated/api-key-sessions-not-supported")
}

func keyBeatsSession(t *testing.T, s *suite) {
	s.send(t, "GET", "/folders/"+s.root, nil, "X-Filesapi-Auth", strings.Repeat("0", 40)).ok(200)
	as := s.loggedIn(t, s.user(t, "beaten"))
	as[1] = strings.Repeat("0", 64)
	s.send(t, "GET", "/notifications?per_page=1", nil, as...).refused("not-authenticated/invalid-credentials")
}

func headerCase(t *testing.T, s *suite) {
	as := s.loggedIn(t, s.user(t, "header"))
	s.send(t, "GET", "/notifications?per_page=1", nil, "X-Filesapi-Key", "", "x-filesapi-auth", as[3]).ok(200)
	s.send(t, "GET", "/notifications?per_page=1", nil, "X-Filesapi-Key", "", "X-FILESAPI-AUTH", as[3]).ok(200)
}

func usernameCase(t *testing.T, s *suite) {
	u := s.user(t, "CaseD")
	s.session(t, params{"username": strings.ToUpper(u.Username), "password": password}).ok(201)
}

// proof: a session that may hand out access to the site has to prove itself once
// more (PROTOCOL.md 2).
func proof(t *testing.T, s *suite) {
	as := s.loggedIn(t, s.user(t, "proof"))
	body := params{"name": s.tag + "-proved"}
	s.send(t, "POST", "/api_keys", body, as...).refused("not-authorized/reauthentication-needed-action")
	s.send(t, "POST", "/api_keys", body, append(as, "X-Files-Reauthentication", "wrong")...).refused("not-authorized/reauthentication-failed")
	o := s.send(t, "POST", "/api_keys", body, append(as, "X-Files-Reauthentication", password)...).ok(201).object()
	s.send(t, "GET", fmt.Sprintf("/api_keys/%.0f", o["id"]), nil, as...).ok(200)
	s.send(t, "DELETE", fmt.Sprintf("/api_keys/%.0f", o["id"]), nil, append(as, "X-Files-Reauthentication", password)...).ok(204)
}

func wrongProofs(t *testing.T, s *suite) {
	as := s.loggedIn(t, s.user(t, "proofs"))
	for range 20 {
		w := s.send(t, "POST", "/api_keys", params{"name": "x"}, append(as, "X-Files-Reauthentication", "wrong")...)
		if w.object()["type"] == "not-authorized/reauthentication-failed-final" {
			s.send(t, "GET", "/notifications?per_page=1", nil, as...).refused("not-authenticated/")
			return
		}
		w.refused("not-authorized/reauthentication-failed")
	}
	t.Error("twenty wrong proofs and the session goes on")
}

func noPassword(t *testing.T, s *suite) {
	id := s.send(t, "POST", "/users", params{"username": s.tag + "-keys-only", "authentication_method": "none"}).ok(201).object()["id"]
	defer s.takeAway(t, fmt.Sprintf("/users/%.0f", id))
	s.session(t, params{"username": s.tag + "-keys-only", "password": "x"}).refused("not-authenticated/invalid-username-or-password")
}

func deletedUser(t *testing.T, s *suite) {
	u := s.user(t, "deleted")
	as := s.loggedIn(t, u)
	s.send(t, "GET", "/notifications?per_page=1", nil, as...).ok(200)
	if err := s.c.DeleteUser(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	s.send(t, "GET", "/notifications?per_page=1", nil, as...).refused("not-authenticated/")
}

func readOnlySession(t *testing.T, s *suite) {
	u := s.user(t, "auditor")
	s.send(t, "PATCH", fmt.Sprintf("/users/%d", u.ID), params{"readonly_site_admin": true}).ok(200)
	o := s.session(t, params{"username": u.Username, "password": password}).ok(201).object()
	if o["read_only"] != true {
		t.Errorf("read_only is %v", o["read_only"])
	}
	id, _ := o["id"].(string)
	as := []string{"X-Filesapi-Key", "", "X-Filesapi-Auth", id}
	s.send(t, "GET", "/users?per_page=1", nil, as...).ok(200)
	s.send(t, "POST", "/folders/"+s.root+"/not", params{}, as...).refused("not-authorized/")
	s.send(t, "DELETE", "/sessions", nil, as...).ok(204)
}

func twoSessions(t *testing.T, s *suite) {
	u := s.user(t, "two")
	a, b := s.loggedIn(t, u), s.loggedIn(t, u)
	if a[3] == b[3] {
		t.Error("both have one id")
	}
	s.send(t, "DELETE", "/sessions", nil, a...).ok(204)
	s.send(t, "GET", "/notifications?per_page=1", nil, a...).refused("not-authenticated/")
	s.send(t, "GET", "/notifications?per_page=1", nil, b...).ok(200)
}

func noCredentials(t *testing.T, s *suite) {
	for _, x := range []string{
		"GET /folders/", "GET /files/x", "GET /file_actions/metadata/x", "GET /users", "GET /site", "GET /history", "GET /api_key",
		"POST /folders/x", "POST /users", "POST /file_actions/begin_upload/x", "DELETE /files/x", "DELETE /sessions", "PATCH /site",
	} {
		method, path, _ := strings.Cut(x, " ")
		var body any
		if method == "POST" || method == "PATCH" {
			body = params{}
		}
		for _, as := range [][]string{
			{"X-Filesapi-Key", ""}, {"X-Filesapi-Key", "0123456789abcdef"}, {"X-Filesapi-Key", "", "X-Filesapi-Auth", "0123456789abcdef"},
		} {
			s.send(t, method, path, body, as...).refused("not-authenticated/")
		}
	}
}

func wrongCredentials(t *testing.T, s *suite) {
	ctx := t.Context()
	for _, cred := range []backend.Credentials{{APIKey: "0123456789abcdef"}, {SessionID: "0123456789abcdef"}} {
		c, err := s.c.WithCredentials(cred)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.List(ctx, "", backend.FolderQuery{})
		refused(t, err, backend.NotAuthenticated)
	}
	none, err := s.c.WithCredentials(backend.Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = none.List(ctx, "", backend.FolderQuery{})
	refused(t, err, backend.NotAuthenticated)
	_, err = none.Login(ctx, backend.Credentials{Username: s.tag + "-nobody", Password: "wrong"})
	refused(t, err, backend.ClassInvalidUsernameOrPassword)
}

func sessions(t *testing.T, s *suite) {
	ctx := t.Context()
	u := s.user(t, "login")
	c, err := s.c.WithCredentials(backend.Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := c.Login(ctx, backend.Credentials{Username: u.Username, Password: password})
	if err != nil || l.ID == "" {
		t.Fatal(err)
	}
	if _, err := s.c.Permissions().Create(ctx, map[string]any{"path": s.root, "user_id": u.ID, "permission": "readonly"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.List(ctx, s.root, backend.FolderQuery{}); err != nil {
		t.Error(err)
	}
	_, err = c.Mkdir(ctx, s.root+"/not-mine", false)
	refused(t, err, backend.NotAuthorized)
	acc, err := c.WhoAmI(ctx)
	if err != nil || acc.Username != u.Username || acc.SiteAdmin || acc.KeyName != "" {
		t.Errorf("who am I: %+v %v", acc, err)
	}
	_, err = c.CreateUser(ctx, backend.UserEdit{Username: &u.Username})
	refused(t, err, backend.NotAuthorized)
	same, err := s.c.WithCredentials(backend.Credentials{SessionID: l.ID})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Logout(ctx); err != nil {
		t.Fatal(err)
	}
	_, err = same.List(ctx, s.root, backend.FolderQuery{})
	refused(t, err, backend.NotAuthenticated)
	if !backend.SessionEnded(err) {
		t.Errorf("the session goes on: %v", err)
	}
}
