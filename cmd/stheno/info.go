package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/bench"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/train/mpi"
)

func infoCommand() *cobra.Command {
	var engine flags.BLAS
	var asJSON, measure, ranked bool
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Tell what multiplies matrices on this machine, and why",
		Long: `Tell what multiplies matrices on this machine, and why.

With --measure it times all that can, by turns: the products of a training
step of the lecture's network, at three batch sizes, beside what the cores can
do at most. It changes nothing: what is faster is taken with --blas.

With --mpi, of ranks that mpirun has started, it times a message from the first
rank to the last, and the sum of gradients of so many bytes over all.`,
		Example: `  stheno info
  mpirun -n 2 stheno info --mpi
  stheno info --measure
  stheno info --blas builtin --threads 1`,
		Args: usage.Arguments(0, 0, usage.NoArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, err := engine.Use()
			if err != nil {
				return err
			}
			joins, noMPI := mpi.Find()
			var links []mpi.Link
			if ranked {
				if ranks.Size() == 1 {
					return usage.Errorf("info: --mpi measures between ranks: start it with mpirun -n 2 stheno info --mpi, or more, as the runs are")
				}
				if links, err = ranks.Joined().Measure(); err != nil {
					return err
				}
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
				if noMPI == nil {
					object["mpi"], object["mpi_library"] = joins.Version, joins.Library
				}
				if ranked {
					list := []map[string]any{}
					for _, l := range links {
						list = append(list, map[string]any{"bytes": l.Bytes, "one_way_seconds": l.OneWay.Seconds(), "sum_seconds": l.Sum.Seconds()})
					}
					object["ranks"], object["links"] = ranks.Size(), list
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
				{"threads", threads}, {"CPU", strings.Join(info.CPU, " ")}, {"MPI", mpiLine(joins, noMPI)},
			} {
				if row[1] != "" {
					rows = append(rows, [2]string{fmt.Sprintf("%-10s", row[0]), row[1]})
				}
			}
			if _, err = io.WriteString(cmd.OutOrStdout(), term.Pairs(term.Width(cmd.OutOrStdout()), rows)); err != nil {
				return err
			}
			if ranked {
				if err := printLinks(cmd.OutOrStdout(), links); err != nil {
					return err
				}
			}
			if !measure {
				return nil
			}
			return bench.PrintRates(cmd.OutOrStdout(), info.Name, rates, peak)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	cmd.Flags().BoolVar(&measure, "measure", false, "time all that can multiply here, and say what would be faster")
	cmd.Flags().BoolVar(&ranked, "mpi", false, "under mpirun: time messages between ranks, and the sum of gradients")
	ranks.TakePart(cmd)
	engine.Add(cmd)
	return cmd
}

// mpiLine says which MPI joins ranks here.
func mpiLine(i mpi.Info, err error) string {
	if err != nil {
		return "none: one process, which is all that one machine needs"
	}
	return i.Version + ", " + i.Library
}

// printLinks prints what was measured between ranks.
func printLinks(out io.Writer, links []mpi.Link) error {
	table := &term.Table{Out: out, Columns: []term.Column{{Head: "bytes", Width: 9}, {Group: "a message", Head: "one way", Width: 10}, {Group: "a message", Head: "GB/s", Width: 6}, {Group: "a sum over all", Head: "takes", Width: 10}, {Group: "a sum over all", Head: "GB/s", Width: 6}}}
	rate := func(bytes int, d time.Duration) string {
		return fmt.Sprintf("%.2f", float64(bytes)/1e9/max(1e-12, d.Seconds()))
	}
	for _, l := range links {
		if err := table.Row(fmt.Sprint(l.Bytes), l.OneWay.Round(10*time.Nanosecond).String(), rate(l.Bytes, l.OneWay), l.Sum.Round(10*time.Nanosecond).String(), rate(l.Bytes, l.Sum)); err != nil {
			return err
		}
	}
	return nil
}
