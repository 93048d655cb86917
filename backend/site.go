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
