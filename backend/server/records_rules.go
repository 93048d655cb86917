package server

import (
	"database/sql"
	"time"

	"ferry/backend/server/world"
)

// newRecordAPI opens the records of a site on its database, which has the table
// records. now is the clock of the site; tree may be nil where there are no
// files. Nothing is read before the first call. The caller runs runner.loop in
// a goroutine of its own.
func newRecordAPI(db *sql.DB, w *world.World, now func() time.Time, tree treeOps) *recordAPI {
	a := &recordAPI{store: newRecordStore(db, w), now: now, tree: tree}
	a.runner = newAutomationRunner(a)
	a.rules = map[string]*recordRules{
		"user":           a.userRules(),
		"group":          a.groupRules(),
		"group_user":     a.groupUserRules(),
		"permission":     a.permissionRules(),
		"api_key":        a.apiKeyRules(),
		"public_key":     a.publicKeyRules(),
		"site":           a.siteRules(),
		"bundle":         a.bundleRules(),
		"notification":   a.notificationRules(),
		"behavior":       a.behaviorRules(),
		"lock":           a.lockRules(),
		"automation":     a.automationRules(),
		"automation_run": a.automationRunRules(),
		"automation_log": a.automationLogRules(),
		"sync":           a.syncRules(),
		"workspace":      {admin: true, open: true},
		"settings":       {open: true},
		"user_request":   {open: true},
		"holiday_region": {open: true},
		"ip_address":     {open: true},
	}
	return a
}
