package api

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
)

// writes notes the sizes of what is written to a connection.
type writes struct {
	net.Conn
	sizes []int
	got   bytes.Buffer
	after func()
	fail  error
}

func (w *writes) Write(p []byte) (int, error) {
	if w.fail != nil {
		return 0, w.fail
	}
	w.sizes = append(w.sizes, len(p))
	if w.after != nil {
		w.after()
	}
	return w.got.Write(p)
}

func TestLargeBodiesGoOutInWideSteps(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 40<<10) // 640 KiB
	for _, c := range []struct {
		name string
		r    io.Reader
		want int // bytes of the first write
	}{
		{"large", io.LimitReader(bytes.NewReader(content), int64(len(content))), wideBuffer},
		{"small", io.LimitReader(struct{ io.Reader }{bytes.NewReader(content)}, 4096), 4096},
		{"unknown length", struct{ io.Reader }{bytes.NewReader(content)}, 32 << 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &writes{}
			n, err := wideConn{w, newWide()}.ReadFrom(c.r)
			if err != nil || n != int64(w.got.Len()) || !bytes.Equal(w.got.Bytes(), content[:n]) {
				t.Fatalf("%d bytes, %v: not what was to be sent", n, err)
			}
			if w.sizes[0] != c.want {
				t.Errorf("first write has %d bytes, want %d", w.sizes[0], c.want)
			}
		})
	}
}

func TestWideBuffersAreBoundedAndComeBack(t *testing.T) {
	buffers := newWide()
	body := func() io.Reader { return io.LimitReader(bytes.NewReader(make([]byte, 1<<20)), 1<<20) }
	most := 0
	w := &writes{after: func() { most = max(most, len(buffers.free)) }}
	for range wideBuffers {
		buffers.free <- struct{}{}
	}
	if n, err := (wideConn{w, buffers}).ReadFrom(body()); err != nil || n != 1<<20 {
		t.Fatalf("with none left: %d bytes, %v", n, err)
	}
	if most != wideBuffers {
		t.Errorf("%d buffers in use, want at most %d", most, wideBuffers)
	}
	<-buffers.free
	w.fail = errors.New("reset")
	if _, err := (wideConn{w, buffers}).ReadFrom(body()); !errors.Is(err, w.fail) {
		t.Fatalf("got %v, want %v", err, w.fail)
	}
	if len(buffers.free) != wideBuffers-1 {
		t.Errorf("%d buffers in use after a failure, want %d", len(buffers.free), wideBuffers-1)
	}
}
