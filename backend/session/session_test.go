package session

import (
	"testing"

	"ferry/backend"
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
