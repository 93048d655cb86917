package session

import (
	"testing"

	"ferry/backend"
	"ferry/backend/server"
)

func TestRenewTellsWhoHasLoggedIn(t *testing.T) {
	o := &Opener{World: "small"}
	s, err := o.Demo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	var other backend.Credentials
	for _, u := range s.site.Info().Users {
		if other.Username == "" && u.Username != s.Account.Username {
			other = backend.Credentials{Username: u.Username, Password: u.Password}
		}
	}
	if err := s.Renew(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if a := s.Account; a.Username != other.Username || a.SiteAdmin || !a.Demo || !s.logout {
		t.Errorf("after %s logged in the account is %+v, log out %v", other.Username, a, s.logout)
	}
}

// Failures that nobody sees do not gather in the journal without end; those that
// a person sees stay.
func TestFailuresThatNobodySeesAreBounded(t *testing.T) {
	was := failed
	defer func() { failed = was }()
	failed.Most = 1
	site, err := server.Open(t.Context(), server.Options{World: "empty"})
	if err != nil {
		t.Fatal(err)
	}
	line := site.Listen()
	t.Cleanup(func() {
		_ = line.Close()
		_ = site.Close()
	})
	o := Opener{StateDir: t.TempDir()}
	o.Client.Dial = line.DialContext
	cred := backend.Credentials{BaseURL: server.LocalURL, APIKey: site.Info().APIKey}
	s, err := o.Open(t.Context(), cred)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"all", "more"} {
		if _, err := s.Engine.Add(t.Context(), backend.TransferRequest{
			Direction: backend.Upload, Sources: []backend.Entry{{Path: "/nowhere/at/" + name, Name: name, Kind: backend.Folder}},
			Target: backend.Location{Side: backend.Remote},
		}); err != nil {
			t.Fatal(err)
		}
	}
	for snap := range s.Engine.Subscribe(t.Context()) {
		if snap.Failed == 2 {
			break
		}
	}
	count := func(s *Session) int {
		n := s.Engine.Snapshot().Failed
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
		return n
	}
	count(s)
	if s, err = o.Open(t.Context(), cred); err != nil {
		t.Fatal(err)
	}
	if n := count(s); n != 2 {
		t.Errorf("a person sees %d failures", n)
	}
	steady, err := o.Steady(t.Context(), cred)
	if err != nil {
		t.Fatal(err)
	}
	if n := steady.Engine.Snapshot().Failed; n != 1 {
		t.Errorf("a script has %d failures", n)
	}
	if err := steady.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
