package transfer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ferry/backend"
)

// rehearse gives the lines of a dry run.
func (r *rig) rehearse(req backend.TransferRequest) ([]backend.PlanItem, error) {
	out, err := r.e.DryRun(context.Background(), req)
	return slices.Concat(out.Items...), err
}

// sending asks for uploads of the rig into the folder in.
func (r *rig) sending(c backend.Conflict, names ...string) backend.TransferRequest {
	req := backend.TransferRequest{Direction: backend.Upload, Conflict: c, Target: backend.Location{Side: backend.Remote, Path: "in"}}
	for _, name := range names {
		req.Sources = append(req.Sources, r.entry(name))
	}
	return req
}

// fetching asks for downloads into the folder in of the rig.
func (r *rig) fetching(c backend.Conflict, names ...string) backend.TransferRequest {
	req := backend.TransferRequest{Direction: backend.Download, Conflict: c, Target: backend.Location{Side: backend.Local, Path: r.path("in")}}
	for _, name := range names {
		req.Sources = append(req.Sources, r.remote(name))
	}
	return req
}

func (r *rig) rehearsed(t *testing.T, what string, req backend.TransferRequest, want string) {
	t.Helper()
	items, err := r.rehearse(req)
	if got := strings.TrimSpace(planLines(items)); err != nil || got != strings.TrimSpace(want) {
		t.Errorf("%s: %v, got\n%s", what, err, got)
	}
}

// What cannot be read is a line, of a source as of a folder below one, and the
// rest is told.
func TestADryRunGoesOnBesideWhatItCannotRead(t *testing.T) {
	bubble(t, func(r *rig) {
		for _, name := range []string{"t/a/x", "t/shut/y", "u/z"} {
			r.write(name, noise(1, 9))
			r.site.put("far/"+name, noise(1, 9), stampTime)
		}
		r.blind([]string{"t/shut", "u"}, []string{"far/t/shut", "far/u"})
		r.start()
		r.rehearsed(t, "put", r.sending(backend.Overwrite, "t", "u"), `
x new upload "t/a/x"
  conflict  "t/shut": cannot be read on this machine: Permission Denied
  conflict  "u": cannot be read on this machine: Permission Denied`)
		req := r.fetching(backend.Overwrite, "far/t", "far/u")
		r.rehearsed(t, "get", req, `
x new download "t/a/x"
  conflict  "t/shut": cannot be read on the site: Folder Permission Required
  conflict  "u": cannot be read on the site: Folder Permission Required`)
		items, _ := r.rehearse(req)
		for _, i := range items {
			if i.Unread != (i.Err != nil) || i.Unread == i.On {
				t.Errorf("%s: unread %v, %v", i.Name, i.Unread, i.Err)
			}
		}
	})
}

// A file that cannot be opened is no upload.
func TestADryRunOpensWhatItWouldSend(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("t/a", noise(1, 9))
		r.write("t/b", noise(1, 9))
		r.cfg.Local = deafDisk{r.cfg.Local, r.path("t/a")}
		r.start()
		r.rehearsed(t, "put", r.sending(backend.Overwrite, "t"), `
  conflict  "t/a": cannot be read on this machine: Permission Denied
x new upload "t/b"`)
		items, err := r.rehearse(r.sending(backend.Overwrite, "t/a"))
		if err != nil || len(items) != 1 || !items[0].Unread || items[0].Err == nil {
			t.Errorf("%+v %v", items, err)
		}
	})
}

// What stands at the target and cannot be seen is said of what goes there.
func TestADryRunSaysWhatItCannotSeeOfTheTarget(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("t/a/x", noise(1, 9))
		r.write("t/b/x", noise(1, 9))
		r.site.put("in/t/a/x", noise(1, 9), stampTime)
		r.site.put("in/t/b", noise(1, 9), stampTime)
		r.blind(nil, []string{"in/t/a"})
		r.start()
		r.rehearsed(t, "put", r.sending(backend.Overwrite, "t"), `
x new upload "t/a/x": what is there cannot be read on the site: Folder Permission Required
  conflict  "t/b": a file stands where the folder should go`)
	})
}

