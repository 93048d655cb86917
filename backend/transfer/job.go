package transfer

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"ferry/backend"
	"ferry/pathutil"
)

// job is one request and its items. Only the owner goroutine touches it.
type job struct {
	id      backend.JobID
	site    string
	req     backend.TransferRequest
	from    backend.Location // the folder of the sources
	folders *folders
	dropped *atomic.Bool
	resent  *atomic.Int64 // bytes moved in vain
	sent    *atomic.Int64 // bytes that have passed the line since the program began
	seen    int64         // bytes, at the last measurement
	waited  int           // files that waited for their turn then
	links   int           // symbolic links that the scan left out
	nextID  int64
	known   map[string]bool  // keys of the journal, while a scan is repeated
	earlier map[string]*item // what an earlier run has left, by key, while the job is planned again

	life     context.Context // of the job: ends with Cancel, Remove or Close
	end      context.CancelFunc
	work     context.Context // of its workers: ends with a pause as well
	halt     context.CancelFunc
	started  time.Time
	ended    time.Time
	state    backend.JobState // the final one, once ended
	paused   bool
	byHand   bool  // a person has paused it, not the end of a program
	pos      int64 // place in the queue, as the journal keeps it
	found    bool  // came from the journal
	unread   bool  // its files are in the journal only
	all      bool  // one answer for every existing target
	scanning bool
	scanned  bool
	rescan   bool     // once more, when the scan that runs has ended
	dirs     []string // source folders that a move has to take away
	swept    bool     // that was tried
	sweeps   int      // how often it was broken off

	queue   []*item // to be begun, in order
	delayed []*item // to be begun later
	active  map[*item]bool
	asking  []*item
	held    []*item // paused one by one
	late    []*item // wait for the site's checksums
	lateAt  time.Time
	looking bool
	failed  []*item

	filesDone, filesTotal, filesSkipped int
	bytesDone, bytesTotal               int64
	kept                                int64  // of items that wait
	before                              amount // of an earlier run
	vain                                int64  // resent, when it was paused
	verified                            backend.Verification
	by                                  string
	judged                              bool
	checks                              []backend.CheckTally // of the finished files
	err                                 error
	meter                               meter

	shown *description // while it rests: as it was described last
}

// description is how a job was described, and whether the queue was parked then.
type description struct {
	backend.JobSnapshot
	parked bool
}

// rests tells whether nothing can happen to the job but by find: it has ended, or
// has not begun.
func (j *job) rests() bool {
	return !j.scanning && !j.looking && len(j.active) == 0 && len(j.delayed) == 0 && (!j.ended.IsZero() || j.started.IsZero())
}

// workers gives the job a context for its workers.
func (j *job) ready() {
	j.work, j.halt = context.WithCancel(j.life)
}

// now derives the state that people see.
func (j *job) now(parked bool) backend.JobState {
	switch {
	case !j.ended.IsZero():
		return j.state
	case j.paused:
		return backend.JobPaused
	case parked:
		return backend.JobParked
	case j.started.IsZero():
		return backend.JobQueued
	case len(j.held) > 0 && !j.scanning && !j.looking && len(j.queue)+len(j.active)+len(j.delayed)+len(j.late) == 0:
		return backend.JobPaused
	case j.scanning && len(j.active) == 0 && j.filesDone == 0:
		return backend.JobScanning
	}
	return backend.JobRunning
}

// checking tells whether what is at hand, or next, is compared only.
func (j *job) checking() bool {
	for it := range j.active {
		if !it.recheck {
			return false
		}
	}
	switch {
	case len(j.active) > 0:
		return true
	case len(j.queue) > 0:
		return j.queue[0].recheck
	}
	return len(j.delayed) > 0 && j.delayed[0].recheck
}

// waiting counts the files at work that wait for their turn.
func (j *job) waiting(now time.Time) (n int) {
	for it := range j.active {
		if it.turn.waits(now) {
			n++
		}
	}
	return n
}

// idle tells whether nothing of the job is left to do.
func (j *job) idle() bool {
	return j.scanned && !j.scanning && !j.looking &&
		len(j.queue)+len(j.delayed)+len(j.active)+len(j.asking)+len(j.held)+len(j.late) == 0
}

// unscanned counts a scan that failed as one failed item (its id is 0).
func (j *job) unscanned(err error) {
	j.err = err
	j.failed = append(j.failed, &item{src: j.req.Sources[0], rel: j.label(), state: backend.JobFailed, err: err})
	j.filesTotal++
}

// reason keeps why the job, or its first failed file, failed.
func (j *job) reason() {
	j.err = nil
	if len(j.failed) > 0 {
		j.err = j.failed[0].err
	}
}

