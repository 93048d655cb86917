package server

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
)

// loginBook remembers what a login needs between two requests.
type loginBook struct {
	mu      sync.Mutex
	failed  map[int64][]time.Time // wrong passwords and codes by user
	partial map[string]partialLogin
	yubi    map[string]bool  // codes that were used; each is good once
	steps   map[string]int64 // by secret: the newest step whose code was used
	reauth  map[string]int   // wrong proofs by session
}

// partialLogin is a password that was right and a second factor that is due.
type partialLogin struct {
	user    int64
	expires time.Time
}

// partialFor is how long the second factor may take.
const partialFor = 10 * time.Minute

func newLoginBook(*Server) *loginBook {
	return &loginBook{failed: map[int64][]time.Time{}, partial: map[string]partialLogin{}, yubi: map[string]bool{}, steps: map[string]int64{}, reauth: map[string]int{}}
}

func (s *Server) addSessionRoutes() {
	s.handle("session.create", (*call).createSession)
	s.handle("session.delete", (*call).deleteSession)
}

var errLogin = wireErrorf("not-authenticated/invalid-username-or-password", "Invalid username or password")

// createSession logs in (PROTOCOL.md 2).
func (c *call) createSession() error {
	if c.r.Header.Get("X-FilesAPI-Key") != "" {
		return wireErrorf("not-authorized/cannot-login-while-using-key", "You cannot log in while using an API key")
	}
	var in [4]string
	for i, name := range []string{"username", "password", "otp", "partial_session_id"} {
		var err error
		if in[i], err = c.text(name); err != nil {
			return err
		}
	}
	username, password, otp, partial := in[0], in[1], in[2], in[3]
	if partial != "" {
		return c.finishPartial(username, otp, partial)
	}
	if username == "" || password == "" {
		return errLogin
	}
	u, err := c.s.records.userByName(c.ctx, username)
	if errors.Is(err, errNoRecord) {
		// As long as for a user who is there, so that time tells nothing.
		userSecret{Hash: "00:00"}.passwordIs(password)
		return errLogin
	}
	if err != nil {
		return err
	}
	if err := c.checkUser(u); err != nil {
		return err
	}
	secret := readSecret(u.secret)
	if !secret.passwordIs(password) {
		return c.wrong(u, errLogin)
	}
	if methods := secondFactors(u, secret); len(methods) > 0 {
		if otp == "" {
			return c.challenge(u, methods)
		}
		if !c.codeIs(secret, otp) {
			return c.wrong(u, wireErrorf("not-authenticated/one-time-password-incorrect", "One-time password is incorrect"))
		}
	}
	return c.login(u)
}

// checkUser refuses users who may not log in, whatever the password.
func (c *call) checkUser(u *record) error {
	if end, ok := u.doc["lockout_expires"].(time.Time); ok && end.After(c.now) {
		return wireErrorf("not-authenticated/locked-out", "This account is locked out. Try again later or ask a site administrator to unlock it.")
	}
	if !active(u, c.now) {
		return wireErrorf("not-authenticated/invalid-username-or-password", "This account is disabled or has expired.")
	}
	if u.doc["authentication_method"] == "none" {
		return errLogin
	}
	return nil
}

// secondFactors are the methods by which a user has to prove himself further.
func secondFactors(u *record, s userSecret) []any {
	if u.doc["active_2fa"] != true {
		return nil
	}
	var out []any
	kinds, _ := u.doc["type_of_2fa"].(string)
	for kind := range strings.SplitSeq(kinds, "_") {
		if kind != "" {
			out = append(out, kind)
		}
	}
	if len(out) == 0 && s.TOTP != "" {
		out = append(out, "totp")
	}
	return out
}

