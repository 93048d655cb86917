// Package crash kills "ferry serve --data" at random moments under load and
// looks at what is left.
package crash

import (
	"context"
	"crypto/md5"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads the database of the site

	"ferry/tests/proc"
)

// kills is how often the site is killed.
const kills = 15

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

// answered is what the site has said is so: paths with the content of files
// ("" for deleted ones), and users by name.
type answered struct {
	mu    sync.Mutex
	files map[string]string
	users map[string]bool
}

// write makes changes until the site is gone, and notes those that it has
// answered.
func (a *answered) write(ctx context.Context, s *proc.Site, round, writer int) error {
	for i := 0; ; i++ {
		name := fmt.Sprintf("w%d-%d-%d", round, writer, i)
		path := fmt.Sprintf("load/%d/%s.txt", writer, name)
		content := strings.Repeat(name+"\n", 1+i%50)
		if err := upload(ctx, s, path, content); err != nil {
			return err
		}
		a.mu.Lock()
		a.files[path] = content
		a.mu.Unlock()
		switch i % 3 {
		case 0:
			status, b, err := s.Do(ctx, "POST", "/users", map[string]any{"username": name})
			if err != nil {
				return gone(err)
			}
			if status != http.StatusCreated {
				return fmt.Errorf("create a user: %d %s", status, b)
			}
			a.mu.Lock()
			a.users[name] = true
			a.mu.Unlock()
		case 1:
			// Until the answer is there nobody knows which of the two it is.
			a.mu.Lock()
			delete(a.files, path)
			a.mu.Unlock()
			status, b, err := s.Do(ctx, "POST", "/file_actions/move/"+path, map[string]any{"destination": path + ".moved"})
			if err != nil {
				return gone(err)
			}
			if status != http.StatusCreated {
				return fmt.Errorf("move: %d %s", status, b)
			}
			a.mu.Lock()
			a.files[path], a.files[path+".moved"] = "", content
			a.mu.Unlock()
		}
	}
}

// errGone is what a killed site leaves of a request.
var errGone = errors.New("the site has gone")

func gone(err error) error { return fmt.Errorf("%w: %w", errGone, err) }

// upload sends a file of one part.
func upload(ctx context.Context, s *proc.Site, path, content string) error {
	status, b, err := s.Do(ctx, "POST", "/file_actions/begin_upload/"+path, map[string]any{"mkdir_parents": true})
	if err != nil {
		return gone(err)
	}
	var parts []struct {
		Ref string `json:"ref"`
		URI string `json:"upload_uri"`
	}
	if err := json.Unmarshal(b, &parts); err != nil || len(parts) == 0 {
		return fmt.Errorf("begin: %d %s", status, b)
	}
	if status, b, err = s.Do(ctx, "PUT", parts[0].URI, content); err != nil {
		return gone(err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("part: %d %s", status, b)
	}
	sum := md5.Sum([]byte(content))
	status, b, err = s.Do(ctx, "POST", "/files/"+path, map[string]any{
		"action": "end", "ref": parts[0].Ref, "size": len(content),
		"etags": []any{map[string]any{"etag": hex.EncodeToString(sum[:]), "part": "1"}},
	})
	if err != nil {
		return gone(err)
	}
	if status != http.StatusCreated {
		return fmt.Errorf("end: %d %s", status, b)
	}
	return nil
}

// check compares what the site has with what it has answered.
func (a *answered) check(ctx context.Context, t *testing.T, s *proc.Site) {
	t.Helper()
	there := map[string]bool{}
	status, b, err := s.Do(ctx, "GET", "/folders/load?recursive=true&type=file&per_page=10000", nil)
	var list []struct {
		Path string `json:"path"`
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(b, &list) != nil {
		t.Fatalf("list: %d %v %.200s", status, err, b)
	}
	for _, f := range list {
		there[f.Path] = true
	}
	for path, content := range a.files {
		if there[path] != (content != "") {
			t.Errorf("%s is there: %v", path, there[path])
		}
	}
	names := map[string]bool{}
	status, b, err = s.Do(ctx, "GET", "/users?per_page=10000", nil)
	var users []struct {
		Username string `json:"username"`
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(b, &users) != nil {
		t.Fatalf("users: %d %v %.200s", status, err, b)
	}
	for _, u := range users {
		names[u.Username] = true
	}
	for name := range a.users {
		if !names[name] {
			t.Errorf("the user %s is gone", name)
		}
	}
}

// contents downloads every file that was answered.
func (a *answered) contents(ctx context.Context, t *testing.T, s *proc.Site) {
	t.Helper()
	for path, content := range a.files {
		if content == "" {
			continue
		}
		if b, err := s.Content(ctx, path); err != nil || string(b) != content {
			t.Errorf("%s: %d bytes of %d, %v", path, len(b), len(content), err)
		}
	}
}

// TestKill kills the site at random moments: what it has answered is there
// afterwards, and the database is sound.
func TestKill(t *testing.T) {
	binary, err := proc.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	dir := filepath.Join(t.TempDir(), "data")
	a := &answered{files: map[string]string{}, users: map[string]bool{}}
	for round := range kills {
		s := serve(ctx, t, binary, dir)
		if round > 0 {
			a.check(ctx, t, s)
		}
		errs := make([]error, writers)
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() { errs[w] = a.write(ctx, s, round, w) })
		}
		time.Sleep(time.Duration(100+rand.IntN(400)) * time.Millisecond)
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
	a.check(ctx, t, s)
	a.contents(ctx, t, s)
	if len(a.files) < kills || len(a.users) < kills {
		t.Errorf("only %d files and %d users were written", len(a.files), len(a.users))
	}
	t.Logf("%d kills, %d answers about files, %d users", kills, len(a.files), len(a.users))
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
