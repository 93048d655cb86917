package server

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"
)

func sumOf(s string) string {
	b := md5.Sum([]byte(s))
	return hex.EncodeToString(b[:])
}

// begin starts an upload, or goes on with one.
func (x *site) begin(path string, body map[string]any) map[string]any {
	x.t.Helper()
	return x.do("POST", "/file_actions/begin_upload/"+path, body).want(200).list()[0]
}

func (x *site) put(part map[string]any, content string) *answer {
	x.t.Helper()
	uri, _ := part["upload_uri"].(string)
	return x.send("PUT", uri, strings.NewReader(content))
}

func etag(part any, content string) map[string]any {
	return map[string]any{"etag": sumOf(content), "part": part}
}

// TestBeginUpload checks the recorded fields (PROTOCOL.md 10).
func TestBeginUpload(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	a := x.do("POST", "/file_actions/begin_upload/new.txt", map[string]any{"size": 3}).want(200)
	p := a.list()[0]
	for k, want := range map[string]any{
		"part_number": 1.0, "http_method": "PUT", "action": "put/write", "partsize": 5242880.0, "next_partsize": 6291456.0,
		"available_parts": 10000.0, "parallel_parts": true, "retry_parts": true, "ask_about_overwrites": false,
		"expires": x.clock().Add(900 * time.Second).Format("2006-01-02T15:04:05Z"),
	} {
		if p[k] != want {
			t.Errorf("%s is %v, want %v", k, p[k], want)
		}
	}
	if ref, _ := p["ref"].(string); !strings.HasPrefix(ref, "put-") {
		t.Errorf("ref %q", ref)
	}
	if _, ok := p["path"]; ok {
		t.Error("there is a path without a new name")
	}
	if !strings.Contains(string(a.body), `"headers":{},"parameters":{},"send":{"partsize":"required-header Content-Length","partdata":"body"}`) {
		t.Errorf("%s", a.body)
	}
	u, err := url.Parse(p["upload_uri"].(string))
	if err != nil || !u.IsAbs() || u.Query().Get("partNumber") != "1" || u.Query().Get("X-Files-Expires") != "900" {
		t.Errorf("upload_uri %v %v", u, err)
	}
	three := x.do("POST", "/file_actions/begin_upload/new.txt", map[string]any{"ref": p["ref"], "part": 7, "parts": 3}).want(200).list()
	if len(three) != 3 || three[0]["part_number"] != 7.0 || three[2]["part_number"] != 9.0 || three[1]["ref"] != p["ref"] {
		t.Errorf("three parts: %v", three)
	}
}

func TestBeginUploadRefusals(t *testing.T) {
	x := openSite(t, Options{})
	for _, c := range []struct {
		path   string
		body   map[string]any
		status int
		typ    string
	}{
		{"new.txt", map[string]any{"part": 10_001}, 400, "bad-request/part-number-too-large"},
		{"new.txt", map[string]any{"part": 0}, 400, "bad-request/request-params-invalid"},
		{"new.txt", map[string]any{"ref": "put-999"}, 404, "not-found/file-upload-not-found"},
		{"new.txt", map[string]any{"ref": "nonsense"}, 404, "not-found/file-upload-not-found"},
		{"new.txt", map[string]any{"restart": 5}, 400, "bad-request/invalid-upload-offset"},
		{"README.md", map[string]any{"restart": 1 << 40}, 400, "bad-request/invalid-upload-offset"},
		{"Documents", map[string]any{}, 422, "processing-failure/destination-exists"},
		{"no/where/new.txt", map[string]any{}, 409, "processing-failure/destination-parent-does-not-exist"},
		{"README.md/new.txt", map[string]any{}, 422, "processing-failure/destination-parent-conflict"},
		{"", map[string]any{}, 400, "bad-request/invalid-path"},
		{strings.Repeat("x", 256), map[string]any{}, 422, "processing-failure/filename-too-long"},
	} {
		x.do("POST", "/file_actions/begin_upload/"+c.path, c.body).refused(c.status, c.typ)
	}
}

