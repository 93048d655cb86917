package transfer

import (
	"os"
	"path/filepath"
	"testing"

	"ferry/backend"
)

// again is a request that is given to one engine after the other, as the same
// command is.
func (r *rig) again(req backend.TransferRequest) backend.JobID {
	r.t.Helper()
	id, _, err := r.e.AddAgain(r.t.Context(), req)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// The program ends while the site makes an upload visible: nothing is sent again
// for it.
func TestAnEndWhoseAnswerWasLostWithTheProgram(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("f.bin", noise(1, 12*mib))
		req := backend.TransferRequest{
			Direction: backend.Upload, Sources: []backend.Entry{r.entry("f.bin")},
			Target: backend.Location{Side: backend.Remote}, Conflict: backend.Overwrite,
		}
		r.site.fault = func(op, _ string, _ int) error {
			if op == "ended" {
				return &backend.Error{Group: backend.Connection, Message: "reset"}
			}
			return nil
		}
		r.start()
		r.until(r.again(req), "all sent", func(backend.JobSnapshot) bool { return r.site.count("ended") > 0 })
		r.close()
		r.site.fault = nil
		put := r.site.count("put")
		r.start()
		if j := r.done(r.again(req)); j.Verified != backend.Verified || r.site.count("put") != put {
			t.Errorf("%d parts were sent again: %+v", r.site.count("put")-put, j)
		}
		r.sameOnSite("f.bin", "f.bin")
	})
}

// half leaves a download in the middle and gives its request. The next engine has
// to be started.
func (r *rig) half(policy backend.Conflict) backend.TransferRequest {
	r.t.Helper()
	r.cfg.StateDir = r.path("state")
	r.cfg.Limits = Limits{Start: 1, Requests: 1} // one range after the other
	r.site.put("f.bin", noise(1, 40*mib), stampTime)
	if err := os.MkdirAll(r.path("in"), 0o755); err != nil {
		r.t.Fatal(err)
	}
	req := backend.TransferRequest{
		Direction: backend.Download, Sources: []backend.Entry{r.remote("f.bin")},
		Target: backend.Location{Side: backend.Local, Path: r.path("in")}, Conflict: policy,
	}
	r.site.fault = func(op, _ string, n int) error {
		if op == "range" && n > 2 {
			return apiError("service-unavailable", 503)
		}
		return nil
	}
	r.start()
	r.until(r.again(req), "half there", func(j backend.JobSnapshot) bool { return j.BytesDone >= 32*mib })
	r.close()
	r.site.fault = nil
	return req
}

// Something comes to stand in the way of a download between two runs.
func TestATargetThatAppearedMeanwhile(t *testing.T) {
	for _, c := range []struct {
		policy  backend.Conflict
		want    string // where the file is then
		skipped int
		ranges  int
	}{
		{backend.Overwrite, "in/f.bin", 0, 1},
		{backend.Newer, "in/f.bin", 0, 1},
		{backend.Skip, "", 1, 0},
		{backend.KeepBoth, "in/f (2).bin", 0, 3},
	} {
		t.Run(c.policy.String(), func(t *testing.T) {
			bubble(t, func(r *rig) {
				req := r.half(c.policy)
				r.write("in/f.bin", []byte("somebody else's"))
				if err := os.Chtimes(r.path("in/f.bin"), stampTime.AddDate(-1, 0, 0), stampTime.AddDate(-1, 0, 0)); err != nil {
					t.Fatal(err)
				}
				n := r.site.count("range")
				r.start()
				if j := r.done(r.again(req)); j.FilesSkipped != c.skipped || r.site.count("range")-n != c.ranges {
					t.Errorf("%d ranges: %+v", r.site.count("range")-n, j)
				}
				if c.want != "" {
					r.sameOnDisk("f.bin", c.want)
				}
				for _, f := range r.files("in") {
					if unfinished(filepath.Base(f)) {
						t.Errorf("%s is left", f)
					}
				}
			})
		})
	}
}
