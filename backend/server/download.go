package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// downloadFile gives out a signed URL (PROTOCOL.md 9).
func (c *call) downloadFile() error {
	path, err := c.path()
	if err != nil {
		return err
	}
	what := c.query.Get("action")
	if what != "" && what != "stat" && what != "redirect" {
		return badParam("action", "stat or redirect")
	}
	v, err := c.view()
	if err != nil {
		return err
	}
	if v.rights.at(path) == "" {
		return c.need(path, mayRead)
	}
	n, err := c.node(path)
	if err != nil {
		return err
	}
	if n.dir {
		return &apiError{
			wireError: wireError{Type: "bad-request/cannot-download-directory", Message: "cannot download folder"},
			Status:    http.StatusBadRequest,
		}
	}
	if err := c.need(path, mayRead); err != nil {
		return err
	}
	c.cacheable()
	if what == "stat" {
		return c.entry(http.StatusOK, n, v)
	}
	uri := c.downloadURI(n)
	if err := c.acted("read", n.path, ""); err != nil {
		return err
	}
	if what == "redirect" {
		c.w.Header().Set("Location", uri)
		return c.empty(http.StatusFound)
	}
	v.download = uri
	return c.entry(http.StatusOK, n, v)
}

// downloadURI names the content, not the path: a file that is replaced or moved
// while it is being fetched stays what it was.
func (c *call) downloadURI(n *node) string { return c.contentURI("get/", n) }

// contentURI is a signed URL for a content; kind is what is sent of it, with a
// slash at its end.
func (c *call) contentURI(kind string, n *node) string {
	path := storagePath + kind + strconv.FormatInt(n.blob, 10) + "/" + strconv.FormatInt(n.size, 10)
	if n.blob == 0 && n.hasOrigin && n.size > 0 {
		path += "/" + c.s.seal(n.origin)
	}
	return c.sign(path, url.Values{"name": {n.name}, "key": {strconv.FormatInt(n.mtime.Unix(), 10)}}, nil, downloadFor)
}

// serveStorage sends or takes bytes. Its errors are those of a storage host.
func (c *call) serveStorage() error {
	var err error
	if c.query, err = url.ParseQuery(c.r.URL.RawQuery); err == nil {
		err = c.checkSigned()
	} else {
		err = &storageError{http.StatusBadRequest, "InvalidArgument", "The query cannot be read"}
	}
	if err == nil {
		rest := strings.TrimPrefix(c.r.URL.Path, storagePath)
		kind, rest, _ := strings.Cut(rest, "/")
		switch {
		case kind == "put" && c.route == "storage.put":
			err = c.takePart(rest)
		case kind == "get" && (c.r.Method == http.MethodGet || c.r.Method == http.MethodHead):
			err = c.sendContent(rest)
		case kind == "preview" && (c.r.Method == http.MethodGet || c.r.Method == http.MethodHead):
			err = c.sendPreview(rest)
		case kind == "log" && (c.r.Method == http.MethodGet || c.r.Method == http.MethodHead):
			err = c.sendLog(rest)
		case kind == "file" && (c.r.Method == http.MethodGet || c.r.Method == http.MethodHead):
			err = c.sendAttachment(rest)
		case kind == "zip" && c.r.Method == http.MethodGet:
			err = c.sendZip()
		default:
			err = &storageError{http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource."}
		}
	}
	var se *storageError
	if errors.As(err, &se) {
		return c.failStorage(se)
	}
	return err
}

// sendContent sends a file or a range of it. name is blob/size/origin.
func (c *call) sendContent(name string) error {
	n, err := c.s.contentNode(name)
	if err != nil {
		return err
	}
	src, err := c.open(n)
	if err != nil {
		return err
	}
	defer src.Close()
	if s, ok := src.(*segmented); ok && s.size < n.size {
		return errNoKey // gone since the URL was given out
	}
	h := c.w.Header()
	file := c.query.Get("name")
	h.Set("Content-Type", mimeOf(file))
	h.Set("Content-Disposition", disposition("attachment", file))
	h.Set("ETag", contentTag(n))
	h.Del("Pragma")
	h.Set("Cache-Control", "no-cache, no-store")
	seconds, _ := strconv.ParseInt(c.query.Get("key"), 10, 64)
	c.w = &pacedWriter{ResponseWriter: c.w, ctl: http.NewResponseController(c.w)}
	return c.serveBytes(time.Unix(seconds, 0), &seeker{ctx: c.ctx, r: src, size: n.size})
}

// disposition is a Content-Disposition with a file name, in quotes as recorded.
func disposition(kind, name string) string {
	for _, r := range name {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return mime.FormatMediaType(kind, map[string]string{"filename": name})
		}
	}
	return kind + `; filename="` + name + `"`
}

