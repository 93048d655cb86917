package backendtest

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

// rawUpload is an upload that a case does by hand.
type rawUpload struct {
	s    *suite
	path string
	ref  string
	uri  string // of the first part
	tags []any
}

// begin begins an upload with parameters beside the path.
func (s *suite) begin(t *testing.T, path string, p params) *rawUpload {
	t.Helper()
	part := s.send(t, "POST", "/file_actions/begin_upload/"+escape(path), p).ok(200).list()[0]
	u := &rawUpload{s: s, path: path}
	u.ref, _ = part["ref"].(string)
	u.uri, _ = part["upload_uri"].(string)
	return u
}

// part sends the bytes of a part to an address of its own.
func (u *rawUpload) part(t *testing.T, n int, data []byte) {
	t.Helper()
	uri := u.uri
	if n > 1 {
		l := u.s.send(t, "POST", "/file_actions/begin_upload/"+escape(u.path), params{"ref": u.ref, "part": n}).ok(200).list()
		uri, _ = l[0]["upload_uri"].(string)
		if l[0]["ref"] != u.ref || l[0]["part_number"] != float64(n) {
			t.Errorf("part %d is %v of %v", n, l[0]["part_number"], l[0]["ref"])
		}
	}
	w := u.s.send(t, "PUT", uri, data).ok(200)
	if got, want := w.header.Get("Etag"), `"`+sumOf(data)+`"`; got != want {
		t.Errorf("the receipt is %s, want %s", got, want)
	}
	u.tags = append(u.tags, params{"etag": sumOf(data), "part": fmt.Sprint(n)})
}

// end asks for the file.
func (u *rawUpload) end(t *testing.T, more params) *wire {
	t.Helper()
	p := params{"action": "end", "ref": u.ref, "etags": u.tags}
	for k, v := range more {
		p[k] = v
	}
	return u.s.send(t, "POST", "/files/"+escape(u.path), p)
}

func sumOf(data []byte) string {
	sum := md5.Sum(data)
	return hex.EncodeToString(sum[:])
}

// noise is content that does not repeat itself.
func noise(seed uint64, n int) []byte {
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 1})
	b := make([]byte, n)
	_, _ = r.Read(b)
	return b
}

const mib = 1 << 20

var uploadCases = slices.Concat(layoutCases(), endCases(), []testCase{
	{name: "upload: the part object as recorded", run: partObject},
	{name: "upload: several part objects at once", run: partObjects},
	{name: "upload: a part sent again replaces the first", run: partAgain},
	{name: "upload: parts that the end does not name are left out", embedded: true, run: unnamedPart},
	{name: "upload: a new file is 201, a replaced one 200", run: createdOrReplaced},
	{name: "upload: a replaced file keeps its spelling", run: keptSpelling},
	{name: "upload: with a free name", run: withRename},
	{name: "upload: with a free name that is free", run: withRenameFree},
	{name: "upload: goes on at an offset", run: goingOn},
	{name: "upload: starts over at offset 0", run: startingOver},
	{name: "upload: nothing is there before the end", run: nothingBeforeEnd},
	{name: "upload: nothing more by a ref that has ended", run: endedRef},
	{name: "upload: makes parents at the begin", run: parentsAtBegin},
	{name: "upload: makes parents at the end", run: parentsAtEnd},
	{name: "upload: the etags of Python", run: pythonTags},
	{name: "upload: etags in quotes", run: quotedTags},
	{name: "upload: the end in another spelling", run: endElsewhere},
	{name: "upload: of an empty file, as the Go client does it", run: emptyOfGo},
	{name: "upload: the query of the adaptive engine", embedded: true, run: adaptive},
	{name: "upload: one address for all parts", embedded: true, run: oneAddress},
	{name: "upload: a part without a length", embedded: true, run: noLength},
	{name: "upload: an address that was tampered with", run: tampered},
	{name: "upload: two at a time to one name", run: twoAtOnce},
	{name: "upload: a folder that came in between", run: folderInBetween},
	{name: "upload: checksums come later", run: sumsLater},
	{name: "upload: the older style of one endpoint", run: olderStyle},
	{name: "upload: a file keeps its content when it is renamed while it is sent", run: renamedMeanwhile},
})

