package headless

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ferry/backend"
	"ferry/pathutil"
)

// usage is a command line that cannot be understood.
type usage struct{ error }

// Unwrap gives the reason.
func (u usage) Unwrap() error { return u.error }

// Usage marks an error as one of the command line, which was refused before
// anything was done; nil stays nil.
func Usage(err error) error {
	if err == nil {
		return nil
	}
	return usage{err}
}

// Args makes what a check of arguments finds an error of the command line, which
// says how the command is called.
func Args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if err != nil && cmd.HasParent() { // without one it is an unknown command
			err = fmt.Errorf("%s given; it is: %s", counted(len(args), "argument was", "arguments were"), cmd.UseLine())
		}
		return Usage(err)
	}
}

// onSite is Args for a command whose arguments that which picks are paths of the
// site. The site drops ".." instead of climbing, which nobody means who writes it.
func onSite(which func(args []string) []string, check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := Args(check)(cmd, args); err != nil {
			return err
		}
		for _, p := range which(args) {
			if slices.Contains(strings.FieldsFunc(p, func(r rune) bool { return r == '/' || r == '\\' }), "..") {
				return Usage(fmt.Errorf(`%q: a path of the site has no ".."; write it from the root of the site`, p))
			}
		}
		return nil
	}
}

// The arguments that are paths of the site.
func allArgs(args []string) []string    { return args }
func lastArg(args []string) []string    { return args[len(args)-1:] }
func allButLast(args []string) []string { return args[:len(args)-1] }
func secondArg(args []string) []string  { return args[min(len(args), 1):] }

// ExitCode is the status with which the program ends for an error: 0 for none,
// 1 for what fits no group, 2 for a command line that cannot be understood, 130
// when it was interrupted, else one number a group, in the order of the vendor's
// page.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, context.Canceled) {
		return 130
	}
	var u usage
	if errors.As(err, &u) {
		return 2
	}
	var e *backend.Error
	if !errors.As(err, &e) {
		return 1
	}
	switch e.Group {
	case backend.Client:
		return 2
	case backend.Connection:
		return 3
	case backend.LocalDisk:
		return 4
	}
	for i, g := range backend.APIGroups() {
		if e.Group == g {
			return 10 + i
		}
	}
	return 1
}

// Report writes an error as people read it: what happened, why, the code.
func Report(w io.Writer, err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	var e *backend.Error
	if !errors.As(err, &e) {
		fmt.Fprintf(w, "ferry: %s\n", pathutil.Display(err.Error()))
		return
	}
	x := backend.Explain(err)
	fmt.Fprintf(w, "ferry: %s.\n", x.Title)
	for _, l := range x.Lines {
		fmt.Fprintf(w, "  %s\n", pathutil.Display(l))
	}
	fmt.Fprintf(w, "  %s\n", pathutil.Display(x.Code))
}
