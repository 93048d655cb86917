package headless

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"ferry/backend"
	"ferry/pathutil/ignore"
)

// Site is what the commands need of a site.
type Site interface {
	Lister
	Mkdir(ctx context.Context, path string, parents bool) (backend.Entry, error)
	Delete(ctx context.Context, path string, recursive bool) error
	Copy(ctx context.Context, from, to string, overwrite bool) (backend.Migration, error)
	Move(ctx context.Context, from, to string, overwrite bool) (backend.Migration, error)
	WaitMigration(ctx context.Context, m backend.Migration, progress func(backend.Migration)) error
}

// Disk is what the commands need of this machine's files. Paths are absolute.
type Disk interface {
	Find(ctx context.Context, path string) (backend.Entry, error)
	Mkdir(ctx context.Context, path string, parents bool) (backend.Entry, error)
}

// Queue is what the commands need of the transfer engine.
type Queue interface {
	AddAgain(ctx context.Context, req backend.TransferRequest) (id backend.JobID, found bool, err error)
	Forget(req backend.TransferRequest) error
	DryRun(ctx context.Context, req backend.TransferRequest) (backend.Rehearsal, error)
	Observe(f func(backend.JobID, backend.ItemSnapshot)) (stop func())
	Subscribe(ctx context.Context) <-chan backend.TransferSnapshot
	SetLimit(bytesPerSecond int64)
	Unattended(patience time.Duration)

	Compare(ctx context.Context, req backend.SyncRequest, seen func(backend.SyncProgress)) (backend.Plan, error)
	PlanPlace(file string) error
	SavePlan(file string, p backend.Plan) error
	LoadPlan(file string) (backend.Plan, error)
	CheckPlan(ctx context.Context, p *backend.Plan, seen func(backend.SyncProgress)) ([]backend.PlanChange, error)
	StartPlan(ctx context.Context, p backend.Plan) ([]backend.JobID, error)
	KeepPlan(p backend.Plan)
	ForgetPlan(req backend.SyncRequest)
	CutOffPlans() []backend.CutOffPlan
	FinishPlan(ctx context.Context, p backend.Plan, deleted func(n int, err error)) error
}

// Session is an open site with everything that a command needs.
type Session struct {
	Site      Site
	Disk      Disk
	Queue     Queue
	ReadOnly  bool         // nothing may change the site: Ferry was told so
	OnlyReads bool         // nothing can: the site lets this login read only
	Ended     <-chan error // tells that the session has ended and cannot be renewed
	Close     func(context.Context) error
}

// Opener opens the session that flags, environment and profile ask for. journal
// tells that transfers will be kept over a restart.
type Opener func(ctx context.Context, journal bool) (*Session, error)

// Commands are the jobs without a screen.
func Commands(open Opener) []*cobra.Command {
	all := []*cobra.Command{
		newPut(open), newGet(open), newSync(open),
		newList(open), newStat(open), newMkdir(open), newMove(open), newCopy(open), newRemove(open),
	}
	for _, c := range all {
		c.Long = cmp.Or(c.Long, c.Short+".") + codes
		run := c.RunE
		c.RunE = func(cmd *cobra.Command, args []string) error {
			return Called(cmd, run(cmd, args))
		}
	}
	return all
}

// with runs a job in a session. The end of the command's context, as a signal
// brings it, ends the job; what transfers have done until then stays in the journal.
func with(cmd *cobra.Command, open Opener, asJSON, journal bool, do func(context.Context, *Session, Output) error) error {
	ctx, out := cmd.Context(), output(cmd, asJSON)
	s, err := open(ctx, journal)
	if err == nil {
		err = do(ctx, s, out)
		if cerr := s.Close(ctx); err == nil {
			err = cerr
		}
	}
	if err != nil && ctx.Err() != nil && errors.Is(err, backend.Connection) {
		err = context.Canceled // the request was broken off by the interrupt
	}
	return out.finish(Called(cmd, err))
}

// output is where a command writes: results to stdout, everything else to stderr.
func output(cmd *cobra.Command, asJSON bool) Output {
	o := Output{W: cmd.OutOrStdout(), Err: cmd.ErrOrStderr(), JSON: asJSON, end: &event{}}
	if asJSON {
		o.W = plain(o.W)
	}
	o.Live = isTerminal(o.Err) && os.Getenv("TERM") != "dumb" // which would show the line again and again
	return o
}

