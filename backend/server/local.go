package server

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// Local is a listener in memory: no port, no address, no other process.
type Local struct {
	conns  chan net.Conn
	done   chan struct{}
	once   sync.Once
	served chan struct{}
	http   *http.Server
	client *http.Client
}

// Listen starts to answer on a new in-memory listener. Close, of it or of the
// site, ends it.
func (s *Server) Listen() *Local {
	l := &Local{conns: make(chan net.Conn), done: make(chan struct{}), served: make(chan struct{})}
	l.client = &http.Client{Transport: &http.Transport{DialContext: l.DialContext, MaxIdleConnsPerHost: 64}}
	h, err := s.httpServer()
	if err != nil { // the site is closed: every dial is refused
		close(l.served)
		_ = l.Close()
		return l
	}
	l.http = h
	go func() {
		defer close(l.served)
		defer s.forget(h)
		_ = h.Serve(memListener{l}) // ends with ErrServerClosed and nothing else
	}()
	return l
}

// DialContext connects to the site, whatever the address says. It fits
// [http.Transport].
func (l *Local) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	var err error
	select {
	case l.conns <- server:
		return client, nil
	case <-l.done:
		err = net.ErrClosed
	case <-ctx.Done():
		err = ctx.Err()
	}
	_ = client.Close()
	_ = server.Close()
	return nil, &net.OpError{Op: "dial", Net: "memory", Addr: memAddr{}, Err: err}
}

// Client is an HTTP client that reaches nothing but the site.
func (l *Local) Client() *http.Client { return l.client }

// Close ends the listener and its connections.
func (l *Local) Close() error {
	l.once.Do(func() { close(l.done) })
	l.client.CloseIdleConnections()
	if l.http != nil {
		_ = l.http.Close() // closes the listener a second time, which says so
	}
	<-l.served
	return nil
}

// memListener is the server's end of a Local.
type memListener struct{ l *Local }

// Accept waits for a dial.
func (m memListener) Accept() (net.Conn, error) {
	select {
	case c := <-m.l.conns:
		return c, nil
	case <-m.l.done:
		return nil, net.ErrClosed
	}
}

// Close refuses what dials from now on.
func (m memListener) Close() error {
	m.l.once.Do(func() { close(m.l.done) })
	return nil
}

// Addr is a name, for logs.
func (m memListener) Addr() net.Addr { return memAddr{} }

type memAddr struct{}

// Network names the kind of address.
func (memAddr) Network() string { return "memory" }

// String names the address.
func (memAddr) String() string { return "demo.files.com:80" }
