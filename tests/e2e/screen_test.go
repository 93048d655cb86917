//go:build unix

package e2e

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"
)

// complete tells whether the demo is on the screen with everything it shows at
// first: both panes, the top line, the hints.
func complete(screen string) bool {
	for _, x := range []string{"Ferry Demo", "admin", "1 Files", "local", "site", "Finance/", "README.md", ": commands", "? help"} {
		if !strings.Contains(screen, x) {
			return false
		}
	}
	return true
}

func TestDemoComesUpAndQuits(t *testing.T) {
	s := newPerson(t).start("demo")
	s.until("the complete demo", complete)
	if !s.AltScreen() {
		t.Error("the program does not use the alternate screen")
	}
	s.press("q")
	if code := s.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.clean()
}

// Whatever ends the program from outside, the terminal is as it was.
func TestSignalsLeaveTheTerminalClean(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			s := newPerson(t).start("demo")
			s.until("the complete demo", complete)
			if err := s.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code := s.ends(); code != 130 {
				t.Errorf("exit code %d", code)
			}
			s.clean()
		})
	}
}

// What nohup has started does not end with the terminal, nor for an interrupt what a
// shell without jobs has begun in the background.
func TestASignalThatIsIgnoredEndsNothing(t *testing.T) {
	for name, sig := range map[string]os.Signal{"HUP": syscall.SIGHUP, "INT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			s := newPerson(t).in(120, 36, "/bin/sh", "-c", `trap "" `+name+`; exec "$0" demo`, ferry)
			s.until("the complete demo", complete)
			if err := s.Signal(sig); err != nil {
				t.Fatal(err)
			}
			s.press("2")
			s.says("Nothing is being transferred")
			s.press("q")
			if code := s.ends(); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// A command says what it has to say, and asks the terminal for nothing.
func TestCommandsAskTheTerminalNothing(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"ls", "--nonsense"}, 2, "--nonsense"},
		{[]string{"ls", "--base-url", "http://127.0.0.1:1", "--retries", "0"}, 2, "FERRY_API_KEY"},
		{[]string{"sync", "--help"}, 0, "Flags of every command"},
		{[]string{"--version"}, 0, "ferry version"},
	} {
		s := newPerson(t).start(c.args...)
		if code := s.ends(); code != c.code {
			t.Errorf("%q: exit code %d", c.args, code)
		}
		if raw := s.Written(); !strings.Contains(raw, c.says) {
			t.Errorf("%q says\n%s", c.args, raw)
		}
		s.asksNothing(s.Written())
	}
}

// On a terminal a message is broken between words, and its rest indented; a script
// gets it in one line.
func TestMessagesAreBrokenBetweenWords(t *testing.T) {
	p := newPerson(t)
	args := []string{"put", p.home, "In", "--patience", "as long as it takes, and a little longer than anybody would think", "--retries", "1"}
	_, whole, _ := p.run(args...)
	first, _, _ := strings.Cut(whole, "\n")
	if len(first) < 100 {
		t.Fatalf("the message is too short: %q", whole)
	}
	s := p.in(80, 24, ferry, args...)
	if code := s.ends(); code != 2 {
		t.Errorf("exit code %d", code)
	}
	raw := strings.ReplaceAll(s.Written(), "\r", "")
	if joined := strings.ReplaceAll(raw, "\n    ", " "); joined != whole || raw == whole {
		t.Errorf("on a terminal\n%s\nelsewhere\n%s", raw, whole)
	}
	for line := range strings.SplitSeq(raw, "\n") {
		if len(line) > 80 {
			t.Errorf("longer than the terminal is wide: %q", line)
		}
	}
	s.asksNothing(s.Written())
}

func TestSizesAndResizing(t *testing.T) {
	s := newPerson(t).at(80, 24, "demo")
	lines := func(screen string) (n, widest int) {
		all := strings.Split(screen, "\n")
		for _, l := range all {
			widest = max(widest, utf8.RuneCountInString(l)) // the demo's root has no wide names
		}
		return len(all), widest
	}
	full := func(w, h int) func(string) bool {
		return func(screen string) bool {
			n, widest := lines(screen)
			return n == h && widest <= w && widest >= w-1 &&
				strings.Contains(screen, "Finance/") && strings.Contains(screen, "? help") && strings.Contains(screen, "1 Files") &&
				strings.Contains(screen, "╰") && !strings.Contains(screen, "Ferry needs")
		}
	}
	s.until("the demo in 80×24", full(80, 24))
	for _, sz := range []struct{ w, h int }{{60, 16}, {40, 10}, {100, 30}, {80, 24}} {
		if err := s.Resize(sz.w, sz.h); err != nil {
			t.Fatal(err)
		}
		if sz.w < 60 {
			s.says("Ferry needs 60×16 cells", "this is "+strconv.Itoa(sz.w)+"×"+strconv.Itoa(sz.h))
			continue
		}
		s.until("the demo in "+strconv.Itoa(sz.w)+"×"+strconv.Itoa(sz.h), full(sz.w, sz.h))
	}
	s.press("q")
	if code := s.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.clean()
}

var sgr = regexp.MustCompile("\x1b\\[([0-9;:]*)m")

// colours lists the sequences that choose a colour.
func colours(raw string) (out []string) {
	for _, m := range sgr.FindAllStringSubmatch(raw, -1) {
		for p := range strings.SplitSeq(strings.ReplaceAll(m[1], ":", ";"), ";") {
			n, _ := strconv.Atoi(p)
			if n >= 30 && n <= 38 || n >= 40 && n <= 48 || n >= 90 && n <= 107 {
				out = append(out, m[0])
				break
			}
		}
	}
	return out
}

// everywhere visits the screens and the boxes.
func everywhere(s *screen) {
	s.t.Helper()
	s.until("the demo", func(x string) bool { return strings.Contains(x, "Finance/") && strings.Contains(x, "help") })
	s.press("space")
	s.says("1 marked")
	s.press("2")
	s.says("transfers")
	s.press("3")
	s.says("auditor-external")
	s.press("4")
	s.says("Weekly close")
	s.press("1")
	s.says("Finance/")
	s.press("?")
	s.says("help: files")
	s.press("esc")
	s.until("no help", func(x string) bool { return !strings.Contains(x, "help: files") })
	s.press("d")
	s.says("Delete", "cancel")
	s.press("esc")
	s.until("no question", func(x string) bool { return !strings.Contains(x, "Delete 1 item") })
}

func TestNoColour(t *testing.T) {
	p := newPerson(t)
	coloured := p.start("demo")
	everywhere(coloured)
	if len(colours(coloured.Written())) == 0 {
		t.Error("there are no colours where there should be some; this test sees nothing")
	}
	p.env = append(p.env, "NO_COLOR=1")
	plain := p.start("demo")
	everywhere(plain)
	if c := colours(plain.Written()); len(c) > 0 {
		t.Errorf("NO_COLOR, and yet %d colours, such as %q", len(c), c[0])
	}
}

func TestASCIIOnly(t *testing.T) {
	s := newPerson(t).start("demo", "--ascii")
	everywhere(s)
	raw := s.Written()
	bad := map[rune]bool{}
	for i, r := range raw {
		if r > 127 && !bad[r] {
			bad[r] = true
			t.Errorf("--ascii, and yet %q in %q", r, raw[max(i-40, 0):min(i+40, len(raw))])
		}
	}
}
