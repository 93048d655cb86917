package api

import (
	"bytes"
	"sync"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// span is a piece of the page's shared string.
type span struct{ from, to uint32 }

// listed holds what an entry needs besides itself while its page is decoded.
type listed struct{ path, name, crc, md5, sha1, sha256 span }

// pageBuffer is the working memory of one page, used again and again.
type pageBuffer struct {
	text  []byte
	parts []listed
}

var pageBuffers = sync.Pool{New: func() any { return new(pageBuffer) }}

// decodeEntries reads a listing page in one pass (PROTOCOL.md 8). All paths,
// names and checksums of a page share one string, so a page costs a handful of
// allocations however many entries it has.
func decodeEntries(data []byte) ([]backend.Entry, error) {
	s := scanner{b: data}
	if s.peek() != '[' {
		s.skip()
		if s.err == nil {
			s.err = errNotList
		}
		return nil, s.err
	}
	buf := pageBuffers.Get().(*pageBuffer)
	defer pageBuffers.Put(buf)
	buf.text, buf.parts = buf.text[:0], buf.parts[:0]
	// Counting first is cheap beside growing, and the page keeps no slack.
	items := make([]backend.Entry, 0, min(bytes.Count(data, []byte(`"path":`)), 20000))
	s.array(func() {
		items = append(items, backend.Entry{Size: -1})
		buf.parts = append(buf.parts, listed{})
		if !decodeEntry(&s, &items[len(items)-1], &buf.parts[len(buf.parts)-1], buf) {
			items, buf.parts = items[:len(items)-1], buf.parts[:len(buf.parts)-1]
		}
	})
	if err := s.end(); err != nil {
		return nil, err
	}
	finishEntries(items, buf)
	return items, nil
}

// decodeOneEntry reads a single file object.
func decodeOneEntry(data []byte) (backend.Entry, error) {
	s := scanner{b: data}
	buf := pageBuffers.Get().(*pageBuffer)
	defer pageBuffers.Put(buf)
	buf.text, buf.parts = buf.text[:0], append(buf.parts[:0], listed{})
	items := []backend.Entry{{Size: -1}}
	if !decodeEntry(&s, &items[0], &buf.parts[0], buf) && s.err == nil {
		s.err = errNotObject
	}
	if err := s.end(); err != nil {
		return backend.Entry{}, err
	}
	finishEntries(items, buf)
	return items[0], nil
}

// decodeEntry reads one file object.
func decodeEntry(s *scanner, e *backend.Entry, l *listed, buf *pageBuffer) bool {
	var mtime, provided time.Time
	keep := func() span {
		from := len(buf.text)
		buf.text = append(buf.text, s.raw()...)
		return span{uint32(from), uint32(len(buf.text))}
	}
	ok := s.object(func(key []byte) {
		switch string(key) {
		case "path":
			l.path = keep()
		case "display_name":
			l.name = keep()
		case "type":
			if string(s.raw()) == "directory" {
				e.Kind = backend.Folder
			}
		case "size":
			if n, ok := s.intOK(); ok && n >= 0 {
				e.Size = n
			}
		case "created_at":
			e.Created = s.time()
		case "mtime":
			mtime = s.time()
		case "provided_mtime":
			provided = s.time()
		case "crc32":
			l.crc = keep()
		case "md5":
			l.md5 = keep()
		case "sha1":
			l.sha1 = keep()
		case "sha256":
			l.sha256 = keep()
		case "mime_type":
			e.MIME = s.word()
		case "region":
			e.Region = s.word()
		case "permissions":
			e.Permissions = s.word()
		case "priority_color":
			e.Priority = s.word()
		case "is_locked":
			e.Locked = s.bool()
		case "download_uri":
			e.DownloadURI = s.text()
		default:
			s.skip()
		}
	})
	e.Modified = provided
	if provided.IsZero() {
		e.Modified = mtime
	}
	if e.Kind == backend.Folder {
		e.Size = -1
	}
	return ok
}

// finishEntries turns the spans into strings. The name is the end of the path
// wherever the site spells both alike, and then costs nothing.
func finishEntries(items []backend.Entry, buf *pageBuffer) {
	text := string(buf.text)
	cut := func(p span) string { return text[p.from:p.to] }
	for i := range items {
		e, l := &items[i], buf.parts[i]
		e.Path = pathutil.Normalize(cut(l.path))
		e.Name = pathutil.Base(e.Path)
		if e.Path == "" {
			e.Name = cut(l.name)
		}
		e.Checksums = backend.Checksums{CRC32: cut(l.crc), MD5: cut(l.md5), SHA1: cut(l.sha1), SHA256: cut(l.sha256)}
	}
}
