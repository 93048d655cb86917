package session

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"ferry/backend"
	"ferry/backend/server"
)

// weakening gives the ETags of a storage their weak mark.
type weakening struct{ http.ResponseWriter }

func (w weakening) WriteHeader(status int) {
	if tag := w.Header().Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		w.Header().Set("ETag", "W/"+tag)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w weakening) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A large file comes from a storage whose ETags are weak: it refuses whoever insists
// on one (RFC 9110, 13.1.1).
func TestAStorageWithWeakETags(t *testing.T) {
	site, err := server.Open(t.Context(), server.Options{World: "empty"})
	if err != nil {
		t.Fatal(err)
	}
	var tagged, insisted atomic.Int64
	line := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/storage/") {
			tagged.Add(1)
			if r.Header.Get("If-Match") != "" {
				insisted.Add(1)
				w.WriteHeader(http.StatusPreconditionFailed)
				return
			}
			w = weakening{w}
		}
		site.Handler().ServeHTTP(w, r)
	}))
	site.SetBaseURL(line.URL)
	t.Cleanup(func() {
		line.Close()
		_ = site.Close()
	})
	o := Opener{}
	s, err := o.Open(t.Context(), backend.Credentials{BaseURL: line.URL, APIKey: site.Info().APIKey})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	run := func(req backend.TransferRequest) {
		t.Helper()
		id, err := s.Engine.Add(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for snap := range s.Engine.Subscribe(t.Context()) {
			for _, j := range snap.Jobs {
				if j.ID == id && j.State.Ended() {
					if j.State != backend.JobDone {
						t.Fatalf("%+v", j)
					}
					return
				}
			}
		}
	}
	from, to := t.TempDir(), t.TempDir()
	want := bytes.Repeat([]byte("0123456789abcdef"), 20<<16)
	if err := os.WriteFile(filepath.Join(from, "f"), want, 0o600); err != nil {
		t.Fatal(err)
	}
	run(backend.TransferRequest{
		Direction: backend.Upload, Sources: []backend.Entry{{Path: filepath.Join(from, "f"), Name: "f"}},
		Target: backend.Location{Side: backend.Remote},
	})
	run(backend.TransferRequest{
		Direction: backend.Download, Sources: []backend.Entry{{Path: "f", Name: "f", Size: int64(len(want))}},
		Target: backend.Location{Side: backend.Local, Path: to},
	})
	if got, err := os.ReadFile(filepath.Join(to, "f")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if tagged.Load() < 2 || insisted.Load() > 0 {
		t.Errorf("of %d requests %d insisted", tagged.Load(), insisted.Load())
	}
}
