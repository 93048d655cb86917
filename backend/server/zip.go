package server

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ferry/pathutil"
)

func (s *Server) addZipRoutes() {
	s.handle("file.zip_list_contents", (*call).listZip)
	s.handle("file.zip_download", (*call).downloadZip)
	s.handle("file.zip", (*call).makeZip)
	s.handle("file.unzip", (*call).unzip)
}

// maxZipPaths bounds the files of one batch.
const maxZipPaths = 10_000

// list is an array parameter of the body, as it comes or as text with commas.
func (c *call) list(name string) ([]string, error) {
	v, ok := c.param(name)
	if !ok {
		return nil, nil
	}
	switch x := v.(type) {
	case string:
		return strings.FieldsFunc(x, func(r rune) bool { return r == ',' }), nil
	case []any:
		out := make([]string, 0, len(x))
		for _, e := range x {
			s, ok := e.(string)
			if !ok {
				return nil, badParam(name, "an array of text")
			}
			out = append(out, s)
		}
		return out, nil
	}
	return nil, badParam(name, "an array of text")
}

// downloadZip gives out a URL for a batch of files in one archive
// (PROTOCOL.md 9).
func (c *call) downloadZip() error {
	if _, ok := c.param("paths"); !ok {
		return wireErrorf("bad-request/request-params-required", "paths is required")
	}
	paths, err := c.list("paths")
	if err != nil {
		return err
	}
	encoded, err := c.list("encoded_paths")
	if err != nil {
		return err
	}
	for _, e := range encoded {
		p, err := url.PathUnescape(e)
		if err != nil {
			return badParam("encoded_paths", "an array of encoded paths")
		}
		paths = append(paths, c.who.root.in(p))
	}
	if len(paths) == 0 || len(paths) > maxZipPaths {
		return badParam("paths", fmt.Sprintf("1 to %d paths", maxZipPaths))
	}
	for i, p := range paths {
		if paths[i], err = cleanPath(p); err != nil {
			return err
		}
	}
	nodes, err := c.s.tree.getAll(c.ctx, paths)
	if err != nil {
		return err
	}
	var missing, refused []string
	for i, n := range nodes {
		if n == nil {
			missing = append(missing, "does not match existing file at: "+c.who.root.shown(paths[i]))
			continue
		}
		if err := c.need(n.path, mayRead); n.dir || err != nil {
			refused = append(refused, "cannot be downloaded at: "+c.who.root.shown(paths[i]))
		}
	}
	if bad := slices.Concat(missing, refused); len(bad) > 0 {
		return fieldErrors{"paths": bad}.err()
	}
	for _, p := range paths {
		if err := c.logAction(action{name: "read", path: p}); err != nil {
			return err
		}
	}
	// The list is kept under an id, for it does not fit into a URL.
	id := c.s.batches.put(paths, c.now)
	out := newObject()
	out.text("download_uri", c.sign(storagePath+"zip/"+id, url.Values{"name": {"files.zip"}}, nil, downloadFor))
	return c.json(http.StatusOK, out.bytes())
}

// sendZip streams a batch: flat names, duplicates as "name (1).ext".
func (c *call) sendZip() error {
	id := c.r.URL.Path[strings.LastIndexByte(c.r.URL.Path, '/')+1:]
	paths, ok := c.s.batches.get(id)
	if !ok {
		return errURLExpired
	}
	nodes, err := c.s.tree.getAll(c.ctx, paths)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", disposition("attachment", c.query.Get("name")))
	z := zip.NewWriter(&pacedWriter{ResponseWriter: c.w, ctl: http.NewResponseController(c.w)})
	used := map[string]bool{}
	for _, n := range nodes {
		err := errNoNode
		switch {
		case n == nil || n.dir: // it was a file when the URL was made
		case n.size <= zipInMemory:
			err = c.s.tree.storeFile(c.ctx, z, n, flatName(pathutil.Base(n.path), used))
		default:
			err = c.s.tree.zipFile(c.ctx, z, n, flatName(pathutil.Base(n.path), used))
		}
		if err != nil {
			// The answer has begun: a connection that breaks off is all there is to
			// say that it is not whole.
			c.breakOff()
			return ignoreWrite(err)
		}
	}
	return ignoreWrite(z.Close())
}

