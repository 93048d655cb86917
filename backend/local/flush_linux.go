package local

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// volumeOf names the volume of an open file.
func volumeOf(f *os.File) (uint64, bool) {
	info, err := f.Stat()
	if err != nil {
		return 0, false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return uint64(st.Dev), true //nolint:unconvert // the type differs between architectures
}

// syncVolume flushes everything on the volume of f.
func syncVolume(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = unix.Syncfs(int(fd)) }); err != nil { //nolint:gosec // a descriptor fits
		return err
	}
	return os.NewSyscallError("syncfs", failed)
}
