package backendtest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"ferry/backend"
	"ferry/backend/api"
	"ferry/backend/server"
)

// login is the first login of the demo that fits.
func login(t *testing.T, s *server.Server, fits func(server.Login) bool) server.Login {
	t.Helper()
	for _, l := range s.Info().Users {
		if fits(l) {
			return l
		}
	}
	t.Fatal("the demo has no such login")
	return server.Login{}
}

// The two-factor flows need the secrets of the demo's users, so they are not
// part of the suite.
func TestTwoFactorLogin(t *testing.T) {
	t.Parallel()
	s := open(t)
	l := s.Listen()
	for name, user := range map[string]server.Login{
		"totp": login(t, s.Server, func(l server.Login) bool { return l.TOTPSecret != "" }),
		"yubi": login(t, s.Server, func(l server.Login) bool { return l.YubiID != "" && l.TOTPSecret == "" }),
	} {
		c := client(t, api.Config{BaseURL: s.Info().BaseURL, Dial: l.DialContext})
		cred := backend.Credentials{Username: user.Username, Password: user.Password}
		_, err := c.Login(t.Context(), cred)
		if !errors.Is(err, backend.ClassTwoFactorAuthenticationError) {
			t.Fatalf("%s: %v", name, err)
		}
		second := backend.AsError(err).TwoFactor
		if second.Preferred() != name {
			t.Fatalf("%s: asked for %v", name, second.Methods)
		}
		cred.OTP = "000000"
		if name == "yubi" {
			cred.Partial = second.Partial
		}
		if _, err = c.Login(t.Context(), cred); !errors.Is(err, backend.ClassOneTimePasswordIncorrect) {
			t.Errorf("%s, wrong code: %v", name, err)
		}
		if name == "yubi" {
			cred.OTP = user.YubiID + strings.Repeat("b", 32)
		} else if cred.OTP, err = totp.GenerateCode(user.TOTPSecret, s.now()); err != nil {
			t.Fatal(err)
		}
		session, err := c.Login(t.Context(), cred)
		if err != nil || session.ID == "" || session.Expires.IsZero() {
			t.Fatalf("%s: %v", name, err)
		}
		acc, err := c.WhoAmI(t.Context())
		if err != nil || acc.Username != user.Username {
			t.Errorf("%s: who am I: %+v %v", name, acc, err)
		}
	}
}