// isTerminal tells whether somebody is looking: a character device that is not
// the one that swallows everything.
func isTerminal(w io.Writer) bool {
	f, ok := plain(w).(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

func jsonFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, "json", false, "one JSON object a line")
}

func dryFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVarP(to, "dry-run", "n", false, "tell what would be done and do nothing")
}

// refuseWrites is the answer of read-only mode, and of a login that may only
// read, to what would change the site.
func refuseWrites(s *Session, op, path string) error {
	switch {
	case s.ReadOnly:
		return &backend.Error{
			Class: backend.ClassReadOnlyMode, Group: backend.Client, Title: "Read Only Mode", Op: op, Path: path,
			Message: "Nothing may be changed on the site.",
		}
	case s.OnlyReads:
		return &backend.Error{
			Class: backend.ClassReadOnlySession, Group: backend.NotAuthorized, Type: backend.TypeReadOnlyLogin,
			Title: "Read Only Login", Op: op, Path: path,
		}
	}
	return nil
}

// transferFlags are those that put, get and sync share.
type transferFlags struct {
	ignore []string
	from   []string // files of patterns
	limit  string
	json   bool
	dry    bool
}

func (f *transferFlags) add(cmd *cobra.Command) {
	jsonFlag(cmd, &f.json)
	dryFlag(cmd, &f.dry)
	cmd.Flags().StringArrayVar(&f.ignore, "ignore", nil, "leave out what the `PATTERN` matches, as in .gitignore (may be repeated; the last that matches wins)")
	cmd.Flags().StringArrayVar(&f.from, "ignore-from", nil, "read such patterns from a `FILE`, before those of --ignore (may be repeated)")
	cmd.Flags().StringVar(&f.limit, "limit", "", "most bytes per second of all transfers together: a `RATE` such as 10MB/s")
}

// rate is the limit in bytes per second, 0 for none.
func (f *transferFlags) rate() (int64, error) {
	if f.limit == "" {
		return 0, nil
	}
	n, err := humanize.ParseBytes(strings.TrimSuffix(f.limit, "/s"))
	if err != nil || n == 0 || n > 1<<50 {
		return 0, Usage(fmt.Errorf("--limit: %q is no rate; write 10MB/s or 500kB/s", f.limit))
	}
	return int64(n), nil
}

func (f *transferFlags) check() error {
	if _, err := ignore.Compile(f.ignore); err != nil {
		return Usage(fmt.Errorf("--ignore: %w", err))
	}
	var read []string
	for _, file := range f.from {
		text, err := os.ReadFile(file)
		if err != nil {
			return Usage(fmt.Errorf("--ignore-from: %w", err))
		}
		patterns := ignore.Lines(string(text))
		if _, err := ignore.Compile(patterns); err != nil {
			return Usage(fmt.Errorf("--ignore-from: %s: %w", file, err))
		}
		read = append(read, patterns...)
	}
	f.ignore = append(read, f.ignore...)
	_, err := f.rate()
	return err
}

// policies are the answers to an existing target that need nobody to ask.
var policies = []backend.Conflict{backend.Overwrite, backend.Skip, backend.Newer, backend.KeepBoth, backend.Resume}

func policyOf(name string) (backend.Conflict, error) {
	i := slices.IndexFunc(policies, func(c backend.Conflict) bool { return c.String() == name })
	if i < 0 {
		return 0, Usage(fmt.Errorf("--conflict: %q is none of overwrite, skip, newer, keep-both, resume", name))
	}
	return policies[i], nil
}

func newList(open Opener) *cobra.Command {
	var q backend.FolderQuery
	var asJSON bool
	cmd := &cobra.Command{
		Use: "ls [PATH]", Short: "List a folder or a file of the site", Args: onSite(allArgs, cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return with(cmd, open, asJSON, false, func(ctx context.Context, s *Session, out Output) error {
				return List(ctx, s.Site, first(args), q, out)
			})
		},
	}
	jsonFlag(cmd, &asJSON)
	cmd.Flags().BoolVarP(&q.Recursive, "recursive", "r", false, "everything below the folder")
	return cmd
}

func newStat(open Opener) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "stat PATH", Short: "Tell what is known of a file or folder of the site", Args: onSite(allArgs, cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return with(cmd, open, asJSON, false, func(ctx context.Context, s *Session, out Output) error {
				return Stat(ctx, s.Site, args[0], out)
			})
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// interrupted tells whether a person or the system ended the command.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, context.Canceled)
}
