package transfer

import (
	"context"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/pathutil/ignore"
)

// batch is how many planned items go to the owner at a time.
const batch = 256

// scanner walks the sources of a job and plans its items. It runs in its own
// goroutine for the life of the job. A dry run walks the same way.
type scanner struct {
	e     *Engine
	req   backend.TransferRequest
	hand  func([]*item) (enough bool, err error)                            // takes what was planned
	ask   func(ctx context.Context, call func(context.Context) error) error // the way to the site
	left  *ignore.List                                                      // what the request leaves out
	out   []*item
	last  time.Time
	to    names    // of a download
	links int      // symbolic links that were left out
	dirs  []string // source folders, for a move
	now   int      // the source that is walked

	unsaid string // which folders of an upload got new names; the first file below says it
}

// scan plans the whole job. The items of a batch that was sent belong to the
// owner.
func (s *scanner) scan(ctx context.Context) error {
	s.last = s.e.cfg.Clock.Now()
	if s.req.Planned {
		return nil // nothing is added to a plan
	}
	if s.req.Direction == backend.Download {
		if _, err := s.e.cfg.Local.Find(ctx, s.req.Target.Path); err != nil {
			return err // one clear failure instead of one per file
		}
	}
	return s.walk(ctx)
}

// walk plans what the sources hold.
func (s *scanner) walk(ctx context.Context) error {
	var err error
	if s.left, err = leftOut("transfer", s.req.Target.Path, s.req.Ignore); err != nil {
		return err
	}
	if s.req.Direction == backend.Download {
		if s.to.disk, err = s.e.cfg.Local.Holds(ctx, s.req.Target.Path); err != nil {
			return err
		}
	}
	taken, exact := map[string]bool{}, map[string]bool{}
	for n, src := range s.req.Sources {
		s.now = n
		wanted := nameThere(s.req.Direction, src) // the request may give it another
		// Sources of several folders may have one name: the last to arrive would
		// replace the others. Of a download, the disk says which names are one.
		name, note := wanted, ""
		if exact[wanted] || s.req.Direction == backend.Upload {
			name = pathutil.FreeName(wanted, func(folded string) bool { return taken[folded] })
		}
		taken[pathutil.Fold(name)], exact[name] = true, true
		if name != wanted {
			note = "name changed to " + name + ": another of this transfer has that name"
		}
		var err error
		if s.req.Direction == backend.Upload {
			err = s.upload(ctx, src, name, note)
		} else {
			err = s.download(ctx, src, name, note)
		}
		if err != nil {
			return err
		}
	}
	return s.flush(ctx, true)
}

// renamed keeps that a folder has another name on the site.
func (s *scanner) renamed(rel, note string) {
	if note != "" {
		s.unsaid = both(s.unsaid, "folder "+rel+": "+note)
	}
}

func (s *scanner) add(ctx context.Context, src backend.Entry, rel, dst, note string) error {
	it := &item{src: src, rel: rel, dst: dst, source: s.now, policy: s.req.Conflict}
	if note = both(s.unsaid, note); note != "" {
		it.say("%s", note)
		s.unsaid = ""
	}
	s.out = append(s.out, it)
	return s.flush(ctx, false)
}

