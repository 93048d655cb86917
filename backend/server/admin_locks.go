package server

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"ferry/pathutil"
)

// lockTimeout is how long a lock holds that names no time, in seconds.
const lockTimeout = 43_200

// lock makes a WebDAV lock: advisory, but an exclusive one keeps out every
// other lock on the same path (PROTOCOL.md 12).
func (c *recordCall) lock(rules *recordRules, live func(*recordCall, *record) bool) (*recordReply, error) {
	path := pathutil.Normalize(c.text("path"))
	if ok, err := c.sees(path); err != nil {
		return nil, err
	} else if !ok || c.api.tree != nil && !c.api.tree.Exists(c.ctx, path) {
		return nil, notFound()
	}
	timeout, _ := c.params["timeout"].(int64)
	if timeout <= 0 {
		timeout = lockTimeout
	}
	token := make([]byte, 16)
	rand.Read(token)
	exclusive := c.params["exclusive"] == true
	scope := "shared"
	if exclusive {
		scope = "exclusive"
	}
	name := c.api.name(c.ctx, "user", c.who.userID, "username")
	doc := map[string]any{
		"path": path, "timeout": timeout, "depth": "infinity", "recursive": c.params["recursive"] != false, "owner": name, "username": name,
		"scope": scope, "exclusive": exclusive, "token": hex.EncodeToString(token), "type": "write", "user_id": c.who.userID,
		"allow_access_by_any_user": c.params["allow_access_by_any_user"] == true,
		"ends_at":                  c.now.Add(time.Duration(timeout) * time.Second),
	}
	r, err := c.api.store.insert(c.ctx, "lock", &record{doc: doc}, func(t *recordTable) error {
		for _, l := range t.rows {
			at, _ := l.doc["path"].(string)
			if live(c, l) && pathutil.IsSame(at, path) && (exclusive || l.doc["exclusive"] == true) {
				return wireErrorf("processing-failure/resource-locked", "The path is locked")
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c.object(rules, r)
}
