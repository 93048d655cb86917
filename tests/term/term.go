//go:build unix

// Package term runs a program in a real pseudo-terminal and reads what it shows
// through a terminal emulator.
package term

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// Terminal is a program and the screen it draws on.
type Terminal struct {
	cmd  *exec.Cmd
	file *os.File
	emu  *vt.Emulator
	wg   sync.WaitGroup

	mu     sync.Mutex
	raw    []byte // written so far; grows with every change of the screen
	err    error
	exited chan struct{}
}

// Start runs a program in a terminal of w×h cells. env is added to a small
// environment of its own.
func Start(ctx context.Context, w, h int, env []string, name string, args ...string) (*Terminal, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append([]string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)})
	if err != nil {
		return nil, fmt.Errorf("start %s in a terminal: %w", name, err)
	}
	t := &Terminal{cmd: cmd, file: file, emu: vt.NewEmulator(w, h), exited: make(chan struct{})}
	t.wg.Go(t.answer)
	t.wg.Go(t.read)
	return t, nil
}

// answer passes on what the emulator answers to queries. It has to be read even
// when nobody is there to hear it, or the emulator stands still.
func (t *Terminal) answer() {
	buf := make([]byte, 4<<10)
	for {
		n, err := t.emu.Read(buf)
		if err != nil {
			return
		}
		_, _ = t.file.Write(buf[:n])
	}
}

func (t *Terminal) read() {
	defer close(t.exited)
	buf := make([]byte, 64<<10)
	for {
		n, err := t.file.Read(buf)
		if n > 0 {
			t.mu.Lock()
			_, _ = t.emu.Write(buf[:n])
			t.raw = append(t.raw, buf[:n]...)
			t.mu.Unlock()
		}
		if err != nil {
			break // the program has closed its side
		}
	}
	err := t.cmd.Wait()
	t.mu.Lock()
	t.err = err
	t.mu.Unlock()
}

// Text is the screen without colours, one line a row.
func (t *Terminal) Text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(ansi.Strip(t.emu.Render()), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \r")
	}
	return strings.Join(lines, "\n")
}

// Bytes is how much the program has written so far.
func (t *Terminal) Bytes() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.raw)
}

// Written is everything the program has written so far, with its escape
// sequences.
func (t *Terminal) Written() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.raw)
}

// Cell is one cell of the screen as a picture needs it.
type Cell struct {
	Text                                   string
	Width                                  int
	Fg, Bg                                 color.Color // nil is the terminal's own
	Bold, Faint, Italic, Underline, Invert bool
}

// Cells are the rows of the screen.
func (t *Terminal) Cells() [][]Cell {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([][]Cell, t.emu.Height())
	for y := range out {
		out[y] = make([]Cell, t.emu.Width())
		for x := range out[y] {
			c := t.emu.CellAt(x, y)
			if c == nil {
				continue
			}
			out[y][x] = Cell{
				Text: c.Content, Width: c.Width, Fg: c.Style.Fg, Bg: c.Style.Bg,
				Bold: c.Style.Attrs&attrBold != 0, Faint: c.Style.Attrs&attrFaint != 0,
				Italic: c.Style.Attrs&attrItalic != 0, Invert: c.Style.Attrs&attrReverse != 0,
				Underline: c.Style.Underline != 0,
			}
		}
	}
	return out
}

// The attributes of a cell, as the emulator numbers them.
const (
	attrBold = 1 << iota
	attrFaint
	attrItalic
	_ // blink
	_ // rapid blink
	attrReverse
)

var sequences = map[string]string{
	"enter": "\r", "esc": "\x1b", "tab": "\t", "space": " ", "backspace": "\x7f", "shift+tab": "\x1b[Z",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
	"pgup": "\x1b[5~", "pgdown": "\x1b[6~", "delete": "\x1b[3~",
	"f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~",
	"f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~", "f10": "\x1b[21~",
}

// Press presses keys by their names.
func (t *Terminal) Press(keys ...string) error {
	for _, k := range keys {
		s, ok := sequences[k]
		if !ok {
			s = k
			if c, found := strings.CutPrefix(k, "ctrl+"); found && len(c) == 1 {
				s = string(c[0] & 0x1f)
			}
		}
		if _, err := t.file.WriteString(s); err != nil {
			return err
		}
	}
	return nil
}

// Type types a text.
func (t *Terminal) Type(text string) error {
	_, err := t.file.WriteString(text)
	return err
}

// Resize changes the window.
func (t *Terminal) Resize(w, h int) error {
	t.mu.Lock()
	t.emu.Resize(w, h)
	t.mu.Unlock()
	return pty.Setsize(t.file, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)})
}

// Until waits until the screen satisfies ok.
func (t *Terminal) Until(ctx context.Context, what string, ok func(screen string) bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	seen := -1
	for {
		if n := t.Bytes(); n != seen {
			seen = n
			if ok(t.Text()) {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-t.exited:
			if ok(t.Text()) {
				return nil
			}
			return fmt.Errorf("the program ended (%w) before %s; the screen says:\n%s", t.end(), what, t.Text())
		case <-ctx.Done():
			return fmt.Errorf("%w: it never came to %s; the screen says:\n%s", ctx.Err(), what, t.Text())
		}
	}
}

// UntilSays waits until the screen holds a text.
func (t *Terminal) UntilSays(ctx context.Context, text string) error {
	return t.Until(ctx, "“"+text+"”", func(s string) bool { return strings.Contains(s, text) })
}

// Exited is closed when the program has ended.
func (t *Terminal) Exited() <-chan struct{} { return t.exited }

// Err is how the program ended.
func (t *Terminal) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// end is Err, or what stands for it when all went well.
func (t *Terminal) end() error {
	if err := t.Err(); err != nil {
		return err
	}
	return errors.New("exit status 0")
}

// Signal sends a signal to the program.
func (t *Terminal) Signal(s os.Signal) error { return t.cmd.Process.Signal(s) }

// Stacks ends a program that does not end by itself, and gives what its
// goroutines were busy with.
func (t *Terminal) Stacks(ctx context.Context) string {
	before := t.Bytes()
	if err := t.Signal(syscall.SIGQUIT); err != nil {
		return err.Error()
	}
	select {
	case <-t.exited:
	case <-ctx.Done():
	}
	return t.Written()[before:]
}

// AltScreen tells whether the program still has the screen.
func (t *Terminal) AltScreen() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.emu.IsAltScreen()
}

// Close kills the program, if it still runs, and waits for it.
func (t *Terminal) Close() error {
	err := t.cmd.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	<-t.exited
	// Closing the emulator itself races with its Read; the end of what it would
	// answer ends the copy.
	if in, ok := t.emu.InputPipe().(io.Closer); ok {
		err = errors.Join(err, in.Close())
	}
	cerr := t.file.Close()
	t.wg.Wait()
	return errors.Join(err, cerr, t.emu.Close())
}
