package session_test

import (
	"context"
	"testing"
	"time"

	"ferry/backend"
	"ferry/backend/server"
	"ferry/backend/session"
)

// steady opens a session on an embedded site that then goes wrong as told.
func steady(t *testing.T, cred func(server.Info) backend.Credentials, faults ...server.Fault) *session.Steady {
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
	o.Client.Dial = line.DialContext
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
	if err := site.SetFaults(faults...); err != nil {
		t.Fatal(err)
	}
	return s
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
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
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
