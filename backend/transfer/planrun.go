package transfer

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"ferry/backend"
	"ferry/pathutil"
)

// Compare makes a plan that brings a folder of this machine and one of the site
// in line. Nothing is changed. A folder that is only a target may be missing; one
// of the two that cannot be read is an error. What is below and cannot be read is
// a line of its own, and nothing in it is planned, on neither side: no plan
// deletes what was not seen, or takes it for missing.
// seen is told how far it has come, by one caller at a time; it must not block
// and may be nil.
func (e *Engine) Compare(ctx context.Context, req backend.SyncRequest, seen func(backend.SyncProgress)) (backend.Plan, error) {
	req.Remote = pathutil.Normalize(req.Remote)
	if req.Mirror && req.Mode == backend.SyncBoth {
		return backend.Plan{}, planError(req.Local, "A mirror has one direction: push or pull.")
	}
	disk, err := e.cfg.Local.Holds(ctx, req.Local)
	if err != nil {
		return backend.Plan{}, err
	}
	look := &watcher{tell: seen}
	local, remote, err := e.walkBoth(ctx, req, look)
	if err != nil {
		return backend.Plan{}, err
	}
	if req.By == backend.ByHash {
		if err := e.sums(ctx, disk, local, remote, look); err != nil {
			return backend.Plan{}, err
		}
	}
	return backend.Plan{
		Version: backend.PlanVersion, Site: e.planSite(), Made: e.cfg.Clock.Now().UTC(), Request: req,
		Items: compare(req, disk, local, remote),
	}, nil
}

// CheckPlan looks at both sides again and gives the ticked items that are no
// longer as they were when the plan was made: these must not be carried out.
// What an interrupted run of the same plan has done already counts as
// unchanged, and loses its tick. What can no longer be read has changed. A conflict
// without a tick that was settled since is one no more.
func (e *Engine) CheckPlan(ctx context.Context, p *backend.Plan, seen func(backend.SyncProgress)) ([]backend.PlanChange, error) {
	local, remote, err := e.walkBoth(ctx, p.Request, &watcher{tell: seen})
	if err != nil {
		return nil, err
	}
	checked, changes := checkPlan(*p, local, remote)
	stillUnread(checked.Items, local, remote)
	*p = checked
	return changes, nil
}

// checkPlan is CheckPlan on what was seen.
func checkPlan(p backend.Plan, local, remote []node) (backend.Plan, []backend.PlanChange) {
	l, r := byName(local), byName(remote)
	come, there := byForm(local), byForm(remote)
	p.Items = slices.Clone(p.Items)
	var changes []backend.PlanChange
	for n := range p.Items {
		i := &p.Items[n]
		if !i.On && settled(*i, p.Request.By, l, r) {
			i.Kind = backend.PlanSame
		}
		if !i.On || i.Action == backend.PlanNothing {
			continue
		}
		local, remote := places(*i)
		ln, rn := l[local], r[remote]
		if dir, where := hidden(l, local, r, remote); dir != nil {
			changes = append(changes, backend.PlanChange{Item: n, Why: path.Base(dir.rel) + " " + notRead(dir.unread, where)})
			continue
		}
		if i.Local == nil && ln == nil {
			ln = come[pathutil.Fold(local)]
		}
		if i.Remote == nil && rn == nil {
			rn = there[pathutil.Fold(remote)]
		}
		switch {
		case unchanged(i.Local, ln) && unchanged(i.Remote, rn):
		case carriedOut(*i, ln, rn):
			i.On = false
		default:
			var why []string
			for _, w := range []string{since(i.Local, ln, "on this machine"), since(i.Remote, rn, "on the site")} {
				if w != "" {
					why = append(why, w)
				}
			}
			changes = append(changes, backend.PlanChange{Item: n, Why: strings.Join(why, ", ") + " since the plan was made"})
		}
	}
	return p, changes
}

// settled tells whether a side of a conflict has become what the other one is since
// the plan was made: by a run of the plan, or by somebody else. By hash, size and
// time prove it only of what the plan was to do.
func settled(i backend.PlanItem, by backend.CompareBy, local, remote map[string]*node) bool {
	l, r := local[nameOf(i.Local)], remote[nameOf(i.Remote)]
	if i.Kind != backend.PlanConflict || i.Stuck || l == nil || r == nil || unchanged(i.Local, l) && unchanged(i.Remote, r) {
		return false
	}
	if l.unread != nil || r.unread != nil || by == backend.ByHash && (i.Action == backend.PlanNothing || !carriedOut(i, l, r)) {
		return false
	}
	is := *stampOf(l)
	is.ETag = "" // each side has its own
	return unchanged(&is, r)
}

// places is where an item is to be found on both sides, or would be.
func places(i backend.PlanItem) (local, remote string) {
	local, remote = nameOf(i.Local), nameOf(i.Remote)
	switch {
	case (i.Action == backend.PlanUpload || i.Action == backend.PlanDeleteLocal) && i.Remote == nil:
		remote = i.Target
	case (i.Action == backend.PlanDownload || i.Action == backend.PlanDeleteRemote) && i.Local == nil:
		local = i.Target
	}
	return local, remote
}

// hidden finds what could not be read on the way to a place of one of the sides,
// or at it: nobody can tell what is there.
func hidden(l map[string]*node, local string, r map[string]*node, remote string) (dir *node, where string) {
	find := func(nodes map[string]*node, rel string) *node {
		for ; rel != ""; rel = pathutil.Dir(rel) {
			if n := nodes[rel]; n != nil && n.unread != nil {
				return n
			}
		}
		return nil
	}
	if dir = find(l, local); dir != nil {
		return dir, "this machine"
	}
	return find(r, remote), "the site"
}

