package server

import (
	"database/sql"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ferry/backend/catalog"
	"ferry/pathutil"
)

// caller is who makes a request.
type caller struct {
	recordCaller
	username string
	session  string // id, "" with a key
	readOnly bool
	keyPath  string // folder that the key is restricted to; "" with none
	keySet   string // permission_set of the key
}

const badCredentials = "The API key or Session token provided could not be used to validate this request."

// authenticate finds out who calls (PROTOCOL.md 2). A key beats a session.
func (c *call) authenticate() error {
	if id := c.r.Header.Get("X-Files-Workspace-Id"); id != "" {
		if n, err := strconv.ParseInt(id, 10, 64); err != nil || n < 0 {
			return wireErrorf("bad-request/invalid-workspace-id-header", "The workspace id header is not valid")
		}
	}
	key, session := c.r.Header.Get("X-FilesAPI-Key"), c.r.Header.Get("X-FilesAPI-Auth")
	switch {
	case key != "":
		return c.useKey(key)
	case session != "":
		return c.useSession(session)
	}
	return wireErrorf("not-authenticated/authentication-required", "Authentication required")
}

func (c *call) useKey(key string) error {
	r, err := c.s.records.keyByText(c.ctx, key)
	if errors.Is(err, errNoRecord) {
		return wireErrorf("not-authenticated/invalid-credentials", badCredentials)
	}
	if err != nil {
		return err
	}
	if end, ok := r.doc["expires_at"].(time.Time); ok && !end.After(c.now) {
		return wireErrorf("not-authorized/api-key-is-disabled", "The API key has expired")
	}
	c.who.keyID = r.id
	c.who.keySet, _ = r.doc["permission_set"].(string)
	path, _ := r.doc["path"].(string)
	c.who.keyPath = pathutil.Normalize(path)
	if c.who.keySet == "none" {
		return wireErrorf("not-authorized/api-key-is-disabled", "The API key has no permissions")
	}
	c.who.within = c.who.keyPath
	if !keyAllows(c.who.keySet, c.ep) {
		return wireErrorf("not-authorized/insufficient-permission-for-site", "The permission set %s of the API key does not contain this", c.who.keySet)
	}
	if err := c.noteUse(r); err != nil {
		return err
	}
	id, _ := r.doc["user_id"].(int64)
	if id == 0 { // a key of the site
		c.who.siteAdmin = true
		return nil
	}
	return c.actAs(id)
}

// keyUseEvery is how often last_use_at of a key is refreshed (PROTOCOL.md 13).
const keyUseEvery = 3 * time.Hour

func (c *call) noteUse(key *record) error {
	if last, ok := key.doc["last_use_at"].(time.Time); ok && c.now.Sub(last) < keyUseEvery {
		return nil
	}
	_, err := c.s.records.store.update(c.ctx, "api_key", key.id, func(_ *recordTable, r *record) error {
		r.doc["last_use_at"] = c.now
		return nil
	})
	return err
}

// What the permission sets of keys contain (PROTOCOL.md 13): files, and for the
// sets of the vendor's apps share links and what an app looks up.
var (
	fileResources = []string{
		"file", "folder", "file_migration", "session", "history", "lock", "file_migration_log", "file_comment", "file_comment_reaction",
	}
	shareResources = []string{
		"bundle", "bundle_action", "bundle_download", "bundle_notification", "bundle_recipient", "bundle_registration", "notification", "request",
	}
	lookedUp = []string{
		"site", "settings", "user", "group", "permission", "behavior", "workspace", "style", "clickwrap", "form_field_set", "remote_server", "inbox_registration",
	}
	syncResources = []string{"sync", "sync_run", "sync_log"}
)

// keyAllows tells whether a permission set contains an operation.
func keyAllows(set string, ep *catalog.Endpoint) bool {
	name := ep.Resource.Name
	if set == "full" || set == "" || slices.Contains(fileResources, name) {
		return true
	}
	if name == "api_key" { // itself, but not to become more
		return ep.Op == "find_current" || ep.Op == "delete_current"
	}
	if set == "files_only" {
		return false
	}
	return slices.Contains(shareResources, name) || ep.Method == http.MethodGet && slices.Contains(lookedUp, name) ||
		set == "sync_app" && slices.Contains(syncResources, name)
}

func (c *call) useSession(id string) error {
	var user, expires int64
	var readOnly bool
	err := c.s.db.read.QueryRowContext(c.ctx, `SELECT user_id, expires, read_only FROM sessions WHERE id = ?`, id).
		Scan(&user, &expires, &readOnly)
	if errors.Is(err, sql.ErrNoRows) {
		return wireErrorf("not-authenticated/invalid-credentials", badCredentials)
	}
	if err != nil {
		return err
	}
	if c.now.Unix() >= expires {
		return wireErrorf("not-authenticated/invalid-session", "The session has expired.")
	}
	c.who.session, c.who.readOnly = id, readOnly
	return c.actAs(user)
}

// actAs takes the role of a user who may still be here.
func (c *call) actAs(id int64) error {
	u, err := c.s.records.store.get(c.ctx, "user", id)
	if errors.Is(err, errNoRecord) || err == nil && !active(u, c.now) {
		return wireErrorf("not-authenticated/invalid-session", "The user may no longer log in.")
	}
	if err != nil {
		return err
	}
	c.who.userID = id
	c.who.username, _ = u.doc["username"].(string)
	c.who.siteAdmin = u.doc["site_admin"] == true
	c.who.auditor = u.doc["readonly_site_admin"] == true
	c.who.root = rootOf(u)
	return nil
}

// rootOf is the folder that a user takes for the root. Site admins are not
// confined.
func rootOf(u *record) root {
	if u.doc["filesystem_layout"] != "user_root" || u.doc["site_admin"] == true {
		return ""
	}
	path, _ := u.doc["user_root"].(string)
	return root(pathutil.Normalize(path))
}

// active tells whether a user is neither disabled nor expired.
func active(u *record, now time.Time) bool {
	until, ok := u.doc["authenticate_until"].(time.Time)
	return u.doc["disabled"] != true && (!ok || until.After(now))
}

// mayWrite refuses changes in a session that may only read.
func (c *call) mayWrite() error {
	if !c.who.readOnly || c.r.Method == http.MethodGet || c.r.Method == http.MethodHead || c.route == "session.delete" {
		return nil
	}
	return wireErrorf("not-authorized/read-only-session", "This session may only read")
}

// ip is the address of the client; that of this machine for one in memory.
func (c *call) ip() string {
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		return "127.0.0.1"
	}
	return host
}
