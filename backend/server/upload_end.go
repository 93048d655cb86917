package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// createFile is POST /files: the end of an upload, or its begin in the older
// style (PROTOCOL.md 10).
func (c *call) createFile() error {
	what, err := c.text("action")
	if err != nil {
		return err
	}
	ref, err := c.text("ref")
	if err != nil {
		return err
	}
	_, tagged := c.body["etags"]
	switch what {
	case "end":
		if ref == "" {
			return wireErrorf("bad-request/request-params-required", "ref is required")
		}
		return c.endUpload(ref)
	case "", "append", "attachment", "upload", "put":
		if ref != "" && tagged {
			return c.endUpload(ref)
		}
		return c.beginUpload()
	}
	return badParam("action", "append, attachment, end, upload or put")
}

// partRow is a part as it was stored.
type partRow struct {
	part, size int64
	etag, file string
}

// endUpload turns parts into a file.
func (c *call) endUpload(ref string) error {
	path, err := c.path()
	if err != nil {
		return err
	}
	u, err := c.s.findUpload(c.ctx, c.s.db.read, ref)
	if err != nil {
		return err
	}
	provided, err1 := c.providedMtime()
	mkdir, err2 := c.flag("mkdir_parents")
	size, err3 := c.number("size", -1)
	tags, err4 := c.etags()
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	if err := c.need(u.path, mayWrite); err != nil {
		return err
	}
	// The path of the upload counts; the URL's may be another spelling of it.
	if path == "" {
		return wireErrorf("bad-request/invalid-path", "A file needs a name")
	}
	u.mkdir = u.mkdir || mkdir
	n := &node{
		name: baseOf(u.path), blob: u.id, provided: provided, created: c.now, mtime: c.now,
		sumsAt: c.now.Add(sumsAfter), createdBy: c.who.userID, createdKey: c.who.keyID,
	}
	replaced, err := c.putTogether(u, n, tags, size)
	if err != nil {
		return err
	}
	status, what := http.StatusCreated, "create"
	if replaced {
		status, what = http.StatusOK, "update"
	}
	if err := c.acted(what, n.path, ""); err != nil {
		return err
	}
	v, err := c.view()
	if err != nil {
		return err
	}
	c.cacheable()
	return c.entry(status, n, v)
}

// putTogether makes the parts of an upload that a client names the content of a
// file. size is what they must have, negative for anything.
func (c *call) putTogether(u upload, n *node, tags []tag, size int64) (replaced bool, err error) {
	var stored, used []partRow
	choose := func(ctx context.Context, q querier) (err error) {
		if stored, err = c.s.parts(ctx, q, u.id); err != nil {
			return err
		}
		if used, err = checkParts(stored, tags); err != nil {
			return err
		}
		n.size = u.restart
		for _, p := range used {
			n.size += p.size
		}
		if size >= 0 && size != n.size {
			return wireErrorf("bad-request/invalid-upload-part-size", "The parts have %d bytes, not %d", n.size, size)
		}
		return nil
	}
	var kept []partRow
	if u.restart > 0 {
		// What is refused is refused before the beginning is copied.
		if err := choose(c.ctx, c.s.db.read); err != nil {
			return false, err
		}
		beginning, err := c.keep(u)
		if err != nil {
			return false, err
		}
		kept = []partRow{beginning}
	}
	replaced, err = c.s.tree.store(c.ctx, u, n, c.editor(), func(ctx context.Context, q querier) ([]partRow, error) {
		if err := choose(ctx, q); err != nil {
			return nil, err
		}
		if sums := c.s.sums.ended(stored, used); u.restart == 0 {
			n.sums = sums
		}
		return append(kept, used...), nil
	})
	if err != nil {
		for _, p := range kept {
			c.s.files.remove(p.file)
		}
		return false, err
	}
	for _, p := range stored { // sent and not used
		if !slices.Contains(used, p) {
			c.s.files.remove(p.file)
		}
	}
	return replaced, nil
}

// tag is one entry of etags: the part is text from some clients and a number
// from others.
type tag struct {
	part int64
	etag string
}

func (c *call) etags() ([]tag, error) {
	raw, _ := c.body["etags"].([]any)
	out := make([]tag, 0, len(raw))
	for _, x := range raw {
		m, ok := x.(map[string]any)
		if !ok {
			return nil, wireErrorf("bad-request/invalid-etags", "etags must be a list of objects with etag and part")
		}
		part, ok := wholeNumber(m["part"])
		etag, isText := m["etag"].(string)
		if !ok || !isText {
			return nil, wireErrorf("bad-request/invalid-etags", "etags must be a list of objects with etag and part")
		}
		out = append(out, tag{part, strings.ToLower(strings.Trim(etag, `"`))})
	}
	slices.SortFunc(out, func(a, b tag) int { return int(a.part - b.part) })
	return out, nil
}

