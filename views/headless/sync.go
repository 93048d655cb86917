package headless

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"ferry/backend"
	"ferry/pathutil"
)

// syncing is what sync is told.
type syncing struct {
	transferFlags
	push, pull, both bool
	mirror           bool
	deletions        int
	counted          bool // --delete-count was given
	meant            int  // deletions of a plan that was loaded, before what is done lost its tick
	over             bool // all of that plan is done
	by               string
	save, load       string
	give             time.Duration
}

func newSync(open Opener) *cobra.Command {
	c := &syncing{}
	cmd := &cobra.Command{
		Use: "sync LOCAL REMOTE", Short: "Bring a local folder and one of the site in line",
		Long: "Compare the folder LOCAL with the folder REMOTE of the site, and move what differs.\n\n" +
			"--push makes the site like this machine, --pull the other way round, --both lets the newer side win;\n" +
			"what has no newer side is a conflict and stays. With --mirror, what only the target has is deleted, but\n" +
			"only when --delete-count says how many that are.\n\n" +
			"--plan writes the comparison to a file and moves nothing. The file can be read, lines can be unticked\n" +
			"(\"on\": false), and --run carries it out unless a side has changed since.",
		Args: onSite(secondArg, cobra.MaximumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.counted = cmd.Flags().Changed("delete-count")
			if err := c.valid(args); err != nil {
				return err
			}
			open := patiently(cmd, open, c.json, c.give)
			if c.dry || c.save != "" {
				open = looking(open)
			}
			return with(cmd, open, c.json, true, func(ctx context.Context, s *Session, out Output) error {
				return c.run(ctx, s, args, out)
			})
		},
	}
	c.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&c.push, "push", false, "this machine is right")
	f.BoolVar(&c.pull, "pull", false, "the site is right")
	f.BoolVar(&c.both, "both", false, "what is new or newer goes to the other side")
	f.BoolVar(&c.mirror, "mirror", false, "delete what only the target has")
	f.IntVar(&c.deletions, "delete-count", 0, "the exact `NUMBER` of files and folders that will be deleted")
	f.StringVar(&c.by, "by", "time", "the `WAY` to tell that two files are the same: time (with size), or hash where the site has one")
	f.StringVar(&c.save, "plan", "", "write the plan to this `FILE` and move nothing")
	f.StringVar(&c.load, "run", "", "carry out the plan of this `FILE`")
	patienceFlag(cmd, &c.give)
	return cmd
}

// looking opens sessions that only look at the journal, and do without
// one where it cannot be opened.
func looking(open Opener) Opener {
	return func(ctx context.Context, _ bool) (*Session, error) {
		s, err := open(ctx, true)
		if errors.Is(err, backend.LocalDisk) {
			return open(ctx, false)
		}
		return s, err
	}
}

// valid refuses what cannot be meant.
func (c *syncing) valid(args []string) error {
	if err := c.check(); err != nil {
		return err
	}
	modes := 0
	for _, m := range []bool{c.push, c.pull, c.both} {
		if m {
			modes++
		}
	}
	var why string
	switch {
	case c.load != "" && (len(args) > 0 || modes > 0 || c.mirror || c.save != "" || len(c.ignore)+len(c.from) > 0):
		why = "--run takes everything but --delete-count from the plan"
	case c.load != "":
	case len(args) != 2:
		why = "sync needs LOCAL and REMOTE, or --run FILE"
	case modes != 1:
		why = "say one of --push, --pull and --both"
	case c.mirror && c.both:
		why = "a mirror has one direction: --push or --pull"
	case c.by != string(backend.ByTime) && c.by != string(backend.ByHash):
		why = fmt.Sprintf("--by: %q is neither time nor hash", c.by)
	}
	if why != "" {
		return Usage(errors.New(why))
	}
	return nil
}

