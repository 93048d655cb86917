package backendtest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

var archiveCases = []testCase{
	{name: "zip: files and folders", run: zipping},
	{name: "zip: over a file that is there", run: zipOver},
	{name: "zip: what an archive holds", run: zipList},
	{name: "unzip: everything", run: unzipping},
	{name: "unzip: one entry", run: unzipOne},
	{name: "unzip: what is there is kept without overwrite", run: unzipKeeps},
	{name: "unzip: no entry climbs out", run: unzipClimbs},
	{name: "batch: flat names, doubled ones numbered", run: batch},
	{name: "copy: the structure alone", run: structure},
	{name: "copy: over a file", run: copyOver},
	{name: "copy: metadata goes along", run: copyMetadata},
	{name: "copy: a folder into its neighbour", run: copyTree},
	{name: "copy: small ones are done at once", run: atOnce},
	{name: "copy: to a path of another spelling", run: copySpelled},
	{name: "move: over a file", run: moveOver},
	{name: "move: metadata goes along", run: moveMetadata},
	{name: "move: only the accents change", run: moveAccents},
	{name: "move: what was there is gone", run: moveGone},
	{name: "migration: a large tree, its progress and its log", run: migrationLog},
	{name: "migration: a large move", run: migrationMove},
}

// settle follows an action to its end from its answer on the wire.
func (s *suite) settle(t *testing.T, w *wire) {
	t.Helper()
	o := w.ok(201).object()
	id, _ := o["file_migration_id"].(float64)
	s.wait(t, backend.Migration{ID: int64(id), Status: backend.MigrationStatus(fmt.Sprint(o["status"]))}, nil)
}

// tree uploads files with their paths as content.
func (s *suite) tree(t *testing.T, name string, files ...string) string {
	t.Helper()
	d := s.dir(t, name)
	for _, f := range files {
		s.put(t, d+"/"+f, []byte(f), time.Time{})
	}
	return d
}

// below lists a tree by relative paths.
func (s *suite) below(t *testing.T, d string) []string {
	t.Helper()
	var got []string
	for e, err := range s.c.All(t.Context(), d, backend.FolderQuery{Recursive: true}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimPrefix(e.Path, d+"/"))
	}
	slices.Sort(got)
	return got
}

// unpack reads an archive.
func unpack(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		out[f.Name] = string(b)
	}
	return out
}

