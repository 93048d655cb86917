package transfer

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/backend"
)

// The same command after a kill moves only what is missing or has changed since.
func TestTheSameCommandGoesOn(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir, r.cfg.Sparing = r.path("state"), true
		for _, n := range []string{"t/done", "t/changed", "t/gone", "t/bad"} {
			r.write(n, noise(1, 9))
		}
		r.write("t/big", noise(2, 12*mib))
		req := backend.TransferRequest{
			Direction: backend.Upload, Sources: []backend.Entry{r.entry("t")},
			Target: backend.Location{Side: backend.Remote, Path: "in"}, Conflict: backend.Overwrite,
		}
		// The first part of the big file arrives, its second one never does.
		r.site.fault = func(op, arg string, _ int) error {
			switch {
			case op == "put" && strings.Contains(arg, "part_number=2"), op == "put" && strings.Contains(arg, "part_number=3"):
				return apiError("service-unavailable", 503)
			case op == "begin" && strings.HasSuffix(arg, "bad"), op == "begin" && strings.HasSuffix(arg, "gone"):
				return apiError("not-authorized", 403)
			}
			return nil
		}
		id, found, err := r.start().AddAgain(t.Context(), req)
		if err != nil || found {
			t.Fatal(found, err)
		}
		r.until(id, "under way", func(j backend.JobSnapshot) bool {
			return j.FilesDone == 2 && j.FilesFailed == 2 && j.BytesDone >= 5*mib
		})
		r.close()

		r.write("t/changed", noise(3, 10))
		r.write("t/late", noise(4, 4))
		if err := os.Remove(r.path("t/gone")); err != nil {
			t.Fatal(err)
		}
		r.site.fault = nil
		begun, put := r.site.count("begin"), r.site.count("put")
		var seen []string
		e := r.start()
		e.Observe(func(_ backend.JobID, i backend.ItemSnapshot) { seen = append(seen, i.Name) })
		other := req
		other.Move = true
		if got := r.e.Recovered(); len(got) != 1 || got[0].FilesBefore != 2 || got[0].BytesBefore != 18+5*mib {
			t.Fatalf("recovered %+v", got)
		}
		again, found, err := e.AddAgain(t.Context(), req)
		if err != nil || !found || again != id {
			t.Fatal(again, found, err)
		}
		j := r.done(id)
		synctest.Wait()
		slices.Sort(seen)
		if j.FilesDone != 5 || j.FilesTotal != 5 || !slices.Equal(seen, []string{"t/bad", "t/big", "t/changed", "t/late"}) {
			t.Errorf("moved %q: %+v", seen, j)
		}
		if j.FilesBefore != 1 || j.BytesBefore != 9+5*mib { // one whole, and a part of the big one
			t.Errorf("%d files and %d bytes are said to have been there", j.FilesBefore, j.BytesBefore)
		}
		for _, n := range []string{"done", "changed", "big", "bad", "late"} {
			r.sameOnSite("t/"+n, "in/t/"+n)
		}
		if n := r.site.count("put") - put; n != 5 { // two parts of the big one
			t.Errorf("%d parts sent again, %d begun", n, r.site.count("begin")-begun)
		}
		r.close()
		if _, found, err := r.start().AddAgain(t.Context(), other); found || err != nil {
			t.Error("another command took over what was done", err)
		}
	})
}

// A job that goes on by the same command is shown as it is now, also while it
// cannot begin.
func TestTheSameCommandIsShownAtOnce(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("f", noise(1, 9))
		req := backend.TransferRequest{
			Direction: backend.Upload, Sources: []backend.Entry{r.entry("f")}, Target: backend.Location{Side: backend.Remote, Path: "in"},
		}
		r.start().Park("for the test")
		id, _, err := r.e.AddAgain(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		r.restart()
		r.e.Park("for the test")
		if j := r.job(id); j.State != backend.JobPaused || !j.Interrupted {
			t.Fatalf("got %+v", j)
		}
		if _, found, err := r.e.AddAgain(t.Context(), req); err != nil || !found {
			t.Fatal(found, err)
		}
		if j := r.job(id); j.State != backend.JobParked || j.Interrupted {
			t.Errorf("got %+v", j)
		}
		r.e.Unpark()
		r.done(id)
	})
}

