package transfer

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"ferry/backend"
)

// KeepPlan writes a plan that has something to delete to the state folder, in
// the place of an earlier one of its folders: its transfers are in the journal,
// but its deletions are in no queue. The journal says whose it is, so that no
// other program takes it for one that was cut off while this one runs. What
// cannot be kept is told as what a restart would forget. RunPlan does it by
// itself; who starts and finishes a plan keeps it before, and forgets it after.
func (e *Engine) KeepPlan(p backend.Plan) {
	if e.cfg.StateDir == "" {
		return
	}
	earlier := e.plans(func(c backend.CutOffPlan) bool { return ofFolders(c, p.Request) })
	if n := p.Totals().Deletions; n > 0 {
		file, err := e.writePlan(p)
		if err != nil {
			e.journal.fail(err)
			return
		}
		e.began.Store(file, true)
		e.journal.exec(`INSERT INTO plans (site, file, local, remote, deletions) VALUES (?, ?, ?, ?, ?)`,
			e.planSite(), file, p.Request.Local, p.Request.Remote, n)
	}
	e.drop(earlier)
}

func (e *Engine) writePlan(p backend.Plan) (string, error) {
	dir := filepath.Join(e.cfg.StateDir, "plans")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "sync-*.json") // readable by its owner only
	if err != nil {
		return "", err
	}
	if err := errors.Join(f.Close(), e.SavePlan(f.Name(), p)); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func ofFolders(c backend.CutOffPlan, r backend.SyncRequest) bool {
	return c.Local == r.Local && c.Remote == r.Remote
}

// CutOffPlans are the plans with deletions whose run an earlier program did not
// bring to its end. LoadPlan reads their files, and CheckPlan finds out what was
// done of them. A new run for the same folders takes their place. A command
// knows those of the screen, and the other way round: what is to be deleted does
// not depend on whose queue the transfers were in.
func (e *Engine) CutOffPlans() []backend.CutOffPlan {
	return e.plans(func(c backend.CutOffPlan) bool {
		_, own := e.began.Load(c.File)
		return !own
	})
}

// ForgetPlan drops what CutOffPlans would tell of these folders: somebody knows
// what became of it.
func (e *Engine) ForgetPlan(r backend.SyncRequest) {
	e.drop(e.plans(func(c backend.CutOffPlan) bool { return ofFolders(c, r) }))
}

// plans are those of the journal that want has. A file that
// somebody has removed is no plan any more.
func (e *Engine) plans(want func(backend.CutOffPlan) bool) []backend.CutOffPlan {
	var out, gone []backend.CutOffPlan
	e.journal.read(func(tx *sql.Tx) error {
		out, gone = nil, nil // it may run again
		rows, err := tx.Query(`SELECT file, local, remote, deletions FROM plans WHERE site = ? ORDER BY file`, e.planSite())
		if err != nil {
			return err
		}
		for rows.Next() {
			var c backend.CutOffPlan
			if err := rows.Scan(&c.File, &c.Local, &c.Remote, &c.Deletions); err != nil {
				return errors.Join(err, rows.Close())
			}
			if _, err := os.Stat(c.File); errors.Is(err, fs.ErrNotExist) {
				gone = append(gone, c)
			} else if want(c) {
				out = append(out, c)
			}
		}
		return errors.Join(rows.Err(), rows.Close())
	})
	e.drop(gone)
	return out
}

func (e *Engine) drop(plans []backend.CutOffPlan) {
	for _, c := range plans {
		e.journal.exec(`DELETE FROM plans WHERE site = ? AND file = ?`, e.planSite(), c.File)
		if err := os.Remove(c.File); err != nil && !errors.Is(err, fs.ErrNotExist) {
			e.cfg.Log.Warn("plan of an earlier run", "path", c.File, "err", err)
		}
	}
}