func (c *syncing) run(ctx context.Context, s *Session, args []string, out Output) error {
	s.Queue.Unattended(c.give)
	if c.save != "" { // a comparison may take long, and would be for nothing
		if err := s.Queue.PlanPlace(c.save); err != nil {
			return err
		}
	}
	p, err := c.plan(ctx, s, args, out)
	out.wipe()
	if err != nil {
		return err
	}
	if err := cutOff(s.Queue, p, out); err != nil {
		return err
	}
	if c.dry || c.save != "" {
		if c.save != "" {
			if err := s.Queue.SavePlan(c.save, p); err != nil {
				return err
			}
		}
		if err := showPlan(out, p); err != nil {
			return err
		}
		return c.sumUp(out, p)
	}
	if err := c.allowed(s, p); err != nil {
		return err
	}
	rate, err := c.rate()
	if err != nil {
		return err
	}
	s.Queue.SetLimit(rate)
	return c.carryOut(ctx, s, p, out)
}

// plan compares, or takes what was compared before.
func (c *syncing) plan(ctx context.Context, s *Session, args []string, out Output) (backend.Plan, error) {
	seen := func(p backend.SyncProgress) {
		switch {
		case p.HashBytes > 0:
			out.live(fmt.Sprintf("comparing: %s of %s hashed", size(p.HashedBytes), size(p.HashBytes)))
		case p.Entries()%100 == 0:
			out.live(fmt.Sprintf("comparing: %s entries here, %s on the site",
				humanize.Comma(int64(p.LocalFiles+p.LocalFolders)), humanize.Comma(int64(p.RemoteFiles+p.RemoteFolders))))
		}
	}
	if c.load != "" {
		p, err := s.Queue.LoadPlan(c.load)
		if err != nil {
			return p, err
		}
		was := slices.Clone(p.Items)
		c.meant = p.Totals().Deletions
		if err := check(ctx, s, &p, seen, out); err != nil {
			return p, err
		}
		c.done(was, p.Items, out)
		return p, nil
	}
	local, err := filepath.Abs(args[0])
	if err != nil {
		return backend.Plan{}, err
	}
	req := backend.SyncRequest{
		Local: local, Remote: pathutil.Normalize(args[1]), Mode: backend.SyncPush, Mirror: c.mirror,
		By: backend.CompareBy(c.by), Ignore: c.ignore,
	}
	switch {
	case c.pull:
		req.Mode = backend.SyncPull
	case c.both:
		req.Mode = backend.SyncBoth
	}
	p, err := s.Queue.Compare(ctx, req, seen)
	if err != nil {
		err = picking{err}
	}
	return p, err
}

// done tells of what an earlier run of a plan has carried out: these lines have
// lost their ticks, and both sides are the same there.
func (c *syncing) done(was, now []backend.PlanItem, out Output) {
	due, done := 0, 0
	for n := range now {
		if !was[n].On || was[n].Action == backend.PlanNothing {
			continue
		}
		if due++; !now[n].On {
			now[n].Kind = backend.PlanSame
			done++
		}
	}
	c.over = due > 0 && done == due
	if done > 0 && !c.over {
		out.say("ferry: %s of %s carried out already; the rest is still to do.", humanize.Comma(int64(done)), counted(due, "line has been", "lines have been"))
	}
}

// cutOff tells of an earlier sync of these folders that ended before its
// deletions, when something of them may be left, and what carries them out: this
// run takes its place.
func cutOff(queue Queue, p backend.Plan, out Output) error {
	for _, k := range queue.CutOffPlans() {
		if k.Local != p.Request.Local || k.Remote != p.Request.Remote {
			continue
		}
		t := p.Totals()
		var next string
		switch extra := t.Found[backend.PlanExtra]; {
		case t.Deletions > 0:
			next = fmt.Sprintf("What is left of them is in this plan; --delete-count %d carries it out.", t.Deletions)
		case extra > 0:
			which := "whether it would have deleted the one file or folder that only the target has"
			if extra > 1 {
				which = fmt.Sprintf("which of the %s files and folders that only the target has it would have deleted", humanize.Comma(int64(extra)))
			}
			next = "See with --mirror --dry-run " + which + "."
		default:
			continue // they were done, or by somebody else
		}
		due := "its one deletion"
		if k.Deletions > 1 {
			due = fmt.Sprintf("all of its %s deletions", humanize.Comma(int64(k.Deletions)))
		}
		why := "An earlier sync of these folders was cut off before " + due + "."
		if !out.JSON {
			out.say("ferry: %s %s", why, next)
		}
		if err := out.emit(event{Event: "warning", Reason: why, Note: next, Deletions: &k.Deletions}); err != nil {
			return err
		}
	}
	return nil
}

