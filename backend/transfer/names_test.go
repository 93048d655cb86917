package transfer

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"ferry/backend"
)

// claims is a disk that says of itself what it likes.
type claims struct {
	Disk
	names backend.DiskNames
}

func (c claims) Holds(context.Context, string) (backend.DiskNames, error) { return c.names, nil }

func (r *rig) claim(n backend.DiskNames) { r.cfg.Local = claims{r.cfg.Local, n} }

// downAll queues a download of several sources into one folder.
func (r *rig) downAll(to string, paths ...string) backend.JobID {
	r.t.Helper()
	if err := os.MkdirAll(r.path(to), 0o755); err != nil {
		r.t.Fatal(err)
	}
	req := backend.TransferRequest{Direction: backend.Download, Target: backend.Location{Side: backend.Local, Path: r.path(to)}, Conflict: backend.Overwrite}
	for _, p := range paths {
		req.Sources = append(req.Sources, r.remote(p))
	}
	return r.add(req, nil)
}

// What Windows cannot hold is mapped, and names that meet by that stay apart.
func TestDownloadToWindows(t *testing.T) {
	bubble(t, func(r *rig) {
		r.claim(backend.DiskNames{System: "windows", IgnoresCase: true})
		for _, p := range []string{"d/con.txt", "d/a:b", "d/sub./x", "d/fine"} {
			r.site.put(p, []byte(p), stampTime)
		}
		r.start()
		j := r.done(r.down("d", "in"))
		got := slices.Sorted(slices.Values(r.files("in")))
		if want := []string{"d/a\uff1ab", "d/fine", "d/sub\uff0e/x", "d/\uff43on.txt"}; !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
		for _, it := range r.e.journal.finished(j.ID) {
			changed := !strings.HasSuffix(it.rel, "fine")
			if changed != strings.Contains(it.said(), "name changed to ") {
				t.Errorf("%s: %q", it.rel, it.said())
			}
		}
	})
}

// A folder that gets another name says so once, with the first file below it.
func TestNewNamesOfFoldersAreSaidOnce(t *testing.T) {
	for _, flatless := range []bool{false, true} {
		bubble(t, func(r *rig) {
			r.claim(backend.DiskNames{System: "windows", IgnoresCase: true})
			r.site.flatless = flatless
			for _, p := range []string{"d:/a", "d:/nul/x", "d:/nul/y", "d:/nul/con/z"} {
				r.site.put(p, []byte(p), stampTime)
			}
			r.start()
			j := r.done(r.down("d:", "in"))
			var all []string
			for _, it := range r.e.journal.finished(j.ID) {
				all = append(all, it.said())
			}
			text := strings.Join(all, "\n")
			for _, folder := range []string{"folder d:: ", "folder d:/nul: ", "folder d:/nul/con: "} {
				if strings.Count(text, folder) != 1 {
					t.Errorf("flat %v, %q is said %d times: %q", !flatless, folder, strings.Count(text, folder), all)
				}
			}
		})
	}
}

// Names that such a disk takes for one never write over each other.
func TestDownloadToADiskThatIgnoresCase(t *testing.T) {
	for _, ignores := range []bool{true, false} {
		bubble(t, func(r *rig) {
			r.claim(backend.DiskNames{System: "darwin", IgnoresCase: ignores})
			for _, p := range []string{"one/Read.me", "two/read.ME", "one/Sub/a", "two/sub/a"} {
				r.site.put(p, []byte(p), stampTime)
			}
			r.start()
			r.done(r.downAll("in", "one/Read.me", "two/read.ME", "one/Sub", "two/sub"))
			want := map[string]string{"Read.me": "one/Read.me", "read (2).ME": "two/read.ME", "Sub/a": "one/Sub/a", "sub (2)/a": "two/sub/a"}
			if !ignores {
				want = map[string]string{"Read.me": "one/Read.me", "read.ME": "two/read.ME", "Sub/a": "one/Sub/a", "sub/a": "two/sub/a"}
			}
			for name, content := range want {
				if b, err := os.ReadFile(r.path("in/" + name)); err != nil || !bytes.Equal(b, []byte(content)) {
					t.Errorf("case ignored %v: %s: %q, %v", ignores, name, b, err)
				}
			}
		})
	}
}

