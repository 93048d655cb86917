//go:build unix

package faults

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// proxy stands between the program and the site. It counts what passes, holds
// contents to a rate, and lets single ones go wrong.
type proxy struct {
	addr string

	mu     sync.Mutex
	moves  []*move
	open   int
	peak   int                  // most contents under way at a time
	ended  map[string]time.Time // uploads by id: when the site said that the file is there
	writes []string             // requests that could change the site
	total  int                  // requests
	moved  int64                // bytes of contents
	rate   int64                // bytes a second of all contents together, 0 for no limit
	due    time.Time
	strike func(*move) mishap // what goes wrong with a content, nil for nothing
	hits   int                // contents that something went wrong with
}

// move is one request with content: a part, a range, or a file.
type move struct {
	up      bool
	key     string // of an upload its id, of a download the name of the file
	piece   bool   // of a file that travels in several
	archive bool   // of several files
	size    int64  // as it should be
	moved   int64
	ended   time.Time // zero while it is under way
	ok      bool
	charged bool // may rightly be moved again
}

// mishap is what goes wrong with a content.
type mishap struct {
	cut   bool          // the connection breaks
	at    int64         // after so many bytes
	reset bool          // with a reset instead of an end
	flip  bool          // the byte there is wrong
	stall time.Duration // before the first byte
}

var errMishap = errors.New("the connection was broken on purpose")

// smallestPart is below what a part of several can be, except the last.
const smallestPart = 5 << 20

func newProxy(t *testing.T, site string) *proxy {
	t.Helper()
	p := &proxy{ended: map[string]time.Time{}}
	to, err := url.Parse(site)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	back := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // the site signs addresses for who asks
		},
		Transport:      transport,
		FlushInterval:  -1,
		ErrorLog:       log.New(io.Discard, "", 0),
		ModifyResponse: func(*http.Response) error { return nil },
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if m, ok := r.Context().Value(struckBy{}).(mishap); ok && m.reset && errors.Is(err, errMishap) {
				reset(w)
			}
			panic(http.ErrAbortHandler) // as if there were no proxy
		},
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.pass(back, w, r) }))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	t.Cleanup(func() { srv.Close(); transport.CloseIdleConnections() })
	p.addr = srv.URL
	return p
}

type struckBy struct{}

// reset ends a connection with RST.
func reset(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	c.Close()
}

var (
	putPath = regexp.MustCompile(`^/storage/put/(\d+)$`)
	asked   = regexp.MustCompile(`^bytes=(\d+)-(\d*)$`)
)

// describe tells what content a request carries, nil for none.
func describe(r *http.Request) *move {
	if in := putPath.FindStringSubmatch(r.URL.Path); in != nil {
		q := r.URL.Query()
		number := q.Get("part_number") + q.Get("partNumber")
		return &move{up: true, key: in[1], size: r.ContentLength, piece: number != "1" || r.ContentLength >= smallestPart}
	}
	if strings.HasPrefix(r.URL.Path, "/storage/zip/") {
		return &move{archive: true, size: -1}
	}
	if !strings.HasPrefix(r.URL.Path, "/storage/get/") {
		return nil
	}
	m := &move{key: r.URL.Query().Get("name"), size: -1}
	if in := asked.FindStringSubmatch(r.Header.Get("Range")); in != nil && in[2] != "" {
		from, _ := strconv.ParseInt(in[1], 10, 64)
		to, _ := strconv.ParseInt(in[2], 10, 64)
		m.size, m.piece = to-from+1, true
	}
	return m
}

func (p *proxy) pass(back http.Handler, w http.ResponseWriter, r *http.Request) {
	m := describe(r)
	var ref string
	p.mu.Lock()
	p.total++
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.URL.Path != "/api/rest/v1/sessions" {
		p.writes = append(p.writes, r.Method+" "+r.URL.Path)
	}
	var wrong mishap
	if m != nil {
		p.moves = append(p.moves, m)
		p.open++
		p.peak = max(p.peak, p.open)
		if p.strike != nil {
			wrong = p.strike(m)
		}
	}
	p.mu.Unlock()
	if m == nil {
		if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/api/rest/v1/files/") {
			ref = peekRef(r)
		}
		s := &watched{ResponseWriter: w}
		back.ServeHTTP(s, r)
		if ref != "" && s.status < 300 {
			p.mu.Lock()
			p.ended[strings.TrimPrefix(ref, "put-")] = time.Now()
			p.mu.Unlock()
		}
		return
	}
	defer func() {
		p.mu.Lock()
		p.open--
		m.ended = time.Now()
		p.mu.Unlock()
	}()
	if wrong.stall > 0 {
		p.hit()
		wait(r.Context(), wrong.stall)
	}
	r = r.WithContext(context.WithValue(r.Context(), struckBy{}, wrong))
	f := &flow{p: p, m: m, wrong: wrong, ctx: r.Context()}
	s := &watched{ResponseWriter: w}
	if m.up {
		r.Body = flowing{r.Body, f}
	} else {
		s.flow = f
	}
	back.ServeHTTP(s, r)
	p.mu.Lock()
	m.ok = s.status < 300 && m.moved == m.size
	p.mu.Unlock()
}

