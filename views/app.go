// Package views holds App, the root model: which screen, which overlays, what
// becomes of intents and errors.
package views

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/overlay"
	"ferry/views/login"
	"ferry/views/transfers"
)

// Config is what App starts with.
type Config struct {
	Env     *ui.Env // Ctx is the program's
	Host    Host
	Session *Session   // nil shows the login prompt
	Login   login.Form // what the prompt is filled with
	Version string
	Theme   ThemeChoice
	// Warnings are said at the start: what is wrong with the settings, but not so
	// that nothing could be done with them.
	Warnings []string
	// Clipboard is the one of this machine; nil when there is none. A text goes
	// to the terminal as well, which reaches the person's own machine over SSH.
	Clipboard func(string) error
	Call      Call // when transfers that took a while have ended
}

// ThemeChoice is how the theme is picked.
type ThemeChoice struct {
	Name     string // "" or "auto": by the terminal's background
	NoColour bool
	Glyphs   *theme.Glyphs
}

// App is the root model. It is the only tea.Model of the program.
type App struct {
	env  *ui.Env
	cfg  Config
	ctx  context.Context // the program's; parent of every session
	end  context.CancelFunc
	sess *Session

	screens map[ui.Route]ui.Component
	shown   map[ui.Route]bool // Init has run
	route   ui.Route
	stack   *overlay.Stack
	login   *login.Screen[*Session]
	over    error    // why the session has ended; nil while it lasts
	renewal *renewal // behind the prompt that renews the session
	stale   bool     // a request failed for it: what it was to load is missing
	drawer  ui.Overlay
	asker   *transfers.Asker
	unasked bool // a file waits for an answer until the person has a hand free

	w, h      int
	pending   []string // keys of an unfinished sequence
	pressing  bool     // a key is being looked at: what opens now was wanted
	guard     guard
	helping   ui.Overlay // the help that was opened last
	toasts    toasts
	log       []record
	net       NetMsg
	queue     backend.TransferSnapshot
	ended     map[backend.JobID]bool  // jobs whose end was told
	left      map[backend.JobID]bool  // jobs that this session found unfinished
	since     []backend.JobSnapshot   // what has ended since the queue was last empty
	began     time.Time               // when the queue last had work
	lastBreak time.Time               // of the last ^c
	flow      flow                    // of the queue
	draining  bool                    // quit when the queue is empty
	parted    map[backend.JobID]int64 // bytes that transfers had, which were left unfinished
	waiting   ui.Overlay              // says how far that is; nil while it is not
	leaving   ui.Overlay              // the question whether to quit, open or not
	farewell  string                  // how the last transfers ended
	dark      bool
}

// New makes the root model. Nothing runs until Init.
func New(cfg Config) *App {
	a := &App{
		env: cfg.Env, cfg: cfg, ctx: cfg.Env.Ctx, dark: true,
		stack: overlay.New(), route: ui.RouteFiles, ended: map[backend.JobID]bool{},
	}
	cell.SetGlyphs(&cfg.Env.Theme.Glyphs)
	return a
}

// Init opens the session that was given, or the login prompt.
func (a *App) Init() tea.Cmd {
	cmds := []tea.Cmd{tea.RequestBackgroundColor}
	if a.cfg.Session != nil {
		cmds = append(cmds, a.begin(a.cfg.Session))
	} else {
		cmds = append(cmds, a.openLogin(""))
	}
	for _, w := range a.cfg.Warnings {
		cmds = append(cmds, a.say(ui.Warning, w))
	}
	return ui.Batch(cmds...)
}

// Update routes a message: keys to the top, intents to the shell, everything
// else to everyone.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		a.resize(m.Width, m.Height)
		return a, nil
	case tea.KeyPressMsg:
		a.pressing = true
		a.toasts.pressed()
		cmd := a.press(m)
		a.pressing = false
		if a.unasked {
			cmd = ui.Batch(cmd, a.ask()) // the text that was typed may be finished
		}
		return a, cmd
	case tea.PasteMsg:
		if top := a.top(); top != nil && top.Typing() && !a.Guarded() {
			return a, top.Update(m)
		}
		return a, nil
	case tea.BackgroundColorMsg:
		a.dark = m.IsDark()
		a.retheme()
		return a, nil
	case tea.ModeReportMsg:
		if m.Mode.Mode() == graphemes {
			cell.SetGraphemes(m.Value.IsSet() || m.Value.IsReset())
		}
		return a, nil
	}
	if cmd, mine := a.intent(msg); mine {
		return a, cmd
	}
	return a, a.broadcast(msg)
}

