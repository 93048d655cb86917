package server

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"ferry/backend/catalog"
	"ferry/backend/server/world"
)

// record is one row of a resource. It is never changed once others can see it:
// an update puts another in its place, so that a reader needs no lock.
type record struct {
	id     int64
	doc    map[string]any // nil, bool, int64, float64, string, time.Time, []any, map[string]any
	secret string         // never sent: passwords, keys, write-only fields
}

// recordTable is one resource in memory.
type recordTable struct {
	rows    map[int64]*record
	ids     []int64 // ascending
	next    int64
	version uint64 // counts the changes, for whoever keeps an index
}

// recordStore keeps the records of every resource. What the world generates is
// never written: the database holds what clients have added, changed and
// deleted (a row with an empty doc), and is laid over the world when a resource
// is touched for the first time. So nothing is seeded at start-up and a
// restart finds everything.
type recordStore struct {
	db    *sql.DB
	world *world.World

	// writing is held by whoever changes or loads something, for as long as the
	// database takes; mu only while the maps are touched. So nobody who reads
	// waits for the database.
	writing sync.Mutex
	mu      sync.RWMutex
	tables  map[string]*recordTable
}

// errNoRecord says that there is no such row.
var errNoRecord = errors.New("no such record")

func newRecordStore(db *sql.DB, w *world.World) *recordStore {
	return &recordStore{db: db, world: w, tables: map[string]*recordTable{}}
}

