package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crowd is a lot of clients that keep a site waiting.
type crowd struct {
	addr  string
	ctx   context.Context
	all   sync.WaitGroup
	ready atomic.Int64 // clients that have sent their head
}

// join sends a head and a part of a body, the rest of which drips in until the
// site or the test ends it.
func (c *crowd) join(n int, head string, body []byte) {
	for range n {
		c.all.Go(func() {
			conn, err := (&net.Dialer{}).DialContext(c.ctx, "tcp", c.addr)
			if err != nil {
				return
			}
			stop := context.AfterFunc(c.ctx, func() { _ = conn.Close() })
			defer stop()
			defer conn.Close()
			_, err = io.WriteString(conn, head)
			c.ready.Add(1)
			if err == nil {
				_, err = conn.Write(body)
			}
			for err == nil { // one that reads nothing waits for the end of the test here
				select {
				case <-c.ctx.Done():
					return
				case <-time.After(100 * time.Millisecond):
				}
				_, err = conn.Write([]byte(" "))
			}
			<-c.ctx.Done()
		})
	}
}

// heap is what lives on the heap.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// TestSlowClients: clients who send their heads and bodies by the byte, promise
// huge bodies or never read what they asked for neither keep the site from
// serving another nor fill its memory.
func TestSlowClients(t *testing.T) {
	x := openSite(t, Options{World: "small", Clock: time.Now})
	x.mkdir("slow")
	ln := x.listen()
	ctx, stop := context.WithCancel(t.Context())
	c := &crowd{addr: ln.Addr().String(), ctx: ctx}
	defer c.all.Wait()
	defer stop()

	base, err := url.Parse(URLOf(ln.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	inside := &call{s: x.s, r: &http.Request{Host: base.Host}, now: x.s.now()}
	endless := inside.downloadURI(&node{name: "x.bin", size: 1 << 40, origin: "x.bin", hasOrigin: true, mtime: x.s.now()})
	part, _ := x.do("POST", "/file_actions/begin_upload/slow/huge.bin", map[string]any{}).want(200).list()[0]["upload_uri"].(string)
	request := func(method, target string, more ...string) string {
		u, err := base.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", method, u.RequestURI(), base.Host, strings.Join(append(more, ""), "\r\n"))
	}
	const api = "/api/rest/v1"
	key, sized := "X-FilesAPI-Key: "+x.key, "Content-Length: 8000000"
	runtime.GC()
	before := heap()
	const each = 60
	big := bytes.Repeat([]byte(" "), 6<<20)
	c.join(each, strings.TrimSuffix(request("GET", api+"/folders/", key), "\r\n")+"X-Slow: ", nil) // a head without an end
	c.join(each, request("POST", api+"/folders/slow/no", sized), big)                              // nobody
	c.join(each, request("POST", api+"/sessions", "Content-Length: 60000"), nil)
	c.join(each, request("POST", api+"/folders/slow/yes", key, sized), big)
	c.join(each, request("PUT", part, "Content-Length: 5000000000"), big[:1<<20])
	c.join(each, request("GET", endless), nil)
	until(t, "the crowd", func() bool { return c.ready.Load() == 6*each })

	client := &http.Client{Timeout: longest, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	most := uint64(0)
	for i := range 30 {
		for _, path := range []string{"/folders/", "/file_actions/metadata/slow", "/users?per_page=5"} {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, base.String()+api+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-FilesAPI-Key", x.key)
			res, err := client.Do(req)
			if err != nil {
				t.Fatalf("%s, round %d: %v", path, i, err)
			}
			_, err = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if err != nil || res.StatusCode != http.StatusOK {
				t.Fatalf("%s, round %d: %d %v", path, i, res.StatusCode, err)
			}
		}
		x.upload(fmt.Sprintf("slow/%d.txt", i), "served all the same")
		runtime.GC() // what is dead does not count: it stays for as long as nobody has the time
		most = max(most, heap())
	}
	// Sixteen large bodies, in a buffer that doubles, and what the rest takes.
	if limit := before + 320<<20; most > limit {
		t.Errorf("the heap has grown from %d to %d MiB", before>>20, most>>20)
	}
}

// TestHugeRequests: what is too large is refused before it is read.
func TestHugeRequests(t *testing.T) {
	x := openSite(t, Options{World: "small"})
	ln := x.listen()
	key := "X-FilesAPI-Key: " + x.key + "\r\n"
	for name, tc := range map[string]struct {
		head   string
		status int
		class  string
	}{
		"a promised terabyte":      {"POST /api/rest/v1/folders/x HTTP/1.1\r\nHost: x\r\n" + key + "Content-Length: 1099511627776\r\n\r\n", 400, "bad-request/request-body-too-large"},
		"a promised long login":    {"POST /api/rest/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", 400, "bad-request/request-body-too-large"},
		"a body of nobody":         {"POST /api/rest/v1/folders/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", 401, "not-authenticated/authentication-required"},
		"a head of a megabyte":     {"GET /api/rest/v1/folders/ HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", 431, ""},
		"an address of a megabyte": {"GET /api/rest/v1/folders/" + strings.Repeat("x", 1<<20) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431, ""},
	} {
		conn := dialed(t, ln)
		go func() { _, _ = io.WriteString(conn, tc.head) }() // it may be cut off
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = res.Body.Close()
		if res.StatusCode != tc.status || res.Header.Get("X-Files-Error-Class") != tc.class {
			t.Errorf("%s: %d %s, want %d %s", name, res.StatusCode, res.Header.Get("X-Files-Error-Class"), tc.status, tc.class)
		}
	}
	// A body without an announced length ends when it is too long.
	endless := io.LimitReader(spaces{}, 1<<40)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, URLOf(ln.Addr())+"/api/rest/v1/folders/x", endless)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-FilesAPI-Key", x.key)
	res, err := http.DefaultClient.Do(req)
	if err == nil { // else the connection was cut while it was being sent
		_ = res.Body.Close()
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("an endless body: %d", res.StatusCode)
		}
	} else if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an endless body: %v", err)
	}
}

// A head that does not end is not waited for.
func TestHeadWithoutEnd(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.s.heads = 300 * time.Millisecond
	conn := dialed(t, x.listen())
	if _, err := io.WriteString(conn, "GET /api/rest/v1/folders/ HTTP/1.1\r\nHost: x\r\n"); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(conn); err != nil && !errors.Is(err, io.EOF) {
		t.Errorf("a head without an end: %q, %v", b, err)
	}
}

// listen serves the site on an address of its own until the end of the test.
func (x *site) listen() net.Listener {
	x.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		x.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(x.t.Context()))
	served := make(chan error, 1)
	go func() { served <- x.s.Serve(ctx, ln) }()
	x.t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			x.t.Error(err)
		}
	})
	return ln
}

// dialed is a connection that is given up in the end.
func dialed(t *testing.T, ln net.Listener) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(longest))
	return conn
}

// spaces is endless.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
