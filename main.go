// Ferry is a file manager and administration console for Files.com sites in the
// terminal. main reads flags, wires sessions and program, and turns the result
// into an exit code.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/fang/v2"
	"github.com/adrg/xdg"
	"github.com/atotto/clipboard"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ferry/backend"
	"ferry/backend/profile"
	"ferry/backend/server"
	"ferry/backend/session"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/views"
	"ferry/views/headless"
	"ferry/views/login"
	"ferry/views/transfers"
)

func main() { os.Exit(run(os.Args[1:])) }

// run is main with an exit code. SIGHUP counts as an end too, so that closing
// the window does not cut transfers off without their journal.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	err := fang.Execute(ctx, root,
		fang.WithVersion(version()),
		fang.WithErrorHandler(func(w io.Writer, _ fang.Styles, err error) { headless.Report(root.OutOrStdout(), w, args, err) }),
		fang.WithNotifySignal(syscall.SIGTERM, syscall.SIGHUP),
	)
	return headless.ExitCode(err)
}

func version() string {
	if i, ok := debug.ReadBuildInfo(); ok && i.Main.Version != "" {
		return i.Main.Version
	}
	return "development"
}

// program holds what one run of the screen shares.
type program struct {
	opt    *options
	opener *session.Opener
	ctx    context.Context
	waits  session.Waits

	mu      sync.Mutex // guards what follows: commands touch it
	tea     *tea.Program
	open    map[*views.Session]*session.Session
	over    bool // no session may be opened any more
	closing sync.WaitGroup
}

// screen runs the program on the terminal until the person leaves it.
func screen(ctx context.Context, opt *options, demo bool) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	logger, closeLog, err := opt.logger()
	if err != nil {
		return err
	}
	defer closeLog()
	p := &program{opt: opt, ctx: ctx, open: map[*views.Session]*session.Session{}}
	p.opener, err = opt.opener(logger, opt.state)
	if err != nil {
		return err
	}
	p.opener.OnWait = p.waits.Note

	choice := opt.theme()
	env := ui.NewEnv(ctx, theme.Pick(choice.Name, choice.NoColour, true, choice.Glyphs), opt.keys, time.Now)
	cfg := views.Config{Env: env, Host: p, Theme: choice, Version: version()}
	if opt.set.Notify != "off" {
		cfg.Call = views.Call(opt.set.Notify)
	}
	if !clipboard.Unsupported {
		cfg.Clipboard = clipboard.WriteAll
	}
	if demo {
		s, err := p.Demo(ctx)
		if err != nil {
			return err
		}
		cfg.Session = s.Session
	} else {
		cfg.Login = opt.loginForm()
	}
	// The sessions outlive the program's loop, whatever ends it; what is still
	// being opened then does not.
	defer func() {
		cancel()
		p.closeAll()
	}()
	app := views.New(cfg)
	t := tea.NewProgram(app, tea.WithContext(ctx))
	p.mu.Lock()
	p.tea = t
	p.mu.Unlock()
	_, err = t.Run()
	if said := app.Farewell(); said != "" && err == nil {
		_, err = fmt.Println(said)
	}
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return context.Canceled
	}
	return err
}

// Login opens a session and, when asked to, keeps it as a profile.
func (p *program) Login(ctx context.Context, c backend.Credentials, saveAs string) (login.Opened[*views.Session], error) {
	note, saved := "", p.opt.savedAs(c)
	v, err := p.enter(ctx, func(o *session.Opener) (*session.Session, error) {
		s, err := o.Open(ctx, c)
		if err == nil && saveAs != "" {
			var done bool
			if note, done = p.opt.save(saveAs, c, s); done {
				saved = saveAs
			}
		}
		return s, err
	})
	if err == nil {
		v.Profile = saved
	}
	return login.Opened[*views.Session]{Session: v, Note: note}, err
}

// Demo opens the embedded site.
func (p *program) Demo(ctx context.Context) (login.Opened[*views.Session], error) {
	v, err := p.enter(ctx, func(o *session.Opener) (*session.Session, error) { return o.Demo(ctx) })
	return login.Opened[*views.Session]{Session: v}, err
}