// table loads a resource. The caller holds no lock.
func (s *recordStore) table(ctx context.Context, resource string) (*recordTable, error) {
	s.mu.RLock()
	t := s.tables[resource]
	s.mu.RUnlock()
	if t != nil {
		return t, nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.load(ctx, resource)
}

// load does the work of table; the caller is the one who writes.
func (s *recordStore) load(ctx context.Context, resource string) (*recordTable, error) {
	s.mu.RLock()
	known := s.tables[resource]
	s.mu.RUnlock()
	if known != nil {
		return known, nil
	}
	t := &recordTable{rows: map[int64]*record{}, next: 1}
	for _, r := range s.world.Records(resource) {
		t.rows[r.ID] = &record{id: r.ID, doc: r.Doc, secret: r.Secret}
		t.next = max(t.next, r.ID+1)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT id, doc, secret FROM records WHERE resource = ? ORDER BY id`, resource)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", resource, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var doc, secret sql.NullString
		if err := rows.Scan(&id, &doc, &secret); err != nil {
			return nil, fmt.Errorf("load %s: %w", resource, err)
		}
		t.next = max(t.next, id+1)
		if doc.String == "" {
			delete(t.rows, id)
			continue
		}
		m, err := decodeDoc(resource, []byte(doc.String))
		if err != nil {
			return nil, fmt.Errorf("load %s %d: %w", resource, id, err)
		}
		t.rows[id] = &record{id: id, doc: m, secret: secret.String}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("load %s: %w", resource, err)
	}
	t.ids = slices.Sorted(maps.Keys(t.rows))
	s.mu.Lock()
	s.tables[resource] = t
	s.mu.Unlock()
	return t, nil
}

// get finds a record; errNoRecord when there is none.
func (s *recordStore) get(ctx context.Context, resource string, id int64) (*record, error) {
	t, err := s.table(ctx, resource)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := t.rows[id]
	if !ok {
		return nil, errNoRecord
	}
	return r, nil
}

// all returns the records of a resource by id. The slice is the caller's.
func (s *recordStore) all(ctx context.Context, resource string) ([]*record, error) {
	t, err := s.table(ctx, resource)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]*record, 0, len(t.ids))
	for _, id := range t.ids {
		out = append(out, t.rows[id])
	}
	return out, nil
}

// find returns the first record by id for which ok says so; errNoRecord when
// there is none.
func (s *recordStore) find(ctx context.Context, resource string, ok func(r *record) bool) (*record, error) {
	t, err := s.table(ctx, resource)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, id := range t.ids {
		if r := t.rows[id]; ok(r) {
			return r, nil
		}
	}
	return nil, errNoRecord
}

// version tells how often a resource has changed since it was loaded.
func (s *recordStore) version(ctx context.Context, resource string) (uint64, error) {
	t, err := s.table(ctx, resource)
	if err != nil {
		return 0, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return t.version, nil
}

// insert adds r under a new id, which it puts into the doc as well; r is the
// store's from then on. check is called before with the rows that are
// there, for rules such as uniqueness; its error stops the insert.
func (s *recordStore) insert(ctx context.Context, resource string, r *record, check func(*recordTable) error) (*record, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	t, err := s.load(ctx, resource)
	if err != nil {
		return nil, err
	}
	if check != nil {
		if err := check(t); err != nil {
			return nil, err
		}
	}
	id := t.next
	r.id, r.doc["id"] = id, id
	if err := s.write(ctx, resource, r); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.rows[id] = r
	t.ids = append(t.ids, id)
	t.next++
	t.version++
	return r, nil
}

// insertAll adds records in one piece, for which the database is asked once.
func (s *recordStore) insertAll(ctx context.Context, resource string, docs []map[string]any) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	t, err := s.load(ctx, resource)
	if err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store %s: %w", resource, err)
	}
	defer tx.Rollback() // nothing is left of it after a commit
	for i, doc := range docs {
		doc["id"] = t.next + int64(i)
		if err := write(ctx, tx, resource, &record{id: t.next + int64(i), doc: doc}); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store %s: %w", resource, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range docs {
		t.rows[t.next] = &record{id: t.next, doc: doc}
		t.ids = append(t.ids, t.next)
		t.next++
	}
	t.version++
	return nil
}

// update changes a record by change, which gets a copy of it.
func (s *recordStore) update(ctx context.Context, resource string, id int64, change func(t *recordTable, r *record) error) (*record, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	t, err := s.load(ctx, resource)
	if err != nil {
		return nil, err
	}
	old, ok := t.rows[id]
	if !ok {
		return nil, errNoRecord
	}
	r := &record{id: id, doc: maps.Clone(old.doc), secret: old.secret}
	if err := change(t, r); err != nil {
		return nil, err
	}
	if err := s.write(ctx, resource, r); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.rows[id] = r
	t.version++
	return r, nil
}

// remove deletes records; those that are not there do not matter.
func (s *recordStore) remove(ctx context.Context, resource string, ids ...int64) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	t, err := s.load(ctx, resource)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, ok := t.rows[id]; !ok {
			continue
		}
		_, err := s.db.ExecContext(ctx, `INSERT INTO records(resource, id, doc, secret) VALUES(?, ?, '', '')
			ON CONFLICT(resource, id) DO UPDATE SET doc = '', secret = ''`, resource, id)
		if err != nil {
			return fmt.Errorf("delete %s %d: %w", resource, id, err)
		}
		s.mu.Lock()
		delete(t.rows, id)
		if i, ok := slices.BinarySearch(t.ids, id); ok {
			t.ids = slices.Delete(t.ids, i, i+1)
		}
		t.version++
		s.mu.Unlock()
	}
	return nil
}

// putBack adds a record under the id that it has had before; false when there is
// one of that id.
func (s *recordStore) putBack(ctx context.Context, resource string, r *record) (bool, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	t, err := s.load(ctx, resource)
	if err != nil {
		return false, err
	}
	if _, taken := t.rows[r.id]; taken {
		return false, nil
	}
	if err := s.write(ctx, resource, r); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.rows[r.id] = r
	i, _ := slices.BinarySearch(t.ids, r.id)
	t.ids = slices.Insert(t.ids, i, r.id)
	t.next = max(t.next, r.id+1)
	t.version++
	return true, nil
}

// write stores one record durably.
func (s *recordStore) write(ctx context.Context, resource string, r *record) error {
	return write(ctx, s.db, resource, r)
}

// execer is a database, or a transaction in it.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func write(ctx context.Context, db execer, resource string, r *record) error {
	b, err := encodeDoc(r.doc)
	if err != nil {
		return fmt.Errorf("store %s %d: %w", resource, r.id, err)
	}
	_, err = db.ExecContext(ctx, `INSERT INTO records(resource, id, doc, secret) VALUES(?, ?, ?, ?)
		ON CONFLICT(resource, id) DO UPDATE SET doc = excluded.doc, secret = excluded.secret`,
		resource, r.id, string(b), r.secret)
	if err != nil {
		return fmt.Errorf("store %s %d: %w", resource, r.id, err)
	}
	return nil
}

// encodeDoc writes a doc as JSON; times are RFC 3339 in UTC.
func encodeDoc(doc map[string]any) ([]byte, error) { return json.Marshal(doc) }

// decodeDoc reads what encodeDoc wrote. The catalog tells which strings are
// times.
func decodeDoc(resource string, b []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	res, _ := catalog.Lookup(resource)
	for k, v := range m {
		m[k] = plain(v)
		if s, ok := v.(string); ok && isTime(res, k) {
			if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
				m[k] = t.UTC()
			}
		}
	}
	return m, nil
}

// isTime tells whether a field holds a time; of fields that the reference does
// not have, by their name.
func isTime(res *catalog.Resource, name string) bool {
	if res != nil {
		if f, ok := res.Field(name); ok {
			return f.Type == "date-time"
		}
	}
	return strings.HasSuffix(name, "_at")
}

// plain turns the numbers of a decoded value into int64 or float64.
func plain(v any) any {
	switch x := v.(type) {
	case json.Number:
		if i, err := x.Int64(); err == nil {
			return i
		}
		f, err := x.Float64()
		if err != nil || math.IsInf(f, 0) {
			return x.String()
		}
		return f
	case []any:
		for i := range x {
			x[i] = plain(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = plain(x[k])
		}
	}
	return v
}
