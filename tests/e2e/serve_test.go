//go:build unix

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// get asks the site for something with the key it printed.
func (s *served) get(t *testing.T, path string) (status int, body []byte) {
	t.Helper()
	status, body, err := s.Do(t.Context(), http.MethodGet, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return status, body
}

// content is a file of the site.
func (s *served) content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := s.Content(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestServePrintsOneLineAndAnswers(t *testing.T) {
	p := newPerson(t)
	s := p.serve()

	var line map[string]any
	if err := json.Unmarshal(s.Line, &line); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"base_url", "api_key", "users"} {
		if line[k] == nil {
			t.Errorf("the line has no %s: %s", k, s.Line)
		}
	}
	users, _ := line["users"].([]any)
	if len(users) < 3 {
		t.Fatalf("%d users", len(users))
	}
	for _, u := range users {
		for _, k := range []string{"username", "password", "totp_secret", "role"} {
			if _, ok := u.(map[string]any)[k].(string); !ok {
				t.Errorf("a user has no %s: %v", k, u)
			}
		}
	}
	if !strings.HasPrefix(s.BaseURL, "http://127.0.0.1:") || strings.HasSuffix(s.BaseURL, ":0") {
		t.Errorf("the address is %s", s.BaseURL)
	}

	status, body := s.get(t, "/folders/Finance")
	if status != http.StatusOK || !strings.Contains(string(body), `"Finance/2026"`) {
		t.Errorf("the folder: %d %.200s", status, body)
	}
	s.APIKey = "Wrong"
	if status, body = s.get(t, "/folders/Finance"); status != http.StatusUnauthorized {
		t.Errorf("with a wrong key: %d %.200s", status, body)
	}

	if err := s.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := s.Wait()
	if len(rest) > 0 {
		t.Errorf("it printed more than a line: %q", rest)
	}
	if err != nil {
		t.Errorf("^c is how it ends, and yet: %v", err)
	}
}

func TestServeExplainsFaults(t *testing.T) {
	out, _, code := newPerson(t).run("serve", "--help")
	for _, x := range []string{"end-session", "storage.get", "/_ferry/faults", "rate-limited/too-many-requests", "--log-level debug"} {
		if code != 0 || !strings.Contains(out, x) {
			t.Errorf("%d, the help does not say %q:\n%s", code, x, out)
		}
	}
}

func TestServeKeepsToThisMachine(t *testing.T) {
	_, stderr, code := newPerson(t).run("serve", "--addr", "0.0.0.0:0")
	if code != 2 || !strings.Contains(stderr, "--open-to-network") {
		t.Errorf("%d\n%s", code, stderr)
	}
}

func TestHeadless(t *testing.T) {
	p := newPerson(t)
	s := p.serve()
	ferry := func(key, base string, args ...string) (string, string, int) {
		t.Helper()
		q := *p
		q.env = append([]string{"FERRY_API_KEY=" + key, "FERRY_BASE_URL=" + base, "FERRY_RETRIES=0"}, p.env...)
		return q.run(args...)
	}
	out, stderr, code := ferry(s.APIKey, s.BaseURL, "ls", "Finance/2026")
	if code != 0 || !strings.Contains(out, "Finance/2026/budget.xlsx") || stderr != "" {
		t.Errorf("ls: %d\n%s%s", code, out, stderr)
	}
	out, _, code = ferry(s.APIKey, s.BaseURL, "ls", "Finance/2026", "--json")
	for line := range strings.Lines(out) {
		var row struct{ Path, Type string }
		if err := json.Unmarshal([]byte(line), &row); err != nil || row.Path == "" || row.Type == "" {
			t.Errorf("ls --json: %q: %v", line, err)
		}
	}
	if code != 0 || strings.Count(out, "\n") != 18 {
		t.Errorf("ls --json: %d, %d lines", code, strings.Count(out, "\n"))
	}
	out, _, code = ferry(s.APIKey, s.BaseURL, "stat", "/Finance/policy.pdf", "--json")
	if code != 0 || !strings.Contains(out, `"size":317440`) {
		t.Errorf("stat: %d\n%s", code, out)
	}

	for _, c := range []struct {
		what, key, base string
		args            []string
		code            int
		says            string
	}{
		{"a missing folder", s.APIKey, s.BaseURL, []string{"ls", "Nowhere"}, 13, "This is not there"},
		{"a missing folder, in ASCII", s.APIKey, s.BaseURL, []string{"ls", "Nowhere", "--ascii"}, 13, "not-found : HTTP 404"},
		{"a missing file", s.APIKey, s.BaseURL, []string{"stat", "Nowhere/x"}, 13, "not-found"},
		{"a wrong key", "Wrong", s.BaseURL, []string{"ls"}, 11, "not-authenticated"},
		{"no site", s.APIKey, "http://127.0.0.1:1", []string{"ls"}, 3, "refuses the connection"},
		{"no login", "", s.BaseURL, []string{"ls"}, 2, "FERRY_API_KEY"},
	} {
		out, stderr, code := ferry(c.key, c.base, c.args...)
		if code != c.code || !strings.Contains(stderr, c.says) || out != "" {
			t.Errorf("%s: exit code %d, want %d\nstdout %q\n%s", c.what, code, c.code, out, stderr)
		}
	}
}

// A login that may only read is not taken for the flag of that name.
func TestALoginThatMayOnlyReadIsToldSo(t *testing.T) {
	p := newPerson(t)
	s := p.serve()
	// The key is that of somebody who may write: the flags count for more.
	p.env = append([]string{"FERRY_API_KEY=" + s.APIKey, "FERRY_PASSWORD=ferry-auditor", "FERRY_BASE_URL=" + s.BaseURL}, p.env...)
	_, stderr, code := p.run("mkdir", "Finance/new", "--method", "password", "--username", "auditor")
	if code != 12 || !strings.Contains(stderr, "This login may only read") || strings.Contains(stderr, "--read-only") {
		t.Errorf("%d\n%s", code, stderr)
	}
	for says, args := range map[string][]string{
		"needs FERRY_SESSION_ID":           {"--method", "session"},
		"--method api-key with --username": {"--method", "api-key", "--username", "auditor"},
	} {
		if _, stderr, code := p.run(append([]string{"ls"}, args...)...); code != 2 || !strings.Contains(stderr, says) {
			t.Errorf("%q: %d\n%s", args, code, stderr)
		}
	}
}

// A command that talks to no site needs no profile, not even the one that the
// environment names.
func TestNoProfileIsNeededWithoutASite(t *testing.T) {
	p := newPerson(t)
	p.env = append(p.env, "FERRY_PROFILE=elsewhere")
	if out, stderr, code := p.run("keys"); code != 0 || !strings.HasPrefix(out, "# Keys") {
		t.Errorf("keys: %d %s", code, stderr)
	}
	if _, stderr, code := p.run("serve", "--addr", "nowhere"); code != 2 || !strings.Contains(stderr, "--addr") {
		t.Errorf("serve: %d %s", code, stderr)
	}
	if _, stderr, code := p.run("ls"); code != 2 || !strings.Contains(stderr, "elsewhere") {
		t.Errorf("ls: %d %s", code, stderr)
	}
}

// What is wrong with the command line is said before the screen is touched.
func TestBadFlags(t *testing.T) {
	p := newPerson(t)
	p.file("config/ferry/config.toml", "[profiles.work]\nlog_level = \"loud\"\n")
	p.file("a-file", "")
	p.file("faults.json", `[{"match":"storge.get","drop":true}]`)
	log, faults := filepath.Join(p.home, "a-file", "log"), filepath.Join(p.home, "faults.json")
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"--theme", "pink"}, []string{"--theme", "pink", "high-contrast"}},
		{[]string{"demo", "--retries", "many"}, []string{"--retries", "many", "0 to 100"}},
		{[]string{"demo", "--read-timeout", "soon"}, []string{"--read-timeout", "soon", "30s"}},
		{[]string{"--profile", "elsewhere"}, []string{"elsewhere", "work"}},
		{[]string{"--profile", "work"}, []string{"work", "log_level", "loud", "debug"}},
		{[]string{"--no-such-flag"}, []string{"--no-such-flag"}},
		{[]string{"demo", "--read-only=perhaps"}, []string{"--read-only", "perhaps"}},
		{[]string{"no-such-command"}, []string{"no-such-command"}},
		{[]string{"help", "nonsense"}, []string{`there is no command "nonsense"`, "ferry --help"}},
		{[]string{"help", "sinc"}, []string{`there is no command "sinc"; did you mean sync?`}},
		{[]string{"help", "put", "it"}, []string{`there is no command "put it"`, "ferry put --help"}},
		{[]string{"hepl", "put"}, []string{"did you mean help?"}},
		{[]string{"completion", "bahs"}, []string{`there is no command "bahs"; did you mean bash?`, "ferry completion --help"}},
		{[]string{"completion", "bash", "x"}, []string{"1 argument was given; it is: ferry completion bash"}},
		{[]string{"stat"}, []string{"arg"}},
		{[]string{"demo"}, []string{"needs a terminal", "ferry ls", "--help"}},
		{[]string{"demo", "--log-file", log}, []string{log, "cannot be written", "not a directory"}},
		{[]string{"serve", "--addr", "127.0.0.1:0", "--log-file", log, "--log-level", "debug"}, []string{log, "cannot be written"}},
		{[]string{"serve", "--addr", "nowhere"}, []string{"--addr", "127.0.0.1:8080"}},
		{[]string{"serve", "--addr", "127.0.0.1:0", "--world", "round"}, []string{"round", "demo", "ferry serve --help"}},
		{[]string{"serve", "--addr", "127.0.0.1:0", "--fault", "help"}, []string{"end-session", "ferry serve --help"}},
		{[]string{"serve", "--addr", "127.0.0.1:0", "--fault", "match=storge.get; drop"}, []string{"storge.get", "storage.get"}},
		{[]string{"serve", "--addr", "127.0.0.1:0", "--fault", "@" + faults}, []string{faults, "storge.get", "storage.get"}},
		{[]string{"serve", "--addr", "127.0.0.1:0", "--fault", "@" + faults + ".no"}, []string{faults + ".no"}},
	} {
		out, stderr, code := p.run(c.args...)
		if code != 2 || out != "" {
			t.Errorf("%v: exit code %d, stdout %q\n%s", c.args, code, out, stderr)
		}
		for _, x := range c.says {
			if !strings.Contains(stderr, x) {
				t.Errorf("%v does not say %q:\n%s", c.args, x, stderr)
			}
		}
		if strings.Contains(stderr, "\x1b") {
			t.Errorf("%v: an escape sequence in %q", c.args, stderr)
		}
	}
}

