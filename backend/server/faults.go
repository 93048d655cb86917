package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is one thing that goes wrong on purpose. The first of a plan that
// matches a request and is due strikes. As JSON it is what the control endpoint
// takes; as text, in the header X-Ferry-Fault of a single request, it is
// "latency=200ms; status=503; type=rate-limited/too-many-requests; retry-after=2".
type Fault struct {
	// Match is what it is for: a route ("file.download", "storage.put",
	// "session.create"), "METHOD /path/below/the/base" with * and ? as in
	// path.Match, or "" for everything but the control endpoint.
	Match string `json:"match,omitempty"`
	Nth   int    `json:"nth,omitempty"`   // strikes the n-th matching request only, from 1
	Times int    `json:"times,omitempty"` // strikes so often, then no more; 0 has no limit
	// Rate is the part of the matching requests that it strikes, 0 for all.
	Rate float64 `json:"rate,omitempty"`

	Latency    string         `json:"latency,omitempty"` // before anything else: "300ms"
	Type       string         `json:"type,omitempty"`    // wire type of an error answer
	Status     int            `json:"status,omitempty"`  // its status, 0 for that of the type
	Message    string         `json:"message,omitempty"`
	Data       map[string]any `json:"data,omitempty"`
	RetryAfter string         `json:"retry_after,omitempty"`
	Body       string         `json:"body,omitempty"` // sent as it is, as HTML, with Status
	Drop       bool           `json:"drop,omitempty"` // the connection breaks without an answer
	// Truncate breaks the connection after so many bytes of the answer's body.
	Truncate   int64 `json:"truncate,omitempty"`
	Corrupt    bool  `json:"corrupt,omitempty"`     // one byte of a download is wrong
	EndSession bool  `json:"end_session,omitempty"` // the session of the request ends first
	Expire     bool  `json:"expire,omitempty"`      // a signed URL counts as expired
}

const (
	controlPath = "/_ferry/"
	faultHeader = "X-Ferry-Fault"
)

// faultPlan is the faults in force, with what has happened to each.
type faultPlan struct {
	mu   sync.Mutex
	list []*plannedFault
}

type plannedFault struct {
	Fault
	latency time.Duration
	seen    int
	struck  int
}

func newFaultPlan(list []Fault) (*faultPlan, error) {
	p := &faultPlan{}
	return p, p.set(list)
}

// set replaces the plan; the counts begin anew.
func (p *faultPlan) set(list []Fault) error {
	planned := make([]*plannedFault, 0, len(list))
	for _, f := range list {
		pf := &plannedFault{Fault: f}
		if f.Latency != "" {
			d, err := time.ParseDuration(f.Latency)
			if err != nil || d < 0 {
				return fmt.Errorf("fault for %q: the latency %q is not a duration", f.Match, f.Latency)
			}
			pf.latency = d
		}
		if _, err := path.Match(f.Match, ""); err != nil {
			return fmt.Errorf("fault for %q: %w", f.Match, err)
		}
		if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
			return fmt.Errorf("fault for %q: there is no status %d", f.Match, f.Status)
		}
		if f.Rate < 0 || f.Rate > 1 {
			return fmt.Errorf("fault for %q: the rate %v is not between 0 and 1", f.Match, f.Rate)
		}
		planned = append(planned, pf)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = planned
	return nil
}

// pick is the fault that strikes a request, nil for none.
func (p *faultPlan) pick(c *call) *plannedFault {
	if c.route == "control" {
		return nil
	}
	if text := c.r.Header.Get(faultHeader); text != "" {
		if f, err := parseFault(text); err == nil {
			return f
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.list {
		if !f.matches(c) {
			continue
		}
		f.seen++
		if f.Nth > 0 && f.seen != f.Nth || f.Times > 0 && f.struck >= f.Times || f.Rate > 0 && rand.Float64() >= f.Rate { //nolint:gosec // chance, no secret
			continue
		}
		f.struck++
		return f
	}
	return nil
}

func (f *plannedFault) matches(c *call) bool {
	if f.Match == "" || f.Match == c.route {
		return true
	}
	method, pattern, ok := strings.Cut(f.Match, " ")
	if !ok || method != c.r.Method && method != "*" {
		return false
	}
	at := c.r.URL.Path
	if rest, ok := strings.CutPrefix(at, "/api/rest/v1"); ok {
		at = rest
	}
	// A pattern that ends in * reaches over slashes.
	if head, ok := strings.CutSuffix(pattern, "*"); ok && !strings.ContainsAny(head, "*?[") {
		return strings.HasPrefix(at, head)
	}
	ok, _ = path.Match(pattern, at)
	return ok
}

// parseFault reads the header of a single request: JSON, or names and values.
func parseFault(text string) (*plannedFault, error) {
	var f Fault
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return nil, err
		}
	} else {
		for item := range strings.SplitSeq(text, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(item), "=")
			if err := f.put(strings.ReplaceAll(strings.TrimSpace(name), "-", "_"), strings.TrimSpace(value)); err != nil {
				return nil, err
			}
		}
	}
	p, err := newFaultPlan([]Fault{f})
	if err != nil {
		return nil, err
	}
	return p.list[0], nil
}

