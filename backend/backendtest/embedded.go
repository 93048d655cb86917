package backendtest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// embeddedCases need the clock of the embedded site, its faults or its users.
var embeddedCases = func() (out []testCase) {
	for _, tc := range []testCase{
		{name: "clock: an upload address expires after 15 minutes", run: expiredUpload},
		{name: "clock: a download address expires after 60 seconds", run: expiredDownload},
		{name: "clock: a session ends after six hours", run: expiredSession},
		{name: "clock: a key ends at its time", run: expiringKey},
		{name: "clock: a user ends at his time", run: expiringUser},
		{name: "clock: a password is asked for anew", run: changePassword},
		{name: "lock-out: after too many wrong passwords, until its time", run: lockOut},
		{name: "lock-out: lifted by an administrator", run: unlock},
		{name: "two-factor: TOTP", run: twoFactorTOTP},
		{name: "two-factor: Yubi", run: twoFactorYubi},
		{name: "two-factor: a text message", run: twoFactorSMS},
		{name: "two-factor: reset by an administrator", run: twoFactorReset},
		{name: "two-factor: a partial session takes no forever", run: partialExpires},
		{name: "two-factor: keys never meet it", run: keyWithoutFactor},
		{name: "mail: a welcome", run: welcome},
		{name: "fault: by a header", run: faultHeader},
	} {
		tc.embedded, tc.admin = true, true
		out = append(out, tc)
	}
	for _, x := range []struct {
		kind   string
		status int
	}{
		{"rate-limited/too-many-requests", 429},
		{"rate-limited/too-many-concurrent-requests", 429},
		{"not-authenticated/invalid-session", 401},
		{"not-authenticated/lockout-region-mismatch", 403},
		{"not-authorized/reauthentication-needed-action", 403},
		{"processing-failure/folder-locked", 403},
		{"processing-failure/destination-parent-does-not-exist", 409},
		{"processing-failure/file-locked", 422},
		{"service-unavailable/uploads-unavailable", 422},
		{"site-configuration/trial-expired", 403},
		{"site-configuration/account-overdue", 403},
		{"bad-request/invalid-cursor", 400},
		{"not-found", 404},
		{"not-found/file-not-found", 404},
		{"processing-failure", 422},
	} {
		out = append(out, testCase{name: "fault: " + x.kind, embedded: true, run: func(t *testing.T, s *suite) {
			w := s.send(t, "GET", "/folders/"+s.root, nil, "X-Ferry-Fault", "type="+x.kind+"; message=on purpose; retry-after=7")
			if w.status != x.status || w.header.Get("Retry-After") != "7" || w.header.Get("X-Files-Error-Class") != x.kind {
				t.Errorf("%d, Retry-After %q, X-Files-Error-Class %q", w.status, w.header.Get("Retry-After"), w.header.Get("X-Files-Error-Class"))
			}
			e := w.object()
			if e["type"] != x.kind || e["error"] != "on purpose" || e["http-code"] != float64(x.status) || e["instance"] != w.header.Get("X-Request-Id") {
				t.Errorf("the error is %v", e)
			}
		}})
	}
	return out
}()

func faultHeader(t *testing.T, s *suite) {
	w := s.send(t, "GET", "/folders/"+s.root, nil, "X-Ferry-Fault", "status=502; body=<html>bad gateway</html>").ok(502)
	if !strings.Contains(string(w.body), "bad gateway") {
		t.Errorf("the body is %s", w.body)
	}
	s.send(t, "GET", "/folders/"+s.root, nil, "X-Ferry-Fault", "nonsense=1").refused("bad-request/")
	s.send(t, "GET", "/folders/"+s.root, nil).ok(200)
}

func expiredUpload(t *testing.T, s *suite) {
	u := s.begin(t, s.dir(t, "expired-upload")+"/f", params{})
	s.Embedded.Wait(14 * time.Minute)
	s.send(t, "PUT", u.uri, "early").ok(200)
	s.Embedded.Wait(2 * time.Minute)
	w := s.send(t, "PUT", u.uri, "late").ok(403)
	w.storage("AccessDenied")
	if !strings.Contains(string(w.body), "Request has expired") {
		t.Errorf("the error is %s", w.body)
	}
	l := s.send(t, "POST", "/file_actions/begin_upload/"+u.path, params{"ref": u.ref, "part": 1}).ok(200).list()
	if l[0]["ref"] != u.ref {
		t.Errorf("the new address is of %v", l[0]["ref"])
	}
	u.uri, _ = l[0]["upload_uri"].(string)
	u.part(t, 1, []byte("again"))
	u.end(t, params{"size": 5}).ok(201)
}

func expiredDownload(t *testing.T, s *suite) {
	uri := s.address(t, s.digits(t))
	s.Embedded.Wait(58 * time.Second)
	s.send(t, "GET", uri, nil).ok(200)
	s.Embedded.Wait(4 * time.Second)
	s.send(t, "GET", uri, nil).ok(403).storage("AccessDenied")
	s.send(t, "GET", s.address(t, s.digits(t)), nil).ok(200)
}

