package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/adrg/xdg"
)

// CanTrash tells whether Trash can keep path: there is a home trash on the same
// volume. Otherwise only Delete is left, and the screen has to say so.
func (*FS) CanTrash(path string) bool {
	_, err := trashFor(path)
	return err == nil
}

// Trash moves a file or folder into the desktop's trash, from where the desktop
// can restore it (freedesktop.org Trash specification 1.0). It never deletes:
// where there is no trash it fails.
func (*FS) Trash(ctx context.Context, path string) error {
	const op = "move to trash"
	if err := ctx.Err(); err != nil {
		return err
	}
	path, err := absolute(op, path)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err != nil {
		return wrap(op, path, err)
	}
	bin, err := trashFor(path)
	if err != nil {
		return wrap(op, path, err)
	}
	if err := putInto(bin, path, time.Now()); err != nil {
		return wrap(op, path, err)
	}
	return nil
}

// trashFor gives the home trash when it is on the volume of path.
func trashFor(path string) (string, error) {
	bin := filepath.Join(xdg.DataHome, "Trash")
	if within(bin, path) {
		return "", errNoTrash // the trash itself, or a folder that holds it
	}
	for _, sub := range []string{"files", "info"} {
		if err := os.MkdirAll(filepath.Join(bin, sub), 0o700); err != nil {
			return "", err
		}
	}
	a, err := device(bin)
	if err != nil {
		return "", err
	}
	b, err := device(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	if a != b {
		return "", errNoTrash
	}
	return bin, nil
}

// within tells whether one of two paths is the other or lies below it.
func within(a, b string) bool {
	up := ".." + string(filepath.Separator)
	for _, p := range [][2]string{{a, b}, {b, a}} {
		if rel, err := filepath.Rel(p[0], p[1]); err == nil && rel != ".." && !strings.HasPrefix(rel, up) {
			return true
		}
	}
	return false
}

func device(path string) (uint64, error) {
	var st syscall.Stat_t
	if err := syscall.Stat(path, &st); err != nil {
		return 0, err
	}
	return uint64(st.Dev), nil //nolint:unconvert // the type differs between architectures
}

// putInto writes the .trashinfo first, exclusively, which reserves the name,
// and then moves the entry.
func putInto(bin, path string, now time.Time) error {
	base := filepath.Base(path)
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = base + "." + strconv.Itoa(n)
		}
		info := filepath.Join(bin, "info", name+".trashinfo")
		f, err := os.OpenFile(info, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) && n < 10_000 {
			continue
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(f, "[Trash Info]\nPath=%s\nDeletionDate=%s\n",
			(&url.URL{Path: path}).EscapedPath(), now.Local().Format("2006-01-02T15:04:05"))
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err == nil {
			err = os.Rename(path, filepath.Join(bin, "files", name))
		}
		if err != nil {
			return errors.Join(err, os.Remove(info))
		}
		return nil
	}
}
