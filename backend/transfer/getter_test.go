package transfer

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/backend"
)

// Without an ETag that the storage insists on, a large file comes in one stream
// after its first range, and a source that changes on the way starts over: two
// contents are never mixed.
func TestOneStreamWithoutAnETag(t *testing.T) {
	for _, c := range []struct {
		name string
		tag  func(string) string
	}{
		{"none", func(string) string { return "" }},
		{"weak", func(etag string) string { return "W/" + etag }},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.noSums, r.site.tag = true, c.tag
				r.site.put("f.bin", noise(1, 6*rangeSize), stampTime)
				r.start()
				r.done(r.down("f.bin", "in"))
				r.sameOnDisk("f.bin", "in/f.bin")
				if n := r.site.count("range"); n != 2 {
					t.Errorf("%d requests", n)
				}
				before := r.site.count("range")
				r.site.fault = func(op, _ string, n int) error {
					if op == "range" && n == before+2 {
						r.site.put("f.bin", noise(2, 6*rangeSize), stampTime.Add(time.Hour))
					}
					return nil
				}
				r.done(r.down("f.bin", "again"))
				r.sameOnDisk("f.bin", "again/f.bin")
			})
		})
	}
}

// A stream that breaks goes on behind what has come of it.
func TestOneStreamGoesOn(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.noSums, r.site.tag = true, func(string) string { return "" }
		r.site.put("f.bin", noise(1, 6*rangeSize), stampTime)
		broke := false
		var asked []int64
		r.site.short = func(_ string, from int64, b []byte) ([]byte, error) {
			asked = append(asked, from)
			if from > 0 && !broke {
				broke = true
				return b[:2*rangeSize+100], nil
			}
			return b, nil
		}
		r.start()
		r.done(r.down("f.bin", "in"))
		r.sameOnDisk("f.bin", "in/f.bin")
		if len(asked) != 3 || asked[2] != 3*rangeSize {
			t.Errorf("asked from %v", asked)
		}
	})
}

// What has come of a range that breaks off is not fetched again, when nothing but
// the same content can follow.
func TestABrokenRangeGoesOn(t *testing.T) {
	const came = 3*mib + 77
	for _, c := range []struct {
		name     string
		size, at int64 // of the range that breaks
		broke    error
		tag      func(string) string
		again    int64 // from where
	}{
		{"reset", 3 * rangeSize, rangeSize, errors.New("reset"), nil, rangeSize + came},
		{"an early end", 3 * rangeSize, rangeSize, nil, nil, rangeSize + came},
		{"the first", 3 * rangeSize, 0, errors.New("reset"), nil, came},
		{"the first and last without an ETag", 12 * mib, 0, errors.New("reset"), func(string) string { return "" }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.tag = c.tag
				r.site.put("f", noise(1, c.size), stampTime)
				broken := false
				r.site.short = func(_ string, from int64, b []byte) ([]byte, error) {
					if from != c.at || broken {
						return b, nil
					}
					broken = true
					return b[:came], c.broke
				}
				r.start()
				j := r.done(r.down("f", "in"))
				r.sameOnDisk("f", "in/f")
				if last := r.site.asked[len(r.site.asked)-1]; c.at > 0 && last != c.again || !slices.Contains(r.site.asked[1:], c.again) {
					t.Errorf("asked from %v, want one more from %d", r.site.asked, c.again)
				}
				vain := int64(0)
				if c.again == c.at {
					vain = came
				}
				if j.Resent != vain || j.Verified != backend.Verified {
					t.Errorf("%d bytes in vain, want %d; %v", j.Resent, vain, j.Verified)
				}
			})
		})
	}
}

// Who waits for another's new address can be stopped meanwhile.
func TestRenewalsDoNotHoldWhoStops(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.put("f", nil, stampTime)
		asked, answer := make(chan struct{}), make(chan struct{})
		r.site.fault = func(op, _ string, _ int) error {
			if op == "download" {
				close(asked)
				<-answer
			}
			return nil
		}
		e := r.start()
		w := &work{it: &item{}, src: r.remote("f")}
		g := newGetter(e, w, nil, w.src)
		var first sync.WaitGroup
		first.Go(func() {
			if err := g.renew(context.Background(), 0); err != nil {
				t.Error(err)
			}
		})
		<-asked
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := g.renew(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		close(answer)
		first.Wait()
	})
}

