package headless

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ferry/backend"
	"ferry/pathutil"
)

// codes is the part of a help text that says how commands end.
const codes = "\n\nExit codes: 0 done, 1 conflicts left or something else, 2 refused by Ferry before it was sent,\n" +
	"3 no connection, 4 this machine's disk, 5 content: damaged on the way, or its source did not hold still,\n" +
	"10 bad request, 11 not authenticated, 12 not authorized,\n" +
	"13 not found, 14 processing failure, 15 rate limited, 16 service unavailable, 17 site configuration,\n" +
	"130 interrupted. Of several failures the first one counts."

// ExitCode is the status with which the program ends for an error: 0 for none,
// 1 for what fits no group, 2 for a command line that cannot be understood, 130
// when it was interrupted, else one number a group, in the order of the vendor's
// page.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, context.Canceled) {
		return 130
	}
	var u usage
	if errors.As(err, &u) {
		return 2
	}
	var e *backend.Error
	if !errors.As(err, &e) {
		return 1
	}
	switch e.Group {
	case backend.Client:
		return 2
	case backend.Connection:
		return 3
	case backend.LocalDisk:
		return 4
	case backend.Content:
		return 5
	}
	for i, g := range backend.APIGroups() {
		if e.Group == g {
			return 10 + i
		}
	}
	return 1
}

// told is an error, or none, that the last line of --json has told.
type told struct{ error }

// Unwrap gives the error.
func (t told) Unwrap() error { return t.error }

// onward is the first failure of a run that can be continued. People were told how.
type onward struct {
	error
	failures int // how many there were; 0 when the run was stopped
	next     string
}

// Unwrap gives the failure.
func (o onward) Unwrap() error { return o.error }

// unread is the first failure of what a command could not read and went past.
type unread struct {
	error
	count int // how many there were
}

// Unwrap gives the failure.
func (u unread) Unwrap() error { return u.error }

// passedBy is the failure of a line that could not be read, nil for every other.
func passedBy(i backend.PlanItem) error {
	if i.Err == nil {
		return nil
	}
	return unread{i.Err, 1}
}

// loginRefused is the failure of opening the site with a login.
type loginRefused struct {
	error
	with string // what the login was made of, or where it comes from
}

// Unwrap gives the failure.
func (l loginRefused) Unwrap() error { return l.error }

// LoggedInWith adds to the failure of opening the site what its login was made of,
// for the advice: "FERRY_API_KEY".
func LoggedInWith(what string, err error) error {
	if err == nil {
		return nil
	}
	return loginRefused{err, what}
}

// picking is the failure of a command with --ignore to find something of the site.
type picking struct{ error }

// Unwrap gives the failure.
func (p picking) Unwrap() error { return p.error }

// conflictsLeft is the end of a comparison or a run that leaves something for a
// person to decide.
type conflictsLeft struct {
	text string // how many, and what became of them
	how  string // what can be done about them
}

// Error says both.
func (c conflictsLeft) Error() string { return c.text + ": " + c.how }

// change is the advice where the reason says all; people need not be told.
const change = "Change what the message names, then run the command again."

// adviceOf is the advice that only commands can give, by the type of the error.
var adviceOf = map[string]string{
	"local/not-found":                    "Check the spelling; a path of this machine is seen from the folder you are in.",
	"destination-exists":                 "mkdir -p takes a folder that is there; mv and cp replace what is there with --overwrite.",
	backend.TypeUndecided:                "It was left as it is. Say with --conflict what becomes of it: overwrite, or keep-both.",
	backend.TypeJournal:                  "Make its folder one that you can write to, or name another with --state-dir (FERRY_STATE_DIR).",
	"locked-out":                         backend.OpensAgain,
	"password-change-required":           backend.ChangeFirst,
	"two-factor-authentication-required": backend.SetUpFirst,
	"two-factor-authentication-error":    "Set FERRY_OTP to a one-time code of this account, for each command anew; an API key needs none.",
	"one-time-password-incorrect":        "Set FERRY_OTP to the newest code. Codes change every 30 seconds, and each serves for one command.",
	backend.TypePartialTaken:             "Wait for the other program and run the same command again, or choose another folder.",
	backend.TypeNotRegular:               "Leave it out with --ignore: only regular files can be transferred.",
	backend.TypeNameRefused:              "Rename it, or leave it out with --ignore.",
	"folder-not-empty":                   "rm -r deletes it with everything in it.",
}

// hopeless tells whether another try ends as this one did, as long as the file is
// what it is.
func hopeless(err error) bool {
	switch backend.AsError(err).Type {
	case backend.TypeNotRegular, backend.TypeNameRefused:
		return true
	}
	return false
}

