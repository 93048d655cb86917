package transfer

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"ferry/backend"
)

// blindDisk cannot list some folders of the rig.
type blindDisk struct {
	Disk
	blind map[string]bool // by path
}

func (d blindDisk) List(ctx context.Context, dir string, q backend.FolderQuery) (backend.Page[backend.Entry], error) {
	if d.blind[dir] {
		return backend.Page[backend.Entry]{}, &backend.Error{
			Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Type: "local/permission-denied", Title: "Permission Denied", Path: dir,
		}
	}
	return d.Disk.List(ctx, dir, q)
}

// blind takes the right to look into folders away, of this machine and of the site.
func (r *rig) blind(local, remote []string) {
	d := blindDisk{r.cfg.Local, map[string]bool{}}
	for _, name := range local {
		d.blind[r.path(name)] = true
	}
	r.cfg.Local = d
	r.site.flatless = true
	r.site.fault = func(op, arg string, _ int) error {
		if op == "list" && slices.Contains(remote, arg) {
			return &backend.Error{Group: backend.NotAuthorized, Status: 403, Title: "Folder Permission Required", Path: arg}
		}
		return nil
	}
}

// What is in a folder that cannot be read is neither deleted nor taken for
// missing, whichever side it is on, while everything beside it is brought in line.
func TestAMirrorLeavesAloneWhatItCannotSee(t *testing.T) {
	for _, c := range []struct {
		mode          backend.SyncMode
		local, remote []string // cannot be read
		want          string
	}{
		{backend.SyncPush, []string{"l/shut"}, nil, `
x extra delete-remote "gone"
x extra delete-remote "gone/x"
x new upload "new"
  conflict  "shut": cannot be read on this machine: Permission Denied`},
		{backend.SyncPush, []string{"l/shut/deep"}, nil, `
x extra delete-remote "gone"
x extra delete-remote "gone/x"
x new upload "new"
  conflict  "shut/deep": cannot be read on this machine: Permission Denied
x new upload "shut/here"
x extra delete-remote "shut/there"`},
		{backend.SyncPush, nil, []string{"r/gone"}, `
  conflict  "gone": cannot be read on the site: Folder Permission Required
x new upload "new"
x new upload "shut/deep/here"
x extra delete-remote "shut/deep/there"
x new upload "shut/here"
x extra delete-remote "shut/there"`},
		{backend.SyncPull, nil, []string{"r/shut"}, `
x new download "gone/x"
x extra delete-local "new"
  conflict  "shut": cannot be read on the site: Folder Permission Required`},
		{backend.SyncPull, []string{"l/shut/deep"}, nil, `
x new download "gone/x"
x extra delete-local "new"
  conflict  "shut/deep": cannot be read on this machine: Permission Denied
x extra delete-local "shut/here"
x new download "shut/there"`},
		{backend.SyncBoth, []string{"l/shut"}, []string{"r/gone"}, `
  conflict  "gone": cannot be read on the site: Folder Permission Required
x new upload "new"
  conflict  "shut": cannot be read on this machine: Permission Denied`},
	} {
		bubble(t, func(r *rig) {
			for _, name := range []string{"new", "shut/here", "shut/deep/here"} {
				r.write("l/"+name, noise(1, 9))
			}
			for _, name := range []string{"gone/x", "shut/there", "shut/deep/there"} {
				r.site.put("r/"+name, noise(1, 9), stampTime)
			}
			r.blind(c.local, c.remote)
			r.start()
			p := r.compare(backend.SyncRequest{Mode: c.mode, Mirror: c.mode != backend.SyncBoth})
			only := strings.NewReplacer(": only on the site\n", "\n", ": only on this machine\n", "\n")
			if got := strings.TrimSpace(only.Replace(planLines(p.Items))); got != strings.TrimSpace(c.want) {
				t.Errorf("%s without %q %q:\n%s", c.mode, c.local, c.remote, got)
			}
			for _, i := range p.Items {
				if i.Unread != (i.Err != nil) || i.Unread != (i.Kind == backend.PlanConflict) {
					t.Errorf("%s: unread %v, %v", i.Name, i.Unread, i.Err)
				}
			}
			r.outcomes(p)
			hidden := func(paths []string, file string) bool {
				return slices.ContainsFunc(paths, func(dir string) bool { return strings.HasPrefix(file[2:], dir[2:]+"/") })
			}
			for _, file := range []string{"r/gone/x", "r/shut/there", "r/shut/deep/there"} {
				if _, ok := r.site.content(file); !ok && (hidden(c.local, file) || hidden(c.remote, file)) {
					t.Errorf("%s without %q %q: %s was deleted", c.mode, c.local, c.remote, file)
				}
			}
			for _, file := range []string{"shut/here", "shut/deep/here"} {
				if !slices.Contains(r.files("l"), file) && (hidden(c.local, "l/"+file) || hidden(c.remote, "l/"+file)) {
					t.Errorf("%s without %q %q: %s was deleted", c.mode, c.local, c.remote, file)
				}
			}
		})
	}
}

// A listing of the site may lack the folders on the way to a file.
func TestAMirrorLeavesAloneWhatLiesDeepInWhatItCannotSee(t *testing.T) {
	for _, below := range []string{"shut/x", "shut/no/line/x"} {
		local := []node{{rel: "shut", entry: backend.Entry{Kind: backend.Folder}, unread: errors.New("no")}}
		items := compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true}, backend.DiskNames{System: "linux"}, local, []node{{rel: below}})
		if len(items) != 1 || !items[0].Unread {
			t.Errorf("%s:\n%s", below, planLines(items))
		}
	}
}

