package transfer

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"sync"

	"ferry/backend"
)

// getter fetches one file into its partial: in one stream when it is small, its
// length is unknown or nothing tells its contents apart, else in parallel ranges
// of one and the same content (If-Match).
type getter struct {
	e   *Engine
	w   *work
	f   *os.File
	src backend.Entry

	mu     sync.Mutex
	etag   string // of the content, once an answer told it
	uriGen int    // counts renewed addresses
	most   int    // connections that the storage allows; 0 is no limit

	renewing chan struct{} // holds one while a new address is asked for
}

func newGetter(e *Engine, w *work, f *os.File, src backend.Entry) *getter {
	return &getter{e: e, w: w, f: f, src: src, renewing: make(chan struct{}, 1)}
}

// prepare brings partial and checkpoint together: what does not fit the source
// any more is thrown away, never mixed.
func (g *getter) prepare(ctx context.Context, prefix int64) error {
	it, cp, root := g.w.it, g.w.it.cp, g.w.req.Target.Path
	same := cp.Size == g.src.Size && cp.Modified.Equal(g.src.Modified)
	info, err := g.f.Stat()
	if err != nil {
		return g.e.diskError("read partial", cp.Dst, err)
	}
	have := cp.have()
	for _, p := range have {
		// Written once does not mean still there.
		same = same && p.Off+p.Length <= info.Size()
	}
	if len(have) > 0 && !same {
		it.say("the source changed: starts over")
		g.w.lost(cp.bytes())
		have = nil
	}
	if len(have) > 0 && !cp.trusted {
		if have, err = g.sound(ctx, have); err != nil {
			return err
		}
		cp.keep(have)
	}
	cp.trusted = true
	if len(have) == 0 {
		cp.Identity = ""
		cp.keep(nil)
		if err := g.f.Truncate(0); err != nil {
			return g.e.diskError("write file", cp.Dst, err)
		}
	}
	g.etag = cp.Identity
	cp.Size, cp.Modified = g.src.Size, g.src.Modified
	if prefix > 0 && prefix < g.src.Size {
		if err := g.adopt(ctx, prefix); err != nil {
			return err
		}
	}
	it.done.Store(cp.bytes())
	if g.src.Size <= 0 {
		return nil
	}
	if len(have) == 0 { // else it has reserved its room, which is not free any more
		if err := g.e.roomFor(root, cp.Dst, g.src.Size-cp.bytes()); err != nil {
			return err
		}
	}
	if g.src.Size > wholeFile {
		return g.e.cfg.Local.Reserve(g.f, g.src.Size)
	}
	return nil
}

// sound reads what an earlier run has written and leaves out what is not there
// as it was. Ranges are not flushed one by one, so a power loss may have taken
// some, and anybody may have changed the file since.
func (g *getter) sound(ctx context.Context, have []piece) ([]piece, error) {
	g.w.it.note("checks what is there")
	good, err := held(ctx, g.f, have)
	if err != nil {
		return nil, g.e.diskError("read partial", g.w.it.dst, err)
	}
	if n := len(have) - len(good); n > 0 {
		g.w.lost(total(have) - total(good))
		g.w.it.note("%d of %d ranges were damaged and come again", n, len(have))
	}
	return good, nil
}

// held gives those pieces whose bytes r has.
func held(ctx context.Context, r io.ReaderAt, have []piece) ([]piece, error) {
	var good []piece
	for _, p := range have {
		h := newHasher(backend.Checksums{CRC32: "only"})
		if _, err := io.Copy(h, &stream{ctx: ctx, t: &throttle{}, r: io.NewSectionReader(r, p.Off, p.Length), count: func(int) {}}); err != nil {
			return nil, err
		}
		if h.crc.Sum32() == p.CRC {
			good = append(good, p)
		}
	}
	return good, nil
}

func total(pieces []piece) (n int64) {
	for _, p := range pieces {
		n += p.Length
	}
	return n
}