func pack(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipping(t *testing.T, s *suite) {
	d := s.tree(t, "zip", "a.txt", "sub/b c.txt", "sub/deep/ü.txt", "not.txt")
	s.settle(t, s.send(t, "POST", "/file_actions/zip", params{"paths": []any{d + "/a.txt", d + "/sub"}, "destination": d + "/out.zip"}))
	got := unpack(t, s.get(t, d+"/out.zip", 0, -1))
	want := map[string]string{"a.txt": "a.txt", "sub/b c.txt": "sub/b c.txt", "sub/deep/ü.txt": "sub/deep/ü.txt"}
	if !maps.Equal(got, want) {
		t.Errorf("the archive holds %q, want %q", got, want)
	}
}

func zipOver(t *testing.T, s *suite) {
	d := s.tree(t, "zip-over", "a.txt", "out.zip")
	body := params{"paths": []any{d + "/a.txt"}, "destination": d + "/out.zip"}
	s.send(t, "POST", "/file_actions/zip", body).refused("processing-failure/destination-exists")
	body["overwrite"] = true
	s.settle(t, s.send(t, "POST", "/file_actions/zip", body))
	if got := unpack(t, s.get(t, d+"/out.zip", 0, -1)); got["a.txt"] != "a.txt" {
		t.Errorf("the archive holds %q", got)
	}
}

func zipList(t *testing.T, s *suite) {
	d := s.dir(t, "zip-list")
	s.put(t, d+"/x.zip", pack(t, map[string]string{"one.txt": "1", "sub/three.txt": "333"}), time.Time{})
	got := map[string]any{}
	for _, e := range s.send(t, "GET", "/file_actions/zip_list/"+d+"/x.zip", nil).ok(200).list() {
		path, _ := e["path"].(string)
		got[path] = e["size"]
	}
	if len(got) != 2 || got["one.txt"] != 1.0 || got["sub/three.txt"] != 3.0 {
		t.Errorf("the list is %v", got)
	}
}

func unzipping(t *testing.T, s *suite) {
	d := s.dir(t, "unzip")
	s.put(t, d+"/x.zip", pack(t, map[string]string{"one.txt": "1", "sub/ä.txt": "2"}), time.Time{})
	s.dir(t, "unzip/to")
	s.settle(t, s.send(t, "POST", "/file_actions/unzip", params{"path": d + "/x.zip", "destination": d + "/to"}))
	if got := s.below(t, d+"/to"); !slices.Equal(got, []string{"one.txt", "sub", "sub/ä.txt"}) {
		t.Errorf("unpacked %q", got)
	}
	if got := string(s.get(t, d+"/to/sub/ä.txt", 0, -1)); got != "2" {
		t.Errorf("content %q", got)
	}
}

func unzipOne(t *testing.T, s *suite) {
	d := s.dir(t, "unzip-one")
	s.put(t, d+"/x.zip", pack(t, map[string]string{"one.txt": "1", "two.txt": "2"}), time.Time{})
	s.dir(t, "unzip-one/to")
	s.settle(t, s.send(t, "POST", "/file_actions/unzip", params{"path": d + "/x.zip", "destination": d + "/to", "filename": "two.txt"}))
	if got := s.below(t, d+"/to"); !slices.Equal(got, []string{"two.txt"}) {
		t.Errorf("unpacked %q", got)
	}
}

func unzipKeeps(t *testing.T, s *suite) {
	d := s.tree(t, "unzip-keeps", "to/one.txt")
	s.put(t, d+"/x.zip", pack(t, map[string]string{"one.txt": "new"}), time.Time{})
	body := params{"path": d + "/x.zip", "destination": d + "/to"}
	s.send(t, "POST", "/file_actions/unzip", body).refused("processing-failure/destination-exists")
	if got := string(s.get(t, d+"/to/one.txt", 0, -1)); got != "to/one.txt" {
		t.Errorf("content %q", got)
	}
	body["overwrite"] = true
	s.settle(t, s.send(t, "POST", "/file_actions/unzip", body))
	if got := string(s.get(t, d+"/to/one.txt", 0, -1)); got != "new" {
		t.Errorf("content %q", got)
	}
}

func unzipClimbs(t *testing.T, s *suite) {
	d := s.tree(t, "climb", "to/keep.txt")
	s.put(t, d+"/x.zip", pack(t, map[string]string{"../evil.txt": "evil", "/abs.txt": "abs", "a/../../up.txt": "up"}), time.Time{})
	if w := s.send(t, "POST", "/file_actions/unzip", params{"path": d + "/x.zip", "destination": d + "/to"}); w.status < 400 {
		s.settle(t, w)
	}
	if got := s.names(t, d, backend.FolderQuery{}); !slices.Equal(got, []string{"to", "x.zip"}) {
		t.Errorf("beside the destination are %q", got)
	}
}

func batch(t *testing.T, s *suite) {
	d := s.tree(t, "batch", "a/x+y.txt", "b/x+y.txt", "c/100%.txt")
	var encoded []any
	for _, f := range []string{"a/x+y.txt", "b/x+y.txt", "c/100%.txt"} {
		encoded = append(encoded, url.QueryEscape(d+"/"+f))
	}
	uri, _ := s.send(t, "POST", "/zip_downloads", params{"paths": []any{}, "encoded_paths": encoded}).ok(200).object()["download_uri"].(string)
	if strings.HasPrefix(uri, "/") { // it may be relative to the site
		uri = s.BaseURL + uri
	}
	got := unpack(t, s.send(t, "GET", uri, nil).ok(200).body)
	want := map[string]string{"x+y.txt": "a/x+y.txt", "x+y (1).txt": "b/x+y.txt", "100%.txt": "c/100%.txt"}
	if !maps.Equal(got, want) {
		t.Errorf("the archive holds %q, want %q", got, want)
	}
}

func structure(t *testing.T, s *suite) {
	d := s.tree(t, "structure", "from/a/x.txt", "from/b/c/y.txt", "from/z.txt")
	s.settle(t, s.send(t, "POST", "/file_actions/copy/"+d+"/from", params{"destination": d + "/to", "structure": true}))
	if got := s.below(t, d+"/to"); !slices.Equal(got, []string{"a", "b", "b/c"}) {
		t.Errorf("copied %q", got)
	}
}

func copyOver(t *testing.T, s *suite) {
	d := s.tree(t, "copy-over", "a", "b")
	s.settle(t, s.send(t, "POST", "/file_actions/copy/"+d+"/a", params{"destination": d + "/b", "overwrite": true}))
	if got := string(s.get(t, d+"/b", 0, -1)); got != "a" {
		t.Errorf("content %q", got)
	}
	if got := string(s.get(t, d+"/a", 0, -1)); got != "a" {
		t.Errorf("the source is %q", got)
	}
}

func (s *suite) described(t *testing.T, path string) {
	t.Helper()
	s.send(t, "PATCH", "/files/"+path, params{"custom_metadata": params{"k": "v"}, "provided_mtime": "2019-01-01T00:00:00Z"}).ok(200)
}

func (s *suite) isDescribed(t *testing.T, path string) {
	t.Helper()
	o := s.send(t, "GET", "/file_actions/metadata/"+path, nil).ok(200).object()
	meta, _ := o["custom_metadata"].(map[string]any)
	if meta["k"] != "v" || o["provided_mtime"] != "2019-01-01T00:00:00Z" {
		t.Errorf("%s has %v and the time %v", path, meta, o["provided_mtime"])
	}
}

func copyMetadata(t *testing.T, s *suite) {
	d := s.tree(t, "copy-metadata", "a")
	s.described(t, d+"/a")
	s.settle(t, s.send(t, "POST", "/file_actions/copy/"+d+"/a", params{"destination": d + "/b"}))
	s.isDescribed(t, d+"/b")
}

func copyTree(t *testing.T, s *suite) {
	d := s.tree(t, "copy-tree", "from/a/x", "from/y", "to/old")
	s.settle(t, s.send(t, "POST", "/file_actions/copy/"+d+"/from", params{"destination": d + "/to/from"}))
	if got := s.below(t, d+"/to"); !slices.Equal(got, []string{"from", "from/a", "from/a/x", "from/y", "old"}) {
		t.Errorf("copied %q", got)
	}
}

// atOnce: a small operation has ended with its answer (PROTOCOL.md 11).
func atOnce(t *testing.T, s *suite) {
	d := s.tree(t, "at-once", "a")
	for i, op := range []string{"copy", "move"} {
		o := s.send(t, "POST", "/file_actions/"+op+"/"+d+"/a", params{"destination": fmt.Sprint(d, "/", i)}).ok(201).object()
		if id, told := o["file_migration_id"]; o["status"] != "completed" || told {
			t.Errorf("%s: status %v, migration %v", op, o["status"], id)
		}
	}
}

func copySpelled(t *testing.T, s *suite) {
	d := s.tree(t, "copy-spelled", "a")
	s.settle(t, s.send(t, "POST", "/file_actions/copy/"+d+"/A", params{"destination": "/" + d + `\\b/./`}))
	if got := s.names(t, d, backend.FolderQuery{}); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("names %q", got)
	}
}

