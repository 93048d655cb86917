package backendtest

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

var downloadCases = slices.Concat(rangeCases(), []testCase{
	{name: "download: redirect", run: redirect},
	{name: "download: headers", run: downloadHeaders},
	{name: "download: HEAD", run: head},
	{name: "download: If-Match", run: ifMatch},
	{name: "download: the tag changes with the content", run: tagChanges},
	{name: "download: a copy keeps its content", run: copyKeeps},
	{name: "download: every request gives an address of its own time", run: func(t *testing.T, s *suite) {
		uri := s.address(t, s.fill(t, "{d}/file.txt"))
		u, err := url.Parse(uri)
		if err != nil || !u.IsAbs() || u.Host == "" {
			t.Errorf("the address %q, %v", uri, err)
		}
	}},
	{name: "download: without credentials", run: func(t *testing.T, s *suite) {
		if w := s.send(t, "GET", s.address(t, s.fill(t, "{d}/file.txt")), nil).ok(200); string(w.body) != "hello\n" {
			t.Errorf("content %q", w.body)
		}
	}},
	{name: "download: asking for the direct connection changes nothing", run: func(t *testing.T, s *suite) {
		w := s.send(t, "GET", s.fill(t, "/files/{d}/file.txt?with_direct_connection_info=true"), nil).ok(200)
		if uri, _ := w.object()["download_uri"].(string); uri == "" {
			t.Errorf("the answer is %s", w.body)
		}
	}},
	{name: "download: counts in the history, statistics do not", admin: true, run: countedDownload},
})

// address asks for a download.
func (s *suite) address(t *testing.T, path string) string {
	t.Helper()
	e, err := s.c.Download(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return e.DownloadURI
}

// digits is a file of a hundred bytes.
func (s *suite) digits(t *testing.T) string {
	t.Helper()
	path := s.root + "/digits/f.bin"
	if ok, err := s.c.Exists(t.Context(), path); err != nil {
		t.Fatal(err)
	} else if !ok {
		s.put(t, path, []byte(strings.Repeat("0123456789", 10)), time.Time{})
	}
	return path
}

// rangeCases: status, bounds and bytes of every form of a range (RFC 9110, 14).
func rangeCases() (out []testCase) {
	for _, x := range []struct {
		name, ask      string
		status         int
		bounds, length string
		body           string
	}{
		{"everything", "", 200, "", "100", strings.Repeat("0123456789", 10)},
		{"the first byte", "bytes=0-0", 206, "bytes 0-0/100", "1", "0"},
		{"a middle", "bytes=15-24", 206, "bytes 15-24/100", "10", "5678901234"},
		{"the last byte", "bytes=99-99", 206, "bytes 99-99/100", "1", "9"},
		{"an open end", "bytes=95-", 206, "bytes 95-99/100", "5", "56789"},
		{"an end beyond", "bytes=95-1000", 206, "bytes 95-99/100", "5", "56789"},
		{"a tail", "bytes=-3", 206, "bytes 97-99/100", "3", "789"},
		{"a tail longer than the file", "bytes=-1000", 206, "bytes 0-99/100", "100", strings.Repeat("0123456789", 10)},
		{"all as a range", "bytes=0-99", 206, "bytes 0-99/100", "100", strings.Repeat("0123456789", 10)},
		{"beyond the end", "bytes=100-", 416, "bytes */100", "", ""},
		{"far beyond the end", "bytes=100000-200000", 416, "bytes */100", "", ""},
	} {
		out = append(out, testCase{name: "range: " + x.name, run: func(t *testing.T, s *suite) {
			w := s.send(t, "GET", s.address(t, s.digits(t)), nil, "Range", x.ask).ok(x.status)
			if got := w.header.Get("Content-Range"); got != x.bounds {
				t.Errorf("Content-Range %q, want %q", got, x.bounds)
			}
			if x.status == 416 {
				return
			}
			if string(w.body) != x.body || w.header.Get("Content-Length") != x.length {
				t.Errorf("%q of length %s, want %q of length %s", w.body, w.header.Get("Content-Length"), x.body, x.length)
			}
		}})
	}
	return out
}

func redirect(t *testing.T, s *suite) {
	w := s.send(t, "GET", "/files/"+s.digits(t)+"?action=redirect", nil).ok(302)
	to := w.header.Get("Location")
	if got := s.send(t, "GET", to, nil).ok(200); len(got.body) != 100 {
		t.Errorf("%s gives %d bytes", to, len(got.body))
	}
}

func downloadHeaders(t *testing.T, s *suite) {
	d := s.dir(t, "download-headers")
	name := "Bücher & more.txt"
	s.put(t, d+"/"+name, []byte("x"), time.Time{})
	w := s.send(t, "GET", s.address(t, d+"/"+name), nil).ok(200)
	kind, p, err := mime.ParseMediaType(w.header.Get("Content-Disposition"))
	if err != nil || kind != "attachment" || p["filename"] != name {
		t.Errorf("Content-Disposition %q, %v", w.header.Get("Content-Disposition"), err)
	}
	if got := w.header.Get("Accept-Ranges"); got != "bytes" {
		t.Errorf("Accept-Ranges %q", got)
	}
	if _, err := http.ParseTime(w.header.Get("Last-Modified")); err != nil {
		t.Errorf("Last-Modified: %v", err)
	}
	if tag := w.header.Get("Etag"); len(tag) < 10 || tag[0] != '"' {
		t.Errorf("ETag %s", tag)
	}
	if got := w.header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("Cache-Control %q", got)
	}
}

