package backend

import "time"

// User is an account of the site (PROTOCOL.md 13, users). Times are zero when
// the site sends null.
type User struct {
	ID             int64
	Username       string
	Name           string
	Email          string
	Company        string
	Notes          string
	GroupIDs       []int64
	SiteAdmin      bool
	ReadOnlyAdmin  bool
	Disabled       bool
	LockoutExpires time.Time // in the future while the user is locked out
	AuthMethod     string    // authentication_method
	Require2FA     string    // use_system_setting, always_require, never_require
	TwoFactor      string    // type_of_2fa: "", "totp", "yubi", "sms", joined by "_"
	UserRoot       string
	TimeZone       string

	CreatedAt         time.Time
	LastLoginAt       time.Time // zero: never
	LastActiveAt      time.Time
	LastWebLoginAt    time.Time
	LastSFTPLoginAt   time.Time
	LastFTPLoginAt    time.Time
	LastDAVLoginAt    time.Time
	LastDesktopAt     time.Time
	LastRESTAPIAt     time.Time
	LastAPIUseAt      time.Time
	PasswordSetAt     time.Time
	PasswordExpiresAt time.Time
	AuthenticateUntil time.Time

	SFTPPermission, FTPPermission, DAVPermission, RESTAPIPermission bool
}

// LastSeen is the latest sign of life on any protocol; zero means never.
func (u User) LastSeen() time.Time {
	var last time.Time
	for _, t := range [...]time.Time{
		u.LastLoginAt, u.LastWebLoginAt, u.LastSFTPLoginAt, u.LastFTPLoginAt,
		u.LastDAVLoginAt, u.LastDesktopAt, u.LastRESTAPIAt, u.LastAPIUseAt,
	} {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// LockedOut tells whether wrong passwords have locked the user at the moment
// now.
func (u User) LockedOut(now time.Time) bool { return u.LockoutExpires.After(now) }

// UserEdit is what a create or an update sends: only the fields that are set.
type UserEdit struct {
	Username      *string
	Name          *string
	Email         *string
	Company       *string
	Notes         *string
	Password      *string
	GroupIDs      *[]int64
	SiteAdmin     *bool
	ReadOnlyAdmin *bool
	Disabled      *bool
	AuthMethod    *string
	Require2FA    *string
	UserRoot      *string
}

// Group is a set of users that share permissions.
type Group struct {
	ID       int64
	Name     string
	Notes    string
	UserIDs  []int64
	AdminIDs []int64
}

// Account says who is logged in, where, and with what rights.
type Account struct {
	Site          string // the site's name or host, for the top line
	BaseURL       string
	Username      string // "" for a site-wide API key
	UserID        int64
	KeyName       string // name of the API key in use, "" for a session
	SiteAdmin     bool
	ReadOnlyAdmin bool
	ReadOnly      bool
	Expires       time.Time // end of the session; zero for API keys
	Demo          bool      // the embedded site
}

// Rights is the account's role in words.
func (a Account) Rights() string {
	switch {
	case a.SiteAdmin && a.ReadOnly:
		return "site admin, read-only"
	case a.SiteAdmin:
		return "site admin"
	case a.ReadOnlyAdmin:
		return "read-only admin"
	case a.ReadOnly:
		return "read-only session"
	case a.Username == "" && a.KeyName != "":
		return "API key"
	}
	return "user"
}

// Credentials are what a login needs. Exactly one method is used, in the order
// APIKey, SessionID, Username (PROTOCOL.md 2). They never reach a log: String
// hides them.
type Credentials struct {
	BaseURL   string // site address; a subdomain or host is completed by the client
	APIKey    string
	SessionID string
	Username  string
	Password  string
	OTP       string // one-time code, second step of a two-factor login
	Partial   string // partial_session_id of the first step (Yubi)
}

// String tells the method only.
func (c Credentials) String() string {
	switch {
	case c.APIKey != "":
		return "API key (hidden) at " + c.BaseURL
	case c.SessionID != "":
		return "session (hidden) at " + c.BaseURL
	}
	return "user " + c.Username + " (password hidden) at " + c.BaseURL
}

// GoString is String, so that %#v hides secrets as well.
func (c Credentials) GoString() string { return c.String() }

// LoginSession is an open session of a user (PROTOCOL.md 2). ID is a secret.
type LoginSession struct {
	ID       string
	Expires  time.Time // timeout_at; zero when the site does not say
	ReadOnly bool
}

// String hides the session id.
func (s LoginSession) String() string { return "session (hidden)" }

// GoString is String, so that %#v hides the id as well.
func (s LoginSession) GoString() string { return s.String() }

// TwoFactor is what the site asks for in the second step of a login. It
// travels in Error.TwoFactor.
type TwoFactor struct {
	Methods []string // yubi, totp, sms, u2f, webauthn, email
	Partial string   // partial_session_id, needed by the Yubi step
}

// Preferred is the method a terminal can serve: yubi, totp or sms in this
// order; "" when none can be.
func (t TwoFactor) Preferred() string {
	for _, want := range []string{"yubi", "totp", "sms"} {
		for _, m := range t.Methods {
			if m == want {
				return want
			}
		}
	}
	return ""
}