// peekRef reads which upload a request ends, and puts the body back.
func peekRef(r *http.Request) string {
	b, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(b)))
	var o struct {
		Ref string `json:"ref"`
	}
	if err != nil || json.Unmarshal(b, &o) != nil {
		return ""
	}
	return o.Ref
}

// flow is a content on its way through the proxy.
type flow struct {
	p     *proxy
	m     *move
	wrong mishap
	ctx   context.Context
	hit   bool // it has gone wrong
}

// strikes notes that the content meets what was planned for it.
func (f *flow) strikes() {
	if !f.hit {
		f.hit = true
		f.p.hit()
	}
}

// let says how much of b may pass now, and breaks it as planned.
func (f *flow) let(b []byte) (n int, err error) {
	at := f.m.moved // only this request writes it
	n = len(b)
	if f.wrong.cut {
		if n = int(min(int64(n), f.wrong.at-at)); n < len(b) {
			f.strikes()
		}
		if n <= 0 {
			return 0, errMishap
		}
	}
	if i := f.wrong.at - at; f.wrong.flip && i >= 0 && i < int64(n) {
		f.strikes()
		b[i] ^= 1
	}
	p := f.p
	p.mu.Lock()
	f.m.moved += int64(n)
	p.moved += int64(n)
	var pause time.Duration
	if p.rate > 0 {
		now := time.Now()
		if p.due.Before(now) {
			p.due = now
		}
		p.due = p.due.Add(time.Duration(n) * time.Second / time.Duration(p.rate))
		pause = p.due.Sub(now)
	}
	p.mu.Unlock()
	wait(f.ctx, pause)
	return n, nil
}

func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// flowing is the body of an upload.
type flowing struct {
	io.ReadCloser
	f *flow
}

func (r flowing) Read(b []byte) (int, error) {
	if r.f.wrong.cut && r.f.m.moved >= r.f.wrong.at {
		r.f.strikes()
		return 0, errMishap
	}
	n, err := r.ReadCloser.Read(b[:min(len(b), 32<<10)])
	if n > 0 {
		passed, cut := r.f.let(b[:n])
		if cut == nil && passed < n {
			cut = errMishap
		}
		if cut != nil {
			return passed, cut
		}
	}
	return n, err
}

// watched is an answer on its way back.
type watched struct {
	http.ResponseWriter
	status int
	flow   *flow // of a download
	gone   bool  // its connection has been taken away
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	if w.flow != nil && w.flow.m.size < 0 {
		w.flow.p.mu.Lock()
		w.flow.m.size, _ = strconv.ParseInt(w.Header().Get("Content-Length"), 10, 64)
		w.flow.p.mu.Unlock()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.flow == nil || w.status >= 300 {
		return w.ResponseWriter.Write(b)
	}
	n, err := w.flow.let(b)
	if n > 0 {
		if m, werr := w.ResponseWriter.Write(b[:n]); werr != nil {
			return m, werr
		}
	}
	if err == nil && n < len(b) {
		err = errMishap
	}
	if err != nil {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		if w.flow.wrong.reset {
			w.gone = true
			reset(w.ResponseWriter)
		}
	}
	return n, err
}

// FlushError flushes unless there is nothing to flush to: the reverse proxy also
// does so by a timer, where a panic would end the tests.
func (w *watched) FlushError() error {
	if w.gone {
		return errMishap
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// content is how many bytes of contents have passed.
func (p *proxy) content() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.moved
}

// requests is how many have passed.
func (p *proxy) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.total
}

// plan says what goes wrong from now on.
func (p *proxy) plan(strike func(*move) mishap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.strike = strike
}

// planned tells whether contents are to go wrong.
func (p *proxy) planned() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.strike != nil
}

// hit notes that a content has gone wrong as planned.
func (p *proxy) hit() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hits++
}

// struck is how many contents have gone wrong as planned.
func (p *proxy) struck() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits
}

// hold bounds the rate of contents.
func (p *proxy) hold(rate int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = rate
}

// kill notes that the program was killed at a moment: what it cannot have
// recorded by then may be moved again. landed tells since when a downloaded file
// is at its place.
func (p *proxy) kill(at time.Time, landed func(name string) (time.Time, bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := at.Add(-*settling)
	for _, m := range p.moves {
		switch {
		case m.archive:
			m.charged = true // any of its files may be missing yet
		case m.piece:
			m.charged = m.charged || m.ended.IsZero() || m.ended.After(before)
		case m.up:
			t, ok := p.ended[m.key]
			m.charged = m.charged || !ok || t.After(before)
		default:
			t, ok := landed(m.key)
			m.charged = m.charged || !ok || t.After(before)
		}
	}
}

// charge lets everything that has passed so far be moved again.
func (p *proxy) charge() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.moves {
		m.charged = true
	}
}

// account is what was moved altogether, and what of it may rightly have been
// moved more than once: whatever did not arrive, or could not be recorded.
func (p *proxy) account() (moved, again int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.moves {
		moved += m.moved
		if m.charged || !m.ok {
			again += m.moved
		}
	}
	return moved, again
}
