package server

import (
	"cmp"
	"context"
	"crypto/md5"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ferry/pathutil"
)

func (s *Server) addUploadRoutes() {
	s.handle("file.begin_upload", (*call).beginUpload)
	s.handle("file.create", (*call).createFile)
}

// The part sizes that the site proposes, and its limits (PROTOCOL.md 10).
const (
	firstPart    = 5 << 20
	partStep     = 1 << 20
	maxParts     = 10_000
	maxPartBytes = 5 << 30
	maxPartList  = 100 // part objects in one answer
)

// upload is one that has begun and not ended.
type upload struct {
	id      int64
	path    string
	restart int64
	size    int64
	mkdir   bool
}

func (u upload) ref() string { return "put-" + strconv.FormatInt(u.id, 10) }

var errNoUpload = wireErrorf("not-found/file-upload-not-found", "File Upload Not Found")

// findUpload finds an upload by the ref that a client sends back.
func (s *Server) findUpload(ctx context.Context, q querier, ref string) (u upload, err error) {
	text, ok := strings.CutPrefix(ref, "put-")
	id, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil {
		return u, errNoUpload
	}
	u.id = id
	err = q.QueryRowContext(ctx, `SELECT path, restart, size, mkdir FROM uploads WHERE id = ?`, id).Scan(&u.path, &u.restart, &u.size, &u.mkdir)
	if errors.Is(err, sql.ErrNoRows) {
		return u, errNoUpload
	}
	return u, err
}