// A file that got a free name is not fetched again under another one when the
// program was killed in the moment in which it arrived.
func TestAKeptNameIsKeptOverARestart(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("in/f", []byte("mine"))
		r.site.put("f", noise(1, 3*mib), stampTime)
		r.start()
		id := r.down("f", "in", policy(backend.KeepBoth))
		r.done(id)
		got := r.files("in")
		if len(got) != 2 {
			t.Fatalf("got %v", got)
		}
		r.close()
		// As it was before the end of the file was kept.
		name := got[0]
		if name == "f" {
			name = got[1]
		}
		prepare(t, r.path("state/transfers.db"), `UPDATE jobs SET state = 0, ended = 0;
			UPDATE items SET state = 0, verified = 0, sum = '', dst = 'f', checkpoint = '{"dst":"`+name+`"}';`)
		r.start()
		r.e.Resume(id)
		r.done(id)
		if got := r.files("in"); len(got) != 2 {
			t.Errorf("got %v", got)
		}
		if n := r.site.count("range"); n != 1 {
			t.Errorf("%d requests for the content", n)
		}
	})
}

// The free name is in the journal before the file is visible under it.
func TestAFreeNameIsKeptAtOnce(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.write("in/f", []byte("mine"))
		r.site.put("f", noise(1, 3*mib), stampTime)
		r.site.fault = func(op, _ string, _ int) error {
			if op == "range" {
				return apiError("not-authenticated/invalid-session", 401)
			}
			return nil
		}
		r.start()
		id := r.down("f", "in", policy(backend.KeepBoth))
		r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
		r.site.fault = nil
		r.restart()
		var kept []*item
		if err := r.e.call(func(b *book) { kept = append(kept, b.find(id).queue...) }); err != nil {
			t.Fatal(err)
		}
		if len(kept) != 1 || kept[0].cp == nil || kept[0].cp.Dst == "f" {
			t.Errorf("got %+v", kept)
		}
	})
}

// Two sources of one name are two files, also when a scan is repeated or the same
// command given again.
func TestTwoSourcesOfOneName(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.site.put("x/a", noise(1, 3*mib), stampTime)
		r.site.put("y/a", noise(2, 5*mib), stampTime)
		var req backend.TransferRequest
		both := func(q *backend.TransferRequest) {
			q.Conflict = backend.KeepBoth
			q.Sources = append(q.Sources, r.remote("y/a"))
			req = *q
		}
		r.site.fault = func(op, arg string, _ int) error {
			if op == "range" && arg == "y/a" {
				return apiError("bad-request", 400)
			}
			return nil
		}
		r.start()
		id := r.down("x/a", "in", both)
		r.end(id)
		r.site.fault = nil
		r.restart()
		id, found, err := r.e.AddAgain(context.Background(), req)
		if err != nil || !found {
			t.Fatal(found, err)
		}
		if j := r.done(id); j.FilesDone != 2 {
			t.Errorf("got %+v", j)
		}
		if got := r.files("in"); len(got) != 2 {
			t.Errorf("got %v", got)
		}
		if n := r.site.count("range"); n != 3 {
			t.Errorf("%d requests for three tries", n)
		}
	})
}

// A storage that ignores ranges sends the file once, whole, also behind a limit.
func TestAStorageWithoutRanges(t *testing.T) {
	for _, limit := range []int64{0, 20 * mib} {
		bubble(t, func(r *rig) {
			r.site.onlyAll = true
			r.cfg.Limits.Rate = limit
			r.site.put("f", noise(1, 40*mib), stampTime)
			r.start()
			j := r.done(r.down("f", "in"))
			if j.Verified != backend.Verified || j.Resent != 0 || r.site.count("range") != 2 {
				t.Errorf("%d requests: %+v", r.site.count("range"), j)
			}
			r.sameOnDisk("f", "in/f")
		})
	}
}

