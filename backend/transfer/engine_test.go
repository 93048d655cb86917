package transfer

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ferry/backend"
)

func TestRoundTrip(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*fakeSite)
		by   string
	}{
		{"parallel parts", func(*fakeSite) {}, ""},
		{"one address for all parts", func(s *fakeSite) { s.hosted = true }, ""},
		{"parts one by one", func(s *fakeSite) { s.oneByOne = true }, ""},
		{"no flat listing", func(s *fakeSite) { s.flatless = true }, ""},
		{"late checksums", func(s *fakeSite) { s.lateSums, s.opaque = 2, true }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				c.edit(r.site)
				r.write("tree/big.bin", noise(1, 23*mib+17))
				r.write("tree/exact.bin", noise(2, 10*mib))
				r.write("tree/empty", nil)
				r.write("tree/sub/deep/small.txt", []byte("hello"))
				for i := range 20 {
					r.write("tree/many/"+string(rune('a'+i))+".txt", noise(uint64(i), 100))
				}
				if err := os.MkdirAll(r.path("tree/hollow/inner"), 0o755); err != nil {
					t.Fatal(err)
				}
				r.start()
				j := r.done(r.up("tree", "inbox"))
				if j.FilesTotal != 24 || j.Verified != backend.Verified || j.VerifiedBy == "" {
					t.Errorf("got %+v", j)
				}
				for _, f := range r.files("tree") {
					r.sameOnSite("tree/"+f, "inbox/tree/"+f)
				}
				if e := r.remote("inbox/tree/hollow/inner"); !e.IsDir() {
					t.Error("the empty folder is missing")
				}
				// inbox itself exists for the engine; below it six folders.
				if n := r.site.count("mkdir"); n > 7 {
					t.Errorf("%d requests to make folders", n)
				}
				j = r.done(r.down("inbox/tree", "back"))
				if j.Verified != backend.Verified {
					t.Errorf("got %+v", j)
				}
				if got, want := r.files("back/tree"), r.files("tree"); !slices.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
				for _, f := range r.files("back/tree") {
					r.sameOnDisk("inbox/tree/"+f, "back/tree/"+f)
				}
				if info, err := os.Stat(r.path("back/tree/hollow/inner")); err != nil || !info.IsDir() {
					t.Error("the empty folder did not come back")
				}
			})
		})
	}
}

func TestUploadSurvives(t *testing.T) {
	reset := &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "reset"}
	for _, c := range []struct {
		name  string
		fault func(op, arg string, n int) error
	}{
		{"a part that fails", once("put", "part_number=2", apiError("service-unavailable/x", 503))},
		{"a rate limit", once("put", "part_number=1", &backend.Error{Group: backend.RateLimited, Status: 429, Wait: 5 * time.Second})},
		{"a broken connection", once("put", "part_number=3", reset)},
		{"an expired address", once("put", "part_number=2", &backend.Error{Group: backend.APIFailure, Status: 403, Message: "Request has expired"})},
		{"a refusal without a word", once("put", "part_number=2", &backend.Error{Group: backend.APIFailure, Status: 400, Message: "The site answered 400 Bad Request with nothing."})},
		{"a forgotten upload", once("put", "part_number=3", apiError("not-found/file-upload-not-found", 404))},
		{"an end that fails", once("end", "", apiError("service-unavailable/x", 503))},
		{"an end whose answer is lost", once("ended", "", reset)},
		{"a forgotten end", once("end", "", apiError("not-found/file-upload-not-found", 404))},
		{"a begin that fails", once("begin", "", apiError("service-unavailable/x", 503))},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.fault = c.fault
				r.write("f.bin", noise(3, 21*mib))
				r.start()
				r.done(r.up("f.bin", ""))
				r.sameOnSite("f.bin", "f.bin")
			})
		})
	}
}

