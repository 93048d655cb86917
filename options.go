package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ferry/backend"
	"ferry/backend/profile"
	"ferry/backend/session"
	"ferry/keymap"
	"ferry/theme"
	"ferry/views"
	"ferry/views/headless"
	"ferry/views/login"
)

// options are the flags, and what follows from them.
type options struct {
	profile string
	named   bool // profile, by the flag
	state   string
	keys    *keymap.Map
	clashes []string          // what is wrong with the keys that a person has changed; no reason to stop a script
	given   map[string]string // flags of settings that were given
	asked   string            // the way to log in that was asked for, "" for any
	set     profile.Settings
	store   *profile.Store
	saved   profile.Profile
	start   *backend.Credentials // the login that was found, nil when a person has to be asked
	end     *ender
}

// siteless annotates commands that talk to no site, and need no login.
const siteless = "siteless"

func (o *options) flags(f *pflag.FlagSet) {
	f.StringVarP(&o.profile, "profile", "P", os.Getenv("FERRY_PROFILE"), "`NAME` of a saved login (FERRY_PROFILE)")
	f.StringVar(&o.state, "state-dir", os.Getenv("FERRY_STATE_DIR"), "`FOLDER` of the transfer journal (default: the XDG state folder) (FERRY_STATE_DIR)")
	for _, s := range profile.All() {
		help := s.Help + " (" + s.Env() + ")"
		if s.Takes == "" {
			f.Bool(s.Name, false, help)
			continue
		}
		f.String(s.Name, "", help)
		v := f.Lookup(s.Name)
		v.Value = taking{v.Value, s.Takes}
	}
}

// taking is a flag's value that help calls by another name than its type's.
type taking struct {
	pflag.Value
	name string
}

// Type is the name.
func (t taking) Type() string { return t.name }

// read puts flags, environment and profile together. What is wrong with them is
// said here, before the screen is touched.
func (o *options) read(cmd *cobra.Command) (err error) {
	o.given = map[string]string{}
	for _, s := range profile.All() {
		if f := cmd.Flags().Lookup(s.Name); f != nil && f.Changed {
			o.given[s.Name] = f.Value.String()
		}
	}
	f := cmd.Flags().Lookup("profile")
	if o.named = f != nil && f.Changed; cmd.Annotations[siteless] != "" && !o.named {
		o.profile = "" // it uses none
	}
	if o.state == "" {
		o.state = filepath.Join(xdg.StateHome, "ferry")
	}
	o.store = profile.Open(filepath.Join(xdg.ConfigHome, "ferry"))
	if o.saved, err = o.store.Get(o.profile); err != nil {
		return err
	}
	env := os.Getenv
	if o.named {
		env = session.Behind(o.saved, env)
	}
	if o.asked, err = session.Asked(o.given, env); err != nil {
		return headless.Usage(err)
	}
	if o.set, err = profile.Resolve(o.given, env, o.saved); err != nil {
		return err
	}
	changed, err := o.store.Keys()
	if err != nil {
		return err
	}
	for _, a := range slices.Sorted(maps.Keys(changed)) {
		if err := o.keys.Remap(keymap.Action(a), changed[a]...); err != nil {
			o.clashes = append(o.clashes, fmt.Sprintf("[keys] of %s: %v", o.store.Path(), err))
		}
	}
	if len(changed) > 0 {
		for _, c := range o.keys.Clashes() {
			o.clashes = append(o.clashes, c+": give one of them another key in [keys] of "+o.store.Path())
		}
	}
	return nil
}

func (o *options) logger() (*slog.Logger, func(), error) {
	log, end, err := session.OpenLog(o.set, filepath.Join(o.state, "ferry.log"))
	if err != nil {
		file, why, how := o.set.LogFile, error(backend.AsError(err)), ""
		if file == "" {
			file, how = filepath.Join(o.state, "ferry.log"), "; name another with --log-file, or its folder with --state-dir"
		}
		if cause := errors.Unwrap(err); cause != nil {
			why = cause
		}
		err = headless.Usage(fmt.Errorf("the log file %q cannot be written: %w%s", file, why, how))
	}
	return log, end, err
}

