package profile

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferry/backend"
)

// Settings is how one run of the program talks to one site and looks.
type Settings struct {
	BaseURL  string
	Method   string // "api-key", "password", "session"
	Username string
	ReadOnly bool

	OpenTimeout  time.Duration
	ReadTimeout  time.Duration
	RetryInitial time.Duration
	RetryMax     time.Duration
	Retries      int
	SourceIP     string
	Language     string
	Workspace    int64
	LogLevel     string // none, info, debug; not said it is info for a LogFile, else none
	LogFile      string // "" is the state folder

	Theme    string // "auto" or a theme's name
	ASCII    bool
	LocalDir string
	Notify   string // how the end of long transfers is told: off, bell, notification
}

// Defaults are the vendor's (PROTOCOL.md 7), and ours where it has none.
func Defaults() Settings {
	return Settings{
		OpenTimeout: 30 * time.Second, ReadTimeout: 60 * time.Second,
		RetryInitial: 500 * time.Millisecond, RetryMax: 2 * time.Second, Retries: 3,
		LogLevel: "none", Theme: "auto", Notify: "bell",
	}
}

// Setting is one of the settings: its name is the flag's; the environment has
// it as FERRY_NAME, a profile as name with underscores.
type Setting struct {
	Name  string
	Help  string
	Takes string // what its value is, in one word; "" is true or false
	set   func(*Settings, string) error
}

// Env is the name of the setting's environment variable.
func (s Setting) Env() string {
	return "FERRY_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// Key is the name of the setting in a profile.
func (s Setting) Key() string { return strings.ReplaceAll(s.Name, "-", "_") }

func text(to func(*Settings) *string, allowed ...string) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		if len(allowed) > 0 && !slices.Contains(allowed, v) {
			return fmt.Errorf("%q is none of %s", v, strings.Join(allowed, ", "))
		}
		*to(s) = v
		return nil
	}
}

func duration(to func(*Settings) *time.Duration) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil {
			if f, ferr := strconv.ParseFloat(v, 64); ferr == nil && f < math.MaxInt32 {
				d, err = time.Duration(f*float64(time.Second)), nil
			}
		}
		if err != nil || d <= 0 {
			return fmt.Errorf("%q is no duration; write 30s, 500ms or a number of seconds", v)
		}
		*to(s) = d
		return nil
	}
}

func truth(to func(*Settings) *bool) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", v)
		}
		*to(s) = b
		return nil
	}
}

// All are the settings in the order in which help lists them.
func All() []Setting {
	return []Setting{
		{"base-url", "address of the site: a subdomain, a host or a URL", "URL", text(func(s *Settings) *string { return &s.BaseURL })},
		{"method", "how to log in: api-key, password or session", "METHOD", text(func(s *Settings) *string { return &s.Method }, "api-key", "password", "session")},
		{"username", "user name for the method password", "NAME", text(func(s *Settings) *string { return &s.Username })},
		{"read-only", "send nothing that could change the site", "", truth(func(s *Settings) *bool { return &s.ReadOnly })},
		{"open-timeout", "time to open a connection", "DURATION", duration(func(s *Settings) *time.Duration { return &s.OpenTimeout })},
		{"read-timeout", "time without an answer", "DURATION", duration(func(s *Settings) *time.Duration { return &s.ReadTimeout })},
		{"retry-initial", "first wait before a request is repeated", "DURATION", duration(func(s *Settings) *time.Duration { return &s.RetryInitial })},
		{"retry-max", "longest wait before a request is repeated", "DURATION", duration(func(s *Settings) *time.Duration { return &s.RetryMax })},
		{"retries", "how often a request is repeated", "NUMBER", func(s *Settings, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 || n > 100 {
				return fmt.Errorf("%q is no number from 0 to 100", v)
			}
			s.Retries = n
			return nil
		}},
		{"source-ip", "local address to send from", "ADDRESS", text(func(s *Settings) *string { return &s.SourceIP })},
		{"language", "language of the site's messages, as in Accept-Language", "LANGUAGE", text(func(s *Settings) *string { return &s.Language })},
		{"workspace", "id of the workspace; 0 is the default one", "ID", func(s *Settings, v string) error {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil || n < 0 {
				return fmt.Errorf("%q is no workspace id; it is a number from 0", v)
			}
			s.Workspace = n
			return nil
		}},
		{"log-level", "what goes into the log: none, info or debug (default: info for a log file that is named)", "LEVEL", text(func(s *Settings) *string { return &s.LogLevel }, "none", "info", "debug")},
		{"log-file", "where the log goes", "FILE", text(func(s *Settings) *string { return &s.LogFile })},
		{"theme", "auto, dark, light, high-contrast or plain", "THEME", text(func(s *Settings) *string { return &s.Theme }, "auto", "dark", "light", "high-contrast", "plain")},
		{"ascii", "draw with ASCII characters only", "", truth(func(s *Settings) *bool { return &s.ASCII })},
		{"local-dir", "folder that the local pane starts in", "FOLDER", text(func(s *Settings) *string { return &s.LocalDir })},
		{"notify", "what tells that long transfers have ended: bell, notification or off", "HOW", text(func(s *Settings) *string { return &s.Notify }, "bell", "notification", "off")},
	}
}

// Resolve puts the settings together: a flag beats the environment, that beats
// the profile, that beats the defaults. flags holds only those that were given.
// An error names the source, the setting and what is possible.
func Resolve(flags map[string]string, env func(string) string, p Profile) (Settings, error) {
	s := Defaults()
	s.LogLevel = "" // depends on the log file
	all := All()
	keys := map[string]bool{}
	for _, x := range all {
		keys[x.Key()] = true
		if v, ok := p.Values[x.Key()]; ok {
			if err := x.set(&s, v); err != nil {
				return s, refuse(fmt.Sprintf("profile %q, %s", p.Name, x.Key()), err)
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(p.Values)) {
		if !keys[k] {
			return s, refuse(fmt.Sprintf("profile %q", p.Name), fmt.Errorf("there is no setting %q", k))
		}
	}
	for _, x := range all {
		if v := env(x.Env()); v != "" {
			if err := x.set(&s, v); err != nil {
				return s, refuse("environment variable "+x.Env(), err)
			}
		}
		if v, ok := flags[x.Name]; ok {
			if err := x.set(&s, v); err != nil {
				return s, refuse("flag --"+x.Name, err)
			}
		}
	}
	switch {
	case s.LogLevel != "":
	case s.LogFile != "": // who names one wants a log
		s.LogLevel = "info"
	default:
		s.LogLevel = Defaults().LogLevel
	}
	return s, nil
}

func refuse(where string, err error) error {
	return &backend.Error{
		Class: backend.ClassInvalidParameter, Group: backend.Client,
		Op: "read the settings", Path: where, Message: where + ": " + err.Error(), Cause: err,
	}
}
