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
		backend.Resume:    `x changed upload "t/f": replaces what is there`,
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