// adopt copies the beginning of an unfinished target of another program into
// the partial; the checksum at the end tells whether it belonged there.
func (g *getter) adopt(ctx context.Context, prefix int64) error {
	cp := g.w.it.cp
	target := g.w.req.Target.Path + string(os.PathSeparator) + cp.Dst
	f, err := g.e.cfg.Local.Open(target)
	if err != nil {
		return err
	}
	defer f.Close()
	h := newHasher(backend.Checksums{CRC32: "only"})
	n, err := copyAt(g.f, 0, prefix, &stream{ctx: ctx, r: f, t: &throttle{}, count: func(int) {}}, h)
	if err != nil {
		return g.e.diskError("read partial", cp.Dst, err)
	}
	cp.add(piece{span: span{N: 1, Length: n}, CRC: h.crc.Sum32()})
	cp.Adopted = n
	return nil
}

// run brings what is missing. A storage that does not know ranges sends all of it
// in one stream; what an earlier try has kept is of no use then.
func (g *getter) run(ctx context.Context) (backend.Checksums, error) {
	cp := g.w.it.cp
	if g.src.Size < 0 || g.src.Size <= wholeFile && len(cp.have()) == 0 {
		return g.whole(ctx)
	}
	sums, err := g.inRanges(ctx)
	if !errors.Is(err, errWhole) {
		return sums, err
	}
	g.w.it.say("%s: in one stream, from the start", errWhole)
	g.w.lost(cp.bytes())
	cp.keep(nil)
	g.w.it.done.Store(0)
	g.e.journal.forget(g.w.job, g.w.it.id)
	g.e.journal.checkpoint(g.w.job, g.w.it.id, cp)
	return g.whole(ctx)
}

func (g *getter) inRanges(ctx context.Context) (backend.Checksums, error) {
	cp := g.w.it.cp
	size := g.src.Size
	todo := gaps(cp.have(), size, g.e.throttle.step(rangeSize))
	ranges := len(todo)
	g.e.journal.checkpoint(g.w.job, g.w.it.id, cp)
	// The first range alone tells the ETag that the others insist on.
	if len(todo) > 0 && g.etag == "" {
		if err := g.fetch(ctx, todo[0]); err != nil {
			return backend.Checksums{}, err
		}
		todo = todo[1:]
	}
	if len(todo) > 0 && g.ifMatch() == "" {
		if err := g.inOne(ctx); err != nil {
			return backend.Checksums{}, err
		}
		return crcOf(cp.have(), size), nil
	}
	err := g.e.each(ctx, todo, g.connections(), func(ctx context.Context, s span) error {
		g.w.it.note("range %d of %d", s.N, ranges)
		return g.fetch(ctx, s)
	})
	if err != nil {
		return backend.Checksums{}, err
	}
	return crcOf(cp.have(), size), nil
}

// gaps are the spans of a file that have not arrived, at most step long.
func gaps(have []piece, size, step int64) []span {
	have = slices.Clone(have)
	slices.SortFunc(have, func(a, b piece) int { return int(min(max(a.Off-b.Off, -1), 1)) })
	have = append(have, piece{span: span{Off: size}})
	var out []span
	at := int64(0)
	for _, p := range have {
		for at < p.Off {
			s := span{N: len(out) + 1, Off: at, Length: min(step, p.Off-at)}
			out = append(out, s)
			at += s.Length
		}
		at = max(at, p.Off+p.Length)
	}
	return out
}

