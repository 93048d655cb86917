package transfer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

// outcomes runs a plan and gives what was told of its items.
func (r *rig) outcomes(p backend.Plan) (told []string, jobs int) {
	r.t.Helper()
	err := r.e.RunPlan(context.Background(), p, func(ids []backend.JobID) { jobs += len(ids) }, func(x backend.PlanResult) {
		told = append(told, fmt.Sprintf("%s %s", p.Items[x.Item].Name, x.State))
	})
	if err != nil {
		r.t.Error(err)
	}
	slices.Sort(told)
	return told, jobs
}

func (r *rig) compare(req backend.SyncRequest) backend.Plan {
	r.t.Helper()
	req.Local, req.Remote = r.path("l"), "r"
	p, err := r.e.Compare(context.Background(), req, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

func TestRunPlanTellsOfEveryItem(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/new", noise(1, 9))
		r.write("l/kept/empty", nil)
		r.site.put("r/gone/x", noise(3, 5), stampTime)
		r.start()
		told, jobs := r.outcomes(r.compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true}))
		if want := []string{"gone done", "gone/x done", "kept/empty done", "new done"}; !slices.Equal(told, want) || jobs != 1 {
			t.Errorf("told %q, %d jobs", told, jobs)
		}
		if _, ok := r.site.content("r/gone/x"); ok {
			t.Error("not deleted")
		}
		if told, jobs := r.outcomes(r.compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true})); len(told) != 0 || jobs != 0 {
			t.Errorf("a second time: %q, %d jobs", told, jobs)
		}
	})
}

// Nothing is deleted after a transfer that failed.
func TestRunPlanDeletesOnlyWhenAllHasArrived(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/bad", noise(1, 9))
		r.write("l/good", noise(1, 9))
		r.site.put("r/gone", noise(3, 5), stampTime)
		r.site.fault = func(op, arg string, _ int) error {
			if op == "begin" && strings.HasSuffix(arg, "bad") {
				return apiError("not-authorized", 403)
			}
			return nil
		}
		r.start()
		told, _ := r.outcomes(r.compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true}))
		if want := []string{"bad failed", "gone cancelled", "good done"}; !slices.Equal(told, want) {
			t.Errorf("told %q", told)
		}
		if _, ok := r.site.content("r/gone"); !ok {
			t.Error("deleted")
		}
	})
}

// Deletions run several at a time, and a folder only after all that is in it.
func TestDeletionsRunBesideEachOther(t *testing.T) {
	bubble(t, func(r *rig) {
		for d := range 5 {
			for f := range 40 {
				r.site.put(fmt.Sprintf("r/d%d/sub/f%d", d, f), noise(1, 5), stampTime)
			}
		}
		r.write("l/here/x/y", noise(1, 5))
		r.start()
		for _, mode := range []backend.SyncMode{backend.SyncPush, backend.SyncPull} {
			req := backend.SyncRequest{Mode: mode, Mirror: true, Ignore: []string{"here"}}
			if mode == backend.SyncPull {
				req.Ignore = []string{"d*"}
			}
			p := r.compare(req)
			began := time.Now()
			r.site.delay = 20 * time.Millisecond
			told, _ := r.outcomes(p)
			for _, x := range told {
				if !strings.HasSuffix(x, " done") {
					t.Error(x)
				}
			}
			n := p.Totals().Deletions
			if len(told) != n || n < 3 {
				t.Errorf("%s: %d told of %d", mode, len(told), n)
			}
			if took, one := time.Since(began), time.Duration(n)*40*time.Millisecond; mode == backend.SyncPush && took > one/4 {
				t.Errorf("took %s, one after the other %s", took, one)
			}
			r.site.delay = 0
		}
	})
}

