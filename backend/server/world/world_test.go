package world

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"ferry/pathutil"
)

var present = time.Date(2026, 11, 20, 14, 30, 0, 0, time.UTC)

func worlds() map[string]*World {
	return map[string]*World{"demo": Demo(present), "small": Small(present), "empty": Empty(present), "huge": Huge(present)}
}

// walk visits every folder but does not enumerate the lazy ones.
func walk(t *testing.T, w *World, path string, visit func(path string, f Folder)) {
	t.Helper()
	f, ok := w.Folder(path)
	if !ok {
		t.Fatalf("no folder %q", path)
	}
	visit(path, f)
	for i := range f.Folders() {
		walk(t, w, join(path, f.Entry(i).Name), visit)
	}
}

func TestListingOrder(t *testing.T) {
	for name, w := range worlds() {
		walk(t, w, "", func(path string, f Folder) {
			step := 1
			if f.Lazy() {
				step = 997
			}
			for i := 0; i < f.Len(); i += step {
				e := f.Entry(i)
				if e.Dir != (i < f.Folders()) {
					t.Fatalf("%s %q: entry %d of %d folders has Dir %v", name, path, i, f.Folders(), e.Dir)
				}
				if i+1 < f.Len() {
					next := f.Entry(i + 1)
					if e.Dir == next.Dir && pathutil.CompareNames(e.Name, next.Name) >= 0 {
						t.Errorf("%s %q: %q does not sort before %q", name, path, e.Name, next.Name)
					}
				}
				if got := f.Search(e.Dir, e.Name); got != i {
					t.Errorf("%s %q: Search(%q) = %d, want %d", name, path, e.Name, got, i)
				}
				if got, ok := f.Lookup(e.Name); !ok || got != e {
					t.Errorf("%s %q: Lookup(%q) = %v, %v", name, path, e.Name, got, ok)
				}
				full := join(path, e.Name)
				if got, ok := w.Lookup(full); !ok || got != e {
					t.Errorf("%s: Lookup(%q) = %v, %v", name, full, got, ok)
				}
				if got, ok := w.Real(strings.ToUpper(full)); pathutil.IsSame(strings.ToUpper(full), full) && (!ok || got != full) {
					t.Errorf("%s: Real(%q) = %q, %v", name, strings.ToUpper(full), got, ok)
				}
				if pathutil.Normalize(full) != full {
					t.Errorf("%s: %q is not in identity form", name, full)
				}
				if e.Modified.After(w.Now) || e.Created.After(e.Modified) || e.ProvidedModified.After(w.Now) {
					t.Errorf("%s: times of %q: %v %v %v", name, full, e.Created, e.Modified, e.ProvidedModified)
				}
				if e.Size < 0 || e.Dir && e.Size != 0 {
					t.Errorf("%s: size of %q is %d", name, full, e.Size)
				}
			}
		})
	}
}

func TestLazyFoldersAreLargeAndCheap(t *testing.T) {
	for name, want := range map[string]int{"demo": 100_000, "huge": 1_000_000} {
		f, ok := worlds()[name].Folder("Sensors/2026")
		if !ok || f.Len() != want || !f.Lazy() {
			t.Fatalf("%s: %v", name, ok)
		}
		for _, miss := range []string{"", "reading-2026-01-01-0003.csv", "reading-1999-01-01-0000.csv", "reading-2099-01-01-0000.csv", "x"} {
			if _, ok := f.Lookup(miss); ok {
				t.Errorf("%s: found %q", name, miss)
			}
		}
		if n := testing.AllocsPerRun(10, func() { f.Entry(want - 1) }); n > 4 {
			t.Errorf("%s: %v allocations for an entry", name, n)
		}
	}
}

