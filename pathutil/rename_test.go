package pathutil

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// site is a folder that compares paths as Files.com does; values are contents.
type site map[string]struct{ path, content string }

func newSite(paths []string) site {
	s := site{}
	for _, p := range paths {
		s[Fold(p)] = struct{ path, content string }{Normalize(p), Normalize(p)}
	}
	return s
}

// move renames one object, as strictly as the site does.
func (s site) move(from, to string) error {
	e, ok := s[Fold(from)]
	if !ok {
		return fmt.Errorf("%q is not there", from)
	}
	if _, taken := s[Fold(to)]; taken {
		return fmt.Errorf("%q is taken", to)
	}
	delete(s, Fold(from))
	e.path = to
	s[Fold(to)] = e
	return nil
}

// list returns "path=content" in order.
func (s site) list() string {
	var out []string
	for _, e := range s {
		out = append(out, e.path+"="+e.content)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestPlanRenames(t *testing.T) {
	for _, c := range []struct {
		name     string
		existing string
		renames  string // "from>to from>to"
		want     string // result as list gives it
		steps    int
	}{
		{"nothing", "a b", "", "a=a b=b", 0},
		{"one", "a b", "a>c", "b=b c=a", 1},
		{"unchanged", "a", "a>/a/", "a=a", 0},
		{"chain", "a b c", "a>b b>c c>d", "b=a c=b d=c", 3},
		{"chain asked backwards", "a b c", "c>d b>c a>b", "b=a c=b d=c", 3},
		{"swap", "a b", "a>b b>a", "a=b b=a", 3},
		{"swap by case", "a b", "A>B B>A", "A=b B=a", 3},
		{"cycle of three", "a b c x", "a>b b>c c>a", "a=c b=a c=b x=x", 4},
		{"two cycles", "a b c d", "a>b b>a c>d d>c", "a=b b=a c=d d=c", 6},
		{"case only", "readme.md", "readme.md>README.md", "README.md=readme.md", 2},
		{"accent only", "resume", "resume>résumé", "résumé=resume", 2},
		{"case only in a chain", "a b", "a>A b>c", "A=a c=b", 3},
		{"other folder", "in/a out", "in/a>out/a", "out/a=in/a out=out", 1},
		{"temporary names taken", "a b .ferry-rename-1", "a>b b>a", ".ferry-rename-1=.ferry-rename-1 a=b b=a", 3},
		{"temporary name wanted", "a b c", "c>.ferry-rename-1 a>b b>a", ".ferry-rename-1=c a=b b=a", 4},
		{"a folder becomes its sibling's name", "d/x d/y", "d/x>d/y d/y>d/z", "d/y=d/x d/z=d/y", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			existing := strings.Fields(c.existing)
			plan, err := PlanRenames(existing, parseRenames(c.renames))
			if err != nil {
				t.Fatal(err)
			}
			s := newSite(existing)
			before := s.list()
			for i, step := range plan.Steps {
				if err := s.move(step.From, step.To); err != nil {
					t.Fatalf("step %d of %v: %v", i, plan.Steps, err)
				}
			}
			if got := s.list(); got != c.want || len(plan.Steps) != c.steps {
				t.Errorf("%v gives %s, want %s in %d steps", plan.Steps, got, c.want, c.steps)
			}
			for _, back := range plan.Undo(len(plan.Steps)) {
				if err := s.move(back.From, back.To); err != nil {
					t.Fatalf("undo: %v", err)
				}
			}
			if got := strings.ToLower(s.list()); got != strings.ToLower(before) {
				t.Errorf("undone to %s, want %s", got, before)
			}
		})
	}
}

func TestPlanRenamesConflicts(t *testing.T) {
	for _, c := range []struct {
		existing, renames string
		want              []Problem
	}{
		{"a", "b>c", []Problem{Missing}},
		{"a b", "a>b", []Problem{Taken}},
		{"a É", "a>e", []Problem{Taken}},
		{"a b", "a>c b>C", []Problem{Shared}},
		{"a", "a>b A>c", []Problem{Twice}},
		{"a", "a>", []Problem{NoName}},
		{"a", "a>a/b", []Problem{Reversed}},
		{"a a/x", "a>b a/x>a/y", []Problem{Nested}},
		{"a c", "a>b c>a/c", []Problem{Nested}},
		{"a b c", "a>b x>y", []Problem{Missing, Taken}},
	} {
		_, err := PlanRenames(strings.Fields(c.existing), parseRenames(c.renames))
		var re *RenameError
		if !errors.As(err, &re) {
			t.Errorf("%s in %s: error %v", c.renames, c.existing, err)
			continue
		}
		var got []Problem
		for _, x := range re.Conflicts {
			got = append(got, x.Problem)
		}
		if !slices.Equal(got, c.want) || err.Error() == "" {
			t.Errorf("%s in %s: %v (%v), want %v", c.renames, c.existing, got, err, c.want)
		}
	}
}

func parseRenames(s string) []Rename {
	var out []Rename
	for _, r := range strings.Fields(s) {
		from, to, _ := strings.Cut(r, ">")
		out = append(out, Rename{from, to})
	}
	return out
}

// TestPlanRenamesAtRandom checks on many small folders that a plan, whenever
// there is one, puts everything where it was asked and loses nothing.
func TestPlanRenamesAtRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	names := strings.Fields("a A b B c C d é e E f")
	planned := 0
	for range 20000 {
		existing := map[string]string{}
		for range 1 + rng.IntN(5) {
			n := names[rng.IntN(len(names))]
			existing[Fold(n)] = n
		}
		var have []string
		var renames []Rename
		for _, n := range existing {
			have = append(have, n)
			if rng.IntN(3) > 0 {
				renames = append(renames, Rename{n, names[rng.IntN(len(names))]})
			}
		}
		plan, err := PlanRenames(have, renames)
		if err != nil {
			continue
		}
		planned++
		s := newSite(have)
		for _, step := range plan.Steps {
			if err := s.move(step.From, step.To); err != nil {
				t.Fatalf("%q %v: %v in %v", have, renames, err, plan.Steps)
			}
		}
		if len(s) != len(have) {
			t.Fatalf("%q %v: %d of %d left", have, renames, len(s), len(have))
		}
		for _, r := range renames {
			if e := s[Fold(r.To)]; e.content != r.From || e.path != r.To {
				t.Fatalf("%q %v: %q is at %q", have, renames, e.content, e.path)
			}
		}
	}
	if planned < 2000 {
		t.Errorf("only %d of the sets could be planned: the test proves little", planned)
	}
}

func TestPlanRenamesOfManyNames(t *testing.T) {
	var have []string
	var renames []Rename
	for i := range 20000 {
		have = append(have, fmt.Sprintf("file %05d", i))
		renames = append(renames, Rename{have[i], fmt.Sprintf("file %05d", (i+1)%20000)})
	}
	plan, err := PlanRenames(have, renames)
	if err != nil || len(plan.Steps) != 20001 {
		t.Errorf("%d steps, %v", len(plan.Steps), err)
	}
}

func TestFreeName(t *testing.T) {
	have := map[string]bool{"a.txt": true, "a (2).txt": true, ".rc": true}
	taken := func(f string) bool { return have[f] }
	for in, want := range map[string]string{
		"b.txt": "b.txt", "A.TXT": "A (3).TXT", "á.txt": "á (3).txt", ".rc": ".rc (2)",
	} {
		if got := FreeName(in, taken); got != want {
			t.Errorf("FreeName(%q) = %q, want %q", in, got, want)
		}
	}
}