// When deletions are stopped, what was not carried out is not told of as failed.
func TestStoppedDeletionsAreNotFailures(t *testing.T) {
	bubble(t, func(r *rig) {
		for f := range 40 {
			r.site.put(fmt.Sprintf("r/f%d", f), noise(1, 5), stampTime)
		}
		r.write("l/kept", noise(1, 5))
		r.start()
		p := r.compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		gone := 0
		err := r.e.FinishPlan(ctx, p, func(_ int, err error) {
			if err != nil {
				t.Error(err)
			}
			if gone++; gone == 5 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) || gone < 5 || gone >= 40 {
			t.Errorf("%d gone, %v", gone, err)
		}
	})
}

// A file that a person left out is told as that, not as one in the way.
func TestAPlanTellsWhyAFileWasLeft(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/a", noise(1, 9))
		r.write("l/b", noise(1, 9))
		r.start()
		p := r.compare(backend.SyncRequest{Mode: backend.SyncPush})
		r.site.put("r/b", noise(3, 5), stampTime)
		r.e.Park("for the test")
		notes := map[string]string{}
		err := r.e.RunPlan(context.Background(), p, func(ids []backend.JobID) {
			r.until(ids[0], "queued", func(j backend.JobSnapshot) bool { return j.FilesTotal == 2 })
			r.e.SkipItem(ids[0], 1)
			r.e.Unpark()
		}, func(x backend.PlanResult) { notes[p.Items[x.Item].Name] = x.Note })
		if err != nil || notes["a"] != leftByHand || !strings.Contains(notes["b"], "something has come there") {
			t.Errorf("%q, %v", notes, err)
		}
	})
}

func TestWhyLeft(t *testing.T) {
	up, over := backend.PlanItem{Action: backend.PlanUpload}, backend.PlanItem{Action: backend.PlanDownload, Local: &backend.Stamp{}}
	for _, c := range []struct {
		item backend.PlanItem
		note string
		want string
	}{
		{up, "", "something has come there"}, {up, leftByHand, leftByHand}, {over, "", "asked about"}, {over, "x; " + leftByHand, leftByHand},
	} {
		if got := whyLeft(c.item, backend.ItemSnapshot{Note: c.note}); !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestRunPlanBothWays(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/up", noise(1, 9))
		r.site.put("r/down", noise(3, 5), stampTime)
		r.start()
		told, jobs := r.outcomes(r.compare(backend.SyncRequest{Mode: backend.SyncBoth}))
		if want := []string{"down done", "up done"}; !slices.Equal(told, want) || jobs != 2 {
			t.Errorf("told %q, %d jobs", told, jobs)
		}
		r.sameOnSite("l/up", "r/up")
		r.sameOnDisk("r/down", "l/down")
	})
}

// What changes between the check and its turn is kept, on both sides.
func TestAPlanWritesOverNothingItHasNotSeen(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/a", noise(1, 9))
		r.write("l/b", noise(1, 8))
		r.site.put("r/a", noise(3, 5), stampTime)
		r.site.put("r/b", noise(3, 5), stampTime)
		r.start()
		p := r.compare(backend.SyncRequest{Mode: backend.SyncPush})
		p.Items[1], _ = p.Items[1].Choose(backend.PlanDownload)
		r.site.put("r/a", noise(4, 6), stampTime)
		r.write("l/b", noise(5, 7))
		told, _ := r.outcomes(p)
		if want := []string{"a failed", "b failed"}; !slices.Equal(told, want) {
			t.Errorf("told %q", told)
		}
		if got, _ := r.site.content("r/a"); len(got) != 6 {
			t.Error("the site's file was written over")
		}
		if got, err := os.ReadFile(r.path("l/b")); err != nil || len(got) != 7 {
			t.Error("the local file was written over", err)
		}
	})
}

