package session

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ferry/backend"
	"ferry/backend/api"
	"ferry/backend/profile"
)

// NewOpener is an Opener with the settings of a run. agent names the program to
// the site.
func NewOpener(s profile.Settings, stateDir, agent string, log *slog.Logger) (*Opener, error) {
	level, err := api.ParseLevel(s.LogLevel)
	if err != nil {
		return nil, err
	}
	retries := s.Retries
	if retries == 0 {
		retries = -1 // none; 0 would be the default
	}
	return &Opener{
		StateDir: stateDir, Logger: log,
		Client: api.Config{
			BaseURL: s.BaseURL, OpenTimeout: s.OpenTimeout, ReadTimeout: s.ReadTimeout,
			RetryInitial: s.RetryInitial, RetryMax: s.RetryMax, Retries: retries,
			SourceIP: s.SourceIP, Language: s.Language, Workspace: s.Workspace,
			ReadOnly: s.ReadOnly, Logger: log, Level: level, UserAgent: agent,
		},
	}, nil
}

// The ways to log in, as the setting method names them.
const (
	byKey      = "api-key"
	byPassword = "password"
	bySession  = "session"
)

// Asked is the way to log in that was asked for, "" for none: by the flags, else by
// the environment. Who gives a user name as a flag means a password.
func Asked(flags map[string]string, env func(string) string) (method string, err error) {
	method = flags["method"]
	if flags["username"] != "" {
		switch method {
		case "", byPassword:
			return byPassword, nil
		case byKey:
			return "", errors.New("--method api-key with --username: an API key is that of one user; leave one of them out")
		case bySession:
			return "", errors.New("--method session with --username: a session is that of one user; leave one of them out")
		}
	}
	return cmp.Or(method, env("FERRY_METHOD")), nil
}

// Missing says what a login of the way that was asked for, or of any, needs and does
// not have.
func Missing(s profile.Settings, asked string, saved profile.Profile) string {
	if other := saved.Values["username"]; (asked == "" || asked == byPassword) && holds(saved) == byPassword && s.Username != "" && s.Username != other {
		return fmt.Sprintf("the profile %q holds the password of %q; a login as %q (--username, FERRY_USERNAME) needs FERRY_PASSWORD", saved.Name, other, s.Username)
	}
	switch asked {
	case byKey:
		return "a login by API key needs FERRY_API_KEY, or a profile that holds one"
	case byPassword:
		return "a login by password needs a user name (--username, FERRY_USERNAME) and FERRY_PASSWORD, or a profile that holds them"
	case bySession:
		return "a login by session needs FERRY_SESSION_ID, or a profile that holds one"
	}
	return "no API key, password or session is given"
}

// Credentials finds a login of the way that was asked for, or of any: in the
// environment, else in the saved profile. ok is false when there is none and a
// person has to be asked. The password of a profile is that of its own user.
func Credentials(s profile.Settings, asked string, saved profile.Profile, store *profile.Store, env func(string) string) (c backend.Credentials, ok bool, err error) {
	c.BaseURL = s.BaseURL
	may := func(method string) bool { return asked == "" || asked == method }
	if may(byKey) {
		if c.APIKey = cmp.Or(env("FERRY_API_KEY"), env("FILES_API_KEY")); c.APIKey != "" {
			return c, true, nil
		}
	}
	if may(bySession) {
		if c.SessionID = env("FERRY_SESSION_ID"); c.SessionID != "" {
			return c, true, nil
		}
	}
	if may(byPassword) {
		c.OTP = env("FERRY_OTP")
		if c.Username, c.Password = s.Username, env("FERRY_PASSWORD"); c.Username != "" && c.Password != "" {
			return c, true, nil
		}
		c.Password = ""
	}
	way := holds(saved)
	if saved.Name == "" || !may(way) || way == byPassword && saved.Values["username"] != s.Username {
		return c, false, nil
	}
	secret, err := store.Secret(saved.Name)
	if err != nil {
		return c, false, err
	}
	switch way {
	case byPassword:
		c.Password = secret
	case bySession:
		c = backend.Credentials{BaseURL: c.BaseURL, SessionID: secret}
	default:
		c = backend.Credentials{BaseURL: c.BaseURL, APIKey: secret}
	}
	return c, true, nil
}

