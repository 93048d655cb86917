package server

import "net/http"

// reauthHeader carries the password, or a code of the second factor, of the
// user of the session once more (PROTOCOL.md 2).
const reauthHeader = "X-Files-Reauthentication"

// reauthTries is how often a session may prove itself wrongly before it ends.
const reauthTries = 5

// sensitive tells whether a call hands out or takes away access to the site.
func (c *call) sensitive() bool {
	switch c.route {
	case "api_key.create", "api_key.delete", "user.user_2fa_reset":
		return true
	case "user.update":
		if id, ok := wholeNumber(c.vars["id"]); ok && id == c.who.userID {
			return false
		}
		for _, p := range []string{"password", "change_password", "imported_password_hash", "clear_2fa"} {
			if v, given := c.param(p); given && v != "" && v != false {
				return true
			}
		}
	}
	return false
}

// reauthenticate asks the user of a session for a proof before a sensitive
// call. Keys are never asked.
func (c *call) reauthenticate() error {
	if c.who.session == "" || !c.sensitive() {
		return nil
	}
	proof := c.r.Header.Get(reauthHeader)
	if proof == "" {
		return wireErrorf("not-authorized/reauthentication-needed-action", "Enter your password or a code of your second factor to do this")
	}
	u, err := c.s.records.store.get(c.ctx, "user", c.who.userID)
	if err != nil {
		return err
	}
	secret := readSecret(u.secret)
	b := c.s.login
	if secret.passwordIs(proof) || c.codeIs(secret, proof) {
		b.mu.Lock()
		delete(b.reauth, c.who.session)
		b.mu.Unlock()
		return nil
	}
	b.mu.Lock()
	b.reauth[c.who.session]++
	last := b.reauth[c.who.session] >= reauthTries
	if last {
		delete(b.reauth, c.who.session)
	}
	b.mu.Unlock()
	if !last {
		return wireErrorf("not-authorized/reauthentication-failed", "The password or code is not right")
	}
	if _, err := c.s.db.write.ExecContext(c.ctx, `DELETE FROM sessions WHERE id = ?`, c.who.session); err != nil {
		return err
	}
	return &apiError{
		wireError: wireError{Type: "not-authorized/reauthentication-failed-final", Message: "The password or code was wrong too often; log in again"},
		Status:    http.StatusForbidden,
	}
}
