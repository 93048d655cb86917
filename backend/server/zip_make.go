package server

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"ferry/pathutil"
)

// maxUnzipped bounds what comes out of one archive, so that a small one cannot
// fill the disk.
const maxUnzipped = 4 << 30

// newFile is a file that the site makes itself.
type newFile struct {
	path      string
	provided  time.Time
	overwrite bool
	parents   bool // missing folders are made
}

// storeFile makes a file of what write writes, or replaces one. It asks for no
// rights.
func (s *Server) storeFile(ctx context.Context, e editor, file newFile, write func(w io.Writer) error) error {
	if err := checkName(file.path); err != nil {
		return err
	}
	switch old, err := s.tree.get(ctx, file.path); {
	case errors.Is(err, errNoNode):
	case err != nil:
		return err
	case !file.overwrite || old.dir:
		return errExists
	}
	f, err := s.files.create()
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		s.files.discard(f)
		return err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		s.files.discard(f)
		return err
	}
	name, err := s.files.finish(f)
	if err != nil {
		s.files.remove(name)
		return err
	}
	ctx = context.WithoutCancel(ctx)
	res, err := s.db.write.ExecContext(ctx, `INSERT INTO uploads(path, restart, size, user_id, key_id, mkdir, created) VALUES(?, 0, ?, ?, ?, ?, ?)`,
		file.path, size, e.user, e.key, file.parents, e.now.Unix())
	if err != nil {
		s.files.remove(name)
		return err
	}
	u := upload{path: file.path, size: size, mkdir: file.parents}
	if u.id, err = res.LastInsertId(); err != nil {
		return err
	}
	n := &node{
		name: baseOf(file.path), size: size, blob: u.id, provided: file.provided, created: e.now, mtime: e.now,
		sumsAt: e.now.Add(sumsAfter), createdBy: e.user, createdKey: e.key,
	}
	_, err = s.tree.store(ctx, u, n, e, func(context.Context, querier) ([]partRow, error) {
		return []partRow{{size: size, file: name}}, nil
	})
	if err != nil {
		s.files.remove(name)
	}
	return err
}

// makeZip packs files and folders into an archive on the site (PROTOCOL.md 11).
func (c *call) makeZip() error {
	paths, err := c.list("paths")
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return wireErrorf("bad-request/request-params-required", "paths is required")
	}
	dest, overwrite, err := c.destination()
	if err != nil {
		return err
	}
	if err := c.need(dest, mayWrite); err != nil {
		return err
	}
	var nodes []*node
	for _, p := range paths {
		if p, err = cleanPath(p); err != nil {
			return err
		}
		if err := c.need(p, mayRead); err != nil {
			return err
		}
		n, err := c.node(p)
		if err != nil {
			return err
		}
		nodes = append(nodes, n)
	}
	if err := c.s.tree.look(func(q querier) error { return c.s.tree.hasParent(c.ctx, q, dest) }); err != nil {
		return err
	}
	var total int64
	err = c.s.tree.look(func(q querier) error {
		for _, n := range nodes {
			size, err := c.s.tree.count(c.ctx, q, n)
			if err != nil {
				return err
			}
			total += size.files + size.folders
		}
		return nil
	})
	if err != nil {
		return err
	}
	if total > atOnce {
		if err := c.canStore(dest, overwrite); err != nil {
			return err
		}
		var list []any
		for _, n := range nodes {
			list = append(list, n.path)
		}
		id, err := c.s.migrations.start(c, "zip", relocation{from: nodes[0].path, to: dest, overwrite: overwrite}, total, map[string]any{"paths": list})
		if err != nil {
			return err
		}
		return c.pending(id)
	}
	if err := c.s.pack(c.ctx, c.editor(), newFile{path: dest, overwrite: overwrite}, nodes); err != nil {
		return err
	}
	if err := c.acted("create", dest, ""); err != nil {
		return err
	}
	return c.completed()
}

// canStore tells before a migration begins what storeFile would refuse.
func (c *call) canStore(path string, overwrite bool) error {
	if err := checkName(path); err != nil {
		return err
	}
	old, err := c.s.tree.get(c.ctx, path)
	switch {
	case errors.Is(err, errNoNode):
		return nil
	case err != nil:
		return err
	case !overwrite || old.dir:
		return errExists
	}
	return unlocked(old)
}

