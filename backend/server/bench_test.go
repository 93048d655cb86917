package server

import (
	"bytes"
	"io"
	"net/http"
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
