package transfer

import (
	"context"
	"hash/crc32"
	"testing"
	"testing/synctest"
	"time"

	"ferry/backend"
	"ferry/backend/local"
)

func FuzzCRCCombine(f *testing.F) {
	f.Add([]byte("hello"), []byte(" world"))
	f.Add([]byte{}, []byte{0})
	f.Add(make([]byte, 100), []byte{})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		want := crc32.ChecksumIEEE(append(append([]byte{}, a...), b...))
		if got := crcCombine(crc32.ChecksumIEEE(a), crc32.ChecksumIEEE(b), int64(len(b))); got != want {
			t.Errorf("got %08x, want %08x", got, want)
		}
	})
}

func TestPlanCoversTheFile(t *testing.T) {
	for _, size := range []int64{0, 1, 5 * mib, 5*mib + 1, 32*mib + 5, 257 * mib, 40 << 30, 5 << 40} {
		part := partSize(size, 5*mib, 10_000)
		spans := plan(size, part)
		var at int64
		for i, s := range spans {
			if s.N != i+1 || s.Off != at || s.Length > part || i < len(spans)-1 && s.Length < smallestPart {
				t.Fatalf("size %d: part %+v at %d", size, s, at)
			}
			at += s.Length
		}
		if at != size || len(spans) == 0 || len(spans) > mostParts {
			t.Errorf("size %d: %d parts cover %d", size, len(spans), at)
		}
	}
}

func TestPartSizeFollowsTheSite(t *testing.T) {
	if got := partSize(mib, 50*mib, 0); got < 50*mib {
		t.Errorf("smaller than proposed: %d", got)
	}
	if got := partSize(1000*mib, 5*mib, 10); len(plan(1000*mib, got)) > 10 {
		t.Errorf("more parts than there may be: %d", got)
	}
}

func TestGaps(t *testing.T) {
	have := []piece{{span: span{Off: 30, Length: 10}}, {span: span{Off: 0, Length: 10}}}
	got := gaps(have, 55, 15)
	want := []span{{1, 10, 15}, {2, 25, 5}, {3, 40, 15}}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
	if got := gaps(nil, 0, 15); len(got) != 0 {
		t.Errorf("an empty file has gaps: %v", got)
	}
}

func TestPartFrom(t *testing.T) {
	for _, c := range []struct {
		uri, want string
		ok        bool
	}{
		{"https://h/p?X-Files-Date=1&part_number=1&X-Files-Signature=a%2Fb", "https://h/p?X-Files-Date=1&X-Files-Signature=a%2Fb&part_number=7", true},
		{"https://h/p?partNumber=1&X-Files-Date=1", "https://h/p?X-Files-Date=1&part_number=7", true},
		{"https://s3/p?partNumber=1&X-Amz-Date=1", "", false},
	} {
		got, ok := partFrom(backend.Part{URI: c.uri, Number: 1}, 7)
		if ok != c.ok || ok && (got.URI != c.want || got.Number != 7) {
			t.Errorf("%s: got %s, %v", c.uri, got.URI, ok)
		}
	}
}

func TestMeter(t *testing.T) {
	var m meter
	now := time.Unix(0, 0)
	for i := range 100 {
		m.sample(now.Add(time.Duration(i)*100*time.Millisecond), int64(i)*1000)
	}
	if m.rate < 9_900 || m.rate > 10_100 {
		t.Errorf("a steady stream of 10,000 B/s is measured as %.0f", m.rate)
	}
	if d := left(50_000, m.rate); d != 5*time.Second {
		t.Errorf("left %v", d)
	}
	for i := range 300 { // a stall
		m.sample(now.Add(10*time.Second+time.Duration(i)*100*time.Millisecond), 99_000)
	}
	if m.rate > 100 {
		t.Errorf("after 30 s of silence the rate is %.0f", m.rate)
	}
	if left(1, 0) >= 0 || left(0, 0) != 0 {
		t.Error("time left without a rate")
	}
}

func TestDecide(t *testing.T) {
	src := backend.Entry{Size: 10, Modified: stampTime.Add(700 * time.Millisecond)} // the site keeps seconds
	dir := backend.Entry{Kind: backend.Folder, Size: -1}
	for _, c := range []struct {
		policy backend.Conflict
		there  *backend.Entry
		want   verdict
	}{
		{backend.Ask, nil, write},
		{backend.Ask, &backend.Entry{}, question},
		{backend.Overwrite, &dir, clash},
		{backend.KeepBoth, &dir, rename},
		{backend.Newer, &backend.Entry{Modified: stampTime.Add(300 * time.Millisecond)}, skip},
		{backend.Newer, &backend.Entry{Modified: stampTime.Add(-time.Second)}, replace},
		{backend.Resume, &backend.Entry{Size: 10, Modified: stampTime}, skip},
		{backend.Resume, &backend.Entry{Size: 5}, resume},
		{backend.Resume, &backend.Entry{Size: 11}, question},
		{backend.Resume, &backend.Entry{Size: 0}, replace},
	} {
		if got := decide(c.policy, src, c.there); got != c.want {
			t.Errorf("%v with %+v: got %d, want %d", c.policy, c.there, got, c.want)
		}
	}
}

