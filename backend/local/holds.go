package local

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"

	"ferry/backend"
)

// looks bounds how many names of a folder are looked at to learn of its case.
const looks = 1000

// Holds tells which names a folder can hold. Whether case matters depends on
// the disk, not on the system, so it is looked for: one of the names that are
// there is asked for in the other case. In a folder without any, a file is made
// for a moment. A disk that comes from Windows refuses the names that Windows
// does, whatever system it is mounted on. A folder that is missing holds what the one above it does.
func (*FS) Holds(ctx context.Context, dir string) (backend.DiskNames, error) {
	const op = "look at folder"
	h := backend.DiskNames{System: runtime.GOOS}
	dir, err := absolute(op, dir)
	if err != nil {
		return h, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return h, err
		}
		h.IgnoresCase, err = ignoresCase(dir)
		if err == nil {
			if namesLikeWindows(dir) {
				h.System = "windows"
			}
			return h, nil
		}
		above := filepath.Dir(dir)
		if !errors.Is(err, os.ErrNotExist) || above == dir {
			return h, wrap(op, dir, err)
		}
		dir = above
	}
}

func ignoresCase(dir string) (bool, error) {
	d, err := os.Open(dir)
	if err != nil {
		if errors.Is(err, os.ErrPermission) {
			return sameInOtherCase(filepath.Dir(dir), filepath.Base(dir)), nil
		}
		return false, err
	}
	defer d.Close()
	names, err := d.Readdirnames(looks)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	there := map[string]bool{}
	for _, n := range names {
		there[n] = true
	}
	for _, n := range names {
		if other := otherCase(n); other != n {
			return !there[other] && sameInOtherCase(dir, n), nil
		}
	}
	f, err := os.CreateTemp(dir, ".ferry-case-*")
	if err != nil { // nothing can be put there: what is above says as much as can be known
		return sameInOtherCase(filepath.Dir(dir), filepath.Base(dir)), nil
	}
	defer os.Remove(f.Name())
	defer f.Close()
	return sameInOtherCase(dir, filepath.Base(f.Name())), nil
}

// sameInOtherCase tells whether a name that is there is found in the other case
// too.
func sameInOtherCase(dir, name string) bool {
	other := otherCase(name)
	a, err := os.Lstat(filepath.Join(dir, name))
	if err != nil || other == name {
		return false
	}
	b, err := os.Lstat(filepath.Join(dir, other))
	return err == nil && os.SameFile(a, b)
}

// otherCase turns the ASCII letters of a name round, which every disk that
// ignores case agrees on.
func otherCase(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r > unicode.MaxASCII:
			return r
		case unicode.IsUpper(r):
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, name)
}
