package server

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"ferry/backend/server/world"
)

// userSecret is what the site keeps of the credentials of a user.
type userSecret world.Secret

// readSecret reads the secret of a user; what cannot be read is empty.
func readSecret(text string) userSecret {
	var s userSecret
	if text != "" {
		_ = json.Unmarshal([]byte(text), &s)
	}
	return s
}

// String is the form in which it is stored.
func (s userSecret) String() string {
	b, err := json.Marshal(s)
	if err != nil || string(b) == "{}" {
		return ""
	}
	return string(b)
}

// hashRounds makes guessing slow enough for a demo and a test of a login fast.
const hashRounds = 20_000

// setPassword keeps a salted hash. The plain text of the demo logins goes away.
func (s *userSecret) setPassword(password string) error {
	salt := make([]byte, 16)
	rand.Read(salt)
	sum, err := pbkdf2.Key(sha256.New, password, salt, hashRounds, 32)
	if err != nil {
		return fmt.Errorf("hash a password: %w", err)
	}
	s.Password, s.Hash = "", hex.EncodeToString(salt)+":"+hex.EncodeToString(sum)
	return nil
}

// passwordIs tells whether the password is the right one. A user without one
// has no right password.
func (s userSecret) passwordIs(password string) bool {
	if s.Password != "" {
		return subtle.ConstantTimeCompare([]byte(s.Password), []byte(password)) == 1
	}
	saltText, sumText, ok := strings.Cut(s.Hash, ":")
	if !ok {
		return false
	}
	salt, err := hex.DecodeString(saltText)
	if err != nil {
		return false
	}
	sum, err := pbkdf2.Key(sha256.New, password, salt, hashRounds, 32)
	if err != nil {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(sumText), []byte(hex.EncodeToString(sum))) == 1
}

// clearTwoFactor forgets the second factor, also in the fields of the user.
func (s *userSecret) clearTwoFactor(doc map[string]any) {
	s.TOTP, s.Yubi, s.SMS = "", "", ""
	doc["active_2fa"], doc["type_of_2fa"], doc["type_of_2fa_for_display"] = false, nil, nil
}

// userByName finds a user by name, whatever the case; errNoRecord when there is
// none.
func (a *recordAPI) userByName(ctx context.Context, name string) (*record, error) {
	return a.store.find(ctx, "user", func(r *record) bool {
		s, _ := r.doc["username"].(string)
		return strings.EqualFold(s, name)
	})
}

// keyByText finds an API key by its text; errNoRecord when there is none.
func (a *recordAPI) keyByText(ctx context.Context, key string) (*record, error) {
	if key == "" {
		return nil, errNoRecord
	}
	return a.store.find(ctx, "api_key", func(r *record) bool {
		return r.secret != "" && subtle.ConstantTimeCompare([]byte(keyOf(r)), []byte(key)) == 1
	})
}

// keyOf is the text of an API key.
func keyOf(r *record) string {
	if !strings.HasPrefix(r.secret, "{") {
		return r.secret
	}
	var s struct{ Key string }
	_ = json.Unmarshal([]byte(r.secret), &s)
	return s.Key
}
