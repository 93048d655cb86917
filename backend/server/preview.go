package server

import (
	"bytes"
	"errors"
	"image"
	_ "image/gif"  // images that can be previewed
	_ "image/jpeg" // images that can be previewed
	"image/png"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/image/draw"
)

// The limits of previews: how much of a text is shown, and how large an image
// may be to be read.
const (
	previewText   = 64 << 10
	previewFile   = 64 << 20
	previewPixels = 16 << 20
)

// previewSizes are the longest sides of images by preview_size, in pixels.
var previewSizes = map[string]int{"small": 256, "large": 1024, "xlarge": 2048, "pdf": 1024}

// previewKind is the type of a preview, as the site names it; "" for none.
func previewKind(name string) string {
	kind := mimeOf(name)
	switch {
	case kind == "image/svg+xml" || kind == "application/json" || kind == "application/xml" || kind == "application/javascript" || kind == "text/x-sh" ||
		kind == "application/x-sql" || kind == "application/x-sh" || strings.HasPrefix(kind, "text/"):
		return "text"
	case strings.HasPrefix(kind, "image/"):
		return "image"
	case strings.HasPrefix(kind, "video/"):
		return "video"
	case strings.HasPrefix(kind, "audio/"):
		return "audio"
	case kind == "application/pdf":
		return "pdf_native"
	}
	return ""
}

// preview is the object of that name, with its id (PROTOCOL.md 8). Text and
// images have one to download; nothing else is rendered here.
func (c *call) preview(n *node, size string) (id int64, text []byte) {
	kind, status := previewKind(n.name), "not_generated"
	if kind == "image" || kind == "text" {
		status = c.previewStatus(n, kind)
	}
	id = int64(textHash(sumKeyOf(n).String()) >> 11)
	o := newObject()
	o.number("id", id)
	o.text("status", status)
	if status == "complete" {
		o.text("download_uri", c.contentURI("preview/"+size+"/", n))
	} else {
		o.null("download_uri")
	}
	o.orNull("type", kind)
	o.text("size", size)
	return id, o.bytes()
}

// previewStatus looks at the first bytes of a file.
func (c *call) previewStatus(n *node, kind string) string {
	if kind == "image" && n.size > previewFile {
		return "file_too_large"
	}
	src, err := c.open(n)
	if err != nil {
		return "invalid"
	}
	defer src.Close()
	r := contextReader{c.ctx, io.NewSectionReader(src, 0, n.size)}
	if kind == "text" {
		head, err := io.ReadAll(io.LimitReader(r, 512))
		if err != nil || bytes.IndexByte(head, 0) >= 0 {
			return "invalid"
		}
		return "complete"
	}
	cfg, _, err := image.DecodeConfig(r)
	switch {
	case err != nil:
		return "invalid"
	case cfg.Width > previewPixels || cfg.Height > previewPixels || cfg.Width*cfg.Height > previewPixels:
		return "file_too_large"
	}
	return "complete"
}

// open opens the content of a node on its own.
func (c *call) open(n *node) (src content, err error) {
	err = c.s.tree.look(func(q querier) error {
		src, err = c.s.tree.open(c.ctx, q, n)
		return err
	})
	return src, err
}

// sendPreview sends the preview that a signed URL names: its size, then the
// content. Texts are cut, images are made smaller.
func (c *call) sendPreview(name string) error {
	size, name, _ := strings.Cut(name, "/")
	n, err := c.s.contentNode(name)
	if err != nil {
		return err
	}
	n.name = c.query.Get("name")
	kind := previewKind(n.name)
	if status := c.previewStatus(n, kind); status != "complete" {
		return errNoKey
	}
	src, err := c.open(n)
	if err != nil {
		return err
	}
	defer src.Close()
	r := contextReader{c.ctx, io.NewSectionReader(src, 0, n.size)}
	var body []byte
	mimeType := "text/plain; charset=utf-8"
	if kind == "image" {
		mimeType = "image/png"
		body, err = c.s.thumbnail(r, previewSizes[size])
	} else {
		body, err = io.ReadAll(io.LimitReader(r, previewText))
		body = wholeRunes(body)
	}
	if err != nil {
		return errNoKey
	}
	c.w.Header().Set("Content-Type", mimeType)
	return c.serveBytes(time.Time{}, bytes.NewReader(body))
}

// wholeRunes drops what a cut has left of a character at the end of a text.
func wholeRunes(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// thumbnail makes an image fit into a square. One is made at a time: a decoded
// image is large.
func (s *Server) thumbnail(r io.Reader, side int) ([]byte, error) {
	s.drawing.Lock()
	defer s.drawing.Unlock()
	src, _, err := image.Decode(r)
	if err != nil {
		return nil, err
	}
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if most := max(w, h); side > 0 && most > side {
		w, h = max(w*side/most, 1), max(h*side/most, 1)
		small := image.NewRGBA(image.Rect(0, 0, w, h))
		draw.ApproxBiLinear.Scale(small, small.Bounds(), src, src.Bounds(), draw.Src, nil)
		src = small
	}
	var out bytes.Buffer
	err = png.Encode(&out, src)
	return out.Bytes(), err
}

// rootOfUser is what a user takes for the root, for signed URLs: they name whom
// they were given to, and carry no credentials.
func (c *call) rootOfUser(text string) (root, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id == 0 {
		return "", nil //nolint:nilerr // a key of the site is nobody's
	}
	u, err := c.s.records.store.get(c.ctx, "user", id)
	if errors.Is(err, errNoRecord) {
		return "", errNoKey
	}
	if err != nil {
		return "", err
	}
	return rootOf(u), nil
}
