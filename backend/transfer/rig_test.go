package transfer

import (
	"bytes"
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/backend"
	"ferry/backend/local"
)

// rig is an engine between a fake site and a temporary folder, inside a
// synctest bubble: its clock moves only when everybody waits.
type rig struct {
	t    *testing.T
	site *fakeSite
	dir  string
	e    *Engine
	cfg  Config
}

func bubble(t *testing.T, f func(*rig)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, site: newFakeSite(), dir: dir}
		r.cfg = Config{Site: r.site, Local: local.New(), Clock: local.Clock{}, SiteID: "test"}
		defer func() {
			if r.e != nil {
				r.close()
			}
		}()
		f(r)
	})
}

func (r *rig) start() *Engine {
	r.t.Helper()
	e, err := New(r.cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	r.e = e
	return e
}

func (r *rig) close() {
	r.t.Helper()
	if n := r.e.crashes.Load(); n > 0 {
		defer r.t.Errorf("%d panics became errors", n)
	}
	if err := r.e.Close(context.Background()); err != nil {
		r.t.Error(err)
	}
	r.e = nil
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

var stampTime = time.Date(2024, 2, 29, 12, 30, 45, 0, time.UTC)

func (r *rig) write(name string, data []byte) {
	r.t.Helper()
	p := r.path(name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(p, data, 0o644); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Chtimes(p, stampTime, stampTime); err != nil {
		r.t.Fatal(err)
	}
}

func noise(seed uint64, n int64) []byte {
	b := make([]byte, n)
	c := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	c.Read(b)
	return b
}

func (r *rig) entry(name string) backend.Entry {
	r.t.Helper()
	e, err := r.cfg.Local.Find(context.Background(), r.path(name))
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

func (r *rig) remote(path string) backend.Entry {
	r.t.Helper()
	e, err := r.site.Find(context.Background(), path)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

// up queues an upload of a local file or folder into a remote folder.
func (r *rig) up(name, to string, edit ...func(*backend.TransferRequest)) backend.JobID {
	r.t.Helper()
	req := backend.TransferRequest{
		Direction: backend.Upload, Sources: []backend.Entry{r.entry(name)},
		Target: backend.Location{Side: backend.Remote, Path: to},
	}
	return r.add(req, edit)
}

// down queues a download into a folder of the rig.
func (r *rig) down(path, to string, edit ...func(*backend.TransferRequest)) backend.JobID {
	r.t.Helper()
	if err := os.MkdirAll(r.path(to), 0o755); err != nil {
		r.t.Fatal(err)
	}
	req := backend.TransferRequest{
		Direction: backend.Download, Sources: []backend.Entry{r.remote(path)},
		Target: backend.Location{Side: backend.Local, Path: r.path(to)},
	}
	return r.add(req, edit)
}

func (r *rig) add(req backend.TransferRequest, edit []func(*backend.TransferRequest)) backend.JobID {
	r.t.Helper()
	for _, f := range edit {
		f(&req)
	}
	id, err := r.e.Add(context.Background(), req)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

func policy(c backend.Conflict) func(*backend.TransferRequest) {
	return func(q *backend.TransferRequest) { q.Conflict = c }
}

// until waits for a condition on a job's snapshots, and then until everybody
// waits for the clock: a snapshot counts bytes of parts that are under way, and
// what a test does next would otherwise hit them in the middle, now and then.
// The deadline is on the bubble's clock.
func (r *rig) until(id backend.JobID, what string, ok func(backend.JobSnapshot) bool) backend.JobSnapshot {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	var last backend.JobSnapshot
	for s := range r.e.Subscribe(ctx) {
		for _, j := range s.Jobs {
			if j.ID == id {
				if last = j; ok(j) {
					cancel()
					synctest.Wait()
					return j
				}
			}
		}
	}
	r.t.Fatalf("never %s: %+v", what, last)
	return last
}

func (r *rig) end(id backend.JobID) backend.JobSnapshot {
	r.t.Helper()
	return r.until(id, "ended", func(j backend.JobSnapshot) bool { return j.State.Ended() })
}

// done expects the job to end well.
func (r *rig) done(id backend.JobID) backend.JobSnapshot {
	r.t.Helper()
	j := r.end(id)
	if j.State != backend.JobDone || j.FilesDone != j.FilesTotal-j.FilesSkipped || j.BytesDone != j.BytesTotal || j.Scanning {
		r.t.Fatalf("not done: %+v", j)
	}
	return j
}

// sameOnSite expects a file of the rig on the site, with its time.
func (r *rig) sameOnSite(name, path string) {
	r.t.Helper()
	want, err := os.ReadFile(r.path(name))
	if err != nil {
		r.t.Fatal(err)
	}
	got, ok := r.site.content(path)
	if !ok || !bytes.Equal(got, want) {
		r.t.Fatalf("%s on the site differs from %s (there: %v)", path, name, ok)
	}
	if e := r.remote(path); !e.Modified.Equal(stampTime) {
		r.t.Errorf("%s has time %v", path, e.Modified)
	}
}

// sameOnDisk expects the content and time of a site's file on the disk.
func (r *rig) sameOnDisk(path, name string) {
	r.t.Helper()
	want, _ := r.site.content(path)
	got, err := os.ReadFile(r.path(name))
	if err != nil || !bytes.Equal(got, want) {
		r.t.Fatalf("%s differs from %s on the site: %v", name, path, err)
	}
	if e := r.entry(name); !e.Modified.Equal(r.remote(path).Modified) {
		r.t.Errorf("%s has time %v", name, e.Modified)
	}
}

// files are the files below a folder of the rig.
func (r *rig) files(name string) []string {
	r.t.Helper()
	var out []string
	err := filepath.WalkDir(r.path(name), func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(r.path(name), p)
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// once fails the first call of an operation whose argument contains part.
func once(op, part string, err error) func(string, string, int) error {
	done := false
	return func(o, arg string, _ int) error {
		if o == op && !done && strings.Contains(arg, part) {
			done = true
			return err
		}
		return nil
	}
}
