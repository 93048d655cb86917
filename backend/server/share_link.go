package server

import (
	"archive/zip"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ferry/pathutil"
)

// sharePath is where share links lead: /f/CODE is all of it, /f/CODE/path one
// file or folder of it (PROTOCOL.md 12).
const sharePath = "/f/"

// shareError is what a browser gets instead of a file.
type shareError struct {
	status int
	text   string
}

// Error is the sentence.
func (e *shareError) Error() string { return e.text }

var errNoShare = &shareError{http.StatusNotFound, "There is no such share link, or it has expired."}

// serveShare downloads what a share link shares, without credentials.
func (c *call) serveShare() error {
	err := c.share()
	var se *shareError
	switch {
	case errors.As(err, &se):
	case errors.Is(err, errNoNode):
		se = errNoShare
	default:
		return err
	}
	h := c.w.Header()
	if se.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Basic realm="share link", charset="UTF-8"`)
	}
	body := "<!DOCTYPE html><title>Share link</title><p>" + html.EscapeString(se.text) + "</p>\n"
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(se.status)
	if c.r.Method == http.MethodHead {
		return nil
	}
	_, err = io.WriteString(c.w, body)
	return ignoreWrite(err)
}

func (c *call) share() error {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return &shareError{http.StatusMethodNotAllowed, "A share link can only be fetched."}
	}
	code, rest, _ := strings.Cut(strings.TrimPrefix(c.r.URL.Path, sharePath), "/")
	b, err := c.s.records.store.find(c.ctx, "bundle", func(r *record) bool { return code != "" && r.doc["code"] == code })
	if errors.Is(err, errNoRecord) {
		return errNoShare
	}
	if err != nil {
		return err
	}
	if err := c.mayUseShare(b); err != nil {
		return err
	}
	nodes, err := c.shared(b, pathutil.Normalize(rest))
	if err != nil {
		return err
	}
	method := "full_zip"
	if len(nodes) == 1 && !nodes[0].dir {
		method = "file"
	}
	if c.r.Method == http.MethodGet {
		if err := c.noteShareUse(b, nodes, method); err != nil {
			return err
		}
	}
	if method == "file" {
		c.w.Header().Set("Location", c.downloadURI(nodes[0]))
		return c.empty(http.StatusFound)
	}
	return c.sendShareZip(code, nodes)
}

// mayUseShare checks the conditions of a share link.
func (c *call) mayUseShare(b *record) error {
	if end, ok := b.doc["expires_at"].(time.Time); ok && !end.After(c.now) {
		return errNoShare
	}
	if start, ok := b.doc["start_access_on_date"].(time.Time); ok && start.After(c.now) {
		return errNoShare
	}
	uses, _ := b.doc["uses"].(int64)
	if most, _ := b.doc["max_uses"].(int64); most > 0 && uses >= most {
		return errNoShare
	}
	switch b.doc["permissions"] {
	case "write", "none", "preview_only":
		return &shareError{http.StatusForbidden, "This share link does not allow downloads."}
	}
	if b.doc["password_protected"] != true {
		return nil
	}
	given := c.query.Get("password")
	if _, p, ok := c.r.BasicAuth(); ok {
		given = p
	}
	var secret struct {
		Password string `json:"password"`
	}
	if b.secret != "" && json.Unmarshal([]byte(b.secret), &secret) != nil || secret.Password == "" ||
		subtle.ConstantTimeCompare([]byte(secret.Password), []byte(given)) != 1 {
		return &shareError{http.StatusUnauthorized, "This share link needs its password."}
	}
	return nil
}

// shared are the files and folders of a share link; within names one of them,
// or something below one, by its path as the zip has it.
func (c *call) shared(b *record, within string) (nodes []*node, err error) {
	paths, _ := b.doc["paths"].([]any)
	for _, p := range paths {
		path, _ := p.(string)
		path = pathutil.Normalize(path)
		if within != "" {
			name, below, _ := strings.Cut(within, "/")
			if !pathutil.IsSame(name, pathutil.Base(path)) {
				continue
			}
			path = pathutil.Join(path, below)
		}
		n, err := c.s.tree.get(c.ctx, path)
		if errors.Is(err, errNoNode) {
			continue // deleted since it was shared
		}
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	if len(nodes) == 0 {
		return nil, errNoShare
	}
	return nodes, nil
}

// noteShareUse writes what the owner of the link sees of a download.
func (c *call) noteShareUse(b *record, nodes []*node, method string) error {
	_, err := c.s.records.store.update(c.ctx, "bundle", b.id, func(_ *recordTable, r *record) error {
		uses, _ := r.doc["uses"].(int64)
		r.doc["uses"] = uses + 1
		return nil
	})
	if err != nil {
		return err
	}
	for _, n := range nodes {
		doc := map[string]any{
			"bundle_id": b.id, "download_method": method, "path": n.path, "created_at": c.now, "workspace_id": int64(0),
		}
		if _, err := c.s.records.store.insert(c.ctx, "bundle_download", &record{doc: doc}, nil); err != nil {
			return err
		}
		doc = map[string]any{"bundle_id": b.id, "action": "read", "path": n.path, "created_at": c.now, "workspace_id": int64(0)}
		if _, err := c.s.records.store.insert(c.ctx, "bundle_action", &record{doc: doc}, nil); err != nil {
			return err
		}
		if err := c.logAction(action{name: "read", path: n.path}); err != nil {
			return err
		}
	}
	return nil
}

// sendShareZip streams files and folders as one archive.
func (c *call) sendShareZip(code string, nodes []*node) error {
	h := c.w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", disposition("attachment", code+".zip"))
	if c.r.Method == http.MethodHead {
		return c.empty(http.StatusOK)
	}
	z := zip.NewWriter(&pacedWriter{ResponseWriter: c.w, ctl: http.NewResponseController(c.w)})
	used := map[string]bool{}
	for _, n := range nodes {
		if err := c.s.tree.zipTree(c.ctx, z, n, flatName(pathutil.Base(n.path), used)); err != nil {
			c.breakOff() // the answer has begun
			return ignoreWrite(err)
		}
	}
	return ignoreWrite(z.Close())
}

// shareBase is the address under which this site serves share links; "" in
// memory, where no browser can follow one.
func (c *call) shareBase() string {
	base, err := url.Parse(LocalURL)
	if err == nil && c.r.Host == base.Host {
		return ""
	}
	if c.r.TLS != nil {
		return "https://" + c.r.Host
	}
	return "http://" + c.r.Host
}
