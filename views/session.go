package views

import (
	"context"
	"sync/atomic"

	"ferry/backend"
	"ferry/views/activity"
	"ferry/views/automations"
	"ferry/views/files"
	"ferry/views/login"
	"ferry/views/resources"
	"ferry/views/syncplan"
	"ferry/views/transfers"
	"ferry/views/users"
)

// Site is what the screens need of a logged-in Files.com site.
type Site interface {
	files.Store
	users.Directory
	automations.Board
	activity.Journal
}

// Disk is what the screens need of this machine's file system.
type Disk interface {
	files.Disk
	transfers.Disk
}

// Queue is what the screens and the shell need of the transfer engine.
type Queue interface {
	files.Queue
	transfers.Queue
	syncplan.Engine
	// Unpark goes on after a lost session or connection.
	Unpark()
	// ResumeInterrupted goes on with what the end of an earlier program stopped;
	// what a person has paused stays paused.
	ResumeInterrupted()
	// CancelAll ends every job; what was moved so far stays.
	CancelAll()
}

// Session is one logged-in site with all that belongs to it. Close ends its
// goroutines and, where there is one, the login session on the site.
type Session struct {
	Account   backend.Account
	Site      Site
	Resources resources.Store
	Disk      Disk
	Queue     Queue
	Files     files.Options
	Profile   string // the saved login that commands get here with, "" for none
	// Watch starts to send what happens below the screens, as Below messages. The
	// state of the queue comes at once. It is called when the session is on the
	// screen; nil where nothing is sent.
	Watch func()
	Close func(context.Context)
	// GiveUp lets the requests that wait for a new login fail with an error, and
	// all later ones too; nil where nothing waits.
	GiveUp func(error)
}

// Host opens sessions. main satisfies it with the client, the engine, the
// embedded site and the saved profiles.
type Host interface {
	login.Gate[*Session]
	// Renew logs in again for a session that ended and gives the account as it
	// is now. It must not touch s, which the screen is showing.
	Renew(ctx context.Context, s *Session, c backend.Credentials) (backend.Account, error)
}

// renewal lets the login prompt renew the session it is given.
type renewal struct {
	Host
	session *Session
	account atomic.Pointer[backend.Account] // after a login that worked; set by its command
}

// Login renews instead of opening; nothing is saved, and who asked for it is told.
func (r *renewal) Login(ctx context.Context, c backend.Credentials, saveAs string) (login.Opened[*Session], error) {
	acc, err := r.Renew(ctx, r.session, c)
	if err != nil {
		return login.Opened[*Session]{}, err
	}
	r.account.Store(&acc)
	note := ""
	if saveAs != "" {
		note = "Logged in again, but not saved: only the login that opens a site is"
	}
	return login.Opened[*Session]{Session: r.session, Note: note}, nil
}
