package server

import (
	"cmp"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"ferry/backend"
	"ferry/backend/prepared"
	"ferry/backend/server/world"
)

// schema is everything that is kept. What the world generates is not: the
// tables lie over it.
//
// A folder has a row once something in it has changed; origin is then the
// folder of the world whose entries it shows besides its own rows, and hidden
// are those of them that are gone or replaced. So a generated folder is moved
// or copied by one row, however big it is. What is deleted hangs below a
// negative parent, the id of its row in trash.
const schema = `
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records(
	resource TEXT NOT NULL, id INTEGER NOT NULL, doc TEXT NOT NULL, secret TEXT NOT NULL DEFAULT '',
	PRIMARY KEY(resource, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nodes(
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	parent INTEGER NOT NULL, fold TEXT NOT NULL, name TEXT NOT NULL,
	rank INTEGER NOT NULL, key BLOB NOT NULL,
	origin TEXT, blob INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
	created INTEGER NOT NULL, mtime INTEGER NOT NULL, provided INTEGER,
	sums TEXT NOT NULL DEFAULT '', sums_at INTEGER NOT NULL DEFAULT 0,
	color TEXT NOT NULL DEFAULT '', metadata TEXT NOT NULL DEFAULT '',
	created_by INTEGER NOT NULL DEFAULT 0, created_key INTEGER NOT NULL DEFAULT 0,
	modified_by INTEGER NOT NULL DEFAULT 0, modified_key INTEGER NOT NULL DEFAULT 0,
	locked INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS nodes_by_name ON nodes(parent, fold);
CREATE INDEX IF NOT EXISTS nodes_in_order ON nodes(parent, rank, key);
CREATE INDEX IF NOT EXISTS nodes_by_blob ON nodes(blob) WHERE blob != 0;
CREATE TABLE IF NOT EXISTS hidden(
	parent INTEGER NOT NULL, rank INTEGER NOT NULL, key BLOB NOT NULL, PRIMARY KEY(parent, rank, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trash(
	id INTEGER PRIMARY KEY AUTOINCREMENT, node INTEGER NOT NULL, path TEXT NOT NULL, deleted INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS uploads(
	id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, restart INTEGER NOT NULL, size INTEGER NOT NULL,
	user_id INTEGER NOT NULL, key_id INTEGER NOT NULL, mkdir INTEGER NOT NULL, created INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS parts(
	upload INTEGER NOT NULL, part INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, file TEXT NOT NULL,
	PRIMARY KEY(upload, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS segments(
	blob INTEGER NOT NULL, seq INTEGER NOT NULL, size INTEGER NOT NULL, file TEXT NOT NULL,
	PRIMARY KEY(blob, seq)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS segments_by_file ON segments(file);
CREATE INDEX IF NOT EXISTS parts_by_file ON parts(file);
CREATE TABLE IF NOT EXISTS attachments(token TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions(
	id TEXT PRIMARY KEY, user_id INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,
	read_only INTEGER NOT NULL) WITHOUT ROWID;
`

// store is the database: one connection that writes, and for a file some that
// read beside it.
type store struct {
	read, write *sql.DB
	anchor      *sql.Conn // keeps a database in memory alive
	anchorDB    *sql.DB
	lock        *sql.DB      // of the data folder, see lockFolder
	key         []byte       // signs URLs
	block       cipher.Block // hides what nobody shall read in them
}

// querier is what a *sql.DB and a *sql.Tx have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

var memoryNames atomic.Int64

func openStore(ctx context.Context, dir string) (*store, error) {
	st := &store{}
	var err error
	if dir == "" {
		name := "file:/ferry-" + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(memoryNames.Add(1), 10) +
			"?vfs=memdb&_pragma=synchronous(off)&_pragma=busy_timeout(10000)"
		if st.anchorDB, err = prepared.Open(name); err != nil {
			return nil, fmt.Errorf("open the database: %w", err)
		}
		if st.anchor, err = st.anchorDB.Conn(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("open the database: %w", err), st.close())
		}
		if st.write, err = prepared.Open(name); err != nil {
			return nil, errors.Join(fmt.Errorf("open the database: %w", err), st.close())
		}
		st.write.SetMaxOpenConns(1)
		st.read = st.write
	} else {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("open the data folder: %w", err)
		}
		if st.lock, err = lockFolder(ctx, dir); err != nil {
			return nil, err
		}
		name := fileURL(dir, "site.db") + "?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(10000)"
		if st.write, err = prepared.Open(name + "&_txlock=immediate"); err != nil {
			return nil, errors.Join(fmt.Errorf("open the database: %w", err), st.close())
		}
		st.write.SetMaxOpenConns(1)
		if st.read, err = prepared.Open(name); err != nil {
			return nil, errors.Join(fmt.Errorf("open the database: %w", err), st.close())
		}
		st.read.SetMaxOpenConns(4)
	}
	if _, err := st.write.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("make the tables: %w", err), st.close())
	}
	return st, nil
}

