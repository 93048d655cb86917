// Package files is the browser: this machine on the left, the site on the
// right.
package files

import (
	"context"

	"ferry/backend"
)

// Store is the site as its pane needs it. Paths are in identity form; errors
// are *backend.Error or the error of ctx.
type Store interface {
	List(ctx context.Context, path string, q backend.FolderQuery) (backend.Page[backend.Entry], error)
	Find(ctx context.Context, path string) (backend.Entry, error)
	Mkdir(ctx context.Context, path string, parents bool) (backend.Entry, error)
	Delete(ctx context.Context, path string, recursive bool) error
	// Copy and Move take full target paths. What the site does not finish at
	// once comes back as a migration that is not Done (PROTOCOL.md 11).
	Copy(ctx context.Context, from, to string, overwrite bool) (backend.Migration, error)
	Move(ctx context.Context, from, to string, overwrite bool) (backend.Migration, error)
	Migration(ctx context.Context, id int64) (backend.Migration, error)
	// Preview gives at most limit bytes from the beginning of a file.
	Preview(ctx context.Context, e backend.Entry, limit int64) ([]byte, error)
}

// Disk is this machine's file system as its pane needs it. Paths are absolute
// and in the system's own form.
type Disk interface {
	Home() string
	Parent(dir string) string
	Join(dir, name string) string
	List(ctx context.Context, dir string, q backend.FolderQuery) (backend.Page[backend.Entry], error)
	Find(ctx context.Context, path string) (backend.Entry, error)
	Mkdir(ctx context.Context, path string, parents bool) (backend.Entry, error)
	Rename(ctx context.Context, from, to string) error
	Delete(ctx context.Context, path string, recursive bool) error
	CanTrash(path string) bool
	Trash(ctx context.Context, path string) error
	Preview(ctx context.Context, e backend.Entry, limit int64) ([]byte, error)
}

// Queue takes transfers. The destination is frozen when one is added.
type Queue interface {
	Add(ctx context.Context, r backend.TransferRequest) (backend.JobID, error)
}

// Options is how the screen starts.
type Options struct {
	LocalDir  string // "" is the home folder
	RemoteDir string // "" is the top of the site
	Hidden    bool   // show names that begin with a dot
	ReadOnly  bool   // nothing on the site may be changed
}
