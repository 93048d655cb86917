package headless

import (
	"context"
	"errors"
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"ferry/backend"
	"ferry/pathutil"
)

func newMkdir(open Opener) *cobra.Command {
	var parents, asJSON, dry bool
	cmd := &cobra.Command{
		Use: "mkdir PATH...", Short: "Make folders on the site", Args: onSite(allArgs, cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return with(cmd, open, asJSON, false, func(ctx context.Context, s *Session, out Output) error {
				return each(out, errand{"mkdir", dry}, args, func(p string) error {
					if dry {
						return errors.Join(out.print("%s", "mkdir  "+pathutil.WholeName(p)), out.emit(event{Event: "plan", Action: "mkdir", Name: p}))
					}
					return makeFolder(ctx, s, out, p, parents)
				})
			})
		},
	}
	cmd.Flags().BoolVarP(&parents, "parents", "p", false, "make missing parents too; a folder that exists is no error")
	jsonFlag(cmd, &asJSON)
	dryFlag(cmd, &dry)
	return cmd
}

// errand is what is done with each path of a command.
type errand struct {
	op  string // as events name it
	dry bool   // it is told only
}

// sumUp is the last line for programs: the paths take the place of files.
func (a errand) sumUp(out Output, paths, failed int) {
	done := paths - failed
	e := event{Event: "summary", State: "done", Action: a.op, Files: &paths, Done: &done, Failed: &failed}
	switch {
	case failed > 0:
		e.State = "failed"
	case a.dry:
		e.State = "planned"
	}
	if a.dry {
		e.Done = nil
	}
	out.sumUp(e)
}

// each does something with every path of the site that was given. What fails for
// one path is told, and the others have their turn, unless it would fail for them
// as well. The first failure is the command's.
func each(out Output, a errand, paths []string, do func(path string) error) error {
	var first onward
	for _, p := range paths {
		p = pathutil.Normalize(p)
		err := do(p)
		if err == nil {
			continue
		}
		switch code := ExitCode(err); { // of a path, or of all of them
		case len(paths) == 1, code < 10, code == 11, code >= 15:
			return err
		}
		if first.failures++; first.error == nil {
			first.error = err
		}
		if !out.JSON {
			out.say("ferry: %s: %s", pathutil.WholeName(p), pathutil.WholeName(backend.Explain(err).Title))
		}
		if werr := out.emit(event{Event: "failed", Name: p, Error: failureOf(err)}); werr != nil {
			return errors.Join(err, werr)
		}
	}
	a.sumUp(out, len(paths), first.failures)
	if first.error == nil {
		return nil
	}
	first.next = advice(first.error)
	return first
}

func makeFolder(ctx context.Context, s *Session, out Output, path string, parents bool) error {
	if err := refuseWrites(s, "make folder", path); err != nil {
		return err
	}
	e, err := s.Site.Mkdir(ctx, path, parents)
	if parents && errors.Is(err, backend.ClassDestinationExists) {
		there, ferr := s.Site.Find(ctx, path)
		if ferr != nil || !there.IsDir() {
			return err
		}
		e, err = there, nil
	}
	if err != nil || !out.JSON {
		return err
	}
	p := newPrinter(out)
	return p.entry(e)
}

// relocation is mv or cp: the site carries it out by itself.
type relocation struct {
	op, done  string
	call      func(Site) func(ctx context.Context, from, to string, overwrite bool) (backend.Migration, error)
	overwrite bool
	json, dry bool
	given     map[string]bool // by a dry run: the targets so far, folded
}

func newMove(open Opener) *cobra.Command {
	r := &relocation{op: "move", done: "moved", call: func(s Site) func(context.Context, string, string, bool) (backend.Migration, error) { return s.Move }}
	return r.command(open, "mv", "Move or rename files and folders on the site")
}

func newCopy(open Opener) *cobra.Command {
	r := &relocation{op: "copy", done: "copied", call: func(s Site) func(context.Context, string, string, bool) (backend.Migration, error) { return s.Copy }}
	return r.command(open, "cp", "Copy files and folders on the site")
}

