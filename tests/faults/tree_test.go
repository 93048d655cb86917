//go:build unix

package faults

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// tree is what is transferred: files by their path, with slashes.
type tree map[string][]byte

// seconds is a time of change that both sides can keep.
var changed = time.Date(2024, 5, 17, 8, 30, 0, 0, time.UTC)

func noise(r *rand.Rand, n int) []byte {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(r.Uint32())
	}
	b := make([]byte, n)
	_, _ = rand.NewChaCha8(seed).Read(b)
	return b
}

// large is one file of many parts.
func large(r *rand.Rand, mib int) tree {
	return tree{"large.bin": noise(r, mib<<20+r.IntN(1<<20))}
}

// small is a tree of many small files, whose names occur once.
func small(r *rand.Rand, files int) tree {
	out := tree{}
	for i := range files {
		dir := strings.Repeat(fmt.Sprintf("d%d/", r.IntN(6)), r.IntN(3))
		out[fmt.Sprintf("%sf%04d.txt", dir, i)] = noise(r, r.IntN(24<<10))
	}
	return out
}

func (t tree) size() (n int64) {
	for _, b := range t {
		n += int64(len(b))
	}
	return n
}

func (t tree) names() []string {
	names := make([]string, 0, len(t))
	for n := range t {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// write puts a tree on the disk.
func (t tree) write(tb testing.TB, root string) {
	tb.Helper()
	for name, b := range t {
		writeFile(tb, filepath.Join(root, name), b, changed)
	}
}

func writeFile(tb testing.TB, path string, b []byte, at time.Time) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		tb.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		tb.Fatal(err)
	}
}

// onDisk reads what is below a folder; partials are told apart.
func onDisk(tb testing.TB, root string) (files tree, partials []string) {
	tb.Helper()
	files = tree{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if strings.Contains(d.Name(), ".ferry-part") {
			partials = append(partials, rel)
			return nil
		}
		files[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files, partials
}

// same tells the first difference of two trees, "" for none. What a name may
// hold besides its content in want is in or.
func (t tree) within(want tree, or ...tree) string {
next:
	for _, name := range t.names() {
		for _, w := range append([]tree{want}, or...) {
			if b, ok := w[name]; ok && bytes.Equal(b, t[name]) {
				continue next
			}
		}
		return fmt.Sprintf("%s holds %d bytes that are not its content", name, len(t[name]))
	}
	return ""
}

func (t tree) differs(want tree) string {
	for _, name := range want.names() {
		if _, ok := t[name]; !ok {
			return name + " is not there"
		}
	}
	return t.within(want)
}
