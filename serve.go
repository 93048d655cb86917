package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ferry/backend/server"
	"ferry/views/headless"
)

// newServe puts the embedded site on a TCP port.
func newServe(opt *options) *cobra.Command {
	var addr, world, data string
	var asJSON, open, empty, chaos bool
	var faults []string
	const short = "Put the demo site on a TCP port, for any Files.com client"
	cmd := &cobra.Command{
		Use: "serve", Annotations: map[string]string{siteless: "yes"}, Short: short, Long: short + ".\n\n" + server.FaultHelp(), Args: headless.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := server.Options{World: world, DataDir: data}
			if empty {
				if world != "" && world != "empty" {
					return headless.Usage(errors.New("--empty and --world exclude each other"))
				}
				o.World = "empty"
			}
			for _, text := range faults {
				list, err := readFaults(text)
				if err != nil {
					return headless.Usage(fmt.Errorf("--fault %q: %w", text, err))
				}
				o.Faults = append(o.Faults, list...)
			}
			if chaos {
				o.Faults = append(o.Faults, server.Chaos()...)
			}
			log, closeLog, err := opt.logger()
			if err != nil {
				return err
			}
			defer closeLog()
			o.Logger = log
			return serve(cmd.Context(), cmd.OutOrStdout(), addr, open, asJSON, o)
		},
	}
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return headless.Called(cmd, run(cmd, args)) }
	cmd.SetHelpFunc(func(c *cobra.Command, args []string) {
		c.InheritedFlags().VisitAll(func(f *pflag.Flag) { // the others are for the screen and for what talks to a site
			f.Hidden = f.Name != "log-file" && f.Name != "log-level"
		})
		c.Root().HelpFunc()(c, args)
	})
	f := cmd.Flags()
	f.StringVar(&addr, "addr", "127.0.0.1:8080", "`ADDRESS` to listen on; port 0 takes a free one")
	f.StringVar(&world, "world", "", "the `WORLD` that the site holds at first: demo, small, huge or empty (demo, or what --data holds)")
	f.BoolVar(&empty, "empty", false, "begin with nothing: --world empty")
	f.StringArrayVar(&faults, "fault", nil, "a `FAULT` that strikes, such as \"match=storage.get; nth=3; truncate=1000\", or @FILE, see above; may be repeated")
	f.BoolVar(&chaos, "chaos", false, "a believable mix of what goes wrong on a bad day")
	f.StringVar(&data, "data", "", "`FOLDER` that keeps the site; without it nothing is kept")
	f.BoolVar(&asJSON, "json", false, "print one line of JSON when ready")
	f.BoolVar(&open, "open-to-network", false, "allow an address that other machines can reach")
	return cmd
}

// readFaults takes faults as they are written, or with @ in front the file that
// holds them.
func readFaults(text string) ([]server.Fault, error) {
	name, inFile := strings.CutPrefix(text, "@")
	if !inFile {
		return server.ParseFaults(text)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	list, err := server.ParseFaults(string(b))
	if err == nil && len(list) == 0 {
		err = errors.New("the file has no fault")
	}
	return list, err
}

func serve(ctx context.Context, out io.Writer, addr string, open, asJSON bool, o server.Options) (err error) {
	l, err := server.ListenTCP(ctx, addr, open)
	if err != nil {
		return err
	}
	site, err := server.Open(ctx, o)
	if err != nil {
		return errors.Join(headless.Usage(err), l.Close()) // a --world or --data that cannot be
	}
	defer func() { err = errors.Join(err, site.Close()) }()
	site.SetBaseURL("http://" + l.Addr().String())
	info := site.Info()
	if asJSON {
		err = json.NewEncoder(out).Encode(info)
	} else {
		err = info.WriteText(out)
	}
	if err != nil {
		return err
	}
	return site.Serve(ctx, l)
}