// breakOff ends the connection in the middle of an answer.
func (c *call) breakOff() {
	if conn, _, err := http.NewResponseController(c.w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// flatName is a name that is not used yet.
func flatName(name string, used map[string]bool) string {
	free := name
	for i := 1; used[pathutil.Fold(free)]; i++ {
		free = fmt.Sprintf("%s (%d)%s", pathutil.Stem(name), i, pathutil.Ext(name))
	}
	used[pathutil.Fold(free)] = true
	return free
}

// zipFile writes one file into an archive.
func (t *tree) zipFile(ctx context.Context, z *zip.Writer, n *node, name string) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: n.modified()})
	if err != nil {
		return err
	}
	var src content
	err = t.look(func(q querier) error {
		src, err = t.open(ctx, q, n)
		return err
	})
	if err != nil {
		return err
	}
	defer src.Close()
	_, err = io.Copy(w, contextReader{ctx, io.NewSectionReader(src, 0, n.size)})
	return err
}

// zipInMemory is the largest file that is read before it goes into a batch: its
// header says then what follows, and nothing is compressed that hardly gets
// smaller.
const zipInMemory = 256 << 10

// storeFile writes a small file into an archive as it is.
func (t *tree) storeFile(ctx context.Context, z *zip.Writer, n *node, name string) error {
	var src content
	err := t.look(func(q querier) error {
		var err error
		src, err = t.open(ctx, q, n)
		return err
	})
	if err != nil {
		return err
	}
	defer src.Close()
	b, err := io.ReadAll(contextReader{ctx, io.NewSectionReader(src, 0, n.size)})
	if err != nil {
		return err
	}
	const utf8Name = 1 << 11
	size, m := uint64(len(b)), n.modified()
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Store, Flags: utf8Name,
		CRC32: crc32.ChecksumIEEE(b), CompressedSize64: size, UncompressedSize64: size,
		ModifiedDate: uint16(m.Day() | int(m.Month())<<5 | max(m.Year()-1980, 0)<<9), //nolint:gosec,staticcheck // until 2107; a raw entry has these alone
		ModifiedTime: uint16(m.Second()/2 | m.Minute()<<5 | m.Hour()<<11),            //nolint:gosec,staticcheck // the same
	})
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// openZip opens an archive that lies on the site. Close the content.
func (s *Server) openZip(ctx context.Context, n *node) (*zip.Reader, content, error) {
	bad := wireErrorf("processing-failure/invalid-zip-file", "The file is not a valid ZIP archive")
	if n.dir {
		return nil, nil, bad
	}
	var src content
	err := s.tree.look(func(q querier) error {
		var err error
		src, err = s.tree.open(ctx, q, n)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	z, err := zip.NewReader(src, n.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, nil, errors.Join(bad, src.Close())
	}
	return z, src, nil
}

// listZip lists an archive without paging.
func (c *call) listZip() error {
	path, err := c.path()
	if err != nil {
		return err
	}
	if err := c.need(path, mayRead); err != nil {
		return err
	}
	n, err := c.node(path)
	if err != nil {
		return err
	}
	z, src, err := c.s.openZip(c.ctx, n)
	if err != nil {
		return err
	}
	defer src.Close()
	b := []byte{'['}
	for i, f := range z.File {
		if i > 0 {
			b = append(b, ',')
		}
		out := newObject()
		out.text("path", f.Name)
		out.number("size", int64(f.UncompressedSize64))
		b = append(b, out.bytes()...)
	}
	return c.json(http.StatusOK, append(b, ']'))
}
