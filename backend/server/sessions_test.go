package server

import (
	"strings"
	"testing"
	"time"

	"ferry/backend/server/world"
)

// login creates a session; the pairs are the parameters.
func (x *site) login(pairs ...string) *answer {
	x.t.Helper()
	body := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		body[pairs[i]] = pairs[i+1]
	}
	c := &site{t: x.t, s: x.s, l: x.l}
	return c.do("POST", "/sessions", body)
}

// with is the site for a caller with a session.
func (x *site) with(session string) *site { return &site{t: x.t, s: x.s, l: x.l, auth: session} }

func TestLogin(t *testing.T) {
	x := openSite(t, Options{})
	o := x.login("username", "Admin", "password", "ferry-admin").want(201).object()
	id, _ := o["id"].(string)
	if len(id) != 40 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Errorf("the session id %q", id)
	}
	for name, want := range map[string]any{
		"language": nil, "max_dir_listing_size": 100000.0, "user_belongs_to_parent_site": false,
		"timeout_at": "2026-03-04T16:04:05-05:00", // six hours on, in the zone of the site
	} {
		if got, ok := o[name]; !ok || got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	for _, name := range []string{"sftp_insecure_ciphers", "ssl_required", "tls_disabled", "calculate_file_checksums_md5", "legacy_checksums_mode"} {
		if _, ok := o[name].(bool); !ok {
			t.Errorf("%s is %v", name, o[name])
		}
	}
	if _, ok := o["read_only"]; ok {
		t.Error("read_only is there")
	}
	in := x.with(id)
	in.do("GET", "/folders/", nil).want(200)
	a := in.do("DELETE", "/sessions", nil).want(204)
	if len(a.body) != 0 || a.header.Get("Content-Type") != "" {
		t.Errorf("a 204 with a body: %q %v", a.body, a.header)
	}
	in.do("GET", "/folders/", nil).refused(401, "not-authenticated/invalid-credentials")
}

func TestLoginRefused(t *testing.T) {
	x := openSite(t, Options{})
	for _, c := range []struct {
		user, password string
		status         int
		wireType       string
	}{
		{"admin", "wrong", 401, "not-authenticated/invalid-username-or-password"},
		{"nobody", "wrong", 401, "not-authenticated/invalid-username-or-password"},
		{"admin", "", 401, "not-authenticated/invalid-username-or-password"},
		{"locked-user", "ferry-locked-user", 401, "not-authenticated/locked-out"},
		{"disabled-user", "ferry-disabled-user", 401, "not-authenticated/invalid-username-or-password"},
		{"expired-user", "ferry-expired-user", 401, "not-authenticated/invalid-username-or-password"},
		{"new-password-user", "ferry-new-password-user", 403, "not-authorized/password-change-required"},
	} {
		x.login("username", c.user, "password", c.password).refused(c.status, c.wireType)
	}
	if got := x.login("username", "admin", "password", "wrong").object()["error"]; got != "Invalid username or password" {
		t.Errorf("the message is %q", got)
	}
	x.do("POST", "/sessions", map[string]any{"username": "admin", "password": "ferry-admin"}).
		refused(403, "not-authorized/cannot-login-while-using-key")
	none := &site{t: t, s: x.s, l: x.l}
	none.do("GET", "/folders/", nil).refused(401, "not-authenticated/authentication-required")
	wrong := &site{t: t, s: x.s, l: x.l, key: "nonsense"}
	a := wrong.do("GET", "/folders/", nil).refused(401, "not-authenticated/invalid-credentials")
	if got := a.object()["error"]; got != badCredentials {
		t.Errorf("the message is %q", got)
	}
}

func TestSessionExpires(t *testing.T) {
	x := openSite(t, Options{})
	in := x.as("operator")
	x.pass(6*time.Hour - time.Second)
	in.do("GET", "/folders/", nil).want(200)
	x.pass(time.Second)
	in.do("GET", "/folders/", nil).refused(401, "not-authenticated/invalid-session")
}

func TestSessionLifetimeIsASetting(t *testing.T) {
	x := openSite(t, Options{})
	x.do("PATCH", "/site", map[string]any{"session_expiry_minutes": 10}).want(200)
	in := x.as("operator")
	x.pass(10 * time.Minute)
	in.do("GET", "/folders/", nil).refused(401, "not-authenticated/invalid-session")
}

func TestLockOut(t *testing.T) {
	x := openSite(t, Options{})
	x.do("PATCH", "/site", map[string]any{
		"user_lockout": true, "user_lockout_tries": 3, "user_lockout_within": 1, "user_lockout_lock_period": 2,
	}).want(200)
	wrong := func() *answer { return x.login("username", "operator", "password", "wrong") }
	wrong().refused(401, "not-authenticated/invalid-username-or-password")
	wrong().refused(401, "not-authenticated/invalid-username-or-password")
	x.pass(61 * time.Minute) // these do not count any more
	wrong().refused(401, "not-authenticated/invalid-username-or-password")
	wrong().refused(401, "not-authenticated/invalid-username-or-password")
	wrong().refused(401, "not-authenticated/locked-out")
	right := func() *answer { return x.login("username", "operator", "password", "ferry-operator") }
	right().refused(401, "not-authenticated/locked-out")
	x.pass(2 * time.Hour)
	right().want(201)
	for range 3 {
		wrong()
	}
	right().refused(401, "not-authenticated/locked-out")
	x.do("POST", "/users/2/unlock", map[string]any{}).want(204)
	right().want(201)
}

