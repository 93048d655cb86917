package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"ferry/pathutil"
)

// folderPage is one page of a listing with the cursors of its neighbours.
type folderPage struct {
	items      []*node
	next, prev string
}

// maxFound is how much a search finds (PROTOCOL.md 8).
const maxFound = 1000

// page reads one page of a listing; errNoNode when there is no such folder.
func (t *tree) page(ctx context.Context, q querier, f *folderQuery, r *rights) (*folderPage, error) {
	dir, err := t.find(ctx, q, f.path)
	if err != nil {
		return nil, err
	}
	if !dir.dir {
		return nil, wireErrorf("bad-request/folder-must-not-be-a-file", "%s is a file", sitePath(dir.path))
	}
	if f.cursor != nil && !pathutil.Within(dir.path, f.cursor.path) {
		return nil, wireErrorf("bad-request/invalid-cursor", "The cursor belongs to another folder")
	}
	switch {
	case f.search != "" || f.metaKey != "":
		return t.searchPage(ctx, q, dir, f, r)
	case f.recursive:
		return t.deepPage(ctx, q, dir, f, r)
	case f.sort != "path":
		return t.sortedPage(ctx, q, dir, f, r)
	}
	return t.namePage(ctx, q, dir, f, r)
}

// wanted tells whether a listing shows an entry.
func (f *folderQuery) wanted(n *node, r *rights) bool {
	if f.only >= 0 && n.rank() != f.only || !f.since.IsZero() && n.modified().Before(f.since) {
		return false
	}
	return r.all != "" && r.within == "" || r.at(n.path) != ""
}

// namePage is a page in the order of names, which costs the same wherever in
// however large a folder it lies.
func (t *tree) namePage(ctx context.Context, q querier, dir *node, f *folderQuery, r *rights) (*folderPage, error) {
	p := &folderPage{}
	for _, w := range t.nameWalkers(q, dir, f) {
		for {
			n, err := w.next(ctx)
			if err != nil {
				return nil, err
			}
			if n == nil {
				break
			}
			if !f.wanted(n, r) {
				continue
			}
			if len(p.items) == f.perPage {
				f.cursors(p, true)
				return p, nil
			}
			p.items = append(p.items, n)
		}
	}
	f.cursors(p, false)
	return p, nil
}

// nameWalkers read a folder by name from the cursor on: one walker, or, when
// the names are turned round, one for the folders and one for the files, since
// folders come first whichever way the names go.
func (t *tree) nameWalkers(q querier, dir *node, f *folderQuery) []*walker {
	back, rank := f.desc, -1
	var from *place
	if c := f.cursor; c != nil {
		from = &place{rank: int(c.n & 1), name: baseOf(c.path)}
		back, rank = back != c.back, from.rank
	}
	if !f.desc || f.only >= 0 {
		return []*walker{t.walk(q, dir, from, back, f.only)}
	}
	order := []int{rankDir, rankFile}
	if f.cursor != nil && f.cursor.back {
		slices.Reverse(order)
	}
	var out []*walker
	for _, k := range order {
		switch {
		case rank < 0:
			out = append(out, t.walk(q, dir, nil, back, k))
		case rank == k: // what stands before the cursor's kind has been read
			out = append(out, t.walk(q, dir, from, back, k))
			rank = -1
		}
	}
	return out
}

// cursors sets the cursors of a page that was read in the direction of its
// cursor; more says that it went on.
func (f *folderQuery) cursors(p *folderPage, more bool) {
	goingBack := f.cursor != nil && f.cursor.back
	if goingBack {
		slices.Reverse(p.items)
	}
	if len(p.items) == 0 {
		return
	}
	first, last := p.items[0], p.items[len(p.items)-1]
	if more && !goingBack || goingBack {
		p.next = f.cursorAt(last, false)
	}
	if goingBack && more || !goingBack && f.cursor != nil {
		p.prev = f.cursorAt(first, true)
	}
}

// deepPage is a page of everything below a folder: each entry, then what lies in
// it.
func (t *tree) deepPage(ctx context.Context, q querier, dir *node, f *folderQuery, r *rights) (*folderPage, error) {
	if f.cursor != nil && f.cursor.back {
		return nil, wireErrorf("bad-request/invalid-cursor", "A recursive listing has no way back")
	}
	stack := []*walker{}
	if f.cursor == nil {
		stack = append(stack, t.walk(q, dir, nil, false, -1))
	} else {
		rel, _ := pathutil.Relative(dir.path, f.cursor.path)
		names := strings.Split(rel, "/")
		at := dir
		for i, name := range names {
			rank := rankDir
			if i == len(names)-1 {
				rank = int(f.cursor.n & 1)
			}
			stack = append(stack, t.walk(q, at, &place{rank: rank, name: name}, false, -1))
			if rank == rankFile {
				break
			}
			next, err := t.child(ctx, q, at, name)
			if errors.Is(err, errNoNode) {
				break // it has gone meanwhile, with what lay in it
			}
			if err != nil {
				return nil, err
			}
			if !next.dir {
				break
			}
			if at = next; i == len(names)-1 {
				stack = append(stack, t.walk(q, at, nil, false, -1))
			}
		}
	}
	p := &folderPage{}
	for len(stack) > 0 {
		n, err := stack[len(stack)-1].next(ctx)
		if err != nil {
			return nil, err
		}
		if n == nil {
			stack = stack[:len(stack)-1]
			continue
		}
		if r.at(n.path) == "" {
			continue
		}
		if f.wanted(n, r) {
			if len(p.items) == f.perPage {
				p.next = f.cursorAt(p.items[len(p.items)-1], false)
				break
			}
			p.items = append(p.items, n)
		}
		if n.dir {
			stack = append(stack, t.walk(q, n, nil, false, -1))
		}
	}
	return p, nil
}