func (r *relocation) command(open Opener, name, short string) *cobra.Command {
	cmd := &cobra.Command{
		Use: name + " FROM... TO", Short: short,
		Long: short + ", without their content passing through this machine.\n\n" +
			"When TO is a folder they go into it; else TO is the new path of the one FROM.",
		Args: onSite(allArgs, cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return with(cmd, open, r.json, false, func(ctx context.Context, s *Session, out Output) error {
				return r.run(ctx, s, out, args[:len(args)-1], pathutil.Normalize(args[len(args)-1]))
			})
		},
	}
	cmd.Flags().BoolVar(&r.overwrite, "overwrite", false, "replace what exists")
	jsonFlag(cmd, &r.json)
	dryFlag(cmd, &r.dry)
	return cmd
}

func (r *relocation) run(ctx context.Context, s *Session, out Output, from []string, to string) error {
	into := to == ""
	if !into {
		e, err := s.Site.Find(ctx, to)
		switch {
		case err == nil:
			into = e.IsDir()
		case !errors.Is(err, backend.NotFound):
			return err
		}
	}
	if len(from) > 1 && !into {
		return &backend.Error{
			Class: backend.ClassInvalidParameter, Group: backend.Client, Op: r.op, Path: to, Title: "Not A Folder",
			Message: "Several sources need a folder to go to, and this is none.",
		}
	}
	return each(out, errand{r.op, r.dry}, from, func(f string) error {
		dest := to
		// A new spelling of the same name is a rename, not a move into itself.
		respelled := len(from) == 1 && pathutil.IsSame(f, to) && f != to
		if into && !respelled {
			dest = pathutil.Join(to, pathutil.Base(f))
		}
		return r.one(ctx, s, out, f, dest)
	})
}

func (r *relocation) one(ctx context.Context, s *Session, out Output, from, to string) error {
	if r.dry {
		if err := r.rehearse(ctx, s.Site, from, to); err != nil {
			return err
		}
		return errors.Join(
			out.print("%s", r.op+"  "+pathutil.WholeName(from)+" -> "+pathutil.WholeName(to)),
			out.emit(event{Event: "plan", Action: r.op, Name: from, To: to}),
		)
	}
	if err := refuseWrites(s, r.op, from); err != nil {
		return err
	}
	m, err := r.call(s.Site)(ctx, from, to, r.overwrite)
	if err != nil {
		return err
	}
	var last backend.Migration
	var broken error
	err = s.Site.WaitMigration(ctx, m, func(now backend.Migration) {
		if now.FilesTotal > 0 {
			out.live(fmt.Sprintf("%s: %s of %s files", r.done, humanize.Comma(now.FilesMoved), humanize.Comma(now.FilesTotal)))
		}
		if now != last && broken == nil {
			e := event{Event: "migration", Action: r.op, Name: from, To: to, State: string(now.Status), ID: now.ID}
			if now.FilesTotal > 0 { // what is done at once is not counted by the site
				e.Moved, e.Total = &now.FilesMoved, &now.FilesTotal
			}
			broken = out.emit(e)
		}
		last = now
	})
	out.wipe()
	if err != nil && interrupted(ctx, err) && m.ID != 0 {
		out.say("ferry: interrupted. The site goes on by itself with migration %d.", m.ID)
		return context.Canceled
	}
	return errors.Join(err, broken)
}