// check refuses a plan when something that it is going to touch has changed
// since it was made, and tells of every line of it.
func check(ctx context.Context, s *Session, p *backend.Plan, seen func(backend.SyncProgress), out Output) error {
	changes, err := s.Queue.CheckPlan(ctx, p, seen)
	if err != nil || len(changes) == 0 {
		return err
	}
	out.wipe()
	for _, c := range changes {
		name := p.Items[c.Item].Name
		if err := out.emit(event{Event: "changed", Name: name, Reason: c.Why}); err != nil {
			return err
		}
		if !out.JSON {
			out.say("ferry: %s: %s", pathutil.WholeName(name), c.Why)
		}
	}
	return &backend.Error{
		Class: backend.ClassInvalidParameter, Group: backend.Client, Op: "run plan", Path: p.Items[changes[0].Item].Name,
		Title: "Plan Not Usable", Message: fmt.Sprintf("%s changed since the plan was made. Compare again, or untick what has changed (\"on\": false).", counted(len(changes), "ticked line has", "ticked lines have")),
	}
}

// allowed refuses a plan that may not be carried out, before anything is moved.
func (c *syncing) allowed(s *Session, p backend.Plan) error {
	t := p.Totals()
	writes := t.Uploads > 0
	for _, i := range p.Items {
		writes = writes || i.On && i.Action == backend.PlanDeleteRemote
	}
	if writes {
		if err := refuseWrites(s, "sync", p.Request.Remote); err != nil {
			return err
		}
	}
	// What a plan was to delete is more than what is left of it.
	known := c.over || c.load != "" && c.counted && c.deletions == c.meant && t.Deletions < c.meant
	if t.Deletions != c.deletions && (t.Deletions > 0 || c.counted) && !known {
		how := fmt.Sprintf("Look at it with --dry-run, then allow it with --delete-count %d.", t.Deletions)
		if t.Deletions == 0 {
			how = "Look at it with --dry-run, and leave --delete-count out."
		}
		return &backend.Error{
			Class: backend.ClassInvalidParameter, Group: backend.Client, Op: "sync", Path: p.Request.Remote, Title: "Deletions Not Confirmed",
			Message: fmt.Sprintf("The plan deletes %s. %s", counted(t.Deletions, "file or folder", "files and folders"), how),
		}
	}
	return nil
}

// carryOut runs a plan. One that does not come to its end is known to the next
// run.
func (c *syncing) carryOut(ctx context.Context, s *Session, p backend.Plan, out Output) error {
	s.Queue.KeepPlan(p)
	err := c.move(ctx, s, p, out)
	var o onward
	if stopped := errors.As(err, &o) && o.failures == 0; ctx.Err() == nil && !stopped {
		s.Queue.ForgetPlan(p.Request)
	}
	return err
}

// move carries out the transfers of a plan, then its deletions.
func (c *syncing) move(ctx context.Context, s *Session, p backend.Plan, out Output) error {
	r := newRun(s, out, c.give)
	if c.over {
		r.note = isOver(p)
	}
	gone, left, hidden := 0, conflicts(p), notRead(p)
	r.deleted, r.conflicts, r.unread, r.noSum = &gone, &left, &hidden, noSums(p)
	if err := passed(p, out); err != nil {
		return err
	}
	ids, err := s.Queue.StartPlan(ctx, p)
	if err != nil {
		return err
	}
	var t total
	due := p.Totals().Deletions
	if len(ids) > 0 {
		if t, err = r.see(ctx, ids...); err != nil {
			if due > 0 {
				out.say("ferry: nothing was deleted: that comes when everything has arrived.")
			}
			return err
		}
		if err := out.print("%s", t.sum()); err != nil {
			return err
		}
	}
	if due > 0 {
		if err := c.delete(ctx, s, p, out, &gone); err != nil {
			r.sumUp(t, "failed") // or interrupted, as the error says
			return err
		}
	}
	if len(ids) == 0 && due == 0 {
		err = c.tell(out, p)
	} else {
		err = tellNoSums(out, p)
	}
	if err != nil {
		return err
	}
	r.sumUp(t, "done")
	return c.decide(p, out)
}

