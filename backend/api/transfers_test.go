package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

func TestUploadRoundTrip(t *testing.T) {
	var ended string
	var puts []string
	c, _ := site(t, Config{}, nil)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		switch {
		case r.Method == http.MethodPut:
			puts = append(puts, string(b))
			if r.Header.Get(headerKey) != "" || r.Header.Get("Content-Type") != "" || len(r.TransferEncoding) > 0 {
				t.Errorf("a part carried %v %v", r.Header, r.TransferEncoding)
			}
			if r.Header.Get("X-Extra") != "1" || r.URL.Query().Get("p") != "2" {
				t.Errorf("headers %v query %v", r.Header, r.URL.Query())
			}
			if len(puts) == 1 {
				w.WriteHeader(503)
				return
			}
			w.Header().Set("ETag", `"e1"`)
		case strings.Contains(r.URL.Path, "begin_upload"):
			reply(w, 200, `[{"ref":"put-1","part_number":1,"upload_uri":"/put?sig=x","http_method":"PUT","headers":{"X-Extra":"1"},"parameters":{"p":2},"partsize":5242880,"next_partsize":6291456,"available_parts":10000,"parallel_parts":true,"expires":"2026-01-02T03:19:05Z","ask_about_overwrites":false}]`)
		default:
			ended = string(b)
			reply(w, 201, `{"path":"d/f","type":"file","size":5}`)
		}
	}))
	defer srv.Close()
	if base, err := parseBase(srv.URL); err == nil {
		c.base.Store(base)
	}
	ctx := context.Background()
	parts, err := c.BeginUpload(ctx, "d/f", backend.UploadOptions{Size: 5, MkdirParents: true})
	if err != nil {
		t.Fatal(err)
	}
	p := parts[0]
	if p.Ref != "put-1" || !p.Parallel || !p.Retry || p.Size != 5<<20 || p.NextSize != 6<<20 || p.Path != "d/f" || p.Expires.IsZero() {
		t.Errorf("part %+v", p)
	}
	src := strings.NewReader("xxhello")
	_, _ = src.Seek(2, io.SeekStart)
	etag, err := c.PutPart(ctx, p, src, 5)
	if err != nil || etag != "e1" {
		t.Fatal(etag, err)
	}
	if strings.Join(puts, " ") != "hello hello" {
		t.Errorf("the repeated part is not the same: %q", puts)
	}
	e, err := c.EndUpload(ctx, "d/f", backend.EndOptions{
		Ref: p.Ref, Tags: []backend.PartTag{{ETag: etag, Number: 1}, {Number: 2}}, Size: 5,
		Modified: time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC),
	})
	if err != nil || e.Path != "d/f" {
		t.Fatal(e, err)
	}
	want := `{"action":"end","etags":[{"etag":"e1","part":"1"}],"provided_mtime":"2020-01-02T03:04:05Z","ref":"put-1","size":5}`
	if ended != want {
		t.Errorf("end %s\nwant %s", ended, want)
	}
}

func TestPartThatCannotBeRepeated(t *testing.T) {
	hits := 0
	c, _ := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		hits++
		w.WriteHeader(500)
	})
	_, err := c.PutPart(context.Background(), backend.Part{URI: c.BaseURL() + "/p", Retry: true}, io.MultiReader(strings.NewReader("abc")), 3)
	wantError(t, err, backend.ClassAPIConnection)
	if hits != 1 {
		t.Errorf("%d requests for content that can be read once", hits)
	}
	hits = 0
	_, err = c.PutPart(context.Background(), backend.Part{URI: c.BaseURL() + "/p"}, strings.NewReader("abc"), 3)
	wantError(t, err, backend.ClassAPIConnection)
	if hits != 1 {
		t.Errorf("%d requests for a part that must not be repeated", hits)
	}
}

