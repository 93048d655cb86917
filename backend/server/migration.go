package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"sync"
	"time"
)

// Migrations take their time, so that one can watch them: so many files and
// folders go with every step, and no migration takes longer than so many steps.
const (
	migrationStep  = 50 * time.Millisecond
	migrationBatch = 250
	migrationSteps = 40
)

// maxMigrationLog bounds how many files and folders a migration writes into its
// log. A last line says how many there are besides.
const maxMigrationLog = 2000

// migrationBook knows the migrations that are running. They are records, so a
// site that is opened again goes on with those that had not ended.
type migrationBook struct {
	s    *Server
	tick <-chan time.Time // begins every step; nil for one each migrationStep

	mu      sync.Mutex
	running map[int64]int64 // by id: files moved so far
}

func newMigrationBook(s *Server) *migrationBook {
	return &migrationBook{s: s, running: map[int64]int64{}}
}

// start records a migration and begins it; options are what it needs to know
// besides, under names of its own.
func (b *migrationBook) start(c *call, operation string, r relocation, total int64, options map[string]any) (int64, error) {
	doc := map[string]any{
		"path": r.from, "dest_path": r.to, "operation": operation, "status": "pending", "region": region,
		"files_moved": int64(0), "files_total": total,
		"overwrite": r.overwrite, "structure": r.structure, "user_id": c.who.userID, "key_id": c.who.keyID, "ip": c.ip(),
	}
	maps.Copy(doc, options)
	rec, err := b.s.records.store.insert(c.ctx, "file_migration", &record{doc: doc}, nil)
	if err != nil {
		return 0, err
	}
	b.resume(rec)
	return rec.id, nil
}

// resume goes on with a migration that has not ended, unless it is under way.
func (b *migrationBook) resume(r *record) {
	if r.doc["status"] != "pending" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.running[r.id]; ok {
		return
	}
	b.running[r.id] = 0
	if !b.s.background(func(ctx context.Context) { b.run(ctx, r) }) {
		delete(b.running, r.id)
	}
}

// resumeAll goes on with what had not ended when the site was closed.
func (b *migrationBook) resumeAll(ctx context.Context) {
	rows, err := b.s.records.store.all(ctx, "file_migration")
	if err != nil {
		b.s.log.Error("read the migrations", "error", err)
		return
	}
	for _, r := range rows {
		b.resume(r)
	}
}

// moved tells how much of a running migration is done.
func (b *migrationBook) moved(id int64) (int64, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, ok := b.running[id]
	return n, ok
}

// run carries out a migration. The tree changes in one piece at the end: nobody
// sees half a folder, and a site that ends before has lost nothing.
func (b *migrationBook) run(ctx context.Context, rec *record) {
	total, _ := rec.doc["files_total"].(int64)
	batch := max(migrationBatch, total/migrationSteps)
	tick := b.tick
	if tick == nil {
		own := time.NewTicker(migrationStep)
		defer own.Stop()
		tick = own.C
	}
	for done := int64(0); done < total; {
		select {
		case <-ctx.Done():
			b.end(rec.id) // it is still pending, and goes on when the site is opened again
			return
		case <-tick:
		}
		done = min(done+batch, total)
		b.mu.Lock()
		b.running[rec.id] = min(done, total-1)
		b.mu.Unlock()
	}
	// What has got so far is brought to its end even while the site closes.
	work := context.WithoutCancel(ctx)
	if operation, _ := rec.doc["operation"].(string); isConversion(operation) {
		work = ctx // but for what can as well begin again
	}
	err := b.safely(work, rec)
	if err != nil && work.Err() != nil {
		b.end(rec.id)
		return
	}
	ctx = context.WithoutCancel(ctx)
	_, saveErr := b.s.records.store.update(ctx, "file_migration", rec.id, func(_ *recordTable, r *record) error {
		r.doc["status"], r.doc["files_moved"] = "completed", total
		if err != nil {
			r.doc["status"], r.doc["files_moved"], r.doc["failure_message"] = "failed", int64(0), failureText(err)
		}
		return nil
	})
	if saveErr != nil {
		b.s.log.Error("store a migration", "error", saveErr)
	}
	b.end(rec.id)
}

