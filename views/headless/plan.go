package headless

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize/english"

	"ferry/backend"
	"ferry/pathutil"
)

// showPlan writes the lines of a sync, without those that say that nothing is to
// be done.
func showPlan(out Output, p backend.Plan) error {
	for _, i := range p.Items {
		if i.Kind == backend.PlanSame {
			continue
		}
		e := planEvent(i)
		if i.On {
			local, remote := func(n string) string { return filepath.Join(p.Request.Local, filepath.FromSlash(n)) },
				func(n string) string { return pathutil.Join(p.Request.Remote, n) }
			switch i.Action {
			case backend.PlanUpload:
				e.From, e.To = local(i.Name), remote(i.Target)
			case backend.PlanDownload:
				e.From, e.To = remote(i.Name), local(i.Target)
			case backend.PlanNothing, backend.PlanDeleteLocal, backend.PlanDeleteRemote:
			}
		}
		if err := errors.Join(out.print("%s", planLine(i)), out.emit(e)); err != nil {
			return err
		}
	}
	return nil
}

// planLine is a line of a sync for people.
func planLine(i backend.PlanItem) string {
	what := string(i.Action)
	if !i.On || what == "" {
		what = kindOf(i)
	}
	s := fmt.Sprintf("%-13s  %s", what, nameOf(i))
	if i.On && i.Target != "" && i.Target != i.Name && !i.Action.Deletes() {
		s += " -> " + pathutil.WholeName(i.Target)
	}
	if i.Reason != "" {
		s += "  (" + pathutil.WholeName(i.Reason) + ")"
	}
	return s
}

func nameOf(i backend.PlanItem) string {
	if i.Folder {
		return pathutil.WholeName(i.Name) + "/"
	}
	return pathutil.WholeName(i.Name)
}

// kindOf is what was found about a line. Of what could not be read nobody can
// decide anything.
func kindOf(i backend.PlanItem) string {
	if i.Unread {
		return "unread"
	}
	return string(i.Kind)
}

func planEvent(i backend.PlanItem) event {
	e := event{Event: "plan", Name: i.Name, Kind: kindOf(i), Reason: i.Reason, Error: failureOf(passedBy(i))}
	if i.On {
		e.Action = string(i.Action)
	}
	if !i.Folder {
		n := i.Size()
		e.Size = &n
	}
	return e
}

// counts is what would be done with the files and folders of a plan.
type counts struct {
	files, folders int // to be moved
	bytes          int64
	replaced       int // of the files
	skipped        int
	conflicts      int
	unread         int   // of the files and folders, or what stands where they are to go
	failed         error // the first failure of these
}

func (c *counts) add(i backend.PlanItem) {
	if i.Unread {
		c.unread++
		if c.failed == nil {
			c.failed = i.Err
		}
	}
	switch {
	case i.Unread && !i.On:
	case i.Kind == backend.PlanConflict && !i.On:
		c.conflicts++
	case !i.On:
		c.skipped++
	case i.Action.Deletes():
	case i.Folder:
		c.folders++
	default:
		c.files++
		c.bytes += i.Size()
		if i.Kind == backend.PlanChanged {
			c.replaced++
		}
	}
}

// moved says what is to be moved.
func (c counts) moved() string {
	s := counted(c.files, "file", "files")
	if c.files > 0 {
		s += " (" + size(c.bytes) + ")"
	}
	switch {
	case c.folders > 0 && c.files == 0:
		return counted(c.folders, "empty folder", "empty folders")
	case c.folders > 0:
		s += " and " + counted(c.folders, "empty folder", "empty folders")
	}
	return s
}

// rehearse tells what put or get would do: from where to where each file goes,
// and a total. args are the paths as they were written.
func rehearse(ctx context.Context, queue Queue, req backend.TransferRequest, args []string, out Output) error {
	var sum counts
	verb := string(backend.PlanUpload)
	if req.Direction == backend.Download {
		verb = string(backend.PlanDownload)
	}
	target := args[len(args)-1]
	r, err := queue.DryRun(ctx, req)
	if err != nil {
		return err
	}
	for n, src := range req.Sources {
		for _, i := range r.Items[n] {
			sum.add(i)
			if err := errors.Join(out.print("%s", step(req, i, verb, args[n], target)), out.emit(stepEvent(req, i, src.Path))); err != nil {
				return err
			}
		}
	}
	line := fmt.Sprintf("%s to %s to %s", sum.moved(), verb, pathutil.WholeName(target))
	for _, more := range []struct {
		n    int
		text string
	}{
		{sum.replaced, "over what is there"},
		{sum.skipped, "skipped"},
		{r.Links, english.PluralWord(r.Links, "link", "") + " left out"},
		{sum.unread, "not read"},
	} {
		if more.n > 0 {
			line += fmt.Sprintf(", %d %s", more.n, more.text)
		}
	}
	if sum.conflicts > 0 {
		line += "; " + counted(sum.conflicts, "conflict", "conflicts")
	}
	if err := out.print("%s", line); err != nil {
		return err
	}
	out.sumUp(event{
		Event: "summary", State: "planned", Action: verb, Files: &sum.files, Folders: &sum.folders, Bytes: &sum.bytes,
		Skipped: &sum.skipped, Conflicts: &sum.conflicts, Unread: &sum.unread, Links: r.Links,
	})
	if sum.unread > 0 {
		return unread{sum.failed, sum.unread}
	}
	if sum.conflicts > 0 {
		return conflictsLeft{
			text: counted(sum.conflicts, "file or folder would not arrive", "files and folders would not arrive"),
			how:  "the lines say why; change that, or leave them out with --ignore",
		}
	}
	return nil
}

// route is where a line of a dry run comes from and goes to, below what was
// written or is meant by it. Its name begins with the one that the source gets.
func route(req backend.TransferRequest, i backend.PlanItem, source, target string) (from, to string) {
	_, below, _ := strings.Cut(i.Name, "/")
	if req.Direction == backend.Upload {
		from, to = filepath.Join(source, filepath.FromSlash(below)), pathutil.Normalize(target)
		if i.Stuck { // it may be no path of the site
			return from, strings.TrimPrefix(to+"/"+i.Target, "/")
		}
		return from, pathutil.Join(to, i.Target)
	}
	return pathutil.Join(pathutil.Normalize(source), below), filepath.Join(target, filepath.FromSlash(i.Target))
}

// step is a line of a dry run for people.
func step(req backend.TransferRequest, i backend.PlanItem, verb, source, target string) string {
	from, to := route(req, i, source, target)
	reason := i.Reason
	switch {
	case i.Unread && !i.On:
		verb = "unread"
	case i.Kind == backend.PlanConflict && !i.On:
		verb = "conflict"
	case !i.On:
		verb = "skip"
		reason = strings.Replace(reason, "skipped: ", "--conflict ", 1)
	}
	s := fmt.Sprintf("%-8s  %s -> %s", verb, pathutil.WholeName(from), pathutil.WholeName(to))
	if i.Folder {
		s += "/"
	} else if i.On {
		s += "  " + size(i.Size())
	}
	if reason != "" {
		s += "  (" + pathutil.WholeName(reason) + ")"
	}
	return s
}

// stepEvent is a line of a dry run for programs; its paths are complete.
func stepEvent(req backend.TransferRequest, i backend.PlanItem, source string) event {
	e := planEvent(i)
	e.From, e.To = route(req, i, source, req.Target.Path)
	return e
}
