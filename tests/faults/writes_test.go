//go:build unix

package faults

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// calm is a rig without anything that goes wrong, with some files on both sides.
func calm(t *testing.T) *round {
	t.Helper()
	r := newRig(t, fault{name: "calm"}, upSmall)
	o := &round{rig: r, rnd: rand.New(rand.NewPCG(1, 1)), home: t.TempDir(), dir: "there"}
	o.from = filepath.Join(o.home, "files")
	o.tree = small(o.rnd, 12)
	o.tree.write(t, o.from)
	o.fill(tree{"kept/a.txt": []byte("a"), "kept/b.txt": []byte("b"), "c.txt": nil})
	return o
}

// say runs a command through the proxy.
func (o *round) say(args ...string) (stdout, stderr string, code int) {
	o.t.Helper()
	cmd := o.command(o.proxy.addr, args...)
	cmd.Env = append(cmd.Env, "FERRY_API_KEY="+o.site.APIKey, "FERRY_RETRIES=0")
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // the exit code says it
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// What must not change the site sends nothing that could.
func TestNothingIsWritten(t *testing.T) {
	t.Parallel()
	o := calm(t)
	plan := filepath.Join(o.home, "plan.json")
	for _, c := range []struct {
		code int
		args []string
	}{
		{0, []string{"put", o.from, "there", "--dry-run"}},
		{0, []string{"get", "there/files", filepath.Join(o.home, "in"), "--dry-run"}},
		{0, []string{"get", "there/files", filepath.Join(o.home, "in"), "--move", "--dry-run"}},
		{0, []string{"sync", o.from, "there/files", "--push", "--dry-run"}},
		{0, []string{"sync", o.from, "there/files", "--both", "--dry-run"}},
		{0, []string{"sync", o.from, "there/files", "--push", "--plan", plan}},
		{0, []string{"mkdir", "-p", "new/folder", "--dry-run"}},
		{0, []string{"mv", "there/files", "elsewhere", "--dry-run"}},
		{0, []string{"cp", "there/files", "elsewhere", "--dry-run"}},
		{0, []string{"rm", "-r", "there", "--dry-run"}},
		{0, []string{"ls", "there", "--read-only"}},
		{0, []string{"stat", "there", "--read-only"}},
		{0, []string{"get", "there/files", filepath.Join(o.home, "in"), "--read-only"}},
		{2, []string{"put", o.from, "there", "--read-only"}},
		{2, []string{"get", "there/files", filepath.Join(o.home, "in"), "--move", "--read-only"}},
		{2, []string{"sync", o.from, "there/files", "--push", "--read-only"}},
		{2, []string{"mkdir", "new", "--read-only"}},
		{2, []string{"mv", "there/files", "elsewhere", "--read-only"}},
		{2, []string{"cp", "there/files", "elsewhere", "--read-only"}},
		{2, []string{"rm", "-r", "there", "--read-only"}},
	} {
		before := o.remote()
		_, stderr, code := o.say(c.args...)
		if code != c.code {
			t.Errorf("%v: exit code %d, want %d\n%s", c.args, code, c.code, stderr)
		}
		if o.proxy.requests() == 0 {
			t.Errorf("%v: the proxy has seen nothing", c.args)
		}
		o.proxy.mu.Lock()
		writes := o.proxy.writes
		o.proxy.writes, o.proxy.total = nil, 0
		o.proxy.mu.Unlock()
		if len(writes) > 0 {
			t.Errorf("%v: %v", c.args, writes)
		}
		if d := o.remote().differs(before); d != "" {
			t.Errorf("%v: %s", c.args, d)
		}
	}
	if _, err := os.Stat(plan); err != nil {
		t.Error(err)
	}
	// The proxy would have seen it.
	if _, stderr, code := o.say("mkdir", "new"); code != 0 || !slices.Contains(o.proxy.writes, "POST /api/rest/v1/folders/new") {
		t.Errorf("mkdir: %d %v %s", code, o.proxy.writes, stderr)
	}
}

// commands are those that ask the site for something.
func (o *round) commands() [][]string {
	return [][]string{
		{"put", o.from, "there"},
		{"get", "there/files", filepath.Join(o.home, "in")},
		{"sync", o.from, "there/files", "--push"},
		{"ls", "there"},
		{"stat", "there/files"},
		{"mkdir", "new"},
		{"mv", "there/files", "elsewhere"},
		{"cp", "there/files", "elsewhere"},
		{"rm", "-r", "there"},
	}
}

// waits are the commands that do not give up at once: they wait for a site that
// cannot be reached or pushes back, and for a login.
var waits = map[string][]string{
	"connection":          {"sync"},
	"not-authenticated":   {"put", "get", "sync"},
	"rate-limited":        {"put", "get", "sync"},
	"service-unavailable": {"put", "get", "sync"},
}

// Every command ends with the code of the group of what went wrong.
func TestExitCodes(t *testing.T) {
	for _, g := range []struct {
		code  int
		group string
		fault map[string]any
	}{
		{3, "connection", map[string]any{"drop": true}},
		{10, "bad-request", map[string]any{"type": "bad-request/invalid-path", "status": 400}},
		{11, "not-authenticated", map[string]any{"type": "not-authenticated/invalid-credentials", "status": 401}},
		{12, "not-authorized", map[string]any{"type": "not-authorized/insufficient-permission-for-params", "status": 403}},
		{13, "not-found", map[string]any{"type": "not-found", "status": 404}},
		{14, "processing-failure", map[string]any{"type": "processing-failure/file-processing-error", "status": 422}},
		{15, "rate-limited", map[string]any{"type": "rate-limited/too-many-requests", "status": 429}},
		{16, "service-unavailable", map[string]any{"type": "service-unavailable/uploads-unavailable", "status": 503}},
		{17, "site-configuration", map[string]any{"type": "site-configuration/account-overdue", "status": 403}},
	} {
		t.Run(g.group, func(t *testing.T) {
			t.Parallel()
			o := calm(t)
			for _, args := range o.commands() {
				if slices.Contains(waits[g.group], args[0]) {
					continue
				}
				t.Run(args[0], func(t *testing.T) {
					// The login works; what the command asks for does not.
					var plan []map[string]any
					for _, where := range []string{"file.*", "folder.*"} {
						f := maps.Clone(g.fault)
						f["match"] = where
						plan = append(plan, f)
					}
					o.faults(plan...)
					if g.code == 3 {
						args = slices.Concat(args, patienceOf(args[0]))
					}
					out, stderr, code := o.say(args...)
					if code != g.code {
						t.Errorf("exit code %d, want %d\n%s%s", code, g.code, out, stderr)
					}
					if !strings.Contains(stderr, "ferry: ") || strings.Count(stderr, "\n") < 3 {
						t.Errorf("it says only\n%s", stderr)
					}
				})
			}
		})
	}
	t.Run("usage", func(t *testing.T) {
		t.Parallel()
		o := calm(t)
		for _, args := range o.commands() {
			if _, stderr, code := o.say(args[0], "--no-such-flag"); code != 2 || !strings.Contains(stderr, "no-such-flag") {
				t.Errorf("%s: exit code %d\n%s", args[0], code, stderr)
			}
		}
	})
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		o := calm(t)
		writeFile(t, filepath.Join(o.home, "file"), []byte("x"), changed)
		for _, args := range [][]string{
			{"put", filepath.Join(o.home, "missing"), "there"},
			{"get", "there/files", filepath.Join(o.home, "file", "in")},
			{"sync", filepath.Join(o.home, "missing"), "there/files", "--push"},
		} {
			if _, stderr, code := o.say(args...); code != 4 {
				t.Errorf("%v: exit code %d\n%s", args, code, stderr)
			}
		}
	})
}

