package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The table of the package comment names only what there is: every identifier
// in its right column is declared, exported, in the package that it names.
func TestTheTableNamesWhatThereIs(t *testing.T) {
	have := map[string]bool{}
	for prefix, dir := range map[string]string{
		"": ".", "backend.": "..", "catalog.": "../catalog", "pathutil.": "../../pathutil", "server.": "../server",
	} {
		for _, name := range declared(t, dir) {
			have[prefix+name] = true
		}
	}
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "# The vendor's page")
	if !ok {
		t.Fatal("there is no table")
	}
	word := regexp.MustCompile(`\b(?:(?:backend|catalog|pathutil|server)\.)?[A-Z][A-Za-z]+(?:\.[A-Z][A-Za-z]+)*\b`)
	named, rows := 0, 0
	for line := range strings.SplitSeq(table, "\n") {
		row, ok := strings.CutPrefix(line, "//\t  ")
		if !ok {
			continue
		}
		const column = 36
		if len(row) <= column || row[column-1] != ' ' {
			t.Errorf("a row without an answer, or one that runs into it: %q", row)
			continue
		}
		rows++
		for _, id := range word.FindAllString(row[column:], -1) {
			if id == "Python" || id == "Is" { // of the prose: errors.Is
				continue
			}
			named++
			if !have[id] {
				t.Errorf("%q names %s, which there is not", strings.TrimSpace(row[:column]), id)
			}
		}
	}
	if rows < 50 || named < 70 {
		t.Errorf("the table has %d rows that name %d things: the test does not see it", rows, named)
	}
}

// declared are the exported names of a package, with methods and fields below
// their types.
func declared(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				out = append(out, receiver(d)+d.Name.Name)
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.ValueSpec:
						for _, n := range s.Names {
							out = append(out, n.Name)
						}
					case *ast.TypeSpec:
						out = append(out, s.Name.Name)
						st, ok := s.Type.(*ast.StructType)
						if !ok {
							continue
						}
						for _, field := range st.Fields.List {
							for _, n := range field.Names {
								out = append(out, s.Name.Name+"."+n.Name)
							}
						}
					}
				}
			}
		}
	}
	return out
}

// receiver is the type of a method with a dot, "" for a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	e := d.Recv.List[0].Type
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if generic, ok := e.(*ast.IndexExpr); ok {
		e = generic.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name + "."
	}
	return ""
}
