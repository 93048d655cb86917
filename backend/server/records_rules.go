package server

import (
	"context"
	"time"
)

// newRecordAPI opens the records of a site and starts what makes automations
// run. now is the clock of the site. Nothing is read before the first call or
// tick. The caller ends it with close.
func newRecordAPI(store *recordStore, now func() time.Time, tree treeOps) *recordAPI {
	a := newRecords(store, now, tree)
	ctx, stop := context.WithCancel(context.Background())
	a.ctx = ctx
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.runner.loop(ctx)
	}()
	a.stop = func() {
		stop()
		<-done
		a.runner.wait()
	}
	return a
}

// close ends the runner and waits for what it is doing. It may be called twice.
func (a *recordAPI) close() {
	if a.stop != nil {
		a.stop()
	}
}

// newRecords is a recordAPI whose automations go on only when a client asks
// for their runs.
func newRecords(store *recordStore, now func() time.Time, tree treeOps) *recordAPI {
	a := &recordAPI{ctx: context.Background(), store: store, now: now, tree: tree}
	a.runner = newAutomationRunner(a)
	a.rules = map[string]*recordRules{
		"user":                  a.userRules(),
		"group":                 a.groupRules(),
		"group_user":            a.groupUserRules(),
		"permission":            a.permissionRules(),
		"api_key":               a.apiKeyRules(),
		"public_key":            a.publicKeyRules(),
		"site":                  a.siteRules(),
		"bundle":                a.bundleRules(),
		"bundle_action":         ofBundle,
		"bundle_download":       ofBundle,
		"bundle_recipient":      ofBundle,
		"bundle_registration":   ofBundle,
		"file_comment":          a.commentRules(),
		"file_comment_reaction": a.reactionRules(),
		"notification":          a.notificationRules(),
		"behavior":              a.behaviorRules(),
		"lock":                  a.lockRules(),
		"automation":            a.automationRules(),
		"automation_run":        a.automationRunRules(),
		"automation_log":        a.automationLogRules(),
		"gpg_key":               a.gpgKeyRules(),
		"style":                 a.styleRules(),
		"ai_task":               a.aiTaskRules(),
		"sync":                  a.syncRules(),
		"sync_run":              a.syncRunRules(),
		"sync_log":              a.syncLogRules(),
		"history":               a.historyRules(),
		"action_log":            {admin: true, table: "history"},
		"history_export":        a.historyExportRules(),
		"history_export_result": a.historyResultRules(),
		"restore":               a.restoreRules(),
		"workspace":             {admin: true, open: true},
		"settings":              {open: true},
		"user_request":          {open: true},
		"holiday_region":        {open: true},
		"ip_address":            {open: true},
	}
	return a
}
