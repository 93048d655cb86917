package transfer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ferry/backend"
)

// clumsy is a site whose client panics where a test says.
type clumsy struct {
	*fakeSite
	at atomic.Pointer[string]
}

func (c *clumsy) trip(op, path string) {
	if at := c.at.Load(); at != nil && *at == op+" "+path {
		panic("bad address https://storage.example.com/x?signature=sesame for " + path)
	}
}

func (c *clumsy) List(ctx context.Context, path string, q backend.FolderQuery) (backend.Page[backend.Entry], error) {
	c.trip("list", path)
	return c.fakeSite.List(ctx, path, q)
}

func (c *clumsy) BeginUpload(ctx context.Context, path string, o backend.UploadOptions) ([]backend.Part, error) {
	if o.Part > 1 {
		c.trip("begin", path)
	}
	return c.fakeSite.BeginUpload(ctx, path, o)
}

func (c *clumsy) DownloadArchive(ctx context.Context, paths []string) (string, error) {
	c.trip("archive", "")
	return c.fakeSite.DownloadArchive(ctx, paths)
}

func (c *clumsy) PutPart(ctx context.Context, p backend.Part, r io.Reader, size int64) (string, error) {
	if p.Number > 1 {
		c.trip("put", "")
	}
	return c.fakeSite.PutPart(ctx, p, r, size)
}

func (c *clumsy) EndUpload(ctx context.Context, path string, o backend.EndOptions) (backend.Entry, error) {
	c.trip("end", path)
	return c.fakeSite.EndUpload(ctx, path, o)
}

func (c *clumsy) OpenRange(ctx context.Context, uri string, from, length int64, ifMatch string) (*backend.Body, error) {
	c.trip("range", uri)
	return c.fakeSite.OpenRange(ctx, uri, from, length, ifMatch)
}

// A mistake of the program in one file fails that file with a card, wherever it
// happens; the others arrive, no place is lost, and the log says where it was.
func TestAPanicFailsOneFile(t *testing.T) {
	for _, at := range []string{"put ", "begin x/d/a", "end x/d/a", "range y/a", "list y"} {
		t.Run(at, func(t *testing.T) {
			bubble(t, func(r *rig) {
				c := &clumsy{fakeSite: r.site}
				c.at.Store(&at)
				var log bytes.Buffer
				r.cfg.Site, r.cfg.Log = c, slog.New(slog.NewTextHandler(&log, nil))
				r.cfg.Limits = Limits{Start: 1, Requests: 1}
				r.site.opaque, r.site.lateSums = true, 1
				r.write("d/a", noise(1, 12*mib))
				r.write("d/b", []byte("b"))
				r.site.put("y/a", noise(1, 12*mib), stampTime)
				r.site.put("y/b", []byte("b"), stampTime)
				e := r.start()
				var id backend.JobID
				if strings.Contains(at, " y") {
					id = r.down("y", "in")
				} else {
					id = r.up("d", "x")
				}
				j := r.end(id)
				if j.State != backend.JobFailed || j.FilesFailed != 1 || !errors.Is(j.Err, backend.Unexpected) ||
					strings.Contains(j.Err.Error(), "sesame") {
					t.Errorf("got %+v", j)
				}
				if n := e.crashes.Load(); n == 0 {
					t.Error("nothing went wrong")
				}
				c.at.Store(nil)
				r.e.Retry(id)
				r.done(id)
				e.crashes.Store(0)
				r.close()
				if s := log.String(); !strings.Contains(s, "guard_test.go") || strings.Contains(s, "sesame") {
					t.Errorf("the log says %.300s", s)
				}
			})
		})
	}
}

// An archive that the program stumbles over costs no place either: its files come
// one by one.
func TestAPanicOverAnArchive(t *testing.T) {
	bubble(t, func(r *rig) {
		c, at := &clumsy{fakeSite: r.site}, "archive "
		c.at.Store(&at)
		r.cfg.Site = c
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		for i := range archiveLeast {
			r.site.put("y/"+strconv.Itoa(i), noise(1, 100), stampTime)
		}
		e := r.start()
		if j := r.done(r.down("y", "in")); j.FilesDone != archiveLeast {
			t.Errorf("got %+v", j)
		}
		if n := e.crashes.Swap(0); n == 0 {
			t.Error("nothing went wrong")
		}
	})
}

// A mistake in the owner ends the engine in good order: nobody waits for ever,
// the last snapshot says why, and the next start goes on.
func TestAPanicOfTheOwner(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.delay = time.Second
		r.write("f", noise(1, 60*mib))
		e := r.start()
		id := r.up("f", "")
		r.until(id, "half sent", func(j backend.JobSnapshot) bool { return j.BytesDone >= 30*mib })
		snaps := e.Subscribe(context.Background())
		e.tell(func(*book) { panic("oh") })
		var last backend.TransferSnapshot
		for s := range snaps {
			last = s
		}
		if !strings.Contains(last.Parked, "internal error") || len(last.Jobs) != 1 {
			t.Errorf("got %+v", last)
		}
		_, err := e.Add(context.Background(), backend.TransferRequest{
			Sources: []backend.Entry{{Path: "/x"}}, Target: backend.Location{Side: backend.Remote},
		})
		if !errors.Is(err, backend.Unexpected) {
			t.Errorf("got %v", err)
		}
		e.Pause(id)
		if s := e.Snapshot(); s.Parked != last.Parked {
			t.Errorf("got %+v", s)
		}
		e.crashes.Store(0)
		puts := r.site.count("put")
		r.restart()
		r.e.Resume(id)
		r.done(id)
		r.sameOnSite("f", "f")
		if n := r.site.count("put") - puts; n > 6 {
			t.Errorf("%d parts were sent again of 8", n)
		}
		if _, err := os.Stat(r.path("f")); err != nil {
			t.Error(err)
		}
	})
}
