package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/graph/blas"
)

func infoCommand() *cobra.Command {
	var engine blasFlags
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
		Args: arguments(0, 0, noArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, err := engine.use()
			if err != nil {
				return err
			}
			var rates []blas.Rate
			var peak float64
			if measure {
				if rates, err = blas.Measure(cmd.Context()); err != nil {
					return err
				}
				peak = blas.Peak()
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
				return json.NewEncoder(cmd.OutOrStdout()).Encode(object)
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
			threads := fmt.Sprintf("%d of %d cores", info.Threads, runtime.NumCPU())
			if info.ThreadsBy != "" {
				threads += ", by " + info.ThreadsBy
			}
			row("threads", threads)
			row("CPU", strings.Join(info.CPU, " "))
			if measure {
				return printRates(cmd.OutOrStdout(), info.Name, rates, peak)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	cmd.Flags().BoolVar(&measure, "measure", false, "time all that can multiply here, and say what would be faster")
	engine.add(cmd)
	return cmd
}

// printRates prints a line a BLAS, a column a batch, and what would be faster than the one in use.
func printRates(out io.Writer, used string, rates []blas.Rate, peak float64) error {
	var batches []int
	var names []string
	at := map[string]map[int]float64{}
	for _, r := range rates {
		if !slices.Contains(batches, r.Batch) {
			batches = append(batches, r.Batch)
		}
		if at[r.BLAS] == nil {
			names, at[r.BLAS] = append(names, r.BLAS), map[int]float64{}
		}
		at[r.BLAS][r.Batch] = r.GFLOPS
	}
	columns := []column{{"", "GFLOP/s", 10}}
	for _, b := range batches {
		columns = append(columns, column{"", fmt.Sprintf("batch %d", b), 12})
	}
	fmt.Fprintln(out)
	t := &table{out: out, columns: columns}
	for _, name := range names {
		cells := []string{name}
		for _, b := range batches {
			cells = append(cells, fmt.Sprintf("%.1f", at[name][b]))
		}
		if err := t.row(cells...); err != nil {
			return err
		}
	}
	if peak > 0 {
		fmt.Fprintf(out, "The cores can do %.0f at most; at batch 1 memory is the bound.\n", peak)
	}
	faster := false
	for _, b := range batches {
		best := slices.MaxFunc(names, func(x, y string) int { return cmp.Compare(at[x][b], at[y][b]) })
		if ratio := at[best][b] / at[used][b]; ratio > 1.05 { // less is the noise of a busy machine
			faster = true
			fmt.Fprintf(out, "At batch %d %s is %.2f times as fast as %s: --blas %s or STHENO_BLAS=%s takes it.\n", b, best, ratio, used, best, best)
		}
	}
	if !faster {
		fmt.Fprintf(out, "Nothing here is faster than %s.\n", used)
	}
	return nil
}
