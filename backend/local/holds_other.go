//go:build !linux

package local

// namesLikeWindows tells whether the disk of a folder refuses more names than
// the system does.
func namesLikeWindows(string) bool { return false }
