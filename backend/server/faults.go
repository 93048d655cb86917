package server

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
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
	// "session.create") or "METHOD /path/below/the/base", both with * and ? as in
	// path.Match, or "" or "*" for everything but the control endpoint. "*.*" is
	// every route, but no path that is unknown.
	Match string `json:"match,omitempty"`
	Nth   int    `json:"nth,omitempty"`   // strikes the n-th matching request only, from 1
	Every int    `json:"every,omitempty"` // strikes every n-th
	Times int    `json:"times,omitempty"` // strikes so often, then no more; 0 has no limit
	// Rate is the part of the matching requests that it strikes, 0 for all.
	Rate float64 `json:"rate,omitempty"`

	Latency    string         `json:"latency,omitempty"`   // before anything else: "300ms"
	Bandwidth  int            `json:"bandwidth,omitempty"` // bytes a second, of either body
	Type       string         `json:"type,omitempty"`      // wire type of an error answer
	Status     int            `json:"status,omitempty"`    // its status, 0 for that of the type
	Message    string         `json:"message,omitempty"`
	Data       map[string]any `json:"data,omitempty"`
	RetryAfter string         `json:"retry_after,omitempty"`
	Body       string         `json:"body,omitempty"` // sent as it is, as HTML, with Status
	Drop       bool           `json:"drop,omitempty"` // the connection breaks without an answer
	// Truncate breaks the connection after so many bytes of the answer's body.
	Truncate   int64 `json:"truncate,omitempty"`
	Corrupt    bool  `json:"corrupt,omitempty"`     // one byte of a download is wrong, or the ETag of an upload
	EndSession bool  `json:"end_session,omitempty"` // the session of the request ends first
	Expire     bool  `json:"expire,omitempty"`      // a signed URL counts as expired
}

const (
	controlPath = "/_ferry/"
	faultHeader = "X-Ferry-Fault"
)

// faultPlan is the faults in force, with what has happened to each.
type faultPlan struct {
	mu     sync.Mutex
	list   []*plannedFault
	chance *rand.Rand
}

type plannedFault struct {
	Fault
	latency time.Duration
	over    chan struct{} // closed when another plan is in force; nil for never
	seen    int
	struck  int
}

func newFaultPlan(list []Fault) (*faultPlan, error) {
	p := &faultPlan{}
	return p, p.set(list)
}

// check refuses what cannot be meant.
func (f *Fault) check() error {
	d, err := time.ParseDuration(cmp.Or(f.Latency, "0s"))
	if err != nil || d < 0 {
		return fmt.Errorf("fault for %q: the latency %q is not a duration", f.Match, f.Latency)
	}
	if err := errors.Join(checkMatch(f.Match), checkType(f.Type, f.Status)); err != nil {
		return err
	}
	switch {
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("fault for %q: %d is no status of an error", f.Match, f.Status)
	case f.Rate < 0 || f.Rate > 1:
		return fmt.Errorf("fault for %q: the rate %v is not between 0 and 1", f.Match, f.Rate)
	case f.Nth < 0 || f.Every < 0 || f.Times < 0 || f.Bandwidth < 0 || f.Truncate < 0:
		return fmt.Errorf("fault for %q: a number is negative", f.Match)
	case !f.harms() && f.Match == "":
		return errors.New("the fault does not say what goes wrong: add " + harms)
	case !f.harms():
		return fmt.Errorf("the fault for %q says what it is for, but not what goes wrong: add %s", f.Match, harms)
	}
	return nil
}

// harms are the keys that let something go wrong; the others say for what and
// when, or how it is told.
const harms = "status=, type=, body=, drop, truncate=, corrupt, latency=, bandwidth=, end-session or expire"

// harms tells whether anything goes wrong.
func (f *Fault) harms() bool {
	return f.Latency != "" || f.Bandwidth > 0 || f.Type != "" || f.Status != 0 || f.Body != "" || f.Drop ||
		f.Truncate > 0 || f.Corrupt || f.EndSession || f.Expire
}

// latency is that of a fault that was checked.
func (f *Fault) latency() time.Duration {
	d, _ := time.ParseDuration(cmp.Or(f.Latency, "0s"))
	return d
}

