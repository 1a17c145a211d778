package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/bench"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/blas"
)

func infoCommand() *cobra.Command {
	var engine flags.BLAS
	var asJSON, measure bool
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Tell what multiplies matrices on this machine, and why",
		Long: `Tell what multiplies matrices on this machine, and why.

With --measure it times all that can, by turns: the products of a training
step of the lecture's network, at three batch sizes, beside what the cores can
do at most. It changes nothing: what is faster is taken with --blas.`,
		Example: `  stheno info
  stheno info --measure
  stheno info --blas builtin --threads 1`,
		Args: usage.Arguments(0, 0, usage.NoArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, err := engine.Use()
			if err != nil {
				return err
			}
			var rates []blas.Rate
			var peak float64
			if measure {
				if rates, peak, err = blas.Measure(cmd.Context()); err != nil {
					return err
				}
			}
			if asJSON {
				object := map[string]any{
					"blas": info.Name, "version": info.Version, "kernel": info.Kernel, "library": info.Library,
					"threads": info.Threads, "threads_by": info.ThreadsBy, "cpu": info.CPU, "why": info.Why,
				}
				if measure {
					list := []map[string]any{}
					for _, r := range rates {
						list = append(list, map[string]any{"blas": r.BLAS, "version": r.Version, "batch": r.Batch, "gflops": r.GFLOPS})
					}
					object["measured"], object["peak_gflops"] = list, peak
				}
				return term.JSON(cmd.OutOrStdout()).Encode(object)
			}
			threads := fmt.Sprintf("%d of %d cores", info.Threads, runtime.NumCPU())
			if info.ThreadsBy != "" {
				threads += ", by " + info.ThreadsBy
			}
			var rows [][2]string
			for _, row := range [][2]string{
				{"BLAS", info.Name}, {"why", info.Why}, {"version", info.Version}, {"kernel", info.Kernel}, {"library", info.Library},
				{"threads", threads}, {"CPU", strings.Join(info.CPU, " ")},
			} {
				if row[1] != "" {
					rows = append(rows, [2]string{fmt.Sprintf("%-10s", row[0]), row[1]})
				}
			}
			if _, err = io.WriteString(cmd.OutOrStdout(), term.Pairs(term.Width(cmd.OutOrStdout()), rows)); err != nil || !measure {
				return err
			}
			return bench.PrintRates(cmd.OutOrStdout(), info.Name, rates, peak)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	cmd.Flags().BoolVar(&measure, "measure", false, "time all that can multiply here, and say what would be faster")
	engine.Add(cmd)
	return cmd
}
