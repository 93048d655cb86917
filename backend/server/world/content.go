package world

import (
	"bytes"
	"encoding/binary"
	"io"
	"path"
	"strings"
)

// block is the unit in which text is generated: a reader at any offset makes
// the blocks it touches and no others.
const block = 4096

// content is a generated file.
type content struct {
	size int64
	seed uint64
	make partFunc
}

// partFunc fills buf, which is part i of n of the file. Every part but the last is
// one block; the last is shorter than two.
type partFunc func(buf []byte, seed uint64, i, n int64)

func newContent(w *World, p string, size int64) io.ReaderAt {
	if size <= 0 {
		return bytes.NewReader(nil)
	}
	if b, ok := staticBytes(w.Name, p); ok && int64(len(b)) == size {
		return bytes.NewReader(b)
	}
	seed := hash(w.seed, "content/"+p)
	ext := strings.ToLower(path.Ext(p))
	if ext == ".pdf" {
		return pdf(p, seed, size)
	}
	if t, ok := textKinds[ext]; ok {
		return &content{size: size, seed: seed, make: t(w, p)}
	}
	if textNames[path.Base(p)] {
		return &content{size: size, seed: seed, make: prose}
	}
	return &noise{size: size, seed: seed, head: magic[ext]}
}

// ReadAt fills p from offset off (io.ReaderAt).
func (c *content) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errOffset
	}
	parts := max(c.size/block, 1)
	var buf [2 * block]byte
	done := 0
	for done < len(p) && off < c.size {
		i := min(off/block, parts-1)
		from := i * block
		n := int64(block)
		if i == parts-1 {
			n = c.size - from
		}
		c.make(buf[:n], c.seed, i, parts)
		k := copy(p[done:], buf[off-from:n])
		done += k
		off += int64(k)
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}

// noise is binary content: a magic number that says what the file is, then
// numbers without meaning.
type noise struct {
	size int64
	seed uint64
	head string
}

// ReadAt fills p from offset off (io.ReaderAt).
func (c *noise) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errOffset
	}
	n := int64(len(p))
	if off >= c.size {
		n = 0
	} else {
		n = min(n, c.size-off)
	}
	for k := int64(0); k < n; {
		at := off + k
		if at%8 == 0 && n-k >= 8 {
			binary.LittleEndian.PutUint64(p[k:], mix(c.seed+uint64(at/8)))
			k += 8
			continue
		}
		word := mix(c.seed + uint64(at/8))
		word >>= 8 * uint(at%8)
		for b := at % 8; b < 8 && k < n; b, k = b+1, k+1 {
			p[k] = byte(word)
			word >>= 8
		}
	}
	if off < int64(len(c.head)) {
		copy(p[:n], c.head[off:])
	}
	if n < int64(len(p)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

// magic are the first bytes by which tools tell the kinds of files.
var magic = map[string]string{
	".mov":  "\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ",
	".mp4":  "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2",
	".jpg":  "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00",
	".tif":  "II*\x00\x08\x00\x00\x00",
	".zip":  "PK\x03\x04\x14\x00\x00\x00\x08\x00",
	".xlsx": "PK\x03\x04\x14\x00\x06\x00\x08\x00",
	".docx": "PK\x03\x04\x14\x00\x06\x00\x08\x00",
	".gz":   "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
}

var textNames = map[string]bool{"Makefile": true, ".gitignore": true, "no extension": true, "trailing dot.": true}
