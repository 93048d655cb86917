package views

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/ui"
	"ferry/ui/dialog"
)

// asleep lets no wait come to its end.
func asleep(a *App) {
	a.env.Sleep = func(context.Context, time.Duration) error { return context.Canceled }
}

func TestAQuestionThatOpensByItselfTakesNoKeyTypedAhead(t *testing.T) {
	a, _ := withProbe(t)
	asleep(a)
	type yes struct{}
	box := dialog.Confirm(a.env, dialog.ConfirmSpec{Title: "Overwrite?", OnYes: ui.Say(yes{})})
	open := func() bool { return a.stack.Has(box) }
	give := func(m tea.Msg) {
		_, cmd := a.Update(m)
		drain(a, cmd)
	}
	give(ui.OpenMsg{Overlay: box})
	first := a.guard.id
	if !strings.Contains(screenOf(a), "One moment") {
		t.Errorf("it does not say that it waits:\n%s", screenOf(a))
	}
	give(key("y"))
	give(key("esc"))
	if !open() {
		t.Fatal("a key typed ahead answered")
	}
	give(guardEnds{first})
	give(key("y"))
	if !open() {
		t.Fatal("it takes keys although somebody was typing a moment ago")
	}
	give(guardEnds{a.guard.id})
	if strings.Contains(screenOf(a), "One moment") {
		t.Errorf("it still says that it waits:\n%s", screenOf(a))
	}
	give(key("y"))
	if open() {
		t.Error("it takes no answer")
	}

	// A name that has to be typed guards itself.
	give(ui.OpenMsg{Overlay: dialog.Confirm(a.env, dialog.ConfirmSpec{Title: "Delete?", Type: "a"})})
	if a.Guarded() {
		t.Error("it guards a box that one key cannot answer")
	}
}

func TestAQuestionThatAKeyOpensTakesTheNextKey(t *testing.T) {
	a, p := withProbe(t, keymap.Delete)
	asleep(a)
	box := dialog.Confirm(a.env, dialog.ConfirmSpec{Title: "Delete?"})
	p.then = ui.Open(box)
	_, cmd := a.Update(key("d"))
	drain(a, cmd)
	if !a.stack.Has(box) || a.Guarded() {
		t.Fatalf("open %v, guarded %v", a.stack.Has(box), a.Guarded())
	}
	a.Update(key("n"))
	if a.stack.Has(box) {
		t.Error("it takes no answer")
	}
}

// An error that comes by itself is not closed by a key that was typed before it.
func TestACardThatOpensByItselfTakesNoKeyTypedAhead(t *testing.T) {
	a, _ := withProbe(t)
	asleep(a)
	failed := ui.FailMsg{Err: errors.New("no")}
	a.Update(failed)
	a.Update(key("esc"))
	a.Update(key("enter"))
	if len(a.stack.All()) != 1 || !a.Guarded() {
		t.Fatal("a key typed ahead closed it unread")
	}
	a.Update(guardEnds{a.guard.id})
	_, cmd := a.Update(key("esc"))
	drain(a, cmd)
	if n := len(a.stack.All()); n != 0 {
		t.Errorf("%d boxes: it takes no key", n)
	}
}

// A key that the drawer does not know is not swallowed: a screen is gone to, and
// what the screen below could do is said to wait.
func TestKeysPastTheDrawer(t *testing.T) {
	a, p := withProbe(t, keymap.Refresh, keymap.CopyAcross)
	box := dialog.Text(a.env, dialog.TextSpec{Title: "drawer"})
	a.drawer = box
	users := &probe{}
	a.screens[ui.RouteUsers], a.shown[ui.RouteUsers] = users, true
	a.push(box)
	a.Update(key(a.env.Keys.Key(keymap.CopyAcross)))
	if s := screenOf(a); !strings.Contains(s, "is of the screen below: esc closes the drawer first") || len(p.did) != 0 {
		t.Errorf("did %v:\n%s", p.did, s)
	}
	a.Update(key(a.env.Keys.Key(keymap.GotoUsers)))
	if a.Route() != ui.RouteUsers || a.stack.Has(box) {
		t.Errorf("at %v, the drawer is open: %v", a.Route(), a.stack.Has(box))
	}
}

