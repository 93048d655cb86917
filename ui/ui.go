// Package ui is the protocol between screens and shell: Component, Overlay,
// intents, Loader, clock.
package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/keymap"
	"ferry/theme"
)

// Component is a screen, or a part of one. It is a pointer that is changed in
// place. The shell gives keys as actions through Do and every message that is
// not a key through Update; only while Typing are raw key presses and pastes
// that match nothing in Keys given to Update as well. View reads and changes
// nothing, and gives "" until Resize was called.
type Component interface {
	// Init starts the first loads. It is called once, when the component is
	// first shown.
	Init() tea.Cmd
	Update(msg tea.Msg) tea.Cmd
	// Do carries out an action that Keys offers and that is enabled.
	Do(action keymap.Action) tea.Cmd
	// Keys is what can be done now, the most useful first; help, hint line and
	// palette show exactly this.
	Keys() keymap.Set
	// Typing tells that a text field has the focus: keys that Keys does not
	// claim are text.
	Typing() bool
	View() string
	// Resize gives the room in cells. View fills it exactly, but for overlays,
	// which may stay smaller.
	Resize(w, h int)
}

// Overlay is a component that lies above the screen: the topmost one gets the
// keys.
type Overlay interface {
	Component
	Place() Place
}

// Place is where an overlay lies.
type Place uint8

// The places. Resize of an overlay is given the largest box it may fill there.
const (
	Center Place = iota // in the middle, with a margin
	Bottom              // a drawer of the full width above the hint line
	Top                 // under the top line, as the palette
)

// Env is what every component may know of the world. The shell owns it.
type Env struct {
	Ctx   context.Context // ends with the session; parent of every request
	Theme *theme.Theme
	Keys  *keymap.Map
	Now   func() time.Time
	// Sleep waits until d has passed or the context ends. Tests put a clock
	// here that they turn themselves.
	Sleep func(ctx context.Context, d time.Duration) error
}

// NewEnv is an Env on the given clock with real waiting.
func NewEnv(ctx context.Context, th *theme.Theme, keys *keymap.Map, now func() time.Time) *Env {
	return &Env{Ctx: ctx, Theme: th, Keys: keys, Now: now, Sleep: sleep}
}

// After gives msg when d has passed; nothing when the session has ended before.
func (e *Env) After(d time.Duration, msg tea.Msg) tea.Cmd {
	ctx, wait := e.Ctx, e.Sleep
	return func() tea.Msg {
		if wait(ctx, d) != nil {
			return nil
		}
		return msg
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Say makes a command of a message that is already there.
func Say(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }
