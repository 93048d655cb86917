package conformance

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// site is what `ferry serve --json` says about itself when it is ready.
var site struct {
	BaseURL string `json:"base_url"`
	APIKey  string `json:"api_key"`
	Users   []struct {
		Username   string `json:"username"`
		Password   string `json:"password"`
		TOTPSecret string `json:"totp_secret"`
		Role       string `json:"role"`
	} `json:"users"`
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run serves one site for the whole run. The tests share it and keep apart by
// working below a folder of their own, as several clients of one site do.
func run(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "ferry-conformance-")
	if err != nil {
		return failed(err)
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			code = failed(err)
		}
	}()
	bin, err := build(dir)
	if err != nil {
		return failed(err)
	}
	stop, err := serve(bin, filepath.Join(dir, "site"))
	if err != nil {
		return failed(err)
	}
	code = m.Run()
	if err := stop(); err != nil {
		return failed(err)
	}
	return code
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "conformance:", err)
	return 1
}

// build makes the program from the source next to this module. FERRY_BINARY
// names a finished one instead, to judge a release.
func build(dir string) (string, error) {
	if bin := os.Getenv("FERRY_BINARY"); bin != "" {
		return bin, nil
	}
	bin := filepath.Join(dir, "ferry")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	cmd := exec.Command("go", "build", "-o", bin, ".")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return bin, cmd.Run()
}

// serve starts the site and fills in [site]. The returned function ends it
// as systems do and gives an error when it does not end well.
func serve(bin, data string) (stop func() error, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer func() {
		if err != nil {
			cancel()
		}
	}()
	cmd := exec.CommandContext(ctx, bin, "serve", "--addr", "127.0.0.1:0", "--json", "--data", data)
	cmd.Stderr = os.Stderr
	cmd.WaitDelay = 15 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &site)
	}
	if err == nil && (site.BaseURL == "" || site.APIKey == "" || len(site.Users) == 0) {
		err = errors.New("the line of JSON lacks the address, the key or the users")
	}
	if err != nil {
		cancel()
		return nil, errors.Join(fmt.Errorf("ferry serve said %q: %w", line, err), cmd.Wait())
	}
	return func() error {
		defer cancel()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, out); err != nil {
			return err
		}
		return cmd.Wait()
	}, nil
}