// layoutCases: any sizes of parts in any order make the file (PROTOCOL.md 10).
func layoutCases() (out []testCase) {
	const least = 5 * mib // what S3 wants of every part but the last
	for _, x := range []struct {
		name     string
		sizes    []int
		embedded bool
	}{
		{"nothing", []int{0}, false},
		{"one byte", []int{1}, false},
		{"one part of the least size", []int{least}, false},
		{"the least size and nothing", []int{least, 0}, false},
		{"the least size and a byte", []int{least, 1}, false},
		{"parts that grow", []int{least, least + mib, 10}, false},
		{"parts that shrink", []int{least + mib, least, 10}, false},
		{"parts of a byte", []int{1, 1, 1, 1, 1}, true},
		{"parts of odd sizes", []int{1000, 1, 77777, 0, 3}, true},
		{"sixty parts", slices.Repeat([]int{13}, 60), true},
	} {
		for _, order := range []string{"in order", "backwards", "mixed"} {
			if order != "in order" && len(x.sizes) < 2 || order == "mixed" && len(x.sizes) < 5 {
				continue // nothing new
			}
			out = append(out, testCase{name: "upload: " + x.name + ", " + order, embedded: x.embedded, run: func(t *testing.T, s *suite) {
				path := s.dir(t, "layouts") + "/" + x.name + " " + order
				total := 0
				for _, n := range x.sizes {
					total += n
				}
				data := noise(uint64(len(path)), total)
				turn := make([]int, len(x.sizes))
				for i := range turn {
					turn[i] = i
				}
				switch order {
				case "backwards":
					slices.Reverse(turn)
				case "mixed":
					rand.New(rand.NewPCG(1, 2)).Shuffle(len(turn), func(i, j int) { turn[i], turn[j] = turn[j], turn[i] })
				}
				u := s.begin(t, path, params{"size": total})
				for _, i := range turn {
					from := 0
					for _, n := range x.sizes[:i] {
						from += n
					}
					u.part(t, i+1, data[from:from+x.sizes[i]])
				}
				if o := u.end(t, params{"size": total}).ok(201).object(); o["size"] != float64(total) {
					t.Errorf("size %v, want %d", o["size"], total)
				}
				if got := s.get(t, path, 0, -1); !bytes.Equal(got, data) {
					t.Errorf("%d bytes came back, sent %d", len(got), total)
				}
			}})
		}
	}
	return out
}

