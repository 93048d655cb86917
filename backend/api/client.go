package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
	"unicode"

	"ferry/backend"
)

// Client talks to one Files.com site. It is safe for concurrent use. Copies
// made by the With methods share connections, statistics and settings.
type Client struct {
	*core
	auth      *authority
	language  string
	workspace int64
	reauth    string // X-Files-Reauthentication for the calls of this copy
}

// core is what all copies of a client share.
type core struct {
	cfg   Config
	http  *http.Client
	base  atomic.Pointer[url.URL]
	stats counters
}

// New makes a client. Nothing is sent.
func New(cfg Config) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	base, err := parseBase(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	k := &core{cfg: cfg}
	k.base.Store(base)
	k.http = &http.Client{Transport: newTransport(cfg), CheckRedirect: k.checkRedirect}
	c := &Client{core: k, language: cfg.Language, workspace: cfg.Workspace}
	c.auth = newAuthority(cfg.APIKey, cfg.SessionID)
	return c, nil
}

// Open makes a client and logs in.
func Open(ctx context.Context, cfg Config, cred backend.Credentials) (*Client, backend.LoginSession, error) {
	if cred.BaseURL != "" {
		cfg.BaseURL = cred.BaseURL
	}
	c, err := New(cfg)
	if err != nil {
		return nil, backend.LoginSession{}, err
	}
	s, err := c.Login(ctx, cred)
	if err != nil {
		c.Close()
		return nil, backend.LoginSession{}, err
	}
	return c, s, nil
}

// Close drops the idle connections. The client can still be used.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// BaseURL is the address of the site, without the base path of the API.
func (c *Client) BaseURL() string { return c.base.Load().String() }

// ReadOnly tells whether calls that could change the site are refused.
func (c *Client) ReadOnly() bool { return c.cfg.ReadOnly }

// WithCredentials copies the client with an API key or a session of its own,
// for one call or for many (PROTOCOL.md 2); without either, calls carry none.
// User names need Login. A key or id that is not letters and digits alone is an
// error of ClassAuthentication. The copy's calls fail when its session ends:
// OnSessionEnded tells of the session of the client alone.
func (c *Client) WithCredentials(cred backend.Credentials) (*Client, error) {
	cp := *c
	cp.reauth = "" // it proves another user
	switch {
	case cred.APIKey != "":
		if err := checkCredential("api key", cred.APIKey); err != nil {
			return nil, err
		}
		cp.auth = newAuthority(cred.APIKey, "")
	case cred.SessionID != "":
		if err := checkCredential("session id", cred.SessionID); err != nil {
			return nil, err
		}
		cp.auth = newAuthority("", cred.SessionID)
	default:
		cp.auth = newAuthority("", "")
	}
	cp.auth.borrowed = true
	return &cp, nil
}

// WithLanguage copies the client with another language for human-readable
// texts.
func (c *Client) WithLanguage(tag string) *Client {
	cp := *c
	cp.language = tag
	return &cp
}

// WithWorkspace copies the client for another workspace; 0 is the default one.
func (c *Client) WithWorkspace(id int64) *Client {
	cp := *c
	cp.workspace = id
	return &cp
}

// WithReauthentication copies the client so that its calls carry the user's
// password or current one-time code, which sensitive operations ask for
// (PROTOCOL.md 2).
func (c *Client) WithReauthentication(secret string) *Client {
	cp := *c
	cp.reauth = secret
	return &cp
}

// Stats is what the network line shows.
type Stats struct {
	InFlight int           // requests that have no complete answer yet
	Waiting  int           // calls that wait before a repetition
	Requests int64         // sent so far, repetitions included
	Retries  int64         // repetitions so far
	Latency  time.Duration // from sending to the answer's head, last API request
}

// Stats reads the counters.
func (c *Client) Stats() Stats {
	return Stats{
		InFlight: int(c.stats.inFlight.Load()),
		Waiting:  int(c.stats.waiting.Load()),
		Requests: c.stats.requests.Load(),
		Retries:  c.stats.retries.Load(),
		Latency:  time.Duration(c.stats.latency.Load()),
	}
}

type counters struct {
	inFlight, waiting, requests, retries, latency atomic.Int64
}

// checkCredential is the check of the vendor's SDK before any request: letters
// and digits only, and at least one (PROTOCOL.md 2).
func checkCredential(what, s string) error {
	if s == "" {
		return authFailure("The " + what + " is empty.")
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return authFailure("The " + what + " may contain only letters and digits.")
		}
	}
	return nil
}

// decorate sets the headers that every API request carries (PROTOCOL.md 3).
func (c *Client) decorate(h http.Header, cred credential, withAuth bool) {
	h.Set("User-Agent", c.cfg.UserAgent)
	h.Set("Accept", "application/json")
	if c.language != "" {
		h.Set("Accept-Language", c.language)
	}
	if c.workspace != 0 {
		h.Set("X-Files-Workspace-Id", strconv.FormatInt(c.workspace, 10))
	}
	if !withAuth {
		return
	}
	switch {
	case cred.apiKey != "":
		h.Set(headerKey, cred.apiKey)
	case cred.sessionID != "":
		h.Set(headerSession, cred.sessionID)
		if c.reauth != "" {
			h.Set(headerReauth, c.reauth)
		}
	}
}

// The headers that carry secrets (PROTOCOL.md 2).
const (
	headerKey     = "X-FilesAPI-Key"
	headerSession = "X-FilesAPI-Auth"
	headerReauth  = "X-Files-Reauthentication"
)
