// Package app drives the root model without a terminal: press a key, run the
// commands to the end, read what the screen says.
//
// Idle is when no command runs but those that sleep on the clock, which the
// test turns by hand. Nothing here waits for a fixed time.
package app

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"ferry/backend/profile"
	"ferry/backend/session"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/views"
	"ferry/views/login"
)

// patience bounds every wait for something that happens outside the loop. It is
// long because other machines are slow; nothing waits that long in passing.
const patience = 5 * time.Minute

// Driver plays one person at one terminal.
type Driver struct {
	t    testing.TB
	App  *views.App
	Env  *ui.Env
	Host *Host

	inbox chan tea.Msg
	ctx   context.Context
	stop  context.CancelFunc
	wg    sync.WaitGroup

	mu    sync.Mutex
	busy  int // commands that run and do not sleep
	held  int // so many of them are known to wait for something else
	now   time.Time
	naps  []*nap
	quit  bool
	clips []string
}

type nap struct {
	until time.Time
	wake  chan struct{}
}

// Options is how a Driver starts.
type Options struct {
	World   string // of the embedded site; "" is small
	Login   bool   // start with the prompt instead of the demo
	Form    login.Form
	W, H    int // 0 is 120×36
	Theme   string
	Glyphs  *theme.Glyphs
	Local   string         // folder of the local pane; "" is an empty one
	Keep    *profile.Store // where logins are saved; nil only notes the name
	Prepare func(*session.Opener)
}

// New starts the program on the embedded site and waits until it is idle.
func New(t testing.TB, o Options) *Driver {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	d := &Driver{t: t, inbox: make(chan tea.Msg, 1024), ctx: ctx, stop: stop, now: time.Now()}
	t.Cleanup(d.close)
	if o.World == "" {
		o.World = "small"
	}
	if o.Local == "" {
		o.Local = t.TempDir()
	}
	th, ok := theme.Named(cmpOr(o.Theme, "plain"), o.Glyphs)
	if !ok {
		t.Fatalf("there is no theme %q", o.Theme)
	}
	d.Env = ui.NewEnv(ctx, th, keymap.Default(), d.Now)
	d.Env.Sleep = d.sleep
	opener := &session.Opener{World: o.World, StateDir: t.TempDir()}
	opener.OnEnded = func(err error) { d.send(views.SessionEndedMsg{Err: err}) }
	if o.Prepare != nil {
		o.Prepare(opener)
	}
	d.Host = &Host{d: d, Opener: opener, local: o.Local, keep: o.Keep, open: map[*views.Session]*session.Session{}}
	cfg := views.Config{
		Env: d.Env, Host: d.Host, Login: o.Form, Version: "test",
		Theme: views.ThemeChoice{Name: th.Name, NoColour: th.Name == "plain", Glyphs: o.Glyphs},
	}
	if !o.Login {
		s, err := d.Host.Demo(ctx)
		if err != nil {
			t.Fatalf("open the demo: %v", err)
		}
		cfg.Session = s.Session
	}
	d.App = views.New(cfg)
	if o.W == 0 {
		o.W, o.H = 120, 36
	}
	d.start(d.App.Init())
	d.Resize(o.W, o.H)
	return d
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (d *Driver) close() {
	d.Host.closeAll()
	d.stop()
	d.wg.Wait()
}

// Now is the driver's clock.
func (d *Driver) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// sleep is the clock of the commands: asleep they do not count as busy.
func (d *Driver) sleep(ctx context.Context, dur time.Duration) error {
	d.mu.Lock()
	n := &nap{until: d.now.Add(dur), wake: make(chan struct{})}
	d.naps = append(d.naps, n)
	d.busy--
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.naps = slices.DeleteFunc(d.naps, func(x *nap) bool { return x == n })
		d.mu.Unlock()
	}()
	select {
	case <-n.wake: // Advance has counted this command as busy again
		return nil
	case <-ctx.Done():
	case <-d.ctx.Done():
	}
	d.mu.Lock()
	d.busy++
	d.mu.Unlock()
	return context.Canceled
}