func TestNamesStayApart(t *testing.T) {
	n := names{disk: backend.DiskNames{System: "windows", IgnoresCase: true}}
	for _, c := range []struct{ dir, name, want, note string }{
		{"a", "x\x01.txt", "x\u2401.txt", "name changed to x\u2401.txt"},
		{"A", "X\u2401.txt", "X\u2401 (2).txt", "name changed to X\u2401 (2).txt: this disk takes it and another for one"},
		{"b", "x\u2401.txt", "x\u2401.txt", ""},
	} {
		if got, note := n.local(c.dir, c.name); got != c.want || note != c.note {
			t.Errorf("%s: %q, %q", c.name, got, note)
		}
	}
}

// A plan for Windows finds a mapped name again and says where new ones go.
func TestPlanForWindows(t *testing.T) {
	req := backend.SyncRequest{Mode: backend.SyncPull}
	got := planLines(compare(req, backend.DiskNames{System: "windows"}, nodes(t, "a\uff1ab|1|0"), nodes(t, "a:b|1|0", "nul|1|0")))
	if !strings.Contains(got, `new download "nul" to "ｎul"`) || strings.Contains(got, `new download "a:b"`) {
		t.Error(got)
	}
}

// A name that the disk holds can be downloaded, however many bytes its letters
// have: that of the partial beside it is not longer.
func TestALongNameOfWideLetters(t *testing.T) {
	bubble(t, func(r *rig) {
		for _, letter := range []string{"x", "é", "中", "🦦"} {
			name := strings.Repeat(letter, 255/len(letter))
			r.site.put("d/"+name, noise(1, 9), stampTime)
		}
		r.cfg.Limits.Archives = -1
		r.start()
		r.done(r.down("d", "in"))
		if got := r.files("in/d"); len(got) != 4 {
			t.Errorf("there is %q", got)
		}
	})
}

// Sources of one name, from several folders, never replace each other, and who
// got another name says so; a folder says it with its first file.
func TestSourcesOfOneNameStayApart(t *testing.T) {
	bubble(t, func(r *rig) {
		contents := map[string]string{"a/f.txt": "1", "b/f.txt": "2", "a/d/x": "3", "b/d/x": "4", "b/d/e/y": "5"}
		for name, text := range contents {
			r.write(name, []byte(text))
			r.site.put(name, []byte(text), stampTime)
		}
		r.start()
		up := backend.TransferRequest{Direction: backend.Upload, Target: backend.Location{Side: backend.Remote, Path: "up"}}
		var paths []string
		for _, name := range []string{"a/f.txt", "b/f.txt", "a/d", "b/d"} {
			up.Sources = append(up.Sources, r.entry(name))
			paths = append(paths, name)
		}
		moved := map[string]string{"a/f.txt": "f.txt", "b/f.txt": "f (2).txt", "a/d/x": "d/x", "b/d/x": "d (2)/x", "b/d/e/y": "d (2)/e/y"}
		for _, j := range []backend.JobSnapshot{r.done(r.add(up, nil)), r.done(r.downAll("in", paths...))} {
			said := 0
			for _, it := range r.e.journal.finished(j.ID) {
				said += strings.Count(it.said(), "name changed to ")
			}
			if j.FilesDone != 5 || said != 2 {
				t.Errorf("%v: %d files, %d said a new name", j.Direction, j.FilesDone, said)
			}
		}
		for from, to := range moved {
			r.sameOnSite(from, "up/"+to)
			r.sameOnDisk(from, "in/"+to)
		}
	})
}
