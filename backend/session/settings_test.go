package session

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/zalando/go-keyring"

	"ferry/backend"
	"ferry/backend/api"
	"ferry/backend/profile"
	"ferry/backend/server"
)

func TestCredentialsComeFromTheEnvironmentFirst(t *testing.T) {
	store := profile.Open(t.TempDir())
	all := map[string]string{"FERRY_API_KEY": "k", "FERRY_SESSION_ID": "s", "FERRY_PASSWORD": "p"}
	for _, c := range []struct {
		env   map[string]string
		set   profile.Settings
		asked string
		want  backend.Credentials
		ok    bool
	}{
		{nil, profile.Settings{BaseURL: "x"}, "", backend.Credentials{BaseURL: "x"}, false},
		{map[string]string{"FILES_API_KEY": "k2"}, profile.Settings{}, "", backend.Credentials{APIKey: "k2"}, true},
		{map[string]string{"FERRY_API_KEY": "k1", "FILES_API_KEY": "k2"}, profile.Settings{}, "", backend.Credentials{APIKey: "k1"}, true},
		{map[string]string{"FERRY_SESSION_ID": "s"}, profile.Settings{}, "", backend.Credentials{SessionID: "s"}, true},
		{map[string]string{"FERRY_PASSWORD": "p"}, profile.Settings{Username: "u"}, "", backend.Credentials{Username: "u", Password: "p"}, true},
		{nil, profile.Settings{Username: "u"}, "", backend.Credentials{Username: "u"}, false},
		{all, profile.Settings{Username: "u"}, "", backend.Credentials{APIKey: "k"}, true},
		{all, profile.Settings{Username: "u"}, "session", backend.Credentials{SessionID: "s"}, true},
		{all, profile.Settings{Username: "u"}, "password", backend.Credentials{Username: "u", Password: "p"}, true},
		{all, profile.Settings{}, "password", backend.Credentials{}, false},
		{map[string]string{"FERRY_PASSWORD": "p"}, profile.Settings{Username: "u"}, "api-key", backend.Credentials{}, false},
	} {
		got, ok, err := Credentials(c.set, c.asked, profile.Profile{}, store, func(k string) string { return c.env[k] })
		if err != nil || ok != c.ok || got.APIKey != c.want.APIKey || got.SessionID != c.want.SessionID || got.Username != c.want.Username || got.Password != c.want.Password {
			t.Errorf("env %v: %v, %v, %v", c.env, got, ok, err)
		}
	}
}