// Advance turns the clock and runs what has come due.
func (d *Driver) Advance(dur time.Duration) {
	d.t.Helper()
	d.mu.Lock()
	d.now = d.now.Add(dur)
	for _, n := range d.naps {
		if !n.until.After(d.now) {
			n.until = time.Unix(1<<40, 0)
			d.busy++
			close(n.wake)
		}
	}
	d.mu.Unlock()
	d.Idle()
}

// start runs a command beside the loop.
func (d *Driver) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.mu.Lock()
	d.busy++
	d.mu.Unlock()
	d.wg.Go(func() {
		msg := cmd()
		d.send(msg)
		d.mu.Lock()
		d.busy--
		d.mu.Unlock()
	})
}

func (d *Driver) send(msg tea.Msg) {
	if msg == nil {
		return
	}
	select {
	case d.inbox <- msg:
	case <-d.ctx.Done():
	}
}

// take gives one message to the model.
func (d *Driver) take(msg tea.Msg) {
	switch m := msg.(type) {
	case nil:
		return
	case tea.QuitMsg:
		d.quit = true
		return
	case tea.BatchMsg:
		for _, c := range m {
			d.start(c)
		}
		return
	}
	if cmds, ok := sequence(msg); ok {
		d.inOrder(cmds)
		return
	}
	if text, ok := clipboard(msg); ok {
		d.clips = append(d.clips, text)
		return
	}
	_, cmd := d.App.Update(msg)
	d.start(cmd)
}

// inOrder runs commands one after another: the next one when the message of the
// one before has been taken.
func (d *Driver) inOrder(cmds []tea.Cmd) {
	d.start(func() tea.Msg {
		for _, c := range cmds {
			if c != nil {
				d.send(c())
			}
		}
		return nil
	})
}

// sequence opens a tea.Sequence, whose type is not exported.
func sequence(msg tea.Msg) ([]tea.Cmd, bool) {
	v := reflect.ValueOf(msg)
	if v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		return nil, false
	}
	out := make([]tea.Cmd, v.Len())
	for i := range out {
		out[i], _ = v.Index(i).Interface().(tea.Cmd)
	}
	return out, true
}

// clipboard recognises the text sent to the clipboard, likewise.
func clipboard(msg tea.Msg) (string, bool) {
	v := reflect.ValueOf(msg)
	if v.Kind() == reflect.String && strings.HasSuffix(v.Type().Name(), "lipboardMsg") {
		return v.String(), true
	}
	return "", false
}

// Idle runs everything there is to run.
func (d *Driver) Idle() {
	d.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case msg := <-d.inbox:
			d.take(msg)
			continue
		default:
		}
		d.mu.Lock()
		idle := d.busy <= d.held
		d.mu.Unlock()
		if idle && len(d.inbox) == 0 {
			return
		}
		select {
		case msg := <-d.inbox:
			d.take(msg)
		case <-tick.C:
		case <-deadline.C:
			d.t.Fatalf("still busy after %v; the screen says:\n%s", patience, d.Screen())
		}
	}
}

