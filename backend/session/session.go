// Package session is one logged-in site with everything behind it: the client,
// the transfer engine, the local disk and, for the demo, the site itself.
package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"ferry/backend"
	"ferry/backend/api"
	"ferry/backend/local"
	"ferry/backend/server"
	"ferry/backend/transfer"
)

// Opener opens sessions with the settings of this run.
type Opener struct {
	Client   api.Config // settings; the credentials and the base URL are filled in
	StateDir string     // where the journal of transfers lives; "" keeps none
	Owner    string     // whose transfers the journal gives back, when several programs share it
	World    string     // demo world: "demo" or "small"
	Logger   *slog.Logger

	// OnWait and OnEnded are told what happens below the calls; they must not
	// block. Either may be nil.
	OnWait  func(api.Wait)
	OnEnded func(error)
	// Reauthenticate asks for the password or a one-time code when the site
	// wants it for a sensitive call, which is then repeated. It may take its
	// time; nil lets such calls fail.
	Reauthenticate func(context.Context, *backend.Error) (string, error)

	failed  transfer.Keep // of the jobs of the journal
	sparing bool          // nobody looks at those that were interrupted
}

// Session is an open site. Close ends it.
type Session struct {
	Account backend.Account
	Client  *api.Client
	Engine  *transfer.Engine
	Disk    *local.FS

	readOnly bool // asked for by the settings
	logout   bool // a login session of ours has to be ended on the site
	site     *server.Server
	inside   *server.Local
}

// Open logs in with c and starts the engine. Every failure is a *backend.Error;
// a missing second factor is one with TwoFactor set.
func (o *Opener) Open(ctx context.Context, c backend.Credentials) (*Session, error) {
	return o.open(ctx, o.Client, c, o.StateDir)
}

// Demo starts the embedded site and logs in to it as its administrator. Its
// transfers are not kept: the site they belong to ends with the session.
func (o *Opener) Demo(ctx context.Context) (*Session, error) {
	world := o.World
	if world == "" {
		world = "demo"
	}
	site, err := server.Open(ctx, server.Options{World: world, Logger: o.Logger})
	if err != nil {
		return nil, fmt.Errorf("open the demo site: %w", err)
	}
	inside := site.Listen()
	cfg := o.Client
	cfg.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return inside.DialContext(ctx, "tcp", "") }
	info := site.Info()
	admin := info.Users[0]
	s, err := o.open(ctx, cfg, backend.Credentials{BaseURL: info.BaseURL, Username: admin.Username, Password: admin.Password}, "")
	if err != nil {
		return nil, errors.Join(err, inside.Close(), site.Close())
	}
	s.site, s.inside = site, inside
	s.Account.Demo = true
	return s, nil
}

func (o *Opener) open(ctx context.Context, cfg api.Config, c backend.Credentials, stateDir string) (*Session, error) {
	if c.BaseURL != "" {
		cfg.BaseURL = c.BaseURL
	}
	var running atomic.Pointer[transfer.Engine]
	cfg.OnWait = func(w api.Wait) {
		if e := running.Load(); e != nil && !w.Over && errors.Is(w.Err, backend.RateLimited) {
			e.PushedBack(w.Err, w.Delay)
		}
		if o.OnWait != nil {
			o.OnWait(w)
		}
	}
	cfg.Reauthenticate = o.Reauthenticate
	cfg.OnSessionEnded = func(err error) {
		if e := running.Load(); e != nil {
			e.Park("the session has ended")
		}
		if o.OnEnded != nil {
			o.OnEnded(err)
		}
	}
	client, login, err := api.Open(ctx, cfg, c)
	if err != nil {
		return nil, err
	}
	account, err := client.WhoAmI(ctx)
	if err != nil {
		client.Close()
		return nil, err
	}
	if account.Expires.IsZero() {
		account.Expires = login.Expires
	}
	account.ReadOnly = account.ReadOnly || login.ReadOnly || cfg.ReadOnly
	disk := local.New()
	engine, err := transfer.New(transfer.Config{
		Site: client, Local: disk, Clock: local.Clock{}, Log: o.Logger,
		StateDir: stateDir, SiteID: siteID(account, o.Owner), Failed: o.failed, Sparing: o.sparing,
	})
	if err != nil {
		client.Close()
		return nil, err
	}
	running.Store(engine)
	return &Session{
		Account: account, Client: client, Engine: engine, Disk: disk,
		readOnly: cfg.ReadOnly, logout: opensSession(c),
	}, nil
}

// opensSession tells whether logging in with c leaves a session on the site that
// is ours to end.
func opensSession(c backend.Credentials) bool { return c.APIKey == "" && c.SessionID == "" }

// siteID names who may go on with a transfer: site, user and program. What
// stands behind the line break is no part of the site's name.
func siteID(a backend.Account, owner string) string {
	id := a.BaseURL + " " + a.Username + a.KeyName
	if owner != "" {
		id += "\n" + owner
	}
	return id
}

// Renew logs in again for a session that has ended; calls that waited go on.
// Account is then that of whoever has logged in, as far as the site tells.
func (s *Session) Renew(ctx context.Context, c backend.Credentials) error {
	if c.BaseURL == "" {
		c.BaseURL = s.Account.BaseURL
	}
	login, err := s.Client.Login(ctx, c)
	if err != nil {
		return err
	}
	s.logout = opensSession(c)
	s.Engine.Unpark()
	if acc, err := s.Client.WhoAmI(ctx); err == nil {
		acc.Demo, acc.ReadOnly = s.Account.Demo, acc.ReadOnly || login.ReadOnly || s.readOnly
		s.Account = acc
	}
	if s.Account.Expires.IsZero() || !login.Expires.IsZero() {
		s.Account.Expires = login.Expires
	}
	return nil
}

// Close stops the engine, which keeps what is unfinished in its journal, ends
// the login session on the site, and with it the site itself when it is the
// embedded one.
func (s *Session) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := s.Engine.Close(ctx)
	if s.logout {
		if e := s.Client.Logout(ctx); e != nil && !backend.SessionEnded(e) {
			err = errors.Join(err, e)
		}
	}
	s.Client.Close()
	if s.inside != nil {
		err = errors.Join(err, s.inside.Close(), s.site.Close())
	}
	return err
}