// A dry run of a download gives the names that the download will give.
func TestADryRunForeseesTheNamesOfADownload(t *testing.T) {
	bubble(t, func(r *rig) {
		for _, name := range []string{"d/A/x", "d/a?/y", "d/b?", "d/b\x01", "d/c"} {
			r.site.put(name, noise(1, 9), stampTime)
		}
		r.write("in/d/c", noise(2, 9))
		r.write("in/d/c (2)", noise(2, 9))
		r.cfg.Local = strictDisk{r.cfg.Local}
		r.start()
		req := r.fetching(backend.KeepBoth, "d")
		items, err := r.rehearse(req)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, i := range items {
			want = append(want, i.Target)
			if changed := filepath.Base(i.Target) != filepath.Base(i.Name); changed && i.Reason == "" {
				t.Errorf("%s becomes %s, and nobody says why", i.Name, i.Target)
			}
		}
		want = append(want, "d/c", "d/c (2)")
		r.done(r.add(req, nil))
		got := r.files("in")
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("foreseen were %q, there are %q", want, got)
		}
	})
}

// strictDisk has the names of Windows.
type strictDisk struct{ Disk }

func (strictDisk) Holds(context.Context, string) (backend.DiskNames, error) {
	return backend.DiskNames{System: "windows", IgnoresCase: true}, nil
}

// Sources of one command meet in one folder, too.
func TestADryRunForeseesTheNamesOfSeveralSources(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.put("d/x", noise(1, 9), stampTime)
		r.site.put("e/X", noise(1, 9), stampTime)
		r.cfg.Local = strictDisk{r.cfg.Local}
		r.start()
		r.rehearsed(t, "get", r.fetching(backend.Overwrite, "d/x", "e/X"), `
x new download "x"
x new download "X" to "X (2)": name changed to X (2): this disk takes it and another for one`)
	})
}

// Every policy says what it does with what is there, as it does it.
func TestADryRunForeseesEveryPolicy(t *testing.T) {
	for policy, want := range map[backend.Conflict]string{
		backend.Overwrite: `x changed upload "t/f": replaces what is there`,
		backend.Skip:      `  same  "t/f": skipped: skip`,
		backend.Newer:     `  same  "t/f": skipped: newer`,
		backend.KeepBoth:  `x new upload "t/f" to "t/f (2)": gets a free name beside what is there`,
		backend.Resume:    `  conflict  "t/f": a person has to decide; what is there is not the beginning of the file`,
		backend.Ask:       `  conflict  "t/f": a person has to decide`,
	} {
		bubble(t, func(r *rig) {
			r.write("t/f", noise(1, 9))
			r.site.put("in/t/f", noise(2, 3), stampTime)
			r.site.put("in/f", noise(2, 3), stampTime)
			r.start()
			r.rehearsed(t, fmt.Sprint(policy), r.sending(policy, "t"), want)
			r.rehearsed(t, fmt.Sprint(policy), r.sending(policy, "t/f"), strings.ReplaceAll(want, "t/", ""))
		})
	}
	bubble(t, func(r *rig) {
		r.write("t/f", noise(1, 9))
		r.site.put("in/t/f", noise(1, 9)[:3], stampTime)
		r.start()
		r.rehearsed(t, "a beginning", r.sending(backend.Resume, "t"), `x changed upload "t/f": replaces what is there`)
	})
	bubble(t, func(r *rig) { // nothing of it is read: who runs it finds out
		r.site.put("s/f", noise(1, 9), stampTime)
		r.site.put("s/l", noise(1, 9), stampTime)
		r.write("in/s/f", noise(2, 3))
		if err := os.Symlink("f", r.path("in/s/l")); err != nil {
			t.Fatal(err)
		}
		r.start()
		r.rehearsed(t, "what may be a beginning here", r.fetching(backend.Resume, "s"), `
x changed download "s/f": goes on behind what is there if that is its beginning, else it fails and that stays
x changed download "s/l": replaces what is there`)
	})
	bubble(t, func(r *rig) {
		r.write("t/f", noise(1, 9))
		r.write("t/e/x", noise(1, 9))
		if err := os.Remove(r.path("t/e/x")); err != nil {
			t.Fatal(err)
		}
		r.site.put("in/t/f/x", noise(2, 3), stampTime)
		r.site.put("in/t/e", noise(2, 3), stampTime)
		r.start()
		r.rehearsed(t, "a folder", r.sending(backend.Overwrite, "t"), `
  conflict  "t/e": a file stands where the folder should go
  conflict  "t/f": a folder with this name stands there`)
	})
}

