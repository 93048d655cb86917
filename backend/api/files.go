package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// List gives one page of a folder, or of the tree below it with q.Recursive
// (PROTOCOL.md 8). The root is "".
func (c *Client) List(ctx context.Context, path string, q backend.FolderQuery) (backend.Page[backend.Entry], error) {
	fail := func(err error) (backend.Page[backend.Entry], error) {
		return backend.Page[backend.Entry]{}, named(err, "list folder", path)
	}
	if err := checkFolderQuery(path, q); err != nil {
		return fail(err)
	}
	p := listParams(q.Query)
	p.add("type", q.Type)
	p.add("search", q.Search)
	p.flag("search_all", q.SearchAll)
	p.flag("recursive", q.Recursive)
	a, err := c.do(ctx, &call{
		op: "list folder", path: path, method: http.MethodGet, route: withPath("/folders", path), query: p,
	})
	if err != nil {
		return backend.Page[backend.Entry]{}, err
	}
	items, err := decodeEntries(a.data)
	if err != nil {
		return fail(unreadable(a, err))
	}
	pg, err := page(a, items, q.Cursor)
	if err != nil {
		return fail(err)
	}
	return pg, nil
}

// checkFolderQuery refuses the combinations of PROTOCOL.md 8 that the site
// refuses.
func checkFolderQuery(path string, q backend.FolderQuery) error {
	switch {
	case q.Type != "" && q.Type != "file" && q.Type != "folder":
		return invalid("type", "The type is file or folder.")
	case q.SearchAll && pathutil.Normalize(path) != "":
		return &backend.Error{
			Class: backend.ClassSearchAllOnChildPath, Group: backend.BadRequest, Type: "bad-request/search-all-on-child-path",
			Title: "Search All On Child Path", Message: "The whole site is searched from its root folder only.",
		}
	case q.Recursive && (q.SortBy != "" || q.Search != "" || q.SearchAll):
		return invalid("recursive", "A listing of the whole tree cannot be sorted or searched.")
	}
	return checkQuery("folder", "list_for", q.Query)
}

// named fills in operation and path of an error that was made before or after a
// request.
func named(err error, op, path string) error {
	if err == nil {
		return nil
	}
	e := *backend.AsError(err)
	e.Op, e.Path = op, path
	return &e
}

// Find gives the metadata of a file or folder. The root has none on the site,
// so it is made up here.
func (c *Client) Find(ctx context.Context, path string) (backend.Entry, error) {
	if pathutil.Normalize(path) == "" {
		return backend.Entry{Kind: backend.Folder, Size: -1}, nil
	}
	return c.entry(ctx, &call{
		op: "find", path: path, method: http.MethodGet, route: withPath("/file_actions/metadata", path),
	})
}

// entry carries out a call that answers with one file object.
func (c *Client) entry(ctx context.Context, r *call) (backend.Entry, error) {
	a, err := c.do(ctx, r)
	if err != nil {
		return backend.Entry{}, err
	}
	e, err := decodeOneEntry(a.data)
	if err != nil {
		return e, named(unreadable(a, err), r.op, r.path)
	}
	if e.Path == "" { // old answers leave it out
		e.Path = pathutil.Normalize(r.path)
		e.Name = pathutil.Base(e.Path)
	}
	return e, nil
}

// Mkdir makes a folder, with its missing parents if wanted. One that exists is
// an error of ClassDestinationExists.
func (c *Client) Mkdir(ctx context.Context, path string, parents bool) (backend.Entry, error) {
	body := optional{}
	if parents {
		body["mkdir_parents"] = true
	}
	e, err := c.entry(ctx, &call{
		op: "make folder", path: path, method: http.MethodPost, route: withPath("/folders", path), body: body,
	})
	e.Kind = backend.Folder
	return e, err
}

// Delete removes a file or a folder. A folder that is not empty needs
// recursive, otherwise the error is of ClassFolderNotEmpty.
func (c *Client) Delete(ctx context.Context, path string, recursive bool) error {
	if pathutil.Normalize(path) == "" {
		return named(invalid("path", "The root folder cannot be deleted."), "delete", path)
	}
	var p params
	p.flag("recursive", recursive)
	_, err := c.do(ctx, &call{
		op: "delete", path: path, method: http.MethodDelete, route: withPath("/files", path), query: p,
	})
	return err
}

// Copy copies a file or folder on the site. To is the full path of the copy,
// not the folder to put it in (PROTOCOL.md 11).
func (c *Client) Copy(ctx context.Context, from, to string, overwrite bool) (backend.Migration, error) {
	return c.relocate(ctx, "copy", from, to, overwrite)
}

// Move moves or renames a file or folder on the site; see Copy.
func (c *Client) Move(ctx context.Context, from, to string, overwrite bool) (backend.Migration, error) {
	return c.relocate(ctx, "move", from, to, overwrite)
}

