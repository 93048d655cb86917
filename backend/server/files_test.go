package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/pathutil"
)

// keysOf are the keys of a JSON object in their order.
func keysOf(t *testing.T, b []byte) (keys []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, fmt.Sprint(key))
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

// TestFieldsOfEntries: the order of the fields, null against absent
// (PROTOCOL.md 8 and 15).
func TestFieldsOfEntries(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.mkdir("dir")
	file := x.upload("dir/a.txt", "hello").want(201)
	common := strings.Fields(`path created_by_id created_by_api_key_id created_by_as2_incoming_message_id created_by_automation_id
		created_by_bundle_registration_id created_by_inbox_id created_by_remote_server_id created_by_sync_id custom_metadata display_name type size
		created_at last_modified_by_id last_modified_by_api_key_id last_modified_by_automation_id last_modified_by_bundle_registration_id
		last_modified_by_remote_server_id last_modified_by_sync_id mtime provided_mtime crc32 md5 sha1 sha256`)
	wantFile := slices.Concat(common, []string{"mime_type", "region", "permissions"})
	wantDir := slices.Concat(common, []string{"permissions", "subfolders_locked?", "is_locked"})
	if got := keysOf(t, file.body); !slices.Equal(got, wantFile) {
		t.Errorf("a file has\n%v, want\n%v", got, wantFile)
	}
	dir := x.do("GET", "/file_actions/metadata/dir", nil).want(200)
	if got := keysOf(t, dir.body); !slices.Equal(got, wantDir) {
		t.Errorf("a folder has\n%v, want\n%v", got, wantDir)
	}
	down := x.do("GET", "/files/dir/a.txt", nil).want(200)
	if got := keysOf(t, down.body); !slices.Equal(got, append(wantFile, "download_uri")) {
		t.Errorf("a download has %v", got)
	}
	o, d := file.object(), dir.object()
	for name, want := range map[string]any{
		"type": "file", "size": 5.0, "mime_type": "text/plain", "region": "us-east-1", "permissions": "lrwd", "display_name": "a.txt",
		"mtime": "2026-03-04T15:04:05Z", "created_at": "2026-03-04T15:04:05Z", "provided_mtime": nil, "crc32": nil, "md5": nil, "created_by_id": 1.0,
	} {
		if o[name] != want {
			t.Errorf("of the file, %s is %v, want %v", name, o[name], want)
		}
	}
	for name, want := range map[string]any{"type": "directory", "size": nil, "is_locked": false, "subfolders_locked?": false, "crc32": nil} {
		if d[name] != want {
			t.Errorf("of the folder, %s is %v, want %v", name, d[name], want)
		}
	}
	for _, a := range []*answer{file, dir, down, x.do("GET", "/folders/dir", nil)} {
		if a.header.Get("X-Files-Safe-To-Cache") != "true" || a.header.Get("X-Files-Cache-For-Seconds") != "900" {
			t.Errorf("%s is not marked for caching: %v", a.what, a.header)
		}
	}
}

func TestChecksumsAppear(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("a.bin", "hello").want(201)
	if o := x.do("GET", "/file_actions/metadata/a.bin", nil).object(); o["md5"] != nil || o["crc32"] != nil {
		t.Errorf("the checksums are there at once: %v", o)
	}
	x.pass(2 * time.Second)
	o := x.do("GET", "/file_actions/metadata/a.bin", nil).object()
	if o["md5"] != "5d41402abc4b2a76b9719d911017c592" || o["crc32"] != "3610a686" {
		t.Errorf("the checksums are %v %v", o["md5"], o["crc32"])
	}
}

