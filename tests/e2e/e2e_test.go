//go:build unix

// Package e2e runs the built program in a real terminal: what a person types,
// what the screen says, and what is left when it has ended.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ferry/tests/proc"
	"ferry/tests/term"
)

// patience bounds every wait. It is long because other machines are slow;
// nothing waits that long in passing.
const patience = 3 * time.Minute

// ferry is the program, built once.
var ferry string

func TestMain(m *testing.M) {
	os.Exit(proc.Main(func(binary string) { ferry = binary }, m.Run))
}

// person is somebody at one machine: a home folder that outlives the programs
// started in it.
type person struct {
	t    *testing.T
	ctx  context.Context
	home string
	env  []string
}

func newPerson(t *testing.T) *person {
	t.Helper()
	home := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	t.Cleanup(cancel)
	return &person{t: t, ctx: ctx, home: home, env: proc.Home(home)}
}

func (p *person) file(name, content string) {
	p.t.Helper()
	path := filepath.Join(p.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// at starts the program in a terminal of w×h cells.
func (p *person) at(w, h int, args ...string) *screen {
	p.t.Helper()
	return p.in(w, h, ferry, append([]string{"--local-dir", p.home}, args...)...)
}

// in starts any program in a terminal.
func (p *person) in(w, h int, name string, args ...string) *screen {
	p.t.Helper()
	tm, err := term.Start(p.ctx, w, h, p.env, name, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if err := tm.Close(); err != nil {
			p.t.Errorf("close the terminal: %v", err)
		}
	})
	return &screen{Terminal: tm, p: p, t: p.t}
}

func (p *person) start(args ...string) *screen { p.t.Helper(); return p.at(120, 36, args...) }

// run runs a command without a terminal.
func (p *person) run(args ...string) (stdout, stderr string, code int) {
	p.t.Helper()
	cmd := exec.CommandContext(p.ctx, ferry, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, p.env...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// screen is a running program.
type screen struct {
	*term.Terminal
	p *person
	t *testing.T
}

func (s *screen) press(keys ...string) {
	s.t.Helper()
	if err := s.Press(keys...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) write(text string) {
	s.t.Helper()
	if err := s.Type(text); err != nil {
		s.t.Fatal(err)
	}
}

// until waits until the screen satisfies ok.
func (s *screen) until(what string, ok func(text string) bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.p.ctx, patience)
	defer cancel()
	if err := s.Until(ctx, what, ok); err != nil {
		s.t.Fatal(err)
	}
}

// says waits until the screen holds all of these at once.
func (s *screen) says(texts ...string) {
	s.t.Helper()
	s.until(fmt.Sprintf("%q", texts), func(screen string) bool {
		for _, x := range texts {
			if !strings.Contains(screen, x) {
				return false
			}
		}
		return true
	})
}

// row gives the rows that hold a text.
func row(screen, text string) string {
	var out []string
	for l := range strings.SplitSeq(screen, "\n") {
		if strings.Contains(l, text) {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// goTo goes to a folder in the pane with the focus.
func (s *screen) goTo(path string, holds ...string) {
	s.t.Helper()
	s.press("g", "p")
	s.says("Go to a path")
	s.press("ctrl+u")
	s.write(path)
	s.press("enter")
	s.until("the folder "+path, func(screen string) bool {
		if strings.Contains(screen, "Go to a path") {
			return false
		}
		for _, x := range holds {
			if !strings.Contains(screen, x) {
				return false
			}
		}
		return true
	})
}

// ends waits for the end of the program and gives its exit code.
func (s *screen) ends() int {
	s.t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case <-s.Exited():
	case <-timeout.C:
		text := s.Text()
		ctx, cancel := context.WithTimeout(s.p.ctx, patience)
		defer cancel()
		s.t.Fatalf("the program does not end; the screen says:\n%s\nand it is busy with\n%s", text, s.Stacks(ctx))
	}
	err := s.Err()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	s.t.Fatal(err)
	return -1
}

// late is what a terminal shows of its answers to the questions of a program that
// has just begun, when they reach it after the program's end.
var late = regexp.MustCompile(`\^\[(\[\?[0-9]+;[0-9]\$y|\]11;rgb:[0-9a-f/]+\^G)`)

// clean checks that the program has taken back what it did to the terminal.
func (s *screen) clean() {
	s.t.Helper()
	if s.AltScreen() {
		s.t.Error("the alternate screen is still on")
	}
	raw := s.Written()
	for _, m := range []struct{ what, bad, good string }{
		{"alternate screen", "\x1b[?1049h", "\x1b[?1049l"},
		{"cursor", "\x1b[?25l", "\x1b[?25h"},
		{"bracketed paste", "\x1b[?2004h", "\x1b[?2004l"},
	} {
		if strings.Contains(raw, m.bad) && strings.LastIndex(raw, m.bad) > strings.LastIndex(raw, m.good) {
			s.t.Errorf("%s: the last %q is not taken back by %q", m.what, m.bad, m.good)
		}
	}
	_, after, _ := strings.Cut(raw, "\x1b[?1049l")
	s.asksNothing(after)
	if text := strings.TrimSpace(late.ReplaceAllString(s.Text(), "")); text != "" {
		s.t.Errorf("the terminal is left with\n%s", text)
	}
}

// served is a running ferry serve.
type served struct{ *proc.Site }

// password of a demo user.
func (s *served) password(t *testing.T, user string) (password, totp string) {
	t.Helper()
	for _, u := range s.Users {
		if u.Username == user {
			return u.Password, u.TOTPSecret
		}
	}
	t.Fatalf("there is no demo user %s", user)
	return "", ""
}

// serve starts ferry serve and waits until it is ready.
func (p *person) serve(args ...string) *served {
	p.t.Helper()
	s, err := proc.Serve(p.ctx, ferry, p.env, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(s.Kill)
	return &served{s}
}

// asksNothing checks that there is no question to the terminal in what a program
// has written: one that does not answer, or whose answer somebody else reads,
// would make it wait.
func (s *screen) asksNothing(raw string) {
	s.t.Helper()
	for what, q := range map[string]string{"background": "\x1b]11;?", "attributes": "\x1b[c", "modes": "$p"} {
		if strings.Contains(raw, q) {
			s.t.Errorf("the terminal is asked for its %s", what)
		}
	}
}
