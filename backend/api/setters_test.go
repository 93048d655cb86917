package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"ferry/backend/catalog"
)

// The keys that the hand-written setters know are fields of their resources, so
// that none is misspelled.
func TestSettersKnowTheFields(t *testing.T) {
	of := map[string][]string{ // resources whose objects a setter reads
		"decodeEntry": {"file"}, "setMigration": {"file_migration", "file_action"}, "setPart": {"file_upload_part"},
		"setUser": {"user"}, "setUserTime": {"user"}, "setGroup": {"group"}, "setSession": {"session"},
		"setSite": {"site", "session"}, "setAutomation": {"automation"}, "setRun": {"automation_run"},
		"setAutomationLog": {"automation_log"}, "setAction": {"history", "action"},
	}
	beyond := map[string]bool{ // recorded or sent to some only (PROTOCOL.md 2, 10 and 13)
		"setSession timeout_at": true, "setSite timeout_at": true, "setPart path": true,
		// In no reference; read should a site send them, and empty otherwise.
		"setAutomation username": true, "setAutomation next_run_at": true,
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || of[fn.Name.Name] == nil {
				continue
			}
			seen++
			ast.Inspect(fn, func(n ast.Node) bool {
				c, ok := n.(*ast.CaseClause)
				if !ok {
					return true
				}
				for _, e := range c.List {
					lit, ok := e.(*ast.BasicLit)
					if !ok || lit.Kind != token.STRING {
						continue
					}
					key, _ := strconv.Unquote(lit.Value)
					if !beyond[fn.Name.Name+" "+key] && !slices.ContainsFunc(of[fn.Name.Name], func(r string) bool { return isField(r, key) }) {
						t.Errorf("%s reads %q, which no object has", fn.Name.Name, key)
					}
				}
				return true
			})
		}
	}
	if seen != len(of) {
		t.Errorf("%d setters looked at, want %d", seen, len(of))
	}
}

func isField(resource, key string) bool {
	r, ok := catalog.Lookup(resource)
	if !ok {
		return false
	}
	_, ok = r.Field(key)
	return ok
}
