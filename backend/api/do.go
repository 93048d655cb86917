package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"ferry/backend"
)

const (
	maxAnswer    = 64 << 20  // the largest page of 10,000 objects stays far below
	maxErrorBody = 256 << 10 // what is read of an error's body
	nearExpiry   = 100 * time.Millisecond
)

// answer is a successful response. Body is nil when it was read into data.
type answer struct {
	status int
	header http.Header
	length int64
	data   []byte
	body   io.ReadCloser
}

// do carries out a call: it sends, repeats what may be repeated, waits for a
// new session when the old one has ended, asks for reauthentication, and
// follows a region mismatch once. Every error is a *backend.Error with Op and
// Path.
func (c *Client) do(ctx context.Context, r *call) (*answer, error) {
	a, err := c.try(ctx, r)
	if err == nil {
		return a, nil
	}
	e := *backend.AsError(err)
	e.Op, e.Path = r.op, r.path
	return nil, &e
}

func (c *Client) try(ctx context.Context, r *call) (*answer, error) {
	if c.cfg.ReadOnly && !r.harmless && r.method != http.MethodGet && r.method != http.MethodHead {
		return nil, &backend.Error{
			Class: backend.ClassReadOnlyMode, Group: backend.Client, Title: "Read Only Mode",
			Message: "Ferry was started read-only, so nothing on the site is changed.",
		}
	}
	body, err := encodeBody(r)
	if err != nil {
		return nil, err
	}
	var (
		spent              time.Duration
		attempt            = 1
		moved, reauthAsked bool
	)
	for {
		var cred credential
		if !r.bare {
			if cred, err = c.auth.get(ctx); err != nil {
				return nil, c.broken(ctx, err, "")
			}
		}
		asked := origin(c.base.Load())
		a, o := c.attempt(ctx, r, cred, body, attempt)
		if o.err == nil {
			if !r.bare && !r.storage {
				c.auth.prove(cred.gen)
			}
			return a, nil
		}
		e := o.err
		switch {
		case ctx.Err() != nil:
			return nil, c.broken(ctx, ctx.Err(), "")
		case !moved && !r.storage && c.follow(e, asked):
			moved = true
			continue
		case !reauthAsked && !r.bare && cred.sessionID != "" && c.cfg.Reauthenticate != nil && wantsReauth(e):
			reauthAsked = true
			secret, err := c.cfg.Reauthenticate(ctx, e)
			if err != nil {
				return nil, backend.AsError(err)
			}
			c = c.WithReauthentication(secret)
			continue
		case !r.bare && !r.storage && backend.SessionEnded(e) && c.park(cred, e):
			continue
		}
		if attempt > c.cfg.Retries || !repeat(r, o) {
			return nil, e
		}
		d := delay(o, attempt, c.cfg.RetryInitial, c.cfg.RetryMax, rand.Float64())
		if spent += d; spent > c.cfg.RetryBudget {
			return nil, e
		}
		if err := c.wait(ctx, r, d, attempt, e); err != nil {
			return nil, c.broken(ctx, err, "")
		}
		attempt++
		c.stats.retries.Add(1)
	}
}

// park tells the owner once that the session is over, and whether the call
// should come again and wait for the next one.
func (c *Client) park(cred credential, e *backend.Error) bool {
	if c.cfg.OnSessionEnded == nil {
		return false
	}
	again, first := c.auth.end(cred.gen)
	if first {
		c.cfg.OnSessionEnded(e)
	}
	return again
}

func wantsReauth(e *backend.Error) bool {
	return e.Class == backend.ClassReauthenticationNeededAction || e.Class == backend.ClassReauthenticationNeededFields
}

// wait sleeps visibly.
func (c *Client) wait(ctx context.Context, r *call, d time.Duration, attempt int, e error) error {
	c.stats.waiting.Add(1)
	defer c.stats.waiting.Add(-1)
	w := Wait{Op: r.op, Path: r.path, Delay: d, Until: c.cfg.Clock.Now().Add(d), Attempt: attempt, Err: e}
	if c.cfg.OnWait != nil {
		c.cfg.OnWait(w)
		w.Over = true
		defer c.cfg.OnWait(w)
	}
	return c.cfg.Clock.Sleep(ctx, d)
}

