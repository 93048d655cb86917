package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ferry/pathutil"
)

// syncRules: a sync within the site copies for real; one with a remote server
// fails, for the box opens no connection to the outside.
func (a *recordAPI) syncRules() *recordRules {
	rules := &recordRules{before: checkSync}
	rules.save = func(_ *recordCall, _ *recordTable, r, old *record) error {
		if r.doc["keep_after_copy"] == nil {
			r.doc["keep_after_copy"] = true
		}
		if r.doc["trigger"] == nil || r.doc["trigger"] == "" {
			r.doc["trigger"] = "manual"
		}
		version := int64(0)
		if old != nil {
			version, _ = old.doc["version"].(int64)
		}
		r.doc["version"] = version + 1
		return nil
	}
	run := func(dry bool) func(c *recordCall) (*recordReply, error) {
		return func(c *recordCall) (*recordReply, error) {
			r, err := c.row(rules)
			if err != nil {
				return nil, err
			}
			if r.doc["disabled"] == true {
				return nil, wireErrorf("not-authorized/not-enqueuable-sync", "The sync is disabled")
			}
			if err := c.api.runner.startSync(c.ctx, r, c.now, dry); err != nil {
				return nil, err
			}
			return c.nothing(), nil
		}
	}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"manual_run": run(false), "dry_run": run(true),
		"list": stepped(func(c *recordCall) (*recordReply, error) { return c.list(rules) }),
		"find": stepped(func(c *recordCall) (*recordReply, error) { return c.find(rules) }),
	}
	rules.derive = func(c *recordCall, r *record) (map[string]any, error) {
		rows, err := c.api.store.all(c.ctx, "sync_run")
		if err != nil {
			return nil, err
		}
		for _, run := range slices.Backward(rows) {
			if run.doc["sync_id"] == r.id {
				return map[string]any{"latest_sync_run": rawObject(c.write(nil, "sync_run", run.doc, map[string]any{"log_url": c.logURI("sync", run)}))}, nil
			}
		}
		return map[string]any{"latest_sync_run": nil}, nil
	}
	return rules
}

// stepped does what is due before it answers: an answer about runs is never
// older than the clock.
func stepped(next func(c *recordCall) (*recordReply, error)) func(c *recordCall) (*recordReply, error) {
	return func(c *recordCall) (*recordReply, error) {
		if err := c.api.runner.step(c.ctx, c.now); err != nil {
			return nil, err
		}
		return next(c)
	}
}

// syncRunRules: the runs of a sync belong to its owner.
func (a *recordAPI) syncRunRules() *recordRules {
	rules := &recordRules{owns: func(c *recordCall, r *record) bool {
		id, _ := r.doc["sync_id"].(int64)
		s, err := c.api.store.get(c.ctx, "sync", id)
		return err == nil && s.doc["user_id"] == c.who.userID
	}}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"list": stepped(func(c *recordCall) (*recordReply, error) { return c.list(rules) }),
		"find": stepped(func(c *recordCall) (*recordReply, error) { return c.find(rules) }),
	}
	rules.derive = func(c *recordCall, r *record) (map[string]any, error) {
		return map[string]any{"log_url": c.logURI("sync", r)}, nil
	}
	return rules
}

func (a *recordAPI) syncLogRules() *recordRules {
	rules := &recordRules{admin: true}
	rules.ops = map[string]func(c *recordCall) (*recordReply, error){
		"list": stepped(func(c *recordCall) (*recordReply, error) { return c.list(rules) }),
	}
	return rules
}

// syncSide is one end of a sync, empty remote for a folder of the site.
type syncSide struct {
	path   string
	remote bool
}

func syncSides(doc map[string]any) (src, dest syncSide) {
	side := func(name string) syncSide {
		path, _ := doc[name+"_path"].(string)
		server, _ := doc[name+"_remote_server_id"].(int64)
		site, _ := doc[name+"_site_id"].(int64)
		return syncSide{path, server != 0 || site != 0}
	}
	return side("src"), side("dest")
}

