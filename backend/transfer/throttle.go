package transfer

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"ferry/backend"
)

// throttle holds all streams together to a number of bytes per second, which
// may change while they run, and shares it fairly: between jobs first, between
// the files of a job then, however many streams each of them has.
//
// It bounds the streams as well (see admit): what is under way when a program
// is killed has to be sent again, and under a limit many streams only make that
// more.
type throttle struct {
	clock Clock
	ctx   context.Context // of the engine; nil never ends
	spawn func(func())    // starts the goroutine that hands out bytes

	mu      sync.Mutex
	rate    int64
	due     time.Time // when everything handed out so far has been sent
	jobs    map[backend.JobID]*share
	at      float64 // how far the job served last is
	pumping bool
	changed chan struct{} // closed when the rate changes

	flying  int64 // bytes of the streams that were let in
	streams int
	lobby   []*guest // in the order of their coming
}

// lane names the file that a stream belongs to.
type lane struct {
	job  backend.JobID
	item int64
}

// share is what a job, or a file of it, has got so far. A share is behind as
// long as its count is small; who had nothing to send for a while starts where
// the others are.
type share struct {
	count   float64
	at      float64 // of a job: how far its file served last is
	files   map[int64]*share
	waiting []*booking
	streams int // let in by admit
}

// booking is a wish to pass n bytes.
type booking struct {
	n       int
	granted chan struct{}
}

// guest waits to be let in with a stream.
type guest struct {
	lane  lane
	bytes int64
	in    chan struct{}
}

const (
	// slack is how far streams may catch up when a wait took longer than asked:
	// timers overshoot by about what a buffer takes at 50 MB/s, which would halve
	// the rate.
	slack = 50 * time.Millisecond
	// ahead is how much of the limit may be under way at a time.
	ahead = 2 * time.Second
	// jobsAtOnce is how many jobs have a stream each, whatever that makes.
	jobsAtOnce = 4
	// smallestRange is the least that a download asks for under a limit.
	smallestRange = 1 * mib
)

func (t *throttle) set(bytesPerSecond int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rate, t.due = max(bytesPerSecond, 0), time.Time{}
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
	t.letIn()
}

// limit is the bytes per second in force; 0 is no limit.
func (t *throttle) limit() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rate
}

// step is how much one request of a download should ask for: at most, and under
// a limit what some seconds take.
func (t *throttle) step(most int64) int64 {
	rate := t.limit()
	if rate <= 0 {
		return most
	}
	return min(max(rate*8, smallestRange), most)
}

// mayBegin tells whether a job should begin another file beside some of its own
// when all that run have so many bytes.
func (t *throttle) mayBegin(files int, bytes int64) bool {
	rate := t.limit()
	return rate <= 0 || files < 2 || bytes < 2*budget(rate)
}

func budget(rate int64) int64 { return int64(float64(rate) * ahead.Seconds()) }

// job and file give the shares of a lane. mu is held.
func (t *throttle) shares(l lane) (job, file *share) {
	if t.jobs == nil {
		t.jobs = map[backend.JobID]*share{}
	}
	if job = t.jobs[l.job]; job == nil {
		job = &share{count: t.at, files: map[int64]*share{}}
		t.jobs[l.job] = job
	}
	if file = job.files[l.item]; file == nil {
		file = &share{count: job.at}
		job.files[l.item] = file
	}
	return job, file
}

// admit waits until a stream of so many bytes may run; leave ends it. Without a
// limit everybody may. Under one, the bytes under way are bounded, except that
// there is always a stream and one for each of the first jobs.
func (t *throttle) admit(ctx context.Context, l lane, bytes int64) (leave func(), err error) {
	g := &guest{lane: l, bytes: bytes, in: make(chan struct{})}
	t.mu.Lock()
	t.lobby = append(t.lobby, g)
	t.letIn()
	t.mu.Unlock()
	leave = func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		job, file := t.shares(l)
		job.streams--
		file.streams--
		t.streams--
		t.flying -= bytes
		t.tidy(l)
		t.letIn()
	}
	select {
	case <-g.in:
		return leave, nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	i := slices.Index(t.lobby, g)
	if i >= 0 {
		t.lobby = slices.Delete(t.lobby, i, i+1)
		t.tidy(l)
		t.letIn()
	}
	t.mu.Unlock()
	if i < 0 {
		leave() // was let in at the same moment
	}
	return nil, ctx.Err()
}

