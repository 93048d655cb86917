package session_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/server"
	"ferry/backend/session"
)

// steady opens a session on an embedded site that then goes wrong as told.
func steady(t *testing.T, cred func(server.Info) backend.Credentials, faults ...server.Fault) *session.Steady {
	t.Helper()
	s, _ := steadyBy(t, &clock{}, cred, faults...)
	return s
}

// clock is a time that passes only while somebody sleeps, and then at once; or,
// when it stands, only when the sleeper is woken.
type clock struct {
	stands bool
	mu     sync.Mutex
	past   time.Duration
	slept  []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(c.past)
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	c.past += d
	c.slept = append(c.slept, d)
	c.mu.Unlock()
	if c.stands {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (c *clock) sleeps() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.slept)
}

// steadyBy also gives a way to let the site go wrong later.
func steadyBy(t *testing.T, by *clock, cred func(server.Info) backend.Credentials, faults ...server.Fault) (*session.Steady, func(...server.Fault)) {
	t.Helper()
	site, err := server.Open(t.Context(), server.Options{World: "small"})
	if err != nil {
		t.Fatal(err)
	}
	line := site.Listen()
	t.Cleanup(func() {
		_ = line.Close()
		_ = site.Close()
	})
	o := session.Opener{}
	o.Client.Dial, o.Client.Clock = line.DialContext, by
	c := cred(site.Info())
	c.BaseURL = server.LocalURL
	s, err := o.Steady(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	set := func(faults ...server.Fault) {
		t.Helper()
		if err := site.SetFaults(faults...); err != nil {
			t.Fatal(err)
		}
	}
	set(faults...)
	return s, set
}

func password(i server.Info) backend.Credentials {
	return backend.Credentials{Username: i.Users[0].Username, Password: i.Users[0].Password}
}

var ends = server.Fault{Match: "GET /folders*", Times: 1, EndSession: true}

// A session that ends is renewed with the password it was opened with; the call
// that met the end goes on.
func TestASteadySessionLogsInAgain(t *testing.T) {
	s := steady(t, password, ends)
	for range 2 {
		if page, err := s.Client.List(t.Context(), "", backend.FolderQuery{}); err != nil || len(page.Items) == 0 {
			t.Fatal(page, err)
		}
	}
	select {
	case err := <-s.Ended():
		t.Error("given up", err)
	default:
	}
}

// A session that ends again at once, before the login is complete, holds nobody
// up: what is asked then would wait for the one who asks.
func TestASteadySessionEndsTwice(t *testing.T) {
	s := steady(t, password, ends, server.Fault{Match: "GET /site", Times: 1, EndSession: true})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for range 300 { // until the login is complete
		if page, err := s.Client.List(ctx, "", backend.FolderQuery{}); err != nil || len(page.Items) == 0 {
			t.Fatal(page, err)
		}
	}
}

// Where that does not work, everything that waits is told.
func TestASteadySessionThatCannotBeRenewedEnds(t *testing.T) {
	s := steady(t, password, ends, server.Fault{Match: "POST /sessions", Type: "not-authenticated/invalid-username-or-password"})
	if _, err := s.Client.List(t.Context(), "", backend.FolderQuery{}); !backend.SessionEnded(err) {
		t.Fatalf("got %v", err)
	}
	if err := <-s.Ended(); !backend.SessionEnded(err) {
		t.Errorf("ended with %v", err)
	}
}

var always = server.Fault{Match: "GET /folders*", EndSession: true}

// A site that accepts every login and ends each session at once is logged in to
// a few times, ever later, and then everything that waits is told why.
func TestASteadySessionDoesNotLogInForEver(t *testing.T) {
	by := &clock{}
	s, _ := steadyBy(t, by, password, always)
	_, err := s.Client.List(t.Context(), "", backend.FolderQuery{})
	if e := backend.AsError(err); e == nil || e.Type != backend.TypeSessionsEnd || !backend.SessionEnded(err) {
		t.Fatalf("got %v", err)
	}
	if err := <-s.Ended(); backend.AsError(err).Type != backend.TypeSessionsEnd {
		t.Errorf("ended with %v", err)
	}
	if got, want := by.sleeps(), []time.Duration{1, 2, 4, 8}; !slices.EqualFunc(got, want, func(d, n time.Duration) bool { return d == n*time.Second }) {
		t.Errorf("slept %v", got)
	}
}

// Sessions that live for a while may end as often as they like.
func TestASteadySessionIsRenewedForLong(t *testing.T) {
	by := &clock{}
	s, set := steadyBy(t, by, password)
	for range 12 {
		set(ends)
		if _, err := s.Client.List(t.Context(), "", backend.FolderQuery{}); err != nil {
			t.Fatal(err)
		}
		_ = by.Sleep(t.Context(), 20*time.Second)
	}
}

// Closing does not wait for a login that is held back.
func TestASteadySessionClosesWhileItWaits(t *testing.T) {
	by := &clock{stands: true}
	s, _ := steadyBy(t, by, password, always)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _, _ = s.Client.List(ctx, "", backend.FolderQuery{}) }()
	for deadline := time.Now().Add(5 * time.Minute); len(by.sleeps()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never waits")
		}
	}
	cancel()
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
}