func moveOver(t *testing.T, s *suite) {
	d := s.tree(t, "move-over", "a", "b")
	s.settle(t, s.send(t, "POST", "/file_actions/move/"+d+"/a", params{"destination": d + "/b", "overwrite": true}))
	if got := s.names(t, d, backend.FolderQuery{}); !slices.Equal(got, []string{"b"}) {
		t.Errorf("names %q", got)
	}
	if got := string(s.get(t, d+"/b", 0, -1)); got != "a" {
		t.Errorf("content %q", got)
	}
}

func moveMetadata(t *testing.T, s *suite) {
	d := s.tree(t, "move-metadata", "a")
	s.described(t, d+"/a")
	s.settle(t, s.send(t, "POST", "/file_actions/move/"+d+"/a", params{"destination": d + "/b"}))
	s.isDescribed(t, d+"/b")
}

func moveAccents(t *testing.T, s *suite) {
	d := s.tree(t, "move-accents", "resume/x")
	s.settle(t, s.send(t, "POST", "/file_actions/move/"+d+"/resume", params{"destination": d + "/Résumé"}))
	if got := s.below(t, d); !slices.Equal(got, []string{"Résumé", "Résumé/x"}) {
		t.Errorf("names %q", got)
	}
}

func moveGone(t *testing.T, s *suite) {
	d := s.tree(t, "move-gone", "a/x", "b/y")
	s.settle(t, s.send(t, "POST", "/file_actions/move/"+d+"/a", params{"destination": d + "/b/a"}))
	s.send(t, "GET", "/folders/"+d+"/a", nil).refused("not-found")
	s.send(t, "GET", "/file_actions/metadata/"+d+"/a/x", nil).refused("not-found")
	if got := s.below(t, d); !slices.Equal(got, []string{"b", "b/a", "b/a/x", "b/y"}) {
		t.Errorf("names %q", got)
	}
}

