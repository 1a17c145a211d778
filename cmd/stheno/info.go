package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
)

func infoCommand() *cobra.Command {
	var engine flags.BLAS
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Tell what multiplies matrices on this machine, and why",
		Example: `  stheno info
  stheno info --blas builtin --threads 1`,
		Args: usage.Arguments(0, 0, usage.NoArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, err := engine.Use()
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{
					"blas": info.Name, "version": info.Version, "kernel": info.Kernel, "library": info.Library,
					"threads": info.Threads, "cpu": info.CPU, "why": info.Why,
				})
			}
			row := func(name, value string) {
				if value != "" {
					fmt.Fprintf(cmd.OutOrStdout(), "%-9s %s\n", name, value)
				}
			}
			row("BLAS", info.Name)
			row("why", info.Why)
			row("version", info.Version)
			row("kernel", info.Kernel)
			row("library", info.Library)
			row("threads", fmt.Sprintf("%d of %d cores", info.Threads, runtime.NumCPU()))
			row("CPU", strings.Join(info.CPU, " "))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	engine.Add(cmd)
	return cmd
}