// Behind is the environment of who has named a profile: the site and the user that
// it says are those that were meant.
func Behind(saved profile.Profile, env func(string) string) func(string) string {
	return func(name string) string {
		switch name {
		case "FERRY_BASE_URL", "FERRY_METHOD", "FERRY_USERNAME":
			if saved.Values[strings.ToLower(strings.TrimPrefix(name, "FERRY_"))] != "" {
				return ""
			}
		}
		return env(name)
	}
}

// NamedCredentials is Credentials for who has named the profile: its own login
// comes first, and the environment has one only where it holds none.
func NamedCredentials(s profile.Settings, asked string, saved profile.Profile, store *profile.Store, env func(string) string) (c backend.Credentials, ok bool, err error) {
	c, ok, err = Credentials(s, asked, saved, store, func(name string) string {
		if name == "FERRY_OTP" {
			return env(name)
		}
		return ""
	})
	if ok {
		return c, ok, err
	}
	if other, found, failed := Credentials(s, asked, saved, store, env); found || err == nil {
		return other, found, failed
	}
	return c, ok, err
}

// holds is the way to log in that the secret of a profile is for.
func holds(p profile.Profile) string { return cmp.Or(p.Values["method"], byKey) }

// Named says for people where a login that Credentials has found comes from.
func Named(c backend.Credentials, saved profile.Profile, env func(string) string) string {
	for _, v := range []struct{ name, value, text string }{
		{"FERRY_API_KEY", c.APIKey, "FERRY_API_KEY"},
		{"FILES_API_KEY", c.APIKey, "FILES_API_KEY"},
		{"FERRY_SESSION_ID", c.SessionID, "FERRY_SESSION_ID"},
		{"FERRY_PASSWORD", c.Password, "the user name (--username, FERRY_USERNAME) and FERRY_PASSWORD"},
	} {
		if v.value != "" && env(v.name) == v.value {
			return v.text
		}
	}
	return fmt.Sprintf("the login of the profile %q", saved.Name)
}

// Profile is what is saved of a login that has worked, with its secret.
func Profile(name string, c backend.Credentials, a backend.Account) (p profile.Profile, secret string) {
	v := map[string]string{"base_url": a.BaseURL, "method": byKey}
	secret = c.APIKey
	switch {
	case c.APIKey != "":
	case c.SessionID != "":
		v["method"], secret = bySession, c.SessionID
	default:
		v["method"], v["username"], secret = byPassword, c.Username, c.Password
	}
	return profile.Profile{Name: name, Values: v}, secret
}

// Waits remembers the pause that a request is in, for the top line. Note may be
// called from any goroutine.
type Waits struct {
	mu   sync.Mutex
	wait api.Wait
}

// Note takes what the client reports.
func (w *Waits) Note(x api.Wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wait = x
}

// Text says why and how long, "" when nothing waits.
func (w *Waits) Text(now time.Time) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := w.wait.Until.Sub(now).Round(time.Second)
	if w.wait.Over || left <= 0 {
		return ""
	}
	why := "no connection"
	switch {
	case errors.Is(w.wait.Err, backend.RateLimited):
		why = "asked to slow down"
	case errors.Is(w.wait.Err, backend.ServiceUnavailable):
		why = "the site is busy"
	}
	return fmt.Sprintf("%s, goes on in %s", why, left)
}

// OpenLog opens the log that the settings ask for; file is where it goes when
// they name none. The screen belongs to the renderer, so nothing is ever logged
// there. The function returned closes the log.
func OpenLog(s profile.Settings, file string) (*slog.Logger, func(), error) {
	if s.LogLevel == "" || s.LogLevel == "none" {
		return slog.New(slog.DiscardHandler), func() {}, nil
	}
	if s.LogFile != "" {
		file = s.LogFile
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, nil, logError(file, err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, logError(file, err)
	}
	log := slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return log, func() { _ = f.Close() }, nil
}

func logError(file string, err error) error {
	return &backend.Error{
		Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Op: "open the log", Path: file, Message: err.Error(), Cause: err,
	}
}
