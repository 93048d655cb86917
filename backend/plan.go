package backend

import "time"

// SyncMode says which side of a comparison is brought in line with the other.
type SyncMode string

// The modes.
const (
	SyncPush SyncMode = "push" // this machine is right
	SyncPull SyncMode = "pull" // the site is right
	SyncBoth SyncMode = "both" // what is new or newer goes to the other side
)

// CompareBy says what makes two files the same.
type CompareBy string

// The comparisons.
const (
	ByTime CompareBy = "time" // size and modification time, to the second
	ByHash CompareBy = "hash" // checksums; size and time where the site has none
)

// SyncRequest asks for a comparison of two folders.
type SyncRequest struct {
	Local  string    `json:"local"`  // absolute, in the system's own form
	Remote string    `json:"remote"` // identity form
	Mode   SyncMode  `json:"mode"`
	Mirror bool      `json:"mirror"` // plan the deletion of what only the target has
	By     CompareBy `json:"by"`
	Ignore []string  `json:"ignore,omitempty"` // as in TransferRequest, from both folders
}

// PlanKind is what the comparison found about one path.
type PlanKind string

// The findings.
const (
	PlanNew      PlanKind = "new"      // the target does not have it
	PlanChanged  PlanKind = "changed"  // the target has another content
	PlanExtra    PlanKind = "extra"    // only the target has it
	PlanConflict PlanKind = "conflict" // a person has to look at it
	PlanSame     PlanKind = "same"
)

// PlanAction is what running the plan does to one path.
type PlanAction string

// The actions.
const (
	PlanNothing      PlanAction = ""
	PlanUpload       PlanAction = "upload"
	PlanDownload     PlanAction = "download"
	PlanDeleteLocal  PlanAction = "delete-local"
	PlanDeleteRemote PlanAction = "delete-remote"
)

// Deletes tells whether the action removes something.
func (a PlanAction) Deletes() bool { return a == PlanDeleteLocal || a == PlanDeleteRemote }

// Stamp is what a side held when the plan was made.
type Stamp struct {
	Name     string    `json:"name"` // slash-separated, below the folder of the side
	Size     int64     `json:"size"` // bytes; -1 for folders
	Modified time.Time `json:"modified,omitzero"`
	ETag     string    `json:"etag,omitempty"` // identity of the content, as far as the side tells
}

// PlanItem is one line of a plan.
type PlanItem struct {
	Kind   PlanKind   `json:"kind"`
	Action PlanAction `json:"action,omitempty"`
	Name   string     `json:"name"` // below both folders, as its source spells it
	Folder bool       `json:"folder,omitempty"`
	Reason string     `json:"reason,omitempty"`
	On     bool       `json:"on"`                    // ticked: the action will be carried out
	Target string     `json:"target,omitempty"`      // where a transfer puts it, as that side spells it
	Stuck  bool       `json:"stuck,omitempty"`       // no action can help: something has to change first
	Unread bool       `json:"unread,omitempty"`      // the comparison could not read it: nothing is known of what is in it
	NoSum  bool       `json:"no_checksum,omitempty"` // compared by size and time instead of by hash: the site has no checksum of it
	Local  *Stamp     `json:"local,omitempty"`       // nil when that side has nothing
	Remote *Stamp     `json:"remote,omitempty"`
	Err    error      `json:"-"` // why it could not be read; nil when it was another program that tried
}

// Size is the number of bytes that the item's action moves or frees.
func (i PlanItem) Size() int64 {
	s := i.Local
	if i.Action == PlanDownload || i.Action == PlanDeleteRemote || s == nil {
		s = i.Remote
	}
	if s == nil {
		return 0
	}
	return max(s.Size, 0)
}

// Choose gives the item another action: the upload or download that makes one
// side like the other, or nothing. why says what is against it, "" for nothing.
// Deletions cannot be chosen; only a mirror plans them.
func (i PlanItem) Choose(a PlanAction) (chosen PlanItem, why string) {
	from, to := i.Local, i.Remote
	if a == PlanDownload {
		from, to = to, from
	}
	switch {
	case a == PlanNothing:
		i.On = false
		return i, ""
	case i.Stuck:
		return i, i.Reason
	case a.Deletes():
		return i, "only a mirror deletes"
	case from == nil && a == PlanUpload:
		return i, "this machine does not have it"
	case from == nil:
		return i, "the site does not have it"
	case i.Kind == PlanSame:
		return i, "both sides are the same"
	}
	i.Action, i.On = a, true
	if to != nil {
		i.Target = to.Name
	}
	return i, ""
}

// SyncProgress is how far a comparison has come.
type SyncProgress struct {
	LocalFiles, LocalFolders   int
	RemoteFiles, RemoteFolders int
	HashedFiles                int
	HashedBytes, HashBytes     int64 // read so far, and to be read; 0 when nothing is hashed
}

// Entries is the number of files and folders that were found so far.
func (p SyncProgress) Entries() int {
	return p.LocalFiles + p.LocalFolders + p.RemoteFiles + p.RemoteFolders
}

// TypePlanChanged is the type of the error about something that is no longer
// what a plan saw, and was not touched.
const TypePlanChanged = "local/plan-changed"

// PlanChange is a ticked item that is no longer what the plan says.
type PlanChange struct {
	Item int    // index in the plan
	Why  string // in words
}

// PlanResult is what became of a ticked item.
type PlanResult struct {
	Item     int      // index in the plan
	State    JobState // done, failed, or cancelled when it was left as it is
	Verified Verification
	Note     string
	Err      error
}

// CutOffPlan is a sync that a program had begun and did not end: what it was to
// delete afterwards may still be there.
type CutOffPlan struct {
	File          string // holds the plan as it was ticked
	Local, Remote string // its folders
	Deletions     int    // that were due when it began
}

// Plan is a comparison that can be read, ticked, kept and carried out. Items
// are in the order of their paths, a folder before what is in it.
type Plan struct {
	Version int         `json:"version"`
	Site    string      `json:"site"` // names site and user, as the journal does
	Made    time.Time   `json:"made"`
	Request SyncRequest `json:"request"`
	Items   []PlanItem  `json:"items"`
}

// PlanVersion is the form of plans that this program writes and reads.
const PlanVersion = 1

// PlanTotals counts the ticked items of a plan, and what was found.
type PlanTotals struct {
	Uploads, Downloads, Deletions int
	Bytes                         int64 // to be moved
	Found                         map[PlanKind]int
}

// NoSums counts the files that a comparison by hash could compare by size and time
// only, because the site has no checksum of them.
func (p Plan) NoSums() int {
	n := 0
	for _, i := range p.Items {
		if i.NoSum {
			n++
		}
	}
	return n
}

// Totals counts.
func (p Plan) Totals() PlanTotals {
	t := PlanTotals{Found: map[PlanKind]int{}}
	for _, i := range p.Items {
		t.Found[i.Kind]++
		switch {
		case !i.On:
		case i.Action.Deletes():
			t.Deletions++
		case i.Action == PlanUpload:
			t.Uploads++
			t.Bytes += i.Size()
		case i.Action == PlanDownload:
			t.Downloads++
			t.Bytes += i.Size()
		}
	}
	return t
}
