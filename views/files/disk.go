package files

import (
	"context"
	"path/filepath"
	"strings"

	"ferry/backend"
	"ferry/pathutil"
)

// disk is the local world.
type disk struct {
	Disk
	top string // the home folder
}

func (disk) side() backend.Side             { return backend.Local }
func (disk) name() string                   { return "local" }
func (d disk) home() string                 { return d.top }
func (d disk) parent(dir string) string     { return d.Parent(dir) }
func (d disk) join(dir, name string) string { return d.Join(dir, name) }
func (disk) same(a, b string) bool          { return a == b }

func (d disk) within(parent, child string) bool {
	for {
		if parent == child {
			return true
		}
		up := d.Parent(child)
		if up == child {
			return false
		}
		child = up
	}
}

// show writes the home folder as "~".
func (d disk) show(path string) string { return pathutil.DisplayHome(path, d.top) }

func (d disk) resolve(typed, dir string) string {
	if rest, ok := strings.CutPrefix(typed, "~"); ok {
		return d.Join(d.top, rest)
	}
	if filepath.IsAbs(typed) {
		return filepath.Clean(typed)
	}
	return d.Join(dir, typed)
}

func (d disk) list(ctx context.Context, dir string, q backend.FolderQuery) (backend.Page[backend.Entry], error) {
	return d.List(ctx, dir, q)
}

func (d disk) find(ctx context.Context, path string) (backend.Entry, error) {
	return d.Find(ctx, path)
}

func (d disk) mkdir(ctx context.Context, path string, parents bool) (backend.Entry, error) {
	return d.Mkdir(ctx, path, parents)
}

func (d disk) preview(ctx context.Context, e backend.Entry, limit int64) ([]byte, error) {
	return d.Preview(ctx, e, limit)
}

func (d disk) rename(from, to string) work {
	return once(func(ctx context.Context) error { return d.Rename(ctx, from, to) })
}

func (d disk) remove(e backend.Entry) work {
	return once(func(ctx context.Context) error { return d.Delete(ctx, e.Path, e.IsDir() && !e.Link) })
}

func (d disk) trash(e backend.Entry) work {
	return once(func(ctx context.Context) error { return d.Trash(ctx, e.Path) })
}
