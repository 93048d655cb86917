package local

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Two programs that download one file to one place have one partial, and must
// not write into it both. So who opens one has it alone until it is closed: the
// system keeps that as a lock on the open file, which ends with the program,
// however that ends. Who finishes, moves or removes a partial has it alone too,
// and who has waited for it looks whether it still is what its name stands for.
// A file system that knows no locks goes without.

// renewals is how often a partial may be another one by the time it is locked.
const renewals = 10

// OpenPartialIn opens the partial file of a download for reading and writing,
// and makes it when it is missing. Whatever else stands under that name is
// removed first. Nobody else can open it until it is closed: while another
// program, or another download of this one, has it, it is left as it is and the
// error is of backend.TypePartialTaken.
func (s *FS) OpenPartialIn(root, rel string) (*os.File, error) {
	const op = "write file"
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, wrap(op, root, err)
	}
	defer r.Close()
	name := filepath.FromSlash(rel)
	if info, err := r.Lstat(name); err == nil && !info.Mode().IsRegular() {
		if err := r.Remove(name); err != nil {
			return nil, wrap(op, shown(root, rel), err)
		}
	}
	f, err := s.claim(r, name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, wrap(op, shown(root, rel), err)
	}
	return f, nil
}

// claim opens the file of a name and locks it. The file may have got another name
// in between, when who had it was done with it.
func (s *FS) claim(r *os.Root, name string, flag int) (*os.File, error) {
	for range renewals {
		f, err := r.OpenFile(name, flag, 0o666)
		if err != nil {
			return nil, err
		}
		switch err := s.lock(f); {
		case errors.Is(err, errTaken):
			f.Close() //nolint:gosec // nothing was written
			return nil, err
		case err != nil: // this file system does not lock
			return f, nil //nolint:nilerr // as it always did
		}
		opened, err := f.Stat()
		if err != nil {
			f.Close() //nolint:gosec // nothing was written
			return nil, err
		}
		if there, err := r.Lstat(name); err == nil && os.SameFile(opened, there) {
			return f, nil
		}
		f.Close() //nolint:gosec // nothing was written
	}
	return nil, errTaken
}

// RemovePartialIn deletes a partial of the target. A missing one is no error, nor
// is one that somebody has open, which stays.
func (s *FS) RemovePartialIn(root, rel string) error {
	const op = "delete"
	r, err := os.OpenRoot(root)
	if err != nil {
		return wrap(op, shown(root, rel), err)
	}
	defer r.Close()
	name := filepath.FromSlash(rel)
	info, err := r.Lstat(name)
	if err == nil && info.Mode().IsRegular() {
		var f *os.File
		if f, err = s.claim(r, name, os.O_RDWR); err == nil { // else it cannot be opened by anybody like us
			defer f.Close()
		}
	}
	if errors.Is(err, errTaken) || errors.Is(err, fs.ErrNotExist) { // what is there the next moment is of somebody else
		return nil
	}
	if err := r.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return wrap(op, shown(root, rel), err)
	}
	return nil
}

// SetAsideIn gives an open partial another name in its target, replacing what has
// it. f is closed in every case.
func (*FS) SetAsideIn(f *os.File, root, partial, to string) error {
	const op = "rename"
	path := shown(root, partial)
	defer f.Close() // only now may somebody else begin a partial of that name
	if err := yield(f); err != nil {
		return wrap(op, path, err)
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return wrap(op, path, err)
	}
	defer r.Close()
	return wrap(op, path, r.Rename(filepath.FromSlash(partial), filepath.FromSlash(to)))
}

// closedBefore tells that a partial is closed before it is renamed. Windows would
// give the file the time of its closing otherwise; for that moment the partial is
// nobody's there.
const closedBefore = runtime.GOOS == "windows"

// yield closes a partial that is about to be renamed, where it has to be.
func yield(f *os.File) error {
	if closedBefore {
		return f.Close()
	}
	return nil
}

var errTaken = errors.New("another program has it open")
