package transfer

import (
	"context"
	"errors"
	"path"

	"ferry/backend"
	"ferry/pathutil"
)

// remoteTree plans a folder of the site. The site can list a whole tree flat,
// in few requests; where it refuses that, folder after folder is walked.
func (s *scanner) remoteTree(ctx context.Context, dir backend.Entry, rel, dst, note string) error {
	t := &tree{
		s: s, top: dir.Path, places: map[string]place{pathutil.Fold(dir.Path): {rel: rel, dst: dst, note: note}},
		hollow: map[string]backend.Entry{}, told: map[string]bool{},
	}
	t.hollow[pathutil.Fold(dir.Path)] = dir
	s.dirs = append(s.dirs, dir.Path)
	err := t.list(ctx, dir, true)
	if err != nil && t.seen == 0 && refusesRecursive(err) {
		err = t.list(ctx, dir, false)
	}
	if err != nil {
		return s.broken(ctx, dir, rel, dst, err)
	}
	for key, empty := range t.hollow {
		p := t.places[key]
		note := p.note
		if !pathutil.IsSame(empty.Path, t.top) {
			note = both(t.changes(pathutil.Dir(empty.Path)), note)
		}
		if err := s.add(ctx, empty, p.rel, p.dst, note); err != nil {
			return err
		}
	}
	return nil
}

func refusesRecursive(err error) bool {
	return errors.Is(err, backend.BadRequest) || errors.Is(err, backend.ProcessingFailure) || errors.Is(err, backend.Client)
}

// place is where a folder of the site goes.
type place struct {
	rel, dst, note string
	gone           bool // ignored with everything below
}

// tree maps the folders below one source.
type tree struct {
	s      *scanner
	top    string                   // the source
	places map[string]place         // by comparison form of the remote path
	hollow map[string]backend.Entry // folders without entries, as far as known
	later  []backend.Entry          // folders still to be listed one by one
	told   map[string]bool          // folders whose new name was said
	seen   int
}

func (t *tree) list(ctx context.Context, dir backend.Entry, recursive bool) error {
	q := backend.FolderQuery{Query: backend.Query{PerPage: 1000}, Recursive: recursive}
	for {
		var page backend.Page[backend.Entry]
		err := t.s.ask(ctx, func(ctx context.Context) (err error) {
			page, err = t.s.e.site().List(ctx, dir.Path, q)
			return err
		})
		if err != nil {
			return err
		}
		for _, c := range page.Items {
			t.seen++
			if err := t.take(ctx, c, recursive); err != nil {
				return err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	for !recursive && len(t.later) > 0 {
		next := t.later[len(t.later)-1]
		t.later = t.later[:len(t.later)-1]
		if err := t.list(ctx, next, false); err != nil {
			p := t.places[pathutil.Fold(next.Path)]
			delete(t.hollow, pathutil.Fold(next.Path))
			if err := t.s.broken(ctx, next, p.rel, p.dst, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// take plans one entry of a listing.
func (t *tree) take(ctx context.Context, c backend.Entry, recursive bool) error {
	above := t.folder(pathutil.Dir(c.Path))
	delete(t.hollow, pathutil.Fold(pathutil.Dir(c.Path)))
	name := pathutil.Base(c.Path)
	key := pathutil.Fold(c.Path)
	if above.gone || t.ignored(c.Path, c.IsDir()) {
		if c.IsDir() {
			t.places[key] = place{gone: true}
		}
		return nil
	}
	if !c.IsDir() {
		local, note := t.s.to.local(above.dst, name)
		note = both(t.changes(pathutil.Dir(c.Path)), note)
		return t.s.add(ctx, c, above.rel+"/"+name, path.Join(above.dst, local), note)
	}
	if _, known := t.places[key]; !known {
		// A flat listing may name what is in a folder before the folder.
		t.hollow[key] = c
	}
	t.folder(c.Path)
	t.s.dirs = append(t.s.dirs, c.Path)
	if !recursive {
		t.later = append(t.later, c)
	}
	return nil
}

// changes says which folders on the way to remote got new names, as far as that
// was not said before: the first file below says it for all.
func (t *tree) changes(remote string) string {
	key := pathutil.Fold(remote)
	p, ok := t.places[key]
	if !ok || t.told[key] {
		return ""
	}
	t.told[key] = true
	note := ""
	if !pathutil.IsSame(remote, t.top) {
		note = t.changes(pathutil.Dir(remote))
	}
	if p.note != "" {
		note = both(note, "folder "+p.rel+": "+p.note)
	}
	return note
}

func both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// folder gives the place of a folder, from that of the one above it.
func (t *tree) folder(remote string) place {
	key := pathutil.Fold(remote)
	if p, ok := t.places[key]; ok || remote == "" {
		return p
	}
	above := t.folder(pathutil.Dir(remote))
	name := pathutil.Base(remote)
	p := place{gone: above.gone || t.ignored(remote, true)}
	if !p.gone {
		var local string
		local, p.note = t.s.to.local(above.dst, name)
		p.rel, p.dst = above.rel+"/"+name, path.Join(above.dst, local)
	}
	t.places[key] = p
	return p
}

// ignored tells whether the request leaves out a path of the site.
func (t *tree) ignored(remote string, folder bool) bool {
	rel, ok := pathutil.Relative(t.top, remote)
	return ok && t.s.left.Excludes(rel, folder)
}
