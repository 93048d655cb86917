package api

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"ferry/backend"
)

// The defaults of the vendor's SDKs (PROTOCOL.md 1 and 7).
const (
	DefaultBaseURL      = "https://app.files.com"
	DefaultOpenTimeout  = 30 * time.Second
	DefaultReadTimeout  = 60 * time.Second
	DefaultRetryInitial = 500 * time.Millisecond
	DefaultRetryMax     = 2 * time.Second
	DefaultRetries      = 3
	DefaultRetryBudget  = 90 * time.Second

	// RetryAfterMax is the longest Retry-After that is waited for. The vendor's
	// test data want 8 s honoured and 60 s disregarded (PROTOCOL.md 7).
	RetryAfterMax = 30 * time.Second
)

// basePath is where the API lives below the base URL (PROTOCOL.md 1).
const basePath = "/api/rest/v1"

// Level says how much of the traffic is logged.
type Level uint8

// The levels: nothing; one line per request; headers and bodies too. Secrets
// are logged at none of them.
const (
	LogNone Level = iota
	LogInfo
	LogDebug
)

// ParseLevel reads "none", "info" or "debug"; "" is none.
func ParseLevel(s string) (Level, error) {
	switch strings.ToLower(s) {
	case "", "none":
		return LogNone, nil
	case "info":
		return LogInfo, nil
	case "debug":
		return LogDebug, nil
	}
	return LogNone, invalid("log level", "The log level is none, info or debug.")
}

// Clock is the time as the retries and polls see it. Sleep returns ctx's error
// when ctx ends first.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Wait is a pause before a request is repeated. It is reported when it begins
// and once more, with Over set, when it has ended or was cancelled.
type Wait struct {
	Op      string
	Path    string
	Delay   time.Duration
	Until   time.Time
	Attempt int   // number of the attempt that failed, from 1
	Err     error // why
	Over    bool
}

// Config is what a Client is made from. The zero value of every field is its
// default; the durations must not be negative.
type Config struct {
	BaseURL string // subdomain, host or URL; completed by New

	APIKey    string // wins over SessionID
	SessionID string

	OpenTimeout  time.Duration // to open a connection
	ReadTimeout  time.Duration // without a byte moving in either direction
	RetryInitial time.Duration
	RetryMax     time.Duration
	Retries      int           // repetitions after the first attempt; 0 means 3, negative none
	RetryBudget  time.Duration // all waits of one call together

	SourceIP  string // local address to send from
	Language  string // Accept-Language
	Workspace int64  // X-Files-Workspace-Id; 0 is the default workspace and not sent
	UserAgent string
	ReadOnly  bool // refuse whatever could change the site

	Logger *slog.Logger
	Level  Level

	// Dial replaces the network, for a site in the same process.
	Dial  func(ctx context.Context, network, addr string) (net.Conn, error)
	Clock Clock

	// OnWait is told of every wait before a repetition. It must not block.
	OnWait func(Wait)

	// OnSessionEnded is told once when a session that had worked has ended.
	// From then on calls wait until Login, Renew or GiveUp. It must not block.
	// Without it the calls fail.
	OnSessionEnded func(error)

	// Reauthenticate is asked for the password or the current one-time code
	// when the site wants it for a sensitive call, which is then repeated
	// (PROTOCOL.md 2). Without it the call fails.
	Reauthenticate func(ctx context.Context, e *backend.Error) (string, error)
}

// withDefaults fills in what the caller left out and checks the rest.
func (c Config) withDefaults() (Config, error) {
	for _, d := range []struct {
		name  string
		value *time.Duration
		def   time.Duration
	}{
		{"open timeout", &c.OpenTimeout, DefaultOpenTimeout},
		{"read timeout", &c.ReadTimeout, DefaultReadTimeout},
		{"initial retry delay", &c.RetryInitial, DefaultRetryInitial},
		{"maximum retry delay", &c.RetryMax, DefaultRetryMax},
		{"retry budget", &c.RetryBudget, DefaultRetryBudget},
	} {
		if *d.value < 0 {
			return c, invalid(d.name, "A duration cannot be negative.")
		}
		if *d.value == 0 {
			*d.value = d.def
		}
	}
	switch {
	case c.Retries == 0:
		c.Retries = DefaultRetries
	case c.Retries < 0:
		c.Retries = 0
	}
	if c.UserAgent == "" {
		c.UserAgent = "Ferry/dev (Go)"
	}
	if c.SourceIP != "" {
		if _, err := netip.ParseAddr(c.SourceIP); err != nil {
			return c, invalid("source ip", "The source address must be an IP address.")
		}
	}
	if c.Workspace < 0 {
		return c, invalid("workspace", "A workspace id is a whole number from 0.")
	}
	if strings.ContainsAny(c.Language+c.UserAgent, "\r\n\x00") {
		return c, invalid("language", "A header value cannot contain line breaks.")
	}
	if c.Clock == nil {
		c.Clock = wallClock{}
	}
	if c.Logger == nil {
		c.Logger, c.Level = slog.New(slog.DiscardHandler), LogNone
	}
	if c.APIKey != "" {
		if err := checkCredential("api key", c.APIKey); err != nil {
			return c, err
		}
	} else if c.SessionID != "" {
		if err := checkCredential("session id", c.SessionID); err != nil {
			return c, err
		}
	}
	return c, nil
}

// CompleteBaseURL turns what a person types into the base URL of a site: a
// subdomain, a host, or a URL of which only scheme, host and port are kept. An
// empty string is the vendor's default. Plain http is used only for this
// machine, unless it is asked for by name (PROTOCOL.md 1).
func CompleteBaseURL(s string) (string, error) {
	u, err := parseBase(s)
	if err != nil {
		return "", err
	}
	return u.String(), nil
}

func parseBase(s string) (*url.URL, error) {
	bad := invalid("base url", "The site address must be a subdomain, a host name or an http(s) URL.")
	s = strings.TrimSpace(s)
	if s == "" {
		s = DefaultBaseURL
	}
	if strings.ContainsAny(s, " \t\r\n\x00\\") {
		return nil, bad
	}
	if !strings.Contains(s, "://") {
		host, _, _ := strings.Cut(s, "/")
		scheme := "https://"
		switch name := hostOnly(host); {
		case isLoopback(name):
			scheme = "http://"
		case !strings.ContainsAny(host, ".:"):
			s = host + ".files.com"
		}
		s = scheme + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil {
		return nil, bad
	}
	if u.Scheme = strings.ToLower(u.Scheme); u.Scheme != "http" && u.Scheme != "https" {
		return nil, bad
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

// hostOnly cuts the port off a host, with or without brackets.
func hostOnly(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

// isLoopback tells whether a host name is this machine.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// origin is scheme, host and port, default ports made explicit.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return strings.ToLower(u.Scheme + "://" + u.Hostname() + ":" + port)
}

// Clock is the clock of the client's waits.
func (c *Client) Clock() Clock { return c.cfg.Clock }

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
