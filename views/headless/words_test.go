package headless_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Whatever goes wrong, the last line of --json says what, with the exit code and
// what helps, and it says so once.
func TestTheLastLineOfJSONTellsHowItEnded(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	write(t, filepath.Join(dir, "a"), []byte("a"))
	a, missing := filepath.Join(dir, "a"), filepath.Join(dir, "missing")
	check := func(group string, code int, args ...string) {
		t.Helper()
		args = append(args, "--json")
		out, errs, got := sh.run(t.Context(), args...)
		m := sh.summary(out)
		e, _ := m["error"].(map[string]any)
		if got != code || m["exit_code"] != float64(code) || e["group"] != group || e["class"] == "" || e["message"] == "" || e["next"] == "" ||
			strings.Count(out, `"exit_code"`) != 1 || errs == "" {
			t.Errorf("%q: %d\n%s%s", args, got, out, errs)
		}
	}
	check("not-found", 13, "ls", "nope")
	check("not-found", 13, "stat", "nope")
	check("not-found", 13, "rm", "nope")
	check("not-found", 13, "rm", "nope", "nothing")
	check("not-found", 13, "mv", "nope", "b")
	check("not-found", 13, "get", "nope", dir)
	check("local", 4, "put", missing, "In")
	check("local", 4, "sync", missing, "In", "--push")
	check("client", 2, "ls", "a", "b")
	check("client", 2, "ls", "")
	check("client", 2, "--nothing", "ls")
	check("client", 2, "lst")
	check("client", 2, "put", a, "In", "--limit", "much")
	check("client", 2, "sync", dir, "In", "--push", "--delete-count", "3")
	sh.cred.APIKey = "wrong"
	for _, args := range [][]string{{"ls"}, {"put", a, "In"}, {"get", "In", dir}, {"sync", dir, "In", "--push"}, {"rm", "x"}, {"mkdir", "x"}} {
		check("not-authenticated", 11, args...)
	}
	sh.opener.Client.RetryInitial, sh.opener.Client.RetryMax = time.Millisecond, time.Millisecond
	sh.opener.Client.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no line") }
	for _, args := range [][]string{{"ls"}, {"stat", "x"}, {"put", a, "In"}, {"sync", dir, "In", "--push"}} {
		check("connection", 3, args...)
		if _, errs, _ := sh.run(t.Context(), args...); strings.Contains(errs, "wait") {
			t.Errorf("%q promises that something waits:\n%s", args, errs)
		}
	}
}

// A dry run of mv and cp fails where the run does, with its code and words.
func TestADryRunOfAMoveFailsAsTheMoveDoes(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	write(t, filepath.Join(dir, "f"), []byte("f"))
	sh.ok("mkdir", "d", "d/sub", "e", "in", "in/d")
	sh.ok("put", filepath.Join(dir, "f"), "d")
	sh.ok("put", filepath.Join(dir, "f"), "e")
	for _, c := range []struct {
		args string
		code int
	}{
		{"nope x", 13},
		{"d/f e/f", 14},
		{"d/f E/F", 14},
		{"d/f none/f", 14},
		{"d/f e/f/g", 14},
		{"d/f e/f/g/h", 14},
		{"d d/sub/x", 14},
		{"d in", 14},
	} {
		for _, op := range []string{"cp", "mv"} {
			words := func(more ...string) (first string, code int) {
				_, errs, code := sh.run(t.Context(), append(append([]string{op}, strings.Fields(c.args)...), more...)...)
				first, _, _ = strings.Cut(errs, "\n")
				return first, code
			}
			dry, n := words("--dry-run")
			wet, m := words()
			if n != c.code || m != c.code || dry != wet || dry == "" {
				t.Errorf("%s %s: %d %s\nthe dry run: %d %s", op, c.args, m, wet, n, dry)
			}
		}
	}
	sh.ok("mv", "-n", "d/f", "D/F")
	sh.ok("cp", "-n", "d/f", "e/f", "--overwrite")
	if out, errs, code := sh.run(t.Context(), "mv", "-n", "d/f", "e/f", "in"); code != 14 || !strings.Contains(out, "move  d/f -> in/f") || !strings.Contains(errs, "e/f") {
		t.Errorf("two of one name: %d\n%s%s", code, out, errs)
	}
}

