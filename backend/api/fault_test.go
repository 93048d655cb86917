package api

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/backend"
)

// faulty serves raw bytes: f gets every connection after its request's head.
func faulty(t *testing.T, f func(conn net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serveRaw(conn, f)
		}
	}()
	return "http://" + l.Addr().String()
}

func serveRaw(conn net.Conn, f func(net.Conn)) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	if _, err := http.ReadRequest(r); err == nil {
		f(conn)
	}
}

// piped is faulty without the network, by host. In a bubble of synctest nothing
// but what the test is about takes any time then, however slow the machine is.
func piped(hosts map[string]func(net.Conn)) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(_ context.Context, _, addr string) (net.Conn, error) {
		f, ok := hosts[addr]
		if !ok {
			return nil, fmt.Errorf("there is no %s", addr)
		}
		here, there := net.Pipe()
		go serveRaw(there, f)
		return here, nil
	}
}

// zipped is a body of n MiB of spaces, compressed MiB by MiB.
func zipped(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	z := gzip.NewWriter(&b)
	_, err := z.Write(bytes.Repeat([]byte(" "), 1<<20))
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return strings.Repeat(b.String(), n)
}

// Whatever a server does, the call ends with the right class in bounded time
// and memory.
func TestFaults(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	send := func(s string) func(net.Conn) {
		return func(c net.Conn) { _, _ = io.WriteString(c, s) }
	}
	hang := func(after string) func(net.Conn) {
		return func(c net.Conn) {
			_, _ = io.WriteString(c, after)
			_, _ = io.Copy(io.Discard, c) // until the client is gone
		}
	}
	flood := func(start, piece string) func(net.Conn) {
		return func(c net.Conn) {
			_, _ = io.WriteString(c, start)
			big := strings.Repeat(piece, 1+(64<<10)/len(piece))
			for range (1 << 30) / len(big) {
				if _, err := io.WriteString(c, big); err != nil {
					return
				}
			}
		}
	}
	drip := func(start, piece string) func(net.Conn) {
		return func(c net.Conn) {
			_, _ = io.WriteString(c, start)
			for t := time.NewTicker(time.Millisecond); ; <-t.C {
				if _, err := io.WriteString(c, piece); err != nil {
					t.Stop()
					return
				}
			}
		}
	}
	foreign := send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")
	for _, tc := range []struct {
		name  string
		serve func(net.Conn)
		class backend.Class
		text  string
	}{
		{"drips its head", drip("HTTP/1.1 200 OK\r\n", "X-A: a\r\n"), backend.ClassAPIConnection, "within the time"},
		{"drips its body", drip(head+"\r\n[", " "), backend.ClassAPIConnection, "within the time"},
		{"drips an error", drip("HTTP/1.1 500 No\r\n\r\n", " "), backend.ClassAPIConnection, "500"},
		{"loses the reason of a refusal", send("HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n"), backend.ClassAPIConnection, "broke off"},
		{"gives no reason for a refusal", send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), backend.ClassAPI, "with nothing"},
		{"xml with 200", send(head + "Content-Length: 8\r\n\r\n<Error/>"), backend.ClassAPI, "cannot be read"},
		{"xml with 503", send("HTTP/1.1 503 No\r\nContent-Length: 8\r\n\r\n<Error/>"), backend.ClassAPIConnection, "503"},
		{"redirects to a page elsewhere", send("HTTP/1.1 302 Found\r\nLocation: http://foreign/x\r\nContent-Length: 0\r\n\r\n"), backend.ClassAPI, "cannot be read"},
		{"a gigabyte in a megabyte", send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + zipped(t, 1<<10)), backend.ClassAPIConnection, "larger"},
		{"says nothing", hang(""), backend.ClassAPIConnection, "within the time"},
		{"half a head", hang("HTTP/1.1 200 OK\r\nConte"), backend.ClassAPIConnection, "within the time"},
		{"half a body", hang(head + "Content-Length: 100\r\n\r\n[{"), backend.ClassAPIConnection, "within the time"},
		{"closes at once", func(net.Conn) {}, backend.ClassAPIConnection, "broke off"},
		{"truncated body", send(head + "Content-Length: 100\r\n\r\n[{"), backend.ClassAPIConnection, "broke off"},
		{"truncated chunks", send(head + "Transfer-Encoding: chunked\r\n\r\n5\r\n[{\"pa"), backend.ClassAPIConnection, "broke off"},
		{"truncated json", send(head + "Content-Length: 2\r\n\r\n[{"), backend.ClassAPI, "cannot be read"},
		{"html with 200", send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"), backend.ClassAPI, "cannot be read"},
		{"empty 200", send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), backend.ClassAPI, "cannot be read"},
		{"not http", send("SSH-2.0-OpenSSH_9.6\r\n"), backend.ClassAPIConnection, ""},
		{"gigabyte of headers", flood("HTTP/1.1 200 OK\r\n", "X-A: "+strings.Repeat("a", 1000)+"\r\n"), backend.ClassAPIConnection, ""},
		{"gigabyte of body", flood("HTTP/1.1 200 OK\r\n\r\n[", `{"path":"aaaaaaaaaaaaaaaa"},`), backend.ClassAPIConnection, "larger"},
		{"announces a terabyte", hang(head + "Content-Length: 1099511627776\r\n\r\n[{"), backend.ClassAPIConnection, "larger"},
		{"redirects for ever", send("HTTP/1.1 302 Found\r\nLocation: /api/rest/v1/folders/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), backend.ClassAPIConnection, "redirects"},
		{"redirects to another scheme", send("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"), backend.ClassAPIConnection, ""},
		{"gigabyte of error", flood("HTTP/1.1 500 No\r\nContent-Type: text/html\r\n\r\n<html>", strings.Repeat("z", 1000)), backend.ClassAPIConnection, "web page"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := New(Config{
					BaseURL: "http://faulty", APIKey: "k1", Retries: -1, Clock: newFakeClock(),
					ReadTimeout: 300 * time.Millisecond, OpenTimeout: 5 * time.Second,
					Dial: piped(map[string]func(net.Conn){"faulty:80": tc.serve, "foreign:80": foreign}),
				})
				if err != nil {
					t.Fatal(err)
				}
				defer time.Sleep(time.Second) // in which those who drip notice
				defer c.Close()
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err = c.List(context.Background(), "", backend.FolderQuery{})
				runtime.ReadMemStats(&after)
				e := wantError(t, err, tc.class)
				if !strings.Contains(e.Message, tc.text) {
					t.Errorf("message %q, want %q in it", e.Message, tc.text)
				}
				// Only an answer that is too large fills the buffer before it is
				// refused; one that grows by doubling costs a few times its size in all.
				limit := uint64(8 << 20)
				if tc.text == "larger" {
					limit = 12 * maxAnswer
				}
				if used := after.TotalAlloc - before.TotalAlloc; used > limit {
					t.Errorf("%d MiB were allocated", used>>20)
				}
				if n := c.Stats().InFlight; n != 0 {
					t.Errorf("%d requests still in flight", n)
				}
			})
		})
	}
}