// A file that waited for the site's checksum when the program was stopped is
// compared afterwards, by the same command as well as by a resumed job.
func TestALateChecksumOutlivesTheProgram(t *testing.T) {
	for _, again := range []bool{true, false} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			r.site.lateSums, r.site.opaque = 1000, true
			for _, n := range []string{"t/a", "t/b"} {
				r.write(n, noise(1, 9))
			}
			req := backend.TransferRequest{
				Direction: backend.Upload, Sources: []backend.Entry{r.entry("t")},
				Target: backend.Location{Side: backend.Remote}, Conflict: backend.Overwrite,
			}
			id, _, err := r.start().AddAgain(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			r.until(id, "sent", func(j backend.JobSnapshot) bool { return j.BytesDone == 18 && !j.Scanning })
			r.close()
			r.site.lateSums = 0
			put := r.site.count("put")
			e := r.start()
			if again {
				if _, found, err := e.AddAgain(t.Context(), req); !found || err != nil {
					t.Fatal(found, err)
				}
			} else {
				e.Resume(id)
			}
			if j := r.done(id); j.Verified != backend.Verified || j.FilesTotal != 2 || r.site.count("put") != put {
				t.Errorf("again %v: %d puts, %+v", again, r.site.count("put")-put, j)
			}
		})
	}
}

func TestForgetStartsOver(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("a", noise(1, 9))
		req := backend.TransferRequest{
			Direction: backend.Upload, Sources: []backend.Entry{r.entry("a")},
			Target: backend.Location{Side: backend.Remote}, Conflict: backend.Overwrite,
		}
		r.site.fault = func(op, _ string, _ int) error {
			if op == "begin" {
				return apiError("not-authorized", 403)
			}
			return nil
		}
		id, _, err := r.start().AddAgain(t.Context(), req)
		if err != nil || r.end(id).State != backend.JobFailed {
			t.Fatal(err)
		}
		r.close()
		e := r.start()
		if err := e.Forget(req); err != nil {
			t.Fatal(err)
		}
		if _, found, err := e.AddAgain(t.Context(), req); found || err != nil {
			t.Errorf("still there, %v", err)
		}
	})
}

// A plan is carried out: both directions, deletions at the end, and nothing else.
func TestAPlanIsCarriedOut(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/up/new", noise(1, 9))
		r.write("l/same", noise(2, 5))
		r.site.put("r/same", noise(2, 5), stampTime)
		r.site.put("r/Extra/x", noise(3, 5), stampTime)
		r.site.put("r/Extra/y.tmp", noise(3, 5), stampTime)
		r.site.put("r/gone/x", noise(3, 5), stampTime)
		e := r.start()
		ctx := context.Background()
		req := backend.SyncRequest{Local: r.path("l"), Remote: "r", Mode: backend.SyncPush, Mirror: true, Ignore: []string{"*.tmp"}}
		p, err := e.Compare(ctx, req, nil)
		if err != nil || p.Totals().Deletions != 3 || p.Totals().Uploads != 1 {
			t.Fatal(planLines(p.Items), err)
		}
		file := r.path("plan.json")
		if err := e.SavePlan(file, p); err != nil {
			t.Fatal(err)
		}
		if p, err = e.LoadPlan(file); err != nil {
			t.Fatal(err)
		}
		if changes, err := e.CheckPlan(ctx, &p, nil); err != nil || len(changes) > 0 {
			t.Fatal(changes, err)
		}
		ids, err := e.StartPlan(ctx, p)
		if err != nil || len(ids) != 1 {
			t.Fatal(ids, err)
		}
		if j := r.done(ids[0]); j.FilesDone != 1 {
			t.Errorf("%+v", j)
		}
		var gone []string
		// What changes between comparison and deletion is kept.
		r.site.put("r/gone/x", noise(9, 50), stampTime)
		err = e.FinishPlan(ctx, p, func(n int, err error) {
			i := p.Items[n]
			if err == nil {
				gone = append(gone, i.Name)
			}
		})
		if err == nil || !slices.Equal(gone, []string{"Extra/x"}) {
			t.Errorf("deleted %q, %v", gone, err)
		}
		r.sameOnSite("l/up/new", "r/up/new")
		for path, want := range map[string]bool{"r/gone/x": true, "r/Extra/x": false, "r/Extra/y.tmp": true, "r/same": true} {
			if _, ok := r.site.content(path); ok != want {
				t.Errorf("%s there: %v", path, ok)
			}
		}
		// Pulled back into a folder that is not there yet, then again: nothing to do.
		req = backend.SyncRequest{Local: r.path("back"), Remote: "r", Mode: backend.SyncPull}
		if err := os.Mkdir(r.path("back"), 0o755); err != nil {
			t.Fatal(err)
		}
		p, err = e.Compare(ctx, req, nil)
		if err != nil {
			t.Fatal(err)
		}
		if ids, err = e.StartPlan(ctx, p); err != nil || len(ids) != 1 {
			t.Fatal(ids, err)
		}
		r.done(ids[0])
		r.sameOnDisk("r/up/new", "back/up/new")
		for _, by := range []backend.CompareBy{backend.ByTime, backend.ByHash} {
			req.By = by
			if p, err = e.Compare(ctx, req, nil); err != nil || p.Totals().Found[backend.PlanSame] != len(p.Items) || len(p.Items) != 4 {
				t.Errorf("by %s:\n%s%v", by, planLines(p.Items), err)
			}
		}
	})
}

