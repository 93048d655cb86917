package backendtest_test

import (
	"context"
	"net"
	"os"
	"testing"

	"ferry/backend/api"
	"ferry/backend/backendtest"
	"ferry/backend/server"
)

func open(t *testing.T) *server.Server {
	t.Helper()
	s, err := server.Open(t.Context(), server.Options{World: "small"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
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
	backendtest.Run(t, func(t *testing.T) *api.Client {
		return client(t, api.Config{BaseURL: s.Info().BaseURL, APIKey: s.Info().APIKey, Dial: l.DialContext})
	})
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
	backendtest.Run(t, func(t *testing.T) *api.Client {
		return client(t, api.Config{BaseURL: server.URLOf(ln.Addr()), APIKey: s.Info().APIKey})
	})
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
	backendtest.Run(t, func(t *testing.T) *api.Client {
		return client(t, api.Config{BaseURL: base, APIKey: key, UserAgent: "Ferry/contract"})
	})
}
