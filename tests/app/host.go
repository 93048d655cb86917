package app

import (
	"context"
	"sync"

	"ferry/backend"
	"ferry/backend/profile"
	"ferry/backend/session"
	"ferry/views"
	"ferry/views/login"
	"ferry/views/transfers"
)

// Host opens sessions for the driver as main does.
type Host struct {
	Opener *session.Opener
	d      *Driver
	local  string
	keep   *profile.Store

	mu   sync.Mutex
	open map[*views.Session]*session.Session
	// Saved are the names under which logins were to be kept.
	Saved []string
}

// Login opens a session.
func (h *Host) Login(ctx context.Context, c backend.Credentials, saveAs string) (login.Opened[*views.Session], error) {
	s, err := h.Opener.Open(ctx, c)
	if err != nil {
		return login.Opened[*views.Session]{}, err
	}
	note := ""
	if saveAs != "" {
		h.Saved = append(h.Saved, saveAs)
		if note, err = h.save(saveAs, c, s); err != nil {
			return login.Opened[*views.Session]{}, err
		}
	}
	return login.Opened[*views.Session]{Session: h.adopt(s), Note: note}, nil
}

// save keeps a login that has worked, as main does.
func (h *Host) save(name string, c backend.Credentials, s *session.Session) (string, error) {
	if h.keep == nil {
		return "Saved as profile " + name, nil
	}
	saved, secret := session.Profile(name, c, s.Account)
	where, err := h.keep.Save(saved, secret)
	if err != nil {
		return "", err
	}
	return "Saved as profile " + name + "; the secret is in " + where, nil
}

// Demo opens the embedded site.
func (h *Host) Demo(ctx context.Context) (login.Opened[*views.Session], error) {
	s, err := h.Opener.Demo(ctx)
	if err != nil {
		return login.Opened[*views.Session]{}, err
	}
	return login.Opened[*views.Session]{Session: h.adopt(s)}, nil
}

// Renew logs in again.
func (h *Host) Renew(ctx context.Context, v *views.Session, c backend.Credentials) (backend.Account, error) {
	s := h.Session(v)
	err := s.Renew(ctx, c)
	return s.Account, err
}

// Session is what stands behind the screens; nil v is the only one.
func (h *Host) Session(v *views.Session) *session.Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	if v == nil {
		for _, s := range h.open {
			return s
		}
	}
	return h.open[v]
}

func (h *Host) adopt(s *session.Session) *views.Session {
	site := session.Site{Client: s.Client}
	v := &views.Session{Account: s.Account, Site: site, Resources: site, Disk: s.Disk, Queue: s.Engine}
	v.Files.LocalDir, v.Files.ReadOnly = h.local, s.Account.ReadOnly
	v.Close = func(ctx context.Context) { h.close(ctx, v) }
	v.GiveUp = s.Client.GiveUp
	h.mu.Lock()
	h.open[v] = s
	h.mu.Unlock()
	h.d.wg.Go(func() {
		for snap := range s.Engine.Subscribe(h.d.ctx) {
			h.d.send(transfers.SnapshotMsg{TransferSnapshot: snap})
		}
	})
	return v
}

func (h *Host) close(ctx context.Context, v *views.Session) {
	h.mu.Lock()
	s := h.open[v]
	delete(h.open, v)
	h.mu.Unlock()
	if s != nil {
		if err := s.Close(ctx); err != nil {
			h.d.t.Logf("close session: %v", err)
		}
	}
}

func (h *Host) closeAll() {
	h.mu.Lock()
	var all []*views.Session
	for v := range h.open {
		all = append(all, v)
	}
	h.mu.Unlock()
	for _, v := range all {
		h.close(context.Background(), v)
	}
}