func TestMissing(t *testing.T) {
	w := Demo(present)
	for _, p := range []string{"Nowhere", "Finance/2026/nothing.csv", "README.md/x", "Sensors/2026/x/y"} {
		if _, ok := w.Lookup(p); ok {
			t.Errorf("found %q", p)
		}
		if _, ok := w.Folder(p); ok {
			t.Errorf("folder %q", p)
		}
	}
	if _, ok := w.Folder("README.md"); ok {
		t.Error("a file is a folder")
	}
	for _, p := range []string{"finance/2026", "INBOX/empty", "Inbox/Empty", "Legal/Hold", "HR/Restricted"} {
		if _, ok := w.Folder(p); !ok {
			t.Errorf("no folder %q", p)
		}
	}
}

// treeHash is a digest of every entry outside of the lazy folders and of a
// sample of those in them.
func treeHash(t *testing.T, w *World) string {
	h := sha256.New()
	walk(t, w, "", func(path string, f Folder) {
		step := 1
		if f.Lazy() {
			step = 9973
		}
		for i := 0; i < f.Len(); i += step {
			e := f.Entry(i)
			fmt.Fprintf(h, "%s/%s %v %d %d %d %d %s\n", path, e.Name, e.Dir, e.Size, e.Created.Unix(), e.Modified.Unix(), e.ProvidedModified.Unix(), e.Priority)
		}
	})
	return hex.EncodeToString(h.Sum(nil))
}

func TestTreeIsDeterministic(t *testing.T) {
	a := treeHash(t, Demo(present))
	w := Demo(present)
	// Opening folders in another order must not change them.
	for _, p := range []string{"Partners/partner-east/incoming", "Archive/deep/level-01", "Inbox/Odd names"} {
		w.Folder(p)
	}
	if b := treeHash(t, w); a != b {
		t.Errorf("two demo worlds differ: %s %s", a, b)
	}
	if c := treeHash(t, Demo(present.Add(time.Hour))); a == c {
		t.Error("the present does not matter")
	}
}

func read(t *testing.T, r io.ReaderAt, size int64) []byte {
	t.Helper()
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil || int64(len(b)) != size {
		t.Fatalf("read %d of %d: %v", len(b), size, err)
	}
	return b
}

func TestContentIsTheSameAtEveryOffset(t *testing.T) {
	w := Demo(present)
	for _, p := range []string{"a.csv", "ledger-1.csv", "b.log", "x/error.log", "c.json", "d.md", "e.txt", "f.go", "g.sh", "h.yaml", "i.xml", "j.svg", "k.srt", "l.pdf", "m.mov", "n.bin", "Makefile"} {
		for _, size := range []int64{1, 2, 9, 80, 300, 511, 1200, 4095, 4096, 4097, 8191, 8192, 20_000} {
			r := w.Content(p, size)
			all := read(t, r, size)
			if n, err := r.ReadAt(make([]byte, 10), size); n != 0 || err != io.EOF {
				t.Errorf("%s %d: read past the end: %d %v", p, size, n, err)
			}
			if _, err := r.ReadAt(make([]byte, 1), -1); err == nil {
				t.Errorf("%s: negative offset", p)
			}
			for _, off := range []int64{0, 1, 7, 79, 4090, 4096, 5000, 8190} {
				if off >= size {
					continue
				}
				part := make([]byte, min(size-off, 4100))
				if _, err := r.ReadAt(part, off); err != nil {
					t.Fatalf("%s %d at %d: %v", p, size, off, err)
				}
				if !bytes.Equal(part, all[off:off+int64(len(part))]) {
					t.Fatalf("%s %d: different bytes at %d", p, size, off)
				}
			}
			if !bytes.Equal(all, read(t, Demo(present).Content(p, size), size)) {
				t.Errorf("%s %d: not deterministic", p, size)
			}
			if pathutil.Ext(p) == ".json" && size > 20 && !json.Valid(all) {
				t.Errorf("json of %d bytes is not valid:\n%s", size, all)
			}
		}
	}
}

