// Package backendtest is what a Files.com server must do, as one suite that is
// run against the embedded site, and against a real site when a key is given.
//
// The suite works in a folder of its own in the root and under names of its
// own, and takes both away at the end. Cases that need an administrator do
// nothing for other accounts.
package backendtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/api"
)

// patience bounds how long a site may take for what it does by itself.
const patience = 30 * time.Second

// suite is what the cases share.
type suite struct {
	c     *api.Client
	admin bool
	root  string // folder of this run
	tag   string // part of every name of this run
}

// Run runs the contract against the site that open's client talks to. Open may
// be called more than once and must give a client of the same site, logged in
// with an API key where there is one.
func Run(t *testing.T, open func(t *testing.T) *api.Client) {
	t.Helper()
	c := open(t)
	acc, err := c.WhoAmI(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tag := strings.ToLower(rand.Text()[:10])
	s := &suite{c: c, admin: acc.SiteAdmin, tag: tag, root: "ferry-contract-" + tag}
	if _, err := c.Mkdir(t.Context(), s.root, false); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := c.Delete(ctx, s.root, true); err != nil {
			t.Errorf("take the folder away: %v", err)
		}
	})
	for _, group := range [][]testCase{folderCases, transferCases, relocationCases, peopleCases, adminCases, nounCases, sessionCases} {
		for _, tc := range group {
			if tc.admin && !s.admin {
				continue
			}
			t.Run(tc.name, func(t *testing.T) { tc.run(t, s) })
		}
	}
}

type testCase struct {
	name  string
	admin bool // needs a site administrator
	run   func(*testing.T, *suite)
}

// dir makes a folder for one case.
func (s *suite) dir(t *testing.T, name string) string {
	t.Helper()
	p := s.root + "/" + name
	if _, err := s.c.Mkdir(t.Context(), p, true); err != nil {
		t.Fatal(err)
	}
	return p
}

// put uploads a file in parts of the given sizes; none is one part with
// everything.
func (s *suite) put(t *testing.T, path string, data []byte, mtime time.Time, sizes ...int) backend.Entry {
	t.Helper()
	ctx := t.Context()
	if len(sizes) == 0 {
		sizes = []int{len(data)}
	}
	var (
		ref  string
		tags []backend.PartTag
	)
	rest := data
	for i, n := range sizes {
		parts, err := s.c.BeginUpload(ctx, path, backend.UploadOptions{Size: int64(len(data)), Ref: ref, Part: i + 1, MkdirParents: true})
		if err != nil {
			t.Fatal(err)
		}
		p := parts[0]
		if p.Number != i+1 || p.URI == "" || p.Ref == "" || ref != "" && p.Ref != ref {
			t.Fatalf("part %d: %+v", i+1, p)
		}
		ref = p.Ref
		etag, err := s.c.PutPart(ctx, p, bytes.NewReader(rest[:n]), int64(n))
		if err != nil {
			t.Fatal(err)
		}
		tags = append(tags, backend.PartTag{ETag: etag, Number: p.Number})
		rest = rest[n:]
	}
	e, err := s.c.EndUpload(ctx, path, backend.EndOptions{Ref: ref, Tags: tags, Size: int64(len(data)), Modified: mtime, MkdirParents: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// get downloads a range; a negative length is all.
func (s *suite) get(t *testing.T, path string, from, length int64) []byte {
	t.Helper()
	e, err := s.c.Download(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.c.OpenRange(t.Context(), e.DownloadURI, from, length, "")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	data, err := io.ReadAll(b)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// names lists a folder.
func (s *suite) names(t *testing.T, path string, q backend.FolderQuery) []string {
	t.Helper()
	var names []string
	for e, err := range s.c.All(t.Context(), path, q) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, e.Name)
	}
	return names
}

// refused checks the class or group of an error, and that it tells what was
// being done to what.
func refused(t *testing.T, err, want error) {
	t.Helper()
	_ = refusal(t, err, want)
}

// refusal is refused with the error for a closer look.
func refusal(t *testing.T, err, want error) *backend.Error {
	t.Helper()
	var e *backend.Error
	if !errors.As(err, &e) || !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
	if e.Op == "" || e.Status >= 400 && (e.RequestID == "" || e.Type == "" || e.Message == "") {
		t.Errorf("the error does not tell everything: %+v", e)
	}
	return e
}

// eventually polls until ok or patience ends.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not happen within %v", what, patience)
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
