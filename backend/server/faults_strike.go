package server

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// strike does to a call what the fault says; true when that was the answer.
func (f *plannedFault) strike(c *call) bool {
	if f.latency > 0 {
		t := time.NewTimer(f.latency)
		defer t.Stop()
		select {
		case <-t.C:
		case <-f.over:
		case <-c.ctx.Done():
			return true
		}
	}
	if f.EndSession {
		if id := c.r.Header.Get("X-FilesAPI-Auth"); id != "" {
			if _, err := c.s.db.write.ExecContext(c.ctx, `UPDATE sessions SET expires = 0 WHERE id = ?`, id); err != nil {
				c.fail(err)
				return true
			}
		}
	}
	switch {
	case f.Drop:
		c.breakOff()
		return true
	case f.Body != "":
		c.w.Header().Set("Content-Type", "text/html")
		if f.RetryAfter != "" {
			c.w.Header().Set("Retry-After", f.RetryAfter)
		}
		c.w.WriteHeader(cmp.Or(f.Status, http.StatusBadGateway))
		_, _ = io.WriteString(c.w, f.Body)
		return true
	case f.Type != "" || f.Status >= 400:
		message := cmp.Or(f.Message, "This error was ordered.")
		if f.Type == "" && strings.HasPrefix(c.route, "storage.") {
			c.storageFails(f.Status, f.RetryAfter, message)
			return true
		}
		e := &apiError{
			wireError: wireError{Type: cmp.Or(f.Type, typeOf(f.Status)), Message: message},
			Status:    f.Status, Data: f.Data, RetryAfter: f.RetryAfter,
		}
		c.fail(e)
		return true
	}
	if f.Truncate > 0 || f.Corrupt || f.Bandwidth > 0 {
		c.w = &brokenWriter{ResponseWriter: c.w, c: c, f: f}
		c.r.Body = slowBody{c.r.Body, c, f}
	}
	c.expired = f.Expire
	return false
}

// typeOf is the type of error that a site would most likely send with a status.
func typeOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "bad-request"
	case http.StatusUnauthorized:
		return "not-authenticated/authentication-required"
	case http.StatusForbidden:
		return "not-authorized/full-permission-required"
	case http.StatusNotFound:
		return "not-found"
	case http.StatusConflict, http.StatusUnprocessableEntity:
		return "processing-failure"
	case http.StatusTooManyRequests:
		return "rate-limited/too-many-requests"
	}
	return "internal-server-error"
}

// storageFails answers as the storage does, which knows no types.
func (c *call) storageFails(status int, retryAfter, message string) {
	code := "InternalError"
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		code = "SlowDown"
	case status == http.StatusNotFound:
		code = "NoSuchKey"
	case status == http.StatusForbidden:
		code = "AccessDenied"
	case status < http.StatusInternalServerError:
		code = "InvalidRequest"
	}
	if retryAfter != "" {
		c.w.Header().Set("Retry-After", retryAfter)
	}
	if err := c.failStorage(&storageError{status: status, code: code, message: message}); err != nil {
		c.fail(err)
	}
}

// errStruck is what the log says of a request that a fault has answered.
var errStruck = errors.New("a fault struck")

// errCut says that a fault has broken the connection.
var errCut = errors.New("the connection was broken on purpose")

// brokenWriter is an answer that is slow, breaks off or has a wrong byte.
type brokenWriter struct {
	http.ResponseWriter
	c    *call
	f    *plannedFault
	sent int64
	cut  bool
}

// WriteHeader falsifies the ETag of an uploaded part.
func (w *brokenWriter) WriteHeader(status int) {
	if w.f.Corrupt && w.c.route == "storage.put" && w.Header().Get("ETag") != "" {
		w.Header().Set("ETag", `"00000000000000000000000000000000"`)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write writes what may pass, and then breaks the connection.
func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.cut {
		return 0, errCut
	}
	whole := len(p)
	if w.f.Corrupt && w.sent == 0 && whole > 0 {
		p = bytes.Clone(p)
		p[whole/2] ^= 0x20
	}
	if w.f.Truncate > 0 {
		p = p[:min(w.f.Truncate-w.sent, int64(whole))]
	}
	for len(p) > 0 {
		n := portion(w.f.Bandwidth, len(p))
		if err := w.f.pace(w.c.ctx, n); err != nil {
			return 0, err
		}
		if _, err := w.ResponseWriter.Write(p[:n]); err != nil {
			return 0, err
		}
		w.sent += int64(n)
		p = p[n:]
	}
	if w.f.Truncate > 0 && w.sent == w.f.Truncate {
		w.cut = true
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		w.c.breakOff()
		return 0, errCut
	}
	return whole, nil
}

// Unwrap lets a response controller reach the connection.
func (w *brokenWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// slowBody is the body of a request that arrives slowly.
type slowBody struct {
	io.ReadCloser
	c *call
	f *plannedFault
}

// Read reads a little at a time.
func (b slowBody) Read(p []byte) (int, error) {
	n := portion(b.f.Bandwidth, len(p))
	if err := b.f.pace(b.c.ctx, n); err != nil {
		return 0, err
	}
	return b.ReadCloser.Read(p[:n])
}

// portion is how much goes at once: what a tenth of a second lets through.
func portion(bandwidth, n int) int {
	if bandwidth <= 0 {
		return n
	}
	return min(n, max(bandwidth/10, 1))
}

// pace waits as long as n bytes take, and no longer than the fault is in force.
func (f *plannedFault) pace(ctx context.Context, n int) error {
	if f.Bandwidth <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(time.Duration(n) * time.Second / time.Duration(f.Bandwidth))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-f.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