func (o *options) opener(log *slog.Logger, state string) (*session.Opener, error) {
	return session.NewOpener(o.set, state, "Ferry/"+version(), log)
}

func (o *options) theme() views.ThemeChoice {
	c := views.ThemeChoice{Name: o.set.Theme, NoColour: os.Getenv("NO_COLOR") != ""}
	if o.set.ASCII {
		c.Glyphs = &theme.ASCII
	}
	return c
}

// localDir is where the local pane starts: where the program was called.
func (o *options) localDir() string {
	if o.set.LocalDir != "" {
		return o.set.LocalDir
	}
	if dir, err := os.Getwd(); err == nil {
		return dir
	}
	return ""
}

// credentials of the environment or of the profile, if there are any.
func (o *options) credentials() (backend.Credentials, bool, error) {
	if o.named {
		return session.NamedCredentials(o.set, o.asked, o.saved, o.store, os.Getenv)
	}
	return session.Credentials(o.set, o.asked, o.saved, o.store, os.Getenv)
}

// loginForm fills the prompt in; a saved login is tried at once.
func (o *options) loginForm() login.Form {
	f := login.Form{BaseURL: o.set.BaseURL, Username: o.set.Username}
	switch cmp.Or(o.asked, o.set.Method) {
	case "password":
		f.Method = login.Password
	case "session":
		f.Method = login.SessionID
	}
	c, ok, err := o.credentials()
	if err != nil {
		f.Error = err
		return f
	}
	if ok {
		start := c
		start.OTP = "" // of this one time
		f.Start, o.start = &c, &start
		switch {
		case c.SessionID != "":
			f.Method = login.SessionID
		case c.Password != "":
			f.Method = login.Password
		}
	}
	return f
}

// save keeps a login that has worked and tells where, or why it could not.
func (o *options) save(name string, c backend.Credentials, s *session.Session) (note string, done bool) {
	saved, secret := session.Profile(name, c, s.Account)
	where, err := o.store.Save(saved, secret)
	if err != nil {
		return "The login was not saved: " + backend.AsError(err).Message, false
	}
	return fmt.Sprintf("Saved as profile %s; the secret is in %s", name, where), true
}

// savedAs names the profile that a login came from, "" when it was typed.
func (o *options) savedAs(c backend.Credentials) string {
	c.OTP, c.Partial = "", "" // asked for in between
	if o.start == nil || c != *o.start {
		return ""
	}
	return o.saved.Name
}

// headless opens a session for a job without a screen. Its transfers have a
// place of their own in the journal. A session that ends is renewed when the
// login is known.
func (o *options) headless(ctx context.Context, journal bool) (*headless.Session, error) {
	c, ok, err := o.credentials()
	if err != nil {
		return nil, err
	}
	if !ok && o.asked != "" {
		return nil, headless.Usage(errors.New(session.Missing(o.set, o.asked, o.saved)))
	}
	if !ok {
		return nil, &backend.Error{
			Class: backend.ClassAuthentication, Group: backend.Client, Op: "log in",
			Message: session.Missing(o.set, "", o.saved),
		}
	}
	log, closeLog, err := o.logger()
	if err != nil {
		return nil, err
	}
	state := ""
	if journal {
		state = o.state
	}
	opener, err := o.opener(log, state)
	if err != nil {
		closeLog()
		return nil, err
	}
	opener.Owner = "headless"
	s, err := opener.Steady(ctx, c)
	if err != nil {
		closeLog()
		return nil, headless.LoggedInWith(session.Named(c, o.saved, os.Getenv), err)
	}
	return &headless.Session{
		Site: s.Client, Disk: s.Disk, Queue: s.Engine, ReadOnly: s.Client.ReadOnly(), OnlyReads: s.Account.ReadOnly, Ended: s.Ended(),
		Close: func(ctx context.Context) error { defer closeLog(); return s.Close(ctx) },
	}, nil
}
