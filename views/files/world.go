package files

import (
	"context"

	"ferry/backend"
)

// world is one side as a pane needs it: the site or this machine.
type world interface {
	side() backend.Side
	name() string
	home() string
	parent(dir string) string
	join(dir, name string) string
	// show is a path as the screen writes it.
	show(path string) string
	// resolve turns what a person typed into a path; dir is where they are.
	resolve(typed, dir string) string
	same(a, b string) bool
	within(parent, child string) bool

	list(ctx context.Context, dir string, q backend.FolderQuery) (backend.Page[backend.Entry], error)
	find(ctx context.Context, path string) (backend.Entry, error)
	mkdir(ctx context.Context, path string, parents bool) (backend.Entry, error)
	preview(ctx context.Context, e backend.Entry, limit int64) ([]byte, error)

	rename(from, to string) work
	remove(e backend.Entry) work
}