// follow turns to the host that a region mismatch names (PROTOCOL.md 1). Only a
// host of the vendor, or of this machine when the site is on it, is believed.
// Asked is the origin that answered; another call may have moved on already.
func (c *Client) follow(e *backend.Error, asked string) bool {
	if e.Class != backend.ClassLockoutRegionMismatch || e.Host == "" {
		return false
	}
	next, err := parseBase(e.Host)
	if err != nil {
		return false
	}
	base := c.base.Load()
	switch {
	case isLoopback(base.Hostname()) && isLoopback(next.Hostname()):
		next.Scheme = base.Scheme
	case next.Scheme == "https" && base.Scheme == "https" && strings.HasSuffix(next.Hostname(), ".files.com"):
	default:
		return false
	}
	if origin(next) == asked {
		return false
	}
	c.base.Store(next)
	return true
}

// attempt sends one request and reads its answer.
func (c *Client) attempt(ctx context.Context, r *call, cred credential, body []byte, n int) (*answer, outcome) {
	u, err := c.address(r)
	if err != nil {
		return nil, outcome{err: backend.AsError(err), retryAfter: -1, permanent: true}
	}
	if until, ok := signedUntil(u); r.storage && n > 1 && ok && until.Sub(c.cfg.Clock.Now()) < nearExpiry {
		return nil, outcome{err: uriExpired(r, u.Host), retryAfter: -1, permanent: true}
	}
	ctx, w := newWatch(ctx, c.cfg.ReadTimeout)
	keep := false
	defer func() {
		if !keep {
			w.stop()
		}
	}()
	req, content, err := c.newRequest(ctx, r, u, cred, body, w)
	if err != nil {
		return nil, outcome{err: backend.AsError(err), retryAfter: -1, permanent: true}
	}
	c.stats.inFlight.Add(1)
	c.stats.requests.Add(1)
	start := time.Now()
	resp, err := c.http.Do(req)
	took := time.Since(start)
	landed := func() { c.stats.inFlight.Add(-1) }
	if err != nil {
		landed()
		content.wait()
		e := c.broken(ctx, err, u.Host)
		c.logFailure(ctx, r, u, n, took, e)
		return nil, outcome{err: e, sent: w.sent.Load(), retryAfter: -1, permanent: permanent(err)}
	}
	if !r.storage {
		c.stats.latency.Store(int64(took))
	}
	c.logAnswer(ctx, r, req, resp, body, n, took)
	refusal := resp.StatusCode < 200 || resp.StatusCode > 299
	if refusal || !r.open {
		w.bound()
	}
	if refusal {
		defer landed()
		return nil, c.refused(ctx, r, resp, w, content)
	}
	if r.open {
		keep = true
		w.pause() // until somebody reads
		return &answer{
			status: resp.StatusCode, header: resp.Header, length: resp.ContentLength,
			body: &openBody{c: c, r: r, ctx: ctx, host: u.Host, rc: resp.Body, w: w, landed: landed},
		}, outcome{}
	}
	defer landed()
	limit := r.limit
	if limit == 0 {
		limit = maxAnswer
	}
	data, err := readAll(watchedReader{resp.Body, w}, resp.ContentLength, limit)
	resp.Body.Close()
	content.wait()
	if err != nil {
		e := c.broken(ctx, err, u.Host)
		c.logFailure(ctx, r, u, n, took, e)
		return nil, outcome{err: e, sent: true, retryAfter: -1, permanent: errors.Is(err, errBodyTooLarge)}
	}
	c.logBody(ctx, r, data)
	return &answer{status: resp.StatusCode, header: resp.Header, length: int64(len(data)), data: data}, outcome{}
}

