package api

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxRedirects      = 10
	maxHeaderBytes    = 256 << 10
	tlsTimeout        = 10 * time.Second
	idleConnTimeout   = 30 * time.Second
	maxConnsPerHost   = 75
	idleConnsPerHost  = maxConnsPerHost // what was opened for a burst serves the next one
	connBuffer        = 32 << 10        // bytes, in each direction
	expectContinueFor = time.Second

	// answerPatience times the read time-out is the longest that an answer may
	// take from its head to its end. Without it a server that sends a byte now
	// and then would hold a call for ever. Downloads are read by their owner and
	// have no such end.
	answerPatience = 10
)

// newTransport makes the connection pool with the limits of PROTOCOL.md 7.
func newTransport(cfg Config) *http.Transport {
	dial := cfg.Dial
	if dial == nil {
		d := &net.Dialer{Timeout: cfg.OpenTimeout, KeepAlive: 15 * time.Second}
		if a, err := netip.ParseAddr(cfg.SourceIP); err == nil {
			d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(a, 0))
		}
		dial = d.DialContext
	}
	buffers := newWide()
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			ctx, cancel := context.WithTimeoutCause(ctx, cfg.OpenTimeout, errOpenTimeout)
			defer cancel()
			conn, err := dial(ctx, network, addr)
			if err != nil && errors.Is(context.Cause(ctx), errOpenTimeout) {
				err = errOpenTimeout
			}
			if err != nil {
				return nil, err
			}
			return wideConn{conn, buffers}, nil
		},
		TLSHandshakeTimeout:    min(tlsTimeout, cfg.OpenTimeout),
		MaxConnsPerHost:        maxConnsPerHost,
		MaxIdleConns:           2 * idleConnsPerHost,
		MaxIdleConnsPerHost:    idleConnsPerHost,
		IdleConnTimeout:        idleConnTimeout,
		ExpectContinueTimeout:  expectContinueFor,
		MaxResponseHeaderBytes: maxHeaderBytes,
		WriteBufferSize:        connBuffer,
		ReadBufferSize:         connBuffer,
		ForceAttemptHTTP2:      cfg.Dial == nil,
	}
	if cfg.Dial == nil {
		t.Proxy = http.ProxyFromEnvironment
	}
	return t
}

var (
	errOpenTimeout   = errors.New("no connection within the open timeout")
	errReadTimeout   = errors.New("no byte moved within the read timeout")
	errTooManyHops   = errors.New("too many redirects")
	errForeignWrite  = errors.New("a redirect would have carried the request's content to another site")
	errDowngrade     = errors.New("a redirect would have left the encrypted connection")
	errBodyTooLarge  = errors.New("the answer is larger than any answer of this kind can be")
	errRedirectOther = errors.New("the redirect leads nowhere")
)

// checkRedirect lets a redirect be followed without taking anything along that
// belongs to the site: credentials stay on the API's origin, and so does the
// content of a write (PROTOCOL.md 2).
func (k *core) checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return errTooManyHops
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return errRedirectOther
	}
	if via[0].URL.Scheme == "https" && req.URL.Scheme == "http" {
		return errDowngrade
	}
	req.Header.Del("Referer") // a signed URL is a secret
	home := origin(k.base.Load())
	if origin(req.URL) == home && !slices.ContainsFunc(via, func(r *http.Request) bool { return origin(r.URL) != home }) {
		return nil
	}
	// Once away, always without: another origin must not choose what is asked
	// of the site with its credentials.
	stripCredentials(req.Header)
	if req.Method != http.MethodGet && req.Method != http.MethodHead && req.ContentLength != 0 {
		return errForeignWrite
	}
	return nil
}

func stripCredentials(h http.Header) {
	for _, name := range []string{headerKey, headerSession, headerReauth, "X-Files-Workspace-Id", "Authorization", "Cookie"} {
		h.Del(name)
	}
}

// watch guards one attempt: once it has a connection, bytes must move, or the
// attempt is cancelled. It also notes whether anything can have been sent.
type watch struct {
	timeout time.Duration
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	whole   *time.Timer // for the rest of the answer
	mu      sync.Mutex
	stopped bool
	sent    atomic.Bool
}

// newWatch derives the context of an attempt. Stop must be called.
func newWatch(ctx context.Context, timeout time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{timeout: timeout, cancel: cancel}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { w.alive() },
		WroteHeaderField:     func(string, []string) { w.sent.Store(true) },
		GotFirstResponseByte: w.alive,
	}), w
}

// alive starts the time-out anew.
func (w *watch) alive() {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.stopped:
	case w.timer == nil:
		w.timer = time.AfterFunc(w.timeout, func() { w.cancel(errReadTimeout) })
	default:
		w.timer.Reset(w.timeout)
	}
}

// bound limits what is left of the answer, however lively it is.
func (w *watch) bound() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.stopped {
		w.whole = time.AfterFunc(answerPatience*w.timeout, func() { w.cancel(errReadTimeout) })
	}
}

// pause holds the time-out off while the owner of a body is not reading.
func (w *watch) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
}

func (w *watch) stop() {
	w.mu.Lock()
	w.stopped = true
	for _, t := range []*time.Timer{w.timer, w.whole} {
		if t != nil {
			t.Stop()
		}
	}
	w.mu.Unlock()
	w.cancel(nil)
}

// watchedReader counts every read as a sign of life; the time-out runs only
// while a read is under way, so a slow consumer is not mistaken for a dead
// server.
type watchedReader struct {
	io.Reader
	w *watch
}

func (r watchedReader) Read(p []byte) (int, error) {
	r.w.alive()
	n, err := r.Reader.Read(p)
	r.w.pause()
	return n, err
}