// whole fetches the file in one stream, hashing what the site can be compared
// by.
func (g *getter) whole(ctx context.Context) (backend.Checksums, error) {
	var sums backend.Checksums
	err := g.attempt(ctx, max(g.src.Size, 0), g.e.gate.goOn, func(uri string) (int64, error) {
		body, err := g.e.site().OpenRange(ctx, uri, 0, -1, "")
		if err != nil {
			return 0, err
		}
		defer body.Close()
		h := newHasher(g.src.Checksums)
		n, err := g.copy(ctx, body, 0, math.MaxInt64, h)
		want := g.src.Size
		if want < 0 {
			want = max(body.Size, body.Total)
		}
		switch {
		case err != nil:
		case want >= 0 && n < want:
			err = errShort
		case want >= 0 && n > want:
			err = errChanged
		}
		if err != nil {
			g.w.it.done.Add(-n)
			g.w.lost(n)
			return n, err
		}
		sums = h.sums()
		return n, g.f.Truncate(n)
	})
	return sums, err
}

// fetch brings one range. What has come of one that breaks off is kept when the
// storage insists on the content, so that the rest is of the same.
func (g *getter) fetch(ctx context.Context, s span) error {
	return g.attempt(ctx, s.Length, g.e.gate.enter, func(uri string) (int64, error) {
		body, err := g.open(ctx, uri, s)
		if err != nil {
			return 0, err
		}
		defer body.Close()
		n, kept, err := g.take(ctx, body, s, g.ifMatch() != "")
		s.Off, s.Length = s.Off+kept, s.Length-kept
		return n, err
	})
}

// inOne brings what is missing in one stream: without an ETag that the storage
// insists on, nothing would tell that the ranges are of one content. At the end
// the site is asked whether the source is still the one that was begun.
func (g *getter) inOne(ctx context.Context) error {
	step := g.e.throttle.step(rangeSize)
	for _, gap := range gaps(g.w.it.cp.have(), g.src.Size, g.src.Size) {
		at, end := gap.Off, gap.Off+gap.Length
		g.w.it.note("in one stream")
		err := g.attempt(ctx, min(step, gap.Length), g.e.gate.enter, func(uri string) (got int64, err error) {
			body, err := g.open(ctx, uri, span{Off: at, Length: end - at})
			if err != nil {
				return 0, err
			}
			defer body.Close()
			for at < end {
				s := span{N: int(at/rangeSize) + 1, Off: at, Length: min(step, end-at)}
				n, kept, err := g.take(ctx, body, s, true)
				got, at = got+n, at+kept
				if err != nil {
					return got, err
				}
			}
			return got, nil
		})
		if err != nil {
			return err
		}
	}
	var now backend.Entry
	err := g.e.goOn(ctx, func() (err error) {
		now, err = g.e.site().Find(ctx, g.w.src.Path)
		return err
	})
	if err == nil && !g.same(now) || missing(err) {
		return errChanged
	}
	return err
}

// same tells whether an entry is still the source that was begun, as far as size,
// time and checksums can.
func (g *getter) same(now backend.Entry) bool {
	v, _ := judge(g.src.Checksums, now.Checksums)
	return now.Size == g.src.Size && now.Modified.Equal(g.src.Modified) && v != backend.Mismatch
}

// open asks for a range and refuses the answer when it is of another content.
func (g *getter) open(ctx context.Context, uri string, s span) (*backend.Body, error) {
	body, err := g.e.site().OpenRange(ctx, uri, s.Off, s.Length, g.ifMatch())
	switch {
	case err == nil:
	case onlyWhole(err):
		return nil, errWhole
	case changed(err):
		return nil, errChanged
	default:
		return nil, err
	}
	switch {
	case body.Partial && body.Offset != s.Off || body.Total >= 0 && body.Total != g.src.Size:
		err = errChanged
	case !body.Partial && s.Length < g.src.Size:
		err = errWhole
	default:
		err = g.match(body)
	}
	if err != nil {
		body.Close() //nolint:gosec // nothing of it is used
		return nil, err
	}
	return body, nil
}

// leastKept is how much of a range that broke off is worth a piece of its own.
const leastKept = chunk