// letIn admits whoever may: jobs with few streams first, then files with few,
// then who came first. mu is held.
func (t *throttle) letIn() {
	for len(t.lobby) > 0 {
		best := 0
		if t.rate > 0 {
			for i := range t.lobby {
				if t.before(t.lobby[i].lane, t.lobby[best].lane) {
					best = i
				}
			}
		}
		g := t.lobby[best]
		job, file := t.shares(g.lane)
		room := t.rate <= 0 || t.streams == 0 || job.streams == 0 && t.streams < jobsAtOnce ||
			t.flying+g.bytes <= budget(t.rate)
		if !room {
			return
		}
		t.lobby = slices.Delete(t.lobby, best, best+1)
		job.streams++
		file.streams++
		t.streams++
		t.flying += g.bytes
		close(g.in)
	}
}

func (t *throttle) before(a, b lane) bool {
	aj, af := t.shares(a)
	bj, bf := t.shares(b)
	if aj.streams != bj.streams {
		return aj.streams < bj.streams
	}
	return af.streams < bf.streams
}

// tidy drops shares that nobody uses. mu is held.
func (t *throttle) tidy(l lane) {
	job := t.jobs[l.job]
	if job == nil {
		return
	}
	if f := job.files[l.item]; f != nil && f.streams <= 0 && len(f.waiting) == 0 {
		delete(job.files, l.item)
	}
	if len(job.files) == 0 && job.streams <= 0 {
		delete(t.jobs, l.job)
	}
}

// take waits until n bytes of a lane may pass.
func (t *throttle) take(ctx context.Context, l lane, n int) error {
	t.mu.Lock()
	if t.rate <= 0 {
		t.mu.Unlock()
		return nil
	}
	job, file := t.shares(l)
	if !job.wants() {
		job.count = max(job.count, t.at)
	}
	if len(file.waiting) == 0 {
		file.count = max(file.count, job.at)
	}
	b := &booking{n: n, granted: make(chan struct{})}
	file.waiting = append(file.waiting, b)
	if !t.pumping {
		t.pumping = true
		t.spawn(t.pump)
	}
	t.mu.Unlock()
	select {
	case <-b.granted:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(file.waiting, b); i >= 0 {
		file.waiting = slices.Delete(file.waiting, i, i+1)
	}
	t.tidy(l)
	return ctx.Err()
}

// wants tells whether a file of the job waits for bytes.
func (s *share) wants() bool {
	for _, f := range s.files {
		if len(f.waiting) > 0 {
			return true
		}
	}
	return false
}

// pump hands out bytes until nobody waits.
func (t *throttle) pump() {
	for {
		t.mu.Lock()
		b := t.nextBooking()
		if b == nil {
			t.pumping = false
			t.mu.Unlock()
			return
		}
		if t.rate <= 0 {
			close(b.granted)
			t.mu.Unlock()
			continue
		}
		now := t.clock.Now()
		if late := now.Add(-slack); t.due.Before(late) {
			t.due = late
		}
		t.due = t.due.Add(time.Duration(float64(b.n) / float64(t.rate) * float64(time.Second)))
		wait := t.due.Sub(now)
		if t.changed == nil {
			t.changed = make(chan struct{})
		}
		changed := t.changed
		t.mu.Unlock()
		if wait > 0 {
			select {
			case <-t.clock.After(wait):
			case <-changed:
			case <-t.ctx.Done():
			}
		}
		close(b.granted)
	}
}

// nextBooking takes the booking of the file that is furthest behind, of the job
// that is. mu is held.
func (t *throttle) nextBooking() *booking {
	var job, file *share
	for _, j := range t.jobs {
		if (job == nil || j.count < job.count) && j.wants() {
			job = j
		}
	}
	if job == nil {
		return nil
	}
	for _, f := range job.files {
		if len(f.waiting) > 0 && (file == nil || f.count < file.count) {
			file = f
		}
	}
	b := file.waiting[0]
	file.waiting = file.waiting[1:]
	t.at, job.at = job.count, file.count
	job.count += float64(b.n)
	file.count += float64(b.n)
	return b
}

// stream passes bytes on: counted, throttled, and stopped by ctx.
type stream struct {
	ctx    context.Context
	r      io.Reader
	t      *throttle
	lane   lane
	count  func(n int)
	passed func(n int) // told of what the limit has let pass; may be nil
}

// Read reads at most what fits a tenth of a second under a limit, so that slow
// limits stay smooth.
func (s *stream) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	rate := s.t.limit()
	if rate > 0 {
		if most := int(max(rate/10, 1024)); len(p) > most {
			p = p[:most]
		}
	}
	n, err := s.r.Read(p)
	if n > 0 {
		s.count(n)
		if rate > 0 {
			if terr := s.t.take(s.ctx, s.lane, n); terr != nil && err == nil {
				err = terr
			}
		}
		if s.passed != nil {
			s.passed(n)
		}
	}
	return n, err
}
