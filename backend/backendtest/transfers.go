package backendtest

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"testing"
	"time"

	"ferry/backend"
)

var transferCases = []testCase{
	{name: "upload and download", run: roundTrip},
	{name: "upload in parts", run: parts},
	{name: "replace a file", run: replacing},
	{name: "upload refused", run: refusedUpload},
	{name: "ranges", run: ranges},
	{name: "folders are not downloaded", run: noFolderDownload},
}

func roundTrip(t *testing.T, s *suite) {
	d := s.dir(t, "round")
	at := time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
	for name, data := range map[string][]byte{
		"empty": {}, "one": {7}, "text.txt": []byte("hello\n"), "bytes.bin": bytes.Repeat([]byte{0, 255, 13, 10}, 5000),
	} {
		e := s.put(t, d+"/"+name, data, at)
		if e.Size != int64(len(data)) || e.Kind != backend.File || !e.Modified.Equal(at) {
			t.Errorf("%s: %+v", name, e)
		}
		if got := s.get(t, d+"/"+name, 0, -1); !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes came back, sent %d", name, len(got), len(data))
		}
		sum := md5.Sum(data)
		s.pass(time.Minute)
		eventually(t, "the checksum of "+name, func() bool {
			e, err := s.c.Find(t.Context(), d+"/"+name)
			return err == nil && (e.Checksums.MD5 == hex.EncodeToString(sum[:]) || e.Checksums == backend.Checksums{} && !s.sums(t))
		})
	}
}

// sums tells whether the site computes MD5 at all.
func (s *suite) sums(t *testing.T) bool {
	site, err := s.c.Site(t.Context())
	return err == nil && site.ChecksumsMD5
}

func parts(t *testing.T, s *suite) {
	d := s.dir(t, "parts")
	data := bytes.Repeat([]byte("0123456789abcdef"), 6<<20/16)
	first := 5 << 20
	s.put(t, d+"/two", data, time.Time{}, first, len(data)-first)
	if got := s.get(t, d+"/two", 0, -1); !bytes.Equal(got, data) {
		t.Errorf("%d bytes came back, sent %d", len(got), len(data))
	}
	// An exact multiple may end with an empty part (PROTOCOL.md 10).
	s.put(t, d+"/empty-last", data[:first], time.Time{}, first, 0)
	if e, err := s.c.Find(t.Context(), d+"/empty-last"); err != nil || e.Size != int64(first) {
		t.Errorf("empty last part: %+v %v", e, err)
	}
}

func replacing(t *testing.T, s *suite) {
	d := s.dir(t, "replace")
	s.put(t, d+"/f", []byte("old content"), time.Time{})
	s.put(t, d+"/F", []byte("new"), time.Time{})
	if got := s.get(t, d+"/f", 0, -1); string(got) != "new" {
		t.Errorf("content %q", got)
	}
	if names := s.names(t, d, backend.FolderQuery{}); len(names) != 1 {
		t.Errorf("names %q", names)
	}
}

func refusedUpload(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "refused")
	_, err := s.c.EndUpload(ctx, d+"/x", backend.EndOptions{Ref: "put-0", Tags: []backend.PartTag{{ETag: "x", Number: 1}}})
	refused(t, err, backend.NotFound)
	parts, err := s.c.BeginUpload(ctx, d+"/x", backend.UploadOptions{Size: 3})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.c.PutPart(ctx, parts[0], bytes.NewReader([]byte("abc")), 3); err != nil {
		t.Fatal(err)
	}
	_, err = s.c.EndUpload(ctx, d+"/x", backend.EndOptions{
		Ref: parts[0].Ref, Size: 3, Tags: []backend.PartTag{{ETag: "00000000000000000000000000000000", Number: 1}},
	})
	if err == nil {
		t.Error("a wrong receipt was taken")
	}
	_, err = s.c.Find(ctx, d+"/x")
	refused(t, err, backend.NotFound)
}

func ranges(t *testing.T, s *suite) {
	ctx, d := t.Context(), s.dir(t, "ranges")
	s.put(t, d+"/f", []byte("0123456789"), time.Time{})
	for _, tc := range []struct {
		from, length int64
		want         string
	}{{0, 4, "0123"}, {3, 4, "3456"}, {8, -1, "89"}, {9, 1, "9"}, {8, 100, "89"}} {
		if got := s.get(t, d+"/f", tc.from, tc.length); string(got) != tc.want {
			t.Errorf("%d+%d: %q, want %q", tc.from, tc.length, got, tc.want)
		}
	}
	e, err := s.c.Download(ctx, d+"/f")
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.c.OpenRange(ctx, e.DownloadURI, 2, 3, "")
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	if !b.Partial || b.Offset != 2 || b.Size != 3 || b.Total != 10 || b.ETag == "" {
		t.Errorf("range %+v", b)
	}
	if b, err = s.c.OpenRange(ctx, e.DownloadURI, 2, 3, b.ETag); err != nil {
		t.Errorf("the same content: %v", err)
	} else {
		b.Close()
	}
	if _, err = s.c.OpenRange(ctx, e.DownloadURI, 2, 3, `"another"`); backend.AsError(err) == nil || backend.AsError(err).Status != 412 {
		t.Errorf("other content: %v", err)
	}
	if _, err = s.c.OpenRange(ctx, e.DownloadURI, 10, 3, ""); backend.AsError(err) == nil || backend.AsError(err).Status != 416 {
		t.Errorf("beyond the end: %v", err)
	}
}

func noFolderDownload(t *testing.T, s *suite) {
	_, err := s.c.Download(t.Context(), s.dir(t, "nodownload"))
	refused(t, err, backend.ClassCannotDownloadDirectory)
	_, err = s.c.Download(t.Context(), s.root+"/nothing")
	refused(t, err, backend.NotFound)
}
