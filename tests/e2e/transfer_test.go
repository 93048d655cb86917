//go:build unix

package e2e

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// tree is every file and folder below a folder: content and time of the last
// change in whole seconds, which is what the site keeps.
type tree map[string]node

type node struct {
	dir     bool
	content []byte
	changed int64
}

func readTree(t *testing.T, root string) tree {
	t.Helper()
	out := tree{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			out[rel] = node{dir: true}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		out[rel] = node{content: content, changed: info.ModTime().Unix()}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// standardLibrary is the source of package net with everything below.
func standardLibrary(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "src", "net")
}

// onRow moves the cursor of the pane with the focus to a name by typing it.
func (s *screen) onRow(name string) {
	s.t.Helper()
	s.press("/")
	s.says("enter")
	s.write(name)
	cursor := regexp.MustCompile(`▌ +` + regexp.QuoteMeta(name) + `\s`)
	s.until("the cursor on "+name, func(x string) bool { return cursor.MatchString(x) })
	s.press("enter")
}

// ended is the row of a transfer at its end, also of what was sent a moment ago.
// The site computes checksums later, and a busy one too late to be waited for.
var ended = regexp.MustCompile(`(verified|size only), \d+ files`)

func TestUploadAndDownloadTheStandardLibrary(t *testing.T) {
	source := standardLibrary(t)
	want := readTree(t, source)
	if len(want) < 300 {
		t.Fatalf("there are only %d files and folders in %s", len(want), source)
	}
	p := newPerson(t)
	p.file("back/keep.txt", "so that the folder is there")
	s := p.start("demo", "--local-dir", filepath.Dir(source))
	s.until("the complete demo", func(x string) bool { return strings.Contains(x, "Finance/") && strings.Contains(x, "bufio/") })

	s.goTo("/Inbox/Empty", "/Inbox/Empty")
	s.press("tab")
	s.onRow("net/")
	s.press("c", "2")
	s.until("the end of the upload", ended.MatchString)

	s.press("1")
	s.says("/Inbox/Empty")
	s.goTo(filepath.Join(p.home, "back"), "keep.txt")
	s.press("tab")
	s.onRow("net/")
	s.press("c", "2")
	s.until("the end of the download", func(x string) bool { return len(ended.FindAllString(x, -1)) == 2 })
	s.press("q")
	if code := s.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.clean()

	got := readTree(t, filepath.Join(p.home, "back", "net"))
	for name, w := range want {
		g, ok := got[name]
		switch {
		case !ok:
			t.Errorf("%s is not there", name)
		case g.dir != w.dir || !bytes.Equal(g.content, w.content):
			t.Errorf("%s has changed", name)
		case g.changed != w.changed:
			t.Errorf("%s: last changed at %d, want %d", name, g.changed, w.changed)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is new", name)
		}
	}
}

// big is content that cannot be compressed or guessed, the same every time.
func big(n int) []byte {
	out := make([]byte, n)
	src := rand.NewChaCha8([32]byte{1})
	_, _ = src.Read(out)
	return out
}

func TestAKilledUploadGoesOn(t *testing.T) {
	p := newPerson(t)
	s := p.serve("--world", "small")
	content := big(160 << 20)
	p.file("work/recording.bin", string(content))
	p.env = append(p.env, "FERRY_API_KEY="+s.APIKey, "FERRY_BASE_URL="+s.BaseURL)

	first := p.start("--local-dir", filepath.Join(p.home, "work"))
	first.says("recording.bin", "Documents/")
	first.press("2", "b")
	first.says("Limit all transfers")
	first.press("down", "down", "down", "down", "enter")
	first.says("limit 20.0 MB/s") // so slow that the middle of the upload lasts for seconds
	first.press("1")
	first.says("Documents/")
	first.goTo("/Empty", "/Empty")
	first.press("tab")
	first.onRow("recording.bin")
	first.press("c", "2")
	first.until("the middle of the upload", func(x string) bool {
		return regexp.MustCompile(`recording\.bin.* ([3-8]\d) %`).MatchString(x)
	})
	if err := first.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := first.ends(); code != -1 {
		t.Fatalf("it was killed, and yet ended with %d", code)
	}
	if status, _ := s.get(t, "/files/Empty/recording.bin"); status != 404 {
		t.Fatalf("half a file is on the site: %d", status)
	}

	second := p.start("--local-dir", filepath.Join(p.home, "work"))
	second.until("the offer to go on where it was", func(x string) bool {
		return strings.Contains(x, "1 transfer was interrupted") && regexp.MustCompile(`recording\.bin +[1-9]\d? %`).MatchString(x) &&
			strings.Contains(x, "\n enter choose  esc close") // the hints: the question takes an answer now
	})
	second.press("r")
	second.until("the screen below the question", func(x string) bool { return !strings.Contains(x, "was interrupted") })
	second.press("2")
	second.until("the end of the upload", func(x string) bool {
		there := row(x, "recording.bin")
		return strings.Contains(there, "verified") || strings.Contains(there, "size only")
	})
	second.press("q")
	if code := second.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if !bytes.Equal(s.content(t, "Empty/recording.bin"), content) {
		t.Error("the content has changed")
	}
}
