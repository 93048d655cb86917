package local

import (
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"ferry/backend"
)

// Disks that refuse names of Windows are told from those that hold all.
func TestDisksOfWindows(t *testing.T) {
	for kind, want := range map[int64][2]bool{
		unix.MSDOS_SUPER_MAGIC:            {true, false},
		unix.EXFAT_SUPER_MAGIC:            {true, false},
		ntfs3:                             {false, true},
		unix.SMB2_SUPER_MAGIC:             {false, true},
		int64(int32(-0x1acb2be)):          {false, true}, // the same on 32 bits
		unix.EXT4_SUPER_MAGIC:             {false, false},
		unix.TMPFS_MAGIC:                  {false, false},
		unix.BTRFS_SUPER_MAGIC:            {false, false},
		int64(unix.OVERLAYFS_SUPER_MAGIC): {false, false},
	} {
		if always, perhaps := ofWindows(kind); always != want[0] || perhaps != want[1] {
			t.Errorf("%x: %v, %v", kind, always, perhaps)
		}
	}
	dir := t.TempDir()
	if refusesColon(dir) || namesLikeWindows(dir) {
		t.Error("the folder of the test is taken for one of Windows")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A disk that refuses a name says EINVAL, which otherwise means something else.
func TestANameThatTheDiskRefuses(t *testing.T) {
	for op, want := range map[string]string{
		"openat": TypeName, "mkdirat": TypeName, "open": TypeName, "mkdir": TypeName, "write": TypeFailed, "fsync": TypeFailed,
	} {
		err := wrap("write file", "a:b", &os.PathError{Op: op, Path: "a:b", Err: syscall.EINVAL})
		if e := backend.AsError(err); e.Type != want {
			t.Errorf("%s: %s", op, e.Type)
		}
	}
	err := wrap("rename", "a", &os.LinkError{Op: "rename", Old: "a", New: "a/b", Err: syscall.EINVAL}) // into itself
	if e := backend.AsError(err); e.Type != TypeFailed {
		t.Errorf("rename: %s", e.Type)
	}
}