// Until waits until the screen satisfies ok, taking messages as they come. The
// clock stands still unless step is given: then it is turned by that much
// whenever nothing else happens. Toasts are read to the last: it goes on while
// one waits for its place.
func (d *Driver) Until(what string, ok func(screen string) bool, step ...time.Duration) string {
	d.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		d.Idle()
		if s := d.Screen(); ok(s) {
			return s
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("it never came to %s; the screen says:\n%s", what, d.Screen())
		}
		switch {
		case d.App.Unsaid() > 0:
			d.Advance(time.Second)
		case len(step) > 0:
			d.Advance(step[0])
		}
		select {
		case msg := <-d.inbox:
			d.take(msg)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Await takes messages until the screen satisfies ok, whatever else is still
// running: for what is to be seen in the middle of something. The clock stands
// still, for toasts too.
func (d *Driver) Await(what string, ok func(screen string) bool) string {
	d.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		if s := d.Screen(); ok(s) {
			return s
		}
		select {
		case msg := <-d.inbox:
			d.take(msg)
		case <-deadline.C:
			d.t.Fatalf("it never came to %s; the screen says:\n%s", what, d.Screen())
		}
	}
}

// AwaitSays is Await for a text.
func (d *Driver) AwaitSays(text string) string {
	d.t.Helper()
	return d.Await("“"+text+"”", func(s string) bool { return strings.Contains(s, text) })
}

// Hold says that n of the running commands wait for what the test does next, so
// that Idle does not wait for them. Hold(0) ends it.
func (d *Driver) Hold(n int) {
	d.mu.Lock()
	d.held = n
	d.mu.Unlock()
}

// UntilSays waits until the screen holds a text.
func (d *Driver) UntilSays(text string, step ...time.Duration) string {
	d.t.Helper()
	return d.Until("“"+text+"”", func(s string) bool { return strings.Contains(s, text) }, step...)
}

// Send gives the model a message from outside, as main does.
func (d *Driver) Send(msg tea.Msg) {
	d.t.Helper()
	d.take(msg)
	d.Idle()
}

// Resize changes the terminal.
func (d *Driver) Resize(w, h int) { d.Send(tea.WindowSizeMsg{Width: w, Height: h}) }

// Do presses the first key of an action.
func (d *Driver) Do(actions ...keymap.Action) {
	d.t.Helper()
	for _, a := range actions {
		b := d.Env.Keys.Binding(a)
		if len(b.Keys) == 0 {
			d.t.Fatalf("%s has no key", a)
		}
		if !d.App.Keys().Has(a) {
			d.t.Fatalf("%s cannot be done here; the screen says:\n%s", a, d.Screen())
		}
		d.Press(strings.Fields(b.Keys[0])...)
	}
}

// Press presses keys by their names, as somebody who reads a question first.
func (d *Driver) Press(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		d.read()
		d.take(Key(k))
		d.Idle()
	}
}

// read lets the time pass in which a question that opened by itself takes no key.
func (d *Driver) read() {
	if d.App.Guarded() {
		d.Idle() // the wait has begun
		d.Advance(time.Second)
	}
}

// Tap presses keys and waits for nothing: the screen is as it is at once.
func (d *Driver) Tap(keys ...string) {
	for _, k := range keys {
		d.take(Key(k))
	}
}

// Type types a text, as somebody who reads first what it is for.
func (d *Driver) Type(text string) {
	d.t.Helper()
	d.read()
	for _, r := range text {
		d.take(tea.KeyPressMsg{Code: unicode.ToLower(r), Text: string(r)})
	}
	d.Idle()
}

// Screen is what is to be read, without colours.
func (d *Driver) Screen() string { return cell.Strip(d.Raw()) }

// Raw is what the terminal gets, with its colours.
func (d *Driver) Raw() string { return d.App.View().Content }

// Says tells whether the screen holds a text.
func (d *Driver) Says(text string) bool { return strings.Contains(d.Screen(), text) }

// Expect fails unless the screen holds all of these.
func (d *Driver) Expect(texts ...string) {
	d.t.Helper()
	s := d.Screen()
	for _, x := range texts {
		if !strings.Contains(s, x) {
			d.t.Errorf("the screen does not say %q:\n%s", x, s)
		}
	}
}

// ExpectNot fails when the screen holds one of these.
func (d *Driver) ExpectNot(texts ...string) {
	d.t.Helper()
	s := d.Screen()
	for _, x := range texts {
		if strings.Contains(s, x) {
			d.t.Errorf("the screen says %q:\n%s", x, s)
		}
	}
}

// HasQuit tells whether the program has ended.
func (d *Driver) HasQuit() bool { return d.quit }

// Clipboard is the last text that was sent there.
func (d *Driver) Clipboard() string {
	if len(d.clips) == 0 {
		return ""
	}
	return d.clips[len(d.clips)-1]
}