// enter opens a session for the screens. One that is opened when nobody waits
// for it any more is closed again.
func (p *program) enter(ctx context.Context, open func(*session.Opener) (*session.Session, error)) (*views.Session, error) {
	var mine atomic.Pointer[views.Session]
	o := *p.opener
	o.OnEnded = func(err error) {
		if v := mine.Load(); v != nil {
			// The client's call must not wait for the screen.
			go p.send(views.Below{Session: v, Msg: views.SessionEndedMsg{Err: err}})
		}
	}
	o.Reauthenticate = func(ctx context.Context, e *backend.Error) (string, error) {
		if v := mine.Load(); v != nil {
			return p.reauthenticate(ctx, v, e)
		}
		return "", e
	}
	s, err := open(&o)
	if err != nil {
		return nil, err
	}
	v, err := p.adopt(ctx, s)
	if err != nil {
		p.end(ctx, s)
		return nil, err
	}
	mine.Store(v)
	return v, nil
}

// Renew logs in again for a session that has ended.
func (p *program) Renew(ctx context.Context, v *views.Session, c backend.Credentials) (backend.Account, error) {
	p.mu.Lock()
	s := p.open[v]
	p.mu.Unlock()
	if s == nil {
		return backend.Account{}, &backend.Error{Class: backend.ClassAuthentication, Group: backend.Client, Message: "That session has been closed."}
	}
	err := s.Renew(ctx, c)
	return s.Account, err
}

// adopt makes a session one that the screens can use.
func (p *program) adopt(ctx context.Context, s *session.Session) (*views.Session, error) {
	site := session.Site{Client: s.Client}
	v := &views.Session{
		Account: s.Account, Site: site, Resources: site, Disk: s.Disk, Queue: s.Engine,
	}
	v.Files.LocalDir, v.Files.ReadOnly = p.opt.localDir(), s.Account.ReadOnly
	v.Watch = func() { p.watch(v, s) }
	v.Close = func(ctx context.Context) { p.close(ctx, v) }
	v.GiveUp = s.Client.GiveUp
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.over {
		return nil, context.Canceled
	}
	p.open[v] = s
	return v, nil
}

func (p *program) close(ctx context.Context, v *views.Session) {
	p.mu.Lock()
	s := p.open[v]
	if s != nil {
		delete(p.open, v)
		p.closing.Add(1)
		defer p.closing.Done()
	}
	p.mu.Unlock()
	if s != nil {
		p.end(ctx, s)
	}
}

func (p *program) end(ctx context.Context, s *session.Session) {
	if err := s.Close(ctx); err != nil && p.opener.Logger != nil {
		p.opener.Logger.Warn("close session", "err", err)
	}
}

// closeAll closes every session and waits for those that a command is closing.
func (p *program) closeAll() {
	p.mu.Lock()
	p.over = true
	all := slices.Collect(maps.Keys(p.open))
	p.mu.Unlock()
	for _, v := range all {
		p.close(context.WithoutCancel(p.ctx), v)
	}
	p.closing.Wait()
}

// send gives the program's loop a message. It waits while the loop is busy, and
// does nothing once the program has ended.
func (p *program) send(msg tea.Msg) {
	p.mu.Lock()
	t := p.tea
	p.mu.Unlock()
	if t != nil {
		t.Send(msg)
	}
}

