package backendtest

import (
	"slices"
	"testing"
	"time"

	"ferry/backend"
)

var relocationCases = []testCase{
	{name: "rename and move", run: moving},
	{name: "copy", run: copying},
	{name: "copy and move refused", run: refusedMoves},
}

// wait follows a migration to its end.
func (s *suite) wait(t *testing.T, m backend.Migration, err error) {
	t.Helper()
	if err == nil {
		err = s.c.WaitMigration(t.Context(), m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func moving(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "move")
	s.put(t, d+"/a", []byte("content"), time.Time{})
	m, err := s.c.Move(ctx, d+"/a", d+"/b", false)
	s.wait(t, m, err)
	if got := s.get(t, d+"/b", 0, -1); string(got) != "content" {
		t.Errorf("content %q", got)
	}
	m, err = s.c.Move(ctx, d+"/b", d+"/B", false) // another case of the same name
	s.wait(t, m, err)
	if names := s.names(t, d, backend.FolderQuery{}); !slices.Equal(names, []string{"B"}) {
		t.Errorf("names %q", names)
	}
	s.put(t, d+"/folder/deep/f", []byte("1"), time.Time{})
	m, err = s.c.Move(ctx, d+"/folder", d+"/moved", false)
	s.wait(t, m, err)
	if got := s.get(t, d+"/moved/deep/f", 0, -1); string(got) != "1" {
		t.Errorf("content %q", got)
	}
	_, err = s.c.Find(ctx, d+"/folder")
	refused(t, err, backend.NotFound)
}

func copying(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "copy")
	s.put(t, d+"/from/a", []byte("a"), time.Time{})
	s.put(t, d+"/from/sub/b", []byte("b"), time.Time{})
	m, err := s.c.Copy(ctx, d+"/from", d+"/to", false)
	s.wait(t, m, err)
	for path, want := range map[string]string{"/from/a": "a", "/to/a": "a", "/to/sub/b": "b"} {
		if got := s.get(t, d+path, 0, -1); string(got) != want {
			t.Errorf("%s: %q", path, got)
		}
	}
	s.put(t, d+"/x", []byte("x"), time.Time{})
	_, err = s.c.Copy(ctx, d+"/x", d+"/to/a", false)
	refused(t, err, backend.ClassDestinationExists)
	m, err = s.c.Copy(ctx, d+"/x", d+"/to/a", true)
	s.wait(t, m, err)
	if got := s.get(t, d+"/to/a", 0, -1); string(got) != "x" {
		t.Errorf("overwritten: %q", got)
	}
}

func refusedMoves(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "refusedmove")
	s.put(t, d+"/a", []byte("a"), time.Time{})
	s.put(t, d+"/b", []byte("b"), time.Time{})
	_, err := s.c.Move(ctx, d+"/a", d+"/b", false)
	refused(t, err, backend.ClassDestinationExists)
	_, err = s.c.Move(ctx, d+"/a", d+"/no/where", false)
	refused(t, err, backend.ClassDestinationParentDoesNotExist)
	_, err = s.c.Move(ctx, d+"/nothing", d+"/c", false)
	refused(t, err, backend.NotFound)
	_, err = s.c.Copy(ctx, d+"/a", d+"/a", false)
	if err == nil {
		t.Error("a file was copied onto itself")
	}
	_, err = s.c.Migration(ctx, 999999999)
	refused(t, err, backend.NotFound)
}
