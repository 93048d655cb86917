package transfer

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"ferry/backend"
)

// remedy is what the engine does about a failure.
type remedy uint8

const (
	giveUp    remedy = iota // the file failed
	again                   // try the file again after a while
	fromStart               // the same, and nothing of what was done can be kept
	parkLogin               // nothing works until somebody logs in
	parkNet                 // the site cannot be reached
	stopped                 // the engine itself stopped the work
)

// triesOf is how often a file is begun altogether before it counts as failed.
// The client below retries single requests by itself.
const triesOf = 4

// stormWaits is how often more a file is begun that the site puts off while it
// puts everybody off, but answers who asks whether it is back: some minutes.
const stormWaits = 10

// Errors that start a file over, or a part of it.
var (
	errChanged   = &backend.Error{Class: backend.ClassSourceChanged, Group: backend.Content, Title: "Source Changed", Message: "The source changed while it was transferred."}
	errForgotten = &backend.Error{Class: backend.ClassUploadForgotten, Group: backend.Content, Title: "Upload Forgotten", Message: "The site no longer knows the unfinished upload, or not as it was sent."}
	errShort     = &backend.Error{Class: backend.ClassShort, Group: backend.Content, Title: "Connection Broke Off", Message: "The site sent less than it announced."}
)

// treat classifies a failure by class, group and type.
func treat(err error) remedy {
	switch {
	case err == nil:
		return giveUp
	case backend.Cancelled(err):
		return stopped
	case errors.Is(err, backend.ClassSourceChanged), errors.Is(err, backend.ClassUploadForgotten),
		errors.Is(err, backend.ClassChecksumMismatch), errors.Is(err, backend.ClassUnlike):
		return fromStart
	case backend.SessionEnded(err):
		return parkLogin
	case errors.Is(err, backend.ClassShort), errors.Is(err, io.ErrUnexpectedEOF):
		return again
	case errors.Is(err, backend.Connection):
		return parkNet
	case pushedBack(err), taken(backend.AsError(err)):
		return again
	}
	if e := backend.AsError(err); e.Group == backend.APIFailure && e.Status >= 500 {
		return again
	}
	return giveUp
}

// taken tells whether another program downloads the same file to the same place.
func taken(e *backend.Error) bool { return e.Type == backend.TypePartialTaken }

// brokeOff tells whether a connection ended before its time, in whatever way.
func brokeOff(err error) bool {
	return errors.Is(err, backend.ClassShort) || errors.Is(err, backend.Connection)
}

// pushedBack tells whether the site asks for less.
func pushedBack(err error) bool {
	return errors.Is(err, backend.RateLimited) || errors.Is(err, backend.ServiceUnavailable) ||
		backend.AsError(err).Status == 503 || backend.AsError(err).Status == 429
}

// wordless tells whether the content of a part was refused by nobody who knows
// it: the storage names a code. What stands before it, and is cut off or out of
// time, has only the status.
func wordless(err error) bool {
	e := backend.AsError(err)
	if e.Type != "" {
		return false
	}
	switch e.Status {
	case http.StatusBadRequest, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, 499: // closed by the client
		return true
	}
	return false
}

// expired tells whether a signed address was refused: it has run out, or the
// storage says no without a reason.
func expired(err error) bool {
	e := backend.AsError(err)
	return backend.URIExpired(err) || e.Type == "" && e.Status == 403
}

// gone tells whether the storage has nothing at the address of a content: the file
// was replaced, moved or deleted since the address was given out.
func gone(err error) bool {
	e := backend.AsError(err)
	return e.Type == "storage/NoSuchKey" || e.Status == http.StatusNotFound || e.Status == http.StatusGone
}

// stale tells whether the address of a content is no longer good. Only the site
// knows what there is now.
func stale(err error) bool { return expired(err) || gone(err) }

// forgotten tells whether an unfinished upload is lost. Storage hosts say it in
// their own words.
func forgotten(err error) bool {
	for _, class := range []backend.Class{
		backend.ClassFileUploadNotFound, backend.ClassInvalidEtags, backend.ClassFileNotUploaded,
		backend.ClassInvalidUploadPartGap, backend.ClassFileUploadedToWrongRegion,
	} {
		if errors.Is(err, class) {
			return true
		}
	}
	switch backend.AsError(err).Type {
	case "not-found", "not-found/file-upload-not-found", "storage/NoSuchUpload", "storage/NoSuchKey":
		return true
	}
	return false
}

// changed tells whether the storage has other content than was asked for.
func changed(err error) bool {
	e := backend.AsError(err)
	return e.Type == "storage/PreconditionFailed" || e.Status == 412 || errors.Is(err, backend.ClassInvalidRange)
}

// errWhole tells that the storage sends a file only whole, whatever part of it is
// asked for.
var errWhole = errors.New("the storage sends files only whole")

// onlyWhole tells whether the storage has refused to send a part of a file.
func onlyWhole(err error) bool { return backend.AsError(err).Type == "storage/RangeIgnored" }

// missing tells whether an object does not exist on either side.
func missing(err error) bool { return backend.Missing(err) }

// exists tells whether a folder could not be made because it is there.
func exists(err error) bool {
	e := backend.AsError(err)
	return e != nil && strings.HasSuffix(e.Type, "/destination-exists")
}

// backoff is the wait before try n (1 is the first repetition).
func backoff(n int, err error) time.Duration {
	d := min(time.Second<<min(max(n-1, 0), 5), 30*time.Second)
	if e := backend.AsError(err); e != nil && e.Wait > d {
		d = e.Wait
	}
	return d
}