// reauthenticate asks the person on behalf of a request that waits for it.
func (p *program) reauthenticate(ctx context.Context, v *views.Session, e *backend.Error) (string, error) {
	answer := make(chan string, 1)
	p.send(views.Below{Session: v, Msg: views.ReauthMsg{Err: e, Answer: answer}})
	select {
	case secret, ok := <-answer:
		if !ok {
			return "", context.Canceled
		}
		return secret, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// watch carries what happens below the screen into the program's loop, until
// the engine is closed or the program ends.
func (p *program) watch(v *views.Session, s *session.Session) {
	snapshots := s.Engine.Subscribe(p.ctx)
	go func() {
		net := time.NewTicker(500 * time.Millisecond)
		defer net.Stop()
		var last views.NetMsg
		for {
			select {
			case snap, ok := <-snapshots:
				if !ok {
					return
				}
				p.send(views.Below{Session: v, Msg: transfers.SnapshotMsg{TransferSnapshot: snap}})
			case <-net.C:
				st := s.Client.Stats()
				now := views.NetMsg{Latency: st.Latency.Truncate(time.Millisecond) + time.Millisecond, InFlight: st.InFlight, Waiting: p.waits.Text(time.Now())}
				if now != last {
					last = now
					p.send(views.Below{Session: v, Msg: now})
				}
			case <-p.ctx.Done():
				return
			}
		}
	}()
}

func newRoot() *cobra.Command {
	opt := &options{keys: keymap.Default()}
	root := &cobra.Command{
		Use:   "ferry",
		Short: "A file manager and administration console for Files.com in the terminal",
		Long: "Ferry shows this machine and a Files.com site side by side, moves files between them,\n" +
			"and administers users, automations and everything else the site has.\n\n" +
			"Without a profile it starts with the login prompt; 'ferry demo' needs no account.",
		Args:              headless.Args(cobra.NoArgs),
		SilenceUsage:      true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return opt.read(cmd) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return screen(cmd.Context(), opt, false) },
	}
	opt.flags(root.PersistentFlags())
	root.SetFlagErrorFunc(headless.FlagError)
	root.AddCommand(
		&cobra.Command{
			Use: "demo", Short: "Open the demo site, which runs inside the program: no account, no network", Args: headless.Args(cobra.NoArgs),
			RunE: func(cmd *cobra.Command, _ []string) error { return screen(cmd.Context(), opt, true) },
		},
		newServe(opt), newKeys(opt),
	)
	for _, c := range headless.Commands(opt.headless) {
		c.PreRun = func(*cobra.Command, []string) { // the settings are known by then
			if opt.set.ASCII {
				headless.Spell(root, theme.ASCII.Spell)
			}
		}
		root.AddCommand(c)
	}
	return root
}

func newKeys(opt *options) *cobra.Command {
	return &cobra.Command{
		Use: "keys", Short: "Print all keys as Markdown", Args: headless.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), opt.keys.Markdown())
			return err
		},
	}
}

// options are the flags, and what follows from them.
type options struct {
	profile string
	state   string
	keys    *keymap.Map
	given   map[string]string // flags of settings that were given
	set     profile.Settings
	store   *profile.Store
	saved   profile.Profile
	start   *backend.Credentials // the login that was found, nil when a person has to be asked
}

func (o *options) flags(f *pflag.FlagSet) {
	f.StringVarP(&o.profile, "profile", "P", os.Getenv("FERRY_PROFILE"), "name of a saved login")
	f.StringVar(&o.state, "state-dir", os.Getenv("FERRY_STATE_DIR"), "folder of the transfer journal (default: the XDG state folder)")
	for _, s := range profile.All() {
		help := s.Help + " (" + s.Env() + ")"
		if s.Bool {
			f.Bool(s.Name, false, help)
		} else {
			f.String(s.Name, "", help)
		}
	}
}

// read puts flags, environment and profile together. What is wrong with them is
// said here, before the screen is touched.
func (o *options) read(cmd *cobra.Command) (err error) {
	o.given = map[string]string{}
	for _, s := range profile.All() {
		if f := cmd.Flags().Lookup(s.Name); f != nil && f.Changed {
			o.given[s.Name] = f.Value.String()
		}
	}
	if o.state == "" {
		o.state = filepath.Join(xdg.StateHome, "ferry")
	}
	o.store = profile.Open(filepath.Join(xdg.ConfigHome, "ferry"))
	if o.saved, err = o.store.Get(o.profile); err != nil {
		return err
	}
	if o.set, err = profile.Resolve(o.given, os.Getenv, o.saved); err != nil {
		return err
	}
	changed, err := o.store.Keys()
	if err != nil {
		return err
	}
	for _, a := range slices.Sorted(maps.Keys(changed)) {
		if err := o.keys.Remap(keymap.Action(a), changed[a]...); err != nil {
			return fmt.Errorf("%s: %w", o.store.Path(), err)
		}
	}
	return nil
}

