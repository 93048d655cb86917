package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/atotto/clipboard"
	"github.com/charmbracelet/x/term"

	"ferry/backend"
	"ferry/backend/session"
	"ferry/theme"
	"ferry/ui"
	"ferry/views"
	"ferry/views/headless"
	"ferry/views/login"
	"ferry/views/transfers"
)

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
	if !onTerminal() {
		return headless.Usage(errors.New("the screen needs a terminal for input and output; scripts use commands such as ferry ls and ferry put"))
	}
	p := &program{opt: opt, ctx: ctx, open: map[*views.Session]*session.Session{}}
	p.opener, err = opt.opener(logger, opt.state)
	if err != nil {
		return err
	}
	p.opener.OnWait = p.waits.Note

	choice := opt.theme()
	env := ui.NewEnv(ctx, theme.Pick(choice.Name, choice.NoColour, true, choice.Glyphs), opt.keys, time.Now)
	cfg := views.Config{Env: env, Host: p, Theme: choice, Version: version(), Warnings: opt.clashes}
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
	// The library would turn a signal into a quit of its own, which wins over the
	// end of the context now and then and looks as if the person had left.
	t := tea.NewProgram(app, tea.WithContext(ctx), tea.WithoutSignalHandler())
	p.mu.Lock()
	p.tea = t
	p.mu.Unlock()
	restore := t.Kill
	opt.end.restore.Store(&restore)
	_, err = t.Run()
	ended := ctx.Err() != nil
	cancel()
	p.closeAll() // what is left to say tells what was kept
	if said := app.Farewell(); said != "" && err == nil {
		_, err = fmt.Println(hanging(os.Stdout, said))
	}
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) && ended {
		return context.Canceled
	}
	return err
}

// onTerminal tells whether there is a terminal to draw on and one to read keys
// from, which need not be the standard input.
func onTerminal() bool {
	if !term.IsTerminal(os.Stdout.Fd()) {
		return false
	}
	if term.IsTerminal(os.Stdin.Fd()) || runtime.GOOS == "windows" {
		return true
	}
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	return tty.Close() == nil
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
