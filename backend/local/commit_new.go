//go:build linux || darwin

package local

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// moveNew renames within a folder tree unless something stands there, in one
// step: what somebody else puts there in the meantime is not written over.
func moveNew(r *os.Root, from, to string) error { return moveBy(renameNew, r, from, to) }

// moveBy is moveNew with the call that does it. File systems and kernels that do
// not know the call say so; what the caller has seen of the target has to do
// there.
func moveBy(rename func(from int, old string, to int, name string) error, r *os.Root, from, to string) error {
	source, err := r.Open(filepath.Dir(from))
	if err != nil {
		return r.Rename(from, to) // a folder that may be written but not read
	}
	defer source.Close()
	target, err := r.Open(filepath.Dir(to))
	if err != nil {
		return r.Rename(from, to)
	}
	defer target.Close()
	err = rename(int(source.Fd()), filepath.Base(from), int(target.Fd()), filepath.Base(to)) //nolint:gosec // descriptors fit
	runtime.KeepAlive(source)
	runtime.KeepAlive(target)
	switch {
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.EPERM):
		return r.Rename(from, to)
	case err != nil:
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
