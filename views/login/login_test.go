package login

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/keymap"
	"ferry/theme"
	"ferry/ui"
	"ferry/ui/cell"
)

// gate answers logins with errors in turn, then opens.
type gate struct {
	errs  []error
	asked []backend.Credentials
	saved []string
}

func (g *gate) Login(_ context.Context, c backend.Credentials, saveAs string) (Opened[string], error) {
	g.asked = append(g.asked, c)
	g.saved = append(g.saved, saveAs)
	if len(g.errs) > 0 {
		err := g.errs[0]
		g.errs = g.errs[1:]
		return Opened[string]{}, err
	}
	return Opened[string]{Session: "open"}, nil
}

func (g *gate) Demo(context.Context) (Opened[string], error) {
	return Opened[string]{Session: "demo"}, nil
}

func newEnv(t *testing.T) *ui.Env {
	t.Helper()
	th, _ := theme.Named("plain", nil)
	return ui.NewEnv(t.Context(), th, keymap.Default(), func() time.Time { return time.Unix(0, 0) })
}

func open(t *testing.T, g *gate, f Form) *Screen[string] {
	t.Helper()
	s := New[string](newEnv(t), g, f, "")
	s.Resize(100, 30)
	return s
}

func (s *Screen[S]) typeText(text string) {
	for _, r := range text {
		s.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// answer runs a command and gives its message back to the screen, until one is
// for the shell.
func answer(s *Screen[string], cmd tea.Cmd) tea.Msg {
	for cmd != nil {
		msg := cmd()
		if b, ok := msg.(tea.BatchMsg); ok {
			cmd = b[len(b)-1]
			continue
		}
		next := s.Update(msg)
		if next == nil {
			return msg
		}
		cmd = nil
		if m := next(); m != nil {
			return m
		}
	}
	return nil
}

func text(s *Screen[string]) string { return cell.Strip(s.View()) }

func TestEachFailureHasItsOwnSentenceAndNothingTypedIsLost(t *testing.T) {
	cases := map[string]*backend.Error{
		"User name or password is wrong.":   {Class: backend.ClassInvalidUsernameOrPassword, Group: backend.NotAuthenticated, Type: "not-authenticated/invalid-username-or-password"},
		"This account is locked.":           {Class: backend.ClassLockedOut, Group: backend.NotAuthenticated, Type: "not-authenticated/locked-out"},
		"The site cannot be reached.":       {Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "no such host"},
		"There is no site at this address.": {Group: backend.NotFound, Type: "not-found/site-not-found"},
	}
	for sentence, e := range cases {
		g := &gate{errs: []error{e}}
		s := open(t, g, Form{Method: Password, BaseURL: "acme", Username: "operator"})
		s.typeText("hunter22")
		if m := answer(s, s.Do(keymap.Submit)); m == nil {
			t.Fatal("nothing was sent")
		}
		if got := text(s); !strings.Contains(got, sentence) || !strings.Contains(got, "operator") {
			t.Errorf("no %q in\n%s", sentence, got)
		}
		if strings.Contains(text(s), "hunter22") {
			t.Error("the password can be read")
		}
		s.Do(keymap.LoginSecret)
		if !strings.Contains(text(s), "hunter22") {
			t.Errorf("the password was lost or stays hidden:\n%s", text(s))
		}
	}
}

func TestTwoFactorAsksForTheCodeAndSendsWhatTheMethodNeeds(t *testing.T) {
	for _, c := range []struct{ method, partial string }{{"totp", ""}, {"yubi", "part-1"}} {
		wrong := &backend.Error{Class: backend.ClassOneTimePasswordIncorrect, Group: backend.NotAuthenticated, Type: "not-authenticated/one-time-password-incorrect"}
		g := &gate{errs: []error{
			&backend.Error{Group: backend.NotAuthenticated, TwoFactor: &backend.TwoFactor{Methods: []string{c.method}, Partial: "part-1"}},
			wrong,
		}}
		s := open(t, g, Form{Method: Password, BaseURL: "acme", Username: "operator"})
		s.typeText("pw")
		answer(s, s.Do(keymap.Submit))
		if !strings.Contains(text(s), "second factor") {
			t.Fatalf("%s: no code is asked for:\n%s", c.method, text(s))
		}
		s.typeText("111111")
		answer(s, s.Do(keymap.Submit))
		if !strings.Contains(text(s), "The one-time code is wrong.") || !strings.Contains(text(s), "second factor") {
			t.Errorf("%s: wrong code:\n%s", c.method, text(s))
		}
		s.typeText("222222")
		if m, ok := answer(s, s.Do(keymap.Submit)).(DoneMsg[string]); !ok || m.Session != "open" {
			t.Errorf("%s: not let in", c.method)
		}
		last := g.asked[len(g.asked)-1]
		if last.OTP != "222222" || last.Partial != c.partial || last.Username != "operator" || last.Password != "pw" {
			t.Errorf("%s: sent otp %q, partial %q", c.method, last.OTP, last.Partial)
		}
	}
}

func TestAMethodThatATerminalCannotDoIsExplained(t *testing.T) {
	g := &gate{errs: []error{&backend.Error{Group: backend.NotAuthenticated, TwoFactor: &backend.TwoFactor{Methods: []string{"webauthn"}}}}}
	s := open(t, g, Form{Method: Password, BaseURL: "acme", Username: "operator"})
	s.typeText("pw")
	answer(s, s.Do(keymap.Submit))
	if got := text(s); !strings.Contains(got, "webauthn") || !strings.Contains(got, "API key") {
		t.Errorf("got\n%s", got)
	}
}

func TestMethodsKeepWhatWasTyped(t *testing.T) {
	s := open(t, &gate{}, Form{BaseURL: "acme"})
	s.typeText("key123")
	for range methods {
		s.Do(keymap.LoginMethod)
	}
	s.Do(keymap.LoginSecret)
	if got := text(s); !strings.Contains(got, "key123") || !strings.Contains(got, "acme") {
		t.Errorf("got\n%s", got)
	}
}

func TestBadInputIsNamedBeforeAnythingIsSent(t *testing.T) {
	g := &gate{}
	s := open(t, g, Form{BaseURL: "acme"})
	s.typeText("key with blanks")
	s.Do(keymap.Submit)
	if len(g.asked) != 0 || !strings.Contains(text(s), "letters and digits only") {
		t.Errorf("asked %v\n%s", g.asked, text(s))
	}
	for in, want := range map[string]string{
		"acme": "", "https://files.example.com": "", "http://127.0.0.1:8080": "", "ftp://x": "Only https", "http://files.example.com": "Only https", "http://[::1]:80": "", "a b": "no blanks", "https://u:p@x": "out of the address",
	} {
		if got := checkSite(in); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("checkSite(%q) = %q", in, got)
		}
	}
}

func TestEscCancelsFirstThenLeaves(t *testing.T) {
	s := open(t, &gate{}, Form{BaseURL: "acme"})
	s.typeText("key123")
	cmd := s.Do(keymap.Submit)
	if !strings.Contains(text(s), "esc cancels") {
		t.Errorf("it does not say that it waits:\n%s", text(s))
	}
	if s.Do(keymap.LoginQuit) != nil {
		t.Fatal("esc left the prompt while a request was running")
	}
	if answer(s, cmd); strings.Contains(text(s), "esc cancels") {
		t.Error("the answer of a cancelled request was taken")
	}
	if m, ok := s.Do(keymap.LoginQuit)().(ui.CloseMsg); !ok || m.Overlay != ui.Overlay(s) {
		t.Error("esc did not leave")
	}
}

func TestDemoAndSave(t *testing.T) {
	g := &gate{}
	s := open(t, g, Form{BaseURL: "https://acme.files.com"})
	if m, ok := answer(s, s.Do(keymap.LoginDemo)).(DoneMsg[string]); !ok || m.Session != "demo" {
		t.Error("the demo did not open")
	}
	s.typeText("key123")
	s.Do(keymap.LoginSave)
	if !strings.Contains(text(s), "acme") {
		t.Errorf("no name is offered:\n%s", text(s))
	}
	answer(s, s.Do(keymap.Submit))
	if len(g.saved) != 1 || g.saved[0] != "acme" {
		t.Errorf("saved as %v", g.saved)
	}
}

func TestStartLogsInAtOnce(t *testing.T) {
	g := &gate{errs: []error{errors.New("odd")}}
	s := New[string](newEnv(t), g, Form{Start: &backend.Credentials{BaseURL: "acme", APIKey: "k1"}}, "")
	s.Resize(100, 30)
	answer(s, s.Init())
	if len(g.asked) != 1 || g.asked[0].APIKey != "k1" || !strings.Contains(text(s), "Something went wrong") {
		t.Errorf("asked %v\n%s", g.asked, text(s))
	}
}

func TestEveryKeyMeansOneThing(t *testing.T) {
	s := open(t, &gate{}, Form{})
	if c := keymap.Default().Conflicts(s.Keys().And(keymap.AlwaysSet())); len(c) > 0 {
		t.Error(c)
	}
	s.second = &backend.TwoFactor{Methods: []string{"totp"}}
	s.askCode()
	if c := keymap.Default().Conflicts(s.Keys().And(keymap.AlwaysSet())); len(c) > 0 {
		t.Error(c)
	}
}

func TestAnAddressThatWasGivenStands(t *testing.T) {
	g := &gate{}
	s := open(t, g, Form{BaseURL: "http://files.example.com"})
	s.typeText("key123")
	answer(s, s.Do(keymap.Submit))
	if len(g.asked) != 1 || g.asked[0].BaseURL != "http://files.example.com" {
		t.Errorf("asked %v\n%s", g.asked, text(s))
	}
}