// conflicts counts those that nobody has decided.
func conflicts(p backend.Plan) int {
	n := 0
	for _, i := range p.Items {
		if i.Kind == backend.PlanConflict && !i.On && !i.Unread {
			n++
		}
	}
	return n
}

// notRead counts what a plan could not read.
func notRead(p backend.Plan) int {
	n := 0
	for _, i := range p.Items {
		if i.Unread {
			n++
		}
	}
	return n
}

// passed tells what a run goes past because it could not be read.
func passed(p backend.Plan, out Output) error {
	for _, i := range p.Items {
		if !i.Unread {
			continue
		}
		if !out.JSON {
			out.say("ferry: %s", planLine(i))
		}
		if err := out.emit(event{Event: "warning", Name: i.Name, Reason: i.Reason, Error: failureOf(passedBy(i))}); err != nil {
			return err
		}
	}
	return nil
}

// undecided is how a plan ends that leaves something: with the first failure of
// what could not be read, else with its conflicts.
func undecided(p backend.Plan, left conflictsLeft) error {
	u := unread{count: notRead(p)}
	for _, i := range p.Items {
		if u.error == nil && i.Unread {
			u.error = i.Err
		}
	}
	switch {
	case u.error != nil:
		return u
	case u.count > 0:
		return conflictsLeft{
			text: counted(u.count, "folder or file was not read when the plan was made", "folders and files were not read when the plan was made"),
			how:  "compare again, now that they can be read",
		}
	}
	return left
}

// decide tells of the conflicts that a plan leaves; they are no success. What
// was shown as a part of the plan is not shown again.
func (c *syncing) decide(p backend.Plan, out Output) error {
	n := conflicts(p)
	if n+notRead(p) == 0 {
		return nil
	}
	for _, i := range p.Items {
		if i.Kind == backend.PlanConflict && !i.On && !i.Unread && !out.JSON {
			out.say("ferry: %s", planLine(i))
		}
	}
	return undecided(p, conflictsLeft{text: counted(n, "conflict was left as it is", "conflicts were left as they are"), how: c.choice(p)})
}

// choice says what can be done about the conflicts of a plan: of those that a
// decision ends, and of those where something has to change first.
func (c *syncing) choice(p backend.Plan) string {
	open, stuck := false, false
	for _, i := range p.Items {
		if i.Kind == backend.PlanConflict && !i.On && !i.Unread {
			open, stuck = open || !i.Stuck, stuck || i.Stuck
		}
	}
	var ways []string
	if open {
		ways = append(ways, "choose in the screen, or move the right one over with ferry put or ferry get, a whole folder with --push or --pull")
	}
	if stuck {
		ways = append(ways, "rename or remove what stands in the way on one of the sides")
	}
	out := "leave it out with --ignore"
	if c.load != "" {
		out = "compare again with --ignore, which leaves it out"
	}
	return strings.Join(append(ways, "or "+out), "; ")
}

// delete carries out the deletions that were allowed and counts them in gone.
func (c *syncing) delete(ctx context.Context, s *Session, p backend.Plan, out Output, gone *int) error {
	var broken error
	lost := false // the site can't be asked any more
	err := s.Queue.FinishPlan(ctx, p, func(n int, err error) {
		i := p.Items[n]
		if err == nil {
			*gone++
		} else if lost = lost || outOfReach(err); !out.JSON {
			out.say("ferry: %s: %s", pathutil.WholeName(i.Name), pathutil.Whole(backend.AsError(err).Message))
		}
		if broken == nil {
			broken = out.emit(event{Event: "delete", Name: i.Name, Action: string(i.Action), Error: failureOf(err)})
		}
		out.live(fmt.Sprintf("deleting: %s", humanize.Comma(int64(*gone))))
	})
	out.wipe()
	how := ""
	switch {
	case err == nil:
	case interrupted(ctx, err):
		how, err = "interrupted", context.Canceled
	case lost:
		how = "stopped"
	}
	if how != "" {
		next := goOn
		if *gone > 0 {
			next = fmt.Sprintf("Run it again with --delete-count %d to go on where it was.", p.Totals().Deletions-*gone)
		}
		out.say("ferry: %s after %s. %s", how, counted(*gone, "deletion", "deletions"), next)
		return onward{error: err, next: next}
	}
	return errors.Join(err, broken, out.print("%d deleted", *gone))
}

