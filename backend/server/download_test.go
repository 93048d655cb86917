package server

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

func TestDownload(t *testing.T) {
	x := openSite(t, Options{})
	text := strings.Repeat("0123456789", 5000)
	x.upload("Pictures/a%20b%23%C3%BC.png", text[:20_000], text[20_000:]).want(201)
	x.pass(2 * time.Second)
	o := x.do("GET", "/files/Pictures/a%20b%23%C3%BC.png?with_direct_connection_info=true", nil).want(200).object()
	if o["mime_type"] != "image/png" || o["size"] != float64(len(text)) || o["md5"] != sumOf(text) {
		t.Errorf("%v", o)
	}
	uri, _ := o["download_uri"].(string)
	a := x.send("GET", uri, nil).want(200)
	if string(a.body) != text {
		t.Errorf("%d bytes", len(a.body))
	}
	for name, want := range map[string]string{
		"Accept-Ranges": "bytes", "Content-Length": "50000", "Cache-Control": "no-cache, no-store", "Content-Type": "image/png",
		"Content-Disposition": `attachment; filename*=utf-8''a%20b#%C3%BC.png`,
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if a.header.Get("Last-Modified") == "" || a.header.Get("ETag") == "" {
		t.Errorf("%v", a.header)
	}
	// Ranges, over the border of two parts and at the end.
	part := x.send("GET", uri, nil, "Range", "bytes=19990-20009", "If-Match", a.header.Get("ETag")).want(206)
	if string(part.body) != text[19990:20010] || part.header.Get("Content-Range") != "bytes 19990-20009/50000" {
		t.Errorf("%q %v", part.body, part.header)
	}
	if tail := x.send("GET", uri, nil, "Range", "bytes=49999-").want(206); string(tail.body) != "9" {
		t.Errorf("%q", tail.body)
	}
	x.send("GET", uri, nil, "Range", "bytes=50000-").want(416)
	x.send("GET", uri, nil, "If-Match", `"another"`).want(412)
	if head := x.send("HEAD", uri, nil).want(200); head.header.Get("Content-Length") != "50000" || len(head.body) != 0 {
		t.Errorf("%v", head.header)
	}
	// The URL names the content: what is replaced meanwhile stays whole.
	etag := a.header.Get("ETag")
	x.do("POST", "/file_actions/copy/Pictures/a%20b%23%C3%BC.png", map[string]any{"destination": "copy.png"}).want(201)
	x.upload("Pictures/a%20b%23%C3%BC.png", "new").want(200)
	if again := x.send("GET", uri, nil).want(200); string(again.body) != text {
		t.Error("the content has changed under its URL")
	}
	if x.fetch("Pictures/a%20b%23%C3%BC.png").header.Get("ETag") == etag {
		t.Error("the new content has the old ETag")
	}
	x.pass(61 * time.Second)
	late := x.send("GET", uri, nil).want(403)
	if !bytes.Contains(late.body, []byte("<Code>AccessDenied</Code><Message>Request has expired</Message>")) {
		t.Errorf("%s", late.body)
	}
	x.do("DELETE", "/files/copy.png", nil).want(204)
	fresh, _ := x.do("GET", "/files/Pictures/a%20b%23%C3%BC.png", nil).object()["download_uri"].(string)
	x.do("DELETE", "/files/Pictures/a%20b%23%C3%BC.png", nil).want(204)
	x.send("GET", fresh, nil).want(200) // a content that can be restored is there
	x.upload("replaced.txt", "old").want(201)
	fresh, _ = x.do("GET", "/files/replaced.txt", nil).object()["download_uri"].(string)
	x.upload("replaced.txt", "new").want(200)
	x.send("GET", fresh, nil).want(404)
}

func TestDownloadOfTheWorld(t *testing.T) {
	x := openSite(t, Options{})
	for _, path := range []string{"README.md", "Pictures/welcome.png", "Documents/document-07.md"} {
		o := x.do("GET", "/files/"+path, nil).want(200).object()
		a := x.fetch(path).want(200)
		if float64(len(a.body)) != o["size"] || o["md5"] != sumOf(string(a.body)) {
			t.Errorf("%s: %d bytes with MD5 %s, want %v with %v", path, len(a.body), sumOf(string(a.body)), o["size"], o["md5"])
		}
		half, err := io.ReadAll(io.NewSectionReader(bytes.NewReader(a.body), 10, 20))
		if err != nil || string(x.fetch(path, "Range", "bytes=10-29").want(206).body) != string(half) {
			t.Errorf("%s: a range differs", path)
		}
	}
}

func TestDownloadForms(t *testing.T) {
	x := openSite(t, Options{})
	o := x.do("GET", "/files/README.md?action=stat", nil).want(200).object()
	if _, ok := o["download_uri"]; ok {
		t.Error("stat gives a URL")
	}
	to := x.do("GET", "/files/README.md?action=redirect", nil).want(302).header.Get("Location")
	x.send("GET", to, nil).want(200)
	x.do("GET", "/files/Documents", nil).refused(400, "bad-request/cannot-download-directory")
	x.do("GET", "/files/nowhere", nil).refused(404, "not-found")
	x.do("GET", "/files/README.md?action=nonsense", nil).refused(400, "bad-request/request-params-invalid")
	o = x.do("GET", "/files/README.md", nil).want(200).object()
	uri, _ := o["download_uri"].(string)
	x.send("GET", strings.Replace(uri, "README", "OTHER", 1), nil).want(403)
	x.send("PUT", uri, strings.NewReader("x")).want(405)
	names := []string{}
	for _, h := range x.do("GET", "/history/files/README.md", nil).want(200).list() {
		name, _ := h["action"].(string)
		names = append(names, name)
	}
	reads := 0
	for _, n := range names {
		if n == "read" {
			reads++
		}
	}
	if reads < 2 {
		t.Errorf("the history of the file is %v", names)
	}
}

// TestStorageRefusals: what a request of the storage asks for in vain is refused
// as storage hosts do.
func TestStorageRefusals(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("a file.txt", "0123456789").want(201)
	whole := x.fetch("a%20file.txt").want(200)
	if got := whole.header.Get("Content-Disposition"); got != `attachment; filename="a file.txt"` {
		t.Errorf("Content-Disposition: %s", got)
	}
	for _, c := range []struct {
		header, value, code string
		status              int
	}{
		{"Range", "bytes=10-", "InvalidRange", 416},
		{"If-Match", `"another"`, "PreconditionFailed", 412},
		{"If-Unmodified-Since", "Thu, 01 Jan 2015 00:00:00 GMT", "PreconditionFailed", 412},
	} {
		a := x.fetch("a%20file.txt", c.header, c.value).want(c.status)
		if !strings.Contains(string(a.body), "<Code>"+c.code+"</Code>") || a.header.Get("Content-Type") != "application/xml" {
			t.Errorf("%s: %s of %s", c.header, a.body, a.header.Get("Content-Type"))
		}
	}
	if a := x.fetch("a%20file.txt", "If-Match", whole.header.Get("ETag")).want(200); string(a.body) != "0123456789" {
		t.Errorf("%q", a.body)
	}
	x.fetch("a%20file.txt", "If-None-Match", whole.header.Get("ETag")).want(304)
}
