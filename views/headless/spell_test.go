package headless

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"ferry/backend"
)

// Signs that a terminal lacks are spelled in what people read, results, notes and
// failures alike; programs get the names as they are.
func TestSignsAreSpelled(t *testing.T) {
	run := func(args ...string) (string, string) {
		w := &world{known: map[string]backend.Entry{"a…b": {Name: "a…b", Size: 1}}, fail: &backend.Error{Group: backend.NotFound, Type: "not-found", Path: "a…b", Op: "look"}}
		root := &cobra.Command{Use: "ferry", SilenceErrors: true, SilenceUsage: true}
		root.AddCommand(Commands(func(context.Context, bool) (*Session, error) {
			return &Session{Site: w, Disk: w, Queue: w, Close: func(context.Context) error { return nil }}, nil
		})...)
		var out, errs bytes.Buffer
		root.SetOut(&out)
		root.SetErr(&errs)
		Spell(root, strings.NewReplacer("…", "~").Replace)
		root.SetArgs(args)
		Report(root.OutOrStdout(), root.ErrOrStderr(), args, root.ExecuteContext(t.Context()))
		return out.String(), errs.String()
	}
	if out, _ := run("stat", "a…b"); !strings.HasPrefix(out, "path:  a~b\n") {
		t.Errorf("got %q", out)
	}
	if out, _ := run("stat", "a…b", "--json"); !strings.HasPrefix(out, `{"path":"a…b"`) {
		t.Errorf("got %q", out)
	}
	if _, errs := run("mkdir", "a…b", "c"); !strings.Contains(errs, "ferry: a~b: ") || !strings.Contains(errs, "look: a~b\n") {
		t.Errorf("got %q", errs)
	}
	if out, errs := run("mkdir", "a…b", "--json"); !strings.Contains(out, `"path":"a…b"`) || strings.Contains(errs, "…") {
		t.Errorf("got %q, %q", out, errs)
	}
}
