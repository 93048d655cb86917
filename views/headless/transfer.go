package headless

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ferry/backend"
	"ferry/pathutil"
)

// carry is what put and get are told.
type carry struct {
	transferFlags
	conflict string
	as       string
	move     bool
	links    bool
	restart  bool
	noWait   bool
	give     time.Duration
}

func (c *carry) add(cmd *cobra.Command) {
	c.transferFlags.add(cmd)
	f := cmd.Flags()
	f.StringVar(&c.conflict, "conflict", "overwrite", "the `POLICY` for a file that exists: overwrite, skip, newer, keep-both or resume")
	f.StringVar(&c.as, "as", "", "give the one source another `NAME`")
	f.BoolVar(&c.move, "move", false, "delete each source after its arrival was verified by checksum")
	f.BoolVar(&c.restart, "restart", false, "forget what an interrupted run of the same command has done")
	f.BoolVar(&c.noWait, "no-wait", false, "do not wait for checksums that the site computes a moment after an upload; what has none yet ends with its length compared")
	patienceFlag(cmd, &c.give)
}

func patienceFlag(cmd *cobra.Command, to *time.Duration) {
	cmd.Flags().DurationVar(to, "patience", 10*time.Minute, "the `DURATION` to wait for a lost connection, or a site that puts everybody off; 0 waits for ever; when it is given, also for a site that is not up yet")
}

const again = "\n\nA run that was interrupted or in which files failed is kept in the journal: the same command goes on with it,\n" +
	"and --restart forgets it. One in which files failed is forgotten 30 days after its end, or when 100\n" +
	"others have failed since.\n" +
	"What exists is overwritten unless --conflict says otherwise."

func newPut(open Opener) *cobra.Command {
	c := &carry{}
	cmd := &cobra.Command{
		Use: "put LOCAL... REMOTE", Short: "Upload files and folders into a folder of the site",
		Long: "Upload files and folders into the folder REMOTE of the site, which is made when it is missing." + again,
		Args: onSite(lastArg, cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			req, err := c.request(backend.Upload, len(args)-1)
			if err != nil {
				return err
			}
			if slices.Contains(args, "-") {
				return Usage(errors.New(`"-": put reads files, not standard input; write it to a file first, or say ./- if that is its name`))
			}
			return with(cmd, patiently(cmd, open, c.json, c.give), c.json, !c.dry, func(ctx context.Context, s *Session, out Output) error {
				req.Target = backend.Location{Side: backend.Remote, Path: pathutil.Normalize(args[len(args)-1])}
				fresh, err := c.takes(ctx, s.Site, req.Target.Path, len(args)-1, out)
				if err != nil {
					return err
				}
				for _, a := range args[:len(args)-1] {
					e, err := findLocal(ctx, s.Disk, a)
					if err != nil {
						return err
					}
					req.Sources = append(req.Sources, e)
				}
				if fresh {
					c.hint(req.Sources, args, out)
				}
				return c.run(ctx, s, req, args, out)
			})
		},
	}
	c.add(cmd)
	cmd.Flags().BoolVar(&c.links, "follow-links", false, "go through symbolic links below the sources")
	return cmd
}

func newGet(open Opener) *cobra.Command {
	c := &carry{}
	cmd := &cobra.Command{
		Use: "get REMOTE... LOCAL", Short: "Download files and folders of the site into a local folder",
		Long: "Download files and folders of the site into the local folder LOCAL, which is made when it is missing." + again,
		Args: onSite(allButLast, cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			req, err := c.request(backend.Download, len(args)-1)
			if err != nil {
				return err
			}
			if args[len(args)-1] == "-" {
				return Usage(errors.New(`"-": get writes files, not to standard output; name a folder, ./- if that is its name`))
			}
			return with(cmd, patiently(cmd, open, c.json, c.give), c.json, !c.dry, func(ctx context.Context, s *Session, out Output) error {
				to, err := filepath.Abs(args[len(args)-1])
				if err != nil {
					return err
				}
				req.Target = backend.Location{Side: backend.Local, Path: to}
				for _, a := range args[:len(args)-1] {
					var e backend.Entry
					if err := persist(ctx, out, c.give, func(ctx context.Context) (err error) {
						e, err = findRemote(ctx, s.Site, a)
						return err
					}); err != nil {
						return err
					}
					req.Sources = append(req.Sources, e)
				}
				there, err := s.Disk.Find(ctx, to)
				switch {
				case err == nil && !there.IsDir():
					return noFolder(cmd.Name(), to, filepath.Dir(to), filepath.Base(to), len(req.Sources))
				case backend.Missing(err):
					c.hint(req.Sources, args, out)
				}
				if !c.dry {
					if _, err := s.Disk.Mkdir(ctx, to, true); err != nil {
						return err
					}
				}
				return c.run(ctx, s, req, args, out)
			})
		},
	}
	c.add(cmd)
	return cmd
}

