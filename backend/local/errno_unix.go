//go:build !windows

package local

import (
	"errors"
	"os"
	"strings"
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
	return errors.Is(err, syscall.ENAMETOOLONG) || errors.Is(err, syscall.EILSEQ) || refusedToMake(err)
}

// refusedToMake tells whether something could not be made because of its name:
// FAT and its like say EINVAL, which means other things of other calls.
func refusedToMake(err error) bool {
	var on *os.PathError
	return errors.As(err, &on) && errors.Is(err, syscall.EINVAL) &&
		(strings.HasPrefix(on.Op, "open") || strings.HasPrefix(on.Op, "mkdir"))
}

func isBusy(err error) bool {
	return errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.ETXTBSY)
}