// refused reads an error answer.
func (c *Client) refused(ctx context.Context, r *call, resp *http.Response, w *watch, content *upload) outcome {
	data, broke := readAll(watchedReader{io.LimitReader(resp.Body, maxErrorBody), w}, -1, maxErrorBody+1)
	resp.Body.Close()
	content.wait()
	c.logBody(ctx, r, data)
	e := decodeError(resp, data, r)
	if broke != nil && e.Type == "" && e.Status < http.StatusInternalServerError && e.Status != http.StatusTooManyRequests {
		// The reason is lost, and without one the status says too much.
		e = c.broken(ctx, broke, resp.Request.URL.Host)
		return outcome{err: e, sent: true, retryAfter: -1, permanent: e.Lasting}
	}
	e.Lasting = finalRefusal(e.Type)
	o := outcome{err: e, sent: true, retryAfter: -1}
	if d, ok := parseRetryAfter(resp.Header, c.cfg.Clock.Now()); ok {
		o.retryAfter, e.Wait = d, d
	}
	return o
}

// newRequest makes the request of one attempt.
func (c *Client) newRequest(
	ctx context.Context, r *call, u *url.URL, cred credential, body []byte, w *watch,
) (*http.Request, *upload, error) {
	var (
		rd      io.Reader
		content *upload
	)
	switch {
	case r.raw != nil && r.size == 0:
		rd = http.NoBody
	case r.raw != nil:
		src, err := r.raw()
		if err != nil {
			return nil, nil, localFailure(err)
		}
		content = &upload{Reader: src, w: w, closed: make(chan struct{})}
		rd = content
	case body != nil:
		rd = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), rd)
	if err != nil {
		return nil, nil, invalid("request", "The request cannot be made.")
	}
	if r.raw != nil {
		req.ContentLength = r.size
	}
	if r.storage {
		req.Header.Set("User-Agent", c.cfg.UserAgent)
		req.Header.Set("Accept-Encoding", "identity") // ranges and lengths are of the bytes themselves
		if !r.bare && origin(u) == origin(c.base.Load()) {
			c.decorate(req.Header, cred, true)
		}
	} else {
		c.decorate(req.Header, cred, !r.bare)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	return req, content, nil
}

// upload is the content of a request. The transport may go on reading it after
// it has answered, so the owner waits for its end before touching the source.
type upload struct {
	io.Reader
	w      *watch
	once   sync.Once
	closed chan struct{}
}

func (b *upload) Read(p []byte) (int, error) {
	b.w.pause() // a source that is slow on purpose is no dead server
	n, err := b.Reader.Read(p)
	b.w.alive()
	return n, err
}

// Close tells that the transport is done with the content.
func (b *upload) Close() error {
	b.once.Do(func() { close(b.closed) })
	return nil
}

func (b *upload) wait() {
	if b != nil {
		<-b.closed
	}
}

// readAll reads a body of a known or unknown length up to limit.
func readAll(r io.Reader, length, limit int64) ([]byte, error) {
	if length > limit {
		return nil, errBodyTooLarge
	}
	var b bytes.Buffer
	if length > 0 {
		b.Grow(int(min(length, 4<<20)) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = errBodyTooLarge
	}
	return b.Bytes(), err
}

// openBody is an answer's content in the hands of the caller.
type openBody struct {
	c      *Client
	r      *call
	ctx    context.Context
	host   string
	rc     io.ReadCloser
	w      *watch
	once   sync.Once
	landed func()
}

// Read reads on; a break is a *backend.Error.
func (b *openBody) Read(p []byte) (int, error) {
	n, err := watchedReader{b.rc, b.w}.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		e := b.c.broken(b.ctx, err, b.host)
		e.Op, e.Path = b.r.op, b.r.path
		err = e
	}
	return n, err
}

// Close ends the request.
func (b *openBody) Close() error {
	err := b.rc.Close()
	b.once.Do(func() {
		b.w.stop()
		b.landed()
	})
	return err
}
