//go:build !windows

package local

import (
	"errors"
	"syscall"
)

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// isNotEmpty comes before the check for fs.ErrExist, which ENOTEMPTY satisfies.
func isNotEmpty(err error) bool    { return errors.Is(err, syscall.ENOTEMPTY) }
func isReadOnly(err error) bool    { return errors.Is(err, syscall.EROFS) }
func isNotDir(err error) bool      { return errors.Is(err, syscall.ENOTDIR) }
func isOtherVolume(err error) bool { return errors.Is(err, syscall.EXDEV) }

func isBadName(err error) bool {
	return errors.Is(err, syscall.ENAMETOOLONG) || errors.Is(err, syscall.EILSEQ)
}

func isBusy(err error) bool {
	return errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.ETXTBSY)
}
