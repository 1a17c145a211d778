package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
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
			var rows [][2]string
			for _, row := range [][2]string{
				{"BLAS", info.Name}, {"why", info.Why}, {"version", info.Version}, {"kernel", info.Kernel}, {"library", info.Library},
				{"threads", fmt.Sprintf("%d of %d cores", info.Threads, runtime.NumCPU())}, {"CPU", strings.Join(info.CPU, " ")},
			} {
				if row[1] != "" {
					rows = append(rows, [2]string{fmt.Sprintf("%-10s", row[0]), row[1]})
				}
			}
			_, err = io.WriteString(cmd.OutOrStdout(), term.Pairs(term.Width(cmd.OutOrStdout()), rows))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	engine.Add(cmd)
	return cmd
}