// fileURL names a database in a folder as the driver wants it.
func fileURL(dir, name string) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(filepath.Join(dir, name))}).EscapedPath()
}

// lockFolder keeps everybody else off a data folder until the returned database
// is closed: two processes would each serve what they remember of the records.
// The lock is one of SQLite, which every system has and which ends with the
// process, however that ends. The error is a *backend.Error.
func lockFolder(ctx context.Context, dir string) (*sql.DB, error) {
	db, err := prepared.Open(fileURL(dir, "site.lock") + "?_pragma=busy_timeout(0)")
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	db.SetMaxOpenConns(1)
	db.SetConnMaxLifetime(0)
	if _, err = db.ExecContext(ctx, `BEGIN EXCLUSIVE`); err == nil {
		return db, nil
	}
	var locked *sqlite.Error
	if errors.As(err, &locked) && locked.Code()&0xff == sqlite3.SQLITE_BUSY {
		err = &backend.Error{
			Class: backend.ClassInvalidParameter, Group: backend.Client, Op: "serve", Path: dir, Cause: err,
			Message: "another process serves this data folder; end that one or choose another folder",
		}
	} else {
		err = fmt.Errorf("lock the data folder: %w", err)
	}
	return nil, errors.Join(err, db.Close())
}

func (st *store) close() error {
	var errs []error
	if st.read != nil && st.read != st.write {
		errs = append(errs, st.read.Close())
	}
	if st.write != nil {
		errs = append(errs, st.write.Close())
	}
	if st.anchor != nil {
		errs = append(errs, st.anchor.Close())
	}
	if st.anchorDB != nil {
		errs = append(errs, st.anchorDB.Close())
	}
	if st.lock != nil { // last: until here nobody else may write
		errs = append(errs, st.lock.Close())
	}
	return errors.Join(errs...)
}

// meta reads a setting, or writes and returns the given one when there is none.
func (st *store) meta(ctx context.Context, key, value string) (string, error) {
	_, err := st.write.ExecContext(ctx, `INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT DO NOTHING`, key, value)
	if err != nil {
		return "", fmt.Errorf("setting %s: %w", key, err)
	}
	if err := st.write.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, key).Scan(&value); err != nil {
		return "", fmt.Errorf("setting %s: %w", key, err)
	}
	return value, nil
}

// setMeta writes a setting.
func (st *store) setMeta(ctx context.Context, key, value string) error {
	_, err := st.write.ExecContext(ctx, `INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value`, key, value)
	if err != nil {
		return fmt.Errorf("setting %s: %w", key, err)
	}
	return nil
}

var worlds = map[string]func(now time.Time) *world.World{
	"demo": world.Demo, "small": world.Small, "huge": world.Huge, "empty": world.Empty,
}

// world makes the world that the database lies over. A database stays with the
// world, and with the present of it, that it was made for: "" takes that one,
// and demo for a new database; another name is an error.
func (st *store) world(ctx context.Context, name string, now time.Time) (*world.World, error) {
	refuse := func(format string, args ...any) error {
		return &backend.Error{
			Class: backend.ClassInvalidParameter, Group: backend.Client, Op: "serve", Message: fmt.Sprintf(format, args...),
		}
	}
	if _, ok := worlds[cmp.Or(name, "demo")]; !ok {
		return nil, refuse("there is no world %q, only demo, small, huge and empty", name)
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	text, err := st.meta(ctx, "signing_key", hex.EncodeToString(secret))
	if err != nil {
		return nil, err
	}
	if st.key, err = hex.DecodeString(text); err != nil {
		return nil, fmt.Errorf("setting signing_key: %w", err)
	}
	if st.block, err = aes.NewCipher(st.key); err != nil {
		return nil, fmt.Errorf("setting signing_key: %w", err)
	}
	asked := name
	if name, err = st.meta(ctx, "world", cmp.Or(asked, "demo")); err != nil {
		return nil, err
	}
	if asked != "" && asked != name {
		return nil, refuse("this data folder holds a site that began as %q, so it cannot become %q; leave the world out or choose another folder", name, asked)
	}
	if text, err = st.meta(ctx, "world_now", now.UTC().Format(time.RFC3339)); err != nil {
		return nil, err
	}
	if now, err = time.Parse(time.RFC3339, text); err != nil {
		return nil, fmt.Errorf("setting world_now: %w", err)
	}
	build, ok := worlds[name]
	if !ok {
		return nil, fmt.Errorf("the site was made for a world %q, which this version does not have", name)
	}
	w := build(now)
	// The root is the one folder that always has a row.
	root, _ := w.Lookup("")
	_, err = st.write.ExecContext(ctx, `INSERT INTO nodes(id, parent, fold, name, rank, key, origin, created, mtime)
		VALUES(1, 0, '', '', 0, x'', '', ?, ?) ON CONFLICT DO NOTHING`, root.Created.Unix(), root.Modified.Unix())
	if err != nil {
		return nil, fmt.Errorf("make the root: %w", err)
	}
	return w, nil
}
