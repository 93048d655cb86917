package transfer

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"ferry/backend"
	"ferry/pathutil"
)

// DryRun tells what Add would do, without doing it: one line a file, with the
// job's answer to what is there. It looks through the sources as the job does.
// What cannot be read is a line of its own, and the rest goes on.
func (e *Engine) DryRun(ctx context.Context, req backend.TransferRequest) (backend.Rehearsal, error) {
	if err := check(req); err != nil {
		return backend.Rehearsal{}, err
	}
	found := make([][]*item, len(req.Sources))
	s := &scanner{e: e, req: req, ask: e.ask, last: e.cfg.Clock.Now()}
	s.hand = func(items []*item) (enough bool, err error) {
		for _, it := range items {
			if it.err != nil && treat(it.err) != giveUp {
				return false, it.err // nobody is there, or lets anybody in
			}
			found[it.source] = append(found[it.source], it)
		}
		return false, nil
	}
	if err := s.walk(ctx); err != nil {
		return backend.Rehearsal{}, err
	}
	given := map[string]bool{}
	out := backend.Rehearsal{Items: make([][]backend.PlanItem, len(found)), Links: s.links}
	for n, items := range found {
		slices.SortStableFunc(items, func(a, b *item) int { return byPath(pathutil.Fold(a.rel), pathutil.Fold(b.rel)) })
		r := &rehearsal{e: e, req: req, whole: req.Sources[n].IsDir(), ways: map[string]*way{}, given: given}
		for _, it := range items {
			if it.err != nil {
				r.refused(it)
			} else if err := r.add(ctx, it); err != nil {
				return backend.Rehearsal{}, err
			}
		}
		out.Items[n] = r.items
	}
	return out, nil
}

// rehearsal finds out what would become of the items of one source.
type rehearsal struct {
	e     *Engine
	req   backend.TransferRequest
	whole bool             // the source is a folder
	site  map[string]*node // what is where that is to go on the site, by comparison form; nil until it was looked at
	ways  map[string]*way  // folders that were looked at
	given map[string]bool  // free names that were given away
	items []backend.PlanItem
}

// way is what stands where a folder is to go.
type way struct {
	fresh bool  // nothing
	file  bool  // a file, which is told once
	err   error // nobody knows
}

// free tells that what is in the folder can be looked at.
func (w *way) free() bool { return !w.fresh && !w.file && w.err == nil }

// line is what the scan knows of an item.
func (r *rehearsal) line(it *item) backend.PlanItem {
	i := backend.PlanItem{Kind: backend.PlanNew, Action: actionOf(r.req), Name: it.rel, Folder: it.src.IsDir(), Reason: it.said(), On: true}
	if stamp := stampOf(&node{rel: it.rel, entry: it.src}); r.req.Direction == backend.Upload {
		i.Local = stamp
	} else {
		i.Remote = stamp
	}
	return i
}

// add plans one item.
func (r *rehearsal) add(ctx context.Context, it *item) error {
	i := r.line(it)
	dir, w, err := r.way(ctx, path.Dir(it.dst))
	if err != nil {
		return err
	}
	var there *backend.Entry
	if w.free() {
		if there, w, err = r.find(ctx, it.dst); err != nil {
			return err
		}
	}
	i.Target = r.below(it.dst)
	switch {
	case w.file:
		if dir == "" { // which was told
			return nil
		}
		i.Folder, i.Target = true, r.below(dir)
		i.Name = strings.Join(strings.Split(it.rel, "/")[:strings.Count(i.Target, "/")+1], "/")
		r.stuck(i, fileInTheWay)
		return nil
	case w.err != nil:
		i.Unread, i.Err = true, w.err
		i.Reason = both(i.Reason, "what is there "+notRead(w.err, r.target()))
	case it.src.IsDir() && there != nil:
		if !there.IsDir() {
			r.stuck(i, fileInTheWay)
		}
		return nil
	case there != nil:
		if err := r.answer(ctx, &i, it, there); err != nil {
			return err
		}
	}
	if it.err = r.opens(it, i); it.err != nil {
		r.refused(it)
	} else {
		r.items = append(r.items, i)
	}
	return nil
}

