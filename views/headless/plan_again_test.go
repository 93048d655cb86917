package headless_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A plan that was carried out says so when it is given again, with the number of
// its deletions or without, and is no failure; of one that was carried out in
// part, the rest is done, and that number is still the right one.
func TestAPlanThatIsGivenAgain(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"t/a", "t/b", "t/old", "t/older"} {
		write(t, name, []byte(name))
	}
	sh.ok("put", "t", "In")
	for _, name := range []string{"old", "older"} {
		if err := os.Remove(filepath.Join("t", name)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, "t/new", []byte("new"))
	sh.ok("sync", "t", "In/t", "--push", "--mirror", "--plan", "p.json")
	sh.ok("rm", "In/t/old")
	out, errs, code := sh.run(t.Context(), "sync", "--run", "p.json", "--delete-count", "3")
	if code != 2 || !strings.Contains(errs, "--delete-count 1") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	out, errs, code = sh.run(t.Context(), "sync", "--run", "p.json", "--delete-count", "2")
	if code != 0 || !strings.Contains(errs, "1 of 3 lines have been carried out already") || !strings.Contains(out, "1 deleted") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	const isOver = "This plan has been carried out: nothing is left to do."
	for _, more := range []string{"", "--delete-count 2", "--delete-count 1", "--delete-count 2 -n", "-n"} {
		args := append([]string{"sync", "--run", "p.json"}, strings.Fields(more)...)
		if out := sh.ok(args...); out != isOver+"\n" {
			t.Errorf("%s: %q", more, out)
		}
		if m := sh.summary(sh.ok(append(args, "--json")...)); m["note"] != isOver || m["exit_code"] != 0.0 {
			t.Errorf("%s: %v", more, m)
		}
	}
}

// What a plan leaves, because nobody has decided it, is told beside what was done.
func TestAPlanThatIsGivenAgainSaysWhatItLeaves(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	write(t, "t/a", []byte("a"))
	sh.ok("put", "t", "In")
	for _, name := range []string{"t/a", "t/b"} { // a file here, a folder there
		write(t, name, []byte(name))
	}
	sh.ok("mkdir", "In/t/c", "In/t/d")
	for n, name := range []string{"c", "d"} {
		write(t, "t/"+name, []byte(name))
		words := []string{"1 conflict is left as it is", "2 conflicts are left as they are"}[n]
		plan := fmt.Sprintf("p%d.json", n)
		sh.run(t.Context(), "sync", "t", "In/t", "--push", "--plan", plan)
		sh.run(t.Context(), "sync", "--run", plan)
		want := "What is ticked in this plan has been carried out; " + words + ".\n"
		for _, more := range []string{"", "-n"} {
			args := append([]string{"sync", "--run", plan}, strings.Fields(more)...)
			if out, errs, code := sh.run(t.Context(), args...); !strings.HasSuffix(out, want) || code != 1 {
				t.Errorf("%q: %d %q\n%s", more, code, out, errs)
			}
		}
		write(t, "t/b", []byte("another"))
	}
}
