package syncplan

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ferry/backend"
)

var when = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func stampOf(name string, size int64) *backend.Stamp {
	return &backend.Stamp{Name: name, Size: size, Modified: when}
}

// The items that tests are made of; on as a comparison leaves them.
func fresh(name string, size int64) backend.PlanItem {
	return backend.PlanItem{
		Kind: backend.PlanNew, Action: backend.PlanUpload, Name: name, Target: name, On: true,
		Reason: "only on this machine", Local: stampOf(name, size),
	}
}

func changed(name string, size int64) backend.PlanItem {
	return backend.PlanItem{
		Kind: backend.PlanChanged, Action: backend.PlanUpload, Name: name, Target: name, On: true,
		Reason: "the sizes differ, newer on this machine", Local: stampOf(name, size), Remote: stampOf(name, size-1),
	}
}

func extra(name string, size int64) backend.PlanItem {
	return backend.PlanItem{
		Kind: backend.PlanExtra, Action: backend.PlanDeleteRemote, Name: name, Target: name, On: true,
		Reason: "only on the site", Remote: stampOf(name, size), Folder: size < 0,
	}
}

func conflict(name string) backend.PlanItem {
	return backend.PlanItem{
		Kind: backend.PlanConflict, Name: name, Reason: "the sizes differ, neither is newer",
		Local: stampOf(name, 7), Remote: stampOf(name, 9),
	}
}

func same(name string, size int64) backend.PlanItem {
	return backend.PlanItem{Kind: backend.PlanSame, Name: name, Local: stampOf(name, size), Remote: stampOf(name, size)}
}

func planOf(items ...backend.PlanItem) backend.Plan {
	return backend.Plan{
		Version: backend.PlanVersion, Made: time.Date(2026, 11, 24, 11, 50, 0, 0, time.UTC), Items: items,
		Request: backend.SyncRequest{Local: "/home/ops/data", Remote: "Finance", Mode: backend.SyncPush, Mirror: true, By: backend.ByTime},
	}
}

func sample() backend.Plan {
	return planOf(
		changed("a.txt", 1200), conflict("b.txt"), same("c.txt", 40), extra("old", -1), extra("old/x.txt", 300), extra("old/y.txt", 400),
		fresh("sub/deep/only.txt", 5), fresh("sub/new.txt", 2_000_000),
		backend.PlanItem{Kind: backend.PlanConflict, Name: "z", Stuck: true, Reason: "a file on one side, a folder on the other", Local: stampOf("z", 1), Remote: stampOf("z", -1)},
	)
}

// names lists rows as a person reads them.
func names(rows []row) []string {
	var out []string
	for _, r := range rows {
		s := r.path()
		if r.group != nil {
			s += "/"
		}
		out = append(out, s)
	}
	return out
}