// Patterns are left to --ignore only where there is one.
func TestTheAdviceAboutAPatternFitsTheCommand(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	for args, want := range map[string]string{
		"rm -r *": "name each path", "rm -n *": "name each path", "mv * x": "name each path", "cp -n * x": "name each path",
		"stat *": "name each path", "ls *": "name each path",
		"get * " + dir: "with --ignore what is to stay", "sync --pull " + dir + " *": "with --ignore what is to stay",
	} {
		_, errs, code := sh.run(t.Context(), strings.Fields(args)...)
		if code != 13 || !strings.Contains(errs, "Patterns are not expanded on the site: ") || !strings.Contains(errs, want) {
			t.Errorf("%s: %d %s", args, code, errs)
		}
	}
}

// What goes well on the site ends --json as a transfer does.
func TestTheLastLineOfJSONTellsOfSuccess(t *testing.T) {
	sh := newShell(t)
	for _, c := range []struct {
		args, action string
		paths        float64
	}{
		{"mkdir a b", "mkdir", 2}, {"cp a b", "copy", 1}, {"mv a c", "move", 1}, {"rm -r b c", "delete", 2},
	} {
		for _, dry := range []bool{true, false} {
			args, state := append(strings.Fields(c.args), "--json"), "done"
			if dry {
				args, state = append(args, "--dry-run"), "planned"
			}
			out := sh.ok(args...)
			m := sh.summary(out)
			done, told := m["files_done"]
			if m["event"] != "summary" || m["state"] != state || m["action"] != c.action || m["files"] != c.paths || m["files_failed"] != 0.0 ||
				told == dry || !dry && done != c.paths || m["exit_code"] != 0.0 || strings.Count(out, `"exit_code"`) != 1 {
				t.Errorf("%q: %s", args, out)
			}
		}
	}
	out, _, code := sh.run(t.Context(), "mkdir", "d", "x/y", "--json")
	if m := sh.summary(out); code != 14 || m["event"] != "summary" || m["state"] != "failed" || m["files_done"] != 1.0 || m["files_failed"] != 1.0 || m["exit_code"] != 14.0 {
		t.Errorf("one of two: %d %s", code, out)
	}
}

// A file that is no plan is refused as the place of one before anything is
// compared, and stays; a plan is replaced.
func TestAPlanReplacesPlansOnly(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	notes, plan := filepath.Join(dir, "notes.txt"), filepath.Join(dir, "plan.json")
	write(t, notes, []byte("mine"))
	write(t, filepath.Join(dir, "t", "a"), []byte("a"))
	sync := func(from, to string) (string, int) {
		_, errs, code := sh.run(t.Context(), "sync", filepath.Join(dir, from), "In", "--push", "--plan", to)
		return errs, code
	}
	for _, from := range []string{"t", "missing"} { // which only a comparison finds out
		if errs, code := sync(from, notes); code != 2 || !strings.Contains(errs, notes) || !strings.Contains(errs, "Take another name for the plan, or remove what is there.") {
			t.Errorf("%d %s", code, errs)
		}
	}
	if b, err := os.ReadFile(notes); err != nil || string(b) != "mine" {
		t.Errorf("the file is now %q, %v", b, err)
	}
	for range 2 {
		if errs, code := sync("t", plan); code != 0 {
			t.Errorf("%d %s", code, errs)
		}
	}
}

// A listing that went well has nothing but entries; of a file it has that one.
func TestAFileIsListedAsItself(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	write(t, filepath.Join(dir, "a.txt"), []byte("abc"))
	sh.ok("put", filepath.Join(dir, "a.txt"), "In")
	if out := sh.ok("ls", "in/A.txt"); strings.Count(out, "\n") != 1 || !strings.Contains(out, "In/a.txt") {
		t.Errorf("got %q", out)
	}
	if out := sh.ok("ls", "In/a.txt", "--json"); strings.Count(out, "\n") != 1 || !strings.Contains(out, `"path":"In/a.txt","type":"file","size":3`) {
		t.Errorf("got %q", out)
	}
}

