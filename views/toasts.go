package views

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/pathutil"
	"ferry/theme"
	"ferry/ui"
)

const (
	toastTime  = 5 * time.Second // how long a toast stays
	toastBrief = 2 * time.Second // enough to read it, when others wait
	toastsWait = 4               // so many may wait; the log has all
)

// toast is the line that speaks in passing.
type toast struct {
	text  string
	kind  ui.ToastKind
	reply bool // to the key that was pressed just now
}

// keeps tells whether a toast stays its full time, whatever else there is to
// say: what went wrong unasked may not be seen in passing.
func (t toast) keeps() bool { return t.kind == ui.Warning && !t.reply }

// toasts are the one that is shown and those that wait for its place. There is
// one line for them: one after another they are read, on top of each other they
// would hide rows.
type toasts struct {
	shown toast // without text: none
	brief bool  // it has not been there long enough to be read
	old   bool  // a key was pressed since
	id    int   // of its turn
	wait  []toast
}

// turnEnds passes when a toast has been there long enough to be read, and when
// its time is over.
type turnEnds struct {
	id    int
	brief bool
}

// add shows a toast or lets it wait. A reply is shown at once: the person looks
// for it. begins tells that a turn has begun.
func (t *toasts) add(n toast) (begins bool) {
	switch {
	case t.shown.text == "":
	case n.same(t.shown):
		if len(t.wait) > 0 {
			return false // it must not hold up the others
		}
	case n.reply:
		if t.shown.keeps() {
			t.wait = slices.Insert(t.wait, 0, t.shown)
			t.bound()
		}
		t.wait = slices.DeleteFunc(t.wait, n.same)
	case t.brief && !t.old || t.shown.keeps() && !n.keeps():
		if !slices.ContainsFunc(t.wait, n.same) {
			t.wait = append(t.wait, n)
			t.bound()
		}
		return false
	}
	t.show(n)
	return true
}

func (t toast) same(o toast) bool { return t.text == o.text && t.kind == o.kind }

// pressed tells of a key: who goes on wants to see what becomes of that, not
// what was before.
func (t *toasts) pressed() { t.old = !t.shown.keeps() }

func (t *toasts) show(n toast) {
	t.shown, t.brief, t.old = n, true, false
	t.id++
}

// bound drops one when too many wait: the oldest news, and only when there is
// nothing but what went wrong the oldest of that.
func (t *toasts) bound() {
	if len(t.wait) <= toastsWait {
		return
	}
	i := slices.IndexFunc(t.wait, func(o toast) bool { return !o.keeps() })
	t.wait = slices.Delete(t.wait, max(i, 0), max(i, 0)+1)
}

// next gives the place of what was shown, long enough to be read or its full
// time, to one that may take it. begins tells that a turn has begun.
func (t *toasts) next(m turnEnds) (begins bool) {
	if m.id != t.id || t.shown.text == "" {
		return false
	}
	i := 0
	if m.brief && t.shown.keeps() {
		i = slices.IndexFunc(t.wait, toast.keeps)
	}
	switch {
	case i >= 0 && i < len(t.wait):
		n := t.wait[i]
		t.wait = slices.Delete(t.wait, i, i+1)
		t.show(n)
		return true
	case m.brief:
		t.brief = false
	default:
		t.shown = toast{}
	}
	return false
}

// say shows a toast for a while and keeps its words.
func (a *App) say(kind ui.ToastKind, text string) tea.Cmd {
	role := map[ui.ToastKind]theme.Role{ui.Note: theme.Text, ui.Success: theme.Good, ui.Warning: theme.Warn}[kind]
	a.note(role, text, "")
	if !a.toasts.add(toast{pathutil.Display(text), kind, a.pressing}) {
		return nil
	}
	return a.turn()
}

// turn waits until what is shown could be read, and for the end of its time. It
// outlasts the session, which the toast may be about.
func (a *App) turn() tea.Cmd {
	env := *a.env
	env.Ctx = a.ctx
	id := a.toasts.id
	return ui.Batch(env.After(toastBrief, turnEnds{id, true}), env.After(toastTime, turnEnds{id, false}))
}

// Unsaid is how many toasts wait for the place of the one that is shown.
func (a *App) Unsaid() int { return len(a.toasts.wait) }

func (a *App) turned(m turnEnds) tea.Cmd {
	if a.toasts.next(m) {
		return a.turn()
	}
	return nil
}
