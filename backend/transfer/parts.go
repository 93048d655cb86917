package transfer

import (
	"net/url"
	"strconv"
	"strings"

	"ferry/backend"
)

// span is a piece of a file that travels in one request.
type span struct {
	N      int // from 1
	Off    int64
	Length int64
}

const (
	mib          = int64(1) << 20
	smallestPart = 5 * mib  // every part but the last (PROTOCOL.md 10)
	rangeSize    = 16 * mib // of a parallel download
	wholeFile    = 10 * mib // up to here a download is one request
	mostParts    = 10_000
)

// partSize chooses the size of the parts of a parallel upload: at least what
// the site proposes, few enough for its highest part number, and growing with
// the file so that a request carries more than it costs.
func partSize(size, proposed int64, available int) int64 {
	if available <= 0 || available > mostParts {
		available = mostParts
	}
	var p int64
	switch {
	case size <= 32*mib:
		p = smallestPart
	case size <= 256*mib:
		p = 8 * mib
	case size < 16<<30:
		p = 16 * mib
	case size < 512<<30:
		p = 64 * mib
	default:
		p = 128 * mib
	}
	p = max(p, proposed)
	least := (size + int64(available) - 1) / int64(available)
	for p < least {
		p += mib
	}
	return p
}

// plan cuts size bytes into spans of part bytes; an empty file is one empty
// span.
func plan(size, part int64) []span {
	if size <= 0 {
		return []span{{N: 1}}
	}
	spans := make([]span, 0, (size+part-1)/part)
	for off := int64(0); off < size; off += part {
		spans = append(spans, span{N: len(spans) + 1, Off: off, Length: min(part, size-off)})
	}
	return spans
}

// partFrom derives part n from another part of the same upload where the
// address allows it: those of Files.com's own hosts carry the number outside
// the signature (PROTOCOL.md 10 and 16). ok is false where the site has to be
// asked.
func partFrom(p backend.Part, n int) (backend.Part, bool) {
	if p.Number == n {
		return p, true
	}
	u, err := url.Parse(p.URI)
	if err != nil {
		return p, false
	}
	// The query is edited as text: re-encoding could touch what is signed.
	pairs := strings.Split(u.RawQuery, "&")
	hosted, kept := false, pairs[:0]
	for _, kv := range pairs {
		k, _, _ := strings.Cut(kv, "=")
		switch k {
		case "X-Files-Date":
			hosted = true
		case "part_number", "partNumber":
			continue
		}
		kept = append(kept, kv)
	}
	if !hosted {
		return p, false
	}
	u.RawQuery = strings.Join(append(kept, "part_number="+strconv.Itoa(n)), "&")
	p.URI, p.Number = u.String(), n
	return p, true
}