func TestTwoFactor(t *testing.T) {
	x := openSite(t, Options{})
	secret := x.s.world.Logins()[3].TOTPSecret
	code := func() string { return totpCode(secret, uint64(x.clock().Unix()/30)) }
	a := x.login("username", "totp-user", "password", "ferry-totp-user").refused(401, "not-authenticated/two-factor-authentication-error")
	data, _ := a.object()["data"].(map[string]any)
	methods, _ := data["two_factor_authentication_methods"].([]any)
	if len(methods) != 1 || methods[0] != "totp" || data["partial_session_id"] == "" {
		t.Errorf("the challenge is %v", data)
	}
	x.login("username", "totp-user", "password", "wrong", "otp", code()).refused(401, "not-authenticated/invalid-username-or-password")
	x.login("username", "totp-user", "password", "ferry-totp-user", "otp", "000000").refused(401, "not-authenticated/one-time-password-incorrect")
	old := code()
	x.login("username", "totp-user", "password", "ferry-totp-user", "otp", old).want(201)
	x.pass(2 * time.Minute)
	x.login("username", "totp-user", "password", "ferry-totp-user", "otp", old).refused(401, "not-authenticated/one-time-password-incorrect")
	x.login("username", "totp-user", "password", "ferry-totp-user", "otp", code()).want(201)
	x.login("username", "totp-user", "password", "ferry-totp-user", "otp", code()).refused(401, "not-authenticated/one-time-password-incorrect") // once
	x.pass(-time.Hour)
	x.login("username", "totp-user", "password", "ferry-totp-user", "otp", code()).want(201) // a clock that was put back

	x.login("username", "sms-user", "password", "ferry-sms-user").refused(401, "not-authenticated/two-factor-authentication-error")
	x.login("username", "sms-user", "password", "ferry-sms-user", "otp", "424242").want(201)
}

func TestYubi(t *testing.T) {
	x := openSite(t, Options{})
	id := x.s.world.Logins()[4].YubiID
	partial := func() string {
		data, _ := x.login("username", "yubi-user", "password", "ferry-yubi-user").
			refused(401, "not-authenticated/two-factor-authentication-error").object()["data"].(map[string]any)
		s, _ := data["partial_session_id"].(string)
		return s
	}
	code := id + strings.Repeat("cbdefghi", 4)
	p := partial()
	x.login("username", "yubi-user", "otp", "cccccccccccc"+code[12:], "partial_session_id", p).refused(401, "not-authenticated/one-time-password-incorrect")
	x.login("username", "admin", "otp", code, "partial_session_id", p).refused(401, "not-authenticated/invalid-username-or-password")
	x.login("username", "yubi-user", "otp", code, "partial_session_id", p).want(201)
	x.login("username", "yubi-user", "otp", code, "partial_session_id", p).refused(401, "not-authenticated/invalid-or-expired-code")
	x.login("username", "yubi-user", "otp", code, "partial_session_id", partial()).refused(401, "not-authenticated/one-time-password-incorrect")
	p = partial()
	x.pass(time.Hour)
	x.login("username", "yubi-user", "otp", id+strings.Repeat("ihgfedbc", 4), "partial_session_id", p).
		refused(401, "not-authenticated/invalid-or-expired-code")
}

// TestTOTP is the table of RFC 6238, cut to six digits.
func TestTOTP(t *testing.T) {
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // "12345678901234567890"
	for unix, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := totpCode(secret, uint64(unix/30)); got != want {
			t.Errorf("at %d the code is %s, want %s", unix, got, want)
		}
		now := time.Unix(unix, 0)
		step, ok := totpIs(secret, want, now.Add(30*time.Second))
		if _, late := totpIs(secret, want, now.Add(90*time.Second)); !ok || step != unix/30 || late {
			t.Errorf("at %d the window is not one step to either side", unix)
		}
	}
	if _, ok := totpIs("", "", time.Unix(59, 0)); ok || totpCode("not base32!", 1) != "" {
		t.Error("a code without a secret")
	}
}

func TestUseOfKeys(t *testing.T) {
	x := openSite(t, Options{})
	use := func(key string) *site { return &site{t: t, s: x.s, l: x.l, key: key} }
	files := use(world.FilesKey)
	files.do("GET", "/folders/", nil).want(200)
	files.do("GET", "/users", nil).want(403)
	made := x.do("POST", "/api_keys", map[string]any{"name": "short", "expires_at": "2026-03-05T00:00:00Z"}).want(201).object()
	key, _ := made["key"].(string)
	use(key).do("GET", "/folders/", nil).want(200)
	x.pass(24 * time.Hour)
	use(key).do("GET", "/folders/", nil).refused(403, "not-authorized/api-key-is-disabled")
	// A key wins over a session.
	both := x.do("GET", "/api_key", nil, "X-FilesAPI-Auth", "nonsense").want(200)
	if both.object()["id"] == nil {
		t.Errorf("%s", both.body)
	}
}

func TestReadOnlySession(t *testing.T) {
	x := openSite(t, Options{})
	in := x.as("auditor")
	in.do("GET", "/folders/", nil).want(200)
	in.do("POST", "/folders/new", map[string]any{}).refused(403, "not-authorized/read-only-session")
	in.do("DELETE", "/sessions", nil).want(204)
}

// TestBodiesOfStrangers: who has not logged in has no large body read.
func TestBodiesOfStrangers(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	large := map[string]any{"body": strings.Repeat("x", maxJSONBody+1)}
	x.do("POST", "/folders/a", large).refused(400, "bad-request/request-body-too-large")
	stranger := &site{t: t, s: x.s, l: x.l}
	stranger.do("POST", "/folders/a", large).refused(401, "not-authenticated/authentication-required")
	x.login("username", strings.Repeat("x", maxLoginBody), "password", "x").refused(400, "bad-request/request-body-too-large")
}
