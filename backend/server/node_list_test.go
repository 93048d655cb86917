package server

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/pathutil"
)

// twin is a tree in plain maps, against which the one of the site is compared.
type twin struct {
	name string
	dir  bool
	from string // what tells one content from another
	kids map[string]*twin
}

// twinOf copies what the site shows at first.
func twinOf(ctx context.Context, t *testing.T, tr *tree, n *node) *twin {
	t.Helper()
	w := &twin{name: n.name, dir: n.dir, from: n.origin, kids: map[string]*twin{}}
	if !n.dir {
		return w
	}
	f, ok := tr.world.Folder(n.origin)
	if !ok {
		t.Fatalf("no folder %q", n.origin)
	}
	for i := range f.Len() {
		c := worldNode(n, f.Entry(i))
		w.kids[pathutil.Fold(c.name)] = twinOf(ctx, t, tr, c)
	}
	return w
}

func (w *twin) copy() *twin {
	c := &twin{name: w.name, dir: w.dir, from: w.from, kids: map[string]*twin{}}
	for k, v := range w.kids {
		c.kids[k] = v.copy()
	}
	return c
}

func (w *twin) at(path string) *twin {
	for _, name := range pathutil.Split(path) {
		if w == nil {
			return nil
		}
		w = w.kids[pathutil.Fold(name)]
	}
	return w
}

// sorted are the children in listing order.
func (w *twin) sorted() []*twin {
	var out []*twin
	for _, k := range w.kids {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b *twin) int {
		if a.dir != b.dir {
			if a.dir {
				return -1
			}
			return 1
		}
		return pathutil.CompareNames(a.name, b.name)
	})
	return out
}

// lines writes everything below as text.
func (w *twin) lines(path string, out []string) []string {
	for _, k := range w.sorted() {
		p := joinPath(path, k.name)
		out = append(out, line(p, k.dir, k.from))
		out = k.lines(p, out)
	}
	return out
}

func line(path string, dir bool, from string) string {
	if dir {
		return path + "/"
	}
	return path + " <- " + from
}

// put moves or copies in the twin as the site should.
func (w *twin) put(from, to string, move bool) {
	src := w.at(from)
	parent := w.at(dirOf(to))
	n := src
	if move {
		delete(w.at(dirOf(from)).kids, pathutil.Fold(baseOf(from)))
	} else {
		n = src.copy()
	}
	n.name = baseOf(to)
	old := parent.kids[pathutil.Fold(n.name)]
	if old == nil || !old.dir || !n.dir {
		parent.kids[pathutil.Fold(n.name)] = n
		return
	}
	for k, v := range n.kids {
		if sub := old.kids[k]; sub != nil && sub.dir && v.dir {
			mergeTwins(sub, v)
			continue
		}
		old.kids[k] = v
	}
}

func mergeTwins(old, n *twin) {
	for k, v := range n.kids {
		if sub := old.kids[k]; sub != nil && sub.dir && v.dir {
			mergeTwins(sub, v)
			continue
		}
		old.kids[k] = v
	}
}

// TestTreeAgainstTwin changes the tree at random, in folders of the world and of
// clients, and compares all of it with plain maps.
func TestTreeAgainstTwin(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { compareWithTwin(t, rand.New(rand.NewPCG(seed, 7)), 120) })
	}
}

func compareWithTwin(t *testing.T, r *rand.Rand, steps int) {
	x := openSite(t, Options{})
	ctx, tr := t.Context(), x.s.tree
	e := editor{user: 1, now: x.clock()}
	root, err := tr.get(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	w := twinOf(ctx, t, tr, root)
	paths := func() (dirs, all []string) {
		dirs = []string{""}
		for _, l := range w.lines("", nil) {
			if p, ok := strings.CutSuffix(l, "/"); ok {
				dirs, all = append(dirs, p), append(all, p)
			} else {
				p, _, _ := strings.Cut(l, " <- ")
				all = append(all, p)
			}
		}
		return dirs, all
	}
	for step := range steps {
		dirs, all := paths()
		from := all[r.IntN(len(all))]
		to := joinPath(dirs[r.IntN(len(dirs))], fmt.Sprintf("new %d", r.IntN(8)))
		if r.IntN(3) == 0 { // onto something that is there
			to = all[r.IntN(len(all))]
		}
		var what string
		switch op := r.IntN(10); {
		case op < 2:
			what = "mkdir " + to
			_, err = tr.mkdir(ctx, to, false, time.Time{}, e)
			if err == nil {
				w.at(dirOf(to)).kids[pathutil.Fold(baseOf(to))] = &twin{name: baseOf(to), dir: true, kids: map[string]*twin{}}
			}
		case op < 4:
			what = "remove " + from
			_, err = tr.remove(ctx, from, true, e)
			if err == nil {
				delete(w.at(dirOf(from)).kids, pathutil.Fold(baseOf(from)))
			}
		default:
			rel := relocation{from: from, to: to, move: op < 7, overwrite: true}
			what = fmt.Sprintf("%+v", rel)
			_, err = tr.relocate(ctx, rel, e)
			if err == nil {
				w.put(from, to, rel.move)
			}
		}
		var we *wireError
		if err != nil && !errors.As(err, &we) {
			t.Fatalf("step %d, %s: %v", step, what, err)
		}
		if step%10 != 9 && step != steps-1 {
			continue
		}
		var got []string
		err = tr.look(func(q querier) error {
			root, err := tr.root(ctx, q)
			if err != nil {
				return err
			}
			return tr.below(ctx, q, root, func(n *node) (bool, error) {
				got = append(got, line(n.path, n.dir, n.origin))
				return true, nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		want := w.lines("", nil)
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("after step %d, %s: line %d is %q, want %q", step, what, i, slices.Concat(got, []string{""})[min(i, len(got))], slices.Concat(want, []string{""})[min(i, len(want))])
			}
		}
	}
	dirs, _ := paths()
	for _, dir := range dirs {
		comparePages(t, x, dir, w.at(dir))
	}
}

// comparePages reads a folder page by page, there and back, and compares.
func comparePages(t *testing.T, x *site, dir string, w *twin) {
	t.Helper()
	var want, got []string
	for _, k := range w.sorted() {
		want = append(want, joinPath(dir, k.name))
	}
	per := max(len(want)/5, 1)
	url := fmt.Sprintf("/folders/%s?per_page=%d", escapePath(dir), per)
	var cursor, prev string
	for {
		a := x.do("GET", url+cursor, nil)
		got = append(got, a.paths()...)
		prev = a.header.Get("X-Files-Cursor-Prev")
		next := a.header.Get("X-Files-Cursor")
		if next != a.header.Get("X-Files-Cursor-Next") {
			t.Fatalf("two cursors: %v", a.header)
		}
		if next == "" {
			break
		}
		cursor = "&cursor=" + escapeQuery(next)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%q page by page: %q, want %q", dir, got, want)
	}
	last := min(len(want), (len(want)-1)/per*per)
	back := []string{}
	for prev != "" {
		a := x.do("GET", url+"&cursor="+escapeQuery(prev), nil)
		back = append(a.paths(), back...)
		prev = a.header.Get("X-Files-Cursor-Prev")
	}
	if len(want) > 0 && !slices.Equal(back, want[:last]) {
		t.Fatalf("%q backwards: %q, want %q", dir, back, want[:last])
	}
}

// escapePath and escapeQuery write a path and a value as clients do.
func escapePath(p string) string { return strings.ReplaceAll(url.PathEscape(p), "%2F", "/") }

func escapeQuery(s string) string { return url.QueryEscape(s) }