// checkParts finds the parts that a client wants put together, in order.
func checkParts(stored []partRow, tags []tag) ([]partRow, error) {
	if len(stored) == 0 {
		return nil, wireErrorf("processing-failure/file-not-uploaded", "No part of the file has been uploaded")
	}
	if len(tags) == 0 {
		return nil, wireErrorf("bad-request/invalid-etags", "etags must name the parts of the file")
	}
	var used []partRow
	for i, t := range tags {
		if i > 0 && tags[i-1].part == t.part {
			return nil, wireErrorf("bad-request/invalid-etags", "etags names part %d twice", t.part)
		}
		if t.part != int64(i+1) {
			return nil, wireErrorf("bad-request/invalid-upload-part-gap", "etags does not name part %d", i+1)
		}
		at := slices.IndexFunc(stored, func(p partRow) bool { return p.part == t.part })
		if at < 0 {
			return nil, wireErrorf("processing-failure/file-not-uploaded", "Part %d has not been uploaded", t.part)
		}
		if stored[at].etag != t.etag {
			return nil, wireErrorf("bad-request/invalid-etags", "The ETag of part %d is another one", t.part)
		}
		used = append(used, stored[at])
	}
	return used, nil
}

// parts are the stored parts of an upload.
func (s *Server) parts(ctx context.Context, q querier, id int64) (out []partRow, err error) {
	rows, err := q.QueryContext(ctx, `SELECT part, size, etag, file FROM parts WHERE upload = ? ORDER BY part`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p partRow
		if err := rows.Scan(&p.part, &p.size, &p.etag, &p.file); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// keep copies the beginning of the file that an upload goes on with.
func (c *call) keep(u upload) (partRow, error) {
	var src content
	err := c.s.tree.look(func(q querier) error {
		old, err := c.s.tree.find(c.ctx, q, u.path)
		if errors.Is(err, errNoNode) || err == nil && (old.dir || old.size < u.restart) {
			return wireErrorf("bad-request/invalid-upload-offset", "The file that the upload goes on with has changed")
		}
		if err != nil {
			return err
		}
		src, err = c.s.tree.open(c.ctx, q, old)
		return err
	})
	if err != nil {
		return partRow{}, err
	}
	defer src.Close()
	f, err := c.s.files.create()
	if err != nil {
		return partRow{}, err
	}
	if _, err := io.Copy(f, contextReader{c.ctx, io.NewSectionReader(src, 0, u.restart)}); err != nil {
		c.s.files.discard(f)
		return partRow{}, err
	}
	name, err := c.s.files.finish(f)
	return partRow{size: u.restart, file: name}, err
}

// store puts an uploaded file into its place and ends the upload. segments tells
// what it is made of, when nobody else can write any more: the file of a part
// that comes again takes the place of the one before, and that one is deleted.
func (t *tree) store(ctx context.Context, u upload, n *node, e editor, segments func(ctx context.Context, q querier) ([]partRow, error)) (replaced bool, err error) {
	var blobs []int64
	err = t.edit(ctx, func(ctx context.Context, q querier) error {
		res, err := q.ExecContext(ctx, `DELETE FROM uploads WHERE id = ?`, u.id)
		if err != nil {
			return err
		}
		if count, err := res.RowsAffected(); err != nil || count == 0 {
			return errors.Join(err, errNoUpload) // ended by another request
		}
		made, err := segments(ctx, q)
		if err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, `DELETE FROM parts WHERE upload = ?`, u.id); err != nil {
			return err
		}
		for i, s := range made {
			if s.size == 0 {
				continue
			}
			if _, err := q.ExecContext(ctx, `INSERT INTO segments(blob, seq, size, file) VALUES(?, ?, ?, ?)`, u.id, i, s.size, s.file); err != nil {
				return err
			}
		}
		dir, err := t.parentFor(ctx, q, u.path, u.mkdir, e)
		if err != nil {
			return err
		}
		n.path = joinPath(dir.path, n.name)
		old, err := t.child(ctx, q, dir, n.name)
		switch {
		case errors.Is(err, errNoNode):
			return t.add(ctx, q, dir, n)
		case err != nil:
			return err
		case old.dir:
			return errExists
		}
		if err := unlocked(old); err != nil {
			return err
		}
		replaced = true
		old, err = t.pin(ctx, q, old)
		if err != nil {
			return err
		}
		if old.blob != 0 {
			blobs = []int64{old.blob}
		}
		// The old spelling of the name stays, and so does what describes the file.
		n.id, n.parent, n.name, n.path = old.id, dir.id, old.name, old.path
		n.color, n.metadata = old.color, old.metadata
		return t.update(ctx, q, n)
	})
	if err != nil {
		return false, err
	}
	t.s.files.release(ctx, t.db, blobs)
	return replaced, nil
}