// TestUploadInAnyOrder: any sizes, any order, a part sent again, part numbers
// as text and as numbers, one URL for all parts.
func TestUploadInAnyOrder(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	parts := []string{"first ", strings.Repeat("second", 9000), "3", ""}
	p := x.begin("dir/file.txt", map[string]any{"mkdir_parents": true})
	uri, _ := p["upload_uri"].(string)
	for _, i := range []int{3, 1, 0, 2} {
		// As the vendor's client does: one URL, with the number in part_number.
		own := strings.Replace(uri, "partNumber=1", fmt.Sprintf("part_number=%d&part_offset=0", i+1), 1)
		if i == 2 {
			x.send("PUT", own, strings.NewReader("wrong at first")).want(200)
		}
		a := x.send("PUT", own, strings.NewReader(parts[i])).want(200)
		if got := a.header.Get("ETag"); got != `"`+sumOf(parts[i])+`"` {
			t.Errorf("part %d: ETag %s", i+1, got)
		}
		if got := a.header.Get("Content-Type"); got != "" {
			t.Errorf("Content-Type %q", got)
		}
	}
	whole := strings.Join(parts, "")
	end := map[string]any{
		"action": "end", "ref": p["ref"], "size": len(whole), "provided_mtime": "2010-11-17T20:34:58.651387237Z",
		"etags": []any{etag("4", parts[3]), etag(2, parts[1]), etag("1", parts[0]), etag(3, parts[2])},
	}
	o := x.do("POST", "/files/dir/file.txt", end).want(201).object()
	if o["size"] != float64(len(whole)) || o["provided_mtime"] != "2010-11-17T20:34:58Z" || o["md5"] != nil || o["crc32"] != nil || o["created_by_api_key_id"] == nil {
		t.Errorf("%v", o)
	}
	if got := x.fetch("dir/file.txt").want(200); string(got.body) != whole {
		t.Errorf("%d bytes came back, want %d", len(got.body), len(whole))
	}
	x.do("POST", "/files/dir/file.txt", end).refused(404, "not-found/file-upload-not-found")
	x.send("PUT", uri, strings.NewReader("late")).want(404)
	// The checksums come a moment later (PROTOCOL.md 8).
	x.pass(2 * time.Second)
	if got := x.do("GET", "/file_actions/metadata/dir/file.txt", nil).want(200).object(); got["md5"] != sumOf(whole) || got["sha256"] == nil {
		t.Errorf("a moment later: %v", got)
	}
	if got := x.do("GET", "/folders/dir", nil).want(200).list()[0]["md5"]; got != sumOf(whole) {
		t.Errorf("in the listing: %v", got)
	}
}

func TestUploadStatusAndReplacing(t *testing.T) {
	x := openSite(t, Options{})
	x.upload("empty.txt", "").want(201)
	if a := x.fetch("empty.txt").want(200); len(a.body) != 0 {
		t.Errorf("%q", a.body)
	}
	first := x.upload("Documents/new.txt", "one").want(201).object()
	x.pass(time.Hour)
	second := x.upload("documents/NEW.txt", "two").want(200).object()
	if second["path"] != "Documents/new.txt" {
		t.Errorf("the spelling has become %v", second["path"])
	}
	if second["created_at"] == first["created_at"] || second["created_at"] != second["mtime"] {
		t.Errorf("replacing has not reset the time: %v %v", second["created_at"], second["mtime"])
	}
	if string(x.fetch("Documents/new.txt").body) != "two" {
		t.Error("the old content is there")
	}
	// One of the world is replaced as well, and its folder is touched.
	x.upload("Documents/table.csv", "a,b").want(200)
	if string(x.fetch("Documents/table.csv").body) != "a,b" {
		t.Error("the content of the world is there")
	}
	if got := x.do("GET", "/file_actions/metadata/Documents", nil).want(200).object()["mtime"]; got != second["mtime"] {
		t.Errorf("mtime of the folder is %v", got)
	}
	o := x.do("POST", "/file_actions/begin_upload/Documents/new.txt", map[string]any{"with_rename": true}).want(200).list()[0]
	path, _ := o["path"].(string)
	if path == "" || path == "Documents/new.txt" || !strings.HasPrefix(path, "Documents/") {
		t.Errorf("new name %q", path)
	}
	x.put(o, "three").want(200)
	end := x.do("POST", "/files/Documents/new.txt", map[string]any{"action": "end", "ref": o["ref"], "etags": []any{etag(1, "three")}}).want(201).object()
	if end["path"] != path {
		t.Errorf("it became %v, want %s", end["path"], path)
	}
}