// set replaces the plan; the counts begin anew. What waits because of the old one
// waits no longer.
func (p *faultPlan) set(list []Fault) error {
	planned := make([]*plannedFault, 0, len(list))
	for _, f := range list {
		if err := f.check(); err != nil {
			return err
		}
		planned = append(planned, &plannedFault{Fault: f, latency: f.latency(), over: make(chan struct{})})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.list {
		close(f.over)
	}
	// The same requests meet the same faults.
	p.list, p.chance = planned, rand.New(rand.NewPCG(1, 2))
	return nil
}

// pick is the fault that strikes a request, nil for none.
func (p *faultPlan) pick(c *call) *plannedFault {
	if c.route == "control" {
		return nil
	}
	if text := c.r.Header.Get(faultHeader); text != "" {
		f, err := ParseFault(text)
		if err != nil {
			f = Fault{Type: "bad-request/request-params-invalid", Message: faultHeader + ": " + err.Error()}
		}
		return &plannedFault{Fault: f, latency: f.latency()}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var struck *plannedFault
	for _, f := range p.list {
		if !f.matches(c) {
			continue
		}
		f.seen++
		if struck == nil && p.due(f) {
			f.struck++
			struck = f
		}
	}
	return struck
}

// due tells whether it is the turn of a fault.
func (p *faultPlan) due(f *plannedFault) bool {
	switch {
	case f.Times > 0 && f.struck >= f.Times, f.Nth > 0 && f.seen != f.Nth, f.Every > 0 && f.seen%f.Every != 0:
		return false
	case f.Rate > 0:
		return p.chance.Float64() < f.Rate
	}
	return true
}

// Chaos is a believable mix of what goes wrong on a bad day.
func Chaos() []Fault {
	return []Fault{
		{Match: "storage.*", Drop: true, Rate: 0.02},
		{Match: "storage.get", Truncate: 32 << 10, Rate: 0.02},
		{Match: "storage.*", Expire: true, Rate: 0.01},
		{Match: "storage.get", Corrupt: true, Rate: 0.003},
		{Match: "*.*", Type: "rate-limited/too-many-requests", RetryAfter: "1", Rate: 0.02},
		{Match: "*.*", Status: http.StatusBadGateway, Body: "<html><head><title>502 Bad Gateway</title></head></html>", Rate: 0.01},
		{Match: "*.*", Drop: true, Rate: 0.005},
		{Match: "*.*", Latency: "400ms", Rate: 0.1},
	}
}

// serveControl is the control endpoint, for this machine only: the faults, an
// array or a single one, under /_ferry/faults, and the clock under /_ferry/clock.
func (c *call) serveControl() error {
	if host, _, err := net.SplitHostPort(c.r.RemoteAddr); err == nil {
		if ip, err := netip.ParseAddr(host); err != nil || !ip.Unmap().IsLoopback() {
			return notFound()
		}
	}
	// A page in a browser must not reach it: it cannot send this type without
	// asking first.
	if c.r.Header.Get("Origin") != "" {
		return notFound()
	}
	switch strings.TrimPrefix(c.r.URL.Path, controlPath) {
	case "faults":
		return c.serveFaults()
	case "clock":
		return c.serveClock()
	}
	return notFound()
}

// serveFaults is GET, POST and DELETE of /_ferry/faults.
func (c *call) serveFaults() error {
	switch c.r.Method {
	case http.MethodGet:
	case http.MethodDelete:
		if err := c.s.faults.set(nil); err != nil {
			return err
		}
	case http.MethodPost:
		b, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, 1<<20))
		if err != nil {
			return wireErrorf("bad-request/invalid-body", "The faults cannot be read: %v", err)
		}
		list, err := decodeFaults(b)
		if err != nil {
			return wireErrorf("bad-request/invalid-body", "The faults cannot be read: %v", err)
		}
		if err := c.s.faults.set(list); err != nil {
			return wireErrorf("bad-request/request-params-invalid", "%v", err)
		}
	default:
		return wireErrorf("bad-request/method-not-allowed", "%s is not allowed here", c.r.Method)
	}
	type counted struct {
		Fault
		Seen   int `json:"seen"`   // requests that have matched
		Struck int `json:"struck"` // times that it has struck
	}
	c.s.faults.mu.Lock()
	list := make([]counted, 0, len(c.s.faults.list))
	for _, f := range c.s.faults.list {
		list = append(list, counted{f.Fault, f.seen, f.struck})
	}
	c.s.faults.mu.Unlock()
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, b)
}