// What is typed while a prompt for a password comes up does not land in it.
func TestAPasswordThatIsAskedForByItselfTakesNoKeyTypedAhead(t *testing.T) {
	for name, opens := range map[string]tea.Msg{
		"login":     SessionEndedMsg{Err: &backend.Error{Group: backend.NotAuthenticated, Type: "not-authenticated/invalid-session"}},
		"once more": ReauthMsg{Answer: make(chan string, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := withProbe(t)
			asleep(a)
			a.sess.Account.BaseURL = "https://demo.example"
			give := func(m tea.Msg) {
				_, cmd := a.Update(m)
				drain(a, cmd)
			}
			secrets := func() int { return strings.Count(screenOf(a), a.env.Theme.Glyphs.Secret) }
			give(opens)
			if len(a.stack.All()) != 1 || !a.Guarded() {
				t.Fatalf("%d boxes, guarded %v", len(a.stack.All()), a.Guarded())
			}
			none := secrets()
			give(key("2"))
			give(tea.PasteMsg{Content: "2"})
			if secrets() != none {
				t.Errorf("a key typed ahead is in the field:\n%s", screenOf(a))
			}
			give(guardEnds{a.guard.id})
			give(key("2"))
			if secrets() == none {
				t.Errorf("it takes no key:\n%s", screenOf(a))
			}
		})
	}
}

// A key that a card does not know is not swallowed: one that goes to a screen goes
// there, every other one is said to wait, and enter closes it as esc does.
func TestKeysPastACard(t *testing.T) {
	a, p := withProbe(t, keymap.Refresh, keymap.CopyAcross)
	users := &probe{}
	a.screens[ui.RouteUsers], a.shown[ui.RouteUsers] = users, true
	fail := func() {
		a.Update(ui.FailMsg{Err: errors.New("no")})
		a.Update(guardEnds{a.guard.id})
	}
	fail()
	if s := screenOf(a); !strings.Contains(s, "enter/esc close") {
		t.Errorf("it does not say what closes it:\n%s", s)
	}
	a.Update(key(a.env.Keys.Key(keymap.CopyAcross)))
	if s := screenOf(a); !strings.Contains(s, "is no key of this card: esc closes it first") || len(p.did) != 0 {
		t.Errorf("did %v:\n%s", p.did, s)
	}
	a.Update(key(a.env.Keys.Key(keymap.Quit)))
	if len(a.stack.All()) != 1 {
		t.Error("a key that it does not know closed it")
	}
	_, cmd := a.Update(tea.KeyPressMsg{Code: tea.KeyEnter})
	drain(a, cmd)
	if len(a.stack.All()) != 0 {
		t.Error("enter does not close it")
	}
	fail()
	a.Update(key(a.env.Keys.Key(keymap.GotoUsers)))
	if a.Route() != ui.RouteUsers || len(a.stack.All()) != 0 {
		t.Errorf("at %v, %d boxes are open", a.Route(), len(a.stack.All()))
	}
}

// A key that a question does not know is not swallowed: the last line says which
// keys answer it, and nothing is answered.
func TestKeysThatAnswerNoQuestion(t *testing.T) {
	a, _ := withProbe(t)
	asleep(a)
	a.resize(80, 24)
	j := backend.JobSnapshot{ID: 1, State: backend.JobRunning, Asking: 1, Items: []backend.ItemSnapshot{{
		ID: 1, Name: "a.txt", Existing: &backend.Entry{Path: "/a.txt", Size: 2}, Source: &backend.Entry{Path: "/home/a.txt", Size: 1},
	}}}
	give := func(m tea.Msg) {
		_, cmd := a.Update(m)
		drain(a, cmd)
	}
	for _, c := range []struct {
		open tea.Cmd
		says string
	}{
		{a.asker.Take(backend.TransferSnapshot{Jobs: []backend.JobSnapshot{j}}), "x is no answer: s o k w d or esc"},
		{ui.Open(dialog.Confirm(a.env, dialog.ConfirmSpec{Title: "Delete?"})), "x is no answer: n y enter or esc"},
		{ui.Open(dialog.Menu(a.env, dialog.MenuSpec{Title: "Which?", Items: []dialog.MenuItem{{Label: "this", Key: "t"}}})), "x is no answer: t enter or esc"},
	} {
		a.settle(c.open)
		a.Update(guardEnds{a.guard.id})
		above := func() string { s := screenOf(a); return s[:strings.LastIndex(s, "\n")] }
		before := above()
		give(key("x"))
		if s := screenOf(a); !strings.HasSuffix(strings.TrimSpace(s), c.says) || above() != before {
			t.Errorf("it does not say %q in the last line:\n%s", c.says, s)
		}
		a.stack.Clear()
	}
}
