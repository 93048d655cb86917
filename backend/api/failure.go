package api

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"ferry/backend"
	"ferry/backend/catalog"
)

// storageType begins the Type of errors that storage hosts answer in XML.
const storageType = "storage/"

// The types of transfer hosts without a group (PROTOCOL.md 6).
const (
	typeDownloadExpired = "download_request_expired"
	typeUploadExpired   = "upload_request_expired"
)

func invalid(what, message string) *backend.Error {
	return &backend.Error{
		Class: backend.ClassInvalidParameter, Group: backend.Client, Title: "Invalid Parameter",
		Message: message, Fields: map[string][]string{what: {message}},
	}
}

func missing(what string) *backend.Error {
	m := "The parameter " + what + " is missing."
	return &backend.Error{
		Class: backend.ClassMissingParameter, Group: backend.Client, Title: "Missing Parameter",
		Message: m, Fields: map[string][]string{what: {"is missing"}},
	}
}

func authFailure(message string) *backend.Error {
	return &backend.Error{
		Class: backend.ClassAuthentication, Group: backend.Client, Title: "Authentication", Message: message,
	}
}

func localFailure(err error) *backend.Error {
	return &backend.Error{
		Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Title: "Local Disk",
		Message: "The file could not be read: " + err.Error() + ".", Cause: err,
	}
}

// uriExpired is the error for a signed address whose time is over.
func uriExpired(r *call, host string) *backend.Error {
	t := typeDownloadExpired
	if r.raw != nil {
		t = typeUploadExpired
	}
	return &backend.Error{
		Class: backend.ClassAPI, Group: backend.APIFailure, Type: t, Status: http.StatusForbidden,
		Title: "Request Expired", Message: "The address for the transfer has expired.", Host: host,
	}
}

// broken turns an error of the network, or of the context, into the right
// class. The address is taken out of the cause, because a signed one is a
// secret. host may have a port.
func (c *Client) broken(ctx context.Context, err error, host string) *backend.Error {
	var known *backend.Error
	if errors.As(err, &known) {
		return known
	}
	if ue := (*url.Error)(nil); errors.As(err, &ue) {
		err = ue.Err
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errReadTimeout):
		err = cause
	case ctx.Err() != nil:
		err = ctx.Err()
	}
	e := &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Title: "API Connection", Host: withoutPort(host), Cause: err}
	where := "the site"
	if host != "" {
		where = host
	}
	e.Lasting = permanent(err)
	e.Message = connectionMessage(err, where)
	if c.cfg.SourceIP != "" && isErrno(err, syscall.EADDRNOTAVAIL) {
		e.Message = "This machine has no address " + c.cfg.SourceIP + " to send from."
	}
	if errors.Is(err, context.Canceled) {
		e.Class, e.Group, e.Title = backend.ClassAPI, backend.Client, "Cancelled"
	}
	return e
}

// withoutPort is the name of a host.
func withoutPort(host string) string { return (&url.URL{Host: host}).Hostname() }

func connectionMessage(err error, where string) string {
	var (
		dns     *net.DNSError
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		timeout interface{ Timeout() bool }
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "Cancelled."
	case errors.Is(err, context.DeadlineExceeded):
		return "The time allowed for this ran out."
	case errors.Is(err, errOpenTimeout):
		return "No connection to " + where + " within the time allowed."
	case errors.Is(err, errReadTimeout):
		return "No answer from " + where + " within the time allowed."
	case errors.Is(err, errBodyTooLarge), errors.Is(err, errForeignWrite),
		errors.Is(err, errDowngrade), errors.Is(err, errTooManyHops), errors.Is(err, errRedirectOther):
		return "The request to " + where + " was stopped: " + err.Error() + "."
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return "There is no host named " + withoutPort(where) + "."
		}
		return "The name " + withoutPort(where) + " could not be looked up."
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &cert):
		return "The certificate of " + where + " is not to be trusted."
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/":
		return where + " speaks plain http, not https. Check whether its address is to begin with http://."
	case errors.As(err, &record):
		return where + " does not speak https. Check its address, and the port."
	case isErrno(err, syscall.ECONNREFUSED):
		return where + " refuses the connection."
	case isErrno(err, syscall.ENETUNREACH, syscall.EHOSTUNREACH):
		return where + " cannot be reached from here."
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, io.ErrClosedPipe),
		isErrno(err, syscall.ECONNRESET, syscall.EPIPE):
		return "The connection to " + where + " broke off."
	case errors.As(err, &timeout) && timeout.Timeout():
		return "No answer from " + where + " within the time allowed."
	}
	return "The request to " + where + " did not get through."
}

// winsock are the numbers under which Windows reports the errors of the network;
// those of package syscall are made up there.
var winsock = map[syscall.Errno]syscall.Errno{
	syscall.EADDRNOTAVAIL: 10049, syscall.ENETUNREACH: 10051, syscall.EPIPE: 10053, syscall.ECONNRESET: 10054,
	syscall.ECONNREFUSED: 10061, syscall.EHOSTUNREACH: 10065,
}

// isErrno tells whether err is one of the errors of the system, on any of them.
func isErrno(err error, of ...syscall.Errno) bool {
	return slices.ContainsFunc(of, func(e syscall.Errno) bool { return errors.Is(err, e) || errors.Is(err, winsock[e]) })
}

// permanent knows the network errors that a repetition meets again (PROTOCOL.md
// 7): bad scheme, too many redirects, invalid header, untrusted certificate.
func permanent(err error) bool {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
	)
	for _, e := range []error{errTooManyHops, errForeignWrite, errDowngrade, errRedirectOther, errBodyTooLarge, http.ErrSchemeMismatch} {
		if errors.Is(err, e) {
			return true
		}
	}
	if errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &cert) || errors.As(err, &record) {
		return true
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "unsupported protocol scheme") ||
		strings.Contains(text, "invalid header field") ||
		strings.Contains(text, "server response headers exceeded")
}

