// Package crash kills "ferry serve --data" at random moments under load and
// looks at what is left.
package crash

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads the database of the site

	"ferry/tests/proc"
)

// kills is how often the site is killed: "go test ./tests/crash -kills 200
// -timeout 1h" is a long run.
var kills = flag.Int("kills", 15, "how often the site is killed")

// writers is how many clients write at a time.
const writers = 4

func serve(ctx context.Context, t *testing.T, binary, dir string) *proc.Site {
	t.Helper()
	s, err := proc.Serve(ctx, binary, nil, "--data", dir, "--world", "small")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestKill kills the site at random moments: what it has answered is there
// afterwards, uploads that had begun go on, and the database is sound.
func TestKill(t *testing.T) {
	binary, err := proc.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute+time.Duration(*kills)*30*time.Second)
	defer cancel()
	dir := filepath.Join(t.TempDir(), "data")
	a := newAnswers()
	for round := range *kills {
		s := serve(ctx, t, binary, dir)
		a.goOn(ctx, t, s)
		if round > 0 {
			a.check(ctx, t, s, round-1, rand.IntN(round))
		}
		errs := make([]error, writers)
		var all sync.WaitGroup
		for n := range writers {
			w := &writer{answers: a, site: s, round: round, n: n}
			all.Go(func() { errs[n] = w.write(ctx) })
		}
		a.wait(ctx, int64(60+rand.IntN(200)))
		time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
		s.Kill()
		all.Wait()
		for _, err := range errs {
			if !errors.Is(err, errGone) {
				t.Error(err)
			}
		}
		sound(ctx, t, dir)
		if t.Failed() {
			t.Fatalf("after kill %d", round+1)
		}
	}
	s := serve(ctx, t, binary, dir)
	defer s.Kill()
	a.goOn(ctx, t, s)
	rounds := make([]int, *kills)
	for i := range rounds {
		rounds[i] = i
	}
	a.check(ctx, t, s, rounds...)
	a.contents(ctx, t, s)
	for _, kind := range kinds {
		if a.count(kind) == 0 {
			t.Errorf("nothing was answered about %s", kind)
		}
		t.Logf("%d kills, %d answers about %s", *kills, a.count(kind), kind)
	}
}

// sound asks the database for its integrity.
func sound(ctx context.Context, t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "site.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %s %v", verdict, err)
	}
}
