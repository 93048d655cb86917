package transfer

import (
	"database/sql"
	"errors"
	"log/slog"
	"testing"

	"ferry/backend"
)

// One write that fails must not take those along that were committed with it.
func TestABadWriteOfTheJournalStaysAlone(t *testing.T) {
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	j, _, err := openJournal(dir, "here", log)
	if err != nil {
		t.Fatal(err)
	}
	begin := make(chan struct{})
	j.put(op{do: func(*sql.Tx) error { <-begin; return nil }}) // what follows is one group
	req := backend.TransferRequest{Sources: []backend.Entry{{Path: "/a"}}}
	j.add(&job{id: 1, site: "here", req: req})
	j.put(op{do: func(*sql.Tx) error { return errors.New("bad") }})
	j.add(&job{id: 2, site: "here", req: req})
	close(begin)
	j.close()
	j, left, err := openJournal(dir, "here", log)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	if len(left) != 2 {
		t.Errorf("%d jobs are left, want 2", len(left))
	}
}