// decodeError translates an error answer of whatever shape (PROTOCOL.md 6).
func decodeError(resp *http.Response, data []byte, r *call) *backend.Error {
	e := &backend.Error{Status: resp.StatusCode, RequestID: requestID(resp.Header)}
	if resp.Request != nil {
		e.Host = "" // only a region mismatch names a host
	}
	body := bytes.TrimSpace(data)
	switch {
	case len(body) > 0 && body[0] == '{' && jsonError(e, body):
	case len(body) > 0 && body[0] == '<' && r.storage && xmlError(e, body, r):
	default:
		foreignError(e, resp, body)
		if r.storage && r.raw == nil && (e.Status == http.StatusNotFound || e.Status == http.StatusGone) {
			e.Type = backend.TypeNoContent
		}
	}
	if h := resp.Header.Get("X-Files-Host"); e.Host == "" && h != "" && e.Class == backend.ClassLockoutRegionMismatch {
		e.Host = h
	}
	if e.RequestID == "" {
		e.RequestID = requestID(resp.Header)
	}
	return e
}

func requestID(h http.Header) string {
	id := h.Get("X-Request-Id")
	if first, _, many := strings.Cut(id, ","); many {
		id = strings.TrimSpace(first)
	}
	return clip(id, 80)
}

// jsonError reads an error object. It answers false when the object is none.
func jsonError(e *backend.Error, body []byte) bool {
	var (
		s       = scanner{b: body}
		errs    []string
		nested  []string
		data    errorData
		detail  string
		message string
	)
	s.object(func(key []byte) {
		switch string(key) {
		case "error":
			message = s.text()
		case "detail":
			detail = s.text()
		case "title":
			e.Title = s.text()
		case "type":
			e.Type = s.text()
		case "instance":
			e.RequestID = s.text()
		case "errors":
			errs, nested = s.errorList()
		case "model_errors", "model-errors":
			e.Fields = s.stringMap()
		case "data":
			data = s.errorData()
		default:
			s.skip()
		}
	})
	if s.err != nil && message == "" && e.Type == "" {
		return false
	}
	if e.Type == "" && len(nested) > 0 {
		e.Type = nested[0]
	}
	if e.Type == "" && message == "" && len(errs) == 0 {
		return false
	}
	c := catalog.Classify(e.Type)
	e.Class, e.Group = backend.Class(c.Class), backend.ErrorGroup(c.Group)
	if c.Group == "" {
		e.Group = backend.APIFailure
	}
	if e.Title == "" {
		e.Title = c.Title
	}
	switch {
	case message != "":
		e.Message = message
	case len(errs) > 0:
		e.Message = errs[0]
	default:
		e.Message = detail
	}
	e.Message = clip(e.Message, 2000)
	if e.Class == backend.ClassTwoFactorAuthenticationError {
		e.TwoFactor = &backend.TwoFactor{Methods: data.methods, Partial: data.partial}
	}
	e.Host = data.host
	e.Until = data.until
	return true
}

// xmlError reads the answer of a storage host.
func xmlError(e *backend.Error, body []byte, r *call) bool {
	var x struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		RequestID string `xml:"RequestId"`
	}
	if err := xml.Unmarshal(body, &x); err != nil || x.Code == "" {
		return false
	}
	e.Class, e.Group = backend.ClassAPI, backend.APIFailure
	e.Type, e.Title, e.Message = storageType+clip(x.Code, 80), "Storage "+clip(x.Code, 80), clip(x.Message, 500)
	if x.RequestID != "" {
		e.RequestID = clip(x.RequestID, 80)
	}
	switch low := strings.ToLower(x.Message); {
	case strings.Contains(low, "expired"):
		e.Type = uriExpired(r, "").Type
	case x.Code == "InvalidRange":
		e.Class, e.Group = backend.ClassInvalidRange, backend.ProcessingFailure
	}
	return true
}

// foreignError is for answers that are no Files.com error: the HTML of a proxy,
// an empty body, a truncated one.
func foreignError(e *backend.Error, resp *http.Response, body []byte) {
	e.Title = http.StatusText(e.Status)
	switch {
	case e.Status >= 500:
		e.Class, e.Group = backend.ClassAPIConnection, backend.Connection
	case e.Status == http.StatusForbidden:
		e.Class, e.Group = backend.ClassAuthentication, backend.NotAuthorized
	case e.Status == http.StatusTooManyRequests:
		e.Class, e.Group = backend.ClassRateLimited, backend.RateLimited
	default:
		e.Class, e.Group = backend.ClassAPI, backend.APIFailure
	}
	said := "with nothing readable"
	html := strings.Contains(resp.Header.Get("Content-Type"), "html") || bytes.HasPrefix(body, []byte("<"))
	switch {
	case len(body) == 0:
		said = "with nothing"
	case html:
		said = "with a web page"
	case utf8.Valid(body):
		said = "with: " + clip(strings.Join(strings.Fields(string(body)), " "), 200)
	}
	e.Message = "The site answered " + strings.TrimSpace(resp.Status) + " " + said + "."
}

// unreadable is the error for a success whose body does not parse.
func unreadable(a *answer, cause error) *backend.Error {
	return &backend.Error{
		Class: backend.ClassAPI, Group: backend.APIFailure, Title: "Unreadable Answer", Status: a.status,
		RequestID: requestID(a.header), Message: "The site's answer cannot be read.", Cause: cause,
	}
}

// clip shortens a text of the other side to n bytes without cutting a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

type errorData struct {
	methods []string
	partial string
	host    string
	until   time.Time
}
