// Package login is the login prompt: API key, user name and password, or an
// existing session id; second factors; and the way into the demo site.
package login

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/form"
)

// Opened is a session and what there is to say about how it was saved.
type Opened[S any] struct {
	Session S
	Note    string // e.g. that the secret went to a file, not to the key store
}

// Gate opens sessions of type S, which is the caller's affair.
type Gate[S any] interface {
	// Login opens a session. A saveAs that is not empty keeps the login as a
	// profile of that name once it has succeeded.
	Login(ctx context.Context, c backend.Credentials, saveAs string) (Opened[S], error)
	// Demo opens the embedded site.
	Demo(ctx context.Context) (Opened[S], error)
}

// DoneMsg tells the shell that a session is open.
type DoneMsg[S any] struct{ Opened[S] }

// Method is a way to log in.
type Method uint8

// The methods, in the order in which F3 goes through them.
const (
	APIKey Method = iota
	Password
	SessionID
	methods
)

// String is what the prompt calls the method.
func (m Method) String() string {
	return [...]string{"API key", "user name and password", "session id"}[m]
}

// Form is what the prompt is filled with at first.
type Form struct {
	Method   Method
	BaseURL  string
	Username string
	Error    error // why a saved login did not work, shown at once
	// Start logs in with these at once; the prompt shows that it does, and what
	// went wrong with it.
	Start *backend.Credentials
	// Back says that there is a session below, to which leaving the prompt goes
	// back.
	Back bool
	// Renews says that this login goes on with that session; it is not saved.
	Renews bool
}

// The keys of the fields.
const (
	fieldSite    = "site"
	fieldKey     = "key"
	fieldUser    = "user"
	fieldPass    = "password"
	fieldSession = "session"
	fieldSave    = "save"
	fieldCode    = "code"
)

// Screen is the prompt, an overlay over whatever there is.
type Screen[S any] struct {
	env    *ui.Env
	gate   Gate[S]
	why    string
	method Method
	reveal bool
	save   bool
	back   bool // there is a session below
	renews bool
	typed  map[string]string // survives changes of the method

	first  *backend.Credentials
	given  string // the address the prompt was opened with
	form   *form.Form
	second *backend.TwoFactor // set while a code is asked for
	load   ui.Loader[Opened[S]]
	busy   string
	fail   error
	w, h   int
}

// New makes the prompt. why is a sentence above the fields, may be empty.
func New[S any](env *ui.Env, gate Gate[S], f Form, why string) *Screen[S] {
	s := &Screen[S]{
		env: env, gate: gate, why: why, method: f.Method, fail: f.Error, first: f.Start, given: f.BaseURL, back: f.Back, renews: f.Renews,
		typed: map[string]string{fieldSite: f.BaseURL, fieldUser: f.Username},
	}
	s.rebuild()
	return s
}

// Init waits for a person, unless there are credentials to begin with.
func (s *Screen[S]) Init() tea.Cmd {
	if s.first == nil {
		return nil
	}
	c := *s.first
	s.first = nil
	s.typed[fieldSite], s.typed[fieldKey], s.typed[fieldSession] = c.BaseURL, c.APIKey, c.SessionID
	s.typed[fieldUser], s.typed[fieldPass] = c.Username, c.Password
	s.rebuild()
	return s.start("Logging in at "+pathutil.Display(c.BaseURL), func(ctx context.Context) (Opened[S], error) {
		return s.gate.Login(ctx, c, "")
	})
}

// Place is the middle.
func (s *Screen[S]) Place() ui.Place { return ui.Center }

// Typing is true: every key but the function keys is text.
func (s *Screen[S]) Typing() bool { return true }

// Decides is true of a prompt that opens by itself: a key typed ahead would be
// part of a password.
func (s *Screen[S]) Decides() bool { return s.renews }

