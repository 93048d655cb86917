package transfer

import (
	"context"
	"path"
	"path/filepath"
	"slices"

	"ferry/backend"
	"ferry/pathutil"
)

// DryRun tells what Add would do, without doing it: one line a file, with the
// job's answer to what is there.
func (e *Engine) DryRun(ctx context.Context, req backend.TransferRequest) ([]backend.PlanItem, error) {
	if err := check(req); err != nil {
		return nil, err
	}
	var all []backend.PlanItem
	for _, src := range req.Sources {
		items, err := e.dryRun(ctx, req, src)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}

func (e *Engine) dryRun(ctx context.Context, req backend.TransferRequest, src backend.Entry) ([]backend.PlanItem, error) {
	left, err := leftOut("transfer", req.Target.Path, req.Ignore)
	if err != nil {
		return nil, err
	}
	from, to := e.newWalk(left, nil), e.newWalk(nil, nil)
	from.follow = req.FollowLinks
	sync := backend.SyncRequest{Mode: backend.SyncPush}
	name := src.Name
	var disk backend.DiskNames
	if req.Direction == backend.Download {
		if disk, err = e.cfg.Local.Holds(ctx, req.Target.Path); err != nil {
			return nil, err
		}
	}
	if req.Direction == backend.Upload {
		if src.IsDir() {
			err = from.local(ctx, src.Path, "")
		}
		sync.Local, sync.Remote = src.Path, pathutil.Join(req.Target.Path, name)
	} else {
		sync.Mode = backend.SyncPull
		if src.IsDir() {
			err = from.remote(ctx, src.Path)
		}
		name, _ = pathutil.LocalName(name, disk.System)
		sync.Remote, sync.Local = src.Path, filepath.Join(req.Target.Path, name)
	}
	if err != nil {
		return nil, err
	}
	if !src.IsDir() {
		return e.dryFile(ctx, req, src, name, sync)
	}
	if req.Direction == backend.Upload {
		err = to.remote(ctx, sync.Remote)
	} else {
		err = to.local(ctx, sync.Local, "")
	}
	if err != nil && !missing(err) {
		return nil, err
	}
	var was map[string]string
	if req.Direction == backend.Upload {
		was = spread(from.nodes)
	}
	local, remote := from.nodes, to.nodes
	if req.Direction == backend.Download {
		local, remote = remote, local
	}
	items := compare(sync, disk, local, remote)
	if len(from.nodes) == 0 && err != nil {
		items = append(items, backend.PlanItem{Kind: backend.PlanNew, Folder: true, Name: "", Action: actionOf(req), On: true})
	}
	items = slices.DeleteFunc(items, func(i backend.PlanItem) bool { return i.Kind == backend.PlanExtra })
	for n := range items {
		i := &items[n]
		source, target := i.Local, i.Remote
		if req.Direction == backend.Download {
			source, target = target, source
		}
		if source != nil && target != nil && i.Kind != backend.PlanConflict {
			i.Target = target.Name
			answer(req, i, entryOf(source), new(entryOf(target)))
		}
		if before, ok := was[i.Name]; ok {
			if path.Base(before) != path.Base(i.Name) {
				why := "name changed to " + path.Base(i.Name) + ": another here is the same name to the site"
				if i.Kind != backend.PlanNew && i.Reason != "" {
					why = i.Reason + "; " + why
				}
				i.Reason = why
			}
			i.Name = before
		}
		i.Name = path.Join(name, i.Name)
		i.Target = path.Join(name, i.Target)
	}
	return items, nil
}

// spread gives nodes of this machine whose names are one to the site the names
// that the scan of an upload gives them, and tells what those were called before.
func spread(nodes []node) (was map[string]string) {
	was = map[string]string{}
	now, taken := map[string]string{}, map[string]bool{}
	for n := range nodes {
		rel := nodes[n].rel
		dir := pathutil.Dir(rel)
		if to, ok := now[dir]; ok {
			dir = to
		}
		in := func(folded string) string { return dir + "\x00" + folded }
		name := pathutil.FreeName(path.Base(rel), func(folded string) bool { return taken[in(folded)] })
		taken[in(pathutil.Fold(name))] = true
		if to := path.Join(dir, name); to != rel {
			nodes[n].rel, now[rel], was[to] = to, to, rel
		}
	}
	return was
}

// dryFile is dryRun for a single file.
func (e *Engine) dryFile(ctx context.Context, req backend.TransferRequest, src backend.Entry, name string, sync backend.SyncRequest) ([]backend.PlanItem, error) {
	i := backend.PlanItem{Kind: backend.PlanNew, Action: actionOf(req), Name: name, Target: name, On: true}
	var there backend.Entry
	var err error
	if req.Direction == backend.Upload {
		err = e.ask(ctx, func(ctx context.Context) (err error) {
			there, err = e.site().Find(ctx, sync.Remote)
			return err
		})
		i.Local = stampOf(&node{rel: name, entry: src})
	} else {
		there, err = e.cfg.Local.Find(ctx, sync.Local)
		i.Remote = stampOf(&node{rel: name, entry: src})
	}
	switch {
	case err == nil:
		answer(req, &i, src, &there)
	case !missing(err):
		return nil, err
	}
	return []backend.PlanItem{i}, nil
}

func actionOf(req backend.TransferRequest) backend.PlanAction {
	if req.Direction == backend.Upload {
		return backend.PlanUpload
	}
	return backend.PlanDownload
}

func entryOf(s *backend.Stamp) backend.Entry {
	return backend.Entry{Size: s.Size, Modified: s.Modified}
}

// answer says what the job does about a target that is there.
func answer(req backend.TransferRequest, i *backend.PlanItem, source backend.Entry, target *backend.Entry) {
	i.Kind, i.Action, i.On = backend.PlanChanged, actionOf(req), true
	switch decide(req.Conflict, source, target) {
	case write:
	case replace:
		i.Reason = "replaces what is there"
	case rename:
		i.Reason = "gets a free name beside what is there"
	case resume:
		i.Reason = "goes on behind what is there"
	case skip:
		i.Kind, i.Action, i.On, i.Reason = backend.PlanSame, backend.PlanNothing, false, "skipped: "+req.Conflict.String()
	case question, clash:
		i.Kind, i.Action, i.On, i.Reason = backend.PlanConflict, backend.PlanNothing, false, "a person has to decide"
	}
}