// What had come in ranges before is not mixed with such a stream, it comes again
// and is counted.
func TestAStorageThatHasNoRangesAnyMore(t *testing.T) {
	bubble(t, func(r *rig) {
		r.cfg.StateDir = r.path("state")
		r.cfg.Limits = Limits{Start: 1, Requests: 1}
		r.site.put("f", noise(1, 40*mib), stampTime)
		stuck := true
		r.site.fault = func(op, _ string, n int) error {
			if op == "range" && n > 1 && stuck {
				return apiError("not-authenticated/invalid-session", 401)
			}
			return nil
		}
		var said string
		r.start()
		id := r.down("f", "in")
		r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
		r.restart()
		stuck, r.site.onlyAll = false, true
		broken := false
		r.site.short = func(_ string, _ int64, b []byte) ([]byte, error) {
			if broken {
				return b, nil
			}
			broken = true
			return b[:30*mib], errors.New("reset")
		}
		r.e.Observe(func(_ backend.JobID, i backend.ItemSnapshot) { said = i.Note })
		r.e.Resume(id)
		if j := r.done(id); j.Verified != backend.Verified || j.Resent != 46*mib || !strings.Contains(said, "only whole") {
			t.Errorf("%q: %+v", said, j)
		}
		r.sameOnDisk("f", "in/f")
	})
}

// A storage that does not look at If-Match is believed by the ETag of its answer.
func TestAnotherETagIsNotMixed(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.noSums, r.site.unasked = true, true
		r.site.put("f", noise(4, 40*mib), stampTime)
		r.site.fault = func(op, _ string, n int) error {
			if op == "range" && n == 2 {
				r.site.put("f", noise(5, 40*mib), stampTime)
			}
			return nil
		}
		r.start()
		r.done(r.down("f", "in"))
		r.sameOnDisk("f", "in/f")
	})
}

// What an earlier run has fetched is dropped when the source has another time or
// size since, also where no ETag tells it; and that is said.
func TestASourceThatChangedMeanwhileStartsOver(t *testing.T) {
	for _, tag := range []func(string) string{nil, func(string) string { return "" }} {
		for _, size := range []int64{40 * mib, 41 * mib} {
			bubble(t, func(r *rig) {
				r.cfg.StateDir = r.path("state")
				r.cfg.Limits = Limits{Start: 1, Requests: 1}
				r.site.noSums, r.site.unasked, r.site.tag = true, true, tag
				r.site.put("f", noise(1, 40*mib), stampTime)
				stuck := true
				r.site.fault = func(op, _ string, n int) error {
					if op == "range" && n > 1 && stuck {
						return apiError("not-authenticated/invalid-session", 401)
					}
					return nil
				}
				r.start()
				id := r.down("f", "in")
				r.until(id, "parked", func(j backend.JobSnapshot) bool { return j.State == backend.JobParked })
				r.restart()
				stuck = false
				r.site.put("f", noise(2, size), stampTime.Add(time.Hour))
				var said string
				r.e.Observe(func(_ backend.JobID, i backend.ItemSnapshot) { said = i.Note })
				r.e.Resume(id)
				if j := r.done(id); j.Resent != 16*mib || !strings.Contains(said, "the source changed: starts over") {
					t.Errorf("%q: %+v", said, j)
				}
				r.sameOnDisk("f", "in/f")
			})
		}
	}
}

// A source that is another one when its address is renewed starts over: content
// and time of a file are of one source.
func TestARenewedAddressOfAnotherSource(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.noSums = true
		r.site.put("f", noise(1, 1000), stampTime)
		r.site.fault = func(op, _ string, n int) error {
			if op == "range" && n == 1 {
				r.site.put("f", noise(2, 1000), stampTime.Add(time.Hour))
				return &backend.Error{Class: backend.ClassAPI, Group: backend.APIFailure, Status: 403, Message: "expired"}
			}
			return nil
		}
		r.start()
		r.done(r.down("f", "in"))
		r.sameOnDisk("f", "in/f")
	})
}