// large is a tree of 250 empty folders, made by copying.
func (s *suite) large(t *testing.T, name string) string {
	t.Helper()
	d := s.dir(t, name)
	for i := range 24 {
		s.dir(t, fmt.Sprintf("%s/from/0/%02d", name, i))
	}
	for i := range 9 {
		s.settle(t, s.send(t, "POST", "/file_actions/copy/"+d+"/from/0", params{"destination": fmt.Sprint(d, "/from/", i+1)}))
	}
	return d
}

func migrationLog(t *testing.T, s *suite) {
	d := s.large(t, "migration")
	o := s.send(t, "POST", "/file_actions/copy/"+d+"/from", params{"destination": d + "/to"}).ok(201).object()
	id, _ := o["file_migration_id"].(float64)
	if id == 0 && s.Embedded != nil {
		t.Fatalf("a large copy is done at once: %v", o)
	}
	s.wait(t, backend.Migration{ID: int64(id), Status: backend.MigrationStatus(fmt.Sprint(o["status"]))}, nil)
	if got := s.below(t, d+"/to"); len(got) != 250 {
		t.Errorf("%d entries were copied", len(got))
	}
	if id == 0 {
		return
	}
	m := s.send(t, "GET", fmt.Sprintf("/file_migrations/%.0f", id), nil).ok(200).object()
	if m["status"] != "completed" || m["operation"] != "copy" || m["path"] != d+"/from" || m["dest_path"] != d+"/to" || m["files_moved"] != m["files_total"] {
		t.Errorf("the migration is %v", m)
	}
	uri, _ := m["log_url"].(string)
	if log := string(s.send(t, "GET", uri, nil).ok(200).body); !strings.Contains(log, `"file_migration"`) || !strings.Contains(log, d+"/from/0") {
		t.Errorf("the log is %.300s", log)
	}
}

func migrationMove(t *testing.T, s *suite) {
	d := s.large(t, "migration-move")
	s.settle(t, s.send(t, "POST", "/file_actions/move/"+d+"/from", params{"destination": d + "/to"}))
	if got := s.names(t, d, backend.FolderQuery{}); !slices.Equal(got, []string{"to"}) {
		t.Errorf("names %q", got)
	}
	if got := s.below(t, d+"/to"); len(got) != 250 {
		t.Errorf("%d entries were moved", len(got))
	}
}
