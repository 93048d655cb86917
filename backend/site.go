package backend

import "time"

// Site is what Ferry shows of a site's settings (PROTOCOL.md 13), with the user
// and session that asked.
type Site struct {
	ID             int64
	Name           string
	Subdomain      string
	Domain         string
	TimeZone       string
	SessionMinutes int64

	ChecksumsCRC32, ChecksumsMD5, ChecksumsSHA1, ChecksumsSHA256 bool

	User            User // who asked; zero for a key of the whole site
	SessionReadOnly bool
	SessionExpires  time.Time
}

// APIKey is a key to the site. The key itself is only in the answer to its
// creation (PROTOCOL.md 13).
type APIKey struct {
	ID            int64
	Name          string
	Description   string
	Key           string // a secret; "" except right after the creation
	PermissionSet string // none, full, desktop_app, sync_app, office_integration, mobile_app, files_only
	Path          string // the only folder it opens, "" for all
	UserID        int64  // 0 for a key of the whole site
	CreatedAt     time.Time
	ExpiresAt     time.Time
	LastUseAt     time.Time // refreshed once in three hours
}
