package backend

import "time"

// The nouns of this file carry the name of each field on the wire in their api
// tag (PROTOCOL.md 12 and 13). Times are zero and ids 0 when the site sends
// null.

// APIKey is a key to the site. The key itself is only in the answer to its
// creation.
type APIKey struct {
	ID            int64     `api:"id"`
	Name          string    `api:"name"`
	Description   string    `api:"description"`
	Key           string    `api:"key"`            // a secret; "" except right after the creation
	PermissionSet string    `api:"permission_set"` // none, full, desktop_app, sync_app, office_integration, mobile_app, files_only
	Path          string    `api:"path"`           // the only folder it opens, "" for all
	UserID        int64     `api:"user_id"`        // 0 for a key of the whole site
	CreatedAt     time.Time `api:"created_at"`
	ExpiresAt     time.Time `api:"expires_at"`
	LastUseAt     time.Time `api:"last_use_at"` // refreshed once in three hours
}

// PublicKey is an SSH key of a user.
type PublicKey struct {
	ID          int64     `api:"id"`
	Title       string    `api:"title"`
	Fingerprint string    `api:"fingerprint_sha256"`
	Status      string    `api:"status"`
	UserID      int64     `api:"user_id"`
	Username    string    `api:"username"`
	CreatedAt   time.Time `api:"created_at"`
	ExpiresAt   time.Time `api:"expires_at"`
	LastLoginAt time.Time `api:"last_login_at"`
	Private     string    `api:"generated_private_key"` // a secret; only in the answer that generated it
	Public      string    `api:"generated_public_key"`
}

// Membership is a user's place in a group.
type Membership struct {
	ID        int64  `api:"id"`
	GroupID   int64  `api:"group_id"`
	GroupName string `api:"group_name"`
	UserID    int64  `api:"user_id"`
	Username  string `api:"username"`
	Admin     bool   `api:"admin"`
}

// Permission is what a user or a group may do at a path.
type Permission struct {
	ID         int64  `api:"id"`
	Path       string `api:"path"`
	UserID     int64  `api:"user_id"`
	Username   string `api:"username"`
	GroupID    int64  `api:"group_id"`
	GroupName  string `api:"group_name"`
	Permission string `api:"permission"` // admin, full, bundle, writeonly, readonly, list, history
	Recursive  bool   `api:"recursive"`
}

// Bundle is a share link. Paths are not in lists.
type Bundle struct {
	ID                int64     `api:"id"`
	Code              string    `api:"code"`
	URL               string    `api:"url"`
	Description       string    `api:"description"`
	InternalName      string    `api:"internal_name"`
	Note              string    `api:"note"`
	Paths             []string  `api:"paths"`
	Permissions       string    `api:"permissions"` // read, write, read_write, full, none, preview_only
	PasswordProtected bool      `api:"password_protected"`
	HasInbox          bool      `api:"has_inbox"`
	MaxUses           int64     `api:"max_uses"`
	UserID            int64     `api:"user_id"`
	Username          string    `api:"username"`
	CreatedAt         time.Time `api:"created_at"`
	ExpiresAt         time.Time `api:"expires_at"`
}

// Lock is a WebDAV lock. It is advisory: it does not keep other calls away.
type Lock struct {
	Path      string `api:"path"`
	Token     string `api:"token"`
	Owner     string `api:"owner"`
	Scope     string `api:"scope"` // shared, exclusive
	Depth     string `api:"depth"`
	Timeout   int64  `api:"timeout"` // seconds
	Recursive bool   `api:"recursive"`
	Exclusive bool   `api:"exclusive"`
	AnyUser   bool   `api:"allow_access_by_any_user"`
	UserID    int64  `api:"user_id"`
	Username  string `api:"username"`
}