func TestUploadRestart(t *testing.T) {
	x := openSite(t, Options{})
	x.upload("log.txt", "0123456789").want(201)
	for _, c := range []struct{ path, keep, more string }{{"log.txt", "01234", "ABC"}, {"README.md", string(x.fetch("README.md").body[:100]), "the end"}} {
		p := x.begin(c.path, map[string]any{"restart": len(c.keep), "size": len(c.keep + c.more)})
		x.put(p, c.more).want(200)
		end := map[string]any{"action": "end", "ref": p["ref"], "etags": []any{etag(1, c.more)}, "size": len(c.keep + c.more)}
		x.do("POST", "/files/"+c.path, end).want(200)
		if got := string(x.fetch(c.path).body); got != c.keep+c.more {
			t.Errorf("%s is %q", c.path, got)
		}
	}
}

func TestEndRefusals(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	p := x.begin("f", nil)
	ref := p["ref"]
	end := func(etags []any, extra map[string]any) *answer {
		body := map[string]any{"action": "end", "ref": ref, "etags": etags}
		for k, v := range extra {
			body[k] = v
		}
		return x.do("POST", "/files/f", body)
	}
	end([]any{etag(1, "a")}, nil).refused(422, "processing-failure/file-not-uploaded")
	x.put(p, "a").want(200)
	x.put(x.begin("f", map[string]any{"ref": ref, "part": 3}), "c").want(200)
	end([]any{etag(1, "b")}, nil).refused(400, "bad-request/invalid-etags")
	end([]any{}, nil).refused(400, "bad-request/invalid-etags")
	end([]any{"x"}, nil).refused(400, "bad-request/invalid-etags")
	end([]any{etag(1, "a"), etag("1", "a")}, nil).refused(400, "bad-request/invalid-etags")
	end([]any{etag(1, "a"), etag(2, "b")}, nil).refused(422, "processing-failure/file-not-uploaded")
	end([]any{etag(1, "a"), etag(3, "c")}, nil).refused(400, "bad-request/invalid-upload-part-gap")
	end([]any{etag(1, "a")}, map[string]any{"size": 2}).refused(400, "bad-request/invalid-upload-part-size")
	end([]any{etag(1, "a")}, map[string]any{"provided_mtime": "0001-01-01T00:00:00Z"}).refused(400, "bad-request/datetime-parse")
	end([]any{etag(1, "a")}, map[string]any{"size": 1}).want(201)
	x.do("POST", "/files/f", map[string]any{"action": "end", "etags": []any{}}).refused(400, "bad-request/request-params-required")
	x.do("POST", "/files/f", map[string]any{"action": "nonsense"}).refused(400, "bad-request/request-params-invalid")
}

func TestPartRefusals(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	p := x.begin("f", nil)
	uri, _ := p["upload_uri"].(string)
	xml := func(a *answer, status int, code string) {
		t.Helper()
		a.want(status)
		if !bytes.Contains(a.body, []byte("<Code>"+code+"</Code>")) || a.header.Get("Content-Type") != "application/xml" {
			t.Errorf("%s: %s", a.what, a.body)
		}
	}
	xml(x.send("PUT", uri, io.MultiReader(strings.NewReader("chunked"))), 411, "MissingContentLength")
	xml(x.send("PUT", strings.Replace(uri, "X-Files-Expires=900", "X-Files-Expires=9000", 1), strings.NewReader("x")), 403, "SignatureDoesNotMatch")
	xml(x.send("PUT", strings.Replace(uri, "partNumber=1", "partNumber=10001", 1), strings.NewReader("x")), 400, "InvalidArgument")
	xml(x.send("GET", uri, nil), 405, "MethodNotAllowed")
	x.pass(901 * time.Second)
	xml(x.send("PUT", uri, strings.NewReader("x")), 403, "AccessDenied")
	// The same ref gives a new URL.
	x.put(x.begin("f", map[string]any{"ref": p["ref"]}), "x").want(200)
	x.do("POST", "/files/f", map[string]any{"action": "end", "ref": p["ref"], "etags": []any{etag("1", "x")}}).want(201)
}