// The checksums are those of the file, however it came.
func TestChecksumsOfPartsAndWholes(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("one.bin", "hello").want(201)
	x.upload("two.bin", "hel", "lo").want(201)
	x.upload("large.bin", strings.Repeat("x", sumsInPassing+1)).want(201)
	x.upload("empty.bin", "").want(201)

	p := x.begin("again.bin", map[string]any{})
	x.put(p, "wrong").want(200)
	x.put(p, "hello").want(200)
	x.do("POST", "/files/again.bin", map[string]any{"action": "end", "ref": p["ref"], "etags": []any{etag(1, "hello")}}).want(201)

	p = x.begin("one.bin", map[string]any{"restart": 2, "size": 5})
	x.put(p, "y").want(200)
	x.do("POST", "/files/one.bin", map[string]any{"action": "end", "ref": p["ref"], "etags": []any{etag(1, "y")}}).want(200)

	x.pass(2 * time.Second)
	for name, content := range map[string]string{
		"one.bin": "hey", "two.bin": "hello", "again.bin": "hello", "empty.bin": "", "large.bin": strings.Repeat("x", sumsInPassing+1),
	} {
		o := x.do("GET", "/file_actions/metadata/"+name, nil).want(200).object()
		if o["md5"] != sumOf(content) || o["crc32"] != fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(content))) {
			t.Errorf("%s has %v %v", name, o["md5"], o["crc32"])
		}
	}
}

func TestMakeFolder(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	const exists, noParent = "processing-failure/destination-exists", "processing-failure/destination-parent-does-not-exist"
	x.do("POST", "/folders/a", map[string]any{}).want(201)
	a := x.do("POST", "/folders/A", map[string]any{}).refused(422, exists)
	if a.object()["error"] != "The destination exists." {
		t.Errorf("%s", a.body)
	}
	x.do("POST", "/folders/a/b/c", map[string]any{}).refused(409, noParent)
	x.do("POST", "/folders/a/b/c", map[string]any{"mkdir_parents": true}).want(201)
	x.do("POST", "/folders/a/b/c", map[string]any{"mkdir_parents": true}).refused(422, exists)
	x.do("POST", "/folders/", map[string]any{}).refused(422, exists)
	x.upload("a/file", "x").want(201)
	x.do("POST", "/folders/a/file", map[string]any{}).refused(422, exists)
	x.do("POST", "/folders/a/file/below", map[string]any{"mkdir_parents": true}).refused(422, "processing-failure/destination-parent-conflict")
	x.do("POST", "/folders/a/"+strings.Repeat("n", 256), map[string]any{}).refused(422, "processing-failure/filename-too-long")
	o := x.do("POST", "/folders/old", map[string]any{"provided_mtime": "2010-11-17T20:34:58.651387237Z"}).want(201).object()
	if o["provided_mtime"] != "2010-11-17T20:34:58Z" || o["path"] != "old" {
		t.Errorf("%v", o)
	}
	x.do("POST", "/folders/zero", map[string]any{"provided_mtime": "0001-01-01T00:00:00Z"}).refused(400, "bad-request/datetime-parse")
	x.do("PATCH", "/site", map[string]any{"always_mkdir_parents": true}).want(200)
	x.do("POST", "/folders/p/q/r", map[string]any{}).want(201)
}

func TestDelete(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("docs/sub/a.txt", "x").want(201)
	a := x.do("DELETE", "/files/docs", nil).refused(422, "processing-failure/folder-not-empty")
	if a.object()["error"] != "Folder docs not empty" {
		t.Errorf("%s", a.body)
	}
	x.do("DELETE", "/files/docs/sub/a.txt", nil).want(204)
	x.do("DELETE", "/files/docs/sub/a.txt", nil).refused(404, "not-found")
	x.do("DELETE", "/files/docs/sub", nil).want(204)
	x.upload("docs/b/c/d.txt", "x").want(201)
	if a := x.do("DELETE", "/files/docs?recursive=true", nil).want(204); len(a.body) != 0 || a.header.Get("Content-Type") != "" {
		t.Errorf("a 204 with a body or type: %q %v", a.body, a.header)
	}
	x.do("GET", "/folders/docs", nil).refused(404, "not-found")
	x.do("DELETE", "/files/", nil).refused(400, "bad-request/invalid-path")
	x.mkdir("docs") // the name is free again, and empty
	if got := x.do("GET", "/folders/docs", nil).paths(); got != nil {
		t.Errorf("the new folder has %v", got)
	}
}