// A site that pushes back before it looks at a part says so, and not that the
// content is gone.
func TestPushBackOfAPartThatCannotBeRepeated(t *testing.T) {
	hits := 0
	c, _ := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		hits++
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := c.PutPart(context.Background(), backend.Part{URI: c.BaseURL() + "/p", Retry: true}, io.MultiReader(strings.NewReader("abc")), 3)
	if e := backend.AsError(err); e.Status != http.StatusTooManyRequests || hits != 1 {
		t.Errorf("%d requests: %v", hits, err)
	}
}

func TestShortContentIsAnError(t *testing.T) {
	c, _ := site(t, Config{Retries: -1}, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	})
	_, err := c.PutPart(context.Background(), backend.Part{URI: c.BaseURL() + "/p"}, strings.NewReader("ab"), 3)
	wantError(t, err, backend.ClassAPIConnection)
}

func TestOpenRange(t *testing.T) {
	content := []byte("0123456789")
	mode, tag := "", `"abc-1"`
	c, _ := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		if v := r.Header.Get(headerKey); (v == "") != (mode == "foreign") {
			t.Errorf("mode %q: key %q", mode, v)
		}
		w.Header().Set("ETag", tag)
		w.Header().Set("X-Files-Max-Connections", "3")
		switch mode {
		case "ignore":
			_, _ = w.Write(content)
		case "wrong":
			w.Header().Set("Content-Range", "bytes 1-2/10")
			w.WriteHeader(206)
			_, _ = w.Write(content[1:3])
		default:
			http.ServeContent(w, r, "", time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), bytes.NewReader(content))
		}
	})
	ctx := context.Background()
	read := func(from, length int64, match string) (*backend.Body, string, error) {
		b, err := c.OpenRange(ctx, c.BaseURL()+"/f?X-Amz-Signature=s", from, length, match)
		if err != nil {
			return nil, "", err
		}
		defer b.Close()
		data, err := io.ReadAll(b)
		return b, string(data), err
	}
	b, s, err := read(0, -1, "")
	if err != nil || s != "0123456789" || b.Partial || b.Total != 10 || b.Size != 10 || b.ETag != "abc-1" || b.MaxConnections != 3 || b.Modified.IsZero() {
		t.Errorf("whole: %q %+v %v", s, b, err)
	}
	b, s, err = read(2, 3, "abc-1")
	if err != nil || s != "234" || !b.Partial || b.Offset != 2 || b.Total != 10 || b.Size != 3 {
		t.Errorf("range: %q %+v %v", s, b, err)
	}
	if b, s, err = read(7, -1, ""); err != nil || s != "789" || b.Total != 10 {
		t.Errorf("rest: %q %v", s, err)
	}
	_, _, err = read(2, 3, "other")
	if e := backend.AsError(err); e == nil || e.Status != 412 {
		t.Errorf("changed content: %v", err)
	}
	if _, _, err = read(10, -1, ""); err == nil || backend.AsError(err).Status != 416 {
		t.Errorf("beyond the end: %v", err)
	}
	tag = `W/"abc-1"`
	if b, _, err = read(2, 3, ""); err != nil || b.ETag != "W/abc-1" {
		t.Errorf("a weak ETag: %+v %v", b, err)
	}
	mode = "ignore"
	_, _, err = read(2, 3, "")
	wantError(t, err, backend.ClassInvalidRange)
	mode = "wrong"
	_, _, err = read(2, 3, "")
	wantError(t, err, backend.ClassInvalidRange)
	if n := c.Stats().InFlight; n != 0 {
		t.Errorf("%d requests still in flight", n)
	}
}

func TestContentRange(t *testing.T) {
	for in, want := range map[string][3]int64{
		"bytes 0-9/10": {0, 10, 1}, "bytes 5-5/*": {5, -1, 1}, "bytes 5-4/10": {}, "bytes */10": {}, "5-6/7": {},
		"bytes 0-9/9": {}, "": {}, "bytes a-b/c": {},
	} {
		start, total, ok := parseContentRange(in)
		if ok != (want[2] == 1) || ok && (start != want[0] || total != want[1]) {
			t.Errorf("%q: %d %d %v", in, start, total, ok)
		}
	}
}
