package transfer

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// fakeSite is a Files.com in memory whose failures a test decides.
type fakeSite struct {
	hooks   sync.Mutex // held while fault runs
	mu      sync.Mutex
	files   map[string]*fakeFile // by comparison form
	uploads map[string]*fakeUpload
	counts  map[string]int
	serial  int
	took    []string // the addresses of the parts that came, and of them those
	knows   []string // whose answer went out
	asked   []int64  // where the ranges began that were asked for

	partSize int64 // 5 MiB when 0
	oneByOne bool  // parallel_parts false
	hosted   bool  // one address for all parts
	noSums   bool
	sumless  func(path string) bool   // files whose checksums it never computes
	opaque   bool                     // the receipts of parts are no checksums
	onlyAll  bool                     // downloads know no ranges
	keyed    int                      // the status with which the address of a content dies with it
	unasked  bool                     // downloads do not look at If-Match
	flatless bool                     // refuses recursive listings
	tag      func(etag string) string // what downloads say of their content, nil the ETag
	lateSums int                      // looks at a file before its checksums are there
	delay    time.Duration            // of every call
	// fault may fail a call; n counts the calls of op from 1.
	fault func(op, arg string, n int) error
	// answer may lose the answer to a part.
	answer func(op, arg string, n int) error
	// zipped may change what an archive holds of a file; nil leaves it out.
	zipped func(path string, b []byte) []byte
	// mangle may change the bytes of a download.
	mangle func(path string, from int64, b []byte) []byte
	// reached may change the files, by store, when a range is asked for.
	reached func(path string, from int64)
	// short cuts the body of a download with an error after the bytes it returns.
	short func(path string, from int64, b []byte) ([]byte, error)
}

type fakeFile struct {
	entry backend.Entry
	data  []byte
	looks int
}

type fakeUpload struct {
	path  string
	parts map[int][]byte
	gen   int
}

func newFakeSite() *fakeSite {
	s := &fakeSite{files: map[string]*fakeFile{}, uploads: map[string]*fakeUpload{}, counts: map[string]int{}}
	s.mkdir("")
	return s
}

func apiError(typ string, status int) error {
	group, _, _ := strings.Cut(typ, "/")
	return &backend.Error{Class: "TestError", Group: backend.ErrorGroup(group), Type: typ, Status: status, Message: typ}
}