// A file that is replaced while it comes, on a storage that forgets what is
// replaced, starts over: in one stream, in ranges and without an ETag.
func TestAReplacedSourceStartsOver(t *testing.T) {
	for _, c := range []struct {
		name      string
		old, size int64
		later     time.Duration // the new one
		from      int64         // replaced when this is asked for
		status    int           // of the storage then
		with      func(*fakeSite)
	}{
		{"small", 1000, 2000, time.Hour, 0, http.StatusNotFound, nil},
		{"small, told by its checksum alone", 1000, 1000, 0, 0, http.StatusGone, nil},
		{"the first range", 3 * rangeSize, 2 * rangeSize, time.Hour, 0, http.StatusNotFound, nil},
		{"a later range", 3 * rangeSize, 4 * rangeSize, time.Hour, 2 * rangeSize, http.StatusNotFound, nil},
		{"a later range, told by its checksum alone", 3 * rangeSize, 3 * rangeSize, 0, 2 * rangeSize, http.StatusGone, nil},
		{"a later range, told by its ETag alone", 3 * rangeSize, 3 * rangeSize, 0, 2 * rangeSize, http.StatusNotFound, func(s *fakeSite) { s.noSums = true }},
		{"one stream", 3 * rangeSize, 4 * rangeSize, time.Hour, rangeSize, http.StatusNotFound, func(s *fakeSite) { s.tag = func(string) string { return "" } }},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				if r.site.keyed = c.status; c.with != nil {
					c.with(r.site)
				}
				r.site.put("f", noise(1, c.old), stampTime)
				r.site.reached = func(path string, from int64) {
					if from == c.from {
						r.site.reached = nil
						r.site.store(path, noise(2, c.size), stampTime.Add(c.later)).looks = 1 << 30
					}
				}
				var said string
				r.start()
				r.e.Observe(func(_ backend.JobID, i backend.ItemSnapshot) { said = i.Note })
				j := r.done(r.down("f", "in"))
				r.sameOnDisk("f", "in/f")
				if !strings.Contains(said, "changed") || !strings.Contains(said, "starts over") {
					t.Errorf("it says %q", said)
				}
				if j.Verified != backend.Verified && !r.site.noSums {
					t.Errorf("got %v", j.Verified)
				}
				if c.from == 0 && j.Resent != 0 || c.from > 0 && j.Resent < rangeSize || j.Resent > c.old {
					t.Errorf("%d bytes in vain", j.Resent)
				}
				if n := r.site.count("download"); c.from == 0 && n != 3 {
					t.Errorf("the site was asked %d times for the file", n)
				}
				if e := r.entry("in/f"); !e.Modified.Equal(stampTime.Add(c.later)) {
					t.Errorf("it has the time %v", e.Modified)
				}
				if got := r.files("in"); len(got) != 1 {
					t.Errorf("there are %v", got)
				}
			})
		})
	}
}

// A file that is deleted while it comes is not there; one that the storage alone
// cannot find is asked for a few times, and what has come of it is kept.
func TestASourceThatIsGoneForGood(t *testing.T) {
	for _, c := range []struct {
		name       string
		size, from int64
		deleted    bool
		asked      int // for its address
		class      error
	}{
		{"small, deleted", 1000, 0, true, 2, backend.NotFound},
		{"large, deleted", 5 * rangeSize, rangeSize, true, 0, backend.NotFound},
		{"small, lost", 1000, 0, false, 1 + partTries, backend.APIFailure},
		{"large, lost", 2 * rangeSize, rangeSize, false, 1 + partTries, backend.APIFailure},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.site.keyed = http.StatusNotFound
				r.site.put("f", noise(1, c.size), stampTime)
				lost := false
				r.site.reached = func(path string, from int64) {
					if from != c.from || lost {
						return
					}
					if lost = true; c.deleted {
						delete(r.site.files, path)
					}
				}
				r.site.fault = func(op, _ string, n int) error {
					if first := int(c.from/rangeSize) + 1; op == "range" && n >= first && !c.deleted {
						return noKey(http.StatusNotFound)
					}
					return nil
				}
				r.start()
				j := r.end(r.down("f", "in"))
				if j.State != backend.JobFailed || !errors.Is(j.Err, c.class) {
					t.Errorf("%v: %v", j.State, j.Err)
				}
				if n := r.site.count("download"); c.asked > 0 && n != c.asked {
					t.Errorf("the site was asked %d times for the file, want %d", n, c.asked)
				}
			})
		})
	}
}

// A storage that has nothing at an address for a moment is asked again.
func TestAStorageThatIsBehind(t *testing.T) {
	bubble(t, func(r *rig) {
		r.site.put("f", noise(1, 4*rangeSize), stampTime)
		r.site.fault = func(op, _ string, n int) error {
			if op == "range" && (n == 2 || n == 3) {
				return noKey(http.StatusNotFound)
			}
			return nil
		}
		r.start()
		if j := r.done(r.down("f", "in")); j.Resent != 0 || j.Verified != backend.Verified {
			t.Errorf("got %+v", j)
		}
		r.sameOnDisk("f", "in/f")
	})
}