// pack writes files and folders into an archive.
func (s *Server) pack(ctx context.Context, e editor, file newFile, nodes []*node) error {
	return s.storeFile(ctx, e, file, func(w io.Writer) error {
		z := zip.NewWriter(w)
		used := map[string]bool{}
		for _, n := range nodes {
			if err := s.tree.zipTree(ctx, z, n, flatName(n.name, used)); err != nil {
				return err
			}
		}
		return z.Close()
	})
}

// destination reads the parameters of a target.
func (c *call) destination() (dest string, overwrite bool, err error) {
	if dest, err = c.required("destination"); err != nil {
		return "", false, err
	}
	if dest, err = cleanPath(dest); err != nil {
		return "", false, err
	}
	overwrite, err = c.flag("overwrite")
	return dest, overwrite, err
}

// zipTree writes a file, or a folder with all that lies in it.
func (t *tree) zipTree(ctx context.Context, z *zip.Writer, n *node, name string) error {
	if !n.dir {
		return t.zipFile(ctx, z, n, name)
	}
	if _, err := z.CreateHeader(&zip.FileHeader{Name: name + "/", Modified: n.modified()}); err != nil {
		return err
	}
	// The entries first: nothing is read while the tree is held.
	var entries []*node
	err := t.look(func(q querier) error {
		return t.each(ctx, q, n, func(e *node) (bool, error) {
			entries = append(entries, e)
			return true, nil
		})
	})
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := t.zipTree(ctx, z, e, name+"/"+e.name); err != nil {
			return err
		}
	}
	return nil
}

// unzip unpacks an archive, or one entry of it, into a folder.
func (c *call) unzip() error {
	path, err := c.required("path")
	if err != nil {
		return err
	}
	if path, err = cleanPath(path); err != nil {
		return err
	}
	dest, overwrite, err := c.destination()
	if err != nil {
		return err
	}
	only, err := c.text("filename")
	if err != nil {
		return err
	}
	if err := c.need(path, mayRead); err != nil {
		return err
	}
	if err := c.need(dest, mayWrite); err != nil {
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
	var total int64
	for _, f := range z.File {
		if only != "" && f.Name != only {
			continue
		}
		total++
		if err := c.need(pathutil.Join(dest, f.Name), mayWrite); err != nil {
			return err
		}
	}
	if only != "" && total == 0 {
		return notFound()
	}
	if total > atOnce {
		id, err := c.s.migrations.start(c, "unzip", relocation{from: n.path, to: dest, overwrite: overwrite}, total, map[string]any{"filename": only})
		if err != nil {
			return err
		}
		return c.pending(id)
	}
	err = c.s.unpackAll(c.ctx, c.editor(), z, newFile{path: dest, overwrite: overwrite, parents: true}, only, func(path string) error { return c.acted("create", path, "") })
	if err != nil {
		return err
	}
	return c.completed()
}

// unpackAll unpacks an archive, or one entry of it, into a folder and tells of
// every file.
func (s *Server) unpackAll(ctx context.Context, e editor, z *zip.Reader, into newFile, only string, made func(path string) error) error {
	left := int64(maxUnzipped)
	for _, f := range z.File {
		if only != "" && f.Name != only {
			continue
		}
		// Normalising drops "..": nothing climbs out of the destination.
		target := into
		target.path = pathutil.Join(into.path, f.Name)
		if strings.HasSuffix(f.Name, "/") {
			if _, err := s.tree.mkdir(ctx, target.path, true, time.Time{}, e); err != nil && !errors.Is(err, errExists) {
				return err
			}
			continue
		}
		target.provided = f.Modified.UTC().Truncate(time.Second)
		if err := s.unpack(ctx, e, f, target, &left); err != nil {
			return err
		}
		if err := made(target.path); err != nil {
			return err
		}
	}
	return nil
}

// unpack writes one entry of an archive; left is how many bytes may still come.
func (s *Server) unpack(ctx context.Context, e editor, f *zip.File, target newFile, left *int64) error {
	invalid := wireErrorf("processing-failure/invalid-zip-file", "The file is not a valid ZIP archive")
	r, err := f.Open()
	if err != nil {
		return invalid
	}
	defer r.Close()
	return s.storeFile(ctx, e, target, func(w io.Writer) error {
		n, err := io.Copy(w, contextReader{ctx, io.LimitReader(r, *left+1)})
		if *left -= n; *left < 0 {
			return wireErrorf("processing-failure/file-processing-error", "The archive is too large to be unpacked here")
		}
		if err != nil && ctx.Err() == nil {
			return invalid
		}
		return err
	})
}
