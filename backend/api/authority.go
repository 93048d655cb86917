package api

import (
	"context"
	"sync"

	"ferry/backend"
)

// credential is what one attempt is sent with. Gen tells the sessions of one
// authority apart, so that a late answer to an old session ends only that one.
type credential struct {
	apiKey    string
	sessionID string
	gen       uint64
}

// authority holds the credentials of a client and parks its calls while a
// session that has ended awaits its successor.
type authority struct {
	mu       sync.Mutex
	cred     credential
	username string          // of the last login, for WhoAmI
	key      *backend.APIKey // what the last login saw, until WhoAmI has used it
	proven   bool            // this session has opened the site before
	ended    chan struct{}   // not nil while the session is over; closed to go on
	refusal  error           // set by GiveUp; calls fail with it
	borrowed bool            // credentials of single calls: nobody renews them
}

func newAuthority(apiKey, sessionID string) *authority {
	return &authority{cred: credential{apiKey: apiKey, sessionID: sessionID}}
}

// get gives the credentials in use, waiting while there are none because a
// session ended.
func (a *authority) get(ctx context.Context) (credential, error) {
	for {
		a.mu.Lock()
		cred, ended, refusal := a.cred, a.ended, a.refusal
		a.mu.Unlock()
		switch {
		case refusal != nil:
			return cred, refusal
		case ended == nil:
			return cred, nil
		}
		select {
		case <-ended:
		case <-ctx.Done():
			return cred, ctx.Err()
		}
	}
}

// peek gives the credentials in use, ended or not.
func (a *authority) peek() (credential, string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cred, a.username
}

// adopt replaces the credentials and lets the waiting calls go on.
func (a *authority) adopt(apiKey, sessionID, username string, proven bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cred = credential{apiKey: apiKey, sessionID: sessionID, gen: a.cred.gen + 1}
	if username != "" || sessionID == "" {
		a.username = username
	}
	a.key = nil
	a.proven = proven
	a.refusal = nil
	a.release()
}

// saw keeps what a login has seen of its key, when that is the one in use.
func (a *authority) saw(apiKey string, k backend.APIKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cred.apiKey == apiKey {
		a.key = &k
	}
}

// seen gives what the login has seen of the key, once: later it may be another.
func (a *authority) seen(gen uint64) (k backend.APIKey, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.key == nil || a.cred.gen != gen {
		return k, false
	}
	k, a.key = *a.key, nil
	return k, true
}

// prove notes that the credentials opened the site.
func (a *authority) prove(gen uint64) {
	a.mu.Lock()
	if a.cred.gen == gen {
		a.proven = true
	}
	a.mu.Unlock()
}

// end notes that the session of gen has ended. It tells whether the caller
// should wait for the next one, and whether it is the first to notice.
func (a *authority) end(gen uint64) (wait, first bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cred.gen != gen {
		return true, false // a newer session is already there
	}
	if a.borrowed || a.cred.sessionID == "" || a.cred.apiKey != "" {
		return false, false
	}
	if a.ended != nil || a.refusal != nil { // given up while this call was under way: it is told the same
		return true, false
	}
	if !a.proven {
		return false, false
	}
	a.ended = make(chan struct{})
	return true, true
}

// giveUp lets the waiting calls, and all later ones, fail with err.
func (a *authority) giveUp(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refusal = err
	a.release()
}

func (a *authority) release() {
	if a.ended != nil {
		close(a.ended)
		a.ended = nil
	}
}

// Renew gives the client a new session. Calls that wait because the old one
// ended go on with it.
func (c *Client) Renew(s backend.LoginSession) error {
	if err := checkCredential("session id", s.ID); err != nil {
		return err
	}
	c.auth.adopt("", s.ID, "", true)
	return nil
}

// GiveUp lets calls that wait for a new session fail with err, and all later
// calls too, until Login or Renew. A nil err stands for a plain refusal.
func (c *Client) GiveUp(err error) {
	if err == nil {
		err = &backend.Error{
			Class: backend.ClassInvalidSession, Group: backend.NotAuthenticated,
			Type: "not-authenticated/invalid-session", Title: "Invalid Session",
			Message: "The session has ended.",
		}
	}
	c.auth.giveUp(backend.AsError(err))
}
