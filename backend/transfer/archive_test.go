package transfer

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ferry/backend"
)

// small puts n small files into a folder of the site.
func small(r *rig, dir string, n int) {
	for i := range n {
		r.site.put(fmt.Sprintf("%s/f-%03d", dir, i), noise(uint64(i), int64(100+i)), stampTime)
	}
}

func TestSmallFilesComeInArchives(t *testing.T) {
	bubble(t, func(r *rig) {
		small(r, "d", 100)
		small(r, "d/e", 20)
		small(r, "d/few", 3)
		r.site.put("d/empty", nil, stampTime)
		r.site.put("d/large", noise(1, archiveFile+1), stampTime)
		r.start()
		j := r.done(r.down("d", "in"))
		if j.FilesDone != 125 || j.Verified != backend.Verified {
			t.Errorf("got %+v", j)
		}
		for _, f := range r.files("in/d") {
			r.sameOnSite("in/d/"+f, "d/"+f)
		}
		if e := r.entry("in/d/f-007"); !e.Modified.Equal(stampTime) {
			t.Errorf("it has the time %v", e.Modified)
		}
		if a, d := r.site.count("archive"), r.site.count("download"); a < 2 || a > 4 || d > 5 {
			t.Errorf("%d archives and %d single downloads", a, d)
		}
		if got := r.files("in"); slices.ContainsFunc(got, unfinished) {
			t.Errorf("left behind: %v", got)
		}
	})
}

// Whatever is wrong with an archive, every file arrives as the site has it.
func TestArchivesThatFail(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(*fakeSite)
		again int // single downloads that it takes
	}{
		{"no such thing", func(s *fakeSite) {
			s.fault = func(op, _ string, _ int) error {
				if op == "archive" {
					return apiError("not-found", 404)
				}
				return nil
			}
		}, 100},
		{"busy once", func(s *fakeSite) {
			s.fault = func(op, _ string, n int) error {
				if op == "archive" && n == 1 {
					return apiError("rate-limited/too-many-requests", 429)
				}
				return nil
			}
		}, 0}, // of that one archive, whichever came first
		{"its address leads to nothing", func(s *fakeSite) {
			s.fault = func(op, arg string, _ int) error {
				if op == "range" && strings.HasPrefix(arg, zipScheme) {
					return noKey(http.StatusNotFound)
				}
				return nil
			}
		}, 100},
		{"files replaced before it is fetched", func(s *fakeSite) {
			s.keyed = http.StatusNotFound
			s.reached = func(path string, _ int64) {
				if list, ok := strings.CutPrefix(path, zipScheme); ok {
					for p := range strings.SplitSeq(list, "\n") {
						if strings.HasSuffix(p, "5") {
							s.store(p, noise(99, 700), stampTime).looks = 1 << 30
						}
					}
				}
			}
		}, 10},
		{"files replaced while they come alone", func(s *fakeSite) {
			s.keyed = http.StatusNotFound
			s.zipped = func(path string, b []byte) []byte {
				if strings.HasSuffix(path, "5") {
					return nil
				}
				return b
			}
			s.reached = func(path string, _ int64) {
				if f := s.files[path]; f != nil && f.entry.Size != 700 && strings.HasSuffix(path, "5") {
					s.store(path, noise(99, 700), stampTime).looks = 1 << 30
				}
			}
		}, 30},
		{"broken off", func(s *fakeSite) {
			s.short = func(path string, _ int64, b []byte) ([]byte, error) {
				if strings.HasPrefix(path, zipScheme) {
					return b[:len(b)/2], nil
				}
				return b, nil
			}
		}, 100},
		{"damaged", func(s *fakeSite) {
			s.mangle = func(path string, _ int64, b []byte) []byte {
				if strings.HasPrefix(path, zipScheme) {
					b[len(b)/2] ^= 1
				}
				return b
			}
		}, 0},
		{"another content of the same length", func(s *fakeSite) {
			s.zipped = func(path string, b []byte) []byte {
				if strings.HasSuffix(path, "5") {
					return noise(99, int64(len(b)))
				}
				return b
			}
		}, 10},
		{"another length", func(s *fakeSite) {
			s.zipped = func(path string, b []byte) []byte {
				if strings.HasSuffix(path, "5") {
					return b[1:]
				}
				return b
			}
		}, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				c.edit(r.site)
				small(r, "d", 100)
				r.start()
				j := r.done(r.down("d", "in"))
				if j.FilesDone != 100 || j.Verified != backend.Verified {
					t.Errorf("got %+v", j)
				}
				for _, f := range r.files("in/d") {
					r.sameOnSite("in/d/"+f, "d/"+f)
				}
				if n := r.site.count("download"); c.again > 0 && n != c.again {
					t.Errorf("%d single downloads, want %d", n, c.again)
				}
				if got := r.files("in"); len(got) != 100 {
					t.Errorf("%d files", len(got))
				}
			})
		})
	}
}