// advice is what somebody at a command line can do about an error.
func advice(err error) string {
	var u usage
	var o onward
	var c conflictsLeft
	var r unread
	e := backend.AsError(err)
	switch {
	case errors.As(err, &o):
		return o.next
	case errors.Is(err, context.Canceled):
		return "Run the same command again."
	case errors.As(err, &u):
		return cmp.Or(u.of, "ferry") + " --help tells how it is called."
	case errors.As(err, &c):
		return sentence(c.how)
	case hopeless(e):
		return adviceOf[e.Type]
	case errors.As(err, &r):
		return "Nothing in it is touched. Make it readable and run the command again, or leave it out with --ignore."
	}
	if backend.AccountClosed(e) {
		return backend.AskToOpen
	}
	for t, a := range adviceOf {
		if e.Type == t || strings.HasSuffix(e.Type, "/"+t) {
			return a
		}
	}
	switch e.Class {
	case backend.ClassReadOnlyMode:
		return "Run it without --read-only (FERRY_READ_ONLY, or read_only of the profile) if it is meant."
	case backend.ClassAuthentication:
		return "Set FERRY_API_KEY, or FERRY_USERNAME and FERRY_PASSWORD, or save a profile in the login prompt and name it with --profile."
	}
	switch e.Group {
	case backend.Connection:
		return "Check the address (--base-url) and the connection, then run the same command again."
	case backend.NotAuthenticated:
		var l loginRefused
		if errors.As(err, &l) {
			return "Check " + l.with + "."
		}
		return "Check the login: FERRY_API_KEY, FERRY_PASSWORD, or the one that --profile names."
	case backend.NotAuthorized:
		return otherLogin
	case backend.NotFound:
		if strings.ContainsAny(e.Path, "*?[") {
			if errors.As(err, new(picking)) {
				return "Patterns are not expanded on the site: name the folder, and with --ignore what is to stay."
			}
			return "Patterns are not expanded on the site: name each path; ferry ls tells what is there."
		}
		return "See with ferry ls what is there, and check the spelling."
	case backend.RateLimited, backend.ServiceUnavailable:
		return "Run the same command again a little later."
	case backend.Content:
		return tryAgain
	case backend.SiteConfiguration:
		return "Ask the owner of the site, or Files.com support."
	case backend.Client, backend.BadRequest, backend.ProcessingFailure, backend.LocalDisk:
		return change
	}
	return "Run it again with --log-level debug; the log tells what was asked and answered."
}

func sentence(s string) string {
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// failure is an error as JSON has it.
type failure struct {
	Group   string `json:"group"`
	Class   string `json:"class"`
	Type    string `json:"type,omitempty"`
	Message string `json:"message"`
	Path    string `json:"path,omitempty"`
	Request string `json:"request_id,omitempty"`
	Next    string `json:"next"` // what can be done about it
}

func failureOf(err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{Message: err.Error(), Next: advice(err)}
	var u usage
	var c conflictsLeft
	switch {
	case errors.Is(err, context.Canceled):
		f.Group, f.Class, f.Message = "interrupted", "Interrupted", "The command was interrupted."
	case errors.As(err, &u):
		f.Group, f.Class, f.Message = string(backend.Client), "UsageError", u.Error()
	case errors.As(err, &c):
		f.Group, f.Class = "conflict", "ConflictsLeftError"
	default:
		e := backend.AsError(err)
		f.Group, f.Class, f.Type, f.Path, f.Request = string(e.Group), string(e.Class), e.Type, e.Path, e.RequestID
		f.Message = cmp.Or(e.Message, backend.Explain(e).Title)
	}
	return f
}

// finish writes the last line for programs: the summary that the command has
// left, or an error. Entries of ls and stat need none when all went well.
func (o Output) finish(err error) error {
	if !o.JSON {
		return err
	}
	e := event{Event: "error", State: "failed", Error: failureOf(err)}
	if o.end != nil && o.end.Event != "" {
		e = *o.end
		e.Error = failureOf(err)
	}
	code := ExitCode(err)
	if code == 130 {
		e.State = "interrupted"
	}
	e.Exit = &code
	if err == nil && e.Event == "error" {
		return nil
	}
	if werr := o.emit(e); werr != nil {
		return errors.Join(err, werr)
	}
	if err == nil {
		return nil
	}
	return told{err}
}

// wantsJSON tells whether a command line asks for JSON, also one that cannot be
// understood.
func wantsJSON(args []string) (yes bool) {
	for _, a := range args {
		if a == "--" {
			break
		}
		if a == "--json" {
			yes = true
		} else if v, ok := strings.CutPrefix(a, "--json="); ok {
			yes, _ = strconv.ParseBool(v)
		}
	}
	return yes
}

// Report tells how a command line has failed: people on errs what happened, why
// and what helps, and programs that asked for JSON on out, unless the command
// has done so.
func Report(out, errs io.Writer, args []string, err error) {
	if err == nil {
		return
	}
	var t told
	if wantsJSON(args) && !errors.As(err, &t) {
		_ = Output{W: plain(out), JSON: true}.finish(err) // a broken pipe hears nothing more
	}
	if errors.Is(err, context.Canceled) {
		return
	}
	var u usage
	var c conflictsLeft
	var e *backend.Error
	switch {
	case errors.As(err, &u):
		fmt.Fprintf(errs, "ferry: %s\n  %s\n", pathutil.Whole(u.Error()), advice(err))
		return
	case errors.As(err, &c), !errors.As(err, &e):
		fmt.Fprintf(errs, "ferry: %s\n", pathutil.Whole(err.Error()))
		return
	}
	x := backend.ExplainEnd(err)
	var o onward
	first := ""
	var r unread
	switch {
	case errors.As(err, &o) && o.failures > 1:
		first = fmt.Sprintf("the first of %d failures: ", o.failures)
	case errors.As(err, &r) && r.count > 1:
		first = fmt.Sprintf("%d folders or files could not be read; the first: ", r.count)
	}
	fmt.Fprintf(errs, "ferry: %s%s.\n", first, x.Title)
	for _, l := range x.Lines {
		fmt.Fprintf(errs, "  %s\n", pathutil.Whole(l))
	}
	if next := advice(err); next != o.next && next != change && !slices.Contains(x.Lines, next) { // else it was said
		fmt.Fprintf(errs, "  %s\n", next)
	}
	fmt.Fprintf(errs, "  %s\n", pathutil.Whole(x.Code))
}