func TestDownloadSurvives(t *testing.T) {
	expired := &backend.Error{Group: backend.APIFailure, Status: 403, Message: "Request has expired"}
	reset := &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "reset"}
	first := true
	for _, c := range []struct {
		name string
		size int64
		edit func(*fakeSite)
	}{
		{"an expired address", 20 * mib, func(s *fakeSite) { s.fault = once("range", "", expired) }},
		{"an expired address of a small file", 4, func(s *fakeSite) { s.fault = once("range", "", expired) }},
		{"a busy site", 20 * mib, func(s *fakeSite) { s.fault = once("download", "", apiError("service-unavailable/x", 503)) }},
		{"a short body", 20 * mib, func(s *fakeSite) {
			first = true
			s.short = func(_ string, from int64, b []byte) ([]byte, error) {
				if from > 0 && first {
					first = false
					return b[:len(b)/2], nil
				}
				return b, nil
			}
		}},
		{"a reset in a small file", 4 * mib, func(s *fakeSite) {
			first = true
			s.short = func(_ string, _ int64, b []byte) ([]byte, error) {
				if first {
					first = false
					return b[:len(b)/2], reset
				}
				return b, nil
			}
		}},
		{"damaged bytes", 20 * mib, func(s *fakeSite) {
			first = true
			s.mangle = func(_ string, from int64, b []byte) []byte {
				if from > 0 && first {
					first = false
					b[77] ^= 1
				}
				return b
			}
		}},
		{"a source that changes on the way", 20 * mib, func(s *fakeSite) {
			s.fault = func(op, _ string, n int) error {
				if op == "range" && n == 2 {
					s.put("f.bin", noise(9, 21*mib), stampTime.Add(time.Hour))
				}
				return nil
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.put("f.bin", noise(4, c.size), stampTime)
				c.edit(r.site)
				r.start()
				j := r.done(r.down("f.bin", "in"))
				if j.Verified != backend.Verified {
					t.Errorf("got %+v", j)
				}
				r.sameOnDisk("f.bin", "in/f.bin")
				if got := r.files("in"); len(got) != 1 {
					t.Errorf("left behind: %v", got)
				}
			})
		})
	}
}

// Two contents of one length are never mixed, even when no checksum would tell.
func TestContentsAreNotMixed(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.noSums = true
		r.site.put("f.bin", noise(4, 20*mib), stampTime)
		r.site.fault = func(op, _ string, n int) error {
			if op == "range" && n == 2 {
				r.site.put("f.bin", noise(5, 20*mib), stampTime)
			}
			return nil
		}
		r.start()
		r.done(r.down("f.bin", "in"))
		r.sameOnDisk("f.bin", "in/f.bin")
	})
}

func TestMismatchFailsOneFileOnly(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.put("d/bad", noise(1, 1000), stampTime)
		r.site.put("d/good", noise(2, 1000), stampTime)
		r.site.mangle = func(path string, _ int64, b []byte) []byte {
			if path == "d/bad" {
				b[0] ^= 1
			}
			return b
		}
		r.start()
		j := r.end(r.down("d", "in"))
		if j.State != backend.JobFailed || j.FilesDone != 1 || j.FilesFailed != 1 || j.Verified != backend.Mismatch {
			t.Errorf("got %+v", j)
		}
		if !backend.AsError(j.Err).Is(backend.ClassChecksumMismatch) || len(j.Items) != 1 || j.Items[0].Verified != backend.Mismatch {
			t.Errorf("got %v, %+v", j.Err, j.Items)
		}
		r.sameOnDisk("d/good", "in/d/good")
		if _, err := os.Stat(r.path("in/d/bad")); err == nil {
			t.Error("the damaged file is visible under its name")
		}
		kept := slices.DeleteFunc(r.files("in/d"), func(n string) bool { return !strings.HasSuffix(n, "-mismatch") })
		if len(kept) != 1 || !strings.Contains(j.Items[0].Note, kept[0]) {
			t.Errorf("kept %q, said %q", kept, j.Items[0].Note)
		}
		// It was fetched as often as a file is tried, before it was given up.
		if n := r.site.count("range"); n != 1+triesOf {
			t.Errorf("%d requests", n)
		}
		r.site.mangle = nil
		r.e.Retry(j.ID)
		r.done(j.ID)
		r.sameOnDisk("d/bad", "in/d/bad")
		if got := r.files("in"); len(got) != 2 {
			t.Errorf("left behind: %v", got)
		}
	})
}

func TestUploadMismatchIsSentAgain(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("f", noise(1, 1000))
		bad := true
		r.site.fault = func(op, _ string, _ int) error {
			if op == "end" && bad { // the part is damaged on the site
				bad = false
				r.site.mu.Lock()
				for _, u := range r.site.uploads {
					u.parts[1][5] ^= 1
				}
				r.site.mu.Unlock()
			}
			return nil
		}
		r.start()
		if j := r.done(r.up("f", "")); j.Verified != backend.Verified {
			t.Errorf("got %+v", j)
		}
		r.sameOnSite("f", "f")
	})
}

