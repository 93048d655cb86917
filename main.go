// Ferry is a file manager and administration console for Files.com sites in the
// terminal. main reads flags, wires sessions and program, and turns the result
// into an exit code.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"ferry/keymap"
	"ferry/theme"
	"ferry/ui/cell"
	"ferry/views/headless"
)

func main() { os.Exit(run(os.Args[1:])) }

// run is main with an exit code.
func run(args []string) int {
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		lipgloss.EnableLegacyWindowsANSI(f) // does nothing elsewhere
	}
	end := &ender{now: time.Now, after: time.After, exit: os.Exit}
	ctx, stop := end.heed()
	defer stop()
	root := newRoot(end)
	root.SetArgs(args)
	root.SetErr(laid(os.Stderr))
	err := root.ExecuteContext(ctx)
	headless.Report(root.OutOrStdout(), root.ErrOrStderr(), args, err)
	return headless.ExitCode(err)
}

// laid is a writer of messages: on a terminal they are broken between words, into
// lines as wide as it is then. Scripts get every message in one line.
func laid(f *os.File) io.Writer {
	if !term.IsTerminal(f.Fd()) {
		return f
	}
	return headless.Laid(f, func(s string) string { return hanging(f, s) })
}

// hanging breaks a text for a terminal, which is asked for nothing but its width.
func hanging(f *os.File, s string) string {
	w, _, err := term.GetSize(f.Fd())
	if err != nil {
		return s
	}
	return cell.Hang(s, w, hang)
}

// hang is how far what goes on is indented: further than the lines of an error.
const hang = 4

func version() string {
	if i, ok := debug.ReadBuildInfo(); ok && i.Main.Version != "" {
		return i.Main.Version
	}
	return "development"
}

func newRoot(end *ender) *cobra.Command {
	opt := &options{keys: keymap.Default(), end: end}
	root := &cobra.Command{
		Use:   "ferry",
		Short: "A file manager and administration console for Files.com in the terminal",
		Long: "Ferry shows this machine and a Files.com site side by side, moves files between them,\n" +
			"and administers users, automations and everything else the site has.\n\n" +
			"Without a profile it starts with the login prompt; 'ferry demo' needs no account.\n" +
			"The environment can hold the login: FERRY_API_KEY, FERRY_SESSION_ID, or FERRY_USERNAME and FERRY_PASSWORD,\n" +
			"with the one-time code of a second factor in FERRY_OTP.",
		Args:              headless.Args(cobra.NoArgs),
		Version:           version(),
		SilenceUsage:      true,
		SilenceErrors:     true, // run reports them
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return opt.read(cmd) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return screen(cmd.Context(), opt, false) },
	}
	root.SetHelpFunc(help)
	opt.flags(root.PersistentFlags())
	root.SetFlagErrorFunc(headless.FlagError)
	root.AddCommand(
		&cobra.Command{
			Use: "demo", Short: "Open the demo site, which runs inside the program: no account, no network", Args: headless.Args(cobra.NoArgs),
			RunE: func(cmd *cobra.Command, _ []string) error { return screen(cmd.Context(), opt, true) },
		},
		newServe(opt), newKeys(opt), newMan(),
	)
	for _, c := range headless.Commands(opt.headless) {
		c.PreRun = func(*cobra.Command, []string) { // the settings are known by then
			if opt.set.ASCII {
				headless.Spell(root, theme.ASCII.Spell)
			}
		}
		root.AddCommand(c)
	}
	root.SetHelpCommand(newHelp())
	root.InitDefaultCompletionCmd()
	if c, err := headless.Named(root, []string{"completion"}); err == nil {
		strict(c)
	}
	return root
}

func newKeys(opt *options) *cobra.Command {
	return &cobra.Command{
		Use: "keys", Annotations: map[string]string{siteless: "yes"}, Short: "Print all keys as Markdown", Args: headless.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, c := range opt.clashes {
				cmd.PrintErrln("ferry: " + c + ".")
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), opt.keys.Markdown())
			return err
		},
	}
}
