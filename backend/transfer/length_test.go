package transfer

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ferry/backend"
)

// cutShort is a site that keeps less of a file than was sent, and says so.
type cutShort struct{ *fakeSite }

func (s cutShort) EndUpload(ctx context.Context, path string, o backend.EndOptions) (backend.Entry, error) {
	e, err := s.fakeSite.EndUpload(ctx, path, o)
	e.Size--
	return e, err
}

// Where the site has no checksums, at least the lengths are compared: at the end
// of an upload, and on demand.
func TestLengthsAreComparedWithoutChecksums(t *testing.T) {
	for name, c := range map[string]struct {
		begin  func(*rig) backend.JobID
		change func(*rig) // of what has arrived
	}{
		"upload": {
			begin:  func(r *rig) backend.JobID { r.write("f", []byte("text")); return r.up("f", "d") },
			change: func(r *rig) { r.site.put("d/f", []byte("text and more"), stampTime) },
		},
		"download": {
			begin:  func(r *rig) backend.JobID { r.site.put("d/f", []byte("text"), stampTime); return r.down("d/f", "in") },
			change: func(r *rig) { r.write("in/f", []byte("tex")) },
		},
		"at the end of an upload": {
			begin: func(r *rig) backend.JobID {
				r.e.SetSite(cutShort{r.site})
				r.write("f", []byte("text"))
				return r.up("f", "d")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.noSums, r.site.opaque = true, true
				r.start()
				id, want := c.begin(r), backend.ClassChecksumMismatch
				if c.change != nil {
					want = backend.ClassUnlike
					if j := r.done(id); j.Verified != backend.SizeOnly {
						t.Errorf("it counts as %v", j.Verified)
					}
					c.change(r)
					r.e.Verify(id)
				}
				j := r.until(id, "failed", func(j backend.JobSnapshot) bool { return j.State == backend.JobFailed })
				if !errors.Is(j.Err, want) || !strings.Contains(j.Err.Error(), ": The length differs between") || j.Verified != backend.Mismatch || j.FilesFailed != 1 {
					t.Errorf("got %v: %+v", j.Err, j)
				}
			})
		})
	}
}
