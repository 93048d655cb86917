package transfer

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ferry/backend"
	"ferry/backend/prepared"
)

// journal keeps jobs, items, checkpoints and pieces in SQLite, so that a killed
// program goes on where it was. Writes are queued and committed in groups by
// one goroutine. Nobody waits for the disk as long as the queue has room; a disk
// that is slower than the work slows it down.
type journal struct {
	db   *sql.DB
	log  *slog.Logger
	next backend.JobID // first id that was never used
	ops  chan op
	gone chan struct{} // closed when the writer has ended
	once sync.Once

	lost atomic.Pointer[backend.Error] // why a write failed, the newest reason
	tell atomic.Pointer[func()]        // is called when one has; it must not wait
}

// queued is how many writes wait at most.
const queued = 1024

// unkept is why something that was written is not there, nil when all is.
func (j *journal) unkept() error {
	if e := j.lost.Load(); e != nil {
		return e
	}
	return nil
}

// fail notes that a write failed.
func (j *journal) fail(err error) {
	j.log.Error("transfer journal", "err", err)
	j.lost.Store(&backend.Error{
		Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Type: "local/failed", Title: "Journal Not Written",
		Op: "write transfer journal", Message: "The record of unfinished transfers cannot be written: " + err.Error() + ".", Cause: err,
	})
	if tell := j.tell.Load(); tell != nil {
		(*tell)()
	}
}

type op struct {
	do   func(*sql.Tx) error
	ran  chan struct{} // closed after the commit, nil when nobody waits
	last bool
}

// slots is how many engines may have a journal in one folder at a time. Each
// locks its own file; what a killed one left is taken over by the next that
// finds it free.
const slots = 16

// openJournal opens the first free journal of the folder and gives the jobs of
// site in it that have work left. dir "" keeps the journal in memory.
func openJournal(dir, site string, log *slog.Logger) (*journal, []*job, error) {
	if dir == "" {
		return openFile(":memory:", site, log)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, journalError(dir, err)
	}
	var all error
	for n := range slots {
		name := "transfers.db"
		if n > 0 {
			name = fmt.Sprintf("transfers-%d.db", n)
		}
		j, left, err := openFile(filepath.Join(dir, name), site, log)
		if err == nil {
			return j, left, nil
		}
		all = errors.Join(all, err)
		if !strings.Contains(err.Error(), "SQLITE_BUSY") && !errors.Is(err, errNewer) {
			break
		}
	}
	return nil, nil, journalError(dir, all)
}

// unusable says which folder or file stands against the journal, and why, nil when
// nothing does that the system would tell: the database says only that it could
// not open a file.
func unusable(dir string, err error) error {
	var p *fs.PathError
	file := filepath.Join(dir, "transfers.db")
	switch {
	case errors.As(err, &p):
		if filepath.Dir(p.Path) == filepath.Clean(dir) {
			return fmt.Errorf("the file %s cannot be used: %w", p.Path, p.Err)
		}
		return fmt.Errorf("the folder %s cannot be made: %w", p.Path, p.Err)
	case errors.Is(err, errNewer), strings.Contains(err.Error(), "SQLITE_BUSY"):
		return nil // nor may a file be closed here that another journal of this process has locked
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if f, err = os.CreateTemp(dir, ".ferry-probe-*"); err == nil {
			defer os.Remove(f.Name())
		} else if errors.As(err, &p) {
			return fmt.Errorf("the folder %s cannot be written to: %w", dir, p.Err)
		}
	}
	if errors.As(err, &p) {
		return fmt.Errorf("the file %s cannot be written to: %w", file, p.Err)
	}
	if err == nil {
		err = f.Close()
	}
	return err
}

func journalError(dir string, err error) error {
	why, _, _ := strings.Cut(err.Error(), "\n") // of several the first
	if clear := unusable(dir, err); clear != nil {
		why = clear.Error()
	}
	return &backend.Error{
		Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Type: backend.TypeJournal, Title: "Journal Not Usable",
		Op: "open transfer journal", Path: dir, Message: why, Cause: err,
	}
}