// take writes a span of a body and keeps that it arrived; with begun also its
// beginning, when the connection breaks off behind it.
func (g *getter) take(ctx context.Context, body *backend.Body, s span, begun bool) (n, kept int64, err error) {
	h := newHasher(backend.Checksums{CRC32: "only"})
	n, err = g.copy(ctx, body, s.Off, s.Length, h)
	if err == nil && n < s.Length {
		err = errShort
	}
	if err != nil && (!begun || n < leastKept || !brokeOff(err)) {
		g.w.it.done.Add(-n)
		g.w.lost(n)
		return n, 0, err
	}
	s.Length = n
	g.e.arrived(g.w, piece{span: s, CRC: h.crc.Sum32()})
	return n, n, err
}

// ifMatch is the ETag that the storage can insist on: a weak one never matches
// (RFC 9110, 13.1.1).
func (g *getter) ifMatch() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if strings.HasPrefix(g.etag, "W/") {
		return ""
	}
	return g.etag
}

func (g *getter) connections() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.most
}

// match keeps the first ETag and refuses another one.
func (g *getter) match(body *backend.Body) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	etag := body.ETag
	g.most = body.MaxConnections
	switch {
	case etag == "" || etag == g.etag:
		return nil
	case g.etag != "":
		return errChanged
	}
	g.etag = etag
	g.w.it.cp.Identity = etag
	g.e.journal.checkpoint(g.w.job, g.w.it.id, g.w.it.cp)
	return nil
}

func (g *getter) copy(ctx context.Context, body *backend.Body, off, length int64, h *hasher) (int64, error) {
	r := &stream{ctx: ctx, r: wire{body}, t: g.e.throttle, lane: g.w.lane(), passed: g.w.passed, count: func(n int) { g.w.it.done.Add(int64(n)) }}
	return copyAt(g.f, off, length, r, h)
}

// attempt runs get inside the gate: with a new address when the old one is no
// longer good, again when the failure may pass.
func (g *getter) attempt(ctx context.Context, bytes int64, enter func(context.Context) error, get func(uri string) (int64, error)) error {
	renewals := 0
	for try := 1; ; {
		uri, gen := g.address()
		err := g.e.carry(ctx, g.w, bytes, enter, "download", func() (int64, error) { return get(uri) })
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case stale(err) && renewals < partTries:
			if renewals > 0 && gone(err) {
				// The site says that it is there: what is about to be replaced, or moved to
				// another storage, is there a moment later.
				if err := sleep(ctx, g.e.cfg.Clock, backoff(renewals, err)); err != nil {
					return err
				}
			}
			renewals++
			if err := g.renew(ctx, gen); err != nil {
				return err
			}
			continue
		}
		if t := treat(err); try >= partTries || t != again && t != parkNet {
			return err
		}
		if err := sleep(ctx, g.e.cfg.Clock, backoff(try, err)); err != nil {
			return err
		}
		try++
	}
}

func (g *getter) address() (uri string, gen int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.src.DownloadURI, g.uriGen
}

// renew gets a new address, once for all ranges for which the old one was no longer
// good.
func (g *getter) renew(ctx context.Context, gen int) error {
	select {
	case g.renewing <- struct{}{}:
		defer func() { <-g.renewing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if _, now := g.address(); now != gen {
		return nil
	}
	src, err := g.e.locate(ctx, g.w.src.Path)
	if err != nil {
		return err
	}
	if !g.same(src) {
		return errChanged
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.src.DownloadURI = src.DownloadURI
	g.uriGen++
	return nil
}

// wire gives failures of a connection that break off a body their class.
type wire struct{ r io.Reader }

func (w wire) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	var known *backend.Error
	if err == nil || errors.Is(err, io.EOF) || backend.Cancelled(err) || errors.As(err, &known) {
		return n, err
	}
	short := *errShort
	short.Class, short.Group, short.Cause = backend.ClassAPIConnection, backend.Connection, err
	short.Message = "The connection to the site broke off."
	return n, &short
}
