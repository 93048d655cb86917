package server

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// unzipped is an archive as names and contents.
func unzipped(t *testing.T, b []byte) (names []string, contents map[string]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	contents = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		names, contents[f.Name] = append(names, f.Name), string(text)
	}
	return names, contents
}

func TestZipDownload(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("a/x.txt", "one").want(201)
	x.upload("b/X.txt", "two").want(201)
	x.upload("b/y%20&.txt", "three").want(201)
	o := x.do("POST", "/zip_downloads", map[string]any{"paths": []string{"a/x.txt"}, "encoded_paths": []string{"b%2FX.txt", "b/y%20%26.txt"}}).want(200).object()
	uri, _ := o["download_uri"].(string)
	a := x.send("GET", uri, nil).want(200)
	names, contents := unzipped(t, a.body)
	if !slices.Equal(names, []string{"x.txt", "X (1).txt", "y &.txt"}) || contents["x.txt"]+contents["X (1).txt"]+contents["y &.txt"] != "onetwothree" {
		t.Errorf("%v %v", names, contents)
	}
	bad := x.do("POST", "/zip_downloads", map[string]any{"paths": []string{"a/none.txt", "b"}}).want(422).object()
	if e, _ := bad["errors"].([]any); len(e) != 2 || e[0] != "Paths does not match existing file at: a/none.txt" ||
		e[1] != "Paths cannot be downloaded at: b" {
		t.Errorf("%v", bad)
	}
	x.do("POST", "/zip_downloads", map[string]any{"encoded_paths": []string{"a/x.txt"}}).refused(400, "bad-request/request-params-required")
	x.pass(downloadFor)
	if a := x.send("GET", uri, nil).want(403); !strings.Contains(string(a.body), "<Message>Request has expired</Message>") {
		t.Errorf("%s", a.body)
	}
}

func TestZipAndUnzip(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("d/x.txt", "one").want(201)
	x.upload("d/sub/y.txt", "two").want(201)
	x.upload("z.txt", "three").want(201)
	zipped := func(extra ...string) *answer {
		body := map[string]any{"paths": []string{"d", "z.txt"}, "destination": "out.zip"}
		for _, e := range extra {
			body[e] = true
		}
		return x.do("POST", "/file_actions/zip", body)
	}
	if a := zipped().want(201); string(a.body) != `{"status":"completed"}` {
		t.Errorf("%s", a.body)
	}
	zipped().refused(422, "processing-failure/destination-exists")
	zipped("overwrite").want(201)
	names, _ := unzipped(t, []byte(x.content("out.zip")))
	if want := []string{"d/", "d/sub/", "d/sub/y.txt", "d/x.txt", "z.txt"}; !slices.Equal(names, want) {
		t.Errorf("the archive has %v, want %v", names, want)
	}
	var listed []string
	for _, o := range x.do("GET", "/file_actions/zip_list/out.zip", nil).want(200).list() {
		listed = append(listed, text(o["path"])+"="+text(o["size"]))
	}
	if want := []string{"d/=0", "d/sub/=0", "d/sub/y.txt=3", "d/x.txt=3", "z.txt=5"}; !slices.Equal(listed, want) {
		t.Errorf("the list is %v, want %v", listed, want)
	}
	x.do("GET", "/file_actions/zip_list/z.txt", nil).refused(422, "processing-failure/invalid-zip-file")

	unzip := func(body map[string]any) *answer { return x.do("POST", "/file_actions/unzip", body) }
	unzip(map[string]any{"path": "out.zip", "destination": "back"}).want(201)
	if got := x.content("back/d/sub/y.txt") + x.content("back/z.txt"); got != "twothree" {
		t.Errorf("what came back has %q", got)
	}
	unzip(map[string]any{"path": "out.zip", "destination": "back"}).refused(422, "processing-failure/destination-exists")
	unzip(map[string]any{"path": "out.zip", "destination": "back", "overwrite": true}).want(201)
	unzip(map[string]any{"path": "out.zip", "destination": "single", "filename": "z.txt"}).want(201)
	if got := x.do("GET", "/folders/single?recursive=true", nil).paths(); !slices.Equal(got, []string{"single/z.txt"}) {
		t.Errorf("of one entry came %v", got)
	}
	unzip(map[string]any{"path": "out.zip", "destination": "single", "filename": "none"}).refused(404, "not-found")
	unzip(map[string]any{"path": "none.zip", "destination": "single"}).refused(404, "not-found")
}

// TestUnzipStaysInside: an entry cannot climb out of the destination.
func TestUnzipStaysInside(t *testing.T) {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, err := z.Create("../../evil.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "x"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	x := openSite(t, Options{World: "empty"})
	x.upload(url.PathEscape("evil.zip"), buf.String()).want(201)
	x.do("POST", "/file_actions/unzip", map[string]any{"path": "evil.zip", "destination": "a/b"}).want(201)
	if got := x.do("GET", "/folders/?recursive=true&type=file", nil).paths(); !slices.Equal(got, []string{"a/b/evil.txt", "evil.zip"}) {
		t.Errorf("the site has %v", got)
	}
}

// TestLargeZip: an archive of many files is made, and unpacked, by a migration.
func TestLargeZip(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	for i := range atOnce {
		x.do("POST", fmt.Sprintf("/folders/many/f%d", i), map[string]any{"mkdir_parents": true}).want(201)
	}
	x.upload("many/f7/a.txt", "text").want(201)
	ends := func(a *answer) map[string]any {
		t.Helper()
		o := a.want(201).object()
		if o["status"] != "pending" || o["file_migration_id"] == nil {
			t.Fatalf("%s: %s", a.what, a.body)
		}
		var m map[string]any
		until(t, a.what, func() bool {
			m = x.do("GET", "/file_migrations/"+text(o["file_migration_id"]), nil).want(200).object()
			return m["status"] == "completed" || m["status"] == "failed"
		})
		return m
	}
	pack := map[string]any{"paths": []string{"many"}, "destination": "many.zip"}
	m := ends(x.do("POST", "/file_actions/zip", pack))
	if m["status"] != "completed" || m["operation"] != "zip" || m["path"] != "many" || m["dest_path"] != "many.zip" || m["files_total"] != float64(atOnce+2) {
		t.Errorf("the migration is %v", m)
	}
	if n := len(x.do("GET", "/file_actions/zip_list/many.zip", nil).want(200).list()); n != atOnce+2 {
		t.Errorf("the archive has %d entries", n)
	}
	x.do("POST", "/file_actions/zip", pack).refused(422, "processing-failure/destination-exists")

	unpack := map[string]any{"path": "many.zip", "destination": "out"}
	m = ends(x.do("POST", "/file_actions/unzip", unpack))
	if m["status"] != "completed" || m["operation"] != "unzip" {
		t.Errorf("the migration is %v", m)
	}
	if got := string(x.fetch("out/many/f7/a.txt").want(200).body); got != "text" {
		t.Errorf("%q came out", got)
	}
	if got := x.deeds("/history/files/out/many/f7/a.txt"); !slices.Contains(got, "create out/many/f7/a.txt") {
		t.Errorf("the history is %v", got)
	}
	if m = ends(x.do("POST", "/file_actions/unzip", unpack)); m["status"] != "failed" || m["failure_message"] != "The destination exists." {
		t.Errorf("over what is there: %v", m)
	}
	unpack["overwrite"] = true
	if m = ends(x.do("POST", "/file_actions/unzip", unpack)); m["status"] != "completed" {
		t.Errorf("overwriting: %v", m)
	}
}