func (o *options) logger() (*slog.Logger, func(), error) {
	log, end, err := session.OpenLog(o.set, filepath.Join(o.state, "ferry.log"))
	if file := o.set.LogFile; err != nil && file != "" {
		why := error(backend.AsError(err))
		if cause := errors.Unwrap(err); cause != nil {
			why = cause
		}
		err = headless.Usage(fmt.Errorf("the log file %q cannot be written: %w", file, why))
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
	return session.Credentials(o.set, o.saved, o.store, os.Getenv)
}

// loginForm fills the prompt in; a saved login is tried at once.
func (o *options) loginForm() login.Form {
	f := login.Form{BaseURL: o.set.BaseURL, Username: o.set.Username}
	switch o.set.Method {
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
		f.Start, o.start = &c, &c
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
	if !ok {
		return nil, &backend.Error{
			Class: backend.ClassAuthentication, Group: backend.Client, Op: "log in",
			Message: "no API key, password or session is given",
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
		return nil, err
	}
	return &headless.Session{
		Site: s.Client, Disk: s.Disk, Queue: s.Engine, ReadOnly: s.Client.ReadOnly(), OnlyReads: s.Account.ReadOnly, Ended: s.Ended(),
		Close: func(ctx context.Context) error { defer closeLog(); return s.Close(ctx) },
	}, nil
}

// newServe puts the embedded site on a TCP port.
func newServe(opt *options) *cobra.Command {
	var addr, world, data string
	var asJSON, open, empty, chaos bool
	var faults []string
	const short = "Put the demo site on a TCP port, for any Files.com client"
	cmd := &cobra.Command{
		Use: "serve", Short: short, Long: short + ".\n\n" + server.FaultHelp(), Args: headless.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := server.Options{World: world, DataDir: data}
			if empty {
				if world != "" && world != "empty" {
					return headless.Usage(errors.New("--empty and --world exclude each other"))
				}
				o.World = "empty"
			}
			for _, text := range faults {
				list, err := readFaults(text)
				if err != nil {
					return headless.Usage(fmt.Errorf("--fault %q: %w", text, err))
				}
				o.Faults = append(o.Faults, list...)
			}
			if chaos {
				o.Faults = append(o.Faults, server.Chaos()...)
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			log, closeLog, err := opt.logger()
			if err != nil {
				return err
			}
			defer closeLog()
			o.Logger = log
			return serve(ctx, cmd.OutOrStdout(), addr, open, asJSON, o)
		},
	}
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return headless.Called(cmd, run(cmd, args)) }
	cmd.SetHelpFunc(func(c *cobra.Command, args []string) {
		c.InheritedFlags().VisitAll(func(f *pflag.Flag) { // the others are for the screen and for what talks to a site
			f.Hidden = f.Name != "log-file" && f.Name != "log-level"
		})
		c.Root().HelpFunc()(c, args)
	})
	f := cmd.Flags()
	f.StringVar(&addr, "addr", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	f.StringVar(&world, "world", "", "what the site holds at first: demo, small, huge or empty (demo, or what --data holds)")
	f.BoolVar(&empty, "empty", false, "begin with nothing: --world empty")
	f.StringArrayVar(&faults, "fault", nil, `what goes wrong, such as "match=storage.get; nth=3; truncate=1000", or @FILE, see above; may be repeated`)
	f.BoolVar(&chaos, "chaos", false, "a believable mix of what goes wrong on a bad day")
	f.StringVar(&data, "data", "", "folder that keeps the site; without it nothing is kept")
	f.BoolVar(&asJSON, "json", false, "print one line of JSON when ready")
	f.BoolVar(&open, "open-to-network", false, "allow an address that other machines can reach")
	return cmd
}

// readFaults takes faults as they are written, or with @ in front the file that
// holds them.
func readFaults(text string) ([]server.Fault, error) {
	name, inFile := strings.CutPrefix(text, "@")
	if !inFile {
		return server.ParseFaults(text)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	list, err := server.ParseFaults(string(b))
	if err == nil && len(list) == 0 {
		err = errors.New("the file has no fault")
	}
	return list, err
}

func serve(ctx context.Context, out io.Writer, addr string, open, asJSON bool, o server.Options) (err error) {
	l, err := server.ListenTCP(ctx, addr, open)
	if err != nil {
		return err
	}
	site, err := server.Open(ctx, o)
	if err != nil {
		return errors.Join(headless.Usage(err), l.Close()) // a --world or --data that cannot be
	}
	defer func() { err = errors.Join(err, site.Close()) }()
	site.SetBaseURL("http://" + l.Addr().String())
	info := site.Info()
	if asJSON {
		err = json.NewEncoder(out).Encode(info)
	} else {
		err = info.WriteText(out)
	}
	if err != nil {
		return err
	}
	return site.Serve(ctx, l)
}