// patienceOf is how a command is told not to wait for a lost connection.
func patienceOf(command string) []string {
	switch command {
	case "put", "get", "sync":
		return []string{"--patience", "1s"}
	}
	return nil
}

// Lines of --json can be read one by one and say what happened to each file.
func TestLinesOfJSON(t *testing.T) {
	t.Parallel()
	o := calm(t)
	for _, c := range []struct {
		args []string
		want map[string]int // lines by event
	}{
		{[]string{"put", o.from, "there"}, map[string]int{"scan": 1, "file": 12, "summary": 1}},
		{[]string{"get", "there/files", filepath.Join(o.home, "in")}, map[string]int{"scan": 1, "file": len(o.remote()) + len(o.tree), "summary": 1}},
		{[]string{"sync", o.from, "copy", "--push", "--dry-run"}, map[string]int{"plan": 12}},
		{[]string{"sync", o.from, "copy", "--push"}, map[string]int{"scan": 1, "file": 12, "summary": 1}},
		{[]string{"sync", o.from, "copy", "--push"}, map[string]int{"summary": 1}},
	} {
		o.summed()
		out, stderr, code := o.say(append(c.args, "--json")...)
		if code != 0 {
			t.Fatalf("%v: %d %s", c.args, code, stderr)
		}
		got := map[string]int{}
		for line := range strings.Lines(out) {
			var e map[string]any
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatalf("%v: %q: %v", c.args, line, err)
			}
			event, _ := e["event"].(string)
			got[event]++
			if event == "file" && (e["verified"] != "verified" || e["by"] == nil || e["size"] == nil || e["state"] != "done") {
				t.Errorf("%v: %s", c.args, line)
			}
		}
		for k, n := range c.want {
			if got[k] != n {
				t.Errorf("%v: %d lines of %s, want %d:\n%s", c.args, got[k], k, n, out)
			}
		}
	}
	if status, _, err := o.site.Do(o.ctx, http.MethodGet, "/folders/copy", nil); err != nil || status != http.StatusOK {
		t.Error(status, err)
	}
}
