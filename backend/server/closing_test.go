package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A site that is being closed cuts off what it is reading, and answers nothing: a
// refusal would say that the request was wrong.
func TestAClosingSiteRefusesNothing(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	ln := x.listen()
	part, _ := x.begin("f", map[string]any{"size": 1 << 20})["upload_uri"].(string)
	u, err := url.Parse(part)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.s.SetFaults(Fault{Bandwidth: 10}); err != nil {
		t.Fatal(err)
	}
	var reading []*bufio.Reader
	for _, head := range []string{
		"PUT " + u.RequestURI() + " HTTP/1.1\r\nHost: " + u.Host,
		"POST /api/rest/v1/folders/x HTTP/1.1\r\nHost: x\r\nX-FilesAPI-Key: " + x.key,
	} {
		conn := dialed(t, ln)
		if _, err := fmt.Fprint(conn, head+"\r\nExpect: 100-continue\r\nContent-Length: 1048576\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(conn)
		res, err := http.ReadResponse(r, nil)
		if err != nil || res.StatusCode != http.StatusContinue {
			t.Fatalf("%.4s: the body is not read: %v %v", head, res, err)
		}
		if _, err := io.WriteString(conn, strings.Repeat("x", 1000)); err != nil {
			t.Fatal(err)
		}
		reading = append(reading, r)
	}
	x.s.stop() // what Close does first
	for n, r := range reading {
		if res, err := http.ReadResponse(r, nil); err == nil {
			t.Errorf("request %d was answered with %s", n, res.Status)
			_ = res.Body.Close()
		}
	}
}

// What runs when a site is to end still gets its answer, and Serve returns only
// then: its caller closes the site.
func TestServeEndsAfterWhatRuns(t *testing.T) {
	x := openSite(t, Options{World: "empty"})
	x.s.grace = time.Hour
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- errors.Join(x.s.Serve(ctx, ln), x.s.Close()) }()
	conn := dialed(t, ln)
	head := "POST /api/rest/v1/folders/x HTTP/1.1\r\nHost: x\r\nX-FilesAPI-Key: " + x.key
	if _, err := fmt.Fprint(conn, head+"\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	if res, err := http.ReadResponse(r, nil); err != nil || res.StatusCode != http.StatusContinue {
		t.Fatalf("the body is not read: %v %v", res, err)
	}
	stop()
	for { // until nobody can connect any more: the end has begun
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			break
		}
		_ = c.Close()
	}
	if _, err := io.WriteString(conn, "{}"); err != nil {
		t.Fatal(err)
	}
	if res, err := http.ReadResponse(r, nil); err != nil || res.StatusCode != http.StatusCreated {
		t.Errorf("%v %v", res, err)
	} else {
		_ = res.Body.Close()
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