func (s *fakeSite) enter(ctx context.Context, op, arg string) error {
	s.mu.Lock()
	s.counts[op]++
	n, fault := s.counts[op], s.fault
	s.mu.Unlock()
	if s.delay > 0 {
		select {
		case <-time.After(s.delay):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if fault != nil {
		s.hooks.Lock()
		defer s.hooks.Unlock()
		return fault(op, arg, n)
	}
	return nil
}

func (s *fakeSite) count(op string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[op]
}

func (s *fakeSite) mkdir(path string) {
	s.files[pathutil.Fold(path)] = &fakeFile{entry: backend.Entry{
		Path: path, Name: pathutil.Base(path), Kind: backend.Folder, Size: -1,
	}}
}

// put makes a file with its parents, as if it had been there for long.
func (s *fakeSite) put(path string, data []byte, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store(path, data, at).looks = 1 << 30
}

func (s *fakeSite) store(path string, data []byte, at time.Time) *fakeFile {
	s.parents(path)
	s.serial++
	f := &fakeFile{data: data, entry: backend.Entry{
		Path: path, Name: pathutil.Base(path), Size: int64(len(data)), Modified: at.UTC().Truncate(time.Second),
		Created: at.UTC(), ETag: fmt.Sprintf("e%d", s.serial),
	}}
	s.files[pathutil.Fold(path)] = f
	return f
}

func (s *fakeSite) parents(path string) {
	for dir := pathutil.Dir(path); dir != ""; dir = pathutil.Dir(dir) {
		if s.files[pathutil.Fold(dir)] == nil {
			s.mkdir(dir)
		}
	}
}

// shown is the entry with what the site has computed so far.
func (s *fakeSite) shown(f *fakeFile) backend.Entry {
	e := f.entry
	f.looks++
	if !e.IsDir() && !s.noSums && f.looks > s.lateSums && (s.sumless == nil || !s.sumless(e.Path)) {
		m := md5.Sum(f.data)
		e.Checksums = backend.Checksums{CRC32: crcText(crc32.ChecksumIEEE(f.data)), MD5: hex.EncodeToString(m[:])}
	}
	return e
}

func (s *fakeSite) content(path string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[pathutil.Fold(path)]
	if f == nil {
		return nil, false
	}
	return f.data, true
}

func (s *fakeSite) List(ctx context.Context, path string, q backend.FolderQuery) (backend.Page[backend.Entry], error) {
	var page backend.Page[backend.Entry]
	if err := s.enter(ctx, "list", path); err != nil {
		return page, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files[pathutil.Fold(path)] == nil {
		return page, apiError("not-found", 404)
	}
	if q.Recursive && s.flatless {
		return page, apiError("bad-request", 400)
	}
	var all []backend.Entry
	for _, k := range slices.Sorted(maps.Keys(s.files)) {
		f := s.files[k]
		if q.Recursive && k != pathutil.Fold(path) && pathutil.Within(path, f.entry.Path) {
			all = append(all, s.shown(f))
		} else if !q.Recursive && f.entry.Path != "" && pathutil.IsSame(pathutil.Dir(f.entry.Path), path) {
			all = append(all, s.shown(f))
		}
	}
	from, _ := strconv.Atoi(q.Cursor)
	n := q.PerPage
	if n == 0 {
		n = 1000
	}
	to := min(from+n, len(all))
	page.Items = all[from:to]
	if to < len(all) {
		page.Next = strconv.Itoa(to)
	}
	return page, nil
}

func (s *fakeSite) Find(ctx context.Context, path string) (backend.Entry, error) {
	if err := s.enter(ctx, "find", path); err != nil {
		return backend.Entry{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[pathutil.Fold(path)]
	if f == nil {
		return backend.Entry{}, apiError("not-found", 404)
	}
	return s.shown(f), nil
}

func (s *fakeSite) Mkdir(ctx context.Context, path string, _ bool) (backend.Entry, error) {
	if err := s.enter(ctx, "mkdir", path); err != nil {
		return backend.Entry{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files[pathutil.Fold(path)] != nil {
		return backend.Entry{}, apiError("processing-failure/destination-exists", 422)
	}
	s.parents(path)
	s.mkdir(path)
	return s.files[pathutil.Fold(path)].entry, nil
}

func (s *fakeSite) Delete(ctx context.Context, path string, _ bool) error {
	if err := s.enter(ctx, "delete", path); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		if f.entry.Path != "" && pathutil.IsSame(pathutil.Dir(f.entry.Path), path) {
			return apiError("processing-failure/folder-not-empty", 422)
		}
	}
	delete(s.files, pathutil.Fold(path))
	return nil
}

func (s *fakeSite) BeginUpload(ctx context.Context, path string, o backend.UploadOptions) ([]backend.Part, error) {
	if err := s.enter(ctx, "begin", path); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ref := o.Ref
	if ref == "" {
		s.serial++
		ref = fmt.Sprintf("put-%d", s.serial)
		s.uploads[ref] = &fakeUpload{path: path, parts: map[int][]byte{}}
	}
	u := s.uploads[ref]
	if u == nil {
		return nil, apiError("not-found/file-upload-not-found", 404)
	}
	u.gen++
	size := s.partSize
	if size == 0 {
		size = 5 * mib
	}
	n := max(o.Part, 1)
	uri := fmt.Sprintf("https://storage.example.com/?ref=%s&part_number=%d&gen=%d", ref, n, u.gen)
	if s.hosted {
		uri += "&X-Files-Date=20260101T000000Z"
	}
	return []backend.Part{{
		Ref: ref, Number: n, URI: uri, Method: "PUT", Size: size, NextSize: size + mib, Available: 10000,
		Parallel: !s.oneByOne, Retry: true,
	}}, nil
}

func (s *fakeSite) PutPart(ctx context.Context, p backend.Part, r io.Reader, size int64) (string, error) {
	if err := s.enter(ctx, "put", p.URI); err != nil {
		return "", err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return "", err
	}
	if int64(len(data)) != size {
		return "", apiError("bad-request", 400)
	}
	u, err := url.Parse(p.URI)
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(u.Query().Get("part_number"))
	if err != nil || n != p.Number {
		return "", fmt.Errorf("part %d at %s", p.Number, p.URI)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	up := s.uploads[u.Query().Get("ref")]
	if up == nil {
		return "", apiError("not-found/file-upload-not-found", 404)
	}
	s.took = append(s.took, u.Query().Get("part_number"))
	if s.answer != nil {
		if err := s.answer("put", p.URI, 0); err != nil {
			return "", err
		}
	}
	s.knows = append(s.knows, u.Query().Get("part_number"))
	up.parts[n] = data
	m := md5.Sum(data)
	if s.opaque {
		m = md5.Sum(m[:])
	}
	return hex.EncodeToString(m[:]), nil
}

func (s *fakeSite) EndUpload(ctx context.Context, path string, o backend.EndOptions) (backend.Entry, error) {
	if err := s.enter(ctx, "end", path); err != nil {
		return backend.Entry{}, err
	}
	s.mu.Lock()
	up := s.uploads[o.Ref]
	if up == nil {
		s.mu.Unlock()
		return backend.Entry{}, apiError("not-found/file-upload-not-found", 404)
	}
	delete(s.uploads, o.Ref)
	var all bytes.Buffer
	for n := 1; n <= len(o.Tags); n++ {
		all.Write(up.parts[n])
	}
	if int64(all.Len()) != o.Size {
		s.mu.Unlock()
		return backend.Entry{}, apiError("bad-request/invalid-upload-part-gap", 400)
	}
	f := s.store(path, all.Bytes(), o.Modified)
	e := s.shown(f)
	s.mu.Unlock()
	// The answer may be lost although it worked.
	if err := s.enter(ctx, "ended", path); err != nil {
		return backend.Entry{}, err
	}
	return e, nil
}

func (s *fakeSite) Download(ctx context.Context, path string) (backend.Entry, error) {
	if err := s.enter(ctx, "download", path); err != nil {
		return backend.Entry{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[pathutil.Fold(path)]
	if f == nil {
		return backend.Entry{}, apiError("not-found", 404)
	}
	e := s.shown(f)
	e.ETag = ""
	e.DownloadURI = f.entry.Path
	if s.keyed != 0 {
		e.DownloadURI += keyMark + f.entry.ETag
	}
	return e, nil
}

// DownloadArchive gives an address that is the list itself.
func (s *fakeSite) DownloadArchive(ctx context.Context, paths []string) (string, error) {
	if err := s.enter(ctx, "archive", strings.Join(paths, "\n")); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range paths {
		if s.files[pathutil.Fold(p)] == nil {
			return "", apiError("processing-failure/model-save-error", 422)
		}
	}
	return zipScheme + strings.Join(paths, "\n"), nil
}

const zipScheme = "zip:"

// keyMark stands before the key of a content in its address.
const keyMark = "?key="

// archive makes the archive of a list.
func (s *fakeSite) archive(list string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for p := range strings.SplitSeq(list, "\n") {
		data := s.files[pathutil.Fold(p)].data
		if s.zipped != nil {
			if data = s.zipped(p, data); data == nil {
				continue
			}
		}
		if w, err := z.Create(pathutil.Base(p)); err == nil {
			_, _ = w.Write(data)
		}
	}
	_ = z.Close()
	return b.Bytes()
}

// noKey is how the client tells that a storage has no such content (any more, in
// whatever words).
func noKey(status int) error {
	e := &backend.Error{Class: backend.ClassAPI, Group: backend.APIFailure, Status: status, Message: "The specified key does not exist."}
	if status == http.StatusNotFound {
		e.Type = "storage/NoSuchKey"
	}
	return e
}

func (s *fakeSite) OpenRange(ctx context.Context, uri string, from, length int64, ifMatch string) (*backend.Body, error) {
	if err := s.enter(ctx, "range", uri); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, from)
	uri, key, keyed := strings.Cut(uri, keyMark)
	f := s.files[pathutil.Fold(uri)]
	if s.reached != nil {
		s.reached(uri, from)
		f = s.files[pathutil.Fold(uri)]
	}
	if keyed && (f == nil || f.entry.ETag != key) {
		return nil, noKey(s.keyed)
	}
	if list, ok := strings.CutPrefix(uri, zipScheme); ok {
		f = &fakeFile{data: s.archive(list)}
	}
	etag := f.entry.ETag
	if s.tag != nil {
		etag = s.tag(etag)
	}
	if s.onlyAll {
		if from > 0 { // as the client says it
			return nil, &backend.Error{
				Class: backend.ClassInvalidRange, Group: backend.ProcessingFailure, Type: "storage/RangeIgnored", Message: "whole",
			}
		}
		length = -1
	}
	if ifMatch != "" && !s.unasked && (ifMatch != etag || strings.HasPrefix(etag, "W/")) {
		return nil, &backend.Error{Class: backend.ClassAPI, Group: backend.APIFailure, Status: 412, Message: "changed"}
	}
	total := int64(len(f.data))
	to := total
	if length >= 0 {
		to = min(from+length, total)
	}
	b := f.data[from:to]
	if s.mangle != nil {
		b = s.mangle(uri, from, bytes.Clone(b))
	}
	var r io.Reader = bytes.NewReader(b)
	if s.short != nil {
		part, err := s.short(uri, from, b)
		r = io.MultiReader(bytes.NewReader(part), failing{err})
	}
	return &backend.Body{
		ReadCloser: io.NopCloser(r), Offset: from, Size: to - from, Total: total, ETag: etag, Partial: length >= 0,
	}, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}