// outOfReach tells whether an error says nothing of what was asked for: the
// connection was lost, or the login has ended.
func outOfReach(err error) bool {
	g := backend.AsError(err).Group
	return g == backend.Connection || g == backend.NotAuthenticated
}

// isOver says of a plan that all of its ticked lines are done, and what it leaves.
func isOver(p backend.Plan) string {
	var left []string
	if n := conflicts(p); n > 0 {
		left = append(left, counted(n, "conflict is left as it is", "conflicts are left as they are"))
	}
	if n := notRead(p); n > 0 {
		left = append(left, counted(n, "folder or file was not read", "folders and files were not read"))
	}
	if len(left) == 0 {
		return "This plan has been carried out: nothing is left to do."
	}
	return "What is ticked in this plan has been carried out; " + strings.Join(left, ", ") + "."
}

// tell says for people what a plan would do.
func (c *syncing) tell(out Output, p backend.Plan) error {
	if c.over {
		return out.print("%s", isOver(p))
	}
	up, down := moves(p)
	t := p.Totals()
	line := fmt.Sprintf("%s to upload, %s to download, %d to delete; %s, %d the same",
		up.moved(), down.moved(), t.Deletions, counted(conflicts(p), "conflict", "conflicts"), t.Found[backend.PlanSame])
	if n := notRead(p); n > 0 {
		line += fmt.Sprintf(", %d not read", n)
	}
	return errors.Join(out.print("%s", line), tellNoSums(out, p))
}

// tellNoSums says for people of a comparison by hash what it has not compared so.
func tellNoSums(out Output, p backend.Plan) error {
	n := p.NoSums()
	if n == 0 {
		return nil
	}
	return out.print("%s", counted(n, "file was compared by size and time: the site has no checksum of it",
		"files were compared by size and time: the site has no checksum of them"))
}

// noSums is what tellNoSums says, for programs; nil when nothing was to be hashed.
func noSums(p backend.Plan) *int {
	if p.Request.By != backend.ByHash {
		return nil
	}
	n := p.NoSums()
	return &n
}

// moves counts what a plan moves to each side.
func moves(p backend.Plan) (up, down counts) {
	for _, i := range p.Items {
		switch {
		case !i.On:
		case i.Action == backend.PlanUpload:
			up.add(i)
		case i.Action == backend.PlanDownload:
			down.add(i)
		}
	}
	return up, down
}

// sumUp tells what a plan would do. Conflicts in it are no success, as when it is
// carried out.
func (c *syncing) sumUp(out Output, p backend.Plan) error {
	if err := c.tell(out, p); err != nil {
		return err
	}
	note := ""
	if c.over {
		note = isOver(p)
	}
	up, down := moves(p)
	deletions, left, hidden := p.Totals().Deletions, conflicts(p), notRead(p)
	files, folders, bytes := up.files+down.files, up.folders+down.folders, up.bytes+down.bytes
	out.sumUp(event{
		Event: "summary", State: "planned", Note: note, Kind: string(p.Request.Mode), Files: &files, Folders: &folders, Bytes: &bytes,
		Uploads: &up.files, Downloads: &down.files, Deletions: &deletions, Conflicts: &left, Unread: &hidden, NoSum: noSums(p),
	})
	if left+hidden > 0 {
		return undecided(p, conflictsLeft{text: counted(left, "conflict has to be decided", "conflicts have to be decided"), how: c.choice(p)})
	}
	return nil
}
