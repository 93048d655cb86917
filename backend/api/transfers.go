package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ferry/backend"
	"ferry/pathutil"
)

// Download asks for a file with the signed address of its content, which lives
// for a minute (PROTOCOL.md 9). The site counts it as a download.
func (c *Client) Download(ctx context.Context, path string) (backend.Entry, error) {
	e, err := c.entry(ctx, &call{op: "download", path: path, method: http.MethodGet, route: withPath("/files", path)})
	if err == nil && e.DownloadURI == "" {
		return e, named(&backend.Error{
			Class: backend.ClassAPI, Group: backend.APIFailure, Title: "No Download Address",
			Message: "The site gave no address to download from.",
		}, "download", path)
	}
	return e, err
}

// DownloadArchive asks for the address of one ZIP archive of the given files,
// under their names without folders; names that are one for the site are changed
// in it (PROTOCOL.md 9). The site counts each file as downloaded. A path that is
// no file, or may not be read, is an error for all.
func (c *Client) DownloadArchive(ctx context.Context, paths []string) (uri string, err error) {
	const op = "download archive"
	encoded := make([]string, len(paths))
	for i, p := range paths {
		encoded[i] = url.PathEscape(p)
	}
	// Nothing on the site changes, whatever the method says.
	a, err := c.do(ctx, &call{
		op: op, method: http.MethodPost, route: "/zip_downloads",
		body: optional{"paths": []string{}, "encoded_paths": encoded}, repeatable: true, harmless: true,
	})
	if err != nil {
		return "", err
	}
	uri, err = decodeOne(a.data, func(v *string, key []byte, s *scanner) {
		if string(key) == "download_uri" {
			*v = s.text()
			return
		}
		s.skip()
	})
	if err == nil && uri == "" {
		err = errNoPart
	}
	if err != nil {
		return "", named(unreadable(a, err), op, "")
	}
	return uri, nil
}

// OpenRange opens length bytes of a file from the given offset on; a negative
// length means to the end. With ifMatch, the ETag of a body, the answer must be of
// that content; a weak one no storage can insist on (RFC 9110, 13.1.1). The body
// must be closed; its errors are *backend.Error. An answer that ignores an offset is
// an error, and an expired address one for which backend.URIExpired is true.
func (c *Client) OpenRange(ctx context.Context, uri string, from, length int64, ifMatch string) (*backend.Body, error) {
	const op = "download"
	if from < 0 || length == 0 {
		return nil, named(invalid("range", "A range starts at 0 and has at least one byte."), op, "")
	}
	h := http.Header{}
	ranged := from > 0 || length > 0
	if ranged {
		r := "bytes=" + strconv.FormatInt(from, 10) + "-"
		if length > 0 {
			r += strconv.FormatInt(from+length-1, 10)
		}
		h.Set("Range", r)
	}
	if ifMatch != "" {
		h.Set("If-Match", `"`+strings.Trim(ifMatch, `"`)+`"`)
	}
	a, err := c.do(ctx, &call{op: op, method: http.MethodGet, uri: uri, header: h, open: true, storage: true})
	if err != nil {
		return nil, err
	}
	b := &backend.Body{
		ReadCloser: a.body, Size: a.length, Total: a.length, ETag: strings.ReplaceAll(a.header.Get("ETag"), `"`, ""),
	}
	if t, err := http.ParseTime(a.header.Get("Last-Modified")); err == nil {
		b.Modified = t.UTC()
	}
	if n, err := strconv.Atoi(a.header.Get("X-Files-Max-Connections")); err == nil && n > 0 {
		b.MaxConnections = n
	}
	if a.status != http.StatusPartialContent {
		if from > 0 {
			a.body.Close()
			return nil, rangeFailure(op, "RangeIgnored", "The storage sent the whole file instead of the part asked for.")
		}
		return b, nil
	}
	start, total, ok := parseContentRange(a.header.Get("Content-Range"))
	if !ok || start != from {
		a.body.Close()
		return nil, rangeFailure(op, "RangeMismatch", "The storage sent another part of the file than asked for.")
	}
	b.Partial, b.Offset, b.Total = true, start, total
	return b, nil
}

func rangeFailure(op, code, message string) *backend.Error {
	return &backend.Error{
		Class: backend.ClassInvalidRange, Group: backend.ProcessingFailure, Type: storageType + code,
		Title: "Invalid Range", Message: message, Op: op,
	}
}

// parseContentRange reads "bytes a-b/total"; a total of "*" is -1.
func parseContentRange(v string) (start, total int64, ok bool) {
	v, ok = strings.CutPrefix(strings.TrimSpace(v), "bytes ")
	if !ok {
		return 0, 0, false
	}
	span, all, ok := strings.Cut(v, "/")
	if !ok {
		return 0, 0, false
	}
	first, last, ok := strings.Cut(span, "-")
	if !ok {
		return 0, 0, false
	}
	start, err := strconv.ParseInt(strings.TrimSpace(first), 10, 64)
	end, err2 := strconv.ParseInt(strings.TrimSpace(last), 10, 64)
	if err != nil || err2 != nil || start < 0 || end < start {
		return 0, 0, false
	}
	if all = strings.TrimSpace(all); all == "*" {
		return start, -1, true
	}
	total, err = strconv.ParseInt(all, 10, 64)
	return start, total, err == nil && total > end
}

