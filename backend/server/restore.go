package server

import (
	"context"
	"maps"
	"strings"
	"time"
)

// restoreFor is how far back a restore may go (PROTOCOL.md 11).
const restoreFor = 365 * 24 * time.Hour

// restoreCounters are the fields of a restore that count.
var restoreCounters = []string{
	"dirs_restored", "dirs_errored", "dirs_total", "files_restored", "files_errored", "files_total",
	"users_restored", "users_errored", "users_total",
	"api_keys_restored", "public_keys_restored", "two_factor_authentication_methods_restored",
}

func (a *recordAPI) restoreRules() *recordRules {
	return &recordRules{
		admin: true,
		before: func(c *recordCall, doc map[string]any, _ *record) error {
			since, ok := doc["earliest_date"].(time.Time)
			if !ok {
				text, _ := doc["earliest_date"].(string)
				if since, _, ok = readTime(text, c.zone); !ok {
					return wireErrorf("bad-request/datetime-parse", "earliest_date must contain valid date and time")
				}
				doc["earliest_date"] = since.UTC()
			}
			if since.Before(c.now.Add(-restoreFor)) {
				return fieldErrors{"earliest_date": {"must be within the last 365 days"}}.err()
			}
			for _, f := range restoreCounters {
				doc[f] = int64(0)
			}
			if doc["restoration_type"] == nil {
				doc["restoration_type"] = "files"
			}
			doc["status"], doc["error_messages"] = "pending", []any{}
			doc["by"], doc["by_key"] = c.who.userID, c.who.keyID
			return nil
		},
		after: func(_ *recordCall, r, _ *record) error {
			if a.onRestore != nil && r != nil {
				a.onRestore(r)
			}
			return nil
		},
	}
}

// resumeRestores goes on with what had not ended when the site was closed.
func (s *Server) resumeRestores(ctx context.Context) {
	rows, err := s.records.store.all(ctx, "restore")
	if err != nil {
		s.log.ErrorContext(ctx, "read the restores", "error", err)
		return
	}
	for _, r := range rows {
		if r.doc["status"] == "pending" {
			s.restore(ctx, r)
		}
	}
}

// startRestore carries out a restore in the background.
func (s *Server) startRestore(r *record) {
	s.background(func(ctx context.Context) { s.restore(ctx, r) })
}

// restore carries out a restore and writes down what has come of it. What comes
// back does so in one piece, so a process that ends before has restored nothing
// and the next one does it.
func (s *Server) restore(ctx context.Context, rec *record) {
	ctx = context.WithoutCancel(ctx)
	var done map[string]any
	var err error
	if rec.doc["restoration_type"] == "users" {
		done, err = s.records.restoreUsers(ctx, rec)
	} else {
		done, err = s.restoreFiles(ctx, rec)
	}
	if err != nil {
		s.log.ErrorContext(ctx, "restore", "error", err)
		done = map[string]any{"status": "failed", "error_messages": []any{"Internal server error"}}
	}
	_, err = s.records.store.update(ctx, "restore", rec.id, func(_ *recordTable, r *record) error {
		maps.Copy(r.doc, done)
		return nil
	})
	if err != nil {
		s.log.ErrorContext(ctx, "store a restore", "error", err)
	}
}

func (s *Server) restoreFiles(ctx context.Context, rec *record) (map[string]any, error) {
	number := func(f string) int64 { n, _ := rec.doc[f].(int64); return n }
	prefix, _ := rec.doc["prefix"].(string)
	since, _ := rec.doc["earliest_date"].(time.Time)
	r := &restoration{
		prefix: restorePrefix(prefix), since: since, touch: rec.doc["update_timestamps"] == true,
		e: editor{user: number("by"), key: number("by_key"), now: s.now()},
	}
	if rec.doc["restore_in_place"] != true {
		var err error
		if r.into, err = s.tree.freeRootName(ctx, "Restored "+r.e.now.Format("2006-01-02 15.04.05")); err != nil {
			return nil, err
		}
	}
	if err := s.tree.restore(ctx, r); err != nil {
		return nil, err
	}
	return map[string]any{
		"status": "complete", "error_messages": texts(r.failures),
		"files_total": r.files.total, "files_restored": r.files.restored, "files_errored": r.files.errored,
		"dirs_total": r.dirs.total, "dirs_restored": r.dirs.restored, "dirs_errored": r.dirs.errored,
	}, nil
}

