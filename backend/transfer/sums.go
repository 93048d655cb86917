package transfer

import (
	"context"
	"crypto/md5"  //nolint:gosec // the site's checksum, not a secret's
	"crypto/sha1" //nolint:gosec // the site's checksum, not a secret's
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"ferry/backend"
)

// hasher computes checksums while bytes pass.
type hasher struct {
	crc  hash.Hash32
	md5  hash.Hash
	sha1 hash.Hash
	sha2 hash.Hash
}

// newHasher computes the checksums that want names, always CRC-32, which costs
// next to nothing. An empty want adds MD5, the one that the site most often has
// after an upload.
func newHasher(want backend.Checksums) *hasher {
	h := &hasher{crc: crc32.NewIEEE()}
	none := want == backend.Checksums{}
	switch {
	case want.SHA256 != "":
		h.sha2 = sha256.New()
	case none, want.MD5 != "" && want.CRC32 == "":
		h.md5 = md5.New() //nolint:gosec // see above
	case want.SHA1 != "" && want.CRC32 == "":
		h.sha1 = sha1.New() //nolint:gosec // see above
	}
	return h
}

// Write never fails.
func (h *hasher) Write(p []byte) (int, error) {
	h.crc.Write(p)
	for _, x := range []hash.Hash{h.md5, h.sha1, h.sha2} {
		if x != nil {
			x.Write(p)
		}
	}
	return len(p), nil
}

func (h *hasher) sums() backend.Checksums {
	s := backend.Checksums{CRC32: crcText(h.crc.Sum32())}
	if h.md5 != nil {
		s.MD5 = hex.EncodeToString(h.md5.Sum(nil))
	}
	if h.sha1 != nil {
		s.SHA1 = hex.EncodeToString(h.sha1.Sum(nil))
	}
	if h.sha2 != nil {
		s.SHA256 = hex.EncodeToString(h.sha2.Sum(nil))
	}
	return s
}

func crcText(c uint32) string { return fmt.Sprintf("%08x", c) }

// joined is the CRC-32 of a whole file from those of its pieces in any order.
// ok is false when they do not cover size bytes without gap.
func joined(pieces []piece, size int64) (crc uint32, ok bool) {
	slices.SortFunc(pieces, func(a, b piece) int { return int(min(max(a.Off-b.Off, -1), 1)) })
	var at int64
	for _, p := range pieces {
		if p.Off != at {
			return 0, false
		}
		crc = crcCombine(crc, p.CRC, p.Length)
		at += p.Length
	}
	return crc, at == size
}

// unlike is what a comparison on demand has found: nobody knows which side has
// changed, and nothing was put aside.
func unlike(path, by string) error {
	if by == "" { // no checksum was needed to see it
		by = "The length"
	}
	return &backend.Error{
		Class: backend.ClassUnlike, Group: backend.Content, Title: "Unlike Its Source", Op: "verify", Path: path,
		Message: by + " differs between the two sides.",
	}
}

// judge compares what was computed with what the site says, by the strongest
// checksum that both have.
func judge(have, site backend.Checksums) (backend.Verification, string) {
	for _, c := range []struct{ name, a, b string }{
		{"SHA-256", have.SHA256, site.SHA256},
		{"MD5", have.MD5, site.MD5},
		{"SHA-1", have.SHA1, site.SHA1},
		{"CRC32", have.CRC32, site.CRC32},
	} {
		if c.a == "" || c.b == "" {
			continue
		}
		if strings.EqualFold(strings.TrimLeft(c.a, "0"), strings.TrimLeft(c.b, "0")) {
			return backend.Verified, c.name
		}
		return backend.Mismatch, c.name
	}
	return backend.SizeOnly, ""
}

// common tells whether judge could compare anything.
func common(have, site backend.Checksums) bool {
	_, by := judge(have, site)
	return by != ""
}

// hashAll reads the file once more for the checksums that the site has and the
// transfer could not compute in passing.
func hashAll(ctx context.Context, r io.ReaderAt, size int64, want backend.Checksums) (backend.Checksums, error) {
	h := newHasher(want)
	buf := make([]byte, 256<<10)
	for off := int64(0); off < size; {
		if err := ctx.Err(); err != nil {
			return backend.Checksums{}, err
		}
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-off)], off)
		h.Write(buf[:n]) //nolint:errcheck,gosec // hashes never fail
		off += int64(n)
		if err != nil && off < size {
			return backend.Checksums{}, errChanged
		}
	}
	return h.sums(), nil
}

func mismatch(path, by string) error {
	return &backend.Error{
		Class: backend.ClassChecksumMismatch, Group: backend.Content, Title: "Checksum Mismatch", Op: "verify", Path: path,
		Message: by + " differs between the two sides: the content did not arrive as it was sent.",
	}
}
