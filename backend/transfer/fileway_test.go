package transfer

import (
	"errors"
	"os"
	"slices"
	"testing"

	"ferry/backend"
)

// fileInPlace expects a transfer that failed because a file has the name of its
// folder.
func (r *rig) fileInPlace(id backend.JobID) {
	r.t.Helper()
	j := r.end(id)
	want := fileStands("")
	if e := backend.AsError(j.Err); j.State != backend.JobFailed || j.FilesFailed != 1 || e == nil || e.Error() == "" ||
		!errors.Is(j.Err, backend.ClassDestinationExists) || e.Message != backend.AsError(want).Message {
		r.t.Errorf("a folder onto a file: %v, %d failed, verified %v, %v", j.State, j.FilesFailed, j.Verified, j.Err)
	}
}

func (r *rig) hollow(name string) {
	r.t.Helper()
	if err := os.MkdirAll(r.path(name), 0o755); err != nil {
		r.t.Fatal(err)
	}
}

// A folder without files that would go where a file stands fails, and the file
// stays.
func TestAFolderOntoAFileFails(t *testing.T) {
	data := noise(1, 9)
	t.Run("upload", func(t *testing.T) {
		bubble(t, func(r *rig) {
			r.hollow("a")
			r.hollow("t/e")
			r.write("t/x", data)
			r.site.put("in/a", data, stampTime)
			r.site.put("in/t/e", data, stampTime)
			r.start()
			r.fileInPlace(r.up("a", "in"))
			r.fileInPlace(r.up("t", "in"))
			for _, at := range []string{"in/a", "in/t/e", "in/t/x"} {
				if got, ok := r.site.content(at); !ok || !slices.Equal(got, data) {
					t.Errorf("%s: there %v, %q", at, ok, got)
				}
			}
		})
	})
	t.Run("download", func(t *testing.T) {
		bubble(t, func(r *rig) {
			r.site.mkdir("a")
			r.site.mkdir("t/e")
			r.site.put("t/x", data, stampTime)
			r.write("in/a", data)
			r.write("in/t/e", data)
			r.start()
			r.fileInPlace(r.down("a", "in"))
			r.fileInPlace(r.down("t", "in"))
			for _, at := range []string{"in/a", "in/t/e", "in/t/x"} {
				if got, err := os.ReadFile(r.path(at)); err != nil || !slices.Equal(got, data) {
					t.Errorf("%s: %q, %v", at, got, err)
				}
			}
		})
	})
}

// A folder that is there is no failure, and no proof for those who may not look.
func TestAFolderOntoAFolderIsDone(t *testing.T) {
	bubble(t, func(r *rig) {
		r.hollow("a")
		r.site.mkdir("in/a")
		r.start()
		r.done(r.up("a", "in"))
		r.site.fault = func(op, _ string, _ int) error {
			if op == "find" {
				return apiError("not-authorized/folder-permission-required", 403)
			}
			return nil
		}
		r.done(r.up("a", "in"))
	})
}
