package transfer

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// What was chosen for all transfers together holds until it is chosen anew, for
// the site it was chosen for.
func TestChoicesSurviveARestart(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		want := func(when string, limit int64, requests int) {
			t.Helper()
			if s := r.e.Snapshot(); s.Limit != limit || s.MostRequests != requests {
				t.Errorf("%s: limit %d, at most %d requests", when, s.Limit, s.MostRequests)
			}
		}
		r.cfg.Limits.Rate = 7_000_000
		r.start()
		want("at first", 7_000_000, 0)
		r.e.SetLimit(3_000_000)
		r.e.SetConcurrency(2)
		r.restart()
		want("after a restart", 3_000_000, 2)
		r.close()
		r.cfg.SiteID = "another"
		r.start()
		want("on another site", 7_000_000, 0)
		r.close()
		r.cfg.SiteID = "test"
		r.start()
		r.e.SetLimit(0)
		r.e.SetConcurrency(0)
		r.restart()
		want("taken away", 0, 0)
	})
}

// A second program has a journal of its own; what was chosen in it comes with
// its transfers, unless the first one has a choice of its own.
func TestChoicesOfAnotherJournal(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.start()
		r.e.SetLimit(3_000_000)
		first := r.e
		r.start()
		r.e.SetLimit(5_000_000)
		r.e.SetConcurrency(2)
		r.close()
		r.e = first
		r.restart()
		if s := r.e.Snapshot(); s.Limit != 3_000_000 || s.MostRequests != 2 {
			t.Errorf("limit %d, at most %d requests", s.Limit, s.MostRequests)
		}
		r.close()
		db, err := sql.Open("sqlite", filepath.Join(r.cfg.StateDir, "transfers-1.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM settings`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d choices are left behind, %v", n, err)
		}
	})
}