// rehearse looks for what the site would refuse, and refuses it with the same
// classes, in the order of the site (PROTOCOL.md 11).
func (r *relocation) rehearse(ctx context.Context, site Site, from, to string) error {
	source, err := site.Find(ctx, from)
	if err != nil {
		if e := backend.AsError(err); e.Op == "find" { // nobody asked for that
			own := *e
			own.Op = r.op
			return &own
		}
		return err
	}
	refused := func(c backend.Class, g backend.ErrorGroup, wire, why string) error {
		return &backend.Error{Class: c, Group: g, Type: wire, Op: r.op, Path: from, Message: why}
	}
	same := pathutil.IsSame(from, to)
	switch {
	case from == "":
		return refused(backend.ClassInvalidPath, backend.BadRequest, "bad-request/invalid-path", "The root folder cannot be copied or moved.")
	case from == to, same && r.op == "copy":
		return refused(backend.ClassDestinationSame, backend.BadRequest, "bad-request/destination-same", "The destination is the same as the source.")
	case source.IsDir() && !same && pathutil.Within(from, to):
		return refused(backend.ClassDestinationParentConflict, backend.ProcessingFailure, "processing-failure/destination-parent-conflict", "A folder cannot be put into itself.")
	}
	if !same && !r.overwrite {
		_, err := site.Find(ctx, to)
		switch {
		case err == nil, r.given[pathutil.Fold(to)]:
			return refused(backend.ClassDestinationExists, backend.ProcessingFailure, "processing-failure/destination-exists", "The destination exists.")
		case !errors.Is(err, backend.NotFound):
			return err
		}
	}
	if dir := pathutil.Dir(to); dir != "" {
		parent, err := site.Find(ctx, dir)
		switch {
		case errors.Is(err, backend.NotFound):
			return refused(backend.ClassDestinationParentDoesNotExist, backend.ProcessingFailure, "processing-failure/destination-parent-does-not-exist", "The destination parent does not exist.")
		case err != nil:
			return err
		case !parent.IsDir():
			return refused(backend.ClassDestinationParentConflict, backend.ProcessingFailure, "processing-failure/destination-parent-conflict", "The destination parent "+parent.Path+" is a file.")
		}
	}
	if r.given == nil {
		r.given = map[string]bool{}
	}
	r.given[pathutil.Fold(to)] = true
	return nil
}

func newRemove(open Opener) *cobra.Command {
	var recursive, force, asJSON, dry bool
	cmd := &cobra.Command{
		Use: "rm PATH...", Short: "Delete files and folders of the site", Args: onSite(allArgs, cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return with(cmd, open, asJSON, false, func(ctx context.Context, s *Session, out Output) error {
				return each(out, errand{"delete", dry}, args, func(p string) error { return remove(ctx, s, out, p, recursive, force, dry) })
			})
		},
	}
	f := cmd.Flags()
	f.BoolVarP(&recursive, "recursive", "r", false, "delete folders with everything in them")
	f.BoolVarP(&force, "force", "f", false, "what is not there is no error")
	jsonFlag(cmd, &asJSON)
	dryFlag(cmd, &dry)
	return cmd
}

// within counts what a folder holds, at all depths when all is wanted.
func within(ctx context.Context, site Lister, folder string, all bool, out Output) (files, folders int, err error) {
	for q := (backend.FolderQuery{Recursive: all}); ; {
		page, err := site.List(ctx, folder, q)
		if err != nil {
			return files, folders, err
		}
		for _, e := range page.Items {
			if e.IsDir() {
				folders++
			} else {
				files++
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return files, folders, nil
		}
		out.live(fmt.Sprintf("counting: %s entries", humanize.Comma(int64(files+folders))))
	}
}

func remove(ctx context.Context, s *Session, out Output, path string, recursive, force, dry bool) error {
	if path == "" {
		return Usage(errors.New("the root of the site cannot be deleted"))
	}
	e := event{Event: "delete", Name: path}
	if dry {
		found, err := s.Site.Find(ctx, path)
		if err != nil {
			if force && errors.Is(err, backend.NotFound) {
				return nil
			}
			return err
		}
		line := "delete  " + pathutil.WholeName(path)
		if found.IsDir() {
			files, folders, err := within(ctx, s.Site, path, recursive, out)
			out.wipe()
			if err != nil {
				return err
			}
			if files+folders > 0 && !recursive {
				return &backend.Error{
					Class: backend.ClassFolderNotEmpty, Group: backend.ProcessingFailure, Type: "processing-failure/folder-not-empty",
					Op: "delete", Path: path, Message: "The folder is not empty; -r deletes it with everything in it.",
				}
			}
			if files+folders > 0 {
				e.Note = "with " + counted(files, "file", "files") + " and " + counted(folders, "folder", "folders") + " in it"
				line += "/  " + e.Note
			}
			e.Files, e.Folders = &files, &folders
		}
		e.Event, e.Action = "plan", "delete"
		return errors.Join(out.print("%s", line), out.emit(e))
	}
	if err := refuseWrites(s, "delete", path); err != nil {
		return err
	}
	err := s.Site.Delete(ctx, path, recursive)
	if force && errors.Is(err, backend.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return out.emit(e)
}