// syncNeeds are the permissions that a sync takes, by path.
func syncNeeds(doc map[string]any) (needs [][2]string) {
	src, dest := syncSides(doc)
	if !src.remote {
		need := "full"
		if doc["keep_after_copy"] != false {
			need = "readonly"
		}
		needs = append(needs, [2]string{src.path, need})
	}
	if !dest.remote {
		needs = append(needs, [2]string{dest.path, "full"})
	}
	return needs
}

// overlap tells whether one side of a sync within the site lies in the other.
func overlap(src, dest syncSide) bool {
	return !src.remote && !dest.remote && (pathutil.Within(src.path, dest.path) || pathutil.Within(dest.path, src.path))
}

// checkSync refuses a sync of folders that the caller has no right to.
func checkSync(c *recordCall, doc map[string]any, old *record) error {
	all := map[string]any{}
	if old != nil {
		for k, v := range old.doc {
			all[k] = v
		}
	}
	for k, v := range doc {
		all[k] = v
	}
	src, dest := syncSides(all)
	if src.path != "" && dest.path != "" && overlap(src, dest) {
		return fieldErrors{"dest_path": {"must lie apart from the source"}}.err()
	}
	for _, n := range syncNeeds(all) {
		ok, err := c.may(n[0], n[1])
		if err != nil {
			return err
		}
		if !ok {
			return wireErrorf("not-authorized/full-permission-required", "You do not have the permissions for this sync")
		}
	}
	return nil
}

// startSync is queueSync for who does not hold the lock of the runner.
func (r *automationRunner) startSync(ctx context.Context, sync *record, at time.Time, dry bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(ctx); err != nil {
		return err
	}
	return r.queueSync(ctx, sync, at, dry)
}

// queueSync writes a run of a sync, which step carries out. The caller holds
// the lock of the runner.
func (r *automationRunner) queueSync(ctx context.Context, sync *record, at time.Time, dry bool) error {
	doc := map[string]any{
		"sync_id": sync.id, "sync_name": sync.doc["name"], "status": "in_progress", "created_at": at, "updated_at": at,
		"bytes_synced": int64(0), "estimated_bytes_count": int64(0), "compared_files": int64(0), "compared_folders": int64(0),
		"successful_files": int64(0), "errored_files": int64(0), "dry_run": dry, "workspace_id": int64(0), "site_id": sync.doc["site_id"],
		"live_transfers": []any{}, "live": true,
	}
	run, err := r.api.store.insert(ctx, "sync_run", &record{doc: doc}, nil)
	if err != nil {
		return err
	}
	r.syncs = append(r.syncs, run.id)
	return nil
}