func TestUpdateFile(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("a.txt", "x").want(201)
	o := x.do("PATCH", "/files/a.txt", map[string]any{
		"provided_mtime": "2024-01-02T03:04:05.678901", "priority_color": "red", "custom_metadata": map[string]any{"k": "v & w"},
	}).want(200).object()
	if o["provided_mtime"] != "2024-01-02T03:04:05Z" || o["priority_color"] != "red" || o["custom_metadata"].(map[string]any)["k"] != "v & w" {
		t.Errorf("%v", o)
	}
	o = x.do("GET", "/file_actions/metadata/a.txt?with_priority_color=True", nil).want(200).object()
	if o["priority_color"] != "red" {
		t.Errorf("%v", o)
	}
	if _, ok := x.do("GET", "/file_actions/metadata/a.txt", nil).object()["priority_color"]; ok {
		t.Error("the color comes unasked")
	}
	many := map[string]any{}
	for i := range 33 {
		many[fmt.Sprint(i)] = "x"
	}
	for _, c := range []struct {
		body     map[string]any
		status   int
		wireType string
	}{
		{map[string]any{"priority_color": "mauve"}, 422, "processing-failure/invalid-priority-color"},
		{map[string]any{"provided_mtime": "yesterday"}, 400, "bad-request/datetime-parse"},
		{map[string]any{"custom_metadata": 7}, 400, "bad-request/request-params-invalid"},
		{map[string]any{"custom_metadata": many}, 422, "processing-failure/model-save-error"},
		{map[string]any{"custom_metadata": map[string]any{"k": strings.Repeat("x", 1025)}}, 422, "processing-failure/model-save-error"},
	} {
		x.do("PATCH", "/files/a.txt", c.body).refused(c.status, c.wireType)
	}
	x.do("PATCH", "/files/none.txt", map[string]any{}).refused(404, "not-found")
	found := x.do("GET", "/folders/?search_custom_metadata_key=k&search=V%20%26", nil).paths()
	if !slices.Equal(found, []string{"a.txt"}) {
		t.Errorf("the search in metadata finds %v", found)
	}
}

// TestListingOrder is the order of the recordings (PROTOCOL.md 8).
func TestListingOrder(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	dirs := []string{"X 3", "x_test.d", "X.d", "zz", "łaz", "lb"}
	files := []string{"files-cli", "files_test.go", "files.go", "X 3_2.dmg", "X 3.dmg", "10", "9", "(a)", "Ärger", "armee"}
	for _, d := range dirs {
		x.mkdir("o/" + url.PathEscape(d))
	}
	for _, f := range files {
		x.upload("o/"+url.PathEscape(f), "x").want(201)
	}
	slices.SortFunc(dirs, pathutil.CompareNames)
	slices.SortFunc(files, pathutil.CompareNames)
	want := slices.Concat(dirs, files)
	names := func(a *answer) (out []string) {
		t.Helper()
		for _, p := range a.paths() {
			out = append(out, pathutil.Base(p))
		}
		return out
	}
	if got := names(x.do("GET", "/folders/o", nil)); !slices.Equal(got, want) {
		t.Errorf("the order is\n%q, want\n%q", got, want)
	}
	for _, c := range []struct{ query, name string }{{"type=folder", dirs[0]}, {"type=file", files[0]}} {
		n := map[string]int{"type=folder": len(dirs), "type=file": len(files)}[c.query]
		if got := names(x.do("GET", "/folders/o?"+c.query, nil)); len(got) != n || got[0] != c.name {
			t.Errorf("%s lists %q", c.query, got)
		}
	}
	// Folders come first whichever way the names go, and page by page too.
	slices.Reverse(dirs)
	slices.Reverse(files)
	want = slices.Concat(dirs, files)
	if got := names(x.do("GET", "/folders/o?sort_by[path]=desc", nil)); !slices.Equal(got, want) {
		t.Errorf("backwards the order is\n%q, want\n%q", got, want)
	}
	var paged []string
	for cursor := ""; ; {
		a := x.do("GET", "/folders/o?per_page=3&sort_by[path]=desc&cursor="+url.QueryEscape(cursor), nil)
		paged = append(paged, names(a)...)
		if cursor = a.header.Get("X-Files-Cursor"); cursor == "" {
			break
		}
	}
	if !slices.Equal(paged, want) {
		t.Errorf("in pages the order backwards is\n%q, want\n%q", paged, want)
	}
	for _, dir := range []string{"asc", "desc"} {
		got := names(x.do("GET", "/folders/o?sort_by[size]="+dir, nil))
		if slices.ContainsFunc(got[:len(dirs)], func(n string) bool { return !slices.Contains(dirs, n) }) {
			t.Errorf("by size %s folders are not first: %q", dir, got)
		}
	}
}