// endCases: every way to end an upload wrongly is refused with its class, and
// the upload can be ended rightly afterwards.
func endCases() (out []testCase) {
	a, b := []byte("first "), []byte("second")
	tag := func(data []byte, n any) params { return params{"etag": sumOf(data), "part": n} }
	for _, x := range []struct {
		name, kind string
		more       params
	}{
		{"without etags", "bad-request/invalid-etags", params{"etags": nil}},
		{"with no etag at all", "bad-request/invalid-etags", params{"etags": []any{}}},
		{"with a wrong etag", "bad-request/invalid-etags", params{"etags": []any{tag(a, 1), tag(a, 2)}}},
		{"with a part twice", "bad-request/invalid-etags", params{"etags": []any{tag(a, 1), tag(a, 1), tag(b, 2)}}},
		{"with etags that are text", "bad-request/invalid-etags", params{"etags": []any{"x", "y"}}},
		{"with a gap", "bad-request/invalid-upload-part-gap", params{"etags": []any{tag(a, 1), tag(b, 3)}}},
		{"without the first part", "bad-request/invalid-upload-part-gap", params{"etags": []any{tag(b, 2)}}},
		{"with a part that was not sent", "processing-failure/file-not-uploaded", params{"etags": []any{tag(a, 1), tag(b, 2), tag(b, 3)}}},
		{"with a size too small", "bad-request/invalid-upload-part-size", params{"size": 11}},
		{"with a size too large", "bad-request/invalid-upload-part-size", params{"size": 13}},
		{"with a time that is none", "bad-request/datetime-parse", params{"provided_mtime": "soon"}},
		{"with the zero time of Go", "bad-request/datetime-parse", params{"provided_mtime": "0001-01-01T00:00:00Z"}},
		{"without a ref", "bad-request/", params{"ref": ""}},
	} {
		out = append(out, testCase{name: "upload: end " + x.name, embedded: true, run: func(t *testing.T, s *suite) {
			u := s.begin(t, s.dir(t, "ends")+"/"+x.name, params{})
			u.part(t, 1, a)
			u.part(t, 2, b)
			u.end(t, x.more).refused(x.kind)
			s.send(t, "GET", "/file_actions/metadata/"+escape(u.path), nil).refused("not-found")
			u.end(t, params{"size": 12}).ok(201)
			if got := string(s.get(t, u.path, 0, -1)); got != "first second" {
				t.Errorf("content %q", got)
			}
		}})
	}
	return append(out, testCase{name: "upload: end with nothing sent", run: func(t *testing.T, s *suite) {
		u := s.begin(t, s.dir(t, "ends")+"/nothing sent", params{})
		u.end(t, params{"etags": []any{tag(a, 1)}}).refused("processing-failure/file-not-uploaded")
	}})
}

// partObject has the fields and values of the recordings (PROTOCOL.md 10).
func partObject(t *testing.T, s *suite) {
	w := s.send(t, "POST", "/file_actions/begin_upload/"+s.dir(t, "part-object")+"/f", params{}).ok(200)
	p := w.list()[0]
	ref, _ := p["ref"].(string)
	uri, _ := p["upload_uri"].(string)
	if !strings.HasPrefix(ref, "put-") || !strings.HasPrefix(uri, "http") {
		t.Errorf("ref %q, upload_uri %q", ref, uri)
	}
	for name, want := range map[string]any{
		"part_number": 1.0, "http_method": "PUT", "action": "put/write", "partsize": 5242880.0, "next_partsize": 6291456.0,
		"available_parts": 10000.0, "parallel_parts": true, "retry_parts": true, "ask_about_overwrites": false,
	} {
		if p[name] != want {
			t.Errorf("%s is %v, want %v", name, p[name], want)
		}
	}
	for _, name := range []string{"headers", "parameters"} {
		if m, ok := p[name].(map[string]any); !ok || len(m) > 0 {
			t.Errorf("%s is %v", name, p[name])
		}
	}
	if send, _ := p["send"].(map[string]any); send["partsize"] != "required-header Content-Length" || send["partdata"] != "body" {
		t.Errorf("send is %v", p["send"])
	}
	text, _ := p["expires"].(string)
	at, err := time.Parse("2006-01-02T15:04:05Z", text)
	now := time.Now()
	if s.Embedded != nil {
		now = s.Embedded.Now()
	}
	if left := at.Sub(now); err != nil || left < 14*time.Minute || left > 16*time.Minute {
		t.Errorf("expires %q, %v from now", text, left)
	}
	if path, told := p["path"]; told {
		t.Errorf("a path without a rename: %v", path)
	}
}

func partObjects(t *testing.T, s *suite) {
	d := s.dir(t, "part-objects")
	l := s.send(t, "POST", "/file_actions/begin_upload/"+d+"/f", params{"parts": 3, "part": 2}).ok(200).list()
	if len(l) != 3 {
		t.Fatalf("%d part objects", len(l))
	}
	for i, p := range l {
		if p["part_number"] != float64(i+2) || p["ref"] != l[0]["ref"] || i > 0 && p["upload_uri"] == l[i-1]["upload_uri"] {
			t.Errorf("part object %v", p)
		}
		if i > 0 && p["partsize"] != l[i-1]["next_partsize"] {
			t.Errorf("part %d has %v bytes, announced were %v", i+2, p["partsize"], l[i-1]["next_partsize"])
		}
	}
}