func (c *Client) relocate(ctx context.Context, op, from, to string, overwrite bool) (backend.Migration, error) {
	body := optional{"destination": pathutil.Normalize(to)}
	if overwrite {
		body["overwrite"] = true
	}
	m, err := c.fileAction(ctx, op, from, withPath("/file_actions/"+op, from), body)
	if m.Operation == "" {
		m.Operation = op
	}
	m.Path, m.DestPath = pathutil.Normalize(from), pathutil.Normalize(to)
	return m, err
}

// fileAction starts something that the site carries out by itself.
func (c *Client) fileAction(ctx context.Context, op, path, route string, body optional) (backend.Migration, error) {
	a, err := c.do(ctx, &call{op: op, path: path, method: http.MethodPost, route: route, body: body})
	if err != nil {
		return backend.Migration{}, err
	}
	if len(a.data) == 0 { // nothing to say means nothing left to do
		return backend.Migration{Status: backend.MigrationCompleted}, nil
	}
	m, err := decodeOne(a.data, setMigration)
	if err != nil {
		return m, named(unreadable(a, err), op, path)
	}
	return m, nil
}

func setMigration(m *backend.Migration, key []byte, s *scanner) {
	switch string(key) {
	case "id", "file_migration_id":
		m.ID = s.int()
	case "status":
		if m.Status = backend.MigrationStatus(s.text()); m.Status == "complete" {
			m.Status = backend.MigrationCompleted
		}
	case "operation":
		m.Operation = s.text()
	case "path":
		m.Path = s.text()
	case "dest_path":
		m.DestPath = s.text()
	case "files_moved":
		m.FilesMoved = s.int()
	case "files_total":
		m.FilesTotal = s.int()
	case "failure_message":
		m.Failure = s.text()
	default:
		s.skip()
	}
}

// Migration reads the state of a migration.
func (c *Client) Migration(ctx context.Context, id int64) (backend.Migration, error) {
	r := &call{op: "find migration", path: plain(id), method: http.MethodGet, route: withID("/file_migrations", id)}
	return one(ctx, c, r, setMigration)
}

// migrationPoll is the vendor's interval (PROTOCOL.md 11).
const migrationPoll = time.Second

// WaitMigration polls once a second until the migration has ended and tells
// progress of every state seen, the given one included. A migration that failed
// is an error; one that finished at once costs no request.
func (c *Client) WaitMigration(ctx context.Context, m backend.Migration, progress func(backend.Migration)) error {
	for {
		if progress != nil {
			progress(m)
		}
		switch {
		case m.Status == backend.MigrationFailed:
			msg := m.Failure
			if msg == "" {
				msg = "The site could not finish it and gives no reason."
			}
			return &backend.Error{
				Class: backend.ClassProcessingFailure, Group: backend.ProcessingFailure, Type: "processing-failure",
				Title: "Migration Failed", Message: msg, Op: m.Operation, Path: m.Path,
			}
		case m.Done():
			return nil
		case m.ID == 0:
			return named(errNoMigrationID(), m.Operation, m.Path)
		}
		if err := c.cfg.Clock.Sleep(ctx, migrationPoll); err != nil {
			return named(c.broken(ctx, err, ""), m.Operation, m.Path)
		}
		next, err := c.Migration(ctx, m.ID)
		if err != nil {
			return err
		}
		if next.Path == "" {
			next.Path = m.Path
		}
		if next.DestPath == "" {
			next.DestPath = m.DestPath
		}
		if next.Operation == "" {
			next.Operation = m.Operation
		}
		m = next
	}
}

func errNoMigrationID() *backend.Error {
	return &backend.Error{
		Class: backend.ClassAPI, Group: backend.APIFailure, Title: "Unreadable Answer",
		Message: "The site started the work without saying how to follow it.",
	}
}

// SetModified sets the modification time of a file or folder
// (provided_mtime).
func (c *Client) SetModified(ctx context.Context, path string, t time.Time) (backend.Entry, error) {
	return c.entry(ctx, &call{
		op: "set time", path: path, method: http.MethodPatch, route: withPath("/files", path),
		body: optional{"provided_mtime": stamp(t)}, repeatable: true,
	})
}

// Exists tells whether something has this path on the site.
func (c *Client) Exists(ctx context.Context, path string) (bool, error) {
	_, err := c.Find(ctx, path)
	if errors.Is(err, backend.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// one carries out a call that answers with one object.
func one[T any](ctx context.Context, c *Client, r *call, set func(*T, []byte, *scanner)) (T, error) {
	var zero T
	a, err := c.do(ctx, r)
	if err != nil {
		return zero, err
	}
	v, err := decodeOne(a.data, set)
	if err != nil {
		return zero, named(unreadable(a, err), r.op, r.path)
	}
	return v, nil
}

// listOf carries out a call that answers with a page of objects.
func listOf[T any](ctx context.Context, c *Client, r *call, asked string, set func(*T, []byte, *scanner)) (backend.Page[T], error) {
	a, err := c.do(ctx, r)
	if err != nil {
		return backend.Page[T]{}, err
	}
	items, err := decodeList(a.data, set)
	if err != nil {
		return backend.Page[T]{}, named(unreadable(a, err), r.op, r.path)
	}
	p, err := page(a, items, asked)
	return p, named(err, r.op, r.path)
}
