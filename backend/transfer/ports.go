package transfer

import (
	"context"
	"io"
	"os"
	"time"

	"ferry/backend"
)

// Site is what the engine needs of a Files.com client. Every method may be
// called from many goroutines at once and returns *backend.Error (or the error
// of ctx).
type Site interface {
	List(ctx context.Context, path string, q backend.FolderQuery) (backend.Page[backend.Entry], error)
	Find(ctx context.Context, path string) (backend.Entry, error)
	Mkdir(ctx context.Context, path string, parents bool) (backend.Entry, error)
	Delete(ctx context.Context, path string, recursive bool) error
	BeginUpload(ctx context.Context, path string, o backend.UploadOptions) ([]backend.Part, error)
	PutPart(ctx context.Context, p backend.Part, r io.Reader, size int64) (etag string, err error)
	EndUpload(ctx context.Context, path string, o backend.EndOptions) (backend.Entry, error)
	Download(ctx context.Context, path string) (backend.Entry, error)
	DownloadArchive(ctx context.Context, paths []string) (uri string, err error)
	OpenRange(ctx context.Context, uri string, from, length int64, ifMatch string) (*backend.Body, error)
}

// Disk is what the engine needs of the local file system. The methods whose
// name ends in In take a target folder and a slash-separated path below it and
// never leave it.
type Disk interface {
	List(ctx context.Context, dir string, q backend.FolderQuery) (backend.Page[backend.Entry], error)
	Find(ctx context.Context, path string) (backend.Entry, error)
	Open(path string) (*os.File, error)
	Delete(ctx context.Context, path string, recursive bool) error
	Mkdir(ctx context.Context, path string, parents bool) (backend.Entry, error)
	Free(dir string) (int64, error)
	// Holds tells which names a folder, or one made there, can hold.
	Holds(ctx context.Context, dir string) (backend.DiskNames, error)
	// Explain turns an error of an open file into a *backend.Error.
	Explain(op, path string, err error) error

	FindIn(ctx context.Context, root, rel string) (backend.Entry, error)
	MkdirIn(ctx context.Context, root, rel string) (created bool, err error)
	// OpenPartialIn opens an unfinished file for its caller alone: while another
	// program has it, the error is of backend.TypePartialTaken.
	OpenPartialIn(root, rel string) (*os.File, error)
	Reserve(f *os.File, size int64) error
	CommitIn(f *os.File, root, partial, rel string, modified time.Time, replace bool) error
	// SetAsideIn renames an open unfinished file, and closes it in every case.
	SetAsideIn(f *os.File, root, partial, to string) error
	// RemovePartialIn removes an unfinished file that nobody has open.
	RemovePartialIn(root, rel string) error
	RemoveIn(root, rel string) error
	RenameIn(root, from, to string) error
}

// Clock tells the time and wakes sleepers.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// Limits bound what the engine does at once. Zero values mean the defaults.
type Limits struct {
	Requests int   // most data requests at a time; 128
	Start    int   // how many it begins with; 8
	Files    int   // most files at a time; 256
	Archives int   // most archives of small files at a time; 8, none when negative
	Window   int   // most planned files kept in memory per job; 20,000
	Rate     int64 // bytes per second in both directions together; 0 is no limit
}

func (l Limits) filled() Limits {
	if l.Requests <= 0 {
		l.Requests = 128
	}
	if l.Start <= 0 {
		l.Start = 8
	}
	l.Start = min(l.Start, l.Requests)
	if l.Files <= 0 {
		l.Files = 256
	}
	if l.Archives == 0 {
		l.Archives = 8
	}
	if l.Window <= 0 {
		l.Window = 20_000
	}
	return l
}

// sleep waits on the clock; it ends early with the error of ctx.
func sleep(ctx context.Context, c Clock, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-c.After(d):
		return nil
	}
}
