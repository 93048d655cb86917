//go:build unix

// Command screenshots takes the pictures of the README: it plays the demo in a
// terminal and draws what is on the screen.
//
//	go run ./screenshots            # all pictures, into screenshots/
//	go run ./screenshots -only help
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	xansi "github.com/charmbracelet/x/ansi"

	"ferry/tests/term"
)

// index tells the number of a colour of the sixteen.
func index(c color.Color) (int, bool) {
	if b, ok := c.(xansi.BasicColor); ok {
		return int(b), true
	}
	return 0, false
}

// step presses keys, types, or waits for a text.
type step struct {
	press []string
	text  string
	wait  string
}

func press(keys ...string) step { return step{press: keys} }
func typed(text string) step    { return step{text: text} }
func wait(text string) step     { return step{wait: text} }

// scene is one picture.
type scene struct {
	name  string
	args  []string
	w, h  int
	steps []step
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run() error {
	out := flag.String("out", "screenshots", "folder for the pictures")
	only := flag.String("only", "", "take this picture only")
	regular := flag.String("font", "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", "monospaced TrueType font")
	bold := flag.String("bold", "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf", "its bold face")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	f, err := loadFonts(*regular, *bold)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "ferry-pictures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	bin := filepath.Join(tmp, "ferry")
	build := exec.CommandContext(ctx, "go", "build", "-o", bin, ".")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	home, err := furnish(filepath.Join(tmp, "home"))
	if err != nil {
		return err
	}
	for _, s := range scenes {
		if *only != "" && s.name != *only {
			continue
		}
		if err := take(ctx, s, bin, home, filepath.Join(*out, s.name+".png"), f); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Println(filepath.Join(*out, s.name+".png"))
	}
	return nil
}

// furnish makes the local folder that is on the left of the pictures.
func furnish(home string) (string, error) {
	work := filepath.Join(home, "work", "invoices")
	if err := os.MkdirAll(filepath.Join(work, "drafts"), 0o755); err != nil {
		return "", err
	}
	for i, size := range []int{1_204_000, 1_098_000, 987_000, 1_310_000, 84_000, 412_000} {
		name := filepath.Join(work, fmt.Sprintf("invoice-%04d.pdf", i+1))
		if err := os.WriteFile(name, make([]byte, size), 0o644); err != nil {
			return "", err
		}
	}
	return home, os.WriteFile(filepath.Join(work, "supplier-overview-with-a-very-long-name-2026.xlsx"), make([]byte, 84_000), 0o644)
}

func take(ctx context.Context, s scene, bin, home, path string, f *fonts) (err error) {
	env := []string{"HOME=" + home, "XDG_STATE_HOME=" + home + "/.state", "XDG_CONFIG_HOME=" + home + "/.config"}
	args := append([]string{"--local-dir", filepath.Join(home, "work", "invoices"), "--theme", "dark"}, s.args...)
	t, err := term.Start(ctx, s.w, s.h, env, bin, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	for _, st := range s.steps {
		switch {
		case st.wait != "":
			err = t.UntilSays(ctx, st.wait)
		case st.text != "":
			err = t.Type(st.text)
		default:
			err = t.Press(st.press...)
		}
		if err != nil {
			return err
		}
	}
	if err := settle(ctx, t); err != nil {
		return err
	}
	return save(path, picture(t.Cells(), f))
}

// settle waits until the program has drawn nothing for a moment.
func settle(ctx context.Context, t *term.Terminal) error {
	last := -1
	tick := time.NewTicker(150 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if n := t.Bytes(); n == last {
				return nil
			} else {
				last = n
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
