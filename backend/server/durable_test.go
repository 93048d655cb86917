package server

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestDurable: a site that is opened again is what it was, an upload that was
// under way among it.
func TestDurable(t *testing.T) {
	dir := t.TempDir()
	var now time.Time
	open := func() *site {
		return openSite(t, Options{DataDir: dir, World: "small", Clock: func() time.Time { return now }})
	}
	now = siteTime
	x := open()
	x.upload("Documents/kept.txt", "part one, ", "part two").want(201)
	x.mkdir("A/B")
	x.do("POST", "/file_actions/move/Pictures", map[string]any{"destination": "A/B/Pictures"}).want(201)
	x.do("DELETE", "/files/README.md", nil).want(204)
	x.do("PATCH", "/files/Documents/table.csv", map[string]any{"priority_color": "red", "custom_metadata": map[string]any{"k": "v"}}).want(200)
	x.upload("gone.txt", "gone").want(201)
	x.do("DELETE", "/files/gone.txt", nil).want(204)
	half := x.begin("later.txt", map[string]any{})
	x.put(half, "sent before").want(200)
	user := x.as("admin")
	before := x.do("GET", "/folders/?recursive=true&per_page=10000", nil).want(200).body
	if err := x.s.Close(); err != nil {
		t.Fatal(err)
	}
	// The world stays in the present in which it was made.
	now = now.Add(time.Hour)
	x = open()
	if after := x.do("GET", "/folders/?recursive=true&per_page=10000", nil).want(200).body; stripSums(string(after)) != stripSums(string(before)) {
		t.Errorf("the tree has changed:\n%.2000s\n%.2000s", before, after)
	}
	if got := string(x.fetch("Documents/kept.txt").body); got != "part one, part two" {
		t.Errorf("%q", got)
	}
	o := x.do("GET", "/file_actions/metadata/Documents/table.csv?with_priority_color=true", nil).want(200).object()
	if o["priority_color"] != "red" || o["custom_metadata"].(map[string]any)["k"] != "v" {
		t.Errorf("%v", o)
	}
	x.do("GET", "/file_actions/metadata/README.md", nil).refused(404, "not-found")
	x.do("POST", "/files/later.txt", map[string]any{"action": "end", "ref": half["ref"], "etags": []any{etag(1, "sent before")}}).want(201)
	user.s, user.l = x.s, x.l
	user.do("GET", "/site", nil).want(200) // the session has six hours
	now = now.Add(6 * time.Hour)
	user.do("GET", "/site", nil).refused(401, "not-authenticated/invalid-session")
	files, err := os.ReadDir(filepath.Join(dir, "content"))
	if err != nil || len(files) != 4 {
		t.Errorf("%d files of content, want 4: two parts, one, and one that can be restored, %v", len(files), err)
	}
}

// stripSums takes the checksums out of a listing, which come when they come.
func stripSums(s string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(s, ",") {
		if !strings.HasPrefix(part, `"crc32"`) && !strings.HasPrefix(part, `"md5"`) && !strings.HasPrefix(part, `"sha1"`) && !strings.HasPrefix(part, `"sha256"`) {
			b.WriteString(part)
		}
	}
	return b.String()
}

// TestContentIsReleased: what no file has any more and nobody can restore does
// not fill the disk; a copy keeps what its source has lost.
func TestContentIsReleased(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	count := func() int {
		dir, err := x.s.files.folder()
		if err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(slices.DeleteFunc(files, func(f os.DirEntry) bool { return f.Name() == tempLock }))
	}
	x.upload("d/a.txt", "one", "two").want(201)
	x.do("POST", "/file_actions/copy/d", map[string]any{"destination": "e"}).want(201)
	x.do("DELETE", "/files/d?recursive=true", nil).want(204)
	if got := string(x.fetch("e/a.txt").body); got != "onetwo" || count() != 2 {
		t.Errorf("the copy is %q in %d files", got, count())
	}
	x.upload("e/a.txt", "three").want(200)
	x.upload("e/a.txt", "four").want(200)
	if count() != 3 {
		t.Errorf("%d files after replacing, want the deleted two and the last one", count())
	}
	x.do("DELETE", "/files/e?recursive=true", nil).want(204)
	if count() != 3 {
		t.Errorf("%d files after deleting, want those that can be restored", count())
	}
	x.pass(restoreFor + time.Hour)
	if err := x.s.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if count() != 0 {
		t.Errorf("%d files a year after deleting", count())
	}
	dir, err := x.s.files.folder()
	if err != nil {
		t.Fatal(err)
	}
	if err := x.s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the temporary folder is there: %v", err)
	}
}

// TestSweep: what was given up goes, what is used or just written stays.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	x := openSite(t, Options{DataDir: dir, World: "empty"})
	x.upload("kept.txt", "kept").want(201)
	given := x.begin("given-up.txt", map[string]any{})
	x.put(given, "given up").want(200)
	content := filepath.Join(dir, "content")
	orphan, fresh := filepath.Join(content, "orphan"), filepath.Join(content, "fresh")
	for _, f := range []string{orphan, fresh} {
		if err := os.WriteFile(f, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-48 * time.Hour)
	files, err := os.ReadDir(content)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Chtimes(filepath.Join(content, f.Name()), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(fresh, time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
	x.pass(8 * 24 * time.Hour)
	if err := x.s.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if files, err = os.ReadDir(content); err != nil || len(files) != 2 {
		t.Errorf("%d files, want the one that is used and the fresh one: %v", len(files), err)
	}
	if got := string(x.fetch("kept.txt").body); got != "kept" {
		t.Errorf("%q", got)
	}
	x.do("POST", "/file_actions/begin_upload/given-up.txt", map[string]any{"ref": given["ref"]}).refused(404, "not-found/file-upload-not-found")
}

func TestOpenRefusals(t *testing.T) {
	if _, err := Open(t.Context(), Options{World: "nowhere"}); err == nil {
		t.Error("there is a world of that name")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{DataDir: filepath.Join(file, "data")}); err == nil {
		t.Error("a site opens in a file")
	}
}
