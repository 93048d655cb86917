package headless_test

import (
	"os"
	"strings"
	"testing"
	"time"
)

// What is said of conflicts that stay names what ends each of them, and each does.
func TestConflictsThatStaySayTheWayOut(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	put := func(name, text string) {
		write(t, name, []byte(text))
		if err := os.Chtimes(name, when, when); err != nil {
			t.Fatal(err)
		}
	}
	put("t/a", "one")
	sh.ok("put", "t", "In")
	put("t/a", "other") // as old, of another size
	says := func(want string, not string, args ...string) {
		t.Helper()
		_, errs, code := sh.run(t.Context(), append([]string{"sync"}, args...)...)
		if code != 1 || !strings.Contains(errs, want) || strings.Contains(errs, not) {
			t.Errorf("%q: %d\n%s", args, code, errs)
		}
	}
	const decide, change = "choose in the screen, or move the right one over with ferry put or ferry get", "rename or remove what stands in the way"
	says(decide, change, "t", "In/t", "--both", "-n")
	says("; or leave it out with --ignore", change, "t", "In/t", "--both")
	sh.ok("sync", "t", "In/t", "--both", "-n", "--ignore", "/a")
	says(decide, change, "t", "In/t", "--both", "--plan", "p.json")
	says("; or compare again with --ignore", "leave it out with", "--run", "p.json")

	sh.ok("mkdir", "In/t/b")
	put("t/b", "b")
	says(decide+", a whole folder with --push or --pull; "+change, "nothing", "t", "In/t", "--both")
	sh.ok("put", "t/a", "In/t")
	says(change, "choose in the screen", "t", "In/t", "--both")
	says(change+" on one of the sides; or leave it out with --ignore", "choose in the screen", "t", "In/t", "--push")
	sh.ok("sync", "t", "In/t", "--push", "--ignore", "b")
}
