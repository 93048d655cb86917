package backend

import (
	"errors"
	"io"
	"strings"
	"time"
)

// UploadOptions is what the begin of an upload may say (PROTOCOL.md 10). Zero
// values are not sent.
type UploadOptions struct {
	Size         int64  // total bytes, kept ones included; -1 or 0 when unknown
	Part         int    // number of the part wanted, from 1; 0 means the first
	Parts        int    // how many part objects to answer with; 0 means one
	Ref          string // the upload to go on with, "" for a new one
	Restart      int64  // byte offset to go on from
	MkdirParents bool
	WithRename   bool // take a free name when the target exists
	Buffered     bool // stage on the site first when the target is a mount
}

// Part says where and how to send one part of an upload (PROTOCOL.md 10). The
// URI is signed and short-lived: a secret.
type Part struct {
	Ref          string // id of the upload, to be sent back in every later call
	Number       int    // from 1
	URI          string
	Method       string // verb, usually PUT
	Headers      map[string]string
	Parameters   map[string]string // to be added to the query
	Size         int64             // bytes the site proposes for this part; 0 when it does not
	NextSize     int64             // and for the part after it
	Available    int               // highest part number; 0 when not told
	Parallel     bool              // false: strictly one after another
	Retry        bool              // false: a failed part cannot be repeated
	Expires      time.Time         // of the URI; zero when not told
	Path         string            // final path where it differs from the request
	AskOverwrite bool              // the target exists and the person might be asked
}

// PartTag is the receipt for one part.
type PartTag struct {
	ETag   string
	Number int
}

// EndOptions closes an upload (PROTOCOL.md 10).
type EndOptions struct {
	Ref          string
	Tags         []PartTag // in any order; parts that gave no ETag are left out
	Size         int64     // total bytes
	Modified     time.Time // provided_mtime; zero leaves it unset
	MkdirParents bool
}

// Body is the content of a download or of a range of it. It must be closed.
type Body struct {
	io.ReadCloser
	Offset         int64     // of the first byte in the file
	Size           int64     // bytes in this answer; -1 when not told
	Total          int64     // bytes of the whole file; -1 when not told
	ETag           string    // identity of the content, without quotes; a weak one begins with W/
	Modified       time.Time // Last-Modified; zero when not told
	MaxConnections int       // X-Files-Max-Connections; 0 means no limit
	Partial        bool      // the answer is the range asked for (206)
}

// URIExpired tells whether err means that a signed address for a transfer is no
// longer valid and a new one would help (PROTOCOL.md 9 and 10). Storage hosts
// say so with a 403, not always with a reason.
func URIExpired(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Type {
	case "download_request_expired", "upload_request_expired":
		return true
	}
	return e.Status == 403 && strings.HasPrefix(e.Type, "storage/")
}