// A keymap in which a key means two things is told, and used all the same.
func TestAKeyThatMeansTwoThings(t *testing.T) {
	p := newPerson(t)
	p.file("config/ferry/config.toml", "[keys]\n\"files.yank\" = [\"x\"]\n\"files.nonsense\" = [\"f8\"]\n")
	out, errs, code := p.run("keys")
	if code != 0 || !strings.Contains(out, "`files.yank`") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if want := "ferry: x is both files.yank and files.cut: give one of them another key in [keys] of "; !strings.Contains(errs, want) || !strings.Contains(errs, "config.toml.\n") {
		t.Errorf("it says %q", errs)
	}
	if want := `there is no action "files.nonsense"; KEYS.md lists them.`; !strings.Contains(errs, want) {
		t.Errorf("it says %q", errs)
	}
	if _, errs, code := p.run("serve", "--addr", "nowhere"); code != 2 || strings.Contains(errs, "files.yank") || strings.Contains(errs, "nonsense") {
		t.Errorf("a command without keys says %q", errs)
	}
	s := p.start("demo")
	s.until("the demo", func(x string) bool { return strings.Contains(x, "Finance/") })
	s.press("W") // what is said in passing is kept there
	s.until("the warning", func(x string) bool { return strings.Contains(x, "x is both files.yank and files.cut: give") })
	s.press("q")
	s.until("the demo again", func(x string) bool { return !strings.Contains(x, "messages and errors") })
	s.press("q")
	if code := s.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