// takes refuses a target that is a file: who names one wants to replace it, and
// would get as many failures as there are files.
func (c *carry) takes(ctx context.Context, site Site, folder string, sources int, out Output) (fresh bool, err error) {
	if folder == "" {
		return false, nil
	}
	var e backend.Entry
	err = persist(ctx, out, c.give, func(ctx context.Context) (err error) {
		e, err = site.Find(ctx, folder)
		return err
	})
	switch {
	case passes(err), backend.Cancelled(err):
		return false, err // no longer borne
	case err != nil, e.IsDir():
		return backend.Missing(err), nil // what is missing is made, and everything else is met again
	}
	return false, noFolder("put", folder, "/"+pathutil.Dir(folder), pathutil.Base(e.Path), sources)
}

// noFolder refuses a target that is a file.
func noFolder(op, target, dir, name string, sources int) error {
	how := "Several sources need a folder to go to."
	if sources == 1 {
		how = fmt.Sprintf("To replace it, %s the one source into the folder %s with --as %q.", op, dir, name)
	}
	return &backend.Error{
		Class: backend.ClassInvalidParameter, Group: backend.Client, Op: op, Path: target, Title: "Not A Folder",
		Message: "The target is a file. " + how,
	}
}

// hint says what a target that is not there is taken for, when it looks like the
// name that the one file should get: so other programs understand it.
func (c *carry) hint(sources []backend.Entry, args []string, out Output) {
	target := filepath.ToSlash(args[len(args)-1])
	name := path.Base(target)
	if len(sources) != 1 || sources[0].IsDir() || c.as != "" || strings.HasSuffix(target, "/") {
		return
	}
	ext := path.Ext(name)
	if name != sources[0].Name && (ext == "" || ext == name || ext != path.Ext(sources[0].Name)) {
		return
	}
	out.say("ferry: %s becomes a folder. For a file of that name, give the folder that it goes into, and --as %q.",
		pathutil.WholeName(target), name)
}

func findLocal(ctx context.Context, disk Disk, name string) (backend.Entry, error) {
	file, err := filepath.Abs(name)
	if err != nil {
		return backend.Entry{}, err
	}
	return disk.Find(ctx, file)
}

func findRemote(ctx context.Context, site Site, name string) (backend.Entry, error) {
	p := pathutil.Normalize(name)
	if p == "" {
		return backend.Entry{Kind: backend.Folder, Size: -1}, nil // the root is not found, but there
	}
	e, err := site.Find(ctx, p)
	if err != nil {
		err = picking{err}
	}
	return e, err
}

// request checks the flags before anything is opened.
func (c *carry) request(d backend.Direction, sources int) (req backend.TransferRequest, err error) {
	if err := c.check(); err != nil {
		return req, err
	}
	policy, err := policyOf(c.conflict)
	if err != nil {
		return req, err
	}
	if c.as != "" && (sources > 1 || c.as == "." || c.as == ".." || strings.ContainsAny(c.as, `/\`)) {
		return req, Usage(fmt.Errorf("--as: %q must be the name of the one source", c.as))
	}
	return backend.TransferRequest{
		Direction: d, Conflict: policy, Move: c.move, Ignore: c.ignore, FollowLinks: c.links, NoWait: c.noWait,
	}, nil
}

// run carries out what the arguments of put or get say.
func (c *carry) run(ctx context.Context, s *Session, req backend.TransferRequest, args []string, out Output) error {
	for i := range req.Sources {
		src := &req.Sources[i]
		if c.as != "" {
			src.Name = c.as
		}
		if src.Name == "" || src.Name == string(filepath.Separator) {
			return Usage(fmt.Errorf("the root has no name of its own: name it with --as, or use ferry sync"))
		}
	}
	if err := apart(&req, &args); err != nil {
		return err
	}
	s.Queue.Unattended(c.give)
	if c.dry {
		return rehearse(ctx, s.Queue, req, args, out)
	}
	if req.Direction == backend.Upload || req.Move {
		if err := refuseWrites(s, "transfer", req.Target.Path); err != nil {
			return err
		}
	}
	if c.restart {
		if err := s.Queue.Forget(req); err != nil {
			return err
		}
	}
	rate, err := c.rate()
	if err != nil {
		return err
	}
	s.Queue.SetLimit(rate)
	r := newRun(s, out, c.give)
	r.move = req.Move
	id, found, err := s.Queue.AddAgain(ctx, req)
	if err != nil {
		return err
	}
	if r.resumed = found; found {
		out.say("ferry: going on with an earlier run of this command.")
	}
	return r.wait(ctx, id)
}

// apart refuses sources that would become one file: the last to arrive would
// replace the others. A source that is given twice is one.
func apart(req *backend.TransferRequest, args *[]string) error {
	named, target := map[string]int{}, (*args)[len(*args)-1]
	var sources []backend.Entry
	var kept []string
	for i, src := range req.Sources {
		key := src.Name
		if req.Direction == backend.Upload {
			key = pathutil.Fold(key)
		}
		n, there := named[key]
		switch {
		case there && sources[n].Path == src.Path:
			continue
		case there:
			return Usage(fmt.Errorf("%s and %s would both be %s in %s; send one of them by itself, with --as NAME", kept[n], (*args)[i], src.Name, target))
		}
		named[key] = len(sources)
		sources, kept = append(sources, src), append(kept, (*args)[i])
	}
	kept = append(kept, target)
	req.Sources, *args = sources, kept
	return nil
}