func openFile(path, site string, log *slog.Logger) (*journal, []*job, error) {
	dsn := path
	if path != ":memory:" {
		dsn = (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path)}).String()
	}
	// An exclusive lock tells engines apart; the system frees it when a process
	// is killed.
	dsn += "?_pragma=locking_mode(exclusive)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(0)"
	db, err := prepared.Open(dsn)
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	err = migrate(db, "main")
	if err == nil && path != ":memory:" {
		err = os.Chmod(path, 0o600) // names of files are private
	}
	var left []*job
	if err == nil {
		gather(db, path, site, log)
		left, err = load(db, site)
	}
	next := int64(1)
	if err == nil {
		err = db.QueryRow(`SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'jobs'`).Scan(&next)
	}
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	j := &journal{db: db, log: log, next: backend.JobID(next), ops: make(chan op, queued), gone: make(chan struct{})}
	go j.write()
	return j, left, nil
}

// write commits what is queued, as much as there is at a time.
func (j *journal) write() {
	defer close(j.gone)
	for first := range j.ops {
		group := []op{first}
		for len(group) < 1000 && len(j.ops) > 0 && !group[len(group)-1].last {
			group = append(group, <-j.ops)
		}
		if err := j.commit(group); err != nil {
			j.log.Warn("transfer journal", "err", err)
			j.singly(group, err)
		}
		for _, o := range group {
			if o.ran != nil {
				close(o.ran)
			}
		}
		if group[len(group)-1].last {
			if err := j.db.Close(); err != nil {
				j.log.Error("transfer journal", "err", err)
			}
			return
		}
	}
}

// singly commits each of a group that failed as a whole: one bad write must not
// take the others with it.
func (j *journal) singly(group []op, err error) {
	if len(group) == 1 {
		j.fail(err)
		return
	}
	for _, o := range group {
		if err := j.commit([]op{o}); err != nil {
			j.fail(err)
		}
	}
}

