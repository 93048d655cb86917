package local

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"ferry/backend"
)

// The types of local errors. They look like the wire types of the site so that
// one rule routes both.
const (
	TypeNotFound   = "local/not-found"
	TypePermission = "local/permission-denied"
	TypeExists     = "local/destination-exists"
	TypeNotEmpty   = "local/folder-not-empty"
	TypeFull       = "local/disk-full"
	TypeReadOnly   = "local/read-only"
	TypeName       = "local/name-not-possible"
	TypeEscape     = "local/path-escapes"
	TypeNotFolder  = "local/not-a-folder"
	TypeOtherDisk  = "local/other-volume"
	TypeBusy       = "local/in-use"
	TypeFailed     = "local/failed"
)

var (
	errTop      = errors.New("the top of a volume cannot be deleted")
	errRelative = errors.New("the path is not absolute")
	errNoTrash  = errors.New("this system has no trash that can be used from here")
)

// wrap turns a failure of the operating system into a *backend.Error with a
// message for people. Cancelling stays what it is, nil stays nil.
func wrap(op, path string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var known *backend.Error
	if errors.As(err, &known) {
		return err
	}
	typ, title, msg := explain(err)
	return &backend.Error{
		Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Type: typ,
		Title: title, Message: msg, Op: op, Path: path, Cause: err,
	}
}

// Explain turns a failure of an open file into a *backend.Error with a message
// for people. Other errors stay what they are.
func (*FS) Explain(op, path string, err error) error { return wrap(op, path, err) }

func explain(err error) (typ, title, msg string) {
	switch {
	case isFull(err):
		return TypeFull, "Disk Full", "The disk is full."
	case isNotEmpty(err):
		return TypeNotEmpty, "Folder Not Empty", "The folder is not empty."
	case isReadOnly(err):
		return TypeReadOnly, "Read-Only Disk", "The disk is read-only."
	case isBadName(err):
		return TypeName, "Name Not Possible", "This system cannot hold a name like that."
	case isNotDir(err):
		return TypeNotFolder, "Not a Folder", "A part of the path is a file, not a folder."
	case isOtherVolume(err):
		return TypeOtherDisk, "Other Volume", "The destination is on another disk; copy it there instead."
	case errors.Is(err, errTaken):
		return backend.TypePartialTaken, "Downloaded Already", "Another program is downloading to this place. Wait for it, or choose another folder."
	case isBusy(err):
		return TypeBusy, "In Use", "Another program is using it."
	case errors.Is(err, fs.ErrNotExist):
		return TypeNotFound, "Not Found", "There is no such file or folder on this machine."
	case errors.Is(err, fs.ErrPermission):
		return TypePermission, "Permission Denied", "This machine does not let you do that here."
	case errors.Is(err, fs.ErrExist):
		return TypeExists, "Destination Exists", "Something with this name is already there."
	case strings.Contains(err.Error(), "escapes from parent"):
		// os.Root's error value is not exported.
		return TypeEscape, "Outside the Target", "The path leads out of the target folder."
	}
	return TypeFailed, "Disk Error", sentence(cause(err).Error())
}

// cause strips the wrappers that repeat operation and path.
func cause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// sentence makes a system's message end like one.
func sentence(s string) string {
	if s == "" {
		return "The disk reported a failure."
	}
	return "The disk said: " + strings.TrimSuffix(s, ".") + "."
}
