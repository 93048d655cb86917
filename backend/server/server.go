// Package server is a stateful Files.com inside the process: the real routes on
// SQLite, a deterministic demo world, and faults on demand.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"ferry/backend/server/world"
)

// Options say what site to open. The zero value is the demo site in memory.
type Options struct {
	// World is "demo", "small", "huge" or "empty"; "" is what DataDir holds, and
	// the demo where there is nothing yet.
	World   string
	DataDir string           // where the site is kept; "" keeps it in memory
	Clock   func() time.Time // nil is time.Now
	Logger  *slog.Logger     // one line per request at debug level; nil logs nothing
	Faults  []Fault          // what goes wrong, see [Fault]
}

// Server is a running site. Close ends it with everything it has started.
type Server struct {
	opt        Options
	clock      func() time.Time // the real time, or that of the options
	shift      atomic.Int64     // how far the time of the site is off it, in nanoseconds
	setting    sync.Mutex       // held while the clock is set
	log        *slog.Logger
	world      *world.World
	db         *store
	files      *contentStore
	tree       *tree
	records    *recordAPI
	login      *loginBook
	sums       *summer
	faults     *faultPlan
	migrations *migrationBook
	batches    batchBook
	routes     map[string]handler
	sweeping   sync.Once
	drawing    sync.Mutex    // held while a preview is made
	room       chan struct{} // has an element for every large body in memory
	heads      time.Duration // how long the head of a request may take
	grace      time.Duration // what runs gets to end, when Serve is to

	ctx  context.Context // ends with Close
	stop context.CancelFunc

	mu     sync.Mutex
	base   string // of the newest listener
	closed bool
	https  map[*http.Server]struct{}
	work   sync.WaitGroup // requests and background work
}

// Info is what one needs to use a site. The logins and keys are those of the
// demo world and are meant to be shown.
type Info struct {
	BaseURL string  `json:"base_url"`
	APIKey  string  `json:"api_key"` // of the administrator
	Users   []Login `json:"users"`
}

// Login is an account with a known password.
type Login struct {
	Username   string `json:"username"`
	Password   string `json:"password"`
	TOTPSecret string `json:"totp_secret"`       // base32, "" without that second factor
	YubiID     string `json:"yubi_id,omitempty"` // the first twelve characters of its codes, "" without a key
	Role       string `json:"role"`
	Note       string `json:"note"` // one sentence: what the account shows
}

// LocalURL is the base URL under which a site answers on its in-memory
// listener. Nothing is looked up under that name.
const LocalURL = "http://demo.files.com"

// Open opens a site. It returns as soon as the site can answer; the world is
// made as it is looked at.
func Open(ctx context.Context, o Options) (*Server, error) {
	s := &Server{opt: o, clock: o.Clock, log: o.Logger, base: LocalURL, https: map[*http.Server]struct{}{}, room: make(chan struct{}, largeBodies), heads: headerTimeout, grace: endTimeout}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.faults, err = newFaultPlan(o.Faults); err != nil {
		return nil, err
	}
	if s.db, err = openStore(ctx, o.DataDir); err != nil {
		return nil, err
	}
	fail := func(err error) (*Server, error) { return nil, errors.Join(err, s.db.close()) }
	if err := s.loadClock(ctx); err != nil {
		return fail(err)
	}
	if s.world, err = s.db.world(ctx, o.World, s.now()); err != nil {
		return fail(err)
	}
	if s.files, err = newContentStore(o.DataDir); err != nil {
		return fail(err)
	}
	// The site lives until Close, not until the context of its opening ends.
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.tree = &tree{s: s, db: s.db, world: s.world}
	s.sums = newSummer(s)
	s.login = newLoginBook(s)
	s.migrations = newMigrationBook(s)
	s.records = newRecordAPI(newRecordStore(s.db.write, s.world), s.now, siteTree{s})
	s.records.onRestore = s.startRestore
	s.routes = map[string]handler{}
	s.addRoutes()
	if o.DataDir != "" {
		s.background(s.migrations.resumeAll)
		s.background(s.resumeRestores)
	}
	return s, nil
}

// Info tells how to reach the site.
func (s *Server) Info() Info {
	s.mu.Lock()
	info := Info{BaseURL: s.base, APIKey: world.AdminKey}
	s.mu.Unlock()
	for _, l := range s.world.Logins() {
		info.Users = append(info.Users, Login{
			Username: l.Username, Password: l.Password, TOTPSecret: l.TOTPSecret, YubiID: l.YubiID, Role: l.Role, Note: l.Note,
		})
	}
	return info
}

// SetFaults replaces the fault plan.
func (s *Server) SetFaults(faults ...Fault) error { return s.faults.set(faults) }

// Handler serves the site without its limits on slow clients; use Listen or
// Serve where those matter.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serveHTTP) }

// The limits of a listener. Bodies of files may take longer: their deadline
// moves on with every byte.
const (
	headerTimeout  = 15 * time.Second
	endTimeout     = 2 * time.Second
	bodyTimeout    = 60 * time.Second // without progress
	restTimeout    = 2 * time.Second  // for the rest of a body whose request is refused
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10
	maxJSONBody    = 8 << 20
	maxLoginBody   = 64 << 10 // before anybody has logged in
	largeBody      = 64 << 10 // bodies beyond it take turns
	largeBodies    = 16       // so many at a time
)

func (s *Server) httpServer() (*http.Server, error) {
	h := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: s.heads,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, http.ErrServerClosed
	}
	s.https[h] = struct{}{}
	return h, nil
}

func (s *Server) forget(h *http.Server) {
	s.mu.Lock()
	delete(s.https, h)
	s.mu.Unlock()
}

// Serve answers on a listener until ctx ends or the site is closed, neither of
// which is an error. It closes the listener.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	h, err := s.httpServer()
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer s.forget(h)
	s.mu.Lock()
	s.base = URLOf(ln.Addr())
	s.mu.Unlock()
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.grace)
		defer cancel()
		if h.Shutdown(grace) != nil {
			_ = h.Close()
		}
	})
	err = h.Serve(ln) // returns when the end begins
	if !stop() {
		<-ended
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", ln.Addr(), err)
	}
	return nil
}

// URLOf is the base URL of a site that listens on a TCP address.
func URLOf(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return LocalURL
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// enter counts a request or a piece of background work; false when the site is
// closed.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.work.Add(1)
	return true
}

// background runs f until it ends by itself or by ctx, which Close ends.
func (s *Server) background(f func(ctx context.Context)) bool {
	if !s.enter() {
		return false
	}
	go func() {
		defer s.work.Done()
		f(s.ctx)
	}()
	return true
}

// Close ends the site: listeners, connections, background work, and in memory
// everything that was stored. It may be called twice.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	list := make([]*http.Server, 0, len(s.https))
	for h := range s.https {
		list = append(list, h)
	}
	s.mu.Unlock()
	s.stop()
	for _, h := range list {
		_ = h.Close() // the listener may be closed already
	}
	s.records.close()
	s.work.Wait()
	return errors.Join(s.db.close(), s.files.close())
}

// SetBaseURL tells the address under which the site is reached, for Info. Serve
// and Listen set their own.
func (s *Server) SetBaseURL(u string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = u
}
