package transfer

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"ferry/backend"
)

// keptFiles are the plans in the state folder.
func (r *rig) keptFiles() []string {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.cfg.StateDir, "plans", "*"))
	if err != nil {
		r.t.Fatal(err)
	}
	return files
}

// The deletions of a sync that the end of the program cut off are known to the
// next one, as they were ticked; what was done by then loses its tick.
func TestDeletionsThatWereCutOffAreKnown(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("l/new", noise(1, 9))
		for _, name := range []string{"r/x", "r/y", "r/z"} {
			r.site.put(name, noise(3, 5), stampTime)
		}
		r.start()
		p := r.compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true})
		for n := range p.Items {
			if p.Items[n].Name == "z" {
				p.Items[n].On = false
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		err := r.e.RunPlan(ctx, p, func(jobs []backend.JobID) {
			if len(jobs) > 0 {
				return
			}
			if c := r.e.CutOffPlans(); len(c) != 0 {
				t.Errorf("the plan under way is said to be cut off: %+v", c)
			}
			// Another program beside it knows that it runs.
			first := r.e
			if c := r.start().CutOffPlans(); len(c) != 0 {
				t.Errorf("another program takes it for cut off: %+v", c)
			}
			r.close()
			r.e = first
			cancel()
		}, func(backend.PlanResult) {})
		if err == nil {
			t.Error("it ended well")
		}
		r.close()
		if err := r.site.Delete(context.Background(), "r/y", false); err != nil {
			t.Fatal(err)
		}

		r.start()
		cut := r.e.CutOffPlans()
		if len(cut) != 1 || cut[0].Local != r.path("l") || cut[0].Remote != "r" || cut[0].Deletions != 2 {
			t.Fatalf("cut off: %+v", cut)
		}
		if st, err := os.Stat(cut[0].File); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("the file is %v, %v", st, err)
		}
		again, err := r.e.LoadPlan(cut[0].File)
		if err != nil {
			t.Fatal(err)
		}
		changes, err := r.e.CheckPlan(context.Background(), &again, nil)
		if err != nil || len(changes) != 0 || again.Totals().Deletions != 1 || again.Totals().Uploads != 0 {
			t.Fatalf("left: %+v, changed: %v, %v", again.Totals(), changes, err)
		}
		r.outcomes(again)
		if _, ok := r.site.content("r/x"); ok {
			t.Error("not deleted")
		}
		if _, ok := r.site.content("r/z"); !ok {
			t.Error("deleted without a tick")
		}
		r.restart()
		if cut, files := r.e.CutOffPlans(), r.keptFiles(); len(cut)+len(files) != 0 {
			t.Errorf("still known: %+v, %v", cut, files)
		}
	})
}

// A plan that was told to its end is not kept, whatever the end was; nor one
// whose file somebody has removed.
func TestOnlyWhatWasCutOffIsKept(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("l/bad", noise(1, 9))
		r.site.put("r/gone", noise(3, 5), stampTime)
		r.site.fault = func(op, _ string, _ int) error {
			if op == "begin" {
				return apiError("not-authorized", 403)
			}
			return nil
		}
		r.start()
		p := r.compare(backend.SyncRequest{Mode: backend.SyncPush, Mirror: true})
		r.outcomes(p)
		if files := r.keptFiles(); len(files) != 0 {
			t.Errorf("kept after its end: %v", files)
		}
		r.e.KeepPlan(p)
		r.e.KeepPlan(p)
		files := r.keptFiles()
		if len(files) != 1 {
			t.Fatalf("kept: %v", files)
		}
		r.restart()
		if cut := r.e.CutOffPlans(); len(cut) != 1 {
			t.Errorf("cut off: %+v", cut)
		}
		if err := os.Remove(files[0]); err != nil {
			t.Fatal(err)
		}
		if cut := r.e.CutOffPlans(); len(cut) != 0 {
			t.Errorf("without its file: %+v", cut)
		}
		r.e.KeepPlan(p)
		r.restart()
		r.e.ForgetPlan(p.Request)
		if cut, files := r.e.CutOffPlans(), r.keptFiles(); len(cut)+len(files) != 0 {
			t.Errorf("forgotten: %+v, %v", cut, files)
		}
	})
}

// The screen is told of the syncs of commands that were cut off, and the other
// way round, also where several programs have had journals at a time; not of
// those of another login, nor of one that is under way.
func TestWhoeverComesNextKnowsOfWhatWasCutOff(t *testing.T) {
	const screen, command, other = "site me", "site me\nheadless", "site you"
	for _, c := range []struct{ first, next string }{{screen, command}, {command, screen}} {
		bubble(t, func(r *rig) {
			r.cfg.StateDir = r.path("state")
			p := backend.Plan{
				Version: backend.PlanVersion, Site: screen, Request: backend.SyncRequest{Local: r.dir, Remote: "r"},
				Items: []backend.PlanItem{{Action: backend.PlanDeleteRemote, On: true, Name: "x", Remote: &backend.Stamp{Name: "x"}}},
			}
			// engine runs beside whatever else does.
			engine := func(id string, do func(*Engine)) {
				before := r.e
				r.cfg.SiteID = id
				do(r.start())
				r.close()
				r.e = before
			}
			known := func(id string, want int) {
				engine(id, func(e *Engine) {
					if got := e.CutOffPlans(); len(got) != want {
						t.Errorf("%q knows %d, not %d", id, len(got), want)
					}
				})
			}
			engine(other, func(*Engine) { // it has the first journal
				engine(c.first, func(e *Engine) {
					e.KeepPlan(p)
					known(c.next, 0)
				})
			})
			known(other, 0)
			known(c.next, 1)
			known(c.first, 1)
			engine(c.next, func(e *Engine) {
				got := e.CutOffPlans()
				if len(got) != 1 {
					t.Fatalf("it is lost: %v", got)
				}
				if _, err := e.LoadPlan(got[0].File); err != nil {
					t.Error(err)
				}
				e.ForgetPlan(p.Request)
			})
			known(c.first, 0)
			if files := r.keptFiles(); len(files) != 0 {
				t.Errorf("there are %v", files)
			}
		})
	}
}
