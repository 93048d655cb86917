//go:build unix

package server

import (
	"os"

	"golang.org/x/sys/unix"
)

// hold locks a file for as long as it is open, and tells whether it could: not
// when another process has it.
func hold(f *os.File) bool { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil }
