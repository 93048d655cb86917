package headless

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"ferry/backend"
)

// event is one line of JSON. Which fields are there depends on the event; sizes
// are bytes, names raw.
type event struct {
	Event string `json:"event"` // scan, file, plan, changed, delete, migration, failed, waiting, warning, summary, error

	Name     string `json:"name,omitempty"`
	Action   string `json:"action,omitempty"`
	Kind     string `json:"kind,omitempty"`
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
	Reason   string `json:"reason,omitempty"`
	State    string `json:"state,omitempty"`
	Size     *int64 `json:"size,omitempty"`
	Verified string `json:"verified,omitempty"`
	By       string `json:"by,omitempty"` // of a summary: when it was the only one
	Note     string `json:"note,omitempty"`

	Resumed bool   `json:"resumed,omitempty"` // goes on with an earlier run
	Files   *int   `json:"files,omitempty"`
	Folders *int   `json:"folders,omitempty"`
	Done    *int   `json:"files_done,omitempty"`
	Failed  *int   `json:"files_failed,omitempty"`
	Skipped *int   `json:"files_skipped,omitempty"`
	Bytes   *int64 `json:"bytes,omitempty"`
	Before  *int   `json:"files_before,omitempty"` // of those done: by the earlier run
	Kept    *int64 `json:"bytes_before,omitempty"` // of the bytes, also those of begun files
	Resent  *int64 `json:"bytes_resent,omitempty"` // moved in vain, and again
	Checks  []way  `json:"checks,omitempty"`       // how the files that arrived were checked
	Links   int    `json:"links_skipped,omitempty"`

	Uploads   *int   `json:"uploads,omitempty"` // of a plan
	Downloads *int   `json:"downloads,omitempty"`
	Deletions *int   `json:"deletions,omitempty"`
	Conflicts *int   `json:"conflicts,omitempty"`   // of a sync: left as they are
	NoSum     *int   `json:"no_checksum,omitempty"` // of a sync by hash: files compared by size and time
	Deleted   *int   `json:"files_deleted,omitempty"`
	Unread    *int   `json:"unread,omitempty"` // folders and files that could not be read
	Moved     *int64 `json:"files_moved,omitempty"`
	Total     *int64 `json:"files_total,omitempty"`
	ID        int64  `json:"migration,omitempty"`

	Exit  *int     `json:"exit_code,omitempty"` // of the last line
	Error *failure `json:"error,omitempty"`
}

// emit writes an event; without JSON it does nothing.
func (o Output) emit(e event) error {
	if !o.JSON {
		return nil
	}
	enc := json.NewEncoder(o.W)
	enc.SetEscapeHTML(false)
	return enc.Encode(e)
}

// sumUp keeps a summary until the command ends; it is the last line.
func (o Output) sumUp(e event) {
	if o.end != nil {
		*o.end = e
	}
}

// say writes a line for people beside the results, over the line of progress.
func (o Output) say(format string, args ...any) {
	if o.Err == nil {
		return
	}
	o.wipe()
	fmt.Fprintf(o.Err, format+"\n", args...)
}

// print writes a line of the results for people.
func (o Output) print(format string, args ...any) error {
	if o.JSON {
		return nil
	}
	o.wipe()
	_, err := fmt.Fprintf(o.W, format+"\n", args...)
	return err
}

// live shows one line of progress in place of the one before. It is short
// enough for any terminal: numbers, no names.
func (o Output) live(line string) {
	if o.Live {
		fmt.Fprint(o.Err, "\r\x1b[K", line)
	}
}

// wipe takes the line of progress away.
func (o Output) wipe() { o.live("") }

// tape keeps the files that have ended until they are written. The engine's
// owner records and never waits.
type tape struct {
	mu    sync.Mutex
	items []backend.ItemSnapshot
	ready chan struct{} // holds one mark while there are items
}

func newTape() *tape { return &tape{ready: make(chan struct{}, 1)} }

func (t *tape) record(_ backend.JobID, i backend.ItemSnapshot) {
	t.mu.Lock()
	t.items = append(t.items, i)
	t.mu.Unlock()
	select {
	case t.ready <- struct{}{}:
	default:
	}
}

func (t *tape) take() []backend.ItemSnapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	items := t.items
	t.items = nil
	return items
}

// fileEvent describes a file that has ended.
func fileEvent(i backend.ItemSnapshot) event {
	e := event{Event: "file", Name: i.Name, State: i.State.String(), Note: i.Note, Error: failureOf(i.Err)}
	if i.Size >= 0 {
		e.Size = &i.Size
	}
	switch i.State {
	case backend.JobDone:
		e.Verified, e.By = i.Verified.String(), i.By
	case backend.JobCancelled:
		e.State = "skipped"
	case backend.JobFailed:
		if i.Verified == backend.Mismatch {
			e.Verified, e.By = i.Verified.String(), i.By
		}
	default:
	}
	return e
}

// total adds the jobs of a command up.
type total struct {
	files, done, failed, skipped int
	links, before                int
	bytes, size, resent, kept    int64
	rate                         float64
	left                         time.Duration
	scanning                     bool
	ended                        bool
	parked                       string
	hold                         time.Duration // until the site may be asked again
	through                      time.Time     // when bytes have come through last
	parkedBy, heldBy             error
	refused, unkept              error
	err                          error
	verified                     backend.Verification
	judged                       bool
	checks                       []way
}

