package server

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"strings"
	"sync"
	"time"
)

// Checksums appear a moment after an upload (PROTOCOL.md 8).
const sumsAfter = time.Second

// sumsAtOnce is the largest file whose checksums are computed while a client
// waits; those of larger ones appear when they are ready.
const sumsAtOnce = 16 << 20

// summer computes the checksums of files: of those of clients, and of those of
// the world that somebody asks for.
type summer struct {
	s     *Server
	queue chan *node

	mu      sync.Mutex
	started bool
	waiting map[sumKey]bool   // those that are in the queue or being computed
	known   map[sumKey]string // of the world
	parts   map[string]string // of small parts whose upload has not ended, by file
}

func newSummer(s *Server) *summer {
	return &summer{s: s, queue: make(chan *node, 4096), waiting: map[sumKey]bool{}, known: map[sumKey]string{}, parts: map[string]string{}}
}

// sumsInPassing is the largest part whose checksums are computed while it
// arrives. Most files are one small part: theirs need no second look.
const sumsInPassing = 1 << 20

// checksums computes all that the site shows of a file.
type checksums struct{ crc, md5, sha1, sha256 hash.Hash }

func newChecksums() checksums {
	return checksums{crc32.NewIEEE(), md5.New(), sha1.New(), sha256.New()}
}

// Write never fails.
func (c checksums) Write(p []byte) (int, error) {
	for _, h := range []hash.Hash{c.crc, c.md5, c.sha1, c.sha256} {
		h.Write(p)
	}
	return len(p), nil
}

// String is how they are kept.
func (c checksums) String() string {
	parts := make([]string, 0, 4)
	for _, h := range []hash.Hash{c.crc, c.md5, c.sha1, c.sha256} {
		parts = append(parts, hex.EncodeToString(h.Sum(nil)))
	}
	return strings.Join(parts, " ")
}

// arrived notes the checksums of a stored part.
func (m *summer) arrived(file, sums string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.parts) >= maxKnown {
		clear(m.parts) // they are computed later, then
	}
	m.parts[file] = sums
}

// ended gives the checksums of a file of one part, if they are known, and
// forgets those of all parts of its upload.
func (m *summer) ended(stored, used []partRow) (sums string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(used) == 1 {
		sums = m.parts[used[0].file]
	}
	for _, p := range stored {
		delete(m.parts, p.file)
	}
	return sums
}

// maxKnown bounds the memory for checksums of the world, and of parts.
const maxKnown = 50_000

// sumKey tells contents apart: those of clients by their blob, those of the
// world by where they come from. Listings ask for many, so it is no text.
type sumKey struct {
	blob   int64
	origin string
	size   int64
}

func sumKeyOf(n *node) sumKey {
	if n.blob != 0 {
		return sumKey{blob: n.blob}
	}
	return sumKey{origin: n.origin, size: n.size}
}

// String is a text that is as unique.
func (k sumKey) String() string {
	if k.blob != 0 {
		return fmt.Sprintf("b%d", k.blob)
	}
	return fmt.Sprintf("%s\x00%d", k.origin, k.size)
}

// show fills in the checksums that a client may see now. wait says that the
// answer is about this file alone, so that computing them is worth a moment.
// A listing does not compute those of generated files, which would read every
// one of them: there they are null, as on a site that computes none, until
// somebody has asked for the file itself.
func (m *summer) show(ctx context.Context, n *node, wait bool) {
	if n.dir || n.sums != "" && n.blob == 0 {
		return
	}
	now := m.s.now()
	if n.sumsAt.After(now) {
		n.sums = ""
		return
	}
	if n.sums != "" {
		return
	}
	key := sumKeyOf(n)
	m.mu.Lock()
	n.sums = m.known[key]
	m.mu.Unlock()
	if n.sums != "" {
		return
	}
	switch {
	case wait && n.size <= sumsAtOnce:
		// A failure leaves them unset: they are optional.
		_ = m.compute(ctx, n)
	case wait || n.blob != 0:
		m.later(n)
	}
}

// later puts a file into the queue; when that is full, nobody minds.
func (m *summer) later(n *node) {
	c := *n
	key := sumKeyOf(n)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waiting[key] {
		return
	}
	if !m.started {
		if !m.s.background(m.loop) {
			return
		}
		m.started = true
	}
	select {
	case m.queue <- &c:
		m.waiting[key] = true
	default:
	}
}

func (m *summer) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-m.queue:
			_ = m.compute(ctx, n) // they stay unset, and are tried again when somebody asks
			m.mu.Lock()
			delete(m.waiting, sumKeyOf(n))
			m.mu.Unlock()
		}
	}
}

// compute reads a file through and keeps its checksums.
func (m *summer) compute(ctx context.Context, n *node) error {
	var src content
	err := m.s.tree.look(func(q querier) error {
		var err error
		src, err = m.s.tree.open(ctx, q, n)
		return err
	})
	if err != nil {
		return err
	}
	defer src.Close()
	sums := newChecksums()
	if _, err := io.Copy(sums, contextReader{ctx, io.NewSectionReader(src, 0, n.size)}); err != nil {
		return err
	}
	n.sums = sums.String()
	if n.blob != 0 {
		_, err = m.s.db.write.ExecContext(context.WithoutCancel(ctx), `UPDATE nodes SET sums = ? WHERE blob = ?`, n.sums, n.blob)
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxKnown {
		clear(m.known)
	}
	m.known[sumKeyOf(n)] = n.sums
	return nil
}

// contextReader stops reading when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

// Read reads unless the context has ended.
func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
