package local

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock takes an open file for who has opened it, until it is closed. errTaken is
// that somebody else has it; every other error that it cannot be locked. Windows
// locks bytes against everybody, so it is one that no file has.
func lock(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		at := &windows.Overlapped{OffsetHigh: 1 << 30}
		failed = windows.LockFileEx(windows.Handle(fd), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	})
	if errors.Is(failed, windows.ERROR_LOCK_VIOLATION) || errors.Is(failed, windows.ERROR_IO_PENDING) {
		return errTaken
	}
	return errors.Join(err, failed)
}
