package local

import "golang.org/x/sys/unix"

// renameNew renames between open folders, unless the new name is taken.
func renameNew(from int, old string, to int, name string) error {
	return unix.Renameat2(from, old, to, name, unix.RENAME_NOREPLACE)
}