// rebuild makes the fields of the method; what was typed stays.
func (s *Screen[S]) rebuild() {
	site := form.Field{
		Key: fieldSite, Label: "Site", Value: s.typed[fieldSite], Required: true,
		Placeholder: "subdomain, or https://host", Check: s.checkSite,
	}
	var fields []form.Field
	switch s.method {
	case APIKey:
		fields = []form.Field{site, {Key: fieldKey, Label: "API key", Value: s.typed[fieldKey], Kind: form.Secret, Required: true, Check: alphanumeric("an API key")}}
	case Password:
		fields = []form.Field{
			site,
			{Key: fieldUser, Label: "User name", Value: s.typed[fieldUser], Required: true},
			{Key: fieldPass, Label: "Password", Value: s.typed[fieldPass], Kind: form.Secret, Required: true},
		}
	default:
		fields = []form.Field{site, {Key: fieldSession, Label: "Session id", Value: s.typed[fieldSession], Kind: form.Secret, Required: true, Check: alphanumeric("a session id")}}
	}
	if s.save {
		fields = append(fields, form.Field{Key: fieldSave, Label: "Save as", Value: s.profileName(), Required: true, Check: checkProfile})
	}
	s.use(fields...)
	for _, f := range fields {
		if f.Value == "" {
			s.form.Focus(f.Key)
			break
		}
	}
}

func (s *Screen[S]) use(fields ...form.Field) {
	s.form = form.New(s.env, fields...)
	s.form.Reveal(s.reveal)
	s.Resize(s.w, s.h)
}

// checkSite lets an address stand that was not typed here: whoever set it by
// flag or profile, or is logged in there, meant it.
func (s *Screen[S]) checkSite(v string) string {
	if v != "" && v == s.given {
		return ""
	}
	return checkSite(v)
}

// profileName is the name offered for a profile: what was typed, else the
// first part of the site's host.
func (s *Screen[S]) profileName() string {
	if n := s.typed[fieldSave]; n != "" {
		return n
	}
	host := s.typed[fieldSite]
	if _, rest, ok := strings.Cut(host, "://"); ok {
		host = rest
	}
	host, _, _ = strings.Cut(host, "/")
	if first, _, ok := strings.Cut(host, "."); ok && !strings.ContainsAny(host, ":") {
		host = first
	}
	return strings.Map(func(r rune) rune {
		if r == ':' || r == '.' {
			return '-'
		}
		return r
	}, host)
}

func (s *Screen[S]) keep() {
	for k, v := range s.form.Values() {
		if k != fieldCode {
			s.typed[k] = v
		}
	}
}

// Keys offers the fields and the function keys.
func (s *Screen[S]) Keys() keymap.Set {
	set := keymap.Of(keymap.Submit, keymap.FieldNext, keymap.FieldPrev, keymap.LoginSecret)
	if s.second == nil {
		set = set.And(keymap.Of(keymap.LoginMethod, keymap.LoginSave, keymap.LoginDemo))
		if s.renews {
			set = set.Without(keymap.LoginSave)
		}
		if s.reveal {
			set = set.Named(keymap.LoginSecret, "hide")
		}
		if s.save {
			set = set.Named(keymap.LoginSave, "do not save")
		}
	}
	set = set.And(keymap.Of(keymap.LoginHelp, keymap.LoginQuit))
	switch {
	case s.load.Busy():
		set = set.Disable("wait for the answer, or cancel with esc",
			keymap.Submit, keymap.LoginMethod, keymap.LoginSave, keymap.LoginDemo).Named(keymap.LoginQuit, "cancel")
	case s.second != nil || s.back:
		set = set.Named(keymap.LoginQuit, "back")
	}
	return set
}

