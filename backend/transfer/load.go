package transfer

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"ferry/backend"
)

// load gives the jobs of a site that have something left to do, and drops those
// that ended well or were cancelled. The files of those that have not ended are not
// read (see fill).
func load(db *sql.DB, site string) ([]*job, error) {
	for _, q := range []string{
		`DELETE FROM items WHERE job IN (SELECT id FROM jobs WHERE site = ?1 AND state IN (?2, ?3))`,
		`DELETE FROM pieces WHERE job IN (SELECT id FROM jobs WHERE site = ?1 AND state IN (?2, ?3))`,
		`DELETE FROM jobs WHERE site = ?1 AND state IN (?2, ?3)`,
	} {
		if _, err := db.Exec(q, site, int(backend.JobDone), int(backend.JobCancelled)); err != nil {
			return nil, err
		}
	}
	// What a worker still wrote after its job was removed.
	for _, table := range []string{"pieces", "dirs"} {
		if _, err := db.Exec(`DELETE FROM ` + table + ` WHERE job NOT IN (SELECT id FROM jobs)`); err != nil {
			return nil, err
		}
	}
	rows, err := db.Query(`SELECT id, req, state, scanned, ended, pos, paused, answered, err, links FROM jobs WHERE site = ?
		ORDER BY pos, id`, site)
	if err != nil {
		return nil, err
	}
	var jobs []*job
	for rows.Next() {
		var req, failed string
		var ended int64
		j := &job{site: site}
		if err := rows.Scan(&j.id, &req, &j.state, &j.scanned, &ended, &j.pos, &j.byHand, &j.all, &failed, &j.links); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		if err := json.Unmarshal([]byte(req), &j.req); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		if j.state.Ended() {
			j.ended = unstamp(ended)
		}
		if err := keptError(failed); err != nil && j.state == backend.JobFailed {
			j.unscanned(err)
		}
		jobs = append(jobs, j)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for _, j := range jobs {
		if j.unread = !j.state.Ended(); j.unread {
			continue
		}
		if err := errors.Join(loadItems(db, j), loadDirs(db, j)); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

// fill reads the files of an interrupted job. Until then it has none.
func (j *journal) fill(of *job) error {
	if !of.unread {
		return nil
	}
	var whole job
	err := error(errClosed)
	j.read(func(tx *sql.Tx) error {
		whole = *of // it may run again
		err = errors.Join(loadItems(tx, &whole), loadDirs(tx, &whole))
		return err
	})
	if err == nil {
		*of = whole
		of.unread = false
	}
	return err
}

// querier is a database, or a transaction in it.
type querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
}

const itemColumns = `id, kind, src, size, modified, rel, dst, policy, state, verified, sum, err, checkpoint,
	note, waiting, expect`

func loadItem(rows *sql.Rows) (*item, error) {
	var modified int64
	var failed, cp, said, waiting, expect string
	it := &item{}
	err := rows.Scan(&it.id, &it.src.Kind, &it.src.Path, &it.src.Size, &modified, &it.rel, &it.dst,
		&it.policy, &it.state, &it.verified, &it.by, &failed, &cp, &said, &waiting, &expect)
	if err != nil {
		return nil, err
	}
	it.src.Modified = unstamp(modified)
	it.err = keptError(failed)
	if said != "" {
		it.say("%s", said)
	}
	if waiting != "" {
		err = json.Unmarshal([]byte(waiting), &it.sums)
	}
	if expect != "" {
		it.expect = &backend.Stamp{}
		err = errors.Join(err, json.Unmarshal([]byte(expect), it.expect))
	}
	if cp != "" {
		it.cp = &checkpoint{}
		err = errors.Join(err, json.Unmarshal([]byte(cp), it.cp))
	}
	return it, err
}

// loadItems gives a job its files. Of one that has ended those that arrived or
// were left out are counted only: nobody needs them before they are asked for, and
// each command has the ended jobs of all others in its journal. While a scan has to
// be repeated it has to know all of them.
func loadItems(db querier, j *job) error {
	query := `SELECT ` + itemColumns + ` FROM items WHERE job = ?`
	if j.state.Ended() && j.scanned {
		if err := countSettled(db, j); err != nil {
			return err
		}
		query += ` AND NOT ` + isSettled
	}
	rows, err := db.Query(query+` ORDER BY id`, int64(j.id))
	if err != nil {
		return err
	}
	if !j.scanned {
		j.known = map[string]bool{}
	}
	withPieces := map[int64]*item{}
	for rows.Next() {
		it, err := loadItem(rows)
		if err != nil {
			return errors.Join(err, rows.Close())
		}
		j.restore(it)
		if it.cp != nil {
			withPieces[it.id] = it
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	return loadPieces(db, j, withPieces)
}

// isSettled is the condition on items that arrived or were left out.
var isSettled = fmt.Sprintf(`state IN (%d, %d)`, backend.JobDone, backend.JobCancelled)

// countSettled is restore for all items of an ended job that arrived or were left
// out.
func countSettled(db querier, j *job) error {
	rows, err := db.Query(`SELECT kind, state, verified, sum, count(*), sum(max(size, 0)), max(id) FROM items
		WHERE job = ? AND `+isSettled+` GROUP BY kind, state, verified, sum ORDER BY min(id)`, int64(j.id))
	if err != nil {
		return err
	}
	for rows.Next() {
		var kind backend.Kind
		var state backend.JobState
		var v backend.Verification
		var by string
		var last int64
		var n amount
		if err := rows.Scan(&kind, &state, &v, &by, &n.files, &n.bytes, &last); err != nil {
			return errors.Join(err, rows.Close())
		}
		j.nextID = max(j.nextID, last)
		if kind != backend.Folder {
			j.filesTotal += n.files
			j.bytesTotal += n.bytes
		}
		if kind != backend.Folder || state == backend.JobCancelled {
			j.settled(state, v, by, n)
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// settled counts files of the journal, or one, that arrived or were left out.
func (j *job) settled(s backend.JobState, v backend.Verification, by string, n amount) {
	if s == backend.JobCancelled {
		j.filesSkipped += n.files
		j.bytesTotal -= n.bytes
		return
	}
	j.filesDone += n.files
	j.bytesDone += n.bytes
	j.before.files += n.files
	j.before.bytes += n.bytes
	j.checked(v, by, n.files)
}

// restore counts an item of the journal where it belongs.
func (j *job) restore(it *item) {
	j.nextID = max(j.nextID, it.id)
	if j.known != nil {
		j.known[it.key()] = true
	}
	if !it.src.IsDir() || it.state == backend.JobFailed {
		it.counted = true
		j.filesTotal++
		j.bytesTotal += it.size()
	}
	if j.req.Move && it.verified == backend.Verified && it.state != backend.JobDone {
		it.arrived = &outcome{verified: it.verified, by: it.by, before: true}
		it.verified, it.by = backend.Unverified, ""
	}
	it.again = true
	switch it.state {
	case backend.JobDone:
		if it.src.IsDir() {
			return
		}
		if j.unproven(it) && !j.state.Ended() {
			j.keep(it, it.size())
			j.hadBefore(it, it.whole())
			j.late = append(j.late, it)
			return
		}
		j.settled(it.state, it.verified, it.by, it.whole())
	case backend.JobCancelled:
		j.settled(it.state, it.verified, it.by, it.whole())
	case backend.JobFailed:
		j.failed = append(j.failed, it)
		if it.verified == backend.Mismatch {
			j.weakest(it.verified, it.by)
		}
		if j.err == nil {
			j.err = it.err
		}
	case backend.JobPaused:
		j.held = append(j.held, it)
	default:
		if j.req.Planned && it.policy == backend.Overwrite && it.cp == nil && it.expect == nil {
			it.policy = backend.Ask // an older program did not keep what the plan saw there
		}
		it.state = backend.JobQueued
		j.queue = append(j.queue, it)
	}
}

// unproven tells whether a file of the journal has arrived when the site had no
// checksum for it yet: there may be one by now.
func (j *job) unproven(it *item) bool {
	waits := j.req.Direction == backend.Upload || it.sums != (backend.Checksums{})
	return waits && it.state == backend.JobDone && it.verified == backend.SizeOnly && !it.src.IsDir()
}

// loadDirs gives the source folders that a move has to take away.
func loadDirs(db querier, j *job) error {
	rows, err := db.Query(`SELECT path FROM dirs WHERE job = ?`, int64(j.id))
	if err != nil {
		return err
	}
	for rows.Next() {
		var dir string
		if err := rows.Scan(&dir); err != nil {
			return errors.Join(err, rows.Close())
		}
		j.dirs = append(j.dirs, dir)
	}
	return errors.Join(rows.Err(), rows.Close())
}

func loadPieces(db querier, j *job, items map[int64]*item) error {
	rows, err := db.Query(`SELECT item, n, off, length, etag, crc FROM pieces WHERE job = ?`, int64(j.id))
	if err != nil {
		return err
	}
	for rows.Next() {
		var item int64
		p := piece{before: true}
		if err := rows.Scan(&item, &p.N, &p.Off, &p.Length, &p.ETag, &p.CRC); err != nil {
			return errors.Join(err, rows.Close())
		}
		if it := items[item]; it != nil {
			it.cp.pieces = append(it.cp.pieces, p)
			j.keep(it, it.kept+p.Length)
			j.hadBefore(it, amount{bytes: it.before.bytes + p.Length})
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// keys are the items that a job has planned.
func (j *journal) keys(id backend.JobID) map[string]bool {
	out := map[string]bool{}
	j.read(func(tx *sql.Tx) error {
		rows, err := tx.Query(`SELECT src, rel FROM items WHERE job = ?`, int64(id))
		if err != nil {
			return err
		}
		for rows.Next() {
			var src, rel string
			if err := rows.Scan(&src, &rel); err != nil {
				return errors.Join(err, rows.Close())
			}
			out[keyOf(src, rel)] = true
		}
		return errors.Join(rows.Err(), rows.Close())
	})
	return out
}

// finished are the files of a job that arrived, for a comparison on demand.
func (j *journal) finished(id backend.JobID) []*item {
	var out []*item
	j.read(func(tx *sql.Tx) error {
		out = nil // it may run again
		rows, err := tx.Query(`SELECT `+itemColumns+` FROM items WHERE job = ? AND state = ? AND kind = ? ORDER BY id`,
			int64(id), int(backend.JobDone), int(backend.File))
		if err != nil {
			return err
		}
		for rows.Next() {
			it, err := loadItem(rows)
			if err != nil {
				return errors.Join(err, rows.Close())
			}
			it.state = backend.JobQueued
			out = append(out, it)
		}
		return errors.Join(rows.Err(), rows.Close())
	})
	return out
}

// gather takes over the jobs that a killed engine left in another slot of the
// folder. A slot that is in use is locked, and left alone.
func gather(db *sql.DB, own, site string, log *slog.Logger) {
	files, err := filepath.Glob(filepath.Join(filepath.Dir(own), "transfers*.db"))
	if err != nil || own == ":memory:" {
		return
	}
	for _, other := range files {
		if other == own {
			continue
		}
		if _, err := db.Exec(`ATTACH ? AS other`, other); err != nil {
			continue
		}
		if err := takeOver(db, site); err != nil && !strings.Contains(err.Error(), "SQLITE_BUSY") {
			log.Warn("transfer journal of an earlier run", "path", other, "err", err)
		}
		if _, err := db.Exec(`DETACH other`); err != nil {
			log.Warn("transfer journal of an earlier run", "path", other, "err", err)
			return
		}
	}
}

// takeOver moves the jobs of a site behind those that are here. Of its settings
// those that were chosen here win.
func takeOver(db *sql.DB, site string) error {
	if err := migrate(db, "other"); err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	const offset = `(SELECT coalesce(max(seq), 0) FROM main.sqlite_sequence WHERE name = 'jobs')`
	const theirs = `job IN (SELECT id FROM other.jobs WHERE site = ?)`
	for _, q := range []string{
		`INSERT INTO main.items (job, ` + itemColumns + `) SELECT job + ` + offset + `, ` + itemColumns +
			` FROM other.items WHERE ` + theirs,
		`INSERT INTO main.pieces SELECT job + ` + offset + `, item, n, off, length, etag, crc FROM other.pieces WHERE ` + theirs,
		`INSERT INTO main.dirs SELECT job + ` + offset + `, path FROM other.dirs WHERE ` + theirs,
		`DELETE FROM other.items WHERE ` + theirs,
		`DELETE FROM other.pieces WHERE ` + theirs,
		`DELETE FROM other.dirs WHERE ` + theirs,
		`INSERT OR IGNORE INTO main.settings SELECT site, name, value FROM other.settings WHERE site = ?`,
		`DELETE FROM other.settings WHERE site = ?`,
		// Last: it moves the offset.
		`INSERT INTO main.jobs (id, site, req, state, scanned, ended, pos, paused, answered, err, links)
			SELECT id + ` + offset + `, site, req, state, scanned, ended,
			pos + (SELECT coalesce(max(pos), 0) FROM main.jobs), paused, answered, err, links FROM other.jobs WHERE site = ?`,
		`DELETE FROM other.jobs WHERE site = ?`,
	} {
		if _, err := tx.Exec(q, site); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	for _, q := range []string{ // whichever program had begun them
		`INSERT OR IGNORE INTO main.plans SELECT site, file, local, remote, deletions FROM other.plans WHERE site = ?`,
		`DELETE FROM other.plans WHERE site = ?`,
	} {
		if _, err := tx.Exec(q, siteOf(site)); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}