// A dry run says what the job would do and does nothing.
func TestDryRun(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("t/new", noise(1, 9))
		r.write("t/there", noise(1, 9))
		r.site.put("in/t/THERE", noise(2, 3), stampTime)
		r.site.put("in/t/other", noise(2, 3), stampTime)
		r.start()
		for policy, want := range map[backend.Conflict]string{
			backend.Overwrite: `x changed upload "t/there" to "t/THERE": replaces what is there`,
			backend.Skip:      `  same  "t/there" to "t/THERE": skipped: skip`,
		} {
			items, err := r.rehearse(backend.TransferRequest{
				Direction: backend.Upload, Sources: []backend.Entry{r.entry("t")}, Conflict: policy,
				Target: backend.Location{Side: backend.Remote, Path: "in"},
			})
			if got := planLines(items); err != nil || !strings.Contains(got, want) || !strings.Contains(got, `x new upload "t/new"`) || strings.Contains(got, "other") {
				t.Errorf("%s: got\n%s%v", policy, got, err)
			}
		}
		if r.site.count("begin")+r.site.count("mkdir") != 0 {
			t.Error("something was done")
		}
	})
}

// Links are looked through on demand only, and never in circles; what a broken
// download left beside its target is no file of anybody.
func TestDryRunSeesWhatAJobSees(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("t/a", noise(1, 9))
		r.write("t/.a.0123abcd.ferry-part", noise(1, 9))
		r.write("else/b", noise(1, 9))
		for name, to := range map[string]string{"t/round": "../t", "t/out": "../else"} {
			if err := os.Symlink(to, r.path(name)); err != nil {
				t.Fatal(err)
			}
		}
		e := r.start()
		for follow, want := range map[bool]int{false: 1, true: 2} {
			req := backend.TransferRequest{
				Direction: backend.Upload, Sources: []backend.Entry{r.entry("t")}, FollowLinks: follow,
				Conflict: backend.Overwrite, Target: backend.Location{Side: backend.Remote, Path: "in"},
			}
			items, err := r.rehearse(req)
			files := 0
			for _, i := range items {
				if !i.Folder {
					files++
				}
			}
			if err != nil || files != want {
				t.Errorf("links %v: %d files, %v\n%s", follow, files, err, planLines(items))
			}
			id, err := e.Add(context.Background(), req)
			if err != nil {
				t.Fatal(err)
			}
			if j := r.done(id); j.FilesDone != want {
				t.Errorf("links %v: %d files moved", follow, j.FilesDone)
			}
		}
	})
}