// dueSyncs is the work of the runs of syncs that are due.
func (r *automationRunner) dueSyncs(ctx context.Context, now time.Time) (work []func(context.Context) error, err error) {
	for _, id := range slices.Clone(r.syncs) {
		run, err := r.api.store.get(ctx, "sync_run", id)
		if errors.Is(err, errNoRecord) {
			r.forgetSync(id)
			continue
		}
		if err != nil {
			return nil, err
		}
		created, _ := run.doc["created_at"].(time.Time)
		if now.Sub(created) < runQueuedFor {
			continue
		}
		work = append(work, func(ctx context.Context) error {
			if err := r.finishSync(ctx, run, created.Add(runQueuedFor)); err != nil && !errors.Is(err, errNoRecord) {
				return err
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.forgetSync(id)
			return nil
		})
	}
	return work, nil
}

func (r *automationRunner) forgetSync(id int64) {
	r.syncs = slices.DeleteFunc(r.syncs, func(x int64) bool { return x == id })
}

// syncWork is one run of a sync.
type syncWork struct {
	api     *recordAPI
	sync    map[string]any
	run     *record
	at      time.Time
	dry     bool
	include string
	exclude string

	files, folders, good, bad, bytes, would int64
	problems                                []any
	lines                                   []map[string]any // of the log, not yet written
}

// logBatch is how many lines of a log are written at a time.
const logBatch = 200

func (r *automationRunner) finishSync(ctx context.Context, run *record, at time.Time) error {
	w := &syncWork{api: r.api, run: run, at: at, dry: run.doc["dry_run"] == true}
	id, _ := run.doc["sync_id"].(int64)
	sync, err := r.api.store.get(ctx, "sync", id)
	switch {
	case errors.Is(err, errNoRecord):
		w.problems = append(w.problems, "The sync does not exist any more.")
	case err != nil:
		return err
	default:
		w.sync = sync.doc
		// What was done is in the log, also where the site closes meanwhile.
		if err := errors.Join(w.do(ctx), w.flush(context.WithoutCancel(ctx))); err != nil {
			return err
		}
	}
	status := "success"
	switch {
	case (w.bad > 0 || len(w.problems) > 0) && w.good > 0:
		status = "partial_failure"
	case w.bad > 0 || len(w.problems) > 0:
		status = "failure"
	}
	_, err = r.api.store.update(ctx, "sync_run", run.id, func(_ *recordTable, x *record) error {
		created, _ := x.doc["created_at"].(time.Time)
		for k, v := range map[string]any{
			"status": status, "completed_at": at, "updated_at": at, "runtime": at.Sub(created).Seconds(), "event_errors": w.problems,
			"compared_files": w.files, "compared_folders": w.folders, "successful_files": w.good, "errored_files": w.bad,
			"bytes_synced": w.bytes, "estimated_bytes_count": w.would,
		} {
			x.doc[k] = v
		}
		delete(x.doc, "live_transfers")
		return nil
	})
	return err
}

// do compares and copies. What goes wrong is noted, not returned.
func (w *syncWork) do(ctx context.Context) error {
	src, dest := syncSides(w.sync)
	if src.remote || dest.remote {
		w.problems = append(w.problems, "The remote server could not be reached: this site opens no connections to the outside.")
		return nil
	}
	if overlap(src, dest) {
		w.problems = append(w.problems, "The source and the destination do not lie apart.")
		return nil
	}
	if w.api.tree == nil {
		return nil
	}
	if reason, err := w.refused(ctx); err != nil || reason != "" {
		w.problems = append(w.problems, reason)
		return err
	}
	join := func(field string) string {
		var out []string
		list, _ := w.sync[field].([]any)
		for _, v := range list {
			if s, _ := v.(string); s != "" {
				out = append(out, s)
			}
		}
		return strings.Join(out, "\n")
	}
	w.include, w.exclude = join("include_patterns"), join("exclude_patterns")
	if !w.api.tree.Exists(ctx, src.path) {
		w.problems = append(w.problems, "The source folder does not exist.")
		return nil
	}
	return w.pass(ctx, src.path, dest.path, w.sync["keep_after_copy"] != false)
}

// refused says why the owner may not do this any more; "" when he may.
func (w *syncWork) refused(ctx context.Context) (string, error) {
	id, _ := w.sync["user_id"].(int64)
	owner, err := w.api.store.get(ctx, "user", id)
	if errors.Is(err, errNoRecord) { // made with a key of the site
		return "", nil
	}
	if err != nil {
		return "", err
	}
	who := recordCaller{userID: id, siteAdmin: owner.doc["site_admin"] == true}
	for _, n := range syncNeeds(w.sync) {
		have, err := w.api.permissionsAt(ctx, who, n[0])
		if err != nil {
			return "", err
		}
		if _, ok := rootOf(owner).out(n[0]); !ok || !slices.ContainsFunc(have, func(p string) bool { return implies(p, n[1]) }) {
			return "The owner of the sync does not have the permissions for it.", nil
		}
	}
	return "", nil
}

// wanted tells whether the patterns of the sync take a file, by its path below
// the folder.
func (w *syncWork) wanted(rel string) bool {
	return (w.include == "" || matchesAny(w.include, rel)) && !matchesAny(w.exclude, rel)
}

// pass copies what is missing or older in another folder; without keep what has
// arrived leaves the source.
func (w *syncWork) pass(ctx context.Context, from, to string, keep bool) error {
	entries, err := w.api.tree.Entries(ctx, from)
	if err != nil {
		return w.failed(ctx, "list", treeEntry{Path: from, Dir: true}, err)
	}
	w.folders++
	there := map[string]treeEntry{}
	if w.api.tree.Exists(ctx, to) {
		list, err := w.api.tree.Entries(ctx, to)
		if err != nil {
			return w.failed(ctx, "list", treeEntry{Path: to, Dir: true}, err)
		}
		for _, e := range list {
			there[pathutil.Fold(pathutil.Base(e.Path))] = e
		}
	}
	src, _ := syncSides(w.sync)
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		target := pathutil.Join(to, pathutil.Base(e.Path))
		if e.Dir {
			if err := w.pass(ctx, e.Path, target, keep); err != nil {
				return err
			}
			if err := w.clear(ctx, e, keep); err != nil {
				return err
			}
			continue
		}
		if rel, _ := pathutil.Relative(src.path, e.Path); !w.wanted(rel) {
			continue
		}
		w.files++
		old, known := there[pathutil.Fold(pathutil.Base(e.Path))]
		if err := w.file(ctx, e, target, keep, known && !old.Dir && old.Size == e.Size && !old.Modified.Before(e.Modified)); err != nil {
			return err
		}
	}
	return nil
}