// challenge asks for the second factor.
func (c *call) challenge(u *record, methods []any) error {
	id := newHex(20)
	b := c.s.login
	b.mu.Lock()
	for k, p := range b.partial {
		if !p.expires.After(c.now) {
			delete(b.partial, k)
		}
	}
	b.partial[id] = partialLogin{user: u.id, expires: c.now.Add(partialFor)}
	b.mu.Unlock()
	return &apiError{
		wireError: wireError{Type: "not-authenticated/two-factor-authentication-error", Message: "2FA Authentication error: Insert your U2F key or enter your code"},
		Data:      map[string]any{"two_factor_authentication_methods": methods, "partial_session_id": id},
	}
}

// finishPartial is the second step of a login with a Yubi key.
func (c *call) finishPartial(username, otp, id string) error {
	b := c.s.login
	b.mu.Lock()
	p, ok := b.partial[id]
	b.mu.Unlock()
	if !ok || !p.expires.After(c.now) {
		return wireErrorf("not-authenticated/invalid-or-expired-code", "The login has taken too long. Start again.")
	}
	u, err := c.s.records.store.get(c.ctx, "user", p.user)
	if errors.Is(err, errNoRecord) {
		return errLogin
	}
	if err != nil {
		return err
	}
	if name, _ := u.doc["username"].(string); username != "" && !strings.EqualFold(name, username) {
		return errLogin
	}
	if err := c.checkUser(u); err != nil {
		return err
	}
	if !c.codeIs(readSecret(u.secret), otp) {
		return c.wrong(u, wireErrorf("not-authenticated/one-time-password-incorrect", "One-time password is incorrect"))
	}
	b.mu.Lock()
	delete(b.partial, id)
	b.mu.Unlock()
	return c.login(u)
}

// codeIs checks a one-time code by every method that the user has.
func (c *call) codeIs(s userSecret, code string) bool {
	code = strings.TrimSpace(code)
	if s.TOTP != "" {
		if step, ok := totpIs(s.TOTP, code, c.now); ok {
			return c.s.login.useStep(s.TOTP, step, c.now)
		}
	}
	if s.SMS != "" && subtle.ConstantTimeCompare([]byte(s.SMS), []byte(code)) == 1 {
		return true
	}
	return s.Yubi != "" && c.s.login.useYubi(s.Yubi, code)
}

// useStep takes the code of a step once: neither it nor one before it is taken
// again (RFC 6238, 5.2). What lies ahead of a clock that was put back does not
// count.
func (b *loginBook) useStep(secret string, step int64, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if last, ok := b.steps[secret]; ok && step <= last && last <= now.Unix()/int64(totpStep/time.Second)+1 {
		return false
	}
	b.steps[secret] = step
	return true
}

// The form of a Yubi code: the id of the key and 32 characters that change, all
// of an alphabet of sixteen.
const (
	yubiLen     = 44
	maxYubi     = 100_000 // codes that are remembered
	modhexChars = "cbdefghijklnrtuv"
)