func expiredSession(t *testing.T, s *suite) {
	u := s.user(t, "expires")
	o := s.session(t, params{"username": u.Username, "password": password}).ok(201).object()
	at, err := time.Parse(time.RFC3339, fmt.Sprint(o["timeout_at"]))
	if left := at.Sub(s.Embedded.Now()); err != nil || left < 6*time.Hour-time.Minute || left > 6*time.Hour {
		t.Errorf("timeout_at %v, %v from now", o["timeout_at"], left)
	}
	id, _ := o["id"].(string)
	as := []string{"X-Filesapi-Key", "", "X-Filesapi-Auth", id}
	s.send(t, "GET", "/notifications?per_page=1", nil, as...).ok(200)
	s.Embedded.Wait(6*time.Hour + time.Minute)
	s.send(t, "GET", "/notifications?per_page=1", nil, as...).refused("not-authenticated/")
}

func expiringKey(t *testing.T, s *suite) {
	until := s.Embedded.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	o := s.send(t, "POST", "/api_keys", params{"name": s.tag + "-expiring", "expires_at": until}).ok(201).object()
	defer s.takeAway(t, fmt.Sprintf("/api_keys/%.0f", o["id"]))
	key, _ := o["key"].(string)
	s.send(t, "GET", "/notifications?per_page=1", nil, "X-Filesapi-Key", key).ok(200)
	s.Embedded.Wait(time.Hour + time.Minute)
	if w := s.send(t, "GET", "/notifications?per_page=1", nil, "X-Filesapi-Key", key); w.status != 401 && w.status != 403 {
		t.Errorf("an expired key: %d", w.status)
	}
}

