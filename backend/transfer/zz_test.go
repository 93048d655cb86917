package transfer

import (
	"database/sql"
	"testing"
	"os"

	"ferry/backend"
)

func TestZZ(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir, r.cfg.Sparing = r.path("state"), true
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.put("d/big", noise(1, 40*mib), stampTime)
		r.site.put("d/a", noise(2, 9), stampTime)
		if err := os.MkdirAll(r.path("in"), 0o755); err != nil {
			t.Fatal(err)
		}
		req := backend.TransferRequest{
			Direction: backend.Download, Sources: []backend.Entry{r.remote("d")},
			Target: backend.Location{Side: backend.Local, Path: r.path("in")}, Conflict: backend.Overwrite,
		}
		r.start()
		r.e.SetLimit(mib)
		left := r.again(req)
		r.until(left, "under way", func(j backend.JobSnapshot) bool { return j.FilesDone == 1 && j.BytesDone > 20*mib })
		r.close()
		db, err := sql.Open("sqlite", r.path("state/transfers.db"))
		if err != nil { t.Fatal(err) }
		if _, err := db.Exec(`UPDATE items SET checkpoint = '{' WHERE checkpoint <> ''`); err != nil { t.Fatal(err) }
		db.Close()
		r.start()
		r.e.SetLimit(0)
		id, found, err := r.e.AddAgain(t.Context(), req)
		t.Log(id, found, err)
		if err != nil { return }
		j := r.end(id)
		t.Logf("%+v unkept %v", j, r.e.Snapshot().Unkept)
	})
}
