// Package local is the local file system as the transfer engine and the local
// pane see it, on os.Root, so that no remote name climbs out of its target.
package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"ferry/backend"
)

// FS is this machine's file system. Paths are absolute and in the system's own
// form. Errors are *backend.Error of group backend.LocalDisk. It is safe for
// use by several goroutines.
type FS struct {
	mu       sync.Mutex
	listings map[string]*listing // open paged listings by id
	order    []string            // their ids, oldest first
	serial   uint64

	flush flusher
	move  func(r *os.Root, from, to string) error // a rename that replaces nothing
	lock  func(*os.File) error                    // takes a partial, or says that it is taken
}

// New gives the file system.
func New() *FS {
	return &FS{
		listings: map[string]*listing{}, move: moveNew, lock: lock,
		flush: flusher{one: (*os.File).Sync, volume: syncVolume},
	}
}

// Home is the user's home folder, the current folder when there is none.
func (*FS) Home() string {
	if h, err := os.UserHomeDir(); err == nil && filepath.IsAbs(h) {
		return filepath.Clean(h)
	}
	if wd, err := os.Getwd(); err == nil {
		return wd
	}
	return filepath.VolumeName(os.TempDir()) + string(filepath.Separator)
}

// Parent is the folder that holds dir; the top of a volume is its own parent.
func (*FS) Parent(dir string) string { return filepath.Dir(filepath.Clean(dir)) }

// Join appends the name of an entry to a folder.
func (*FS) Join(dir, name string) string { return filepath.Join(dir, name) }

// Find describes one file or folder. A symbolic link is described by what it
// points to and marked; a dangling one is a file.
func (*FS) Find(ctx context.Context, path string) (backend.Entry, error) {
	if err := ctx.Err(); err != nil {
		return backend.Entry{}, err
	}
	path, err := absolute("find", path)
	if err != nil {
		return backend.Entry{}, err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return backend.Entry{}, wrap("find", path, err)
	}
	e := describe(path, info, func() (fs.FileInfo, error) { return os.Stat(path) })
	return e, nil
}

// Mkdir makes one folder; with parents also those above it, and then an
// existing folder is no error.
func (*FS) Mkdir(ctx context.Context, path string, parents bool) (backend.Entry, error) {
	const op = "make folder"
	if err := ctx.Err(); err != nil {
		return backend.Entry{}, err
	}
	path, err := absolute(op, path)
	if err != nil {
		return backend.Entry{}, err
	}
	if parents {
		err = os.MkdirAll(path, 0o777)
	} else {
		err = os.Mkdir(path, 0o777)
	}
	if err != nil {
		return backend.Entry{}, wrap(op, path, err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return backend.Entry{}, wrap(op, path, err)
	}
	return describe(path, info, func() (fs.FileInfo, error) { return os.Stat(path) }), nil
}

// Rename gives a file or folder another path on the same volume. It never
// replaces anything: an existing destination is an error.
func (*FS) Rename(ctx context.Context, from, to string) error {
	const op = "rename"
	if err := ctx.Err(); err != nil {
		return err
	}
	from, err := absolute(op, from)
	if err != nil {
		return err
	}
	if to, err = absolute(op, to); err != nil {
		return err
	}
	source, err := os.Lstat(from)
	if err != nil {
		return wrap(op, from, err)
	}
	// On a file system that ignores case, "a" and "A" are the same file and the
	// rename only changes its spelling.
	if there, err := os.Lstat(to); err == nil && !os.SameFile(source, there) {
		return wrap(op, to, fs.ErrExist)
	}
	if err := os.Rename(from, to); err != nil {
		return wrap(op, from, err)
	}
	return nil
}

// Delete removes a file, a link (never what it points to) or a folder for good.
// A folder that is not empty needs recursive. ctx stops the work between two
// entries.
func (*FS) Delete(ctx context.Context, path string, recursive bool) error {
	const op = "delete"
	if err := ctx.Err(); err != nil {
		return err
	}
	path, err := absolute(op, path)
	if err != nil {
		return err
	}
	if filepath.Dir(path) == path {
		return wrap(op, path, errTop)
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return wrap(op, path, err)
	}
	defer root.Close()
	if !recursive {
		if err := root.Remove(filepath.Base(path)); err != nil {
			return wrap(op, path, err)
		}
		return nil
	}
	return removeTree(ctx, root, filepath.Base(path), path)
}

// removeTree deletes depth first. os.Root.RemoveAll cannot be cancelled and a
// big tree takes minutes, so folders are walked here.
func removeTree(ctx context.Context, root *os.Root, name, shown string) error {
	const op = "delete"
	if err := ctx.Err(); err != nil {
		return err
	}
	info, err := root.Lstat(name)
	if err != nil {
		return wrap(op, shown, err)
	}
	if info.IsDir() {
		dir, err := root.OpenRoot(name)
		if err != nil {
			return wrap(op, shown, err)
		}
		err = removeChildren(ctx, dir, shown)
		if cerr := dir.Close(); err == nil && cerr != nil {
			err = wrap(op, shown, cerr)
		}
		if err != nil {
			return err
		}
	}
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return wrap(op, shown, err)
	}
	return nil
}

func removeChildren(ctx context.Context, dir *os.Root, shown string) error {
	f, err := dir.Open(".")
	if err != nil {
		return wrap("delete", shown, err)
	}
	names, err := f.Readdirnames(-1)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return wrap("delete", shown, err)
	}
	for _, n := range names {
		if err := removeTree(ctx, dir, n, filepath.Join(shown, n)); err != nil {
			return err
		}
	}
	return nil
}

// describe makes an Entry. follow is asked only for links.
func describe(path string, info fs.FileInfo, follow func() (fs.FileInfo, error)) backend.Entry {
	e := backend.Entry{Path: path, Name: filepath.Base(path), Size: -1}
	if info.Mode()&fs.ModeSymlink != 0 {
		e.Link = true
		if target, err := follow(); err == nil {
			info = target
		}
	}
	e.Modified = info.ModTime().UTC()
	if info.IsDir() {
		e.Kind = backend.Folder
		return e
	}
	e.Size = info.Size()
	e.Special = !info.Mode().IsRegular()
	e.ETag = Identity(info)
	return e
}

// Identity tells two contents of a local file apart as far as size and
// modification time can.
func Identity(info fs.FileInfo) string {
	return strconv.FormatInt(info.Size(), 36) + "-" + strconv.FormatInt(info.ModTime().UnixNano(), 36)
}

// absolute cleans a path and refuses a relative one, whose meaning would depend
// on where the program was started.
func absolute(op, path string) (string, error) {
	if !filepath.IsAbs(path) {
		return "", wrap(op, path, errRelative)
	}
	return filepath.Clean(path), nil
}

// Clock is this machine's clock.
type Clock struct{}

// Now is the time.
func (Clock) Now() time.Time { return time.Now() }

// After delivers the time once d has passed.
func (Clock) After(d time.Duration) <-chan time.Time { return time.After(d) }
