package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"ferry/backend"
)

// filesAtOnce is how many files a page has when nobody says how many.
const filesAtOnce = 500

// Files gives a page of the files of a job, as the journal has them. A job that
// was removed has none.
func (e *Engine) Files(ctx context.Context, id backend.JobID, q backend.FilesQuery) (backend.JobFiles, error) {
	return e.journal.files(ctx, id, q)
}

// The ranks of files, in the order of a page.
const (
	rankFailed = iota
	rankUnproven
	rankOpen
	rankLeftOut
	rankProven
)

// ranked sorts the files of a job; empty folders count only when they failed.
var ranked = fmt.Sprintf(`SELECT id, rel, size, state, verified, sum, err, note, waiting <> '' AS waits, CASE
	WHEN state = %d THEN %d WHEN state = %d THEN %d WHEN state <> %d THEN %d WHEN verified = %d THEN %d ELSE %d END AS rank
	FROM items WHERE job = ? AND (kind = %d OR state = %d)`,
	backend.JobFailed, rankFailed, backend.JobCancelled, rankLeftOut, backend.JobDone, rankOpen,
	backend.Verified, rankProven, rankUnproven, backend.File, backend.JobFailed)

// rankSpan gives the lowest and the highest rank of a choice.
func rankSpan(only backend.FilesOnly) (from, to int) {
	switch only {
	case backend.FailedFiles:
		return rankFailed, rankFailed
	case backend.UnprovenFiles:
		return rankUnproven, rankUnproven
	case backend.OpenFiles:
		return rankOpen, rankOpen
	case backend.LeftOutFiles:
		return rankLeftOut, rankLeftOut
	case backend.ProvenFiles:
		return rankProven, rankProven
	case backend.AllFiles:
	}
	return rankFailed, rankProven
}

// files reads a page; it sees everything that was written before.
func (j *journal) files(ctx context.Context, id backend.JobID, q backend.FilesQuery) (backend.JobFiles, error) {
	var out backend.JobFiles
	err := error(errClosed) // until it was read
	ran := make(chan struct{})
	read := op{do: func(tx *sql.Tx) error {
		out, err = readFiles(tx, id, q)
		return nil // what cannot be read is no reason to write the others again
	}, ran: ran}
	select { // not put: the queue may be full for longer than the caller waits
	case j.ops <- read:
	case <-j.gone:
		return backend.JobFiles{}, errClosed
	case <-ctx.Done():
		return backend.JobFiles{}, ctx.Err()
	}
	select {
	case <-ran:
		return out, err
	case <-j.gone:
		return backend.JobFiles{}, errClosed
	case <-ctx.Done():
		return backend.JobFiles{}, ctx.Err()
	}
}

func readFiles(tx *sql.Tx, id backend.JobID, q backend.FilesQuery) (out backend.JobFiles, err error) {
	limit := q.Limit
	if limit <= 0 {
		limit = filesAtOnce
	}
	from, to := rankSpan(q.Only)
	rank, after := from, int64(-1)
	if q.Cursor != "" {
		if _, err := fmt.Sscanf(q.Cursor, "%d.%d", &rank, &after); err != nil {
			return out, err
		}
	}
	rows, err := tx.Query(`SELECT * FROM (`+ranked+`) WHERE rank <= ? AND (rank, id) > (?, ?) ORDER BY rank, id LIMIT ?`,
		int64(id), to, rank, after, limit+1)
	if err != nil {
		return out, err
	}
	for rows.Next() {
		it := backend.ItemSnapshot{}
		var failed string
		var waits bool
		at := rank
		if err := rows.Scan(&it.ID, &it.Name, &it.Size, &it.State, &it.Verified, &it.By, &failed, &it.Note, &waits, &at); err != nil {
			return out, errors.Join(err, rows.Close())
		}
		if len(out.Items) == limit {
			out.Next = fmt.Sprintf("%d.%d", rank, after)
			break
		}
		it.Err = keptError(failed)
		if it.State == backend.JobDone {
			it.Done = it.Size
		}
		if waits {
			it.Note = "waits for the site's checksum"
		}
		rank, after = at, it.ID
		out.Items = append(out.Items, it)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return out, err
	}
	out.Tally, err = tallyFiles(tx, id)
	return out, err
}

func tallyFiles(tx *sql.Tx, id backend.JobID) (t backend.FileTally, err error) {
	rows, err := tx.Query(`SELECT rank, verified, sum, count(*) FROM (`+ranked+`) GROUP BY rank, verified, sum`, int64(id))
	if err != nil {
		return t, err
	}
	for rows.Next() {
		var rank int
		var c backend.CheckTally
		if err := rows.Scan(&rank, &c.Verified, &c.By, &c.Files); err != nil {
			return t, errors.Join(err, rows.Close())
		}
		switch rank {
		case rankFailed:
			t.Failed += c.Files
		case rankOpen:
			t.Open += c.Files
		case rankLeftOut:
			t.LeftOut += c.Files
		default:
			t.Checks = append(t.Checks, c)
		}
	}
	mostFirst(t.Checks)
	return t, errors.Join(rows.Err(), rows.Close())
}
