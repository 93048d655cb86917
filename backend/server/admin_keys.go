package server

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
)

func (a *recordAPI) apiKeyRules() *recordRules {
	rules := &recordRules{}
	rules.save = func(_ *recordCall, _ *recordTable, r, _ *record) error {
		if s, _ := r.doc["name"].(string); strings.TrimSpace(s) == "" {
			return fieldErrors{"name": {"can't be blank"}}.err()
		}
		if r.doc["permission_set"] == nil || r.doc["permission_set"] == "" {
			r.doc["permission_set"] = "full"
		}
		return nil
	}
	rules.derive = func(_ *recordCall, r *record) (map[string]any, error) {
		name, _ := r.doc["name"].(string)
		return map[string]any{"descriptive_label": name, "key": nil}, nil
	}
	current := func(next func(c *recordCall, r *record) (*recordReply, error)) func(c *recordCall) (*recordReply, error) {
		return func(c *recordCall) (*recordReply, error) {
			if c.who.keyID == 0 {
				return nil, wireErrorf("not-authorized/must-authenticate-with-api-key", "This needs an API key")
			}
			r, err := c.api.store.get(c.ctx, "api_key", c.who.keyID)
			if errors.Is(err, errNoRecord) {
				return nil, notFound()
			}
			if err != nil {
				return nil, err
			}
			return next(c, r)
		}
	}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"create":       func(c *recordCall) (*recordReply, error) { return c.createKey(rules) },
		"find_current": current(func(c *recordCall, r *record) (*recordReply, error) { return c.object(rules, r) }),
		"update_current": current(func(c *recordCall, r *record) (*recordReply, error) {
			doc, hidden, err := c.fields()
			if err != nil {
				return nil, err
			}
			r, err = c.change(rules, r, doc, hidden)
			if err != nil {
				return nil, err
			}
			return c.object(rules, r)
		}),
		"delete_current": current(func(c *recordCall, r *record) (*recordReply, error) {
			if err := c.api.store.remove(c.ctx, "api_key", r.id); err != nil {
				return nil, err
			}
			return c.nothing(), nil
		}),
	}
	return rules
}

// createKey answers with the text of the key, once (PROTOCOL.md 13).
func (c *recordCall) createKey(rules *recordRules) (*recordReply, error) {
	doc, _, err := c.fields()
	if err != nil {
		return nil, err
	}
	if err := c.owner(doc); err != nil {
		return nil, err
	}
	c.stamp(doc, true)
	b := make([]byte, 32)
	rand.Read(b)
	key := hex.EncodeToString(b)
	r, err := c.api.store.insert(c.ctx, c.resource, &record{doc: doc, secret: key}, func(t *recordTable) error {
		return rules.save(c, t, &record{doc: doc}, nil)
	})
	if err != nil {
		return nil, err
	}
	extra := map[string]any{"key": key, "descriptive_label": doc["name"]}
	if doc["aws_style_credentials"] == true {
		extra["aws_access_key_id"], extra["aws_secret_key"] = "FERRY"+strings.ToUpper(key[:15]), key
	}
	return &recordReply{status: c.ep.Status, body: c.write(nil, c.resource, r.doc, extra)}, nil
}

func (a *recordAPI) publicKeyRules() *recordRules {
	rules := &recordRules{}
	rules.derive = func(c *recordCall, r *record) (map[string]any, error) {
		end, ok := r.doc["expires_at"].(time.Time)
		return map[string]any{
			"username": c.api.name(c.ctx, "user", r.doc["user_id"], "username"),
			"expired":  ok && !end.After(c.now),
		}, nil
	}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"create": (*recordCall).createPublicKey,
	}
	return rules
}

// sshKeyTypes are the first words of public keys.
var sshKeyTypes = []string{"ssh-rsa", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"}

func (c *recordCall) createPublicKey() (*recordReply, error) {
	doc, _, err := c.fields()
	if err != nil {
		return nil, err
	}
	if err := c.owner(doc); err != nil {
		return nil, err
	}
	c.stamp(doc, true)
	doc["status"] = "complete"
	extra := map[string]any{"username": c.api.name(c.ctx, "user", doc["user_id"], "username")}
	var blob []byte
	if c.params["generate_keypair"] == true {
		private, public, err := generateKey(c.text("generate_algorithm"), c.params["generate_length"])
		if err != nil {
			return nil, err
		}
		extra["generated_private_key"], extra["generated_public_key"] = private, public
		blob, _ = base64.StdEncoding.DecodeString(strings.Fields(public)[1])
	} else {
		words := strings.Fields(c.text("public_key"))
		if len(words) < 2 || !slices.Contains(sshKeyTypes, words[0]) {
			return nil, fieldErrors{"public_key": {"is invalid"}}.err()
		}
		if blob, err = base64.StdEncoding.DecodeString(words[1]); err != nil || len(blob) < 20 {
			return nil, fieldErrors{"public_key": {"is invalid"}}.err()
		}
	}
	doc["fingerprint"], doc["fingerprint_sha256"] = fingerprints(blob)
	for _, f := range []string{"public_key", "generate_keypair", "generate_algorithm", "generate_length"} {
		delete(doc, f)
	}
	r, err := c.api.store.insert(c.ctx, c.resource, &record{doc: doc}, func(t *recordTable) error {
		for _, k := range t.rows {
			if k.doc["fingerprint_sha256"] == doc["fingerprint_sha256"] {
				return fieldErrors{"public_key": {"has already been taken"}}.err()
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &recordReply{status: c.ep.Status, body: c.write(nil, c.resource, r.doc, extra)}, nil
}
