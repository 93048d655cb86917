package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// contentStore keeps what clients have sent, one file per part of an upload.
// Without a data folder it lies in a temporary one, made when it is needed and
// removed by close, so that memory does not grow with the uploads.
type contentStore struct {
	durable bool // sync before a file counts as written

	mu   sync.Mutex
	dir  string
	temp bool
	held *os.File // the lock of a temporary folder
}

func newContentStore(dataDir string) (*contentStore, error) {
	if dataDir == "" {
		return &contentStore{}, nil
	}
	dir := filepath.Join(dataDir, "content")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the content folder: %w", err)
	}
	return &contentStore{durable: true, dir: dir}, nil
}

// folder is where the files lie.
func (s *contentStore) folder() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir == "" {
		dir, err := os.MkdirTemp("", tempPrefix)
		if err != nil {
			return "", fmt.Errorf("make a folder for uploads: %w", err)
		}
		s.dir, s.temp, s.held = dir, true, lockTemp(dir)
	}
	return s.dir, nil
}

const (
	tempPrefix = "ferry-site-"
	tempLock   = "lock"
)

// lockTemp marks a temporary folder as that of a living process. The lock has
// its name only once it is held, so that nobody finds it free in between.
func lockTemp(dir string) *os.File {
	name := filepath.Join(dir, tempLock)
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil
	}
	if !hold(f) || os.Rename(name+".new", name) != nil {
		_ = f.Close()
		return nil
	}
	return f
}

// sweepKilled removes the temporary folders of processes that were killed. What
// it has not come to when ctx ends stays for the next one.
func (s *contentStore) sweepKilled(ctx context.Context) error {
	if s.durable {
		return nil
	}
	own, err := s.folder()
	if err != nil {
		return err
	}
	parent := filepath.Dir(own)
	all, err := os.ReadDir(parent)
	if err != nil {
		return fmt.Errorf("read the temporary folder: %w", err)
	}
	for _, e := range all {
		if !strings.HasPrefix(e.Name(), tempPrefix) {
			continue
		}
		dir := filepath.Join(parent, e.Name())
		f, err := os.OpenFile(filepath.Join(dir, tempLock), os.O_RDWR, 0)
		if err != nil {
			continue // somebody else's
		}
		if hold(f) {
			err = removeKilled(ctx, dir)
		}
		if _ = f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// removeKilled removes a temporary folder, its lock last: by that the next one
// knows what is left when ctx ends. What cannot be removed costs space and
// nothing else.
func removeKilled(ctx context.Context, dir string) error {
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f.Name() != tempLock {
			_ = os.Remove(filepath.Join(dir, f.Name()))
		}
	}
	_ = os.RemoveAll(dir)
	return nil
}

// create opens a new file for writing. finish makes it last.
func (s *contentStore) create() (*os.File, error) {
	dir, err := s.folder()
	if err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Join(dir, newHex(12)), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
}

// finish closes a written file, on the disk where that is promised.
func (s *contentStore) finish(f *os.File) (name string, err error) {
	if s.durable {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil && s.durable {
		err = syncDir(filepath.Dir(f.Name()))
	}
	return filepath.Base(f.Name()), err
}

// discard drops a file that was not finished.
func (s *contentStore) discard(f *os.File) {
	_ = f.Close()
	s.remove(filepath.Base(f.Name()))
}

// remove deletes a file. One that cannot be deleted costs space and nothing
// else.
func (s *contentStore) remove(name string) {
	if dir, err := s.folder(); err == nil {
		_ = os.Remove(filepath.Join(dir, name))
	}
}

func (s *contentStore) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.temp {
		return nil
	}
	err := os.RemoveAll(s.dir)
	if s.held != nil {
		err = errors.Join(err, s.held.Close())
	}
	return err
}

// release deletes contents that no file has any more. It fails silently: the
// files that had them are gone already.
func (s *contentStore) release(ctx context.Context, db *store, blobs []int64) {
	ctx = context.WithoutCancel(ctx)
	for _, b := range blobs {
		rows, err := db.write.QueryContext(ctx, `SELECT file FROM segments WHERE blob = ? AND NOT EXISTS(SELECT 1 FROM nodes WHERE blob = ?)`, b, b)
		if err != nil {
			return
		}
		var names []string
		for rows.Next() {
			var name string
			if rows.Scan(&name) == nil {
				names = append(names, name)
			}
		}
		if errors.Join(rows.Err(), rows.Close()) != nil || len(names) == 0 {
			continue
		}
		if _, err := db.write.ExecContext(ctx, `DELETE FROM segments WHERE blob = ?`, b); err != nil {
			return
		}
		for _, name := range names {
			s.remove(name)
		}
	}
}

// content is a file that can be read at any offset. Close it.
type content interface {
	io.ReaderAt
	io.Closer
}

// open gives the content of a file.
func (t *tree) open(ctx context.Context, q querier, n *node) (content, error) {
	if n.blob == 0 {
		if n.hasOrigin {
			return noClose{t.world.Content(n.origin, n.size)}, nil
		}
		return noClose{emptyContent{}}, nil
	}
	dir, err := t.s.files.folder()
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, `SELECT size, file FROM segments WHERE blob = ? ORDER BY seq`, n.blob)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	c := &segmented{}
	for rows.Next() {
		var size int64
		var name string
		if err := rows.Scan(&size, &name); err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.starts = append(c.starts, c.size)
		c.size += size
		c.names = append(c.names, filepath.Join(dir, name))
	}
	c.files = make([]*os.File, len(c.names))
	return c, rows.Err()
}

type noClose struct{ io.ReaderAt }

// Close does nothing.
func (noClose) Close() error { return nil }

type emptyContent struct{}

// ReadAt is at the end.
func (emptyContent) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

// segmented is a content of several files, one after another. They are opened
// when they are reached.
type segmented struct {
	starts []int64
	names  []string
	size   int64

	mu    sync.Mutex
	files []*os.File
}

// ReadAt reads across the files.
func (c *segmented) ReadAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		at := off + int64(done)
		if at >= c.size {
			return done, io.EOF
		}
		i := c.segment(at)
		end := c.size
		if i+1 < len(c.starts) {
			end = c.starts[i+1]
		}
		f, err := c.file(i)
		if err != nil {
			return done, err
		}
		n, err := f.ReadAt(p[done:min(int64(len(p)), int64(done)+end-at)], at-c.starts[i])
		done += n
		if n == 0 {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return done, err
		}
	}
	return done, nil
}

// segment is the last one that begins at or before an offset and is not empty.
func (c *segmented) segment(at int64) int {
	lo, hi := 0, len(c.starts)
	for lo < hi {
		if m := (lo + hi) / 2; c.starts[m] <= at {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo - 1
}

func (c *segmented) file(i int) (*os.File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files[i] == nil {
		f, err := os.Open(c.names[i])
		if err != nil {
			return nil, err
		}
		c.files[i] = f
	}
	return c.files[i], nil
}

// Close closes the files.
func (c *segmented) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.files {
		if f != nil {
			_ = f.Close() // it was only read
		}
	}
	return nil
}