// broadcast gives a result to everyone; only its owner understands it.
func (a *App) broadcast(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, r := range routes {
		if s, ok := a.screens[r]; ok && a.shown[r] {
			cmds = append(cmds, s.Update(msg))
		}
	}
	return ui.Batch(append(cmds, a.stack.Update(msg))...)
}

// top is the component that gets the keys; nil before the first session.
func (a *App) top() ui.Component {
	if o, ok := a.stack.Top(); ok {
		return o
	}
	return a.screens[a.route]
}

func (a *App) resize(w, h int) {
	a.w, a.h = w, h
	bw, bh := a.body()
	for _, s := range a.screens {
		s.Resize(bw, bh)
	}
	a.stack.Resize(w, h)
}

// body is the room of a screen: all but the top line, the tabs and the hints.
func (a *App) body() (w, h int) { return a.w, max(a.h-3, 0) }

func (a *App) retheme() {
	t := theme.Pick(a.cfg.Theme.Name, a.cfg.Theme.NoColour, a.dark, a.cfg.Theme.Glyphs)
	*a.env.Theme = *t
	cell.SetGlyphs(&a.env.Theme.Glyphs)
}

// begin shows a session: the old one ends with all its requests, every screen
// is made anew.
func (a *App) begin(s *Session) tea.Cmd {
	leave := a.leave()
	ctx, cancel := context.WithCancel(a.ctx)
	a.env.Ctx, a.end, a.sess = ctx, cancel, s
	a.queue, a.net, a.since = backend.TransferSnapshot{}, NetMsg{}, nil
	a.over, a.renewal, a.stale = nil, nil, false
	a.draining, a.waiting, a.flow, a.farewell = false, nil, flow{}, ""
	a.ended = map[backend.JobID]bool{}
	a.stack.Clear() // what lies there belongs to the old one
	a.screens, a.shown = makeScreens(a.env, s), map[ui.Route]bool{}
	sides := transfers.Sides{Site: s.Site, Disk: s.Disk}
	a.drawer = transfers.NewDrawer(a.env, s.Queue, sides)
	a.asker = transfers.NewAsker(a.env, s.Queue, sides)
	a.route = ui.RouteFiles
	a.resize(a.w, a.h)
	// The sync screen begins too: it may have to tell of a sync that was cut off.
	return ui.Batch(leave, a.show(ui.RouteFiles, nil), a.start(ui.RouteSync), a.tick(), watch(s), a.leftFromBefore(s.Queue))
}

func watch(s *Session) tea.Cmd {
	if s.Watch == nil {
		return nil
	}
	return func() tea.Msg {
		s.Watch()
		return nil
	}
}

// leave ends the session on the screen, if there is one. Its requests end at
// once; the command waits for the rest of it.
func (a *App) leave() tea.Cmd {
	if a.sess == nil {
		return nil
	}
	a.end()
	ctx, closing := a.ctx, a.sess.Close
	a.sess = nil
	if closing == nil {
		return nil
	}
	return func() tea.Msg {
		closing(ctx)
		return nil
	}
}

// show brings a screen to the front.
func (a *App) show(r ui.Route, args tea.Msg) tea.Cmd {
	s, ok := a.screens[r]
	if !ok {
		return nil
	}
	a.route = r
	return ui.Batch(a.start(r), s.Update(ui.ShownMsg{Route: r, Args: args}))
}

// start begins the life of a screen, once.
func (a *App) start(r ui.Route) tea.Cmd {
	s, ok := a.screens[r]
	if !ok || a.shown[r] {
		return nil
	}
	a.shown[r] = true
	return s.Init()
}

// minute passes once a minute while a session with an end is open, so that the
// time left is true.
type minute struct{ sess *Session }

func (a *App) tick() tea.Cmd {
	if a.sess == nil || a.sess.Account.Expires.IsZero() {
		return nil
	}
	return a.env.After(time.Minute, minute{a.sess})
}

// Route is the screen in front.
func (a *App) Route() ui.Route { return a.route }

// Keys is what can be done now: what help, hints, palette and dispatch share.
func (a *App) Keys() keymap.Set {
	top := a.top()
	if top == nil {
		return keymap.AlwaysSet()
	}
	_, over := a.stack.Top()
	if over || top.Typing() {
		return a.helped(top, top.Keys().And(keymap.AlwaysSet()))
	}
	return top.Keys().And(a.globals())
}

// helped adds help to what a box or a line of text takes: with the keys that type
// nothing, and not where one of these means something else, or over itself.
func (a *App) helped(top ui.Component, s keymap.Set) keymap.Set {
	more := keymap.Of(keymap.Help)
	if top.Typing() {
		more = more.WhileTyping()
	}
	if top == ui.Component(a.helping) || !a.env.Keys.Free(s, more[0]) {
		return s
	}
	return s.And(more)
}
