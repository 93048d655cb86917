package transfers

import (
	"context"

	"ferry/backend"
)

// Reader gives at most limit bytes from the beginning of a file.
type Reader interface {
	Preview(ctx context.Context, e backend.Entry, limit int64) ([]byte, error)
}

// Disk is this machine as the question about an existing target needs it.
type Disk interface {
	Reader
	// Checksums reads a file to its end.
	Checksums(ctx context.Context, path string) (backend.Checksums, error)
}

// Sides reads what stands on both sides of a transfer.
type Sides struct {
	Site Reader
	Disk Disk
}

// digest is the strongest checksum that both sides have, "" for none.
func digest(a, b backend.Checksums) (kind, x, y string) {
	for _, k := range []struct{ kind, x, y string }{
		{"SHA-256", a.SHA256, b.SHA256}, {"SHA-1", a.SHA1, b.SHA1}, {"MD5", a.MD5, b.MD5}, {"CRC32", a.CRC32, b.CRC32},
	} {
		if k.x != "" && k.y != "" {
			return k.kind, k.x, k.y
		}
	}
	return "", "", ""
}

// pair is the two files of a question, by their sides.
type pair struct {
	there, come         backend.Entry // what exists, and what would replace it
	thereSide, comeSide backend.Side
}

func pairOf(j *backend.JobSnapshot, it *backend.ItemSnapshot) pair {
	p := pair{*it.Existing, *it.Source, backend.Remote, backend.Local}
	if j.Direction == backend.Download {
		p.thereSide, p.comeSide = backend.Local, backend.Remote
	}
	return p
}

// sums gives the checksums of one of the files: the site tells its own, this
// machine's are computed.
func (s Sides) sums(ctx context.Context, side backend.Side, e backend.Entry) (backend.Checksums, error) {
	if side == backend.Remote {
		return e.Checksums, nil
	}
	return s.Disk.Checksums(ctx, e.Path)
}

func (s Sides) read(ctx context.Context, side backend.Side, e backend.Entry, limit int64) ([]byte, error) {
	if side == backend.Remote {
		return s.Site.Preview(ctx, e, limit)
	}
	return s.Disk.Preview(ctx, e, limit)
}

// likeness is what a comparison of two contents has found.
type likeness struct {
	kind        string // of the checksum, "" when the site has none
	there, come string
}

func (s Sides) compare(ctx context.Context, p pair) (likeness, error) {
	site := p.there.Checksums
	if p.comeSide == backend.Remote {
		site = p.come.Checksums
	}
	if site == (backend.Checksums{}) {
		return likeness{}, nil // nothing to compare with: nothing has to be read
	}
	there, err := s.sums(ctx, p.thereSide, p.there)
	if err != nil {
		return likeness{}, err
	}
	come, err := s.sums(ctx, p.comeSide, p.come)
	if err != nil {
		return likeness{}, err
	}
	kind, x, y := digest(there, come)
	return likeness{kind, x, y}, nil
}
