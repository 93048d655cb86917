package local

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// namesLikeWindows tells whether the disk of a folder refuses the names that
// Windows does: FAT and exFAT do whatever they are mounted on. Of those that may
// or may not, depending on how they were mounted, it is found out with a file
// that is there for a moment.
func namesLikeWindows(dir string) bool {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return false
	}
	always, perhaps := ofWindows(int64(s.Type)) //nolint:unconvert // the types differ between systems
	return always || perhaps && refusesColon(dir)
}

// ofWindows sorts the kinds of file systems (statfs(2)).
func ofWindows(kind int64) (always, perhaps bool) {
	switch kind & 0xffffffff { // the type is signed on some systems
	case unix.MSDOS_SUPER_MAGIC, unix.EXFAT_SUPER_MAGIC:
		return true, false
	case unix.FUSE_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.V9FS_MAGIC, ntfs, ntfs3:
		return false, true
	}
	return false, false
}

// The kinds of NTFS, which the header of the others does not have.
const (
	ntfs  = 0x5346544e
	ntfs3 = 0x7366746e
)

func refusesColon(dir string) bool {
	f, err := os.CreateTemp(dir, ".ferry-name-*:")
	if err != nil {
		return errors.Is(err, syscall.EINVAL) || isBadName(err)
	}
	f.Close()           //nolint:gosec // nothing was written
	os.Remove(f.Name()) //nolint:gosec // nothing else can be done
	return false
}
