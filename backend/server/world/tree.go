package world

import (
	"slices"
	"sort"
	"strings"
	"sync"
)

// node is a folder or file of the world. The children of a folder are made by
// fill when the folder is first opened, or by rule when big is set.
type node struct {
	entry Entry
	path  string
	fill  func() []*node
	big   *series

	once     sync.Once
	children []*node
	byName   map[string]*node
	folders  int
}

// open makes and orders the children.
func (n *node) open() {
	n.once.Do(func() {
		if n.fill == nil {
			return
		}
		n.children = n.fill()
		n.fill = nil
		slices.SortStableFunc(n.children, func(a, b *node) int {
			return order(a.entry.Dir, a.entry.Name, b.entry.Dir, b.entry.Name)
		})
		n.byName = make(map[string]*node, len(n.children))
		for _, c := range n.children {
			c.path = join(n.path, c.entry.Name)
			n.byName[sameName(c.entry.Name)] = c
			if c.entry.Dir {
				n.folders++
			}
		}
	})
}

func (n *node) folder() Folder {
	if n.big != nil {
		return n.big
	}
	n.open()
	return listing{n}
}

// child finds a child by comparison form.
func (n *node) child(name string) (*node, bool) {
	if n.big != nil {
		e, ok := n.big.Lookup(name)
		if !ok {
			return nil, false
		}
		return &node{entry: e, path: join(n.path, e.Name)}, true
	}
	n.open()
	c, ok := n.byName[sameName(name)]
	return c, ok
}

func (w *World) find(path string) (*node, bool) {
	n := w.root
	if path == "" {
		return n, true
	}
	for el := range strings.SplitSeq(path, "/") {
		if !n.entry.Dir {
			return nil, false
		}
		c, ok := n.child(el)
		if !ok {
			return nil, false
		}
		n = c
	}
	return n, true
}

func (w *World) real(path string) (string, bool) {
	n, ok := w.find(path)
	if !ok {
		return "", false
	}
	return n.path, true
}

// listing is an opened node.
type listing struct{ n *node }

func (l listing) Len() int          { return len(l.n.children) }
func (l listing) Folders() int      { return l.n.folders }
func (l listing) Entry(i int) Entry { return l.n.children[i].entry }
func (l listing) Lazy() bool        { return false }

func (l listing) Lookup(name string) (Entry, bool) {
	c, ok := l.n.byName[sameName(name)]
	if !ok {
		return Entry{}, false
	}
	return c.entry, true
}

func (l listing) Search(dir bool, name string) int {
	return sort.Search(l.Len(), func(i int) bool {
		e := l.n.children[i].entry
		return order(e.Dir, e.Name, dir, name) >= 0
	})
}

// order is the listing order: folders first, each block by name.
func order(aDir bool, a string, bDir bool, b string) int {
	if aDir != bDir {
		if aDir {
			return -1
		}
		return 1
	}
	return compareNames(a, b)
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// series is a folder of files made by rule: the name of the i-th file sorts
// before that of the next by construction, and index is the inverse of name.
type series struct {
	n     int
	name  func(i int) string
	index func(name string) (int, bool) // name in comparison form
	entry func(i int, name string) Entry
}

func (s *series) Len() int          { return s.n }
func (s *series) Folders() int      { return 0 }
func (s *series) Lazy() bool        { return true }
func (s *series) Entry(i int) Entry { return s.entry(i, s.name(i)) }

func (s *series) Lookup(name string) (Entry, bool) {
	i, ok := s.index(sameName(name))
	if !ok || i < 0 || i >= s.n || sameName(s.name(i)) != sameName(name) {
		return Entry{}, false
	}
	return s.Entry(i), true
}

func (s *series) Search(dir bool, name string) int {
	return sort.Search(s.n, func(i int) bool {
		return order(false, s.name(i), dir, name) >= 0
	})
}
