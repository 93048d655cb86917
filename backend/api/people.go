package api

import (
	"context"
	"net/http"

	"ferry/backend"
)

// Users gives one page of the site's users (PROTOCOL.md 13). Illegal sorts and
// filters are refused before the request.
func (c *Client) Users(ctx context.Context, q backend.Query) (backend.Page[backend.User], error) {
	return queried(ctx, c, "user", "list users", "/users", q, nil, setUser)
}

// queried is a list call of a resource with the legal sorts and filters of the
// catalog.
func queried[T any](
	ctx context.Context, c *Client, resource, op, route string, q backend.Query, extra params,
	set func(*T, []byte, *scanner),
) (backend.Page[T], error) {
	if err := checkQuery(resource, "list", q); err != nil {
		return backend.Page[T]{}, named(err, op, "")
	}
	return listOf(ctx, c, &call{
		op: op, method: http.MethodGet, route: route, query: append(listParams(q), extra...),
	}, q.Cursor, set)
}

// User reads one user.
func (c *Client) User(ctx context.Context, id int64) (backend.User, error) {
	return one(ctx, c, &call{
		op: "find user", path: plain(id), method: http.MethodGet, route: withID("/users", id),
	}, setUser)
}

// CreateUser makes a user. What the site does not like about the fields is in
// the error's Fields.
func (c *Client) CreateUser(ctx context.Context, e backend.UserEdit) (backend.User, error) {
	name := ""
	if e.Username != nil {
		name = *e.Username
	}
	return one(ctx, c, &call{
		op: "create user", path: name, method: http.MethodPost, route: "/users", body: userFields(e, "password"),
	}, setUser)
}

// UpdateUser changes the fields of a user that are set.
func (c *Client) UpdateUser(ctx context.Context, id int64, e backend.UserEdit) (backend.User, error) {
	return one(ctx, c, &call{
		op: "update user", path: plain(id), method: http.MethodPatch, route: withID("/users", id),
		body: userFields(e, "change_password"), repeatable: true,
	}, setUser)
}

// userFields is an edit as it travels. The password has another name at an
// update than at a creation (PROTOCOL.md 13).
func userFields(e backend.UserEdit, password string) optional {
	o := optional{}
	put(o, "username", e.Username)
	put(o, "name", e.Name)
	put(o, "email", e.Email)
	put(o, "company", e.Company)
	put(o, "notes", e.Notes)
	put(o, password, e.Password)
	put(o, password+"_confirmation", e.Password)
	if e.GroupIDs != nil {
		o["group_ids"] = joinInts(*e.GroupIDs)
	}
	put(o, "site_admin", e.SiteAdmin)
	put(o, "readonly_site_admin", e.ReadOnlyAdmin)
	put(o, "disabled", e.Disabled)
	put(o, "authentication_method", e.AuthMethod)
	put(o, "require_2fa", e.Require2FA)
	put(o, "user_root", e.UserRoot)
	return o
}

// DeleteUser removes a user with all that belongs to it.
func (c *Client) DeleteUser(ctx context.Context, id int64) error {
	return c.DeleteUserTo(ctx, id, 0)
}

// DeleteUserTo removes a user; the user newOwner, if other than 0, takes over
// the automations and share links.
func (c *Client) DeleteUserTo(ctx context.Context, id, newOwner int64) error {
	var p params
	p.int("new_owner_id", newOwner)
	_, err := c.do(ctx, &call{
		op: "delete user", path: plain(id), method: http.MethodDelete, route: withID("/users", id), query: p,
	})
	return err
}

// UnlockUser lets a user in again whom wrong passwords had locked out.
func (c *Client) UnlockUser(ctx context.Context, id int64) error {
	return c.act(ctx, "unlock user", "/users", id, "unlock")
}

// ResetTwoFactor removes a user's second factors.
func (c *Client) ResetTwoFactor(ctx context.Context, id int64) error {
	return c.act(ctx, "reset two-factor login", "/users", id, "2fa", "reset")
}

// ResendWelcome sends the welcome e-mail again.
func (c *Client) ResendWelcome(ctx context.Context, id int64) error {
	return c.act(ctx, "resend welcome e-mail", "/users", id, "resend_welcome_email")
}

// act is a POST that says nothing and is answered with nothing.
func (c *Client) act(ctx context.Context, op, route string, id int64, action ...string) error {
	_, err := c.do(ctx, &call{op: op, path: plain(id), method: http.MethodPost, route: withID(route, id, action...)})
	return err
}

// Groups gives one page of the site's groups.
func (c *Client) Groups(ctx context.Context, q backend.Query) (backend.Page[backend.Group], error) {
	return queried(ctx, c, "group", "list groups", "/groups", q, nil, setGroup)
}

func setGroup(g *backend.Group, key []byte, s *scanner) {
	switch string(key) {
	case "id":
		g.ID = s.int()
	case "name":
		g.Name = s.text()
	case "notes":
		g.Notes = s.text()
	case "user_ids":
		g.UserIDs = s.ints()
	case "admin_ids":
		g.AdminIDs = s.ints()
	default:
		s.skip()
	}
}

func setUser(u *backend.User, key []byte, s *scanner) {
	switch string(key) {
	case "id":
		u.ID = s.int()
	case "username":
		u.Username = s.text()
	case "name":
		u.Name = s.text()
	case "email":
		u.Email = s.text()
	case "company":
		u.Company = s.text()
	case "notes":
		u.Notes = s.text()
	case "group_ids":
		u.GroupIDs = s.ints()
	case "site_admin":
		u.SiteAdmin = s.bool()
	case "readonly_site_admin":
		u.ReadOnlyAdmin = s.bool()
	case "disabled":
		u.Disabled = s.bool()
	case "lockout_expires":
		u.LockoutExpires = s.time()
	case "authentication_method":
		u.AuthMethod = s.text()
	case "require_2fa":
		u.Require2FA = s.text()
	case "type_of_2fa":
		u.TwoFactor = s.text()
	case "user_root":
		u.UserRoot = s.text()
	case "time_zone":
		u.TimeZone = s.text()
	case "sftp_permission":
		u.SFTPPermission = s.bool()
	case "ftp_permission":
		u.FTPPermission = s.bool()
	case "dav_permission":
		u.DAVPermission = s.bool()
	case "restapi_permission":
		u.RESTAPIPermission = s.bool()
	default:
		setUserTime(u, key, s)
	}
}

func setUserTime(u *backend.User, key []byte, s *scanner) {
	switch string(key) {
	case "created_at":
		u.CreatedAt = s.time()
	case "last_login_at":
		u.LastLoginAt = s.time()
	case "last_active_at":
		u.LastActiveAt = s.time()
	case "last_web_login_at":
		u.LastWebLoginAt = s.time()
	case "last_sftp_login_at":
		u.LastSFTPLoginAt = s.time()
	case "last_ftp_login_at":
		u.LastFTPLoginAt = s.time()
	case "last_dav_login_at":
		u.LastDAVLoginAt = s.time()
	case "last_desktop_login_at":
		u.LastDesktopAt = s.time()
	case "last_restapi_login_at":
		u.LastRESTAPIAt = s.time()
	case "last_api_use_at":
		u.LastAPIUseAt = s.time()
	case "password_set_at":
		u.PasswordSetAt = s.time()
	case "password_expire_at":
		u.PasswordExpiresAt = s.time()
	case "authenticate_until":
		u.AuthenticateUntil = s.time()
	default:
		s.skip()
	}
}