// serveBytes answers ranges, If-Match and HEAD, and refuses what cannot be met
// as storage hosts do.
func (c *call) serveBytes(modified time.Time, content io.ReadSeeker) error {
	w := &refusals{ResponseWriter: c.w}
	http.ServeContent(w, c.r, "", modified, content)
	switch w.status {
	case http.StatusRequestedRangeNotSatisfiable:
		return &storageError{w.status, "InvalidRange", "The requested range is not satisfiable"}
	case http.StatusPreconditionFailed:
		return &storageError{w.status, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"}
	}
	return nil
}

// refusals holds back an answer that is an error.
type refusals struct {
	http.ResponseWriter
	status int // of the error
}

// WriteHeader writes the status unless it is an error.
func (w *refusals) WriteHeader(status int) {
	if status >= http.StatusBadRequest {
		w.status = status
		w.Header().Del("Content-Disposition")
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write writes unless there was an error.
func (w *refusals) Write(p []byte) (int, error) {
	if w.status != 0 {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets a response controller reach the connection.
func (w *refusals) Unwrap() http.ResponseWriter { return w.ResponseWriter }

var errNoKey = &storageError{http.StatusNotFound, "NoSuchKey", "The specified key does not exist."}

// contentNode is the content that a URL names: blob/size/origin, sealed.
func (s *Server) contentNode(name string) (*node, error) {
	parts := strings.SplitN(name, "/", 3)
	if len(parts) < 2 {
		return nil, errNoKey
	}
	blob, err1 := strconv.ParseInt(parts[0], 10, 64)
	size, err2 := strconv.ParseInt(parts[1], 10, 64)
	if errors.Join(err1, err2) != nil {
		return nil, errNoKey
	}
	n := &node{blob: blob, size: size}
	if len(parts) == 3 {
		var ok bool
		if n.origin, ok = s.unseal(parts[2]); !ok {
			return nil, errNoKey
		}
		n.hasOrigin = true
	}
	return n, nil
}

// contentTag is the ETag of a content: it changes when the bytes do.
func contentTag(n *node) string {
	if n.blob != 0 {
		return fmt.Sprintf(`"%032x-1"`, n.blob)
	}
	return fmt.Sprintf(`"%016x%016x-1"`, textHash(n.origin), uint64(n.size))
}

// textHash is FNV-1a.
func textHash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// seeker reads a content from the start on.
type seeker struct {
	ctx  context.Context
	r    io.ReaderAt
	at   int64
	size int64
}

// Read reads on; it stops when the client has gone.
func (s *seeker) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	if s.at >= s.size {
		return 0, io.EOF
	}
	n, err := s.r.ReadAt(p[:min(int64(len(p)), s.size-s.at)], s.at)
	s.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// Seek moves to another offset.
func (s *seeker) Seek(off int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		off += s.at
	case io.SeekEnd:
		off += s.size
	}
	if off < 0 {
		return 0, errors.New("a negative offset")
	}
	s.at = off
	return off, nil
}

// pacedWriter gives a client time as long as it takes something.
type pacedWriter struct {
	http.ResponseWriter
	ctl *http.ResponseController
}

// Write writes with a deadline of its own.
func (w *pacedWriter) Write(p []byte) (int, error) {
	_ = w.ctl.SetWriteDeadline(time.Now().Add(bodyTimeout))
	return w.ResponseWriter.Write(p)
}

// Unwrap lets a response controller reach the connection.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// pacedReader is the same for bodies that come in.
type pacedReader struct {
	r   io.Reader
	ctl *http.ResponseController
}

// Read reads with a deadline of its own.
func (r pacedReader) Read(p []byte) (int, error) {
	_ = r.ctl.SetReadDeadline(time.Now().Add(bodyTimeout))
	return r.r.Read(p)
}
