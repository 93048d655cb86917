package backend

import "time"

// Direction tells which way the bytes of a transfer flow.
type Direction uint8

// The directions.
const (
	Upload Direction = iota
	Download
)

// JobID names a transfer job; it is unique for the life of the journal.
type JobID int64

// JobState is the state of a transfer job or of one of its items.
type JobState uint8

// The states: queued → scanning → running ⇄ paused → done | failed | cancelled.
// Parked is paused by circumstance: the session ended or the site cannot be
// reached.
const (
	JobQueued JobState = iota
	JobScanning
	JobRunning
	JobPaused
	JobParked
	JobDone
	JobFailed
	JobCancelled
)

// String gives the word used on the screen and in JSON.
func (s JobState) String() string {
	return [...]string{"queued", "scanning", "running", "paused", "parked", "done", "failed", "cancelled"}[s]
}

// Ended tells whether nothing more will happen by itself.
func (s JobState) Ended() bool { return s == JobDone || s == JobFailed || s == JobCancelled }

// Verification says how a finished file was checked.
type Verification uint8

// The verdicts, weakest first.
const (
	Unverified Verification = iota
	SizeOnly                // length compared; the site offered no checksum
	Verified                // a checksum was compared and agreed
	Mismatch                // a checksum was compared and differed
)

// String gives the word used on the screen and in JSON.
func (v Verification) String() string {
	return [...]string{"unverified", "size only", "verified", "mismatch"}[v]
}

// Conflict is what to do when the target exists.
type Conflict uint8

// The conflict policies.
const (
	Ask Conflict = iota
	Overwrite
	Skip
	Newer    // overwrite only when the source is newer
	KeepBoth // give the new file a free name
	Resume   // go on with a partial target
)

// String gives the word used on the screen and in flags.
func (c Conflict) String() string {
	return [...]string{"ask", "overwrite", "skip", "newer", "keep-both", "resume"}[c]
}

// Rehearsal is what a transfer would do.
type Rehearsal struct {
	Items [][]PlanItem // by source, each in the order of its paths; names begin with that of the source
	Links int          // symbolic links that would be left out
}

// DiskNames says which names a folder of this machine can hold.
type DiskNames struct {
	// System is the system whose rules hold (reserved names, refused characters,
	// length), as in runtime.GOOS.
	System      string
	IgnoresCase bool // names that differ in case only are one
}

// TransferRequest asks the engine to move entries into a folder of the other
// side. The destination is frozen when the request is made.
type TransferRequest struct {
	Direction Direction
	Sources   []Entry  // files or folders of the source side
	Target    Location // the folder to put them in
	Conflict  Conflict
	Move      bool // delete each source after it is verified

	Ignore      []string // patterns of what is left out, as in gitignore, from each source folder; e.g. "*.tmp", "/build/"
	FollowLinks bool     // go through symbolic links below a source; else they are left out
	NoWait      bool     // content with the length where the site has not computed the checksums yet
	Planned     bool     // its items come from a Plan; the one source is the plan's folder
}

// TypeTransferOpen is the type of the refusal of a request of which a source is
// on its way into the same folder already, under the same name. Its cause is an
// *OpenTransfer.
const TypeTransferOpen = "local/transfer-open"

// TypeUndecided is the type of the failure of a file about whose target a person
// would have to decide, where nobody is.
const TypeUndecided = "local/undecided"

// OpenTransfer names a transfer that has not ended yet, in whose way a new one
// would be.
type OpenTransfer struct {
	Job   JobID
	Label string // as in its JobSnapshot
	State JobState
}

// Error tells how the transfer stands.
func (o *OpenTransfer) Error() string {
	how := "is running"
	switch o.State {
	case JobPaused:
		how = "is paused"
	case JobQueued, JobParked:
		how = "waits"
	case JobRunning, JobScanning, JobDone, JobFailed, JobCancelled:
	}
	return "the transfer of " + o.Label + " " + how
}

// TransferSnapshot is everything a screen needs to draw the queue. The engine
// publishes one at most ten times a second, only when something changed, and
// always the last.
type TransferSnapshot struct {
	Seq      uint64 // grows with every snapshot
	Jobs     []JobSnapshot
	Running  int // jobs by state
	Waiting  int
	Failed   int
	UpRate   float64 // bytes per second, smoothed
	DownRate float64
	Parked   string // why the queue as a whole stands still, "" when it does not
	ParkedBy error  // while Parked: the newest failure of the site that it is for; nil when somebody has parked it
	Refused  error  // while Parked: the site's refusal, when nothing works until somebody logs in
	Unkept   error  // why the journal lost something: after a restart, work is done again; nil when it has all

	TryAgain     time.Duration // while Parked: until the site is asked again; 0 when that is up to a person
	Hold         time.Duration // how long the site still asks everybody to wait (429, 503); 0 for not at all
	HeldBy       error         // what the site has put somebody off with last (429, 503); nil when it never has
	Through      time.Time     // when bytes have come through last; zero when none have
	Limit        int64         // bytes per second of all transfers together; 0 is no limit
	Requests     int           // data requests that may run at a time now
	MostRequests int           // the bound on them that a person has set; 0 for none
}

