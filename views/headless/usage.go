package headless

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usage is a command line that cannot be understood.
type usage struct {
	error
	of string // the command that was called, "" when nobody knows
}

// Unwrap gives the reason.
func (u usage) Unwrap() error { return u.error }

// Usage marks an error as one of the command line, which was refused before
// anything was done; nil stays nil.
func Usage(err error) error { return usageOf(nil, err) }

func usageOf(cmd *cobra.Command, err error) error {
	if err == nil {
		return nil
	}
	var u usage
	if !errors.As(err, &u) {
		u = usage{error: err}
	}
	if cmd != nil && u.of == "" {
		u.of = cmd.CommandPath()
	}
	return u
}

// Called names the command in an error of its command line that does not yet.
func Called(cmd *cobra.Command, err error) error {
	var u usage
	if errors.As(err, &u) && u.of == "" {
		return usageOf(cmd, err)
	}
	return err
}

// Args makes what a check of arguments finds an error of the command line, which
// says how the command is called, or which command may have been meant. An empty
// argument is none that anybody means: a script has lost the value of a variable.
func Args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		switch {
		case err != nil && !cmd.HasSubCommands():
			err = fmt.Errorf("%s given; it is: %s", counted(len(args), "argument was", "arguments were"), cmd.UseLine())
		case err != nil:
			_, err = Named(cmd, args)
		case slices.Contains(args, ""):
			err = errors.New(`an argument is empty; the root of the site is "/", this folder "."`)
		}
		return usageOf(cmd, err)
	}
}

// Named finds the command that words name below root: "put", or "completion bash".
// Where there is none, the error of the command line says which one may have been
// meant.
func Named(root *cobra.Command, words []string) (*cobra.Command, error) {
	at := root
	for i, w := range words {
		below := at.Commands()
		j := slices.IndexFunc(below, func(c *cobra.Command) bool { return c.Name() == w || c.HasAlias(w) })
		if j < 0 {
			before := strings.Join(words[:i], " ")
			if before != "" {
				before += " "
			}
			return nil, usageOf(at, fmt.Errorf("there is no command %q%s", before+w, meant(before, nearest(w, names(below)))))
		}
		at = below[j]
	}
	return at, nil
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
				return usageOf(cmd, fmt.Errorf(`%q: a path of the site has no ".."; write it from the root of the site`, p))
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

// FlagError words what cannot be understood of the flags of a command: what was
// written, and which flag or value may have been meant.
func FlagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var bad *pflag.InvalidValueError
	var bare *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		err = fmt.Errorf("%s has no flag -%s", cmd.CommandPath(), unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		name := unknown.GetSpecifiedName()
		err = fmt.Errorf("%s has no flag --%s%s", cmd.CommandPath(), name, meant("--", nearest(name, names)))
	case errors.As(err, &bad):
		err = fmt.Errorf("--%s: %q is no %s", bad.GetFlag().Name, bad.GetValue(), kinds(bad.GetFlag().Value.Type()))
	case errors.As(err, &bare):
		err = fmt.Errorf("--%s needs a value", bare.GetFlag().Name)
	}
	return usageOf(cmd, err)
}

// kinds is what a flag of a type takes, in words.
func kinds(of string) string {
	words := map[string]string{
		"duration": "time; write 30s, 10m or 2h", "int": "whole number", "bool": "yes or no; write true or false",
	}
	return cmp.Or(words[of], of)
}

func names(of []*cobra.Command) (out []string) {
	for _, c := range of {
		if c.IsAvailableCommand() || c.Name() == "help" {
			out = append(out, c.Name())
		}
	}
	return out
}

// nearest are the names that are written nearly so. Cobra measures it for
// commands only, so the names become some.
func nearest(name string, names []string) []string {
	root := &cobra.Command{SuggestionsMinimumDistance: min(2, len(name)/2)}
	for _, n := range names {
		root.AddCommand(&cobra.Command{Use: n, Run: func(*cobra.Command, []string) {}})
	}
	return root.SuggestionsFor(name)
}

// meant asks for what may have been meant, "" when nothing is near.
func meant(mark string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; did you mean " + mark + strings.Join(names, " or "+mark) + "?"
}