// belongings are what is deleted with a user and comes back with him.
var belongings = []string{"group_user", "permission", "api_key", "public_key", "notification"}

// deletedTable is where the deleted records of a resource are kept.
func deletedTable(resource string) string { return "deleted/" + resource }

// keepDeleted keeps a record that is being deleted, with the user it goes with.
func (a *recordAPI) keepDeleted(ctx context.Context, resource string, r *record, user int64) error {
	doc := map[string]any{"was": r.id, "of": user, "deleted_at": a.now().UTC(), "doc": r.doc}
	_, err := a.store.insert(ctx, deletedTable(resource), &record{doc: doc, secret: r.secret}, nil)
	return err
}

// undelete gives a deleted record its place back; false when the place, or its
// name, has been taken.
func (a *recordAPI) undelete(ctx context.Context, resource string, gone *record) (bool, error) {
	was, _ := gone.doc["was"].(int64)
	doc, _ := gone.doc["doc"].(map[string]any)
	text, err := encodeDoc(doc)
	if err != nil {
		return false, err
	}
	// Times inside of the kept document are text when it was read from the disk.
	if doc, err = decodeDoc(resource, text); err != nil {
		return false, err
	}
	ok, err := a.store.putBack(ctx, resource, &record{id: was, doc: doc, secret: gone.secret})
	if err != nil || !ok {
		return false, err
	}
	return true, a.store.remove(ctx, deletedTable(resource), gone.id)
}

// restoreUsers brings deleted users back with what belonged to them.
func (a *recordAPI) restoreUsers(ctx context.Context, rec *record) (map[string]any, error) {
	prefix, _ := rec.doc["prefix"].(string)
	prefix = strings.ToLower(strings.TrimSuffix(prefix, "*"))
	since, _ := rec.doc["earliest_date"].(time.Time)
	rows, err := a.store.all(ctx, deletedTable("user"))
	if err != nil {
		return nil, err
	}
	var users tally
	counts := map[string]int64{}
	var failures []string
	for i := len(rows) - 1; i >= 0; i-- {
		gone := rows[i]
		doc, _ := gone.doc["doc"].(map[string]any)
		name, _ := doc["username"].(string)
		at, _ := gone.doc["deleted_at"].(time.Time)
		if at.Before(since) || !strings.HasPrefix(strings.ToLower(name), prefix) {
			continue
		}
		users.total++
		ok := false
		if _, err := a.userByName(ctx, name); err != nil { // the name is free
			if ok, err = a.undelete(ctx, "user", gone); err != nil {
				return nil, err
			}
		}
		if !ok {
			users.errored++
			failures = append(failures, name+": Username has already been taken")
			continue
		}
		users.restored++
		if secret := readSecret(gone.secret); secret.TOTP != "" || secret.SMS != "" || secret.Yubi != "" {
			counts["two_factor"]++
		}
		if err := a.restoreBelongings(ctx, gone.doc["was"], rec.doc["restore_deleted_permissions"] == true, counts); err != nil {
			return nil, err
		}
	}
	return map[string]any{
		"status": "complete", "error_messages": texts(failures),
		"users_total": users.total, "users_restored": users.restored, "users_errored": users.errored,
		"api_keys_restored": counts["api_key"], "public_keys_restored": counts["public_key"],
		"two_factor_authentication_methods_restored": counts["two_factor"],
	}, nil
}

func (a *recordAPI) restoreBelongings(ctx context.Context, user any, permissions bool, counts map[string]int64) error {
	for _, resource := range belongings {
		if resource == "permission" && !permissions {
			continue
		}
		rows, err := a.store.all(ctx, deletedTable(resource))
		if err != nil {
			return err
		}
		for _, gone := range rows {
			if gone.doc["of"] != user {
				continue
			}
			ok, err := a.undelete(ctx, resource, gone)
			if err != nil {
				return err
			}
			if ok {
				counts[resource]++
			}
		}
	}
	return nil
}
