package local_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/local"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func names(items []backend.Entry) []string {
	var out []string
	for _, e := range items {
		out = append(out, e.Name)
	}
	return out
}

func list(t *testing.T, f *local.FS, dir string, q backend.FolderQuery) []backend.Entry {
	t.Helper()
	var all []backend.Entry
	for {
		page, err := f.List(context.Background(), dir, q)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all
		}
		q.Cursor = page.Next
	}
}

func TestListOrder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "b.txt"), "12345")
	write(t, filepath.Join(dir, "A.txt"), "1")
	write(t, filepath.Join(dir, "x_test.go"), "123")
	write(t, filepath.Join(dir, "x.go"), "12")
	write(t, filepath.Join(dir, "zeta", "in"), "")
	write(t, filepath.Join(dir, "Alpha", "in"), "")
	if err := os.Symlink("zeta", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	f := local.New()
	for _, c := range []struct {
		name string
		q    backend.FolderQuery
		want []string
	}{
		{"by name", backend.FolderQuery{}, []string{"Alpha", "link", "zeta", "A.txt", "b.txt", "x_test.go", "x.go"}},
		{"descending", backend.FolderQuery{Query: backend.Query{Desc: true}}, []string{"zeta", "link", "Alpha", "x.go", "x_test.go", "b.txt", "A.txt"}},
		{"by size", backend.FolderQuery{Type: "file", Query: backend.Query{SortBy: "size"}}, []string{"A.txt", "x.go", "x_test.go", "b.txt"}},
		{"folders only", backend.FolderQuery{Type: "folder"}, []string{"Alpha", "link", "zeta"}},
		{"search", backend.FolderQuery{Search: "A"}, []string{"Alpha", "zeta", "A.txt"}},
		{"in pages of two", backend.FolderQuery{Query: backend.Query{PerPage: 2}}, []string{"Alpha", "link", "zeta", "A.txt", "b.txt", "x_test.go", "x.go"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := names(list(t, f, dir, c.q)); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestListDetails(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "f"), "hello")
	at := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "f"), at, at); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("gone", filepath.Join(dir, "dangling")); err != nil {
		t.Fatal(err)
	}
	all := list(t, local.New(), dir, backend.FolderQuery{})
	if len(all) != 2 || all[0].Name != "dangling" || !all[0].Link || all[0].IsDir() {
		t.Fatalf("got %+v", all)
	}
	e := all[1]
	if e.Size != 5 || !e.Modified.Equal(at) || e.Path != filepath.Join(dir, "f") || e.ETag == "" {
		t.Errorf("got %+v", e)
	}
}

// A listing is a snapshot: what is added or deleted between two pages neither
// repeats nor hides other entries.
func TestListWhileChanging(t *testing.T) {
	dir := t.TempDir()
	for i := range 10 {
		write(t, filepath.Join(dir, fmt.Sprintf("f%d", i)), "")
	}
	f := local.New()
	q := backend.FolderQuery{Query: backend.Query{PerPage: 4}}
	page, err := f.List(context.Background(), dir, q)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "a-new-first"), "")
	if err := os.Remove(filepath.Join(dir, "f5")); err != nil {
		t.Fatal(err)
	}
	got := names(page.Items)
	q.Cursor = page.Next
	got = append(got, names(list(t, f, dir, q))...)
	want := []string{"f0", "f1", "f2", "f3", "f4", "f6", "f7", "f8", "f9"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestListCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := local.New().List(ctx, t.TempDir(), backend.FolderQuery{}); !backend.Cancelled(err) {
		t.Errorf("got %v", err)
	}
}

func TestErrors(t *testing.T) {
	f, dir, ctx := local.New(), t.TempDir(), context.Background()
	write(t, filepath.Join(dir, "full", "f"), "")
	write(t, filepath.Join(dir, "file"), "")
	find := func(p string) error { _, err := f.Find(ctx, p); return err }
	mkdir := func(p string) error { _, err := f.Mkdir(ctx, p, false); return err }
	for _, c := range []struct {
		name string
		err  error
		typ  string
	}{
		{"missing", find(filepath.Join(dir, "no")), local.TypeNotFound},
		{"relative", find("no"), local.TypeFailed},
		{"exists", mkdir(filepath.Join(dir, "file")), local.TypeExists},
		{"under a file", mkdir(filepath.Join(dir, "file", "x")), local.TypeNotFolder},
		{"not empty", f.Delete(ctx, filepath.Join(dir, "full"), false), local.TypeNotEmpty},
		{"rename over", f.Rename(ctx, filepath.Join(dir, "full"), filepath.Join(dir, "file")), local.TypeExists},
		{"the top", f.Delete(ctx, string(filepath.Separator), true), local.TypeFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !errors.Is(c.err, backend.LocalDisk) || !errors.Is(c.err, backend.ClassLocalDisk) {
				t.Fatalf("got %v", c.err)
			}
			e := backend.AsError(c.err)
			if e.Type != c.typ || e.Message == "" || e.Op == "" || e.Path == "" {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestDeleteTreeDoesNotFollowLinks(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "keep", "precious"), "x")
	write(t, filepath.Join(dir, "tree", "a", "b"), "x")
	if err := os.Symlink(filepath.Join(dir, "keep"), filepath.Join(dir, "tree", "a", "out")); err != nil {
		t.Fatal(err)
	}
	if err := local.New().Delete(context.Background(), filepath.Join(dir, "tree"), true); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "keep", "precious")); err != nil {
		t.Error("the target of a link was deleted")
	}
	if _, err := os.Lstat(filepath.Join(dir, "tree")); err == nil {
		t.Error("the tree is still there")
	}
}

