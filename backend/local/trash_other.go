//go:build !linux

package local

import "context"

// CanTrash tells whether Trash can keep path. On this system it cannot: only
// Delete is left, and the screen has to say so.
func (*FS) CanTrash(string) bool { return false }

// Trash fails on this system and deletes nothing.
func (*FS) Trash(ctx context.Context, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return wrap("move to trash", path, errNoTrash)
}
