package transfer

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ferry/backend"
)

// mixed runs a job with a file of each end and gives its last snapshot: ten that
// are verified, one that only its size speaks for, one that failed, one left out.
func mixed(r *rig) backend.JobSnapshot {
	r.t.Helper()
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "sumless", "denied", "there"} {
		r.site.put("d/"+name, []byte(name), stampTime)
	}
	r.write("in/d/there", []byte("old"))
	r.cfg.Limits.Archives = -1
	r.site.sumless = func(path string) bool { return strings.HasSuffix(path, "sumless") }
	r.site.fault = func(op, arg string, _ int) error {
		if op == "download" && arg == "d/denied" {
			return apiError("not-authorized/x", 403)
		}
		return nil
	}
	r.start()
	return r.end(r.down("d", "in", policy(backend.Skip)))
}

func namesOf(f backend.JobFiles) string {
	var out []string
	for _, it := range f.Items {
		_, name, _ := strings.Cut(it.Name, "/")
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

// The files of an ended job can be found by how they were checked, page by page,
// those that want a look first.
func TestFilesOfAJob(t *testing.T) {
	bubble(t, func(r *rig) {
		j := mixed(r)
		if j.FilesVerified != 10 || j.FilesDone != 11 {
			t.Errorf("%d of %d verified", j.FilesVerified, j.FilesDone)
		}
		ctx := context.Background()
		for only, want := range map[backend.FilesOnly]string{
			backend.AllFiles:      "denied sumless there a b c d e f g h i j",
			backend.FailedFiles:   "denied",
			backend.UnprovenFiles: "sumless",
			backend.LeftOutFiles:  "there",
			backend.OpenFiles:     "",
			backend.ProvenFiles:   "a b c d e f g h i j",
		} {
			got, err := r.e.Files(ctx, j.ID, backend.FilesQuery{Only: only})
			if err != nil || namesOf(got) != want || got.Next != "" {
				t.Errorf("choice %d: %q, %q, %v; want %q", only, namesOf(got), got.Next, err, want)
			}
		}
		var all []string
		q := backend.FilesQuery{Limit: 4}
		var tally backend.FileTally
		for more := true; more; more = q.Cursor != "" {
			got, err := r.e.Files(ctx, j.ID, q)
			if err != nil || len(got.Items) == 0 || len(got.Items) > 4 {
				t.Fatalf("page %q: %d files, %v", q.Cursor, len(got.Items), err)
			}
			all, q.Cursor, tally = append(all, namesOf(got)), got.Next, got.Tally
		}
		if got := strings.Join(all, " | "); got != "denied sumless there a | b c d e | f g h i | j" {
			t.Errorf("pages %q", got)
		}
		if tally.Failed != 1 || tally.LeftOut != 1 || tally.Open != 0 || len(tally.Checks) != 2 ||
			tally.Checks[0].Files != 10 || tally.Checks[0].By == "" || tally.Checks[1] != (backend.CheckTally{Verified: backend.SizeOnly, Files: 1}) {
			t.Errorf("tally %+v", tally)
		}
		if !slices.Equal(j.Checks, tally.Checks) {
			t.Errorf("the snapshot counts %+v", j.Checks)
		}
		got, err := r.e.Files(ctx, j.ID, backend.FilesQuery{Only: backend.FailedFiles})
		if err != nil || len(got.Items) != 1 || backend.AsError(got.Items[0].Err).Status != 403 {
			t.Errorf("the failed one: %+v, %v", got.Items, err)
		}
		r.e.Verify(j.ID)
		if again := r.end(j.ID); !slices.Equal(again.Checks, tally.Checks) || again.FilesVerified != 10 {
			t.Errorf("compared once more, the snapshot counts %+v", again.Checks)
		}
	})
}

// Who asks after the end is told so and does not wait.
func TestFilesAfterTheEnd(t *testing.T) {
	bubble(t, func(r *rig) {
		j := mixed(r)
		e := r.e
		r.close()
		if _, err := e.Files(context.Background(), j.ID, backend.FilesQuery{}); err == nil {
			t.Error("no error")
		}
	})
}

func TestLabelsNameTheFirst(t *testing.T) {
	at := func(dir backend.Direction, paths ...string) *job {
		j := &job{req: backend.TransferRequest{Direction: dir}}
		for _, p := range paths {
			j.req.Sources = append(j.req.Sources, backend.Entry{Path: p})
		}
		return j
	}
	root := t.TempDir()
	under := func(p string) string { return filepath.Join(root, filepath.FromSlash(p)) }
	for _, tt := range []struct {
		j           *job
		label, from string
	}{
		{at(backend.Upload, under("in/a.txt")), "a.txt", under("in")},
		{at(backend.Upload, under("in/a.txt"), under("in/b.txt")), "a.txt and 1 other", under("in")},
		{at(backend.Upload, under("in/x/a.txt"), under("in/y/z/b.txt"), under("in/x/c.txt")), "a.txt and 2 others", under("in")},
		{at(backend.Download, "a.txt", "Finance/b.txt"), "a.txt and 1 other", ""},
		{at(backend.Download, "Finance/10/a.txt", "Finance/11/b.txt"), "a.txt and 1 other", "Finance"},
	} {
		if got := tt.j.label(); got != tt.label {
			t.Errorf("label %q, want %q", got, tt.label)
		}
		if got := origin(&tt.j.req).Path; got != tt.from {
			t.Errorf("%s: from %q, want %q", tt.label, got, tt.from)
		}
	}
	dir := at(backend.Upload, under("drafts"))
	dir.req.Sources[0].Kind = backend.Folder
	if got := dir.label(); got != "drafts/" {
		t.Errorf("label %q", got)
	}
}