// beginUpload answers with where to send parts (PROTOCOL.md 10).
func (c *call) beginUpload() error {
	path, err := c.path()
	if err != nil {
		return err
	}
	if c.isRoot(path) {
		return wireErrorf("bad-request/invalid-path", "A file needs a name")
	}
	part, err1 := c.number("part", 1)
	count, err2 := c.number("parts", 1)
	ref, err3 := c.text("ref")
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	switch {
	case part < 1:
		return badParam("part", "a number from 1")
	case part > maxParts:
		return wireErrorf("bad-request/part-number-too-large", "The part number is larger than %d", maxParts)
	}
	if err := c.need(path, mayWrite); err != nil {
		return err
	}
	var u upload
	renamed := false
	if ref != "" {
		if u, err = c.s.findUpload(c.ctx, c.s.db.read, ref); err != nil {
			return err
		}
		if !pathutil.IsSame(u.path, path) && !pathutil.IsSame(dirOf(u.path), dirOf(path)) {
			return errNoUpload
		}
	} else if u, renamed, err = c.startUpload(path); err != nil {
		return err
	}
	b := []byte{'['}
	for i := range min(max(count, 1), maxPartList) {
		if part+i > maxParts {
			break
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = c.appendPart(b, u, part+i, renamed)
	}
	return c.json(http.StatusOK, append(b, ']'))
}

// startUpload checks the target and notes the upload.
func (c *call) startUpload(path string) (u upload, renamed bool, err error) {
	size, err1 := c.number("size", 0)
	restart, err2 := c.number("restart", 0)
	mkdir, err3 := c.flag("mkdir_parents")
	rename, err4 := c.flag("with_rename")
	if err := errors.Join(err1, err2, err3, err4, checkName(path)); err != nil {
		return u, false, err
	}
	if !mkdir {
		if mkdir, err = c.alwaysParents(); err != nil {
			return u, false, err
		}
	}
	u = upload{path: path, restart: restart, size: size, mkdir: mkdir}
	err = c.s.tree.look(func(q querier) error {
		old, err := c.s.tree.find(c.ctx, q, path)
		switch {
		case errors.Is(err, errNoNode):
			if restart > 0 {
				return wireErrorf("bad-request/invalid-upload-offset", "There is no file to go on with")
			}
			return c.checkParent(q, path, mkdir)
		case err != nil:
			return err
		case rename:
			renamed = true
			u.path, err = c.freeName(q, path)
			return err
		case old.dir:
			return errExists
		case restart < 0 || restart > old.size:
			return wireErrorf("bad-request/invalid-upload-offset", "The file is shorter than the offset")
		}
		return unlocked(old)
	})
	if err != nil {
		return u, false, err
	}
	res, err := c.s.db.write.ExecContext(c.ctx, `INSERT INTO uploads(path, restart, size, user_id, key_id, mkdir, created) VALUES(?, ?, ?, ?, ?, ?, ?)`,
		u.path, u.restart, u.size, c.who.userID, c.who.keyID, u.mkdir, c.now.Unix())
	if err != nil {
		return u, false, err
	}
	u.id, err = res.LastInsertId()
	c.s.sweepOnce()
	return u, renamed, err
}

// checkParent refuses a target whose folder is missing or locked.
func (c *call) checkParent(q querier, path string, mkdir bool) error {
	for dir := dirOf(path); ; dir = dirOf(dir) {
		n, err := c.s.tree.find(c.ctx, q, dir)
		switch {
		case errors.Is(err, errNoNode) && mkdir:
			continue
		case errors.Is(err, errNoNode):
			return wireErrorf("processing-failure/destination-parent-does-not-exist", "The destination parent does not exist.")
		case err != nil:
			return err
		case !n.dir:
			return wireErrorf("processing-failure/destination-parent-conflict", "The destination parent %s is a file.", sitePath(n.path))
		}
		return unlocked(n)
	}
}

// freeName is a path beside one that is taken.
func (c *call) freeName(q querier, path string) (string, error) {
	dir, err := c.s.tree.find(c.ctx, q, dirOf(path))
	if err != nil {
		return "", err
	}
	name := pathutil.FreeName(baseOf(path), func(folded string) bool {
		if err != nil {
			return false
		}
		_, e := c.s.tree.child(c.ctx, q, dir, folded)
		if e != nil && !errors.Is(e, errNoNode) {
			err = e
		}
		return e == nil
	})
	return joinPath(dir.path, name), err
}

// appendPart writes a part object in the recorded form.
func (c *call) appendPart(b []byte, u upload, part int64, renamed bool) []byte {
	path := storagePath + "put/" + strconv.FormatInt(u.id, 10)
	uri := c.sign(path, url.Values{}, url.Values{"partNumber": {strconv.FormatInt(part, 10)}}, uploadFor)
	o := newObject()
	o.text("ref", u.ref())
	o.number("part_number", part)
	o.text("upload_uri", uri)
	o.text("http_method", http.MethodPut)
	o.raw("headers", []byte("{}"))
	o.raw("parameters", []byte("{}"))
	o.raw("send", []byte(`{"partsize":"required-header Content-Length","partdata":"body"}`))
	o.text("action", "put/write")
	o.number("partsize", proposedPart(part))
	o.number("next_partsize", proposedPart(part+1))
	o.number("available_parts", maxParts)
	o.flag("parallel_parts", true)
	o.flag("retry_parts", true)
	o.time("expires", c.now.Add(uploadFor))
	o.flag("ask_about_overwrites", false)
	if renamed {
		o.text("path", c.who.root.below(u.path))
	}
	return append(b, o.bytes()...)
}

// proposedPart is the size proposed for a part: 5 MiB, 6 MiB as recorded, and
// growing on, so that the largest file fits into the parts there are.
func proposedPart(part int64) int64 { return min(firstPart+(part-1)*partStep, 525<<20) }

// takePart stores one part. Parts come in any order and size, and again.
func (c *call) takePart(id string) error {
	noUpload := &storageError{http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."}
	u, err := c.s.findUpload(c.ctx, c.s.db.read, "put-"+id)
	if errors.Is(err, errNoUpload) {
		return noUpload
	}
	if err != nil {
		return err
	}
	number := c.query.Get("part_number")
	if number == "" {
		number = c.query.Get("partNumber")
	}
	part, err := strconv.ParseInt(number, 10, 64)
	if err != nil || part < 1 || part > maxParts {
		return &storageError{http.StatusBadRequest, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive"}
	}
	size := c.r.ContentLength
	switch {
	case size < 0:
		return &storageError{http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header."}
	case size > maxPartBytes:
		return &storageError{http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"}
	}
	f, err := c.s.files.create()
	if err != nil {
		return err
	}
	small := size <= sumsInPassing
	sums := checksums{md5: md5.New()}
	var tee io.Writer = sums.md5
	if small {
		sums = newChecksums()
		tee = sums
	}
	ctl := http.NewResponseController(c.w)
	got, err := io.Copy(io.MultiWriter(f, tee), pacedReader{http.MaxBytesReader(c.w, c.r.Body, size), ctl})
	if err == nil && got == size {
		c.bodyRead()
	} else {
		c.s.files.discard(f)
		return &storageError{http.StatusBadRequest, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header"}
	}
	name, err := c.s.files.finish(f)
	if err != nil {
		c.s.files.remove(name)
		return err
	}
	etag := hex.EncodeToString(sums.md5.Sum(nil))
	if small {
		c.s.sums.arrived(name, sums.String())
	}
	old, err := c.s.db.putPart(context.WithoutCancel(c.ctx), u.id, partRow{part, size, etag, name})
	if errors.Is(err, errNoUpload) { // ended meanwhile
		c.s.files.remove(name)
		return noUpload
	}
	if err != nil {
		return err // whether the file is in use is not known: the sweep finds out
	}
	if old != "" {
		c.s.files.remove(old)
	}
	h := c.w.Header()
	h.Set("ETag", `"`+etag+`"`)
	h.Set("Content-Length", "0")
	return c.empty(http.StatusOK)
}

// putPart notes a part that has arrived, and tells the file of the one whose
// place it takes, empty for none. That file is its caller's alone to remove: of
// several requests that bring one part, each gets another. The error is
// errNoUpload when the upload has ended.
func (st *store) putPart(ctx context.Context, upload int64, p partRow) (old string, err error) {
	tx, err := st.write.BeginTx(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // after Commit it does nothing
	err = tx.QueryRowContext(ctx, `SELECT file FROM parts WHERE upload = ? AND part = ?`, upload, p.part).Scan(&old)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO parts(upload, part, size, etag, file) SELECT id, ?, ?, ?, ? FROM uploads WHERE id = ?
		ON CONFLICT(upload, part) DO UPDATE SET size = excluded.size, etag = excluded.etag, file = excluded.file`, p.part, p.size, p.etag, p.file, upload)
	if err != nil {
		return "", err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return "", cmp.Or(err, errNoUpload)
	}
	if err := tx.Commit(); err != nil {
		return "", fmt.Errorf("commit: %w", err)
	}
	return old, nil
}
