//go:build unix

package faults

import (
	"database/sql"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite" // reads the journal
)

// state is where the program keeps its journal.
func (o *round) state() string { return filepath.Join(o.home, "state", "ferry") }

// journal checks that nothing unfinished is left in the journal.
func (o *round) journal() {
	o.t.Helper()
	found, err := filepath.Glob(filepath.Join(o.state(), "transfers*.db"))
	if err != nil || len(found) == 0 {
		o.t.Fatalf("there is no journal in %s: %v", o.state(), err)
	}
	for _, name := range found {
		db, err := sql.Open("sqlite", "file:"+name)
		if err != nil {
			o.t.Fatal(err)
		}
		for what, query := range map[string]string{
			"pieces":           `SELECT count(*) FROM pieces`,
			"begun files":      `SELECT count(*) FROM items WHERE checkpoint != ''`,
			"files on the way": `SELECT count(*) FROM items WHERE state != 5`, // backend.JobDone
			"unfinished jobs":  `SELECT count(*) FROM jobs WHERE state != 5`,
		} {
			var n int
			if err := db.QueryRow(query).Scan(&n); err != nil || n > 0 {
				o.t.Errorf("%s: %d %s are left: %v", filepath.Base(name), n, what, err)
			}
		}
		if err := db.Close(); err != nil {
			o.t.Error(err)
		}
	}
}

// recorded is how many pieces of unfinished files the journal has.
func (o *round) recorded() (n int) {
	o.t.Helper()
	found, err := filepath.Glob(filepath.Join(o.state(), "transfers*.db"))
	if err != nil {
		o.t.Fatal(err)
	}
	for _, name := range found {
		db, err := sql.Open("sqlite", "file:"+name)
		if err != nil {
			o.t.Fatal(err)
		}
		var here int
		// A program that was killed early has not made its tables yet.
		if db.QueryRow(`SELECT count(*) FROM pieces`).Scan(&here) == nil {
			n += here
		}
		if err := db.Close(); err != nil {
			o.t.Error(err)
		}
	}
	return n
}

// since is when a file came to its name: the time that nobody can set.
func since(name string) (time.Time, error) {
	var s unix.Stat_t
	err := unix.Stat(name, &s)
	return time.Unix(s.Ctim.Unix()), err
}
