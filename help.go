package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"

	"ferry/views/headless"
)

// widest is the most columns that help uses, however wide the terminal is.
const widest = 120

// help writes what a command is for and what it can be told. It asks the
// terminal for nothing but its width: an answer could be read by somebody else,
// or never come.
func help(c *cobra.Command, _ []string) {
	width := 0 // no lines are broken
	if w, _, err := term.GetSize(os.Stdout.Fd()); err == nil {
		width = min(w, widest)
	}
	writeHelp(colorprofile.NewWriter(c.OutOrStdout(), os.Environ()), c, width)
}

func writeHelp(w io.Writer, c *cobra.Command, width int) {
	long := c.Long
	if long == "" {
		long = c.Short
	}
	part := func(title, text string) {
		if text = strings.TrimRight(text, "\n"); text != "" {
			_, _ = fmt.Fprintf(w, "\n\x1b[1m%s\x1b[m\n%s\n", title, text)
		}
	}
	if long = strings.TrimRight(long, "\n"); width > 0 {
		long = ansi.Wordwrap(long, width, "")
	}
	_, _ = fmt.Fprintln(w, long)
	usage := ""
	if c.Runnable() {
		usage = "  " + c.UseLine() + "\n"
	}
	var commands strings.Builder
	for _, s := range c.Commands() {
		if s.IsAvailableCommand() || s.Name() == "help" {
			_, _ = fmt.Fprintf(&commands, "  %-*s  %s\n", c.NamePadding(), s.Name(), s.Short)
		}
	}
	if commands.Len() > 0 {
		usage += "  " + c.CommandPath() + " COMMAND\n"
	}
	part("Usage", usage)
	part("Commands", commands.String())
	part("Flags", c.LocalFlags().FlagUsagesWrapped(width))
	part("Flags of every command", c.InheritedFlags().FlagUsagesWrapped(width))
	if commands.Len() > 0 {
		_, _ = fmt.Fprintf(w, "\n%s COMMAND --help tells more of a command.\n", c.CommandPath())
	}
}

// newHelp tells more of the command that is named, also when a setting is wrong.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Tell more of a command", PersistentPreRun: func(*cobra.Command, []string) {},
		Args: func(c *cobra.Command, args []string) error {
			_, err := headless.Named(c.Root(), args)
			return err
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, begun string) (out []cobra.Completion, _ cobra.ShellCompDirective) {
			of, err := headless.Named(c.Root(), args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			for _, s := range of.Commands() {
				if s.IsAvailableCommand() && strings.HasPrefix(s.Name(), begun) {
					out = append(out, cobra.CompletionWithDesc(s.Name(), s.Short))
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			of, err := headless.Named(c.Root(), args)
			if err != nil {
				return err
			}
			of.InitDefaultHelpFlag()
			of.InitDefaultVersionFlag()
			return of.Help()
		},
	}
}

// strict lets a group of commands that the library makes refuse what it has not.
func strict(group *cobra.Command) {
	group.Args = headless.Args(cobra.NoArgs)
	group.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	for _, c := range group.Commands() {
		c.Args = headless.Args(c.Args)
	}
}

// newMan prints the manual page, for those who make packages.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use: "man", Annotations: map[string]string{siteless: "yes"}, Short: "Print the manual page", Hidden: true, Args: headless.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := mango.NewManPage(1, cmd.Root())
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), page.Build(roff.NewDocument()))
			return err
		},
	}
}
