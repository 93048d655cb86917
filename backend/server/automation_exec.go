package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ferry/backend/server/world"
	"ferry/pathutil"
)

// execution is the work of one run.
type execution struct {
	api        *recordAPI
	automation *record
	run        *record
	at         time.Time
	root       root // of the owner: nothing outside it is touched

	good, bad int64
	nodes     []any
}

func (x *execution) text(field string) string {
	s, _ := x.automation.doc[field].(string)
	return s
}

// do carries out what the automation says. The error is one of the site; what
// goes wrong with single files is counted and logged.
func (x *execution) do(ctx context.Context) error {
	behaves := x.api.runner.behaves(x.automation)
	if behaves == world.FailsAlways {
		return x.log(ctx, x.operation(), x.text("path"), "", wireErrorf("processing-failure/remote-server-error", "The source could not be read: the remote server did not answer in time."))
	}
	switch owner, err := x.api.store.get(ctx, "user", x.owner()); {
	case err == nil:
		x.root = rootOf(owner)
	case !errors.Is(err, errNoRecord):
		return err
	}
	zone, err := x.api.zone(ctx)
	if err != nil {
		return err
	}
	at := zone(x.at)
	switch kind := x.text("automation"); kind {
	case "create_folder":
		err = x.createFolders(ctx, at)
	case "copy_file", "move_file", "delete_file":
		err = x.files(ctx, at, kind)
	case "run_sync":
		err = x.syncs(ctx)
	case "as2_send":
		err = x.files(ctx, at, kind)
	case "import_file":
		// The box opens no connection to the outside world.
		err = x.log(ctx, "import", x.text("path"), "", wireErrorf("processing-failure/remote-server-error", "The address to import from could not be reached."))
	default:
		err = x.definition(ctx, at)
	}
	if err != nil {
		return err
	}
	if behaves == world.FailsPartly {
		if x.good == 0 {
			x.good = 1
		}
		return x.log(ctx, x.operation(), pathutil.Join(x.text("path"), "in-use.lock"), "", wireErrorf("processing-failure/file-locked", "The file is in use."))
	}
	return nil
}

func (x *execution) operation() string {
	kind := x.text("automation")
	if name, ok := map[string]string{"copy_file": "copy", "move_file": "move", "delete_file": "delete", "run_sync": "sync", "import_file": "import", "v2": "node"}[kind]; ok {
		return name
	}
	return kind
}

// reach refuses a path outside the root of the owner, wherever a pattern or a
// replacement may have led.
func (x *execution) reach(path string) error {
	if _, ok := x.root.out(path); !ok {
		return wireErrorf("not-authorized/insufficient-permission-for-params", "The path is outside the root folder of the owner")
	}
	return nil
}

// log counts an operation and writes its line.
func (x *execution) log(ctx context.Context, operation, path, dest string, failure error) error {
	doc := map[string]any{
		"timestamp": x.at, "created_at": x.at, "automation_id": x.automation.id, "automation_run_id": x.run.id,
		"operation": operation, "path": path, "status": "success",
	}
	if dest != "" {
		doc["dest_path"] = dest
	}
	if failure != nil {
		x.bad++
		doc["status"], doc["message"] = "failure", failure.Error()
		var w *wireError
		if errors.As(failure, &w) {
			doc["error_type"] = w.Type
		}
	} else {
		x.good++
	}
	_, err := x.api.store.insert(ctx, "automation_log", &record{doc: doc}, nil)
	return err
}

// canceled tells whether the run has been canceled, or deleted, while it works.
func (x *execution) canceled(ctx context.Context) (bool, error) {
	if err := ctx.Err(); err != nil {
		return true, err
	}
	run, err := x.api.store.get(ctx, "automation_run", x.run.id)
	if errors.Is(err, errNoRecord) {
		return true, nil
	}
	return err == nil && run.doc["status"] == "canceled", err
}

