package api

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"ferry/backend"
)

// Login opens the site with the credentials and, when that succeeds, goes on
// with them; calls that wait for a new session go on too. A user name opens a
// session; a key or a session id is checked by a request. With a two-factor
// error, Login is called again with OTP, and for a Yubi key with Partial, set
// (PROTOCOL.md 2).
func (c *Client) Login(ctx context.Context, cred backend.Credentials) (backend.LoginSession, error) {
	const op = "log in"
	if cred.BaseURL != "" {
		u, err := parseBase(cred.BaseURL)
		if err == nil && origin(u) != origin(c.base.Load()) {
			err = invalid("base url", "The credentials are for another site than this client.")
		}
		if err != nil {
			return backend.LoginSession{}, named(err, op, "")
		}
	}
	if cred.APIKey != "" || cred.SessionID != "" {
		s, err := c.loginKnown(ctx, cred)
		return s, named(err, op, "")
	}
	if cred.Username == "" {
		return backend.LoginSession{}, named(missing("username"), op, "")
	}
	body := optional{"username": cred.Username}
	if cred.OTP != "" {
		body["otp"] = cred.OTP
	}
	if cred.Partial != "" && cred.OTP != "" {
		body["partial_session_id"] = cred.Partial // a Yubi code replaces the password
	} else {
		body["password"] = cred.Password
	}
	s, err := one(ctx, c, &call{
		op: op, method: http.MethodPost, route: "/sessions", body: body, bare: true, harmless: true,
	}, setSession)
	if err != nil {
		return backend.LoginSession{}, err
	}
	if err := checkCredential("session id", s.ID); err != nil {
		return backend.LoginSession{}, named(err, op, "")
	}
	c.auth.adopt("", s.ID, cred.Username, true)
	return s, nil
}

// loginKnown checks a key or a session id by using it.
func (c *Client) loginKnown(ctx context.Context, cred backend.Credentials) (backend.LoginSession, error) {
	try, err := c.WithCredentials(cred)
	if err != nil {
		return backend.LoginSession{}, err
	}
	var (
		s   backend.LoginSession
		key backend.APIKey
	)
	if cred.APIKey != "" {
		key, err = try.currentKey(ctx)
	} else {
		s.ID = cred.SessionID
		_, err = try.List(ctx, "", backend.FolderQuery{Query: backend.Query{PerPage: 1}})
	}
	// A key or user without the right to look is still the right one.
	if err != nil && !errors.Is(err, backend.NotAuthorized) {
		return backend.LoginSession{}, err
	}
	c.auth.adopt(cred.APIKey, cred.SessionID, "", true)
	if cred.APIKey != "" && err == nil {
		c.auth.saw(cred.APIKey, key)
	}
	return s, nil
}

func setSession(l *backend.LoginSession, key []byte, s *scanner) {
	switch string(key) {
	case "id":
		l.ID = s.text()
	case "timeout_at":
		l.Expires = s.time()
	case "read_only":
		l.ReadOnly = s.bool()
	default:
		s.skip()
	}
}

// Logout ends the session in use and forgets the credentials. With an API key
// nothing is sent.
func (c *Client) Logout(ctx context.Context) error {
	cred, _ := c.auth.peek()
	if cred.sessionID == "" || cred.apiKey != "" {
		c.auth.adopt("", "", "", false)
		return nil
	}
	h := http.Header{}
	h.Set(headerSession, cred.sessionID)
	_, err := c.do(ctx, &call{
		op: "log out", method: http.MethodDelete, route: "/sessions", bare: true, harmless: true, header: h,
	})
	if err == nil || backend.SessionEnded(err) {
		c.auth.adopt("", "", "", false)
		return nil
	}
	return err
}