// stillUnread gives the lines of what a plan could not read the reason of today.
// The two sides may spell a name in two ways.
func stillUnread(items []backend.PlanItem, local, remote []node) {
	l, r := byName(local), byName(remote)
	for n := range items {
		i := &items[n]
		if !i.Unread {
			continue
		}
		if i.Err = unread(l[nameOf(i.Local)], r[nameOf(i.Remote)]); i.Err == nil {
			i.Reason = "could not be read when the plan was made; compare again"
		}
	}
}

// since says what has happened to one side of an item, "" for nothing.
func since(was *backend.Stamp, now *node, where string) string {
	switch {
	case unchanged(was, now):
		return ""
	case was == nil:
		return "something has come " + where
	case now == nil:
		return "it has gone " + where
	}
	return "it has changed " + where
}

func byName(nodes []node) map[string]*node {
	out := make(map[string]*node, len(nodes))
	for i := range nodes {
		out[nodes[i].rel] = &nodes[i]
	}
	return out
}

// byForm arranges nodes as the site compares their names: what has come since may
// be spelled in another way.
func byForm(nodes []node) map[string]*node {
	out := make(map[string]*node, len(nodes))
	for i := range nodes {
		out[pathutil.Fold(nodes[i].rel)] = &nodes[i]
	}
	return out
}

func nameOf(s *backend.Stamp) string {
	if s == nil {
		return ""
	}
	return s.Name
}

// unchanged compares what a plan saw with what is there.
func unchanged(was *backend.Stamp, now *node) bool {
	if was == nil || now == nil {
		return was == nil && now == nil
	}
	is := stampOf(now)
	return is.Size == was.Size && seconds(is.Modified).Equal(seconds(was.Modified)) &&
		(is.ETag == "" || was.ETag == "" || is.ETag == was.ETag)
}

// carriedOut tells whether an item is as running the plan leaves it.
func carriedOut(i backend.PlanItem, l, r *node) bool {
	arrived := func(from *backend.Stamp, source, target *node) bool {
		return unchanged(from, source) && target != nil && target.entry.IsDir() == i.Folder &&
			(i.Folder || target.entry.Size == from.Size && seconds(target.entry.Modified).Equal(seconds(from.Modified)))
	}
	switch i.Action {
	case backend.PlanUpload:
		return arrived(i.Local, l, r)
	case backend.PlanDownload:
		return arrived(i.Remote, r, l)
	case backend.PlanDeleteLocal:
		return l == nil
	case backend.PlanDeleteRemote:
		return r == nil
	case backend.PlanNothing:
	}
	return true
}

// StartPlan queues the ticked transfers of a plan: at most one job a direction.
// A job that an earlier run left unfinished goes on. What must be looked at
// first is CheckPlan's; deletions wait for FinishPlan.
func (e *Engine) StartPlan(ctx context.Context, p backend.Plan) ([]backend.JobID, error) {
	if p.Totals().Downloads > 0 {
		if _, err := e.cfg.Local.Mkdir(ctx, p.Request.Local, true); err != nil {
			return nil, err
		}
	}
	var ids []backend.JobID
	for _, action := range []backend.PlanAction{backend.PlanUpload, backend.PlanDownload} {
		items := e.planItems(p, action)
		if len(items) == 0 {
			if err := e.Forget(planRequest(p, action)); err != nil {
				return ids, err
			}
			continue
		}
		id, err := e.addPlanned(ctx, planRequest(p, action), items)
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// planRequest is what stands for the transfers of a plan in the queue.
func planRequest(p backend.Plan, action backend.PlanAction) backend.TransferRequest {
	local := backend.Entry{Path: p.Request.Local, Name: filepath.Base(p.Request.Local), Kind: backend.Folder, Size: -1}
	remote := backend.Entry{Path: p.Request.Remote, Name: pathutil.Base(p.Request.Remote), Kind: backend.Folder, Size: -1}
	req := backend.TransferRequest{Planned: true, Conflict: backend.Overwrite, Ignore: p.Request.Ignore}
	if action == backend.PlanUpload {
		req.Direction, req.Sources = backend.Upload, []backend.Entry{local}
		req.Target = backend.Location{Side: backend.Remote, Path: remote.Path}
	} else {
		req.Direction, req.Sources = backend.Download, []backend.Entry{remote}
		req.Target = backend.Location{Side: backend.Local, Path: local.Path}
	}
	return req
}

// planItems are the ticked items of one direction as the engine runs them. What
// appears where a plan saw nothing is left alone, and what it saw is written
// over only while it is still the same.
func (e *Engine) planItems(p backend.Plan, action backend.PlanAction) []*item {
	var out []*item
	for _, i := range p.Items {
		if !i.On || i.Action != action {
			continue
		}
		from, there := i.Local, i.Remote
		if action == backend.PlanDownload {
			from, there = i.Remote, i.Local
		}
		src := backend.Entry{Name: path.Base(from.Name), Size: from.Size, Modified: from.Modified}
		if i.Folder {
			src.Kind = backend.Folder
		}
		it := &item{rel: i.Name, policy: backend.Overwrite, expect: there}
		if there == nil {
			it.policy = backend.Skip
		}
		if action == backend.PlanUpload {
			src.Path = filepath.Join(p.Request.Local, filepath.FromSlash(from.Name))
			it.dst = pathutil.Join(p.Request.Remote, i.Target)
		} else {
			src.Path = pathutil.Join(p.Request.Remote, from.Name)
			it.dst = i.Target
			if path.Base(i.Target) != path.Base(from.Name) && there == nil {
				it.say("name changed to %s", path.Base(i.Target))
			}
		}
		it.src = src
		out = append(out, it)
	}
	return out
}