// next takes the item to begin, nil when there is none.
func (j *job) next() *item {
	if len(j.queue) == 0 {
		return nil
	}
	it := j.queue[0]
	j.queue[0] = nil
	j.queue = j.queue[1:]
	return it
}

// due moves delayed items whose time has come to the front of the queue and
// gives the earliest time of the others.
func (j *job) due(now time.Time) (next time.Time) {
	var ready, wait []*item
	for _, it := range j.delayed {
		if it.after.After(now) {
			wait = append(wait, it)
			if next.IsZero() || it.after.Before(next) {
				next = it.after
			}
			continue
		}
		ready = append(ready, it)
	}
	j.delayed = wait
	if len(ready) > 0 {
		j.queue = append(ready, j.queue...)
	}
	return next
}

// keep counts what an item that is not running has done so far.
func (j *job) keep(it *item, n int64) {
	j.kept += n - it.kept
	it.kept = n
	it.done.Store(n)
}

// unkeep ends keep, when the item runs again or has ended.
func (j *job) unkeep(it *item) {
	j.kept -= it.kept
	it.kept = 0
}

// hadBefore counts what an earlier run has done of an item, in place of what was
// counted of it.
func (j *job) hadBefore(it *item, s amount) {
	if it.src.IsDir() {
		return
	}
	j.before.files += s.files - it.before.files
	j.before.bytes += s.bytes - it.before.bytes
	it.before = s
}

// whole is all of a file.
func (it *item) whole() amount { return amount{files: 1, bytes: it.size()} }

// bytes is what has been transferred, with the unfinished files.
func (j *job) bytes() int64 {
	n := j.bytesDone + j.kept
	for it := range j.active {
		n += it.done.Load()
	}
	return n
}

// checked counts files that have arrived by the way they were checked.
func (j *job) checked(v backend.Verification, by string, files int) {
	j.weakest(v, by)
	for i := range j.checks {
		if c := &j.checks[i]; c.Verified == v && c.By == by {
			c.Files += files
			return
		}
	}
	j.checks = append(j.checks, backend.CheckTally{Verified: v, By: by, Files: files})
}

// unchecked forgets how the finished files were checked.
func (j *job) unchecked() {
	j.checks = nil
	j.judge()
}

// tally is how the finished files were checked, most first, and how many of them a
// checksum proved.
func (j *job) tally() (checks []backend.CheckTally, proven int) {
	for _, c := range j.checks {
		if c.Verified == backend.Verified {
			proven += c.Files
		}
	}
	checks = slices.Clone(j.checks)
	mostFirst(checks)
	return checks, proven
}

func mostFirst(checks []backend.CheckTally) {
	slices.SortStableFunc(checks, func(a, b backend.CheckTally) int { return cmp.Compare(b.Files, a.Files) })
}

// weakest keeps the weakest verdict of the files.
func (j *job) weakest(v backend.Verification, by string) {
	if v == backend.Unverified {
		return
	}
	rank := func(v backend.Verification) int {
		return [...]int{1, 2, 3, 0}[v] // mismatch is the worst
	}
	if !j.judged || rank(v) < rank(j.verified) {
		j.verified, j.by, j.judged = v, by, true
		return
	}
	if v == j.verified && j.by == "" {
		j.by = by
	}
}

// judge finds the weakest verdict anew: a file that had it may be moved again.
func (j *job) judge() {
	j.judged, j.verified, j.by = false, backend.Unverified, ""
	for _, c := range j.checks {
		j.weakest(c.Verified, c.By)
	}
	for _, it := range j.failed {
		if it.verified == backend.Mismatch {
			j.weakest(it.verified, it.by)
		}
	}
}

// label names the first source and says how many others there are.
func (j *job) label() string {
	src := j.req.Sources[0]
	first := src.Name
	switch {
	case first != "":
	case j.req.Direction == backend.Upload:
		first = filepath.Base(src.Path)
	default:
		first = pathutil.Base(src.Path)
	}
	if src.IsDir() {
		first += "/"
	}
	n, others := len(j.req.Sources)-1, "others"
	switch n {
	case 0:
		return first
	case 1:
		others = "other"
	}
	return fmt.Sprintf("%s and %d %s", first, n, others)
}

// origin is the folder that all sources of a request are in, somewhere below.
func origin(req *backend.TransferRequest) backend.Location {
	at, dir := backend.Location{Side: backend.Remote}, pathutil.Dir
	if req.Direction == backend.Upload {
		at.Side, dir = backend.Local, filepath.Dir
	}
	at.Path = dir(req.Sources[0].Path)
	for _, src := range req.Sources[1:] {
		for up := dir(src.Path); up != at.Path && len(at.Path) > len(dir(at.Path)); {
			if len(up) > len(at.Path) {
				up = dir(up)
			} else {
				at.Path = dir(at.Path)
			}
		}
	}
	return at
}