// Active tells whether any job still has work.
func (s TransferSnapshot) Active() bool { return s.Running+s.Waiting > 0 }

// JobSnapshot is one row of the queue.
type JobSnapshot struct {
	ID        JobID
	Direction Direction
	From, To  Location
	Label     string // the name of the single source, or "drafts and 3 others"
	State     JobState
	Scanning  bool // totals are "at least" while true
	Planned   bool // it carries out a Plan
	Move      bool // each source is deleted once it is verified
	Checking  bool // what has arrived is compared once more, and nothing moved

	// Waiting is a running job none of whose files has a request under way: others
	// have all that may run at a time, or the limit.
	Waiting bool

	// Interrupted is a paused job that the end of an earlier program stopped; a
	// person has not paused it.
	Interrupted bool

	FilesDone, FilesTotal     int
	FilesFailed, FilesSkipped int
	Asking                    int // files that wait for an answer about their existing target
	Held                      int // files that a person has paused one by one
	Links                     int // symbolic links below the sources that were left out
	BytesDone, BytesTotal     int64

	// What an earlier run had done of FilesDone and BytesDone: it is not moved
	// again. The bytes are also those of files that were begun.
	FilesBefore int
	BytesBefore int64

	// Cut are those of Resent that the pause of a transfer has broken off: they
	// had gone over the line, belong to no finished part, and are moved again.
	Cut int64

	// Resent are bytes that were moved in vain since the program began, so that
	// they had to be moved again: of broken connections, changed sources, damage.
	// What an earlier program had under way when it was killed is not among them.
	Resent int64

	Rate           float64       // bytes per second, smoothed
	Left           time.Duration // estimate; negative when unknown
	Verified       Verification  // weakest verdict of its finished files
	VerifiedBy     string        // "MD5", "CRC32", "SHA-256", "" for none
	FilesVerified  int           // those of them that a checksum proved
	Checks         []CheckTally  // how its finished files were checked, most first
	Started, Ended time.Time
	Err            error // why the job, or the first failed item, failed

	Items []ItemSnapshot // files in flight, that wait, paused, that ask, failed; bounded
}

// ItemSnapshot is one file of a job.
type ItemSnapshot struct {
	ID       int64  // unique within the job
	Name     string // path below the job's source folder
	State    JobState
	Waiting  bool // it is running, and none of its requests has had its turn for a while
	Done     int64
	Size     int64
	Rate     float64
	Verified Verification
	By       string // the checksum that was compared, "" for none
	Note     string // e.g. "part 14 of 160", "waits 3 s", "name changed to …"
	Err      error
	Existing *Entry // the target that is in the way while the item waits for an answer
	Source   *Entry // and what would replace it
	Foreign  string // why one cannot go on behind the target, found by trying it; "" else
}

// FilesOnly chooses among the files of a transfer.
type FilesOnly uint8

// The choices.
const (
	AllFiles      FilesOnly = iota
	UnprovenFiles           // arrived, but no checksum agreed
	FailedFiles
	OpenFiles    // not there yet
	LeftOutFiles // by a policy, a pattern of a plan, or by hand
	ProvenFiles  // arrived, and a checksum agreed
)

// FilesQuery asks for some files of a transfer.
type FilesQuery struct {
	Only   FilesOnly
	Cursor string // Next of the page before; "" for the first
	Limit  int    // most files of the page; 0 is 500
}

// JobFiles is a page of the files of a transfer as they stood when it was read:
// those that failed first, then those that no checksum has proved, those to come,
// those left out, and those that are verified. It does not know how far the ones
// under way are; the snapshot does.
type JobFiles struct {
	Page[ItemSnapshot]
	Tally FileTally // of all files of the transfer
}

// FileTally counts the files of a transfer.
type FileTally struct {
	Open, Failed, LeftOut int
	Checks                []CheckTally // of those that arrived, most first
}

// CheckTally is how many files were checked in one way.
type CheckTally struct {
	Verified Verification
	By       string // the checksum, "" for none
	Files    int
}