// What was asked for by flag is what counts, and what contradicts it is refused.
func TestTheWayToLogInThatWasAskedFor(t *testing.T) {
	for _, c := range []struct{ method, username, env, want, refused string }{
		{"", "", "", "", ""},
		{"", "", "session", "session", ""},
		{"password", "", "session", "password", ""},
		{"", "u", "api-key", "password", ""},
		{"password", "u", "", "password", ""},
		{"api-key", "u", "", "", "--method api-key with --username"},
		{"session", "u", "", "", "--method session with --username"},
	} {
		got, err := Asked(map[string]string{"method": c.method, "username": c.username}, func(string) string { return c.env })
		if got != c.want || (err != nil) != (c.refused != "") || err != nil && !strings.Contains(err.Error(), c.refused) {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}

// The secret of a profile is used for what it is, and for its own user.
func TestTheSecretOfAProfileIsNoOther(t *testing.T) {
	keyring.MockInit() // not that of who runs the test
	store := profile.Open(t.TempDir())
	const others = `the profile "work" holds the password of "u"; a login as "other"`
	password := backend.Credentials{Username: "u", Password: "x"}
	for _, c := range []struct {
		login    backend.Credentials
		flags    map[string]string
		username string // in the environment
		missing  string // "" when it can be used
	}{
		{backend.Credentials{APIKey: "x"}, nil, "", ""},
		{backend.Credentials{APIKey: "x"}, map[string]string{"method": "password"}, "", "a login by password needs"},
		{backend.Credentials{SessionID: "x"}, map[string]string{"method": "session"}, "", ""},
		{password, map[string]string{"method": "password"}, "", ""},
		{password, map[string]string{"username": "u"}, "", ""},
		{password, map[string]string{"username": "other"}, "", others},
		{password, nil, "other", others},
		{password, map[string]string{"method": "api-key"}, "other", "a login by API key needs"},
	} {
		env := func(k string) string { return map[string]string{"FERRY_USERNAME": c.username}[k] }
		saved, secret := Profile("work", c.login, backend.Account{})
		if _, err := store.Save(saved, secret); err != nil {
			t.Fatal(err)
		}
		set, err := profile.Resolve(c.flags, env, saved)
		if err != nil {
			t.Fatal(err)
		}
		asked, err := Asked(c.flags, env)
		if err != nil {
			t.Fatal(err)
		}
		got, ok, err := Credentials(set, asked, saved, store, env)
		if err != nil || ok != (c.missing == "") || ok && got != c.login || !ok && got.APIKey+got.Password+got.SessionID != "" {
			t.Errorf("%v with %v: %v, %v, %v", c.login, c.flags, got, ok, err)
		}
		if says := Missing(set, asked, saved); !ok && !strings.Contains(says, c.missing) {
			t.Errorf("%v with %v: %s", c.login, c.flags, says)
		}
	}
}

func TestALoginIsNamed(t *testing.T) {
	env := map[string]string{"FERRY_API_KEY": "k", "FERRY_PASSWORD": "p"}
	for want, c := range map[string]backend.Credentials{
		"FERRY_API_KEY":                {APIKey: "k"},
		"FERRY_PASSWORD":               {Username: "u", Password: "p"},
		`the login of the profile "a"`: {APIKey: "saved"},
	} {
		got := Named(c, profile.Profile{Name: "a"}, func(k string) string { return env[k] })
		if !strings.HasSuffix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The code of a second factor comes from the environment, for one that the site
// asks for beside the password, and for one that replaces it.
func TestACodeFromTheEnvironment(t *testing.T) {
	now := time.Now() // and so it stays on the site: its codes hold for half a minute
	site, err := server.Open(t.Context(), server.Options{World: "demo", Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	line := site.Listen()
	t.Cleanup(func() { _ = line.Close(); _ = site.Close() })
	for _, u := range site.Info().Users {
		var code string
		switch u.Username {
		case "totp-user":
			if code, err = totp.GenerateCode(u.TOTPSecret, now); err != nil {
				t.Fatal(err)
			}
		case "sms-user":
			code = "424242"
		case "yubi-user":
			code = "ccccccdeferr" + strings.Repeat("c", 32)
		default:
			continue
		}
		for otp, want := range map[string]error{"": backend.ClassTwoFactorAuthenticationError, code: nil} {
			env := map[string]string{"FERRY_PASSWORD": u.Password, "FERRY_OTP": otp}
			c, _, err := Credentials(profile.Settings{BaseURL: server.LocalURL, Username: u.Username}, "", profile.Profile{}, nil, func(k string) string { return env[k] })
			if err != nil {
				t.Fatal(err)
			}
			o := Opener{}
			o.Client.Dial = line.DialContext
			s, err := o.Steady(t.Context(), c)
			if !errors.Is(err, want) {
				t.Errorf("%s with %q: %v", u.Username, otp, err)
			}
			if s != nil {
				if err := s.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func TestASavedLoginComesBack(t *testing.T) {
	a := backend.Account{BaseURL: "https://acme.files.com"}
	for method, c := range map[string]backend.Credentials{
		"api-key":  {APIKey: "secret"},
		"session":  {SessionID: "secret"},
		"password": {Username: "u", Password: "secret"},
	} {
		p, secret := Profile("work", c, a)
		if p.Values["method"] != method || secret != "secret" || p.Values["base_url"] != a.BaseURL {
			t.Errorf("%s: %v", method, p)
		}
		if s, err := profile.Resolve(nil, func(string) string { return "" }, p); err != nil || s.Username != c.Username {
			t.Errorf("%s: what is saved cannot be read: %v", method, err)
		}
	}
}

func TestWaitsAreTold(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var w Waits
	if got := w.Text(now); got != "" {
		t.Errorf("nothing waits: %q", got)
	}
	x := api.Wait{Until: now.Add(12 * time.Second), Err: &backend.Error{Group: backend.RateLimited}}
	w.Note(x)
	if got := w.Text(now); got != "asked to slow down, goes on in 12s" {
		t.Errorf("got %q", got)
	}
	x.Over = true
	w.Note(x)
	if got := w.Text(now); got != "" {
		t.Errorf("it is over: %q", got)
	}
}

func TestNoRetriesMeansNone(t *testing.T) {
	set := profile.Defaults()
	set.Retries = 0
	o, err := NewOpener(set, "", "Ferry/test", nil)
	if err != nil || o.Client.Retries >= 0 {
		t.Errorf("%+v, %v", o, err)
	}
}

// Who names a profile means its site, its user and its login, whatever the
// environment holds; what the profile lacks comes from there.
func TestAProfileThatIsNamedGoesFirst(t *testing.T) {
	keyring.MockInit()
	store := profile.Open(t.TempDir())
	env := func(k string) string {
		return map[string]string{
			"FERRY_API_KEY": "other", "FERRY_BASE_URL": "https://other.example.com", "FERRY_USERNAME": "other", "FERRY_METHOD": "session",
			"FERRY_OTP": "123456", "FERRY_THEME": "dark",
		}[k]
	}
	for _, c := range []struct {
		login backend.Credentials
		want  backend.Credentials
	}{
		{backend.Credentials{APIKey: "x"}, backend.Credentials{APIKey: "x"}},
		{backend.Credentials{Username: "u", Password: "x"}, backend.Credentials{Username: "u", Password: "x", OTP: "123456"}},
		{backend.Credentials{}, backend.Credentials{APIKey: "other"}},
	} {
		c.login.BaseURL, c.want.BaseURL = "https://mine.example.com", "https://mine.example.com"
		saved, secret := Profile("work", c.login, backend.Account{BaseURL: c.login.BaseURL})
		if _, err := store.Save(saved, secret); err != nil {
			t.Fatal(err)
		}
		saved, err := store.Get("work")
		if err != nil {
			t.Fatal(err)
		}
		behind := Behind(saved, env)
		set, err := profile.Resolve(nil, behind, saved)
		if err != nil || set.Theme != "dark" {
			t.Fatal(set, err)
		}
		asked, err := Asked(nil, behind)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok, err := NamedCredentials(set, asked, saved, store, env); !ok || err != nil || got != c.want {
			t.Errorf("%v: %v, %v, %v", c.login, got, ok, err)
		}
	}
}