func (f *Fault) put(name, value string) (err error) {
	switch name {
	case "":
	case "latency":
		f.Latency = value
	case "type":
		f.Type = value
	case "message":
		f.Message = value
	case "body":
		f.Body = value
	case "host":
		f.Data = map[string]any{"host": value}
	case "retry_after":
		f.RetryAfter = value
	case "status":
		f.Status, err = strconv.Atoi(value)
	case "truncate":
		f.Truncate, err = strconv.ParseInt(value, 10, 64)
	case "drop":
		f.Drop = true
	case "corrupt":
		f.Corrupt = true
	case "end_session":
		f.EndSession = true
	case "expire":
		f.Expire = true
	default:
		err = fmt.Errorf("a fault has no %q", name)
	}
	return err
}

// strike does to a call what the fault says; true when that was the answer.
func (f *plannedFault) strike(c *call) bool {
	if f.latency > 0 {
		t := time.NewTimer(f.latency)
		select {
		case <-t.C:
		case <-c.ctx.Done():
			t.Stop()
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
		panic(http.ErrAbortHandler) // the way of net/http to break a connection
	case f.Body != "":
		c.w.Header().Set("Content-Type", "text/html")
		if f.RetryAfter != "" {
			c.w.Header().Set("Retry-After", f.RetryAfter)
		}
		c.w.WriteHeader(max(f.Status, 200))
		_, _ = io.WriteString(c.w, f.Body)
		return true
	case f.Type != "" || f.Status >= 400:
		e := &apiError{wireError: wireError{Type: f.Type, Message: f.Message}, Status: f.Status, Data: f.Data, RetryAfter: f.RetryAfter}
		if e.Type == "" {
			e.Type = "internal-server-error"
		}
		if e.Message == "" {
			e.Message = "This error was ordered."
		}
		c.fail(e)
		return true
	}
	if f.Truncate > 0 || f.Corrupt {
		c.w = &brokenWriter{ResponseWriter: c.w, left: f.Truncate, truncate: f.Truncate > 0, corrupt: f.Corrupt}
	}
	c.expired = f.Expire
	return false
}

// brokenWriter spoils the body of an answer.
type brokenWriter struct {
	http.ResponseWriter
	left     int64
	truncate bool
	corrupt  bool
}

// Write writes what may pass, and then breaks the connection.
func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.corrupt && len(p) > 0 {
		w.corrupt = false
		p = append([]byte(nil), p...)
		p[len(p)/2] ^= 0x20
	}
	if !w.truncate {
		return w.ResponseWriter.Write(p)
	}
	n := min(w.left, int64(len(p)))
	if _, err := w.ResponseWriter.Write(p[:n]); err != nil {
		return 0, err
	}
	if w.left -= n; w.left == 0 {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return len(p), nil
}

// Unwrap lets a response controller reach the connection.
func (w *brokenWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// serveControl is the control endpoint: GET, POST (an array) and DELETE of
// /_ferry/faults, for this machine only.
func (c *call) serveControl() error {
	if host, _, err := net.SplitHostPort(c.r.RemoteAddr); err == nil {
		if ip, err := netip.ParseAddr(host); err != nil || !ip.Unmap().IsLoopback() {
			return notFound()
		}
	}
	// A page in a browser must not reach it: it cannot send this type without
	// asking first.
	if c.r.URL.Path != controlPath+"faults" || c.r.Header.Get("Origin") != "" {
		return notFound()
	}
	switch c.r.Method {
	case http.MethodGet:
	case http.MethodDelete:
		if err := c.s.faults.set(nil); err != nil {
			return err
		}
	case http.MethodPost:
		var list []Fault
		d := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, 1<<20))
		d.DisallowUnknownFields()
		if err := d.Decode(&list); err != nil && !errors.Is(err, io.EOF) {
			return wireErrorf("bad-request/invalid-body", "The faults cannot be read: %v", err)
		}
		if err := c.s.faults.set(list); err != nil {
			return wireErrorf("bad-request/request-params-invalid", "%v", err)
		}
	default:
		return wireErrorf("bad-request/method-not-allowed", "%s is not allowed here", c.r.Method)
	}
	c.s.faults.mu.Lock()
	list := make([]Fault, 0, len(c.s.faults.list))
	for _, f := range c.s.faults.list {
		list = append(list, f.Fault)
	}
	c.s.faults.mu.Unlock()
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, b)
}