func TestTextIsText(t *testing.T) {
	w := Demo(present)
	for _, p := range []string{"a.csv", "b.log", "c.json", "d.md", "e.txt", "f.go", "g.sh", "h.yaml", "i.xml", "j.svg", "k.srt"} {
		all := read(t, w.Content(p, 30_011), 30_011)
		for i, c := range all {
			if c != '\n' && c != '\t' && (c < ' ' || c > '~') {
				t.Fatalf("%s: byte %d is %#x near %q", p, i, c, all[max(0, i-40):i])
			}
		}
		if all[len(all)-1] != '\n' {
			t.Errorf("%s does not end with a newline", p)
		}
		if p == "a.csv" {
			for i, line := range strings.Split(strings.TrimSuffix(string(all), "\n"), "\n") {
				if n := strings.Count(line, ","); n != 5 && strings.TrimSpace(line) != "" {
					t.Errorf("line %d of the csv has %d commas: %q", i, n, line)
				}
			}
		}
	}
}

func TestStaticFiles(t *testing.T) {
	w := Demo(present)
	e, ok := w.Lookup("Public/welcome.png")
	if !ok {
		t.Fatal("no picture")
	}
	if _, err := png.Decode(io.NewSectionReader(w.Content("Public/welcome.png", e.Size), 0, e.Size)); err != nil {
		t.Error(err)
	}
	for _, size := range []int64{1000, 1023, 9_999, 10_000, 10_200, 99_990, 100_300, 240_001} {
		b := read(t, w.Content("Finance/x.pdf", size), size)
		i := bytes.LastIndex(b, []byte("startxref\n"))
		var at int
		if _, err := fmt.Sscanf(string(b[i:]), "startxref\n%d", &at); err != nil || at > len(b) || !bytes.HasPrefix(b[at:], []byte("xref")) {
			t.Errorf("size %d: startxref %d: %v", size, at, err)
		}
	}
}

// What the README of a world and the note of the operator name is there, and the
// operator may do something in it.
func TestWordsOfAWorldNameWhatItHas(t *testing.T) {
	bold, places := regexp.MustCompile(`\*\*(.+?)\*\*`), regexp.MustCompile(`[A-Z][a-z]+`)
	for name, w := range worlds() {
		note := w.Logins()[1].Note
		if name == "empty" {
			if note != "An ordinary user." {
				t.Errorf("%s: %q", name, note)
			}
			continue
		}
		e, ok := w.Lookup("README.md")
		if !ok {
			t.Fatalf("%s has no README", name)
		}
		text := string(read(t, w.Content("README.md", e.Size), e.Size))
		named := bold.FindAllStringSubmatch(text, -1)
		if len(named) < 4 || !strings.HasSuffix(text, "Press ? wherever you are.\n") {
			t.Errorf("%s: %s", name, text)
		}
		for _, m := range named {
			f, ok := w.Folder(m[1])
			if !ok {
				t.Errorf("%s: the README names %s", name, m[1])
				continue
			}
			if n := regexp.MustCompile(regexp.QuoteMeta(m[0]) + ` has ([0-9,]+) files`).FindStringSubmatch(text); n != nil && strings.ReplaceAll(n[1], ",", "") != strconv.Itoa(f.Len()) {
				t.Errorf("%s: %s has %d, not %s", name, m[1], f.Len(), n[1])
			}
		}
		granted := ""
		for _, r := range w.permissions() {
			if p, ok := r.Doc["path"].(string); ok && (r.Doc["user_id"] == int64(2) || r.Doc["group_id"] == groupID("Operators") || r.Doc["group_id"] == groupID("Finance")) {
				granted += " " + p
			}
		}
		for _, p := range places.FindAllString(strings.TrimPrefix(note, "Works"), -1) {
			if _, ok := w.Folder(p); !ok || !strings.Contains(granted, p) {
				t.Errorf("%s: the operator is said to use %s; granted is%s", name, p, granted)
			}
		}
	}
}
