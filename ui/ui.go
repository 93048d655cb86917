// Package ui is the protocol between screens and shell: Component, Overlay,
// intents, Loader, clock.
package ui

import (
	"context"
	"reflect"
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

// Question is an overlay in which one key decides something, or that takes a
// secret unasked. When it opens by
// itself, and not by a key, the shell keeps keys from it that were typed ahead.
type Question interface {
	Overlay
	// Decides is true while a single key is enough, or would be one too many.
	Decides() bool
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
//
//go:noinline
func Say(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// Batch runs commands side by side, as tea.Batch does, in a form that Said can
// look into.
//
//go:noinline
func Batch(cmds ...tea.Cmd) tea.Cmd {
	var some tea.BatchMsg
	for _, c := range cmds {
		if c != nil {
			some = append(some, c)
		}
	}
	switch len(some) {
	case 0:
		return nil
	case 1:
		return some[0]
	}
	return func() tea.Msg { return some }
}

// Said gives what a command says without running anything: the messages of Say,
// alone or in a Batch. The rest is what has to be run. The shell takes such
// messages at once, so that a key that was typed ahead cannot slip under a box
// that is about to open.
func Said(cmd tea.Cmd) (msgs []tea.Msg, rest tea.Cmd) {
	switch code(cmd) {
	case sayCode:
		return []tea.Msg{cmd()}, nil
	case batchCode:
		batch, ok := cmd().(tea.BatchMsg)
		if !ok {
			return nil, cmd
		}
		left := make([]tea.Cmd, 0, len(batch))
		for _, c := range batch {
			m, r := Said(c)
			msgs = append(msgs, m...)
			left = append(left, r)
		}
		return msgs, Batch(left...)
	}
	return nil, cmd
}

// A command is a function value; those of one closure share their code, as long
// as what makes them is not inlined. These two do nothing but give back what
// they hold.
var (
	sayCode   = code(Say(nil))
	batchCode = code(Batch(Say(nil), Say(nil)))
)

func code(cmd tea.Cmd) uintptr {
	if cmd == nil {
		return 0
	}
	return reflect.ValueOf(cmd).Pointer()
}
