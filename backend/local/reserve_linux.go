package local

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve allocates the room of a file without changing its length.
func reserve(f *os.File, size int64) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		for {
			failed = unix.Fallocate(int(fd), unix.FALLOC_FL_KEEP_SIZE, 0, size) //nolint:gosec // a descriptor fits
			if !errors.Is(failed, unix.EINTR) {
				return
			}
		}
	})
	return errors.Join(err, os.NewSyscallError("fallocate", failed))
}
