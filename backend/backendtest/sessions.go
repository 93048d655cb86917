package backendtest

import (
	"testing"

	"ferry/backend"
)

var sessionCases = []testCase{
	{name: "wrong credentials", run: wrongCredentials},
	{name: "sessions", admin: true, run: sessions},
}

func wrongCredentials(t *testing.T, s *suite) {
	ctx := t.Context()
	for _, cred := range []backend.Credentials{{APIKey: "0123456789abcdef"}, {SessionID: "0123456789abcdef"}} {
		c, err := s.c.WithCredentials(cred)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.List(ctx, "", backend.FolderQuery{})
		refused(t, err, backend.NotAuthenticated)
	}
	none, err := s.c.WithCredentials(backend.Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = none.List(ctx, "", backend.FolderQuery{})
	refused(t, err, backend.NotAuthenticated)
	_, err = none.Login(ctx, backend.Credentials{Username: s.tag + "-nobody", Password: "wrong"})
	refused(t, err, backend.ClassInvalidUsernameOrPassword)
}

func sessions(t *testing.T, s *suite) {
	ctx := t.Context()
	u := s.user(t, "login")
	c, err := s.c.WithCredentials(backend.Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := c.Login(ctx, backend.Credentials{Username: u.Username, Password: password})
	if err != nil || l.ID == "" {
		t.Fatal(err)
	}
	if _, err := s.c.Permissions().Create(ctx, map[string]any{"path": s.root, "user_id": u.ID, "permission": "readonly"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.List(ctx, s.root, backend.FolderQuery{}); err != nil {
		t.Error(err)
	}
	_, err = c.Mkdir(ctx, s.root+"/not-mine", false)
	refused(t, err, backend.NotAuthorized)
	acc, err := c.WhoAmI(ctx)
	if err != nil || acc.Username != u.Username || acc.SiteAdmin || acc.KeyName != "" {
		t.Errorf("who am I: %+v %v", acc, err)
	}
	_, err = c.CreateUser(ctx, backend.UserEdit{Username: &u.Username})
	refused(t, err, backend.NotAuthorized)
	same, err := s.c.WithCredentials(backend.Credentials{SessionID: l.ID})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Logout(ctx); err != nil {
		t.Fatal(err)
	}
	_, err = same.List(ctx, s.root, backend.FolderQuery{})
	refused(t, err, backend.NotAuthenticated)
	if !backend.SessionEnded(err) {
		t.Errorf("the session goes on: %v", err)
	}
}