// way is how many files were checked in one way.
type way struct {
	Verified string `json:"verified"`
	By       string `json:"by,omitempty"` // the checksum
	Files    int    `json:"files"`
}

// check counts files that were checked in one way.
func (t *total) check(c backend.CheckTally) {
	for i := range t.checks {
		if w := &t.checks[i]; w.Verified == c.Verified.String() && w.By == c.By {
			w.Files += c.Files
			return
		}
	}
	t.checks = append(t.checks, way{Verified: c.Verified.String(), By: c.By, Files: c.Files})
}

// by is the checksum when there was only one.
func (t total) by() string {
	if len(t.checks) == 1 {
		return t.checks[0].By
	}
	return ""
}

// checked says how the files that arrived were checked: in one way, or how many in
// each, most first.
func (t total) checked() string {
	var s []string
	for _, w := range t.checks {
		say := w.Verified
		if w.By != "" {
			say += " by " + w.By
		}
		if len(t.checks) > 1 {
			say = humanize.Comma(int64(w.Files)) + " " + say
		}
		s = append(s, say)
	}
	return strings.Join(s, ", ")
}

func totalOf(s backend.TransferSnapshot, ids map[backend.JobID]bool) total {
	t := total{
		ended: true, parked: s.Parked, parkedBy: s.ParkedBy, refused: s.Refused, unkept: s.Unkept,
		hold: s.Hold, heldBy: s.HeldBy, through: s.Through,
	}
	for _, j := range s.Jobs {
		if !ids[j.ID] {
			continue
		}
		t.files += j.FilesTotal
		t.done += j.FilesDone
		t.failed += j.FilesFailed
		t.skipped += j.FilesSkipped
		t.links += j.Links
		t.bytes += j.BytesDone
		t.resent += j.Resent
		t.before += j.FilesBefore
		t.kept += j.BytesBefore
		t.size += j.BytesTotal
		t.rate += j.Rate
		t.left = max(t.left, j.Left)
		t.scanning = t.scanning || j.Scanning
		t.ended = t.ended && j.State.Ended()
		if t.err == nil && j.State == backend.JobFailed {
			t.err = j.Err
			if t.err == nil {
				t.err = errors.New("some files were not transferred")
			}
		}
		if j.FilesDone > 0 && (!t.judged || worse(j.Verified, t.verified)) {
			t.verified, t.judged = j.Verified, true
		}
		for _, c := range j.Checks {
			t.check(c)
		}
	}
	slices.SortStableFunc(t.checks, func(a, b way) int { return cmp.Compare(b.Files, a.Files) })
	return t
}

// worse compares verdicts; a mismatch is the worst.
func worse(a, b backend.Verification) bool { return (a+1)%4 < (b+1)%4 }

// size writes a number of bytes in decimal units, as the screens do.
func size(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }

// line is the progress for people.
func (t total) line() string {
	least := ""
	if t.scanning {
		least = "at least "
	}
	s := fmt.Sprintf("%s of %s%s files, %s", humanize.Comma(int64(t.done)), least, humanize.Comma(int64(t.files)), size(t.bytes))
	over := !t.scanning && t.size > 0 && t.bytes >= t.size
	if !over {
		s += " of " + size(t.size)
	}
	switch {
	case t.parked != "":
		return s + "; waits"
	case t.hold > 0: // its old rate says nothing
		return s + fmt.Sprintf("; waits %.0f s", math.Ceil(t.hold.Seconds()))
	case over:
		return s + "; being finished and checked"
	case t.rate > 0:
		s += fmt.Sprintf(", %s/s", size(int64(t.rate)))
		if !t.scanning && t.left > 0 {
			s += ", " + t.left.Round(time.Second).String() + " left"
		}
	}
	return s
}

// sum is what is said at the end.
func (t total) sum() string {
	s := fmt.Sprintf("%s files, %s", humanize.Comma(int64(t.done)), size(t.bytes))
	if t.done == 1 {
		s = "1 file, " + size(t.bytes)
	}
	if how := t.checked(); how != "" {
		s += ", " + how
	}
	if was := t.already(); was != "" {
		s += "; there already: " + was
	}
	if t.skipped > 0 {
		s += fmt.Sprintf("; %s skipped", humanize.Comma(int64(t.skipped)))
	}
	if t.links > 0 {
		s += "; " + english.Plural(t.links, "link", "") + " left out"
	}
	if t.resent > 0 {
		s += fmt.Sprintf("; %s moved again", size(t.resent))
	}
	if t.failed > 0 {
		s += fmt.Sprintf("; %s failed", humanize.Comma(int64(t.failed)))
	}
	return s
}

// already is what an earlier run had moved, "" for nothing.
func (t total) already() string {
	var s []string
	if t.before > 0 {
		s = append(s, counted(t.before, "file", "files"))
	}
	if t.kept > 0 {
		s = append(s, size(t.kept))
	}
	return strings.Join(s, ", ")
}

func (t total) event(state string, resumed bool) event {
	e := event{
		Event: "summary", State: state, Resumed: resumed,
		Files: &t.files, Done: &t.done, Failed: &t.failed, Skipped: &t.skipped, Bytes: &t.bytes,
		Resent: &t.resent, Links: t.links, Checks: t.checks,
	}
	if resumed || t.before > 0 || t.kept > 0 {
		e.Before, e.Kept = &t.before, &t.kept
	}
	if t.judged {
		e.Verified, e.By = t.verified.String(), t.by()
	}
	return e
}

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return humanize.Comma(int64(n)) + " " + many
}