func (j *journal) commit(group []op) error {
	tx, err := j.db.Begin()
	if err != nil {
		return err
	}
	for _, o := range group {
		if err := o.safely(tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// safely runs an operation; a panic in it is a failure of it alone.
func (o op) safely(tx *sql.Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error: %s\n%s", unsigned(r), debug.Stack())
		}
	}()
	return o.do(tx)
}

// put queues a write. Once the writer has ended it may still find room in the
// queue, where nobody comes for it: who waits for ran waits for gone as well.
func (j *journal) put(o op) {
	select {
	case j.ops <- o:
	case <-j.gone:
	}
}

func (j *journal) exec(query string, args ...any) {
	j.put(op{do: func(tx *sql.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}})
}

// read waits for a query; it sees everything that was written before. After close
// it finds nothing.
func (j *journal) read(query func(*sql.Tx) error) {
	ran := make(chan struct{})
	j.put(op{do: query, ran: ran})
	select {
	case <-ran:
	case <-j.gone: // what the writer took on is done by then, and the rest is never begun
	}
}

// close commits what is left.
func (j *journal) close() {
	j.once.Do(func() {
		j.put(op{do: func(*sql.Tx) error { return nil }, last: true})
		<-j.gone
	})
}

func (j *journal) add(job *job) {
	j.exec(`INSERT INTO jobs (id, site, req, pos) VALUES (?, ?, ?, ?)`, int64(job.id), job.site, j.request(job), job.pos)
}

// request is what was asked for, as it is kept.
func (j *journal) request(job *job) string {
	req, err := json.Marshal(job.req)
	if err != nil {
		j.log.Error("transfer journal", "err", err)
	}
	return string(req)
}

// scanned keeps that the scan has ended: with err when it failed, else with the
// source folders that a move has to take away.
func (j *journal) scanned(id backend.JobID, dirs []string, links int, err error) {
	failed := keepError(err)
	dirs = slices.Clone(dirs)
	j.put(op{do: func(tx *sql.Tx) error {
		if failed != "" {
			_, err := tx.Exec(`UPDATE jobs SET err = ? WHERE id = ?`, failed, int64(id))
			return err
		}
		if _, err := tx.Exec(`UPDATE jobs SET scanned = 1, err = '', links = ? WHERE id = ?`, links, int64(id)); err != nil {
			return err
		}
		return keepDirs(tx, id, dirs)
	}})
}

// unscanned keeps that a job has to be scanned again.
func (j *journal) unscanned(id backend.JobID) {
	j.exec(`UPDATE jobs SET scanned = 0 WHERE id = ?`, int64(id))
}

// dirs replaces the source folders that a move still has to take away.
func (j *journal) dirs(id backend.JobID, dirs []string) {
	dirs = slices.Clone(dirs)
	j.put(op{do: func(tx *sql.Tx) error { return keepDirs(tx, id, dirs) }})
}

func keepDirs(tx *sql.Tx, id backend.JobID, dirs []string) error {
	if _, err := tx.Exec(`DELETE FROM dirs WHERE job = ?`, int64(id)); err != nil {
		return err
	}
	for _, d := range dirs {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO dirs (job, path) VALUES (?, ?)`, int64(id), d); err != nil {
			return err
		}
	}
	return nil
}

// paused keeps that a person has paused a job or let it go on.
func (j *journal) paused(id backend.JobID, paused bool) {
	j.exec(`UPDATE jobs SET paused = ? WHERE id = ?`, paused, int64(id))
}

// order keeps the places of jobs in the queue.
func (j *journal) order(jobs []*job) {
	type place struct{ id, pos int64 }
	places := make([]place, 0, len(jobs))
	for _, job := range jobs {
		places = append(places, place{int64(job.id), job.pos})
	}
	j.put(op{do: func(tx *sql.Tx) error {
		for _, p := range places {
			if _, err := tx.Exec(`UPDATE jobs SET pos = ? WHERE id = ?`, p.pos, p.id); err != nil {
				return err
			}
		}
		return nil
	}})
}

// answered keeps one answer to all questions of a job.
func (j *journal) answered(job *job) {
	answer := int(job.req.Conflict)
	j.exec(`UPDATE jobs SET answered = 1, req = ? WHERE id = ?`, j.request(job), int64(job.id))
	j.exec(`UPDATE items SET policy = ? WHERE job = ? AND state NOT IN (?, ?)`, answer, int64(job.id),
		int(backend.JobDone), int(backend.JobCancelled))
}

// unanswered keeps that the answer to all questions of a job is not one to those to
// come.
func (j *journal) unanswered(id backend.JobID) {
	j.exec(`UPDATE jobs SET answered = 0 WHERE id = ?`, int64(id))
}

// policy keeps the answer for one file.
func (j *journal) policy(id backend.JobID, it *item) {
	j.exec(`UPDATE items SET policy = ? WHERE job = ? AND id = ?`, int(it.policy), int64(id), it.id)
}

// state keeps that a file waits again, or was paused. What arrived proves so.
func (j *journal) state(id backend.JobID, it *item) {
	var proof outcome
	if it.arrived != nil {
		proof = *it.arrived
	}
	j.exec(`UPDATE items SET state = ?, err = '', waiting = '', verified = ?, sum = ? WHERE job = ? AND id = ?`,
		int(it.state), int(proof.verified), proof.by, int64(id), it.id)
}

func (j *journal) ended(id backend.JobID, s backend.JobState, at time.Time) {
	j.exec(`UPDATE jobs SET state = ?, ended = ? WHERE id = ?`, int(s), stamp(at), int64(id))
}

func (j *journal) remove(id backend.JobID) {
	for _, q := range []string{
		`DELETE FROM jobs WHERE id = ?`, `DELETE FROM items WHERE job = ?`, `DELETE FROM pieces WHERE job = ?`,
		`DELETE FROM dirs WHERE job = ?`,
	} {
		j.exec(q, int64(id))
	}
}

func (j *journal) items(id backend.JobID, items []*item) {
	type row []any
	rows := make([]row, 0, len(items))
	for _, it := range items {
		rows = append(rows, row{
			int64(id), it.id, int(it.src.Kind), it.src.Path, it.src.Size, stamp(it.src.Modified),
			it.rel, it.dst, int(it.policy), int(it.state), keepError(it.err), it.said(), j.stamp(it.expect),
		})
	}
	j.put(op{do: func(tx *sql.Tx) error {
		st, err := tx.Prepare(`INSERT OR REPLACE INTO items
			(job, id, kind, src, size, modified, rel, dst, policy, state, err, note, expect) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`)
		if err != nil {
			return err
		}
		defer st.Close()
		for _, r := range rows {
			if _, err := st.Exec(r...); err != nil {
				return err
			}
		}
		return nil
	}})
}

// done marks an item as finished (JobDone) or left out (JobCancelled); what was
// kept for going on is dropped. Checksums of its own say that it waits for the
// site's.
func (j *journal) done(id backend.JobID, it *item) {
	j.exec(`UPDATE items SET state = ?, verified = ?, sum = ?, dst = ?, size = ?, modified = ?, err = '', checkpoint = '',
		waiting = ?, note = ? WHERE job = ? AND id = ?`,
		int(it.state), int(it.verified), it.by, it.dst, it.src.Size, stamp(it.src.Modified), keepSums(it.sums),
		it.said(), int64(id), it.id)
	j.exec(`DELETE FROM pieces WHERE job = ? AND item = ?`, int64(id), it.id)
}

// arrived keeps that only the source of a move is left to be deleted. A file that
// waited for its checksum has been done until now.
func (j *journal) arrived(id backend.JobID, it *item, out outcome) {
	j.exec(`UPDATE items SET state = ?, verified = ?, sum = ?, waiting = '' WHERE job = ? AND id = ?`,
		int(backend.JobQueued), int(out.verified), out.by, int64(id), it.id)
}

func (j *journal) failed(id backend.JobID, it *item) {
	j.exec(`UPDATE items SET state = ?, verified = ?, sum = ?, err = ?, note = ? WHERE job = ? AND id = ?`,
		int(backend.JobFailed), int(it.verified), it.by, keepError(it.err), it.said(), int64(id), it.id)
}

// checkpoint writes the facts that an item's pieces belong to.
func (j *journal) checkpoint(id backend.JobID, item int64, c *checkpoint) {
	b, err := json.Marshal(c)
	if err != nil {
		j.log.Error("transfer journal", "err", err)
		return
	}
	j.exec(`UPDATE items SET checkpoint = ? WHERE job = ? AND id = ?`, string(b), int64(id), item)
}

func (j *journal) piece(id backend.JobID, item int64, p piece) {
	j.exec(`INSERT OR REPLACE INTO pieces (job, item, n, off, length, etag, crc) VALUES (?,?,?,?,?,?,?)`,
		int64(id), item, p.N, p.Off, p.Length, p.ETag, int64(p.CRC))
}

// forget drops what an item has done.
func (j *journal) forget(id backend.JobID, item int64) {
	j.exec(`UPDATE items SET checkpoint = '' WHERE job = ? AND id = ?`, int64(id), item)
	j.exec(`DELETE FROM pieces WHERE job = ? AND item = ?`, int64(id), item)
}

// stamp is what a plan saw, as it is kept; "" for nothing.
func (j *journal) stamp(s *backend.Stamp) string {
	if s == nil {
		return ""
	}
	b, err := json.Marshal(s)
	if err != nil {
		j.log.Error("transfer journal", "err", err)
	}
	return string(b)
}

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func unstamp(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

func keepSums(c backend.Checksums) string {
	if c == (backend.Checksums{}) {
		return ""
	}
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return string(b)
}
