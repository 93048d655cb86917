package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ferry/backend/catalog"
	"ferry/pathutil"
)

// call is one request of the API with its answer.
type call struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	ctx   context.Context
	id    string // of the request
	route string // "file.download", "storage.get"
	ep    *catalog.Endpoint
	vars  map[string]string
	query url.Values
	body  map[string]any // numbers are json.Number
	who   caller
	now   time.Time

	rights  *rights // of the caller, once asked for
	expired bool    // a fault says that the signed URL has expired
	roomy   bool    // has taken the room of a large body
	unread  bool    // the body of the request has not been read to its end
}

// handler answers a call; an error it returns is answered in its place.
type handler func(c *call) error

// handle registers the handler of an operation of the catalog: "file.download".
func (s *Server) handle(op string, h handler) { s.routes[op] = h }

func (s *Server) addRoutes() {
	s.addSessionRoutes()
	s.addFileRoutes()
	s.addUploadRoutes()
	s.addMoveRoutes()
}

func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, "the site is closed", http.StatusServiceUnavailable)
		return
	}
	defer s.work.Done()
	// The deadline of the request before on this connection would stay.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(bodyTimeout))
	id := newHex(16)
	c := &call{s: s, w: w, r: r, ctx: r.Context(), id: id, now: s.now()}
	c.expectBody()
	setHeaders(w.Header(), id)
	c.locate()
	var err error
	if f := s.faults.pick(c); f != nil && f.strike(c) {
		err = errStruck
	} else if err = c.dispatch(); err != nil {
		c.fail(err)
	}
	if s.log.Enabled(c.ctx, slog.LevelDebug) {
		s.log.LogAttrs(c.ctx, slog.LevelDebug, "request", slog.String("method", r.Method), slog.String("route", c.route),
			slog.String("id", id), slog.Any("error", err))
	}
}

// setHeaders are the headers of every answer (PROTOCOL.md 5).
func setHeaders(h http.Header, id string) {
	h.Set("X-Request-Id", id)
	h.Set("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "Fri, 01 Jan 1990 00:00:00 GMT")
	h.Set("Server", "files.com")
}

// newHex is n random bytes as text: ids of requests and sessions.
func newHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// locate finds out what is asked for.
func (c *call) locate() {
	path := c.r.URL.EscapedPath()
	switch {
	case strings.HasPrefix(path, storagePath):
		c.route = "storage.get"
		if c.r.Method == http.MethodPut || c.r.Method == http.MethodPost {
			c.route = "storage.put"
		}
	case strings.HasPrefix(path, controlPath):
		c.route = "control"
	case strings.HasPrefix(path, sharePath):
		c.route = "share.get"
	default:
		rest, ok := strings.CutPrefix(path, catalog.BasePath)
		if !ok {
			return
		}
		method := c.r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		if c.ep, c.vars, ok = catalog.Match(method, rest); ok {
			c.route = c.ep.Resource.Name + "." + c.ep.Op
		}
	}
}

func (c *call) dispatch() error {
	switch {
	case c.route == "control":
		return c.serveControl()
	case strings.HasPrefix(c.route, "storage."):
		return c.serveStorage()
	case c.ep == nil && c.route == "":
		return c.unknown()
	}
	var err error
	if c.query, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
		return wireErrorf("bad-request/request-params-invalid", "The query cannot be read")
	}
	if c.route == "share.get" {
		return c.serveShare()
	}
	if c.route == "session.create" {
		if err := c.readBody(maxLoginBody); err != nil {
			return err
		}
	} else {
		// Who may not write sends nothing that would have to be kept.
		if err := c.authenticate(); err != nil {
			return err
		}
		if err := c.mayWrite(); err != nil {
			return err
		}
		defer c.giveRoom()
		if err := c.readBody(maxJSONBody); err != nil {
			return err
		}
		if err := c.reauthenticate(); err != nil {
			return err
		}
		c.confine()
	}
	if h, ok := c.s.routes[c.route]; ok {
		if err := c.checkTypes(); err != nil {
			return err
		}
		return h(c)
	}
	return c.serveRecords()
}