func TestNoChecksumsMeansSizeOnly(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.noSums, r.site.opaque = true, true
		r.write("f", []byte("x"))
		r.start()
		id := r.up("f", "", func(q *backend.TransferRequest) { q.Move = true })
		if j := r.done(id); j.Verified != backend.SizeOnly || j.VerifiedBy != "" || !j.Move {
			t.Errorf("got %+v", j)
		}
		r.entry("f") // an unverified source is never deleted
	})
}

// The receipt of a file's only part is as good as a checksum, so nobody waits
// for the site's; a file of several parts waits, unless it must not.
func TestReceiptsProveSmallFiles(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.lateSums = 3
		r.write("small", noise(1, 100))
		r.write("large", noise(2, 6*mib))
		over := func(q *backend.TransferRequest) { q.Conflict = backend.Overwrite } // looks at nothing
		hasty := func(q *backend.TransferRequest) { q.Conflict, q.NoWait = backend.Overwrite, true }
		r.start()
		j := r.done(r.up("small", "", over))
		if j.Verified != backend.Verified || j.VerifiedBy != "MD5" || r.site.count("find")+r.site.count("list") != 0 {
			t.Errorf("%d looks for %+v", r.site.count("find")+r.site.count("list"), j)
		}
		j = r.done(r.up("large", "", hasty))
		if j.Verified != backend.SizeOnly || r.site.count("find")+r.site.count("list") != 0 {
			t.Errorf("%d looks for %+v", r.site.count("find")+r.site.count("list"), j)
		}
		if j = r.done(r.up("large", "", over)); j.Verified != backend.Verified {
			t.Errorf("got %+v", j)
		}
	})
}

func TestMove(t *testing.T) {
	bubble(t, func(r *rig) {
		move := func(q *backend.TransferRequest) { q.Move = true }
		r.write("tree/a", []byte("a"))
		r.write("tree/sub/b", []byte("b"))
		r.site.lateSums, r.site.opaque = 1, true
		r.start()
		r.done(r.up("tree", "x", move))
		if _, err := os.Stat(r.path("tree")); err == nil {
			t.Error("the source tree is still there")
		}
		r.done(r.down("x/tree", "in", move))
		if _, ok := r.site.content("x/tree"); ok {
			t.Error("the source tree is still on the site")
		}
		if got := r.files("in"); !slices.Equal(got, []string{"tree/a", "tree/sub/b"}) {
			t.Errorf("got %v", got)
		}
	})
}

func TestSymlinksAndIgnored(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("tree/a.txt", []byte("a"))
		r.write("tree/skip.tmp", []byte("t"))
		r.write("other/o.txt", []byte("o"))
		for link, to := range map[string]string{"tree/out": "../other", "tree/loop": ".", "tree/file": "a.txt"} {
			if err := os.Symlink(to, r.path(link)); err != nil {
				t.Fatal(err)
			}
		}
		r.start()
		ignore := func(q *backend.TransferRequest) { q.Ignore = []string{"*.tmp"} }
		if j := r.done(r.up("tree", "plain", ignore)); j.FilesTotal != 1 {
			t.Errorf("got %+v", j)
		}
		j := r.done(r.up("tree", "followed", ignore, func(q *backend.TransferRequest) { q.FollowLinks = true }))
		if j.FilesTotal != 3 {
			t.Errorf("got %+v", j)
		}
		if b, ok := r.site.content("followed/tree/out/o.txt"); !ok || string(b) != "o" {
			t.Errorf("got %q, %v", b, ok)
		}
	})
}

func TestLocalFailureFailsOneFile(t *testing.T) {
	if os.Geteuid() == 0 {
		// Rights do not stop root: a folder in the way does.
		t.Log("as root")
	}
	bubble(t, func(r *rig) {
		r.site.put("d/a", []byte("a"), stampTime)
		r.site.put("d/b", []byte("b"), stampTime)
		if err := os.MkdirAll(r.path("in/d/a/full"), 0o755); err != nil {
			t.Fatal(err)
		}
		r.start()
		j := r.end(r.down("d", "in", policy(backend.Overwrite)))
		if j.State != backend.JobFailed || j.FilesDone != 1 || j.FilesFailed != 1 {
			t.Errorf("got %+v", j)
		}
		r.sameOnDisk("d/b", "in/d/b")
	})
}