// pages walks a listing from cursor to cursor and back again.
func (x *site) pages(path string) (all []string) {
	x.t.Helper()
	var back string
	seen := 0
	for at := path; ; {
		a := x.do("GET", at, nil)
		got := a.paths()
		all = append(all, got...)
		if prev := a.header.Get("X-Files-Cursor-Prev"); (prev != "") != (seen > 0) {
			x.t.Errorf("%s: X-Files-Cursor-Prev %q on page %d", at, prev, seen+1)
		} else {
			back = prev
		}
		next := a.header.Get("X-Files-Cursor")
		if a.header.Get("X-Files-Cursor-Next") != next {
			x.t.Errorf("%s: the two cursor headers differ", at)
		}
		if next == "" {
			break
		}
		if !strings.HasPrefix(next, "c2:next:") || strings.Contains(next, "=") {
			x.t.Errorf("%s: the cursor %q", at, next)
		}
		seen++
		at = path + "&cursor=" + url.QueryEscape(next)
	}
	pos := len(all) - len(all)%3
	if pos == len(all) {
		pos -= 3
	}
	for back != "" {
		a := x.do("GET", path+"&cursor="+url.QueryEscape(back), nil)
		got := a.paths()
		if pos-len(got) < 0 || !slices.Equal(got, all[pos-len(got):pos]) {
			x.t.Fatalf("%s: going back from %d there is %v", path, pos, got)
		}
		pos -= len(got)
		back = a.header.Get("X-Files-Cursor-Prev")
	}
	if pos != 0 {
		x.t.Errorf("%s: the way back ends at %d", path, pos)
	}
	return all
}

func TestCursors(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	for i := range 4 {
		x.mkdir(fmt.Sprintf("p/d%d", i))
	}
	for i := range 9 {
		x.pass(time.Second)
		x.upload(fmt.Sprintf("p/f%d.txt", i), strings.Repeat("x", (i*5)%7)).want(201)
	}
	whole := x.do("GET", "/folders/p", nil).paths()
	if len(whole) != 13 {
		t.Fatalf("%v", whole)
	}
	if got := x.pages("/folders/p?per_page=3"); !slices.Equal(got, whole) {
		t.Errorf("in pages there is %v", got)
	}
	for _, sort := range []string{"size", "modified_at_datetime", "provided_modified_at", "path"} {
		for _, dir := range []string{"asc", "desc"} {
			q := "/folders/p?sort_by[" + sort + "]=" + dir
			whole := x.do("GET", q, nil).paths()
			if got := x.pages(q + "&per_page=3"); !slices.Equal(got, whole) || len(got) != 13 {
				t.Errorf("by %s %s in pages there is\n%v, want\n%v", sort, dir, got, whole)
			}
		}
	}
	sizes := []float64{}
	for _, o := range x.do("GET", "/folders/p?sort_by[size]=desc&type=file", nil).want(200).list() {
		n, _ := o["size"].(float64)
		sizes = append(sizes, n)
	}
	if !slices.IsSortedFunc(sizes, func(a, b float64) int { return int(b - a) }) {
		t.Errorf("the sizes are %v", sizes)
	}
}

// TestCursorHolds: what comes and goes does not move a cursor.
func TestCursorHolds(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	for _, n := range []string{"b", "d", "f", "h"} {
		x.upload("p/"+n, "x").want(201)
	}
	a := x.do("GET", "/folders/p?per_page=2", nil)
	next := url.QueryEscape(a.header.Get("X-Files-Cursor"))
	x.upload("p/a", "x").want(201)
	x.upload("p/e", "x").want(201)
	x.do("DELETE", "/files/p/d", nil).want(204)
	if got := x.do("GET", "/folders/p?per_page=9&cursor="+next, nil).paths(); !slices.Equal(got, []string{"p/e", "p/f", "p/h"}) {
		t.Errorf("the next page is %v", got)
	}
}

