//go:build unix

// Command screenshots takes the pictures of the README: it plays the demo in a
// terminal and draws what is on the screen.
//
//	go run ./screenshots            # all pictures, into screenshots/
//	go run ./screenshots -only help
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	wait  string // a pattern that the screen has to match
	gone  string // and one that it must not
}

func press(keys ...string) step { return step{press: keys} }
func typed(text string) step    { return step{text: text} }
func wait(pattern string) step  { return step{wait: pattern} }
func gone(pattern string) step  { return step{gone: pattern} }

// scene is one picture.
type scene struct {
	name  string
	args  []string
	site  bool // log in to a served site as somebody who may not do everything
	live  bool // the screen is moving: take it at the last step
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
	served, stop, err := serve(ctx, bin, tmp)
	if err != nil {
		return err
	}
	defer stop()
	for _, s := range scenes {
		if *only != "" && s.name != *only {
			continue
		}
		home := filepath.Join(tmp, s.name) // each picture starts from nothing
		if err := furnish(home); err != nil {
			return err
		}
		if err := take(ctx, s, bin, home, served, filepath.Join(*out, s.name+".png"), f); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Println(filepath.Join(*out, s.name+".png"))
	}
	return nil
}

// serve puts the demo site on a port, for the pictures that need a login.
func serve(ctx context.Context, bin, home string) (base string, stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, bin, "serve", "--addr", "127.0.0.1:0", "--json")
	cmd.Env = []string{"HOME=" + home}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return "", nil, fmt.Errorf("serve the demo site: %w", err)
	}
	stop = func() { cancel(); _ = cmd.Wait() } // killed on purpose
	var info struct {
		BaseURL string `json:"base_url"`
	}
	if err := json.NewDecoder(out).Decode(&info); err != nil {
		stop()
		return "", nil, fmt.Errorf("serve the demo site: %w", err)
	}
	return info.BaseURL, stop, nil
}

// furnish makes the local folder that is on the left of the pictures.
func furnish(home string) error {
	work := filepath.Join(home, "work", "invoices")
	for i, d := range []string{"drafts", "reviewed"} {
		if err := os.MkdirAll(filepath.Join(work, d), 0o755); err != nil {
			return err
		}
		if err := age(filepath.Join(work, d), 20*(i+1)); err != nil {
			return err
		}
	}
	files := []struct {
		name  string
		size  int
		hours int // since the last change
	}{
		{"../2026/budget.xlsx", 361_000, 3},
		{"../2026/close-checklist.md", 3_120, 900},
		{"../2026/ledger-2026-11.csv", 2_840_000, 3},
		{"../2026/notes.md", 1_870, 5},
		{"../2026/Payables/payment-run-24.csv", 61_000, 28},
		{"../2026/Payables/payment-run-25.csv", 64_000, 2},
		{"checklist.md", 3_412, 30},
		{"ledger-2026-11.csv", 2_840_000, 3},
		{"invoice-0301.pdf", 204_000, 700},
		{"invoice-0302.pdf", 198_000, 520},
		{"invoice-0303.pdf", 87_000, 410},
		{"invoice-0304.pdf", 131_000, 260},
		{"invoice-0305.pdf", 84_000, 130},
		{"invoice-0306.pdf", 412_000, 76},
		{"invoice-0307.pdf", 96_000, 50},
		{"invoice-0308.pdf", 240_000, 27},
		{"invoice-0309.pdf", 77_000, 2},
		{"payment-run-24.csv", 61_000, 28},
		{"scan-to-sort-0001.tif", 8_900_000, 9},
		{"scan-to-sort-0002.tif", 7_100_000, 9},
		{"supplier-overview-complete-and-reconciled-2026.xlsx", 484_000, 55},
	}
	for _, f := range files {
		path := filepath.Join(work, f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, make([]byte, f.size), 0o644); err != nil {
			return err
		}
		if err := age(path, f.hours); err != nil {
			return err
		}
	}
	return nil
}

func age(path string, hours int) error {
	at := time.Now().Add(-time.Duration(hours) * time.Hour)
	return os.Chtimes(path, at, at)
}

// patience bounds every step of a scene.
const patience = 20 * time.Second

func take(ctx context.Context, s scene, bin, home, served, path string, f *fonts) (err error) {
	env := []string{"HOME=" + home, "TZ=UTC"}
	if s.site {
		env = append(env, "FERRY_BASE_URL="+served, "FERRY_USERNAME=operator", "FERRY_PASSWORD=ferry-operator")
	}
	args := append([]string{"--local-dir", filepath.Join(home, "work", "invoices"), "--theme", "dark"}, s.args...)
	t, err := term.Start(ctx, s.w, s.h, env, bin, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	for _, st := range s.steps {
		switch {
		case st.wait != "":
			err = until(ctx, t, st.wait, true)
		case st.gone != "":
			err = until(ctx, t, st.gone, false)
		case st.text != "":
			err = t.Type(st.text)
		default:
			err = t.Press(st.press...)
		}
		if err != nil {
			return err
		}
	}
	if !s.live {
		if err := settle(ctx, t); err != nil {
			return err
		}
	}
	return save(path, picture(t.Cells(), f))
}

func until(ctx context.Context, t *term.Terminal, pattern string, there bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	re, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	return t.Until(ctx, pattern, func(s string) bool { return re.MatchString(s) == there })
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
