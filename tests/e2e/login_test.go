//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// byPassword fills the prompt in with a user name and password and sends it.
func (s *screen) byPassword(base, user, password string) {
	s.t.Helper()
	s.says("log in to Files.com", "API key")
	s.press("f3")
	s.says("User name", "Password")
	s.write(base)
	s.press("enter")
	s.write(user)
	s.press("enter")
	s.write(password)
	s.says(base, user)
	s.press("enter")
}

func TestLoginWithPassword(t *testing.T) {
	p := newPerson(t)
	site := p.serve("--world", "small")
	password, _ := site.password(t, "operator")
	s := p.start()
	s.byPassword(site.BaseURL, "operator", password+"x")
	s.says("not-authenticated/", "operator", site.BaseURL)
	if x := s.Text(); strings.Contains(x, password) {
		t.Errorf("the password is to be read:\n%s", x)
	}
	s.press("backspace", "enter") // what was typed has stayed, but for one letter
	s.until("the site", func(x string) bool {
		return strings.Contains(x, "operator") && strings.Contains(x, "Documents/") && !strings.Contains(x, "log in to Files.com")
	})
	s.press("q")
	if code := s.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.clean()
	if strings.Contains(s.Written(), password) {
		t.Error("the password was written to the terminal")
	}
}

func TestLoginWithOneTimeCode(t *testing.T) {
	p := newPerson(t)
	site := p.serve("--world", "small")
	password, secret := site.password(t, "totp-user")
	s := p.start()
	s.byPassword(site.BaseURL, "totp-user", password)
	s.says("second factor", "One-time code")
	s.write("000000")
	s.press("enter")
	s.says("not-authenticated/", "One-time code")
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.write(code)
	s.press("enter")
	s.until("the site", func(x string) bool { return strings.Contains(x, "totp-user") && !strings.Contains(x, "One-time") })
	s.press("q")
	if code := s.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestUnreachableSite(t *testing.T) {
	s := newPerson(t).start("--retries", "0")
	s.says("log in to Files.com")
	s.write("http://127.0.0.1:1")
	s.press("enter")
	s.write("Key1")
	s.press("enter")
	s.says("cannot be reached", "127.0.0.1:1", "log in to Files.com")
	s.press("esc")
	s.ends()
	s.clean()
}

// Where there is no key store the secret goes to a file, and Ferry says so. The
// next start needs nobody.
func TestSavedLogin(t *testing.T) {
	p := newPerson(t)
	site := p.serve("--world", "small")
	s := p.start()
	s.says("log in to Files.com")
	s.write(site.BaseURL)
	s.press("enter")
	s.write(site.APIKey)
	s.press("f6")
	s.says("Save as")
	s.press("tab", "ctrl+u")
	s.write("work")
	s.until("the name", func(x string) bool { return strings.Contains(row(x, "Save as"), "work ") })
	s.press("enter")
	s.says("Documents/")
	s.press("W") // what is said in passing may be over by now
	s.says("messages and errors", "Saved as profile work", "secrets.toml", "can read")
	s.press("esc")
	s.until("no messages", func(x string) bool { return !strings.Contains(x, "messages and errors") })
	s.press("q")
	if code := s.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}

	dir := filepath.Join(p.home, "config", "ferry")
	secrets := filepath.Join(dir, "secrets.toml")
	st, err := os.Stat(secrets)
	if err != nil {
		t.Fatal(err)
	}
	if st.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %v", secrets, st.Mode())
	}
	if data, err := os.ReadFile(secrets); err != nil || !strings.Contains(string(data), site.APIKey) {
		t.Errorf("the secret is not in the file (%v)", err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "config.toml")); err != nil || strings.Contains(string(data), site.APIKey) {
		t.Errorf("the secret is in the settings (%v)", err)
	}

	again := p.start("--profile", "work", "--local-dir", t.TempDir())
	again.says("admin", "Documents/")
	// A command that it gives away gets to the same site.
	again.press("=")
	again.says("Compare and plan a sync")
	again.press("enter")
	again.says("compared just now")
	again.press("Y")
	again.press("W")
	again.says("messages and errors", "ferry sync --profile work --pull")
	again.press("esc")
	again.until("no messages", func(x string) bool { return !strings.Contains(x, "messages and errors") })
	again.press("q")
	if code := again.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
