// Package proc builds the program and runs its demo site as a process of its
// own, for tests that kill it.
package proc

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Build builds the program into a folder and gives its path.
func Build(dir string) (string, error) {
	binary := filepath.Join(dir, "ferry")
	if out, err := exec.Command("go", "build", "-o", binary, "ferry").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return binary, nil
}

// Main runs tests that use the program: it is built once, and its path given to
// set. The result is the exit code. The program ends for the signals that end it,
// even when the tests were begun with those ignored, which it would inherit.
func Main(set func(binary string), run func() int) int {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
	dir, err := os.MkdirTemp("", "ferry-tests-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary, err := Build(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	set(binary)
	return run()
}

// Home is the environment of somebody with a home folder of their own and no
// key store.
func Home(dir string) []string {
	return []string{
		"HOME=" + dir,
		"XDG_CONFIG_HOME=" + filepath.Join(dir, "config"), "XDG_STATE_HOME=" + filepath.Join(dir, "state"),
		"XDG_DATA_HOME=" + filepath.Join(dir, "data"), "XDG_CACHE_HOME=" + filepath.Join(dir, "cache"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(dir, "no-bus"),
	}
}

// User is somebody who can log in to the site.
type User struct {
	Username   string `json:"username"`
	Password   string `json:"password"`
	TOTPSecret string `json:"totp_secret"`
	Role       string `json:"role"`
}

// Site is a running "ferry serve".
type Site struct {
	BaseURL string `json:"base_url"`
	APIKey  string `json:"api_key"`
	Users   []User `json:"users"`
	Line    []byte `json:"-"` // what it printed when it was ready
	Calm    bool   `json:"-"` // the requests of Do meet none of the planned faults

	cmd    *exec.Cmd
	stderr bytes.Buffer
	rest   chan []byte
}

// Serve starts the site on a free port of this machine, or on that of an --addr
// among the arguments, and waits until it is ready. It ends with Kill or Wait.
func Serve(ctx context.Context, binary string, env []string, args ...string) (*Site, error) {
	s := &Site{rest: make(chan []byte, 1)}
	s.cmd = exec.CommandContext(ctx, binary, append([]string{"serve", "--addr", "127.0.0.1:0", "--json"}, args...)...)
	s.cmd.Env = env
	if env == nil { // what is set for the person who runs the tests is not meant for the site
		s.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "FERRY_") })
	}
	s.cmd.Stderr = &s.stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan error, 1)
	go s.read(out, ready)
	if err = <-ready; err == nil {
		err = json.Unmarshal(s.Line, s)
	}
	if err == nil && (s.BaseURL == "" || s.APIKey == "") {
		err = errors.New("the line lacks the address or the key")
	}
	if err != nil {
		s.Kill()
		return nil, fmt.Errorf("the site does not start: %w: %q %s", err, s.Line, s.stderr.Bytes())
	}
	return s, nil
}

// read takes the one line, then whatever else there is, which is nothing.
func (s *Site) read(out io.Reader, ready chan<- error) {
	defer close(s.rest)
	r := bufio.NewReader(out)
	var err error
	s.Line, err = r.ReadBytes('\n')
	ready <- err
	rest, _ := io.ReadAll(r)
	s.rest <- rest
}

// Kill ends the site at once, with SIGKILL where there are signals. A site that
// has ended stays as it is.
func (s *Site) Kill() {
	_ = s.cmd.Process.Kill()
	_, _ = s.Wait() // which says so
}

// Pid is the id of the process.
func (s *Site) Pid() int { return s.cmd.Process.Pid }

// Signal sends a signal.
func (s *Site) Signal(sig os.Signal) error { return s.cmd.Process.Signal(sig) }

// Wait waits for the end and gives what was printed after the first line.
func (s *Site) Wait() (rest []byte, err error) {
	rest = <-s.rest
	return rest, s.cmd.Wait()
}

// Address is where the site listens, as --addr takes it.
func (s *Site) Address() string { return strings.TrimPrefix(s.BaseURL, "http://") }

// Do makes a request with the site's key: to an address, or to a path below that
// of the API. body is sent as it is when it is a string, else as JSON.
func (s *Site) Do(ctx context.Context, method, url string, body any) (status int, answer []byte, err error) {
	var r io.Reader
	if text, ok := body.(string); ok {
		r = strings.NewReader(text)
	} else if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		r = bytes.NewReader(b)
	}
	if strings.HasPrefix(url, "/") {
		url = s.BaseURL + "/api/rest/v1" + url
	}
	req, err := http.NewRequestWithContext(ctx, method, url, r)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("X-FilesAPI-Key", s.APIKey)
	if s.Calm {
		req.Header.Set("X-Ferry-Fault", "latency=0s")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// ErrMissing says that there is no such file on the site.
var ErrMissing = errors.New("there is no such file")

// Content is a file of the site.
func (s *Site) Content(ctx context.Context, path string) ([]byte, error) {
	status, body, err := s.Do(ctx, http.MethodGet, "/files/"+path, nil)
	if err != nil {
		return nil, err
	}
	var file struct {
		DownloadURI string `json:"download_uri"`
	}
	switch err := json.Unmarshal(body, &file); {
	case status == http.StatusNotFound:
		return nil, ErrMissing
	case err != nil || status != http.StatusOK || file.DownloadURI == "":
		return nil, fmt.Errorf("%s: %d %s (%w)", path, status, body, err)
	}
	status, body, err = s.Do(ctx, http.MethodGet, file.DownloadURI, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: %d", file.DownloadURI, status)
	}
	return body, err
}