// unknown answers what is not in the catalog.
func (c *call) unknown() error {
	if !strings.HasPrefix(c.r.URL.Path, catalog.BasePath) {
		c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, err := io.WriteString(c.w, "This is a Files.com site in a box. Its API is at "+catalog.BasePath+".\n")
		return ignoreWrite(err)
	}
	rest := strings.TrimPrefix(c.r.URL.EscapedPath(), catalog.BasePath)
	for _, m := range []string{"GET", "POST", "PATCH", "DELETE"} {
		if _, _, ok := catalog.Match(m, rest); ok {
			return wireErrorf("bad-request/method-not-allowed", "%s is not allowed here", c.r.Method)
		}
	}
	return notFound()
}

// serveRecords answers an operation that the records engine knows.
func (c *call) serveRecords() error {
	rep, err := c.s.records.serve(c.ctx, recordRequest{
		endpoint: c.ep, path: c.vars, query: c.query, body: c.body, who: c.who.recordCaller, base: c.shareBase(),
		sign: c.signAttachment,
	})
	if err != nil {
		return err
	}
	if rep.next != "" {
		c.w.Header().Set("X-Files-Cursor", rep.next)
		c.w.Header().Set("X-Files-Cursor-Next", rep.next)
	}
	if rep.prev != "" {
		c.w.Header().Set("X-Files-Cursor-Prev", rep.prev)
	}
	if rep.body == nil {
		return c.empty(rep.status)
	}
	return c.json(rep.status, rep.body)
}

// readBody reads the JSON object, form or multipart form of a POST or PATCH.
func (c *call) readBody(limit int64) error {
	if c.r.Method != http.MethodPost && c.r.Method != http.MethodPatch {
		return nil
	}
	c.body = map[string]any{}
	b, err := c.bodyBytes(limit)
	if err != nil {
		return err
	}
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(b))
		if err != nil {
			return wireErrorf("bad-request/invalid-body", "The request body is not a form")
		}
		c.readForm(form)
		return nil
	case "multipart/form-data":
		c.r.Body = io.NopCloser(bytes.NewReader(b))
		if err := c.r.ParseMultipartForm(maxJSONBody); err != nil {
			return wireErrorf("bad-request/invalid-body", "The request body is not a form")
		}
		c.readForm(c.r.MultipartForm.Value)
		for k, files := range c.r.MultipartForm.File {
			f, err := formFile(files[len(files)-1])
			if err != nil {
				return errors.Join(err, c.r.MultipartForm.RemoveAll())
			}
			c.body[k] = f
		}
		return c.r.MultipartForm.RemoveAll()
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&c.body); err != nil {
		return wireErrorf("bad-request/invalid-body", "The request body is not a JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return wireErrorf("bad-request/invalid-body", "The request body is not one JSON object")
	}
	if c.body == nil { // some clients write null where there is nothing to say
		c.body = map[string]any{}
	}
	return nil
}

// readForm takes the values of a form. Lists and objects are written as they are
// in a query: name[]=v, name[key]=v.
func (c *call) readForm(form url.Values) {
	for k, v := range form {
		c.body[k] = v[len(v)-1]
	}
	if c.ep == nil {
		return
	}
	for i := range c.ep.Params {
		p := &c.ep.Params[i]
		if v, ok := queryValue(form, p); ok && p.In == "body" {
			c.body[p.Name] = v
		}
	}
}

// path is the parameter path of the URL as the site knows it.
func (c *call) path() (string, error) { return cleanPath(c.vars["path"]) }

// isRoot tells whether a path is what the caller takes for the root.
func (c *call) isRoot(path string) bool { return pathutil.IsSame(path, string(c.who.root)) }

// cleanPath puts a path into identity form. "nil" alone is the root, as the
// vendor's Go client writes it (PROTOCOL.md 4).
func cleanPath(p string) (string, error) {
	if p == "nil" {
		p = ""
	}
	p = pathutil.Normalize(strings.ToValidUTF8(p, "\uFFFD"))
	if len(p) > pathutil.MaxPathLen && len([]rune(p)) > pathutil.MaxPathLen {
		return "", wireErrorf("processing-failure/path-too-long", "The path is longer than 5000 characters")
	}
	// Workspace 0 is the site itself (PROTOCOL.md 3).
	if rest, ok := strings.CutPrefix(p, "_/Workspaces/0"); ok && (rest == "" || rest[0] == '/') {
		p = strings.TrimPrefix(rest, "/")
	}
	return p, nil
}
