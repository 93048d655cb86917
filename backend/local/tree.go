package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"ferry/backend"
)

// The methods whose name ends in In take the target folder of a transfer and a
// slash-separated path below it. They work through os.Root: neither ".." nor a
// symbolic link leads them out of the target.

// Open opens a source for reading. What is not a regular file (a pipe, a
// device) is refused, since reading it could block for ever.
func (*FS) Open(path string) (*os.File, error) {
	const op = "read file"
	path, err := absolute(op, path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, wrap(op, path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, &backend.Error{
			Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Type: backend.TypeNotRegular, Op: op, Path: path,
			Title: "Not a File", Message: "Only regular files can be transferred.",
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, wrap(op, path, err)
	}
	return f, nil
}

// FindIn describes an entry of the target without following a link in its last
// element.
func (*FS) FindIn(ctx context.Context, root, rel string) (backend.Entry, error) {
	const op = "find"
	path := shown(root, rel)
	if err := ctx.Err(); err != nil {
		return backend.Entry{}, err
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return backend.Entry{}, wrap(op, path, err)
	}
	defer r.Close()
	info, err := r.Lstat(filepath.FromSlash(rel))
	if err != nil {
		return backend.Entry{}, wrap(op, path, err)
	}
	return describe(path, info, func() (fs.FileInfo, error) { return r.Stat(filepath.FromSlash(rel)) }), nil
}

// MkdirIn makes a folder of the target with those above it. It tells whether
// the folder is new.
func (*FS) MkdirIn(ctx context.Context, root, rel string) (created bool, err error) {
	const op = "make folder"
	if err := ctx.Err(); err != nil {
		return false, err
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return false, wrap(op, root, err)
	}
	defer r.Close()
	name := filepath.FromSlash(rel)
	if info, err := r.Stat(name); err == nil {
		if !info.IsDir() {
			return false, wrap(op, shown(root, rel), fs.ErrExist)
		}
		return false, nil
	}
	if err := r.MkdirAll(name, 0o777); err != nil {
		return false, wrap(op, shown(root, rel), err)
	}
	return true, nil
}

// Reserve takes the room of a file before its content comes, in one piece where
// the disk can do that. Only a full disk is an error.
func (*FS) Reserve(f *os.File, size int64) error {
	if err := reserve(f, size); isFull(err) {
		return wrap("write file", f.Name(), err)
	}
	return nil
}

// CommitIn makes a finished partial visible under its real name: flushed to the
// disk, with its modification time, in one step. Without replace an existing
// target is an error and the partial stays. f is closed in every case.
func (s *FS) CommitIn(f *os.File, root, partial, rel string, modified time.Time, replace bool) error {
	const op = "finish file"
	path := shown(root, rel)
	defer f.Close() // what was written is on the disk by then; until it has its name nobody else begins it
	if err := s.flush.sync(f); err != nil {
		return wrap(op, path, err)
	}
	if err := yield(f); err != nil {
		return wrap(op, path, err)
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return wrap(op, path, err)
	}
	defer r.Close()
	from, to := filepath.FromSlash(partial), filepath.FromSlash(rel)
	if old, err := r.Lstat(to); err == nil {
		switch {
		case old.IsDir():
			return wrap(op, path, fs.ErrExist)
		case !replace:
			return wrap(op, path, fs.ErrExist)
		case old.Mode().IsRegular():
			// The new content keeps the rights of the file that it replaces.
			if err := r.Chmod(from, old.Mode().Perm()); err != nil && !errors.Is(err, fs.ErrPermission) {
				return wrap(op, path, err)
			}
		}
	}
	if !modified.IsZero() {
		if err := r.Chtimes(from, modified, modified); err != nil {
			return wrap(op, path, err)
		}
	}
	if replace {
		err = r.Rename(from, to)
	} else {
		err = s.move(r, from, to) // somebody may have come meanwhile
	}
	if err != nil {
		return wrap(op, path, err)
	}
	return s.syncFolder(r, filepath.Dir(to), op, path)
}

// syncFolder makes a rename survive a power loss. Windows has no such call and
// some network disks refuse it, which loses nothing that was promised there.
func (s *FS) syncFolder(r *os.Root, dir, op, path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := r.Open(dir)
	if err != nil {
		return nil //nolint:nilerr // a folder that may be written but not read cannot be flushed
	}
	err = s.flush.sync(d)
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	if err != nil && (isFull(err) || errors.Is(err, os.ErrDeadlineExceeded)) {
		return wrap(op, path, err)
	}
	return nil
}

// RemoveIn deletes one file of the target; a missing one is no error.
func (*FS) RemoveIn(root, rel string) error {
	const op = "delete"
	r, err := os.OpenRoot(root)
	if err != nil {
		return wrap(op, shown(root, rel), err)
	}
	defer r.Close()
	if err := r.Remove(filepath.FromSlash(rel)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return wrap(op, shown(root, rel), err)
	}
	return nil
}

// RenameIn moves a file of the target within it, replacing what is there.
func (*FS) RenameIn(root, from, to string) error {
	const op = "rename"
	r, err := os.OpenRoot(root)
	if err != nil {
		return wrap(op, shown(root, from), err)
	}
	defer r.Close()
	if err := r.Rename(filepath.FromSlash(from), filepath.FromSlash(to)); err != nil {
		return wrap(op, shown(root, from), err)
	}
	return nil
}

// ChtimesIn sets the modification time of an entry of the target.
func (*FS) ChtimesIn(root, rel string, modified time.Time) error {
	const op = "set time"
	r, err := os.OpenRoot(root)
	if err != nil {
		return wrap(op, shown(root, rel), err)
	}
	defer r.Close()
	if err := r.Chtimes(filepath.FromSlash(rel), modified, modified); err != nil {
		return wrap(op, shown(root, rel), err)
	}
	return nil
}

// Free is the number of bytes that the user may still write on the volume of
// dir.
func (*FS) Free(dir string) (int64, error) {
	n, err := free(dir)
	if err != nil {
		return 0, wrap("check free space", dir, err)
	}
	return n, nil
}

func shown(root, rel string) string { return filepath.Join(root, filepath.FromSlash(rel)) }
