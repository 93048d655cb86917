package files

import (
	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
)

// Screen is the browser.
type Screen struct {
	env   *ui.Env
	queue Queue
	site  *site
	disk  disk
	opts  Options

	panes  [2]*pane // left and right
	focus  int
	layout layout
	clip   clip
	jobs   []*job
	peek   *peek
	w, h   int

	outside ui.Loader[outside] // looks at what other programs change
	beat    uint64             // of the look that is waited for
}

// The places of the panes.
const (
	left = iota
	right
)

// New makes the screen: this machine on the left, the site on the right with
// the focus. Nothing is loaded until Init.
func New(env *ui.Env, store Store, local Disk, queue Queue, opts Options) *Screen {
	s := &Screen{env: env, queue: queue, site: &site{store, env}, disk: disk{local, local.Home()}, opts: opts, focus: right}
	if opts.LocalDir == "" {
		opts.LocalDir = s.disk.home()
	}
	s.panes[left] = newPane(env, s.disk, opts.LocalDir, opts.Hidden)
	s.panes[right] = newPane(env, s.site, s.site.resolve(opts.RemoteDir, ""), opts.Hidden)
	s.peek = newPeek(env)
	return s
}

// here is the pane with the focus, there the other one.
func (s *Screen) here() *pane  { return s.panes[s.focus] }
func (s *Screen) there() *pane { return s.panes[1-s.focus] }

// pane is the one that shows a side.
func (s *Screen) pane(side backend.Side) *pane {
	if side == backend.Local {
		return s.panes[left]
	}
	return s.panes[right]
}

// Init loads both panes.
func (s *Screen) Init() tea.Cmd {
	var cmds []tea.Cmd
	for _, p := range s.panes {
		cmds = append(cmds, p.open(p.at, nil))
	}
	return ui.Batch(append(cmds, s.glanceLater())...)
}

// call runs a function of this screen inside Update: it is how dialogs bring an
// answer back.
type call struct {
	screen *Screen
	run    func() tea.Cmd
}

// later makes a command of what a dialog's answer is to do.
func (s *Screen) later(run func() tea.Cmd) tea.Cmd { return ui.Say(call{s, run}) }

// Update takes results, changes and typed text.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case call:
		if m.screen == s {
			return ui.Batch(m.run(), s.look())
		}
	case again:
		if m.pane == s.panes[left] || m.pane == s.panes[right] {
			return m.load()
		}
	case workDone:
		return s.worked(m)
	case ui.ChangedMsg:
		return s.pane(sideOf(m.Side)).changed(m.Paths)
	case ui.ShownMsg:
		if want, ok := m.Args.(ui.ShowPath); ok && m.Route == ui.RouteFiles {
			return s.showPath(want)
		} else if m.Route == ui.RouteFiles {
			return s.glanceNow()
		}
	case tea.FocusMsg:
		return s.glanceNow()
	case glance:
		if m.screen == s && m.beat == s.beat {
			return s.glanceNow()
		}
	case ui.KeyPress, ui.Paste:
		p := s.here()
		if p.narrow.typing {
			p.narrowBy(p.narrow.update(msg))
			return ui.Batch(p.follow(), s.look())
		}
	default:
		cmds := []tea.Cmd{s.peek.update(msg)}
		if o, err, ok := s.outside.Take(msg); ok {
			cmds = append(cmds, s.glanced(o, err))
		}
		for _, p := range s.panes {
			cmds = append(cmds, p.take(msg))
		}
		return ui.Batch(append(cmds, s.look())...)
	}
	return nil
}

func sideOf(side ui.Side) backend.Side {
	if side == ui.LocalSide {
		return backend.Local
	}
	return backend.Remote
}

func uiSide(side backend.Side) ui.Side {
	if side == backend.Local {
		return ui.LocalSide
	}
	return ui.RemoteSide
}

// showPath is what another screen wants to be seen.
func (s *Screen) showPath(want ui.ShowPath) tea.Cmd {
	p := s.pane(sideOf(want.Side))
	for i := range s.panes {
		if s.panes[i] == p {
			s.focus = i
		}
	}
	s.arrange()
	return p.seek(want.Path)
}

// Typing tells whether the narrowing line takes the keys.
func (s *Screen) Typing() bool { return s.here().narrow.typing }

// Resize gives the room of the screen.
func (s *Screen) Resize(w, h int) {
	s.w, s.h = w, h
	s.arrange()
}

// targets is what an action works on: the marked rows, else the one under the
// cursor.
func (s *Screen) targets() []backend.Entry {
	if !s.here().ready {
		return nil
	}
	return s.here().table.Targets()
}

// changed tells everyone about paths of a side.
func changed(side backend.Side, paths ...string) tea.Cmd {
	return ui.Changed(uiSide(side), paths...)
}

// key is how an action's key is written.
func (s *Screen) key(a keymap.Action) string { return s.env.Keys.Key(a) }