func expiringUser(t *testing.T, s *suite) {
	a := s.actor(t, "until", params{"authenticate_until": s.Embedded.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
	s.as(t, a, "GET", "/folders/"+a.own, nil).ok(200)
	s.Embedded.Wait(2 * time.Hour)
	s.as(t, a, "GET", "/folders/"+a.own, nil).refused("not-authenticated/")
	s.session(t, params{"username": a.Username, "password": password}).refused("not-authenticated/invalid-username-or-password")
}

func changePassword(t *testing.T, s *suite) {
	u := s.user(t, "must-change")
	at := fmt.Sprintf("/users/%d", u.ID)
	s.send(t, "PATCH", at, params{"require_password_change": true}).ok(200)
	s.session(t, params{"username": u.Username, "password": password}).refused("not-authorized/password-change-required")
	s.send(t, "PATCH", at, params{"change_password": password + "2", "change_password_confirmation": password + "2"}).ok(200)
	s.session(t, params{"username": u.Username, "password": password}).refused("not-authenticated/invalid-username-or-password")
	s.session(t, params{"username": u.Username, "password": password + "2"}).ok(201)
}

// lockedUser makes a user who has tried too often.
func (s *suite) lockedUser(t *testing.T, name string) string {
	t.Helper()
	u := s.user(t, name)
	for range 20 {
		w := s.session(t, params{"username": u.Username, "password": "wrong"})
		if w.object()["type"] == "not-authenticated/locked-out" {
			w.refused("not-authenticated/locked-out")
			s.session(t, params{"username": u.Username, "password": password}).refused("not-authenticated/locked-out")
			o := s.send(t, "GET", fmt.Sprintf("/users/%d", u.ID), nil).ok(200).object()
			if o["lockout_expires"] == nil {
				t.Error("the end of the lock-out is not told")
			}
			return u.Username
		}
		w.refused("not-authenticated/invalid-username-or-password")
	}
	t.Fatal("twenty wrong passwords and no lock-out")
	return ""
}

func lockOut(t *testing.T, s *suite) {
	name := s.lockedUser(t, "locked-out")
	s.Embedded.Wait(25 * time.Hour)
	s.session(t, params{"username": name, "password": password}).ok(201)
}

func unlock(t *testing.T, s *suite) {
	name := s.lockedUser(t, "unlocked")
	l := s.send(t, "GET", "/users?search="+name, nil).ok(200).list()
	s.send(t, "POST", fmt.Sprintf("/users/%.0f/unlock", l[0]["id"]), params{}).ok(204)
	s.session(t, params{"username": name, "password": password}).ok(201)
}

// login finds the first account of the demo that fits.
func (s *suite) login(t *testing.T, fits func(Login) bool) Login {
	t.Helper()
	for _, l := range s.Embedded.Logins {
		if fits(l) {
			return l
		}
	}
	t.Fatal("the demo has no such account")
	return Login{}
}

// challenged wants to be asked for a second factor by a method.
func (s *suite) challenged(t *testing.T, l Login, method string) (partial string) {
	t.Helper()
	e := s.session(t, params{"username": l.Username, "password": l.Password}).refused("not-authenticated/two-factor-authentication-error")
	data, _ := e["data"].(map[string]any)
	methods, _ := data["two_factor_authentication_methods"].([]any)
	partial, _ = data["partial_session_id"].(string)
	if len(methods) != 1 || methods[0] != method || partial == "" {
		t.Errorf("asked for %v in the session %q", methods, partial)
	}
	return partial
}

func twoFactorTOTP(t *testing.T, s *suite) {
	l := s.login(t, func(l Login) bool { return l.TOTPSecret != "" })
	s.challenged(t, l, "totp")
	s.session(t, params{"username": l.Username, "password": l.Password, "otp": "000000"}).refused("not-authenticated/one-time-password-incorrect")
	old, err := totp.GenerateCode(l.TOTPSecret, s.Embedded.Now().Add(-10*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	s.session(t, params{"username": l.Username, "password": l.Password, "otp": old}).refused("not-authenticated/one-time-password-incorrect")
	code, err := totp.GenerateCode(l.TOTPSecret, s.Embedded.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.session(t, params{"username": l.Username, "password": "wrong", "otp": code}).refused("not-authenticated/invalid-username-or-password")
	s.session(t, params{"username": l.Username, "password": l.Password, "otp": code}).ok(201)
}

func twoFactorYubi(t *testing.T, s *suite) {
	l := s.login(t, func(l Login) bool { return l.YubiID != "" && l.TOTPSecret == "" })
	partial := s.challenged(t, l, "yubi")
	s.session(t, params{"username": l.Username, "otp": "cccccccccccc" + strings.Repeat("b", 32), "partial_session_id": partial}).refused("not-authenticated/one-time-password-incorrect")
	code := l.YubiID + strings.Repeat("l", 32)
	s.session(t, params{"username": l.Username, "otp": code, "partial_session_id": partial}).ok(201)
	again := s.challenged(t, l, "yubi")
	s.session(t, params{"username": l.Username, "otp": code, "partial_session_id": again}).refused("not-authenticated/one-time-password-incorrect")
}

func twoFactorSMS(t *testing.T, s *suite) {
	l := s.login(t, func(l Login) bool { return l.Username == "sms-user" })
	s.challenged(t, l, "sms")
	s.session(t, params{"username": l.Username, "password": l.Password, "otp": "424241"}).refused("not-authenticated/one-time-password-incorrect")
	s.session(t, params{"username": l.Username, "password": l.Password, "otp": "424242"}).ok(201)
}

// twoFactorReset runs after the others: the user has no second factor then.
func twoFactorReset(t *testing.T, s *suite) {
	l := s.login(t, func(l Login) bool { return l.Username == "sms-user" })
	u := s.send(t, "GET", "/users?search="+l.Username, nil).ok(200).list()[0]
	if u["active_2fa"] != true || u["type_of_2fa"] != "sms" {
		t.Errorf("before: %v, %v", u["active_2fa"], u["type_of_2fa"])
	}
	s.send(t, "POST", fmt.Sprintf("/users/%.0f/2fa/reset", u["id"]), params{}).ok(204)
	s.session(t, params{"username": l.Username, "password": l.Password}).ok(201)
}

func partialExpires(t *testing.T, s *suite) {
	l := s.login(t, func(l Login) bool { return l.YubiID != "" && l.TOTPSecret == "" })
	partial := s.challenged(t, l, "yubi")
	s.Embedded.Wait(time.Hour)
	s.session(t, params{"username": l.Username, "otp": l.YubiID + strings.Repeat("k", 32), "partial_session_id": partial}).refused("not-authenticated/")
	s.session(t, params{"username": l.Username, "otp": l.YubiID + strings.Repeat("k", 32), "partial_session_id": "0123"}).refused("not-authenticated/")
}

func keyWithoutFactor(t *testing.T, s *suite) {
	l := s.login(t, func(l Login) bool { return l.TOTPSecret != "" })
	u := s.send(t, "GET", "/users?search="+l.Username, nil).ok(200).list()[0]
	o := s.send(t, "POST", "/api_keys", params{"name": s.tag + "-factor", "user_id": u["id"]}).ok(201).object()
	defer s.takeAway(t, fmt.Sprintf("/api_keys/%.0f", o["id"]))
	key, _ := o["key"].(string)
	s.send(t, "GET", "/notifications?per_page=1", nil, "X-Filesapi-Key", key).ok(200)
}

func welcome(t *testing.T, s *suite) {
	u := s.user(t, "welcome")
	s.send(t, "POST", fmt.Sprintf("/users/%d/resend_welcome_email", u.ID), params{}).ok(204)
	found := false
	for _, m := range s.send(t, "GET", "/email_logs?per_page=50", nil).ok(200).list() {
		found = found || m["to"] == u.Email && strings.Contains(fmt.Sprint(m["message"]), u.Username)
	}
	if !found {
		t.Error("no welcome in the mailbox")
	}
	nobody := s.send(t, "POST", "/users", params{"username": s.tag + "-no-mail"}).ok(201).object()["id"]
	defer s.takeAway(t, fmt.Sprintf("/users/%.0f", nobody))
	s.send(t, "POST", fmt.Sprintf("/users/%.0f/resend_welcome_email", nobody), params{}).badField("email")
}

// editQuery changes parameters of an address; "" takes one out.
func editQuery(t *testing.T, uri string, changes map[string]string) string {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for k, v := range changes {
		q.Del(k)
		if v != "" {
			q.Set(k, v)
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}