// New files of a plan cost no look at the site each.
func TestAPlanDoesNotAskForEveryFile(t *testing.T) {
	bubble(t, func(r *rig) {
		for i := range 50 {
			r.write(fmt.Sprintf("l/f%02d", i), noise(1, 9))
		}
		r.site.put("r/there", noise(1, 1), stampTime)
		e := r.start()
		p, err := e.Compare(context.Background(), backend.SyncRequest{Local: r.path("l"), Remote: "r", Mode: backend.SyncPush}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ids, err := e.StartPlan(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		if r.done(ids[0]); r.site.count("find") != 0 || r.site.count("list") > 3 {
			t.Errorf("%d finds, %d lists", r.site.count("find"), r.site.count("list"))
		}
	})
}

// A file that became visible in the moment of a kill is not fetched a second
// time by the same command, whatever that does with files that exist.
func TestTheSameCommandKnowsWhatHadArrived(t *testing.T) {
	for _, policy := range []backend.Conflict{backend.KeepBoth, backend.Ask} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			r.site.delay = time.Second
			r.site.put("f.bin", noise(1, 9), stampTime)
			if err := os.MkdirAll(r.path("in"), 0o755); err != nil {
				t.Fatal(err)
			}
			req := backend.TransferRequest{
				Direction: backend.Download, Sources: []backend.Entry{r.remote("f.bin")},
				Target: backend.Location{Side: backend.Local, Path: r.path("in")}, Conflict: policy,
			}
			r.start()
			id := r.again(req)
			r.until(id, "under way", func(j backend.JobSnapshot) bool { return len(j.Items) == 1 && j.Items[0].State == backend.JobRunning })
			synctest.Wait()
			if err := os.CopyFS(r.path("killed"), os.DirFS(r.path("state"))); err != nil {
				t.Fatal(err)
			}
			r.done(id)
			r.close()
			r.cfg.StateDir = r.path("killed")
			r.start()
			if j := r.done(r.again(req)); j.FilesBefore != 1 || j.BytesBefore != 9 {
				t.Errorf("%s: %d files and %d bytes are said to have been there", policy, j.FilesBefore, j.BytesBefore)
			}
			if got := r.files("in"); !slices.Equal(got, []string{"f.bin"}) {
				t.Errorf("%s: there are %q", policy, got)
			}
		})
	}
}

// A line that drops again and again does not fail a file that comes on.
func TestABadLineThatComesOn(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.write("f.bin", noise(1, 64*mib))
		r.site.fault = func(op, _ string, n int) error {
			if op == "put" && n%5 != 0 {
				return &backend.Error{Group: backend.Connection, Message: "reset"}
			}
			return nil
		}
		r.start()
		r.done(r.up("f.bin", ""))
		r.sameOnSite("f.bin", "f.bin")
	})
}

// Of a file that fails nothing is done, whatever an earlier run has brought of it.
func TestWhatFailsIsNotSaidToHaveBeenThere(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.cfg.Limits = Limits{Start: 1, Requests: 1} // one range after the other
		r.site.put("f.bin", noise(1, 40*mib), stampTime)
		r.site.fault = func(op, _ string, n int) error {
			if op == "range" && n > 2 {
				return apiError("not-authorized", 403)
			}
			return nil
		}
		req := backend.TransferRequest{
			Direction: backend.Download, Sources: []backend.Entry{r.remote("f.bin")},
			Target: backend.Location{Side: backend.Local, Path: r.path("in")}, Conflict: backend.Overwrite,
		}
		r.write("in/other", nil)
		r.start()
		r.end(r.again(req))
		r.restart()
		if j := r.end(r.again(req)); j.State != backend.JobFailed || j.BytesDone != 0 || j.BytesBefore != 0 {
			t.Errorf("%v, %d bytes, %d of them before", j.State, j.BytesDone, j.BytesBefore)
		}
		r.site.fault = nil
		r.restart()
		if j := r.done(r.again(req)); j.BytesDone != 40*mib || j.BytesBefore == 0 || j.FilesBefore != 0 {
			t.Errorf("%d bytes, %d of them before, and %d files", j.BytesDone, j.BytesBefore, j.FilesBefore)
		}
	})
}
