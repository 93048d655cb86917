package backendtest_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"ferry/backend/api"
	"ferry/backend/backendtest"
	"ferry/backend/server"
)

// site is an embedded site whose clock only the suite moves, so that nothing is
// over because the machine is slow.
type site struct {
	*server.Server
	from  time.Time
	ahead atomic.Int64
}

func (s *site) now() time.Time { return s.from.Add(time.Duration(s.ahead.Load())) }

func open(t *testing.T) *site {
	t.Helper()
	x := &site{from: time.Now()}
	var err error
	if x.Server, err = server.Open(t.Context(), server.Options{World: "small", Clock: x.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// target is the site as the suite sees it.
func (s *site) target(base string, dial func(ctx context.Context, network, addr string) (net.Conn, error)) backendtest.Site {
	e := &backendtest.Embedded{Now: s.now, Wait: func(d time.Duration) { s.ahead.Add(int64(d)) }}
	for _, l := range s.Info().Users {
		e.Logins = append(e.Logins, backendtest.Login{Username: l.Username, Password: l.Password, TOTPSecret: l.TOTPSecret, YubiID: l.YubiID})
	}
	key := s.Info().APIKey
	return backendtest.Site{
		Open: func(t *testing.T) *api.Client {
			return client(t, api.Config{BaseURL: base, APIKey: key, Dial: dial})
		},
		BaseURL: base, APIKey: key, HTTP: &http.Client{Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 16}}, Embedded: e,
	}
}

func client(t *testing.T, cfg api.Config) *api.Client {
	t.Helper()
	c, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestInProcess(t *testing.T) {
	t.Parallel()
	s := open(t)
	l := s.Listen()
	backendtest.Run(t, s.target(s.Info().BaseURL, l.DialContext))
}

func TestOverTCP(t *testing.T) {
	t.Parallel()
	s := open(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background()) // outlives the clean-ups of the suite
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	backendtest.Run(t, s.target(server.URLOf(ln.Addr()), nil))
}

// TestRealSite needs FILES_API_KEY and FILES_BASE_URL; without them there is no
// real site to speak of.
func TestRealSite(t *testing.T) {
	t.Parallel()
	key, base := os.Getenv("FILES_API_KEY"), os.Getenv("FILES_BASE_URL")
	if key == "" || base == "" {
		t.Log("FILES_API_KEY and FILES_BASE_URL are not set: no real site was asked")
		return
	}
	backendtest.Run(t, backendtest.Site{
		Open: func(t *testing.T) *api.Client {
			return client(t, api.Config{BaseURL: base, APIKey: key, UserAgent: "Ferry/contract"})
		},
		BaseURL: base, APIKey: key, HTTP: &http.Client{},
	})
}
