package server

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"ferry/backend/catalog"
)

// The limits of file parameters: pictures, logos, attachments of folder
// settings. Files of the site travel by upload.
const (
	maxAttachment = 4 << 20
	attachmentFor = time.Hour // how long the URL of one holds
)

// fileParam is the value of a parameter of the type file (PROTOCOL.md 4).
type fileParam struct {
	name, kind string
	data       []byte
}

// readFileParam takes a file as a form carries it or as the object that stands
// for one: {encoded_content, filename, type}.
func readFileParam(v any) (fileParam, bool) {
	switch x := v.(type) {
	case fileParam:
		return x, true
	case map[string]any:
		text, ok := x["encoded_content"].(string)
		if !ok {
			return fileParam{}, false
		}
		text = strings.Join(strings.Fields(text), "")
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			if data, err = base64.RawStdEncoding.DecodeString(text); err != nil {
				return fileParam{}, false
			}
		}
		name, _ := x["filename"].(string)
		kind, _ := x["type"].(string)
		return fileParam{name, kind, data}, true
	}
	return fileParam{}, false
}

// formFile reads a file of a form that has been parsed.
func formFile(h *multipart.FileHeader) (fileParam, error) {
	f, err := h.Open()
	if err != nil {
		return fileParam{}, err
	}
	defer f.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(f); err != nil {
		return fileParam{}, err
	}
	return fileParam{h.Filename, h.Header.Get("Content-Type"), b.Bytes()}, nil
}

// fileField is a field of an object that shows what a file parameter has set.
type fileField struct {
	param, field string
	image        bool // shown as an Image with name and uri, not as a URL
}

// fileFields are those of a resource: avatar_file is shown as avatar_url,
// logo_file as logo.
func fileFields(res *catalog.Resource) []fileField {
	if out, ok := knownFileFields.Load(res); ok {
		fields, _ := out.([]fileField)
		return fields
	}
	var out []fileField
	seen := map[string]bool{}
	for _, ep := range res.Endpoints {
		for i := range ep.Params {
			p := &ep.Params[i]
			if p.Type != "file" || seen[p.Name] {
				continue
			}
			seen[p.Name] = true
			base := strings.TrimSuffix(p.Name, "_file")
			names := []string{base + "_url", base}
			if p.Name == "file" { // of a style
				names = []string{"logo", "thumbnail"}
			}
			for _, name := range names {
				if f, ok := res.Field(name); ok {
					out = append(out, fileField{p.Name, name, f.Type == "Image"})
				}
			}
		}
	}
	knownFileFields.Store(res, out)
	return out
}

var knownFileFields sync.Map // *catalog.Resource → []fileField

