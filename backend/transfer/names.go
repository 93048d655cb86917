package transfer

import (
	"hash/fnv"

	"ferry/backend"
	"ferry/pathutil"
)

// names gives the entries of a download names that the disk can hold and tell
// apart. It is used by one goroutine.
type names struct {
	disk backend.DiskNames
	used map[[16]byte]bool // digests of folder and name, in comparison form, of those that may meet
}

// local maps a name of the site below a local folder, and says why it changed.
// Two names that had to change never become one; on a disk that ignores case,
// neither do two that differ in nothing else. What the disk takes for one is
// one to Files.com too.
func (n *names) local(dir, name string) (local, note string) {
	local, mapped := pathutil.LocalName(name, n.disk.System)
	if !mapped && !n.disk.IgnoresCase {
		return local, ""
	}
	if n.used == nil {
		n.used = map[[16]byte]bool{}
	}
	whole := pathutil.Fold(dir) + "\x00"
	free := pathutil.FreeName(local, func(folded string) bool { return n.used[digest(whole+folded)] })
	n.used[digest(whole+pathutil.Fold(free))] = true
	switch {
	case free != local:
		return free, "name changed to " + free + ": this disk takes it and another for one"
	case mapped:
		return free, "name changed to " + free
	}
	return free, ""
}

func digest(s string) (d [16]byte) {
	h := fnv.New128a()
	h.Write([]byte(s))
	h.Sum(d[:0])
	return d
}