// specialDisk has pipes where the rig has files.
type specialDisk struct {
	Disk
	pipes []string // names
}

func (d specialDisk) List(ctx context.Context, dir string, q backend.FolderQuery) (backend.Page[backend.Entry], error) {
	page, err := d.Disk.List(ctx, dir, q)
	for n := range page.Items {
		page.Items[n].Special = slices.Contains(d.pipes, page.Items[n].Name)
	}
	return page, err
}

func (d specialDisk) Open(path string) (*os.File, error) {
	if slices.Contains(d.pipes, filepath.Base(path)) {
		return nil, &backend.Error{Group: backend.LocalDisk, Type: "local/failed", Title: "Not a File", Message: "Only regular files can be transferred.", Path: path}
	}
	return d.Disk.Open(path)
}

// What is no file, and what the site would refuse, is foreseen by the rules of
// the run: nothing of it is sent by an upload or a sync, and the rest arrives.
func TestADryRunForeseesWhatIsRefused(t *testing.T) {
	long := strings.Repeat("ä", 100)
	bubble(t, func(r *rig) {
		for _, name := range []string{"t/bell\x07", "t/d\x7fl/x", "t/ok", "t/pipe", "t/blank ", "t/" + long} {
			r.write(name, noise(1, 9))
		}
		r.cfg.Local = specialDisk{r.cfg.Local, []string{"pipe"}}
		e := r.start()
		req := r.sending(backend.Overwrite, "t")
		r.rehearsed(t, "put", req, strings.ReplaceAll(`
x new upload "t/LONG"
  conflict  "t/bell\a": The site cannot hold this name: it refuses control characters. Rename it on this machine first
  conflict  "t/blank ": The site cannot hold this name: it refuses a blank at the end. Rename it on this machine first
  conflict  "t/d\x7fl": The site cannot hold this name: it refuses control characters. Rename it on this machine first
x new upload "t/ok"
  conflict  "t/pipe": cannot be read on this machine: Only regular files can be transferred`, "LONG", long))
		j := r.end(r.add(req, nil))
		if got := r.site.count("begin"); j.FilesFailed != 4 || j.FilesDone != 2 || got != 2 {
			t.Errorf("%d failed, %d done, %d begun", j.FilesFailed, j.FilesDone, got)
		}
		p, err := e.Compare(context.Background(), backend.SyncRequest{Mode: backend.SyncPush, Local: r.path("t"), Remote: "other"}, nil)
		if got := planLines(p.Items); err != nil || strings.Count(got, "conflict") != 4 || p.Totals().Uploads != 2 {
			t.Errorf("%v\n%s", err, got)
		}
	})
	for name, want := range map[string]bool{"a": true, "a\tb": false, "a b": true, "a\u0080": true, strings.Repeat("é", 255): true, strings.Repeat("é", 256): false, "f/" + strings.Repeat("é", 254): true} {
		if (remoteHolds(name) == nil) != want {
			t.Errorf("%q: %v", name, remoteHolds(name))
		}
	}
}