// Names that are one to the site get others: the rehearsal says so, and so does
// the run, to people too.
func TestNamesThatAreOneToTheSite(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	write(t, "t/README", []byte("one"))
	write(t, "t/Readme", []byte("four"))
	if both, err := os.ReadDir("t"); err != nil || len(both) != 2 {
		return // this disk holds them for one as well
	}
	out := sh.ok("put", "t", "In", "--dry-run")
	for _, want := range []string{"upload    t/README -> In/t/README  3 B\n", "t/Readme -> In/t/Readme (2)  4 B  (name changed to Readme (2)", "2 files (7 B) to upload to In\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	_, errs, code := sh.run(t.Context(), "put", "t", "In")
	if code != 0 || !strings.Contains(errs, "ferry: t/Readme: name changed to Readme (2)\n") {
		t.Errorf("%d %q", code, errs)
	}
	if out := sh.ok("put", "t", "In", "--dry-run", "--conflict", "skip"); !strings.Contains(out, "0 files to upload to In, 2 skipped") {
		t.Errorf("got\n%s", out)
	}
}

// Two sources of one name would be one file in the end.
func TestSourcesOfOneNameAreRefused(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	write(t, "a/x", []byte("one"))
	write(t, "b/X", []byte("three"))
	_, errs, code := sh.run(t.Context(), "put", "a/x", "b/X", "In")
	if code != 2 || !strings.Contains(errs, "a/x and b/X would both be X in In") {
		t.Errorf("%d %q", code, errs)
	}
	out, _, _ := sh.run(t.Context(), "put", "a/x", "b/X", "In", "--json")
	if strings.Count(out, "\n") != 1 || !strings.Contains(out, `"next":"ferry put --help tells how it is called."`) {
		t.Errorf("the last line is not the only one, or does not name the command:\n%s", out)
	}
	if out := sh.ok("put", "a/x", "a/x", "In"); !strings.HasPrefix(out, "1 file, ") { // twice the same is once
		t.Errorf("got %q", out)
	}
}

// A rehearsal says from where to where, and counts; so does its JSON, with whole
// paths.
func TestARehearsalCanBeRead(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	write(t, "t/a", []byte("abc"))
	write(t, "t/sub/b", []byte("defgh"))
	if err := os.Mkdir("t/hollow", 0o755); err != nil {
		t.Fatal(err)
	}
	sh.ok("put", "t/a", "In/t")
	out := sh.ok("put", "t", "In", "-n")
	for _, want := range []string{
		"upload    t/a -> In/t/a  3 B  (replaces what is there)\n", "t/sub/b -> In/t/sub/b  5 B\n", "t/hollow -> In/t/hollow/\n",
		"2 files (8 B) and 1 empty folder to upload to In, 1 over what is there\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	out = sh.ok("put", "t", "In", "-n", "--json", "--conflict", "skip")
	if m := sh.summary(out); m["files"] != 1.0 || m["folders"] != 1.0 || m["bytes"] != 5.0 || m["files_skipped"] != 1.0 || m["exit_code"] != 0.0 {
		t.Errorf("got %v", m)
	}
	if want := `"from":"` + filepath.Join(dir, "t/sub/b") + `","to":"In/t/sub/b"`; !strings.Contains(out, want) {
		t.Errorf("%q is not in\n%s", want, out)
	}
	if out := sh.ok("get", "In/t", "back", "--as", "u", "-n"); !strings.Contains(out, "download  In/t/a -> back/u/a  3 B\n1 file (3 B) to download to back\n") {
		t.Errorf("got\n%s", out)
	}
	if out := sh.ok("sync", "t", "S", "--push", "-n"); !strings.HasSuffix(out, "2 files (8 B) and 1 empty folder to upload, 0 files to download, 0 to delete; 0 conflicts, 0 the same\n") {
		t.Errorf("got\n%s", out)
	}
	if m := sh.summary(sh.ok("sync", "t", "S", "--push", "-n", "--json")); m["files"] != 2.0 || m["folders"] != 1.0 || m["uploads"] != 2.0 {
		t.Errorf("got %v", m)
	}
}

// A name can be copied from what is written, also when an emoji of it is made of
// several.
func TestEmojiStayWhole(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	name := "👩🏿\u200d🚀 ❤\ufe0f.txt"
	write(t, name, []byte("abc"))
	if out := sh.ok("put", name, "In", "-n"); !strings.HasPrefix(out, "upload    "+name+" -> In/"+name+"  3 B\n") {
		t.Errorf("got %q", out)
	}
	sh.ok("put", name, "In")
	for _, args := range [][]string{{"ls", "In"}, {"stat", "In/" + name}, {"rm", "In/" + name, "-n"}, {"get", "In/" + name, "back", "-n"}} {
		if out := sh.ok(args...); !strings.Contains(out, "In/"+name) {
			t.Errorf("%q: got %q", args, out)
		}
	}
	for _, args := range [][]string{{"ls", "In/no " + name}, {"put", "no " + name, "In"}} {
		if _, errs, _ := sh.run(t.Context(), args...); !strings.Contains(errs, "no "+name) {
			t.Errorf("%q: got %q", args, errs)
		}
	}
}

// What fails for one file is headed by its reason, and does not claim that
// nothing was sent.
func TestAFileThatCannotBeSentHeadsWithItsReason(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	write(t, "t/a", []byte("abc"))
	write(t, `t/b\c`, []byte("abc"))
	write(t, "t/d ", []byte("abc"))
	_, errs, code := sh.run(t.Context(), "put", "t", "In")
	for _, want := range []string{"the first of 2 failures: The site cannot hold this name", "; 2 failed. Another try ends the same way: rename", "t/d␠: "} {
		if !strings.Contains(errs, want) {
			t.Errorf("%q is not in\n%s", want, errs)
		}
	}
	if code != 2 || strings.Contains(errs, "othing was sent") || strings.Contains(errs, "cannot be right") {
		t.Errorf("%d\n%s", code, errs)
	}
	// Nor is a try advised that ends the same way, of what can never be sent.
	if out, _, _ := sh.run(t.Context(), "put", "t", "In", "--json"); strings.Count(out, "Rename it, or leave it out with --ignore.") != 2 || sh.summary(out)["error"].(map[string]any)["next"] != "Another try ends the same way: rename what the site cannot hold, and leave out with --ignore what is no regular file." {
		t.Errorf("%s", out)
	}
	// A sync plans neither of them again and again.
	for range 2 {
		out, errs, code := sh.run(t.Context(), "sync", "t", "In/t", "--push")
		if code != 1 || !strings.Contains(out, "0 files to upload") || !strings.Contains(errs, "d␠  (the site cannot hold this name: it refuses a blank at the end)") {
			t.Errorf("%d\n%s%s", code, out, errs)
		}
	}
}

// What a person may expect of another program, and what Ferry does instead, is
// said before anything is sent.
func TestWhatIsExpectedOfOthersIsSaid(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	write(t, "a.txt", []byte("abc"))
	sh.ok("put", "a.txt", "In")
	sh.ok("mkdir", "In/full", "In/full/sub")
	for _, c := range []struct {
		line string
		code int
		want string
	}{
		{"put a.txt In/A.txt", 2, `put the one source into the folder /In with --as "a.txt"`},
		{"put a.txt In/a.txt -n", 2, "The target is a file"},
		{"put - In", 2, "not standard input"},
		{"put a.txt -", 2, "not standard input"},
		{"get In/a.txt -", 2, "not to standard output"},
		{"get In/*.txt .", 13, "Patterns are not expanded on the site"},
		{"get In a.txt", 2, "To replace it, get the one source into the folder " + dir + ` with --as "a.txt".`},
		{"get In/a.txt In a.txt", 2, "Several sources need a folder"},
		{"put a.txt a.txt In/a.txt", 2, "Several sources need a folder"},
		{"mkdir In", 14, "mkdir -p"},
		{"rm In/full", 14, "rm -r"},
		{"cp In/a.txt In/full/sub/../x", 2, `no ".."`},
	} {
		if _, errs, code := sh.run(t.Context(), strings.Fields(c.line)...); code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%s: %d\n%s", c.line, code, errs)
		}
	}
	if out := sh.ok("ls", "-r"); strings.Count(out, "\n") != 4 {
		t.Errorf("something was sent:\n%s", out)
	}
}

// A target that is not there is made a folder; who meant a file is told.
func TestAFolderThatWasMeantAsAFile(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	write(t, "a.txt", []byte("abc"))
	for line, hint := range map[string]string{
		"put a.txt In/b.txt":         `ferry: In/b.txt becomes a folder. For a file of that name, give the folder that it goes into, and --as "b.txt".` + "\n",
		"get In/b.txt/a.txt a.txt.d": "",
		"get In/b.txt/a.txt x/a.txt": `ferry: x/a.txt becomes a folder. For a file of that name, give the folder that it goes into, and --as "a.txt".` + "\n",
		"put a.txt In/c.txt/":        "",
		"put a.txt In/2026":          "",
		"put a.txt In/b.txt --as b":  "",
	} {
		if strings.HasPrefix(line, "get") {
			sh.ok("put", "a.txt", "In/b.txt")
		}
		if _, errs, code := sh.run(t.Context(), strings.Fields(line)...); code != 0 || errs != hint {
			t.Errorf("%s: %d %q", line, code, errs)
		}
		sh.ok("rm", "-rf", "In/b.txt")
	}
}

// A state folder that cannot be used is said, with the flag that names another.
func TestAStateFolderThatCannotBeUsed(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, file, []byte("abc"))
	sh.opener.StateDir = filepath.Join(file, "state")
	_, errs, code := sh.run(t.Context(), "put", file, "In")
	if code != 4 || strings.Count(errs, "--state-dir") != 1 || strings.Contains(errs, "On the site") || !strings.Contains(errs, "The system says: the folder "+file+" cannot be made: ") {
		t.Errorf("%d\n%s", code, errs)
	}
	if out, _, _ := sh.run(t.Context(), "put", file, "In", "--json"); !strings.Contains(out, `"next":"Make its folder one that you can write to, or name another with --state-dir`) {
		t.Errorf("got\n%s", out)
	}
}

