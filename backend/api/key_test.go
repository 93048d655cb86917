package api

import (
	"net/http"
	"sync/atomic"
	"testing"

	"ferry/backend"
)

// What a login has seen of the key is not asked for again by who begins with it,
// but by who asks later, and with another key.
func TestAKeyIsLookedAtOncePerLogin(t *testing.T) {
	var looks atomic.Int64
	c, _ := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/rest/v1/api_key" {
			reply(w, 200, `{"name":"Acme"}`)
			return
		}
		looks.Add(1)
		reply(w, 200, `{"id":1,"name":"`+r.Header.Get(headerKey)+`","permission_set":"full"}`)
	})
	ctx := t.Context()
	for n, key := range []string{"first", "second"} {
		looks.Store(0)
		if _, err := c.Login(ctx, backend.Credentials{APIKey: key}); err != nil {
			t.Fatal(err)
		}
		for want := range int64(2) {
			acc, err := c.WhoAmI(ctx)
			if err != nil || acc.KeyName != key || !acc.SiteAdmin {
				t.Errorf("login %d: %+v %v", n, acc, err)
			}
			if got := looks.Load(); got != want+1 {
				t.Errorf("login %d: the key was looked at %d times, want %d", n, got, want+1)
			}
		}
	}
	if _, err := c.Login(ctx, backend.Credentials{APIKey: "third"}); err != nil {
		t.Fatal(err)
	}
	c.auth.saw("second", backend.APIKey{Name: "second"}) // that login was overtaken
	if acc, err := c.WhoAmI(ctx); err != nil || acc.KeyName != "third" {
		t.Errorf("%+v %v", acc, err)
	}
	other, err := c.WithCredentials(backend.Credentials{APIKey: "fourth"})
	if err != nil {
		t.Fatal(err)
	}
	if acc, err := other.WhoAmI(ctx); err != nil || acc.KeyName != "fourth" {
		t.Errorf("%+v %v", acc, err)
	}
}
