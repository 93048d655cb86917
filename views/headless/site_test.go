package headless_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"ferry/backend"
	"ferry/backend/server"
	"ferry/backend/session"
	"ferry/views/headless"
)

// shell runs command lines against an embedded site, each in a session of its
// own, as separate runs of the program do.
type shell struct {
	t      *testing.T
	site   *server.Server
	opener session.Opener
	cred   backend.Credentials
}

func newShell(t *testing.T) *shell {
	t.Helper()
	site, err := server.Open(t.Context(), server.Options{World: "empty"})
	if err != nil {
		t.Fatal(err)
	}
	line := site.Listen()
	t.Cleanup(func() {
		_ = line.Close()
		_ = site.Close()
	})
	sh := &shell{t: t, site: site, cred: backend.Credentials{BaseURL: server.LocalURL, APIKey: site.Info().APIKey}}
	sh.opener.StateDir, sh.opener.Owner = t.TempDir(), "headless"
	sh.opener.Client.Dial = line.DialContext
	return sh
}

// run gives what was printed and the exit code.
func (sh *shell) run(ctx context.Context, args ...string) (out, errs string, code int) {
	var o bytes.Buffer
	errs, code = sh.runTo(ctx, &o, args...)
	return o.String(), errs, code
}

func (sh *shell) runTo(ctx context.Context, out io.Writer, args ...string) (errs string, code int) {
	root := &cobra.Command{Use: "ferry", SilenceErrors: true, SilenceUsage: true, Args: headless.Args(cobra.NoArgs), RunE: func(*cobra.Command, []string) error { return nil }}
	root.SetFlagErrorFunc(headless.FlagError)
	root.AddCommand(headless.Commands(func(ctx context.Context, journal bool) (*headless.Session, error) {
		o := sh.opener
		if !journal {
			o.StateDir = ""
		}
		s, err := o.Steady(ctx, sh.cred)
		if err != nil {
			return nil, err
		}
		return &headless.Session{Site: s.Client, Disk: s.Disk, Queue: s.Engine, Ended: s.Ended(), Close: s.Close}, nil
	})...)
	var e bytes.Buffer
	root.SetOut(out)
	root.SetErr(&e)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	headless.Report(out, &e, args, err)
	return e.String(), headless.ExitCode(err)
}