// Who waited for a place when the site asked for less waits as well.
func TestAPushBackHoldsWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(local.Clock{}, 1, 1)
		ctx, cancel := context.WithCancel(context.Background())
		if err := g.enter(ctx); err != nil {
			t.Fatal(err)
		}
		entered := make(chan error, 2)
		for _, enter := range []func(context.Context) error{g.enter, g.goOn} {
			go func() { entered <- enter(ctx) }()
		}
		synctest.Wait()
		g.pushBack(10 * time.Second)
		g.leave(0)
		time.Sleep(9 * time.Second)
		if len(entered) > 0 {
			t.Error("somebody passed while the site held everybody")
		}
		time.Sleep(2 * time.Second)
		if len(entered) != 1 {
			t.Errorf("%d have passed", len(entered))
		}
		g.pushBack(10 * time.Second) // and one who gives up gives its place back
		g.leave(0)
		synctest.Wait()
		cancel()
		synctest.Wait()
		if first, second := <-entered, <-entered; first != nil || second == nil || g.busy != 0 {
			t.Errorf("%v, %v, %d places taken", first, second, g.busy)
		}
	})
}

// Who has a place already when the site asks for less once more has none, if there
// are too many: after it has held everybody, so many run as there are places.
func TestAPushBackTakesPlacesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(local.Clock{}, 4, 4)
		ctx, cancel := context.WithCancel(t.Context())
		for range 4 {
			if err := g.enter(ctx); err != nil {
				t.Fatal(err)
			}
		}
		entered := make(chan error, 4)
		for range cap(entered) {
			go func() { entered <- g.enter(ctx) }()
		}
		synctest.Wait()
		g.pushBack(10 * time.Second) // two places are left, and handed over
		for range 4 {
			g.leave(0)
		}
		time.Sleep(2 * time.Second)
		g.pushBack(10 * time.Second) // and of those one
		time.Sleep(time.Minute)
		if n := len(entered); n != 1 || g.busy != 1 {
			t.Errorf("%d have passed with %d places, %d are taken", n, g.width(), g.busy)
		}
		cancel()
		synctest.Wait()
		if g.leave(0); len(entered) != 4 || g.busy != 0 || len(g.queue) != 0 {
			t.Errorf("%d places are lost, %d are in the queue", g.busy, len(g.queue))
		}
	})
}

func TestGateAdapts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(local.Clock{}, 4, 16)
		ctx, cancel := context.WithCancel(context.Background())
		for range 64 {
			go func() { // every place brings the same: more pay off
				for g.enter(ctx) == nil {
					time.Sleep(100 * time.Millisecond)
					g.leave(mib)
				}
			}()
		}
		time.Sleep(30 * time.Second)
		if w := g.width(); w < 12 {
			t.Errorf("the gate grew to %d only", w)
		}
		before := g.width()
		g.pushBack(5 * time.Second)
		g.pushBack(5 * time.Second) // of the same moment
		if w := g.width(); w != before/2 {
			t.Errorf("after a push-back %d of %d", w, before)
		}
		if d := g.waits(); d != 5*time.Second {
			t.Errorf("waits %v", d)
		}
		cancel()
		time.Sleep(time.Second)
		synctest.Wait()
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.busy != 0 || len(g.queue) != 0 {
			t.Errorf("%d places lost, %d in the queue", g.busy, len(g.queue))
		}
	})
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		have, site backend.Checksums
		want       backend.Verification
		by         string
	}{
		{backend.Checksums{CRC32: "0000abcd"}, backend.Checksums{CRC32: "ABCD"}, backend.Verified, "CRC32"},
		{backend.Checksums{CRC32: "1", MD5: "a"}, backend.Checksums{CRC32: "1", MD5: "b"}, backend.Mismatch, "MD5"},
		{backend.Checksums{CRC32: "1"}, backend.Checksums{MD5: "b"}, backend.SizeOnly, ""},
		{backend.Checksums{}, backend.Checksums{}, backend.SizeOnly, ""},
	} {
		if v, by := judge(c.have, c.site); v != c.want || by != c.by {
			t.Errorf("got %v %q, want %v %q", v, by, c.want, c.by)
		}
	}
}
