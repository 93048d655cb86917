package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"ferry/tests/leak"
)

func TestMain(m *testing.M) { os.Exit(leak.Main(m)) }

func TestHeadersOfEveryAnswer(t *testing.T) {
	x := openSite(t, Options{})
	for _, a := range []*answer{
		x.do("GET", "/folders/", nil), x.do("GET", "/site", nil), x.do("GET", "/file_actions/metadata/nowhere", nil), x.do("GET", "/nothing", nil),
	} {
		for name, want := range map[string]string{
			"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate", "Pragma": "no-cache",
			"Server": "files.com", "Content-Type": "application/json", "Expires": "Fri, 01 Jan 1990 00:00:00 GMT",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s %q", a.what, name, got)
			}
		}
		if id := a.header.Get("X-Request-Id"); len(id) != 32 {
			t.Errorf("%s: X-Request-Id %q", a.what, id)
		}
	}
}

func TestErrorBody(t *testing.T) {
	x := openSite(t, Options{})
	a := x.do("POST", "/folders/a%26b/c", map[string]any{}).refused(409, "processing-failure/destination-parent-does-not-exist")
	if o := a.object(); o["error"] != "The destination parent does not exist." || o["title"] != "Destination Parent Does Not Exist" {
		t.Errorf("%s", a.body)
	}
	x.mkdir("a&b/c")
	a = x.do("DELETE", "/files/a&b", nil).refused(422, "processing-failure/folder-not-empty")
	if !strings.Contains(string(a.body), `"error":"Folder a\u0026b not empty"`) {
		t.Errorf("the ampersand is not escaped: %s", a.body)
	}
}

// TestPaths: the path is decoded as it came; "%2F" divides, "+" stays, "nil"
// alone is the root (PROTOCOL.md 4).
func TestPaths(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.upload("root/data+more/a b.txt", "x").want(201)
	for _, path := range []string{
		"/file_actions/metadata/root/data+more/a%20b.txt", "/file_actions/metadata/root%2Fdata%2Bmore%2Fa%20b.txt",
		"/file_actions/metadata/ROOT/./data+more//../a%20b.TXT", "/files/root%2fdata+more%2Fa%20b.txt?action=stat&path=ignored",
	} {
		if got := x.do("GET", path, nil).want(200).object()["path"]; got != "root/data+more/a b.txt" {
			t.Errorf("%s is %v", path, got)
		}
	}
	x.do("GET", "/file_actions/metadata/root/data%20more/a%20b.txt", nil).refused(404, "not-found")
	for _, path := range []string{"/folders", "/folders/", "/folders/%2F", "/folders/nil"} {
		if got := x.do("GET", path, nil).paths(); len(got) != 1 || got[0] != "root" {
			t.Errorf("%s lists %v", path, got)
		}
	}
	x.do("GET", "/folders/"+strings.Repeat("a/", 2600), nil).refused(422, "processing-failure/path-too-long")
}

func TestClosedSite(t *testing.T) {
	s, err := Open(t.Context(), Options{World: "empty"})
	if err != nil {
		t.Fatal(err)
	}
	l := s.Listen()
	if err := errors.Join(s.Close(), s.Close(), l.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.DialContext(t.Context(), "tcp", ""); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dialling a closed site: %v", err)
	}
	if late := s.Listen(); late.Close() != nil {
		t.Error("a listener of a closed site does not close")
	}
}

func TestServeTCP(t *testing.T) {
	s, err := Open(t.Context(), Options{World: "small"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	until(t, "the listener's address", func() bool { return s.Info().BaseURL == "http://"+ln.Addr().String() })
	req, err := http.NewRequestWithContext(ctx, "GET", s.Info().BaseURL+"/api/rest/v1/files/readme.txt", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-FilesAPI-Key", s.Info().APIKey)
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		s, err := Open(b.Context(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