func partAgain(t *testing.T, s *suite) {
	u := s.begin(t, s.dir(t, "again")+"/f", params{})
	u.part(t, 1, []byte("broken"))
	u.tags = nil
	u.part(t, 1, []byte("whole"))
	u.end(t, params{"size": 5}).ok(201)
	if got := string(s.get(t, u.path, 0, -1)); got != "whole" {
		t.Errorf("content %q", got)
	}
}

func unnamedPart(t *testing.T, s *suite) {
	u := s.begin(t, s.dir(t, "unnamed")+"/f", params{})
	u.part(t, 1, []byte("one"))
	u.part(t, 2, []byte("two"))
	u.tags = u.tags[:1]
	u.end(t, params{"size": 3}).ok(201)
	if got := string(s.get(t, u.path, 0, -1)); got != "one" {
		t.Errorf("content %q", got)
	}
}

// upload does all three steps for a small content.
func (s *suite) upload(t *testing.T, path, content string, begin, end params) *wire {
	t.Helper()
	u := s.begin(t, path, begin)
	u.part(t, 1, []byte(content))
	return u.end(t, end)
}

func createdOrReplaced(t *testing.T, s *suite) {
	path := s.dir(t, "created") + "/f"
	first := s.upload(t, path, "one", params{}, nil).ok(201)
	second := s.upload(t, path, "two two", params{}, nil).ok(200)
	for _, w := range []*wire{first, second} {
		if w.header.Get("X-Files-Safe-To-Cache") != "true" {
			t.Error("a completed upload may be cached")
		}
		if _, told := w.object()["download_uri"]; told {
			t.Error("the end of an upload gives no download address")
		}
	}
	o := second.object()
	if o["size"] != 7.0 || o["created_at"] != o["mtime"] {
		t.Errorf("replaced: size %v, created %v, changed %v", o["size"], o["created_at"], o["mtime"])
	}
}

func keptSpelling(t *testing.T, s *suite) {
	d := s.dir(t, "spelling-kept")
	s.upload(t, d+"/Report.TXT", "1", params{}, nil).ok(201)
	if o := s.upload(t, d+"/report.txt", "2", params{}, nil).ok(200).object(); o["path"] != d+"/Report.TXT" {
		t.Errorf("the path is %v", o["path"])
	}
}

func withRename(t *testing.T, s *suite) {
	d := s.dir(t, "renamed")
	s.upload(t, d+"/f.txt", "old", params{}, nil).ok(201)
	part := s.send(t, "POST", "/file_actions/begin_upload/"+d+"/f.txt", params{"with_rename": true}).ok(200).list()[0]
	path, _ := part["path"].(string)
	if path == "" || path == d+"/f.txt" {
		t.Fatalf("the free path is %q", path)
	}
	u := &rawUpload{s: s, path: d + "/f.txt"}
	u.ref, _ = part["ref"].(string)
	u.uri, _ = part["upload_uri"].(string)
	u.part(t, 1, []byte("new"))
	if o := u.end(t, nil).ok(201).object(); o["path"] != path {
		t.Errorf("the file is %v, announced was %s", o["path"], path)
	}
	if old, renamed := string(s.get(t, d+"/f.txt", 0, -1)), string(s.get(t, path, 0, -1)); old != "old" || renamed != "new" {
		t.Errorf("contents %q and %q", old, renamed)
	}
}

func withRenameFree(t *testing.T, s *suite) {
	d := s.dir(t, "renamed-free")
	if o := s.upload(t, d+"/f.txt", "x", params{"with_rename": true}, nil).ok(201).object(); o["path"] != d+"/f.txt" {
		t.Errorf("the path is %v", o["path"])
	}
}