// BeginUpload asks where to send the parts of an upload, or the next parts of
// one that has begun (PROTOCOL.md 10). The answer is never empty.
func (c *Client) BeginUpload(ctx context.Context, path string, o backend.UploadOptions) ([]backend.Part, error) {
	body := optional{}
	for name, n := range map[string]int64{"size": o.Size, "part": int64(o.Part), "parts": int64(o.Parts), "restart": o.Restart} {
		if n > 0 {
			body[name] = n
		}
	}
	for name, on := range map[string]bool{"mkdir_parents": o.MkdirParents, "with_rename": o.WithRename, "buffered_upload": o.Buffered} {
		if on {
			body[name] = true
		}
	}
	if o.Ref != "" {
		body["ref"] = o.Ref
	}
	// An upload that nobody ends comes to nothing, so beginning is repeatable.
	r := &call{
		op: "begin upload", path: path, method: http.MethodPost,
		route: withPath("/file_actions/begin_upload", path), body: body, repeatable: true,
	}
	a, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	answers, err := decodeList(a.data, setPart)
	if err == nil && (len(answers) == 0 || answers[0].URI == "") {
		err = errNoPart
	}
	if err != nil {
		return nil, named(unreadable(a, err), r.op, path)
	}
	parts := make([]backend.Part, len(answers))
	for i := range parts {
		parts[i] = answers[i].Part
		parts[i].Retry = !answers[i].once
		if parts[i].Method == "" {
			parts[i].Method = http.MethodPut
		}
		if parts[i].Number == 0 {
			parts[i].Number = max(o.Part, 1) + i
		}
		if parts[i].Path = pathutil.Normalize(parts[i].Path); parts[i].Path == "" {
			parts[i].Path = pathutil.Normalize(path)
		}
	}
	return parts, nil
}

var errNoPart = errors.New("no part with an address")

// wirePart is a part whose retry_parts means yes when it is left out, as it was
// before 2023.
type wirePart struct {
	backend.Part
	once bool
}

func setPart(p *wirePart, key []byte, s *scanner) {
	switch string(key) {
	case "ref":
		p.Ref = s.text()
	case "part_number":
		p.Number = int(s.int())
	case "upload_uri":
		p.URI = s.text()
	case "http_method":
		p.Method = s.text()
	case "headers":
		p.Headers = s.textMap()
	case "parameters":
		p.Parameters = s.textMap()
	case "partsize":
		p.Size = s.int()
	case "next_partsize":
		p.NextSize = s.int()
	case "available_parts":
		p.Available = int(s.int())
	case "parallel_parts":
		p.Parallel = s.bool()
	case "retry_parts":
		p.once = string(s.raw()) == "false"
	case "expires":
		p.Expires = s.time()
	case "path":
		p.Path = s.text()
	case "ask_about_overwrites":
		p.AskOverwrite = s.bool()
	default:
		s.skip()
	}
}

// textMap reads an object of scalars; nil when it is empty.
func (s *scanner) textMap() map[string]string {
	var m map[string]string
	s.object(func(key []byte) {
		name := string(key)
		if m == nil {
			m = map[string]string{}
		}
		m[name] = s.text()
	})
	return m
}

// PutPart sends one part of exactly size bytes and returns its ETag, without
// quotes; "" when the storage gives none (mounts). It is repeated only if body
// is an io.Seeker and the part may be. When PutPart returns, body is no longer
// read.
func (c *Client) PutPart(ctx context.Context, p backend.Part, body io.Reader, size int64) (string, error) {
	r := &call{
		op: "upload part", path: p.Path, method: p.Method, uri: p.URI, size: size,
		storage: true, bare: true, header: http.Header{}, limit: maxErrorBody,
	}
	if r.method == "" {
		r.method = http.MethodPut
	}
	for name, v := range p.Headers {
		r.header.Set(name, v)
	}
	for name, v := range p.Parameters {
		r.query.add(name, v)
	}
	seeker, seekable := body.(io.Seeker)
	var start int64
	if seekable {
		var err error
		if start, err = seeker.Seek(0, io.SeekCurrent); err != nil {
			seekable = false
		}
	}
	r.repeatable = seekable && p.Retry || size == 0
	r.once = !seekable && size > 0 // whoever has the content repeats it
	used := false
	r.raw = func() (io.Reader, error) {
		if used {
			if !seekable {
				return nil, errNotSeekable
			}
			if _, err := seeker.Seek(start, io.SeekStart); err != nil {
				return nil, err
			}
		}
		used = true
		return io.LimitReader(body, size), nil
	}
	a, err := c.do(ctx, r)
	if err != nil {
		return "", err
	}
	return strings.Trim(strings.TrimPrefix(a.header.Get("ETag"), "W/"), `"`), nil
}

var errNotSeekable = errors.New("the content cannot be read a second time")

// EndUpload closes an upload; the answer is the file (PROTOCOL.md 10).
func (c *Client) EndUpload(ctx context.Context, path string, o backend.EndOptions) (backend.Entry, error) {
	if o.Ref == "" {
		return backend.Entry{}, named(missing("ref"), "end upload", path)
	}
	body := optional{"action": "end", "ref": o.Ref}
	tags := make([]map[string]string, 0, len(o.Tags))
	for _, t := range o.Tags {
		if t.ETag != "" {
			tags = append(tags, map[string]string{"etag": t.ETag, "part": strconv.Itoa(t.Number)})
		}
	}
	body["etags"] = tags
	if o.Size > 0 {
		body["size"] = o.Size
	}
	if !o.Modified.IsZero() {
		body["provided_mtime"] = stamp(o.Modified)
	}
	if o.MkdirParents {
		body["mkdir_parents"] = true
	}
	return c.entry(ctx, &call{
		op: "end upload", path: path, method: http.MethodPost, route: withPath("/files", path), body: body,
	})
}
