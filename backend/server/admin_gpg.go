package server

import (
	"crypto/md5" // as the reference shows keys
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"ferry/backend/server/pgp"
)

// gpgSecret is what of a key is never sent.
type gpgSecret struct {
	Private  string `json:"private_key,omitempty"`
	Password string `json:"private_key_password,omitempty"`
}

func gpgSecretOf(r *record) (s gpgSecret) {
	if r.secret != "" {
		_ = json.Unmarshal([]byte(r.secret), &s) // what is no object holds no key
	}
	return s
}

// publicKey is the public half of a key that is kept.
func publicKey(r *record) (*pgp.Key, error) {
	text, _ := r.doc["public_key"].(string)
	return pgp.ReadPublic(text)
}

// privateKey is the private half of a key that is kept, open.
func privateKey(r *record) (*pgp.Key, error) {
	s := gpgSecretOf(r)
	return pgp.ReadPrivate(s.Private, s.Password)
}

// gpgKeyRules: a key is uploaded or generated; what is shown of it is read from
// it. Private keys and passwords go in and never come out, but for the answer
// that has generated them.
func (a *recordAPI) gpgKeyRules() *recordRules {
	rules := &recordRules{save: saveGPGKey}
	rules.derive = func(c *recordCall, r *record) (map[string]any, error) {
		s := gpgSecretOf(r)
		public, _ := r.doc["public_key"].(string)
		out := map[string]any{
			"public_key_md5": md5Of(public), "private_key_md5": md5Of(s.Private), "private_key_password_md5": md5Of(s.Password),
			"partner_name":         c.api.name(c.ctx, "partner", r.doc["partner_id"], "name"),
			"generated_public_key": nil, "generated_private_key": nil,
		}
		if c.generated[0] != "" {
			out["generated_public_key"], out["generated_private_key"] = c.generated[0], c.generated[1]
		}
		return out, nil
	}
	rules.before = func(c *recordCall, doc map[string]any, old *record) error {
		if s, given := doc["name"].(string); given && strings.TrimSpace(s) == "" {
			return fieldErrors{"name": {"can't be blank"}}.err()
		}
		if id, ok := doc["partner_id"].(int64); ok {
			if !c.who.siteAdmin {
				return wireErrorf("not-authorized/site-admin-required", "You must be a site admin to keep the key of a partner")
			}
			if _, err := c.api.store.get(c.ctx, "partner", id); errors.Is(err, errNoRecord) {
				return fieldErrors{"partner_id": {"is invalid"}}.err()
			}
		}
		for name := range doc {
			if strings.HasPrefix(name, "generate_") {
				delete(doc, name)
			}
		}
		if old == nil && c.params["generate_keypair"] == true {
			return c.generateGPGKey(doc)
		}
		return nil
	}
	return rules
}

func md5Of(s string) any {
	if s == "" {
		return nil
	}
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// maxKeyLife is how far off the end of a key may be: its packets have 32 bits
// for it.
const maxKeyLife = (1<<32 - 1) * time.Second

// generateGPGKey makes the pair that a call asks for.
func (c *recordCall) generateGPGKey(doc map[string]any) error {
	bad := fieldErrors{}
	n := pgp.NewKey{Name: strings.TrimSpace(c.text("generate_full_name")), Email: c.text("generate_email"), Password: c.text("private_key_password"), Now: c.now}
	switch {
	case n.Name == "":
		bad.add("generate_full_name", "can't be blank")
	case strings.ContainsAny(n.Name, "()<>\x00"):
		bad.add("generate_full_name", "is invalid")
	}
	if !isEmail(n.Email) {
		bad.add("generate_email", "is invalid")
	}
	for _, f := range []string{"public_key", "private_key"} {
		if c.text(f) != "" {
			bad.add(f, "must be blank where a key is generated")
		}
	}
	if s := c.text("generate_expires_at"); s != "" {
		t, _, ok := readTime(s, c.zone)
		if !ok {
			return wireErrorf("bad-request/datetime-parse", "generate_expires_at must contain valid date and time")
		}
		if !t.After(c.now) || t.Sub(c.now) > maxKeyLife {
			bad.add("generate_expires_at", "must be in the future, and not too far")
		}
		n.Expires = t
	}
	if err := bad.err(); err != nil {
		return err
	}
	public, private, err := pgp.Generate(n)
	if err != nil {
		return fmt.Errorf("generate a key: %w", err)
	}
	doc["public_key"] = public
	c.generated = [2]string{public, private}
	return nil
}

// saveGPGKey reads the keys and refuses what is none.
func saveGPGKey(c *recordCall, _ *recordTable, r, old *record) error {
	s := gpgSecretOf(r)
	if c.generated[1] != "" {
		s.Private = c.generated[1]
	}
	text, _ := r.doc["public_key"].(string)
	bad := fieldErrors{}
	var public, private *pgp.Key
	var err error
	if s.Private != "" {
		if private, err = pgp.ReadPrivate(s.Private, s.Password); err != nil {
			field := "private_key"
			if errors.Is(err, pgp.ErrPassword) || errors.Is(err, pgp.ErrNeedsPassword) {
				field = "private_key_password"
			}
			bad.add(field, err.Error())
		}
	}
	// A private key holds the public one; given alone it replaces the pair.
	if private != nil && (text == "" || old != nil && c.text("private_key") != "" && c.text("public_key") == "") {
		if text, err = private.Public(); err != nil {
			return err
		}
		r.doc["public_key"] = text
	}
	switch {
	case text == "" && len(bad) == 0:
		bad.add("public_key", "can't be blank")
	case text != "":
		if public, err = pgp.ReadPublic(text); err != nil {
			bad.add("public_key", err.Error())
		}
	}
	if public != nil && private != nil && public.Fingerprint() != private.Fingerprint() {
		if old == nil || c.text("private_key") != "" {
			bad.add("private_key", "does not belong to the public key")
		} else { // another public key without its private one
			s.Private, s.Password = "", ""
		}
	}
	if err := bad.err(); err != nil {
		return err
	}
	r.doc["expires_at"], r.doc["fingerprint"] = nil, public.Fingerprint()
	if end := public.Expires(); !end.IsZero() {
		r.doc["expires_at"] = end
	}
	b, err := json.Marshal(s)
	r.secret = string(b)
	return err
}