// flush hands the planned items over and waits while the owner has enough of
// them.
func (s *scanner) flush(ctx context.Context, all bool) error {
	now := s.e.cfg.Clock.Now()
	if !all && len(s.out) < batch && now.Sub(s.last) < 200*time.Millisecond {
		return nil
	}
	items := s.out
	s.out, s.last = nil, now
	for {
		enough, err := s.hand(items)
		if err != nil {
			return err
		}
		items = nil
		if !enough || all {
			return ctx.Err()
		}
		if err := sleep(ctx, s.e.cfg.Clock, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// upload plans a local source. Symbolic links that were chosen are followed;
// those below are left out unless the request says otherwise, and then no
// folder is entered twice on one way down.
func (s *scanner) upload(ctx context.Context, src backend.Entry, name, note string) error {
	fresh, err := s.e.cfg.Local.Find(ctx, src.Path)
	if err != nil {
		return err
	}
	if err := s.takes(fresh, name); err != nil {
		return s.broken(ctx, fresh, name, named(s.req.Target.Path, name), err)
	}
	dst := pathutil.Join(s.req.Target.Path, name)
	if !fresh.IsDir() {
		return s.add(ctx, fresh, name, dst, note)
	}
	s.renamed(name, note)
	return s.localFolder(ctx, fresh, name, dst, "", nil)
}

// named is what cannot be: a folder's entry, with its name as it is.
func named(folder, name string) string { return strings.TrimPrefix(folder+"/"+name, "/") }

// takes refuses what cannot be uploaded: what is no file, and names that the site
// cannot hold.
func (s *scanner) takes(src backend.Entry, name string) error {
	if src.Special {
		f, err := s.e.cfg.Local.Open(src.Path)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil { // it has become one since
			return s.e.cfg.Local.Explain("read file", src.Path, err)
		}
	}
	return remoteHolds(name)
}

// remoteHolds refuses names that the site cannot hold.
func remoteHolds(name string) error {
	if why := unheld(name); why != "" {
		err := backend.AsError(impossible("upload", name, "The site cannot hold this name: "+why+". Rename it on this machine first."))
		err.Type = backend.TypeNameRefused
		return err
	}
	return nil
}

// unheld says why the site cannot hold a name, or one of a path, "" when it can.
// Some it refuses, others it would take for something else: a backslash is a
// slash to it (PROTOCOL.md 14), and bytes that are no text all are one character,
// so that the file would land in another place, perhaps over another one.
func unheld(name string) string {
	if !utf8.ValidString(name) { // in JSON two of them would be one
		return "it is not UTF-8"
	}
	if pathutil.Normalize(name) != name {
		return "it takes a backslash for a slash"
	}
	switch {
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "it refuses control characters"
	case endsBlank(name):
		return "it refuses a blank at the end"
	}
	for name := range strings.SplitSeq(name, "/") {
		if utf8.RuneCountInString(name) > 255 {
			return "it refuses more than 255 characters"
		}
	}
	return ""
}

// localFolder plans a folder; below is its path from the source folder.
func (s *scanner) localFolder(ctx context.Context, dir backend.Entry, rel, dst, below string, above []string) error {
	real, err := filepath.EvalSymlinks(dir.Path)
	if err != nil {
		real = dir.Path
	}
	for _, a := range above {
		if a == real {
			s.links++
			return nil // a link to a folder that is being walked
		}
	}
	above = append(above, real)
	s.dirs = append(s.dirs, dir.Path)
	q := backend.FolderQuery{}
	count, taken := 0, map[string]bool{}
	for {
		page, err := s.e.cfg.Local.List(ctx, dir.Path, q)
		if err != nil {
			return s.broken(ctx, dir, rel, dst, err)
		}
		for _, c := range page.Items {
			count++
			cbelow := pathutil.Join(below, c.Name)
			if s.left.Excludes(cbelow, c.IsDir()) || unfinished(c.Name) {
				continue
			}
			if c.Link && !s.req.FollowLinks {
				s.links++
				continue
			}
			if err := s.takes(c, c.Name); err != nil {
				if err := s.broken(ctx, c, rel+"/"+c.Name, named(dst, c.Name), err); err != nil {
					return err
				}
				continue
			}
			// This system may tell names apart that are one to the site.
			name, note := pathutil.FreeName(c.Name, func(folded string) bool { return taken[folded] }), ""
			if taken[pathutil.Fold(name)] = true; name != c.Name {
				note = "name changed to " + name
			}
			crel, cdst := rel+"/"+c.Name, pathutil.Join(dst, name)
			if c.IsDir() {
				s.renamed(crel, note)
				err = s.localFolder(ctx, c, crel, cdst, cbelow, above)
			} else {
				err = s.add(ctx, c, crel, cdst, note)
			}
			if err != nil {
				return err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if count == 0 {
		return s.add(ctx, dir, rel, dst, "")
	}
	return nil
}

// broken plans a folder that cannot be read as an item that fails with the
// reason, so that the rest goes on.
func (s *scanner) broken(ctx context.Context, dir backend.Entry, rel, dst string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	it := &item{src: dir, rel: rel, dst: dst, source: s.now, err: err, state: backend.JobFailed}
	s.out = append(s.out, it)
	return s.flush(ctx, false)
}

// download plans a remote source.
func (s *scanner) download(ctx context.Context, src backend.Entry, name, note string) error {
	local, changed := s.to.local("", name)
	note = both(note, changed)
	if !src.IsDir() {
		return s.add(ctx, src, name, local, note)
	}
	return s.remoteTree(ctx, src, name, local, note)
}

// patiently runs a call of the scanner until it gets an answer: it waits while
// the queue is parked and repeats what may pass. A site that pushes back for long
// parks the queue as well, until it answers somebody again; one that answers all
// but this call is believed in the end.
func (e *Engine) patiently(ctx context.Context, call func() error) error {
	parks := 0
	for try := 1; ; try++ {
		err := e.request(ctx, call)
		if err == nil {
			return nil
		}
		switch treat(err) {
		case parkLogin, parkNet:
			if try > 2 || treat(err) == parkLogin {
				if perr := e.parkAndWait(ctx, err); perr != nil {
					return perr
				}
				continue
			}
		case again:
			if try >= 2*triesOf {
				if parks++; !pushedBack(err) || parks > triesOf {
					return err
				}
				if perr := e.parkAndWait(ctx, err); perr != nil {
					return perr
				}
				try = triesOf
				continue
			}
		default:
			return err
		}
		if serr := sleep(ctx, e.cfg.Clock, backoff(try, err)); serr != nil {
			return serr
		}
	}
}