// A loss of the connection is no folder that cannot be read: the comparison ends.
func TestACompareEndsWithTheSession(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/a", nil)
		r.site.put("r/sub/x", noise(1, 9), stampTime)
		r.blind(nil, nil)
		r.site.fault = func(op, arg string, _ int) error {
			if op == "list" && arg == "r/sub" {
				return &backend.Error{Group: backend.NotAuthenticated, Status: 401, Type: "not-authenticated/invalid-session"}
			}
			return nil
		}
		e := r.start()
		e.Unattended(1)
		_, err := e.Compare(context.Background(), backend.SyncRequest{Mode: backend.SyncPush, Local: r.path("l"), Remote: "r"}, nil)
		if !errors.Is(err, backend.NotAuthenticated) {
			t.Errorf("got %v", err)
		}
	})
}

// By hash, a file that cannot be read is known no better than such a folder.
func TestACompareByHashPassesFilesThatCannotBeRead(t *testing.T) {
	bubble(t, func(r *rig) {
		for _, name := range []string{"a", "b"} {
			r.write("l/"+name, noise(1, 9))
			r.site.put("r/"+name, noise(1, 9), stampTime)
		}
		r.cfg.Local = deafDisk{r.cfg.Local, r.path("l/a")}
		r.start()
		p := r.compare(backend.SyncRequest{Mode: backend.SyncPush, By: backend.ByHash})
		want := "  conflict  \"a\": cannot be read on this machine: Permission Denied\n  same  \"b\"\n"
		if got := planLines(p.Items); got != want {
			t.Errorf("got\n%s", got)
		}
	})
}

// deafDisk cannot open one file.
type deafDisk struct {
	Disk
	path string
}

func (d deafDisk) Open(path string) (*os.File, error) {
	if path == d.path {
		return nil, &backend.Error{Group: backend.LocalDisk, Type: "local/permission-denied", Title: "Permission Denied", Path: path}
	}
	return d.Disk.Open(path)
}

// A plan whose lines can no longer be seen is not taken for carried out, and says
// of what it could not read how that is today.
func TestAPlanIsCheckedAgainstWhatCanBeSeen(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/shut/here", noise(1, 9))
		r.write("l/odd/here", noise(1, 9))
		r.site.put("r/shut/there", noise(1, 9), stampTime)
		r.site.put("r/odd/there", noise(1, 9), stampTime)
		r.blind([]string{"l/odd"}, nil)
		e := r.start()
		p := r.compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true})
		d := r.cfg.Local.(blindDisk)
		d.blind[r.path("l/odd")], d.blind[r.path("l/shut")] = false, true
		changes, err := e.CheckPlan(context.Background(), &p, nil)
		if err != nil || len(changes) != 2 || !strings.HasPrefix(changes[0].Why, "shut cannot be read on this machine") {
			t.Errorf("%v, %v", changes, err)
		}
		for _, i := range p.Items {
			if i.Unread && (i.Err != nil || !strings.Contains(i.Reason, "compare again")) {
				t.Errorf("%s: %v, %s", i.Name, i.Err, i.Reason)
			}
		}
		d.blind[r.path("l/odd")] = true
		if _, err := e.CheckPlan(context.Background(), &p, nil); err != nil || !slices.ContainsFunc(p.Items, func(i backend.PlanItem) bool { return i.Err != nil }) {
			t.Errorf("%v\n%s", err, planLines(p.Items))
		}
	})
}

// What a plan deletes because the other side lacked it stays when that has it by
// now, whatever way it is spelled there.
func TestAPlanDoesNotDeleteWhatHasComeToTheOtherSide(t *testing.T) {
	for _, mode := range []backend.SyncMode{backend.SyncPush, backend.SyncPull} {
		for _, name := range []string{"b", "B"} {
			bubble(t, func(r *rig) {
				r.write("l/a", noise(1, 9))
				r.site.put("r/a", noise(1, 9), stampTime)
				here := func(name string) { r.write("l/"+name, noise(1, 9)) }
				onSite := func(name string) { r.site.put("r/"+name, noise(1, 9), stampTime) }
				has, lacks := onSite, here
				if mode == backend.SyncPull {
					has, lacks = here, onSite
				}
				has("b")
				e := r.start()
				p := r.compare(backend.SyncRequest{Mode: mode, Mirror: true})
				lacks(name)
				changes, err := e.CheckPlan(context.Background(), &p, nil)
				if err != nil || len(changes) != 1 || p.Items[changes[0].Item].Name != "b" || !strings.Contains(changes[0].Why, "come on ") {
					t.Errorf("%s, %s: %v, %v\n%s", mode, name, changes, err, planLines(p.Items))
				}
			})
		}
	}
}

// What could not be read is found again when the two sides spell it in two ways.
func TestAPlanFindsWhatItCouldNotReadInTwoSpellings(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/Shut/here", noise(1, 9))
		r.site.put("r/shut/there", noise(1, 9), stampTime)
		r.blind(nil, []string{"r/shut"})
		e := r.start()
		p := r.compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true})
		p.Items[0].Err = nil // as in a plan that was kept
		if _, err := e.CheckPlan(context.Background(), &p, nil); err != nil || !errors.Is(p.Items[0].Err, backend.NotAuthorized) {
			t.Errorf("%v, %v\n%s", err, p.Items[0].Err, planLines(p.Items))
		}
	})
}