// opens tells whether a file that is to be uploaded can be read, as the run would
// find out.
func (r *rehearsal) opens(it *item, i backend.PlanItem) error {
	if r.req.Direction == backend.Download || i.Folder || !i.On {
		return nil
	}
	f, err := r.e.cfg.Local.Open(it.src.Path)
	if err != nil {
		return err
	}
	return f.Close()
}

const fileInTheWay = "a file stands where the folder should go"

func actionOf(req backend.TransferRequest) backend.PlanAction {
	if req.Direction == backend.Upload {
		return backend.PlanUpload
	}
	return backend.PlanDownload
}

// source and target are the sides in words.
func (r *rehearsal) source() string { return sideOf(r.req.Direction == backend.Upload) }
func (r *rehearsal) target() string { return sideOf(r.req.Direction == backend.Download) }

func sideOf(here bool) string {
	if here {
		return "this machine"
	}
	return "the site"
}

// refused adds what the scan has refused.
func (r *rehearsal) refused(it *item) {
	i := r.line(it)
	i.Target = r.below(it.dst)
	if errors.Is(it.err, backend.Client) { // by a rule of ours
		r.stuck(i, strings.TrimSuffix(backend.AsError(it.err).Message, "."))
		return
	}
	i.Unread, i.Err = true, it.err
	r.stuck(i, notRead(it.err, r.source()))
}

// stuck adds a line that nothing can be done about.
func (r *rehearsal) stuck(i backend.PlanItem, why string) {
	i.Kind, i.Action, i.On, i.Stuck, i.Reason = backend.PlanConflict, backend.PlanNothing, false, true, why
	r.items = append(r.items, i)
}

// below is a target as a line names it: below the target folder, in the spelling
// that the site has as far down as it has it.
func (r *rehearsal) below(dst string) string {
	if r.req.Direction == backend.Download {
		return dst
	}
	top := r.req.Target.Path
	if pathutil.Normalize(dst) != dst { // no path of the site
		return strings.TrimPrefix(dst, top+"/")
	}
	rel, _ := pathutil.Relative(top, r.spelled(dst))
	return rel
}

func (r *rehearsal) spelled(dst string) string {
	if n := r.site[pathutil.Fold(dst)]; n != nil {
		return n.entry.Path
	}
	if dir := pathutil.Dir(dst); dir != "" {
		return pathutil.Join(r.spelled(dir), pathutil.Base(dst))
	}
	return dst
}

// way looks at the folders down to dir. at is the folder where a file stands,
// the first time.
func (r *rehearsal) way(ctx context.Context, dir string) (at string, w *way, err error) {
	if dir == "." || r.req.Direction == backend.Upload && pathutil.IsSame(dir, r.req.Target.Path) {
		return "", &way{}, nil
	}
	if at, w, err = r.way(ctx, path.Dir(dir)); err != nil || !w.free() {
		return at, w, err
	}
	if w := r.ways[dir]; w != nil {
		return "", w, nil
	}
	there, w, err := r.find(ctx, dir)
	switch {
	case err != nil:
		return "", nil, err
	case !w.free():
	case there == nil:
		w.fresh = true
	case !there.IsDir():
		at, w.file = dir, true
	}
	r.ways[dir] = w
	return at, w, nil
}

// ends tells of a failure about what is there whether it is that of every
// request, and ends the dry run.
func ends(ctx context.Context, err error) bool { return ctx.Err() != nil || treat(err) != giveUp }

// find looks up what is where something is to go, nil for nothing, and whether
// anybody can know.
func (r *rehearsal) find(ctx context.Context, dst string) (*backend.Entry, *way, error) {
	there, err := r.lookUp(ctx, dst)
	if err != nil && !ends(ctx, err) {
		return nil, &way{err: err}, nil
	}
	return there, &way{}, err
}

func (r *rehearsal) lookUp(ctx context.Context, dst string) (*backend.Entry, error) {
	if r.req.Direction == backend.Upload && r.whole {
		return r.onSite(ctx, dst)
	}
	var there backend.Entry
	var err error
	if r.req.Direction == backend.Download {
		there, err = r.e.cfg.Local.FindIn(ctx, r.req.Target.Path, dst)
	} else {
		there, err = r.look(ctx, dst)
	}
	if missing(err) {
		return nil, nil
	}
	return &there, err
}