func TestNothingClimbsOut(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.put("d/ok", []byte("a"), stampTime)
		r.start()
		if err := os.MkdirAll(r.path("in"), 0o755); err != nil {
			t.Fatal(err)
		}
		evil := r.remote("d/ok")
		evil.Name = "../../evil"
		id, err := r.e.Add(context.Background(), backend.TransferRequest{
			Direction: backend.Download, Sources: []backend.Entry{evil},
			Target: backend.Location{Side: backend.Local, Path: r.path("in")},
		})
		if err != nil {
			t.Fatal(err)
		}
		r.end(id)
		if _, err := os.Stat(filepath.Join(r.dir, "..", "evil")); err == nil {
			t.Error("a name climbed out")
		}
		for _, f := range r.files(".") {
			if filepath.Dir(f) != "in" {
				t.Errorf("outside the target: %s", f)
			}
		}
	})
}

// Files of a site that this system cannot hold under their names are mapped and
// said; two of them never become one.
func TestMappedNames(t *testing.T) {
	bubble(t, func(r *rig) {
		for _, p := range []string{"d/a\x01b", "d/a\x02b", "d/con/x", "d/plain"} {
			r.site.put(p, []byte(p), stampTime)
		}
		r.start()
		j := r.done(r.down("d", "in"))
		if got := r.files("in"); len(got) != 4 || j.FilesDone != 4 {
			t.Errorf("got %q", got)
		}
		r.sameOnDisk("d/plain", "in/d/plain")
	})
}

// Requests of different files overlap: a thousand small files over a slow line
// take seconds, not the sum of their round trips.
func TestSmallFilesOverlap(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.delay = 20 * time.Millisecond
		for i := range 1000 {
			r.write("d/"+strconv.Itoa(i%10)+"/"+strconv.Itoa(i), []byte("x"))
		}
		r.start()
		begun := time.Now()
		r.done(r.up("d", "x"))
		up := time.Since(begun)
		puts, all := r.site.count("put"), 0
		for _, n := range r.site.counts {
			all += n
		}
		begun = time.Now()
		r.done(r.down("x/d", "in"))
		t.Logf("up %v, down %v, %d requests for %d files", up, time.Since(begun), all, puts)
		if up > 5*time.Second {
			t.Errorf("the upload took %v", up)
		}
		if d := time.Since(begun); d > 5*time.Second {
			t.Errorf("the download took %v", d)
		}
	})
}

// A login that is refused parks the queue, says so as an error, and keeps what
// was done, whatever is asked for when it happens.
func TestARefusedLoginIsTold(t *testing.T) {
	for _, op := range []string{"begin", "end", "find"} {
		t.Run(op, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.opaque, r.site.lateSums = true, 3 // it is looked for
				r.write("f", noise(1, 12*mib))
				var revoked atomic.Bool
				revoked.Store(true)
				r.site.fault = func(o, _ string, _ int) error {
					if o == op && revoked.Load() {
						return apiError("not-authenticated/invalid-credentials", 401)
					}
					return nil
				}
				e := r.start()
				id := r.up("f", "x")
				r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
				if s := e.Snapshot(); !backend.SessionEnded(s.Refused) {
					t.Errorf("refused: %v", s.Refused)
				}
				revoked.Store(false)
				e.Unpark()
				r.done(id)
				if s := e.Snapshot(); s.Refused != nil || s.Parked != "" {
					t.Errorf("still refused: %v", s.Refused)
				}
				if n := r.site.count("put"); n != 3 {
					t.Errorf("%d parts were sent", n)
				}
			})
		})
	}
}

// A connection that is lost while only checksums are waited for is waited for
// like any other.
func TestALostConnectionBeforeTheChecksumParks(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.opaque, r.site.lateSums = true, 3
		r.write("f", noise(1, 12*mib))
		var down atomic.Bool
		down.Store(true)
		r.site.fault = func(o, _ string, _ int) error {
			if (o == "find" || o == "list") && down.Load() {
				return &backend.Error{Class: backend.ClassAPIConnection, Group: backend.Connection, Message: "no route"}
			}
			return nil
		}
		r.start()
		id := r.up("f", "")
		r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
		down.Store(false)
		if j := r.done(id); j.Verified != backend.Verified {
			t.Errorf("%+v", j)
		}
	})
}

// A file of one part that was sent when the queue stopped is only completed
// then.
func TestASmallFileIsNotSentAgainForItsEnd(t *testing.T) {
	bubble(t, func(r *rig) {
		r.write("f", noise(1, 9))
		r.site.fault = once("end", "f", apiError("not-authenticated/invalid-credentials", 401))
		e := r.start()
		id := r.up("f", "")
		r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
		e.Unpark()
		if j := r.done(id); j.Verified != backend.Verified || r.site.count("put") != 1 {
			t.Errorf("sent %d times: %+v", r.site.count("put"), j)
		}
		r.sameOnSite("f", "f")
	})
}