// ok expects a command to succeed.
func (sh *shell) ok(args ...string) string {
	sh.t.Helper()
	out, errs, code := sh.run(sh.t.Context(), args...)
	if code != 0 {
		sh.t.Fatalf("ferry %s: code %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// summary is the last line of --json.
func (sh *shell) summary(out string) map[string]any {
	sh.t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var m map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &m); err != nil {
		sh.t.Fatalf("%q: %v", lines[len(lines)-1], err)
	}
	return m
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// after ends a command when it has written a text: the interrupt of a person who
// watches.
type after struct {
	text string
	then func()
	all  bytes.Buffer
}

func (a *after) Write(p []byte) (int, error) {
	n, err := a.all.Write(p)
	if strings.Contains(a.all.String(), a.text) {
		a.then()
	}
	return n, err
}

// Links that are left out are said to people and to scripts.
func TestLinksThatAreLeftOutAreSaid(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	write(t, filepath.Join(dir, "t", "a.txt"), []byte("one"))
	if err := os.Symlink("a.txt", filepath.Join(dir, "t", "b.txt")); err != nil {
		t.Fatal(err)
	}
	if m := sh.summary(sh.ok("put", filepath.Join(dir, "t"), "In", "--json")); m["links_skipped"] != 1.0 || m["files_done"] != 1.0 {
		t.Errorf("got %v", m)
	}
	if out := sh.ok("put", filepath.Join(dir, "t"), "In"); !strings.Contains(out, "; 1 link left out") {
		t.Errorf("got %q", out)
	}
}

func TestADaysWorkInScripts(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	write(t, at("t/a.txt"), []byte("one"))
	write(t, at("t/sub/b.bin"), bytes.Repeat([]byte("x"), 6<<20))

	if out := sh.ok("put", at("t"), "In/box", "--dry-run"); !strings.Contains(out, "t/sub/b.bin") {
		t.Errorf("dry run: %q", out)
	}
	if _, _, code := sh.run(t.Context(), "stat", "In"); code != 13 {
		t.Errorf("a dry run made the folder: %d", code)
	}
	if m := sh.summary(sh.ok("put", at("t"), "In/box", "--json")); m["files_done"] != 2.0 || m["verified"] != "verified" {
		t.Errorf("put: %v", m)
	}
	if m := sh.summary(sh.ok("put", at("t"), "In/box", "--json", "--conflict", "skip")); m["files_skipped"] != 2.0 {
		t.Errorf("put again: %v", m)
	}
	sh.ok("get", "In/box/t", at("back"), "--as", "u")
	if b, err := os.ReadFile(at("back/u/sub/b.bin")); err != nil || len(b) != 6<<20 {
		t.Errorf("%d bytes came back, %v", len(b), err)
	}
	sh.ok("mkdir", "-p", "x/y")
	sh.ok("mkdir", "-p", "x/y")
	sh.ok("mv", "In/box/t/a.txt", "x/y")
	sh.ok("cp", "x/y/a.txt", "x/c.txt")
	if out := sh.ok("ls", "-r", "x", "--json"); !strings.Contains(out, `"x/c.txt"`) || !strings.Contains(out, `"x/y/a.txt"`) {
		t.Errorf("ls: %s", out)
	}
	if _, _, code := sh.run(t.Context(), "rm", "x"); code != 14 {
		t.Errorf("rm of a full folder: %d", code)
	}
	if _, errs, code := sh.run(t.Context(), "rm", "x", "--dry-run"); code != 14 || !strings.Contains(errs, "not empty") {
		t.Errorf("rm --dry-run of a full folder: %d %s", code, errs)
	}
	if out := sh.ok("rm", "-r", "x", "--dry-run"); !strings.Contains(out, "delete  x/  with 2 files and 1 folder in it") {
		t.Errorf("rm -r --dry-run: %q", out)
	}
	if out := sh.ok("cp", "x/c.txt", "x/d.txt", "--json"); strings.Contains(out, `"files_moved":0`) {
		t.Errorf("a copy of one file: %s", out)
	}
	sh.ok("rm", "-r", "x")

	// Two folders in line, with a plan that is kept and one that no longer fits.
	plan := at("plan.json")
	sh.ok("sync", at("t"), "In/box/t", "--push", "--mirror", "--by", "hash", "--plan", plan)
	sh.ok("sync", "--run", plan)
	if out := sh.ok("sync", at("t"), "In/box/t", "--both"); !strings.Contains(out, "2 the same") {
		t.Errorf("sync: %q", out)
	}
	if err := os.Remove(at("t/a.txt")); err != nil {
		t.Fatal(err)
	}
	write(t, at("t/new"), []byte("new"))
	sh.ok("sync", at("t"), "In/box/t", "--push", "--mirror", "--plan", plan)
	write(t, at("t/new"), []byte("newer"))
	if _, errs, code := sh.run(t.Context(), "sync", "--run", plan, "--delete-count", "1"); code != 2 || !strings.Contains(errs, "since the plan was made") {
		t.Errorf("an old plan was run: %d %s", code, errs)
	}
	if _, errs, code := sh.run(t.Context(), "sync", at("t"), "In/box/t", "--push", "--mirror"); code != 2 || !strings.Contains(errs, "--delete-count 1") {
		t.Errorf("deletions were not asked for: %d %s", code, errs)
	}
	sh.ok("sync", at("t"), "In/box/t", "--push", "--mirror", "--delete-count", "1")
	if out := sh.ok("ls", "-r", "In/box/t", "--json"); strings.Contains(out, "a.txt") || !strings.Contains(out, "/new\"") {
		t.Errorf("after the mirror: %s", out)
	}
}

// An interrupted upload says how to go on, and the same command does.
func TestTheSameCommandGoesOnAfterAnInterrupt(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	for i := range 40 { // under the limit they take a dozen seconds, a few at a time
		write(t, filepath.Join(dir, "t", fmt.Sprint(i)), bytes.Repeat([]byte("y"), 64<<10))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	args := []string{"put", filepath.Join(dir, "t"), "In", "--json", "--limit", "200KB/s"}
	seen := &after{text: `"state":"done"`, then: cancel} // the first file
	errs, code := sh.runTo(ctx, seen, args...)
	out := seen.all.String()
	if code != 130 || !strings.Contains(errs, "same command again") || sh.summary(out)["state"] != "interrupted" {
		t.Fatalf("%d %q %q", code, out, errs)
	}
	m := sh.summary(sh.ok("put", filepath.Join(dir, "t"), "In", "--json"))
	if m["resumed"] != true || m["files_done"] != 40.0 || m["verified"] != "verified" {
		t.Errorf("%v", m)
	}
}

// faults lets the site go wrong from now on, or no more.
func (sh *shell) faults(list ...server.Fault) {
	sh.t.Helper()
	if err := sh.site.SetFaults(list...); err != nil {
		sh.t.Error(err)
	}
}

// A key that is revoked while files are moved ends the run: nobody can log in.
// What was done is kept for the next run.
func TestARevokedKeyEndsTheRun(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	from, back := filepath.Join(dir, "t"), filepath.Join(dir, "back")
	write(t, filepath.Join(from, "a"), []byte("first"))
	write(t, filepath.Join(from, "b"), bytes.Repeat([]byte("y"), 8<<20))
	for _, args := range [][]string{
		{"put", from, "In"},
		{"get", "In/t", back},
		{"sync", from, "Synced", "--push"},
	} {
		t.Run(args[0], func(t *testing.T) {
			args = append(args, "--json", "--patience", "0")
			sh.faults(server.Fault{Match: "storage.*", Status: 503}) // nothing is done before it is revoked
			seen := &after{text: `"event":"scan"`, then: func() {
				sh.faults(
					server.Fault{Match: "storage.*", Expire: true},
					server.Fault{Match: "*.*", Type: "not-authenticated/invalid-credentials"},
				)
			}}
			errs, code := sh.runTo(t.Context(), seen, args...)
			if out := seen.all.String(); code != 11 || !strings.Contains(errs, "same command again") || sh.summary(out)["state"] != "stopped" {
				t.Fatalf("%d %q %q", code, out, errs)
			}
			sh.faults()
			if m := sh.summary(sh.ok(args...)); m["files_done"] != 2.0 || m["state"] != "done" {
				t.Errorf("%v", m)
			}
		})
	}
}