// What cannot be understood is named, with what may have been meant.
func TestUsageNamesWhatWasWritten(t *testing.T) {
	sh := newShell(t)
	for line, want := range map[string]string{
		"put a b --ignor x":      "ferry put has no flag --ignor; did you mean --ignore or --ignore-from?\n  ferry put --help",
		"ls -x":                  "ferry ls has no flag -x",
		"put a b --patience abc": `--patience: "abc" is no time; write 30s`,
		"put a b --limit":        "--limit needs a value",
		"sinc a b":               `there is no command "sinc"; did you mean sync?`,
		"zzz":                    "there is no command \"zzz\"\n  ferry --help",
		"stat":                   "0 arguments were given; it is: ferry stat PATH",
		"sync a b":               "say one of --push, --pull and --both\n  ferry sync --help",
	} {
		if _, errs, code := sh.run(t.Context(), strings.Fields(line)...); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%s: %d %q", line, code, errs)
		}
	}
}

// What fails for one path leaves the others their turn.
func TestTheOtherPathsHaveTheirTurn(t *testing.T) {
	sh := newShell(t)
	sh.ok("mkdir", "a", "b")
	_, errs, code := sh.run(t.Context(), "rm", "a", "nope", "b")
	if code != 13 || !strings.Contains(errs, "ferry: nope: This is not there") {
		t.Errorf("%d %q", code, errs)
	}
	if out := sh.ok("ls"); out != "" {
		t.Errorf("left: %s", out)
	}
}

// A question that nobody can answer does not hold a command up for ever.
func TestAQuestionEndsACommand(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	write(t, "f", []byte("another text"))
	sh.ok("put", "f", "In")
	write(t, "f", []byte("text"))
	_, errs, code := sh.run(t.Context(), "put", "f", "In", "--conflict", "resume")
	for _, want := range []string{"There is another file of that name", "not the beginning of the file", "with --conflict what becomes of it"} {
		if code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%d, %q is not in\n%s", code, want, errs)
		}
	}
	sh.ok("put", "f", "In", "--conflict", "keep-both")
}