func goingOn(t *testing.T, s *suite) {
	path := s.dir(t, "going-on") + "/f"
	s.upload(t, path, "0123456789", params{}, nil).ok(201)
	for _, x := range []struct {
		at         int
		more, want string
	}{{10, "abc", "0123456789abc"}, {4, "XY", "0123XY"}} {
		u := s.begin(t, path, params{"restart": x.at, "size": x.at + len(x.more)})
		u.part(t, 1, []byte(x.more))
		u.end(t, params{"size": x.at + len(x.more)}).ok(200)
		if got := string(s.get(t, path, 0, -1)); got != x.want {
			t.Errorf("from %d on: %q, want %q", x.at, got, x.want)
		}
	}
}

func startingOver(t *testing.T, s *suite) {
	path := s.dir(t, "starting-over") + "/f"
	s.upload(t, path, "0123456789", params{}, nil).ok(201)
	s.upload(t, path, "abc", params{"restart": 0}, params{"size": 3}).ok(200)
	if got := string(s.get(t, path, 0, -1)); got != "abc" {
		t.Errorf("content %q", got)
	}
}

func nothingBeforeEnd(t *testing.T, s *suite) {
	d := s.dir(t, "before-end")
	u := s.begin(t, d+"/f", params{})
	u.part(t, 1, []byte("x"))
	s.send(t, "GET", "/file_actions/metadata/"+u.path, nil).refused("not-found")
	s.send(t, "GET", "/files/"+u.path, nil).refused("not-found")
	if w := s.send(t, "GET", "/folders/"+d, nil).ok(200); string(w.body) != "[]" {
		t.Errorf("the folder lists %s", w.body)
	}
}

func endedRef(t *testing.T, s *suite) {
	u := s.begin(t, s.dir(t, "ended")+"/f", params{})
	u.part(t, 1, []byte("x"))
	u.end(t, nil).ok(201)
	u.end(t, nil).refused("not-found/file-upload-not-found")
	s.send(t, "POST", "/file_actions/begin_upload/"+u.path, params{"ref": u.ref, "part": 2}).refused("not-found/file-upload-not-found")
	if w := s.send(t, "PUT", u.uri, "y"); w.status < 400 {
		t.Errorf("a part of an upload that has ended: %d", w.status)
	}
	if got := string(s.get(t, u.path, 0, -1)); got != "x" {
		t.Errorf("content %q", got)
	}
}

func parentsAtBegin(t *testing.T, s *suite) {
	d := s.dir(t, "parents-begin")
	s.upload(t, d+"/a/b/f", "x", params{"mkdir_parents": true}, nil).ok(201)
	if o := s.send(t, "GET", "/file_actions/metadata/"+d+"/a/b", nil).ok(200).object(); o["type"] != "directory" {
		t.Errorf("the parent is %v", o)
	}
}

func parentsAtEnd(t *testing.T, s *suite) {
	d := s.dir(t, "parents-end")
	s.dir(t, "parents-end/a")
	u := s.begin(t, d+"/a/f", params{})
	u.part(t, 1, []byte("x"))
	s.send(t, "DELETE", "/files/"+d+"/a", nil).ok(204)
	u.end(t, nil).refused("processing-failure/destination-parent-does-not-exist")
	u.end(t, params{"mkdir_parents": true}).ok(201)
}

func pythonTags(t *testing.T, s *suite) {
	u := s.begin(t, s.dir(t, "python-tags")+"/f", params{})
	u.part(t, 1, []byte("x"))
	u.tags = []any{params{"etag": sumOf([]byte("x")), "part": 1}}
	u.end(t, params{"size": 1}).ok(201)
}

func quotedTags(t *testing.T, s *suite) {
	u := s.begin(t, s.dir(t, "quoted-tags")+"/f", params{})
	u.part(t, 1, []byte("x"))
	u.tags = []any{params{"etag": `"` + sumOf([]byte("x")) + `"`, "part": "1"}}
	u.end(t, nil).ok(201)
}

