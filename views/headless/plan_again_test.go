package headless_test

import (
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