// searchPage finds names below a folder, or metadata in it. It is one page: a
// search finds at most 1000.
func (t *tree) searchPage(ctx context.Context, q querier, dir *node, f *folderQuery, r *rights) (*folderPage, error) {
	p := &folderPage{}
	limit := min(maxFound, f.perPage)
	take := func(n *node) error {
		if !f.wanted(n, r) {
			return nil
		}
		if p.items = append(p.items, n); len(p.items) == limit {
			return errStop
		}
		return nil
	}
	var err error
	if f.metaKey != "" {
		err = t.each(ctx, q, dir, func(n *node) (bool, error) {
			if n.metadata == "" || !metadataHas(n.metadata, f.metaKey, f.search) {
				return true, nil
			}
			return true, take(n)
		})
	} else {
		err = t.below(ctx, q, dir, func(n *node) (bool, error) {
			if r.at(n.path) == "" {
				return false, nil
			}
			if strings.Contains(pathutil.Fold(n.name), f.search) {
				return true, take(n)
			}
			return true, nil
		})
	}
	if err != nil && !errors.Is(err, errStop) {
		return nil, err
	}
	if f.sort != "path" || f.desc {
		slices.SortStableFunc(p.items, func(a, b *node) int {
			c := cmp.Compare(sortNumber(a, f.sort), sortNumber(b, f.sort))
			if f.sort == "path" {
				c = pathutil.CompareNames(a.name, b.name)
			}
			if f.desc {
				c = -c
			}
			return cmp.Or(cmp.Compare(a.rank(), b.rank()), c)
		})
	}
	return p, nil
}

// metadataHas looks for a text in the values of custom metadata; "*" is any key.
func metadataHas(text, key, want string) bool {
	var m map[string]any
	if json.Unmarshal([]byte(text), &m) != nil {
		return false
	}
	for k, v := range m {
		s, _ := v.(string)
		if (key == "*" || strings.EqualFold(k, key)) && strings.Contains(strings.ToLower(s), strings.ToLower(want)) {
			return true
		}
	}
	return false
}

// sortNumber is the value of an entry in a sort other than by name. What has
// none comes first.
func sortNumber(n *node, field string) int64 {
	switch field {
	case "size":
		if n.dir {
			return -1
		}
		return n.size
	case "modified_at_datetime":
		return n.modified().Unix()
	case "provided_modified_at":
		if n.provided.IsZero() {
			return -1 << 62
		}
		return n.provided.Unix()
	}
	return 0
}

// sortedEntry is what a sorted folder needs to remember of an entry.
type sortedEntry struct {
	value int64
	rank  int
	name  string
}

// compareEntries is the order of a sorted folder: folders first, whichever way
// the rest goes.
func compareEntries(desc bool) func(a, b sortedEntry) int {
	return func(a, b sortedEntry) int {
		c := cmp.Or(cmp.Compare(a.value, b.value), pathutil.CompareNames(a.name, b.name))
		if desc {
			c = -c
		}
		return cmp.Or(cmp.Compare(a.rank, b.rank), c)
	}
}

// sortCache keeps the orders of the folders that were sorted last, so that the
// pages of a large one do not sort it again each.
type sortCache struct {
	mu   sync.Mutex
	list []sortedFolder
}

type sortedFolder struct {
	key     string
	change  uint64
	entries []sortedEntry
}

// keptSorts is how many orders are kept.
const keptSorts = 4

// sortedEntries are the entries of a folder by a value, equal ones by name.
func (t *tree) sortedEntries(ctx context.Context, q querier, dir *node, field string, desc bool) ([]sortedEntry, error) {
	key := fmt.Sprintf("%s\x00%v\x00%s", field, desc, pathutil.Fold(dir.path))
	c := &t.sorted
	c.mu.Lock()
	for _, s := range c.list {
		if s.key == key && s.change == t.change {
			c.mu.Unlock()
			return s.entries, nil
		}
	}
	c.mu.Unlock()
	var list []sortedEntry
	err := t.each(ctx, q, dir, func(n *node) (bool, error) {
		list = append(list, sortedEntry{sortNumber(n, field), n.rank(), n.name})
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, compareEntries(desc))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = slices.DeleteFunc(c.list, func(s sortedFolder) bool { return s.key == key || s.change != t.change })
	if len(c.list) >= keptSorts {
		c.list = slices.Delete(c.list, 0, 1)
	}
	c.list = append(c.list, sortedFolder{key, t.change, list})
	return list, nil
}

// sortedPage is a page in the order of a value.
func (t *tree) sortedPage(ctx context.Context, q querier, dir *node, f *folderQuery, r *rights) (*folderPage, error) {
	list, err := t.sortedEntries(ctx, q, dir, f.sort, f.desc)
	if err != nil {
		return nil, err
	}
	step, i := 1, 0
	if c := f.cursor; c != nil {
		rank := rankFile
		if n, err := t.child(ctx, q, dir, baseOf(c.path)); err == nil {
			rank = n.rank()
		}
		at := sortedEntry{c.n, rank, baseOf(c.path)}
		if c.back {
			step = -step
		}
		var found bool
		i, found = slices.BinarySearchFunc(list, at, compareEntries(f.desc))
		if step < 0 {
			i--
		} else if found {
			i++
		}
	}
	p := &folderPage{}
	for ; i >= 0 && i < len(list); i += step {
		n, err := t.child(ctx, q, dir, list[i].name)
		if err != nil {
			return nil, err
		}
		if !f.wanted(n, r) {
			continue
		}
		if len(p.items) == f.perPage {
			f.cursors(p, true)
			return p, nil
		}
		p.items = append(p.items, n)
	}
	f.cursors(p, false)
	return p, nil
}
