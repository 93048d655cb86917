// Package prepared opens SQLite databases whose connections keep what they have
// compiled: a program asks the same few dozen questions over and over, and
// compiling one costs more than answering it.
package prepared

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"modernc.org/sqlite"
)

// most is how many statements a connection keeps. Beyond it the text of a
// question varies, and keeping it gains nothing.
const most = 256

// Open is sql.Open for SQLite. Nothing is read before the first use.
func Open(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{c}), nil
}

type connector struct{ driver.Connector }

// Connect opens a connection.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	whole, ok := inner.(complete)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver lacks an optional interface"), inner.Close())
	}
	return &conn{complete: whole, kept: map[string]statement{}}, nil
}

// complete is what the connections of the driver can do.
type complete interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// conn is used by one goroutine at a time, as database/sql promises; but rows
// may be open on it while another question is asked. A statement is in kept
// while nobody uses it.
type conn struct {
	complete
	kept map[string]statement
}

// Unwrap is the connection of the driver, for its own functions.
func (c *conn) Unwrap() driver.Conn { return c.complete }

// take gives a statement that nobody else uses.
func (c *conn) take(ctx context.Context, query string) (statement, error) {
	if s, ok := c.kept[query]; ok {
		delete(c.kept, query)
		return s, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	whole, ok := s.(statement)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver lacks statements with a context"), s.Close())
	}
	return whole, nil
}

// give keeps a statement for the next time.
func (c *conn) give(query string, s statement) error {
	if _, twice := c.kept[query]; twice || len(c.kept) >= most {
		return s.Close()
	}
	c.kept[query] = s
	return nil
}

// script tells whether a text is more than one statement; those are not kept.
func script(query string) bool { return strings.Contains(query, ";") }

// ExecContext carries out a statement.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if script(query) {
		return c.complete.ExecContext(ctx, query, args)
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	res, err := s.ExecContext(ctx, args)
	return res, errors.Join(err, c.give(query, s))
}

// QueryContext asks a question.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if script(query) {
		return c.complete.QueryContext(ctx, query, args)
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, c.give(query, s))
	}
	return &rows{Rows: r, c: c, s: s, query: query}, nil
}

// Close closes the connection with its statements.
func (c *conn) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	c.kept = nil
	return errors.Join(append(errs, c.complete.Close())...)
}

// rows give their statement back when they are closed.
type rows struct {
	driver.Rows
	c     *conn
	s     statement
	query string
}

// Close ends the question.
func (r *rows) Close() error {
	if r.s == nil {
		return nil
	}
	err := errors.Join(r.Rows.Close(), r.c.give(r.query, r.s))
	r.s = nil
	return err
}