// readFiles stores the files among the parameters and puts what is known of
// them into the fields of the record. X_delete takes X_file away.
func (c *recordCall) readFiles(doc map[string]any) error {
	bad := fieldErrors{}
	image := map[string]bool{}
	for _, f := range fileFields(c.ep.Resource) {
		image[f.param] = f.image || strings.HasPrefix(f.param, "avatar")
	}
	for i := range c.ep.Params {
		p := &c.ep.Params[i]
		if name, ok := strings.CutSuffix(p.Name, "_delete"); ok && p.Type == "boolean" {
			if _, isFile := c.ep.Param(name + "_file"); isFile {
				delete(doc, p.Name)
				if c.params[p.Name] == true {
					doc[name+"_file"] = nil
				}
			}
			continue
		}
		if p.Type != "file" || c.params[p.Name] == nil {
			continue
		}
		f, _ := c.params[p.Name].(fileParam)
		kind := attachmentType(f)
		switch {
		case len(f.data) == 0:
			bad.add(p.Name, "can't be blank")
			continue
		case len(f.data) > maxAttachment:
			bad.add(p.Name, fmt.Sprintf("is too long (maximum is %d bytes)", maxAttachment))
			continue
		case image[p.Name] && !isImage(f.data):
			bad.add(p.Name, "is not an image")
			continue
		}
		token := newHex(16)
		if err := c.api.store.keepFile(c.ctx, token, f.data); err != nil {
			return err
		}
		c.kept = append(c.kept, token)
		doc[p.Name] = map[string]any{"name": path.Base(strings.ReplaceAll(f.name, `\`, "/")), "type": kind, "token": token}
	}
	return bad.err()
}

// attachmentType is the type of a file: what its bytes say, or, of a text, its
// name, or else what the client says.
func attachmentType(f fileParam) string {
	kind, _, err := mime.ParseMediaType(http.DetectContentType(f.data))
	if err == nil && kind != "application/octet-stream" && !strings.HasPrefix(kind, "text/") {
		return kind
	}
	if named := mimeOf(f.name); named != "application/octet-stream" {
		return named
	}
	if given, _, err := mime.ParseMediaType(f.kind); err == nil && strings.HasPrefix(kind, "text/") == strings.HasPrefix(given, "text/") {
		return given
	}
	return kind
}

// isImage tells whether bytes are a picture that a browser can show.
func isImage(data []byte) bool {
	return strings.HasPrefix(http.DetectContentType(data), "image/") || bytes.Contains(data[:min(len(data), 1024)], []byte("<svg"))
}

// fileToken is the token of a file that a record has, "" for none.
func fileToken(doc map[string]any, param string) string {
	m, _ := doc[param].(map[string]any)
	token, _ := m["token"].(string)
	return token
}

// showFiles are the fields that show the files of a record.
func (c *recordCall) showFiles(resource string, doc map[string]any) map[string]any {
	res, ok := catalog.Lookup(resource)
	if !ok {
		return nil
	}
	var out map[string]any
	for _, f := range fileFields(res) {
		token := fileToken(doc, f.param)
		if token == "" {
			continue
		}
		m, _ := doc[f.param].(map[string]any)
		name, _ := m["name"].(string)
		kind, _ := m["type"].(string)
		uri := storagePath + "file/" + token
		if c.sign != nil {
			uri = c.sign(uri, name, kind)
		}
		if out == nil {
			out = map[string]any{}
		}
		out[f.field] = uri
		if f.image {
			out[f.field] = map[string]any{"name": name, "uri": uri}
		}
	}
	return out
}

// dropFiles deletes the files that a record had and has no more. A deleted user
// keeps his: he can be restored.
func (c *recordCall) dropFiles(r, old *record) error {
	if r == nil && c.resource == "user" {
		return nil
	}
	var gone []string
	for _, f := range fileFields(c.ep.Resource) {
		token := fileToken(old.doc, f.param)
		if token != "" && (r == nil || fileToken(r.doc, f.param) != token) {
			gone = append(gone, token)
		}
	}
	return c.api.store.dropFiles(c.ctx, gone)
}

// keepFile stores the bytes of a file parameter.
func (s *recordStore) keepFile(ctx context.Context, token string, data []byte) error {
	if _, err := s.db.ExecContext(ctx, `INSERT INTO attachments(token, data) VALUES(?, ?)`, token, data); err != nil {
		return fmt.Errorf("store an attachment: %w", err)
	}
	return nil
}

// dropFiles deletes bytes; those that are not there do not matter.
func (s *recordStore) dropFiles(ctx context.Context, tokens []string) error {
	for _, t := range tokens {
		if _, err := s.db.ExecContext(context.WithoutCancel(ctx), `DELETE FROM attachments WHERE token = ?`, t); err != nil {
			return fmt.Errorf("delete an attachment: %w", err)
		}
	}
	return nil
}

// signAttachment makes the URL of a file parameter.
func (c *call) signAttachment(path, name, kind string) string {
	return c.sign(path, map[string][]string{"name": {name}, "key": {kind}}, nil, attachmentFor)
}

// sendAttachment sends the bytes of a file parameter.
func (c *call) sendAttachment(token string) error {
	var data []byte
	err := c.s.db.read.QueryRowContext(c.ctx, `SELECT data FROM attachments WHERE token = ?`, token).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return errNoKey
	}
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", c.query.Get("key"))
	h.Set("Content-Disposition", disposition("inline", c.query.Get("name")))
	// It may be a page or a drawing with a script, and this is the host of the API.
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
	h.Set("X-Content-Type-Options", "nosniff")
	return c.serveBytes(time.Time{}, bytes.NewReader(data))
}
