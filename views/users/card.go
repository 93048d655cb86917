package users

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
	"ferry/views/paged"
)

func (s *Screen) groupName(id int64) string {
	if n, ok := s.groups[id]; ok {
		return pathutil.Display(n)
	}
	return "group " + paged.ID(id)
}

// card shows everything that is known of a user.
func (s *Screen) card() tea.Cmd {
	u, ok := s.list.Table.Cursor()
	if !ok {
		return nil
	}
	return ui.Open(dialog.Text(s.env, dialog.TextSpec{Title: pathutil.Display(u.Username), Body: s.cardLines(u)}))
}

func (s *Screen) cardLines(u backend.User) []string {
	c := &sheet{th: s.env.Theme, now: s.env.Now()}
	c.line("name", u.Name)
	c.line("e-mail", u.Email)
	c.line("company", u.Company)
	c.line("state", s.state(u))
	if u.LockedOut(s.env.Now()) {
		c.line("locked until", cell.Stamp(u.LockoutExpires))
	}
	c.line("groups", s.groupNames(u))
	c.line("home folder", u.UserRoot)
	c.line("time zone", u.TimeZone)
	c.line("id", idOf(u))
	c.line("created", c.stamp(u.CreatedAt))
	c.line("notes", u.Notes)

	c.heading("Logging in")
	c.line("method", spaced(u.AuthMethod))
	c.line("second factor", twoFactor(u))
	c.line("required", spaced(u.Require2FA))
	c.line("password set", c.stamp(u.PasswordSetAt))
	if !u.PasswordExpiresAt.IsZero() {
		c.line("expires", c.stamp(u.PasswordExpiresAt))
	}
	if !u.AuthenticateUntil.IsZero() {
		c.line("access ends", c.stamp(u.AuthenticateUntil))
	}

	c.heading("Last use")
	c.line("any protocol", c.stamp(u.LastSeen()))
	c.line("login", c.stamp(u.LastLoginAt))
	c.line("web", c.stamp(u.LastWebLoginAt))
	c.line("SFTP"+allowed(u.SFTPPermission), c.stamp(u.LastSFTPLoginAt))
	c.line("FTP"+allowed(u.FTPPermission), c.stamp(u.LastFTPLoginAt))
	c.line("WebDAV"+allowed(u.DAVPermission), c.stamp(u.LastDAVLoginAt))
	c.line("desktop", c.stamp(u.LastDesktopAt))
	c.line("REST API"+allowed(u.RESTAPIPermission), c.stamp(u.LastRESTAPIAt))
	c.line("API key", c.stamp(u.LastAPIUseAt))
	return c.lines
}

func allowed(yes bool) string {
	if yes {
		return ""
	}
	return " (off)"
}

// sheet is a text of names and values.
type sheet struct {
	th    *theme.Theme
	now   time.Time
	lines []string
}

func (c *sheet) heading(text string) {
	c.lines = append(c.lines, "", c.th.Paint(theme.Strong, text))
}

func (c *sheet) line(name, value string) {
	if value == "" {
		value = c.th.Glyphs.Dash
	}
	c.lines = append(c.lines, c.th.Paint(theme.Faint, cell.Fit(name, 16))+pathutil.Display(value))
}

func (c *sheet) stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return cell.Stamp(t) + " · " + cell.Ago(t, c.now)
}
