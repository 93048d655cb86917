package api

import (
	"io"
	"net"
	"sync"
)

const (
	// wideBuffer is how much of a body is read and sent at a time, in bytes: an
	// eighth of the system calls and fewer waits than net/http's own 32 KiB,
	// and small enough to be still in the cache when it is sent.
	wideBuffer = 256 << 10

	// wideBuffers bounds the memory: who comes when all are in use, sends in
	// small steps.
	wideBuffers = 16
)

// wide lends buffers to the connections of one pool.
type wide struct {
	free chan struct{}
	pool sync.Pool
}

func newWide() *wide {
	return &wide{
		free: make(chan struct{}, wideBuffers),
		pool: sync.Pool{New: func() any { b := make([]byte, wideBuffer); return &b }},
	}
}

// wideConn sends large bodies in wide steps. The transport copies a body with
// io.Copy, which lets the connection do it. Over TLS it has one of crypto/tls
// above this one, which takes small steps as ever.
type wideConn struct {
	net.Conn
	wide *wide
}

// ReadFrom implements [io.ReaderFrom].
func (c wideConn) ReadFrom(r io.Reader) (int64, error) {
	if l, ok := r.(*io.LimitedReader); !ok || l.N <= connBuffer {
		return io.Copy(c.Conn, r)
	}
	select {
	case c.wide.free <- struct{}{}:
	default:
		return io.Copy(c.Conn, r)
	}
	buf := c.wide.pool.Get().(*[]byte) //nolint:forcetypeassert // holds nothing else
	defer func() {
		c.wide.pool.Put(buf)
		<-c.wide.free
	}()
	// Neither may take the copy over, or the buffer would not be used.
	return io.CopyBuffer(struct{ io.Writer }{c.Conn}, struct{ io.Reader }{r}, *buf)
}