// Restore brings deleted files or users back (PROTOCOL.md 11).
type Restore struct {
	ID            int64     `api:"id"`
	EarliestDate  time.Time `api:"earliest_date"`
	Prefix        string    `api:"prefix"`
	Type          string    `api:"restoration_type"` // files, users
	InPlace       bool      `api:"restore_in_place"`
	Status        string    `api:"status"`
	DirsRestored  int64     `api:"dirs_restored"`
	DirsTotal     int64     `api:"dirs_total"`
	FilesRestored int64     `api:"files_restored"`
	FilesErrored  int64     `api:"files_errored"`
	FilesTotal    int64     `api:"files_total"`
	UsersRestored int64     `api:"users_restored"`
	UsersTotal    int64     `api:"users_total"`
	ErrorMessages []string  `api:"error_messages"`
}

// Notification is an e-mail about what happens in a folder.
type Notification struct {
	ID               int64  `api:"id"`
	Path             string `api:"path"`
	UserID           int64  `api:"user_id"`
	Username         string `api:"username"`
	GroupID          int64  `api:"group_id"`
	GroupName        string `api:"group_name"`
	SendInterval     string `api:"send_interval"` // five_minutes, fifteen_minutes, hourly, daily
	Recursive        bool   `api:"recursive"`
	NotifyOnCopy     bool   `api:"notify_on_copy"`
	NotifyOnDelete   bool   `api:"notify_on_delete"`
	NotifyOnDownload bool   `api:"notify_on_download"`
	NotifyOnMove     bool   `api:"notify_on_move"`
	NotifyOnUpload   bool   `api:"notify_on_upload"`
}

// Behavior is a setting of a folder.
type Behavior struct {
	ID          int64          `api:"id"`
	Path        string         `api:"path"`
	Type        string         `api:"behavior"`
	Name        string         `api:"name"`
	Description string         `api:"description"`
	Value       map[string]any `api:"value"`
	Recursive   bool           `api:"recursive"`
	Inherited   bool           `api:"inherited"`
}

// Sync is a standing order to keep two places alike.
type Sync struct {
	ID                 int64     `api:"id"`
	Name               string    `api:"name"`
	Description        string    `api:"description"`
	SourcePath         string    `api:"src_path"`
	DestPath           string    `api:"dest_path"`
	SourceRemoteServer int64     `api:"src_remote_server_id"`
	DestRemoteServer   int64     `api:"dest_remote_server_id"`
	TwoWay             bool      `api:"two_way"`
	KeepAfterCopy      bool      `api:"keep_after_copy"`
	Disabled           bool      `api:"disabled"`
	Trigger            string    `api:"trigger"` // daily, custom_schedule, manual
	Interval           string    `api:"interval"`
	UserID             int64     `api:"user_id"`
	CreatedAt          time.Time `api:"created_at"`
	UpdatedAt          time.Time `api:"updated_at"`
}

// SyncRun is one execution of a sync.
type SyncRun struct {
	ID              int64         `api:"id"`
	SyncID          int64         `api:"sync_id"`
	SyncName        string        `api:"sync_name"`
	Status          string        `api:"status"` // success, failure, partial_failure, in_progress, skipped
	DryRun          bool          `api:"dry_run"`
	ComparedFiles   int64         `api:"compared_files"`
	SuccessfulFiles int64         `api:"successful_files"`
	ErroredFiles    int64         `api:"errored_files"`
	BytesSynced     int64         `api:"bytes_synced"`
	Runtime         time.Duration `api:"runtime"` // seconds on the wire
	CreatedAt       time.Time     `api:"created_at"`
	CompletedAt     time.Time     `api:"completed_at"`
	Errors          []string      `api:"event_errors"`
}

// RemoteServer is a server that the site mounts or syncs with. Its secrets are
// never sent back.
type RemoteServer struct {
	ID            int64  `api:"id"`
	Name          string `api:"name"`
	Description   string `api:"description"`
	Type          string `api:"server_type"`
	Hostname      string `api:"hostname"`
	Port          int64  `api:"port"`
	Username      string `api:"username"`
	HomePath      string `api:"remote_home_path"`
	SSL           string `api:"ssl"`                // if_available, require, require_implicit, never
	Certificate   string `api:"server_certificate"` // require_match, allow_any
	BufferUploads string `api:"buffer_uploads"`     // auto, always, never
	AuthStatus    string `api:"auth_status"`        // in_setup, complete
	Disabled      bool   `api:"disabled"`
}
