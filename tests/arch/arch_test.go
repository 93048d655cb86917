// Package arch checks the shape of the code: which package may import which,
// and the text rules that keep each thing in a single place.
package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// arrows says what each package may import of ours. A pattern that ends in
// /... means the package and everything below it; "*" is everything.
var arrows = []struct {
	from string
	may  []string
}{
	{".", []string{"*"}},
	{"keymap", nil},
	{"theme", nil},
	{"pathutil", nil},
	{"pathutil/ignore", []string{"pathutil"}},
	{"backend", []string{"pathutil"}},
	{"backend/catalog/...", nil},
	{"backend/api", []string{"backend", "backend/catalog", "pathutil"}},
	{"backend/prepared", nil},
	{"backend/transfer", []string{"backend", "backend/prepared", "pathutil", "pathutil/ignore"}},
	{"backend/local", []string{"backend", "pathutil"}},
	{"backend/server/world", []string{"pathutil"}},
	{"backend/server/pgp", nil},
	{"backend/server", []string{"backend", "backend/catalog", "backend/prepared", "backend/server/pgp", "backend/server/world", "pathutil"}},
	{"backend/profile", []string{"backend"}},
	{"backend/backendtest", []string{"backend", "backend/api"}},
	{"backend/session", []string{"backend", "backend/api", "backend/local", "backend/profile", "backend/server", "backend/transfer"}},
	{"ui", []string{"keymap", "theme"}},
	{"ui/...", []string{"ui/...", "keymap", "theme", "pathutil"}},
	{"views", []string{"views/...", "ui/...", "keymap", "theme", "pathutil", "backend"}},
	{"views/headless", []string{"backend", "pathutil", "pathutil/ignore"}},
	{"views/syncplan", []string{"views/paged", "ui/...", "keymap", "theme", "pathutil", "pathutil/ignore", "backend"}},
	{"views/paged/pagedtest", []string{"ui/...", "keymap", "theme"}},
	{"views/paged", []string{"ui/...", "keymap", "theme", "pathutil", "backend"}},
	{"views/...", []string{"views/paged", "ui/...", "keymap", "theme", "pathutil", "backend"}},
	{"tests/...", []string{"*"}},
	{"screenshots/...", []string{"*"}},
}

func matches(pattern, pkg string) bool {
	if pattern == "*" || pattern == pkg {
		return true
	}
	base, ok := strings.CutSuffix(pattern, "/...")
	return ok && (pkg == base || strings.HasPrefix(pkg, base+"/"))
}

func rule(pkg string) (may []string, known bool) {
	for _, a := range arrows { // an exact line beats a pattern
		if a.from == pkg {
			return a.may, true
		}
	}
	for _, a := range arrows {
		if matches(a.from, pkg) {
			return a.may, true
		}
	}
	return nil, false
}

// source is one file of the module.
type source struct {
	pkg  string // folder below the root, "." for it
	name string // path below the root
	test bool
	file *ast.File
	set  *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "dist") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && rel != "." {
				return filepath.SkipDir // a module of its own
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, source{path.Dir(rel), rel, strings.HasSuffix(rel, "_test.go"), f, set})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d files were found below %s", len(out), root)
	}
	return out
}

func TestArrows(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue // a test may set up what its package may not know
		}
		may, known := rule(s.pkg)
		if !known {
			t.Errorf("%s: package %s has no line in the table of arrows", s.name, s.pkg)
			continue
		}
		for _, imp := range s.file.Imports {
			p, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			ours, ok := strings.CutPrefix(p, "ferry/")
			if !ok || ours == s.pkg {
				continue
			}
			if !slices.ContainsFunc(may, func(m string) bool { return matches(m, ours) }) {
				t.Errorf("%s imports %s, which %s may not", s.name, ours, s.pkg)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	doc := map[string]bool{}
	for _, s := range sources(t) {
		if !s.test {
			doc[s.pkg] = doc[s.pkg] || s.file.Doc != nil
		}
	}
	for pkg, ok := range doc {
		if !ok {
			t.Errorf("package %s has no package comment", pkg)
		}
	}
}

// banned calls keep each thing in its single place.
var banned = []struct {
	in   []string // where it is not allowed
	but  []string
	call string // package.Func
	why  string
}{
	{[]string{"ui/...", "views/...", "backend/transfer"}, nil, "time.Now", "these take a clock"},
	{[]string{"ui/...", "views/..."}, nil, "time.Sleep", "nothing on the screen waits"},
	{[]string{"ui/...", "views/..."}, []string{"ui/cell"}, "ansi.StringWidth", "widths live in ui/cell"},
	{[]string{"ui/...", "views/..."}, []string{"ui/cell"}, "lipgloss.Width", "widths live in ui/cell"},
	{[]string{"ui/...", "views/..."}, nil, "utf8.RuneCountInString", "widths live in ui/cell"},
	{[]string{"ui/...", "views/..."}, []string{"ui"}, "tea.Batch", "ui.Batch lets the shell take at once what is only said"},
	{[]string{"ui/...", "views/..."}, nil, "lipgloss.Color", "colours live in theme"},
	{[]string{"ui/...", "views/..."}, nil, "fmt.Println", "the screen belongs to the renderer"},
}

func TestEachThingInItsPlace(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || x.Obj != nil {
				return true
			}
			for _, b := range banned {
				inside := func(m string) bool { return matches(m, s.pkg) }
				if x.Name+"."+sel.Sel.Name == b.call && slices.ContainsFunc(b.in, inside) && !slices.ContainsFunc(b.but, inside) {
					t.Errorf("%s: %s: %s", s.set.Position(n.Pos()), b.call, b.why)
				}
			}
			return true
		})
	}
}

// Only main sends into the program; a call from anywhere else can deadlock.
func TestSendOnlyInMain(t *testing.T) {
	for _, s := range sources(t) {
		if s.pkg == "." || s.test || matches("tests/...", s.pkg) || !imports(s.file, "charm.land/bubbletea/v2") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Send" {
				t.Errorf("%s: Send outside main", s.set.Position(n.Pos()))
			}
			return true
		})
	}
}

func imports(f *ast.File, want string) bool {
	return slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == strconv.Quote(want) })
}

var (
	hexColour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	sgr       = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	chord     = regexp.MustCompile(`^(ctrl|alt|shift)\+`)
)

// Colours live in theme, keys in keymap.
func TestNoColourAndNoKeyElsewhere(t *testing.T) {
	for _, s := range sources(t) {
		screen := matches("ui/...", s.pkg) || matches("views/...", s.pkg)
		if s.test || !screen {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			v, err := strconv.Unquote(lit.Value)
			if err != nil {
				return true
			}
			switch {
			case hexColour.MatchString(v), sgr.MatchString(v) && s.pkg != "ui/cell":
				t.Errorf("%s: the colour %q belongs in theme", s.set.Position(n.Pos()), v)
			case chord.MatchString(v):
				t.Errorf("%s: the key %q belongs in keymap", s.set.Position(n.Pos()), v)
			}
			return true
		})
	}
}

// What the build needs is in the module.
func TestNothingFromOutside(t *testing.T) {
	for _, s := range sources(t) {
		if s.pkg == "tests/arch" || strings.HasPrefix(s.pkg, "backend/catalog/gen") || s.pkg == "backend/catalog" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && strings.Contains(lit.Value, "../shared") {
				t.Errorf("%s: %s is outside the project", s.set.Position(n.Pos()), lit.Value)
			}
			return true
		})
	}
}