// After a restart the engine still knows what the plan saw, and writes over
// nothing else. A journal of an older program does not have it: it asks.
func TestARecoveredPlanWritesOverNothingItHasNotSeen(t *testing.T) {
	for _, c := range []struct {
		name         string
		changed, old bool
		want         func(backend.JobSnapshot) bool
	}{
		{"as it was", false, false, func(j backend.JobSnapshot) bool { return j.State == backend.JobDone && j.FilesDone == 1 }},
		{"changed", true, false, func(j backend.JobSnapshot) bool { return j.State == backend.JobFailed && j.FilesFailed == 1 }},
		{"of an older program", false, true, func(j backend.JobSnapshot) bool { return j.Asking == 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.cfg.StateDir = r.path("state")
				r.write("l/a", noise(1, 9))
				r.site.put("r/a", noise(3, 5), stampTime)
				r.start()
				p := r.compare(backend.SyncRequest{Mode: backend.SyncPush})
				r.e.Park("for the test")
				ids, err := r.e.StartPlan(context.Background(), p)
				if err != nil || len(ids) != 1 {
					t.Fatal(ids, err)
				}
				if c.old {
					r.e.journal.exec(`UPDATE items SET expect = ''`)
				}
				r.close()
				if c.changed {
					r.site.put("r/a", noise(4, 6), stampTime)
				}
				r.start().ResumeAll()
				r.until(ids[0], c.name, c.want)
				if got, _ := r.site.content("r/a"); c.changed && len(got) != 6 {
					t.Error("it was written over")
				}
			})
		})
	}
}

func TestCheckPlanSaysWhatChanged(t *testing.T) {
	local := []string{"new|1|0", "changed|2|5", "both|2|5"}
	remote := []string{"changed|2|0", "both|2|0", "extra|4|0"}
	p := backend.Plan{Items: compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true}, unixNames, nodes(t, local...), nodes(t, remote...))}
	_, changes := checkPlan(p, nodes(t, "changed|2|5", "both|3|5"), nodes(t, "changed|9|0", "both|3|0", "extra|4|0", "new|1|3"))
	var got []string
	for _, c := range changes {
		got = append(got, p.Items[c.Item].Name+": "+c.Why)
	}
	want := []string{
		"both: it has changed on this machine, it has changed on the site since the plan was made",
		"changed: it has changed on the site since the plan was made",
		"new: it has gone on this machine, something has come on the site since the plan was made",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func TestCheckPlanCountsBothSides(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("l/d/a", noise(1, 9))
		r.site.put("r/a", noise(1, 9), stampTime)
		r.site.put("r/d/a", noise(1, 9), stampTime)
		r.start()
		var last backend.SyncProgress
		_, err := r.e.Compare(context.Background(), backend.SyncRequest{
			Local: r.path("l"), Remote: "r", Mode: backend.SyncPush, By: backend.ByHash,
		}, func(p backend.SyncProgress) { last = p })
		want := backend.SyncProgress{LocalFiles: 1, LocalFolders: 1, RemoteFiles: 2, RemoteFolders: 1, HashedFiles: 1, HashedBytes: 9, HashBytes: 9}
		if err != nil || last != want {
			t.Errorf("%+v, %v", last, err)
		}
	})
}

func TestChoose(t *testing.T) {
	items := compare(backend.SyncRequest{Mode: backend.SyncPush}, unixNames,
		nodes(t, "Same|1|0", "a|1|0", "new|1|0", "clash/"), nodes(t, "same|1|0", "A|2|0", "extra|1|0", "clash|1|0"))
	by := map[string]backend.PlanItem{}
	for _, i := range items {
		by[i.Name] = i
	}
	for _, c := range []struct {
		name   string
		action backend.PlanAction
		target string
		why    bool
	}{
		{"a", backend.PlanDownload, "a", false},
		{"a", backend.PlanUpload, "A", false},
		{"extra", backend.PlanDownload, "extra", false},
		{"extra", backend.PlanUpload, "", true},
		{"extra", backend.PlanDeleteRemote, "", true},
		{"new", backend.PlanDownload, "", true},
		{"Same", backend.PlanUpload, "", true},
		{"clash", backend.PlanUpload, "", true},
	} {
		i, why := by[c.name].Choose(c.action)
		if (why != "") != c.why || !c.why && (!i.On || i.Action != c.action || i.Target != c.target) {
			t.Errorf("%s, %s: %+v, %q", c.name, c.action, i, why)
		}
		if !c.why && soundItem(i) != nil {
			t.Errorf("%s: %v", c.name, soundItem(i))
		}
	}
	if i, _ := by["a"].Choose(backend.PlanNothing); i.On {
		t.Error("left, yet ticked")
	}
}
