package server

import (
	"errors"
	"strings"
	"testing"

	"ferry/backend"
)

// TestDataFolderIsLocked: two sites cannot share a data folder, and one cannot
// become another world.
func TestDataFolderIsLocked(t *testing.T) {
	dir := t.TempDir()
	first, err := Open(t.Context(), Options{DataDir: dir, World: "small"})
	if err != nil {
		t.Fatal(err)
	}
	refused := func(o Options, word string) {
		t.Helper()
		s, err := Open(t.Context(), o)
		if err == nil {
			t.Fatal("it opens", s.Close())
		}
		var be *backend.Error
		if !errors.As(err, &be) || !strings.Contains(be.Message, word) {
			t.Errorf("%v does not say %q", err, word)
		}
	}
	refused(Options{DataDir: dir}, "another process")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	refused(Options{DataDir: dir, World: "huge"}, `"small"`)
	refused(Options{DataDir: dir, World: "demo"}, `"small"`)
	again, err := Open(t.Context(), Options{DataDir: dir}) // no name: the world that is there
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.world.Name != "small" {
		t.Errorf("the world is %q", again.world.Name)
	}
}