func (x *execution) destinations() []string {
	var out []string
	list, _ := x.automation.doc["destinations"].([]any)
	for _, v := range list {
		if s, _ := v.(string); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (x *execution) owner() int64 {
	id, _ := x.automation.doc["user_id"].(int64)
	return id
}

func (x *execution) createFolders(ctx context.Context, at time.Time) error {
	for _, d := range x.destinations() {
		path := pathutil.Join(x.text("path"), expandTokens(d, at, ""))
		failure := x.reach(path)
		if failure == nil && x.api.tree != nil {
			failure = x.api.tree.MakeFolder(ctx, x.owner(), path)
		}
		if err := x.log(ctx, "create_folder", path, path, failure); err != nil {
			return err
		}
	}
	return nil
}

// files copies, moves, deletes or sends what the source matches.
func (x *execution) files(ctx context.Context, at time.Time, kind string) error {
	if x.api.tree == nil {
		return nil
	}
	list, err := x.sources(ctx)
	if err == nil {
		err = x.reach(x.text("path"))
	}
	if err != nil {
		return x.log(ctx, x.operation(), x.text("path"), "", err)
	}
	for _, f := range list {
		if canceled, err := x.canceled(ctx); err != nil || canceled {
			return err
		}
		switch kind {
		case "as2_send":
			if err := x.log(ctx, kind, f.path, "", nil); err != nil {
				return err
			}
		case "delete_file":
			if err := x.log(ctx, "delete", f.path, "", x.api.tree.Delete(ctx, x.owner(), f.path)); err != nil {
				return err
			}
		default:
			if err := x.transfer(ctx, at, kind, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// sources are the files that the run is about: what the pattern matches, or the
// one whose change has started the run.
func (x *execution) sources(ctx context.Context) ([]found, error) {
	if one, ok := x.run.doc["trigger_path"].(string); ok {
		if !x.api.tree.Exists(ctx, one) {
			return nil, nil
		}
		return []found{{one, pathutil.Base(one)}}, nil
	}
	return findFiles(ctx, x.api.tree, x.text("path"), x.text("source"), x.text("exclude_pattern"))
}

// transfer copies a file to every destination; a move ends with the last one.
func (x *execution) transfer(ctx context.Context, at time.Time, kind string, f found) error {
	dests := x.destinations()
	overwrite := x.automation.doc["overwrite_files"] == true || x.automation.doc["always_overwrite_size_matching_files"] == true
	for i, d := range dests {
		to := x.target(d, at, f)
		if pathutil.IsSame(to, f.path) || !overwrite && x.api.tree.Exists(ctx, to) {
			// Already there: nothing to do, and not a failure.
			continue
		}
		failure := x.reach(to)
		if failure == nil {
			failure = x.api.tree.MakeFolder(ctx, x.owner(), pathutil.Dir(to))
		}
		operation := "copy"
		switch {
		case failure != nil:
		case kind == "move_file" && i == len(dests)-1:
			operation, failure = "move", x.api.tree.Move(ctx, x.owner(), f.path, to, overwrite)
		default:
			failure = x.api.tree.Copy(ctx, x.owner(), f.path, to, overwrite)
		}
		if err := x.log(ctx, operation, f.path, to, failure); err != nil {
			return err
		}
	}
	return nil
}

// target is where a file goes. A destination that ends in a slash is a folder
// and keeps the name.
func (x *execution) target(dest string, at time.Time, f found) string {
	to := expandTokens(dest, at, f.path)
	if strings.HasSuffix(to, "/") {
		if x.automation.doc["flatten_destination_structure"] == true {
			to += pathutil.Base(f.path)
		} else {
			to += f.below
		}
	}
	if from := x.text("destination_replace_from"); from != "" {
		to = strings.ReplaceAll(to, from, x.text("destination_replace_to"))
	}
	return pathutil.Normalize(to)
}

// syncs starts the syncs that the automation names.
func (x *execution) syncs(ctx context.Context) error {
	ids, _ := x.automation.doc["sync_ids"].([]any)
	for _, v := range ids {
		id, _ := v.(int64)
		sync, err := x.api.store.get(ctx, "sync", id)
		var failure error
		switch {
		case errors.Is(err, errNoRecord):
			failure = wireErrorf("not-found", "The sync does not exist")
		case err != nil:
			return err
		case sync.doc["disabled"] == true:
			failure = wireErrorf("processing-failure", "The sync is disabled")
		default:
			if err := x.api.runner.startSync(ctx, sync, x.at, false); err != nil {
				return err
			}
		}
		if err := x.log(ctx, "sync", fmt.Sprintf("sync %d", id), "", failure); err != nil {
			return err
		}
	}
	return nil
}

// definition runs the nodes of an automation of version 2: find_files finds,
// and the nodes after it act on what it has found.
func (x *execution) definition(ctx context.Context, at time.Time) error {
	def, _ := x.automation.doc["definition"].(map[string]any)
	nodes, _ := def["nodes"].([]any)
	path, source := x.text("path"), "*"
	for _, v := range nodes {
		n, _ := v.(map[string]any)
		id, _ := n["id"].(string)
		kind, _ := n["type"].(string)
		node := &execution{api: x.api, run: x.run, at: x.at, root: x.root, automation: &record{id: x.automation.id, doc: nodeFields(x.automation.doc, n, path, source)}}
		var err error
		switch kind {
		case "find_files":
			path, source = node.text("path"), node.text("source")
		case "create_folder":
			err = node.createFolders(ctx, at)
		case "copy_file", "move_file", "delete_file":
			err = node.files(ctx, at, kind)
		default:
			err = node.log(ctx, "node", id, "", wireErrorf("processing-failure", "A node of type %q is not known", kind))
		}
		if err != nil {
			return err
		}
		x.good, x.bad = x.good+node.good, x.bad+node.bad
		status := "success"
		if node.bad > 0 {
			status = "failure"
		}
		x.nodes = append(x.nodes, map[string]any{
			"node_id": id, "node_type": kind, "status": status, "run_stage": "main", "reused": false,
			"successful_operations": node.good, "failed_operations": node.bad,
			"started_at": x.at, "completed_at": x.at, "duration_ms": int64(0),
		})
	}
	return nil
}

// nodeFields are the fields of an automation as a node of its definition has
// them; path and source are those of the last node that has found something.
func nodeFields(automation, node map[string]any, path, source string) map[string]any {
	doc := map[string]any{
		"automation": node["type"], "user_id": automation["user_id"], "path": path, "source": source,
		"overwrite_files": automation["overwrite_files"],
	}
	for _, f := range []string{"path", "source", "destinations", "exclude_pattern", "overwrite_files", "flatten_destination_structure"} {
		if v, ok := node[f]; ok {
			doc[f] = v
		}
	}
	return doc
}