// Nothing a site can call a file leads out of the target.
func TestNothingEscapes(t *testing.T) {
	outer := t.TempDir()
	root := filepath.Join(outer, "target")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outer, filepath.Join(root, "out")); err != nil {
		t.Fatal(err)
	}
	f := local.New()
	for _, rel := range []string{"../evil", "out/evil", "a/../../evil", "/evil"} {
		if file, err := f.OpenPartialIn(root, rel); err == nil {
			file.Close()
			t.Errorf("%q was opened", rel)
		}
		if _, err := f.MkdirIn(context.Background(), root, rel); err == nil {
			t.Errorf("%q was made", rel)
		}
		if err := f.RenameIn(root, "out", rel); err == nil {
			t.Errorf("out was renamed to %q", rel)
		}
	}
	if got := names(list(t, f, outer, backend.FolderQuery{})); !slices.Equal(got, []string{"target"}) {
		t.Errorf("outside the target: %v", got)
	}
}

func TestCommit(t *testing.T) {
	root, f, ctx := t.TempDir(), local.New(), context.Background()
	at := time.Date(2023, 1, 2, 3, 4, 5, 0, time.UTC)
	put := func(text string, replace bool) error {
		file, err := f.OpenPartialIn(root, "sub/.x.part")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(file, text); err != nil {
			t.Fatal(err)
		}
		return f.CommitIn(file, root, "sub/.x.part", "sub/x", at, replace)
	}
	if created, err := f.MkdirIn(ctx, root, "sub"); err != nil || !created {
		t.Fatal(created, err)
	}
	if created, err := f.MkdirIn(ctx, root, "sub"); err != nil || created {
		t.Fatal(created, err)
	}
	if err := put("one", false); err != nil {
		t.Fatal(err)
	}
	e, err := f.FindIn(ctx, root, "sub/x")
	if err != nil || e.Size != 3 || !e.Modified.Equal(at) {
		t.Fatalf("got %+v, %v", e, err)
	}
	if err := os.Chmod(filepath.Join(root, "sub", "x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := put("two!", false); backend.AsError(err).Type != local.TypeExists {
		t.Fatalf("got %v", err)
	}
	if err := put("two!", true); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(root, "sub", "x"))
	if err != nil || info.Size() != 4 || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info, err)
	}
	if got := names(list(t, f, filepath.Join(root, "sub"), backend.FolderQuery{})); !slices.Equal(got, []string{"x"}) {
		t.Errorf("left behind: %v", got)
	}
}

// Files that are finished at the same time are all there, each as it was
// written.
func TestCommitMany(t *testing.T) {
	root, f := t.TempDir(), local.New()
	errs := make(chan error, 50)
	for i := range cap(errs) {
		go func() {
			name := fmt.Sprintf("f%02d", i)
			file, err := f.OpenPartialIn(root, name+".part")
			if err == nil {
				_, err = io.WriteString(file, name)
			}
			if err == nil {
				err = f.CommitIn(file, root, name+".part", name, time.Time{}, false)
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	all := list(t, f, root, backend.FolderQuery{})
	for i, e := range all {
		text, err := os.ReadFile(e.Path)
		if err != nil || string(text) != e.Name || e.Name != fmt.Sprintf("f%02d", i) {
			t.Errorf("%s holds %q, %v", e.Name, text, err)
		}
	}
	if len(all) != cap(errs) {
		t.Errorf("%d files", len(all))
	}
}

// A link planted under the name of a partial is removed, not written through.
func TestPartialIsNoLink(t *testing.T) {
	root, f := t.TempDir(), local.New()
	write(t, filepath.Join(root, "victim"), "safe")
	if err := os.Symlink("victim", filepath.Join(root, ".p")); err != nil {
		t.Fatal(err)
	}
	file, err := f.OpenPartialIn(root, ".p")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := io.WriteString(file, "overwritten"); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(root, "victim")); err != nil || string(text) != "safe" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestFree(t *testing.T) {
	if n, err := local.New().Free(t.TempDir()); err != nil || n <= 0 {
		t.Errorf("got %d, %v", n, err)
	}
}

func BenchmarkListFirstPage(b *testing.B) {
	dir := b.TempDir()
	for i := range 100_000 {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("log-%06d.txt", (i*7919)%100_000)))
		if err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
	f := local.New()
	for b.Loop() {
		page, err := f.List(context.Background(), dir, backend.FolderQuery{})
		if err != nil || len(page.Items) != 1000 {
			b.Fatal(len(page.Items), err)
		}
	}
}

func TestReserve(t *testing.T) {
	d := local.New()
	f, err := d.OpenPartialIn(t.TempDir(), "part")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := d.Reserve(f, 1<<20); err != nil {
		t.Fatal(err)
	}
	// The length is what has come, whatever room there is.
	if info, err := f.Stat(); err != nil || info.Size() != 0 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	if err := d.Reserve(f, 1<<62); err != nil && !errors.Is(err, backend.LocalDisk) {
		t.Errorf("a full disk is %v", err)
	}
}