func (b *migrationBook) end(id int64) {
	b.mu.Lock()
	delete(b.running, id)
	b.mu.Unlock()
}

// safely is finish; a panic in it, such as of a decoder that meets a damaged
// file, fails the migration and nothing else.
func (b *migrationBook) safely(ctx context.Context, rec *record) (err error) {
	defer func() {
		if r := recover(); r != nil {
			b.s.log.Error("panic in a migration", "id", rec.id, "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return b.finish(ctx, rec)
}

// finish does the work and writes the history and the log.
func (b *migrationBook) finish(ctx context.Context, rec *record) error {
	text := func(f string) string { s, _ := rec.doc[f].(string); return s }
	number := func(f string) int64 { n, _ := rec.doc[f].(int64); return n }
	r := relocation{
		from: text("path"), to: text("dest_path"), move: text("operation") == "move",
		overwrite: rec.doc["overwrite"] == true, structure: rec.doc["structure"] == true,
	}
	e := editor{user: number("user_id"), key: number("key_id"), now: b.s.now()}
	lines, err := b.lines(ctx, r)
	if err != nil {
		return err
	}
	if op := text("operation"); op == "zip" || op == "unzip" {
		for _, line := range lines {
			line["dest_path"] = r.to
		}
	}
	action, changed := text("operation"), context.WithoutCancel(ctx)
	if isConversion(action) {
		action = "create"
		if _, err := b.s.tree.get(ctx, r.to); err == nil {
			action = "update"
		}
		err = b.convert(ctx, rec, e)
	} else {
		_, err = b.s.tree.relocate(ctx, r, e)
	}
	if err != nil {
		return err
	}
	for _, doc := range lines {
		doc["timestamp"], doc["file_migration_id"], doc["operation"], doc["status"] = e.now, rec.id, text("operation"), "success"
	}
	if err := b.s.records.store.insertAll(changed, "file_migration_log", lines); err != nil {
		return err
	}
	who := recordCaller{userID: e.user, keyID: e.key}
	done := deed{who: who, action: action, path: r.from, dest: r.to, client: text("ip")}
	if isConversion(text("operation")) {
		done.path, done.dest = r.to, ""
	}
	if err := b.s.records.recordDeed(changed, done); err != nil {
		return err
	}
	return b.s.records.runner.onAction(changed, action, r.to)
}

// lines are the files and folders of a migration, for its log.
func (b *migrationBook) lines(ctx context.Context, r relocation) (out []map[string]any, err error) {
	err = b.s.tree.look(func(q querier) error {
		src, err := b.s.tree.find(ctx, q, r.from)
		if err != nil {
			return err
		}
		line := func(n *node) {
			kind := "file"
			if n.dir {
				kind = "directory"
			}
			out = append(out, map[string]any{"path": n.path, "dest_path": r.to + n.path[len(src.path):], "file_type": kind})
		}
		line(src)
		more := 0
		err = b.s.tree.below(ctx, q, src, func(n *node) (bool, error) {
			if len(out) >= maxMigrationLog {
				more++
			} else {
				line(n)
			}
			return true, nil
		})
		if more > 0 {
			out = append(out, map[string]any{
				"path": src.path, "dest_path": r.to, "file_type": "directory",
				"message": fmt.Sprintf("The log ends here: %d files and folders more are not listed.", more),
			})
		}
		return err
	})
	return out, err
}

// failureText is an error as a migration shows it.
func failureText(err error) string {
	var we *wireError
	switch {
	case errors.As(err, &we):
		return we.Message
	case errors.Is(err, errNoNode):
		return "The source does not exist any more."
	}
	return "Internal server error"
}
