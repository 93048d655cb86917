package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ferry/backend"
)

func TestChecksums(t *testing.T) {
	path := filepath.Join(t.TempDir(), "abc")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := backend.Checksums{
		CRC32: "352441c2", MD5: "900150983cd24fb0d6963f7d28e17f72", SHA1: "a9993e364706816aba3e25717850c26c9cd0d89d",
		SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	}
	if got, err := New().Checksums(t.Context(), path); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New().Checksums(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
	if _, err := New().Checksums(t.Context(), path+"x"); !errors.Is(err, backend.ClassLocalDisk) {
		t.Errorf("of a missing file: %v", err)
	}
}