func TestListingRefused(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("p/a", "x").want(201)
	x.upload("p/b", "x").want(201)
	cursor := url.QueryEscape(x.do("GET", "/folders/p?per_page=1", nil).header.Get("X-Files-Cursor"))
	for query, want := range map[string]string{
		"cursor=nonsense":                                  "bad-request/invalid-cursor",
		"cursor=c2:next:xxxx":                              "bad-request/invalid-cursor",
		"sort_by[size]=asc&cursor=" + cursor:               "bad-request/invalid-cursor-type-for-sort",
		"sort_by[name]=asc":                                "bad-request/invalid-sort-field",
		"sort_by[size]=up":                                 "bad-request/invalid-sort-field",
		"sort_by[size]=asc&sort_by[path]=asc":              "bad-request/multiple-sort-params-not-allowed",
		"type=directory":                                   "bad-request/request-params-invalid",
		"per_page=none":                                    "bad-request/request-params-invalid",
		"modified_at_datetime=2024-01-01":                  "bad-request/request-params-invalid",
		"type=file&modified_at_datetime=no":                "bad-request/datetime-parse",
		"search=x&search_all=true":                         "bad-request/search-all-on-child-path",
		"recursive=true&sort_by[size]=asc":                 "bad-request/invalid-sort-filter-combination",
		"recursive=true&search=x":                          "bad-request/invalid-sort-filter-combination",
		"recursive=true&type=file&modified_at_datetime=20": "bad-request/datetime-parse",
	} {
		x.do("GET", "/folders/p?"+query, nil).refused(400, want)
	}
	x.do("GET", "/folders/none", nil).refused(404, "not-found")
	x.do("GET", "/folders/p/a", nil).refused(400, "bad-request/folder-must-not-be-a-file")
}

func TestSearchAndRecursion(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	for _, p := range []string{"a/Résumé.txt", "a/b/resume-2.pdf", "a/b/c/other.txt", "z/resume.doc"} {
		x.upload(url.PathEscape(p), "x").want(201)
	}
	for query, want := range map[string][]string{
		"a?search=RESUME":                   {"a/b/resume-2.pdf", "a/Résumé.txt"},
		"a?search=what/ever/resume":         {"a/b/resume-2.pdf", "a/Résumé.txt"},
		"?search=resume&search_all=true":    {"a/b/resume-2.pdf", "a/Résumé.txt", "z/resume.doc"},
		"a?recursive=true":                  {"a/b", "a/b/c", "a/b/c/other.txt", "a/b/resume-2.pdf", "a/Résumé.txt"},
		"a?recursive=true&type=file":        {"a/b/c/other.txt", "a/b/resume-2.pdf", "a/Résumé.txt"},
		"a?recursive=true&type=folder":      {"a/b", "a/b/c"},
		"z?recursive=true&per_page=5":       {"z/resume.doc"},
		"?type=folder&search=b&search_all=": {"a/b"},
	} {
		if got := x.do("GET", "/folders/"+query, nil).paths(); !slices.Equal(got, want) {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
	var all []string
	for at := "/folders/?recursive=true&per_page=2"; ; {
		a := x.do("GET", at, nil)
		all = append(all, a.paths()...)
		next := a.header.Get("X-Files-Cursor")
		if next == "" {
			break
		}
		at = "/folders/?recursive=true&per_page=2&cursor=" + url.QueryEscape(next)
	}
	if whole := x.do("GET", "/folders/?recursive=true", nil).paths(); !slices.Equal(all, whole) || len(whole) != 8 {
		t.Errorf("in pages there is\n%q, want\n%q", all, whole)
	}
}

// TestUploadTouchesAncestors: the mtime of every folder above is set.
func TestUploadTouchesAncestors(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.mkdir("a/b/c")
	x.pass(time.Hour)
	x.upload("a/b/c/f", "x").want(201)
	for _, p := range []string{"a", "a/b", "a/b/c"} {
		if o := x.do("GET", "/file_actions/metadata/"+p, nil).object(); o["mtime"] != "2026-03-04T16:04:05Z" || o["created_at"] != "2026-03-04T15:04:05Z" {
			t.Errorf("%s: mtime %v, created_at %v", p, o["mtime"], o["created_at"])
		}
	}
}
