package backend

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Class is the name of an error class of the vendor's SDK, without its group:
// "FolderNotEmptyError". It is an error itself so that
// errors.Is(err, backend.ClassFolderNotEmpty) works.
type Class string

// Error makes a Class usable as the target of errors.Is.
func (c Class) Error() string { return string(c) }

// ErrorGroup is the first part of a wire type: "not-found". It is an error itself so
// that errors.Is(err, backend.NotFound) works.
type ErrorGroup string

// Error makes an ErrorGroup usable as the target of errors.Is.
func (g ErrorGroup) Error() string { return string(g) }

// The eight groups of API errors (PROTOCOL.md 6), the general one for a type
// whose group is not known, and the client's own.
const (
	BadRequest         ErrorGroup = "bad-request"
	NotAuthenticated   ErrorGroup = "not-authenticated"
	NotAuthorized      ErrorGroup = "not-authorized"
	NotFound           ErrorGroup = "not-found"
	ProcessingFailure  ErrorGroup = "processing-failure"
	RateLimited        ErrorGroup = "rate-limited"
	ServiceUnavailable ErrorGroup = "service-unavailable"
	SiteConfiguration  ErrorGroup = "site-configuration"

	APIFailure ErrorGroup = "api"        // an error answer that fits no group
	Connection ErrorGroup = "connection" // the site could not be reached, or broke off
	Client     ErrorGroup = "client"     // refused before a request was sent
	LocalDisk  ErrorGroup = "local"      // this machine's file system said no
	Content    ErrorGroup = "content"    // what arrived is not what was sent
	Unexpected ErrorGroup = "unexpected" // an error that says nothing of itself
)

// APIGroups are the eight groups that the site sends, in the order of the
// vendor's page.
func APIGroups() []ErrorGroup {
	return []ErrorGroup{
		BadRequest, NotAuthenticated, NotAuthorized, NotFound,
		ProcessingFailure, RateLimited, ServiceUnavailable, SiteConfiguration,
	}
}

// The classes of the vendor's SDK that do not come from the site.
const (
	ClassAPI              Class = "APIError"
	ClassAPIConnection    Class = "APIConnectionError"
	ClassAuthentication   Class = "AuthenticationError"
	ClassInvalidParameter Class = "InvalidParameterError"
	ClassMissingParameter Class = "MissingParameterError"
	ClassNotImplemented   Class = "NotImplementedError"
	ClassLocalDisk        Class = "LocalDiskError"
	ClassUnexpected       Class = "UnexpectedError"
	ClassReadOnlyMode     Class = "ReadOnlyModeError" // refused by --read-only
	ClassChecksumMismatch Class = "ChecksumMismatchError"
)

// The other classes of the group Content: a transfer begins the file anew for
// them, and fails it when that does not help.
const (
	ClassSourceChanged   Class = "SourceChangedError"      // it was written to meanwhile
	ClassUploadForgotten Class = "UploadForgottenError"    // the site has lost it, or holds other parts
	ClassShort           Class = "ConnectionBrokeOffError" // the site sent less than it announced
	ClassUnlike          Class = "UnlikeSourceError"       // a comparison on demand found that the sides differ
)

// TypeSessionsEnd is the type of the error about a site that accepts a login and
// ends each of its sessions at once.
const TypeSessionsEnd = "local/sessions-end"

// TypeReadOnlyLogin is the type of the refusal of a change that was not sent,
// because the site has said that the login in use may only read.
const TypeReadOnlyLogin = "local/read-only-login"

// TypeNotRegular is the type of the error about a pipe, a socket or a device,
// which has no content that could be sent.
const TypeNotRegular = "local/not-regular"

// TypeNameRefused is the type of the error about a name of this machine that the
// site cannot hold.
const TypeNameRefused = "client/name-refused"

// TypePartialTaken is the type of the error about a download to a place to which
// another program downloads the same file.
const TypePartialTaken = "local/partial-taken"

// TypeNoContent is the type of the error about a content that a storage does not
// have, when the answer has no type of its own.
const TypeNoContent = "storage/no-content"

// TypeJournal is the type of the error about a folder that cannot hold the record
// of unfinished transfers.
const TypeJournal = "local/journal"

// Error is every failure that reaches a person. errors.Is matches it by Class
// and by Group; errors.Unwrap gives the cause. Route on Group, Class or Type,
// never on Status.
type Error struct {
	Class     Class
	Group     ErrorGroup
	Type      string // as on the wire, e.g. "processing-failure/destination-exists"
	Status    int    // HTTP status, 0 when there was no answer
	Title     string // the type in words
	Message   string // one sentence for people
	RequestID string

	Op      string // what was being done: "list folder", "upload part"
	Path    string // the object it was done to
	Host    string // where the site says the request belongs (lockout-region-mismatch)
	Fields  map[string][]string
	Wait    time.Duration // how long the site asks to wait; 0 when it does not
	Until   time.Time     // end of a lock-out, when told
	Lasting bool          // waiting does not mend it: of a line or a refusal that otherwise passes
	Legal   []string      // what would have been legal (sorts, filters, values)

	TwoFactor *TwoFactor // set with ClassTwoFactorAuthenticationError
	Cause     error
}

// Error gives one line for logs and the headless twin.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op)
		if e.Path != "" {
			fmt.Fprintf(&b, " %q", e.Path)
		}
		b.WriteString(": ")
	}
	switch {
	case e.Message != "":
		b.WriteString(e.Message)
	case e.Title != "":
		b.WriteString(e.Title)
	default:
		b.WriteString(string(e.Class))
	}
	for _, f := range slices.Sorted(maps.Keys(e.Fields)) {
		if len(e.Fields[f]) == 1 && e.Fields[f][0] == e.Message {
			continue // said already
		}
		fmt.Fprintf(&b, "; %s: %s", f, strings.Join(e.Fields[f], ", "))
	}
	if e.Type != "" {
		fmt.Fprintf(&b, " (%s)", e.Type)
	}
	return b.String()
}

// Is matches a Class or an ErrorGroup.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case Class:
		return e.Class == t
	case ErrorGroup:
		return e.Group == t
	}
	return false
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// AsError finds the *Error in err's chain. Any other error becomes one of the
// general class, so that every failure can be shown as a card; nil stays nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Class: ClassUnexpected, Group: Unexpected, Message: err.Error(), Cause: err}
}

// Missing tells whether something does not exist, on the site or on this machine.
func Missing(err error) bool {
	e := AsError(err)
	return e != nil && (e.Group == NotFound || e.Type == "local/not-found")
}

// Cancelled tells whether err only says that somebody pressed Esc.
func Cancelled(err error) bool { return errors.Is(err, context.Canceled) }

// SessionEnded tells whether err means that the credentials in use no longer
// open the site and a new login would help.
func SessionEnded(err error) bool {
	e := AsError(err)
	if e == nil || e.Group != NotAuthenticated {
		return false
	}
	switch e.Type {
	case "not-authenticated/invalid-session", "not-authenticated/invalid-credentials",
		"not-authenticated/authentication-required", TypeSessionsEnd:
		return true
	}
	return false
}