// WhoAmI tells who is logged in, where, and with what rights. What the
// credentials may not read stays empty.
func (c *Client) WhoAmI(ctx context.Context) (backend.Account, error) {
	const op = "who am I"
	cred, username := c.auth.peek()
	base := c.base.Load()
	acc := backend.Account{Site: base.Hostname(), BaseURL: base.String(), Username: username}
	var (
		site    backend.Site
		siteErr error
		asked   sync.WaitGroup // both at once: every command begins with this
	)
	asked.Go(func() { site, siteErr = c.Site(ctx) })
	if cred.apiKey != "" {
		var err error
		k, known := c.auth.seen(cred.gen)
		if !known {
			k, err = c.currentKey(ctx)
		}
		if err != nil && !tolerable(err) {
			asked.Wait()
			return acc, named(err, op, "")
		}
		acc.KeyName, acc.UserID = k.Name, k.UserID
		if acc.KeyName == "" {
			acc.KeyName = "API key"
		}
		// A key without a user is one of the whole site.
		acc.SiteAdmin = err == nil && k.UserID == 0 && k.PermissionSet == "full"
	}
	if asked.Wait(); siteErr != nil && !tolerable(siteErr) {
		return acc, named(siteErr, op, "")
	}
	if site.Name != "" {
		acc.Site = site.Name
	}
	acc.ReadOnly, acc.Expires = site.SessionReadOnly, site.SessionExpires
	user := site.User
	if cred.apiKey != "" && user.ID != acc.UserID {
		user = backend.User{}
	}
	if user.ID == 0 {
		var err error
		if user, err = c.lookUpSelf(ctx, acc.UserID, username); err != nil {
			return acc, named(err, op, "")
		}
	}
	if user.ID != 0 {
		acc.UserID, acc.Username = user.ID, user.Username
		acc.SiteAdmin, acc.ReadOnlyAdmin = user.SiteAdmin, user.ReadOnlyAdmin
	}
	return acc, nil
}

// lookUpSelf finds the own user object by id or name; a zero user when it may
// not be read.
func (c *Client) lookUpSelf(ctx context.Context, id int64, name string) (backend.User, error) {
	var (
		u   backend.User
		err error
	)
	switch {
	case id != 0:
		u, err = c.User(ctx, id)
	case name != "":
		var p backend.Page[backend.User]
		p, err = c.Users(ctx, backend.Query{PerPage: 1, Filters: []backend.Filter{{Field: "username", Value: name}}})
		if len(p.Items) > 0 {
			u = p.Items[0]
		}
	}
	if err != nil && tolerable(err) {
		return backend.User{}, nil
	}
	return u, err
}

// tolerable tells the errors that only mean that an account may not look.
func tolerable(err error) bool {
	return errors.Is(err, backend.NotAuthorized) || errors.Is(err, backend.NotFound) ||
		errors.Is(err, backend.BadRequest)
}

func (c *Client) currentKey(ctx context.Context) (backend.APIKey, error) {
	return one(ctx, c, &call{op: "find API key", method: http.MethodGet, route: "/api_key"}, byTag[backend.APIKey]())
}

// Site reads the settings of the site that Ferry shows. It is for
// administrators.
func (c *Client) Site(ctx context.Context) (backend.Site, error) {
	return one(ctx, c, &call{op: "find site", method: http.MethodGet, route: "/site"}, setSite)
}

func setSite(v *backend.Site, key []byte, s *scanner) {
	switch string(key) {
	case "id":
		v.ID = s.int()
	case "name":
		v.Name = s.text()
	case "subdomain":
		v.Subdomain = s.text()
	case "domain":
		v.Domain = s.text()
	case "default_time_zone":
		v.TimeZone = s.text()
	case "session_expiry_minutes":
		v.SessionMinutes = s.int()
	case "calculate_file_checksums_crc32":
		v.ChecksumsCRC32 = s.bool()
	case "calculate_file_checksums_md5":
		v.ChecksumsMD5 = s.bool()
	case "calculate_file_checksums_sha1":
		v.ChecksumsSHA1 = s.bool()
	case "calculate_file_checksums_sha256":
		v.ChecksumsSHA256 = s.bool()
	case "user":
		s.object(func(key []byte) { setUser(&v.User, key, s) })
	case "session":
		s.object(func(key []byte) {
			switch string(key) {
			case "read_only":
				v.SessionReadOnly = s.bool()
			case "timeout_at":
				v.SessionExpires = s.time()
			default:
				s.skip()
			}
		})
	default:
		s.skip()
	}
}