// A connection that is reset has broken off like one that is closed.
func TestReset(t *testing.T) {
	at := faulty(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) })
	c, err := New(Config{BaseURL: at, APIKey: "k1", Retries: -1, Clock: newFakeClock()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.List(context.Background(), "", backend.FolderQuery{})
	if e := wantError(t, err, backend.ClassAPIConnection); !strings.Contains(e.Message, "broke off") {
		t.Errorf("message %q", e.Message)
	}
}

func TestUnreachable(t *testing.T) {
	const addr = "127.0.0.1:1" // where nobody listens
	for name, tc := range map[string]struct {
		cfg  Config
		text string
	}{
		"refused": {Config{BaseURL: "http://" + addr}, addr + " refuses the connection."},
		"unknown": {Config{BaseURL: "http://acme.files.com:8080", Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "acme.files.com", IsNotFound: true}
		}}, "no host named acme.files.com."},
		"slow": {Config{BaseURL: "http://acme.files.com", OpenTimeout: 20 * time.Millisecond, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}, "No connection to acme.files.com"},
	} {
		tc.cfg.APIKey, tc.cfg.Clock, tc.cfg.Retries = "k1", newFakeClock(), -1
		c, err := New(tc.cfg)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Mkdir(context.Background(), "x", false)
		if e := wantError(t, err, backend.ClassAPIConnection); !strings.Contains(e.Message, tc.text) {
			t.Errorf("%s: %q", name, e.Message)
		} else if e.Lasting != (name == "unknown") {
			t.Errorf("%s: lasting %v", name, e.Lasting)
		}
	}
	for wire, lasting := range map[string]bool{"rate-limited/too-many-login-attempts": true, "rate-limited/too-many-requests": false} {
		body := `{"type":"` + wire + `"}`
		at := faulty(t, func(conn net.Conn) {
			fmt.Fprintf(conn, "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(body), body)
		})
		c, err := New(Config{BaseURL: at, APIKey: "k1", Retries: -1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.WhoAmI(context.Background())
		if e := backend.AsError(err); e == nil || e.Type != wire || e.Lasting != lasting {
			t.Errorf("%s: %+v", wire, e)
		}
	}
}

// What answers in clear text where https was asked for is told as such, and not
// asked again.
func TestNoTLS(t *testing.T) {
	for greeting, text := range map[string]string{
		"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n": "speaks plain http, not https. Check whether its address is to begin with http://.",
		"SSH-2.0-server\r\n": "does not speak https. Check its address",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = io.WriteString(conn, greeting)
				_, _ = io.Copy(io.Discard, conn) // the greeting was read when the other side closes
				conn.Close()
			}
		}()
		clock := newFakeClock()
		c, err := New(Config{BaseURL: "https://" + l.Addr().String(), APIKey: "k1", Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.List(context.Background(), "", backend.FolderQuery{})
		if e := wantError(t, err, backend.ClassAPIConnection); !strings.Contains(e.Message, l.Addr().String()+" "+text) || !e.Lasting {
			t.Errorf("%q: %q, lasting %v", greeting, e.Message, e.Lasting)
		}
		if n := len(clock.waits()); n != 0 {
			t.Errorf("%q: it was asked %d times again", greeting, n)
		}
		c.Close()
	}
}

// A download that breaks off says so where it is read.
func TestBrokenDownload(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"cut": func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc") },
		"stalled": func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
			_, _ = io.Copy(io.Discard, c)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, err := New(Config{
				BaseURL: "http://broken", APIKey: "k1", ReadTimeout: 200 * time.Millisecond,
				Dial: piped(map[string]func(net.Conn){"broken:80": serve}),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			b, err := c.OpenRange(context.Background(), c.BaseURL()+"/f?sig=x", 0, -1, "")
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			data, err := io.ReadAll(b)
			if e := wantError(t, err, backend.ClassAPIConnection); e.Op != "download" || string(data) != "abc" {
				t.Errorf("%s: %q %v", name, data, e)
			}
		})
	}
}