// Do moves between fields, switches, sends, or leaves.
func (s *Screen[S]) Do(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.LoginSecret:
		s.reveal = !s.reveal
		s.form.Reveal(s.reveal)
	case keymap.LoginMethod:
		s.keep()
		s.method = (s.method + 1) % methods
		s.fail = nil
		s.rebuild()
	case keymap.LoginSave:
		s.keep()
		s.save = !s.save
		here := s.form.Focused()
		s.rebuild()
		s.form.Focus(here) // who is typing goes on in the same field
	case keymap.LoginDemo:
		s.keep()
		return s.start("Opening the demo site", s.gate.Demo)
	case keymap.LoginHelp:
		return s.help()
	case keymap.LoginQuit:
		return s.leave()
	case keymap.Submit, keymap.FieldNext, keymap.FieldPrev:
		submitted, cmd := s.form.Do(a)
		if submitted {
			return ui.Batch(cmd, s.send())
		}
		return cmd
	}
	return nil
}

// leave goes one level back: a running request, the code, the prompt.
func (s *Screen[S]) leave() tea.Cmd {
	switch {
	case s.load.Busy():
		s.load.Cancel()
		s.busy = ""
	case s.second != nil:
		s.second, s.fail = nil, nil
		s.rebuild()
	default:
		return ui.Close(s)
	}
	return nil
}

func (s *Screen[S]) credentials() backend.Credentials {
	c := backend.Credentials{BaseURL: strings.TrimSpace(s.typed[fieldSite])}
	switch s.method {
	case APIKey:
		c.APIKey = strings.TrimSpace(s.typed[fieldKey])
	case Password:
		c.Username, c.Password = s.typed[fieldUser], s.typed[fieldPass]
	default:
		c.SessionID = strings.TrimSpace(s.typed[fieldSession])
	}
	return c
}

func (s *Screen[S]) send() tea.Cmd {
	s.keep()
	c := s.credentials()
	if s.second != nil {
		c.OTP = strings.TrimSpace(s.form.Values()[fieldCode])
		if s.second.Preferred() == "yubi" {
			c.Partial = s.second.Partial
		}
	}
	saveAs := ""
	if s.save {
		saveAs = strings.TrimSpace(s.typed[fieldSave])
	}
	return s.start("Logging in at "+pathutil.Display(c.BaseURL), func(ctx context.Context) (Opened[S], error) {
		return s.gate.Login(ctx, c, saveAs)
	})
}

func (s *Screen[S]) start(busy string, do func(context.Context) (Opened[S], error)) tea.Cmd {
	s.busy, s.fail = busy, nil
	return s.load.Load(s.env.Ctx, do)
}

// Update takes text and answers.
func (s *Screen[S]) Update(msg tea.Msg) tea.Cmd {
	if got, err, ok := s.load.Take(msg); ok {
		s.busy = ""
		if err == nil {
			return ui.Say(DoneMsg[S]{got})
		}
		s.refused(err)
		return nil
	}
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
		if s.load.Busy() {
			return nil
		}
	}
	return s.form.Update(msg)
}

// refused shows why, and asks for the code when that is what is missing.
func (s *Screen[S]) refused(err error) {
	e := backend.AsError(err)
	if e.TwoFactor == nil {
		s.fail = err
		if s.second != nil {
			s.askCode() // an empty field for the next try
		}
		return
	}
	if e.TwoFactor.Preferred() == "" {
		s.fail = &backend.Error{
			Class: e.Class, Group: backend.NotAuthenticated, Type: "not-authenticated/two-factor-authentication-method-unsupported-error",
			Message: fmt.Sprintf("The account uses %s, which a terminal cannot do", strings.Join(e.TwoFactor.Methods, ", ")),
		}
		return
	}
	s.second, s.fail = e.TwoFactor, nil
	s.askCode()
}

func (s *Screen[S]) askCode() {
	f := form.Field{Key: fieldCode, Label: "One-time code", Required: true}
	switch s.second.Preferred() {
	case "yubi":
		f.Label, f.Placeholder, f.Help = "Yubi key", "touch the key", "The key types its code and sends it by itself."
	case "totp":
		f.Placeholder, f.Help = "6 digits", "The newest code of your authenticator app."
		f.Check = digits
	case "sms":
		f.Placeholder, f.Help = "digits", "A code was sent to your phone."
		f.Check = digits
	}
	s.use(f)
}
