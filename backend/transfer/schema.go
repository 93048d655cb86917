package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ferry/backend"
)

// The journal's tables, step by step. A journal says in user_version how many
// steps it has; what an older program left is brought up to date when it is
// opened or taken over, and nothing of it is lost. %[1]s is the database.
var schema = []func(tx *sql.Tx, db string) error{
	0: statements(`
CREATE TABLE IF NOT EXISTS %[1]s.jobs (
	id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, req TEXT NOT NULL,
	state INTEGER NOT NULL DEFAULT 0, scanned INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS %[1]s.items (
	job INTEGER NOT NULL, id INTEGER NOT NULL, kind INTEGER NOT NULL, src TEXT NOT NULL, size INTEGER NOT NULL,
	modified INTEGER NOT NULL, rel TEXT NOT NULL, dst TEXT NOT NULL, policy INTEGER NOT NULL,
	state INTEGER NOT NULL, verified INTEGER NOT NULL DEFAULT 0, sum TEXT NOT NULL DEFAULT '',
	err TEXT NOT NULL DEFAULT '', checkpoint TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (job, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS %[1]s.pieces (
	job INTEGER NOT NULL, item INTEGER NOT NULL, n INTEGER NOT NULL, off INTEGER NOT NULL, length INTEGER NOT NULL,
	etag TEXT NOT NULL, crc INTEGER NOT NULL,
	PRIMARY KEY (job, item, off)
) STRICT, WITHOUT ROWID;`),
	// The place in the queue, what a person paused, why the scan failed, one
	// answer for all, what a file was called instead, checksums that wait for the
	// site's, and the source folders of a move.
	1: statements(`
ALTER TABLE %[1]s.jobs ADD COLUMN pos INTEGER NOT NULL DEFAULT 0;
ALTER TABLE %[1]s.jobs ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE %[1]s.jobs ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE %[1]s.jobs ADD COLUMN err TEXT NOT NULL DEFAULT '';
UPDATE %[1]s.jobs SET pos = id;
ALTER TABLE %[1]s.items ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE %[1]s.items ADD COLUMN waiting TEXT NOT NULL DEFAULT '';
CREATE TABLE %[1]s.dirs (
	job INTEGER NOT NULL, path TEXT NOT NULL,
	PRIMARY KEY (job, path)
) STRICT, WITHOUT ROWID;`),
	// Errors with all they know instead of their text.
	2: errorsFromText,
	// What a plan saw where a file goes.
	3: statements(`ALTER TABLE %[1]s.items ADD COLUMN expect TEXT NOT NULL DEFAULT '';`),
	// How many symbolic links a scan left out.
	4: statements(`ALTER TABLE %[1]s.jobs ADD COLUMN links INTEGER NOT NULL DEFAULT 0;`),
	// What was chosen for all transfers of a site together.
	5: statements(`
CREATE TABLE %[1]s.settings (
	site TEXT NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL,
	PRIMARY KEY (site, name)
) STRICT, WITHOUT ROWID;`),
	// Plans that are being carried out and have something to delete.
	6: statements(`
CREATE TABLE %[1]s.plans (
	site TEXT NOT NULL, file TEXT NOT NULL, local TEXT NOT NULL, remote TEXT NOT NULL, deletions INTEGER NOT NULL,
	PRIMARY KEY (site, file)
) STRICT, WITHOUT ROWID;`),
}

// errNewer refuses a journal that a newer program has written.
var errNewer = errors.New("the journal belongs to a newer version of this program")

func statements(script string) func(*sql.Tx, string) error {
	return func(tx *sql.Tx, db string) error {
		_, err := tx.Exec(fmt.Sprintf(script, db))
		return err
	}
}

// migrate brings a database of the connection ("main" or an attached one) to
// the newest schema.
func migrate(db *sql.DB, name string) error {
	var have int
	if err := db.QueryRow(`PRAGMA ` + name + `.user_version`).Scan(&have); err != nil {
		return err
	}
	switch {
	case have > len(schema):
		return errNewer
	case have == len(schema):
		return nil
	}
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	for _, step := range schema[have:] {
		if err := step(tx, name); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	if _, err := tx.Exec(fmt.Sprintf(`PRAGMA %s.user_version = %d`, name, len(schema))); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// errorsFromText turns the lines that failures were kept as into errors. The
// wire type stood at the end of the line; it leads to the group and the words.
func errorsFromText(tx *sql.Tx, db string) error {
	rows, err := tx.Query(`SELECT job, id, err FROM ` + db + `.items WHERE err <> ''`)
	if err != nil {
		return err
	}
	type row struct {
		job, id int64
		err     string
	}
	var all []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.job, &r.id, &r.err); err != nil {
			return errors.Join(err, rows.Close())
		}
		all = append(all, r)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, r := range all {
		if _, err := tx.Exec(`UPDATE `+db+`.items SET err = ? WHERE job = ? AND id = ?`,
			keepError(errorFromText(r.err)), r.job, r.id); err != nil {
			return err
		}
	}
	return nil
}

func errorFromText(line string) error {
	e := &backend.Error{Class: backend.ClassAPI, Group: backend.APIFailure, Message: line}
	text, wire, ok := strings.Cut(line, " (")
	for ok && strings.Contains(wire, " (") { // the last bracket
		var more string
		more, wire, _ = strings.Cut(wire, " (")
		text += " (" + more
	}
	wire, closed := strings.CutSuffix(wire, ")")
	group, _, _ := strings.Cut(wire, "/")
	if !ok || !closed {
		return e
	}
	switch g := backend.ErrorGroup(group); {
	case slices.Contains(backend.APIGroups(), g):
		e.Group = g
	case g == backend.LocalDisk:
		e.Group, e.Class = g, backend.ClassLocalDisk
	case g == backend.Client:
		e.Group = g
	default:
		return e
	}
	e.Type, e.Message = wire, text
	return e
}