func endElsewhere(t *testing.T, s *suite) {
	d := s.dir(t, "end-elsewhere")
	u := s.begin(t, d+"/Räport", params{})
	u.part(t, 1, []byte("x"))
	u.path = d + "/RAPORT"
	if o := u.end(t, nil).ok(201).object(); o["path"] != d+"/Räport" {
		t.Errorf("the path is %v", o["path"])
	}
}

// emptyOfGo leaves out the sizes and sends one empty part.
func emptyOfGo(t *testing.T, s *suite) {
	u := s.begin(t, s.dir(t, "empty-of-go")+"/f", params{})
	u.part(t, 1, nil)
	if got := u.tags[0].(params)["etag"]; got != "d41d8cd98f00b204e9800998ecf8427e" {
		t.Errorf("the receipt of nothing is %v", got)
	}
	if o := u.end(t, nil).ok(201).object(); o["size"] != 0.0 {
		t.Errorf("size %v", o["size"])
	}
	if got := s.get(t, u.path, 0, -1); len(got) != 0 {
		t.Errorf("content %q", got)
	}
}

// adaptive rewrites the address of the first part as the vendor's adaptive
// engine does: part_number and part_offset, without partNumber (PROTOCOL.md 16).
func adaptive(t *testing.T, s *suite) {
	u := s.begin(t, s.dir(t, "adaptive")+"/f", params{"size": 6})
	for i, text := range []string{"abc", "def"} {
		uri := editQuery(t, u.uri, map[string]string{"partNumber": "", "part_number": fmt.Sprint(i + 1), "part_offset": fmt.Sprint(3 * i)})
		s.send(t, "PUT", uri, text).ok(200)
		u.tags = append(u.tags, params{"etag": sumOf([]byte(text)), "part": fmt.Sprint(i + 1)})
	}
	u.end(t, params{"size": 6}).ok(201)
	if got := string(s.get(t, u.path, 0, -1)); got != "abcdef" {
		t.Errorf("content %q", got)
	}
}

func oneAddress(t *testing.T, s *suite) {
	u := s.begin(t, s.dir(t, "one-address")+"/f", params{"size": 2})
	for i, text := range []string{"a", "b"} {
		s.send(t, "PUT", editQuery(t, u.uri, map[string]string{"partNumber": fmt.Sprint(i + 1)}), text).ok(200)
		u.tags = append(u.tags, params{"etag": sumOf([]byte(text)), "part": i + 1})
	}
	u.end(t, params{"size": 2}).ok(201)
	if got := string(s.get(t, u.path, 0, -1)); got != "ab" {
		t.Errorf("content %q", got)
	}
}

