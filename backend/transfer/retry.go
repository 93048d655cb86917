package transfer

import (
	"errors"
	"io"
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

// Errors that start a file over.
var (
	errChanged   = &backend.Error{Class: "SourceChangedError", Group: backend.Client, Title: "Source Changed", Message: "The source changed while it was transferred."}
	errForgotten = &backend.Error{Class: "UploadForgottenError", Group: backend.Client, Title: "Upload Forgotten", Message: "The site no longer knows the unfinished upload; it starts over."}
	errStale     = &backend.Error{Class: "PartialStaleError", Group: backend.Client, Title: "Partial Not Usable", Message: "What was transferred before does not fit any more; it starts over."}
	errShort     = &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Title: "Connection Broke Off", Message: "The site sent less than it announced."}
)

// treat classifies a failure by class, group and type.
func treat(err error) remedy {
	switch {
	case err == nil:
		return giveUp
	case backend.Cancelled(err):
		return stopped
	case errors.Is(err, errChanged), errors.Is(err, errForgotten), errors.Is(err, errStale),
		errors.Is(err, backend.ClassChecksumMismatch):
		return fromStart
	case backend.SessionEnded(err):
		return parkLogin
	case errors.Is(err, errShort), errors.Is(err, io.ErrUnexpectedEOF):
		return again
	case errors.Is(err, backend.Connection):
		return parkNet
	case pushedBack(err):
		return again
	}
	if e := backend.AsError(err); e.Group == backend.APIFailure && e.Status >= 500 {
		return again
	}
	return giveUp
}

// pushedBack tells whether the site asks for less.
func pushedBack(err error) bool {
	return errors.Is(err, backend.RateLimited) || errors.Is(err, backend.ServiceUnavailable) ||
		backend.AsError(err).Status == 503 || backend.AsError(err).Status == 429
}

// expired tells whether a signed address was refused. Storage hosts answer
// 403 in XML, which has no wire type (PROTOCOL.md 6), hence the status.
func expired(err error) bool {
	e := backend.AsError(err)
	if e == nil {
		return false
	}
	switch e.Type {
	case "upload_request_expired", "download_request_expired":
		return true
	}
	return e.Status == 403 && !strings.Contains(e.Type, "/")
}

// forgotten tells whether an unfinished upload is lost.
func forgotten(err error) bool {
	switch backend.AsError(err).Type {
	case "not-found", "not-found/file-upload-not-found",
		"bad-request/invalid-etags", "processing-failure/invalid-etags",
		"processing-failure/file-not-uploaded", "bad-request/file-not-uploaded",
		"processing-failure/file-uploaded-to-wrong-region":
		return true
	}
	return errors.Is(err, backend.Class("FileUploadNotFoundError")) ||
		errors.Is(err, backend.Class("InvalidEtagsError")) || errors.Is(err, backend.Class("FileNotUploadedError"))
}

// missing tells whether an object does not exist on either side.
func missing(err error) bool {
	e := backend.AsError(err)
	return e != nil && (e.Group == backend.NotFound || e.Type == "local/not-found")
}

// exists tells whether a folder could not be made because it is there.
func exists(err error) bool {
	e := backend.AsError(err)
	return e != nil && strings.HasSuffix(e.Type, "/destination-exists")
}

// backoff is the wait before try n (1 is the first repetition).
func backoff(n int, err error) time.Duration {
	d := min(time.Second<<max(n-1, 0), 30*time.Second)
	if e := backend.AsError(err); e != nil && e.Wait > d {
		d = e.Wait
	}
	return d
}
