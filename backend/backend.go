// Package backend is the nouns: entries, users, groups, automations, runs,
// pages, transfer snapshots, credentials, and the one error type. Plain values,
// no I/O.
package backend

import "time"

// Kind tells a file from a folder.
type Kind uint8

// The kinds of an Entry.
const (
	File Kind = iota
	Folder
)

// Side names the two worlds that a pane can show and a transfer can join.
type Side uint8

// The sides.
const (
	Remote Side = iota // the Files.com site
	Local              // this machine's file system
)

// String gives the word used on the screen and in JSON.
func (s Side) String() string {
	if s == Local {
		return "local"
	}
	return "remote"
}

// Location is a path on one side. Remote paths are in identity form, without a
// leading slash (PROTOCOL.md 14); local paths are absolute and in the system's
// own form.
type Location struct {
	Side Side
	Path string
}

// Entry is one row of a folder listing, remote or local (PROTOCOL.md 8).
type Entry struct {
	Path        string // identity form for remote entries, absolute for local ones
	Name        string // the last element, as the site or the disk spells it
	Kind        Kind
	Size        int64     // bytes; -1 when the source does not say (folders)
	Modified    time.Time // provided_mtime if a client set one, else mtime; UTC
	Created     time.Time // zero when unknown (mount points)
	Permissions string    // letters as sent: l list, r read, w write, d delete
	Checksums   Checksums
	MIME        string
	Region      string
	Priority    string // priority colour, "" when none or not asked for
	Locked      bool   // is_locked: a folder setting forbids changes
	Link        bool   // local only: a symbolic link
	Special     bool   // local only: neither file nor folder, but a pipe, a socket, a device, or a link to nothing
	ETag        string // identity of the content where the source gives one
	DownloadURI string // signed and short-lived; only in answers to a download
}

// IsDir tells whether the entry is a folder.
func (e Entry) IsDir() bool { return e.Kind == Folder }

// Checksums are lower-case hex digests; an empty one has not been computed by
// the site (it fills them in some time after an upload).
type Checksums struct {
	CRC32, MD5, SHA1, SHA256 string
}

// Page is one page of a list. Next is the cursor of the page after it and empty
// at the end (PROTOCOL.md 5).
type Page[T any] struct {
	Items []T
	Next  string
	Prev  string
}

// FilterOp is one of the six comparisons that lists understand.
type FilterOp uint8

// The comparisons, with the parameter that carries each.
const (
	Equal        FilterOp = iota // filter
	Prefix                       // filter_prefix
	Greater                      // filter_gt
	GreaterEqual                 // filter_gteq
	Less                         // filter_lt
	LessEqual                    // filter_lteq
)

// Param is the name of the query parameter that carries the comparison.
func (o FilterOp) Param() string {
	return [...]string{"filter", "filter_prefix", "filter_gt", "filter_gteq", "filter_lt", "filter_lteq"}[o]
}

// Sign is how the comparison is written on the screen.
func (o FilterOp) Sign() string {
	return [...]string{"=", "starts with", ">", "≥", "<", "≤"}[o]
}

// Filter narrows a list by one field. Values travel as strings for every type
// (PROTOCOL.md 5).
type Filter struct {
	Op    FilterOp
	Field string
	Value string
}

// Query is what a list call may ask for. Which fields are legal, alone and
// together, is told by package catalog; the client refuses the others before
// the request.
type Query struct {
	Cursor  string
	PerPage int    // 0 leaves the choice to the site
	SortBy  string // field name, "" for the site's own order
	Desc    bool
	Filters []Filter
}

// FolderQuery is what a folder listing may ask for besides paging and sort
// (PROTOCOL.md 8).
type FolderQuery struct {
	Query
	Type      string // "", "file" or "folder"
	Search    string
	SearchAll bool
	Recursive bool
}

// Migration is a copy, move or delete that the site carries out by itself
// (PROTOCOL.md 11). A small one finishes at once and has ID 0.
type Migration struct {
	ID         int64
	Status     MigrationStatus
	Operation  string
	Path       string
	DestPath   string
	FilesMoved int64
	FilesTotal int64
	Failure    string
}

// MigrationStatus is the state of a Migration.
type MigrationStatus string

// The states on the wire. Some sources write "complete"; it is read as
// MigrationCompleted.
const (
	MigrationPending    MigrationStatus = "pending"
	MigrationInProgress MigrationStatus = "in_progress"
	MigrationCompleted  MigrationStatus = "completed"
	MigrationFailed     MigrationStatus = "failed"
)

// Done tells whether the migration has ended, well or not.
func (m Migration) Done() bool {
	return m.Status == MigrationCompleted || m.Status == MigrationFailed
}
