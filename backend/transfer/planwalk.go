package transfer

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/pathutil/ignore"
)

// walk collects what is in a folder of one side.
type walk struct {
	e     *Engine
	left  *ignore.List
	seen  func(folder bool) // told of every entry that was found
	nodes []node
	at    map[string]int // index of folders, by rel
}

func (e *Engine) newWalk(left *ignore.List, seen func(folder bool)) *walk {
	if seen == nil {
		seen = func(bool) {}
	}
	return &walk{e: e, left: left, seen: seen, at: map[string]int{}}
}

func (w *walk) add(n node) {
	if n.entry.IsDir() {
		w.at[n.rel] = len(w.nodes)
	}
	w.nodes = append(w.nodes, n)
	w.seen(n.entry.IsDir() && !n.link)
}

// ignored tells whether a path is left out, by itself or with a folder above
// it. What an interrupted download keeps beside its target always is.
func (w *walk) ignored(rel string, folder bool) bool {
	return w.left.Excludes(rel, folder) || slices.ContainsFunc(strings.Split(rel, "/"), unfinished)
}

// holds marks the folders above an entry that is left out.
func (w *walk) holds(rel string) {
	for dir := pathutil.Dir(rel); dir != ""; dir = pathutil.Dir(dir) {
		if i, ok := w.at[dir]; ok {
			w.nodes[i].holds = true
		}
	}
}

// passes marks a folder below the top that cannot be read, so that the walk goes
// on beside it and nothing is done to what is in it. Failures that are none of
// the folder end the walk.
func (w *walk) passes(ctx context.Context, rel string, err error) bool {
	if err == nil || ends(ctx, err) {
		return err == nil
	}
	w.nodes[w.at[rel]].unread = err
	return true
}

// local walks a folder of this machine. It fails when that cannot be read.
func (w *walk) local(ctx context.Context, dir, rel string) error {
	q := backend.FolderQuery{}
	for {
		page, err := w.e.cfg.Local.List(ctx, dir, q)
		if err != nil {
			return err
		}
		for _, c := range page.Items {
			crel := c.Name
			if rel != "" {
				crel = rel + "/" + c.Name
			}
			if w.ignored(crel, c.IsDir() && !c.Link) {
				w.holds(crel)
				continue
			}
			w.add(node{rel: crel, entry: c, link: c.Link})
			if c.IsDir() && !c.Link {
				if err := w.local(ctx, filepath.Join(dir, c.Name), crel); !w.passes(ctx, crel, err) {
					return err
				}
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// remote walks a folder of the site: flat where the site does it, else folder
// after folder.
func (w *walk) remote(ctx context.Context, root string) error {
	err := w.list(ctx, root, root, true)
	if err != nil && len(w.nodes) == 0 && refusesRecursive(err) {
		err = w.list(ctx, root, root, false)
	}
	return err
}

func (w *walk) list(ctx context.Context, root, dir string, recursive bool) error {
	q := backend.FolderQuery{Query: backend.Query{PerPage: 1000}, Recursive: recursive}
	var left []string
	for {
		var page backend.Page[backend.Entry]
		err := w.e.ask(ctx, func(ctx context.Context) (err error) {
			page, err = w.e.site().List(ctx, dir, q)
			return err
		})
		if err != nil {
			return err
		}
		for _, c := range page.Items {
			rel, ok := pathutil.Relative(root, c.Path)
			if !ok || rel == "" {
				continue
			}
			if w.ignored(rel, c.IsDir()) {
				left = append(left, rel)
				continue
			}
			w.add(node{rel: rel, entry: c})
			if c.IsDir() && !recursive {
				if err := w.list(ctx, root, c.Path, false); !w.passes(ctx, rel, err) {
					return err
				}
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	for _, rel := range left { // now that all folders are known
		w.holds(rel)
	}
	return nil
}
