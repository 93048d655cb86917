package backend

import "time"

// Automation is a job that the site runs by itself (PROTOCOL.md 13).
type Automation struct {
	ID              int64
	Name            string
	Description     string
	Type            string // automation: create_folder, delete_file, copy_file, move_file, as2_send, run_sync, import_file, v2
	Trigger         string // manual, daily, custom_schedule, webhook, email, action
	Interval        string
	Schedule        string // human_readable_schedule or what can be told of it
	Path            string
	Source          string
	Destinations    []string
	ExcludePattern  string
	Disabled        bool
	Owner           string // username of the owner, "" when unknown
	UserID          int64
	LastModifiedAt  time.Time
	NextRunAt       time.Time
	AlwaysOverwrite bool
}

// RunStatus is the state of an automation run.
type RunStatus string

// The states of a run (PROTOCOL.md 13, automation_runs).
const (
	RunQueued         RunStatus = "queued"
	RunRunning        RunStatus = "running"
	RunSuccess        RunStatus = "success"
	RunPartialFailure RunStatus = "partial_failure"
	RunFailure        RunStatus = "failure"
	RunSkipped        RunStatus = "skipped"
	RunCanceled       RunStatus = "canceled"
)

// Active tells whether the run has not ended.
func (s RunStatus) Active() bool { return s == RunQueued || s == RunRunning }

// AutomationRun is one execution of an automation.
type AutomationRun struct {
	ID                   int64
	AutomationID         int64
	Status               RunStatus
	CreatedAt            time.Time
	CompletedAt          time.Time // zero while running
	Runtime              time.Duration
	SuccessfulOperations int64
	FailedOperations     int64
	RetryOfRunID         int64
	RetriedInRunID       int64
	StatusMessagesURL    string
}

// LogLine is one line of a site log: an automation log, a history action.
type LogLine struct {
	At     time.Time
	Status string // success, failure, …
	What   string // operation or action
	Path   string
	Who    string
	From   string // address or interface
	RunID  int64  // of the automation run that logged it, 0 when there is none
	Text   string
}