// useYubi takes a code of the key with that id. The site in a box has no
// validation server: it checks the form, and that no code comes twice.
func (b *loginBook) useYubi(id, code string) bool {
	code = strings.ToLower(code)
	if len(code) != yubiLen || !strings.HasPrefix(code, id) || strings.Trim(code, modhexChars) != "" {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.yubi[code] {
		return false
	}
	if len(b.yubi) >= maxYubi {
		clear(b.yubi)
	}
	b.yubi[code] = true
	return true
}

// wrong counts a failed attempt and locks the account after too many of them
// (the site settings user_lockout…, PROTOCOL.md 13).
func (c *call) wrong(u *record, cause error) error {
	if err := c.logAction(action{name: "login", user: u, failure: "password_mismatch"}); err != nil {
		return err
	}
	site, err := c.s.records.site(c.ctx)
	if err != nil {
		return err
	}
	setting := func(name string, def int64) int64 {
		if n, ok := site.doc[name].(int64); ok && n > 0 {
			return n
		}
		return def
	}
	if site.doc["user_lockout"] != true {
		return cause
	}
	tries := setting("user_lockout_tries", 5)
	since := c.now.Add(-time.Duration(setting("user_lockout_within", 6)) * time.Hour)
	b := c.s.login
	b.mu.Lock()
	kept := b.failed[u.id][:0]
	for _, t := range b.failed[u.id] {
		if t.After(since) {
			kept = append(kept, t)
		}
	}
	kept = append(kept, c.now)
	b.failed[u.id] = kept
	lock := int64(len(kept)) >= tries
	if lock {
		delete(b.failed, u.id)
	}
	b.mu.Unlock()
	if !lock {
		return cause
	}
	until := c.now.Add(time.Duration(setting("user_lockout_lock_period", 6)) * time.Hour)
	_, err = c.s.records.store.update(c.ctx, "user", u.id, func(_ *recordTable, r *record) error {
		r.doc["lockout_expires"] = until
		return nil
	})
	if err != nil {
		return err
	}
	return wireErrorf("not-authenticated/locked-out", "This account is locked out after too many wrong attempts.")
}

// login makes the session and answers with it, in the recorded form.
func (c *call) login(u *record) error {
	if u.doc["require_password_change"] == true {
		return wireErrorf("not-authorized/password-change-required", "You must change your password before you can log in")
	}
	site, err := c.s.records.site(c.ctx)
	if err != nil {
		return err
	}
	minutes, _ := site.doc["session_expiry_minutes"].(int64)
	if minutes <= 0 {
		minutes = 360
	}
	expires := c.now.Add(time.Duration(minutes) * time.Minute)
	id, readOnly := newHex(20), u.doc["readonly_site_admin"] == true
	_, err = c.s.db.write.ExecContext(c.ctx, `INSERT INTO sessions(id, user_id, created, expires, read_only) VALUES(?, ?, ?, ?, ?)`,
		id, u.id, c.now.Unix(), expires.Unix(), readOnly)
	if err != nil {
		return err
	}
	b := c.s.login
	b.mu.Lock()
	delete(b.failed, u.id)
	b.mu.Unlock()
	_, err = c.s.records.store.update(c.ctx, "user", u.id, func(_ *recordTable, r *record) error {
		r.doc["last_login_at"], r.doc["last_active_at"], r.doc["last_restapi_login_at"] = c.now, c.now, c.now
		if r.doc["first_login_at"] == nil {
			r.doc["first_login_at"] = c.now
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := c.logAction(action{name: "login", user: u}); err != nil {
		return err
	}
	name, _ := site.doc["default_time_zone"].(string)
	zone := siteZone(name)
	flag := func(name string) bool { return site.doc[name] == true }
	out := newObject()
	out.text("id", id)
	if language, _ := u.doc["language"].(string); language != "" {
		out.text("language", language)
	} else {
		out.null("language")
	}
	out.number("max_dir_listing_size", 100_000)
	if readOnly {
		out.flag("read_only", true)
	}
	out.flag("sftp_insecure_ciphers", flag("sftp_insecure_ciphers"))
	out.flag("ssl_required", flag("ssl_required"))
	out.text("timeout_at", zone(expires).Format(time.RFC3339))
	out.flag("tls_disabled", flag("tls_disabled"))
	for _, sum := range []string{"crc32", "md5", "sha1", "sha256"} {
		out.flag("calculate_file_checksums_"+sum, flag("calculate_file_checksums_"+sum))
	}
	out.flag("legacy_checksums_mode", flag("legacy_checksums_mode"))
	out.flag("user_belongs_to_parent_site", false)
	return c.json(http.StatusCreated, out.bytes())
}

// deleteSession logs out.
func (c *call) deleteSession() error {
	if c.who.session == "" {
		return wireErrorf("not-authenticated/api-key-sessions-not-supported", "An API key has no session to end")
	}
	if _, err := c.s.db.write.ExecContext(c.ctx, `DELETE FROM sessions WHERE id = ?`, c.who.session); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}
