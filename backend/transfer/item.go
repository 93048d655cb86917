package transfer

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ferry/backend"
)

// item is one file (or empty folder) of a job. The owner goroutine has it
// except while a worker runs it; done, note and the checkpoint's content are
// shared.
type item struct {
	id     int64
	src    backend.Entry
	rel    string // path below the job's source, for the screen
	dst    string // upload: path on the site; download: path below the target folder
	source int    // of a scan: which source of the request it comes from
	policy backend.Conflict
	expect *backend.Stamp // of a plan: what is written over must still be this

	state    backend.JobState
	tries    int
	reached  int64     // how much of it had arrived when it failed last
	put      time.Time // when the site put it off last, zero when that is not why it waits
	waits    int       // how often it waited since beyond its tries
	storms   int       // of the book, when it did so last
	after    time.Time // not before
	err      error
	verified backend.Verification
	by       string
	recheck  bool     // compare only, move nothing
	vacant   bool     // the comparison found nothing in its place
	counted  bool     // in the totals of its job
	alone    bool     // not in an archive with others
	again    bool     // of the journal: it may have arrived unseen in the last moment
	arrived  *outcome // only the source of the move is left to be deleted
	was      *arrival // an earlier run has brought it: its target has to be looked at

	halt  context.CancelFunc // of its worker
	turn  *turn              // of its worker
	begun int64              // its size when it was begun
	wish  wish               // what a person asked for while the worker ran

	existing *backend.Entry // what is in the way, while a person is asked
	foreign  string         // why one cannot go on behind it, once that was tried

	// While the site has not computed checksums yet.
	sums   backend.Checksums
	checks int

	done  atomic.Int64
	sent  atomic.Int64           // bytes that have passed the line, whatever became of them
	text  atomic.Pointer[string] // what goes on now
	told  atomic.Pointer[string] // what stays true
	kept  int64                  // counted by the job while the item waits
	meter meter

	before amount // what an earlier run had done of it, as counted by the job
	cp     *checkpoint
}

// note tells what goes on with a file at this moment.
func (it *item) note(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	it.text.Store(&s)
}

// say tells what a person has to know of a file for good: another name, a new
// beginning. Only who has the item may say something.
func (it *item) say(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if before := it.said(); strings.Contains(before, s) {
		return
	} else if before != "" {
		s = before + "; " + s
	}
	it.told.Store(&s)
}

// said is what was said; it goes into the journal.
func (it *item) said() string {
	if s := it.told.Load(); s != nil {
		return *s
	}
	return ""
}

// noted is what to show: of a file under way what goes on, else what was said.
func (it *item) noted() string {
	if s := it.text.Load(); s != nil && *s != "" && (it.state == backend.JobRunning || len(it.sums.CRC32) > 0) {
		return *s
	}
	return it.said()
}

// key tells the items of a job apart, also over a restart. Two sources may have
// files of one name.
func (it *item) key() string { return keyOf(it.src.Path, it.rel) }

func keyOf(src, rel string) string { return src + "\x00" + rel }

func (it *item) size() int64 { return max(it.src.Size, 0) }

// expected refuses to write over what a plan has not seen.
func (it *item) expected(there *backend.Entry) error {
	if it.expect == nil || there == nil || unchanged(it.expect, &node{rel: it.expect.Name, entry: *there}) {
		return nil
	}
	return planChanged(it.dst)
}

// wish is what a person wants of a single file that is under way.
type wish uint8

const (
	none wish = iota
	hold
	leave
)

// piece is a span that arrived, with its receipt and checksum.
type piece struct {
	span
	ETag string
	CRC  uint32

	before bool // of an earlier run
}

// arrival is what an earlier run has left of a file that it has brought.
type arrival struct {
	dst      string
	verified backend.Verification
	by       string
	waits    bool // for the site's checksum, to compare it with sums
	sums     backend.Checksums
}

// amount is a part of a file, or of several.
type amount struct {
	files int // whole ones
	bytes int64
}

// checkpoint is what makes an interrupted file go on where it was. It fits one
// content of the source only: Identity, Size and Modified.
type checkpoint struct {
	Identity string    `json:"identity"` // upload: of the local file; download: ETag
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Dst      string    `json:"dst"`     // where the file will appear, after any renaming
	Replace  bool      `json:"replace"` // over an existing target
	Ref      string    `json:"ref"`     // of the upload
	PartSize int64     `json:"part_size"`
	Serial   bool      `json:"serial"`            // parts one after another, sizes from the site
	Adopted  int64     `json:"adopted,omitempty"` // so many bytes are what another program left

	trusted bool // in this run the pieces were what the file on the disk holds

	mu     sync.Mutex
	pieces []piece
}