func (r *rehearsal) look(ctx context.Context, dst string) (there backend.Entry, err error) {
	err = r.e.ask(ctx, func(ctx context.Context) (err error) {
		there, err = r.e.site().Find(ctx, dst)
		return err
	})
	return there, err
}

// onSite is find for what is in a folder, which is looked through once.
func (r *rehearsal) onSite(ctx context.Context, dst string) (*backend.Entry, error) {
	if r.site == nil {
		top := dst
		for dir := pathutil.Dir(top); dir != "" && !pathutil.IsSame(dir, r.req.Target.Path); dir = pathutil.Dir(top) {
			top = dir
		}
		there, err := r.look(ctx, top)
		if err != nil && !missing(err) {
			return nil, err
		}
		r.site = map[string]*node{}
		if err == nil {
			n := &node{entry: there}
			r.site[pathutil.Fold(top)] = n
			if there.IsDir() {
				w := r.e.newWalk(nil, nil)
				if n.unread = w.remote(ctx, top); n.unread != nil && ends(ctx, n.unread) {
					return nil, n.unread
				}
				for k := range w.nodes {
					r.site[pathutil.Fold(w.nodes[k].entry.Path)] = &w.nodes[k]
				}
			}
		}
	}
	n := r.site[pathutil.Fold(dst)]
	if n == nil {
		for dir := pathutil.Dir(dst); dir != ""; dir = pathutil.Dir(dir) {
			if up := r.site[pathutil.Fold(dir)]; up != nil && up.unread != nil {
				return nil, up.unread
			}
		}
		return nil, nil
	}
	return &n.entry, nil
}

// answer says what the job does about a target that is there.
func (r *rehearsal) answer(ctx context.Context, i *backend.PlanItem, it *item, there *backend.Entry) error {
	i.Kind = backend.PlanChanged
	undo := func(kind backend.PlanKind) { i.Kind, i.Action, i.On = kind, backend.PlanNothing, false }
	why := ""
	switch decide(r.req.Conflict, it.src, there) {
	case write:
	case replace:
		why = "replaces what is there"
	case rename:
		dir := path.Dir(it.dst)
		var failed error
		free := pathutil.FreeLocalName(path.Base(it.dst), func(name string) bool {
			at := path.Join(dir, name)
			if failed != nil {
				return false
			}
			if r.given[pathutil.Fold(at)] {
				return true
			}
			en, err := r.lookUp(ctx, at)
			failed = err
			return en != nil && err == nil
		})
		if failed != nil {
			return failed
		}
		r.given[pathutil.Fold(path.Join(dir, free))] = true
		i.Target = r.below(path.Join(dir, free))
		i.Kind = backend.PlanNew
		why = "gets a free name beside what is there"
	case resume:
		// Whether a target of this machine is the beginning is known when the rest
		// has come; a link is not gone on with.
		why = "goes on behind what is there if that is its beginning, else it fails and that stays"
		if there.Link {
			why = "replaces what is there"
		}
		if r.req.Direction == backend.Upload {
			why = "replaces what is there"
			switch not, err := r.notBeginning(ctx, it, there); {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				undo(backend.PlanConflict)
				i.Stuck, i.Unread, i.Err = true, true, err
				why = notRead(err, r.source())
			case not != "":
				undo(backend.PlanConflict)
				why = "a person has to decide; " + not
			}
		}
	case skip:
		undo(backend.PlanSame)
		why = "skipped: " + r.req.Conflict.String()
	case clash:
		undo(backend.PlanConflict)
		why = "a folder with this name stands there"
	case question:
		undo(backend.PlanConflict)
		why = "a person has to decide"
	}
	i.Reason = both(why, i.Reason)
	return nil
}

// notBeginning is that of the engine for a file that the run has not opened yet.
func (r *rehearsal) notBeginning(ctx context.Context, it *item, there *backend.Entry) (string, error) {
	f, err := r.e.cfg.Local.Open(it.src.Path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return r.e.notBeginning(ctx, f, there)
}
