package server

import (
	"context"
	"strings"
	"time"

	"ferry/pathutil"
)

// treeEntry is one file or folder as automations see it.
type treeEntry struct {
	Path     string // identity form
	Dir      bool
	Size     int64
	Modified time.Time
}

// treeOps is what automations, locks and share links need of the files. Errors
// are those that a client would get for the same.
type treeOps interface {
	Exists(ctx context.Context, path string) bool
	Entries(ctx context.Context, folder string) ([]treeEntry, error)
	Copy(ctx context.Context, userID int64, from, to string, overwrite bool) error
	Move(ctx context.Context, userID int64, from, to string, overwrite bool) error
	Delete(ctx context.Context, userID int64, path string) error
	// MakeFolder makes a folder with its parents; one that is there is fine.
	MakeFolder(ctx context.Context, userID int64, path string) error
}

// found is a file that a pattern has matched, with the part of its path below
// the folder that the automation's path stands for.
type found struct {
	path, below string
}

// findFiles are the files that path and source of an automation match, without
// those that are excluded. Folders are opened only where the pattern leads.
func findFiles(ctx context.Context, tree treeOps, folder, source, exclude string) ([]found, error) {
	var out []found
	seen := map[string]bool{}
	for _, f := range braces(strings.Trim(folder, "/")) {
		base := len(pathutil.Split(f))
		for _, s := range braces(strings.Trim(source, "/")) {
			pattern := append(pathutil.Split(f), pathutil.Split(s)...)
			err := walkGlob(ctx, tree, "", pattern, func(e treeEntry) {
				if e.Dir || seen[e.Path] || exclude != "" && matchesAny(exclude, e.Path) {
					return
				}
				seen[e.Path] = true
				elements := pathutil.Split(e.Path)
				below := elements[min(base, len(elements)-1):]
				out = append(out, found{e.Path, strings.Join(below, "/")})
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// walkGlob visits what a pattern matches below a folder.
func walkGlob(ctx context.Context, tree treeOps, at string, pattern []string, visit func(treeEntry)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for len(pattern) > 1 && !hasGlob(pattern[0]) {
		at, pattern = pathutil.Join(at, pattern[0]), pattern[1:]
		if !tree.Exists(ctx, at) {
			return nil
		}
	}
	if len(pattern) == 0 {
		return nil
	}
	entries, err := tree.Entries(ctx, at)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := pathutil.Base(e.Path)
		if pattern[0] == "**" {
			if len(pattern) == 1 || globPath(pattern[1:], []string{name}) {
				visit(e)
			}
			if e.Dir {
				if err := walkGlob(ctx, tree, e.Path, pattern, visit); err != nil {
					return err
				}
			}
			continue
		}
		if !globName(pattern[0], name) {
			continue
		}
		if len(pattern) == 1 {
			visit(e)
		} else if e.Dir {
			if err := walkGlob(ctx, tree, e.Path, pattern[1:], visit); err != nil {
				return err
			}
		}
	}
	return nil
}