// keep replaces what arrived.
func (c *checkpoint) keep(pieces []piece) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pieces = pieces
}

func (c *checkpoint) add(p piece) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pieces = append(c.pieces, p)
}

// have is a copy of what arrived.
func (c *checkpoint) have() []piece {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]piece(nil), c.pieces...)
}

func (c *checkpoint) bytes() int64 {
	if c == nil {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return total(c.pieces)
}

// before is what an earlier run has brought of the file.
func (c *checkpoint) before() (s amount) {
	if c == nil {
		return s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pieces {
		if p.before {
			s.bytes += p.Length
		}
	}
	return s
}

// outcome is the fact that a worker reports about its item.
type outcome struct {
	err      error
	skipped  bool
	existing *backend.Entry // a person has to decide
	foreign  string         // why existing is not known to be the beginning of the source; "" when that was not asked
	verified backend.Verification
	by       string
	before   bool // it had arrived in an earlier run
	gone     bool // it had, and its target is another by now, or what is to be compared is not on the site
	alone    bool // the archive did not bring it
	late     bool // the site has no checksum yet; sums wait for it
	sums     backend.Checksums
}

// comesAgain tells whether the item is not at its end yet, and a person may still
// have a wish about it.
func (o outcome) comesAgain() bool {
	if o.err == nil {
		return o.alone || o.existing != nil
	}
	switch treat(o.err) {
	case stopped, again, parkNet, parkLogin:
		return true
	default: // its content is begun anew first, or it has failed
		return false
	}
}

// work is what a worker may use: the item and the fixed facts of its job.
type work struct {
	it      *item
	src     backend.Entry // of the item, brought up to date by the worker
	job     backend.JobID
	req     backend.TransferRequest
	folders *folders
	dropped *atomic.Bool // the job was cancelled: leave nothing behind
	resent  *atomic.Int64
	sent    *atomic.Int64 // of the job, as the item's
}

// passed counts bytes that went over the line: of these speeds are made.
func (w *work) passed(n int) {
	w.it.sent.Add(int64(n))
	if w.sent != nil {
		w.sent.Add(int64(n))
	}
}

// lost counts bytes that were moved in vain.
func (w *work) lost(n int64) {
	if w.resent != nil {
		w.resent.Add(n)
	}
}

// lane is the item's share of a limit.
func (w *work) lane() lane { return lane{job: w.job, item: w.it.id} }

// request runs one call to the site inside the gate. It must not be called by
// who already is inside.
func (e *Engine) request(ctx context.Context, call func() error) error {
	return e.through(ctx, e.gate.enter, call)
}

// goOn is request for the next step of a file that has begun.
func (e *Engine) goOn(ctx context.Context, call func() error) error {
	return e.through(ctx, e.gate.goOn, call)
}

func (e *Engine) through(ctx context.Context, enter func(context.Context) error, call func() error) error {
	return e.inside(ctx, enter, "request", "", func() (int64, error) { return 0, call() })
}

// inside runs what moves bytes in a place of the gate, which is given back
// whatever happens. f tells how many bytes it has moved.
func (e *Engine) inside(ctx context.Context, enter func(context.Context) error, op, path string, f func() (int64, error)) (err error) {
	t := turnOf(ctx)
	got := t.ask()
	if err := enter(ctx); err != nil {
		got()
		return err
	}
	defer t.enter()()
	got()
	var n int64
	defer func() { e.leave(n, err) }()
	return e.guard(op, path, func() (err error) {
		n, err = f()
		return err
	})
}

// carry is inside for a stream of so many bytes, which the limit has to let in.
func (e *Engine) carry(ctx context.Context, w *work, bytes int64, enter func(context.Context) error, op string, f func() (int64, error)) error {
	got := turnOf(ctx).ask()
	leave, err := e.throttle.admit(ctx, w.lane(), bytes)
	got()
	if err != nil {
		return err
	}
	defer leave()
	return e.inside(ctx, enter, op, w.src.Path, f)
}

// leave gives a place back and passes a push-back on.
func (e *Engine) leave(bytes int64, err error) {
	if err != nil && !backend.Cancelled(err) && pushedBack(err) {
		e.PushedBack(err, max(backend.AsError(err).Wait, time.Second))
	}
	if err == nil && bytes > 0 {
		e.gate.came()
	}
	e.gate.leave(bytes)
}
