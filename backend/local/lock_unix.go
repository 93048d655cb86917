//go:build !windows

package local

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock takes an open file for who has opened it, until it is closed. errTaken is
// that somebody else has it; every other error that it cannot be locked (NFS
// without a lock service, some FUSE). SMB refuses a lock for want of access.
func lock(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		for failed = unix.EINTR; errors.Is(failed, unix.EINTR); {
			failed = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB) //nolint:gosec // descriptors fit
		}
	})
	if errors.Is(failed, unix.EWOULDBLOCK) || errors.Is(failed, unix.EACCES) {
		return errTaken
	}
	return errors.Join(err, failed)
}
