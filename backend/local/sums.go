package local

import (
	"context"
	"crypto/md5"  //nolint:gosec // the site's checksum, not a secret's
	"crypto/sha1" //nolint:gosec // the site's checksum, not a secret's
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"

	"ferry/backend"
)

// Checksums reads a file to its end and gives every checksum that Files.com
// knows. It ends early with ctx.
func (f *FS) Checksums(ctx context.Context, path string) (backend.Checksums, error) {
	const op = "compare"
	file, err := f.Open(path)
	if err != nil {
		return backend.Checksums{}, err
	}
	defer file.Close()
	crc, m, s1, s2 := crc32.NewIEEE(), md5.New(), sha1.New(), sha256.New() //nolint:gosec // see above
	all := io.MultiWriter(crc, m, s1, s2)
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return backend.Checksums{}, err
		}
		n, err := file.Read(buf)
		_, _ = all.Write(buf[:n]) // hashes take everything
		if err == io.EOF {
			break
		}
		if err != nil {
			return backend.Checksums{}, wrap(op, path, err)
		}
	}
	return backend.Checksums{
		CRC32: fmt.Sprintf("%08x", crc.Sum32()), MD5: hex.EncodeToString(m.Sum(nil)),
		SHA1: hex.EncodeToString(s1.Sum(nil)), SHA256: hex.EncodeToString(s2.Sum(nil)),
	}, nil
}