// What an archive brings in vain is counted as moved again: all of one that
// cannot be read, and nothing of a file that was not in it.
func TestArchivesCountWhatTheyBringInVain(t *testing.T) {
	for _, c := range []struct {
		name        string
		edit        func(s *fakeSite, arrived *atomic.Int64)
		least, most int64 // of 32 files of 1,000 bytes in one archive, over what arrived in vain
	}{
		{"a file that it lacks", func(s *fakeSite, _ *atomic.Int64) {
			s.zipped = func(path string, b []byte) []byte {
				if strings.HasSuffix(path, "05") {
					return nil
				}
				return b
			}
		}, 0, 0},
		{"a file of another content", func(s *fakeSite, _ *atomic.Int64) {
			s.zipped = func(path string, b []byte) []byte {
				if strings.HasSuffix(path, "05") {
					return noise(99, int64(len(b)))
				}
				return b
			}
		}, 1000, 1100},
		{"one that is no archive", func(s *fakeSite, arrived *atomic.Int64) {
			s.mangle = func(path string, _ int64, b []byte) []byte {
				if strings.HasPrefix(path, zipScheme) {
					clear(b)
					arrived.Add(int64(len(b)))
				}
				return b
			}
		}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				var arrived atomic.Int64
				c.edit(r.site, &arrived)
				for i := range 32 {
					r.site.put(fmt.Sprintf("d/%02d", i), noise(uint64(i), 1000), stampTime)
				}
				r.start()
				j := r.done(r.down("d", "in"))
				if got := j.Resent - arrived.Load(); got < c.least || got > c.most || r.site.count("archive") != 1 {
					t.Errorf("%d bytes over the %d in vain, in %d archives", got, arrived.Load(), r.site.count("archive"))
				}
				for _, f := range r.files("in/d") {
					r.sameOnDisk("d/"+f, "in/d/"+f)
				}
			})
		})
	}
}

// An archive is a stream like others to a limit, and nothing of it is kept when
// it has come.
func TestArchivesUnderALimit(t *testing.T) {
	bubble(t, func(r *rig) {
		for i := range 200 {
			r.site.put(fmt.Sprintf("d/f-%03d", i), noise(uint64(i), 8<<10), stampTime)
		}
		r.cfg.Limits = Limits{Rate: 64 << 10}
		e := r.start()
		most := 0
		r.site.fault = func(string, string, int) error {
			e.throttle.mu.Lock()
			defer e.throttle.mu.Unlock()
			most = max(most, e.throttle.streams)
			return nil
		}
		if j := r.done(r.down("d", "in")); j.FilesDone != 200 {
			t.Errorf("got %+v", j)
		}
		e.throttle.mu.Lock()
		defer e.throttle.mu.Unlock()
		if n := r.site.count("archive"); n < 2 || most != 1 || len(e.throttle.jobs) > 0 {
			t.Errorf("%d archives, %d streams at a time, %d shares are left", n, most, len(e.throttle.jobs))
		}
	})
}

// uncommitted is a disk on which nothing becomes visible.
type uncommitted struct {
	Disk
	meanwhile func() // before the refusal
}

func (d uncommitted) CommitIn(f *os.File, _, _, rel string, _ time.Time, _ bool) error {
	d.meanwhile()
	return errors.Join(&backend.Error{Class: backend.ClassLocalDisk, Group: backend.LocalDisk, Path: rel, Message: "no"}, f.Close())
}

// Neither a file that failed nor one of a cancelled transfer leaves something
// unfinished behind.
func TestArchivesLeaveNothingBehind(t *testing.T) {
	for _, cancelled := range []bool{false, true} {
		bubble(t, func(r *rig) {
			small(r, "d", 20)
			r.cfg.Local = uncommitted{r.cfg.Local, func() {
				if cancelled {
					r.e.CancelAll()
					_ = r.e.Snapshot() // it has been carried out
				}
			}}
			r.start()
			j := r.end(r.down("d", "in"))
			if want := map[bool]backend.JobState{false: backend.JobFailed, true: backend.JobCancelled}[cancelled]; j.State != want {
				t.Errorf("it is %v", j.State)
			}
			r.close()
			r.e = nil
			if got := r.files("in"); len(got) > 0 || r.site.count("archive") != 1 {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

// Questions, moves and pauses are those of single files.
func TestArchivesKeepTheRules(t *testing.T) {
	bubble(t, func(r *rig) {
		small(r, "d", 30)
		r.write("in/d/f-003", []byte("mine"))
		r.start()
		id := r.down("d", "in", func(q *backend.TransferRequest) { q.Move = true })
		j := r.until(id, "the question", func(j backend.JobSnapshot) bool { return j.Asking == 1 && j.FilesDone == 29 })
		for _, it := range j.Items {
			if it.Existing != nil {
				r.e.Resolve(id, it.ID, backend.Skip, false)
			}
		}
		if j = r.done(id); j.FilesSkipped != 1 {
			t.Errorf("got %+v", j)
		}
		if b, ok := r.site.content("d/f-003"); !ok || len(b) != 103 {
			t.Error("the file that was left out is gone from the site")
		}
		if _, ok := r.site.content("d/f-004"); ok {
			t.Error("a file that was moved is still on the site")
		}
	})
}
