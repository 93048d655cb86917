package server

import (
	"context"
	"errors"
	"net/http"

	"ferry/pathutil"
)

func (s *Server) addMoveRoutes() {
	s.handle("file.copy", func(c *call) error { return c.relocate("copy") })
	s.handle("file.move", func(c *call) error { return c.relocate("move") })
	s.handle("file_migration.find", (*call).findMigration)
	s.addZipRoutes()
	s.addConversionRoutes()
}

// atOnce is how many files and folders are copied or moved before the answer;
// more become a migration.
const atOnce = 200

// relocate copies or moves what the path of the URL names (PROTOCOL.md 11).
func (c *call) relocate(operation string) error {
	r, err := c.relocation(operation)
	if err != nil {
		return err
	}
	var size counted
	var src *node
	err = c.s.tree.look(func(q querier) error {
		t := c.s.tree
		if src, _, err = t.checkRelocation(c.ctx, q, r); err != nil {
			return err
		}
		// What would fail is told now, not by a migration later.
		if err := t.hasParent(c.ctx, q, r.to); err != nil {
			return err
		}
		size, err = t.count(c.ctx, q, src)
		return err
	})
	if err != nil {
		return asNotFound(err)
	}
	r.from = src.path // in the spelling of the site
	if total := size.files + size.folders; total > atOnce {
		id, err := c.s.migrations.start(c, operation, r, total, nil)
		if err != nil {
			return err
		}
		return c.pending(id)
	}
	moved, err := c.s.tree.relocate(c.ctx, r, c.editor())
	if err != nil {
		return asNotFound(err)
	}
	to := r.to
	if moved != nil { // a merge into a folder that was there moves many
		to = moved.path
	}
	if err := c.acted(operation, r.from, to); err != nil {
		return err
	}
	return c.completed()
}

// completed is the answer of an action that is done: without a migration
// (PROTOCOL.md 11).
func (c *call) completed() error {
	return c.json(http.StatusCreated, []byte(`{"status":"completed"}`))
}

// relocation reads the parameters and asks for the rights.
func (c *call) relocation(operation string) (r relocation, err error) {
	r.move = operation == "move"
	if r.from, err = c.path(); err != nil {
		return r, err
	}
	to, err := c.required("destination")
	if err != nil {
		return r, err
	}
	if r.to, err = cleanPath(to); err != nil {
		return r, err
	}
	if r.overwrite, err = c.flag("overwrite"); err != nil {
		return r, err
	}
	if !r.move {
		if r.structure, err = c.flag("structure"); err != nil {
			return r, err
		}
	}
	if c.isRoot(r.from) || c.isRoot(r.to) {
		return r, errMoveRoot
	}
	source := mayRead
	if r.move {
		source = mayDelete
	}
	if err := c.need(r.from, source); err != nil {
		return r, err
	}
	return r, c.need(r.to, mayWrite)
}

// hasParent refuses a destination in a folder that is not there, or that is a
// file.
func (t *tree) hasParent(ctx context.Context, q querier, path string) error {
	dir, err := t.find(ctx, q, pathutil.Dir(path))
	if errors.Is(err, errNoNode) {
		return wireErrorf("processing-failure/destination-parent-does-not-exist", "The destination parent does not exist.")
	}
	if err != nil {
		return err
	}
	if !dir.dir {
		return wireErrorf("processing-failure/destination-parent-conflict", "The destination parent %s is a file.", sitePath(dir.path))
	}
	return unlocked(dir)
}

// findMigration answers how far a migration is.
func (c *call) findMigration() error {
	id, ok := wholeNumber(c.vars["id"])
	if !ok {
		return notFound()
	}
	// The progress first: once it is gone, the record has the outcome.
	moved, running := c.s.migrations.moved(id)
	r, err := c.s.records.store.get(c.ctx, "file_migration", id)
	if errors.Is(err, errNoRecord) || err == nil && !c.who.seesAll() && r.doc["user_id"] != c.who.userID {
		return notFound()
	}
	if err != nil {
		return err
	}
	progress := map[string]any{}
	if running && r.doc["status"] == "pending" {
		progress["files_moved"], progress["status"] = moved, "in_progress"
		if moved == 0 {
			progress["status"] = "pending"
		}
	}
	if r.doc["status"] == "completed" {
		progress["log_url"] = c.migrationLogURI(id)
	}
	return c.json(http.StatusOK, appendObject(nil, "file_migration", c.who.root.object("file_migration", r.doc, progress), nil, utc))
}
