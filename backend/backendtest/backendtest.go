// Package backendtest is what a Files.com server must do, as one suite that is
// run against the embedded site, and against a real site when a key is given.
//
// The suite works in a folder of its own in the root and under names of its
// own, and takes both away at the end. Cases that need an administrator are left
// out for other accounts, and those that need the embedded site for a real one.
package backendtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/api"
)

// patience bounds how long a site may take for what it does by itself.
const patience = 5 * time.Minute

// suite is what the cases share.
type suite struct {
	Site
	c     *api.Client
	admin bool
	me    int64  // id of the user that the run belongs to, 0 for a key of the site
	root  string // folder of this run
	tag   string // part of every name of this run
	// shared is the folder of the files that no case changes, see fill.
	shared       string
	sorted       []string // what collationCases has listed
	filledMany   bool     // see many
	filledSearch bool     // the tree of narrowCases is there
	fresh        params   // a new user as he was made, see defaultCases
}

// Site is a site that the suite can be run against.
type Site struct {
	// Open gives a client of the site that is logged in with APIKey. It may be
	// called more than once.
	Open    func(t *testing.T) *api.Client
	BaseURL string
	APIKey  string
	HTTP    *http.Client // reaches the site, for what a client hides
	// Embedded is what only the site in a box lets a test do; nil for a real one.
	Embedded *Embedded
}

// Embedded is the hold that a test has on the embedded site.
type Embedded struct {
	Logins []Login
	Now    func() time.Time    // the time of the site
	Wait   func(time.Duration) // moves its clock on
}

// Login is an account of the demo world. Its secrets are meant to be shown.
type Login struct{ Username, Password, TOTPSecret, YubiID string }

// Run runs the contract against a site. Cases that only the embedded site can
// have come last: some of them move its clock.
func Run(t *testing.T, site Site) {
	t.Helper()
	c := site.Open(t)
	acc, err := c.WhoAmI(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tag := strings.ToLower(rand.Text()[:10])
	s := &suite{Site: site, c: c, admin: acc.SiteAdmin, me: acc.UserID, tag: tag, root: "ferry-contract-" + tag}
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
	for _, group := range [][]testCase{
		folderCases, spellingCases, listingCases, transferCases, uploadCases, downloadCases, relocationCases, archiveCases, refusalCases,
		peopleCases, fieldCases, adminCases, nounCases, rightCases, automationCases, listCases, sessionCases, wireCases, embeddedCases,
	} {
		for _, tc := range group {
			if tc.admin && !s.admin || tc.embedded && s.Embedded == nil {
				continue
			}
			t.Run(tc.name, func(t *testing.T) { tc.run(t, s) })
		}
	}
}

type testCase struct {
	name     string
	admin    bool // needs a site administrator
	embedded bool // needs what only the embedded site lets one do
	run      func(*testing.T, *suite)
}

// dir makes a folder for one case, or finds it.
func (s *suite) dir(t *testing.T, name string) string {
	t.Helper()
	p := s.root + "/" + name
	if _, err := s.c.Mkdir(t.Context(), p, true); err != nil && !errors.Is(err, backend.ClassDestinationExists) {
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

// pass lets time go by on the embedded site; a real one takes its own.
func (s *suite) pass(d time.Duration) {
	if s.Embedded != nil {
		s.Embedded.Wait(d)
	}
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
