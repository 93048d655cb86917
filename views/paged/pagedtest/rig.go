// Package pagedtest drives one screen in a test as the shell would: actions
// through Do, results to everyone, intents noted.
package pagedtest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
)

// Rig is a screen with a shell around it that only takes notes.
type Rig struct {
	Env    *ui.Env
	Screen ui.Component
	Over   []ui.Overlay // the boxes that are open, the topmost last
	Toasts []string
	Fails  []ui.FailMsg
	Gotos  []ui.GotoMsg
	Copies []string
	Now    time.Time
	Later  []tea.Cmd // commands that sleep

	t     *testing.T
	awake bool
	held  bool
	queue []tea.Cmd // commands that wait for Release
}

// What a screen shows must not depend on where the test runs. It is set before
// anything runs, because others read it at the same time later.
func init() { time.Local = time.UTC }

// parked ends a command that sleeps; it runs again when Tick is called.
type parked struct{}

// New makes a rig at noon of 24 November 2026, UTC.
func New(t *testing.T) *Rig {
	t.Helper()
	th, _ := theme.Named("dark", nil)
	r := &Rig{t: t, Now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
	r.Env = ui.NewEnv(t.Context(), th, keymap.Default(), func() time.Time { return r.Now })
	r.Env.Sleep = func(_ context.Context, d time.Duration) error {
		if !r.awake {
			panic(parked{})
		}
		r.Now = r.Now.Add(d)
		return nil
	}
	return r
}

// Show gives the rig its screen, at that size, and lets it load.
func (r *Rig) Show(s ui.Component, w, h int) *Rig {
	r.t.Helper()
	r.Screen = s
	s.Resize(w, h)
	r.Run(s.Init())
	return r
}

// Hold keeps commands from running until Release: their answers are awaited.
func (r *Rig) Hold() { r.held = true }

// Release runs what was held.
func (r *Rig) Release() {
	r.t.Helper()
	r.held = false
	held := r.queue
	r.queue = nil
	for _, c := range held {
		r.Run(c)
	}
}

// Run runs a command and everything that follows from it.
func (r *Rig) Run(cmd tea.Cmd) {
	r.t.Helper()
	if cmd == nil {
		return
	}
	if r.held {
		r.queue = append(r.queue, cmd)
		return
	}
	r.deliver(r.exec(cmd))
}

func (r *Rig) exec(cmd tea.Cmd) (msg tea.Msg) {
	defer func() {
		switch v := recover(); v.(type) {
		case nil:
		case parked:
			r.Later, msg = append(r.Later, cmd), nil
		default:
			panic(v)
		}
	}()
	return cmd()
}

func (r *Rig) deliver(msg tea.Msg) {
	r.t.Helper()
	switch m := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			r.Run(c)
		}
	case ui.OpenMsg:
		m.Overlay.Resize(100, 34)
		r.Over = append(r.Over, m.Overlay)
		r.Run(m.Overlay.Init())
	case ui.CloseMsg:
		r.Over = slices.DeleteFunc(r.Over, func(o ui.Overlay) bool { return o == m.Overlay })
	case ui.ToastMsg:
		r.Toasts = append(r.Toasts, m.Text)
	case ui.FailMsg:
		r.Fails = append(r.Fails, m)
	case ui.GotoMsg:
		r.Gotos = append(r.Gotos, m)
	case ui.CopyMsg:
		r.Copies = append(r.Copies, m.Text)
	default:
		cmds := []tea.Cmd{r.Screen.Update(m)}
		for _, o := range r.Over {
			cmds = append(cmds, o.Update(m))
		}
		for _, c := range cmds {
			r.Run(c)
		}
	}
}

// Tick wakes the commands that sleep; the clock goes on by what they slept.
func (r *Rig) Tick() {
	r.t.Helper()
	later := r.Later
	r.Later = nil
	for _, c := range later {
		r.awake = true
		msg := r.exec(c)
		r.awake = false
		r.deliver(msg)
	}
}

func (r *Rig) top() ui.Component {
	if n := len(r.Over); n > 0 {
		return r.Over[n-1]
	}
	return r.Screen
}

// Do carries out actions, which must be offered and enabled.
func (r *Rig) Do(actions ...keymap.Action) {
	r.t.Helper()
	for _, a := range actions {
		it, ok := r.top().Keys().Find(a)
		switch {
		case !ok:
			r.t.Fatalf("%s is not offered", a)
		case it.Why != "":
			r.t.Fatalf("%s is disabled: %s", a, it.Why)
		}
		r.Run(r.top().Do(a))
	}
}

// Why is the reason an action is disabled for, "" when it is enabled.
func (r *Rig) Why(a keymap.Action) string {
	r.t.Helper()
	it, ok := r.top().Keys().Find(a)
	if !ok {
		r.t.Fatalf("%s is not offered", a)
	}
	return it.Why
}

// Type gives text to the top, letter by letter.
func (r *Rig) Type(text string) {
	r.t.Helper()
	if !r.top().Typing() {
		r.t.Fatal("nothing takes text now")
	}
	for _, c := range text {
		_, menu := r.top().(*dialog.MenuBox)
		cmd := r.top().Update(tea.KeyPressMsg{Code: c, Text: string(c)})
		if menu {
			r.Run(cmd)
		} // text fields only blink
	}
}

// Screenful is what the screen shows, without colours. Drawing twice must give
// the same.
func (r *Rig) Screenful() string {
	r.t.Helper()
	v := r.Screen.View()
	if again := r.Screen.View(); again != v {
		r.t.Fatal("two Views in a row differ")
	}
	return cell.Strip(v)
}

// Box is what the topmost box shows, without colours.
func (r *Rig) Box() string {
	r.t.Helper()
	if len(r.Over) == 0 {
		r.t.Fatal("no box is open")
	}
	return cell.Strip(r.Over[len(r.Over)-1].View())
}

// Holds checks that a text is shown.
func (r *Rig) Holds(text string, wants ...string) {
	r.t.Helper()
	for _, w := range wants {
		if !strings.Contains(text, w) {
			r.t.Errorf("%q is not in\n%s", w, text)
		}
	}
}

// Lacks checks that a text is not shown.
func (r *Rig) Lacks(text string, wants ...string) {
	r.t.Helper()
	for _, w := range wants {
		if strings.Contains(text, w) {
			r.t.Errorf("%q is in\n%s", w, text)
		}
	}
}

// Fills checks that a view is exactly w×h.
func (r *Rig) Fills(view string, w, h int) {
	r.t.Helper()
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		r.t.Errorf("%d lines, want %d", len(lines), h)
	}
	for i, l := range lines {
		if got := cell.Width(l); got != w {
			r.t.Errorf("line %d is %d cells wide, want %d: %q", i, got, w, l)
		}
	}
}

// Sound checks that no two keys of the screen, as it is now, collide.
func (r *Rig) Sound() {
	r.t.Helper()
	set := r.Screen.Keys()
	if !r.Screen.Typing() {
		set = set.And(keymap.Globals())
	}
	if c := keymap.Default().Conflicts(set); len(c) > 0 {
		r.t.Errorf("keys collide: %s", strings.Join(c, "; "))
	}
}
