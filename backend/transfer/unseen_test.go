package transfer

import (
	"context"
	"os"
	"testing"

	"ferry/backend"
)

// Half of a large file of a plan has gone across when somebody changes what
// stands at its target: going on does not write over that.
func TestAHalfDonePlanWritesOverNothingItHasNotSeen(t *testing.T) {
	for _, mode := range []backend.SyncMode{backend.SyncPush, backend.SyncPull} {
		t.Run(string(mode), func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.cfg.StateDir = r.path("state")
				r.cfg.Limits = Limits{Start: 1, Requests: 1}
				r.site.delay = 1e9
				large, small := noise(1, 6*rangeSize), noise(2, 5)
				if mode == backend.SyncPush {
					r.write("l/a", large)
					r.site.put("r/a", small, stampTime)
				} else {
					r.site.put("r/a", large, stampTime)
					r.write("l/a", small)
				}
				r.start()
				p := r.compare(backend.SyncRequest{Mode: mode})
				ids, err := r.e.StartPlan(context.Background(), p)
				if err != nil || len(ids) != 1 {
					t.Fatal(ids, err)
				}
				r.until(ids[0], "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 3*rangeSize })
				r.close()
				if mode == backend.SyncPush {
					r.site.put("r/a", noise(3, 6), stampTime)
				} else {
					r.write("l/a", noise(3, 6))
				}
				r.start().ResumeAll()
				r.until(ids[0], "the refusal", func(j backend.JobSnapshot) bool { return j.State == backend.JobFailed && j.FilesFailed == 1 })
				got, _ := r.site.content("r/a")
				if mode == backend.SyncPull {
					if got, err = os.ReadFile(r.path("l/a")); err != nil {
						t.Fatal(err)
					}
				}
				if len(got) != 6 {
					t.Errorf("%d bytes stand there", len(got))
				}
			})
		})
	}
}

// What has come to the target of a half-done upload meanwhile is dealt with by
// the policy, as it would have been at first.
func TestAHalfDoneUploadKeepsItsPolicy(t *testing.T) {
	for _, policy := range []backend.Conflict{backend.Skip, backend.KeepBoth} {
		t.Run(policy.String(), func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.cfg.StateDir = r.path("state")
				r.cfg.Limits = Limits{Start: 1, Requests: 1}
				r.site.delay = 1e9
				r.write("f.bin", noise(1, 6*rangeSize))
				r.start()
				id := r.up("f.bin", "", func(q *backend.TransferRequest) { q.Conflict = policy })
				r.until(id, "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 3*rangeSize })
				r.close()
				r.site.put("f.bin", []byte("another"), stampTime)
				r.start().Resume(id)
				j := r.done(id)
				if got, _ := r.site.content("f.bin"); string(got) != "another" {
					t.Error("it was written over")
				}
				if policy == backend.Skip && j.FilesSkipped != 1 || policy == backend.KeepBoth && j.FilesDone != 1 {
					t.Errorf("got %+v", j)
				}
			})
		})
	}
}