func head(t *testing.T, s *suite) {
	if s.Embedded == nil {
		return // an address of S3 is signed for GET alone
	}
	w := s.send(t, "HEAD", s.address(t, s.digits(t)), nil).ok(200)
	if n, err := strconv.Atoi(w.header.Get("Content-Length")); err != nil || n != 100 || len(w.body) != 0 {
		t.Errorf("length %s, %d bytes", w.header.Get("Content-Length"), len(w.body))
	}
}

func ifMatch(t *testing.T, s *suite) {
	uri := s.address(t, s.digits(t))
	tag := s.send(t, "GET", uri, nil).ok(200).header.Get("Etag")
	s.send(t, "GET", uri, nil, "If-Match", tag, "Range", "bytes=1-2").ok(206)
	s.send(t, "GET", uri, nil, "If-Match", "*").ok(200)
	s.send(t, "GET", uri, nil, "If-Match", `"another"`).ok(412)
	s.send(t, "GET", uri, nil, "If-Match", `"another", `+tag).ok(200)
}

func tagChanges(t *testing.T, s *suite) {
	path := s.dir(t, "tags") + "/f"
	var tags []string
	for _, text := range []string{"one", "two", "two"} {
		s.put(t, path, []byte(text), time.Time{})
		tags = append(tags, s.send(t, "GET", s.address(t, path), nil).ok(200).header.Get("Etag"))
	}
	if tags[0] == tags[1] {
		t.Errorf("other content with the same tag %s", tags[0])
	}
	again := s.send(t, "GET", s.address(t, path), nil).ok(200).header.Get("Etag")
	if again != tags[2] {
		t.Errorf("the same content with the tags %s and %s", tags[2], again)
	}
}

func copyKeeps(t *testing.T, s *suite) {
	d := s.dir(t, "copy-keeps")
	s.put(t, d+"/a", []byte("kept"), time.Time{})
	m, err := s.c.Copy(t.Context(), d+"/a", d+"/b", false)
	s.wait(t, m, err)
	s.put(t, d+"/a", []byte("changed"), time.Time{})
	if got := string(s.get(t, d+"/b", 0, -1)); got != "kept" {
		t.Errorf("the copy is %q", got)
	}
	if err := s.c.Delete(t.Context(), d+"/a", false); err != nil {
		t.Fatal(err)
	}
	b, err := s.c.OpenRange(t.Context(), s.address(t, d+"/b"), 0, -1, "")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if got, err := io.ReadAll(b); err != nil || string(got) != "kept" {
		t.Errorf("the copy is %q, %v", got, err)
	}
}

func countedDownload(t *testing.T, s *suite) {
	d := s.dir(t, "counted")
	s.put(t, d+"/f", []byte("x"), time.Time{})
	reads := func() (n int) {
		p, err := s.c.Resource("history").ListOp(t.Context(), "list_for_file", backend.Query{}, params{"path": d + "/f"})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Items {
			if l["action"] == "read" {
				n++
			}
		}
		return n
	}
	before := reads()
	s.send(t, "GET", "/files/"+d+"/f?action=stat", nil).ok(200)
	s.send(t, "GET", "/file_actions/metadata/"+d+"/f", nil).ok(200)
	if n := reads(); n != before {
		t.Errorf("statistics count as %d downloads", n-before)
	}
	s.address(t, d+"/f")
	eventually(t, "the download in the history", func() bool { return reads() == before+1 })
}