func TestRowsStandUnderTheirFolders(t *testing.T) {
	b := newBoard(sample())
	for _, c := range []struct {
		name   string
		f      filter
		flat   bool
		o      order
		turned bool
		want   string
	}{
		{"usual", filters[0], false, byFolder, false, "a.txt b.txt z old/ old/x.txt old/y.txt sub/ sub/new.txt sub/deep/ sub/deep/only.txt"},
		{"everything", everything, false, byFolder, false, "a.txt b.txt c.txt z old/ old/x.txt old/y.txt sub/ sub/new.txt sub/deep/ sub/deep/only.txt"},
		{"turned", filters[1], false, byFolder, true, "sub/ sub/new.txt sub/deep/ sub/deep/only.txt"},
		{"new", filters[1], false, byFolder, false, "sub/ sub/new.txt sub/deep/ sub/deep/only.txt"},
		{"flat", filters[0], true, byFolder, false, "a.txt b.txt old old/x.txt old/y.txt sub/deep/only.txt sub/new.txt z"},
		{"by size", filters[0], false, bySize, true, "sub/new.txt a.txt old/y.txt old/x.txt b.txt sub/deep/only.txt z old"},
	} {
		if got := strings.Join(names(b.rows(c.f, c.flat, c.o, c.turned)), " "); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
	b.groups["sub"].folded = true
	if got := strings.Join(names(b.rows(filters[0], false, byFolder, false)), " "); got != "a.txt b.txt z old/ old/x.txt old/y.txt sub/" {
		t.Errorf("folded: %s", got)
	}
	chain := newBoard(planOf(fresh("one/two/three/a", 1)))
	if got := strings.Join(names(chain.rows(filters[0], false, byFolder, false)), " "); got != "one/two/three/ one/two/three/a" {
		t.Errorf("a chain of folders: %s", got)
	}
}

// An empty folder stands among folders, not among the files beside it.
func TestEmptyFoldersStandAmongFolders(t *testing.T) {
	dir := func(name string) backend.PlanItem {
		it := fresh(name, -1)
		it.Folder = true
		return it
	}
	b := newBoard(planOf(dir("aa"), fresh("b.txt", 1), dir("c"), fresh("c/e.txt", 1), dir("c/d"), fresh("c/x/f.txt", 1), dir("c/y"), dir("D"), fresh("e/a", 1), fresh("z.txt", 1), dir("zz")))
	want := "b.txt z.txt aa c/ c/e.txt c/d c/x/ c/x/f.txt c/y D e/ e/a zz"
	if got := strings.Join(names(b.rows(filters[0], false, byFolder, false)), " "); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	want = "z.txt b.txt zz e/ e/a D c/ c/e.txt c/y c/x/ c/x/f.txt c/d aa"
	if got := strings.Join(names(b.rows(filters[0], false, byFolder, true)), " "); got != want {
		t.Errorf("turned: %s\nwant\n%s", got, want)
	}
	s := &Screen{}
	for n, want := range map[int]string{0: "aa/", 4: "c/d/", 3: "  e.txt"} {
		if got := s.nameCell(row{b: b, n: n}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Files.com takes these folders as one.
func TestFoldersOfTwoSpellingsAreOne(t *testing.T) {
	b := newBoard(planOf(fresh("Docs/a", 1), fresh("docs/b", 1)))
	if got := strings.Join(names(b.rows(filters[0], false, byFolder, false)), " "); got != "Docs/ Docs/a docs/b" {
		t.Error(got)
	}
}

func TestAFolderGoesOnlyWithAllThatIsInIt(t *testing.T) {
	at := func(b *board, name string) int {
		return slices.IndexFunc(b.lines, func(l line) bool { return l.item.Name == name })
	}
	ticks := func(b *board) string {
		var s []string
		for _, l := range b.lines {
			if l.item.On && l.item.Action.Deletes() {
				s = append(s, l.item.Name)
			}
		}
		return strings.Join(s, " ")
	}
	b := newBoard(sample())
	b.tick(at(b, "old/x.txt"), false)
	if got := ticks(b); got != "old/y.txt" {
		t.Errorf("one stays: %s", got)
	}
	b.tick(at(b, "old"), true)
	if got := ticks(b); got != "old old/x.txt old/y.txt" {
		t.Errorf("the folder is ticked: %s", got)
	}
	if why := b.choose(at(b, "old/y.txt"), backend.PlanDownload); why != "" {
		t.Fatal(why)
	}
	if got := ticks(b); got != "old/x.txt" {
		t.Errorf("one is kept: %s", got)
	}
	b.tick(at(b, "old"), true)
	if got := ticks(b); got != "old/x.txt" {
		t.Errorf("a folder with something kept in it is deleted: %s", got)
	}
	b.tickGroup(b.groups["old"], false)
	if got := ticks(b); got != "" || b.groups["old"].on != 0 {
		t.Errorf("the whole folder: %s", got)
	}
}

// However ticks come about, the counts are those of a plan that is counted anew.
func TestCountsFollowTheTicks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var items []backend.PlanItem
	for d := range 6 {
		items = append(items, extra(fmt.Sprintf("e%d", d), -1), extra(fmt.Sprintf("e%d/in", d), -1))
		for f := range 4 {
			items = append(items, extra(fmt.Sprintf("e%d/in/%d", d, f), int64(f)), fresh(fmt.Sprintf("n%d/%d", d, f), 5),
				changed(fmt.Sprintf("n%d/c%d", d, f), 9), conflict(fmt.Sprintf("x%d", d*10+f)))
		}
	}
	b := newBoard(planOf(items...))
	var groups []*group
	for _, key := range slices.Sorted(func(yield func(string) bool) {
		for k := range b.groups {
			if !yield(k) {
				return
			}
		}
	}) {
		groups = append(groups, b.groups[key])
	}
	for step := range 3000 {
		n := rng.IntN(len(b.lines))
		switch rng.IntN(6) {
		case 0:
			b.tickGroup(groups[rng.IntN(len(groups))], rng.IntN(2) == 0)
		case 1:
			b.choose(n, backend.PlanDownload)
		case 2:
			b.choose(n, backend.PlanUpload)
		case 3:
			b.result(backend.PlanResult{Item: n, State: []backend.JobState{backend.JobDone, backend.JobFailed}[rng.IntN(2)]})
		default:
			b.tick(n, rng.IntN(2) == 0)
		}
		solved := 0
		for i := range b.lines {
			if l := &b.lines[i]; l.item.Kind == backend.PlanConflict && (l.item.On || l.told && l.state == backend.JobDone) {
				solved++
			}
		}
		if b.solved != solved {
			t.Fatalf("step %d: %d conflicts are decided, want %d", step, b.solved, solved)
		}
		want := newBoard(b.now())
		for i := range b.lines { // what is done cannot be ticked: a new board does not know
			if b.lines[i].told && b.lines[i].state == backend.JobDone {
				want.result(backend.PlanResult{Item: i, State: backend.JobDone})
			}
		}
		if !reflect.DeepEqual(b.totals, want.totals) || b.site != want.site || b.over != want.over {
			t.Fatalf("step %d: %+v, want %+v", step, b.totals, want.totals)
		}
		for key, g := range b.groups {
			if w := want.groups[key]; g.on != w.on || g.can != w.can || g.all != w.all || g.bytes != w.bytes {
				t.Fatalf("step %d: folder %q: %d of %d, want %d of %d", step, key, g.on, g.can, w.on, w.can)
			}
		}
		for i := range b.lines { // no folder is deleted above something that stays
			l := &b.lines[i]
			if l.item.On && l.item.Action.Deletes() || l.told {
				continue
			}
			for g := l.group; g != nil; g = g.up {
				if g.self >= 0 && g.self != i && b.lines[g.self].item.On && b.lines[g.self].item.Action.Deletes() {
					t.Fatalf("step %d: %s stays, but %s is deleted", step, l.item.Name, b.lines[g.self].item.Name)
				}
			}
		}
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{"/a/b-c.json": "/a/b-c.json", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$x": "'$x'", "ü": "ü"} {
		if got := quote(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
