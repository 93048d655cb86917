package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime/metrics"
	"strings"
	"testing"

	"ferry/backend/server/world"
)

// benchSite is a site and a function that gets a path of its API.
func benchSite(b *testing.B, o Options) (*Server, func(path string) []byte) {
	b.Helper()
	s, err := Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	l := s.Listen()
	b.Cleanup(func() {
		_ = l.Close()
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s, func(path string) []byte {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, LocalURL+"/api/rest/v1"+path, nil)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("X-FilesAPI-Key", world.AdminKey)
		res, err := l.Client().Do(req)
		if err != nil {
			b.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d %v %.200s", path, res.StatusCode, err, body)
		}
		return body
	}
}

// BenchmarkFirstRequest is from nothing to the first page of the root.
func BenchmarkFirstRequest(b *testing.B) {
	for b.Loop() {
		s, err := Open(b.Context(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		req, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, LocalURL+"/api/rest/v1/folders/", nil)
		req.Header.Set("X-FilesAPI-Key", world.AdminKey)
		l := s.Listen()
		res, err := l.Client().Do(req)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		_ = l.Close()
		_ = s.Close()
	}
}

func BenchmarkFirstPageOf100000(b *testing.B) {
	benchPage(b, "demo", "/folders/Sensors/2026?per_page=1000")
}

func BenchmarkFirstPageOf1000000(b *testing.B) {
	benchPage(b, "huge", "/folders/Sensors/2026?per_page=1000")
}

func BenchmarkMetadata(b *testing.B) {
	benchPage(b, "demo", "/file_actions/metadata/Finance/2026/Invoices/INV-2026-0100.pdf")
}

func benchPage(b *testing.B, world, path string) {
	_, get := benchSite(b, Options{World: world})
	if !bytes.HasPrefix(get(path), []byte("[")) && !strings.Contains(path, "metadata") {
		b.Fatal("no list")
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		get(path)
	}
}

// BenchmarkSorted is the first page of a sorted folder, sorted anew each time.
func BenchmarkSorted(b *testing.B) {
	s, get := benchSite(b, Options{})
	for b.Loop() {
		s.tree.sorted.list = nil
		get("/folders/Sensors/2026?per_page=1000&sort_by[size]=desc")
	}
}

// BenchmarkUpload is one small file: begin, one part, end.
func BenchmarkUpload(b *testing.B) { benchUpload(b, Options{}) }

// BenchmarkUploadDurable is the same with a data folder, synced.
func BenchmarkUploadDurable(b *testing.B) { benchUpload(b, Options{DataDir: b.TempDir()}) }

func benchUpload(b *testing.B, o Options) {
	s, err := Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	l := s.Listen()
	b.Cleanup(func() { _, _ = l.Close(), s.Close() })
	do := func(method, url, body string) []byte {
		req, err := http.NewRequestWithContext(b.Context(), method, url, strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("X-FilesAPI-Key", world.AdminKey)
		res, err := l.Client().Do(req)
		if err != nil {
			b.Fatal(err)
		}
		defer res.Body.Close()
		out, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode >= 300 {
			b.Fatalf("%s %s: %d %v %.200s", method, url, res.StatusCode, err, out)
		}
		return out
	}
	const api = LocalURL + "/api/rest/v1"
	content := strings.Repeat("x", 1000)
	tag := sumOf(content)
	i := 0
	for b.Loop() {
		i++
		name := fmt.Sprintf("Inbox/bench-%d.txt", i)
		var parts []struct {
			Ref string `json:"ref"`
			URI string `json:"upload_uri"`
		}
		if err := json.Unmarshal(do("POST", api+"/file_actions/begin_upload/"+name, "{}"), &parts); err != nil {
			b.Fatal(err)
		}
		do("PUT", parts[0].URI, content)
		do("POST", api+"/files/"+name, fmt.Sprintf(`{"action":"end","ref":%q,"etags":[{"etag":%q,"part":"1"}],"size":1000}`, parts[0].Ref, tag))
	}
}

// BenchmarkDownload is 64 MiB through the in-memory listener.
func BenchmarkDownload(b *testing.B) {
	s, err := Open(b.Context(), Options{World: "empty"})
	if err != nil {
		b.Fatal(err)
	}
	l := s.Listen()
	b.Cleanup(func() { _, _ = l.Close(), s.Close() })
	const size = 64 << 20
	c := &call{s: s, r: &http.Request{Host: "demo.files.com"}, now: s.now()}
	uri := c.downloadURI(&node{name: "x.bin", size: size, origin: "x.bin", hasOrigin: true, mtime: s.now()})
	b.SetBytes(size)
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, uri, nil)
		if err != nil {
			b.Fatal(err)
		}
		res, err := l.Client().Do(req)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if err != nil || n != size {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkOpenHuge is from nothing to the first page of a folder of 1,000,000.
func BenchmarkOpenHuge(b *testing.B) {
	for b.Loop() {
		s, err := Open(b.Context(), Options{World: "huge"})
		if err != nil {
			b.Fatal(err)
		}
		req, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, LocalURL+"/api/rest/v1/folders/Sensors/2026?per_page=1000", nil)
		req.Header.Set("X-FilesAPI-Key", world.AdminKey)
		l := s.Listen()
		res, err := l.Client().Do(req)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		_ = l.Close()
		_ = s.Close()
	}
}

// BenchmarkListingOf1000000 reads a folder of a million entries to its end, in
// pages of 1,000, and reports the largest heap on the way.
func BenchmarkListingOf1000000(b *testing.B) {
	s, _ := benchSite(b, Options{World: "huge"})
	var most uint64
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	for b.Loop() {
		cursor, entries, pages := "", 0, 0
		for {
			req := httptest.NewRequestWithContext(b.Context(), http.MethodGet,
				"/api/rest/v1/folders/Sensors/2026?per_page=1000&cursor="+url.QueryEscape(cursor), nil)
			req.Header.Set("X-FilesAPI-Key", world.AdminKey)
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, req)
			entries += bytes.Count(w.Body.Bytes(), []byte(`{"path":`))
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			pages++
			if cursor = w.Header().Get("X-Files-Cursor"); cursor == "" {
				break
			}
		}
		if entries < 1_000_000 || pages < 1000 {
			b.Fatal(entries, pages)
		}
	}
	b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/1000, "s/listing")
}
