//go:build !linux && !darwin

package local

import "os"

// moveNew renames within a folder tree. No call here refuses a name that is
// taken; the caller has looked.
func moveNew(r *os.Root, from, to string) error { return r.Rename(from, to) }
