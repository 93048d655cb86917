package prepared

import (
	"context"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"testing"

	"modernc.org/sqlite"
)

// counting counts what is compiled.
type counting struct {
	complete
	compiled int
}

func (c *counting) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.compiled++
	return c.complete.PrepareContext(ctx, query)
}

func open(t *testing.T) (*conn, *counting) {
	t.Helper()
	base, err := sqlite.NewConnector("file:" + filepath.ToSlash(filepath.Join(t.TempDir(), "x.db")))
	if err != nil {
		t.Fatal(err)
	}
	inner, err := connector{base}.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, ok := inner.(*conn)
	if !ok {
		t.Fatalf("a connection is a %T", inner)
	}
	count := &counting{complete: c.complete}
	c.complete = count
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	exec(t, c, `CREATE TABLE t(n INTEGER, s TEXT); CREATE INDEX i ON t(n);`)
	count.compiled = 0
	return c, count
}

func exec(t *testing.T, c *conn, query string, args ...any) {
	t.Helper()
	if _, err := c.ExecContext(t.Context(), query, named(args)); err != nil {
		t.Fatal(err)
	}
}

func named(args []any) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return out
}

func query(t *testing.T, c *conn, q string, args ...any) driver.Rows {
	t.Helper()
	r, err := c.QueryContext(t.Context(), q, named(args))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func first(t *testing.T, r driver.Rows) int64 {
	t.Helper()
	dest := make([]driver.Value, len(r.Columns()))
	if err := r.Next(dest); err != nil {
		t.Fatal(err)
	}
	n, ok := dest[0].(int64)
	if !ok {
		t.Fatalf("got a %T", dest[0])
	}
	return n
}

func closed(t *testing.T, r driver.Rows) {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// The same text is compiled once, with other values each time.
func TestCompiledOnce(t *testing.T) {
	c, count := open(t)
	for i := range int64(20) {
		exec(t, c, `INSERT INTO t VALUES(?, ?)`, i, "text")
		r := query(t, c, `SELECT n FROM t WHERE n = ?`, i)
		if got := first(t, r); got != i {
			t.Fatalf("got %d, want %d", got, i)
		}
		closed(t, r)
	}
	if count.compiled != 2 {
		t.Errorf("compiled %d statements, want 2", count.compiled)
	}
}

// A question that is asked while it is being answered does not disturb the
// answer.
func TestNested(t *testing.T) {
	c, _ := open(t)
	for i := range int64(3) {
		exec(t, c, `INSERT INTO t VALUES(?, 'x')`, i)
	}
	const q = `SELECT n FROM t WHERE n >= ? ORDER BY n`
	outer := query(t, c, q, int64(0))
	for want := range int64(3) {
		if got := first(t, outer); got != want {
			t.Fatalf("outer row %d is %d", want, got)
		}
		inner := query(t, c, q, int64(2))
		if got := first(t, inner); got != 2 {
			t.Fatalf("inner row is %d", got)
		}
		closed(t, inner)
	}
	closed(t, outer)
	closed(t, outer) // database/sql may close twice
}

// A table that changes under a kept statement is seen as it is now.
func TestSchemaChange(t *testing.T) {
	c, _ := open(t)
	exec(t, c, `INSERT INTO t VALUES(1, 'x')`)
	closed(t, query(t, c, `SELECT n FROM t`))
	exec(t, c, `DROP TABLE t`)
	exec(t, c, `CREATE TABLE t(other TEXT, n INTEGER)`)
	exec(t, c, `INSERT INTO t VALUES('x', 7)`)
	r := query(t, c, `SELECT n FROM t`)
	if got := first(t, r); got != 7 {
		t.Errorf("got %d", got)
	}
	closed(t, r)
}

// What fails leaves the statement usable.
func TestFailure(t *testing.T) {
	c, count := open(t)
	exec(t, c, `CREATE UNIQUE INDEX u ON t(s)`)
	const q = `INSERT INTO t VALUES(?, ?)`
	exec(t, c, q, int64(1), "same")
	if _, err := c.ExecContext(t.Context(), q, named([]any{int64(2), "same"})); err == nil {
		t.Fatal("the second row was taken")
	}
	exec(t, c, q, int64(3), "other")
	if count.compiled != 2 {
		t.Errorf("compiled %d statements, want 2", count.compiled)
	}
	if _, err := c.QueryContext(t.Context(), `SELECT nothing FROM nowhere`, nil); err == nil {
		t.Error("a question about nothing was answered")
	}
}

// The number of kept statements is bounded.
func TestBounded(t *testing.T) {
	c, _ := open(t)
	for i := range most + 50 {
		closed(t, query(t, c, fmt.Sprintf(`SELECT %d`, i)))
	}
	if len(c.kept) > most {
		t.Errorf("%d statements are kept", len(c.kept))
	}
}

// Through database/sql, with transactions, cancellation and rows left open.
func TestDB(t *testing.T) {
	db, err := Open("file:" + filepath.ToSlash(filepath.Join(t.TempDir(), "x.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := db.ExecContext(ctx, `CREATE TABLE t(n INTEGER)`); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO t VALUES(?)`, i); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			err = tx.Rollback()
		} else {
			err = tx.Commit()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := db.QueryContext(ctx, `SELECT n FROM t`)
	if err != nil {
		t.Fatal(err)
	}
	r.Next()
	cancel()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM t`).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d rows, %v", n, err)
	}
}