// file brings one file to its target; current says that it is there already.
func (w *syncWork) file(ctx context.Context, e treeEntry, target string, keep, current bool) error {
	if current && keep {
		return nil
	}
	w.would += e.Size
	if w.dry {
		return w.log(ctx, "copy", e, "success", "")
	}
	id, _ := w.sync["user_id"].(int64)
	operation := "copy"
	var err error
	switch {
	case current:
		operation, err = "delete", w.api.tree.Delete(ctx, id, e.Path)
	default:
		if err = w.api.tree.MakeFolder(ctx, id, pathutil.Dir(target)); err != nil {
			break
		}
		if keep {
			err = w.api.tree.Copy(ctx, id, e.Path, target, true)
		} else {
			operation, err = "move", w.api.tree.Move(ctx, id, e.Path, target, true)
		}
	}
	if err != nil {
		return w.failed(ctx, operation, e, err)
	}
	w.good++
	w.bytes += e.Size
	return w.log(ctx, operation, e, "success", "")
}

// clear deletes a folder of the source that a move has emptied, when the sync
// says so.
func (w *syncWork) clear(ctx context.Context, e treeEntry, keep bool) error {
	if keep || w.dry || w.sync["delete_empty_folders"] != true {
		return nil
	}
	left, err := w.api.tree.Entries(ctx, e.Path)
	if err != nil || len(left) > 0 {
		return err
	}
	id, _ := w.sync["user_id"].(int64)
	if err := w.api.tree.Delete(ctx, id, e.Path); err != nil {
		return w.failed(ctx, "delete", e, err)
	}
	return nil
}

func (w *syncWork) failed(ctx context.Context, operation string, e treeEntry, cause error) error {
	var we *wireError
	if !errors.As(cause, &we) {
		return cause
	}
	w.bad++
	if len(w.problems) < 10 {
		w.problems = append(w.problems, fmt.Sprintf("%s: %s", e.Path, we.Message))
	}
	return w.log(ctx, operation, e, "failure", we.Message)
}

// log adds a line to the sync log.
func (w *syncWork) log(ctx context.Context, operation string, e treeEntry, status, message string) error {
	kind := "file"
	if e.Dir {
		kind = "directory"
	}
	doc := map[string]any{
		"timestamp": w.at, "created_at": w.at, "sync_id": w.run.doc["sync_id"], "sync_run_id": w.run.id, "operation": operation,
		"path": e.Path, "size": e.Size, "file_type": kind, "status": status,
	}
	if message != "" {
		doc["message"] = message
	}
	if w.dry {
		doc["message"] = "Nothing was changed: this was a dry run."
	}
	if w.lines = append(w.lines, doc); len(w.lines) < logBatch {
		return nil
	}
	return w.flush(ctx)
}

// flush writes the lines that are waiting.
func (w *syncWork) flush(ctx context.Context) error {
	if len(w.lines) == 0 {
		return nil
	}
	err := w.api.store.insertAll(ctx, "sync_log", w.lines)
	w.lines = nil
	return err
}