func noLength(t *testing.T, s *suite) {
	u := s.begin(t, s.dir(t, "no-length")+"/f", params{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, u.uri, struct{ *strings.Reader }{strings.NewReader("chunked")})
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusLengthRequired {
		t.Errorf("a part without a length: %d", res.StatusCode)
	}
}

// tampered: an address is signed, and a storage host answers with XML.
func tampered(t *testing.T, s *suite) {
	d := s.dir(t, "tampered")
	u := s.begin(t, d+"/f", params{})
	w := s.send(t, "PUT", strings.Replace(u.uri, "ignature=", "ignature=0", 1), "x")
	w.ok(403).storage("SignatureDoesNotMatch", "AccessDenied")
	u.part(t, 1, []byte("x"))
	u.end(t, nil).ok(201)
	e, err := s.c.Download(t.Context(), u.path)
	if err != nil {
		t.Fatal(err)
	}
	s.send(t, "GET", strings.Replace(e.DownloadURI, "ignature=", "ignature=0", 1), nil).ok(403).storage("SignatureDoesNotMatch", "AccessDenied")
}

// storage wants the error of a storage host with one of some codes.
func (w *wire) storage(codes ...string) {
	w.t.Helper()
	text := string(w.body)
	if !strings.Contains(text, "<Error>") || !strings.Contains(text, "<Message>") || !strings.Contains(text, "<RequestId>") {
		w.t.Errorf("%s: no error of a storage host: %s", w.what, text)
	}
	if !slices.ContainsFunc(codes, func(c string) bool { return strings.Contains(text, "<Code>"+c+"</Code>") }) {
		w.t.Errorf("%s: %s, want one of %q", w.what, text, codes)
	}
}

func twoAtOnce(t *testing.T, s *suite) {
	path := s.dir(t, "two-at-once") + "/f"
	a, b := s.begin(t, path, params{}), s.begin(t, path, params{})
	if a.ref == b.ref {
		t.Errorf("both are %s", a.ref)
	}
	a.part(t, 1, []byte("of a"))
	b.part(t, 1, []byte("of b"))
	b.end(t, nil).ok(201)
	a.end(t, nil).ok(200)
	if got := string(s.get(t, path, 0, -1)); got != "of a" {
		t.Errorf("the last to end is not there: %q", got)
	}
}

func folderInBetween(t *testing.T, s *suite) {
	d := s.dir(t, "in-between")
	u := s.begin(t, d+"/x", params{})
	u.part(t, 1, []byte("x"))
	s.dir(t, "in-between/x")
	u.end(t, nil).refused("processing-failure/destination-exists")
}

// sumsLater: checksums are null right after an upload (PROTOCOL.md 8).
func sumsLater(t *testing.T, s *suite) {
	w := s.upload(t, s.dir(t, "sums")+"/f", "hello\n", params{}, nil).ok(201)
	o := w.object()
	for _, f := range []string{"crc32", "md5", "sha1", "sha256"} {
		if o[f] != nil {
			t.Errorf("%s is there at once: %v", f, o[f])
		}
	}
	if s.Embedded == nil {
		return
	}
	site, err := s.c.Site(t.Context())
	if err != nil || !site.ChecksumsMD5 {
		t.Fatalf("the embedded site makes no checksums: %v", err)
	}
	s.Embedded.Wait(time.Minute)
	eventually(t, "the checksums", func() bool {
		o = s.send(t, "GET", "/file_actions/metadata/"+s.root+"/sums/f", nil).ok(200).object()
		return o["md5"] == "b1946ac92492d2347c6235b4d2611184" && o["crc32"] == "363a3020"
	})
}

// olderStyle begins at POST /files (PROTOCOL.md 10).
func olderStyle(t *testing.T, s *suite) {
	path := s.dir(t, "older") + "/f"
	l := s.send(t, "POST", "/files/"+path, params{"action": "put", "part": 1}).ok(200).list()
	u := &rawUpload{s: s, path: path}
	u.ref, _ = l[0]["ref"].(string)
	u.uri, _ = l[0]["upload_uri"].(string)
	u.part(t, 1, []byte("x"))
	u.end(t, params{"action": "put"}).ok(201)
}

func renamedMeanwhile(t *testing.T, s *suite) {
	d := s.dir(t, "renamed-meanwhile")
	s.upload(t, d+"/f", "old", params{}, nil).ok(201)
	e, err := s.c.Download(t.Context(), d+"/f")
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.c.Move(t.Context(), d+"/f", d+"/g", false)
	s.wait(t, m, err)
	s.upload(t, d+"/f", "new", params{}, nil).ok(201)
	b, err := s.c.OpenRange(t.Context(), e.DownloadURI, 0, -1, "")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if text, err := io.ReadAll(b); err != nil || string(text) != "old" {
		t.Errorf("the address from before gives %q, %v", text, err)
	}
	if got := string(s.get(t, d+"/g", 0, -1)); got != "old" {
		t.Errorf("the renamed file is %q", got)
	}
	if names := s.names(t, d, backend.FolderQuery{}); !slices.Equal(names, []string{"f", "g"}) {
		t.Errorf("names %q", names)
	}
}
